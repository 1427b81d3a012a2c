"""Whether whoever clones the repository has the story that is here: its inputs, their names, their line ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.git import GitError, ask
from generator.inputs import FOLDERS, read_inputs
from generator.problems import Location, Problem
from generator.write.paths import folders_of, key_of

_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


def checkout_problems(root: Path, fetches_lfs: bool) -> Iterator[Problem]:
    """``fetches_lfs``: a workflow fetches what Git LFS stores. Raises GitError."""
    inputs = sorted(read_inputs(root).files)
    tracked = _names(ask(root, "ls-files", "-z", "--", *FOLDERS))
    yield from _committed_site(root)
    yield from _ignored(root, inputs)
    yield from _pointers(root, inputs, fetches_lfs)
    yield from clashing({*tracked, *inputs})
    yield from line_ends(ask(root, "ls-files", "-z", "--eol", "--", *FOLDERS))


def _names(listed: bytes) -> list[str]:
    return list(filter(None, listed.decode("utf-8", "surrogateescape").split("\0")))


def _given(paths: Iterable[str]) -> bytes:
    return "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")


def _committed_site(root: Path) -> Iterator[Problem]:
    kept = [name for name in _names(ask(root, "ls-files", "-z", "--", "site")) if name != "site/.gitkeep"]
    if kept:
        message = f"git keeps {len(kept):,} files of the built site, and every build changes them: {kept[0]}"
        hint = "Take them out of git, not from the disk: git rm -r --cached site; and write /site/ into .gitignore."
        yield Problem("site-committed", message, Location("site"), hint)


def _ignored(root: Path, inputs: list[str]) -> Iterator[Problem]:
    try:
        found = _names(ask(root, "check-ignore", "-z", "--stdin", given=_given(inputs)))
    except GitError:  # none is
        return
    for path in found:
        message = "git ignores this file, and the site is made from it: nobody else has it"
        hint = f"See which rule does: git check-ignore -v {path}; or take it out of the story."
        yield Problem("ignored-input", message, Location(path), hint)


def _pointers(root: Path, inputs: list[str], fetches_lfs: bool) -> Iterator[Problem]:
    """Files that Git LFS stores elsewhere: what stands for them, or will where they are not fetched."""
    answer = _names(ask(root, "check-attr", "-z", "--stdin", "filter", given=_given(inputs)))
    stored = {path for path, value in zip(answer[::3], answer[2::3], strict=True) if value == "lfs"}
    for path in inputs:
        if _begins(root / path):
            message = "this is a pointer of Git LFS, and not the file itself"
            yield Problem("lfs-pointer", message, Location(path), "Fetch it: git lfs pull.")
        elif path in stored and not fetches_lfs:
            message = "Git LFS stores this file, and no workflow fetches it: it would build with a pointer"
            hint = "Write lfs: true below with: of actions/checkout, or keep the file in git itself."
            yield Problem("lfs-pointer", message, Location(path), hint)


def _begins(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_POINTER)) == _POINTER
    except OSError:
        return False


def clashing(paths: Iterable[str]) -> Iterator[Problem]:
    """Names of files or folders that macOS and Windows take for one; each pair once."""
    first: dict[str, str] = {}
    told: set[str] = set()
    for path in sorted(paths):
        for name in (*folders_of(path), path):
            other = first.setdefault(key_of(name), name)
            if other != name and name not in told:
                told.add(name)
                message = f"{name!r} and {other!r} are one and the same on macOS and Windows"
                yield Problem("name-clash", message, Location(path), "Give one of the two another name.")


def line_ends(listed: bytes) -> Iterator[Problem]:
    """Files whose line ends are not everywhere those that are here, from ``git ls-files -z --eol``."""
    kinds: dict[str, list[str]] = {}
    for entry in _names(listed):
        about, _, path = entry.partition("\t")
        committed, here = (text.partition("/")[2] for text in about.split()[:2])
        if committed == "mixed":
            kinds.setdefault("the file has line ends of both kinds", []).append(path)
        elif {committed, here} == {"lf", "crlf"}:
            kinds.setdefault("git gives the file other line ends here than it keeps", []).append(path)
    for what, found in kinds.items():
        more = f" (and so {len(found) - 1:,} more)" if len(found) > 1 else ""
        hint = "Write * text=auto eol=lf into .gitattributes, then: git add --renormalize ."
        yield Problem("line-ends", what + more, Location(found[0]), hint)
