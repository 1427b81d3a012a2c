"""What all views share: strict lookup of names, and one index of the story's entities and rows."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from generator.measures.select import Selection
from generator.model import Collection, Entity, Period, Rows
from generator.story import Story
from generator.values import QuantityError


class UnknownNameError(QuantityError):
    """A name that a view does not have. Names are often only probed for, so its words are found when read."""

    def __init__(self, code: str, explain: Callable[[], tuple[str, str]]) -> None:
        """``explain`` gives the message and the hint."""
        Exception.__init__(self, code)
        self.code = code
        self._explain = explain

    def __getattr__(self, name: str) -> Any:
        if name not in ("message", "hint"):
            raise AttributeError(name)
        self.message, self.hint = self._explain()
        return self.__dict__[name]

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (QuantityError, (self.code, self.message, self.hint))


class _NotThereError(AttributeError):
    """Says what its cause says."""

    def __str__(self) -> str:
        return str(self.__cause__)


_LOOKED_FOR = frozenset(["alters_data", "jinja_pass_arg", "unsafe_callable"])
"""What Jinja looks for at each call. To tell what there is instead, a view would have to work that out."""


class View:
    """Names are looked up by ``_look``, which says what there is instead of what was asked for."""

    def _look(self, name: str) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in _LOOKED_FOR:
            raise AttributeError(name)
        try:
            return self._look(name)
        except QuantityError as error:
            raise _NotThereError(name) from error


class Lookup:
    """Finds entities and rows of a story, through indexes made once; shared by all its views.

    ``view`` and ``group`` make the views of one and of several entities, so that each kind of view can lead
    to the others.
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self.selector = story.selector
        self.specs = story.config.spec.collections
        self._by_key = {
            name: {entity.key: entity for entity in collection} for name, collection in story.collections.items()
        }
        self._children: dict[tuple[str, str], list[Entity]] = {}
        for collection in story.collections.values():
            for entity in collection:
                self._children.setdefault((collection.name, entity.parent), []).append(entity)
        self._related: dict[tuple[str, str], dict[str, array[int]]] = {}
        self._beside: dict[tuple[str, str], dict[str, tuple[Entity | None, Entity | None]]] = {}
        self.rate_ranks: dict[tuple[str, str, Selection, str], Any] = {}
        """Standings by a rate, each worked out once."""
        self.values: dict[tuple[str, str, str, Selection], Any] = {}
        """The values asked for so far, by measure, collection, key and selection."""

    def view(self, entity: Entity) -> View:
        raise NotImplementedError

    def group(self, collection: Collection, entities: Sequence[Entity]) -> View:
        raise NotImplementedError

    def at(self, collection: str, key: str) -> Entity:
        return self._by_key[collection][key]

    def find(self, collection: str, key: str) -> Entity | None:
        return self._by_key[collection].get(key)

    def children(self, collection: str, of: Entity) -> list[Entity]:
        return self._children.get((collection, of.key), [])

    def beside(self, entity: Entity) -> tuple[Entity | None, Entity | None]:
        """The entity before and the one after, by name, among those with the same parent; put in order once."""
        family = entity.collection, entity.parent
        if family not in self._beside:
            ordered = sorted(self._children[family], key=lambda each: (each.name, each.key))
            around = zip([None, *ordered], ordered, [*ordered[1:], None], strict=False)
            self._beside[family] = {here.key: (before, after) for before, here, after in around}
        return self._beside[family][entity.key]

    def related(self, dataset: str, column: str, key: str) -> Sequence[int]:
        """Row numbers of a dataset whose ``column`` holds ``key``; the index is made once."""
        index = self._related.get((dataset, column))
        if index is None:
            index = {}
            for row, cell in enumerate(self.story.tables[dataset].columns[column]):
                rows = index.get(str(cell))
                if rows is None:
                    rows = index[str(cell)] = array("I")
                rows.append(row)
            self._related[dataset, column] = index
        return index.get(key, ())


def merged(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    lines: dict[str, set[int]] = {}
    for item in rows:
        lines.setdefault(item.dataset, set()).update(item.lines)
    return tuple(Rows(name, tuple(sorted(found))) for name, found in lines.items())


def as_selection(selection: dict[str, Any]) -> Selection:
    """What a template asked for, as text. Dates may be texts, dates, periods or another value's period."""
    made = []
    for name, given in selection.items():
        if name == "period":
            name = "at"
        if isinstance(given, dt.date):
            text = given.isoformat()
        elif isinstance(given, Period | str | int) and not isinstance(given, bool):
            text = str(given)
        elif isinstance(given, bool):
            text = "true" if given else "false"
        else:
            bare = type(given).__name__ == "Undefined"  # a word that is no name of anything
            said = "stands without quotes" if bare else f"takes a text, not {type(given).__name__}"
            hint = f'Write {name}="…".' if bare else ""
            raise QuantityError(
                "bad-selection", f"what {name}= selects {said}" if bare else f"{name}= {said}", hint
            )
        made.append((name, text))
    return tuple(sorted(made))
