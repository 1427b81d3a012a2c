"""What a template sees: entities, collections, measures and rows, without anything to break.

Views look things up when asked and refuse what cannot be answered, with a suggestion. Nothing here prints.
"""

from generator.prose.views.base import View
from generator.prose.views.entities import EntityView
from generator.prose.views.groups import CollectionView
from generator.prose.views.rows import DataView, Relation, RowView
from generator.prose.views.scope import Views
from generator.prose.views.value import Dates, Value

__all__ = ["CollectionView", "DataView", "Dates", "EntityView", "Relation", "RowView", "Value", "View", "Views"]
