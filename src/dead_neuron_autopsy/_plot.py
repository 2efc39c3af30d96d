"""The drawing functions: each decides, selects, lays out, and draws."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal, SupportsIndex

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import ArrayLike

from ._diagnose import NeuronAxis, diagnosed
from ._drawing.bars import (
    ComparisonBars,
    LayerBars,
    LayerWords,
    comparison_words,
    words_of_changes,
)
from ._drawing.grid import AutopsyGrid
from ._drawing.header import Appearance, HeaderWords, header_layout
from ._drawing.hosts import (
    check_where,
    color_behind,
    draw_in,
    planned_figure,
    size_with_margins,
)
from ._drawing.sparklines import Scale, check_scale
from ._drawing.style import Style
from ._intake.foreign import Number
from ._layout.bars import bar_grid
from ._layout.grid import GroupSizes
from ._layout.measures import MARGIN
from ._layout.sizes import checked_sizes
from ._live.interaction import make_interactive
from ._output.figure import AutopsyFigure, new_figure
from ._output.window import tell_focus
from ._recipe import Recipe
from ._verdict.autopsy import Autopsy, NanPolicy
from ._verdict.comparison import compare
from ._verdict.criteria import Criterion
from ._verdict.groups import GroupBy, Groups
from ._verdict.judging import Rule
from ._verdict.neuron import State
from ._verdict.selection import Order
from ._words.languages import ENGLISH
from ._words.wording import Wording


def plot_autopsy(
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    only: State | None = None,
    group_by: GroupBy | None = None,
    ncols: SupportsIndex | None = None,
    width: Number | None = None,
    height: Number | None = None,
    card_width: Number | None = None,
    scale: Scale = "local",
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
) -> AutopsyFigure:
    """Decide which neurons are dead and draw each as a card in a near-square grid.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame, array or Autopsy
        Each neuron's recent activations, recorded *after* the activation function, in
        any form that `diagnose` takes; or the result of `diagnose`.
    dead_threshold : float, default: 1e-6, or the Autopsy's own
        A neuron is dead when max(\\|activation\\|) is below it.
    criterion : Criterion, optional
        Another rule: `FiringRate`, `Dormant`, `Constant`, or one of yours.
    window : int, optional
        How many of the last samples to judge; all are drawn. Default: all.
    steps : array-like of shape (n_samples,), optional
        The step of each sample, as in `diagnose`.
    ids, neuron_axis, reduce, nan_policy
        As in `diagnose`. Leave out what an `Autopsy` was made with.
    order : {"given", "dead first", "died", "layer", "peak"} or callable, default: "given"
        The order of the cards. "died" puts the earliest death first, and whatever lives on
        last; "layer" keeps layers together; "peak" goes from lowest to highest, nan last. A
        callable takes a `Neuron` and returns a sort key; it sees every neuron with its
        activations, so a Dask array is read completely, chunk by chunk.
    limit : int, optional
        Maximum number of cards. The header and the alt text then say how many neurons
        are shown out of how many; all other counts cover all neurons.
    only : {"alive", "dead", "unknown"}, optional
        Draw only the cards of this state.
    group_by : "layer", callable or mapping, optional
        Arrange the cards in groups, each under a heading with the group's name and its
        number of dead neurons. "layer" groups by the part of an id before the first "·",
        else before the last "."; a function of an id, or a mapping from ids, gives the
        group's name itself. Small groups stand side by side.
    ncols : int, optional
        Number of columns. Default, unless a size is given: ceil(sqrt(number of cards));
        with groups, whatever makes the figure about as wide as it is high.
    width : float, optional
        Width of the figure in inches, such as that of a paper's column. Each row holds
        as many cards as fit, or *ncols*, stretched to fill the width. Unless *ncols*,
        *height* or *card_width* is given too, cards shrink where the figure would become
        higher than 11 in and higher than wide. Default: what the cards need, but at most
        16 in; in larger populations, cards shrink and show less.
    height : float, optional
        Height of the figure in inches. Without *width*, the width follows from it; with
        *width*, the cards are as large as fits. Default: what the cards need.
    card_width : float, optional
        Width of a card in inches, however wide that makes the figure. Default: 1.25, or
        less where the figure would become too wide.
    scale : {"local", "shared", "layer"}, default: "local"
        The range of each sparkline: its own; that of all neurons; that of its layer. With
        the last two, the dashed line is at zero, where zero is in the range.
    title : str, optional
        First line of the header, and the name in the alt text; "" draws none. Default:
        the wording's title, "Dead neuron autopsy".
    header : bool, default: True
        Whether to draw the title, the count and the rule.
    style : {"light", "dark", "print", "auto"} or Style, default: "light"
        The look: a named style, or one of your own; "print" suits paper and greyscale;
        "auto" is dark where figures are.
    wording : Wording, default: ENGLISH
        The words drawn and those of the alt text; `GERMAN` is another.

    Returns
    -------
    AutopsyFigure
        ``autopsy`` holds the findings, ``autopsy_grid`` the artists and ``alt_text`` the
        alt text, which ``savefig`` writes into the file.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; no figure is created then.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> after_relu = np.array([[0.0, 0.0, 0.0], [0.1, 0.4, 0.2]])
    >>> fig = plot_autopsy(after_relu, neuron_axis=0, ids=["L1·N1", "L1·N2"])
    >>> fig.autopsy.dead.tolist()
    [True, False]
    """
    sizes = checked_sizes(ncols, width=width, height=height, card_width=card_width)
    check_scale(scale)
    appearance = Appearance.checked(title, style, wording, header)
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    cards = (order, limit, only, group_by, ncols)
    recipe = Recipe(rule, nan_policy, ids, neuron_axis, reduce, *cards)
    selection = recipe.select(neurons)
    columns, across, down = planned_figure(selection, appearance, sizes)
    again = recipe.settled(neurons, selection.autopsy)
    grid = AutopsyGrid(selection, appearance, ncols=columns, scale=scale, again=again)
    figure = new_figure(grid, across, down, appearance.style)
    make_interactive(grid, partial(tell_focus, figure))
    return figure


def draw_autopsy(
    where: Axes | Figure | SubFigure,
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    only: State | None = None,
    group_by: GroupBy | None = None,
    ncols: SupportsIndex | None = None,
    scale: Scale = "local",
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
) -> AutopsyGrid:
    """Draw an autopsy in a figure or an Axes of yours, next to other plots.

    The cards stretch to fill the room; where they are too small for words, a mark
    replaces the badge. An Axes loses its frame and ticks, and its limits become the
    grid's: the card in row r and column c covers [c, c + 1] x [r, r + 1], moved down by a
    quarter of a row for each heading above it. Nothing else of a figure changes.

    Parameters
    ----------
    where : matplotlib.axes.Axes, matplotlib.figure.Figure or SubFigure
        Where to draw. An Axes must be rectilinear and share no axis.
    neurons, dead_threshold, criterion, window, steps, ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    order, limit, only, group_by, ncols
        As in `plot_autopsy`.
    scale, title, header, style, wording
        As in `plot_autopsy`. ``ax.set_title`` would overlap the header.

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
    check_where(where)
    sizes = checked_sizes(ncols)
    check_scale(scale)
    appearance = Appearance.checked(title, style, wording, header, behind=color_behind(where))
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    cards = (order, limit, only, group_by, ncols)
    recipe = Recipe(rule, nan_policy, ids, neuron_axis, reduce, *cards)
    selection = recipe.select(neurons)
    columns = sizes.columns(GroupSizes.of(selection))
    again = recipe.settled(neurons, selection.autopsy)
    grid = AutopsyGrid(selection, appearance, ncols=columns, scale=scale, again=again)
    draw_in(where, grid)
    make_interactive(grid, partial(tell_focus, grid.root_figure))
    return grid


def plot_layers(
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    group_by: GroupBy = "layer",
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    width: Number | None = None,
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
) -> AutopsyFigure:
    """Draw one bar per layer, filled to the share of its neurons that are dead.

    A neuron is dead by the same rule as in `plot_autopsy`.

    Parameters
    ----------
    neurons, dead_threshold, criterion, window, steps
        As in `plot_autopsy`.
    group_by : "layer", callable or mapping, default: "layer"
        How to find a neuron's layer: "layer" takes the part of its id before the first
        "·", else before the last "."; a function of an id, or a mapping from ids, gives
        the layer's name itself. Layers keep the order of their first neurons.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    width : float, optional
        Width of the figure in inches. Default: what names and bars need, but at most
        16 in; beyond that the figure grows in height, so that each layer keeps its words.
    title, header, style, wording
        As in `plot_autopsy`.

    Returns
    -------
    AutopsyFigure
        ``layer_bars`` holds the artists and the layers' counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid or an id has no layer; no figure is created then.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_layers
    >>> fig = plot_layers({"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]})
    >>> fig.layer_bars.description
    '1 of 3 neurons is dead. Most in L1 (1 of 2), fewest in L2 (0 of 1). ...'
    """
    sizes = checked_sizes(None, width=width)
    appearance = Appearance.checked(title, style, wording, header)
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    autopsy = diagnosed(neurons, rule, nan_policy, ids=ids, neuron_axis=neuron_axis, reduce=reduce)
    layers = Groups(autopsy.ids, group_by).counts(autopsy.dead, autopsy.unknown)
    words = LayerWords.of(layers, autopsy.criterion, appearance)
    grid = bar_grid(len(layers), words.widths, sizes.width)
    header_words = HeaderWords.of(autopsy, len(autopsy), wording)
    above = header_layout(header_words, appearance, grid.width - 2 * MARGIN).height
    bars = LayerBars(autopsy, layers, words, appearance, n_shown=len(autopsy), grid=grid)
    return new_figure(bars, grid.width, grid.height + above, appearance.style)


def draw_layers(
    where: Axes | Figure | SubFigure,
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    group_by: GroupBy = "layer",
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
) -> LayerBars:
    """Draw one bar per layer in a figure or an Axes of yours; see `plot_layers`.

    Parameters
    ----------
    where : matplotlib.axes.Axes, matplotlib.figure.Figure or SubFigure
        Where to draw, as in `draw_autopsy`.
    neurons, dead_threshold, criterion, window, steps, group_by
        As in `plot_layers`.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    title, header, style, wording
        As in `plot_layers`.

    Returns
    -------
    LayerBars
        The artist, which gives access to its parts and the layers' counts.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid or an id has no layer; nothing is drawn then.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dead_neuron_autopsy import draw_layers
    >>> fig = plt.figure(layout="constrained")
    >>> upper, lower = fig.subfigures(2, 1)
    >>> bars = draw_layers(upper, {"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]})
    >>> [(layer.name, layer.n_dead) for layer in bars.layers]
    [('L1', 1), ('L2', 0)]
    """
    check_where(where)
    appearance = Appearance.checked(title, style, wording, header, behind=color_behind(where))
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    autopsy = diagnosed(neurons, rule, nan_policy, ids=ids, neuron_axis=neuron_axis, reduce=reduce)
    layers = Groups(autopsy.ids, group_by).counts(autopsy.dead, autopsy.unknown)
    words = LayerWords.of(layers, autopsy.criterion, appearance)
    grid = bar_grid(len(layers), words.widths, *size_with_margins(where))
    bars = LayerBars(autopsy, layers, words, appearance, n_shown=len(autopsy), grid=grid)
    draw_in(where, bars)
    return bars


def plot_comparison(
    before: Autopsy,
    after: Autopsy,
    *,
    group_by: GroupBy = "layer",
    width: Number | None = None,
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
) -> AutopsyFigure:
    """Draw what became of each layer's neurons between two autopsies, one bar per layer.

    From the left, a bar is filled for the neurons that are still dead, that died, and that
    revived; the words beside it say how many of each, and which percentage was and is dead.

    Parameters
    ----------
    before, after : Autopsy
        As in `compare`.
    group_by : "layer", callable or mapping, default: "layer"
        How to find a neuron's layer, as in `plot_layers`.
    width : float, optional
        Width of the figure in inches, as in `plot_layers`.
    title : str, optional
        First line of the header. Default: "Dead neurons, before and after".
    header, style, wording
        As in `plot_autopsy`.

    Returns
    -------
    AutopsyFigure
        ``comparison_bars`` holds the artists, and the `Comparison` itself.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, the two have no neuron in common, or an id has no layer;
        no figure is created then.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose, plot_comparison
    >>> before = diagnose({"L1·a": [0.0], "L1·b": [1.0], "L2·a": [1.0]})
    >>> fig = plot_comparison(before, diagnose({"L1·a": [0.5], "L1·b": [0.0], "L2·a": [1.0]}))
    >>> fig.comparison_bars.comparison.died
    ['L1·b']
    """
    sizes = checked_sizes(None, width=width)
    appearance = Appearance.checked(title, style, wording, header)
    if title is None:
        appearance = appearance._replace(title=wording.comparison_title)
    found = compare(before, after)
    layers = found.layers(group_by)
    words = words_of_changes(layers, appearance)
    grid = bar_grid(len(layers), words.widths, sizes.width)
    above = header_layout(comparison_words(found, wording), appearance, grid.width - 2 * MARGIN)
    bars = ComparisonBars(found, layers, words, appearance, grid=grid)
    return new_figure(bars, grid.width, grid.height + above.height, appearance.style)
