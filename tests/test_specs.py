"""What is written as text becomes the declared type, or is told with all else that is wrong."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, field
from msgspec.structs import replace

from generator.problems import SourceError
from generator.reading import read_spec
from generator.source import parse_yaml
from generator.specs import Fault, FaultError, Spec, Words, as_json, convert, looks_at, written


class Stop(Spec):
    short = "name"
    name: str
    stays: Annotated[int, Meta(ge=1, le=3)] = 1
    next: Stop | None = None


class Trip(Spec):
    title: str = "A trip"
    from_: Stop = field(name="from")
    kind: Literal["", "walk", "ride"] = ""
    fee: Annotated[float, Meta(gt=0)] | None = None
    open: bool = False
    day: dt.date | None = None
    tags: Words = ()
    stops: Annotated[tuple[Stop, ...], Meta(min_length=1)] = (Stop(name="b"),)
    where: dict[str, Words] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    @looks_at("title")
    def _short(value: str) -> str:
        if len(value) > 9:
            raise ValueError("that is too long")
        return value.strip()

    def __post_init__(self) -> None:
        if self.kind == "ride" and self.fee is None:
            raise ValueError("a ride has a fee")


def faults(**given: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(FaultError) as caught:
        convert(given, Trip)
    return [(fault.code, fault.path, fault.said or fault.wanted) for fault in caught.value.faults]


def test_every_text_becomes_what_is_declared_for_it() -> None:
    given = {
        "from": "Ashby", "kind": "ride", "fee": "2.50", "open": "yes", "day": "2026-05-18", "tags": "one",
        "stops": [{"name": "b", "stays": "2", "next": "c"}, "d"], "where": {"level": "town", "year": ["1", "2"]},
        "options": {"zero": "no", "breaks": ["1"]},
    }  # fmt: skip
    made = convert(given, Trip)
    assert made == Trip(
        from_=Stop(name="Ashby"), kind="ride", fee=2.5, open=True, day=dt.date(2026, 5, 18), tags=("one",),
        stops=(Stop(name="b", stays=2, next=Stop(name="c")), Stop(name="d")),
        where={"level": ("town",), "year": ("1", "2")}, options={"zero": "no", "breaks": ["1"]},
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(made)) == made
    assert written(made) == {
        "from": {"name": "Ashby"}, "kind": "ride", "fee": 2.5, "open": True, "day": "2026-05-18", "tags": ["one"],
        "stops": [{"name": "b", "stays": 2, "next": {"name": "c"}}, {"name": "d"}],
        "where": {"level": ["town"], "year": ["1", "2"]}, "options": {"zero": "no", "breaks": ["1"]},
    }  # fmt: skip
    assert as_json(made) == as_json(convert(given, Trip)) != as_json(replace(made, open=False))


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "yes", "on", "y", "1"])
def test_true(text: str) -> None:
    assert convert({"from": "a", "open": text}, Trip).open


@pytest.mark.parametrize("text", ["false", "No", "OFF", "n", "0"])
def test_false(text: str) -> None:
    assert not convert({"from": "a", "open": text}, Trip).open


@pytest.mark.parametrize(
    ("kind", "text", "number"),
    [("stays", "2", 2), ("stays", "02", 2), ("stays", "+3", 3), ("fee", "1e-2", 0.01), ("fee", ".5", 0.5), ("fee", "7", 7.0)],
)  # fmt: skip
def test_numbers(kind: str, text: str, number: float) -> None:
    made = convert({"from": {"name": "a", "stays": text}} if kind == "stays" else {"from": "a", "fee": text}, Trip)
    assert (made.from_.stays if kind == "stays" else made.fee) == number


def test_a_key_without_a_value_is_nothing_where_that_may_be() -> None:
    assert convert({"from": "a", "day": None, "fee": None}, Trip).day is None
    assert faults(**{"from": None, "open": None, "kind": None}) == [
        ("bad-value", ("from",), "a list of 'key: value' lines"),
        ("bad-choice", ("kind",), ""),
        ("bad-value", ("open",), "'true' or 'false'"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("title", ["a"], "text"), ("title", None, "text"), ("title", "much too long", "that is too long"),
        ("fee", "much", "a number"), ("fee", "0", "more than 0"), ("fee", "nan", "a number"), ("fee", "inf", "a number"),
        ("fee", "1e999", "a number"), ("fee", "1_000", "a number"), ("fee", True, "a number"),
        ("open", "perhaps", "'true' or 'false'"), ("open", "2", "'true' or 'false'"), ("open", ["true"], "'true' or 'false'"),
        ("day", "18 May 2026", "a date like 2026-05-18"), ("day", "2026-02-30", "a date like 2026-05-18"),
        ("day", "2026-5-18", "a date like 2026-05-18"), ("day", "20260518", "a date like 2026-05-18"),
        ("tags", {"a": "b"}, "a list"), ("stops", "b", "a list"), ("stops", [], "nothing is in this list"),
        ("where", "town", "a list of 'key: value' lines"), ("where", ["town"], "a list of 'key: value' lines"),
        ("options", "zero", "a list of 'key: value' lines"),
    ],
)  # fmt: skip
def test_what_a_value_is_not(key: str, value: Any, wanted: str) -> None:
    assert faults(**{"from": "a", key: value}) == [("bad-value", (key,), wanted)]


@pytest.mark.parametrize(
    ("stays", "wanted"),
    [("0", "at least 1"), ("4", "at most 3"), ("1.5", "a whole number"), ("two", "a whole number"), ("", "a whole number"),
     ("9" * 5000, "a whole number"), (True, "a whole number")],
)  # fmt: skip
def test_what_a_whole_number_is_not(stays: Any, wanted: str) -> None:
    assert faults(**{"from": {"name": "a", "stays": stays}}) == [("bad-value", ("from", "stays"), wanted)]


def test_everything_that_is_wrong_is_found_at_once_in_the_order_of_the_shape() -> None:
    assert faults(titel="A", stops=["a", {"stays": "no", "nam": "b"}, ["c"]], where={"a": [["b"]]}, fee="no", kind="fly") == [
        ("missing-key", ("from",), ""),
        ("bad-choice", ("kind",), ""),
        ("bad-value", ("fee",), "a number"),
        ("missing-key", ("stops", 1, "name"), ""),
        ("bad-value", ("stops", 1, "stays"), "a whole number"),
        ("unknown-key", ("stops", 1, "nam"), ""),
        ("bad-value", ("stops", 2), "a list of 'key: value' lines"),
        ("bad-value", ("where", "a", 0), "text"),
        ("unknown-key", ("titel",), ""),
    ]  # fmt: skip


def test_the_whole_is_looked_at_when_its_parts_are_right() -> None:
    assert faults(**{"from": "a", "kind": "ride"}) == [("bad-value", (), "a ride has a fee")]
    assert faults(**{"from": "a", "kind": "ride", "open": "?"}) == [("bad-value", ("open",), "'true' or 'false'")]


def test_a_field_goes_by_the_name_that_is_written() -> None:
    assert ("unknown-key", ("from_",), "") in faults(**{"from": "a", "from_": "b"})


def test_a_shape_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Stop(name="a").name = "b"  # type: ignore[misc]


def test_each_fault_stands_at_its_key() -> None:
    text = "title: A\nfrom:\n  nam: Ashby\nkind: flying\nstops:\n  - name: Ashby\n    stays: [1]\nwhere: {a: {b: c}}\ndya: 1\n"
    with pytest.raises(SourceError) as caught:
        read_spec(parse_yaml(text, "trip.yml"), Trip, "trip.yml")
    assert [f"{problem.location}: {problem.sentence} | {problem.hint}" for problem in caught.value.problems] == [
        "trip.yml:3:3: unknown key 'nam' in trip.yml; did you mean 'name'? | Keys that are understood here: name, next, stays.",
        "trip.yml:4:7: kind: 'flying' is not one of the choices | Write one of: walk, ride.",
        "trip.yml:7:12: stops[Ashby].stays: a list or mapping is not a whole number | ",
        "trip.yml:8:12: where.a: a list or mapping is not a list | ",
        "trip.yml:9:1: unknown key 'dya' in trip.yml; did you mean 'day'? | Keys that are understood here: day, fee, from, kind, "
        "open, options, stops, tags, title, where.",
    ]  # fmt: skip


def test_a_type_that_nobody_can_write_is_refused() -> None:
    class Odd(Spec):
        when: dt.timedelta

    with pytest.raises(TypeError, match="timedelta"):
        convert({}, Odd)


def test_a_fault_says_what_would_be_understood() -> None:
    with pytest.raises(FaultError) as caught:
        convert({"name": "a", "kind": "b"}, Stop)
    assert caught.value.faults == [Fault("unknown-key", ("kind",), choices=("name", "next", "stays"))]
