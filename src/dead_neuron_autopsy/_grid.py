"""`AutopsyGrid` and `Card`: one artist, drawn in bulk or card by card.

The grid lives in one host Axes whose data coordinates are cards: the card in row r and
column c covers [c, c + 1] x [r, r + 1], y downwards. Every part of the cards is one
collection with an element a neuron. Where a part sits is worked out at every draw, from
where the host's cards are and how large they are just then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray

from . import _accessible, _layout
from ._accessible import Operation, Recorder, SvgWriter
from ._diagnosis import Autopsy, State
from ._glyphs import Labels, is_raster
from ._intake import History
from ._layout import HeaderLayout
from ._parts import (
    CardParts,
    HeaderParts,
    Look,
    plain_artists,
    shared_outlines,
    sparkline_size,
    unnoticed,
    whole_lines,
)
from ._pixels import (
    BoxLocator,
    CardsLocator,
    Pixels,
    card_edges,
    card_pixels,
    room_of,
    span,
)
from ._sparkline import activation_range, sample_range
from ._wording import AltText, Wording


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


class AutopsyGrid(Artist):
    """The cards and the header of an autopsy, as one artist in one Axes.

    Made by `draw_autopsy` and `plot_autopsy`. Its parts are ordinary collections with
    one element a neuron, in the neurons' order, to restyle as any other.

    Attributes
    ----------
    autopsy : Autopsy
        What was found of all neurons.
    shown : Autopsy
        Those that have a card, in order.
    nrows, ncols : int
        Size of the grid, in cards.
    sparklines, midlines : matplotlib.collections.LineCollection
        The histories, and the dashed lines behind them.
    borders, badges : matplotlib.collections.PathCollection
        The cards' outlines and faces; the pills that the states stand in.
    marks : matplotlib.collections.PathCollection
        Tell the states on cards that are too small for words; fill the smallest.
    id_labels, state_labels, peak_labels : Artist
        The words, with ``set_color``.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> grid = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]}).autopsy_grid
    >>> grid.nrows, grid.ncols, list(grid.cards)
    (1, 2, ['N1', 'N2'])
    >>> grid.sparklines.set_linewidth(2)
    """

    def __init__(
        self, autopsy: Autopsy, shown: Autopsy, look: Look, *, ncols: int, margin: float
    ) -> None:
        super().__init__()
        self.autopsy = autopsy
        self.shown = shown
        self.ncols = ncols
        self.nrows = _layout.rows_for(len(shown), ncols)
        self._look = look
        self._margin = margin
        self._rows, self._columns = _layout.rows_and_columns(len(shown), ncols)
        self._card_axes: dict[int, Axes] = {}
        self._cards_in_view: list[int] = []
        self.set_clip_on(False)
        with plain_artists():
            self._parts = CardParts(shown, look)
            self._header = HeaderParts(autopsy, len(shown), look)

    # What it says

    @property
    def title(self) -> str:
        """The title that is drawn."""
        return self._look.title

    @property
    def alt_text(self) -> str:
        """The verdict in a sentence, under the title of the figure."""
        return self.alt.summary

    @property
    def description(self) -> str:
        """The findings: which neurons are dead, where the highest peak is."""
        return self.alt.description

    @property
    def wording(self) -> Wording:
        """The words that are drawn and said."""
        return self._look.wording

    @property
    def alt(self) -> AltText:
        """All that is said of this grid in a saved file."""
        wording, n_shown = self._look.wording, len(self.shown)
        return wording.alt_text(self.autopsy, self._look.title, n_shown)

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

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        """The cards by their neurons' ids, in order."""
        places = zip(self._rows.tolist(), self._columns.tolist(), strict=True)
        cards = {
            neuron_id: Card(self, index, row, column)
            for index, (neuron_id, (row, column)) in enumerate(
                zip(self.shown.ids, places, strict=True)
            )
        }
        return MappingProxyType(cards)

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
            axes[self._rows[index], self._columns[index]] = self.card_axes(index, history)
        return axes

    def card_axes(self, index: int, history: History | None = None) -> Axes:
        """Return the Axes of the card at a position; `Card.axes` is the way to it."""
        made = self._card_axes.get(index)
        if made is None or made.figure is None:
            if history is None:
                history = self.shown.histories[index]
            axes = self._host.inset_axes((0, 0, 1, 1))
            axes.set_axis_off()
            axes.set_facecolor("none")
            axes.set_xlim(*sample_range(history))
            axes.set_ylim(*activation_range(history))
            axes.set_axes_locator(BoxLocator(partial(self._sparkline_box, index)))
            self._card_axes[index] = axes
        return self._card_axes[index]

    def get_children(self) -> list[Artist]:
        """Return all parts, of the header and of the cards."""
        return [*self._header.all, *self._parts.all]

    # Where it is

    @property
    def _host(self) -> Axes:
        if not isinstance(self.axes, Axes):
            raise RuntimeError(  # noqa: TRY004  no argument is at fault
                "This AutopsyGrid is in no Axes: it has been removed."
            )
        return self.axes

    def attach(self, host: Axes) -> None:
        """Take over an Axes: its limits, its frame, and where in its room the cards are."""
        host.set_axis_off()
        host.set(xscale="linear", yscale="linear")
        host.set_facecolor(self._look.style.background)
        host.set_xlim(0, max(self.ncols, 1))
        host.set_ylim(max(self.nrows, 1), 0)
        locator = CardsLocator(host, self._cards_within)
        host.set_axes_locator(locator)
        host.add_artist(self)
        for part in self.get_children():
            part.axes = host
            part.set_figure(host.figure)
        host.apply_aspect(locator(host, None))

    def remove(self) -> None:
        """Remove the grid from its Axes, and give the Axes its room back."""
        host = self._host
        locator = host.get_axes_locator()
        for axes in self._card_axes.values():
            axes.remove()
        self._card_axes.clear()
        super().remove()
        if isinstance(locator, CardsLocator):
            host.set_axes_locator(locator.room)  # type: ignore[arg-type]  # or None

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:
        """Return the room that the header and the cards have, in display coordinates."""
        locator = self._host.get_axes_locator()
        # savefig(bbox_inches="tight") pins every Axes for the time of saving.
        before = locator.room if isinstance(locator, CardsLocator) else None
        return room_of(self._host, before, renderer)

    @property
    def _per_point(self) -> float:
        return self._host.figure.dpi / 72

    def _header_within(self, room: Bbox) -> HeaderLayout:
        width, height = (
            length / self._per_point - 2 * self._margin for length in room.size
        )
        pitch = _layout.pitch_of(width, max(self.ncols, 1))
        share = min(1.0, (pitch - _layout.gap_of(pitch)) / _layout.CARD_WIDTH)
        return _layout.header_within(
            self._header.layout(width), height, self.nrows, share * _layout.CARD_HEIGHT
        )

    def _cards_within(self, room: Bbox, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        """Return where the cards are in a room, with half a gap around them."""
        if self.axes is None:  # the host has been cleared, and is as it was before
            return room
        per_point = self._per_point
        margin = self._margin * per_point
        header = self._header_within(room).height * per_point
        width = max(room.width - 2 * margin, 1.0)
        height = max(room.height - 2 * margin - header, 1.0)
        bottom = room.y1 - margin - header - height
        left, width = span(room.x0 + margin, width, self.ncols, per_point, whole=whole)
        bottom, height = span(bottom, height, self.nrows, per_point, whole=whole)
        return Bbox.from_bounds(left, bottom, width, height)

    def _pixels(self, *, whole: bool) -> Pixels:
        widest_badge = float(self._parts.badge_widths.max())
        return card_pixels(self._host, self._rows, self._columns, widest_badge, whole=whole)

    def _sparkline_box(self, index: int, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        pixels = self._pixels(whole=whole)
        left, bottom = self._parts.sparkline_corners(pixels)[index]
        return Bbox.from_bounds(left, bottom, *sparkline_size(pixels))

    # Drawing

    def get_rasterized(self) -> bool:
        """Return whether the grid, or a part of it, is to be drawn as pixels.

        Then all of it is: a canvas of pixels has another resolution, and what lies on
        whole pixels has other places there.
        """
        parts = self.get_children()
        return bool(super().get_rasterized() or any(map(Artist.get_rasterized, parts)))

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream's has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the header and the cards: in bulk, or card by card with their roles."""
        if not self.get_visible():
            return
        with unnoticed(self.get_children()):
            self._place(renderer)
            writer = _accessible.svg_writer(renderer)
            if writer is None:
                self._draw_in_bulk(renderer)
            else:
                self._draw_with_roles(renderer, writer)
        self.stale = False

    def _place(self, renderer: RendererBase) -> None:
        """Put every part where it belongs now."""
        host, whole = self._host, is_raster(renderer)
        room = self.get_window_extent(renderer)
        edges = card_edges(host, self.nrows, self.ncols, whole=whole)
        alone = host.figure.axes == [host]
        behind = host.figure.get_facecolor() if alone else "none"
        colors = host.patch.get_facecolor(), behind
        self._header.paint(room, *colors)
        self._header.place(self._header_within(room), edges, self._per_point, whole=whole)
        pixels = self._pixels(whole=whole).within(host.bbox)
        self._cards_in_view = pixels.cards.tolist()
        self._parts.place(pixels)
        # What is all in view is not clipped: in SVG a clip path has an id, which differs
        # from run to run.
        self._parts.clip(None if self._all_in_view() else host.bbox)
        self._clip_card_axes(whole=whole)

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

    def _all_in_view(self) -> bool:
        left, right = sorted(self._host.get_xlim())
        top, bottom = sorted(self._host.get_ylim())
        return left <= 0 and top <= 0 and right >= self.ncols and bottom >= self.nrows

    def _draw_in_bulk(self, renderer: RendererBase) -> None:
        if is_raster(renderer):
            outlined = [*self._header.outlined, *self._parts.outlined]
            outlines = whole_lines(outlined, self._per_point)
        else:
            outlines = shared_outlines(self._parts)
        with outlines:
            for part in [*self._header.all, *self._parts.drawn]:
                part.draw(renderer)

    def _draw_with_roles(self, renderer: RendererBase, writer: SvgWriter) -> None:
        """Draw the parts card by card, each with what a screen reader says of it."""
        prefix = self._svg_prefix()
        text = _accessible.RepeatedText(renderer, writer, prefix)
        shown, pictured = (
            [_recorded(part, Recorder(renderer, text.draw_text)) for part in parts]
            for parts in (self._parts.shown, self._parts.pictured)
        )
        with _accessible.figure_element(writer, self.alt, prefix):
            with _accessible.element(writer, aria_hidden="true"):
                for part in self._header.all:
                    part.draw(renderer)
            if not self._cards_in_view:
                return
            with _accessible.element(writer, role="list"):
                for position in range(len(self._cards_in_view)):
                    self._draw_card(writer, position, shown, pictured)

    def _draw_card(
        self,
        writer: SvgWriter,
        position: int,
        shown: Sequence[Sequence[Operation]],
        pictured: Sequence[Sequence[Operation]],
    ) -> None:
        """Draw the card at a position among those in view."""
        index, n_cards = self._cards_in_view[position], len(self._cards_in_view)
        autopsy, state = self.shown, self.shown.state(index)
        label = self._look.wording.neuron_label(
            autopsy.ids[index], state, autopsy.peaks[index], autopsy.sample_counts[index]
        )
        with _accessible.element(writer, role="listitem", data_state=state):
            if shown:
                with _accessible.element(writer, aria_hidden="true"):
                    _carry_out(shown, position, n_cards)
            with _accessible.element(writer, role="img", aria_label=label):
                _carry_out(pictured, position, n_cards)

    def _place_in_figure(self) -> list[float]:
        """Return what tells this grid from an equal one in the same figure."""
        figure = self._host.get_figure(root=True)
        to_figure = Affine2D() if figure is None else figure.transFigure.inverted()
        corners = to_figure.transform(self._host.bbox.get_points())
        return [round(corner, 6) for corner in corners.ravel().tolist()]

    def _svg_prefix(self) -> str:
        """Return a prefix for ids, of this content alone: the same from run to run."""
        content = (
            self.get_gid(),
            self._place_in_figure(),
            self.alt,
            self._look.style,
            self.ncols,
            self.shown.ids,
            self.shown.sample_counts.tolist(),
            self.shown.peaks.tolist(),
        )
        digest = hashlib.sha256(repr(content).encode("utf-8", "replace"))
        return f"autopsy-{digest.hexdigest()[:16]}"


def _recorded(part: Artist, recorder: Recorder) -> list[Operation]:
    """Return what a part draws: in every pass over the cards, an operation a card."""
    part.draw(recorder)
    return recorder.operations


def _carry_out(parts: Sequence[Sequence[Operation]], position: int, n_cards: int) -> None:
    """Draw a card's share of each part: its own element of every pass over the cards."""
    for operations in parts:
        for operation in operations[position::n_cards]:
            operation()
