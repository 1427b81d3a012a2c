"""Which paths a site may have, and which of them some systems take for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain

from generator.problems import Location, Problem

STATE = ".broadsheet"
"""Our private folder inside the output folder. Whoever publishes the site leaves it out."""

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")]
)
_PLAIN = re.compile("[A-Za-z0-9_./-]+")
"""Of a path of these characters alone, only the names can be wrong."""
_PLAIN_LINES = re.compile("[A-Za-z0-9_./\n-]*")
_PRIVATE = (STATE, ".git")
_FORBIDDEN = re.compile('[<>:"|?*\\\\]')
_LONGEST_NAME = 255  # bytes of one name, on every file system in use


def path_trouble(path: str) -> str:
    """Why no file of a site can have this path, as the end of a sentence; empty when it can."""
    if not path:
        return "is empty"
    if not _PLAIN.fullmatch(path) and (trouble := _characters_trouble(path)):
        return trouble
    if path.startswith("/"):
        return "begins with a slash"
    names = path.split("/")
    if names[0].lower() in _PRIVATE:
        return f"lies in the private folder {names[0]!r}"
    return next(filter(None, map(_name_trouble, names)), "")


def is_sound(paths: Collection[str]) -> bool:
    """Whether none of many paths has a :func:`path_trouble`: of most sites that is seen at one look."""
    together = "/\n".join(paths)
    if not together.startswith("/") and "\n/" not in together and _PLAIN_LINES.fullmatch(together):
        names = set(together.replace("\n", "").split("/"))
        private = any(name.lower() in _PRIVATE for name in names)
        if together.count("\n") == len(paths) - 1 and not private and not any(map(_name_trouble, names)):
            return True
    return not any(map(path_trouble, paths))


def _characters_trouble(path: str) -> str:
    try:
        path.encode()
    except UnicodeEncodeError:
        return "is not valid Unicode"
    if found := CONTROL.search(path):
        return f"contains the control character U+{ord(found[0]):04X}"
    if found := _FORBIDDEN.search(path):
        return f"contains {found[0]!r}, which Windows does not allow in file names"
    return ""


@lru_cache(maxsize=10_000)
def _name_trouble(name: str) -> str:
    """The same for one name between slashes."""
    if name in ("", ".", ".."):
        return f"contains the part {name!r}"
    if name[-1] in ". ":
        return f"has the part {name!r}, which ends with a dot or a space"
    if name.partition(".")[0].rstrip().upper() in _DEVICES:
        return f"has the part {name!r}, the name of a device on Windows"
    if len(name) > _LONGEST_NAME // 4 and len(name.encode()) > _LONGEST_NAME:
        return f"has a part of more than {_LONGEST_NAME} bytes"
    return ""


def key_of(path: str) -> str:
    """What paths have in common that macOS or Windows take for one file."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def trunk_of(path: str) -> str:
    """The key of a path's first name. Paths that are taken for one, or of which one lies in the other, share it."""
    return _key_of_name(path.partition("/")[0])


_key_of_name = lru_cache(maxsize=10_000)(key_of)


def folders_of(path: str) -> Iterator[str]:
    """The folders a path lies in, outermost first."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def all_folders(paths: Iterable[str]) -> set[str]:
    """Every folder that one of the paths lies in."""
    nearest = {path.rpartition("/")[0] for path in paths} - {""}
    return nearest.union(*map(folders_of, nearest))


def spellings(paths: Iterable[str]) -> dict[str, str]:
    """From the key of each path, and of each folder of it, to the way it is spelled there first."""
    spelled: dict[str, str] = {}
    seen: set[str] = set()
    for path in paths:
        nearest = path.rpartition("/")[0]
        if nearest not in seen:
            seen.add(nearest)
            for name in folders_of(path):
                spelled.setdefault(key_of(name), name)
        spelled.setdefault(key_of(path), path)
    return spelled


def collisions(paths: Iterable[str]) -> Iterator[Problem]:
    """Paths of one site that can't exist side by side everywhere; each pair of names once."""
    given = list(paths)
    folders = all_folders(given)
    different = len({hash(key_of(name)) for name in chain(folders, given)})  # they take less room than the keys
    if different == len(folders) + len(given) and folders.isdisjoint(given):
        return
    ordered = sorted(given)
    spelled = spellings(ordered)
    files = {key_of(path): path for path in reversed(ordered)}
    told: set[str] = set()
    for path in ordered:
        for name in (*folders_of(path), path):
            first = spelled[key_of(name)]
            if first != name:
                message = f"{name!r} and {first!r} are one and the same on macOS and Windows"
                hint = "Give one of the two pages another name."
            elif name != path and key_of(name) in files:
                message = f"{name!r} would have to be a file and a folder at once (for {path!r})"
                hint = "Give the file or the folder another name."
            else:
                continue
            if name not in told:
                told.add(name)
                yield Problem("output-collision", message, Location(path), hint)
            break
