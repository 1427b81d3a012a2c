"""After each of a hundred random edits an incremental build equals a clean one, byte for byte."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from test_builds import published
from test_cases import BASE

from generator.build import build
from generator.problems import Problem, SourceError

EDITS = 100
Edit = Callable[[Path, random.Random], str]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def _documents(story: Path) -> list[Path]:
    return sorted((story / "content").rglob("*.md"))


def sentence(story: Path, dice: random.Random) -> str:
    path = dice.choice(_documents(story))
    word = dice.choice(("river", "bridge", "mill", "market", "harbour"))
    lines = _lines(path)
    ends = [index for index, line in enumerate(lines) if line == "---"]
    if len(ends) > 1:
        lines.insert(dice.choice((ends[1] + 1, len(lines))), f"\nBeyond the {word}.\n")
    _write(path, lines)
    return f"a sentence in {path.name}"


def front_matter(story: Path, dice: random.Random) -> str:
    path = dice.choice(_documents(story))
    lines = _lines(path)
    key = dice.choice(("title", "kicker", "description", "draft", "toc", "updated", "noindex"))
    value = {
        "draft": dice.choice(("true", "false")),
        "toc": dice.choice(("true", "false")),
        "noindex": dice.choice(("true", "false")),
        "updated": "2026-05-18",
    }.get(key, f'"About {dice.choice(("towns", "mills", "rivers"))}"')
    at = next((index for index, line in enumerate(lines) if line.startswith(f"{key}:")), None)
    if at is not None:
        lines[at] = f"{key}: {value}"
    else:
        lines.insert(1, f"{key}: {value}")
    _write(path, lines)
    return f"{key} of {path.name}"


def cell(story: Path, dice: random.Random) -> str:
    path = dice.choice(sorted((story / "data").glob("*.csv")))
    lines = _lines(path)
    rows = [index for index, line in enumerate(lines) if index and line]
    at = dice.choice(rows)
    cells = lines[at].split(",")
    numbers = [index for index, text in enumerate(cells) if text.isdigit() and len(text) < 7]
    if not numbers:
        return f"no number on line {at + 1} of {path.name}"
    index = dice.choice(numbers)
    cells[index] = str(int(cells[index]) + dice.choice((1, -1, 10)))
    lines[at] = ",".join(cells)
    _write(path, lines)
    return f"line {at + 1} of {path.name}"


def row_gone(story: Path, dice: random.Random) -> str:
    path = dice.choice(sorted((story / "data").glob("*.csv")))
    lines = _lines(path)
    at = dice.choice([index for index, line in enumerate(lines) if index and line])
    del lines[at]
    _write(path, lines)
    return f"line {at + 1} of {path.name} removed"


def measure(story: Path, dice: random.Random) -> str:
    path = story / "data/measures.yml"
    text = path.read_text(encoding="utf-8")
    old, new = dice.choice(
        (("unit: loans", "unit: lendings"), ("unit: lendings", "unit: loans"), ("label:", "label: "))
    )
    path.write_text(text.replace(old, new), encoding="utf-8")
    return f"{old} in measures.yml"


def template(story: Path, dice: random.Random) -> str:
    path = story / "templates/partials/footer.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and dice.random() < 0.3:
        path.unlink()
        return "the footer is the theme's again"
    path.write_text(f"<footer><p>Set in {dice.choice(('lead', 'wood', 'stone'))}.</p></footer>\n", encoding="utf-8")
    return "the footer"


def style(story: Path, dice: random.Random) -> str:
    path = story / "templates/assets/style.css"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"body {{ margin: {dice.randrange(9)}px }}\n", encoding="utf-8")
    return "the style"


def chart_code(story: Path, dice: random.Random) -> str:
    size = dice.randrange(20, 90)
    (story / "content/charts.py").write_text(
        "import altair as alt\n\n\ndef towers(data, shape):\n"
        f"    return alt.Chart(data).mark_bar(size={size}).encode(x='label:N', y='value:Q')\n",
        encoding="utf-8",
    )
    (story / "content/towers.md").write_text(
        "---\ntitle: Towers\n---\n```figure towers\nof: towns\nvalue: row.loans\n"
        "title: Loans by town\ndescription: A bar for each town.\n```\n",
        encoding="utf-8",
    )
    return "chart code"


def setting(story: Path, dice: random.Random) -> str:
    path = story / "content/site.yml"
    lines = _lines(path)
    key, value = dice.choice(
        (
            ("title", dice.choice(("Borrowed", "Lent", "Returned"))),
            ("publisher", dice.choice(("The Town Crier", "The Bellman"))),
            ("language", dice.choice(("en", "en-GB"))),
            ("licence", dice.choice(("CC BY 4.0", "CC0"))),
        )
    )
    at = next((index for index, line in enumerate(lines) if line.startswith(f"{key}:")), None)
    if at is None:
        lines.insert(0, f"{key}: {value}")
    else:
        lines[at] = f"{key}: {value}"
    _write(path, lines)
    return f"{key} in site.yml"


def new_document(story: Path, dice: random.Random) -> str:
    name = dice.choice(("walks", "mills", "notes"))
    _write(story / f"content/{name}.md", ["---", f"title: {name}", "---", "", "Text. [Home](/)", ""])
    return f"{name}.md"


def own_document(story: Path, dice: random.Random) -> str:
    name = dice.choice(("birchmere", "aldford", "birchmere"))
    way = dice.choice(("before", "after", "replace"))
    _write(story / f"content/towns/{name}.md", ["---", f"body: {way}", "---", "", "Of this town alone.", ""])
    return f"a document for {name}"


def deletion(story: Path, dice: random.Random) -> str:
    path = dice.choice([*_documents(story), story / "content/charts.py", story / "content/claims.yml"])
    path.unlink(missing_ok=True)
    return f"{path.name} deleted"


def renaming(story: Path, dice: random.Random) -> str:
    path = dice.choice(_documents(story))
    target = path.with_name(f"{path.stem}-again.md") if dice.random() < 0.6 else path.with_name(path.name.upper())
    if path.name.startswith("[") or path.name in ("index.md", "404.md"):
        return "nothing renamed"
    path.rename(target.with_suffix(".md"))
    return f"{path.name} renamed {target.name}"


def case_change(story: Path, dice: random.Random) -> str:
    path = dice.choice(_documents(story))
    if path.name.startswith("["):
        return "nothing renamed"
    path.rename(path.with_name(path.name.swapcase().replace(".MD", ".md")))
    return f"{path.name} in other letters"


def output_touched(story: Path, dice: random.Random) -> str:
    files = sorted(
        path for path in (story / "site").rglob("*") if path.is_file() and ".broadsheet" not in path.parts
    )
    path = dice.choice(files)
    if dice.random() < 0.5:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[::-1])
    return f"{path.name} in the site"


def undo(story: Path, dice: random.Random) -> str:
    """Back to how it was at first, which the cache remembers."""
    name = dice.choice(("content", "data", "templates"))
    shutil.rmtree(story / name, ignore_errors=True)
    if (BASE / name).is_dir():
        shutil.copytree(BASE / name, story / name)
    return f"{name}/ as it was at first"


MANY: list[Edit] = [
    sentence,
    front_matter,
    cell,
    measure,
    template,
    style,
    chart_code,
    setting,
    new_document,
    own_document,
]
FEW: list[Edit] = [row_gone, deletion, renaming, case_change, output_touched, undo]


def _built(story: Path, out: Path, *, cache: bool) -> tuple[Problem, ...]:
    """The problems that kept the site from being built; none when it was."""
    try:
        build(story, out, cache=cache)
    except SourceError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("seed", [1, 2])
def test_incremental_equals_clean(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    # Images are made of the drawing alone, which has tests of its own; here they would take most of the time.
    monkeypatch.setattr("generator.figures.render.rasterised", lambda svg, fonts, scale: svg.encode())
    monkeypatch.setattr("generator.pages.maker.rasterised", lambda svg, fonts: svg.encode())
    build(story, story / "site")
    dice = random.Random(seed)
    done: list[str] = []
    succeeded = 0
    for _ in range(EDITS // 2):
        before = {name: (story / name).exists() for name in ("content", "data")}
        assert all(before.values())
        saved = {name: _copy(story / name) for name in ("content", "data", "templates")}
        site = published(story / "site")
        done.append(dice.choice(MANY if dice.random() < 0.7 else FEW)(story, dice))
        touched = published(story / "site")
        said = _built(story, story / "site", cache=True)
        shutil.rmtree(tmp_path / "clean", ignore_errors=True)
        expected = _built(story, tmp_path / "clean", cache=False)
        assert said == expected, done
        if not expected:
            succeeded += 1
            assert published(story / "site") == published(tmp_path / "clean"), done
            continue
        assert published(story / "site") == touched, done
        for name, files in saved.items():  # so that the next edit is of a story that builds
            _put_back(story / name, files)
        if touched != site:
            build(story, story / "site")
    assert succeeded > EDITS // 4, done


def _copy(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _put_back(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
