"""Where a theme lies: that of the story, and the one that ships with the generator."""

from __future__ import annotations

from pathlib import Path


def default_theme() -> Path:
    """The theme that ships with the generator: inside the package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent.parent
    packaged = here / "_theme"
    return packaged if packaged.is_dir() else here.parent / "templates"


def theme_folders(root: Path) -> list[Path]:
    """The folders that a story's theme comes from, its own first; one, where they are the same."""
    folders = [folder for folder in (root / "templates", default_theme()) if folder.is_dir()]
    if len(folders) == 2 and folders[0].resolve() == folders[1].resolve():
        folders.pop()
    return folders
