"""`AutopsyGrid` and `Card`: each neuron as a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from .._intake.sources import History
from .._layout.card import CardLayout
from .._layout.sparkline import activation_range, sample_range
from .._verdict.autopsy import Autopsy
from .._verdict.neuron import State
from .._verdict.selection import Selection
from .._words.description import AltText, alt_text_of
from .cards import CardCells, sparkline_size
from .cells import Drawn
from .elements import unnoticed
from .header import Appearance, HeaderWords
from .locators import on_box
from .panel import Panel
from .placement import View, place_cards
from .sparklines import Scale

#: The least width and height of a card's own Axes, in pixels.
_SMALLEST_AXES = 1e-6


class PageOfCards(NamedTuple):
    """What all pages of cards in a document share, however full each is."""

    nrows: int
    header_height: float  # the least, in points


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
        neuron_id: str = self._grid.shown.ids[self._index]
        return neuron_id

    @property
    def state(self) -> State:
        """The verdict, "alive", "dead" or "unknown"."""
        return self._grid.shown.states[self._index]

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
        return self._grid._axes_of(self._index)


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
    windows : matplotlib.collections.PathCollection
        The shading of the judged samples, if only the last ones were judged.
    deaths : matplotlib.collections.LineCollection
        The lines at the times of death.
    id_labels, state_labels, peak_labels, time_labels, row_labels : Artist
        The words, with ``set_color``; the last are those beside rows of cards without ids.
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

    _cells: CardCells

    def __init__(
        self,
        selection: Selection,
        appearance: Appearance,
        *,
        ncols: int,
        scale: Scale = "local",
        page: PageOfCards | None = None,
    ) -> None:
        page_rows, header_height = (0, 0.0) if page is None else page
        cells = CardCells(selection, appearance, ncols=ncols, page_rows=page_rows, scale=scale)
        autopsy, n_shown = selection.autopsy, len(selection.shown)
        groups, every = selection.groups(), selection.all_groups()
        super().__init__(
            autopsy, appearance, cells, n_shown=n_shown, groups=groups, all_groups=every
        )
        self.ncols = ncols
        self.borders, self.badges, self.marks = cells.borders, cells.badges, cells.marks
        self.midlines, self.sparklines = cells.midlines, cells.sparklines
        self.id_labels, self.state_labels = cells.id_labels, cells.state_labels
        self.peak_labels, self.time_labels = cells.peak_labels, cells.time_labels
        self.windows, self.deaths = cells.windows, cells.deaths
        self.row_labels = cells.row_labels
        self._header.least_height = header_height
        self._selection = selection
        self._is_page = page is not None
        self._card_axes: dict[int, Axes] = {}

    @property
    def shown(self) -> Autopsy:
        """The findings for the neurons that have a card, in order."""
        return self._selection.shown

    @property
    def n_cards(self) -> int:
        """The number of cards."""
        return self.n_cells

    @property
    def alt(self) -> AltText:
        """Everything that a saved file says about this grid."""
        if not self._is_page:
            return super().alt
        found = self.wording, self.autopsy, self.title, len(self.shown)
        return alt_text_of(*found, picture=self._pictured(), on_page=self.shown)

    def set_data(self, autopsy: Autopsy) -> None:
        """Show other findings of the same neurons in the same cards.

        Cards keep their places, and parts that you have restyled keep their looks.

        Parameters
        ----------
        autopsy : Autopsy
            The findings for all neurons, with the same ids in the same order as before.

        Raises
        ------
        ValueError
            If the neurons are others.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose, plot_autopsy
        >>> fig = plot_autopsy({"N1": [0.0, 0.2], "N2": [0.3, 0.1]})
        >>> fig.autopsy_grid.set_data(diagnose({"N1": [0.0, 0.0], "N2": [0.3, 0.4]}))
        >>> fig.autopsy_grid.cards["N1"].state
        'dead'
        """
        selection = self._selection.with_findings(autopsy)
        self._cells.set_data(selection)
        self._selection, self.autopsy = selection, autopsy
        self._groups, self._all_groups = selection.groups(), selection.all_groups()
        self._headings.criterion = autopsy.criterion
        self._header.set_words(HeaderWords.of(autopsy, self._n_shown, self.wording))
        self._planned = None
        for index, axes in self._card_axes.items():
            if axes.figure is not None:
                self._show_history(axes, index, self.shown.histories[index])
        self.stale = True

    # Parts

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards in order, by their neurons' ids."""
        return MappingProxyType(self._cards)

    @cached_property
    def _cards(self) -> dict[str, Card]:
        rows, columns = self._lasting_plan.rows, self._lasting_plan.columns
        places = zip(rows.tolist(), columns.tolist(), strict=True)
        cards = (Card(self, index, *place) for index, place in enumerate(places))
        return dict(zip(self.shown.ids, cards, strict=True))

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
            place = self._lasting_plan.rows[index], self._lasting_plan.columns[index]
            axes[place] = self._axes_of(index, history)
        return axes

    def _axes_of(self, index: int, history: History | None = None) -> Axes:
        """Return the Axes of a card; the same one at every call."""
        # A Dask array computes histories together faster than one by one: pass the card's
        # *history* if it is at hand.
        made = self._card_axes.get(index)
        if made is not None and made.figure is not None:
            return made
        # The locator below sets the position. Bounds in fractions of the host Axes would
        # fail in a SubFigure of no size.
        whole = self._host.figure.transSubfigure
        axes = self._host.inset_axes((0, 0, 1, 1), transform=whole)
        axes.set_axis_off()
        axes.set_facecolor("none")
        history = self.shown.histories[index] if history is None else history
        self._show_history(axes, index, history)
        axes.set_axes_locator(partial(on_box, partial(self._sparkline_box, index)))
        self._card_axes[index] = axes
        return axes

    def _show_history(self, axes: Axes, index: int, history: History) -> None:
        axes.set_xlim(*sample_range(history, self._cells.longest))
        ranges = self._cells.ranges
        axes.set_ylim(*(activation_range(history if ranges is None else ranges[index])))

    def remove(self) -> None:
        """Remove the grid from its Axes, and give the Axes its room back."""
        for axes in self._card_axes.values():
            if axes.figure is not None:
                axes.remove()
        self._card_axes.clear()
        super().remove()

    def _place(self, view: View, renderer: RendererBase) -> Drawn:
        """Put every part where it belongs, and clip the caller's marks as the cards are."""
        for index, axes in self._card_axes.items():
            box = self._sparkline_box(index, view.whole)
            seen = Bbox.intersection(box, view.box)
            nowhere = Bbox.from_bounds(box.x0, box.y0, 0, 0)
            drawn = [artist for artist in axes.get_children() if artist.get_clip_on()]
            with unnoticed(drawn):
                for artist in drawn:
                    artist.set_clip_box(nowhere if seen is None else seen)
        return super()._place(view, renderer)

    def _sparkline_box(self, index: int, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        view, plan = View.of(self._host, whole=whole), self._plan_now()
        placed = place_cards(view, plan, self._cells.layout)
        left, bottom = self._cells.sparkline_corners(placed)[index]
        # Matplotlib raises on the tight bounding box of an Axes of no size.
        width, height = np.maximum(sparkline_size(placed), _SMALLEST_AXES)
        return Bbox.from_bounds(left, bottom, width, height)
