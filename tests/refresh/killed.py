"""Kills a refresh at every change that it makes to the data, and tells what became of it. Run by test_refresh_killed.py.

A process of its own, because it forks. Prints a list of JSON: for each point what lay in the folder right after the
kill, and after the next command.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from generator.problems import SourceError
from generator.refresh import refresh
from generator.run import Run
from generator.write import STATE
from tests.write.interrupted import in_child

TABLES = ("visits.csv", "totals.csv", "datapackage.json", "provenance.csv")


def held(story: Path) -> dict[str, str]:
    return {name: (story / "data" / name).read_text() for name in TABLES if (story / "data" / name).exists()}


def main(above: Path, how: str) -> None:
    before, story = above / "story", above / "copy"
    shutil.copytree(before, story)
    old = held(story)
    refresh(story, given=[str(above / "sent")])
    new = held(story)
    assert old != new
    shutil.rmtree(story)
    outcomes = []
    for point in range(1, 1000):
        shutil.copytree(before, story)
        reached, said = in_child(story / "data", point, how, lambda: refresh(story, given=[str(above / "sent")]))
        if not reached:
            break
        between = held(story)
        torn = any(text not in (old.get(name), new.get(name)) for name, text in between.items())
        try:
            Run(story)  # any next command
            left = ""
        except SourceError as error:
            left = str(error)
        after = held(story)
        outcomes.append(
            {
                "between": "old" if between == old else "new" if between == new else "torn" if torn else "mixed",
                "after": "old" if after == old else "new" if after == new else "mixed",
                "tidy": not (story / "data" / STATE).exists(),
                "said": said + left,
            }
        )
        shutil.rmtree(story)
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
