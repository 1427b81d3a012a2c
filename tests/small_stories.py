"""Small stories, written in the test that needs them: tables as CSV, measures as YAML, nothing else.

The header of a table names its fields and their types: ``town,date:date,visitors:integer``. A field without a
type holds text.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from generator.problems import Location
from generator.prose.markdown import Converter, fill_plain, safe_address
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.views import Views
from generator.story import Story, load
from generator.values import NumberStyle

TOWNS = """\
    code,name,province
    ASH,Ashby,N
    BIR,Birch,N
    CED,Cedar,S
    DOV,Dover,S
"""
PROVINCES = """\
    code,name
    N,North
    S,South
"""
LANDS = """\
    code,name
    L,Land
"""
VISITS_BY_KIND = """\
    visits:
      label: visits
      from: visits
      value: visits
      entity: {town: town}
      unit: visits
      time: {month: month, type: flow}
      incomplete: partial
      default: {at: "2025-01"}
      dimensions: {kind: {additive: true, levels: {adult: Adults, child: Children}}}
"""
"""A measure of a table with town, month, kind, visits and partial."""

SETTINGS = """\
title: Small
description: A story in a test.
numbers: {percent: percent}
collections:
  lands: {one: land, from: lands, key: code, name: name}
  provinces: {one: province, from: provinces, key: code, name: name, path: "{slug}/", parent: lands}
  towns:
    one: town
    from: towns
    key: code
    name: name
    path: "{parent}/{slug}/"
    parent: {collection: provinces, field: province}
"""


def write_story(
    root: Path, tables: Mapping[str, str], measures: str = "", settings: str = SETTINGS, relations: str = ""
) -> Path:
    """Writes a story of towns in provinces in a land, with the tables and measures given."""
    everything = {"towns": TOWNS, "provinces": PROVINCES, "lands": LANDS, **tables}
    (root / "content").mkdir(parents=True, exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    (root / "content/site.yml").write_text(settings + (f"    relations: {relations}\n" if relations else ""))
    (root / "data/measures.yml").write_text(textwrap.dedent(measures))
    resources = []
    for name, text in everything.items():
        header, _, body = textwrap.dedent(text).partition("\n")
        fields = [part.partition(":") for part in header.split(",")]
        resources.append(
            {
                "name": name,
                "path": f"{name}.csv",
                "schema": {"fields": [{"name": field, "type": kind or "string"} for field, _, kind in fields]},
            }
        )
        head = ",".join(field for field, _, _ in fields)
        (root / f"data/{name}.csv").write_text(f"{head}\n{body}", encoding="utf-8")
    (root / "data/datapackage.json").write_text(json.dumps({"resources": resources}))
    return root


class Small:
    """A loaded small story, to be asked expressions and to print documents."""

    def __init__(self, story: Story, style: NumberStyle | None = None) -> None:
        self.story = story
        self.views = Views(story)
        self.style = style or story.config.style
        self.language = Language(self.style, lambda claim, words, where: Slot("claim", words, f"/claims/#{claim}"))
        self.converter = Converter()

    def names(self, town: str = "ASH") -> dict[str, Any]:
        return {**self.views.globals(), **self.views.scope(self.views.find("towns", town))}

    def ask(self, expression: str, town: str = "ASH", **more: Any) -> Any:
        """What an expression gives on a town's page. Raises SourceError."""
        compiled = self.language.expression(expression, Location("content/x.md", 1, 1))
        return self.language.evaluate(compiled, {**self.names(town), **more})

    def text(self, body: str, town: str = "ASH", **more: Any) -> str:
        """A body as plain text, Markdown left as it is."""
        made = self._render(body, town, more)
        return fill_plain(made.text, made.slots)

    def html(self, body: str, town: str = "ASH", **more: Any) -> str:
        made = self._render(body, town, more)
        return self.converter.convert(made.text, made.slots, safe_address).html

    def _render(self, body: str, town: str, more: Mapping[str, Any]) -> Any:
        compiled = self.language.compile(body, "content/x.md")
        return self.language.render(compiled, {**self.names(town), **more})


def small(root: Path, tables: Mapping[str, str], measures: str = "", **more: Any) -> Small:
    """Raises SourceError with what is wrong with it."""
    return Small(load(write_story(root, tables, measures, **more)))


Maker = Callable[..., Small]
