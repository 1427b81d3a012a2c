"""Fenced ``figure`` and ``table`` blocks: what they show, as one sheet, and its drawing, table and CSV."""
