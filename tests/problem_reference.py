"""Makes docs/problems.md: what each code means, and an example that a test reproduces.

    python tests/problem_reference.py      (or: make docs)

The meanings are written by hand, in docs/problems.yml. The examples are taken from the folders of ``cases``, which
test_cases.py runs, and from made_examples.py, which is run here.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from made_examples import EXAMPLES, problem_of, said_of
from test_cases import BASE, CASES, OWN, lay_over

from generator.reports.excerpts import safe

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs/problems.yml"
REFERENCE = ROOT / "docs/problems.md"

PIECE = re.compile(r"(?P<place>\S.*?): (?P<severity>error|warning|note)\[(?P<code>[a-z0-9-]+)\]: ")
MOST_LINES = 8
WIDEST = 110

HEAD = """\
# Every problem by its code

<!-- Made by `make docs` from docs/problems.yml and tests/cases; change those. -->

What is wrong is told like this: the file, the line and the column, whether it is an error or a warning, its code in square
brackets, and what is wrong. Below it stand the line itself and, where that is known, what to write instead.

- **Errors** keep a site from being built.
- **Warnings** do not; `check --strict` fails with them, too, for the check before publishing.
- **Notes** are what would be errors in a published document, found in a draft.

Each example below is run by a test: what somebody wrote, and what is then printed, word for word. `LINE:COLUMN` stands for a
place in a finished page.
"""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    note: str
    meanings: Mapping[str, str]
    cases: Mapping[str, str]
    """Code → the case that is to show it, where one is named."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a file, or what became of it."""

    path: str
    how: str
    language: str = ""
    text: str = ""
    at_the_place: bool = False
    """Whether it is what the problem is about, and not only what led to it."""

    @property
    def markdown(self) -> str:
        name = f"`{self.path}`{',' if self.text and self.how else ''} {self.how}".rstrip()
        return f"{name}:\n\n{_fenced(self.text, self.language)}\n" if self.text else f"{name}.\n"


@dataclass(frozen=True, slots=True)
class Example:
    """What was written, or done, and what is said."""

    written: tuple[Passage, ...]
    done: str
    said: str
    severities: tuple[str, ...]


def groups() -> tuple[Group, ...]:
    made = []
    for entry in yaml.safe_load(TABLE.read_text(encoding="utf-8")):
        codes: Mapping[str, Any] = entry["codes"]
        texts = {code: said if isinstance(said, str) else said["means"] for code, said in codes.items()}
        named = {code: said["case"] for code, said in codes.items() if not isinstance(said, str)}
        made.append(Group(entry["title"], entry.get("note", ""), texts, named))
    return tuple(made)


def reference() -> str:
    """The whole of docs/problems.md. Raises AssertionError for a code without an example."""
    examples = _examples()
    parts = [HEAD]
    listed = groups()
    parts.append("\n".join(f"- {_index(group)}" for group in listed) + "\n")
    for group in listed:
        parts.append(f"## {group.title}\n")
        if group.note:
            parts.append(f"{group.note}\n")
        for code, meaning in group.meanings.items():
            parts.append(_section(code, meaning, _chosen(code, group.cases.get(code, ""), examples)))
    return "\n".join(parts)


def _index(group: Group) -> str:
    return f"**{group.title}**: " + " · ".join(f"[{code}](#{code})" for code in group.meanings)


def _section(code: str, meaning: str, example: Example) -> str:
    kinds = " or ".join(example.severities)
    lines = [f"### {code}\n", f"{meaning} *{kinds[:1].upper()}{kinds[1:]}.*\n"]
    if example.done:
        lines.append(f"{example.done}\n")
    lines += [passage.markdown for passage in example.written]
    lines.append(f"{_fenced(example.said, 'text')}\n")
    return "\n".join(lines)


def _fenced(text: str, language: str) -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", text)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{text}\n{mark}"


# --- the examples -----------------------------------------------------------------------------------------


def _chosen(code: str, case: str, examples: Mapping[str, Mapping[str, Example]]) -> Example:
    if code in EXAMPLES:
        done, said = said_of(code)
        return Example((), done, said, (problem_of(code).severity,))
    found = examples.get(code, {})
    assert found, f"no case in tests/cases shows {code}"
    assert not case or case in found, f"the case {case} does not show {code}"
    severities = tuple(sorted({kind for one in found.values() for kind in one.severities} - {"note"}))
    best = found[case] if case else min(found.items(), key=lambda item: (_effort(item[1]), item[0]))[1]
    return Example(best.written, "", best.said, severities)


def _effort(example: Example) -> tuple[bool, int]:
    """How much there is to read; notes of drafts come last."""
    texts = [example.said, *(passage.text for passage in example.written)]
    return example.severities == ("note",), sum(len(text) + 40 * text.count("\n") + 40 for text in texts)


def _examples() -> dict[str, dict[str, Example]]:
    """Code → case → its shortest example there."""
    found: dict[str, dict[str, Example]] = {}
    for case in sorted(path.parent for path in CASES.glob("*/expected.txt")):
        pieces = list(_pieces((case / "expected.txt").read_text(encoding="utf-8")))
        if not pieces:
            continue
        with TemporaryDirectory() as folder:
            story = Path(folder) / "story"
            lay_over(case, story)
            for match, piece in pieces:
                example = Example(
                    _written(case, story, match["place"]), "", _printable(piece), (match["severity"],)
                )
                known = found.setdefault(match["code"], {}).setdefault(case.name, example)
                if example.written and _effort(example) < _effort(known):
                    found[match["code"]][case.name] = example
    return found


def _pieces(expected: str) -> Iterator[tuple[re.Match[str], str]]:
    for piece in expected.split("\n\n"):
        match = PIECE.match(piece)
        if match:
            yield match, piece.strip("\n")


def _printable(text: str) -> str:
    return "\n".join(safe(line).rstrip() for line in text.split("\n"))


def _written(case: Path, story: Path, place: str) -> tuple[Passage, ...]:
    """The smallest passages of the case that the problem at a place is about."""
    path, _, rest = place.partition(":")
    numbers = rest.split(":")
    line, column = (int(number) if number.isdigit() else 0 for number in (*numbers, "", "")[:2])
    changed = _changed(case)
    if path in changed:
        own = _passage(path, changed[path], story, line, column)
        if own.at_the_place or len(changed) == 1:
            return (own,)
    return tuple(_passage(name, kind, story, 0, 0) for name, kind in changed.items())


def _changed(case: Path) -> dict[str, str]:
    """The story's files that a case changes → how: edit, delete, link, or empty for a file of its own."""
    found = {}
    for path in sorted(path for path in case.rglob("*") if "__pycache__" not in path.parts):
        name = path.relative_to(case)
        if path.is_file() and str(name) not in OWN:
            kind = path.suffix[1:] if path.suffix in (".edit", ".delete", ".link") else ""
            found[(name.with_suffix("") if kind else name).as_posix()] = kind
    return found


def _passage(path: str, kind: str, story: Path, line: int, column: int) -> Passage:
    if kind == "delete":
        return Passage(path, "is removed", at_the_place=True)
    if kind == "link":
        return Passage(path, "is a link to a file elsewhere", at_the_place=True)
    lines = _lines(story / path)
    if not any(lines):
        return Passage(path, "is empty", at_the_place=True)
    before = _lines(BASE / path) if (BASE / path).is_file() else []
    new, gone = _ranges(before, lines)
    if not new:
        removed = [_cut(_visible(before[number]), 0) for first, last in gone for number in range(first, last)]
        text = "\n".join(removed[:MOST_LINES] + (["…"] if len(removed) > MOST_LINES else []))
        return Passage(
            path, "without these lines" if len(removed) > 1 else "without this line", _language(path), text
        )
    first, last = min(new, key=lambda pair: 0 if pair[0] < line <= pair[1] else abs(line - pair[0] - 1) + 1)
    within = first < line <= last
    if not line or not within:
        last = min(last, first + MOST_LINES)
    elif last - first > MOST_LINES or (path.endswith((".md", ".csv")) and last - first > 3):
        first, last = _window(lines, line, first, last)
    if not any(lines[first:last]):
        last += 1
    shown = [_cut(_visible(text), column if number == line - 1 else 0) for number, text in enumerate(lines)]
    front = path.endswith(".md") and first < _front_matter(lines)
    return Passage(path, "", "yaml" if front else _language(path), "\n".join(shown[first:last]), within)


def _language(path: str) -> str:
    suffix = path.rpartition(".")[2]
    return {"md": "markdown", "yml": "yaml", "py": "python"}.get(suffix, suffix)


def _visible(text: str) -> str:
    return "\t".join(map(safe, text.split("\t")))


def _front_matter(lines: list[str]) -> int:
    """How many lines belong to the front matter; none when it is never closed."""
    closed = lines[0] == "---" and "---" in lines[1:]
    return lines.index("---", 1) if closed else 0


def _lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


Ranges = list[tuple[int, int]]


def _ranges(before: list[str], after: list[str]) -> tuple[Ranges, Ranges]:
    """The lines that are new, and those that are gone, as ranges that begin at 0."""
    changes = difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    new = [(start, end) for kind, _, _, start, end in changes if kind != "equal" and start < end]
    return new, [(start, end) for kind, start, end, _, _ in changes if kind != "equal" and start < end]


def _window(lines: list[str], line: int, first: int, last: int) -> tuple[int, int]:
    """The line alone; the head of a table with it; of a block or front matter all that is not too long."""
    at = line - 1
    if first < line <= _front_matter(lines):
        return max(1, first, at - 2), line
    above = at
    while above >= first and not lines[above].startswith("```"):
        above -= 1
    fences = sum(text.startswith("```") for text in lines[first : at + 1])
    if above >= first and (fences % 2 or lines[at].startswith("```")):  # inside a block
        start = above if fences % 2 else above - 1
        end = next((n for n in range(at + 1, last) if lines[n].startswith("```")), last - 1) + 1
        return (start, end) if end - start <= 12 else (max(start, at - 2), min(end, at + 3))
    return max(first, at), min(last, at + 1)


def _cut(text: str, column: int) -> str:
    if len(text) <= WIDEST:
        return text
    start = max(0, min(column - WIDEST // 2, len(text) - WIDEST)) if column else 0
    return ("…" if start else "") + text[start : start + WIDEST] + ("…" if start + WIDEST < len(text) else "")


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    sys.stdout.write(f"{REFERENCE.relative_to(ROOT)} is made anew\n")
