"""Let mplcursors annotate cards, in programs that use it."""

from __future__ import annotations

import sys
from typing import Any

from .._drawing.grid import AutopsyGrid


def teach_mplcursors() -> None:
    """Tell mplcursors, if it has been imported, what a card is."""
    # It has no other way to learn of artists that are not Matplotlib's own.
    module: Any = sys.modules.get("mplcursors")
    if module is None or AutopsyGrid in module.compute_pick.registry:
        return

    def pick(grid: AutopsyGrid, event: Any) -> Any:
        card = grid.card_at(event)
        if card is None:
            return None
        host: Any = grid.axes
        target = host.transData.inverted().transform((event.x, event.y))
        fields = {"artist": grid, "target": target, "index": card.index, "dist": 0.0}
        return module.Selection(**fields, annotation=None, extras=[])

    def say(grid: AutopsyGrid, *rest: Any) -> str:
        selection = module.Selection(grid, *rest)
        card = list(grid.cards.values())[selection.index]
        return f"{card.words}\n{card.peak_words}"

    module.compute_pick.register(AutopsyGrid, pick)
    module.get_ann_text.register(AutopsyGrid, say)
