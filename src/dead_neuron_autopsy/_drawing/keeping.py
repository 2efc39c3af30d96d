"""Pixels that are kept from one draw to the next, for panels that have not changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from .placement import View
from .renderers import is_agg


class KeptPixels:
    """The canvas after a panel has been drawn, to be restored where nothing has changed.

    Windows redraw a whole figure whenever anything in it changes, such as a tooltip. Pixels are
    kept from the second of two equal draws on, so that figures drawn once take no memory.
    """

    def __init__(self) -> None:
        self._look: object = None
        self._region: Any = None

    def __reduce__(self) -> tuple[type[KeptPixels], tuple[()]]:
        return KeptPixels, ()  # a copy of a figure is drawn anew

    def restore(self, renderer: RendererBase, look: object) -> bool:
        """Draw what was kept of a look; return False if there is nothing."""
        if look is None or self._look != look or self._region is None:
            return False
        canvas: Any = renderer
        canvas.restore_region(self._region)
        return True

    def keep(self, renderer: RendererBase, before: object, look: object) -> None:
        """Keep the pixels just drawn, if the look *before* this draw is that after the last one."""
        canvas: Any = renderer
        seen_twice = before is not None and before == self._look
        self._region = canvas.copy_from_bbox(_whole(canvas)) if seen_twice else None
        self._look = look


def look_of(
    panel: Artist, parts: Sequence[Artist], renderer: RendererBase, view: View
) -> tuple[object, ...] | None:
    """Return what tells the canvas after this draw from others; None if that is not certain."""
    host, figure = panel.axes, panel.get_figure(root=True)
    if not is_agg(renderer) or not isinstance(host, Axes) or figure is None:
        return None
    if any(one.get_agg_filter() for one in (panel, host, figure)):
        return None
    saves = figure.canvas.is_saving()
    if saves or panel.stale or any(part.stale for part in parts):
        return None
    if host.figure is not figure or not _is_first(figure, host, panel):
        return None
    patches = [
        (one.get_visible(), one.get_facecolor(), one.get_edgecolor(), one.get_linewidth())
        for one in (figure.patch, host.patch)
    ]
    boxes = view.box.bounds, view.origin.tolist(), view.step.tolist()
    size = renderer.get_canvas_width_height()
    return (size, view.per_point, boxes, patches, panel.get_alpha(), host.axison)


def _is_first(figure: Figure, host: Axes, panel: Artist) -> bool:
    """Return whether only plain patches are drawn before a panel."""
    if figure.patch.get_hatch() or host.patch.get_hatch():
        return False
    others = [one for one in figure.get_children() if one not in {figure.patch, host}]
    inside = [one for one in host.get_children() if one not in {host.patch, panel}]
    before = [one for one in others if one.zorder <= host.zorder]
    before += [one for one in inside if one.zorder <= panel.zorder]
    return not any(one.get_visible() for one in before)


def _whole(renderer: Any) -> Bbox:
    """Return the box of a whole canvas."""
    return Bbox.from_bounds(0, 0, *renderer.get_canvas_width_height())
