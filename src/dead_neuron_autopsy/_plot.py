"""The drawing functions and the figure they return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, SupportsIndex, TypeVar, overload

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ._drawing.bars import LayerBars, LayerWords
from ._drawing.elements import plain
from ._drawing.grid import AutopsyGrid
from ._drawing.panel import Panel
from ._drawing.parts import Appearance, header_layout
from ._drawing.style import Style, named_style
from ._intake.foreign import typed_repr
from ._layout import places as _layout
from ._layout.sizes import (
    LONGEST_FIGURE,
    BarPlaces,
    Cards,
    Sizes,
    bars_within,
    checked_sizes,
    layers_size,
)
from ._output.figure import AutopsyFigure
from ._verdict.autopsy import (
    DEFAULT_THRESHOLD,
    Autopsy,
    NanPolicy,
    Number,
    State,
    diagnosed,
    refuse_changes,
)
from ._verdict.groups import GroupBy, Groups
from ._verdict.selection import Order, Selection, selected
from ._words.languages import ENGLISH
from ._words.wording import Wording

CallersFigure = TypeVar("CallersFigure", Figure, SubFigure)
AnyPanel = TypeVar("AnyPanel", bound=Panel[Any])


def draw_autopsy(
    ax: Axes,
    neurons: object,
    dead_threshold: Number = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy | None = None,
    ncols: SupportsIndex | None = None,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    only: State | None = None,
    group_by: GroupBy | None = None,
) -> AutopsyGrid:
    """Draw an autopsy in an existing Axes, next to other plots.

    The cards stretch to fill the Axes; where they are too small for words, a mark
    replaces the badge. The Axes loses its frame and ticks, and its limits become the
    grid's: the card in row r and column c covers [c, c + 1] x [r, r + 1], moved down by
    the headings above it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; must be rectilinear and share no axis.
    neurons : iterable, mapping, DataFrame, array or Autopsy
        As in `diagnose`, or the result of `diagnose`.
    dead_threshold, ids, neuron_axis, nan_policy
        As in `diagnose`. Leave them out for an `Autopsy`, which already has its own.
    ncols : int, optional
        Number of columns. Default: ceil(sqrt(number of cards)); with groups, whatever
        makes the figure about as wide as it is high.
    title : str, optional
        First line of the header, and the name in the alt text; "" draws none. Use it
        instead of ``ax.set_title``, whose text would overlap the header. Default: the
        wording's title, "Dead neuron autopsy".
    style : {"light", "dark", "print"} or Style, default: "light"
        The look: a named style, or one of your own.
    wording : Wording, default: ENGLISH
        The words drawn and those of the alt text; `GERMAN` is another.
    order : {"given", "dead first", "peak"} or callable, default: "given"
        The order of the cards; "peak" goes from lowest to highest, nan last. A callable
        takes a `Neuron` and returns a sort key; it sees every neuron with its
        activations, so a Dask array is read completely, chunk by chunk.
    limit : int, optional
        Maximum number of cards. The header and the alt text then say how many neurons
        are shown out of how many; all other counts cover all neurons.
    only : {"alive", "dead"}, optional
        Draw only the cards of this state.
    group_by : "layer", callable or mapping, optional
        Arrange the cards in groups, each under a heading with the group's name and its
        number of dead neurons. "layer" groups by the part of an id before the first "·",
        else before the last "."; a function of an id, or a mapping from ids, gives the
        group's name itself. Small groups stand side by side.

    Returns
    -------
    AutopsyGrid
        The artist, which gives access to its parts.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; nothing is drawn then.

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
    selection = selected(autopsy, order, limit, only, group_by)
    if autopsy is neurons:
        refuse_changes(selection.shown)
    columns = checked_sizes(ncols).columns(_cards_of(selection))
    look = checked_appearance(title, style, wording)
    grid = AutopsyGrid(selection, look, ncols=columns, margin=0.0)
    grid.attach(host)
    return grid


@overload
def plot_autopsy(
    neurons: object,
    dead_threshold: Number = ...,
    *,
    ids: Iterable[object] | None = ...,
    neuron_axis: SupportsIndex | None = ...,
    nan_policy: NanPolicy | None = ...,
    ncols: SupportsIndex | None = ...,
    width: Number | None = ...,
    height: Number | None = ...,
    card_width: Number | None = ...,
    title: str | None = ...,
    style: str | Style = ...,
    wording: Wording = ...,
    order: Order = ...,
    limit: SupportsIndex | None = ...,
    only: State | None = ...,
    group_by: GroupBy | None = ...,
    fig: None = ...,
) -> AutopsyFigure: ...
@overload
def plot_autopsy(
    neurons: object,
    dead_threshold: Number = ...,
    *,
    ids: Iterable[object] | None = ...,
    neuron_axis: SupportsIndex | None = ...,
    nan_policy: NanPolicy | None = ...,
    ncols: SupportsIndex | None = ...,
    width: None = ...,
    height: None = ...,
    card_width: None = ...,
    title: str | None = ...,
    style: str | Style = ...,
    wording: Wording = ...,
    order: Order = ...,
    limit: SupportsIndex | None = ...,
    only: State | None = ...,
    group_by: GroupBy | None = ...,
    fig: CallersFigure,
) -> CallersFigure: ...
def plot_autopsy(
    neurons: object,
    dead_threshold: Number = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy | None = None,
    ncols: SupportsIndex | None = None,
    width: Number | None = None,
    height: Number | None = None,
    card_width: Number | None = None,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    only: State | None = None,
    group_by: GroupBy | None = None,
    fig: Figure | SubFigure | None = None,
) -> Figure | SubFigure:
    """Decide which neurons are dead and draw each as a card in a near-square grid.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame, array or Autopsy
        Each neuron's recent activations, recorded *after* the activation function, in
        any form that `diagnose` takes; or the result of `diagnose`.
    dead_threshold : float, default: 1e-6
        A neuron is dead when max(\\|activation\\|) is below it.
    ids, neuron_axis, nan_policy
        As in `diagnose`. Leave them out for an `Autopsy`, which already has its own.
    ncols : int, optional
        Number of columns. Default, unless a size is given: ceil(sqrt(number of cards));
        with groups, whatever makes the figure about as wide as it is high.
    width : float, optional
        Width of the figure in inches, such as that of a paper's column. Each row holds
        as many cards as fit, or *ncols*, stretched to fill the width. Default: what the
        cards need, but at most 16 in; in larger populations, cards shrink and show less.
    height : float, optional
        Height of the figure in inches. Without *width*, the width follows from it; with
        *width*, the cards are as large as fits. Default: what the cards need.
    card_width : float, optional
        Width of a card in inches, however wide that makes the figure. Default: 1.25, or
        less where the figure would become too wide.
    title : str, optional
        First line of the header, and the name in the alt text; "" draws none. Default:
        the wording's title, "Dead neuron autopsy".
    style : {"light", "dark", "print"} or Style, default: "light"
        The look: a named style, or one of your own; "print" suits paper and greyscale.
    wording : Wording, default: ENGLISH
        The words drawn and those of the alt text; `GERMAN` is another.
    order : {"given", "dead first", "peak"} or callable, default: "given"
        The order of the cards; "peak" goes from lowest to highest, nan last. A callable
        takes a `Neuron` and returns a sort key; it sees every neuron with its
        activations, so a Dask array is read completely, chunk by chunk.
    limit : int, optional
        Maximum number of cards. The header and the alt text then say how many neurons
        are shown out of how many; all other counts cover all neurons.
    only : {"alive", "dead"}, optional
        Draw only the cards of this state.
    group_by : "layer", callable or mapping, optional
        Arrange the cards in groups, each under a heading with the group's name and its
        number of dead neurons. "layer" groups by the part of an id before the first "·",
        else before the last "."; a function of an id, or a mapping from ids, gives the
        group's name itself. Small groups stand side by side.
    fig : matplotlib.figure.Figure or SubFigure, optional
        An existing figure to fill; it keeps its size, and nothing else in it changes.
        Default: a new figure.

    Returns
    -------
    AutopsyFigure, or the figure given as *fig*
        ``autopsy`` holds the findings, ``autopsy_grid`` the artists and ``alt_text`` the
        alt text, which ``savefig`` writes into the file.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; no figure is created or changed then.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> after_relu = np.array([[0.0, 0.0, 0.0], [0.1, 0.4, 0.2]])
    >>> fig = plot_autopsy(after_relu, neuron_axis=0, ids=["L1·N1", "L1·N2"])
    >>> fig.autopsy.dead.tolist()
    [True, False]
    """
    lengths = {"width": width, "height": height, "card_width": card_width}
    _check_figure(fig, lengths)
    sizes = checked_sizes(ncols, **lengths)
    autopsy = diagnosed(
        neurons, dead_threshold, ids=ids, neuron_axis=neuron_axis, nan_policy=nan_policy
    )
    selection = selected(autopsy, order, limit, only, group_by)
    if autopsy is neurons:
        refuse_changes(selection.shown)
    look = checked_appearance(title, style, wording)
    if fig is None:
        return _new_figure(selection, sizes, look)
    columns = sizes.columns(_cards_of(selection))
    grid = AutopsyGrid(selection, look, ncols=columns, margin=_layout.MARGIN)
    _attach_to(fig, grid)
    return fig


@overload
def plot_layers(
    neurons: object,
    dead_threshold: Number = ...,
    *,
    group_by: GroupBy = ...,
    ids: Iterable[object] | None = ...,
    neuron_axis: SupportsIndex | None = ...,
    nan_policy: NanPolicy | None = ...,
    width: Number | None = ...,
    title: str | None = ...,
    style: str | Style = ...,
    wording: Wording = ...,
    fig: None = ...,
) -> AutopsyFigure: ...
@overload
def plot_layers(
    neurons: object,
    dead_threshold: Number = ...,
    *,
    group_by: GroupBy = ...,
    ids: Iterable[object] | None = ...,
    neuron_axis: SupportsIndex | None = ...,
    nan_policy: NanPolicy | None = ...,
    width: None = ...,
    title: str | None = ...,
    style: str | Style = ...,
    wording: Wording = ...,
    fig: CallersFigure,
) -> CallersFigure: ...
def plot_layers(
    neurons: object,
    dead_threshold: Number = DEFAULT_THRESHOLD,
    *,
    group_by: GroupBy = "layer",
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy | None = None,
    width: Number | None = None,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    fig: Figure | SubFigure | None = None,
) -> Figure | SubFigure:
    """Draw one bar per layer, filled to the share of its neurons that are dead.

    A neuron is dead by the same rule as in `plot_autopsy`.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame, array or Autopsy
        As in `plot_autopsy`.
    dead_threshold : float, default: 1e-6
        A neuron is dead when max(\\|activation\\|) is below it.
    group_by : "layer", callable or mapping, default: "layer"
        How to find a neuron's layer: "layer" takes the part of its id before the first
        "·", else before the last "."; a function of an id, or a mapping from ids, gives
        the layer's name itself. Layers keep the order of their first neurons.
    ids, neuron_axis, nan_policy
        As in `diagnose`. Leave them out for an `Autopsy`, which already has its own.
    width : float, optional
        Width of the figure in inches. Default: what names and bars need, but at most
        16 in; beyond that the figure grows in height, so that each layer keeps its words.
    title : str, optional
        First line of the header, and the name in the alt text; "" draws none. Default:
        the wording's title, "Dead neuron autopsy".
    style : {"light", "dark", "print"} or Style, default: "light"
        The look: a named style, or one of your own.
    wording : Wording, default: ENGLISH
        The words drawn and those of the alt text.
    fig : matplotlib.figure.Figure or SubFigure, optional
        An existing figure to fill; it keeps its size. Default: a new figure.

    Returns
    -------
    AutopsyFigure, or the figure given as *fig*
        ``layer_bars`` holds the artists and the layers' counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid or an id has no layer; no figure is created or changed
        then.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_layers
    >>> fig = plot_layers({"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]})
    >>> fig.layer_bars.description.partition("). ")[2]
    'Dead by group: L1 1 of 2 and L2 0 of 1. Dead: L1·N1. ...'
    """
    lengths = {"width": width}
    _check_figure(fig, lengths)
    inside = checked_sizes(None, **lengths).width
    autopsy = diagnosed(
        neurons, dead_threshold, ids=ids, neuron_axis=neuron_axis, nan_policy=nan_policy
    )
    groups = Groups(autopsy, group_by).all
    look = checked_appearance(title, style, wording)
    words = LayerWords(groups, look)
    if fig is not None:
        places = bars_within(len(groups), words.widths, *_points_of(fig))
        _attach_to(fig, _bars(autopsy, words, look, places))
        return fig
    places, full_width, height = layers_size(len(groups), words.widths, inside)
    header = header_layout(autopsy, len(autopsy), look, full_width - 2 * _layout.MARGIN)
    bars = _bars(autopsy, words, look, places)
    return _figure_of(bars, full_width, height + header.height, look)


def _bars(
    autopsy: Autopsy, words: LayerWords, look: Appearance, places: BarPlaces
) -> LayerBars:
    n_shown, margin = len(autopsy), _layout.MARGIN
    return LayerBars(autopsy, words, look, n_shown=n_shown, places=places, margin=margin)


def _points_of(figure: Figure | SubFigure) -> tuple[float, float]:
    """Return a figure's size in points."""
    per_point = figure.dpi / 72
    return figure.bbox.width / per_point, figure.bbox.height / per_point


def _check_figure(fig: object, lengths: Mapping[str, Number | None]) -> None:
    """Raise unless *fig* is None, or a figure with no lengths given beside it."""
    if fig is None:
        return
    if not isinstance(fig, Figure | SubFigure):
        raise TypeError(
            f"fig: must be a matplotlib Figure or SubFigure; got {type(fig).__name__}. "
            "For an Axes, use draw_autopsy(ax, ...)."
        )
    for name in (name for name, length in lengths.items() if length is not None):
        raise ValueError(
            f"{name}: fig has its size already; leave {name} out, or resize fig."
        )


def _cards_of(selection: Selection) -> Cards:
    return Cards(selection.counts, headed=bool(selection.groups))


def _new_figure(selection: Selection, sizes: Sizes, look: Appearance) -> AutopsyFigure:
    cards, n_shown = _cards_of(selection), len(selection.shown)
    ncols = sizes.columns(cards)
    width = sizes.figure_width(cards, ncols)
    inside = width - 2 * _layout.MARGIN
    header = header_layout(selection.autopsy, n_shown, look, inside)
    height = sizes.figure_height(cards, width, ncols, header.height)
    if max(width, height) > LONGEST_FIGURE:
        raise ValueError(
            f"card_width: makes a figure of {width / 72:,.0f} x {height / 72:,.0f} in; at "
            f"most {LONGEST_FIGURE / 72:,.0f} in is possible."
        )
    grid = AutopsyGrid(selection, look, ncols=ncols, margin=_layout.MARGIN)
    return _figure_of(grid, width, height, look)


def figure_options(width: float, height: float, look: Appearance) -> dict[str, Any]:
    """Return options for a figure of a size in points that override the rcParams."""
    return {
        "figsize": (width / 72, height / 72),
        "layout": "none",
        "facecolor": look.style.background,
        "edgecolor": "white",
        "frameon": True,
    }


def _figure_of(
    panel: Panel[Any], width: float, height: float, look: Appearance
) -> AutopsyFigure:
    """Return a new figure, sized in points, that holds the panel."""
    from matplotlib import pyplot as plt  # late: importing it chooses a backend

    options = figure_options(width, height, look)
    claim = object()
    while True:
        fig: Any = plt.figure(FigureClass=AutopsyFigure, **options)
        # pyplot picks the next free number; two threads that do so at once get the same
        # number and thus the same figure. dict.setdefault is atomic: one of them claims it.
        is_new = isinstance(fig, AutopsyFigure)
        if is_new and vars(fig).setdefault("_claim", claim) is claim:
            break
    try:
        plain(fig.patch)
        fig.subplots_adjust(left=0, right=1, bottom=0, top=1)
        panel.attach(fig.add_subplot(), background="none")
    except BaseException:
        plt.close(fig)
        raise
    made: AutopsyFigure = fig
    return made


def _attach_to(figure: Figure | SubFigure, panel: Panel[Any]) -> None:
    """Draw a panel in the caller's figure; on failure, leave the figure as it was."""
    host = host_axes(figure)
    try:
        panel.attach(host)
    except BaseException:
        host.remove()
        raise


def _checked_host(host: object) -> Axes:
    """Return *host* if an autopsy can be drawn in it, else raise."""
    if not isinstance(host, Axes):
        raise TypeError(
            f"ax: must be a matplotlib Axes; got {type(host).__name__}. For a Figure, "
            "use plot_autopsy(..., fig=...)."
        )
    if host.name != "rectilinear":
        raise ValueError(f"ax: must be rectilinear; got a {host.name!r} projection.")
    if any(isinstance(child, Panel) for child in host.get_children()):
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


def host_axes(figure: Figure | SubFigure) -> Axes:
    """Return a new Axes that fills the figure, or the room its layout engine leaves."""
    if figure.get_layout_engine() is not None:
        return figure.add_subplot(figure.add_gridspec()[0, 0])
    whole = figure.add_gridspec(left=0.0, right=1.0, bottom=0.0, top=1.0)
    return figure.add_subplot(whole[0, 0])


def checked_appearance(title: object, style: str | Style, wording: object) -> Appearance:
    """Return title, style and wording as an `Appearance`, or raise if one is invalid."""
    if not isinstance(wording, Wording):
        raise TypeError(
            "wording: must be a Wording, such as dead_neuron_autopsy.GERMAN; got "
            f"{typed_repr(wording)}."
        )
    if title is None:
        title = wording.title
    if not isinstance(title, str):
        raise TypeError(f"title: must be a string; got {typed_repr(title)}.")
    return Appearance(title, named_style(style), wording)
