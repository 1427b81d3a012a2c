"""What the custom properties of a theme's style sheet come to on light pages, for drawings that leave the site."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.charts.style import ROLES, Style

_AT_RULE = re.compile(r"@[^{;]*\{(?:[^{}]|\{[^{}]*\})*\}")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_ROOTS = frozenset({":root", "html"})
_PROPERTY = re.compile(r"(--[\w-]+)\s*:\s*([^;]+)")
_OTHER = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
_HEX = r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})"
_COLOUR = re.compile(rf"{_HEX}|(?:rgb|hsl)a?\([\d.,%\s/a-z]*\)|[a-z]{{3,20}}", re.IGNORECASE)
_FAMILY = re.compile(r"[\w\s,'\"-]+")
_DEEPEST = 8  # one property that leads to another, which leads to another


def literal_colours(css: str, style: Style) -> dict[str, str]:
    """Role → colour, as ``css`` (a style sheet without comments) gives it to light pages.

    What it does not say, or says in a way that is no plain colour, is as in ``style``.
    """
    said = _said(css)
    found = {role: _literal(said, f"--chart-{role}") for role in ROLES}
    return {role: found[role] if _COLOUR.fullmatch(found[role]) else style.light[role] for role in ROLES}


def literal_fonts(css: str, style: Style) -> str:
    """The families that charts are set in, the first that is there: ``--chart-font``, or those of ``style``."""
    found = _literal(_said(css), "--chart-font")
    return found if _FAMILY.fullmatch(found) else style.font_stack


def _said(css: str) -> dict[str, str]:
    """The custom properties of the root element, those under a condition left out."""
    rules = _RULE.findall(_AT_RULE.sub("", css))
    said = [text for where, text in rules if not _ROOTS.isdisjoint(map(str.strip, where.split(",")))]
    return {name: value.strip() for text in said for name, value in _PROPERTY.findall(text)}


def _literal(said: Mapping[str, str], name: str) -> str:
    """The value of a property, with those of the properties that it refers to; '' when there is none."""
    value = said.get(name, "")
    for _ in range(_DEEPEST):
        if "var(" not in value:
            return value.strip()
        value = _OTHER.sub(lambda match: said.get(match[1], match[2] or ""), value)
    return ""
