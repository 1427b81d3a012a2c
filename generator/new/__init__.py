"""A story of one's own, and the parts of a story: what ``broadsheet new`` writes.

Everything here writes files, none of it over a file that is there, and raises SourceError before it has written
anything. What it writes builds and passes ``check --strict``; tests hold it to that.
"""

from generator.new.collection import new_collection
from generator.new.parts import new_entity, new_page, new_ranking
from generator.new.start import new_story

__all__ = ["new_collection", "new_entity", "new_page", "new_ranking", "new_story"]
