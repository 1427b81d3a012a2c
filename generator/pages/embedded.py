"""A figure on a page of its own, for frames on other sites."""

from __future__ import annotations

import re

from generator.pages.receipts import anchored
from generator.pages.writer import graded

_ID = re.compile(r'\bid="([^"]*)"')
_PART = re.compile(r'\bhref="#([^"]*)"')


def alone(html: str) -> str:
    """The page of one figure: its heading is the page's, and what led to a part of the figure's page leads there.

    Numbers that led to a receipt lead nowhere, as the page has none.
    """
    html = graded(anchored(html), above=0)
    ids = set(_ID.findall(html))
    return _PART.sub(lambda match: match[0] if match[1] in ids else f'href="./#{match[1]}"', html)
