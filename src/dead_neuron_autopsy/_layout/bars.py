"""Bars, one per layer: how many columns of them, and where a bar and its words sit.

Bars fill one column after another; their words decide how many columns there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .grid import GridPlan, rows_for
from .header import HEADER_SHARE, TYPICAL_HEADER
from .measures import (
    GAP,
    MARGIN,
    WIDEST_FIGURE,
    Anchor,
    Box,
    cards_within,
    gap_beside,
    gap_of,
    limited_width,
    whole_pitch,
)

BAR_TEXT_SIZE = 7.0

#: Size of a layer's bar with its words. Bars and gaps are whole pixels at 100, 200 and
#: 300 dpi.
BAR_WIDTH = 330.0
BAR_HEIGHT = 10.8

#: Extra space between columns of bars, on top of the gap between cards.
BETWEEN_COLUMNS = 16.0

_THICKEST_BAR = 9.0
_SHORTEST_BAR = 40.0
_BAR_BESIDE_LONG_NAME = 64.0
_BAR_GAP = 7.0
_LOWEST_BAR_TEXT = 6.4
_WIDEST_NAME = 0.4  # as a share of the whole width

#: Most rows per column: about 13 in of full-height bars, or 18 in of lower ones.
_MOST_ROWS = 64
_MOST_LOW_ROWS = 128

#: Lowest bar, and its pitch of 14 pixels at 100 dpi, at which lines of text stay apart.
_LOWEST_BAR = 7.56
_LOWEST_PITCH = 10.08

#: Bar length in a default figure, in one of many columns, and with as many columns as
#: possible.
_BAR_BESIDE_NAME = 110.0
_BAR_BESIDE_WHOLE_NAME = 72.0
_LEAST_BAR = 48.0

#: Tallest figure we choose: no document has taller pages, nor any image at 300 dpi.
_TALLEST_FIGURE = 195 * 72.0


class BarWords(NamedTuple):
    """Widths of the widest name, share and count of dead neurons beside the bars."""

    name: float
    least_name: float  # for shortened names in which all can still be told apart
    share: float
    n_dead: float

    def beside_bar(self, name: float) -> float:
        """Return the total width beside a bar, gaps included, if names take *name*."""
        return name + self.share + self.n_dead + 3 * _BAR_GAP


class BarLayout(NamedTuple):
    """Positions of a layer's bar and its words; None for a word that does not fit.

    ::

        name   [########--------]   50%   4/8 dead
               |<----- bar ---->| share|    n_dead|
    """

    bar: Box  # stands for all neurons of the layer
    name: Anchor | None = None  # its left end
    name_width: float = 0.0  # the width available to the name
    share: Anchor | None = None  # its right end
    n_dead: Anchor | None = None  # its right end


def bar_layout(width: float, height: float, words: BarWords) -> BarLayout:
    """Return the positions of a layer's bar and its words within *width* by *height*."""
    # To keep the bar long enough, names are shortened first; then the share is dropped,
    # then the count, then the name.
    thickness = min(height, _THICKEST_BAR)
    top = (height - thickness) / 2
    alone = BarLayout(Box(0.0, top, width, thickness))
    if height < _LOWEST_BAR_TEXT:
        return alone
    baseline = height / 2 + 2.6
    widest_name = _WIDEST_NAME * width
    for has_count, has_share in ((1, 1), (1, 0), (0, 0)):
        beside_count = width - has_count * (words.n_dead + _BAR_GAP)
        right = beside_count - has_share * (words.share + _BAR_GAP)
        room = right - _BAR_GAP  # for the name and the bar
        most = min(max(widest_name, room - _BAR_BESIDE_LONG_NAME), room - _SHORTEST_BAR)
        name_width = min(words.name, max(min(words.least_name, widest_name), most))
        left = name_width + _BAR_GAP
        if right - left >= _SHORTEST_BAR:
            return BarLayout(
                Box(left, top, right - left, thickness),
                name=Anchor(0.0, baseline),
                name_width=name_width,
                share=Anchor(beside_count, baseline) if has_share else None,
                n_dead=Anchor(width, baseline) if has_count else None,
            )
    return alone


class BarGrid(NamedTuple):
    """A grid of bars, and the size of its figure."""

    ncols: int
    per_column: int
    nrows: int  # how many bars a column has room for
    width: float
    height: float  # without the header, where the caller left it open

    @property
    def n_bars(self) -> int:
        """Number of bars that the columns hold."""
        return self.ncols * self.per_column

    def plan(self, n_bars: int) -> GridPlan:
        """Return the positions of the first *n_bars* bars."""
        columns, rows = np.divmod(np.arange(n_bars), self.per_column)
        lefts, tops = columns.astype(np.float64), rows.astype(np.float64)
        return GridPlan(self.nrows, self.ncols, rows, columns, lefts, tops)


def bar_grid(
    n_bars: int,
    words: BarWords,
    width: float | None = None,
    height: float | None = None,
    header: float = TYPICAL_HEADER,
    *,
    paged: bool = False,
) -> BarGrid:
    """Return the grid of bars for a figure whose width and height may be left open."""
    # Without *height*, bars stand in as many columns as keep the figure from becoming too
    # tall; if those would be too wide, bars become lower, as far as their words allow, and
    # then the figure becomes taller. If *paged*, bars go on over as many pages as all words
    # need, and the grid is that of each page.
    rows, most_rows = _MOST_ROWS, _MOST_LOW_ROWS
    if height is not None:
        room = height - 2 * MARGIN
        below = room - min(header, HEADER_SHARE * room)
        if paged and room - header >= _LOWEST_PITCH:  # pages keep the whole header
            below = room - header
        rows, most_rows = cards_within(below, BAR_HEIGHT), cards_within(below, _LOWEST_BAR)
    # Enough columns for the rows, as far as whole names fit; if bars would then be too low
    # for their letters, enough for the most rows, as far as shortened names fit.
    inside = (width or WIDEST_FIGURE) - 2 * MARGIN
    between = GAP + BETWEEN_COLUMNS
    column = words.beside_bar(words.name) + _BAR_BESIDE_WHOLE_NAME
    whole = cards_within(inside, column, between)
    ncols = min(rows_for(n_bars, rows), whole)
    if ncols * most_rows < n_bars:
        column = words.beside_bar(words.least_name) + _LEAST_BAR
        most = max(cards_within(inside, column, between), whole)
        ncols = min(rows_for(n_bars, most_rows), most)
    ncols = max(ncols, 1)
    if paged:
        n_pages = max(rows_for(n_bars, ncols * most_rows), 1)
        n_bars = rows_for(n_bars, n_pages)
    # Columns are filled as evenly as possible.
    nrows = per_column = max(rows_for(n_bars, ncols), 1)
    ncols = max(rows_for(n_bars, per_column), 1)
    if paged:  # on a page, bars keep their natural height and leave the rest empty
        nrows = max(per_column, rows)
    if width is None:
        column = words.beside_bar(words.name) + _BAR_BESIDE_NAME
        column += (ncols - 1) / ncols * BETWEEN_COLUMNS
        column = max(whole_pitch(column + GAP + 0.72) - GAP, BAR_WIDTH)
        width = limited_width(ncols, column)
    if height is None:
        pitch = BAR_HEIGHT + gap_beside(BAR_HEIGHT)
        if nrows > _MOST_ROWS:
            pitch = max(whole_pitch(_MOST_ROWS * pitch / nrows), _LOWEST_PITCH)
        height = min(2 * MARGIN + nrows * pitch - gap_of(pitch), _TALLEST_FIGURE)
    return BarGrid(ncols, per_column, nrows, width, height)
