"""Which row and column each card has, and where the headings of groups stand.

Small groups share a band, side by side; every band has the height of one heading above
its cards. Lengths count rows and columns from the top left corner of the grid. ::

    +------------------- figure -------------------+
    |  title                              [count]  |  header
    |  rule                                        |
    |  heading of group A      heading of group B  |
    |  [card] [card] [card]    [card] [card]       |  one band, two groups
    |  heading of group C                          |
    |  [card] [card] [card] [card] [card]          |  the next band
    +----------------------------------------------+
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._verdict.selection import Selection
from .measures import CARD_HEIGHT, gap_beside, pitch_of

HEADING_SIZE = 8.0

#: Height of a group's heading, including the space that separates it from cards above.
_HEADING_HEIGHT = 18.0


class Bands(NamedTuple):
    """Where each group of cards begins.

    With groups A, B and C of 2, 1 and 7 cards in three columns::

        A A B    band 0
        C C C    band 1
        C C C
        C
    """

    firsts: list[tuple[int, int]]  # row and column of each group's first card
    nrows: int
    ncols: int  # how many columns hold a card
    n_bands: int


class GroupSizes(NamedTuple):
    """How many cards each group has, and whether each has a heading.

    Cards without groups are a single group without a heading.
    """

    counts: tuple[int, ...]
    headed: bool = False

    @classmethod
    def of(cls, selection: Selection) -> GroupSizes:
        """Return the sizes of the groups of neurons that have a card."""
        groups = selection.groups()
        counts = tuple(group.n_shown for group in groups)
        return cls(counts or (len(selection.shown),), headed=bool(groups))

    @property
    def n_cards(self) -> int:
        """The number of all cards."""
        return sum(self.counts)

    def bands(self, ncols: int) -> Bands:
        """Return where each group begins in a grid of *ncols* columns."""
        # A group follows the previous one in the same row if all of it fits there;
        # otherwise it starts a new band.
        firsts: list[tuple[int, int]] = []
        top = nrows = used = ncols_used = n_bands = 0
        for count in self.counts:
            if used == 0 or used + count > ncols:
                top, used = nrows, 0
                nrows += rows_for(count, ncols)
                n_bands += 1
            firsts.append((top, used))
            used = min(used + count, ncols)
            ncols_used = max(ncols_used, used)
        return Bands(firsts, nrows, ncols_used, n_bands)

    def fewest_columns(self, suffices: Callable[[int], bool], least: int = 1) -> int:
        """Return the smallest number of columns that suffices; one per card if none does."""
        # If a number suffices, every larger one must too.
        candidates = range(least, self.n_cards)
        found = bisect_left(candidates, 1, key=lambda ncols: int(suffices(ncols)))
        return min(least + found, self.n_cards)

    def near_square_columns(self) -> int:
        """Return the smallest ncols with ncols >= nrows: of n cards, ceil(sqrt(n))."""
        return self.fewest_columns(lambda ncols: self.bands(ncols).nrows <= ncols)

    def headings_height(self, ncols: int) -> float:
        """Return the height of all headings in points, one per band."""
        return self.bands(ncols).n_bands * _HEADING_HEIGHT if self.headed else 0.0


class Headings(NamedTuple):
    """Positions of headings, in rows and columns."""

    lefts: NDArray[np.int64]
    widths: NDArray[np.int64]  # how wide each heading may be
    bottoms: NDArray[np.float64]
    height: float  # of one heading; 0 if there are none
    together: float  # height of the headings of all bands


_NONE = np.empty(0, dtype=np.int64)
_NO_HEADINGS = Headings(_NONE, _NONE, np.empty(0), 0.0, 0.0)


class GridPlan(NamedTuple):
    """Positions of cards: the row and column of each, and where it is drawn.

    *lefts* and *tops* count columns and rows from the grid's corner, headings included.
    They may lie between columns and rows, as when cards move.
    """

    nrows: int
    ncols: int
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    lefts: NDArray[np.float64]
    tops: NDArray[np.float64]
    headings: Headings = _NO_HEADINGS

    @property
    def height(self) -> float:
        """Total height of cards and headings, in rows."""
        return self.nrows + self.headings.together


def rows_for(n_cards: int, ncols: int) -> int:
    """Return the number of rows that *n_cards* take in *ncols* columns."""
    return -(-n_cards // ncols) if n_cards else 0


def grid_plan(groups: GroupSizes, ncols: int, heading: float = 0.0) -> GridPlan:
    """Return the positions of cards, under headings of a height in rows, if any."""
    bands = groups.bands(ncols)
    counts = np.array(groups.counts, dtype=np.int64)
    first_rows, first_columns = np.array(bands.firsts, dtype=np.int64).T
    in_group = np.arange(groups.n_cards) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = in_group // max(ncols, 1) + np.repeat(first_rows, counts)
    columns = in_group % max(ncols, 1) + np.repeat(first_columns, counts)
    headings, above = _NO_HEADINGS, np.zeros(len(counts))
    if groups.headed:
        above = heading * np.cumsum(first_columns == 0)  # each band begins in column 0
        # A heading is as wide as the columns up to the next group in its band.
        ends = np.append(first_columns[1:], 0)
        widths = np.where(ends == 0, ncols, ends) - first_columns
        together = heading * bands.n_bands
        headings = Headings(first_columns, widths, first_rows + above, heading, together)
    tops = rows + np.repeat(above, counts)
    lefts = columns.astype(np.float64)
    return GridPlan(bands.nrows, ncols, rows, columns, lefts, tops, headings)


def heading_height(
    groups: GroupSizes, ncols: int, height: float, card_height: float = CARD_HEIGHT
) -> float:
    """Return the height of a heading, in rows, when rows and headings fill *height*."""
    # Headings shrink rather than leave the cards less than half of the height, in points,
    # that cards of *card_height* take without headings.
    if not groups.headed:
        return 0.0
    bands, length = groups.bands(ncols), max(height, 1.0)
    cards = max(bands.nrows * (card_height + gap_beside(card_height)), 1.0)
    together = min(groups.headings_height(ncols), length - min(cards, length) / 2)
    return together / bands.n_bands / pitch_of(length - together, max(bands.nrows, 1))


def heading_rise(height: float) -> float | None:
    """Return the rise of a heading's baseline above the cards; None without room."""
    return 4.5 if height >= 11 else None
