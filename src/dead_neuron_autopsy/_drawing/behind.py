"""What is behind the cells: a plain colour, or anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.typing import ColorType


class WindowAxes(Axes):
    """Axes that a window shows, and no file: its words would say nothing of them."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw everything in the Axes, unless a file is saved."""
        figure: Any = self.get_figure(root=True)
        if not figure.canvas.is_saving():
            super().draw(renderer)


def axes_of(figure: Figure | SubFigure) -> list[Axes]:
    """Return a figure's Axes without those that belong to its window alone."""
    return [axes for axes in figure.axes if not isinstance(axes, WindowAxes)]


def color_behind(panel: Artist, host: Axes, *, is_painted: bool) -> ColorType | None:
    """Return the colour behind the cells; None if it may be anything.

    It is that of the Axes if the panel itself *is_painted* in it.
    """
    color: ColorType = host.patch.get_facecolor()
    if is_painted:
        return color
    if _something_is_behind(panel, host):
        return None
    for figure in _figures_of(host):
        if to_rgba(color)[3] == 0 and figure.patch.get_visible():
            color = figure.get_facecolor()
    return color


def _something_is_behind(panel: Artist, host: Axes) -> bool:
    """Return whether anything but plain colours may be drawn below the panel."""
    own = set(host.get_children()) - {panel, host.patch}
    below = [one for one in own if one.zorder <= panel.zorder]
    for figure in _figures_of(host):
        if figure.patch.get_hatch():
            return True
        others = set(figure.get_children()) - {figure.patch, host, *figure.subfigs}
        others -= {axes for axes in figure.axes if not axes.bbox.overlaps(host.bbox)}
        below += [one for one in others if one.zorder <= host.zorder]
    return any(one.get_visible() for one in below)


def _figures_of(host: Axes) -> Iterator[Figure | SubFigure]:
    """Yield the figures that contain an Axes, the innermost first."""
    figure = host.get_figure(root=False)
    while figure is not None:
        yield figure
        figure = None if isinstance(figure, Figure) else figure.get_figure(root=False)
