"""Broadsheet: a static site generator for data stories."""

__version__ = "0.1.0"
