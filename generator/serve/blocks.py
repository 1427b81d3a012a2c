"""Figures and tables that stay as they are while the sentences around them are written."""

from __future__ import annotations

from collections import OrderedDict

from generator.documents import BlockProgram
from generator.figures.render import BlockMaker, MadeBlock, Resolve, Texts
from generator.figures.sheets import SheetMaker

MOST_KEPT = 300


class RememberingBlocks(BlockMaker):
    """Makes blocks, and keeps those made last; for as long as the data and the theme stay the same."""

    def __init__(self, blocks: BlockMaker) -> None:
        vars(self).update(vars(blocks))
        self.drawing = True  # where others do not draw since nothing will be written, this is looked at
        self._kept: OrderedDict[tuple[object, ...], MadeBlock] = OrderedDict()

    def make(self, block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, resolve: Resolve) -> MadeBlock:
        """A block is told from others by its document, its entity, what is written in it, and its words here."""
        entity = (maker.own.url, maker.own.key) if maker.own is not None else ()
        key = (block.place.path, entity, block.kind, repr(block.spec), texts, name)
        if key not in self._kept:
            self._kept[key] = super().make(block, maker, texts, name, resolve)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
