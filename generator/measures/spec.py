"""``data/measures.yml`` as strict types: named quantities per entity."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta
from msgspec import field as entry

from generator.model import TimeType
from generator.specs import Spec, Words


class TimeSpec(Spec):
    """Which columns say when: one of ``at`` (date), ``month``, ``year``, or ``from`` and ``to``.

    ``type`` says what may be done with several: a stock has dates and is never added over them, a flow adds
    up over periods, a mean is averaged, weighted by ``weight``.
    """

    type: TimeType
    """``stock`` has dates and is never added over them; ``flow`` adds up over periods; ``mean`` is averaged."""
    at: str = ""
    """Column with a date."""
    month: str = ""
    """Column with a month."""
    year: str = ""
    """Column with a year."""
    from_: str = entry(default="", name="from")
    """Column with the first day."""
    to: str = ""
    """Column with the last day."""
    weight: str = ""
    """Column with what a mean is weighted by, such as the days of the month."""

    def __post_init__(self) -> None:
        forms = [bool(self.at), bool(self.month), bool(self.year), bool(self.from_ or self.to)]
        if sum(forms) != 1 or bool(self.from_) != bool(self.to):
            raise ValueError("name the column as one of 'at', 'month', 'year', or 'from' and 'to' together")
        if self.type == "stock" and (self.from_ or self.month):
            raise ValueError("a stock has dates: name its column as 'at' or 'year'")

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(c for c in (self.at, self.month, self.year, self.from_, self.to) if c)


class EntitySpec(Spec):
    """Which column says whose: ``columns`` maps what one entity is called to its column.

    With ``by``, that column says of which kind a row is. ``unallocated`` and ``outside`` are codes that are no
    entities: both count in the whole, neither has a page. With ``by`` they may also be kinds: rows of another
    level, which are left out.
    """

    columns: dict[str, str]
    """What one entity is called → the column with its key."""
    by: str = ""
    """A column that says of which kind a row is (``town``, ``province``)."""
    unallocated: tuple[str, ...] = ()
    """Codes of rows that name no entity; they count in the whole."""
    outside: tuple[str, ...] = ()
    """Codes of what has no page; they count in the whole."""

    @classmethod
    def rewritten(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"columns": {"": value}}
        if isinstance(value, dict) and "columns" not in value:
            own = {"by", "unallocated", "outside"}
            named = {key: column for key, column in value.items() if key not in own}
            return {"columns": named} | {key: value[key] for key in own & value.keys()}
        return value


class Dimension(Spec):
    """A column that splits the measure. Additive: its levels add up to the whole."""

    additive: bool
    """``true``: its levels add up to the whole; ``false``: one must be chosen."""
    label: str = ""
    """What it is called."""
    column: str = ""
    """The column, where it is not called like the dimension."""
    levels: dict[str, str] = entry(default_factory=dict)
    """Code → what readers see, in the order to show."""


class ZeroIf(Spec):
    in_: str = entry(name="in")
    """The table of lists."""
    keys: tuple[str, ...]
    """The columns that a list and the measure share."""


class NoRow(Spec):
    """What it means that an entity has no row: zero where a list was kept, else unknown."""

    short = "else"
    zero_if: ZeroIf | None = None
    """Zero where a list was kept: ``{in: table, keys: [as_of, status]}``."""
    else_: Literal["unknown", "zero", "suppressed"] = entry(default="unknown", name="else")
    """What it means otherwise that there is no row."""


class RankSpec(Spec):
    short = "order"
    order: Literal["highest", "lowest", "never"] = "highest"
    """Which figure is first, or that none of ours is."""
    reported: str = ""
    """A column with the rank as the source gives it; ours is not computed then."""


class RateSpec(Spec):
    """A rate ``per`` so many of another measure (``by``), in a stated period of that one."""

    by: str
    """The measure to divide by."""
    at: str = entry(default="", name="year")
    """The date or period of that one."""
    per: int = 100_000
    """Per how many; 100,000 when left out."""
    unit: str = ""
    """What the rate is in."""
    decimals: int = 0
    """How many to print."""


class WholeSpec(Spec):
    """What a share is a share of: the sum of all rows (``value: sum``), or nothing (``value: none``).

    Of what has no whole (an index, an age) entities are not added up either.
    """

    short = "value"
    value: Literal["sum", "none"] = "sum"
    """``sum`` of all rows, or ``none``."""
    note: str = ""
    """What the whole holds besides the entities."""


class Category(Spec):
    short = "label"
    label: str
    """What tables and legends say."""
    phrase: str = ""
    """For a sentence ("closes in winter"); the label when empty."""


class SumRule(Spec):
    """Figures that add up to one that was published.

    Either ``of`` a collection (or the levels of an additive dimension) ``to`` a collection above, or all rows of
    the measure's table to a column ``value`` ``in`` another table, by the columns that both have, ``keys``.
    """

    of: str = ""
    """The collection that is added up, or an additive dimension."""
    to: str = ""
    """The collection whose figures they add up to."""
    in_: str = entry(default="", name="in")
    """The table that has the totals, in place of ``to``."""
    value: str = ""
    """Its column of totals."""
    keys: Words = ()
    """The columns that both tables have: of each combination there is one total."""
    where: dict[str, Words] = entry(default_factory=dict)
    """Only rows that hold these, in whichever of the two tables has the column."""
    tolerance: Annotated[float, Meta(ge=0)] = 0
    """How far apart they may be, in the measure's unit; what rounding explains is allowed without it."""
    at_most: bool = False
    """They are not all there: together they must not exceed the published figure."""

    def __post_init__(self) -> None:
        if bool(self.to) == bool(self.in_):
            raise ValueError("name the collection of the published figures as 'to', or their table as 'in'")
        if self.to and (not self.of or self.value or self.keys or self.where):
            raise ValueError("with 'to' stands 'of', the collection or dimension that is added up, and no column")
        if self.in_ and (self.of or not self.value or not self.keys):
            raise ValueError("with 'in' stand 'value', the column of the totals, and 'keys', the columns shared")


class Range(Spec):
    """The least and the greatest number there can be; a list of two says the same."""

    minimum: float | None = None
    """The least."""
    maximum: float | None = None
    """The greatest."""

    @classmethod
    def rewritten(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return dict(zip(("minimum", "maximum"), value, strict=True))
        return value

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise ValueError("name a 'minimum', a 'maximum', or both as a list: [0, 100]")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"the minimum, {self.minimum:g}, is above the maximum, {self.maximum:g}")


class ChangeRule(Spec):
    """No step from one period to the next by more than this ``factor``, up or down; else a warning."""

    short = "factor"
    factor: Annotated[float, Meta(gt=1)]
    """How many times as large, or as small, a figure may become in one step."""
    floor: Annotated[float, Meta(ge=0)] = 0
    """Steps between figures that are both below are not looked at."""
    explained_in: str = ""
    """A column of the measure's table: a step into or out of a row that says something there has been looked at."""


class ConsistencySpec(Spec):
    """What must hold among the figures of a measure, besides what each cell must be."""

    part_of_whole: bool = True
    """No part is above its whole: the entity above, the period or the levels that hold it."""
    reason: str = ""
    """Why parts may be above their whole."""
    sums: tuple[SumRule, ...] = ()
    """Figures that add up to one that was published, a list."""
    range: Range | None = None
    """The least and the greatest number there can be: ``[0, 5000]``, or its two keys."""
    monotone: Literal["increasing", "decreasing", ""] = ""
    """Over time, within an entity; equal figures are allowed."""
    within: str = ""
    """A column: where its value changes, the count begins anew."""
    change: ChangeRule | None = None
    """A number: a step by more than this factor, up or down, is a warning; or its keys."""

    def __post_init__(self) -> None:
        if not self.part_of_whole and not self.reason:
            raise ValueError("'part_of_whole: false' needs a 'reason', for those who wonder why nobody looks")
        if self.within and not self.monotone and self.change is None:
            raise ValueError("'within' says where a count begins anew; it needs 'monotone' or 'change'")


class Part(Spec):
    """A further table of the same measure, at another level (the nation's own figures)."""

    from_: str = entry(name="from")
    """The table."""
    value: str
    """The column."""
    entity: EntitySpec
    """Which column says whose, as above."""
    time: TimeSpec
    """Which columns say when, as above."""
    incomplete: str = ""
    """Column that is true where a period had not ended."""


class MeasureSpec(Spec):
    """One measure, as written."""

    label: str = ""
    """What it is called in headings and messages."""
    description: str = ""
    """What is counted, in a sentence."""
    from_: str = entry(name="from")
    """The table; needed."""
    value: str
    """The column with the number or the category's code; needed."""
    count: bool = False
    """Count rows instead of reading ``value``'s number."""
    kind: Literal["number", "category"] = "number"
    """``number`` (the default) or ``category``."""
    entity: EntitySpec
    """Which column says whose; needed. A column, or ``{town: town, province: code}``: what one entity is
    called, and its column."""
    unit: str = ""
    """The plural of what is counted; needed for numbers."""
    unit_one: str = ""
    """Its singular, where it is not the plural without its s."""
    decimals: int = 0
    """How many to print."""
    time: TimeSpec | None = None
    """Which columns say when: one of ``at``, ``month``, ``year``, or ``from`` and ``to``."""
    at: str = ""
    """The date that a table without a time column speaks of."""
    default: dict[str, str] = entry(default_factory=dict)
    """What is meant when an expression does not say: a level for a dimension; ``at``: a date or ``latest``,
    ``first``, ``latest_complete``, ``latest_reported``."""
    dimensions: dict[str, Dimension] = entry(default_factory=dict)
    """Columns that split the measure, by name."""
    where: dict[str, Words] = entry(default_factory=dict)
    """Only rows whose columns hold these values."""
    no_row: NoRow = NoRow()
    """What it means that an entity has no row: ``unknown`` (the default), ``zero`` or ``suppressed``; or its
    two keys."""
    precision: str = ""
    """Column that says how exact a number is: ``exact``, ``rounded``, ``approximate``, ``at least``, ``more
    than``, ``at most``, ``just under``."""
    confidence: str = ""
    """Column that says how well a row is sourced."""
    incomplete: str = ""
    """Column that is true where a period had not ended."""
    coverage: Literal["complete", "partial"] = "complete"
    """``complete`` (the default), or ``partial``: no shares, no ranks of ours."""
    rank: RankSpec = RankSpec()
    """``highest`` (the default), ``lowest`` or ``never``; or its keys."""
    whole: WholeSpec = WholeSpec()
    """What a share is a share of: ``sum`` (the default) or ``none``."""
    rates: dict[str, RateSpec] = entry(default_factory=dict)
    """Rates, by name."""
    categories: dict[str, Category] = entry(default_factory=dict)
    """Code: label; needed for categories."""
    parts: tuple[Part, ...] = ()
    """Further tables of the same measure, at another level (the nation's own figures), a list."""
    consistency: ConsistencySpec = ConsistencySpec()
    """What must hold among the figures; see "What must hold" in data/README.md."""
    note: str = ""
    """For colleagues."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that its figures come from."""
        return tuple(dict.fromkeys((self.from_, *(part.from_ for part in self.parts))))

    @property
    def adds_up(self) -> bool:
        """Whether the figures of several entities together are a figure of the same kind."""
        percent = self.unit.casefold() in ("percent", "per cent", "%")
        return self.kind == "number" and self.whole.value == "sum" and not percent

    def __post_init__(self) -> None:
        if self.kind == "number" and not self.unit:
            raise ValueError("a measure of numbers needs a 'unit', the plural of what is counted")
        if self.kind == "category" and not self.categories:
            raise ValueError("a measure of categories needs 'categories': code: label")
