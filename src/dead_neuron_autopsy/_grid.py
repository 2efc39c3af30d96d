"""`AutopsyGrid` and `Card`: each neuron as a card.

Every part of the cards is one collection with an element a card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from . import _layout
from ._diagnosis import State, refuse_changes
from ._elements import unnoticed
from ._glyphs import Labels, is_raster
from ._groups import counts_of
from ._intake import History
from ._layout import CardLayout, Places
from ._panel import Panel
from ._parts import CardParts, Look, sparkline_size
from ._pixels import BoxLocator
from ._selection import Selection
from ._sparkline import activation_range, sample_range
from ._wording import AltText


@dataclass(frozen=True, eq=False, repr=False)
class Card:
    """One neuron's card; found in `AutopsyGrid.cards`.

    Attributes
    ----------
    row, column : int
        Where the card stands, from 0, the top left one first.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> fig = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
    >>> card = fig.autopsy_grid.cards["N2"]
    >>> card.state, card.peak, (card.row, card.column)
    ('alive', 0.3, (0, 1))
    >>> mark = card.axes.axvline(0.5)
    """

    _grid: AutopsyGrid
    _index: int
    row: int
    column: int

    def __repr__(self) -> str:
        return f"<Card {self.id!r}: {self.state}, peak {self.peak!r}>"

    @property
    def id(self) -> str:
        """The neuron's id, whole."""
        return self._grid.shown.ids[self._index]

    @property
    def state(self) -> State:
        """The verdict, "alive" or "dead"."""
        return self._grid.shown.state(self._index)

    @property
    def peak(self) -> float:
        """max(\\|activation\\|), in the activations' own unit."""
        return float(self._grid.shown.peaks[self._index])

    @property
    def activations(self) -> History:
        """The neuron's history, read-only."""
        return self._grid.shown.histories[self._index]

    @property
    def axes(self) -> Axes:
        """An Axes over the sparkline, for marks of the caller's own.

        x is the sample's index from 0, y the activation. It is made the first time it
        is asked for, and moves with the card.
        """
        return self._grid.card_axes(self._index)


#: Of a card's own Axes, in pixels.
_SMALLEST_AXES = 1e-6


class PageOfCards(NamedTuple):
    """What all pages of cards in a document have in common, however full they are.

    Attributes
    ----------
    nrows : int
        How many rows there is room for.
    header_height : float
        How high the headers are, in points.
    """

    nrows: int
    header_height: float


class AutopsyGrid(Panel[CardLayout]):
    """The cards and the header of an autopsy, as one artist in one Axes.

    Made by `draw_autopsy` and `plot_autopsy`. Its parts are ordinary collections with
    one element a card, in the cards' order, to restyle as any other.

    Attributes
    ----------
    autopsy : Autopsy
        What was found of all neurons.
    shown : Autopsy
        Those that have a card, in order.
    nrows, ncols : int
        Size of the grid, in cards.
    n_cards : int
        How many cards there are.
    sparklines, midlines : matplotlib.collections.LineCollection
        The histories, and the dashed lines behind them.
    borders, badges : matplotlib.collections.PathCollection
        The cards' outlines and faces; the pills that the states stand in.
    marks : matplotlib.collections.PathCollection
        Tell the states on cards that are too small for words; fill the smallest.
    id_labels, state_labels, peak_labels : Artist
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
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> grid = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]}).autopsy_grid
    >>> grid.nrows, grid.ncols, list(grid.cards)
    (1, 2, ['N1', 'N2'])
    >>> grid.sparklines.set_linewidth(2)
    """

    _parts: CardParts

    def __init__(
        self,
        selection: Selection,
        look: Look,
        *,
        ncols: int,
        margin: float,
        page: PageOfCards | None = None,
    ) -> None:
        shown = selection.shown
        parts = CardParts(selection, look)
        super().__init__(
            selection.autopsy,
            look,
            parts,
            n_shown=len(shown),
            groups=selection.groups,
            all_groups=selection.all_groups,
            margin=margin,
        )
        self.shown = shown
        self.ncols = ncols
        self._page = page
        if page is not None:
            self._header.least_height = page.header_height
        self._card_axes: dict[int, Axes] = {}

    @property
    def alt(self) -> AltText:
        """All that is said of this grid in a saved file."""
        if self._page is None:
            return super().alt
        return self.wording.page_alt_text(self.autopsy, self.shown, self.title)

    # What it is made of

    @property
    def sparklines(self) -> LineCollection:
        """The histories, each over its own range."""
        return self._parts.sparklines

    @property
    def midlines(self) -> LineCollection:
        """The dashed lines half-way up the sparklines."""
        return self._parts.midlines

    @property
    def borders(self) -> PathCollection:
        """The cards' outlines and faces."""
        return self._parts.borders

    @property
    def badges(self) -> PathCollection:
        """The pills that the states stand in."""
        return self._parts.badges

    @property
    def marks(self) -> PathCollection:
        """What tells the states on cards that are too small for words.

        A cross or a dot; on the smallest, what fills the dead.
        """
        return self._parts.marks

    @property
    def id_labels(self) -> Labels:
        """The ids."""
        return self._parts.id_labels

    @property
    def state_labels(self) -> Labels:
        """The words in the badges."""
        return self._parts.state_labels

    @property
    def peak_labels(self) -> Labels:
        """The cards' last lines."""
        return self._parts.peak_labels

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards by their neurons' ids, in order."""
        return MappingProxyType(self._cards)

    @cached_property
    def _cards(self) -> dict[str, Card]:
        rows, columns = self._places.rows.tolist(), self._places.columns.tolist()
        places = zip(self.shown.ids, rows, columns, strict=True)
        return {
            neuron_id: Card(self, index, row, column)
            for index, (neuron_id, row, column) in enumerate(places)
        }

    def subplots(self) -> NDArray[np.object_]:
        """Make every card's Axes, and return them as `matplotlib.pyplot.subplots` does.

        Returns
        -------
        ndarray of shape (nrows, ncols)
            Each card's `Card.axes`; None where there is no card.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> grid = plot_autopsy({"a": [0, 1], "b": [1, 2], "c": [2, 3]}).autopsy_grid
        >>> grid.subplots().shape, grid.subplots()[1, 1] is None
        ((2, 2), True)
        """
        axes = np.full((self.nrows, self.ncols), None, dtype=object)
        for index, history in enumerate(self.shown.histories):
            place = self._places.rows[index], self._places.columns[index]
            axes[place] = self.card_axes(index, history)
        return axes

    def card_axes(self, index: int, history: History | None = None) -> Axes:
        """Return the Axes of the card at a position; `Card.axes` is the way to it.

        Parameters
        ----------
        index : int
            Position among the cards, from 0.
        history : ndarray of shape (n_samples,), optional
            The neuron's activations. Default: read from `shown`.

        Returns
        -------
        matplotlib.axes.Axes
            An Axes over the card's sparkline; the same at every call.
        """
        made = self._card_axes.get(index)
        if made is None or made.figure is None:
            if history is None:
                history = self.shown.histories[index]
            refuse_changes(self.shown.take([index]))
            # Its place comes from the locator below. Given in fractions of the Axes, it
            # would fail in a SubFigure of no size.
            whole = self._host.figure.transSubfigure
            axes = self._host.inset_axes((0, 0, 1, 1), transform=whole)
            axes.set_axis_off()
            axes.set_facecolor("none")
            axes.set_xlim(*sample_range(history))
            axes.set_ylim(*activation_range(history))
            axes.set_axes_locator(BoxLocator(partial(self._sparkline_box, index)))
            self._card_axes[index] = axes
        return self._card_axes[index]

    def remove(self) -> None:
        """Remove the grid from its Axes, and give the Axes its room back."""
        for axes in self._card_axes.values():
            if axes.figure is not None:
                axes.remove()
        self._card_axes.clear()
        super().remove()

    def _places_within(self, width: float, height: float) -> Places:
        counts = counts_of(self._groups, len(self.shown))
        begun = _layout.bands(counts, self.ncols)
        card_height = self._proportional_height(width, self.ncols)
        n_bands = begun.n_bands if self._groups else 0
        heading_height = _layout.heading_height(height, begun.nrows, n_bands, card_height)
        places = _layout.placed(counts, self.ncols, heading_height)
        if self._page is None:
            return places
        return places._replace(nrows=max(places.nrows, self._page.nrows))

    def _place(self, renderer: RendererBase) -> None:
        super()._place(renderer)
        self._clip_card_axes(whole=is_raster(renderer))

    def _clip_card_axes(self, *, whole: bool) -> None:
        """Cut what the caller has drawn in cards off where the cards are cut off."""
        for index, axes in self._card_axes.items():
            box = self._sparkline_box(index, whole)
            seen = Bbox.intersection(box, self._host.bbox)
            nowhere = Bbox.from_bounds(box.x0, box.y0, 0, 0)
            drawn = [artist for artist in axes.get_children() if artist.get_clip_on()]
            with unnoticed(drawn):
                for artist in drawn:
                    artist.set_clip_box(nowhere if seen is None else seen)

    def _sparkline_box(self, index: int, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        pixels = self._pixels(whole=whole)
        left, bottom = self._parts.sparkline_corners(pixels)[index]
        # An Axes of no size at all has no tight bounding box: Matplotlib would raise.
        width, height = np.maximum(sparkline_size(pixels), _SMALLEST_AXES)
        return Bbox.from_bounds(left, bottom, width, height)

    def _card_attributes(self, index: int) -> dict[str, str]:
        return {"data_state": self.shown.state(index)}

    def _card_label(self, index: int) -> str:
        shown = self.shown
        return self.wording.neuron_label(
            shown.ids[index],
            shown.state(index),
            shown.peaks[index],
            shown.sample_counts[index],
        )

    def _content(self) -> object:
        shown = self.shown
        return (
            self.ncols,
            shown.ids,
            shown.sample_counts.tolist(),
            shown.peaks.tolist(),
        )
