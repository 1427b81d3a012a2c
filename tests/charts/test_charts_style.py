"""Colours are legible on both papers; the CSS and the measuring of text."""

from __future__ import annotations

import math
import pickle
import struct
from itertools import pairwise
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


SEEN_BY = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    # Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB
    "no red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "no blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}


def lab(colour: str, seen: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a colour as somebody sees it."""
    given = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in given]
    r, g, b = (min(max(sum(w * c for w, c in zip(row, linear, strict=True)), 0), 1) for row in seen)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("eyes", sorted(SEEN_BY))
def test_steps_are_told_apart_by_lightness_whoever_looks(mode: str, eyes: str) -> None:
    """Each step differs from the next, and from the paper, in lightness alone; steps of two are 3:1 apart."""
    values = getattr(Style(), mode)
    light = {role: lab(values[role], SEEN_BY[eyes])[0] for role in (*STEPS, "paper", "faint")}
    order = [light[role] for role in ("paper", *STEPS)]
    assert order == sorted(order, reverse=mode == "light")
    assert all(abs(one - other) >= 8 for one, other in pairwise(order))
    assert contrast(values["s1"], values["s5"]) >= 4.5
    assert contrast(values["s2"], values["s4"]) >= 2.5


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("eyes", sorted(SEEN_BY))
def test_zero_and_the_first_step_are_told_apart(mode: str, eyes: str) -> None:
    values = getattr(Style(), mode)
    assert math.dist(lab(values["faint"], SEEN_BY[eyes]), lab(values["s1"], SEEN_BY[eyes])) >= 5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_edges_and_hatching_are_seen_on_paper(mode: str) -> None:
    """A shape's edge says where it is, whatever its step; hatching is what is missing."""
    values = getattr(Style(), mode)
    assert all(contrast(values[role], values["paper"]) >= 3 for role in ("grey", "missing", "muted", "accent"))


def test_every_role_has_a_sentinel_of_its_own() -> None:
    assert sorted(role for _, role in sentinels()) == sorted(ROLES)
    assert len({colour for colour, _ in sentinels()}) == len(ROLES)


def test_the_css_names_every_role_for_light_pages_and_dark_ones() -> None:
    css = css_variables(Style(light={"accent": "#005500"}))
    assert all(css.count(f"--chart-{role}: light-dark(") == 1 for role in ROLES)
    assert "--chart-accent: light-dark(#005500, #f0876a);" in css


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
