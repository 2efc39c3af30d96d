"""Choose the number of columns and the size of a figure from what the caller asks for.

Users' arguments are in inches, as in Matplotlib; everything else is in points.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from numbers import Real
from typing import NamedTuple

from .._intake.foreign import checked_count, short_repr, typed_repr
from . import places as _layout
from .places import CARD_HEIGHT, CARD_WIDTH, GAP, MARGIN, WIDEST_GAP, BarWords

#: Maximum width of a figure if the caller asks for none.
WIDEST_FIGURE = 16 * 72.0

#: Estimated header height; the exact one needs the width, which is not known yet.
_HEADER = 40.0

#: Smallest card that a caller may ask for.
_SMALLEST_CARD = 2.0


class Cards(NamedTuple):
    """The cards that a figure has to hold.

    Attributes
    ----------
    counts : tuple of int
        Number of cards in each group.
    headed : bool, default: False
        Whether each group has a heading.
    """

    counts: tuple[int, ...]
    headed: bool = False

    def nrows(self, ncols: int) -> int:
        """Return the number of rows that the cards take."""
        if len(self.counts) == 1:
            return _layout.rows_for(self.counts[0], ncols)
        return _layout.bands(self.counts, ncols).nrows

    def columns_used(self, ncols: int) -> int:
        """Return how many columns hold a card; groups may leave some of them empty."""
        begun = _layout.bands(self.counts, ncols).first_columns
        ends = [column + count for column, count in zip(begun, self.counts, strict=True)]
        return min(int(max(ends, default=0)), ncols)

    def headings(self, ncols: int) -> float:
        """Return the total height of the headings, one per band."""
        if not self.headed:
            return 0.0
        return _layout.bands(self.counts, ncols).n_bands * _layout.HEADING_HEIGHT


class Sizes(NamedTuple):
    """The sizes a caller asks for; those left None follow from the others.

    Attributes
    ----------
    ncols : int or None
        Number of columns.
    width, height : float or None
        Size of the figure.
    card_width : float or None
        Width of a card, before cards are stretched to fill the figure.
    """

    ncols: int | None
    width: float | None
    height: float | None
    card_width: float | None

    def columns(self, cards: Cards) -> int:
        """Return the number of columns."""
        if self.ncols is not None:
            return self.ncols
        if self.width is not None and self.height is not None:
            return largest_cards(cards, self.width, self.height)
        if self.width is not None:
            return _layout.columns_within(self.width, self.card_width or CARD_WIDTH)
        if self.height is not None and self.card_width is not None:
            return _columns_within(cards, self.height, self.card_width)
        near_square = self._near_square(cards)
        if self.height is None or self.figure_width(cards, near_square) < WIDEST_FIGURE:
            return near_square
        return largest_cards(cards, WIDEST_FIGURE, self.height)

    def _near_square(self, cards: Cards) -> int:
        """Return the smallest ncols that makes a figure no taller than wide.

        Without headings, or with a given height, the grid alone decides: ncols >= nrows.
        """
        least = _layout.near_square_columns(*cards.counts)
        if not cards.headed or self.height is not None:
            return least

        def is_wide(ncols: int) -> bool:
            width = self.figure_width(cards, ncols)
            return self.figure_height(cards, width, ncols, _HEADER) <= width

        candidates = range(least, sum(cards.counts))
        found = least + bisect_left(candidates, 1, key=lambda ncols: int(is_wide(ncols)))
        return cards.columns_used(found)

    def figure_width(self, cards: Cards, ncols: int) -> float:
        """Return the width of a figure with *ncols* columns."""
        if self.width is not None:
            return self.width
        if self.card_width is not None:
            return _layout.natural_width(ncols, self.card_width)
        if self.height is not None and any(cards.counts):
            room = _room_for_cards(cards, self.height, ncols)
            share = _card_length(room, cards.nrows(ncols)) / CARD_HEIGHT
            narrowest = _layout.natural_width(min(ncols, 2))
            width = max(_layout.natural_width(ncols, share * CARD_WIDTH), narrowest)
            return min(width, WIDEST_FIGURE)
        natural = _layout.natural_width(ncols, CARD_WIDTH)
        return natural if natural <= WIDEST_FIGURE else _widest(ncols)

    def figure_height(self, cards: Cards, width: float, ncols: int, header: float) -> float:
        """Return the height of a figure whose smaller cards keep their proportions."""
        if self.height is not None:
            return self.height
        nrows, above = cards.nrows(ncols), header + cards.headings(ncols)
        pitch = _layout.pitch_of(width - 2 * MARGIN, max(ncols, 1))
        share = (pitch - _layout.gap_of(pitch)) / CARD_WIDTH
        if self.card_width is None:
            share = min(share, 1.0)
        if self.width is None and self.card_width is None and share < 1:
            down = _whole(share * CARD_HEIGHT + _layout.gap_beside(share * CARD_HEIGHT))
            return 2 * MARGIN + above + nrows * down - _layout.gap_of(down)
        return _layout.natural_height(nrows, above, share * CARD_HEIGHT)


def _widest(ncols: int) -> float:
    """Return the largest width with whole-pixel cards at 100, 200 and 300 dpi."""
    pitch = _whole(_layout.pitch_of(WIDEST_FIGURE - 2 * MARGIN, ncols))
    return 2 * MARGIN + ncols * pitch - _layout.gap_of(pitch)


def _whole(pitch: float) -> float:
    """Return a pitch rounded down to 1/100 inch; a smaller one stays as it is."""
    return 0.72 * math.floor(pitch / 0.72 + 1e-6) or pitch


def largest_cards(cards: Cards, width: float, height: float) -> int:
    """Return the number of columns that makes the cards in a figure largest.

    Examples
    --------
    >>> twelve = Cards((12,))
    >>> largest_cards(twelve, 8 * 72, 2 * 72), largest_cards(twelve, 2 * 72, 8 * 72)
    (6, 2)
    """

    def across(ncols: int) -> float:
        return _card_length(width - 2 * MARGIN, ncols) / CARD_WIDTH

    def down(ncols: int) -> float:
        rows = max(cards.nrows(ncols), 1)
        return _card_length(_room_for_cards(cards, height, ncols), rows) / CARD_HEIGHT

    # More columns make cards narrower and taller; they are largest where the two meet.
    most = max(sum(cards.counts), 1)
    meeting = 1 + bisect_left(
        range(1, most), 1, key=lambda ncols: int(down(ncols) >= across(ncols))
    )
    if meeting == 1 or across(meeting) > down(meeting - 1):
        return meeting
    highest = down(meeting - 1)
    return 1 + bisect_left(range(1, meeting), highest, key=down)


def _room_for_cards(cards: Cards, height: float, ncols: int = 1) -> float:
    """Return the approximate height left for cards by the header and the headings."""
    room = height - 2 * MARGIN
    room -= _share_of_header(room, _HEADER)
    return room - min(cards.headings(ncols), room / 2)


def _columns_within(cards: Cards, height: float, card_width: float) -> int:
    """Return the smallest ncols with which cards of *card_width* fit into *height*."""
    for ncols in range(1, sum(cards.counts) + 1):
        if cards.nrows(ncols) <= _rows_within(cards, height, card_width, ncols):
            return ncols
    return sum(cards.counts)


def _rows_within(cards: Cards, height: float, card_width: float, ncols: int = 1) -> int:
    """Return how many rows of cards, in proportion to *card_width*, fit *height*."""
    card_height = card_width / CARD_WIDTH * CARD_HEIGHT
    gap = _layout.gap_beside(card_height)
    fitting = (_room_for_cards(cards, height, ncols) + gap) / (card_height + gap)
    return max(1, math.floor(fitting + 1e-9))


def _card_length(length: float, count: int) -> float:
    """Return the card length when *count* cards and their gaps fill *length*."""
    with_wide_gaps = (length + GAP) / count - GAP
    with_small_gaps = (1 - WIDEST_GAP) * length / (count - WIDEST_GAP)
    return max(with_wide_gaps, with_small_gaps)


def page_of_cards(width: float, height: float) -> tuple[int, int]:
    """Return how many rows and columns of full-size cards fit on a page."""
    nrows = _rows_within(Cards((1,)), height, CARD_WIDTH)
    return nrows, _layout.columns_within(width)


class BarPlaces(NamedTuple):
    """The grid of bars, which fill one column after another.

    Attributes
    ----------
    ncols : int
        Number of columns.
    per_column : int
        Number of bars in each column.
    nrows : int
        Number of bars that a column has room for.
    """

    ncols: int
    per_column: int
    nrows: int

    @property
    def n_bars(self) -> int:
        """Number of bars that the columns hold."""
        return self.ncols * self.per_column


def layers_size(
    n_layers: int, words: BarWords, width: float | None
) -> tuple[BarPlaces, float, float]:
    """Return the grid of bars, the figure's width, and its height without the header.

    Bars stand in as many columns as keep the figure from becoming too tall. If those would
    be too wide, the bars become lower, as far as their words allow, and then the figure
    becomes taller.
    """
    ncols = _columns_of_bars(
        n_layers, words, width or WIDEST_FIGURE, _MOST_ROWS_OF_BARS, _MOST_ROWS_OF_LOW_BARS
    )
    places = _filled(n_layers, ncols)
    pitch = _layout.BAR_HEIGHT + _layout.gap_beside(_layout.BAR_HEIGHT)
    if places.nrows > _MOST_ROWS_OF_BARS:
        pitch = max(_whole(_MOST_ROWS_OF_BARS * pitch / places.nrows), _LOWEST_PITCH)
    height = 2 * MARGIN + places.nrows * pitch - _layout.gap_of(pitch)
    height = min(height, _HIGHEST_FIGURE)
    return places, width or _width_of_bars(places.ncols, words), height


def _width_of_bars(ncols: int, words: BarWords) -> float:
    """Return a figure's width that leaves room for a bar beside the widest name."""
    column = words.beside_bar(words.name) + _BAR_BESIDE_NAME
    column += (ncols - 1) / ncols * _layout.BETWEEN_COLUMNS
    column = max(_whole(column + GAP + 0.72) - GAP, _layout.BAR_WIDTH)
    natural = _layout.natural_width(ncols, column)
    return natural if natural <= WIDEST_FIGURE else _widest(ncols)


def _columns_of_bars(
    n_layers: int, words: BarWords, width: float, rows: int, most_rows: int
) -> int:
    """Return the number of columns of bars in a figure.

    Enough for *rows* rows per column, as far as whole names fit. If columns would then
    exceed *most_rows* rows, enough for that many, as far as shortened names fit.
    """
    inside = width - 2 * MARGIN
    whole = _columns_beside(inside, words.beside_bar(words.name) + _BAR_BESIDE_WHOLE_NAME)
    most = _columns_beside(inside, words.beside_bar(words.least_name) + _LEAST_BAR)
    ncols = min(_layout.rows_for(n_layers, rows), whole)
    if ncols * most_rows < n_layers:
        ncols = min(_layout.rows_for(n_layers, most_rows), max(most, whole))
    return max(ncols, 1)


def _columns_beside(length: float, column: float) -> int:
    between = GAP + _layout.BETWEEN_COLUMNS
    return max(math.floor((length + between) / (column + between)), 1)


def _filled(n_layers: int, ncols: int) -> BarPlaces:
    """Return a grid whose columns are filled as evenly as possible."""
    nrows = max(_layout.rows_for(n_layers, ncols), 1)
    return BarPlaces(max(_layout.rows_for(n_layers, nrows), 1), nrows, nrows)


def bars_within(
    n_layers: int, words: BarWords, width: float, height: float, header: float = _HEADER
) -> BarPlaces:
    """Return the grid of bars for a figure of a given size."""
    inside = height - 2 * MARGIN
    rows, most_rows = _rows_of_bars(inside - _share_of_header(inside, header))
    ncols = _columns_of_bars(n_layers, words, width, rows, most_rows)
    return _filled(n_layers, ncols)


def bars_on_pages(
    n_layers: int, words: BarWords, width: float, height: float, header: float
) -> BarPlaces:
    """Return the grid of bars per page, using as many pages as all words need."""
    inside = height - 2 * MARGIN
    below = inside - header
    if below < _LOWEST_PITCH:  # too little: the header will be cut
        below = inside - _share_of_header(inside, header)
    rows, most_rows = _rows_of_bars(below)
    ncols = _columns_of_bars(n_layers, words, width, rows, most_rows)
    n_pages = max(_layout.rows_for(n_layers, ncols * most_rows), 1)
    places = _filled(_layout.rows_for(n_layers, n_pages), ncols)
    return places._replace(nrows=max(places.nrows, rows))


def _share_of_header(inside: float, header: float) -> float:
    return min(header, _layout.HEADER_SHARE * inside)


def _rows_of_bars(room: float) -> tuple[int, int]:
    """Return how many rows of bars fit: at their natural and at their lowest pitch."""
    natural = _layout.BAR_HEIGHT + _layout.gap_beside(_layout.BAR_HEIGHT)
    rows, most_rows = (
        max(math.floor(room / pitch + WIDEST_GAP + 1e-9), 1)
        for pitch in (natural, _LOWEST_PITCH)
    )
    return rows, most_rows


#: Most rows per column: about 13 in of full-height bars, or 18 in of lower ones.
_MOST_ROWS_OF_BARS = 64
_MOST_ROWS_OF_LOW_BARS = 128

#: Lowest pitch of bars at which lines of text stay apart; 14 pixels at 100 dpi.
_LOWEST_PITCH = 10.08

#: Bar length in a default figure, in one of many columns, and with as many columns as
#: possible.
_BAR_BESIDE_NAME = 110.0
_BAR_BESIDE_WHOLE_NAME = 72.0
_LEAST_BAR = 48.0

#: Longest side of any figure: no raster canvas has more pixels.
LONGEST_FIGURE = 2**16 * 72.0

#: Tallest figure we choose: no document has taller pages, nor any image at 300 dpi.
_HIGHEST_FIGURE = 195 * 72.0


def checked_sizes(
    ncols: object, width: object = None, height: object = None, card_width: object = None
) -> Sizes:
    """Return the sizes asked for, or raise an error that says what is wrong.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a size, or if arguments contradict each other.
    """
    sizes = Sizes(
        None if ncols is None else checked_count("ncols", ncols),
        _length_or_none("width", width, 2 * MARGIN + _SMALLEST_CARD),
        _length_or_none("height", height, 2 * MARGIN + _SMALLEST_CARD),
        _length_or_none("card_width", card_width, _SMALLEST_CARD),
    )
    given = [name for name in ("ncols", "width", "card_width") if getattr(sizes, name)]
    if len(given) == 3:
        raise ValueError(
            "card_width: follows from ncols and width; leave one of the three out."
        )
    if sizes.card_width and sizes.width and sizes.height:
        raise ValueError(
            "card_width: follows from width and height; leave one of the three out."
        )
    if sizes.width and sizes.card_width and sizes.card_width > sizes.width - 2 * MARGIN:
        raise ValueError(
            f"card_width: {card_width!r} in is more than width={width!r} holds, "
            f"{(sizes.width - 2 * MARGIN) / 72:.2f} in."
        )
    if sizes.ncols and sizes.width:
        pitch = _layout.pitch_of(sizes.width - 2 * MARGIN, sizes.ncols)
        if pitch - _layout.gap_of(pitch) < _SMALLEST_CARD:
            raise ValueError(
                f"width: {width!r} in cannot hold ncols={ncols} cards; at least "
                f"{(2 * MARGIN + sizes.ncols * _SMALLEST_CARD * 4 / 3) / 72:.2f} in is "
                "needed."
            )
    return sizes


def checked_length(name: str, inches: object, least: float) -> float:
    """Return a length in points, or raise an error that says what is wrong."""
    if isinstance(inches, bool) or not isinstance(inches, Real):
        raise TypeError(
            f"{name}: must be a number of inches, such as 3.5; got {typed_repr(inches)}."
        )
    try:
        points = 72 * float(inches)
    except OverflowError:  # an int or Fraction too large for a float64
        points = math.nextafter(math.inf, 0.0)
    if not least <= points < math.inf:
        raise ValueError(
            f"{name}: must be finite, and at least {least / 72:.2f} in; got "
            f"{short_repr(inches)}."
        )
    if points > LONGEST_FIGURE:
        raise ValueError(
            f"{name}: must be at most {LONGEST_FIGURE / 72:,.0f} in; got "
            f"{short_repr(inches)}."
        )
    return points


def _length_or_none(name: str, inches: object, least: float) -> float | None:
    return None if inches is None else checked_length(name, inches, least)
