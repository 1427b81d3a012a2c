"""What the READMEs say is what the code does: every name documented, none that is gone, every example true."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from spec_keys import specs_in

from generator.charts import KINDS
from generator.charts.style import ROLES as CHART_ROLES
from generator.claims.spec import FileSpec
from generator.cli import main
from generator.config import SiteSpec
from generator.datasets.descriptor import Package, Resource
from generator.documents import FrontSpec
from generator.figures.spec import FigureSpec, TableSpec
from generator.measures.spec import MeasureSpec
from generator.problems import SourceError
from generator.prose.filters import FILTERS, KEPT_BUILTINS, TESTS
from generator.prose.markdown import fill_plain
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.statements import ALLOWED
from generator.prose.views import Views, groups, value
from generator.specs import keys_of
from generator.story import Story, load
from generator.updates import UpdatesSpec

ROOT = Path(__file__).resolve().parents[1]
EDITORS, DESIGNERS, TABLES, NEWCOMERS = "content/README.md", "templates/README.md", "data/README.md", "README.md"


# --- reading Markdown -----------------------------------------------------------------------------------


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _section(path: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    mark = heading.split(" ")[0]
    text = f"\n{_text(path)}"
    assert f"\n{heading}\n" in text, f"{path} has no heading {heading!r}"
    rest = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(mark)}}} ", rest)[0]


def _tables(text: str) -> list[list[list[str]]]:
    """The tables of a section: rows of cells, without heading and ruler."""
    found: list[list[list[str]]] = []
    open_table = False
    for line in text.splitlines():
        if not line.startswith("|"):
            open_table = False
            continue
        if not open_table:
            found.append([])
            open_table = True
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
        found[-1].append([cell.strip().replace(r"\|", "|") for cell in cells])
    return [rows[2:] for rows in found]


def _code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _documented(path: str, heading: str, table: int = 0) -> list[str]:
    """The names in the first column of a table."""
    return [name for row in _tables(_section(path, heading))[table] for name in _code(row[0])]


def _fenced(text: str, language: str) -> list[str]:
    """The contents of the fenced blocks of a language; a block inside a block is part of it."""
    found: list[str] = []
    mark, inside = "", ""
    for line in text.splitlines(keepends=True):
        fence = re.match(r"(`{3,})(.*)\n", line)
        if not mark and fence:
            mark, inside, kept = fence[1], "", fence[2] == language
        elif fence and fence[1] == mark and not fence[2]:
            found += [inside] if kept else []
            mark = ""
        else:
            inside += line
    return found


# --- what the code has ----------------------------------------------------------------------------------


def _keys(model: Any, *, depth: int = 9) -> Iterator[str]:
    """The keys of a spec as an author writes them, those of nested specs after a dot."""
    for key, info in keys_of(model).items():
        yield key
        if depth:
            for inner in specs_in(info.type):
                yield from (f"{key}.{name}" for name in _keys(inner, depth=depth - 1))


def _measure_keys() -> list[str]:
    # the time and entity of further tables are those of the measure, described once
    return [key for key in _keys(MeasureSpec) if not re.match(r"parts\.(entity|time)\.", key)]


def _figure_keys() -> list[str]:
    return [key for key in _keys(FigureSpec) if not key.startswith("columns.")]


def _package_keys() -> list[str]:
    # licences and sources of the whole are those of a table, and the tables are described below
    return [key for key in _keys(Package) if not re.match(r"(licenses|sources|resources)\.", key)]


def _literal_keys(path: Path, name: str) -> set[str]:
    """The keys of the dictionaries that a module assigns to ``name`` or returns from the function ``_name``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        made: list[ast.expr] = []
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            made.append(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == f"_{name}":
            made += [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value]
        for value_ in made:
            if isinstance(value_, ast.Dict):
                found |= {str(key.value) for key in value_.keys if isinstance(key, ast.Constant)}
    return found


def _made_variables(name: str) -> set[str]:
    makers = [
        path for folder in ("pages", "figures") for path in sorted((ROOT / "generator" / folder).glob("*.py"))
    ]
    made = set().union(*(_literal_keys(path, name) for path in (*makers, ROOT / "generator/freezing.py")))
    return made | ({"wide", "narrow"} if name == "figure" else set())


def _used_variables(name: str) -> set[str]:
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    inside = " ".join(code for text in templates for code in re.findall(r"\{[{%](.*?)[%}]\}", text, re.DOTALL))
    inside = re.sub(r"\"[^\"]*\"|'[^']*'", "", inside)
    return set(re.findall(rf"(?<![\w.]){name}\.(\w+)", inside))


# --- every name is documented, and no other ----------------------------------------------------------------

DOCUMENTED: dict[str, tuple[Callable[[], list[str]], Callable[[], Any]]] = {
    "filters": (lambda: _documented(EDITORS, "## Filters"), lambda: FILTERS),
    "kinds": (lambda: _documented(EDITORS, "## Figures", 0), lambda: KINDS),
    "front matter": (lambda: _documented(EDITORS, "## Front matter"), lambda: _keys(FrontSpec)),
    "figure keys": (lambda: _documented(EDITORS, "## Figures", 1), _figure_keys),
    "table keys": (lambda: _documented(EDITORS, "## Tables"), lambda: _keys(TableSpec)),
    "site.yml": (lambda: _documented(EDITORS, "## site.yml"), lambda: _keys(SiteSpec)),
    "values": (lambda: _documented(EDITORS, "## Values", 0), lambda: value._VALUE_NAMES),
    "collections": (lambda: _documented(EDITORS, "## Values", 1), lambda: groups._GROUP_NAMES),
    "measures.yml": (lambda: _documented(TABLES, "## measures.yml"), _measure_keys),
    "claims.yml": (lambda: _documented(EDITORS, "## Claims", 0), lambda: _keys(FileSpec)),
    "updates.yml": (lambda: _documented(EDITORS, "## Updates and corrections"), lambda: _keys(UpdatesSpec)),
    "datapackage.json": (lambda: _documented(TABLES, "## datapackage.json", 0), lambda: _package_keys()),
    "resources": (lambda: _documented(TABLES, "## datapackage.json", 1), lambda: _keys(Resource)),
    "templates": (
        lambda: _documented(DESIGNERS, "## Templates"),
        lambda: [p.relative_to(ROOT / "templates").as_posix() for p in (ROOT / "templates").rglob("*.html")],
    ),
    "commands": (
        lambda: [
            code.split()[1]
            for row in _tables(_section(NEWCOMERS, "## Commands"))[0]
            for code in _code(row[0])
            if not code.split()[1].startswith("-")
        ],
        lambda: main.commands,
    ),
}


@pytest.mark.parametrize("what", DOCUMENTED)
def test_every_name_is_documented_and_no_other(what: str) -> None:
    said, there = DOCUMENTED[what]
    names = said()
    assert len(names) == len(set(names)), "documented twice"
    assert sorted(names) == sorted(there())


@pytest.mark.parametrize("name", ["site", "page", "figure", "release", "table"])
def test_every_template_variable_is_documented_and_no_other(name: str) -> None:
    names = _documented(DESIGNERS, f"### {name}")
    assert sorted(names) == sorted(f"{name}.{key}" for key in _made_variables(name) | _used_variables(name))


def test_every_option_of_a_kind_is_documented_and_no_other() -> None:
    rows = _tables(_section(EDITORS, "## Figures"))[2]
    said = {(kind, _code(row[0])[0]) for row in rows for kind in row[1].split(", ")}
    assert said == {(kind.name, option) for kind in KINDS.values() for option in kind.options}


def test_statements_are_documented() -> None:
    section = _section(EDITORS, "## Filters")
    assert all(re.search(rf"`{{% {word}\b", section) for word in ALLOWED)


def test_builtin_filters_and_tests_are_documented() -> None:
    section = _section(EDITORS, "## Filters")
    listed = section[section.index("Some of Jinja's own filters") : section.index("The others")]
    assert sorted(_code(listed)) == sorted(KEPT_BUILTINS)
    assert all(f"`is {name}`" in section for name in TESTS)


def test_every_option_of_the_command_is_documented_and_no_other() -> None:
    said = {
        _code(row[0])[0].split()[0]: set(row[1].split(", "))
        for row in _tables(_section(NEWCOMERS, "## Commands"))[1]
    }
    there: dict[str, set[str]] = {}
    for name, command in main.commands.items():
        parts = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
        for option in (option for part in parts for option in part.params):
            if isinstance(option, click.Option):
                there.setdefault(option.opts[0], set()).add(name)
    assert said == there


def test_every_custom_property_is_documented_and_no_other() -> None:
    said = [_code(row[0]) for table in _tables(_section(DESIGNERS, "## Style")) for row in table]
    style = _text("templates/assets/style.css")
    declared = {
        name for root in re.findall(r":root \{([^}]*)\}", style) for name in re.findall(r"(--[\w-]+):", root)
    }
    expected = declared | {f"--chart-{role}" for role in CHART_ROLES} | {"--chart-font"}
    names: set[str] = set()
    for codes in said:
        if len(codes) == 2:  # --chart-c1 to --chart-c6
            first, last = (int(code[-1]) for code in codes)
            names |= {f"{codes[0][:-1]}{number}" for number in range(first, last + 1)}
        else:
            names.add(codes[0])
    assert names == expected


def test_the_exit_statuses_of_the_command_are_those_of_the_readme() -> None:
    statuses = _documented_statuses()
    for command in main.commands.values():
        for status in re.findall(r"(?:Exit status: |, )(\d) ", command.help or ""):
            assert status in statuses


def _documented_statuses() -> set[str]:
    return {row[0] for row in _tables(_section(NEWCOMERS, "## Commands"))[2]}


# --- links and paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        NEWCOMERS, "CONTRIBUTING.md", "CHANGELOG.md", EDITORS, DESIGNERS, TABLES, "docs/reference.md",
        "docs/scale.md",
    ],
)  # fmt: skip
def test_links_between_the_documents_lead_somewhere(path: str) -> None:
    text = re.sub(r"^(`{3,}).*?^\1$", "", _text(path), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith(("https://", "http://")):
            assert ((ROOT / path).parent / target).exists(), f"{path} links to {target}"


def test_the_layout_names_what_is_there() -> None:
    [listing] = _fenced(_section(NEWCOMERS, "## What is where"), "")
    for line in listing.splitlines():
        assert (ROOT / line.split()[0]).exists(), line
        for readme in re.findall(r"→ (\S+\.md)", line):
            assert (ROOT / readme).is_file(), line


# --- the examples are true -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The real story's tables, measures and collections, without its documents."""
    folder = tmp_path_factory.mktemp("tables")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "content").mkdir()
    shutil.copy(ROOT / "content/site.yml", folder / "content")
    return load(folder)


@pytest.fixture(scope="module")
def say(story: Story) -> Callable[[str], str]:
    """An expression of the page of Texas → its plain text."""
    views = Views(story)
    entity = views.find("states", "TX")
    language = Language(story.config.style, lambda _identity, words, _where: Slot("claim", words, "/claims/"))

    def print_(text: str) -> str:
        made = language.render(language.compile(text, "example.md"), {**views.globals(), **views.scope(entity)})
        return fill_plain(made.text, made.slots)

    return print_


FILTER_ROWS = {_code(row[0])[0]: row for row in _tables(_section(EDITORS, "## Filters"))[0]}


@pytest.mark.parametrize("name", FILTER_ROWS)
def test_the_example_of_a_filter_gives_what_is_said(name: str, say: Callable[[str], str]) -> None:
    _, _, example, gives = FILTER_ROWS[name]
    [expression] = _code(example)
    assert re.search(rf"\| {name}\b", expression), "the example uses another filter"
    assert say(expression) == gives


def test_the_message_shown_is_the_message_given(say: Callable[[str], str]) -> None:
    for path, heading in ((EDITORS, "## When something is wrong"), (NEWCOMERS, "## What an author writes")):
        shown = _fenced(_section(path, heading), "")[-1]
        with pytest.raises(SourceError) as caught:
            say("{{ state.agrements }}")
        [problem] = caught.value.problems
        assert f"error[{problem.code}]: {problem.message}" in shown


DOCUMENT_EXAMPLES = {
    NEWCOMERS: lambda: _fenced(_section(NEWCOMERS, "## What an author writes"), "markdown")[0],
    "a figure": lambda: _as_document(_fenced(_section(EDITORS, "## Figures"), "markdown")[0]),
    "a map": lambda: _as_document(_fenced(_section(EDITORS, "### Maps"), "markdown")[0]),
    "a table": lambda: _as_document(_fenced(_section(EDITORS, "## Tables"), "markdown")[0]),
}


def _as_document(body: str) -> str:
    return f'---\ntitle: "{{{{ state.name }}}}"\ndescription: An example.\n---\n{body}'


@pytest.mark.parametrize("name", DOCUMENT_EXAMPLES)
def test_the_example_documents_have_no_problem(name: str, story_slice: Callable[[Mapping[str, str]], Path]) -> None:
    from generator.build import check

    folder = story_slice({"content/states/[state].md": DOCUMENT_EXAMPLES[name]()})
    checked = check(folder)
    assert not checked.problems, "\n".join(map(str, checked.problems))
    assert checked.pages == 52, "the front page and one for each state"
