"""git, asked without a terminal: it never prompts, locks nothing, and says no password."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from msgspec import Struct

_OF_ANOTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
    "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
)  # fmt: skip
"""What git sets for its hooks: the repository is the one that the folder is in."""

_ALONE = {
    "GIT_ASKPASS": "",  # set and empty: neither a program nor a window asks
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",
    "SSH_ASKPASS_REQUIRE": "never",
}

_WHO = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/'\"]*@", re.IGNORECASE)
_SECRET = re.compile(r"([?&][^=\s&]*(?:token|key|password|secret)[^=\s&]*=)[^\s&'\"]+", re.IGNORECASE)


class GitError(Exception):
    """git refused; its own words, without what must not be shown."""

    answer = ""
    """What it had answered by then."""


class GitMissingError(GitError):
    """git is not installed, or cannot be run."""


def ask(folder: Path, *words: str, given: bytes | IO[bytes] = b"", env: Mapping[str, str] | None = None) -> bytes:
    """What git answers in a folder, ``given`` (bytes, or an open file) being what it reads. Raises GitError.

    It runs in a session of its own: without a terminal, neither git nor ssh has where to prompt.
    """
    kept = {name: text for name, text in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *words],  # noqa: S607 - the one that the author uses, too
            input=given if isinstance(given, bytes) else None,
            stdin=None if isinstance(given, bytes) else given,
            capture_output=True,
            check=False,
            env={**kept, **_ALONE, **(env or {})},
            start_new_session=True,
        )
    except OSError:
        raise GitMissingError("git is not installed, or cannot be run") from None
    if done.returncode:
        said, answer = map(_shown, (done.stderr, done.stdout))
        error = GitError(said or f"git {words[0]} failed")
        error.answer = answer
        raise error
    return done.stdout


def _shown(data: bytes) -> str:
    """What git and ssh write for a terminal, as text: without its line ends and tabs, and without secrets."""
    return without_secrets(data.decode("utf-8", "replace").replace("\r", "").expandtabs(4).strip())


def line(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """An answer of one line. Raises GitError."""
    return ask(folder, *words, env=env).decode("utf-8", "surrogateescape").removesuffix("\n")


def without_secrets(text: str) -> str:
    """The same without names and passwords in addresses; ``git@`` of an address for ssh is left out with them."""
    return _SECRET.sub(r"\1…", _WHO.sub(r"\1", text))


def blob_of(data: bytes, format: str) -> str:
    """The name that git gives to these bytes as they are; ``format`` is ``sha1`` or ``sha256``."""
    return hashlib.new(format, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class Repository(Struct, frozen=True):
    """The repository that a folder is in."""

    top: Path
    """The folder of the working tree."""
    prefix: str
    """The folder asked for, below that: ``""`` or ``stories/rivers/``."""
    objects: Path
    """Where its objects are."""
    format: str
    """The digest that names them: ``sha1`` or ``sha256``."""

    @classmethod
    def of(cls, folder: Path) -> Repository:
        """Raises GitError, also when the folder is in none."""
        return cls(
            Path(line(folder, "rev-parse", "--show-toplevel")),
            line(folder, "rev-parse", "--show-prefix"),
            (folder / line(folder, "rev-parse", "--git-path", "objects")).resolve(),
            line(folder, "rev-parse", "--show-object-format"),
        )

    def remotes(self) -> list[str]:
        return line(self.top, "remote").splitlines()

    def holds(self, commit: str) -> bool:
        """Whether a commit is here."""
        return self._says("cat-file", "-e", f"{commit}^{{commit}}")

    def builds_on(self, later: str, earlier: str) -> bool:
        """Whether one commit is the other or in its history, as far as both are here."""
        return self._says("merge-base", "--is-ancestor", earlier, later)

    def is_shallow(self) -> bool:
        """Whether its history is cut off somewhere, so that :meth:`builds_on` may not know."""
        return line(self.top, "rev-parse", "--is-shallow-repository") == "true"

    def _says(self, *words: str) -> bool:
        try:
            ask(self.top, *words)
        except GitError:
            return False
        return True
