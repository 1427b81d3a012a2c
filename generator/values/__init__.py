"""Quantities: a number with its unit, precision, period and rows, and how it is printed."""

from generator.values.errors import QuantityError
from generator.values.intervals import Interval, interval
from generator.values.quantity import (
    HEDGES,
    PERCENT,
    Kind,
    Numeric,
    Peers,
    Phrase,
    Quantity,
    StandIn,
    Tally,
    as_quantity,
)
from generator.values.style import NumberStyle, ordinal_digits, ordinal_words, round_half_up, spelled_numbers

__all__ = [
    "HEDGES",
    "PERCENT",
    "Interval",
    "Kind",
    "NumberStyle",
    "Numeric",
    "Peers",
    "Phrase",
    "Quantity",
    "QuantityError",
    "StandIn",
    "Tally",
    "as_quantity",
    "interval",
    "ordinal_digits",
    "ordinal_words",
    "round_half_up",
    "spelled_numbers",
]
