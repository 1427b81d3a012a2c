"""A text is compiled section by section, and reads as if it were one."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model import Rows
from generator.problems import Location, SourceError
from generator.prose.markdown import fill_plain
from generator.prose.render import Compiled, Language
from generator.prose.slots import Cited, Slot
from generator.values import NumberStyle


def language() -> Language:
    return Language(NumberStyle(), lambda _id, words, _where: Slot("text", words))


def shown(body: str, line: int = 1, **names: Any) -> str:
    speaker = language()
    made = speaker.render(speaker.compile(body, "content/a.md", line), names)
    return fill_plain(made.text, made.slots)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("# A\n{% set x = 'one' %}\n\n## B\n{{ x }}\n", "# A\n\n## B\none\n"),
        ("{% if yes %}{% set x = 'one' %}{% endif %}\n\n## B\n{{ x }}\n", "\n## B\none\n"),
        ("{% set x = 'one' %}\n## B\n{% set x = 'two' %}\n## C\n{{ x }}\n", "## B\n## C\ntwo\n"),
        ("{% for x in 'ab' %}\n\n## {{ x }}\n{% endfor %}\n\n## C\n", "\n## a\n\n## b\n\n## C\n"),
        ("{% if yes %}\n## A\n{% else %}\n## B\n{% endif %}\n## C\n", "## A\n## C\n"),
        ("A {% if yes -%}\n\n# B{% endif %}\n\n## C\n", "A # B\n\n## C\n"),
        ("A\n\n{%- if yes %} B{% endif %}\n# C\n", "A B\n# C\n"),
        ("{% if yes -%} A {%- endif -%}\n\n# C\n", "A# C\n"),
        ("# A\n\n# B\n\n# C\n", "# A\n\n# B\n\n# C\n"),
        ("\n\n# A\n", "\n\n# A\n"),
        (r"\{{ yes }} \{% if %} {", r"\{{ yes }} \{% if %} {"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("line", [1, 7])
def test_sections_read_as_one_text(body: str, text: str, line: int) -> None:
    assert shown(body, line, yes=True) == text


def test_every_section_knows_its_place() -> None:
    body = "# A\n\n{{ nobody }}\n\n## B\n\ntext {{ nothing }}\n\n{% if nowhere %}x{% endif %}\n"
    speaker = language()
    with pytest.raises(SourceError) as caught:
        speaker.render(speaker.compile(body, "content/a.md", 5), {})
    places = [problem.location for problem in caught.value.problems]
    assert places == [Location("content/a.md", line, column) for line, column in ((7, 1), (11, 6), (13, 1))]


@pytest.mark.parametrize(
    ("body", "line", "column", "code"),
    [
        ("# A\n\n## B\n\n{{ 1 + }}\n", 5, 1, "template-syntax"),
        ("# A\n\n## B\n\n{{ a | nosuch }}\n", 5, 1, "unknown-filter"),
        ("# A\n{% if a %}\n## B\n", 2, 1, "template-syntax"),
        ("# A\n\n## B\n{% for a, in b c %}{% endfor %}\n", 4, 1, "template-syntax"),
        ("# A\n\n## B\n{{ _hold(0, 1) }}\n", 4, 1, "undefined-name"),
        ("# A\n\n## B\n{{ self }}\n", 4, 1, "undefined-name"),
        ("# A\n\n## B\n{{ 2025-06-06 }}\n", 4, 1, "template-syntax"),
    ],
)
def test_what_is_wrong_in_a_later_section_is_told_at_its_place(
    body: str, line: int, column: int, code: str
) -> None:
    with pytest.raises(SourceError) as caught:
        language().compile(body, "content/a.md")
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.column, problem.code) == (line, column, code)


def _templates(made: Compiled) -> list[object]:
    return [part for part, _ in made.parts if not isinstance(part, str)]


def test_only_a_section_that_changes_is_compiled_again() -> None:
    body = "# A\n{{ a }}\n# B\n{{ b }}\n# C\n{{ c }}\n"
    speaker = language()
    first = _templates(speaker.compile(body, "content/a.md"))
    second = _templates(speaker.compile(body.replace("# B", "# Bb"), "content/a.md"))
    assert [a is b for a, b in zip(first, second, strict=True)] == [True, False, True]
    moved = _templates(speaker.compile(body.replace("# B", "more\n# B"), "content/a.md"))
    assert [a is b for a, b in zip(first, moved, strict=True)] == [False, True, True]
    elsewhere = _templates(speaker.compile(f"# Z\n\n{body}", "content/b.md"))
    assert [a is b for a, b in zip(first, elsewhere, strict=True)] == [True, True, True]


@pytest.mark.parametrize("above", ["", "# Z\n\n`code` {{ a }} [claimed]{claim=a}\n\n```figure line\n```\n\n"])
def test_a_section_that_was_compiled_elsewhere_says_its_own_places(above: str) -> None:
    body = "# A\n{{ a }} {% for x in [1] %}{{ a }}{% endfor %} `more {{ code }}`\n"
    speaker = language()
    speaker.compile(body, "content/other.md")
    made = speaker.render(
        speaker.compile(above + body, "content/a.md"),
        {"a": Cited("x", Rows("t", (2,)))},
        lambda number: f"<{number}>",
    )
    line = above.count("\n") + 2
    assert sorted(made.places.values())[-2:] == [("content/a.md", line, 1), ("content/a.md", line, 27)]
    assert "`more {{ code }}`" in made.text
