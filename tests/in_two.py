"""Runs the tests, those that need a browser or the whole story beside the others: ``python tests/in_two.py``.

Two processes of pytest take a little more than half the time of one where there are two cores. What each has to say
is printed line by line as it comes; the last line is the sum of both. Exit status: 0 when both passed, else 1.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

HALVES = ("(story or browser or aside) and not long", "not story and not browser and not aside and not long")
NOTHING = 5  # pytest: no test was collected
_SUMMARY = re.compile(r"=+ (.*) in [\d.]+s.* =+$")
_PART = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)")
_TOLD = ("failed", "error", "passed", "skipped", "xfailed", "xpassed")


def half(marks: str) -> tuple[int, Counter[str]]:
    """The exit status of the tests of these marks, and how many passed, failed, …; prints what pytest said."""
    command = [sys.executable, "-m", "pytest", "-m", marks]
    summary = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            if found := _SUMMARY.match(line):
                summary = found[1]
    counts: Counter[str] = Counter()
    for number, name in _PART.findall(summary):
        counts[name.removesuffix("s") if name.startswith("error") else name] += int(number)
    return running.returncode, counts


def main() -> None:
    started = time.perf_counter()
    with ThreadPoolExecutor(len(HALVES)) as pool:
        found = list(pool.map(half, HALVES))
    counts = sum((each for _, each in found), Counter[str]())
    told = ", ".join(f"{counts[name]} {name}" for name in _TOLD if counts[name]) or "no tests ran"
    print(f"==== {told} in {time.perf_counter() - started:.2f}s ====")
    failed = [status for status, _ in found if status not in (0, NOTHING)]
    sys.exit(bool(failed) or not any(counts.values()))


if __name__ == "__main__":
    main()
