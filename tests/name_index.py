"""Makes docs/reference.md: every name that can be written or typed, and where it is described.

    python tests/name_index.py      (or: make docs)

The names are those of the READMEs, which test_docs.py holds to the code; what each does is said there alone.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from test_docs import DESIGNERS, DOCUMENTED, EDITORS, NEWCOMERS, ROOT, TABLES, _code, _documented, _section, _tables

from generator.claims.verdicts import VERDICTS
from generator.prose.filters import KEPT_BUILTINS, TESTS
from generator.prose.statements import ALLOWED
from generator.prose.views.entities import EntityView

REFERENCE = ROOT / "docs/reference.md"

HEAD = """\
# Every name, and where it is described

<!-- Made by `make docs` from the READMEs and the code; change those. -->

What each of these is, with examples, is said in one place, to which the heading of the group leads. A test holds the lists to the
code. What each problem's code means is in [problems.md](problems.md).
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Names of one kind, in the order of the table that describes them."""

    title: str
    path: str
    heading: str
    names: list[str]

    @property
    def link(self) -> str:
        """To the heading, as code hosts name them: small letters, hyphens for blanks, no other signs."""
        text = re.sub(r"[^\w -]", "", self.heading.lstrip("# ").lower())
        return f"../{self.path}#{text.replace(' ', '-')}"


def groups() -> tuple[Group, ...]:
    def table(title: str, path: str, heading: str, number: int = 0) -> Group:
        return Group(title, path, heading, _documented(path, heading, number))

    return (
        Group("Commands", NEWCOMERS, "## Commands", [f"broadsheet {name}" for name in DOCUMENTED["commands"][0]()]),
        Group("Options of the commands", NEWCOMERS, "## Commands", _options()),
        table("Keys of content/site.yml", EDITORS, "## site.yml"),
        table("Keys of the front matter", EDITORS, "## Front matter"),
        Group("Statements", EDITORS, "## Filters", [f"{{% {word} %}}" for word in ALLOWED]),
        Group("Names that are known everywhere", EDITORS, "## Values", ["data", "datasets", "claims"]),
        Group("What an entity has", EDITORS, "## Values", _of_an_entity()),
        table("What a value has", EDITORS, "## Values", 0),
        table("What a collection has", EDITORS, "## Values", 1),
        table("Filters", EDITORS, "## Filters"),
        Group("Filters of Jinja that work, too", EDITORS, "## Filters", list(KEPT_BUILTINS)),
        Group("Tests", EDITORS, "## Filters", [f"is {name}" for name in TESTS]),
        table("Kinds of figure", EDITORS, "## Figures", 0),
        table("Keys of a figure", EDITORS, "## Figures", 1),
        Group("Options of the kinds of figure", EDITORS, "## Figures", _kind_options()),
        table("Keys of a table", EDITORS, "## Tables"),
        table("Keys of content/claims.yml", EDITORS, "## Claims", 0),
        Group("Verdicts on claims", EDITORS, "## Claims", list(VERDICTS)),
        table("Keys of content/updates.yml", EDITORS, "## Updates and corrections"),
        table("Keys of a page's values.json", EDITORS, "## How a reader follows a number"),
        table("Keys of data/datapackage.json", TABLES, "## datapackage.json", 0),
        table("Keys of its resources", TABLES, "## datapackage.json", 1),
        table("Keys of data/measures.yml", TABLES, "## measures.yml"),
        table("Templates", DESIGNERS, "## Templates"),
        *(table(f"Variables of templates: {name}", DESIGNERS, f"### {name}") for name in ("site", "page")),
        *(table(f"Variables of templates: {name}", DESIGNERS, f"### {name}") for name in ("figure", "table")),
        table("Custom properties of the style sheet", DESIGNERS, "## Style", 0),
        table("Custom properties of charts", DESIGNERS, "## Style", 1),
    )


def _options() -> list[str]:
    rows = _tables(_section(NEWCOMERS, "## Commands"))[1]
    return [f"{_code(row[0])[0]} ({row[1]})" for row in rows]


def _of_an_entity() -> list[str]:
    return [name for name, made in vars(EntityView).items() if isinstance(made, property) and name[0] != "_"]


def _kind_options() -> list[str]:
    return [f"{_code(row[0])[0]} ({row[1]})" for row in _tables(_section(EDITORS, "## Figures"))[2]]


def reference() -> str:
    """The whole of docs/reference.md."""
    parts = [HEAD]
    for group in groups():
        file = f"[{group.path}]({group.link})"
        names = " · ".join(f"`{name}`" for name in group.names)
        parts.append(f"## {group.title}\n\nIn {file}.\n\n{names}\n")
    parts.append(_WORDS)
    return "\n".join(parts)


_WORDS = f"""\
## Words that can be held against the data

In [{EDITORS}](../{EDITORS}#words-held-against-the-data): numbers, shares, multiples, directions, ranks, lists, dates.
"""


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    sys.stdout.write(f"{REFERENCE.relative_to(ROOT)} is made anew\n")
