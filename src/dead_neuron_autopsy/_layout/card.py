"""Where the parts of a card sit, and which of them a small card gives up."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from .measures import Anchor, Box

ID_SIZE = 7.0
STATE_SIZE = 6.25
PEAK_SIZE = 6.5
CORNER_RADIUS = 4.0

_PADDING = 9.0
_TOP_ROW = 23.0
_BOTTOM_ROW = 18.0
_BOTTOM_PADDING = 7.0
_BADGE_INSET = 6.0
_BADGE_HEIGHT = 11.0
_BADGE_PADDING = 4.5
_BADGE_LETTERS_RISE = 2.3
_PEAK_RISE = 7.5
_SHORTEST_SPARKLINE = 10.0

# On cards without a badge:
_MARK_SIZE = 6.0
_ID_ROW = 9.0
_ID_ROW_GAP = 2.0
_ID_RISE = 1.2
_NARROWEST_ID = 18.0

Detail: TypeAlias = Literal["full", "compact", "id", "sparkline", "tile"]


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


def badge_width(letters_width: float) -> float:
    """Return the width of a badge whose word is *letters_width* wide."""
    return letters_width + 2 * _BADGE_PADDING


def card_layout(width: float, height: float, widest_badge: float) -> CardLayout:
    """Return the positions of the parts of a card of the given size.

    As cards shrink, they lose in turn: the peak; the badge, replaced by a mark whose shape
    shows the state; the mark of living neurons; the id and the midline; and finally the
    sparkline, which leaves a tile that is either empty or filled.
    """
    narrowest = _PADDING + _NARROWEST_ID + _PADDING / 2 + widest_badge + _BADGE_INSET
    shortest = _TOP_ROW + _SHORTEST_SPARKLINE + _BOTTOM_PADDING
    if width >= narrowest and height >= shortest:
        return _full(width, height, widest_badge)
    for detail, padding, least_width, least_height in _SMALLER:
        top = padding if detail == "sparkline" else padding + _ID_ROW
        sparkline = Box(padding, top, width - 2 * padding, height - top - padding)
        beside = _MARK_SIZE + padding if detail == "compact" else 0.0
        id_width = sparkline.width - beside
        if sparkline.height >= least_height and id_width >= least_width:
            return _smaller(detail, padding, sparkline, id_width)
    whole = Box(0.0, 0.0, width, height)
    return CardLayout("tile", sparkline=whole, mark=whole)


#: Detail, padding, least width (of the id, if there is one) and least sparkline height.
_SMALLER: tuple[tuple[Detail, float, float, float], ...] = (
    ("compact", 4.5, _NARROWEST_ID, 6.5),
    ("id", 3.0, _NARROWEST_ID, 6.0),
    ("sparkline", 1.5, 7.0, 5.5),
)


def _full(width: float, height: float, widest_badge: float) -> CardLayout:
    has_peak = height >= _TOP_ROW + _SHORTEST_SPARKLINE + _BOTTOM_ROW
    below = _BOTTOM_ROW if has_peak else _BOTTOM_PADDING
    badge = Box(
        width - _BADGE_INSET - widest_badge, _BADGE_INSET, widest_badge, _BADGE_HEIGHT
    )
    return CardLayout(
        "full",
        Box(_PADDING, _TOP_ROW, width - 2 * _PADDING, height - _TOP_ROW - below),
        badge=badge,
        neuron_id=Anchor(_PADDING, badge.middle + _BADGE_LETTERS_RISE),
        peak=Anchor(_PADDING, height - _PEAK_RISE) if has_peak else None,
        id_width=badge.left - 1.5 * _PADDING,
    )


def _smaller(detail: Detail, padding: float, sparkline: Box, id_width: float) -> CardLayout:
    size = min(_MARK_SIZE, sparkline.height, sparkline.width)
    if detail == "compact":  # beside the id; otherwise on the sparkline
        left, middle = sparkline.right - size, padding + _ID_ROW / 2 - _ID_ROW_GAP / 2
    else:
        left, middle = sparkline.left + (sparkline.width - size) / 2, sparkline.middle
    neuron_id = Anchor(padding, padding + _ID_ROW - _ID_ROW_GAP - _ID_RISE)
    return CardLayout(
        detail,
        sparkline,
        mark=Box(left, middle - size / 2, size, size),
        neuron_id=None if detail == "sparkline" else neuron_id,
        id_width=id_width,
    )
