"""What a check of the whole story costs, counted instead of timed: nothing is worked out twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from small_stories import VISITS_BY_KIND, write_story

from generator.build import prepare
from generator.measures import select
from generator.pages.survey import Survey
from generator.prose.views import Value, Views, value
from generator.story import load


@pytest.mark.story
def test_a_check_works_out_each_selection_and_each_value_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages there are, they share slices and values: without that the check takes minutes."""
    slices: Counter[tuple[select._Picker, str]] = Counter()
    values: Counter[tuple[str, str, str, select.Selection]] = Counter()
    cut, made = select._Picker.slice, Value.__init__

    def counted_slice(picker: select._Picker, at: str) -> select.Slice:
        made_slice = cut(picker, at)  # one that cannot be made says why each time
        slices[picker, at] += 1
        return made_slice

    def counted_value(value: Value, *given: object) -> None:
        made(value, *given)  # type: ignore[arg-type]
        values[value._measure, value._entity.collection, value._entity.key, value._asked] += 1

    monkeypatch.setattr(select._Picker, "slice", counted_slice)
    monkeypatch.setattr(Value, "__init__", counted_value)
    maker = prepare(root, drawing=False)
    pages = [Survey(maker.shop, route).run() for route in maker.routes.values()]
    assert len(pages) == len(maker.routes)
    assert slices
    assert max(slices.values()) == 1
    assert max(values.values()) == 1


VISITS = "town,month:yearmonth,kind,visits:integer,partial:boolean\n" + "".join(
    f"{town},2025-0{month},{kind},{10 * month + place},false\n"
    for place, town in enumerate(("ASH", "BIR", "CED", "DOV"))
    for month in (1, 2, 3)
    for kind in ("adult", "child")
)


def test_values_of_many_pages_are_not_all_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that was let go of is the same when it is asked for again."""
    made = load(write_story(tmp_path, {"visits": VISITS}, VISITS_BY_KIND))
    views, towns = Views(made), list(made.collections["towns"])

    def asked() -> list[object]:
        chosen = [{"at": f"2025-0{month}", "kind": kind} for month in (1, 2, 3) for kind in ("adult", "child")]
        return [value.value_of(views, "visits", town, each, "").need() for each in chosen for town in towns]

    before = asked()
    assert before[:4] == [10, 11, 12, 13]
    monkeypatch.setattr(value, "MOST_VALUES", 10)
    views.values.clear()
    assert asked() == before
    assert asked() == before
    assert len(views.values) <= 10 < len(before)
