"""The ids beside rows of cards that are too small to carry their own."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.artist import Artist
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout.card import (
    ID_SIZE,
    ROW_LABEL_GAP,
    ROW_LABEL_PITCH,
    ROW_LABEL_SHARE,
    ROW_LABEL_WIDTH,
    CardLayout,
)
from .._words.labels import distinct_labels, without_repeats
from .labels import Labels
from .placement import PlacedCards
from .typeface import Font

#: How many ids are measured to estimate how wide the widest is.
_MOST_MEASURED = 64


class RowLabels:
    """The id of each row's first card, to its left; where rows are low, of every few."""

    def __init__(self, font: Font, color: ColorType) -> None:
        self.labels = Labels(font, color, "right")

    def room(self, ids: NDArray[np.object_], width: float) -> float:
        """Return the room for ids in a width, besides cards; 0 if that is too little."""
        font = self.labels.font
        widths = (font.measure(font.typeface.drawable(one)) for one in ids[:_MOST_MEASURED])
        room = min(max(widths, default=0.0), ROW_LABEL_WIDTH) + ROW_LABEL_GAP
        return room if len(ids) and room <= ROW_LABEL_SHARE * width else 0.0

    def place(
        self, placed: PlacedCards[CardLayout], ids: NDArray[np.object_], room: float
    ) -> list[Artist]:
        """Put the ids beside the rows in view."""
        if not room or not len(placed.cards):
            return []
        tops, firsts = np.unique(placed.tops, return_index=True)
        pitch = float(np.diff(tops).min(initial=np.inf))
        every = max(math.ceil(ROW_LABEL_PITCH * placed.per_point / pitch), 1)
        firsts = firsts[::-1][::every]  # from the top
        font = self.labels.font
        words = [font.typeface.drawable(one) for one in ids[placed.cards[firsts]]]
        fitting = distinct_labels(words, room - ROW_LABEL_GAP, font.measure)
        lefts = np.maximum(placed.lefts[firsts], placed.view.box.x0)
        baselines = placed.tops[firsts] - placed.height / 2 - 0.35 * ID_SIZE * placed.per_point
        places = np.column_stack([lefts - ROW_LABEL_GAP * placed.per_point, baselines])
        self.labels.place(without_repeats(words, fitting), places)
        return [self.labels]
