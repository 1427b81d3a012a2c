"""The steps of the guides, done: what a guide says to write, written into the story that ``broadsheet new`` makes.

A step is what stands below a heading of a guide. Its fenced blocks are what is to be written, its inline code that
begins with ``broadsheet new`` is what is to be run. So a picture shows what the guide says, and a test that does
the steps finds a guide that is no longer true.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EDITORS, TABLES, DESIGNERS = (ROOT / folder / "README.md" for folder in ("content", "data", "templates"))

PAGE = "content/denmark-and-the-wind.md"
COUNTRY = "content/countries/[country].md"
ON_THE_PAGE = (
    "A number from the tables",
    "Your own words for a number",
    "A number that somebody else said",
    "A figure",
    "A table",
)
"""The steps of the editors' guide that write on ``PAGE``."""
LARGE = "A table too large for memory"
TYPED = "Denmark made 28,939 GWh."
FALSE_WORDS = '[More than half]{= countries.DK.mix(source="wind") } of it came from the wind.'
MISSPELT = "It sold {{ countries.DK.export | with_unit }}."


def section(guide: Path, heading: str) -> str:
    """What stands under a heading of the second level, up to the next one."""
    text = "\n" + guide.read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n## {heading}\n")
    if not found:
        raise ValueError(f"{guide} has no heading {heading!r}")
    pieces, fenced = [], ""
    for line in rest.splitlines(keepends=True):
        if fence := re.match("`{3,}", line):
            fenced = "" if fenced == fence[0] else fenced or fence[0]
        if not fenced and line.startswith("## "):
            break
        pieces.append(line)
    return "".join(pieces)


def blocks(guide: Path, heading: str, language: str) -> list[str]:
    """The fenced blocks of a language under a heading; a block inside a block is part of it."""
    found = re.findall(r"^(`{3,})([^\n]*)\n(.*?)^\1$", section(guide, heading), re.MULTILINE | re.DOTALL)
    return [text for _, name, text in found if name == language]


def commands(guide: Path, heading: str) -> list[list[str]]:
    """The arguments of each ``broadsheet new …`` that is named in the text under a heading."""
    text = re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", section(guide, heading), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"`broadsheet (new (?:page|ranking|entity) [^`]+)`", text)
    return [[quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|(\S+)', one)] for one in found]


def run(folder: Path, *arguments: str) -> str:
    """Runs ``broadsheet`` in a folder and gives what it says. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "generator", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def change(path: Path, old: str, new: str) -> None:
    """Puts ``new`` in the place of ``old``, which must stand in the file once."""
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{path} has {old!r} {text.count(old)} times")
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")


def begin(parent: Path, name: str = "current") -> Path:
    """The story as ``broadsheet new`` writes it."""
    run(parent, "new", name)
    return parent / name


def edit(story: Path) -> None:
    """Does the steps of the editors' guide."""
    for heading in ON_THE_PAGE:
        for command in commands(EDITORS, heading):
            run(story, *command)
        for text in blocks(EDITORS, heading, "markdown"):
            append(story / PAGE, text)

    [command] = commands(EDITORS, "A ranking")
    run(story, *command)
    [lead] = blocks(EDITORS, "A ranking", "yaml")
    change(story / "content/rankings/imports.md", "# lead: …\n", lead)
    [link] = re.findall(r"`(- \{title:[^`]+)`", section(EDITORS, "A ranking"))
    change(story / "content/site.yml", "\nclaims_page:", f"  {link}\n\nclaims_page:")

    [number] = blocks(EDITORS, "One document for every place", "yaml")
    change(story / COUNTRY, "\nneighbours:", f"\n{number}neighbours:")

    [command] = commands(EDITORS, "One place that is different")
    run(story, *command)
    [text] = blocks(EDITORS, "One place that is different", "markdown")
    append(story / "content/countries/norway.md", text)


def begin_page(story: Path, text: str = "", *, draft: bool = False) -> None:
    """The page of the editors' guide as it is begun, with a line of ours at its end."""
    [command] = commands(EDITORS, "A number from the tables")
    run(story, *command)
    append(story / PAGE, f"{text}\n")
    if draft:
        change(story / PAGE, "\n---\n<!--", "\ndraft: true\n---\n<!--")


def commit(story: Path) -> None:
    """Puts the story under git, as it is."""
    identity = ("-c", "user.name=Editor", "-c", "user.email=editor@example.org")
    for arguments in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "The story as it came")):
        subprocess.run(["git", *arguments], cwd=story, check=True)


def break_a_cell(story: Path) -> None:
    """Changes the cell that the guide to the tables says others contradict."""
    change(story / "data/supply.csv", "DK,2018,28939.089,", "DK,2018,29000,")


def correct_a_cell(story: Path) -> None:
    """Changes the row that the guide to the tables says nothing contradicts."""
    [(old, new)] = re.findall(r"the row `(.+?)` becomes `(.+?)`", section(TABLES, "Change a cell"))
    change(story / "data/by_source.csv", old, new)


def add_a_row(story: Path) -> None:
    [row] = re.findall(r": `(MT,.+?)`", section(TABLES, "Add a row"))
    path = story / "data/population.csv"
    path.write_text(f"{path.read_text(encoding='utf-8')}{row}\n", encoding="utf-8")


def add_a_table(story: Path) -> None:
    [rows] = blocks(TABLES, "Add a table", "csv")
    [resource] = blocks(TABLES, "Add a table", "json")
    (story / "data/seats.csv").write_text(rows, encoding="utf-8")
    path = story / "data/datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"].append(json.loads(resource))
    path.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def add_a_measure(story: Path) -> None:
    """Adds the measure of the table that ``add_a_table`` adds, and the page that prints it."""
    [measure] = blocks(TABLES, "Add a measure", "yaml")
    append(story / "data/measures.yml", measure)
    [command] = commands(TABLES, "Add a measure")
    run(story, *command)
    [text] = blocks(TABLES, "Add a measure", "markdown")
    append(story / "content/seats.md", text)


def add_a_large_table(story: Path) -> None:
    """Makes the Parquet file, describes it, and adds its measure, the query over it, and the page."""
    [made] = blocks(TABLES, LARGE, "python")
    subprocess.run([sys.executable, "-c", made], cwd=story, check=True)
    path = story / "data/datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"] += map(json.loads, blocks(TABLES, LARGE, "json"))
    path.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    [measure] = blocks(TABLES, LARGE, "yaml")
    append(story / "data/measures.yml", measure)
    [command] = commands(TABLES, LARGE)
    run(story, *command)
    [text] = blocks(TABLES, LARGE, "markdown")
    append(story / "content/hours.md", text)


def change_the_colour(story: Path) -> None:
    """Takes the theme's style sheet over and sets the properties of the designers' guide."""
    sheet = (ROOT / "templates/assets/style.css").read_text(encoding="utf-8")
    [wanted] = blocks(DESIGNERS, "Change a colour", "css")
    rule = re.compile(r"^:root \{\n.*?^\}", re.MULTILINE | re.DOTALL)
    changed = rule.sub(lambda found: _set(found[0], wanted), sheet, count=1)
    (story / "templates/assets").mkdir(parents=True)
    (story / "templates/assets/style.css").write_text(changed, encoding="utf-8")


def _set(rule: str, declarations: str) -> str:
    """A rule with these declarations in the place of those of the same properties, or at its end."""
    body, _, end = rule.rpartition("\n")
    for line in declarations.splitlines():
        name = line.partition(":")[0].strip()
        body, replaced = re.subn(rf"^ *{name}:.*$", line, body, flags=re.MULTILINE)
        body = body if replaced else f"{body}\n{line}"
    return f"{body}\n{end}"


def change_the_footer(story: Path) -> None:
    [line] = blocks(DESIGNERS, "Change the footer", "html")
    change(
        story / "templates/partials/footer.html", '<footer class="footer">\n', f'<footer class="footer">\n{line}'
    )


def change_the_template(story: Path) -> None:
    [template] = blocks(DESIGNERS, "A template for one kind of page", "html")
    (story / "templates/entity.html").write_text(template, encoding="utf-8")
