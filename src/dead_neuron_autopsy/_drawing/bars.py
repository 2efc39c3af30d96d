"""`LayerBars`: one bar per layer, filled to the share of its neurons that are dead."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property
from typing import TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, PathCollection
from matplotlib.transforms import Bbox
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout import places as _layout
from .._layout.places import BarLayout, BarWords, GridPlan
from .._layout.sizes import BarPlaces
from .._verdict.autopsy import Autopsy
from .._verdict.groups import GroupCounts
from .._words import fitting, phrases
from .._words.labels import distinct_labels
from .elements import NO_PATH, exact_paths
from .panel import Panel
from .parts import Appearance
from .pixels import Pixels
from .shapes import rounded_rectangle
from .text import Font, Labels

BarPixels: TypeAlias = Pixels[BarLayout]

#: Widths for names, in points: the first in which all names look different is enough.
_ROOMS_FOR_NAMES = (64.0, 98.0, 132.0)

#: The number of widths to cache names for, as a figure is drawn again and again.
_MOST_WIDTHS = 8


class LayerWords:
    """The words beside the bars of all layers, across all pages.

    Parameters
    ----------
    groups : sequence of GroupCounts
        The layers.
    look : Appearance
        Fonts and words.
    """

    def __init__(self, groups: Sequence[GroupCounts], look: Appearance) -> None:
        self.groups = groups
        size, wording = _layout.BAR_TEXT_SIZE, look.wording
        self.name_font = Font(look.style.id_font_family, "normal", size)
        self.font = Font(look.style.font_family, "normal", size)
        drawable = self.font.typeface.drawable
        self._names = [*map(self.name_font.typeface.drawable, (one.name for one in groups))]
        self.shares = [drawable(phrases.share(wording, group)) for group in groups]
        self.counts = [
            drawable(phrases.count_badge(wording, one.n_dead, one.n_neurons))
            for one in groups
        ]
        self._names_of_widths: dict[float, list[str]] = {}

    @cached_property
    def widths(self) -> BarWords:
        """The widths of the widest words, in points."""
        measure = self.name_font.measure
        names = [name[: fitting.LONGEST_MEASURED] for name in self._names]
        widest = max(map(measure, names), default=0.0)
        rooms = [room for room in _ROOMS_FOR_NAMES if room < widest]
        least = next(filter(self._tells_apart, rooms), widest)
        shares, counts = (
            max(map(self.font.measure, texts), default=0.0)
            for texts in (self.shares, self.counts)
        )
        return BarWords(widest, min(least, _ROOMS_FOR_NAMES[-1]), shares, counts)

    def _tells_apart(self, width: float) -> bool:
        return len(set(self.names_within(width))) == len(set(self._names))

    def widest_within(self, width: float) -> float:
        """Return the width of the widest name, once all are made to fit *width*."""
        return max(map(self.name_font.measure, self.names_within(width)), default=0.0)

    def names_within(self, width: float) -> list[str]:
        """Return the names of all layers, shortened to fit *width*."""
        if width not in self._names_of_widths:
            if len(self._names_of_widths) == _MOST_WIDTHS:
                self._names_of_widths.clear()
            names = distinct_labels(self._names, width, self.name_font.measure)
            self._names_of_widths[width] = names
        return self._names_of_widths[width]


class BarParts:
    """The parts of all bars: one artist of each kind, with one element per layer.

    A row with room for everything; the bar fills the track from the left::

        name  [#### bar ####|     track     ]  share  count
    """

    natural_size = (_layout.BAR_WIDTH, _layout.BAR_HEIGHT)

    def __init__(
        self, words: LayerWords, layers: range, look: Appearance, places: BarPlaces
    ) -> None:
        self._words = words
        self._layers = slice(layers.start, layers.stop)
        self._groups = groups = words.groups[self._layers]
        self._places = places
        style, unknown = look.style, [NO_PATH] * len(groups)
        self.tracks = exact_paths(
            unknown,
            facecolors=style.card,
            edgecolors=style.alive_border,
            linewidths=style.alive_border_width,
        )
        self.bars = exact_paths(
            unknown, facecolors=style.dead_text, edgecolors="none", linewidths=0.0
        )
        self.name_labels = Labels(words.name_font, style.neuron_id)
        self.share_labels = Labels(words.font, style.neuron_id, "right")
        self.count_labels = Labels(words.font, style.faint, "right")
        self.shown: list[Artist] = [
            self.name_labels,
            self.share_labels,
            self.count_labels,
        ]
        self.pictured: list[Artist] = [self.tracks, self.bars]

    @property
    def all(self) -> list[Artist]:
        """All parts."""
        return self.drawn

    @property
    def drawn(self) -> list[Artist]:
        """The parts, in drawing order."""
        return [*self.shown, *self.pictured]

    @property
    def outlined(self) -> list[Collection]:
        """The parts whose lines are whole pixels on a raster canvas."""
        return [self.tracks] if self._groups else []

    def layout(self, width: float, height: float) -> BarLayout:
        """Return where a bar and its words sit in a row of the given size in points."""
        width -= (self._places.ncols - 1) * self._shift(width)
        widths = self._words.widths
        found = _layout.bar_layout(width, height, widths)
        if found.name is None or found.name_width >= widths.name:
            return found
        # Where names lose what they have in common, they lose whole words and may come
        # out narrower than their room: the bar gets the rest.
        least = self._words.widest_within(found.name_width)
        return _layout.bar_layout(width, height, widths._replace(name=least))

    def _shift(self, width: float) -> float:
        """Return how far each column moves away from the one before it.

        Otherwise a count and the name to the right of it would be as close to one
        another as to their own bars.
        """
        return min(_layout.BETWEEN_COLUMNS, width / 8) / self._places.ncols

    def in_view(self, pixels: BarPixels, view: Bbox) -> BarPixels:
        """Return all bars: there are few."""
        del view
        return pixels

    def place(
        self, pixels: BarPixels, headed: Set[str], background: ColorType | None
    ) -> None:
        """Move every bar, its track and its words into place."""
        del headed, background  # bars have no headings, and are always painted
        shift = self._shift(pixels.width / pixels.per_point) * pixels.per_point
        shifts = pixels.aligned(shift) * (pixels.cards // self._places.per_column)
        pixels = pixels._replace(lefts=pixels.lefts + shifts)
        self._place_words(pixels)
        box, per_point = pixels.card.bar, pixels.per_point
        left, top, width, height = (
            float(pixels.aligned(length * per_point))
            for length in (box.left, box.top, box.width, box.height)
        )
        corners = np.column_stack([pixels.lefts + left, pixels.tops - top - height])
        lines = pixels.line_widths(self.tracks)[:, np.newaxis]
        line = float(lines.max(initial=0.0))
        track = rounded_rectangle(width - line, height - line, 0.0)
        self.tracks.set_paths([track] * len(self._groups))
        self.tracks.set_offsets(corners + lines / 2)
        self.bars.set_paths(
            [
                rounded_rectangle(length, height, 0.0) if length else NO_PATH
                for length in self._lengths(width, pixels).tolist()
            ]
        )
        self.bars.set_offsets(corners)

    def _lengths(self, width: float, pixels: BarPixels) -> NDArray[np.float64]:
        """Return the bars' lengths; partly dead layers never look empty or full."""
        least = 1.0 if pixels.whole else pixels.per_point
        dead = np.array([group.n_dead for group in self._groups])
        total = np.array([group.n_neurons for group in self._groups])
        lengths = pixels.aligned(width * dead / total)
        some = (dead > 0) & (dead < total)
        lengths[some] = np.clip(lengths[some], least, max(width - least, least))
        found: NDArray[np.float64] = lengths
        return found

    def _place_words(self, pixels: BarPixels) -> None:
        bar, words = pixels.card, self._words
        names = words.names_within(bar.name_width) if bar.name else []
        for labels, anchor, texts in (
            (self.name_labels, bar.name, names),
            (self.share_labels, bar.share, words.shares),
            (self.count_labels, bar.n_dead, words.counts),
        ):
            n_bars = len(self._groups)
            if anchor is None:
                labels.place([""] * n_bars, np.zeros((n_bars, 2)))
            else:
                labels.place(texts[self._layers], pixels.at(*anchor))


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
    n_cards : int
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

    _parts: BarParts

    def __init__(
        self,
        autopsy: Autopsy,
        words: LayerWords,
        look: Appearance,
        *,
        n_shown: int,
        places: BarPlaces,
        margin: float,
        first: int = 0,
    ) -> None:
        layers = range(first, min(first + places.n_bars, len(words.groups)))
        parts = BarParts(words, layers, look, places)
        groups = words.groups[layers.start : layers.stop]
        super().__init__(
            autopsy,
            look,
            parts,
            n_shown=n_shown,
            groups=groups,
            all_groups=groups,
            margin=margin,
        )
        self._bar_places = places

    @property
    def layers(self) -> tuple[GroupCounts, ...]:
        """The layers, from the top."""
        return self._groups

    @property
    def tracks(self) -> PathCollection:
        """The bars' outlines, for all neurons of each layer."""
        return self._parts.tracks

    @property
    def bars(self) -> PathCollection:
        """The fills of the outlines, for the dead neurons of each layer."""
        return self._parts.bars

    @property
    def name_labels(self) -> Labels:
        """The layers' names."""
        return self._parts.name_labels

    @property
    def share_labels(self) -> Labels:
        """The share of each layer's neurons that are dead, in percent."""
        return self._parts.share_labels

    @property
    def count_labels(self) -> Labels:
        """The number of dead neurons of each layer, and of all its neurons."""
        return self._parts.count_labels

    def _places_within(self, width: float, height: float) -> GridPlan:
        del width, height  # there are no headings
        nrows, ncols = self._bar_places.nrows, self._bar_places.ncols
        filled = _layout.placed_down(len(self._groups), self._bar_places.per_column)
        return filled._replace(nrows=nrows, ncols=ncols)

    def _card_attributes(self, index: int) -> dict[str, str]:
        del index
        return {}

    def _card_label(self, index: int) -> str:
        return phrases.bar_label(self.wording, self._groups[index])

    def _content(self) -> object:
        return self._groups
