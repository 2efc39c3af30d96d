"""Ticks on large cards: the range of the activations, and the first and the last sample."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from numpy.typing import NDArray

from .._layout.card import TICK_GAP, TICK_LENGTH, TICK_SIZE, CardLayout
from .._verdict.autopsy import Autopsy
from .._words.filling import localized, step_number
from .._words.notation import three_digits
from .elements import exact_lines, set_paths
from .header import Appearance
from .labels import Labels
from .placement import PlacedCards
from .typeface import Font

_WIDTH = 0.5  # of a tick, in points


class TickParts:
    """Ticks and their numbers, on cards that have the room.

    ::

        2.1 -|  /\\    /\\ |
             | /  \\__/  \\|
          0 -|            |
             '            '
             1          330
    """

    def __init__(self, appearance: Appearance) -> None:
        self._wording, style = appearance.wording, appearance.style
        font = Font(style.font_family, "normal", TICK_SIZE)
        self.lines = exact_lines([], linewidths=_WIDTH, colors=[style.faint])
        self.left, self.middle = Labels(font, style.faint, "right"), Labels(font, style.faint)
        self.right = Labels(font, style.faint, "right")
        self.labels = [self.left, self.middle, self.right]

    def set_data(self, shown: Autopsy, longest: int, ranges: NDArray[np.float64] | None) -> None:
        """Take the histories of some neurons, and the ranges that are not their own."""
        self._shown, self._longest, self._ranges = shown, longest, ranges

    def place(
        self,
        placed: PlacedCards[CardLayout],
        size: tuple[float, float],
        corners: NDArray[np.float64],
        own: NDArray[np.float64],
    ) -> list[Artist]:
        """Put ticks at the edges of the sparklines in view; *own* are their own ranges."""
        (width, height), per_point = size, placed.per_point
        out = TICK_LENGTH * per_point
        ticks = [(-out, 0), (0, 0), (-out, height), (0, height)]
        ticks += [(0, -out), (0, 0), (width, -out), (width, 0)]
        path = Path(np.array(ticks, dtype=float), [Path.MOVETO, Path.LINETO] * 4)
        set_paths(self.lines, [path] * len(corners))
        self.lines.set_offsets(corners)
        away, letters = (TICK_LENGTH + TICK_GAP) * per_point, 0.36 * TICK_SIZE * per_point
        ends = (own if self._ranges is None else self._ranges[placed.cards]).ravel().tolist()
        numbers = [localized(self._wording, three_digits(end)) for end in ends]
        sides = [[-away, -letters], [-away, height - letters]]
        both = (corners[:, np.newaxis] + np.array(sides)).reshape(-1, 2)
        self.left.place(numbers, both, owners=np.repeat(range(len(corners)), 2).tolist())
        below = -away - 2 * letters
        firsts, lasts = zip(*map(self._samples, placed.cards.tolist()), strict=True)
        self.middle.place(firsts, corners + np.array([0, below]))
        self.right.place(lasts, corners + np.array([width, below]))
        return [self.lines, *self.labels]

    def _samples(self, card: int) -> tuple[str, str]:
        """Return the samples, or the steps, at the left and at the right of a sparkline."""
        last = int(self._shown.source.lengths[card]) - 1
        first = last + 1 - self._longest
        left, right = (step_number(self._wording, self._shown, card, at) for at in (first, last))
        return left, right
