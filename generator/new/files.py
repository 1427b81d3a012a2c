"""Writing a few small files, all of them or none, and never over one that is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from generator.problems import Location, Problem, SourceError


def refuse_existing(root: Path, names: Mapping[str, str]) -> None:
    """Raises SourceError for each file (path below ``root`` → text) that is there already."""
    taken = [name for name in names if (root / name).exists() or (root / name).is_symlink()]
    hint = "It was not touched. Change it by hand, or rename it and ask again."
    if taken:
        raise SourceError(
            *(Problem("file-exists", f"{name} is there already", Location(name), hint) for name in taken)
        )


def write_new(root: Path, files: Mapping[str, str]) -> list[str]:
    """Writes ``files`` (path below ``root`` → text) and gives their paths.

    Whatever happens before the last is written, none of them is left, nor a folder that was made for them. Raises
    SourceError when one is there already or cannot be written.
    """
    refuse_existing(root, files)
    made: list[Path] = []
    try:
        for name, text in files.items():
            for folder in reversed((root / name).parents):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            with (root / name).open("x", encoding="utf-8", newline="\n") as file:
                made.append(root / name)
                file.write(text)
    except BaseException as error:
        remove(made)
        if isinstance(error, OSError):
            raise SourceError(cannot_write(name, error)) from None
        raise
    return list(files)


def remove(made: list[Path]) -> None:
    """Takes back what was made, the last first."""
    for path in reversed(made):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def cannot_write(name: str, error: OSError) -> Problem:
    return Problem("cannot-write", f"{name} cannot be written: {error.strerror or error}", Location(name))


def fill(text: str, **values: str) -> str:
    """``text`` with ``@name@`` replaced; braces, which documents are full of, stay as they are."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def quoted(text: str) -> str:
    """``text`` as YAML reads it between double quotes."""
    return json.dumps(text, ensure_ascii=False)
