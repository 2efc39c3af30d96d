"""Current card positions in display coordinates, and the locators that keep Axes there.

Lengths are in display coordinates (pixels, or points in a document), y upwards. On a
raster canvas they are rounded, so that all gaps are equal and hairlines are sharp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection
from matplotlib.gridspec import SubplotSpec
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from .._layout.grid import GridPlan
from .._layout.measures import GAP, gap_of, pitch_of
from .text import is_raster

#: Where the parts of a card sit: a `card.CardLayout` or a `bars.BarLayout`.
PartsLayout = TypeVar("PartsLayout")

Locator = Callable[[Any, Any], Bbox]  # takes an Axes, and a renderer or None

#: The largest share of the room given up to make cards whole pixels.
_MOST_GIVEN_UP = 1 / 12


class Edges(NamedTuple):
    """The outer edges of all cards together."""

    left: float
    right: float
    top: float


class Pixels(NamedTuple, Generic[PartsLayout]):
    """Where cards are, how large they are, and where their parts sit.

    Attributes
    ----------
    per_point : float
        The length of a point.
    whole : bool
        Whether lengths are whole pixels, as on a raster canvas.
    cards : ndarray of int
        The positions of these cards among all cards.
    n_cards : int
        The number of all cards.
    lefts, tops : ndarray of float
        The left and the top edge of each card.
    width, height : float
        The size of every card.
    card : CardLayout or BarLayout
        Where the parts sit within a card, in points.
    """

    per_point: float
    whole: bool
    cards: NDArray[np.int64]
    n_cards: int
    lefts: NDArray[np.float64]
    tops: NDArray[np.float64]
    width: float
    height: float
    card: PartsLayout

    def aligned(self, lengths: Any) -> Any:
        """Return lengths, rounded to whole pixels on a raster canvas."""
        return snap(lengths) if self.whole else lengths

    def line_widths(self, collection: Collection) -> NDArray[np.float64]:
        """Return the width of each card's line."""
        return line_widths(collection, self.cards, self.per_point, whole=self.whole)

    def within(self, view: Bbox) -> Pixels[PartsLayout]:
        """Return only the cards that overlap a box."""
        seen = np.flatnonzero(
            (self.lefts + self.width > view.x0)
            & (self.lefts < view.x1)
            & (self.tops > view.y0)
            & (self.tops - self.height < view.y1)
        )
        return self._replace(
            cards=self.cards[seen], lefts=self.lefts[seen], tops=self.tops[seen]
        )

    def at(self, x: Any, y: float) -> NDArray[np.float64]:
        """Return a place in each card, given in points from its top left corner."""
        return np.column_stack(
            [self.lefts + x * self.per_point, self.tops - y * self.per_point]
        )


def snap(lengths: Any) -> Any:
    """Snap to whole pixels; halves round up, despite floating-point noise."""
    return np.floor(lengths + (0.5 + 1e-3))


def line_widths(
    collection: Collection, elements: NDArray[np.int64], per_point: float, *, whole: bool
) -> NDArray[np.float64]:
    """Return the line widths of some elements; whole pixels if *whole*."""
    points = np.atleast_1d(np.asarray(collection.get_linewidth(), dtype=float))
    widths: NDArray[np.float64] = points[elements % len(points)] * per_point
    if not whole:
        return widths
    return np.where(widths > 0, np.maximum(np.round(widths), 1.0), 0.0)


def card_pixels(
    host: Axes,
    places: GridPlan,
    layout: Callable[[float, float], PartsLayout],
    *,
    whole: bool,
) -> Pixels[PartsLayout]:
    """Return where the cards are in their host's current view.

    Parameters
    ----------
    host : matplotlib.axes.Axes
        The Axes that holds the cards.
    places : GridPlan
        Where they stand in it.
    layout : callable
        Takes a card's width and height in points, and returns where its parts sit.
    whole : bool
        Whether to round lengths to whole pixels.
    """
    per_point = host.figure.dpi / 72
    origin, unit = host.transData.transform([(0, 0), (1, 1)])
    step = unit - origin
    sizes = np.abs(step)
    gaps = np.array([_gap_beside(host, size) for size in sizes])
    lefts = origin[0] + step[0] * places.columns + min(step[0], 0) + gaps[0] / 2
    tops = origin[1] + step[1] * places.tops + max(step[1], 0) - gaps[1] / 2
    if whole:
        lefts, tops, sizes, gaps = map(snap, (lefts, tops, sizes, gaps))
    width, height = (sizes - gaps).tolist()
    card = layout(width / per_point, height / per_point)
    cards = np.arange(len(lefts))
    return Pixels(per_point, whole, cards, len(cards), lefts, tops, width, height, card)


class HeadingPlaces(NamedTuple):
    """The headings' lower left corners, the width that each has, and their height."""

    corners: NDArray[np.float64]
    widths: NDArray[np.float64]
    height: float


def heading_places(
    host: Axes, places: GridPlan, edges: Edges, *, whole: bool
) -> HeadingPlaces:
    """Return where the headings are in their host's current view.

    A heading begins at the left edge of its cards, or of the view if its cards begin
    left of that. On a raster canvas it is rounded as the cards below it are.
    """
    headings = places.headings
    origin, unit = host.transData.transform([(0, 0), (1, 1)])
    step = unit - origin
    gaps = [_gap_beside(host, size) for size in np.abs(step)]
    widths = abs(step[0]) * headings.widths
    height = abs(step[1]) * headings.height
    lefts = origin[0] + step[0] * headings.lefts + gaps[0] / 2
    if step[0] < 0:
        lefts -= widths
    bottoms = origin[1] + step[1] * headings.bottoms
    # On an inverted y axis, headings stay between the same cards.
    bottoms += gaps[1] / 2 - height if step[1] > 0 else -gaps[1] / 2
    corners = np.column_stack([lefts, bottoms])
    if whole:
        corners = snap(corners)
    rights = np.minimum(lefts + widths - gaps[0], edges.right)
    corners[:, 0] = np.maximum(corners[:, 0], edges.left)
    return HeadingPlaces(corners, rights - np.maximum(lefts, edges.left), float(height))


def _gap_beside(host: Axes, pitch: float) -> float:
    per_point = host.figure.dpi / 72
    return gap_of(pitch / per_point) * per_point


def card_edges(host: Axes, nrows: float, ncols: int, *, whole: bool) -> Edges:
    """Return the outer edges of all cards, for the view that shows all of them."""
    box = host.bbox
    gaps = [
        _gap_beside(host, length / max(count, 1))
        for length, count in ((box.width, ncols), (box.height, nrows))
    ]
    if whole:
        gaps = [snap(gap) for gap in gaps]
    left = box.x0 + gaps[0] / 2
    if whole:
        left = snap(left)
    return Edges(left, left + box.width - gaps[0], box.y1 - gaps[1] / 2)


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


class CardsLocator:
    """Keeps a host Axes on the cards, within the room that the Axes had before.

    Matplotlib asks an Axes' locator for the position at every draw and layout.

    Parameters
    ----------
    host : matplotlib.axes.Axes
        The Axes that holds the cards.
    cards_within : callable
        Takes a room as a Bbox, and ``whole``; returns where the cards are in it.
    """

    def __init__(self, host: Axes, cards_within: Callable[[Bbox, bool], Bbox]) -> None:
        before = host.get_axes_locator()
        self.room: Locator | None = (
            before.room if isinstance(before, CardsLocator) else before
        )
        self._host = host
        self._cards_within = cards_within
        self._whole = False
        self._measured = False

    def hold(self) -> None:
        """Keep the host on the cards from now on."""
        self._host.set_axes_locator(self)
        self._host.get_tightbbox = self.tightbbox  # type: ignore[method-assign]

    def let_go(self) -> None:
        """Give the host its former room back."""
        self._host.set_axes_locator(self.room)  # type: ignore[arg-type]  # may be None
        vars(self._host).pop("get_tightbbox", None)

    def __call__(self, host: Any, renderer: RendererBase | None) -> Bbox:
        """Return the Axes' position, in fractions of its figure."""
        if renderer is not None:
            self._whole = is_raster(renderer)
        room = room_of(host, self.room, renderer)
        if not self._measured:
            return _in_fractions(self._cards_within(room, self._whole), host)
        cards = self._cards_within(room, False)  # noqa: FBT003  its only other argument
        if cards.x0 < room.x0:
            cards = _beside(cards, room, host.figure.dpi / 72)
        return _in_fractions(cards, host)

    def tightbbox(
        self,
        renderer: RendererBase | None = None,
        *,
        for_layout_only: bool = False,
        **options: Any,
    ) -> Bbox | None:
        """Return the extent of the host; for a layout engine, without rounding.

        An engine moves the room by what sticks out of it. Rounded cards stick out by a
        different length wherever the room is, so the room would move at every draw. An
        inset is measured as part of its parent, which does not pass *for_layout_only*.
        """
        self._measured = for_layout_only or self.room is not None
        options["for_layout_only"] = for_layout_only
        try:
            return type(self._host).get_tightbbox(self._host, renderer, **options)
        finally:
            self._measured = False

    def get_subplotspec(self) -> SubplotSpec | None:
        """Return the host's SubplotSpec, for which `Figure.tight_layout` asks."""
        if self.room is None:
            return self._host.get_subplotspec()
        ask = getattr(self.room, "get_subplotspec", None)
        return ask() if callable(ask) else None


class BoxLocator:
    """Keeps an Axes on a box given in display coordinates.

    Parameters
    ----------
    box_of : callable
        Takes ``whole``; returns the box.
    """

    def __init__(self, box_of: Callable[[bool], Bbox]) -> None:
        self._box_of = box_of

    def __call__(self, axes: Any, renderer: RendererBase | None) -> Bbox:
        """Return the Axes' position, in fractions of its figure."""
        whole = renderer is not None and is_raster(renderer)
        return _in_fractions(self._box_of(whole), axes)


def room_of(host: Axes, locator: Locator | None, renderer: RendererBase | None) -> Bbox:
    """Return the room that an Axes had before it was put on the cards."""
    room = host.get_position(original=True) if locator is None else locator(host, renderer)
    return Bbox(room.transformed(host.figure.transSubfigure).get_points())


def steady(room: Bbox) -> Bbox:
    """Return *room* rounded so that it is identical at every draw.

    A layout engine's sums vary in their last digits, and a document would round a value
    half-way between two digits now to one, now to the other.
    """
    return Bbox(snap(room.get_points() * _STEADY) / _STEADY)


#: Steps per pixel: coarser than the noise of sums, finer than what moves a pixel.
_STEADY = 1e7


def _beside(cards: Bbox, room: Bbox, per_point: float) -> Bbox:
    """Return cards that exceed their room by half a full gap, whatever their size."""
    around = room.padded(GAP / 2 * per_point)
    return Bbox.from_extents(around.x0, around.y0, around.x1, min(cards.y1, room.y1))


def _in_fractions(box: Bbox, axes: Axes) -> Bbox:
    whole = axes.figure.bbox
    if not (whole.width and whole.height):  # a SubFigure of no size has no inverse
        sizes = [whole.width or 1.0, whole.height or 1.0]
        return Bbox((box.get_points() - whole.min) / sizes)
    to_fractions = axes.figure.transSubfigure.inverted()
    return Bbox(to_fractions.transform(box.get_points()))
