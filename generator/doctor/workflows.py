"""The workflows of a repository: whether there is one that publishes, and whether what it runs is what it names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from generator import __version__
from generator.doctor.python import old_python
from generator.problems import Location, Problem

OURS = Path(__file__).resolve().parents[1] / "scaffold/around"
"""The workflows that a new story gets from this version."""

_USES = re.compile(
    r"^\s*(?:- )?\s*uses:\s*(['\"]?)(?P<name>[^\s'\"#@]+)@(?P<at>[^\s'\"#]+)\1(?:\s+#\s*(?P<version>v[\d.]+))?"
)
_PUBLISHES = re.compile(r"actions/deploy-pages@|\bpublish\b.*--to\b|broadsheet publish|generator publish")
_ASKS = re.compile(r"\bbroadsheet(?:\[[\w,-]*\])?\s*==\s*(?P<version>[\w.]+)")
_PYTHON = re.compile(r"^\s*python-version:\s*['\"]?(?P<version>\d+\.\d+)\b")
_DIGEST = re.compile(r"[0-9a-f]{40}")


class File(Struct, frozen=True):
    """A text file, by its path as seen from the story."""

    path: str
    text: str

    def found(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
        """Each match within a line, with the number of the line."""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if match := pattern.search(line):
                yield match, number

    def at(self, match: re.Match[str], line: int, group: str) -> Location:
        return Location(self.path, line, match.start(group) + 1, len(match[group]))


def read_workflows(top: Path, root: Path) -> list[File]:
    """The workflows of the repository at ``top``, in order."""
    folder = top / ".github/workflows"
    return [_file(path, root) for path in sorted(folder.glob("*.y*ml")) if path.is_file()]


def _file(path: Path, root: Path) -> File:
    name = Path(os.path.relpath(path, root.resolve())).as_posix()
    return File(name, path.read_text(encoding="utf-8", errors="replace"))


def workflow_problems(root: Path, workflows: Sequence[File], *, needed: bool) -> Iterator[Problem]:
    """``needed``: nothing else publishes the story."""
    if needed and not any(_PUBLISHES.search(file.text) for file in workflows):
        message = "no workflow publishes the story, and there is no branch gh-pages"
        hint = "Copy .github/workflows/ of a story that broadsheet new begins, or run: broadsheet publish."
        yield Problem("no-workflow", message, Location(".github/workflows"), hint)
    newest = {match["name"]: match["version"] for file in _ours() for match, _ in file.found(_USES)}
    for file in workflows:
        yield from _actions(file, newest)
        for match, number in file.found(_PYTHON):
            version = tuple(map(int, match["version"].split(".")))
            yield from old_python(version, file.at(match, number, "version"))
    for file in (*workflows, *_requirements(root)):
        yield from _generators(file)


def _ours() -> list[File]:
    return [File(path.name, path.read_text(encoding="utf-8")) for path in sorted(OURS.glob("*.yml"))]


def _requirements(root: Path) -> list[File]:
    path = root / "requirements.txt"
    return [_file(path, root)] if path.is_file() else []


def _actions(file: File, newest: dict[str, str]) -> Iterator[Problem]:
    for match, number in file.found(_USES):
        name, at, version = match["name"], match["at"], match["version"]
        if name.startswith(("./", "docker:")):
            continue
        if not _DIGEST.fullmatch(at):
            message = f"{name} is not pinned: whoever may move {at!r} decides what the workflow runs"
            hint = f"Name the commit by its digest, with the version behind it: uses: {name}@DIGEST # {at}."
            yield Problem("unpinned-action", message, file.at(match, number, "at"), hint)
        elif version and _older(version[1:], newest.get(name, version)[1:]):
            message = f"{name} is {version}, and stories that begin today have {newest[name]}"
            hint = "Take over the line of a workflow that broadsheet new writes, once you have read what changed."
            yield Problem("old-action", message, file.at(match, number, "version"), hint)


def _generators(file: File) -> Iterator[Problem]:
    for match, number in file.found(_ASKS):
        if _older(match["version"], __version__):
            message = f"broadsheet {match['version']} is asked for here, and this is {__version__}"
            hint = (
                f"Write broadsheet=={__version__}, and look at what changed: broadsheet check --strict --rendered."
            )
            yield Problem("old-generator", message, file.at(match, number, "version"), hint)


def _older(version: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version) < Version(other)
    except InvalidVersion:
        return False
