"""git as tests use it: somebody called T, the branch main, and no settings of whoever runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NEEDS_GIT = (
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.usefixtures("no_git_settings"),
)
"""The marks of a test that makes repositories, and of what it runs there."""
NO_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
IGNORED = "/site/\n.broadsheet/\n__pycache__/\n"
"""The `.gitignore` of a story."""
_WHO = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *words: str) -> str:
    return answer(folder, *words).decode().rstrip("\n")


def answer(folder: Path, *words: str) -> bytes:
    """What git says, to the byte."""
    given = {**os.environ, **NO_SETTINGS}
    return subprocess.run(["git", *_WHO, *words], cwd=folder, capture_output=True, check=True, env=given).stdout


def commit(folder: Path, message: str = "A change") -> str:
    """Commits all that is in a folder; gives the commit."""
    git(folder, "add", "--all", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
