"""Errors of the kinds that newspapers correct, planted in a copy of the story: all found, and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.build import check, prepare
from generator.problems import Problem, SourceError

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(__file__).parent / "corpus"


def _corpus(pattern: str) -> list[dict[str, Any]]:
    return [
        case for path in sorted(CORPUS.glob(pattern)) for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


PLANTED = _corpus("planted*.yml")
INNOCENT = _corpus("innocent*.yml")

pytestmark = pytest.mark.story


@dataclass(frozen=True)
class Planted:
    """Where the problem must stand; ``line`` 0 for the whole file."""

    name: str
    path: str
    line: int
    column: int

    @property
    def place(self) -> tuple[str, int, int]:
        return self.path, self.line, self.column


def _copy(folder: Path) -> Path:
    for name in ("content", "data", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def _plant(root: Path, edits: list[Mapping[str, str]]) -> None:
    for edit in edits:
        path = root / edit["file"]
        if "create" in edit:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(edit["create"], encoding="utf-8")
            continue
        text = path.read_text(encoding="utf-8")
        if "after" in edit:
            lines = text.split("\n")
            assert lines.count(edit["after"]) == 1, edit["after"]
            lines.insert(lines.index(edit["after"]) + 1, f"\n{edit['insert'].rstrip()}\n")
            text = "\n".join(lines)
        else:
            assert text.count(edit["find"]) == 1, edit["find"]
            text = text.replace(edit["find"], edit["replace"])
        path.write_text(text, encoding="utf-8")


def _marked(root: Path, named: Mapping[str, str]) -> Iterator[Planted]:
    """Takes the marks out of all files and says where each was."""
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".md", ".yml", ".csv", ".json")):
        text = path.read_text(encoding="utf-8")
        if "«" not in text:
            continue
        kept: list[str] = []
        for number, line in enumerate(text.split("\n"), start=1):
            while "«" in line and (at := re.search(r"«(.*?)»", line)):
                name = next((name for name, words in named.items() if words == at[1]), at[1])
                yield Planted(name, path.relative_to(root).as_posix(), number, at.start() + 1)
                line = line[: at.start()] + at[1] + line[at.end() :]
            kept.append(line)
        path.write_text("\n".join(kept), encoding="utf-8")


def _told(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))


def _of_words(problems: tuple[Problem, ...]) -> list[Problem]:
    return [problem for problem in problems if problem.severity != "note"]


def test_every_error_in_the_words_is_found_at_its_place_and_nothing_else(tmp_path: Path) -> None:
    root = _copy(tmp_path / "story")
    for case in PLANTED:
        if case["kind"] != "data":
            _plant(root, case["edits"])
    wanted = {planted.place: planted.name for planted in _marked(root, {})}
    problems = _of_words(check(root).problems)
    found = {(p.location.path, p.location.line, p.location.column): p for p in problems}
    missed = {name: place for place, name in wanted.items() if place not in found}
    false = [problem for place, problem in found.items() if place not in wanted]
    assert not missed, f"missed: {missed}\nnot planted:\n{_told(false)}"
    assert not false, f"not planted:\n{_told(false)}"


@pytest.mark.parametrize("case", [c for c in PLANTED if c["kind"] == "data"], ids=lambda c: c["name"])
def test_every_error_in_the_data_is_found_at_its_cell(tmp_path: Path, case: dict[str, Any]) -> None:
    root = _copy(tmp_path / "story")
    _plant(root, case["edits"])
    marked = list(_marked(root, {}))
    try:
        problems = list(prepare(root, drawing=False).problems)
    except SourceError as error:
        problems = list(error.problems)
    if marked:
        places = {(p.location.path, p.location.line, p.location.column) for p in problems}
        assert {planted.place for planted in marked} <= places, _told(problems)
    else:
        assert case["at"] in {p.location.path for p in problems}, _told(problems)


def test_the_story_itself_is_clean() -> None:
    checked = check(ROOT)
    assert not checked.problems, _told(list(checked.problems))
    assert checked.asserted
    assert checked.attributed


def test_innocent_sentences_raise_nothing(tmp_path: Path) -> None:
    root = _copy(tmp_path / "story")
    for case in INNOCENT:
        _plant(root, case["edits"])
    problems = _of_words(check(root).problems)
    assert not problems, _told(problems)
