"""Where a page, and each of its figures and tables, says that its numbers come from."""

from __future__ import annotations

from generator.documents import BlockProgram
from generator.model import Rows
from generator.pages import PageMaker
from generator.pages.around import sources
from generator.pages.survey import Passage, Shown, Survey
from generator.pages.writer import Writer
from generator.problems import Location
from generator.routes import Route


def named(block: BlockProgram) -> str:
    """A figure's or table's id, or its title as it is written, without what its words are held against."""
    if block.spec.id or "title" not in block.texts:
        return block.spec.id
    said = "".join(
        part.words if part.kind in ("assertion", "claim") else part.text for part in block.texts["title"].segments
    )
    return " ".join(said.split())


class Credits:
    """The lines of one side, each dataset's worked out once."""

    def __init__(self, maker: PageMaker) -> None:
        self._maker = maker
        self._of_dataset: dict[str, str] = {}

    def lines(self, survey: Survey) -> dict[tuple[Location, str], list[str]]:
        """By where they stand: below each block, and at the foot of the page."""
        found: dict[tuple[Location, str], list[str]] = {}
        datasets: dict[str, None] = {}
        for said in survey.said:
            if isinstance(said, Shown):
                block = said.block
                name = named(block)
                part = f"source of the {block.what} {name!r}"
                given = self._maker.shop.blocks.source_lines(said.sheet)
                found[block.place, part] = [_line(line, "title", "publisher", "date") for line in given]
                _used(said.sheet.sources, datasets)
            elif isinstance(said, Passage):
                for slot in said.made.slots:
                    _used(slot.rows, datasets)
        for reading in survey.readings:
            _used(reading.slot.rows, datasets)
        foot = Location(survey.route.document)
        tables = sorted(datasets.keys() & self._maker.story.tables.keys())
        found[foot, "sources of the page"] = [self._dataset(name, survey.route) for name in tables]
        return found

    def _dataset(self, name: str, route: Route) -> str:
        known = self._of_dataset.get(name)
        if known is None:
            writer = Writer(self._maker.shop, route)
            writer.datasets = {name: None}
            (line,) = sources(writer, lambda address: address)
            known = self._of_dataset[name] = _line(line, "title", "publisher", "date", "via", "licence")
        return known


def _used(rows: tuple[Rows, ...], datasets: dict[str, None]) -> None:
    for item in rows:
        datasets.setdefault(item.dataset, None)


def _line(line: dict[str, str], *keys: str) -> str:
    return ", ".join(filter(None, (line[key] for key in keys)))
