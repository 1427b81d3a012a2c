"""What stands behind a figure that words do not agree with: whose it is, of when, and whose the typed number is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.model import Entity
from generator.prose.views.base import Lookup
from generator.prose.views.value import Value, asked_of
from generator.story import Story
from generator.values import NumberStyle, Quantity, QuantityError
from generator.words import shown
from generator.words.said import Number, Reading

Notes = tuple[tuple[str, str], ...]
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d{4,}(?![\d.,])")
_UNROUNDED = re.compile(r"\.\d{5}")
LEAST_SHARED = 100
"""A number below this is the figure of so many places and dates that it tells nothing of what was meant."""


def bearings(quantity: Quantity, story: Story | None, style: NumberStyle) -> Notes:
    """The figure with its unit, whose it is, the table and the date; nothing for what has no rows."""
    if story is None or not quantity.rows or not quantity.known or quantity.number is None:
        return ()
    ratio = quantity.kind == "ratio"
    figure = shown(quantity, style) if ratio else quantity.print(style, prose=False)
    derived = quantity.is_percentage or quantity.kind in ("change", "ratio")
    unit = "" if quantity.is_percentage or ratio else f" {quantity.unit}".rstrip()
    label = f", {quantity.label}" if derived and quantity.label and not ratio else ""
    of = f"{',' if derived else ' of'} {quantity.of}" if quantity.of else ""
    formula = _LONG_NUMBER.sub(lambda number: style.number(int(number[0])), quantity.formula)
    worked_out = f" ({formula})" if derived and formula and not _UNROUNDED.search(formula) else ""
    paths = [f"data/{story.resource(rows.dataset).path}" for rows in quantity.rows if rows.dataset in story.tables]
    when = style.period(quantity.period) if quantity.period else ""
    found = [("its figure", f"{figure}{unit}{label}{of}{worked_out}")]
    if paths:
        found.append(("from", ", ".join([*dict.fromkeys(paths), *filter(None, [when])])))
    return tuple(found)


def elsewhere(value: Value, readings: tuple[Reading, ...], style: NumberStyle) -> Notes:
    """Of what else the typed number is the figure (another date, level or place), and how to ask for that."""
    number = _typed(readings)
    if number is None or number < LEAST_SHARED:
        return ()
    found = [
        *_of_other_dates(value, number, style), *_of_other_levels(value, number), *_of_other_places(value, number)
    ]  # fmt: skip
    shown = style.number(number)
    return tuple((shown, f"{text}; if that is meant, write {how}") for text, how in found[:2])


def _typed(readings: tuple[Reading, ...]) -> float | None:
    """The number, if it was typed to its last digit and without a hedge."""
    for reading in readings:
        if isinstance(reading.meaning, Number):
            amount = reading.meaning.amount
            exact = amount.rule == "typed" and amount.hedge in ("", "exactly", "precisely") and amount.upto is None
            return amount.number if exact and not amount.unit and amount.step == 1 else None
    return None


def _of_other_dates(value: Value, number: float, style: NumberStyle) -> Iterator[tuple[str, str]]:
    own = value.quantity.period
    dates = [period for period, cell in value.series() if cell.number == number and period != own]
    if dates:
        date = min(dates, key=lambda period: abs((period.start - own.start).days) if own else 0)
        asks = f", and the expression asks for {style.period(own)}" if own else ""
        yield f"is the figure of {style.period(date)}{asks}", _asking(value, {"at": str(date)})


def _of_other_levels(value: Value, number: float) -> Iterator[tuple[str, str]]:
    views, measure, entity, asked = asked_of(value)
    cube = views.selector.cube(measure)
    own = {**cube.spec.default, **dict(asked)}
    for name, levels in cube.levels.items():
        labels = cube.spec.dimensions[name].levels
        for level in levels:
            if level != own.get(name) and _figure(views, measure, entity, {**dict(asked), name: level}) == number:
                now = f", and the expression asks for {labels.get(own[name], own[name])}" if name in own else ""
                yield f"is the figure of {labels.get(level, level)}{now}", _asking(value, {name: level})


def _of_other_places(value: Value, number: float) -> Iterator[tuple[str, str]]:
    views, measure, entity, asked = asked_of(value)
    for name, collection in views.story.collections.items():
        try:
            cells = views.selector.slice(measure, name, asked).cells
        except QuantityError:
            continue
        own = entity.key if name == entity.collection else None
        those = [other for other in collection if other.key != own and cells[other.key].number == number]
        if len(those) == 1:
            text = f"is the figure of {those[0].name}, and the expression asks for {entity.name}"
            yield text, f'{name}["{those[0].key}"].{_asking(value, {})}'


def _figure(views: Lookup, measure: str, entity: Entity, asked: Mapping[str, str]) -> float | None:
    try:
        cell = views.selector.slice(measure, entity.collection, tuple(sorted(asked.items()))).cells.get(entity.key)
    except QuantityError:
        return None
    return cell.number if cell else None


def _asking(value: Value, other: Mapping[str, str]) -> str:
    """How to ask for the same measure with something else selected."""
    _, measure, _, asked = asked_of(value)
    selection = {**dict(asked), **other}
    inner = ", ".join(
        f'{name}="{level}"' for name, level in sorted(selection.items(), key=lambda item: item[0] == "at")
    )
    return f"{measure}({inner})" if inner else measure
