"""Units and periods that the declarations mix up, and rules that name what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from generator.datasets.descriptor import Field
from generator.datasets.read import no_dataset
from generator.measures.consistency.findings import Figure, Finding, Measured, Spot, when
from generator.measures.spec import RateSpec, SumRule, TimeSpec
from generator.model import Period
from generator.problems import did_you_mean, one_of

YEAR = 366
"""Days that a rate's denominator may lie outside of the period of what is divided."""


def mixed_up(measured: Measured) -> Iterator[Finding]:
    """Everything that can be told from the declarations, and from the dates in the tables."""
    yield from _rules(measured)
    yield from _units(measured)
    yield from _months(measured)
    yield from _rates(measured)
    yield from _coverage(measured)


def _wrong(measured: Measured, code: str, path: tuple[str | int, ...], message: str, hint: str = "") -> Finding:
    """An error in measures.yml."""
    return Finding(code, measured.name, message, measured.declared_at(*path), message, hint=hint)


# --- rules name what there is ---------------------------------------------------------------------------


def _rules(measured: Measured) -> Iterator[Finding]:
    rules, table = measured.rules, measured.tables[measured.spec.from_]
    named: list[tuple[tuple[str, ...], str]] = [(("consistency", "within"), rules.within)]
    named += [(("consistency", "change", "explained_in"), rules.change.explained_in)] if rules.change else []
    for path, column in named:
        yield from _column(measured, path, column, table.name)
    if measured.spec.kind == "category" and (rules.sums or rules.range or rules.monotone or rules.change):
        message = "it has categories, not numbers, so that nothing adds up, rises or has a range"
        yield _wrong(measured, "bad-rule", ("consistency",), message)
        return
    for number, rule in enumerate(rules.sums):
        yield from _sum(measured, ("consistency", "sums", number), rule)


def _column(measured: Measured, path: tuple[str | int, ...], column: str, dataset: str) -> Iterator[Finding]:
    known = measured.tables[dataset].columns
    if column and column not in known:
        message = f"{dataset} has no field {column!r}{did_you_mean(column, known)}"
        yield _wrong(measured, "unknown-field", path, message, f"Its fields: {one_of(known, most=30)}.")


def _sum(measured: Measured, path: tuple[str | int, ...], rule: SumRule) -> Iterator[Finding]:
    if rule.in_:
        yield from _sum_in(measured, path, rule)
        return
    cube = measured.cube
    parts = [*cube.collections, *cube.levels]
    if rule.of not in parts:
        message = f"{rule.of!r} is no collection it has figures of and no dimension{did_you_mean(rule.of, parts)}"
        yield _wrong(measured, "bad-rule", (*path, "of"), message, f"Write one of: {one_of(parts)}.")
    elif rule.of in cube.levels and not measured.spec.dimensions[rule.of].additive:
        message = f"the levels of {rule.of} are declared not to add up"
        yield _wrong(measured, "bad-rule", (*path, "of"), message)
    if rule.to not in cube.collections:
        message = f"it has no figures of {rule.to!r}{did_you_mean(rule.to, cube.collections)}"
        hint = f"It has figures of: {one_of(cube.collections)}."
        yield _wrong(measured, "bad-rule", (*path, "to"), message, hint)
    elif rule.of in cube.collections and rule.to not in measured.selector.above(rule.of):
        message = f"{rule.of} are not declared to be parts of {rule.to}"
        hint = f"In content/site.yml {rule.of} need the 'parent' {rule.to}, or one that has it."
        yield _wrong(measured, "bad-rule", (*path, "to"), message, hint)
    if not measured.spec.adds_up:
        message = "its figures do not add up over entities: it is a percentage, or its 'whole' is 'none'"
        yield _wrong(measured, "bad-rule", path, message)


def _sum_in(measured: Measured, path: tuple[str | int, ...], rule: SumRule) -> Iterator[Finding]:
    table, own = measured.tables.get(rule.in_), measured.tables[measured.spec.from_]
    if table is None:
        message = no_dataset(rule.in_, measured.tables)
        yield _wrong(measured, "unknown-dataset", (*path, "in"), message)
        return
    yield from _column(measured, (*path, "value"), rule.value, table.name)
    for key in rule.keys:
        for dataset in (own.name, table.name):
            yield from _column(measured, (*path, "keys"), key, dataset)
    for column in rule.where:
        if column not in own.columns and column not in table.columns:
            yield from _column(measured, (*path, "where"), column, own.name)
    fields = own.resource.schema_.field(measured.spec.value), table.resource.schema_.field(rule.value)
    if not measured.spec.count:
        yield from _same_unit(measured, (*path, "value"), (own.name, fields[0]), (table.name, fields[1]))


# --- units ------------------------------------------------------------------------------------------------


def _units(measured: Measured) -> Iterator[Finding]:
    """A measure that is fed by several tables has one unit."""
    spec = measured.spec
    if spec.count or spec.kind == "category":
        return
    main = measured.tables[spec.from_].resource.schema_.field(spec.value)
    for number, part in enumerate(spec.parts):
        field = measured.tables[part.from_].resource.schema_.field(part.value)
        path = ("parts", number, "value")
        yield from _same_unit(measured, path, (spec.from_, main), (part.from_, field))


def _same_unit(
    measured: Measured, path: tuple[str | int, ...], one: tuple[str, Field | None], other: tuple[str, Field | None]
) -> Iterator[Finding]:
    (name, field), (other_name, other_field) = one, other
    units = [found.unit if found else "" for found in (field, other_field)]
    if all(units) and units[0] != units[1]:
        assert field is not None
        assert other_field is not None
        yield _wrong(
            measured,
            "units-mixed",
            path,
            f"{other_name}.{other_field.name} is in {units[1]}, {name}.{field.name} in {units[0]}",
            "Figures of one measure have one unit. If both are the same, write the same 'unit' for both fields in"
            " data/datapackage.json; if not, convert one, or make it a measure of its own.",
        )


# --- periods ----------------------------------------------------------------------------------------------


def _months(measured: Measured) -> Iterator[Finding]:
    """Months read as if they were days: the month would be its first day."""
    spec = measured.spec
    times = [(("time",), spec.from_, spec.time)] if spec.time else []
    parts: list[tuple[tuple[str | int, ...], str, TimeSpec]] = [
        (("parts", number, "time"), part.from_, part.time) for number, part in enumerate(spec.parts)
    ]
    for path, dataset, time in [*times, *parts]:
        schema = measured.tables[dataset].resource.schema_
        for key, column in (("at", time.at), ("to", time.to)):
            field = schema.field(column)
            if field is None or field.type != "yearmonth" or (key == "at" and time.type == "stock"):
                continue
            if key == "at":
                message = f"time.at: {dataset}.{column} holds months, which would be read as their first day"
                hint = f"Write 'month: {column}' instead of 'at: {column}'."
            else:
                message = f"time.to: {dataset}.{column} holds months; a period would end on the first day of one"
                hint = "Give the table a column with the last day."
            yield _wrong(measured, "periods-mixed", (*path, key), message, hint)


def _rates(measured: Measured) -> Iterator[Finding]:
    for name, rule in measured.spec.rates.items():
        by = measured.selector.cubes.get(rule.by)
        if by is None or not rule.at:
            continue
        other = replace(measured, cube=by)
        yield from _rate(measured, name, rule, _periods(other))


def _rate(measured: Measured, name: str, rule: RateSpec, there: list[Period]) -> Iterator[Finding]:
    """That the rate's denominator exists, and is of about the same time as what is divided."""
    path = ("rates", name, "year")
    try:
        wanted = Period.parse(rule.at)
    except ValueError:
        return
    if not any(wanted.covers(period) for period in there):
        near = sorted(there, key=lambda p: (abs((p.start - wanted.start).days), p))[:2]
        message = f"{name}: {rule.by} has no figures of {rule.at}"
        hint = f"The nearest are of {' and '.join(str(p) for p in sorted(near))}." if near else ""
        yield _wrong(measured, "no-such-date", path, message, hint)
        return
    own = _periods(measured)
    span = Period(min(p.start for p in own), max(p.end for p in own))
    if _days_apart(wanted, span) > YEAR:
        years = _days_apart(wanted, span) / 365.25
        side = f"begin on {span.start}" if wanted.end < span.start else f"end on {span.end}"
        message = f"{name} divides by {rule.by} {when(wanted)}; the figures {side}, {years:.1f} years apart"
        nearest = min(there, key=lambda period: (_days_apart(period, span), -period.start.toordinal()))
        hint = f"Write the date of {rule.by} nearest to what is divided: 'year: {nearest}'."
        if wanted.covers(nearest):
            hint = f"{rule.by} has no figure nearer to what is divided; add one, or leave the rate out."
        yield replace(_wrong(measured, "periods-mixed", path, message, hint), severity="warning")


def _days_apart(one: Period, other: Period) -> int:
    """Days between the end of one and the beginning of the other; 0 when they meet."""
    return max((other.start - one.end).days, (one.start - other.end).days, 0)


def _periods(measured: Measured) -> list[Period]:
    return sorted({p for grid in measured.cube.grids.values() for there in grid.values() for p in there})


def _coverage(measured: Measured) -> Iterator[Finding]:
    """Dates outside of what the table is said to cover: a digit of the date, or the coverage, is wrong."""
    tables = [measured.spec.from_, *(part.from_ for part in measured.spec.parts)]
    limits = {name: measured.tables[name].resource.coverage for name in tables}
    outside = {
        (name, period)
        for name, limit in limits.items()
        for period in _periods(measured)
        if (limit.start and period.end < limit.start) or (limit.end and period.start > limit.end)
    }
    if not outside or (measured.spec.time is None and not measured.spec.parts):
        return
    for figure in measured.figures():
        dataset = figure.cell.rows.dataset
        if (dataset, figure.period) in outside:
            yield _uncovered(measured, figure, dataset)


def _uncovered(measured: Measured, figure: Figure, dataset: str) -> Finding:
    resource = measured.tables[dataset].resource
    limit, time = resource.coverage, measured.spec.time
    for part in measured.spec.parts:
        time = part.time if part.from_ == dataset != measured.spec.from_ else time
    said = " ".join([f"from {limit.start}"] * bool(limit.start) + [f"to {limit.end}"] * bool(limit.end))
    columns = time.columns if time else ("",)
    column = columns[-1] if limit.end and figure.period.start > limit.end else columns[0]
    return Finding(
        "outside-coverage",
        measured.name,
        f"dates lie outside of what {dataset} covers",
        Spot(dataset, figure.cell.rows.lines[0], column),
        f"{figure.name} has a figure {when(figure.period)}, but {dataset} is said to cover the time {said}",
        f"{figure.name} {when(figure.period)}",
        f"Mend the date, or move the 'coverage' of {dataset} in data/datapackage.json.",
        severity="warning",
    )
