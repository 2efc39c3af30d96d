"""Where a panel may be drawn: an Axes, a Figure or a SubFigure of the caller's."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.typing import ColorType

from .._layout.grid import GroupSizes
from .._layout.measures import MARGIN
from .._layout.sizes import Sizes
from .._verdict.selection import Selection
from .badges import key_within, row_room_within
from .header import Appearance, HeaderWords, header_layout
from .panel import Panel


def check_where(where: object) -> None:
    """Raise TypeError or ValueError if no autopsy can be drawn there."""
    if isinstance(where, Figure | SubFigure):
        return
    if not isinstance(where, Axes):
        raise TypeError(
            "where: must be a matplotlib Axes, Figure or SubFigure; got "
            f"{type(where).__name__}. For a new figure, use plot_autopsy(...)."
        )
    if where.name != "rectilinear":
        raise ValueError(f"where: must be rectilinear; got a {where.name!r} projection.")
    if any(isinstance(child, Panel) for child in where.get_children()):
        raise ValueError("where: holds an autopsy already; call ax.clear() first.")
    for axis in ("x", "y"):
        shared = getattr(where, f"get_shared_{axis}_axes")()
        if len(shared.get_siblings(where)) > 1:
            raise ValueError(
                f"where: shares its {axis} axis, whose limits the cards would change in "
                "the other Axes too; make it without sharing."
            )


def planned_figure(
    selection: Selection, appearance: Appearance, sizes: Sizes
) -> tuple[int, float, float]:
    """Return the number of columns of a figure of its own, and its width and height."""
    words = HeaderWords.of(selection.autopsy, len(selection.shown), appearance.wording)

    def row_room(inside: float, ncols: int) -> float:
        return row_room_within(selection, appearance, inside, ncols)

    def header_height(inside: float, ncols: int) -> float:
        key = key_within(selection, appearance, inside - row_room(inside, ncols), ncols)
        return header_layout(words, appearance, inside, key).height

    return sizes.figure(GroupSizes.of(selection), header_height, row_room)


def color_behind(where: Axes | Figure | SubFigure) -> ColorType:
    """Return the colour of the figure that an autopsy is drawn on."""
    figure: Any = where.figure if isinstance(where, Axes) else where
    while figure.get_facecolor()[3] == 0 and not isinstance(figure, Figure):
        figure = figure.get_figure(root=False)
    color: ColorType = figure.get_facecolor()
    return color


def draw_in(where: Axes | Figure | SubFigure, panel: Panel[Any]) -> None:
    """Draw a panel in the caller's figure or Axes; on failure, leave it as it was."""
    if isinstance(where, Axes):
        panel.attach(where)
        return
    host = host_axes(where)
    try:
        panel.attach(host, margin=MARGIN)
    except BaseException:
        host.remove()
        raise


def host_axes(figure: Figure | SubFigure) -> Axes:
    """Return a new Axes that fills the figure, or the room its layout engine leaves."""
    if figure.get_layout_engine() is not None:
        return figure.add_subplot(figure.add_gridspec()[0, 0])
    whole = figure.add_gridspec(left=0.0, right=1.0, bottom=0.0, top=1.0)
    return figure.add_subplot(whole[0, 0])


def size_with_margins(where: Axes | Figure | SubFigure) -> tuple[float, float]:
    """Return the width and height of a figure in points; an Axes as if it had margins."""
    around = 2 * MARGIN if isinstance(where, Axes) else 0.0
    figure = where.figure if isinstance(where, Axes) else where
    per_point = figure.dpi / 72
    return where.bbox.width / per_point + around, where.bbox.height / per_point + around
