"""Catalogues as they lie in a folder: ``locale/es/LC_MESSAGES/messages.po``, and ``es_MX`` beside it.

They are read as they are, and nothing is compiled. What a region says itself goes before what the language says,
what a story says (in ``content/``) before what its theme does, and that before the theme that ships.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from gettext import c2py
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.languages.catalogue import ENGLISH, Catalogue, Key, is_english, names_in
from generator.problems import Location, Problem, Problems, SourceError

if TYPE_CHECKING:
    from babel.messages.catalog import Message as Entry

_LINE = re.compile(r'(?:#.*|(?:msg(?:ctxt|id|id_plural|str|str\[\d\]) *)?"(?:[^"\\]|\\.)*")?')

LOCALE = "locale"
NAME = "LC_MESSAGES/messages.po"
TEMPLATE = "locale/messages.pot"
"""Every message of the theme and of the generator, below a theme's folder; what a translation begins with."""


def catalogue(folders: Sequence[Path], language: str) -> Catalogue:
    """The words of a language; of ``folders`` the first counts most.

    Raises SourceError for files that cannot be read, and for translations that name other things than the message.
    """
    found = list(_files(folders, language))
    if is_english(language) and not found:
        return ENGLISH
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    messages: dict[Key, tuple[str, ...]] = {}
    plural, problems = "", Problems()
    for path, shown in found:
        read = problems.attempt(lambda p=path, s=shown: _read(p, s), ("", {}))  # type: ignore[misc]
        plural = read[0] or plural
        messages |= read[1]
    problems.raise_if_any()
    # what Babel knows of a language is read when the first ordinal is asked for
    return Catalogue(language, messages, c2py(plural or "n != 1"), lambda number: str(locale.ordinal_form(number)))


def untranslated(folders: Sequence[Path], made: Catalogue) -> tuple[str, ...]:
    """The messages of the theme and of the generator that a catalogue has no word for, in order."""
    path = next((folder / TEMPLATE for folder in folders[::-1] if (folder / TEMPLATE).is_file()), None)
    if path is None:
        return ()
    keys = [(entry.context or "", _ids(entry)[0]) for entry in _entries(path, TEMPLATE) if _ids(entry)[0]]
    return tuple(message for context, message in keys if (context, message) not in made.messages)


def names(language: str) -> list[str]:
    """The folders that hold words of a language, from the general to the special: ``es``, ``es_MX``."""
    parts = language.split("-")
    return ["_".join(parts[: length + 1]) for length in range(len(parts))]


def _files(folders: Sequence[Path], language: str) -> Iterator[tuple[Path, str]]:
    """Each catalogue there is, the one that counts most last, and its path as a problem names it."""
    for folder in reversed(folders):
        for name in names(language):
            path = folder / LOCALE / name / NAME
            if path.is_file():
                yield path, f"{'content' if folder.name == 'content' else 'templates'}/{LOCALE}/{name}/{NAME}"


def _read(path: Path, shown: str) -> tuple[str, dict[Key, tuple[str, ...]]]:
    """The rule for plurals, and the messages that are translated."""
    problems = Problems()
    made: dict[Key, tuple[str, ...]] = {}
    plural = ""
    for entry in _entries(path, shown):
        ids, texts = _ids(entry), _texts(entry)
        if not ids[0]:
            plural = _plural_rule(texts[0])
            continue
        if entry.fuzzy or not all(texts):
            continue
        message, allowed = ids[-1], frozenset().union(*map(names_in, ids))
        for text in texts:
            added, lost = sorted(names_in(text) - allowed), sorted(names_in(message) - names_in(text))
            if not added and not lost:
                continue
            what = f"has {{{added[0]}}}, which is not in" if added else f"is without the {{{lost[0]}}} of"
            problems.add(
                "bad-translation",
                f"“{text}” {what} “{message}”",
                Location(shown, entry.lineno or 0),
                hint="Keep the names in braces as they are in the message; they stand for what varies.",
            )
            break
        else:
            made[entry.context or "", ids[0]] = texts
    problems.raise_if_any()
    return plural, made


def _entries(path: Path, shown: str) -> list[Entry]:
    """The entries of a file, its header first. Raises SourceError."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        data = path.read_bytes().decode("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise _broken(f"it is not UTF-8: {error}", shown, 0) from None
    for number, line in enumerate(data.splitlines(), start=1):
        if not _LINE.fullmatch(line.strip()):  # which Babel would read as something
            raise _broken("this line is neither a comment nor a text in quotes", shown, number)
    try:
        return list(read_po(io.StringIO(data), abort_invalid=True))
    except PoFileError as error:
        raise _broken(str(error), shown, error.lineno + 1) from None
    except ValueError as error:
        raise _broken(str(error), shown, 0) from None


def _broken(what: str, shown: str, line: int) -> SourceError:
    hint = 'An entry is two lines: msgid "…" and msgstr "…".'
    return SourceError(
        Problem("bad-catalogue", f"the catalogue cannot be read: {what}", Location(shown, line), hint)
    )


def _ids(entry: Entry) -> tuple[str, ...]:
    ids: Any = entry.id
    return (ids,) if isinstance(ids, str) else tuple(ids)


def _texts(entry: Entry) -> tuple[str, ...]:
    texts: Any = entry.string
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _plural_rule(header: str) -> str:
    """The expression over ``n`` of the header's ``Plural-Forms``."""
    for line in header.splitlines():
        name, _, rest = line.partition(":")
        if name.strip().lower() == "plural-forms":
            return rest.partition("plural=")[2].rstrip("; ")
    return ""
