"""Problems as people read them: one after another, with the line each is about, and how many in all."""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Location, Problem
from generator.reports.excerpts import Sources, excerpt, safe

INDENT = "    "
LONGEST = 100
"""Columns of a note or a hint; longer ones go on in the next line. The first line of a problem is never broken."""
DRAFTS = "in drafts, which are not published"


class Palette(Struct, frozen=True):
    """Colours for a terminal, or none."""

    colours: bool = False

    def __call__(self, text: str, role: str) -> str:
        return click.style(text, **_STYLES[role]) if self.colours and text else text


_STYLES: dict[str, dict[str, Any]] = {
    "place": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan", "bold": True},
    "caret": {"fg": "red"},
    "label": {"fg": "blue"},
}


def told(
    problems: Iterable[Problem], sources: Sources | None = None, palette: Palette | None = None, *, below: str = ""
) -> Iterator[str]:
    """One text a problem, those that are only noted last; ``below`` is put before the paths."""
    listed = list(problems)
    for problem in sorted(listed, key=lambda problem: problem.severity == "note"):
        yield _told(problem, sources, palette or Palette(), below)


def _told(problem: Problem, sources: Sources | None, palette: Palette, below: str) -> str:
    place = safe(str(at(problem.location, below)))
    kind = palette(f"{problem.severity}[{problem.code}]", problem.severity)
    lines = [f"{palette(place, 'place')}: {kind}: {_sentence(problem.sentence)}"]
    lines += _excerpt(problem, sources, palette)
    label, hint = split_hint(problem.hint)
    labelled = [*problem.notes, (label, hint)] if label else list(problem.notes)
    width = max((len(text) for text, _ in labelled), default=0)
    for text, note in labelled:
        lines += _wrapped(f"{palette(text.ljust(width), 'label')}  ", width + 2, note)
    if hint and not label:
        lines += _wrapped("", 0, hint)
    return "\n".join(lines)


def at(where: Location, below: str) -> Location:
    """The place, as seen from where the command was given."""
    if not below or PurePosixPath(where.path).is_absolute() or "://" in where.path or where.path.startswith("--"):
        return where  # an option of the command is in no folder
    return replace(where, path=posixpath.normpath(f"{below}/{where.path}") if where.path else below)


def _sentence(text: str) -> str:
    """One line: a break in what is quoted is shown as a blank."""
    return safe(" ".join(text.split("\n")))


def _excerpt(problem: Problem, sources: Sources | None, palette: Palette) -> list[str]:
    line = sources.line(problem.location) if sources else None
    if line is None or not line.strip():
        return []
    shown, carets = excerpt(line, problem.location.column, problem.location.width)
    return [INDENT + shown, INDENT + _coloured(carets, palette)] if carets else [INDENT + shown]


def _coloured(carets: str, palette: Palette) -> str:
    blank = carets[: len(carets) - len(carets.lstrip())]
    return blank + palette(carets.lstrip(), "caret")


_WRITE = re.compile(r"Write (.+?)\.?\Z", re.DOTALL)
_IN_BRACKETS = re.compile(r"\[[^\]]*\]\{[^}]*\}")
_ANOTHER_SENTENCE = re.compile(r"[.:;] [A-Z]")


def split_hint(hint: str) -> tuple[str, str]:
    """ "write" and what to write, when that is all the hint says; else no label and the hint."""
    match = _WRITE.match(hint)
    if match is None or _ANOTHER_SENTENCE.search(_IN_BRACKETS.sub("", match[1])):
        return "", hint
    return "write", match[1]


_CODE = re.compile(r"\{\{.{1,40}?\}\}|\{%.{1,40}?%\}|\[[^\]]{1,40}\]\{[^}]{1,40}\}")
_BLANK = "\ue002"
"""Stands for a blank within code while lines are broken."""


def _wrapped(lead: str, width: int, text: str) -> list[str]:
    """The text in lines of LONGEST columns, the first after ``lead``, which takes ``width`` columns.

    Lines below one that ends with a colon are to be copied into a file, and are not broken.
    """
    made: list[str] = []
    copied = False
    for piece in safe(text).split("\n"):
        if copied:
            made.append(piece)
            continue
        copied = piece.endswith(":")
        whole = _CODE.sub(lambda code: code[0].replace(" ", _BLANK), piece)
        lines = textwrap.wrap(whole, LONGEST - len(INDENT) - width, break_long_words=False, break_on_hyphens=False)
        made += [line.replace(_BLANK, " ") for line in lines]
    return [INDENT + (lead if index == 0 else " " * width) + piece for index, piece in enumerate(made)]


def summary(problems: Iterable[Problem]) -> str:
    """ "3 errors and 1 warning in 2 files; 2 notes in drafts, which are not published"."""
    listed = list(problems)
    counts = {severity: [p for p in listed if p.severity == severity] for severity in ("error", "warning", "note")}
    parts = [_count(len(counts[name]), name) for name in ("error", "warning") if counts[name]]
    weighty = counts["error"] + counts["warning"]
    said = []
    if parts:
        files = len({problem.location.path for problem in weighty})
        said.append(" and ".join(parts) + (f" in {files} files" if files > 1 else ""))
    if counts["note"]:
        said.append(f"{_count(len(counts['note']), 'note')} {DRAFTS}")
    return "; ".join(said) or "no problems"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
