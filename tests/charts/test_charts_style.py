"""Colours are legible on both papers; the CSS and the measuring of text."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import pytest

from generator.charts import ROLES, Style, css_variables
from generator.charts.style import CATEGORIES, STEPS, sentinels, text_role_on
from generator.charts.text import metrics, read_metrics


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    a, b = sorted((luminance(one), luminance(two)), reverse=True)
    return (a + 0.05) / (b + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_contrast(mode: str) -> None:
    values = getattr(Style(), mode)
    for role in ("ink", "muted", "accent", *CATEGORIES):
        assert contrast(values[role], values["paper"]) >= 4.5, role
    for role in ("grey", "missing", "s4", "s5"):
        assert contrast(values[role], values["paper"]) >= 3, role
    for role in (*STEPS, *CATEGORIES, "faint", "missing"):
        if role != "missing":
            assert contrast(values[text_role_on(role)], values[role]) >= 4.5, role
    shades = [luminance(values[role]) for role in STEPS]
    assert shades == sorted(shades, reverse=mode == "light")


def test_every_role_has_a_sentinel_of_its_own() -> None:
    assert sorted(role for _, role in sentinels()) == sorted(ROLES)
    assert len({colour for colour, _ in sentinels()}) == len(ROLES)


def test_the_css_names_every_role_twice() -> None:
    css = css_variables(Style(light={"accent": "#005500"}))
    assert "--chart-accent: #005500;" in css
    assert all(css.count(f"--chart-{role}:") == 2 for role in ROLES)
    assert "@media (prefers-color-scheme: dark)" in css


def test_unknown_roles_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown colour role 'acent'"):
        Style(light={"acent": "#000000"})


def test_styles_survive_pickling() -> None:
    assert pickle.loads(pickle.dumps(Style(dark={"ink": "#ffffff"}))).dark["ink"] == "#ffffff"


def test_widths_are_estimated_without_a_font() -> None:
    measured = metrics(Style(font_directory=Path("nowhere")))
    assert measured.width("1,000") < measured.width("10,000")
    assert measured.wrap("A very long name of a library", 60) == ["A very", "long nam…"]
    assert measured.shorten("Library", 30).endswith("…")


def font(cmap: bytes) -> bytes:
    """A font of two glyphs, 500 and 250 units wide, of 1000 to the em."""
    tables = {
        b"cmap": cmap,
        b"head": bytes(18) + struct.pack(">H", 1000),
        b"hhea": bytes(34) + struct.pack(">H", 2),
        b"hmtx": struct.pack(">HhHh", 500, 0, 250, 0),
    }
    head = struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0)
    offset = len(head) + 16 * len(tables)
    directory, body = b"", b""
    for tag, table in tables.items():
        directory += struct.pack(">4sIII", tag, 0, offset + len(body), len(table))
        body += table
    return head + directory + body


def test_widths_are_read_from_the_font() -> None:
    twelve = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">III", 65, 65, 1)
    four = struct.pack(">HHHHHHH", 4, 32, 0, 4, 0, 0, 0) + struct.pack(
        ">HHHHHhhHH", 65, 0xFFFF, 0, 65, 0xFFFF, -64, 1, 0, 0
    )
    for subtable in (twelve, four):
        cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + subtable
        assert read_metrics(font(cmap)).width("A", 10) == 2.5
