"""`Panel`: a header and, below it, cards in rows, as one artist in one Axes.

The panel lives in a host Axes whose data coordinates count cards. Without headings, the
card in row r and column c covers [c, c + 1] x [r, r + 1], with half a gap on each side::

    0      1      2  x
    +------+------+
    | card | card |
    +------+------+ 1
    | card | card |
    +------+------+ 2
                    y

Every draw computes where the parts sit, from the current position and size of the cards.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import nullcontext
from typing import Any, Generic, Protocol, TypeAlias

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent, RendererBase
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import Affine2D, Bbox
from matplotlib.typing import ColorType

from .._layout import places as _layout
from .._layout.places import NOWHERE, GridPlan, HeaderLayout
from .._verdict.autopsy import Autopsy
from .._verdict.groups import GroupCounts, counts_of
from .._words import phrases
from .._words.wording import AltText, Wording
from . import svg as _accessible
from .elements import clip, draw_in_bulk, only, unnoticed, whole_lines
from .parts import Appearance, HeaderParts, HeadingParts
from .pixels import (
    CardsLocator,
    PartsLayout,
    Pixels,
    card_edges,
    card_pixels,
    room_of,
    span,
    steady,
)
from .svg import Operation, Recorder, SvgWriter
from .text import is_raster

#: The operations that draw each card's share of a part.
OfCards: TypeAlias = Sequence[Sequence[Operation]]


class Parts(Protocol[PartsLayout]):
    """The parts of all cards: one artist of each kind, with one element per card."""

    natural_size: tuple[float, float]
    shown: list[Artist]
    pictured: list[Artist]

    @property
    def all(self) -> list[Artist]:
        """All parts, drawn now or not."""

    @property
    def drawn(self) -> list[Artist]:
        """The parts drawn now, in drawing order."""

    @property
    def outlined(self) -> list[Collection]:
        """The parts drawn now whose lines are whole pixels on a raster canvas."""

    def layout(self, width: float, height: float) -> PartsLayout:
        """Return where the parts sit in a card of the given size in points."""

    def in_view(self, pixels: Pixels[PartsLayout], view: Bbox) -> Pixels[PartsLayout]:
        """Return the cards to draw when only a box is in view."""

    def place(
        self, pixels: Pixels[PartsLayout], headed: Set[str], background: ColorType | None
    ) -> None:
        """Move the parts onto the cards in view, and set `shown` and `pictured`.

        *headed* names the groups whose headings can be read now; *background* is the
        colour behind the cards, or None if it may be anything.
        """


class Panel(Generic[PartsLayout], Artist):  # Artist.__init_subclass__ calls no super
    """A header and, below it, cards in rows, as one artist in one Axes.

    Parameters
    ----------
    autopsy : Autopsy
        All neurons.
    look : Appearance
        Title, style and words.
    parts : Parts
        What the cards consist of.
    n_shown : int
        How many neurons are shown.
    groups : sequence of GroupCounts
        The groups that are drawn.
    all_groups : sequence of GroupCounts
        All groups of the neurons, for the alt text.
    margin : float
        The margin around the panel, in points.
    """

    def __init__(
        self,
        autopsy: Autopsy,
        look: Appearance,
        parts: Parts[PartsLayout],
        *,
        n_shown: int,
        groups: Sequence[GroupCounts],
        all_groups: Sequence[GroupCounts],
        margin: float,
    ) -> None:
        super().__init__()
        self.autopsy = autopsy
        self._look = look
        self._parts = parts
        self._n_shown = n_shown
        self._groups = tuple(groups)
        self._all_groups = tuple(all_groups)
        self._margin = margin
        self._places_in: tuple[tuple[float, ...], GridPlan] = ((), NOWHERE)
        self._in_view: list[int] = []
        #: Whether the last draw gave each card its role; a raster canvas has no roles.
        self.has_roles = False
        self.set_clip_on(False)
        self._header = HeaderParts(autopsy, n_shown, look)
        self._headings = HeadingParts(look)

    # Words

    @property
    def title(self) -> str:
        """The title as drawn."""
        return self._look.title

    @property
    def alt_text(self) -> str:
        """The title and the verdict, in a sentence each."""
        return self.alt.summary

    @property
    def description(self) -> str:
        """The findings: which neurons are dead, where the highest peak is."""
        return self.alt.description

    @property
    def wording(self) -> Wording:
        """The words drawn, and those for screen readers."""
        return self._look.wording

    @property
    def alt(self) -> AltText:
        """Everything that a saved file says about this panel."""
        look = self._look
        return look.wording.alt_text(
            self.autopsy, look.title, self._n_shown, self._all_groups
        )

    @abstractmethod
    def _card_attributes(self, index: int) -> dict[str, str]:
        """Return the attributes of a card's SVG element, besides its role."""

    @abstractmethod
    def _card_label(self, index: int) -> str:
        """Return the words that a screen reader says in place of a card's picture."""

    @abstractmethod
    def _content(self) -> object:
        """Return what tells this panel from others of its kind; its repr enters ids."""

    # Parts

    def get_children(self) -> list[Artist]:
        """Return all parts: of the header, the headings and the cards."""
        return [*self._header.all, self._headings.labels, *self._parts.all]

    # Position

    @property
    def _host(self) -> Axes:
        if not isinstance(self.axes, Axes):
            raise RuntimeError(  # noqa: TRY004  no argument is at fault
                f"This {type(self).__name__} is in no Axes: it has been removed."
            )
        return self.axes

    @abstractmethod
    def _places_within(self, width: float, height: float) -> GridPlan:
        """Return where the cards stand in a room of the given size in points."""

    @property
    def _places(self) -> GridPlan:
        return self._places_in[1]

    def _place_within(self, room: Bbox) -> None:
        """Place the cards anew if the size of their room has changed."""
        width, height = (round(length, 3) for length in self._points_of(room))
        if self._places_in[0] != (width, height):
            below = height - self._header.layout(width).height
            self._places_in = (width, height), self._places_within(width, below)

    def _follow(self, room: Bbox) -> None:
        """Keep headings at their height in points, and a view of all cards complete."""
        host, before = self._host, self._ends
        self._place_within(room)
        if self._ends == before:
            return
        host.dataLim.set_points(np.array([(0.0, 0.0), self._ends]))
        if sorted(host.get_ylim()) == [0.0, before[1]]:
            up, down = (0.0, self._ends[1])[:: -1 if host.yaxis_inverted() else 1]
            host.set_ylim(up, down, auto=None)

    @property
    def _ends(self) -> tuple[float, float]:
        """The right and the bottom end of the cards, in data coordinates."""
        return float(max(self._places.ncols, 1)), float(max(self._places.height, 1))

    def _points_of(self, room: Bbox) -> tuple[float, float]:
        """Return the size of a room without its margins, in points."""
        around = 2 * self._margin
        return room.width / self._per_point - around, room.height / self._per_point - around

    @property
    def n_cards(self) -> int:
        """The number of cards."""
        return len(self._places.rows)

    @property
    def nrows(self) -> int:
        """The number of rows of cards."""
        return self._places.nrows

    def attach(self, host: Axes, background: ColorType | None = None) -> None:
        """Take over an Axes: its limits, its frame, and its position within its room.

        Parameters
        ----------
        host : matplotlib.axes.Axes
            The Axes; it holds no other panel.
        background : color, optional
            The Axes' background. "none" lets the figure's show. Default: the style's.
        """
        host.add_artist(self)
        try:
            for part in self.get_children():
                part.axes = host
                part.set_figure(host.figure)
            self._place_within(self.get_window_extent())
        except BaseException:  # so far, nothing else of the Axes has changed
            super().remove()
            raise
        host.set_axis_off()
        host.set(xscale="linear", yscale="linear")
        host.set_facecolor(
            self._look.style.background if background is None else background
        )
        right, bottom = self._ends
        host.margins(0)
        host.set(xlim=(0, right), ylim=(bottom, 0))
        # Autoscaling fits the data limits, so it shows exactly the cards.
        host.dataLim.set_points(np.array([(0.0, 0.0), (right, bottom)]))
        locator = CardsLocator(host, self._cards_within)
        locator.hold()
        host.apply_aspect(locator(host, None))

    def remove(self) -> None:
        """Remove the panel from its Axes, and give the Axes its room back."""
        host = self._host
        locator = host.get_axes_locator()
        super().remove()
        if isinstance(locator, CardsLocator):
            locator.let_go()

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:
        """Return the room of the header and the cards, in display coordinates."""
        locator = self._host.get_axes_locator()
        # While it saves, savefig(bbox_inches="tight") pins every Axes by a locator.
        before = locator.room if isinstance(locator, CardsLocator) else None
        return room_of(self._host, before, renderer)

    @property
    def _per_point(self) -> float:
        return self._host.figure.dpi / 72

    def _header_within(self, room: Bbox) -> HeaderLayout:
        width, height = self._points_of(room)
        card_height = self._proportional_height(width, self._places.ncols)
        return _layout.header_within(
            self._header.layout(width), height, self.nrows, card_height
        )

    def _proportional_height(self, width: float, ncols: int) -> float:
        """Return the height of cards in proportion, at most their natural height."""
        pitch = _layout.pitch_of(width, max(ncols, 1))
        natural_width, natural_height = self._parts.natural_size
        share = min(1.0, (pitch - _layout.gap_of(pitch)) / natural_width)
        return share * natural_height

    def _cards_within(self, room: Bbox, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        """Return where the cards are in a room, with half a gap around them."""
        if self.axes is None:  # the host has been cleared, and has its room back
            return room
        room = steady(room)
        self._follow(room)
        per_point, places = self._per_point, self._places
        margin = self._margin * per_point
        header = self._header_within(room).height * per_point
        width = max(room.width - 2 * margin, 1.0)
        height = max(room.height - 2 * margin - header, 1.0)
        bottom = room.y1 - margin - header - height
        left, width = span(room.x0 + margin, width, places.ncols, per_point, whole=whole)
        bottom, height = span(bottom, height, places.height, per_point, whole=whole)
        return Bbox.from_bounds(left, bottom, width, height)

    def _pixels(self, *, whole: bool) -> Pixels[PartsLayout]:
        return card_pixels(self._host, self._places, self._parts.layout, whole=whole)

    def contains(self, mouseevent: MouseEvent) -> tuple[bool, dict[str, Any]]:
        """Return whether the pointer is on a card, and which one, as "ind"."""
        host, figure = self.axes, self.get_figure(root=True)
        if not isinstance(host, Axes) or not (host.get_visible() and self.get_visible()):
            return False, {}
        elsewhere = figure is None or mouseevent.canvas is not figure.canvas
        if elsewhere or not host.bbox.fully_contains(mouseevent.x, mouseevent.y):
            return False, {}
        x, y = host.transData.inverted().transform((mouseevent.x, mouseevent.y))
        places = self._places
        found = np.flatnonzero(
            (places.columns == np.floor(x)) & (places.tops <= y) & (y < places.tops + 1)
        )
        return len(found) > 0, {"ind": found}

    # Drawing

    def get_rasterized(self) -> bool:
        """Return whether the panel or any of its parts is to be rasterized.

        If one is, all are: a raster canvas has another resolution, and snapping to its
        whole pixels moves the parts.
        """
        parts = self.get_children()
        return bool(super().get_rasterized() or any(map(Artist.get_rasterized, parts)))

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the header and the cards: in bulk, or card by card with roles in SVG."""
        if not self.get_visible():
            return
        with unnoticed(self.get_children()):
            self._place(renderer)
            writer = _accessible.svg_writer(renderer)
            self.has_roles = writer is not None
            if writer is None:
                self._draw_in_bulk(renderer)
            else:
                self._draw_with_roles(renderer, writer)
        self.stale = False

    def _place(self, renderer: RendererBase) -> None:
        """Put every part where it belongs for this draw."""
        host, whole = self._host, is_raster(renderer)
        room, places = steady(self.get_window_extent(renderer)), self._places
        edges = card_edges(host, places.height, places.ncols, whole=whole)
        alone = host.figure.axes == [host]
        behind = host.figure.get_facecolor() if alone else "none"
        colors = host.patch.get_facecolor(), behind
        self._header.paint(room, *colors)
        self._header.place(self._header_within(room), edges, self._per_point, whole=whole)
        headed = self._headings.place(self._groups, host, places, edges, whole=whole)
        pixels = self._parts.in_view(self._pixels(whole=whole), host.bbox)
        self._in_view = pixels.cards.tolist()
        self._parts.place(pixels, headed, self._color_behind(host))
        # Clip only where something is out of view: an SVG clip path has an id, which
        # differs from run to run.
        box = None if self._all_in_view() else host.bbox
        clip([*self._parts.drawn, self._headings.labels], box)

    def _color_behind(self, host: Axes) -> ColorType | None:
        """Return the colour behind the cards; None if it may be anything."""
        color: ColorType = host.patch.get_facecolor()
        if self._header.paints:
            return color
        if self._something_is_behind(host):
            return None
        for figure in _figures_of(host):
            if to_rgba(color)[3] == 0 and figure.patch.get_visible():
                color = figure.get_facecolor()
        return color

    def _something_is_behind(self, host: Axes) -> bool:
        """Return whether anything but plain colours may be drawn below the panel."""
        own = set(host.get_children()) - {self, host.patch}
        below = [one for one in own if one.zorder <= self.zorder]
        for figure in _figures_of(host):
            if figure.patch.get_hatch():
                return True
            others = set(figure.get_children()) - {figure.patch, host, *figure.subfigs}
            others -= {axes for axes in figure.axes if not axes.bbox.overlaps(host.bbox)}
            below += [one for one in others if one.zorder <= host.zorder]
        return any(one.get_visible() for one in below)

    def _all_in_view(self) -> bool:
        left, right = sorted(self._host.get_xlim())
        top, bottom = sorted(self._host.get_ylim())
        sides = right >= self._places.ncols and bottom >= self._places.height
        return left <= 0 and top <= 0 and sides

    def _draw_in_bulk(self, renderer: RendererBase) -> None:
        outlined = [*self._header.outlined, *self._parts.outlined]
        with (
            whole_lines(outlined, self._per_point) if is_raster(renderer) else nullcontext()
        ):
            for part in [*self._header.all, self._headings.labels, *self._parts.drawn]:
                draw_in_bulk(part, renderer)

    def _draw_with_roles(self, renderer: RendererBase, writer: SvgWriter) -> None:
        """Draw card by card, each with the words that a screen reader says of it."""
        prefix, n_cards = self._svg_prefix(), len(self._in_view)
        text = _accessible.RepeatedText(renderer, writer, prefix)
        shown, pictured = (
            [_card_by_card(part, n_cards, renderer, text.draw_text) for part in parts]
            for parts in (self._parts.shown, self._parts.pictured)
        )
        with _accessible.figure_element(writer, self.alt, prefix):
            with _accessible.element(writer, aria_hidden="true"):
                for part in [*self._header.all, self._headings.labels]:
                    part.draw(renderer)
            for group, positions in self._lists():
                words = "" if group is None else phrases.group_label(self.wording, group)
                with (
                    _accessible.element(writer, role="group", aria_label=words)
                    if group
                    else nullcontext(),
                    _accessible.element(writer, role="list"),
                ):
                    for position in positions:
                        self._draw_card(writer, position, shown, pictured)

    def _lists(self) -> Iterator[tuple[GroupCounts | None, list[int]]]:
        """Yield each group with its cards in view, as positions among those in view."""
        first, in_view = 0, np.array(self._in_view)
        groups: Sequence[GroupCounts | None] = self._groups if self._is_grouped else [None]
        counts = counts_of(self._groups if self._is_grouped else (), len(self._places.rows))
        for group, count in zip(groups, counts, strict=True):
            positions = np.flatnonzero((first <= in_view) & (in_view < first + count))
            if len(positions):
                yield group, positions.tolist()
            first += count

    @property
    def _is_grouped(self) -> bool:
        """Whether the cards stand in groups, under headings."""
        return self._places.headings.height > 0

    def _draw_card(
        self,
        writer: SvgWriter,
        position: int,
        shown: Sequence[OfCards],
        pictured: Sequence[OfCards],
    ) -> None:
        """Draw the card at *position* among those in view."""
        index = self._in_view[position]
        attributes = self._card_attributes(index)
        with _accessible.element(writer, role="listitem", **attributes):
            if shown:
                with _accessible.element(writer, aria_hidden="true"):
                    _carry_out(shown, position)
            label = self._card_label(index)
            with _accessible.element(writer, role="img", aria_label=label):
                _carry_out(pictured, position)

    def _place_in_figure(self) -> list[float]:
        """Return what tells this panel from an equal one in the same figure."""
        figure = self._host.get_figure(root=True)
        to_figure = Affine2D() if figure is None else figure.transFigure.inverted()
        corners = to_figure.transform(self._host.bbox.get_points())
        return [round(corner, 6) for corner in corners.ravel().tolist()]

    def _svg_prefix(self) -> str:
        """Return a prefix for ids that depends on content alone, not on the run."""
        content: tuple[Any, ...] = (
            self.get_gid(),
            self._place_in_figure(),
            self.alt,
            self._look.style,
            self._content(),
        )
        digest = hashlib.sha256(repr(content).encode("utf-8", "replace"))
        return f"autopsy-{digest.hexdigest()[:16]}"


def _figures_of(host: Axes) -> Iterator[Figure | SubFigure]:
    """Yield the figures that contain an Axes, the innermost first."""
    figure = host.get_figure(root=False)
    while figure is not None:
        yield figure
        figure = None if isinstance(figure, Figure) else figure.get_figure(root=False)


def _card_by_card(
    part: Artist, n_cards: int, renderer: RendererBase, draw_text: Callable[..., None]
) -> OfCards:
    """Return the operations that draw each card's share of a part."""

    def recorded(artist: Artist) -> list[Operation]:
        recorder = Recorder(renderer, draw_text)
        artist.draw(recorder)
        return recorder.operations

    operations = recorded(part)
    # A part draws its elements in one or more passes, each with one operation per card.
    # Path effects draw each element several times, and elements without a place are
    # skipped: then we record each card alone.
    in_passes = not part.get_path_effects() and len(operations) % max(n_cards, 1) == 0
    if in_passes or not isinstance(part, Collection):
        return [operations[position::n_cards] for position in range(n_cards)]
    return [recorded(only(part, position)) for position in range(n_cards)]


def _carry_out(parts: Sequence[OfCards], position: int) -> None:
    """Draw one card's share of each part."""
    for operations in parts:
        for operation in operations[position]:
            operation()
