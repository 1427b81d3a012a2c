"""Whenever a refresh is killed or refused: the data is as it was, or as it was to be, after the next command."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from visits_story import visits_book, visits_story

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="interrupts forked processes")

REPOSITORY = Path(__file__).parents[2]


def outcomes(above: Path, how: str) -> list[dict[str, Any]]:
    visits_story(above / "story")
    for name in ("sent", "temporary"):
        (above / name).mkdir()
    day = dt.datetime.fromisoformat("2025-02-01")
    (above / "sent/visits.xlsx").write_bytes(visits_book(("Ashby", day, 5)))
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killed.py"), above, how],
        env={
            **os.environ,
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'tests'}",
            "TMPDIR": str(above / "temporary"),
        },
        capture_output=True,
        check=True,
        timeout=300,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) > 15, "the refresh was to be cut short at every one of its steps"
    return found


def test_a_kill_leaves_whole_files_and_the_next_command_whole_data(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "kill")
    assert {each["after"] for each in found} == {"old", "new"}
    assert {each["between"] for each in found} == {"old", "mixed", "new"}, (
        "some kills must fall between two renames"
    )
    assert all(each["tidy"] for each in found)


@pytest.mark.parametrize("how", ["full", "fail"])
def test_what_the_system_refuses_leaves_the_data_as_it_was(tmp_path: Path, how: str) -> None:
    found = outcomes(tmp_path, how)
    assert not list((tmp_path / "temporary").iterdir())
    for each in found:
        failed = "error[output-failed]" in each["said"]
        assert each["after"] == ("old" if failed else "new"), each
    told = [each["said"] for each in found if "error[output-failed]" in each["said"]]
    assert len(told) > 8
    assert any("the data as it was was kept" in said or "data as it was" in said for said in told)
