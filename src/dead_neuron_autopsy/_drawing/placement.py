"""Where cards are right now, in display coordinates: pure functions of a `View`.

Lengths are pixels, or points in a document; y points upwards. Positions may be fractions
of a card until they are computed here for painting: on a raster canvas, this is where
they snap to whole pixels, so that all gaps are equal and hairlines are sharp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from .._layout.grid import GridPlan
from .._layout.measures import gap_of, pitch_of

#: Where the parts of one card, or of one bar, sit: a `CardLayout` or a `BarLayout`.
PartsLayout = TypeVar("PartsLayout")

Floats: TypeAlias = NDArray[np.float64]

#: The largest share of the room given up to make cards whole pixels.
_MOST_GIVEN_UP = 1 / 12


class View(NamedTuple):
    """What is seen of a grid: its rows and columns in display coordinates."""

    box: Bbox  # the visible part of the display
    origin: Floats  # where column 0 and row 0 begin
    step: Floats  # to the next column and row; negative on an inverted axis
    per_point: float  # the length of a point
    whole: bool  # whether lengths are whole pixels, as on a raster canvas

    @classmethod
    def of(cls, host: Axes, *, whole: bool) -> View:
        """Return the current view of a host Axes."""
        # Behind the scale of the y axis (`locators.RowScale`), all rows are equally high.
        to_display = host.transLimits + host.transAxes
        origin, unit = to_display.transform([(0, 0), (1, 1)])
        return cls(host.bbox, origin, unit - origin, host.figure.dpi / 72, whole)

    def gap(self, pitch: float) -> float:
        """Return the gap between cards of a pitch."""
        return gap_of(pitch / self.per_point) * self.per_point

    def snapped(self, lengths: Any) -> Any:
        """Return lengths, snapped to whole pixels on a raster canvas."""
        return snap(lengths) if self.whole else lengths


class PlacedCards(NamedTuple, Generic[PartsLayout]):
    """Cards, or bars, with their places and sizes."""

    view: View  # what they were placed in
    cards: NDArray[np.int64]  # the positions of these cards among all cards
    n_cards: int  # the number of all cards
    lefts: Floats
    tops: Floats
    width: float
    height: float
    layout: PartsLayout  # where the parts sit within each card, in points

    @property
    def per_point(self) -> float:
        """The length of a point."""
        return self.view.per_point

    @property
    def are_all(self) -> bool:
        """Whether no card has been left out."""
        return len(self.cards) == self.n_cards

    def snapped_points(self, points: Any) -> Any:
        """Return lengths in points as lengths on the display, snapped."""
        return self.view.snapped(points * self.per_point)

    def line_widths(self, collection: Collection) -> Floats:
        """Return the width of each card's line."""
        return line_widths(collection, self.cards, self.view)

    def in_view(self) -> PlacedCards[PartsLayout]:
        """Return only the cards that overlap the view."""
        box = self.view.box
        lefts, tops = self.lefts, self.tops
        across = (lefts + self.width > box.x0) & (lefts < box.x1)
        seen = np.flatnonzero(across & (tops > box.y0) & (tops - self.height < box.y1))
        return self._replace(cards=self.cards[seen], lefts=lefts[seen], tops=tops[seen])

    def at(self, x: Any, y: float) -> Floats:
        """Return a place in each card, given in points from its top left corner."""
        per_point = self.per_point
        return np.column_stack([self.lefts + x * per_point, self.tops - y * per_point])


def place_cards(
    view: View, plan: GridPlan, layout: Callable[[float, float], PartsLayout]
) -> PlacedCards[PartsLayout]:
    """Return where all cards of a plan are in a view; *layout* takes points."""
    sizes = np.abs(view.step)
    gaps = np.array([view.gap(size) for size in sizes])
    lefts = view.origin[0] + view.step[0] * plan.lefts + min(view.step[0], 0) + gaps[0] / 2
    tops = view.origin[1] + view.step[1] * plan.tops + max(view.step[1], 0) - gaps[1] / 2
    lefts, tops, sizes, gaps = map(view.snapped, (lefts, tops, sizes, gaps))
    width, height = (sizes - gaps).tolist()
    cards, parts = np.arange(len(lefts)), layout(*(sizes - gaps) / view.per_point)
    return PlacedCards(view, cards, len(cards), lefts, tops, width, height, parts)


class Edges(NamedTuple):
    """The outer edges of all cards together."""

    left: float
    right: float
    top: float


def place_headings(view: View, plan: GridPlan, edges: Edges) -> tuple[Floats, Floats, float]:
    """Return the headings' lower left corners, the width that each has, and their height."""
    # A heading begins at the left edge of its cards, or of the view if its cards begin left
    # of that. On a raster canvas it is rounded as the cards below it are.
    headings, (across, down) = plan.headings, view.step
    gaps = [view.gap(size) for size in np.abs(view.step)]
    widths, height = abs(across) * headings.widths, abs(down) * headings.height
    lefts = view.origin[0] + across * headings.lefts + gaps[0] / 2
    if across < 0:
        lefts -= widths
    bottoms = view.origin[1] + down * headings.bottoms
    # On an inverted y axis, headings stay between the same cards.
    bottoms += gaps[1] / 2 - height if down > 0 else -gaps[1] / 2
    corners = view.snapped(np.column_stack([lefts, bottoms]))
    rights = np.minimum(lefts + widths - gaps[0], edges.right)
    corners[:, 0] = np.maximum(corners[:, 0], edges.left)
    return corners, rights - np.maximum(lefts, edges.left), float(height)


def card_edges(view: View, plan: GridPlan) -> Edges:
    """Return the outer edges of all cards, for the view that shows all of them."""
    box = view.box
    across = view.snapped(view.gap(box.width / max(plan.ncols, 1)))
    down = view.snapped(view.gap(box.height / max(plan.height, 1)))
    left = view.snapped(box.x0 + across / 2)
    return Edges(left, left + box.width - across, box.y1 - down / 2)


def span(
    start: float, length: float, n_cards: float, per_point: float, *, whole: bool
) -> tuple[float, float]:
    """Return start and length of the cards with half a gap on either side.

    The cards fill *length*; in *whole* pixels, as nearly as they can. Headings count
    as fractions of a card, hence a float *n_cards*::

        | half gap | card | gap | card | half gap |
                   |<----- length ---->|
        |<-------------- returned --------------->|
    """
    count = max(n_cards, 1)
    pitch = pitch_of(length / per_point, count) * per_point
    gap = gap_of(pitch / per_point) * per_point
    whole_pitch = np.floor(pitch + 1e-6)
    if whole and whole_pitch >= (1 - _MOST_GIVEN_UP) * pitch:
        pitch, gap = whole_pitch, snap(gap)
        start = np.floor(start + (length + gap - pitch * count) / 2 + 1e-3)
    return start - gap / 2, pitch * count


def snap(lengths: Any) -> Any:
    """Snap to whole pixels; halves round up, despite floating-point noise."""
    return np.floor(lengths + (0.5 + 1e-3))


def steady(room: Bbox) -> Bbox:
    """Return *room* rounded so that it is identical at every draw."""
    # A layout engine's sums vary in their last digits, and a document would round a value
    # half-way between two digits now to one, now to the other.
    steps = 1e7  # per pixel: coarser than the noise of sums, finer than what moves a pixel
    return Bbox(snap(room.get_points() * steps) / steps)


def line_widths(collection: Collection, elements: NDArray[np.int64], view: View) -> Floats:
    """Return the line widths of some elements; on a raster canvas, whole pixels."""
    points = np.atleast_1d(np.asarray(collection.get_linewidth(), dtype=float))
    widths: Floats = points[elements % len(points)] * view.per_point
    if not view.whole:
        return widths
    return np.where(widths > 0, np.maximum(np.round(widths), 1.0), 0.0)
