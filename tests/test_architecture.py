"""The house: imports go one direction, the command starts fast, the generator knows no story."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = ROOT / "generator"

LAYERS = (
    "generator",
    "generator.problems",
    "generator.collecting",
    "generator.letters",
    "generator.git",
    "generator.reports",
    "generator.frames",
    "generator.model",
    "generator.inputs",
    "generator.store",
    "generator.bytecode",
    "generator.memory",
    "generator.source",
    "generator.embargoes",
    "generator.specs",
    "generator.reading",
    "generator.languages",
    "generator.values",
    "generator.config",
    "generator.datasets",
    "generator.words",
    "generator.measures",
    "generator.claims.spec",
    "generator.updates",
    "generator.releases",
    "generator.story",
    "generator.freshness",
    "generator.story_code",
    "generator.routes",
    "generator.moved",
    "generator.prose",
    "generator.claims",
    "generator.lint",
    "generator.tables",
    "generator.charts",
    "generator.cards",
    "generator.theme",
    "generator.figures.spec",
    "generator.documents",
    "generator.schemas",
    "generator.figures",
    "generator.outputs.downloads",
    "generator.outputs.feed",
    "generator.outputs.places",
    "generator.pages.receipts",
    "generator.outputs.values",
    "generator.checks",
    "generator.pages",
    "generator.outputs",
    "generator.write",
    "generator.run",
    "generator.prepare",
    "generator.processes",
    "generator.searched",
    "generator.making",
    "generator.workers",
    "generator.cluster",
    "generator.rendering",
    "generator.surveying",
    "generator.searching",
    "generator.build",
    "generator.freezing",
    "generator.explain",
    "generator.comparing",
    "generator.diff",
    "generator.refresh",
    "generator.new",
    "generator.publish",
    "generator.doctor",
    "generator.serve",
    "generator.completion",
    "generator.cli",
    "generator.__main__",
)
"""From the bottom up. A module imports from its own package and from what stands above it in this list.

A name stands for a module, or for a package and all in it that is not named itself.
"""

HEAVY = (
    "PIL",
    "altair",
    "babel",
    "duckdb",
    "jinja2",
    "markdown",
    "numpy",
    "openpyxl",
    "packaging",
    "pandas",
    "vl_convert",
    "watchfiles",
    "yaml",
)


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {
    _module_name(path): path
    for path in sorted(GENERATOR.rglob("*.py"))
    if not {"_theme", "scaffold"} & set(path.relative_to(GENERATOR).parts)
}
"""Without the story that ships for ``broadsheet new``: its Python files belong to it and import no part of the house."""


def _layer(module: str) -> str | None:
    """The longest entry of LAYERS that names the module or a package it is in."""
    fitting = [layer for layer in LAYERS if module == layer or module.startswith(f"{layer}.")]
    found = max(fitting, key=len, default=None)
    return None if found == "generator" != module else found


def _imports(module: str) -> Iterator[tuple[str, int]]:
    """The generator's modules that a module imports, anywhere in it, with the line."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "generator":
                    yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: relative import"
            if (node.module or "").partition(".")[0] == "generator":
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield (inner if inner in MODULES else str(node.module)), node.lineno


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_layer(module: str) -> None:
    assert _layer(module), f"say where {module} stands: add it to LAYERS"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_direction(module: str) -> None:
    own = _layer(module)
    wrong = [
        f"{module}, line {line}: imports {other}, which is not below it"
        for other, line in _imports(module)
        if _layer(other) is None
        or (_layer(other) != own and LAYERS.index(_layer(other) or "") >= LAYERS.index(own or ""))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_circle_inside_a_package() -> None:
    edges = {module: {other for other, _ in _imports(module)} - {module} for module in MODULES}
    left = dict(edges)
    while ready := [module for module, others in left.items() if not others & left.keys()]:
        for module in ready:
            del left[module]
    assert not left, f"these import each other: {', '.join(left)}"


# --- light imports --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("generator.cli", HEAVY),
        ("generator.charts", ("altair", "pandas", "vl_convert")),
        ("generator.build", ("altair", "pandas", "vl_convert")),
    ],
)
def test_imports_stay_light(module: str, absent: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print(*sorted(sys.modules.keys() & {set(absent)!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [], f"importing {module} imports them"


# --- the generator knows no story -------------------------------------------------------------------------

STORY_WORDS = (
    r"(?-i:ICE)", r"(?-i:TRAC)", r"(?-i:CBP)", r"(?-i:DHS)", r"287(?:\(g\))?", r"agreements?", r"arrests?", r"arrested",
    r"book-ins?", r"count(?:y|ies)", r"deport\w*", r"detain\w*", r"detention", r"(?-i:FIPS)", r"im?migrants?",
    r"immigration", r"jails?", r"removals?", r"removal orders?", r"sheriffs?(?:’s|'s)?", r"state laws?",
    r"state pages?", r"us states?", r"usps", r"census",
)  # fmt: skip
"""Words of the first story, whole words, in any case unless marked otherwise.

"state" alone is an ordinary word (what a program is in), and so may stand.
"""

PLACES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "District of Columbia", "Florida", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky",
    "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana",
    "Nebraska", "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota",
    "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island", "South Carolina", "South Dakota", "Tennessee",
    "Texas", "Utah", "Vermont", "Virginia", "Washington", "West Virginia", "Wisconsin", "Wyoming",
    "Puerto Rico", "Guam", "Doña Ana",
)  # fmt: skip
"""All names of the first story's places but Georgia, which is a typeface too."""

_STORY = re.compile(
    rf"(?<![\w$#.-])(?:{'|'.join((*STORY_WORDS, *map(re.escape, PLACES)))})(?![\w-])", re.IGNORECASE
)

SEARCHED = (
    ".py", ".html", ".css", ".js", ".mjs", ".svg", ".xml", ".json", ".md", ".yml", ".csv", ".tsv", ".txt",
)  # fmt: skip

GENERIC = [
    path
    for folder in (GENERATOR, ROOT / "templates")
    for path in sorted(folder.rglob("*"))
    if path.suffix in SEARCHED
    and "_theme" not in path.parts
    and not path.name.endswith("licences.txt")  # the terms of others are in their own words
]


@pytest.mark.parametrize("path", GENERIC, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_generator_knows_no_story(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()!r}"
        for number, line in enumerate(lines, start=1)
        for match in _STORY.finditer(line)
    ]
    assert not found, "\n".join(found)


def test_the_story_that_ships_is_searched_and_imports_nothing_of_the_house() -> None:
    story = GENERATOR / "scaffold/story"
    searched = [path for path in GENERIC if path.is_relative_to(story)]
    assert {path.suffix for path in searched} >= {".py", ".md", ".yml", ".json", ".csv", ".tsv", ".html"}
    for path in story.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in named if name.partition(".")[0] == "generator"], path


def test_the_search_for_story_words_finds_them() -> None:
    for said in ("by ICE and", "287(g)", "the counties", "Removal orders", "in New York."):
        assert _STORY.search(said), said
    for said in ("a state of things", "ice cream", "on the service", "#287aff", "a county-wide"):
        assert not _STORY.search(said), said
