"""The JSON Schemas for editors: made from the types, right of what is written, and those in docs/schemas the present ones."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from spec_keys import specs_in

from generator.cli import main
from generator.cli.editors import SCHEMAS
from generator.problems import Problem, SourceError
from generator.reading import read_spec
from generator.schemas import DIALECT, FORMS, KINDS, descriptions, editor_settings, file_name, schema
from generator.source import MapNode, parse_yaml
from generator.specs import Spec, keys_of

ROOT = Path(__file__).resolve().parents[1]
STORIES = {"the real story": ROOT, "the base story": Path(__file__).parent / "story"}


# --- as an editor sees a file -----------------------------------------------------------------------------


def resolved(text: str) -> Any:
    """YAML with numbers and booleans resolved; dates stay text, and keys are text, as in JSON."""
    return _as_json(yaml.safe_load(text))


def _as_json(given: Any) -> Any:
    if isinstance(given, dict):
        return {_key(key): _as_json(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_as_json(item) for item in given]
    return given.isoformat() if isinstance(given, dt.date) else given


def _key(key: object) -> str:
    return key.isoformat() if isinstance(key, dt.date) else str(key)


def unresolved(text: str) -> Any:
    """YAML with every scalar as text, as the generator reads it."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def wrong(name: str, written: Any) -> list[str]:
    return [error.message for error in validator(name).iter_errors(written)]


def front_matter(path: Path) -> str:
    match = re.match(r"---[ \t]*\n(.*?)^---", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return match[1] if match else ""


def blocks(path: Path, what: str) -> list[str]:
    return re.findall(rf"^```{what}\b.*?\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def documents(story: Path) -> list[Path]:
    return [path for path in sorted((story / "content").rglob("*.md")) if path.name != "README.md"]


def written(name: str, story: Path) -> Iterator[str]:
    """Everything in a story that a schema is for."""
    kind = KINDS[name]
    if kind.file and (story / kind.file).is_file():
        yield (story / kind.file).read_text(encoding="utf-8")
    if kind.file:
        return
    for path in documents(story):
        yield from filter(None, [front_matter(path)]) if name == "front-matter" else blocks(path, name)


@pytest.mark.parametrize("where", STORIES)
@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_validates(name: str, where: str) -> None:
    texts = list(written(name, STORIES[where]))
    assert texts or (name, where) == ("updates", "the base story"), "nothing was looked at"
    for text in texts:
        for read in (unresolved, resolved):
            assert wrong(name, read(text)) == [], text


# --- complete -----------------------------------------------------------------------------------------------


def shapes(name: str) -> set[type[Spec]]:
    """All specs that a schema is made of."""
    found: set[type[Spec]] = set()

    def walk(model: Any) -> None:
        if model not in found:
            found.add(model)
            for info in keys_of(model).values():
                for inner in specs_in(info.type):
                    walk(inner)

    walk(KINDS[name].model)
    return found


@pytest.mark.parametrize("name", KINDS)
def test_every_key_of_every_shape_is_in_the_schema(name: str) -> None:
    defs = schema(name)["$defs"]
    for model in shapes(name):
        forms = defs[model.__name__]
        wholes = [form for form in forms.get("anyOf", [forms]) if form.get("additionalProperties") is False]
        assert [set(whole["properties"]) for whole in wholes] == [set(keys_of(model))]
        needed = {key for key, info in keys_of(model).items() if info.required}
        assert set(wholes[0]["required"]) == needed


@pytest.mark.parametrize("name", [name for name in KINDS if name != "datapackage"])
def test_every_key_is_described(name: str) -> None:
    """The keys of a data package are described by its standard."""
    missing = [
        f"{model.__name__}.{field}"
        for model in shapes(name)
        for field in model.__struct_fields__
        if field not in descriptions(model)
    ]
    assert missing == []
    [whole] = list(_objects(schema(name)["$defs"][KINDS[name].model.__name__]))
    assert all(each.get("description") for each in whole["properties"].values())


def _objects(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for form in made.get("anyOf", [made]):
        if form.get("additionalProperties") is False:
            yield form


def test_every_shape_with_a_reading_of_its_own_says_how_it_may_be_written() -> None:
    everything = set().union(*(shapes(name) for name in KINDS))
    own = {model for model in everything if "rewritten" in vars(model)}
    assert own == set(FORMS)


@pytest.mark.parametrize("name", KINDS)
def test_a_schema_is_one(name: str) -> None:
    made = schema(name)
    assert made["$schema"] == DIALECT
    Draft202012Validator.check_schema(made)
    refs = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(made)))
    assert refs == set(made["$defs"])


def test_choices_are_listed() -> None:
    assert schema("front-matter")["$defs"]["FrontSpec"]["properties"]["body"]["enum"] == [
        "replace",
        "before",
        "after",
    ]
    assert schema("measures")["$defs"]["TimeSpec"]["properties"]["type"]["enum"] == ["stock", "flow", "mean"]


# --- mistakes and freedoms --------------------------------------------------------------------------------------

SITE = "title: A\ndescription: B\n"
MEASURE = "loans:\n  from: loans\n  value: loans\n  entity: town\n  unit: loans\n"
FIGURE = "title: A\ndescription: B\n"

MISTAKES = [
    ("site", SITE + "publishr: A\n"),
    ("site", "title: A\n"),
    ("site", "- title: A\n"),
    ("site", SITE + "navigation: {title: A, page: b/}\n"),
    ("site", SITE + "navigation: [{title: A, pages: b/}]\n"),
    ("site", SITE + "numbers: {spell_out_below: ten}\n"),
    ("site", SITE + "numbers: {serial_comma: perhaps}\n"),
    ("site", SITE + "collections: {towns: {one: town, from: towns, key: code}}\n"),
    ("site", SITE + "collections: {towns: {one: town, from: towns, key: code, name: name, parent: [a]}}\n"),
    ("site", SITE + "collections: [towns]\n"),
    ("site", "title: [A]\ndescription: B\n"),
    ("measures", MEASURE + "  units: loans\n"),
    ("measures", MEASURE + "  kind: text\n"),
    ("measures", MEASURE + "  time: year\n"),
    ("measures", MEASURE + "  time: {at: day, type: stocks}\n"),
    ("measures", MEASURE + "  dimensions: {status: {levels: {a: A}}}\n"),
    ("measures", MEASURE + "  rank: first\n"),
    ("measures", MEASURE + "  no_row: nothing\n"),
    ("measures", MEASURE + "  consistency: {range: [0, 1, 2]}\n"),
    ("measures", MEASURE + "  consistency: {range: [0, many]}\n"),
    ("measures", MEASURE + "  decimals: 1.5\n"),
    ("measures", MEASURE.replace("entity: town", "entity: [town]")),
    ("measures", MEASURE.replace("entity: town", "entity: {columns: {town: town}, town: town}")),
    ("measures", "- loans\n"),
    ("claims", "claims: [{claim: A}]\n"),
    ("claims", "published: 8 June 2025\n"),
    ("claims", "claims: [{id: a, claim: A, declared: maybe, reason: b}]\n"),
    ("claims", "claims: {id: a, claim: A}\n"),
    ("claims", "claims: [{id: a, claim: A, checks: [{word: one, value: x}]}]\n"),
    ("front-matter", "titel: A\n"),
    ("front-matter", "toc: never\n"),
    ("front-matter", "body: instead\n"),
    ("front-matter", "numbers: {label: A, value: b}\n"),
    ("front-matter", "numbers: [{label: A}]\n"),
    ("front-matter", "children: provinces\n"),
    ("figure", "title: A\n"),
    ("figure", FIGURE + "every: week\n"),
    ("figure", FIGURE + "skip: 2025-01-01\n"),
    ("figure", FIGURE + "option: {zero: no}\n"),
    ("table", "title: A\nof: towns\n"),
    ("table", "title: A\nof: towns\ncolumns: []\n"),
    ("table", "title: A\nof: towns\ncolumns: name\n"),
    ("table", "title: A\nof: towns\ncolumns: [{label: A}]\n"),
    ("datapackage", "resources: [{name: a, path: a.csv}]\n"),
    ("datapackage", "resources: [{name: a, path: a.csv, schema: {fields: [{name: b, type: text}]}}]\n"),
    ("datapackage", "resources: [{name: a, path: a.csv, schema: {fields: []}, encoding: latin-1}]\n"),
]


RESOLVED_MISTAKES = [
    ("site", SITE + "numbers: {spell_out_below: 14}\n"),
    ("site", SITE + "publisher:\n"),
    ("measures", MEASURE + "  consistency: {change: 1}\n"),
    ("figure", FIGURE + "top: 0\n"),
]
"""Seen only where numbers are numbers and nothing is null, as in an editor."""


@pytest.mark.parametrize(("name", "text"), MISTAKES + RESOLVED_MISTAKES)
def test_mistakes_fail(name: str, text: str) -> None:
    assert wrong(name, resolved(text)), "as an editor sees it"
    if (name, text) in MISTAKES:
        assert wrong(name, unresolved(text)), "as text"
    with pytest.raises(SourceError):
        read(name, text)


def read(name: str, text: str) -> None:
    """As the generator does. Raises SourceError."""
    node = parse_yaml(text, "x.yml")
    if KINDS[name].named and not isinstance(node, MapNode):
        raise SourceError(Problem("wrong-shape", "no mapping", node.location))
    for each in node.entries.values() if KINDS[name].named and isinstance(node, MapNode) else [node]:
        read_spec(each, KINDS[name].model, "x")


FREEDOMS = [
    ("site", SITE + "requires-broadsheet: 0.2\n"),
    ("site", "title: 1984\ndescription: No\nlanguage: NO\n"),
    ("site", SITE + 'numbers: {spell_out_below: "10", serial_comma: "true", percent_decimals: 01}\n'),
    ("site", SITE + "collections: {a: {one: b, from: c, key: d, name: e, where: {f: NO, g: [1, true, x]}, parent: h}}\n"),
    ("site", SITE + "collections:\n  a:\n    one: b\n    from: c\n    key: d\n    name: e\n    parent:\n"),
    ("measures", MEASURE + "  rank: lowest\n  whole: none\n  no_row: zero\n  count: yes\n"),
    ("measures", MEASURE + "  rank: {reported: rank}\n  whole: {value: sum, note: A}\n  no_row: {else: zero}\n"),
    ("measures", MEASURE + "  consistency: {range: [0, 5000], change: 3, part_of_whole: true}\n"),
    ("measures", MEASURE + "  consistency: {range: {minimum: -0.5}, change: {factor: 1.5}}\n"),
    ("measures", MEASURE + "  categories: {a: A, b: {label: B}, 1: 2}\n  where: {year: 2025}\n"),
    ("measures", MEASURE.replace("entity: town", "entity: {town: town, by: level, outside: [01, NO]}")),
    ("measures", MEASURE.replace("entity: town", "entity: {columns: {town: town}, by: level}")),
    ("claims", "who: A\npublished: 2025-06-08\nclaims: [{id: a, claim: 2, declared: not checkable, reason: b}]\n"),
    ("front-matter", "title: 2026\nnoindex: true\ntoc: false\nupdated: 2026-01-01\ndraft: no\n"),
    ("figure", FIGURE + "top: '10'\nskip: [2025-01-01]\nselect: {year: 2025}\noptions: {zero: false, breaks: [1, 2]}\n"),
    ("table", "title: A\nof: towns\ncolumns:\n  - name\n  - value: row.loans\n    decimals: 1\n    unit:\n  - row.loans\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), FREEDOMS)
def test_what_the_generator_reads_validates(name: str, text: str) -> None:
    read(name, text)
    assert wrong(name, resolved(text)) == []
    if not re.search(r"(parent|unit):\n", text):  # a key without a value is no text
        assert wrong(name, unresolved(text)) == []


# --- the command ------------------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["schema", *words], catch_exceptions=False)


def test_the_committed_schemas_are_those_of_this_version() -> None:
    folder = ROOT / "docs/schemas"
    assert {path.name for path in folder.glob("*.json")} == {file_name(name) for name in KINDS}
    for name in KINDS:
        committed = json.loads((folder / file_name(name)).read_text(encoding="utf-8"))
        assert committed == schema(name), "make them anew: broadsheet schema --out docs/schemas"


def test_the_command_knows_every_schema() -> None:
    assert list(KINDS) == SCHEMAS


@pytest.mark.parametrize("name", KINDS)
def test_the_command_prints_one(name: str) -> None:
    result = run(name)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema(name)


def test_the_command_writes_all_where_an_editor_can_refer_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run()
    assert result.exit_code == 0
    settings = json.loads(result.stdout)
    named = [*settings["yaml.schemas"], *(each["url"] for each in settings["json.schemas"])]
    for path in named:
        assert path.startswith("./.broadsheet/schemas/")
        Draft202012Validator.check_schema(json.loads((tmp_path / path).read_text(encoding="utf-8")))
    files = [*settings["yaml.schemas"].values(), *(each["fileMatch"][0] for each in settings["json.schemas"])]
    assert all((ROOT / file).is_file() for file in files)


def test_the_command_writes_into_a_folder(tmp_path: Path) -> None:
    assert run("site", "--out", str(tmp_path / "a/b")).exit_code == 0
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["site.schema.json"]
    assert f'"{(tmp_path / "a/b").as_posix()}/site.schema.json": "content/site.yml"' in editor_settings(
        (tmp_path / "a/b").as_posix()
    )


def test_a_folder_that_cannot_be_written_to_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("--out", str(tmp_path / "file/schemas"))
    assert result.exit_code == 2
    assert "cannot be written to" in result.output


def test_the_readme_shows_the_settings_that_the_command_prints() -> None:
    text = (ROOT / "content/README.md").read_text(encoding="utf-8")
    shown = [
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "yaml.schemas" in block
    ]
    assert shown == [json.loads(editor_settings(".broadsheet/schemas"))]
