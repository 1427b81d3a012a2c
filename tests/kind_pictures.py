"""Makes a picture of each kind of figure: docs/pictures/kinds/KIND.svg.

    python tests/kind_pictures.py      (or: make docs)

They are what the generator draws for the story of tests/story, to which docs/pictures/kinds/story adds a page with
a figure of each kind; in the light colours of the theme, on its paper, since what shows them has no style sheet.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from test_cases import lay_over

from generator.build import build
from generator.charts import KINDS, Style

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures/kinds"
FONTS = ROOT / "templates/assets/fonts"
MARGIN = 10


def pictures() -> dict[str, str]:
    """Kind → SVG. Raises AssertionError when the page of docs/pictures/kinds/story lacks one."""
    with TemporaryDirectory() as folder:
        story, site = Path(folder) / "story", Path(folder) / "site"
        lay_over(PICTURES / "story", story)
        build(story, site)
        page = (site / "kinds/index.html").read_text(encoding="utf-8")
    # the drawings for narrow columns; the id of each figure there is its kind
    drawn = {kind: svg for svg, kind in re.findall(r'(<svg [^>]*\bid="(\w+)-n".*?</svg>)', page, re.DOTALL)}
    assert set(drawn) == set(KINDS), "content/kinds.md in docs/pictures/kinds/story needs a figure of each kind"
    return {kind: _alone(svg) for kind, svg in sorted(drawn.items())}


def _alone(svg: str) -> str:
    """A drawing that needs no page: colours and type written out, no links, its own ground."""
    style = Style()
    svg = svg.replace("var(--chart-font)", "Broadsheet Sans, Arial, sans-serif")
    svg = re.sub(r"var\(--chart-([\w-]+)\)", lambda match: style.light[match[1]], svg)
    svg = re.sub(r' data-[a-z]+="[^"]*"', "", svg)  # for the script of a page
    svg = re.sub(r'<a\b([^>]*?) href="[^"]*"', r"<g\1", svg).replace("</a>", "</g>")
    size = re.search(r'width="(\d+)" height="(\d+)" viewBox="0 0 \d+ \d+"', svg)
    assert size, "a drawing says how large it is"
    width, height = (int(number) + 2 * MARGIN for number in size.groups())
    box = f'x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}"'
    view = f'width="{width}" height="{height}" viewBox="{-MARGIN} {-MARGIN} {width} {height}"'
    head, mark, body = svg.replace(size[0], view, 1).partition("</desc>")
    type_ = f"<style>{''.join(_font(weight, body) for weight in ('400', '600'))}</style>"
    return f'{head}{mark}{type_}<rect {box} fill="{style.light["paper"]}"/>{body}\n'


def _font(weight: str, svg: str) -> str:
    """The letters of a drawing in the type that it was measured with."""
    letters = "".join(sorted(set(re.sub(r"<[^>]*>", "", svg))))
    font = TTFont(FONTS / f"broadsheet-sans-{weight}.woff2", recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=["kern"], drop_tables=["DSIG"], notdef_outline=False))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(made := BytesIO(), reorderTables=True)
    data = b64encode(made.getvalue()).decode("ascii")
    return f"@font-face{{font-family:Broadsheet Sans;font-weight:{weight};src:url(data:font/woff2;base64,{data})}}"


if __name__ == "__main__":
    for kind, svg in pictures().items():
        (PICTURES / f"{kind}.svg").write_text(svg, encoding="utf-8")
    sys.stdout.write(f"{len(KINDS)} pictures in {PICTURES.relative_to(ROOT)} are made anew\n")
