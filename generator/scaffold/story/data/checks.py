"""What must hold among the tables and cannot be said in measures.yml or datapackage.json.

``check(tables)`` yields ``(table, row or None, message)``, and as a fourth element the field of the cell that it is
about. ``broadsheet check`` and ``broadsheet build`` run it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Finding = tuple[str, int | None, str] | tuple[str, int | None, str, str]

ROUNDING = 2
"""GWh by which a sum may be off; some countries report whole GWh."""


def check(tables: Mapping[str, Any]) -> Iterator[Finding]:
    """What was made and bought, less what was sold and pumped, is what was supplied."""
    table = tables["supply"]
    for index in range(len(table)):
        cells = table.row(index)
        parts = [cells[name] for name in ("production", "imports", "exports", "pumping", "supplied")]
        if None in parts:
            continue  # Malta gave no exports for 2016
        made, bought, sold, pumped, supplied = parts
        if abs(left := made + bought - sold - pumped - supplied) > ROUNDING:
            message = f"{cells['country']}, {cells['year']}: supplied is {supplied:,.0f} GWh, the parts add up to "
            yield "supply", index, f"{message}{supplied + left:,.0f}", "supplied"
