"""`LayerBars`: a bar a layer, filled as far as its neurons are dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, PathCollection
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from . import _layout
from ._diagnosis import Autopsy
from ._glyphs import Font, Labels
from ._groups import Group
from ._layout import Anchor, BarLayout, Places
from ._panel import Panel
from ._parts import Look, exact_paths, plain_artists
from ._pixels import Pixels
from ._shapes import rounded_rectangle

BarPixels: TypeAlias = Pixels[BarLayout]

_NO_PATH = Path([(0, 0)])


class BarParts:
    """The parts of all bars: of each kind one artist, with one element a layer."""

    natural_size = (_layout.BAR_WIDTH, _layout.BAR_HEIGHT)

    def __init__(self, groups: Sequence[Group], look: Look, nrows: int) -> None:
        self._groups = groups
        self._nrows = nrows
        self._wording = look.wording
        style, unknown = look.style, [_NO_PATH] * len(groups)
        self.tracks = exact_paths(
            unknown,
            facecolors=style.card,
            edgecolors=style.alive_border,
            linewidths=style.alive_border_width,
        )
        self.bars = exact_paths(
            unknown, facecolors=style.dead_text, edgecolors="none", linewidths=0.0
        )
        size = _layout.BAR_TEXT_SIZE
        font = Font(style.font_family, "normal", size)
        self.name_labels = Labels(
            Font(style.id_font_family, "normal", size), style.neuron_id
        )
        self.share_labels = Labels(font, style.neuron_id, "right")
        self.count_labels = Labels(font, style.faint, "right")
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
        """The parts, in order."""
        return [*self.shown, *self.pictured]

    @property
    def outlined(self) -> list[Collection]:
        """The parts whose lines are whole pixels on a raster canvas."""
        return [self.tracks] if self._groups else []

    def layout(self, width: float, height: float) -> BarLayout:
        """Return where a bar and its words sit in a room of a size in points."""
        return _layout.bar_layout(
            width - (self._ncols - 1) * self._shift(width),
            height,
            *(
                max(map(labels.font.measure, texts), default=0.0)
                for labels, texts in self._texts()
            ),
        )

    @property
    def _ncols(self) -> int:
        return max(_layout.rows_for(len(self._groups), self._nrows), 1)

    def _shift(self, width: float) -> float:
        """Return how far each column moves away from the one before it.

        A count on the left and a name on the right would else be as near to one another
        as to their own bars.
        """
        return min(_layout.BETWEEN_COLUMNS, width / 8) / self._ncols

    def in_view(self, pixels: BarPixels, view: Bbox) -> BarPixels:
        """Return all bars: they are few."""
        del view
        return pixels

    def _texts(self) -> Iterator[tuple[Labels, list[str]]]:
        wording = self._wording
        for labels, words in (
            (self.name_labels, lambda group: group.name),
            (self.share_labels, wording.share_words),
            (self.count_labels, wording.dead_words),
        ):
            drawable = labels.font.typeface.drawable
            yield labels, [drawable(words(group)) for group in self._groups]

    def place(self, pixels: BarPixels, headed: Set[str]) -> None:
        """Put everything where its bar is."""
        del headed  # bars have no headings
        shift = self._shift(pixels.width / pixels.per_point) * pixels.per_point
        shifts = pixels.aligned(shift) * (pixels.cards // self._nrows)
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
        # Of a single path Matplotlib would make markers, and round their places.
        self.tracks.set_paths([track] * len(self._groups))
        self.tracks.set_offsets(corners + lines / 2)
        self.bars.set_paths(
            [
                rounded_rectangle(length, height, 0.0) if length else _NO_PATH
                for length in self._lengths(width, pixels).tolist()
            ]
        )
        self.bars.set_offsets(corners)

    def _lengths(self, width: float, pixels: BarPixels) -> NDArray[np.float64]:
        """Return how long the bars are: none and all of a layer are never but that."""
        least = 1.0 if pixels.whole else pixels.per_point
        dead = np.array([group.n_dead for group in self._groups])
        total = np.array([group.n_neurons for group in self._groups])
        lengths = pixels.aligned(width * dead / total)
        some = (dead > 0) & (dead < total)
        lengths[some] = np.clip(lengths[some], least, max(width - least, least))
        found: NDArray[np.float64] = lengths
        return found

    def _place_words(self, pixels: BarPixels) -> None:
        bar = pixels.card
        anchors: list[Anchor | None] = [bar.name, bar.share, bar.n_dead]
        for (labels, texts), anchor in zip(self._texts(), anchors, strict=True):
            if anchor is None:
                labels.place([""] * len(texts), np.zeros((len(texts), 2)))
                continue
            width = bar.name_width if labels is self.name_labels else np.inf
            measure = labels.font.measure
            fitting = [_layout.shortened(text, width, measure) for text in texts]
            labels.place(fitting, pixels.at(*anchor))

    def clip(self, box: Bbox | None) -> None:
        """Cut everything off at the edges of a box, or not at all."""
        for part in self.drawn:
            part.set_clip_box(box)
            part.set_clip_on(box is not None)


class LayerBars(Panel[BarLayout]):
    """A header and a bar a layer, as one artist in one Axes.

    Made by `plot_layers`. A layer's bar stands for all its neurons; it is filled as far
    as they are dead.

    Attributes
    ----------
    autopsy : Autopsy
        What was found of all neurons.
    layers : tuple of Group
        The layers, from the top: ``name``, ``n_neurons`` and ``n_dead`` of each.
    nrows : int
        How many rows of bars there are.
    n_cards : int
        How many bars there are.
    tracks, bars : matplotlib.collections.PathCollection
        The outlines of all neurons, and the dead ones.
    name_labels, share_labels, count_labels : Artist
        The words, with ``set_color``.
    title : str
        The title that is drawn; "" if there is none.
    alt_text, description : str
        The verdict in a sentence; the verdict and the findings.
    alt : AltText
        All that is said of it in a saved file.
    wording : Wording
        The words, drawn and said.

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
        groups: Sequence[Group],
        look: Look,
        *,
        n_shown: int,
        nrows: int,
        margin: float,
    ) -> None:
        with plain_artists():
            parts = BarParts(groups, look, nrows)
        super().__init__(
            autopsy,
            look,
            parts,
            n_shown=n_shown,
            groups=groups,
            all_groups=groups,
            margin=margin,
        )
        self._rows = nrows

    @property
    def layers(self) -> tuple[Group, ...]:
        """The layers, from the top."""
        return self._groups

    @property
    def tracks(self) -> PathCollection:
        """The outlines: all neurons of each layer."""
        return self._parts.tracks

    @property
    def bars(self) -> PathCollection:
        """What fills them: the dead ones."""
        return self._parts.bars

    @property
    def name_labels(self) -> Labels:
        """The layers' names."""
        return self._parts.name_labels

    @property
    def share_labels(self) -> Labels:
        """How many are dead, in percent."""
        return self._parts.share_labels

    @property
    def count_labels(self) -> Labels:
        """How many are dead, and of how many."""
        return self._parts.count_labels

    def _places_within(self, width: float, height: float) -> Places:
        del width, height  # there are no headings
        return _layout.placed_down(len(self._groups), self._rows)

    def _card_attributes(self, index: int) -> dict[str, str]:
        del index
        return {}

    def _card_label(self, index: int) -> str:
        return self.wording.bar_words(self._groups[index])

    def _content(self) -> object:
        return self._groups
