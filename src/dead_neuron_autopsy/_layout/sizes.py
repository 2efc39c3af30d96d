"""How large a figure is and how many columns it has, from what the caller asks for.

Whatever the caller leaves open follows from the rest: a near-square grid of full-size
cards if nothing is given, cards that shrink in proportion once a figure would become too
wide or too high, and the largest possible cards if width and height are both given.

Users' arguments are in inches, as in Matplotlib; everything else is in points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import NamedTuple

from .._intake.foreign import checked_count, short_repr, typed_repr
from .grid import GroupSizes, rows_for
from .header import HEADER_SHARE, TYPICAL_HEADER
from .measures import (
    CARD_HEIGHT,
    CARD_WIDTH,
    MARGIN,
    WIDEST_FIGURE,
    card_length,
    cards_within,
    columns_within,
    gap_beside,
    gap_of,
    limited_width,
    natural_width,
    whole_pitch,
)

#: Longest side of any figure: no raster canvas has more pixels.
_LONGEST_FIGURE = 2**16 * 72.0

#: Height of a sheet of paper, which a figure of a given width may use.
_SHEET_HEIGHT = 11 * 72.0

#: Smallest card that a caller may ask for.
_SMALLEST_CARD = 2.0


class Sizes(NamedTuple):
    """The sizes a caller asks for; those left None follow from the others."""

    ncols: int | None
    width: float | None
    height: float | None
    card_width: float | None  # before cards are stretched to fill the figure

    def figure(
        self,
        groups: GroupSizes,
        header_height: Callable[[float, int], float],
        row_room: Callable[[float, int], float] = lambda *_: 0.0,
    ) -> tuple[int, float, float]:
        """Return a figure's number of columns, its width and its height."""
        # *header_height* and *row_room*, for words beside the rows, take the width inside the
        # margins and the number of columns. Unless more than the width is given, columns are
        # added until the figure can be printed.
        ncols = self.columns(groups)
        room = row_room(self._width(groups, ncols) - 2 * MARGIN, ncols)
        if room and self.width is not None and self.card_width is not None:
            fitting = columns_within(self.width - room, self.card_width)
            ncols = groups.bands(fitting).ncols or fitting
        width = self._width(groups, ncols, room)
        header = header_height(width - 2 * MARGIN, ncols)
        others = (self.ncols, self.height, self.card_width)
        if self.width is not None and others == (None, None, None) and groups.n_cards:
            highest = max(_SHEET_HEIGHT, width)
            # More only under a header that would leave the cards less than half of it.
            above = min(header, highest / 2)
            inside = width - 2 * MARGIN

            def can_be_printed(ncols: int) -> bool:
                cards = width - row_room(inside, ncols)
                return self._height(groups, cards, ncols, above) <= highest

            ncols = groups.fewest_columns(can_be_printed, ncols)
            while groups.bands(ncols).ncols < ncols:  # a column would stay empty
                ncols += 1
            header = header_height(width - 2 * MARGIN, ncols)
            room = row_room(width - 2 * MARGIN, ncols)
        height = self._height(groups, width - room, ncols, header)
        if max(width, height) > _LONGEST_FIGURE:
            raise ValueError(
                f"card_width: makes a figure of {width / 72:,.0f} x {height / 72:,.0f} in; "
                f"at most {_LONGEST_FIGURE / 72:,.0f} in is possible."
            )
        return ncols, width, height

    def columns(self, groups: GroupSizes) -> int:
        """Return the number of columns, however high that makes the figure."""
        if self.ncols is not None:
            return self.ncols
        if self.width is not None and self.height is not None:
            return largest_cards(groups, self.width, self.height)
        if self.width is not None:
            # Few cards fill the width, as with CSS's auto-fit.
            fitting = columns_within(self.width, self.card_width or CARD_WIDTH)
            return groups.bands(fitting).ncols or fitting
        if self.height is not None and self.card_width is not None:
            height, card_height = self.height, self.card_width / CARD_WIDTH * CARD_HEIGHT

            def has_room(ncols: int) -> bool:
                room = _room_for_cards(groups, height, ncols)
                return groups.bands(ncols).nrows <= cards_within(room, card_height)

            return groups.fewest_columns(has_room)
        ncols = groups.near_square_columns()
        if self.height is not None:
            is_narrow = self._width(groups, ncols) < WIDEST_FIGURE
            return ncols if is_narrow else largest_cards(groups, WIDEST_FIGURE, self.height)
        if groups.headed:  # headings make the figure higher than its rows do

            def is_wide(ncols: int) -> bool:
                width = self._width(groups, ncols)
                return self._height(groups, width, ncols, TYPICAL_HEADER) <= width

            ncols = groups.bands(groups.fewest_columns(is_wide, ncols)).ncols
        return ncols

    def _width(self, groups: GroupSizes, ncols: int, row_room: float = 0.0) -> float:
        if self.width is not None:
            return self.width
        if self.card_width is not None:
            return natural_width(ncols, self.card_width) + row_room
        if self.height is not None and groups.n_cards:
            room = _room_for_cards(groups, self.height, ncols)
            share = card_length(room, groups.bands(ncols).nrows) / CARD_HEIGHT
            narrowest = natural_width(min(ncols, 2))
            width = max(natural_width(ncols, share * CARD_WIDTH), narrowest)
            return min(width + row_room, WIDEST_FIGURE)
        return limited_width(ncols, beside=row_room)

    def _height(self, groups: GroupSizes, width: float, ncols: int, header: float) -> float:
        """Return the height of a figure whose smaller cards keep their proportions."""
        if self.height is not None:
            return self.height
        nrows = groups.bands(ncols).nrows
        above = header + groups.headings_height(ncols)
        share, most = card_length(width - 2 * MARGIN, max(ncols, 1)) / CARD_WIDTH, 1.0
        if self.card_width is not None:
            fitting = columns_within(width, self.card_width)
            most = max(card_length(width - 2 * MARGIN, fitting) / CARD_WIDTH, 1.0)
        share = min(share, most)  # few cards that fill a width become wider, not higher
        down = share * CARD_HEIGHT + gap_beside(share * CARD_HEIGHT)
        if self.width is None and self.card_width is None and share < 1:
            down = whole_pitch(down)
        return 2 * MARGIN + above + nrows * down - gap_of(down)


def largest_cards(groups: GroupSizes, width: float, height: float) -> int:
    """Return the number of columns that makes the cards in a figure largest."""

    def across(ncols: int) -> float:
        return card_length(width - 2 * MARGIN, ncols) / CARD_WIDTH

    def down(ncols: int) -> float:
        rows = max(groups.bands(ncols).nrows, 1)
        return card_length(_room_for_cards(groups, height, ncols), rows) / CARD_HEIGHT

    # More columns make cards narrower and taller; they are largest where the two meet.
    meeting = groups.fewest_columns(lambda ncols: down(ncols) >= across(ncols))
    if meeting <= 1 or across(meeting) > down(meeting - 1):
        return max(meeting, 1)
    highest = down(meeting - 1)
    return groups.fewest_columns(lambda ncols: down(ncols) >= highest)


def _room_for_cards(groups: GroupSizes, height: float, ncols: int) -> float:
    """Return the approximate height left for cards by the header and the headings."""
    room = height - 2 * MARGIN
    room -= min(TYPICAL_HEADER, HEADER_SHARE * room)
    return room - min(groups.headings_height(ncols), room / 2)


def page_grid(width: float, height: float, per_page: int | None) -> tuple[int, int]:
    """Return how many rows and columns of cards a page has."""
    # Without *per_page*, as many as fit at full size.
    if per_page is None:
        room = _room_for_cards(GroupSizes((1,)), height, 1)
        return cards_within(room, CARD_HEIGHT), columns_within(width)
    ncols = largest_cards(GroupSizes((per_page,)), width, height)
    return rows_for(per_page, ncols), ncols


def checked_sizes(
    ncols: object, width: object = None, height: object = None, card_width: object = None
) -> Sizes:
    """Return the sizes asked for, or raise an error that says what is wrong."""
    least = 2 * MARGIN + _SMALLEST_CARD

    def checked(name: str, inches: object, least: float) -> float | None:
        return None if inches is None else checked_length(name, inches, least)

    sizes = Sizes(
        None if ncols is None else checked_count("ncols", ncols),
        checked("width", width, least),
        checked("height", height, least),
        checked("card_width", card_width, _SMALLEST_CARD),
    )
    if sizes.width is None:
        return sizes
    inside = sizes.width - 2 * MARGIN
    if sizes.card_width is not None:
        if sizes.ncols or sizes.height:
            others = "ncols and width" if sizes.ncols else "width and height"
            raise ValueError(f"card_width: follows from {others}; leave one of the three out.")
        if sizes.card_width > inside:
            room = f"width={width!r} holds, {inside / 72:.2f} in"
            raise ValueError(f"card_width: {card_width!r} in is more than {room}.")
    if sizes.ncols and card_length(inside, sizes.ncols) < _SMALLEST_CARD:
        needed = f"{(2 * MARGIN + sizes.ncols * _SMALLEST_CARD * 4 / 3) / 72:.2f} in"
        raise ValueError(
            f"width: {width!r} in cannot hold ncols={ncols} cards; at least {needed} is needed."
        )
    return sizes


def checked_length(name: str, inches: object, least: float) -> float:
    """Return a length in points, or raise an error that says what is wrong."""
    if isinstance(inches, bool) or not isinstance(inches, Real):
        needed = "a number of inches, such as 3.5"
        raise TypeError(f"{name}: must be {needed}; got {typed_repr(inches)}.")
    try:
        points = 72 * float(inches)
    except OverflowError:  # an int or Fraction too large for a float64
        points = math.nextafter(math.inf, 0.0)
    if not least <= points < math.inf:
        needed = f"finite, and at least {least / 72:.2f} in"
        raise ValueError(f"{name}: must be {needed}; got {short_repr(inches)}.")
    if points > _LONGEST_FIGURE:
        most = f"{_LONGEST_FIGURE / 72:,.0f} in"
        raise ValueError(f"{name}: must be at most {most}; got {short_repr(inches)}.")
    return points
