"""Parts and their whole: none is above it, nor are all of them together; where declared, they add up to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from generator.measures.consistency.findings import (
    Figure,
    Finding,
    Measured,
    between,
    count,
    nothing_compared,
    number,
    said,
    when,
)
from generator.measures.consistency.nesting import Group, Nesting
from generator.measures.spec import SumRule
from generator.model import Cell, Rows
from generator.values import Interval

ABOVE = "part-above-whole"
TOGETHER = "parts-above-whole"
SUM = "sum-mismatch"


def wholes(measured: Measured) -> Iterator[Finding]:
    """Everything that is wrong between parts and wholes of one measure."""
    if not measured.spec.adds_up:
        return
    sums = {(rule.of, rule.to): rule for rule in measured.rules.sums if rule.to}
    if not measured.rules.part_of_whole and not sums:
        return
    look = _Wholes(measured)
    if measured.rules.part_of_whole:
        yield from look.parts_above()
    for part, whole in look.nesting.levels():
        declared = next((key for key in look.nesting.names(part, whole) if key in sums), None)
        groups = list(look.nesting.groups(part, whole))
        for group in groups:
            if declared:
                yield from look.mismatch(group, sums[declared])
            elif measured.rules.part_of_whole:
                yield from look.together(group)
        if declared and not groups:
            yield nothing_compared(measured, sums[declared])


class _Wholes:
    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.nesting = Nesting(measured)

    # --- one part --------------------------------------------------------------------------------------

    def parts_above(self) -> Iterator[Finding]:
        """Parts that are certainly above their whole, each told for the nearest whole that it is above."""
        above: dict[Rows, tuple[Figure, Figure]] = {}  # by what a figure came from, which is its alone
        compared: dict[Rows, int] = {}
        for part, whole in self.nesting.pairs():
            compared[whole.cell.rows] = compared.get(whole.cell.rows, 0) + 1
            if part.cell.rows not in above and self._certainly_above(part.cell, whole.cell):
                above[part.cell.rows] = self.nesting.figure(part), self.nesting.figure(whole)
        for pairs in _by_whole(above.values()):
            larger, one = [part for part, _ in pairs], pairs[0][1]
            if len(pairs) > 1 and 2 * len(pairs) > compared[one.cell.rows]:  # then it is rather the whole
                yield self._below_parts(one, larger)
            else:
                yield from (self._above(part, one) for part in larger)

    def _certainly_above(self, part: Cell, whole: Cell) -> bool:
        if (part.number or 0) < (whole.number or 0):  # then it is not for certain, whatever the precision
            return False
        return self._comparable(part, whole) and self.measured.bounds(whole).below(self.measured.bounds(part))

    def _comparable(self, part: Cell, whole: Cell) -> bool:
        """Whether both are known and speak of the same days, as far as the table says."""
        if part.number is None or whole.number is None or (whole.partial and not part.partial):
            return False
        time = self.measured.spec.time
        if time is not None and time.type == "mean":
            return part.partial == whole.partial and part.weight == whole.weight
        return not whole.partial or part.rows.dataset == whole.rows.dataset

    # --- all parts together -------------------------------------------------------------------------------

    def together(self, group: Group) -> Iterator[Finding]:
        """That the parts, none of which is above the whole, are above it together."""
        whole = group.whole
        if whole is None or whole.cell.number is None:
            return
        parts = [p for p in group.parts if self._comparable(p.cell, whole.cell)]
        if len(parts) < 2 or any(self._certainly_above(p.cell, whole.cell) for p in parts):
            return
        least = self._sum(parts, [])
        if not self.measured.bounds(whole.cell).below(Interval(least.low, math.inf, least.low_open)):
            return
        m = self.measured
        yield Finding(
            TOGETHER,
            m.name,
            "parts together are more than their whole",
            m.spot(whole.cell),
            f"{self._parts(group, parts)} together have {_at_least(least, parts)}"
            f" {m.spec.unit}{m.levels(group.coordinate)} {when(group.period)},"
            f" more than {_whole_name(group, whole)}, {said(whole.cell)}",
            f"{whole.name} {when(group.period)}: {_at_least(least, parts)} of {said(whole.cell)}",
            self._largest(parts) + self._look_up(whole, *parts) + self._switch(),
            tuple(m.spot(p.cell) for p in _by_size(parts)[:3]),
        )

    def mismatch(self, group: Group, rule: SumRule) -> Iterator[Finding]:
        """That parts which are declared to add up do not."""
        m, whole = self.measured, group.whole
        if whole is None:
            if not rule.at_most:
                yield self._without_whole(group)
            return
        parts = group.parts
        if whole.cell.number is None or not all(_same_days(p.cell, whole.cell) for p in parts):
            return
        sum_ = self._sum(parts, [rule.tolerance])
        total = m.bounds(whole.cell)
        high = total.below(sum_)
        low = not rule.at_most and sum_.below(total) and all(p.cell.number is not None for p in parts)
        if not high and not low:
            return
        added, own = _added(parts), said(whole.cell)
        absent = f" Without a row: {_listed(group.absent)}." if group.absent and low else ""
        allowed = "the tolerance" if rule.tolerance else "rounding" if m.half(parts[0].cell.rows.dataset) else ""
        yield Finding(
            SUM,
            m.name,
            "parts do not add up to their whole",
            m.spot(whole.cell),
            f"{self._parts(group, parts)} {'adds' if len(parts) == 1 else 'add'} up to {added} {m.spec.unit}"
            f"{m.levels(group.coordinate)} {when(group.period)}, {_whole_name(group, whole)} has"
            f" {own}{_apart(parts, whole, allowed)}",
            f"{whole.name} {when(group.period)}: {added}, not {own}",
            self._largest(parts) + absent + self._look_up(whole, *parts),
            tuple(m.spot(p.cell) for p in _by_size(parts)[:3]),
        )

    def _without_whole(self, group: Group) -> Finding:
        m = self.measured
        name = m.figure(*group.owner, group.coordinate, group.period, group.parts[0].cell).name
        text = f"{name} has no row {when(group.period)}, but {self._parts(group, group.parts)} should add up to it"
        hint = f"Add the row of {name}, with the figure that its parts add up to, {_added(group.parts)}."
        first = min(group.parts, key=lambda p: m.spot(p.cell))
        return Finding(SUM, m.name, "parts have no whole", m.spot(first.cell), text, text, hint)

    def _sum(self, parts: Sequence[Figure], more: Sequence[float]) -> Interval:
        """Where the sum lies; a part that is not known may be anything from zero."""
        found = Interval(-sum(more), sum(more))
        for part in parts:
            known = part.cell.number is not None
            bounds = self.measured.bounds(part.cell) if known else Interval(0, math.inf, False, True)
            found = found.plus(bounds, 1)
        return found

    # --- words --------------------------------------------------------------------------------------------

    def _above(self, part: Figure, whole: Figure) -> Finding:
        m = self.measured
        levels = m.levels(part.coordinate)
        return Finding(
            ABOVE,
            m.name,
            "parts are above their whole",
            m.spot(part.cell),
            f"{part.name} has {m.counted(part.cell)}{levels} {when(part.period)}, more than"
            f" {self._other(part, whole)}, {said(whole.cell)}, of which it is a part",
            f"{part.name} {when(part.period)}: {said(part.cell)} of {said(whole.cell)}",
            "The whole is at {0}." + self._look_up(part, whole) + self._switch(),
            (m.spot(whole.cell),),
        )

    def _below_parts(self, whole: Figure, parts: list[Figure]) -> Finding:
        m = self.measured
        listed = _by_size(parts)
        largest = listed[0]
        return Finding(
            ABOVE,
            m.name,
            "wholes are below their parts",
            m.spot(whole.cell),
            f"{whole.name} has {m.counted(whole.cell)}{m.levels(whole.coordinate)} {when(whole.period)}, less than"
            f" {len(parts)} of its parts, among them {self._other(whole, largest)}, {said(largest.cell)}",
            f"{whole.name} {when(whole.period)}: {said(whole.cell)}, {largest.name} {said(largest.cell)}",
            self._largest(parts) + self._look_up(whole, *parts) + self._switch(),
            tuple(m.spot(p.cell) for p in listed[:3]),
        )

    def _other(self, one: Figure, other: Figure) -> str:
        """The other figure, by what it differs in: its place, its period or its levels."""
        words = [other.name] if (other.collection, other.key) != (one.collection, one.key) else []
        if other.period != one.period:
            words.append(when(other.period).removeprefix("in ") if not words else when(other.period))
        if other.coordinate != one.coordinate:
            words.append(self.measured.levels(other.coordinate).strip(" ()") or "all together")
        return " ".join(words)

    def _parts(self, group: Group, parts: Sequence[Figure]) -> str:
        """``the 3 towns of Northmark``, ``2 levels of Aldford``."""
        collection, key = group.owner
        name = self.measured.figure(collection, key, group.coordinate, group.period, parts[0].cell).name
        if group.collection == collection:
            return f"{count(len(parts), 'level', 'levels')} of {name}"
        entities = {p.key for p in parts if p.collection}
        loose = sum(not p.collection for p in parts)
        one = self.measured.selector.collections[group.collection].one
        text = f"the one {one}" if len(entities) == 1 else f"the {len(entities):,} {group.collection}"
        return f"{text} of {name}" + (f" and {count(loose, 'other row', 'other rows')}" if loose else "")

    def _largest(self, parts: Sequence[Figure]) -> str:
        listed = _by_size(parts)[:3]
        shown = (
            f"{p.name}{self.measured.levels(p.coordinate)}, {said(p.cell)} ({{{i}}})" for i, p in enumerate(listed)
        )
        return f"{'The largest parts' if len(parts) > 3 else 'The parts'}: {'; '.join(shown)}."

    def _look_up(self, *figures: Figure) -> str:
        asked = self.measured.sources(*(figure.cell for figure in figures))
        return f" Look the figures up at their source{asked} and mend the row that is wrong."

    def _switch(self) -> str:
        return (
            f" If a part may be above its whole here, write under '{self.measured.name}' in data/measures.yml:"
            " consistency: {part_of_whole: false, reason: …}"
        )


def _by_whole(pairs: Iterable[tuple[Figure, Figure]]) -> list[list[tuple[Figure, Figure]]]:
    groups: dict[Rows, list[tuple[Figure, Figure]]] = {}
    for part, whole in pairs:
        groups.setdefault(whole.cell.rows, []).append((part, whole))
    return list(groups.values())


def _by_size(parts: Sequence[Figure]) -> list[Figure]:
    known = [part for part in parts if part.cell.number is not None]
    return sorted(known, key=lambda p: (-(p.cell.number or 0), p.name))


def _same_days(part: Cell, whole: Cell) -> bool:
    return part.partial == whole.partial and part.weight == whole.weight


def _added(parts: Sequence[Figure]) -> str:
    return number(math.fsum(part.cell.number or 0 for part in parts))


def _at_least(least: Interval, parts: Sequence[Figure]) -> str:
    exact = all(part.cell.precision == "exact" for part in parts)
    return _added(parts) if exact else between(Interval(least.low, math.inf, least.low_open, True))


def _apart(parts: Sequence[Figure], whole: Figure, allowed: str) -> str:
    """``: 12 too few``, ``, more than rounding explains``."""
    numbers = [part.cell.number or 0 for part in parts]
    difference = math.fsum(numbers) - (whole.cell.number or 0)
    text = f": {number(abs(round(difference, 6)))} too {'many' if difference > 0 else 'few'}"
    return f"{text}, more than {allowed} explains" if allowed else text


def _whole_name(group: Group, whole: Figure) -> str:
    return f"{whole.name} itself" if group.collection != whole.collection else "all together"


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
