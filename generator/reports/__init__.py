"""Problems → text: for people, for programs, for code hosts.

Nothing here decides what is wrong, or changes the order of what was found but to put notes last.
"""

from generator.reports.excerpts import Sources, excerpt, safe
from generator.reports.records import records, workflow_commands
from generator.reports.sarif import sarif
from generator.reports.text import Palette, summary, told

__all__ = ["Palette", "Sources", "excerpt", "records", "safe", "sarif", "summary", "told", "workflow_commands"]
