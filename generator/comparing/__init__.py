"""What differs between two states of a story's data: sentences, assertions, claims, ranks, tables, pages.

The words are the same on both sides (today's documents and templates); only the data is another. Both sides are
surveyed page by page, and what each page prints is held against what it printed before.
"""

from generator.comparing.as_json import as_json
from generator.comparing.as_markdown import as_markdown
from generator.comparing.as_text import as_text
from generator.comparing.as_update import as_update
from generator.comparing.changes import Difference, Side
from generator.comparing.pages import compare
from generator.comparing.sides import SideError, data_of_folder, data_of_revision, laid_over

__all__ = [
    "Difference",
    "Side",
    "SideError",
    "as_json",
    "as_markdown",
    "as_text",
    "as_update",
    "compare",
    "data_of_folder",
    "data_of_revision",
    "laid_over",
]
