"""Steps: what stands between ``::: steps`` and ``:::``."""

from __future__ import annotations

import pytest

from generator.prose.markdown import Converter, left_over
from generator.prose.slots import Slot

ONE, TWO = "<figure>one</figure>", "<figure>two</figure>"


def converted(text: str) -> str:
    slots = [Slot("block", ONE), Slot("block", TWO)]
    html = Converter().convert(text, slots, lambda address: address).html
    return "".join(line.strip() for line in html.splitlines())


def test_words_and_the_figure_after_them_are_a_step() -> None:
    body = "Before.\n\n::: steps\n\nA.\n\nB.\n\n\ue0000\ue001\n\nC.\n\n\ue0001\ue001\n\n:::\n\nAfter."
    assert converted(body) == (
        '<p>Before.</p><div class="steps">'
        f'<section class="step"><div class="step-words"><p>A.</p><p>B.</p></div>{ONE}</section>'
        f'<section class="step"><div class="step-words"><p>C.</p></div>{TWO}</section>'
        "</div><p>After.</p>"
    )


def test_words_without_a_figure_and_a_figure_without_words() -> None:
    body = "::: steps\n\n\ue0000\ue001\n\nOnly words.\n\n:::"
    assert converted(body) == (
        f'<div class="steps"><section class="step">{ONE}</section>'
        '<section class="step"><div class="step-words"><p>Only words.</p></div></section></div>'
    )


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("::: steps\n\nA.", "::: steps"),
        ("A.\n\n:::", ":::"),
        ("::: step\n\nA.\n\n:::", "::: step"),
        ("::: steps\nA.\n:::", "::: steps\nA.\n:::"),
    ],
)
def test_what_begins_or_ends_nothing_is_told(body: str, left: str) -> None:
    html = Converter().convert(body, [], lambda address: address).html
    found = list(left_over(html))
    assert (found[0].code, found[0].written) == ("steps-loose", left)
