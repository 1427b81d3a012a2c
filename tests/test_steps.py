"""Steps on a page in a browser: beside their figure where there is room, one after the other elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.build import build

ROOT = Path(__file__).resolve().parents[1]
FIGURE = """```figure bars
id: {id}
of: towns.top("loans", 3)
value: row.loans
title: Loans, {id}
description: Bars, one for each town.
```
"""
BODY = (
    "---\ntitle: Steps\n---\n::: steps\n\nThe first words.\n\n"
    + FIGURE.format(id="first")
    + "\nThe second words.\n\n"
    + FIGURE.format(id="second")
    + "\n:::\n\nWhat follows.\n"
)


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    story = tmp_path_factory.mktemp("steps") / "story"
    shutil.copytree(ROOT / "tests/story", story, ignore=shutil.ignore_patterns("site", ".broadsheet"))
    (story / "content/steps.md").write_text(BODY, encoding="utf-8")
    build(story, story / "site")
    return story / "site"


def _shown(page: Any) -> list[bool]:
    """Of both figures, whether they are seen."""
    script = "() => ['first', 'second'].map(id => getComputedStyle(document.getElementById(id)).opacity === '1')"
    return list(page.evaluate(script))


def test_the_figure_goes_with_the_words_in_the_middle(stepped: Path, serve: Callable[..., str], page: Any) -> None:
    page.goto(serve(stepped) + "steps/")
    page.get_by_text("The first words.").evaluate("e => e.scrollIntoView({ block: 'center' })")
    page.wait_for_function("() => document.querySelector('.step.now #first')")
    assert _shown(page) == [True, False]
    first, words = page.locator("#first").bounding_box(), page.get_by_text("The first words.").bounding_box()
    assert words["x"] + words["width"] <= first["x"]
    page.get_by_text("The second words.").evaluate("e => e.scrollIntoView({ block: 'center' })")
    page.wait_for_function("() => document.querySelector('.step.now #second')")
    assert _shown(page) == [False, True]


def test_who_goes_by_the_keyboard_sees_what_has_the_focus(
    stepped: Path, serve: Callable[..., str], page: Any
) -> None:
    page.goto(serve(stepped) + "steps/")
    page.locator("#second .figure-bar a").first.focus()
    assert _shown(page) == [False, True]


def test_a_link_to_a_figure_shows_it(stepped: Path, serve: Callable[..., str], page: Any) -> None:
    page.goto(serve(stepped) + "steps/#second")
    page.wait_for_function("() => document.querySelector('.step.now #second')")
    assert _shown(page) == [False, True]


@pytest.mark.parametrize(("width", "script"), [(360, True), (1280, False)])
def test_elsewhere_they_stand_one_after_the_other(
    stepped: Path, serve: Callable[..., str], browser: Any, width: int, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(serve(stepped) + "steps/")
    places = [
        page.get_by_text("The first words."), page.locator("#first"), page.get_by_text("The second words."),
        page.locator("#second"), page.get_by_text("What follows."),
    ]  # fmt: skip
    tops = [place.bounding_box()["y"] for place in places]
    assert tops == sorted(tops)
    assert tops[2] >= tops[1] + places[1].bounding_box()["height"]
    assert all(page.locator(f"#{name}").is_visible() for name in ("first", "second"))
    context.close()


def test_on_paper_both_figures_are_seen(stepped: Path, serve: Callable[..., str], page: Any) -> None:
    page.goto(serve(stepped) + "steps/")
    page.emulate_media(media="print")
    assert _shown(page) == [True, True]
