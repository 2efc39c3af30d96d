"""Where the parts of a card sit, and which of them a small card gives up."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from .measures import Anchor, Box

ID_SIZE = 7.0
STATE_SIZE = 6.25
PEAK_SIZE = 6.5
CORNER_RADIUS = 4.0

#: On large cards: the size of the numbers at ticks, the length of a tick, its distance from
#: the number, and the room to the left of and below the sparkline.
TICK_SIZE = 6.0
TICK_LENGTH = 2.5
TICK_GAP = 1.5
_TICKED_WIDTH = 150.0
_TICKED_HEIGHT = 110.0
_TICK_LEFT = 30.0
_TICK_BELOW = 11.0

#: Ids beside rows of cards that show none: the most room that they take, in points and as a
#: share of the width; their gap to the cards; and the least distance from one to the next.
ROW_LABEL_WIDTH = 48.0
ROW_LABEL_SHARE = 0.15
ROW_LABEL_GAP = 4.0
ROW_LABEL_PITCH = 9.0

#: Beside the mark at a time of death.
TIME_SIZE = 5.5
TIME_GAP = 2.0
TIME_HEIGHT = 4.5

_PADDING = 9.0
_TOP_ROW = 23.0
_BOTTOM_ROW = 18.0
_BOTTOM_PADDING = 7.0
_BADGE_INSET = 6.0
_BADGE_HEIGHT = 11.0
_BADGE_PADDING = 4.5
_SHORTEST_SPARKLINE = 10.0
_NARROWEST_ID = 18.0

# On cards without a badge:
_MARK_SIZE = 6.0
_ID_ROW = 9.0

Detail: TypeAlias = Literal["full", "compact", "id", "sparkline", "tile"]

#: Detail, padding, least width (of the id, if there is one) and least sparkline height.
_SMALLER: tuple[tuple[Detail, float, float, float], ...] = (
    ("compact", 4.5, _NARROWEST_ID, 6.5),
    ("id", 3.0, _NARROWEST_ID, 6.0),
    ("sparkline", 1.5, 11.0, 6.5),  # smaller ones would be blobs
)


class CardLayout(NamedTuple):
    """Positions of a card's parts; None for a part that does not fit.

    The same dead neuron at each level of detail::

        full                 compact        id          sparkline  tile
        +----------------+   +----------+   +-------+   +-----+    +-+
        | id      (dead) |   | id     x |   | id    |   | -x- |    |#|
        | -------------- |   | -------- |   | --x-- |   +-----+    +-+
        | peak 0         |   +----------+   +-------+
        +----------------+
    """

    detail: Detail
    sparkline: Box  # where the sparkline is, or would be on a tile
    badge: Box | None = None  # the pill that spells out the state
    mark: Box | None = None  # the shape that replaces the badge
    neuron_id: Anchor | None = None
    peak: Anchor | None = None
    id_width: float = 0.0  # the width available to the id
    has_ticks: bool = False  # whether the sparkline has ticks with numbers


def badge_width(letters_width: float) -> float:
    """Return the width of a badge whose word is *letters_width* wide."""
    return letters_width + 2 * _BADGE_PADDING


def card_layout(width: float, height: float, widest_badge: float) -> CardLayout:
    """Return the positions of the parts of a card of the given size."""
    # As cards get lower, they lose in turn: the peak, below 51 pt (_TOP_ROW + _SHORTEST_SPARKLINE
    # + _BOTTOM_ROW); the badge, below 40 pt (with _BOTTOM_PADDING in place of the last),
    # replaced by a mark whose shape shows the state; the mark of living neurons; the id and
    # the midline; and finally the sparkline, which leaves a tile that is either empty or
    # filled. A card that is too narrow for its badge beside an id loses badge and peak at once.
    badge_left = width - _BADGE_INSET - widest_badge
    id_width = badge_left - 1.5 * _PADDING
    room = height - _TOP_ROW - _SHORTEST_SPARKLINE  # for what is below the sparkline
    if id_width < _NARROWEST_ID or room < _BOTTOM_PADDING:
        return _without_badge(width, height)
    has_peak = room >= _BOTTOM_ROW
    below = _BOTTOM_ROW if has_peak else _BOTTOM_PADDING
    has_ticks, left = width >= _TICKED_WIDTH and height >= _TICKED_HEIGHT, _PADDING
    if has_ticks:
        left, below = left + _TICK_LEFT, below + _TICK_BELOW
    return CardLayout(
        "full",
        Box(left, _TOP_ROW, width - left - _PADDING, height - _TOP_ROW - below),
        badge=Box(badge_left, _BADGE_INSET, widest_badge, _BADGE_HEIGHT),
        neuron_id=Anchor(_PADDING, 13.8),  # level with the badge
        peak=Anchor(_PADDING, height - 7.5) if has_peak else None,
        id_width=id_width,
        has_ticks=has_ticks,
    )


def _without_badge(width: float, height: float) -> CardLayout:
    for detail, padding, least_width, least_height in _SMALLER:
        has_id = detail != "sparkline"
        top = padding + _ID_ROW if has_id else padding
        sparkline = Box(padding, top, width - 2 * padding, height - top - padding)
        id_width = sparkline.width
        size = min(_MARK_SIZE, sparkline.height, sparkline.width)
        mark_left, middle = sparkline.left + (id_width - size) / 2, sparkline.middle
        if detail == "compact":  # the mark is beside the id, not on the sparkline
            id_width -= _MARK_SIZE + padding
            mark_left, middle = sparkline.right - size, padding + 3.5
        if sparkline.height >= least_height and id_width >= least_width:
            return CardLayout(
                detail,
                sparkline,
                mark=Box(mark_left, middle - size / 2, size, size),
                neuron_id=Anchor(padding, padding + 5.8) if has_id else None,
                id_width=id_width,
            )
    whole = Box(0.0, 0.0, width, height)
    return CardLayout("tile", whole, mark=whole)
