"""Broken and hostile stories: what an editor reads, word for word.

Each folder of ``tests/cases`` is laid over the base story of ``tests/story``; README.md there says how.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.cli import main

BASE = Path(__file__).parent / "story"
CASES = Path(__file__).parent / "cases"
OWN = ("expected.txt", "command.txt")


def lay_over(case: Path, story: Path) -> None:
    """Copies the base story to ``story`` and makes the case's changes to it."""
    shutil.copytree(BASE, story, ignore=shutil.ignore_patterns("site"))
    for path in sorted(case.rglob("*")):
        name = path.relative_to(case)
        target = story / name
        if path.is_dir() or str(name) in OWN:
            continue
        if path.suffix == ".delete":
            _remove(target.with_suffix(""))
        elif path.suffix == ".edit":
            _edit(target.with_suffix(""), path.read_text(encoding="utf-8"))
        elif path.suffix == ".link":
            target.with_suffix("").unlink(missing_ok=True)
            target.with_suffix("").symlink_to(path.read_text(encoding="utf-8").strip())
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _remove(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()


def _edit(target: Path, script: str) -> None:
    """Replaces passages; each must stand in the file exactly once."""
    text = target.read_text(encoding="utf-8")
    for passage in script.split("<<<<<<<\n")[1:]:
        old, _, rest = passage.partition("\n=======\n")
        new = rest.partition("\n>>>>>>>\n")[0]
        assert text.count(old) == 1, f"{target.name}: {old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8", newline="")


def run(case: Path, story: Path) -> Result:
    """``broadsheet COMMAND STORY`` with the case's command, ``check`` if it names none."""
    command = case / "command.txt"
    words = command.read_text(encoding="utf-8").split() if command.exists() else ["check"]
    where = ["--story", str(story)] if words[0] == "refresh" else [str(story)]
    return CliRunner().invoke(main, [words[0], *where, *words[1:]], catch_exceptions=False)


def normalised(said: str, above: Path) -> str:
    """Without the story's own address, the time it took, and the places in finished pages, which move with the theme."""
    said = re.sub(r" in \d+\.\d s, no problems", " in SECONDS s, no problems", said.replace(str(above), "TMP"))
    return re.sub(r"(?m)^(\S*\.html):\d+:\d+: ", r"\1:LINE:COLUMN: ", said)


@pytest.mark.parametrize("case", sorted(path.parent for path in CASES.glob("*/expected.txt")), ids=lambda c: c.name)
def test_case(case: Path, tmp_path: Path) -> None:
    story = tmp_path / "story"
    lay_over(case, story)
    result = run(case, story)
    said = normalised(result.output, tmp_path)
    assert said == (case / "expected.txt").read_text(encoding="utf-8")
    strict = (case / "command.txt").exists() and "--strict" in (case / "command.txt").read_text(encoding="utf-8")
    failing = r"\d (errors?|warnings?)\b.*\n\Z" if strict else r"\d errors?\b.*\n\Z"
    assert result.exit_code == (1 if re.search(failing, said) else 0)
    assert not (story / "site").exists()
