"""Letters as they are compared."""

from __future__ import annotations

import unicodedata


def without_accents(text: str) -> str:
    """``Peña`` → ``Pena``; letters that have no plain form stay, taken apart as NFKD has them."""
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
