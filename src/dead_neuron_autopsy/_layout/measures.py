"""Lengths that everything shares: cards, gaps, margins, and how cards divide a length.

Lengths are in points, 1/72 inch. Within a card or a header, x grows rightwards from the
left edge and y downwards from the top edge.
"""

from __future__ import annotations

import math
from typing import NamedTuple

CARD_WIDTH = 90.0
CARD_HEIGHT = 62.0
GAP = 8.0
MARGIN = 12.0

#: Largest share of a pitch (a card plus its gap) that the gap may take.
WIDEST_GAP = 0.25

#: Largest width of a figure if the caller asks for none.
WIDEST_FIGURE = 16 * 72.0


class Box(NamedTuple):
    """A rectangle, in points from the top left corner of its container."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return self.top + self.height / 2


class Anchor(NamedTuple):
    """Position of a string: its left end, right end or centre, and its baseline."""

    x: float
    baseline: float


def pitch_of(length: float, n_cards: float) -> float:
    """Return the pitch, a card plus its gap, at which *n_cards* fill *length*.

    The gap is `GAP`, or a quarter of the pitch if that is less. ::

        [ card ] gap [ card ] gap [ card ]
        |-- pitch --|
    """
    pitch = (length + GAP) / n_cards
    return pitch if gap_of(pitch) == GAP else length / (n_cards - WIDEST_GAP)


def gap_of(pitch: float) -> float:
    """Return the gap within a given pitch."""
    return min(GAP, WIDEST_GAP * pitch)


def gap_beside(card_length: float) -> float:
    """Return the gap between cards of the given width or height."""
    return min(GAP, WIDEST_GAP / (1 - WIDEST_GAP) * card_length)


def card_length(length: float, n_cards: float) -> float:
    """Return the length of a card when *n_cards* and their gaps fill *length*."""
    pitch = pitch_of(length, n_cards)
    return pitch - gap_of(pitch)


def cards_within(length: float, card_length: float, gap: float | None = None) -> int:
    """Return how many cards of *card_length* fit into *length*; at least one."""
    gap = gap_beside(card_length) if gap is None else gap
    return max(1, math.floor((length + gap) / (card_length + gap) + 1e-9))


def columns_within(width: float, card_width: float = CARD_WIDTH) -> int:
    """Return how many cards of *card_width* fit side by side in a figure; at least one."""
    # The counterpart of CSS's ``repeat(auto-fill, minmax(1.25in, 1fr))``.
    return cards_within(width - 2 * MARGIN, card_width)


def whole_pitch(pitch: float) -> float:
    """Return a pitch rounded down to 1/100 inch; a smaller one stays as it is."""
    # Cards at such a pitch are whole pixels at 100, 200 and 300 dpi.
    return 0.72 * math.floor(pitch / 0.72 + 1e-6) or pitch


def natural_width(ncols: int, card_width: float = CARD_WIDTH) -> float:
    """Return the width of a figure with *ncols* cards of *card_width* in a row."""
    ncols = ncols or 2  # without cards, leave room for the header
    return 2 * MARGIN + ncols * card_width + (ncols - 1) * gap_beside(card_width)


def limited_width(ncols: int, card_width: float = CARD_WIDTH, beside: float = 0.0) -> float:
    """Return the natural width or, if it is too large, that of whole-pixel cards.

    Either with room *beside* the cards.
    """
    natural = natural_width(ncols, card_width) + beside
    if natural <= WIDEST_FIGURE:
        return natural
    pitch = whole_pitch(pitch_of(WIDEST_FIGURE - 2 * MARGIN - beside, ncols))
    return 2 * MARGIN + beside + ncols * pitch - gap_of(pitch)


def proportional_height(width: float, ncols: int, natural: tuple[float, float]) -> float:
    """Return the height of cards that keep their proportions as *ncols* fill *width*."""
    scale = min(1.0, card_length(width, max(ncols, 1)) / natural[0])
    return scale * natural[1]
