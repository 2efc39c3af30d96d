"""How many columns, and how large a figure: what is asked for, and what follows from it.

Arguments are in inches, as Matplotlib's are; all else is in points.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from numbers import Real
from typing import NamedTuple

from . import _layout
from ._foreign import short_repr, typed_repr
from ._layout import CARD_HEIGHT, CARD_WIDTH, GAP, MARGIN, WIDEST_GAP, BarWords
from ._selection import checked_count

#: A figure for which no width is asked is no wider.
WIDEST_FIGURE = 16 * 72.0

#: Of a header, nearly: it is laid out once the width is known.
_HEADER = 40.0

#: No card is asked to be smaller.
_SMALLEST_CARD = 2.0


class Cards(NamedTuple):
    """What a figure has to hold.

    Attributes
    ----------
    counts : tuple of int
        How many cards there are in each group.
    headed : bool, default: False
        Whether each group has a heading.
    """

    counts: tuple[int, ...]
    headed: bool = False

    def nrows(self, ncols: int) -> int:
        """Return how many rows the cards take."""
        if len(self.counts) == 1:
            return _layout.rows_for(self.counts[0], ncols)
        return _layout.bands(self.counts, ncols).nrows

    def columns_used(self, ncols: int) -> int:
        """Return how many columns hold a card: groups may be narrower than all are."""
        begun = _layout.bands(self.counts, ncols).first_columns
        ends = [column + count for column, count in zip(begun, self.counts, strict=True)]
        return min(int(max(ends, default=0)), ncols)

    def headings(self, ncols: int) -> float:
        """Return how high the headings are that stand under one another."""
        if not self.headed:
            return 0.0
        return _layout.bands(self.counts, ncols).n_bands * _layout.HEADING_HEIGHT


class Sizes(NamedTuple):
    """What a caller asks for; None is left to what the others leave.

    Attributes
    ----------
    ncols : int or None
        Number of columns.
    width, height : float or None
        Of the figure.
    card_width : float or None
        Of a card, before the cards are stretched to fill the figure.
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
        """Return the columns of a figure that headings do not make higher than wide."""
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
        """Return the width of a figure with a number of columns."""
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
        """Return the height of a figure, in which smaller cards have their proportions."""
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
    """Return the width of the widest figure whose cards are even at 100, 200, 300 dpi."""
    pitch = _whole(_layout.pitch_of(WIDEST_FIGURE - 2 * MARGIN, ncols))
    return 2 * MARGIN + ncols * pitch - _layout.gap_of(pitch)


def _whole(pitch: float) -> float:
    """Round a pitch down to whole hundredths of an inch, or leave what is below one."""
    return 0.72 * math.floor(pitch / 0.72 + 1e-6) or pitch


def largest_cards(cards: Cards, width: float, height: float) -> int:
    """Return the number of columns with which cards in a figure are largest.

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

    # More columns make cards narrower, and higher: the largest are where both meet.
    most = max(sum(cards.counts), 1)
    meeting = 1 + bisect_left(
        range(1, most), 1, key=lambda ncols: int(down(ncols) >= across(ncols))
    )
    if meeting == 1 or across(meeting) > down(meeting - 1):
        return meeting
    highest = down(meeting - 1)
    return 1 + bisect_left(range(1, meeting), highest, key=down)


def _room_for_cards(cards: Cards, height: float, ncols: int = 1) -> float:
    """Return nearly what the header and the headings leave."""
    room = height - 2 * MARGIN
    room -= _share_of_header(room, _HEADER)
    return room - min(cards.headings(ncols), room / 2)


def _columns_within(cards: Cards, height: float, card_width: float) -> int:
    """Return the least number of columns with which cards of a width fit a height."""
    for ncols in range(1, sum(cards.counts) + 1):
        if cards.nrows(ncols) <= _rows_within(cards, height, card_width, ncols):
            return ncols
    return sum(cards.counts)


def _rows_within(cards: Cards, height: float, card_width: float, ncols: int = 1) -> int:
    """Return how many cards of a width, in proportion, fit under one another."""
    card_height = card_width / CARD_WIDTH * CARD_HEIGHT
    gap = _layout.gap_beside(card_height)
    fitting = (_room_for_cards(cards, height, ncols) + gap) / (card_height + gap)
    return max(1, math.floor(fitting + 1e-9))


def _card_length(length: float, count: int) -> float:
    """Return how long cards are of which so many fill a length."""
    with_wide_gaps = (length + GAP) / count - GAP
    with_small_gaps = (1 - WIDEST_GAP) * length / (count - WIDEST_GAP)
    return max(with_wide_gaps, with_small_gaps)


def page_of_cards(width: float, height: float) -> tuple[int, int]:
    """Return how many rows and columns of whole cards a page holds."""
    nrows = _rows_within(Cards((1,)), height, CARD_WIDTH)
    return nrows, _layout.columns_within(width)


class BarPlaces(NamedTuple):
    """Where bars stand: they fill one column after another.

    Attributes
    ----------
    ncols : int
        How many columns there are.
    per_column : int
        How many bars a column holds.
    nrows : int
        For how many it has room.
    """

    ncols: int
    per_column: int
    nrows: int

    @property
    def n_bars(self) -> int:
        """How many bars there is a place for."""
        return self.ncols * self.per_column


def layers_size(
    n_layers: int, words: BarWords, width: float | None
) -> tuple[BarPlaces, float, float]:
    """Return the places of bars, and a figure's width, and its height without a header.

    They stand in one column, or in as many as keep the figure from being too high. Where
    these would be too wide, bars are lower, but have their words, and the figure becomes
    higher.
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
    """Return the width of a figure in which the widest name leaves a bar its length."""
    column = words.beside_bar(words.name) + _BAR_BESIDE_NAME
    column += (ncols - 1) / ncols * _layout.BETWEEN_COLUMNS
    column = max(_whole(column + GAP + 0.72) - GAP, _layout.BAR_WIDTH)
    natural = _layout.natural_width(ncols, column)
    return natural if natural <= WIDEST_FIGURE else _widest(ncols)


def _columns_of_bars(
    n_layers: int, words: BarWords, width: float, rows: int, most_rows: int
) -> int:
    """Return how many columns of bars a figure has.

    As many as make columns of so many rows, if they have room for whole names; where
    columns would have more than the most rows, as many as have room for shortened names.
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
    """Return columns that are filled alike, as far as can be."""
    nrows = max(_layout.rows_for(n_layers, ncols), 1)
    return BarPlaces(max(_layout.rows_for(n_layers, nrows), 1), nrows, nrows)


def bars_within(
    n_layers: int, words: BarWords, width: float, height: float, header: float = _HEADER
) -> BarPlaces:
    """Return the places of bars that fill a room."""
    inside = height - 2 * MARGIN
    rows, most_rows = _rows_of_bars(inside - _share_of_header(inside, header))
    ncols = _columns_of_bars(n_layers, words, width, rows, most_rows)
    return _filled(n_layers, ncols)


def bars_on_pages(
    n_layers: int, words: BarWords, width: float, height: float, header: float
) -> BarPlaces:
    """Return the places of bars on each of the pages that it takes to give all words."""
    inside = height - 2 * MARGIN
    below = inside - header
    if below < _LOWEST_PITCH:  # the header will not stand there as it is
        below = inside - _share_of_header(inside, header)
    rows, most_rows = _rows_of_bars(below)
    ncols = _columns_of_bars(n_layers, words, width, rows, most_rows)
    n_pages = max(_layout.rows_for(n_layers, ncols * most_rows), 1)
    places = _filled(_layout.rows_for(n_layers, n_pages), ncols)
    return places._replace(nrows=max(places.nrows, rows))


def _share_of_header(inside: float, header: float) -> float:
    return min(header, _layout.HEADER_SHARE * inside)


def _rows_of_bars(room: float) -> tuple[int, int]:
    """Return how many rows of bars a room holds: of their own height, and of the least."""
    natural = _layout.BAR_HEIGHT + _layout.gap_beside(_layout.BAR_HEIGHT)
    rows, most_rows = (
        max(math.floor(room / pitch + WIDEST_GAP + 1e-9), 1)
        for pitch in (natural, _LOWEST_PITCH)
    )
    return rows, most_rows


#: Of one column: about 13 in; and 18 in, of bars that are lower.
_MOST_ROWS_OF_BARS = 64
_MOST_ROWS_OF_LOW_BARS = 128

#: Of bars and the gaps below them, in which letters stand apart; at 100 dpi, 14 pixels.
_LOWEST_PITCH = 10.08

#: In a default figure; in one of many columns; in one of as many as can be.
_BAR_BESIDE_NAME = 110.0
_BAR_BESIDE_WHOLE_NAME = 72.0
_LEAST_BAR = 48.0

#: No canvas of pixels has more of them on a side.
LONGEST_FIGURE = 2**16 * 72.0

#: No document has higher pages, and no picture at 300 dpi.
_HIGHEST_FIGURE = 195 * 72.0


def checked_sizes(
    ncols: object, width: object = None, height: object = None, card_width: object = None
) -> Sizes:
    """Return what is asked for, or say what is wrong with it.

    Raises
    ------
    TypeError, ValueError
        If an argument is no size, or two of them contradict one another.
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
    """Return a length in points, or say what is wrong with it."""
    if isinstance(inches, bool) or not isinstance(inches, Real):
        raise TypeError(
            f"{name}: must be a number of inches, such as 3.5; got {typed_repr(inches)}."
        )
    try:
        points = 72 * float(inches)
    except OverflowError:  # an int or a fraction beyond float64
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
