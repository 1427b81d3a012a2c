"""The language of asserted words: what an editor types about a figure, and whether the figure bears it out.

English. ``read`` finds every meaning a phrase can have; ``judge`` holds the one that fits against the data.
The table of what is understood is in the editor's guide, and tests hold the two together.
"""

from generator.words.grammar import read
from generator.words.judge import UNDERSTOOD, Fact, Group, Place, Verdict, judge, shown
from generator.words.lexicon import Lexicon

__all__ = ["UNDERSTOOD", "Fact", "Group", "Lexicon", "Place", "Verdict", "judge", "read", "shown"]
