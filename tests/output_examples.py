"""What is refused when a site is written: an example for each code, made as an author would meet it.

No story shows these, so they have no folder in ``cases``. Each function takes an empty folder and writes a small
site into the folder ``site`` in it.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from generator.problems import Problem, SourceError
from generator.reports import told
from generator.write import STATE, Staging

FILES = {"index.html": b"<p>Towns", "towns/aldford/index.html": b"<p>Aldford"}


def build(above: Path, more: tuple[str, ...] = ()) -> None:
    with _staged(above, more) as stage:
        stage.commit()


@contextmanager
def _staged(above: Path, more: tuple[str, ...] = ()) -> Iterator[Staging]:
    with Staging(above / "site") as stage:
        for path, data in (*FILES.items(), *((path, b"more") for path in more)):
            stage.add(path, data)
        yield stage


def path_(above: Path) -> None:
    """A page at the address `towns/con/`: no file on Windows can be called so."""
    build(above, ("towns/con/index.html",))


def twice(above: Path) -> None:
    """A story's own file at the address of a page."""
    build(above, ("towns/aldford/index.html",))


def collision(above: Path) -> None:
    """Two pages whose addresses differ in their letter case alone."""
    build(above, ("towns/Aldford/index.html",))


def foreign(above: Path) -> None:
    """`broadsheet build --out` names a folder that holds something else."""
    (above / "site").mkdir()
    (above / "site/letter.txt").write_bytes(b"mine")
    build(above)


def link(above: Path) -> None:
    """Somebody put a link into the output folder, where the site has a folder of its own."""
    (above / "elsewhere").mkdir()
    build(above)
    (above / "site/rivers").symlink_to(above / "elsewhere", target_is_directory=True)
    build(above, ("rivers/dane/index.html",))


def not_folder(above: Path) -> None:
    """`broadsheet build --out` names a file."""
    (above / "site").write_bytes(b"a file")
    build(above)


def locked(above: Path) -> None:
    """A build is started while another one still writes."""
    with _staged(above):
        build(above)


def manifest(above: Path) -> None:
    """The list of the files made, `.broadsheet/manifest.json`, was edited."""
    build(above)
    (above / "site" / STATE / "manifest.json").write_text("{")
    build(above)


def changed(above: Path) -> None:
    """A page is edited in the output folder while a build runs."""
    build(above)
    with _staged(above) as stage:
        (above / "site/index.html").write_bytes(b"meanwhile")
        stage.commit()


def failed(above: Path) -> None:
    """The disk is full."""
    with patch("generator.write._flush", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        build(above)


EXAMPLES: dict[str, Callable[[Path], None]] = {
    "output-path": path_,
    "output-twice": twice,
    "output-collision": collision,
    "output-foreign": foreign,
    "output-link": link,
    "output-not-folder": not_folder,
    "output-locked": locked,
    "output-manifest": manifest,
    "output-changed": changed,
    "output-failed": failed,
}


def problem_of(code: str) -> Problem:
    """What the example of a code is answered with. Raises AssertionError when it is answered by nothing else."""
    with TemporaryDirectory() as folder:
        try:
            EXAMPLES[code](Path(folder))
        except SourceError as error:
            [problem] = error.problems
            assert problem.code == code, f"{code} is answered with {problem}"
            return problem
    raise AssertionError(f"the example of {code} is not refused")


def said_of(code: str) -> tuple[str, str]:
    """What was done, and what is printed; the number of a process as NUMBER."""
    [text] = told([problem_of(code)])
    return EXAMPLES[code].__doc__ or "", re.sub(r"process \d+", "process NUMBER", text)
