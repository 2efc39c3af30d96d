"""`AutopsyGrid`: each neuron as a card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent, RendererBase
from matplotlib.transforms import Bbox
from matplotlib.typing import ColorType
from numpy.typing import ArrayLike, NDArray

from .._intake.sources import History
from .._layout.card import CardLayout
from .._layout.sparkline import activation_range, sample_range
from .._layout.spring import Motion, Spring
from .._verdict.autopsy import Autopsy
from .._verdict.selection import Selection
from .._words.description import AltText, alt_text_of
from .again import Again, PageOfCards
from .cards import CardCells, sparkline_size
from .cells import Drawn
from .elements import are_properties, unnoticed
from .header import Appearance, HeaderWords
from .locators import on_box
from .one_card import Card
from .panel import Panel
from .placement import View, place_cards
from .renderers import draws_when_idle
from .sparklines import Scale

#: The least width and height of a card's own Axes, in pixels.
_SMALLEST_AXES = 1e-6


class AutopsyGrid(Panel[CardLayout]):
    """The cards and the header of an autopsy, as one artist in one Axes.

    Created by `draw_autopsy` and `plot_autopsy`. Its parts are collections with one element
    per card, in the cards' order; restyle them like any other.

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
    header : HeaderParts
        Its title_label, count_badge, count_label, rule_label and background.
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
        again: Again | None = None,
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
        self._selection, self._sizes_before = selection, cells.group_sizes
        self._is_page, self._again = page is not None, again
        self._card_axes: dict[str, Axes] = {}
        self._whole: tuple[Autopsy, HeaderWords]  # what a film shows parts of
        #: What `on_card_click` was given.
        self.click_callbacks: list[Callable[[Card], object]] = []

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
        self.show_selection(self._selection.with_findings(autopsy))

    def begin_film(self, parts: Iterable[Autopsy]) -> None:
        """Prepare to show parts of the samples that the grid shows now.

        The header then keeps its lines and its height, whatever it counts in a part.

        Parameters
        ----------
        parts : iterable of Autopsy
        """
        self._whole = self.shown, HeaderWords.of(self.autopsy, self._n_shown, self.wording)
        width, height = self._points_of(self.get_window_extent())
        for part in [*parts, self.autopsy]:
            self._header.set_words(self._words_of(part))
            self._plan_anew()
            highest = max(self._header.least_height, self._header_for(width, height).height)
            self._header.least_height = highest
        self._plan_anew()

    def _words_of(self, part: Autopsy) -> HeaderWords:
        now = HeaderWords.of(part, self._n_shown, self.wording)
        return self._whole[1]._replace(verdict=now.verdict, state=now.state)

    def show_part(self, autopsy: Autopsy, share: float) -> None:
        """Show what is found in the first samples, and leave room for the others.

        Parameters
        ----------
        autopsy : Autopsy
        share : float
            How much of the cards' width the samples take, above 0 and up to 1.
        """
        self._cells.grown = share
        part = self._selection.with_findings(autopsy)
        self._cells.set_data(part, keyed=self._whole[0])
        self._header.set_words(self._words_of(autopsy))
        self._take(part)

    def update(  # type: ignore[override]  # see Notes
        self,
        neurons: object,
        *,
        steps: ArrayLike | None = None,
        transition: Spring | None = None,
        motion: Motion = "auto",
    ) -> None:
        """Show later activations: new verdicts, and perhaps other neurons, in the same grid.

        They are judged, ordered and grouped as the first ones were. What you have restyled
        stays, and moves with its neuron. The figure keeps its size.

        Parameters
        ----------
        neurons : iterable, mapping, DataFrame, array, Recording or Autopsy
            In the form that the grid was drawn from, or what `diagnose` returned.
        steps : array-like of shape (n_samples,), optional
            The step of each sample; needed if the grid was drawn with them.
        transition : Spring, optional
            How lines and colours move there, in a window whose event loop runs. Default: at once.
        motion : {"auto", "full", "none"}, default: "auto"
            Whether they do: "auto" asks the system whether it is to reduce motion. The
            environment variable ``DEAD_NEURON_AUTOPSY_MOTION``, "full" or "none", is above all.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid; the grid then stays as it was.
        RuntimeError
            If the grid is in no Axes, or is a page of a document.

        Notes
        -----
        A mapping whose every key is a property, such as ``{"alpha": 0.5}``, goes to Matplotlib's
        own ``update``, and so does an empty one; ``[]`` is a population without neurons.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> grid = plot_autopsy({"N1": [0.0, 0.2], "N2": [0.3, 0.1]}).autopsy_grid
        >>> grid.update({"N1": [0.0, 0.0], "N2": [0.3, 0.4], "N3": [0.1, 0.1]})
        >>> list(grid.cards), grid.cards["N1"].state
        (['N1', 'N2', 'N3'], 'dead')
        """
        if are_properties(self, neurons):
            super().update(neurons)  # type: ignore[arg-type]  # checked
            return
        figure = self._host.get_figure(root=True)
        if self._again is None:
            raise RuntimeError("update: this grid is a page of a document; write it again.")
        move = self._again.begin_moving(self, transition, motion)
        self.show_selection(self._again.select_again(neurons, steps))
        move()
        if figure is not None and draws_when_idle(figure.canvas):
            figure.canvas.draw_idle()

    def _take(self, selection: Selection) -> None:
        """Take other findings, which the cells show already."""
        self._selection, self.autopsy = selection, selection.autopsy
        self._groups, self._all_groups = selection.groups(), selection.all_groups()
        self._headings.criterion = selection.autopsy.criterion
        self._n_shown = len(selection.shown)
        self._plan_anew()
        self.stale = True

    def show_selection(self, selection: Selection) -> None:
        """Show other findings, of the same neurons or of others.

        Parameters
        ----------
        selection : Selection
        """
        before, ids = self._positions, selection.shown.ids.tolist()
        others = ids != list(before)
        words = HeaderWords.of(selection.autopsy, len(ids), self.wording)
        places = np.array([before.get(one, -1) for one in ids], dtype=np.int64)
        came_from = places if others else None
        self._cells.set_data(selection, came_from)  # reads, so it may fail
        self._header.set_words(words)
        self._take(selection)
        if others:
            for name in ("_positions", "_cards"):
                vars(self).pop(name, None)
        if self._again is not None and self._cells.group_sizes != self._sizes_before:
            self._sizes_before = self._cells.group_sizes
            self._cells.ncols = self.ncols = self._again.columns(selection)
            self._rearrange()
        for name, axes in list(self._card_axes.items()):
            if axes.figure is None:
                del self._card_axes[name]
            elif name not in self._positions:
                self._card_axes.pop(name).remove()
            else:
                self._show_history(axes, self.shown[name].activations, self._positions[name])
        self.stale = True

    # Pointer

    def card_at(self, event: MouseEvent) -> Card | None:
        """Return the card under the pointer.

        Parameters
        ----------
        event : matplotlib.backend_bases.MouseEvent
            Where the pointer is.

        Returns
        -------
        Card or None
            None where there is no card.

        Examples
        --------
        >>> from matplotlib.backend_bases import MouseEvent
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> fig = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
        >>> event = MouseEvent("motion_notify_event", fig.canvas, *fig.bbox.p0 + 40)
        >>> fig.autopsy_grid.card_at(event)
        <Card 'N1': dead, peak 0.0>
        """
        found, which = self.contains(event)
        return self._card(int(which["ind"][0])) if found else None

    def _card(self, index: int) -> Card:
        return Card(self, str(self.shown.ids[index]))

    def on_card_click(self, callback: Callable[[Card], object]) -> Callable[[], None]:
        """Call a function with the card that is clicked, or opened by the keyboard.

        Parameters
        ----------
        callback : callable
            Takes a `Card`. If it returns True, the neuron is not opened large.

        Returns
        -------
        callable
            Call it to have no more calls.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> grid = plot_autopsy({"N1": [0.0, 0.0]}).autopsy_grid
        >>> stop = grid.on_card_click(lambda card: print(card.id))
        >>> stop()
        """
        self.click_callbacks.append(callback)

        def stop() -> None:
            if callback in self.click_callbacks:
                self.click_callbacks.remove(callback)

        return stop

    def _coordinates(self, x: float, y: float) -> str:
        """Return what the toolbar says of a place in data coordinates."""
        index = self._cell_at(x, y)
        if index is None:
            return ""
        card = self._card(index)
        sample = None if self.shown.source.is_lazy else card.sample_at(self._x_of(x, y))
        words = card.peak_words if sample is None else card.words_at(sample)
        return self.wording.comma.join([card.words, words])

    def _x_of(self, x: float, y: float) -> float:
        return float(self._host.transData.transform((x, y))[0])

    def _sample_at(self, index: int, x: float) -> int | None:
        length, longest = int(self.shown.source.lengths[index]), self._cells.longest
        box = self._sparkline_box(str(self.shown.ids[index]), whole=False)
        if not length or not box.x0 <= x <= box.x1 or box.width <= 0:
            return None
        sample = round((x - box.x0) / box.width * (longest - 1)) - (longest - length)
        return sample if 0 <= sample < length else None

    def _box_of(self, index: int) -> Bbox:
        placed = place_cards(View.of(self._host, whole=False), self._plan_now(), self._cells.layout)
        left, top = float(placed.lefts[index]), float(placed.tops[index])
        return Bbox.from_extents(left, top - placed.height, left + placed.width, top)

    # Parts

    @property
    def cards(self) -> Mapping[str, Card]:
        """The cards in order, by their neurons' ids."""
        return MappingProxyType(self._cards)

    @cached_property
    def _cards(self) -> dict[str, Card]:
        return {name: Card(self, name) for name in self._positions}

    @cached_property
    def _positions(self) -> dict[str, int]:
        """The position of each neuron's card, by id."""
        return {name: index for index, name in enumerate(self.shown.ids.tolist())}

    def _place_of(self, index: int) -> tuple[int, int]:
        """Return the row and the column of a card."""
        plan = self._lasting_plan
        return int(plan.rows[index]), int(plan.columns[index])

    def _index_of(self, name: str) -> int:
        if name not in self._positions:
            raise KeyError(f"neuron {name!r} has no card any more.")
        return self._positions[name]

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
        for name, history in zip(self.shown.ids.tolist(), self.shown.histories, strict=True):
            index = self._positions[name]
            place = self._lasting_plan.rows[index], self._lasting_plan.columns[index]
            axes[place] = self._axes_of(name, history)
        return axes

    def _axes_of(self, name: str, history: History | None = None) -> Axes:
        """Return the Axes of a card; the same one at every call."""
        # A Dask array computes histories together faster than one by one: pass the card's
        # *history* if it is at hand.
        made, index = self._card_axes.get(name), self._index_of(name)
        if made is not None and made.figure is not None:
            return made
        # The locator below sets the position. Bounds in fractions of the host Axes would
        # fail in a SubFigure of no size.
        whole = self._host.figure.transSubfigure
        axes = self._host.inset_axes((0, 0, 1, 1), transform=whole)
        axes.set_axis_off()
        axes.set_facecolor("none")
        history = self.shown.histories[index] if history is None else history
        self._show_history(axes, history, index)
        axes.set_axes_locator(partial(on_box, partial(self._sparkline_box, name)))
        self._card_axes[name] = axes
        return axes

    def _show_history(self, axes: Axes, history: History, index: int) -> None:
        axes.set_xlim(*sample_range(history, self._cells.longest))
        ranges = self._cells.ranges
        axes.set_ylim(*(activation_range(history if ranges is None else ranges[index])))

    def attach(
        self, host: Axes, background: ColorType | None = None, *, margin: float = 0.0
    ) -> None:
        """Take over an Axes, whose toolbar then tells of cards.

        Parameters
        ----------
        host, background, margin
            As in `Panel.attach`.
        """
        super().attach(host, background, margin=margin)
        host.format_coord = self._coordinates  # type: ignore[method-assign]

    def remove(self) -> None:
        """Remove the grid from its Axes, and give the Axes its room back."""
        for axes in self._card_axes.values():
            if axes.figure is not None:
                axes.remove()
        self._card_axes.clear()
        vars(self._host).pop("format_coord", None)
        super().remove()

    def _place(self, view: View, renderer: RendererBase) -> Drawn:
        """Put every part where it belongs, and clip the caller's marks as the cards are."""
        for name, axes in self._card_axes.items():
            box = self._sparkline_box(name, view.whole)
            seen = Bbox.intersection(box, view.box)
            nowhere = Bbox.from_bounds(box.x0, box.y0, 0, 0)
            drawn = [artist for artist in axes.get_children() if artist.get_clip_on()]
            with unnoticed(drawn):
                for artist in drawn:
                    artist.set_clip_box(nowhere if seen is None else seen)
        return super()._place(view, renderer)

    def _look_of(self, renderer: RendererBase, view: View) -> object:
        """Return what tells this draw from others; None if it has to be drawn."""
        # What the caller draws into cards is clipped at every draw.
        return None if self._card_axes else super()._look_of(renderer, view)

    def _sparkline_box(self, name: str, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        index = self._positions[name]
        view, plan = View.of(self._host, whole=whole), self._plan_now()
        placed = place_cards(view, plan, self._cells.layout)
        left, bottom = self._cells.sparkline_corners(placed)[index]
        # Matplotlib raises on the tight bounding box of an Axes of no size.
        width, height = np.maximum(sparkline_size(placed), _SMALLEST_AXES)
        return Bbox.from_bounds(left, bottom, width, height)
