"""`AutopsyGrid` and `Card`: each neuron as a card.

Each kind of part is one collection with one element per card.
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

from .._intake.population import History
from .._layout import places as _layout
from .._layout.places import CardLayout, GridPlan
from .._layout.sparkline import activation_range, sample_range
from .._verdict.autopsy import State, refuse_changes
from .._verdict.groups import counts_of
from .._verdict.selection import Selection
from .._words import phrases
from .._words.wording import AltText
from .elements import unnoticed
from .panel import Panel
from .parts import Appearance, CardParts, sparkline_size
from .pixels import BoxLocator
from .text import Labels, is_raster


@dataclass(frozen=True, eq=False, repr=False)
class Card:
    """One neuron's card; found in `AutopsyGrid.cards`.

    Attributes
    ----------
    row, column : int
        The card's position in the grid, counted from 0 at the top left.

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
        """The neuron's id, never shortened."""
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
        """An Axes over the sparkline, for the caller's own marks.

        x is the sample's index from 0, y the activation. The Axes is created on first
        access, and moves with the card.
        """
        return self._grid.card_axes(self._index)


#: The least width and height of a card's own Axes, in pixels.
_SMALLEST_AXES = 1e-6


class PageOfCards(NamedTuple):
    """What all pages of cards in a document share, however full each is.

    Attributes
    ----------
    nrows : int
        The number of rows that fit a page.
    header_height : float
        The least height of a page's header, in points.
    """

    nrows: int
    header_height: float


class AutopsyGrid(Panel[CardLayout]):
    """The cards and the header of an autopsy, as one artist in one Axes.

    Created by `draw_autopsy` and `plot_autopsy`. Its parts are ordinary collections with
    one element per card, in the cards' order; restyle them like any other.

    Attributes
    ----------
    autopsy : Autopsy
        The diagnosis of all neurons.
    shown : Autopsy
        The diagnosis of the neurons that have a card, in order.
    nrows, ncols : int
        The size of the grid, in cards.
    n_cards : int
        The number of cards.
    sparklines, midlines : matplotlib.collections.LineCollection
        The histories, and the dashed lines behind them.
    borders, badges : matplotlib.collections.PathCollection
        The cards' outlines and faces; the pills around the states.
    marks : matplotlib.collections.PathCollection
        The shapes that show the state on cards too small for words; on the smallest, fills.
    id_labels, state_labels, peak_labels : Artist
        The words, with ``set_color``.
    title : str
        The title as drawn; "" if there is none.
    alt_text, description : str
        The title and the verdict, in a sentence each; the verdict and the findings.
    alt : AltText
        Everything that a saved file says about the grid.
    wording : Wording
        The words drawn, and those for screen readers.

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
        look: Appearance,
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
        """Everything that a saved file says about this grid."""
        if self._page is None:
            return super().alt
        return phrases.page_alt_text(self.wording, self.autopsy, self.shown, self.title)

    # Parts

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
        """The pills around the states."""
        return self._parts.badges

    @property
    def marks(self) -> PathCollection:
        """The shapes that show the state on cards too small for words.

        A cross or a dot; on the smallest cards, a fill for the dead.
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
        """The last line of each card, which states the peak."""
        return self._parts.peak_labels

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards in order, by their neurons' ids."""
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
        """Return every card's Axes as an array, as `matplotlib.pyplot.subplots` does.

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
        """Return the Axes of the card at a position; callers use `Card.axes`.

        Parameters
        ----------
        index : int
            The position among the cards, from 0.
        history : ndarray of shape (n_samples,), optional
            The neuron's activations. Default: read from `shown`.

        Returns
        -------
        matplotlib.axes.Axes
            An Axes over the card's sparkline; the same one at every call.
        """
        made = self._card_axes.get(index)
        if made is None or made.figure is None:
            if history is None:
                history = self.shown.histories[index]
            refuse_changes(self.shown.take([index]))
            # The locator below sets the position. Bounds in fractions of the host Axes
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

    def _places_within(self, width: float, height: float) -> GridPlan:
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
        """Clip what the caller has drawn in cards where the cards are clipped."""
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
        # Matplotlib raises on the tight bounding box of an Axes of no size.
        width, height = np.maximum(sparkline_size(pixels), _SMALLEST_AXES)
        return Bbox.from_bounds(left, bottom, width, height)

    def _card_attributes(self, index: int) -> dict[str, str]:
        return {"data_state": self.shown.state(index)}

    def _card_label(self, index: int) -> str:
        shown = self.shown
        return phrases.neuron_label(
            self.wording,
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
