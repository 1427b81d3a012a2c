"""All built-in kinds by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from generator.charts.bars import BARS
from generator.charts.kind import Kind
from generator.charts.lines import AREA, LINE, STACKED
from generator.charts.panels import MULTIPLES
from generator.charts.places import MAP, TILES
from generator.charts.points import DOTS, SCATTER, SLOPE

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (LINE, AREA, BARS, STACKED, DOTS, SCATTER, SLOPE, TILES, MAP, MULTIPLES)}
)
