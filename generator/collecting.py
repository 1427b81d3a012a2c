"""How often Python looks for cycles."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """From now on. What is imported and loaded lives to the end, and pages leave few cycles behind.

    Looking through all of it as often as Python does would take a tenth of the time that the imports take.
    """
    gc.set_threshold(100_000, 20, 50)
