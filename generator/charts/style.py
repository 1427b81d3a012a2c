"""The look of a chart: roles for colours, their values on light and on dark paper, and the type.

A chart is drawn with one *sentinel* colour a role. The post-processor replaces each sentinel by the role's
CSS custom property, so that one drawing serves light and dark pages and a theme can change it later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

TEXT_SIZE = 12
"""Size of all text in a chart, in px; drawings are made for the width they are shown at."""

CATEGORIES = ("c1", "c2", "c3", "c4", "c5", "c6")
STEPS = ("s1", "s2", "s3", "s4", "s5")
ROLES = (
    "ink", "muted", "faint", "paper", "accent", "accent-soft", "grey", *CATEGORIES, *STEPS, "missing",
)  # fmt: skip
"""Every colour a chart may use. ``ink`` is text and axes, ``muted`` secondary text, ``faint`` gridlines,
``paper`` the page, ``accent`` the page's own place, ``grey`` everything that is not, ``c1`` to ``c6``
categories, ``s1`` to ``s5`` steps from little to much, ``missing`` the hatching of what nobody knows."""

_SENTINELS = {role: f"#fe{index:02x}5a" for index, role in enumerate(ROLES, start=1)}

_LIGHT = {
    "ink": "#1c1a17", "muted": "#645e55", "faint": "#e4dfd5", "paper": "#fbf9f4",
    "accent": "#b3341e", "accent-soft": "#efd5cb", "grey": "#958d81",
    "c1": "#1f5a8c", "c2": "#96600f", "c3": "#1f7a66", "c4": "#6d3b78", "c5": "#667080", "c6": "#45423d",
    "s1": "#c4d5d5", "s2": "#91b1b6", "s3": "#628d98", "s4": "#396a79", "s5": "#174556",
    "missing": "#958d81",
}  # fmt: skip
_DARK = {
    "ink": "#ece7dc", "muted": "#a89f92", "faint": "#35312b", "paper": "#171512",
    "accent": "#f0876a", "accent-soft": "#53291e", "grey": "#7d766b",
    "c1": "#5d96d0", "c2": "#c98f2e", "c3": "#3fa88e", "c4": "#b183c4", "c5": "#8794a5", "c6": "#c9c4b6",
    "s1": "#2a3f43", "s2": "#35555d", "s3": "#446d79", "s4": "#70a0ad", "s5": "#b6dbe1",
    "missing": "#7d766b",
}  # fmt: skip


def sentinel(role: str) -> str:
    """The colour to draw with for a role; raises KeyError for an unknown one."""
    return _SENTINELS[role]


def sentinels() -> Iterator[tuple[str, str]]:
    """Pairs of sentinel colour and role."""
    return ((colour, role) for role, colour in _SENTINELS.items())


def text_role_on(fill_role: str) -> str:
    """The role of text which is legible on a filled mark, in light and in dark."""
    return "paper" if fill_role in (*CATEGORIES, "s4", "s5", "accent") else "ink"


class Style(Struct, frozen=True):
    """Colours and type of every chart of a site.

    ``light`` and ``dark`` give each role of :data:`ROLES` as ``#rrggbb``; roles left out keep the default.
    ``font_directory`` holds the TrueType files that text is measured with (files of ``font_family``, regular
    and semi-bold); without it widths are estimated, and the renderer measures with whatever the host has.
    ``font_stack`` is what the page asks the browser for. ``heading_family`` and ``heading_stack`` are the same for
    the headings of figures that leave the site, in semi-bold.
    """

    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)
    font_family: str = "Broadsheet Sans"
    font_stack: str = '"Broadsheet Sans", "Source Sans 3", "Helvetica Neue", Arial, sans-serif'
    font_directory: Path | None = None
    heading_family: str = "Broadsheet Serif"
    heading_stack: str = '"Broadsheet Serif", Newsreader, Georgia, "Times New Roman", serif'

    def __post_init__(self) -> None:
        for name, base in (("light", _LIGHT), ("dark", _DARK)):
            given = getattr(self, name)
            if unknown := sorted(set(given) - set(ROLES)):
                raise ValueError(f"unknown colour role {unknown[0]!r}; the roles are {', '.join(ROLES)}")
            force_setattr(self, name, MappingProxyType({**base, **given}))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy cannot be pickled; the plain values can.
        values = (dict(self.light), dict(self.dark), self.font_family, self.font_stack, self.font_directory)
        return (type(self), (*values, self.heading_family, self.heading_stack))

    def colour(self, role: str) -> str:
        """The colour to draw a role with; see :func:`sentinel`."""
        return sentinel(role)


def css_variables(style: Style) -> str:
    """The custom properties every chart refers to, each for light pages and for dark ones."""
    colours = "".join(f"  --chart-{role}: light-dark({style.light[role]}, {style.dark[role]});\n" for role in ROLES)
    return f":root {{\n  --chart-font: {style.font_stack};\n{colours}}}\n"


def standing_alone(svg: str, sheet: str) -> str:
    """A drawing as a picture on a page, whose style sheet does not reach it: it brings its colours and its type.

    ``sheet`` gives the custom properties of charts, for light and for dark; the picture is one or the other as the
    element is that shows it. For other sites there is :func:`~generator.charts.standalone.standalone`.
    """
    return svg.replace("</desc>", f"</desc><style>:root{{color-scheme:light dark}}{sheet}</style>", 1)


def vega_config(style: Style, thousands: str, decimal: str, width: int) -> dict[str, Any]:
    """The Vega-Lite ``config`` that gives any chart the site's type, colours and number separators."""
    text = {"font": style.font_family, "fontSize": TEXT_SIZE}
    ink, muted, faint = sentinel("ink"), sentinel("muted"), sentinel("faint")
    return {
        "aria": False,
        "background": None,
        "font": style.font_family,
        "view": {"stroke": None, "fill": None},
        "locale": {
            "number": {
                "decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""], "minus": "−",
            },
        },
        "text": {**text, "color": ink},
        "axis": {
            "labelFont": style.font_family, "labelFontSize": TEXT_SIZE, "labelColor": muted,
            "titleFont": style.font_family, "titleFontSize": TEXT_SIZE, "titleFontWeight": "normal",
            "titleColor": muted, "domain": False, "ticks": False, "tickColor": faint, "domainColor": faint,
            "gridColor": faint, "gridWidth": 1, "labelPadding": 6,
        },
        "axisX": {"grid": False, "ticks": True, "tickSize": 4, "labelPadding": 3, "titleAnchor": "end"},
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0, "titleY": -10},
        "axisTemporal": {"tickCount": 4 if width < 480 else 6},
        "legend": {
            "labelFont": style.font_family, "labelFontSize": TEXT_SIZE, "labelColor": ink,
            "titleFont": style.font_family, "titleFontSize": TEXT_SIZE, "titleFontWeight": "normal",
            "titleColor": muted, "orient": "top", "offset": 28, "columns": max(1, width // 110),
        },
        "header": {
            "labelFont": style.font_family, "labelFontSize": TEXT_SIZE, "labelColor": ink,
            "titleFont": style.font_family, "titleFontSize": TEXT_SIZE, "titleColor": muted,
            "titleFontWeight": "normal",
        },
        "title": {"font": style.font_family, "fontSize": TEXT_SIZE, "color": ink, "anchor": "start"},
        "mark": {"color": sentinel("grey")},
        "line": {"strokeWidth": 2, "strokeCap": "round", "strokeJoin": "round"},
        "rule": {"color": faint},
        "geoshape": {"stroke": sentinel("paper"), "strokeWidth": 0.5},
        "range": {
            "category": [sentinel(role) for role in CATEGORIES],
            "ordinal": [sentinel(role) for role in STEPS],
        },
    }  # fmt: skip
