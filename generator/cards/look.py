"""The colours and the type of cards, as a theme has them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from generator.charts.text import Metrics, font_file, font_metrics, legible

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]+|(?:rgb|hsl|oklch)a?\([\d.,%/\s]*\)")

_JOINING = "\u00a0\u2007\u202f"
"""Spaces at which no line may end."""

_DEFAULTS = {
    "paper": "#fbf9f4", "ink": "#1c1a17", "muted": "#645d54", "rule": "#ddd7cb", "accent": "#b3341e",
    "accent-soft": "#f6e6df", "chart-grey": "#958d81",
}  # fmt: skip


class Look(Struct, frozen=True, dict=True):
    """``properties`` are the custom properties of the theme's light pages, by name without dashes.

    ``folders`` hold the TrueType files that text is measured with and drawn in, such as
    ``BroadsheetSerif-SemiBold.ttf``; of two files of one name the first folder's counts.
    """

    properties: Mapping[str, str]
    folders: Sequence[Path]

    def colour(self, name: str, default: str = "") -> str:
        """A colour of the theme, or the default (theme's) where the theme has none that a drawing can take."""
        given = self.properties.get(name, "")
        return given if _COLOUR.fullmatch(given) else default or _DEFAULTS.get(name, _DEFAULTS["ink"])

    @cached_property
    def serif(self) -> str:
        """The family of words: the theme's first one, if there are files to draw it with."""
        return self._family("serif", "Broadsheet Serif")

    @cached_property
    def sans(self) -> str:
        return self._family("sans", "Broadsheet Sans")

    def _family(self, name: str, usual: str) -> str:
        first = self.properties.get(name, "").split(",")[0].strip().strip("\"'")
        return first if first and self._folder(first) else usual

    def _folder(self, family: str) -> Path | None:
        if family not in self._known:
            wanted = [font_file(family, bold=bold) for bold in (False, True)]
            having = (f for f in self.folders if all((f / name).is_file() for name in wanted))
            self._known[family] = next(having, None)
        return self._known[family]

    @cached_property
    def _known(self) -> dict[str, Path | None]:
        """The folder of each family that was asked for: a card asks for it with every word."""
        return {}

    def metrics(self, family: str, *, bold: bool) -> Metrics:
        return font_metrics(self._folder(family), family, bold)

    def drawable(self, text: str, family: str, *, bold: bool) -> str:
        """The text in letters that the font has, so that no machine's own fonts stand in for it.

        A letter that it lacks loses its accent; one without a plain form is a question mark.
        """
        text = re.sub(r"[ \t\n\r\f]+", " ", legible(unicodedata.normalize("NFC", text))).strip()
        if self._folder(family) is None:
            return text
        metrics = self.metrics(family, bold=bold)
        return "".join(_drawable(char, metrics) for char in text)

    @cached_property
    def fonts(self) -> str:
        """The digest of all files that text is drawn in."""
        made = hashlib.sha256()
        for folder in self.folders:
            for path in sorted(folder.glob("*.ttf")):
                made.update(f"{path.name}:".encode())
                made.update(path.read_bytes())
        return made.hexdigest()


def _drawable(char: str, metrics: Metrics) -> str:
    if ord(char) in metrics.advances:
        return char
    if char in _JOINING and 0xA0 in metrics.advances:
        return "\u00a0"
    if char.isspace():
        return " "
    kept = [c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)]
    known = "".join(c for c in kept if ord(c) in metrics.advances)
    if known or not kept or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return known
    return "?"
