"""A figure on other people's pages: the code that they put there, and what programs ask for that do it themselves.

Both need the address of the site.
"""

from __future__ import annotations

import json
from html import escape

from msgspec import Struct

WIDTH = 680
"""In px, of a frame that takes a number: the width that charts are drawn for."""
_MORE = 44
"""What a frame has besides the words and the drawing of an image, in px."""
SCRIPT = "assets/embed.js"
"""What makes frames as high as what is in them, here and there."""


class Embed(Struct, frozen=True):
    """One figure that may be embedded. Addresses are whole.

    ``image_url`` is '' where figures are no PNGs; ``image_size`` is that of the SVG in px, by which the height of a
    frame is guessed where no script tells it.
    """

    site: str
    site_url: str
    title: str
    url: str
    image_url: str
    image_size: tuple[int, int]

    @property
    def height(self) -> int:
        return self.image_size[1] + _MORE

    @property
    def frame(self) -> str:
        """The frame alone: it works wherever frames do."""
        return (
            f'<iframe src="{escape(self.url)}" title="{escape(self.title)}" width="100%" height="{self.height}"'
            ' style="border:0" loading="lazy"></iframe>'
        )

    @property
    def code(self) -> str:
        """The frame, with the script that gives it the height of what is in it, wide or narrow."""
        return f'{self.frame}\n<script src="{escape(self.site_url)}{SCRIPT}" async></script>\n'

    def oembed(self, scale: int) -> bytes:
        """The answer of oEmbed 1.0, of the type "rich". The image has ``scale`` pixels for each px."""
        width, height = self.image_size
        answer = {
            "version": "1.0",
            "type": "rich",
            "title": self.title,
            "provider_name": self.site,
            "provider_url": self.site_url,
            "html": self.frame,
            "width": WIDTH,
            "height": self.height,
        }
        if self.image_url:
            size = {"thumbnail_width": scale * width, "thumbnail_height": scale * height}
            answer |= {"thumbnail_url": self.image_url, **size}
        return f"{json.dumps(answer, ensure_ascii=False, indent=1)}\n".encode()
