"""How often Python looks for cycles."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """From now on: pages leave a few cycles behind, and all that is imported and loaded lives to the end.

    To walk it as often as Python does takes a tenth of the time of importing it.
    """
    gc.set_threshold(100_000, 20, 50)
