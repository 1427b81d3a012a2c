"""Whatever happens to a commit, and whenever: every file whole, and one command later the whole site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="interrupts forked processes")

REPOSITORY = Path(__file__).parents[2]


def outcomes(folder: Path, how: str, recoveries: int = 0) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("interrupted.py")
    done = subprocess.run(
        [sys.executable, script, folder, how, str(recoveries)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) > 30, "the commit was to be cut short at every one of its steps"
    return found


@pytest.mark.parametrize("recoveries", [0, 13, 29], ids=["once", "recovery-too", "recovery-later"])
def test_a_kill_leaves_whole_files_and_recovery_a_whole_site(tmp_path: Path, recoveries: int) -> None:
    found = outcomes(tmp_path, "kill", recoveries)
    assert {each["after"] for each in found} == {"old", "new"}
    assert "torn" not in {each["between"] for each in found}
    assert all(each["repaired"] and each["tidy"] for each in found)
    assert "mixed" in {each["between"] for each in found}, "some kills must fall between two renames"
    journals = [each for each in found if "journal.json" in each["state"]]
    assert {each["after"] for each in journals} == {"new"}, "a complete journal is finished"


def test_a_full_disk_leaves_the_old_site(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "full")
    failed = [each for each in found if each["problem"]]
    assert len(failed) > 20
    for each in found:
        assert each["between"] == ("old" if each["problem"] else "new")
        assert each["state"] == [".gitignore", "lock", "manifest.json"], "nothing staged is left behind"
        assert each["after"] == each["between"]
        assert each["repaired"]
    assert all("error[output-failed]" in each["problem"] for each in failed)
    assert all("no space left on device; the last good site was kept" in each["problem"] for each in failed)


def test_a_disk_so_full_that_folders_cannot_come_back_is_told_and_put_right_later(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "full+swaps")
    for each in found:
        assert each["between"] != "torn"
        assert each["after"] in ("old", "new")
        if each["between"] == "mixed":
            assert "it holds files of two builds until the next command puts it right" in each["problem"]


def test_any_single_failure_ends_with_a_whole_site(tmp_path: Path) -> None:
    for each in outcomes(tmp_path, "fail"):
        assert each["between"] == ("old" if each["problem"] else "new")
        assert each["after"] == each["between"]
        assert each["repaired"]
