"""The receipt of a bound number: what was measured, how it was worked out, which rows of which publication.

A :class:`Ledger` makes receipts from slots and knows the story; it keeps only what it worked out about tables.
:class:`Receipts` numbers those of one page: numbers that are the same share one. Pure: no HTML, no files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy

from msgspec import Struct, field
from msgspec.structs import replace

from generator.datasets.cells import Cell
from generator.datasets.descriptor import Field, Source
from generator.datasets.origin import Origin
from generator.datasets.publications import publishers
from generator.datasets.read import Table
from generator.languages import Message
from generator.measures.cells import as_text
from generator.measures.cube import Cube
from generator.measures.grouping import ROWS
from generator.measures.spec import EntitySpec, MeasureSpec, TimeSpec
from generator.model import Period, Rows
from generator.prose.markdown import Follow
from generator.prose.slots import Slot
from generator.story import Story
from generator.tables import lines_of
from generator.values import NumberStyle, Quantity

MOST_SHOWN = 4
"""Rows of a table whose cells a receipt shows; of more, it says what they have in common."""
MOST_NAMED = 10
"""Entities that are named when they were counted."""
LONGEST_CELL = 60
"""Letters; a field that holds longer texts is not shown."""

Cells = tuple[tuple[str, str], ...]
"""Field and what it holds, as the file has it."""


class Evidence(Struct, frozen=True):
    """Rows of one table: the lines of its file, and what they hold in the fields that matter.

    ``common`` holds what all of them have, ``cells`` what each has besides (only when they are few). ``all``: the
    table has no other rows with these common cells. No lines: the table as a whole. ``origin``: the rows are what
    a query gives, and that is what it was made from.
    """

    dataset: str
    """Its name; the path of a file of the story that is no table."""
    title: str
    path: str
    rows: Rows
    common: Cells = ()
    cells: tuple[Cells, ...] = ()
    all: bool = False
    origin: Origin | None = None


class Subject(Struct, frozen=True):
    """What a number is about: a measure, a field of a table, or rows that were counted."""

    name: str
    """The measure, or ``dataset.field``, or the dataset."""
    title: str
    definition: str
    note: str
    publications: tuple[Source, ...]

    @property
    def key(self) -> object:
        """What tells it from others."""
        return self.name, tuple((source.publisher, source.title) for source in self.publications)


class Receipt(Struct, frozen=True):
    """One number and where it comes from. ``text`` is what the page says, ``asserted`` whether in editors' words.

    ``value`` is the plain number (or a category's code) behind the words, ``figure`` the same as readers write it.
    ``worked_out`` is the formula, or in words how the rows make the number; '' when the number stands in its row.
    """

    id: str
    back: str
    text: str
    asserted: bool
    value: str
    figure: str
    kind: str
    label: str
    unit: str
    of: str
    period: Period | None
    selection: str
    worked_out: str
    precision: str
    subject: Subject
    evidence: tuple[Evidence, ...]
    places: tuple[str, ...] = ()
    """Where in the documents it is printed, as ``path:line:column``; '' for what a template prints."""

    @property
    def behind(self) -> str:
        """The figure, where the words do not hold it already."""
        return self.figure if self.asserted or self.figure not in self.text else ""

    @property
    def unit_to_say(self) -> str:
        """The unit, for a number whose words do not hold it."""
        return self.unit if self._counted and (self.asserted or self.unit not in self.text) else ""

    @property
    def _counted(self) -> bool:
        return self.kind == "number" and bool(self.unit)

    def about(self, style: NumberStyle) -> str:
        """What it is (but for a number with a unit), whose, as of when."""
        period = style.period(self.period) if self.period else ""
        whose = style.say(self.of) if isinstance(self.of, Message) else self.of  # a name is as it is
        return ", ".join(filter(None, ("" if self._counted else style.say(self.label), whose, period)))


class Group(Struct, frozen=True):
    """The receipts of one subject, whose definition and publications are the same."""

    subject: Subject
    receipts: tuple[Receipt, ...]


class Ledger:
    """Makes the receipts of one story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.style = story.config.style
        self._columns: dict[tuple[str, str], tuple[str, ...]] = {}
        self._counts: dict[tuple[str, tuple[str, ...]], _Counts] = {}

    def speaking(self, style: NumberStyle) -> Ledger:
        """The same in the language of a style."""
        made = copy(self)
        made.style = style
        return made

    def receipt(self, slot: Slot, number: int = 0) -> Receipt:
        """Of a slot that is bound to rows; ``number`` is its own on the page."""
        quantity = _bare(slot) if slot.quantity is None else slot.quantity
        rows = [item for item in slot.rows if item.dataset in self.story.tables]
        cube = self._cube(quantity)
        evidence = tuple(self._evidence(item, cube, quantity) for item in slot.rows)
        return Receipt(
            id=f"receipt-{number}",
            back=f"number-{number}",
            text=slot.text,
            asserted=slot.kind == "asserted",
            value=slot.value,
            figure=self._figure(quantity),
            kind=quantity.kind,
            label=self.style.say(quantity.label),
            unit=quantity.unit,
            of=quantity.of,
            period=quantity.period,
            selection=_selection(quantity, cube),
            worked_out=self._worked_out(quantity, rows, cube),
            precision=quantity.precision,
            subject=self._subject(quantity, rows, cube) if rows else _of_file(slot.rows),
            evidence=evidence,
        )

    # --- what was measured ------------------------------------------------------------------------------

    def _cube(self, quantity: Quantity) -> Cube | None:
        """The measure that a quantity is of or was made from, as its definition or label names it."""
        cubes = self.story.cubes
        words = [*quantity.definition.split(", "), *re.findall(r"\w+", quantity.definition)]
        named = next((cubes[word] for word in words if word in cubes), None)
        if named or not quantity.label:
            return named
        datasets = {item.dataset for item in quantity.rows}
        fitting = [cube for cube in cubes.values() if datasets & set(cube.datasets)]
        for cube in fitting:
            named_last = re.search(rf"\b(?:by|of) {re.escape(cube.name)}$", quantity.label)
            if named_last or cube.spec.label == quantity.label:
                return cube
        return next((c for c in fitting if c.spec.label and f" {c.spec.label}" in f" {quantity.label}"), None)

    def _subject(self, quantity: Quantity, rows: Sequence[Rows], cube: Cube | None) -> Subject:
        name = cube.name if cube else self._unmeasured(quantity, rows)
        return Subject(name, *self._described(name, cube), self._publications(quantity, rows))

    def _unmeasured(self, quantity: Quantity, rows: Sequence[Rows]) -> str:
        """``dataset.field`` for a cell of a row, the dataset for rows that were counted."""
        table = self.story.tables[rows[0].dataset]
        fields = (item.name for item in table.resource.schema_.fields if item.label == quantity.label)
        column = next(fields, "") if len(rows[0].lines) == 1 else ""
        return f"{table.name}.{column}" if column else table.name

    def _described(self, name: str, cube: Cube | None) -> tuple[str, str, str]:
        """Title, definition and note."""
        if cube:
            spec = cube.spec
            return _capital(spec.label or name), spec.description, spec.note
        dataset, _, column = name.partition(".")
        resource = self.story.resource(dataset)
        described = resource.schema_.field(column) if column else None
        title = resource.title or dataset
        if described:
            label = _capital(described.label)
            return title if title.startswith(label) else f"{label} ({title})", described.description, ""
        return title, resource.description, ""

    def _publications(self, quantity: Quantity, rows: Sequence[Rows]) -> tuple[Source, ...]:
        periods = [end.period for end in quantity.ends or (quantity,) if end.period]
        day = min((period.end for period in periods), default=None)
        found: dict[tuple[str, str], Source] = {}
        for item in rows:
            table = self.story.tables[item.dataset]
            lines = item.lines or table.lines
            for source in publishers(table, lines, day):
                found.setdefault((source.publisher, source.title), source)
        return tuple(found.values())

    # --- how it was worked out --------------------------------------------------------------------------

    def _figure(self, quantity: Quantity) -> str:
        """The number in digits, unrounded up to six decimals; a category's words; '' when there is none."""
        if quantity.code:
            return self.style.say(quantity.text)
        if quantity.number is None:
            return ""
        shown = self._digits(quantity.number)
        return self.style.percentage(shown) if quantity.is_percentage else shown

    def _digits(self, number: float) -> str:
        """As many decimals as there are, up to six."""
        decimals = len(f"{number:.6f}".rstrip("0").partition(".")[2])
        return self.style.number(number, decimals)

    def _formula(self, formula: str) -> str:
        """With its numbers written as everywhere on the page."""
        if isinstance(formula, Message):
            return self.style.say(formula)
        return _IN_FORMULA.sub(lambda match: self._digits(float(match[0].replace(",", ""))), formula)

    def _worked_out(self, quantity: Quantity, rows: Sequence[Rows], cube: Cube | None) -> str:
        if quantity.kind == "rank":
            place = self._formula(quantity.formula)
            if not place:
                return self.style.say("as its source ranks it")
            message = _TIED[quantity.lowest_first] if quantity.tied else _COUNTED[quantity.lowest_first]
            return self.style.say(message, place=place, count=str(quantity.tied))
        if quantity.formula or quantity.number is None or len(rows) != 1:
            return self._formula(quantity.formula)
        table, lines = self.story.tables[rows[0].dataset], rows[0].lines
        if not quantity.number and cube and (zero := cube.spec.no_row.zero_if) and zero.in_ == table.name:
            kept = self.story.resource(cube.spec.from_).path
            return self.style.say(
                "{file} has no row of it, where {other} has this one", file=kept, other=table.resource.path
            )
        if quantity.kind == "count":
            return self._counted(quantity, table, lines, cube)
        value = _value_column(cube, table) if cube else ""
        if len(lines) < 2 or not value:
            return ""
        sums = _adds_up(quantity.number, [table.columns[value][row] for row in table.numbers(lines)])
        return self.style.say("the sum of {column}", column=value) if sums else ""

    def _counted(self, quantity: Quantity, table: Table, lines: Sequence[int], cube: Cube | None) -> str:
        """How rows were counted: each, or what is different in the field that says whose they are."""
        rows = table.numbers(lines)
        for column in cube.spec.entity.columns.values() if cube else ():
            if column in table.columns:
                different = sorted({as_text(table.columns[column][row]) for row in rows})
                if len(different) == quantity.number:
                    named = f" ({', '.join(different)})" if len(different) <= MOST_NAMED else ""
                    return self.style.say("the number of different values of {column}", column=column) + named
        return self.style.say("the number of rows") if len(rows) == quantity.number else ""

    # --- the rows ---------------------------------------------------------------------------------------

    def _evidence(self, rows: Rows, cube: Cube | None, quantity: Quantity) -> Evidence:
        table = self.story.tables.get(rows.dataset)
        if table is None:  # a file of the story that is no table: its lines say it
            return Evidence(rows.dataset, rows.dataset, rows.dataset, rows)
        title, path = table.resource.title or table.name, f"data/{table.resource.path}"
        if not rows.lines:
            return Evidence(table.name, title, path, rows, origin=table.origin)
        columns = self._telling(table, cube, quantity)
        numbers = table.numbers(rows.lines)
        same = [name for name in columns if len({table.columns[name][row] for row in numbers}) == 1]
        few = len(rows.lines) <= MOST_SHOWN
        rest = [name for name in columns if name not in same] if few else []
        common = _texts(table, same, numbers[0])
        cells = tuple(_texts(table, rest, row) for row in numbers) if rest else ()
        told = tuple(name for name, _ in common)
        every = len(rows.lines) > 1 and self._matching(table, told, numbers[0]) == len(rows.lines)
        return Evidence(table.name, title, path, rows, common, cells, every, table.origin)

    def _telling(self, table: Table, cube: Cube | None, quantity: Quantity) -> tuple[str, ...]:
        """The fields that say what a row is and what it counts."""
        key = (table.name, cube.name if cube else f".{quantity.label}")
        known = self._columns.get(key)
        if known is None:
            known = self._columns[key] = tuple(self._choose(table, cube, quantity))
        return known

    def _choose(self, table: Table, cube: Cube | None, quantity: Quantity) -> list[str]:
        wanted: set[str] = set(table.resource.schema_.primary_key)
        measures = [*([cube.spec] if cube else []), *self.story.measures.values()]
        measure = next((spec for spec in measures if table.name in spec.datasets), None)
        wanted |= _columns_of(measure) if measure else set()
        fields = table.resource.schema_.fields
        wanted |= {item.name for item in fields if item.label == quantity.label}
        wanted |= {ROWS} if table.origin else set()  # how many are in a group
        if cube:
            zero = cube.spec.no_row.zero_if
            wanted |= set(zero.keys) if zero and zero.in_ == table.name else set()
        chosen = [item.name for item in fields if item.name in wanted]
        return [name for name in chosen or table.columns if _short(table.columns[name])]

    def _matching(self, table: Table, names: tuple[str, ...], row: int) -> int:
        """How many rows of a table hold the same in these fields as one of them."""
        if not names:
            return len(table)
        counts = self._counts.get((table.name, names))
        if counts is None:
            counts = self._counts[table.name, names] = _Counts([table.columns[name] for name in names])
        return counts.like(row)


class _Counts(Struct):
    """How many rows hold the same in some columns: few questions are answered by looking, then all is counted."""

    columns: Sequence[Sequence[Cell]]
    asked: int = 0
    known: Counter[tuple[Cell, ...]] | None = None

    def like(self, row: int) -> int:
        self.asked += 1
        if self.known is None and self.asked > _FEW_QUESTIONS:
            self.known = Counter(zip(*self.columns, strict=True))
        if self.known is not None:
            return self.known[tuple([column[row] for column in self.columns])]
        same: Sequence[int] = range(len(self.columns[0]))
        for column in self.columns:
            cell = column[row]
            same = [number for number in same if column[number] == cell]
        return len(same)


_FEW_QUESTIONS = 10


class Receipts:
    """The receipts of one page, numbered in the order in which their numbers are met."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._found: dict[tuple[object, ...], _Met] = {}

    def follower(self, places: Mapping[int, tuple[str, int, int]]) -> Follow:
        """Where the bound numbers of one text lead; ``places`` says where each stands in its document."""

        def follow(number: int, slot: Slot) -> str:
            path, line, column = places.get(number, ("", 0, 0))
            return self.follow(slot, f"{path}:{line}:{column}" if path else "")

        return follow

    def follow(self, slot: Slot, place: str = "") -> str:
        """The id of the receipt of one bound number."""
        key = identity(slot)
        met = self._found.get(key)
        if met is None:
            met = self._found[key] = _Met(self.ledger.receipt(slot, len(self._found) + 1))
        met.places.append(place)
        return met.receipt.id

    def __iter__(self) -> Iterator[Receipt]:
        return (replace(met.receipt, places=tuple(met.places)) for met in self._found.values())

    @property
    def groups(self) -> tuple[Group, ...]:
        """By subject, in the order in which the subjects are met."""
        made: dict[object, list[Receipt]] = {}
        for receipt in self:
            made.setdefault(receipt.subject.key, []).append(receipt)
        return tuple(Group(receipts[0].subject, tuple(receipts)) for receipts in made.values())


class _Met(Struct):
    receipt: Receipt
    places: list[str] = field(default_factory=list)


_PRINTED = re.compile(r'id="receipt-([0-9]+)"')
_NUMBER = re.compile(
    r'<a class="bound" href="#receipt-([0-9]+)">(.*?)</a>|(<data [^>]*data-receipt="receipt-([0-9]+)")'
)

_BACK = re.compile(r' ?<a class="back" href="#number-([0-9]+)">.*?</a>')


def anchored(html: str) -> str:
    """A whole page, in which the first number of each receipt has the id that the receipt leads back to.

    Only the finished page shows which is the first, and what its template prints: a number without a receipt leads
    nowhere, and so does a receipt without a number.
    """
    printed = set(_PRINTED.findall(html))
    seen: set[str] = set()

    def anchor(match: re.Match[str]) -> str:
        number = match[1] or match[4]
        if number not in printed:
            return match[2] or match[0]
        identity = "" if number in seen else f' id="number-{number}"'
        seen.add(number)
        if match[3]:
            return match[3] + identity
        return f'<a class="bound" href="#receipt-{number}"{identity}>{match[2]}</a>'

    html = _NUMBER.sub(anchor, html)
    return _BACK.sub(lambda match: match[0] if match[1] in seen else "", html)


def identity(slot: Slot) -> tuple[object, ...]:
    """What makes two bound numbers the same: the figure, what it is of, the rows; of asserted words also these."""
    words = slot.text if slot.kind == "asserted" else ""
    quantity = slot.quantity
    if quantity is None:
        return words, slot.value, slot.rows
    return (
        words, quantity.number, quantity.code, quantity.unit, quantity.kind, quantity.definition, quantity.label,
        quantity.of, quantity.period, quantity.formula, quantity.precision, quantity.rows,
    )  # fmt: skip


def rows_words(evidence: Evidence, style: NumberStyle) -> str:
    """Which lines, for people: ``line 17``, ``lines 20–24 and 31``, of many the first and the last run."""
    runs = [f"{a}" if a == b else f"{a}–{b}" for a, b in evidence.rows.runs]
    count = len(evidence.rows.lines)
    if not runs:
        return style.say("the whole table")
    if count == 1:
        return style.say("line {line}", line=runs[0])
    first, last = str(evidence.rows.lines[0]), str(evidence.rows.lines[-1])
    if len(runs) > MOST_SHOWN:
        return style.say("{count} lines between {first} and {last}", count=count, first=first, last=last)
    return style.say("lines {lines}", lines=replace(style, serial_comma=False).join(runs))


def cells_words(evidence: Evidence, style: NumberStyle) -> str:
    """What the rows hold: ``town Ashby, year 2026: kind book, loans 5; kind film, loans 7``."""
    common = ", ".join(f"{name} {text}" for name, text in evidence.common)
    each = "; ".join(", ".join(f"{name} {text}" for name, text in cells) for cells in evidence.cells if cells)
    many = len(evidence.rows.lines) > 1
    if common and many:
        count = len(evidence.rows.lines)
        if evidence.all:
            common = style.say("all {count} rows with {cells}", count=count, cells=common)
        else:
            common = style.say("all have {cells}", cells=common)
    return f"{common}: {each}" if common and each else common or each


def origin_words(origin: Origin, style: NumberStyle) -> str:
    """What rows are that no file of the story has: ``the result of a query over stays.parquet (9 rows)``."""
    over = [
        style.say("{file} ({count} rows)", file=one.path.removeprefix("data/"), count=style.number(one.rows, 0))
        for one in origin.over
    ]
    return style.say("the result of a query over {files}", files=style.join(over))


def evidence_lines(receipt: Receipt) -> str:
    """All rows, for machines: ``loans:17,20..24 towns:3``."""
    return lines_of(item.rows for item in receipt.evidence)


_COUNTED = (Message("{place}, counted from the highest"), Message("{place}, counted from the lowest"))
_TIED = (
    Message("{place}, tied with {count}, counted from the highest"),
    Message("{place}, tied with {count}, counted from the lowest"),
)
_IN_FORMULA = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


def _bare(slot: Slot) -> Quantity:
    """What is known of a number that came without its quantity."""
    number = float(slot.value) if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", slot.value) else None
    return Quantity(number, rows=slot.rows)


def _of_file(rows: Sequence[Rows]) -> Subject:
    """Of what stands in a file of the story that is no table."""
    return Subject(rows[0].dataset, rows[0].dataset.rpartition("/")[2], "", "", ()) if rows else _NOTHING


_NOTHING = Subject("", "", "", "", ())


def _selection(quantity: Quantity, cube: Cube | None) -> str:
    """The levels that were chosen, as the definition says: ``kind adult``."""
    parts = quantity.definition.split(", ")
    if cube is None or cube.name not in parts:
        return ""
    return ", ".join(parts[parts.index(cube.name) + 1 :])


def _columns_of(spec: MeasureSpec) -> set[str]:
    found = {spec.value, spec.precision, spec.confidence}
    found |= {dimension.column or name for name, dimension in spec.dimensions.items()}
    found |= _who_and_when(spec.entity, spec.time) | set(spec.where)
    for part in spec.parts:
        found |= {part.value} | _who_and_when(part.entity, part.time)
    return found - {""}


def _who_and_when(entity: EntitySpec, time: TimeSpec | None) -> set[str]:
    return {*entity.columns.values(), entity.by, *(time.columns if time else ())}


def _value_column(cube: Cube, table: Table) -> str:
    if cube.spec.count:
        return ""
    parts = {part.from_: part.value for part in cube.spec.parts} | {cube.spec.from_: cube.spec.value}
    return parts.get(table.name, "")


def _adds_up(number: float, cells: Sequence[Cell]) -> bool:
    """Whether a number is the sum of cells."""
    numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
    return len(numbers) == len(cells) and abs(sum(numbers) - number) <= 1e-9 * max(1.0, abs(number))


def _texts(table: Table, names: Iterable[str], row: int) -> Cells:
    """What a row has in some fields, as the file has it; without those in which it has nothing."""
    found = ((name, as_text(table.columns[name][row])) for name in names)
    described = table.resource.schema_.field
    return tuple((name, text[:7] if _is_month(described(name)) else text) for name, text in found if text)


def _is_month(field: Field | None) -> bool:
    return field is not None and field.type == "yearmonth"


def _short(cells: Sequence[Cell]) -> bool:
    """Whether a column can be shown in a line."""
    return all(len(cell) <= LONGEST_CELL for cell in set(cells) if isinstance(cell, str))


def _capital(text: str) -> str:
    return Message(text).capitalized()
