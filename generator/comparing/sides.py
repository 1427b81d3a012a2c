"""Another state of the data, laid below the same words: a folder, or a revision of the story's git repository."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from generator.comparing.changes import Side
from generator.config import SETTINGS, read_config
from generator.git import GitError, GitMissingError, ask
from generator.source import read_text

WORDS = ("content", "templates")
"""The folders of a story that are the same on both sides."""


class SideError(Exception):
    """There is no such state of the data."""


@contextmanager
def laid_over(story: Path, data: Path, *, whole: bool) -> Iterator[Path]:
    """A story with the words of ``story`` and other data, in a folder that is removed again.

    ``whole``: ``data`` takes the place of the story's ``data/``. Otherwise its files are laid over the story's, and
    the rules in its ``.py`` files are not run: data that somebody sends is not yet the story's own code. Raises
    SourceError when the settings cannot be read.
    """
    with TemporaryDirectory(prefix="broadsheet-") as above:
        made = Path(above) / "story"
        for folder in WORDS:
            if (story / folder).is_dir():
                shutil.copytree(story / folder, made / folder, symlinks=True)
        if not whole and (story / "data").is_dir():
            shutil.copytree(story / "data", made / "data", symlinks=True)
        if whole:
            shutil.copytree(data, made / "data", symlinks=True)
        else:
            _lay(data, made / "data")
        _copy_maps(story, made)
        yield made


def _lay(data: Path, over: Path) -> None:
    """Puts the files of one folder over those of another; never through a link, which may lead anywhere."""
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data)
        hidden = any(part.startswith((".", "__")) for part in name.parts)
        if path.suffix == ".py" or hidden or not path.is_file():
            continue
        target = over / name
        for above in (target, *target.parents):
            if above.is_symlink() and above.is_relative_to(over):
                above.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except OSError as error:
            raise SideError(f"{path} cannot be read: {error.strerror}") from None


def _copy_maps(story: Path, made: Path) -> None:
    """Maps may be kept outside of data/."""
    for name in read_config(read_text(story, SETTINGS)).spec.geometry.values():
        there, here = story / name, made / name
        inside = ".." not in Path(name).parts and there.resolve().is_relative_to(story.resolve())
        if inside and there.is_file() and not name.startswith("data/"):
            here.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(there, here)


def data_of_folder(folder: Path) -> Side:
    """Raises SideError when it holds no file that could be laid over."""
    if not any(path.is_file() for path in folder.rglob("*")):
        raise SideError(f"{folder} is empty: there is no data to compare with")
    return Side(f"the data in {folder}")


# --- git ------------------------------------------------------------------------------------------------


@contextmanager
def data_of_revision(story: Path, revision: str) -> Iterator[tuple[Path, Side]]:
    """The folder ``data/`` as it was at a revision, in a folder that is removed again. Raises SideError."""
    if not revision or revision.startswith("-") or "\0" in revision:
        raise SideError(f"{revision!r} is no revision")
    if not story.is_dir():
        raise SideError(f"{story} is no folder")
    top = _git(story, "rev-parse", "--show-toplevel", wrong=f"{story} is in no git repository")
    prefix = _git(story, "rev-parse", "--show-prefix", wrong=f"{story} is in no git repository")
    root = Path(top)
    unknown = f"the repository has no revision {revision!r}"
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", wrong=unknown)
    missing = f"at {revision} there is no folder {prefix}data"
    tree = _git(root, "rev-parse", "--verify", "--quiet", f"{commit}:{prefix}data", wrong=missing)
    with TemporaryDirectory(prefix="broadsheet-") as above:
        data = Path(above) / "data"
        data.mkdir()
        _write_tree(root, tree, data, missing)
        short = commit[:10]
        name = f"the data at {revision}" + ("" if short.startswith(revision) else f" ({short})")
        yield data, Side(name, commit)


def _write_tree(root: Path, tree: str, data: Path, wrong: str) -> None:
    """The files of a tree as they were committed, byte for byte."""
    listed = _run(root, "ls-tree", "-r", "-z", "--full-tree", tree, wrong=wrong).decode("utf-8", "surrogateescape")
    files = []
    for entry in filter(None, listed.split("\0")):
        about, _, name = entry.partition("\t")
        mode, kind, blob = about.split()
        path = PurePosixPath(name)
        if kind == "blob" and mode != "120000" and ".." not in path.parts and not path.is_absolute():
            files.append((path, blob))
    if not files:
        raise SideError(wrong)
    given = "".join(f"{blob}\n" for _, blob in files).encode()
    answer = _run(root, "cat-file", "--batch", given=given, wrong="git cannot read the files of that revision")
    at = 0
    for path, _ in files:
        end = answer.index(b"\n", at)
        header = answer[at:end].split()
        if len(header) < 3:  # "… missing", of a clone that does not have it
            raise SideError("git does not have all files of that revision")
        size = int(header[2])
        target = data / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1


def _git(folder: Path, *words: str, wrong: str) -> str:
    return _run(folder, *words, wrong=wrong).decode("utf-8", "surrogateescape").removesuffix("\n")


def _run(folder: Path, *words: str, wrong: str, given: bytes = b"") -> bytes:
    """What git answers. Raises SideError with ``wrong`` when it refuses, in git's own when only those help."""
    try:
        return ask(folder, *words, given=given)
    except GitMissingError as error:
        raise SideError(f"{error}; compare with a folder: --data DIR") from None
    except GitError as error:
        raise SideError(f"git: {error}" if "ownership" in str(error) else wrong) from None
