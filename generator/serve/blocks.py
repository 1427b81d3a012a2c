"""Figures and tables that stay as they are while the sentences around them are written."""

from __future__ import annotations

from collections import OrderedDict

from generator.documents import BlockProgram
from generator.figures.kept import MadeBlock
from generator.figures.render import BlockMaker, Place, Resolve, Texts, told_apart
from generator.figures.sheets import SheetMaker
from generator.values import NumberStyle

MOST_KEPT = 300


class RememberingBlocks(BlockMaker):
    """Makes blocks, and keeps those made last; for as long as the data and the theme stay the same."""

    def __init__(self, blocks: BlockMaker) -> None:
        vars(self).update(vars(blocks))
        self.drawing = True  # where others do not draw since nothing will be written, this is looked at
        self._kept: OrderedDict[tuple[object, ...], MadeBlock] = OrderedDict()

    def speaking(self, style: NumberStyle) -> BlockMaker:
        made = super().speaking(style)
        assert isinstance(made, RememberingBlocks)
        made._kept = OrderedDict()
        return made

    def make(
        self, block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, resolve: Resolve, place: Place
    ) -> MadeBlock:
        key = told_apart(block, maker, texts, name, place)
        if key not in self._kept:
            self._kept[key] = super().make(block, maker, texts, name, resolve, place)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
