"""`AutopsyFigure`, `plot_autopsy`, `draw_autopsy`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar, overload

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from . import _layout
from ._accessible import with_alt_text
from ._diagnosis import DEFAULT_THRESHOLD, Autopsy, NanPolicy, diagnosed
from ._grid import AutopsyGrid
from ._parts import header_layout
from ._style import Style, named_style
from ._wording import DEFAULT_TITLE

CallersFigure = TypeVar("CallersFigure", Figure, SubFigure)

#: Seed of the ids that Matplotlib's SVG writer makes up, if the caller has set none.
_SVG_HASH_SALT = "dead-neuron-autopsy"


class AutopsyFigure(Figure):
    """A figure that holds an autopsy, and says in every file what it shows.

    Made by `plot_autopsy`. It is a `matplotlib.figure.Figure` like any other; what it
    adds to `savefig` are the alt text and the same bytes on every run.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> fig = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
    >>> fig.alt_text
    'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
    """

    @property
    def autopsy_grid(self) -> AutopsyGrid:
        """The drawing."""
        grid = self._grid()
        if grid is None:
            raise RuntimeError("This figure holds no autopsy; has it been cleared?")
        return grid

    def _grid(self) -> AutopsyGrid | None:
        artists = (artist for axes in self.axes for artist in axes.artists)
        grids = (artist for artist in artists if isinstance(artist, AutopsyGrid))
        return next(grids, None)

    @property
    def autopsy(self) -> Autopsy:
        """What was found of the neurons."""
        return self.autopsy_grid.autopsy

    @property
    def alt_text(self) -> str:
        """The verdict in a sentence, for somebody who does not see the figure."""
        return self.autopsy_grid.alt_text

    def savefig(self, fname: Any, *, transparent: Any = None, **kwargs: Any) -> None:
        """Save the figure with its alt text, as `matplotlib.figure.Figure.savefig` does.

        Parameters
        ----------
        fname : str, path-like or file-like
            Where to.
        transparent : bool, optional
            As in Matplotlib.
        **kwargs
            As in Matplotlib, which refuses what it does not know. What ``metadata`` and
            ``pil_kwargs`` hold wins over what is written of itself.

        Examples
        --------
        >>> import io
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> plot_autopsy({"N1": [0.0, 0.0]}).savefig(io.BytesIO(), format="svg")
        """
        grid = self._grid()
        if grid is not None:
            file_format = kwargs.get("format") or self._format_of(fname)
            kwargs = with_alt_text(kwargs, file_format.lower(), grid.alt)
        salt = mpl.rcParams["svg.hashsalt"] or _SVG_HASH_SALT
        with mpl.rc_context({"svg.hashsalt": salt}):
            super().savefig(fname, transparent=transparent, **kwargs)

    def _format_of(self, fname: Any) -> str:
        """Return the format that Matplotlib takes where none is given."""
        suffix = ""
        if isinstance(fname, str | os.PathLike):
            suffix = Path(fname).suffix[1:]
        return suffix or self.canvas.get_default_filetype()


def draw_autopsy(
    ax: Axes,
    neurons: object,
    dead_threshold: float = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: int | None = None,
    nan_policy: NanPolicy = "propagate",
    ncols: int | None = None,
    title: str = DEFAULT_TITLE,
    style: str | Style = "light",
) -> AutopsyGrid:
    """Draw an autopsy within an Axes of the caller's, beside other plots.

    The cards are stretched to fill the Axes; where they become too small for words, the
    badge becomes a mark. The Axes' frame and ticks are switched off and its limits
    become the grid's: the card in row r and column c covers [c, c + 1] x [r, r + 1].

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; rectilinear, with no shared axis.
    neurons : iterable, mapping, DataFrame, array or Autopsy
        As in `diagnose`, or what `diagnose` returned.
    dead_threshold, ids, neuron_axis, nan_policy
        As in `diagnose`.
    ncols : int, optional
        Number of columns; default: ceil(sqrt(number of neurons)).
    title : str, default: "Dead neuron autopsy"
        The header's first line, and the name in the alt text; "" draws none. Takes the
        place of ``ax.set_title``, which would stand on the header.
    style : {"light", "dark", "print"} or Style, default: "light"
        How it looks.

    Returns
    -------
    AutopsyGrid
        The artist, with its parts.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong; nothing is drawn then.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dead_neuron_autopsy import draw_autopsy
    >>> fig, axs = plt.subplot_mosaic("AAB", layout="constrained")
    >>> line, = axs["B"].plot([2.3, 1.9, 1.7])
    >>> grid = draw_autopsy(axs["A"], {"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
    >>> grid.alt_text
    'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
    """
    host = _checked_host(ax)
    autopsy = diagnosed(
        neurons, dead_threshold, ids=ids, neuron_axis=neuron_axis, nan_policy=nan_policy
    )
    look = _checked_look(title, style)
    return _draw(host, autopsy, _columns(autopsy, ncols, None), title, look, margin=0.0)


@overload
def plot_autopsy(
    neurons: object,
    dead_threshold: float = ...,
    *,
    ids: Iterable[object] | None = ...,
    neuron_axis: int | None = ...,
    nan_policy: NanPolicy = ...,
    ncols: int | None = ...,
    width: float | None = ...,
    title: str = ...,
    style: str | Style = ...,
    fig: None = ...,
) -> AutopsyFigure: ...
@overload
def plot_autopsy(
    neurons: object,
    dead_threshold: float = ...,
    *,
    ids: Iterable[object] | None = ...,
    neuron_axis: int | None = ...,
    nan_policy: NanPolicy = ...,
    ncols: int | None = ...,
    width: None = ...,
    title: str = ...,
    style: str | Style = ...,
    fig: CallersFigure,
) -> CallersFigure: ...
def plot_autopsy(
    neurons: object,
    dead_threshold: float = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: int | None = None,
    nan_policy: NanPolicy = "propagate",
    ncols: int | None = None,
    width: float | None = None,
    title: str = DEFAULT_TITLE,
    style: str | Style = "light",
    fig: Figure | SubFigure | None = None,
) -> Figure | SubFigure:
    """Decide which neurons are dead, and draw each as a card in a near-square grid.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame, array or Autopsy
        Each neuron's recent activations, recorded *after* the activation function, in
        any form that `diagnose` takes; or what `diagnose` returned.
    dead_threshold : float, default: 1e-6
        A neuron is dead when max(\\|activation\\|) is below it.
    ids, neuron_axis, nan_policy
        As in `diagnose`.
    ncols : int, optional
        Number of columns; default: ceil(sqrt(number of neurons)).
    width : float, optional
        Width of the figure in inches, as of a paper's column. As many cards as fit
        stand in a row, or *ncols*, stretched to fill it. Default: the cards' natural
        width of 1.25 in.
    title : str, default: "Dead neuron autopsy"
        The header's first line, and the name in the alt text; "" draws none.
    style : {"light", "dark", "print"} or Style, default: "light"
        How it looks; "print" is for grey and for paper.
    fig : matplotlib.figure.Figure or SubFigure, optional
        A figure of the caller's to draw in, as large as it is; nothing else of it
        changes. Default: a new one.

    Returns
    -------
    AutopsyFigure, or the figure given as *fig*
        ``autopsy`` has the findings, ``autopsy_grid`` the artists, ``alt_text`` the
        words; ``savefig`` writes the words into the file.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong; no figure is made or changed then.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> after_relu = np.array([[0.0, 0.0, 0.0], [0.1, 0.4, 0.2]])
    >>> fig = plot_autopsy(after_relu, neuron_axis=0, ids=["L1·N1", "L1·N2"])
    >>> fig.autopsy.dead.tolist()
    [True, False]
    """
    if fig is not None and not isinstance(fig, Figure | SubFigure):
        raise TypeError(
            f"fig: must be a matplotlib Figure or SubFigure; got {type(fig).__name__}. "
            "For an Axes, use draw_autopsy(ax, ...)."
        )
    if fig is not None and width is not None:
        raise ValueError(
            "width: fig has its size already; leave width out, or make fig that wide."
        )
    autopsy = diagnosed(
        neurons, dead_threshold, ids=ids, neuron_axis=neuron_axis, nan_policy=nan_policy
    )
    columns, look = _columns(autopsy, ncols, width), _checked_look(title, style)
    if fig is None:
        return _new_figure(autopsy, columns, width, title, look)
    _draw(_host_axes(fig), autopsy, columns, title, look, margin=_layout.MARGIN)
    return fig


#: No card is narrower than this, in points.
_NARROWEST_CARD = 24.0


def _new_figure(
    autopsy: Autopsy, ncols: int, width: float | None, title: str, style: Style
) -> AutopsyFigure:
    from matplotlib import pyplot as plt  # chooses a backend: not before a figure is due

    points = _layout.natural_width(ncols) if width is None else 72 * float(width)
    header = header_layout(autopsy, title, style, points - 2 * _layout.MARGIN)
    nrows = _layout.rows_for(len(autopsy), ncols)
    height = _layout.natural_height(nrows, header.height)
    fig: AutopsyFigure = plt.figure(  # type: ignore[assignment]  # FigureClass decides
        FigureClass=AutopsyFigure,
        figsize=(points / 72, height / 72),
        layout="none",
        facecolor=style.background,
    )
    fig.subplots_adjust(left=0, right=1, bottom=0, top=1)
    _draw(fig.add_subplot(), autopsy, ncols, title, style, margin=_layout.MARGIN)
    return fig


def _draw(
    host: Axes, autopsy: Autopsy, ncols: int, title: str, style: Style, *, margin: float
) -> AutopsyGrid:
    grid = AutopsyGrid(autopsy, ncols=ncols, title=title, style=style, margin=margin)
    grid.attach(host)
    return grid


def _checked_host(host: object) -> Axes:
    """Return *host* if an autopsy can be drawn in it."""
    if not isinstance(host, Axes):
        raise TypeError(
            f"ax: must be a matplotlib Axes; got {type(host).__name__}. For a Figure, "
            "use plot_autopsy(..., fig=...)."
        )
    if host.name != "rectilinear":
        raise ValueError(f"ax: must be rectilinear; got a {host.name!r} projection.")
    if any(isinstance(child, AutopsyGrid) for child in host.get_children()):
        raise ValueError("ax: holds an autopsy already; call ax.clear() first.")
    for axis, shared in (
        ("x", host.get_shared_x_axes()),
        ("y", host.get_shared_y_axes()),
    ):
        if len(shared.get_siblings(host)) > 1:
            raise ValueError(
                f"ax: shares its {axis} axis, whose limits the cards would change in "
                "the other Axes too; make it without sharing."
            )
    return host


def _host_axes(figure: Figure | SubFigure) -> Axes:
    """Add an Axes as large as a figure, or as large as its layout engine makes it."""
    if figure.get_layout_engine() is not None:
        return figure.add_subplot(figure.add_gridspec()[0, 0])
    whole = figure.add_gridspec(left=0.0, right=1.0, bottom=0.0, top=1.0)
    return figure.add_subplot(whole[0, 0])


def _checked_look(title: object, style: str | Style) -> Style:
    if not isinstance(title, str):
        raise TypeError(f"title: must be a string; got {type(title).__name__} {title!r}.")
    return named_style(style)


def _columns(autopsy: Autopsy, ncols: object, width: float | None) -> int:
    room = None if width is None else _checked_width(width)
    if ncols is None:
        if room is not None:
            return _layout.columns_within(room)
        return _layout.near_square_columns(len(autopsy))
    if isinstance(ncols, bool) or not isinstance(ncols, Integral):
        raise TypeError(f"ncols: must be an integer; got {type(ncols).__name__} {ncols!r}.")
    if ncols < 1:
        raise ValueError(f"ncols: must be at least 1; got {ncols!r}.")
    if room is not None and room < _narrowest(int(ncols)):
        raise ValueError(
            f"width: {width!r} in cannot hold ncols={ncols} cards; at least "
            f"{_narrowest(int(ncols)) / 72:.2f} in is needed."
        )
    return int(ncols)


def _checked_width(width: object) -> float:
    if isinstance(width, bool) or not isinstance(width, Real):
        raise TypeError(
            "width: must be a number of inches, such as 3.5; got "
            f"{type(width).__name__} {width!r}."
        )
    if not _narrowest(1) <= 72 * float(width) < math.inf:
        raise ValueError(
            f"width: must be at least {_narrowest(1) / 72:.2f} in; got {width!r}."
        )
    return 72 * float(width)


def _narrowest(ncols: int) -> float:
    return 2 * _layout.MARGIN + ncols * (_NARROWEST_CARD + _layout.GAP) - _layout.GAP
