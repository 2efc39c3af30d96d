"""Keep Axes where the panel wants them, by locators and a scale of the y axis.

Matplotlib asks an Axes' locator for the position at every draw and layout, and its scale
whenever coordinates are transformed. Neither changes anything when asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.gridspec import SubplotSpec
from matplotlib.scale import ScaleBase
from matplotlib.transforms import Bbox, Transform
from numpy.typing import NDArray

from .._layout.grid import GridPlan
from .._layout.measures import GAP
from .renderers import is_raster

Locator = Callable[[Any, Any], Bbox]  # takes an Axes, and a renderer or None


class CardsLocator:
    """Keeps a host Axes on the cards, within the room that the Axes had before.

    *cards_within* takes a room and whether pixels are whole, and returns the cards' box.
    """

    def __init__(self, host: Axes, cards_within: Callable[[Bbox, bool], Bbox]) -> None:
        before: Any = host.get_axes_locator()
        is_ours = isinstance(before, CardsLocator)
        self.room: Locator | None = before.room if is_ours else before
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
        if cards.x1 > room.x1:  # on the left, there may be words in between
            # Cards exceed their room by half a full gap, whatever their size.
            around = room.padded(GAP / 2 * host.figure.dpi / 72)
            top = min(cards.y1, room.y1)
            cards = Bbox.from_extents(around.x0, around.y0, around.x1, top)
        return _in_fractions(cards, host)

    def tightbbox(
        self,
        renderer: RendererBase | None = None,
        *,
        for_layout_only: bool = False,
        **options: Any,
    ) -> Bbox | None:
        """Return the extent of the host; for a layout engine, without rounding."""
        # An engine moves the room by what sticks out of it. Rounded cards stick out by a
        # different length wherever the room is, so the room would move at every draw. An
        # inset is measured as part of its parent, which does not pass *for_layout_only*.
        moved = [self._host, *self._host.child_axes]
        positions = [axes.get_position() for axes in moved]
        self._measured = for_layout_only or self.room is not None
        options["for_layout_only"] = for_layout_only
        try:
            return type(self._host).get_tightbbox(self._host, renderer, **options)
        finally:
            self._measured = False
            for axes, position in zip(moved, positions, strict=True):
                axes.apply_aspect(position)  # for events: the next draw does so anyway

    def get_subplotspec(self) -> SubplotSpec | None:
        """Return the host's SubplotSpec, for which `Figure.tight_layout` asks."""
        if self.room is None:
            return self._host.get_subplotspec()
        ask = getattr(self.room, "get_subplotspec", None)
        return ask() if callable(ask) else None


def on_box(box_of: Callable[[bool], Bbox], axes: Any, renderer: RendererBase | None) -> Bbox:
    """Locate an Axes on a box in display coordinates, which may depend on whole pixels."""
    whole = renderer is not None and is_raster(renderer)
    return _in_fractions(box_of(whole), axes)


def room_of(host: Axes, locator: Locator | None, renderer: RendererBase | None) -> Bbox:
    """Return the room that an Axes had before it was put on the cards."""
    room = host.get_position(original=True) if locator is None else locator(host, renderer)
    return Bbox(room.transformed(host.figure.transSubfigure).get_points())


def _in_fractions(box: Bbox, axes: Axes) -> Bbox:
    whole = axes.figure.bbox
    if not (whole.width and whole.height):  # a SubFigure of no size has no inverse
        sizes = [whole.width or 1.0, whole.height or 1.0]
        return Bbox((box.get_points() - whole.min) / sizes)
    to_fractions = axes.figure.transSubfigure.inverted()
    return Bbox(to_fractions.transform(box.get_points()))


class RowScale(ScaleBase):
    """The y scale of a host with headings, which keep their height in points.

    In data coordinates a heading is always as high as in *lasting*, so that limits mean
    the same cards whatever the size of the figure. On the display it is as high as in the
    plan for the current size::

        data             display
        0.00  heading    0.00
        0.25  card       0.31
        1.25  card       1.31
        2.25             2.31
    """

    name = "rows of cards"

    def __init__(self, host: Axes, lasting: GridPlan, current: Callable[[], GridPlan]) -> None:
        super().__init__(host.yaxis)
        self._transform = _RowTransform(host, lasting, current)

    def get_transform(self) -> Transform:
        """Return the transform from data coordinates to rows of the current plan."""
        return self._transform

    def set_default_locators_and_formatters(self, axis: Any) -> None:
        """Set none: the host has no ticks."""


class _RowTransform(Transform):
    """Maps data coordinates to rows of the current plan, or back."""

    input_dims = output_dims = 1
    is_separable = has_inverse = True
    pass_through = True  # what depends on it is told each time, not just the first

    def __init__(self, host: Axes, lasting: GridPlan, current: Callable[[], GridPlan]) -> None:
        super().__init__()
        self._host, self._lasting, self._current = host, lasting, current
        self._is_inverse = False
        # Whenever the host's size changes, what Matplotlib has cached no longer holds.
        self.set_children(host.bbox)

    def transform_non_affine(self, values: Any) -> NDArray[np.float64]:
        """Map the ends of headings to one another, linearly between them."""
        ends, others = _ends(self._lasting), _ends(self._current())
        if self._is_inverse:
            ends, others = others, ends
        y = np.asarray(values, dtype=np.float64)
        beyond = np.minimum(y - ends[0], 0) + np.maximum(y - ends[-1], 0)
        mapped: NDArray[np.float64] = np.interp(y, ends, others) + beyond
        return mapped

    def inverted(self) -> Transform:
        """Return the transform back."""
        back = _RowTransform(self._host, self._lasting, self._current)
        back._is_inverse = not self._is_inverse
        return back


def _ends(plan: GridPlan) -> NDArray[np.float64]:
    """Return where each band's heading begins and ends."""
    bottoms = np.unique(plan.headings.bottoms)
    return np.column_stack([bottoms - plan.headings.height, bottoms]).ravel()
