"""The words that the theme and the generator put on pages, and how numbers and dates are written, by language.

The English of a message is its name, as gettext has it, so that English needs no catalogue and nothing to be read.
"""

from generator.languages.catalogue import ENGLISH, Catalogue, Message, filled, is_english
from generator.languages.folders import default_theme, theme_folders

__all__ = ["ENGLISH", "Catalogue", "Message", "default_theme", "filled", "is_english", "theme_folders"]
