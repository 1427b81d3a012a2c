"""A whole story in a folder of its own: the one that ships with the generator, to be changed from there."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from generator import __version__
from generator.new.files import cannot_write, fill, quoted
from generator.problems import Location, Problem, SourceError

SCAFFOLD = Path(__file__).resolve().parents[1] / "scaffold"
AROUND = {
    "README.md": "README.md",
    "requirements.txt": "requirements.txt",
    "gitignore": ".gitignore",
    "check.yml": ".github/workflows/check.yml",
    "comment.yml": ".github/workflows/comment.yml",
    "pages.yml": ".github/workflows/pages.yml",
    "refresh.yml": ".github/workflows/refresh.yml",
}
"""What stands around the story, by its name in the package: dotted names would act there, too."""
TITLE = "Where the Current Comes From"
"""The title of the story that ships; its line in two files is what another title replaces."""
_TITLED = ("content/site.yml", "content/index.md")


def new_story(folder: Path, title: str = "") -> list[str]:
    """Writes a small complete story into ``folder``, which must not exist or be empty but for ``.git``.

    Everything is written beside its place first and then renamed, so that a run cut short leaves nothing. Gives
    the paths written, below ``folder``. Raises SourceError.
    """
    title = title.strip() or TITLE
    _check_title(title)
    there = _check_folder(folder)
    beside = folder if there else folder.parent
    staging = beside / f".broadsheet-new-{secrets.token_hex(4)}"
    moved: list[Path] = []
    try:
        staging.mkdir()
        written = [_write(staging, name, source, title) for name, source in _files()]
        if there:
            for path in sorted(staging.iterdir()):
                moved.append(path.rename(folder / path.name))
            staging.rmdir()
        else:
            staging.rename(folder)
    except BaseException as error:
        for path in (staging, *moved):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise SourceError(cannot_write(str(folder), error)) from None
        raise
    return written


def _check_title(title: str) -> None:
    if re.search(r"[\x00-\x1f]|\{\{|\{%|\]\{", title):
        hint = "Give it plain words; what is computed can be written into content/site.yml afterwards."
        raise SourceError(Problem("bad-title", f"{title!r} cannot be the title", Location("--title"), hint))


def _check_folder(folder: Path) -> bool:
    """Whether the folder is there. Raises SourceError when nothing can be written into it."""
    place = Location(str(folder))
    if folder.is_dir():
        found = sorted(path.name for path in folder.iterdir() if path.name != ".git")
        if not found:
            return True
        message = f"the folder is not empty: it has {found[0]}" + (" and more" if len(found) > 1 else "")
        raise SourceError(Problem("folder-exists", message, place, "Name a folder that does not exist yet."))
    if folder.exists() or folder.is_symlink():
        raise SourceError(
            Problem("folder-exists", "that is a file", place, "Name a folder that does not exist yet.")
        )
    if not folder.parent.is_dir():
        message = f"there is no folder {str(folder.parent)!r} to put it into"
        raise SourceError(Problem("no-folder", message, place, "Make that folder first."))
    return False


def _files() -> Iterator[tuple[str, Path]]:
    """Path below the new folder, and the file that it is made from; in order. What is made there is left behind."""
    yield from ((name, SCAFFOLD / "around" / source) for source, name in AROUND.items())
    story = SCAFFOLD / "story"
    for path in sorted(story.rglob("*")):
        inner = path.relative_to(story)
        made = inner.parts[0] == "site" or any(part.startswith((".", "__pycache__")) for part in inner.parts)
        if path.is_file() and not made:
            yield inner.as_posix(), path


def _write(root: Path, name: str, source: Path, title: str) -> str:
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    if source.parent.name == "around":
        content = fill(content.decode(), title=title, version=__version__).encode()
    if name in _TITLED and title != TITLE:
        content = content.replace(f"title: {TITLE}\n".encode(), f"title: {quoted(title)}\n".encode())
    target.write_bytes(content)
    return name
