"""route → page: a pure function of the story."""

from generator.pages.maker import Page, PageMaker

__all__ = ["Page", "PageMaker"]
