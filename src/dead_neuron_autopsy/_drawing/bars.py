"""`LayerBars`: one bar per layer, filled to the share of its neurons that are dead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout.bars import (
    BAR_HEIGHT,
    BAR_TEXT_SIZE,
    BAR_WIDTH,
    BETWEEN_COLUMNS,
    BarGrid,
    BarLayout,
    BarWords,
    bar_layout,
)
from .._layout.grid import GridPlan, GroupSizes
from .._verdict.autopsy import Autopsy
from .._verdict.comparison import Comparison, LayerChange
from .._verdict.criteria import Criterion
from .._verdict.groups import GroupCounts
from .._verdict.neuron import State
from .._words import fitting, phrases
from .._words.changes import (
    change_count,
    change_label,
    change_share,
    changes_in_all,
    comparison_alt_text,
    rules,
)
from .._words.description import AltText
from .._words.filling import filled
from .._words.labels import distinct_labels
from .._words.wording import Wording
from .cells import Drawn, SpokenItem, SpokenList
from .elements import NO_PATH, exact_paths
from .header import Appearance, HeaderWords
from .labels import Labels
from .panel import Panel
from .placement import PlacedCards
from .shapes import rounded_rectangle
from .style import Style
from .typeface import Font

PlacedBars: TypeAlias = PlacedCards[BarLayout]

#: Widths for names, in points: the first in which all names look different is enough.
_ROOMS_FOR_NAMES = (64.0, 98.0, 132.0)

#: The number of widths to cache names for, as a figure is drawn again and again.
_MOST_WIDTHS = 8


class LayerWords:
    """The words beside the bars of all layers, across all pages."""

    def __init__(
        self,
        appearance: Appearance,
        names: Iterable[str],
        shares: Iterable[str],
        counts: Iterable[str],
        labels: Iterable[str],
    ) -> None:
        size = BAR_TEXT_SIZE
        self.name_font = Font(appearance.style.id_font_family, "normal", size)
        self.font = Font(appearance.style.font_family, "normal", size)
        drawable = self.font.typeface.drawable
        self._names = list(map(self.name_font.typeface.drawable, names))
        self.shares, self.counts = list(map(drawable, shares)), list(map(drawable, counts))
        self.labels = list(labels)  # what a screen reader says in place of each bar
        self._names_of_widths: dict[float, list[str]] = {}

    @classmethod
    def of(
        cls, groups: Sequence[GroupCounts], criterion: Criterion, appearance: Appearance
    ) -> LayerWords:
        """Return the words beside bars that show how many of each layer are dead."""
        wording = appearance.wording
        counts = (
            phrases.count_badge(wording, criterion, one.n_dead, one.n_neurons, one.n_unknown)
            for one in groups
        )
        shares = (phrases.share(wording, one) for one in groups)
        labels = (phrases.bar_label(wording, criterion, one) for one in groups)
        return cls(appearance, (one.name for one in groups), shares, counts, labels)

    @cached_property
    def widths(self) -> BarWords:
        """The widths of the widest words, in points."""
        measure = self.name_font.measure
        names = [name[: fitting.LONGEST_MEASURED] for name in self._names]
        widest = max(map(measure, names), default=0.0)
        least, n_distinct = min(widest, _ROOMS_FOR_NAMES[-1]), len(set(self._names))
        for room in _ROOMS_FOR_NAMES:
            if room < widest and len(set(self.names_within(room))) == n_distinct:
                least = room
                break
        shares = max(map(self.font.measure, self.shares), default=0.0)
        counts = max(map(self.font.measure, self.counts), default=0.0)
        return BarWords(widest, least, shares, counts)

    def names_within(self, width: float) -> list[str]:
        """Return the names of all layers, shortened to fit *width*."""
        if width not in self._names_of_widths:
            if len(self._names_of_widths) == _MOST_WIDTHS:
                self._names_of_widths.clear()
            names = distinct_labels(self._names, width, self.name_font.measure)
            self._names_of_widths[width] = names
        return self._names_of_widths[width]


class Fill(NamedTuple):
    """One part of all bars: how many neurons of each layer it stands for."""

    counts: Sequence[int]
    color: ColorType


class BarCells:
    """The parts of all bars: one artist of each kind, with one element per layer.

    A row with room for everything; the bar fills the track from the left::

        name  [#### bar ####|     track     ]  share  count
    """

    natural_size = (BAR_WIDTH, BAR_HEIGHT)

    def __init__(
        self,
        words: LayerWords,
        layers: slice,
        fills: Sequence[Fill],
        totals: Sequence[int],
        *,
        appearance: Appearance,
        grid: BarGrid,
    ) -> None:
        self._words, self._layers, self._wording = words, layers, appearance.wording
        self._fills = np.array([fill.counts[layers] for fill in fills])
        self._totals = np.array(totals[layers])
        self._n_bars = len(self._totals)
        self._grid, self.ncols = grid, grid.ncols
        self.group_sizes = GroupSizes((self._n_bars,))
        style, unknown = appearance.style, [NO_PATH] * self._n_bars
        self.tracks = exact_paths(
            unknown,
            facecolors=style.card,
            edgecolors=style.alive_border,
            linewidths=style.alive_border_width,
        )
        self.bars = [
            exact_paths(unknown, facecolors=fill.color, edgecolors="none", linewidths=0.0)
            for fill in fills
        ]
        self.name_labels = Labels(words.name_font, style.neuron_id)
        self.share_labels = Labels(words.font, style.neuron_id, "right")
        self.count_labels = Labels(words.font, style.faint, "right")

    # What is said of a bar

    def lists(self, cells: NDArray[np.int64]) -> list[SpokenList]:
        """Return what a screen reader says in place of the bars in view."""
        labels = self._words.labels[self._layers]
        items = [SpokenItem(labels[cell], [place], {}) for place, cell in enumerate(cells.tolist())]
        return [SpokenList(None, is_section=False, items=items)] if items else []

    def tooltip(self, cell: int) -> str:
        """Return what the pointer is told of a bar."""
        label: str = self._words.labels[self._layers][cell]
        return label

    def pictured(self, width: float, height: float) -> str:
        """Return what the bars show, whatever their size."""
        del width, height
        return filled(self._wording, self._wording.bars, count=self._n_bars)

    def row_room(self, width: float, height: float) -> float:
        """Return none: a bar has its words beside it."""
        del width, height
        return 0.0

    def key(self, width: float, height: float) -> str:
        """Return nothing: a bar has its words beside it."""
        del width, height
        return ""

    def content(self) -> object:
        """Return what tells these bars from others."""
        return self._words.labels[self._layers], self._fills.tolist()

    # Where everything goes

    @property
    def all(self) -> list[Artist]:
        """All parts, in drawing order."""
        labels = [self.name_labels, self.share_labels, self.count_labels]
        return [*labels, self.tracks, *self.bars]

    def plan(self, heading: float) -> GridPlan:
        """Return where the bars stand: one column after the other."""
        del heading  # there are none
        return self._grid.plan(self._n_bars)

    def layout(self, width: float, height: float) -> BarLayout:
        """Return where a bar and its words sit in a row of the given size in points."""
        width -= (self._grid.ncols - 1) * self._shift(width)
        words, widths = self._words, self._words.widths
        found = bar_layout(width, height, widths)
        if found.name is None or found.name_width >= widths.name:
            return found
        # Where names lose what they have in common, they lose whole words and may come
        # out narrower than their room: the bar gets the rest.
        names = words.names_within(found.name_width)
        least = max(map(words.name_font.measure, names), default=0.0)
        return bar_layout(width, height, widths._replace(name=least))

    def _shift(self, width: float) -> float:
        """Return how far each column moves away from the one before it."""
        # Else a count would be as close to the name to its right as to its own bar.
        return min(BETWEEN_COLUMNS, width / 8) / self._grid.ncols

    def place(
        self,
        placed: PlacedBars,
        headed: Set[str],
        background: ColorType | None,
        row_room: float,
    ) -> Drawn:
        """Move every bar, its track and its words into place."""
        del headed, background, row_room  # bars have no headings, and words of their own
        shift = placed.snapped_points(self._shift(placed.width / placed.per_point))
        shifts = shift * (placed.cards // self._grid.per_column)
        placed = placed._replace(lefts=placed.lefts + shifts)
        layout, words, n_bars = placed.layout, self._words, self._n_bars
        names = words.names_within(layout.name_width) if layout.name else []
        for part, anchor, texts in (
            (self.name_labels, layout.name, names),
            (self.share_labels, layout.share, words.shares),
            (self.count_labels, layout.n_dead, words.counts),
        ):
            if anchor is None:
                part.place([""] * n_bars, np.zeros((n_bars, 2)))
            else:
                part.place(texts[self._layers], placed.at(*anchor))
        left, top, width, height = map(float, placed.snapped_points(np.array(layout.bar)))
        corners = np.column_stack([placed.lefts + left, placed.tops - top - height])
        lines = placed.line_widths(self.tracks)[:, np.newaxis]
        line = float(lines.max(initial=0.0))
        track = rounded_rectangle(width - line, height - line, 0.0)
        self.tracks.set_paths([track] * n_bars)
        self.tracks.set_offsets(corners + lines / 2)
        # Each fill begins where the one before it ends.
        ends = placed.view.snapped(width * np.cumsum(self._fills, axis=0) / self._totals)
        # Layers of which a part is filled never look empty or full.
        least, some = 1.0 if placed.view.whole else placed.per_point, self._fills.sum(axis=0)
        partly = (some > 0) & (some < self._totals)
        ends[-1, partly] = np.clip(ends[-1, partly], least, max(width - least, least))
        starts = np.zeros(n_bars)
        for bars, counts, right in zip(self.bars, self._fills, ends, strict=True):
            lengths = np.where(counts > 0, np.maximum(right - starts, 0), 0)
            bars.set_paths(
                [
                    rounded_rectangle(length, height, 0.0) if length else NO_PATH
                    for length in lengths.tolist()
                ]
            )
            bars.set_offsets(corners + np.column_stack([starts, np.zeros(n_bars)]))
            starts = np.maximum(right, starts)
        labels: list[Artist] = [self.name_labels, self.share_labels, self.count_labels]
        outlined: list[Collection] = [self.tracks] if n_bars else []
        return Drawn(placed.cards, labels, [], [self.tracks, *self.bars], outlined)


class LayerBars(Panel[BarLayout]):
    """A header and one bar per layer, as one artist in one Axes.

    Created by `plot_layers`. A layer's bar stands for all its neurons, and is filled to
    the share of them that are dead.

    Attributes
    ----------
    autopsy : Autopsy
        The diagnosis of all neurons.
    layers : tuple of GroupCounts
        The layers, from the top: ``name``, ``n_neurons`` and ``n_dead`` of each.
    nrows : int
        The number of rows of bars.
    n_bars : int
        The number of bars.
    tracks, bars : matplotlib.collections.PathCollection
        The outlines, for all neurons, and their fills, for the dead ones.
    name_labels, share_labels, count_labels : Artist
        The words, with ``set_color``.
    title : str
        The title as drawn; "" if there is none.
    alt_text, description : str
        The title and the verdict, in a sentence each; the verdict and the findings.
    alt : AltText
        Everything that a saved file says about the bars.
    wording : Wording
        The words drawn, and those for screen readers.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_layers
    >>> fig = plot_layers({"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]})
    >>> [(layer.name, layer.n_dead, layer.n_neurons) for layer in fig.layer_bars.layers]
    [('L1', 1, 2), ('L2', 0, 1)]
    """

    def __init__(
        self,
        autopsy: Autopsy,
        layers: Sequence[GroupCounts],
        words: LayerWords,
        appearance: Appearance,
        *,
        n_shown: int,
        grid: BarGrid,
        first: int = 0,
    ) -> None:
        here = slice(first, first + grid.n_bars)
        fills = [Fill([layer.n_dead for layer in layers], appearance.style.dead_text)]
        totals = [layer.n_neurons for layer in layers]
        cells, groups = (
            BarCells(words, here, fills, totals, appearance=appearance, grid=grid),
            layers[here],
        )
        super().__init__(
            autopsy, appearance, cells, n_shown=n_shown, groups=groups, all_groups=groups
        )
        self.tracks, (self.bars,) = cells.tracks, cells.bars
        self.name_labels = cells.name_labels
        self.share_labels, self.count_labels = cells.share_labels, cells.count_labels

    @property
    def layers(self) -> tuple[GroupCounts, ...]:
        """The layers, from the top."""
        return self._groups

    @property
    def n_bars(self) -> int:
        """The number of bars."""
        return self.n_cells


class ComparisonBars(Panel[BarLayout]):
    """A header and one bar per layer that shows what became of its neurons.

    Created by `plot_comparison`. From the left, a bar is filled for the neurons that are
    still dead, that died, and that revived.

    Attributes
    ----------
    comparison : Comparison
        What became of the neurons.
    layers : tuple of LayerChange
        The layers, from the top.
    tracks : matplotlib.collections.PathCollection
        The outlines, for all neurons in both autopsies.
    still_dead, died, revived : matplotlib.collections.PathCollection
        The parts of the bars.
    name_labels, share_labels, count_labels : Artist
        The words, with ``set_color``.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose, plot_comparison
    >>> before = diagnose({"L1·a": [0.0], "L1·b": [1.0]})
    >>> fig = plot_comparison(before, diagnose({"L1·a": [0.0], "L1·b": [0.0]}))
    >>> fig.comparison_bars.layers[0].n_died
    1
    """

    def __init__(
        self,
        comparison: Comparison,
        layers: Sequence[LayerChange],
        words: LayerWords,
        appearance: Appearance,
        *,
        grid: BarGrid,
    ) -> None:
        style = appearance.style
        fills = [
            Fill([layer.n_still_dead for layer in layers], style.dead_text),
            Fill([layer.n_died for layer in layers], _tint(style.dead_text, style)),
            Fill([layer.n_revived for layer in layers], _tint(style.alive_line, style)),
        ]
        totals = [layer.n_neurons for layer in layers]
        cells = BarCells(words, slice(None), fills, totals, appearance=appearance, grid=grid)
        super().__init__(
            comparison.after,
            appearance,
            cells,
            n_shown=len(comparison.after),
            groups=(),
            all_groups=(),
            words=comparison_words(comparison, appearance.wording),
        )
        self.comparison, self.layers = comparison, tuple(layers)
        self.tracks, (self.still_dead, self.died, self.revived) = cells.tracks, cells.bars
        self.name_labels = cells.name_labels
        self.share_labels, self.count_labels = cells.share_labels, cells.count_labels

    @property
    def alt(self) -> AltText:
        """Everything that a saved file says about the comparison."""
        return comparison_alt_text(self.wording, self.comparison, self.title, self.n_cells)


def _tint(color: ColorType, style: Style) -> ColorType:
    """Return a colour half-way to that behind it, so that greys differ too."""
    pale = style.background if to_rgba(style.card)[3] == 0 else style.card
    red, green, blue = np.mean([to_rgb(color), to_rgb(pale)], axis=0).tolist()
    return red, green, blue


def comparison_words(comparison: Comparison, wording: Wording) -> HeaderWords:
    """Return the words in the header of a comparison."""
    died = changes_in_all(wording, comparison)
    state: State = "dead" if comparison.died or comparison.still_dead else "alive"
    return HeaderWords(died, state, rules(wording, comparison))


def words_of_changes(layers: Sequence[LayerChange], appearance: Appearance) -> LayerWords:
    """Return the words beside the bars of a comparison."""
    wording = appearance.wording
    return LayerWords(
        appearance,
        [layer.name for layer in layers],
        [change_share(wording, layer) for layer in layers],
        [change_count(wording, layer) for layer in layers],
        [change_label(wording, layer) for layer in layers],
    )
