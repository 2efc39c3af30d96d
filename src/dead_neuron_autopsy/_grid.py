"""`AutopsyGrid` and `Card`: the artists, drawn in bulk.

The grid lives in one host Axes whose data coordinates are cards: the card in row r and
column c covers [c, c + 1] x [r, r + 1], y downwards. Every part of the cards is one
collection with an element a neuron. Where a part sits is worked out at every draw, in
display coordinates, from where the host's cards are and how large they are just then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba_array
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

from . import _accessible, _layout, _wording
from ._accessible import AltText, Operation, Recorder, SvgWriter
from ._diagnosis import Autopsy, State
from ._glyphs import Font, Labels, is_raster
from ._intake import History
from ._layout import CardLayout, HeaderLayout
from ._shapes import cross, dot, rounded_rectangle
from ._sparkline import activation_range, sample_range, sparkline_points
from ._style import Style

Locator = Callable[[Any, Any], Bbox]  # of an Axes and a renderer or None

_STATES: tuple[State, State] = ("alive", "dead")

#: What rcParams would otherwise put into artists as they are made.
_PLAIN_ARTISTS: dict[Any, Any] = {
    "lines.scale_dashes": True,
    "path.effects": [],
    "path.simplify": True,
    "path.simplify_threshold": 1 / 9,
    "path.sketch": None,
    "path.snap": True,
    # pytest-mpl's default style, classic, sets it, and dashes are then not scaled. There
    # is no public switch.
    "_internal.classic_mode": False,
}

#: Begins and, at the cards' natural width, ends with half a dash.
_DASHES = (2.0, (4.0, 4.0))

#: The most that a corner's radius takes of a card's shorter side.
_ROUNDEST_CORNER = 0.15

#: Below this many pixels a card, rounding it to whole pixels would waste too much.
_SMALLEST_WHOLE_CARD = 40


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
        return self._grid.autopsy.ids[self._index]

    @property
    def state(self) -> State:
        """The verdict, "alive" or "dead"."""
        return self._grid.autopsy.states[self._index]

    @property
    def peak(self) -> float:
        """max(\\|activation\\|), in the activations' own unit."""
        return float(self._grid.autopsy.peaks[self._index])

    @property
    def activations(self) -> History:
        """The neuron's history, read-only."""
        return self._grid.autopsy.histories[self._index]

    @property
    def axes(self) -> Axes:
        """An Axes over the sparkline, for marks of the caller's own.

        x is the sample's index from 0, y the activation. It is made the first time it
        is asked for, and moves with the card.
        """
        return self._grid.card_axes(self._index)


class _Pixels(NamedTuple):
    """Where the cards are now, in display coordinates (pixels, y upwards)."""

    per_point: float
    whole: bool
    lefts: NDArray[np.float64]
    tops: NDArray[np.float64]
    width: float
    height: float
    card: CardLayout

    def aligned(self, lengths: Any) -> Any:
        """Round to whole pixels on a raster canvas."""
        return _whole_pixels(lengths) if self.whole else lengths

    def line_widths(self, collection: Collection) -> NDArray[np.float64]:
        """Return the width of each card's line."""
        n_cards = len(self.lefts)
        return line_widths(collection, n_cards, self.per_point, whole=self.whole)


class AutopsyGrid(Artist):
    """The cards and the header of an autopsy, as one artist in one Axes.

    Made by `draw_autopsy` and `plot_autopsy`. Its parts are ordinary collections with
    one element a neuron, in the neurons' order, to restyle as any other.

    Attributes
    ----------
    autopsy : Autopsy
        What was found of the neurons.
    nrows, ncols : int
        Size of the grid, in cards.
    sparklines, midlines : matplotlib.collections.LineCollection
        The histories, and the dashed lines behind them.
    borders, badges : matplotlib.collections.PathCollection
        The cards' outlines and faces; the pills that the states stand in.
    marks : matplotlib.collections.PathCollection
        Stand in the badges' place on cards that are too small for words.
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
        self, autopsy: Autopsy, *, ncols: int, title: str, style: Style, margin: float
    ) -> None:
        super().__init__()
        self.autopsy = autopsy
        self.ncols = ncols
        self.nrows = _layout.rows_for(len(autopsy), ncols)
        self._title = title
        self._style = style
        self._margin = margin
        self._rows, self._columns = _layout.rows_and_columns(len(autopsy), ncols)
        self._too_small_for_words = False
        self._card_axes: dict[int, Axes] = {}
        self._state_numbers = autopsy.dead.astype(int)
        self.set_clip_on(False)
        known = {
            name: _PLAIN_ARTISTS[name] for name in _PLAIN_ARTISTS.keys() & mpl.rcParams
        }
        with mpl.rc_context(known):
            self._make_cards()
            self._make_header()

    def _make_cards(self) -> None:
        style, n_cards = self._style, len(self.autopsy)
        place_holders = [Path([(0, 0)])] * n_cards
        # Painting what is behind in its own colour would be a third of a border's time.
        painted = not same_color(style.card, style.background)
        self.borders = PathCollection(
            place_holders,
            facecolors=style.card if painted else "none",
            edgecolors=self._colors_by_state("border"),
            linewidths=self._border_widths(),
            **_EXACT,
        )
        self.badges = PathCollection(
            place_holders,
            facecolors=self._colors_by_state("badge"),
            edgecolors=self._colors_by_state("badge_border"),
            linewidths=style.badge_border_width,
            **_EXACT,
        )
        self.marks = PathCollection(
            place_holders,
            facecolors=self._colors_by_state("text"),
            edgecolors="none",
            linewidths=0.0,
            **_EXACT,
        )
        self.midlines = LineCollection(
            [[(0, 0.5), (1, 0.5)]] * n_cards,
            colors=self._colors_by_state("midline"),
            linewidths=style.midline_width,
            linestyles=[_DASHES],
            **_EXACT,
        )
        self.sparklines = LineCollection(
            sparkline_points(self.autopsy.histories),
            colors=self._colors_by_state("line"),
            linewidths=style.line_width,
            capstyle="round",
            joinstyle="round",
            **_EXACT,
        )
        self.id_labels = Labels(
            Font(style.id_font_family, "normal", _layout.ID_SIZE), style.neuron_id
        )
        self.state_labels = Labels(
            Font(style.font_family, "normal", _layout.STATE_SIZE),
            self._colors_by_state("text"),
            "center",
        )
        self.peak_labels = Labels(
            Font(style.font_family, "normal", _layout.PEAK_SIZE), style.faint
        )
        drawable = self.id_labels.font.typeface.drawable
        self._drawable_ids = [drawable(neuron_id) for neuron_id in self.autopsy.ids]

    def _by_state(self, name: str) -> list[Any]:
        return [getattr(self._style, f"{state}_{name}") for state in _STATES]

    def _colors_by_state(self, name: str) -> NDArray[np.float64]:
        colors = to_rgba_array(self._by_state(name))
        by_card: NDArray[np.float64] = colors[self._state_numbers]
        return by_card

    def _border_widths(self) -> Any:
        alive, dead = self._by_state("border_width")
        return alive if alive == dead else np.array([alive, dead])[self._state_numbers]

    def _make_header(self) -> None:
        style = self._style
        state = "dead" if self.autopsy.n_dead else "alive"
        self._background = Rectangle((0, 0), 0, 0, linewidth=0)
        self._title_label = Labels(
            Font(style.font_family, "bold", _layout.TITLE_SIZE), style.title
        )
        self._count_badge = PathCollection(
            [Path([(0, 0)])],
            facecolors=getattr(style, f"{state}_badge"),
            edgecolors=getattr(style, f"{state}_badge_border"),
            linewidths=style.badge_border_width,
            **_EXACT,
        )
        self._count_label = Labels(
            Font(style.font_family, "normal", _layout.COUNT_SIZE),
            getattr(style, f"{state}_text"),
            "center",
        )
        self._rule_label = Labels(
            Font(style.font_family, "normal", _layout.RULE_SIZE), style.faint
        )

    # What it says

    @property
    def title(self) -> str:
        """The title, as the caller gave it."""
        return self._title

    @property
    def alt_text(self) -> str:
        """The verdict in a sentence, under the title of the figure."""
        return _wording.summary(self.autopsy, self._name)

    @property
    def description(self) -> str:
        """The findings: which neurons are dead, where the highest peak is."""
        return self.autopsy.description

    @property
    def alt(self) -> AltText:
        """All that is said of this grid in a saved file."""
        return AltText(self._name, self.alt_text, self.description)

    @property
    def _name(self) -> str:
        return self._title.strip() or _wording.DEFAULT_TITLE

    # What it is made of

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        """The cards by their neurons' ids, in order."""
        places = zip(self._rows.tolist(), self._columns.tolist(), strict=True)
        return {
            neuron_id: Card(self, index, row, column)
            for index, (neuron_id, (row, column)) in enumerate(
                zip(self.autopsy.ids, places, strict=True)
            )
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
        for card in self.cards.values():
            axes[card.row, card.column] = card.axes
        return axes

    def card_axes(self, index: int) -> Axes:
        """Return the Axes of the card at a position; `Card.axes` is the way to it."""
        if index not in self._card_axes:
            history = self.autopsy.histories[index]
            axes = self._host.inset_axes((0, 0, 1, 1))
            axes.set_axis_off()
            axes.set_xlim(*sample_range(history))
            axes.set_ylim(*activation_range(history))
            axes.set_axes_locator(SparklineLocator(self, index))
            self._card_axes[index] = axes
        return self._card_axes[index]

    def get_children(self) -> list[Artist]:
        """Return all parts: those of the header, then those of the cards."""
        return [
            *self._header_parts,
            self.borders,
            self.badges,
            self.marks,
            self.id_labels,
            self.state_labels,
            self.peak_labels,
            *self._line_parts,
        ]

    @property
    def _header_parts(self) -> list[Artist]:
        return [
            self._background,
            self._title_label,
            self._count_badge,
            self._count_label,
            self._rule_label,
        ]

    @property
    def _shown_parts(self) -> list[Artist]:
        """What of a card is said by the label of its sparkline, in order of drawing."""
        if self._too_small_for_words:
            return [self.borders, self.marks]
        words = [self.id_labels, self.state_labels, self.peak_labels]
        return [self.borders, self.badges, *words]

    @property
    def _line_parts(self) -> list[Artist]:
        return [self.midlines, self.sparklines]

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
        host.set_facecolor(self._style.background)
        host.set_xlim(0, max(self.ncols, 1))
        host.set_ylim(max(self.nrows, 1), 0)
        host.set_axes_locator(CardsLocator(self, host.get_axes_locator()))
        host.add_artist(self)
        for part in self.get_children():
            part.axes = host
            part.set_figure(host.figure)
        host.apply_aspect(self._locator(host, None))

    def remove(self) -> None:
        """Remove the grid from its Axes, and give the Axes its room back."""
        host, room = self._host, self._locator.room
        for axes in self._card_axes.values():
            axes.remove()
        self._card_axes.clear()
        super().remove()
        host.set_axes_locator(room)  # type: ignore[arg-type]  # None is accepted

    @property
    def _locator(self) -> CardsLocator:
        locator = self._host.get_axes_locator()
        if isinstance(locator, CardsLocator):
            return locator
        # savefig(bbox_inches="tight") pins every Axes for the time of saving.
        return CardsLocator(self, None)

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:
        """Return the room that the header and the cards have, in display coordinates."""
        return self._locator.room_of(self._host, renderer)

    def header_for(self, room: Bbox) -> HeaderLayout:
        """Return the header that fits into a room given in display coordinates."""
        points = 72 / self._host.figure.dpi
        header = header_layout(
            self.autopsy,
            self._title,
            self._style,
            room.width * points - 2 * self._margin,
        )
        height = room.height * points - 2 * self._margin
        return _layout.header_within(header, height, self.nrows)

    def cards_within(self, room: Bbox, *, whole: bool) -> Bbox:
        """Return where the cards are in a room, gaps included; display coordinates.

        On a raster canvas a card gets whole pixels, so that all gaps are the same.
        """
        per_point = self._host.figure.dpi / 72
        margin = self._margin * per_point
        header = self.header_for(room).height * per_point
        width = max(room.width - 2 * margin, 1.0)
        height = max(room.height - 2 * margin - header, 1.0)
        left, width = _span(room.x0 + margin, width, self.ncols, per_point, whole=whole)
        bottom, height = _span(room.y0 + margin, height, self.nrows, per_point, whole=whole)
        return Bbox.from_bounds(left, bottom, width, height)

    def sparkline_box(self, index: int, *, whole: bool) -> Bbox:
        """Return where a card's sparkline is, in display coordinates."""
        pixels = self._pixels(whole=whole)
        left, bottom = self._sparkline_corners(pixels)[index]
        return Bbox.from_bounds(left, bottom, *self._sparkline_size(pixels))

    def _pixels(self, *, whole: bool) -> _Pixels:
        host = self._host
        per_point = host.figure.dpi / 72
        origin, unit = host.transData.transform([(0, 0), (1, 1)])
        step = unit - origin
        sizes = np.abs(step)
        gaps = np.array([_layout.gap_of(size / per_point) * per_point for size in sizes])
        lefts = origin[0] + step[0] * self._columns + gaps[0] / 2
        tops = origin[1] + step[1] * self._rows - gaps[1] / 2
        if whole:
            lefts, tops, sizes, gaps = map(_whole_pixels, (lefts, tops, sizes, gaps))
        width, height = (sizes - gaps).tolist()
        layout = _layout.card_layout(
            width / per_point, height / per_point, max(self._badge_widths)
        )
        return _Pixels(per_point, whole, lefts, tops, width, height, layout)

    @property
    def _badge_widths(self) -> list[float]:
        measure = self.state_labels.font.measure
        return [_layout.badge_width(measure(state)) for state in _STATES]

    def _sparkline_size(self, pixels: _Pixels) -> tuple[float, float]:
        box = pixels.card.sparkline
        return box.width * pixels.per_point, box.height * pixels.per_point

    def _sparkline_corners(self, pixels: _Pixels) -> NDArray[np.float64]:
        """Return the lower left corners that put every midline onto a row of pixels."""
        box = pixels.card.sparkline
        # A line of odd width lies on pixels, not between two.
        shift = pixels.line_widths(self.midlines) % 2 / 2 if pixels.whole else 0.0
        lefts = pixels.lefts + pixels.aligned(box.left * pixels.per_point)
        middles = pixels.tops - pixels.aligned(box.middle * pixels.per_point) + shift
        half = self._sparkline_size(pixels)[1] / 2
        return np.column_stack([lefts, middles - half])

    # Drawing

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream's has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the header and the cards: in bulk, or card by card with their roles."""
        if not self.get_visible():
            return
        self._place(renderer)
        writer = _accessible.svg_writer(renderer)
        if writer is None:
            parts = [*self._header_parts, *self._shown_parts, *self._line_parts]
            with self._whole_outlines(renderer):
                for part in parts:
                    part.draw(renderer)
        else:
            self._draw_with_roles(renderer, writer)
        self.stale = False

    @contextmanager
    def _whole_outlines(self, renderer: RendererBase) -> Iterator[None]:
        """Draw outlines as wide as the whole pixels that they were given room for."""
        outlined = [
            part
            for part in (self.borders, self.badges, self._count_badge)
            if part.get_paths()
        ]
        asked_for = [part.get_linewidth() for part in outlined]
        if is_raster(renderer):
            per_point = self._host.figure.dpi / 72
            for part in outlined:
                count = len(part.get_paths())
                whole = line_widths(part, count, per_point, whole=True)
                part.set_linewidth((whole / per_point).tolist())
        yield
        for part, points in zip(outlined, asked_for, strict=True):
            part.set_linewidth(points)

    def _place(self, renderer: RendererBase) -> None:
        """Put every part where it belongs now."""
        whole = is_raster(renderer)
        self._place_header(renderer, whole=whole)
        pixels = self._pixels(whole=whole)
        self._place_borders(pixels)
        self._place_badges(pixels)
        self._place_words(pixels)
        self._place_lines(pixels)
        self._clip_cards()

    def _place_borders(self, pixels: _Pixels) -> None:
        radius = min(
            _layout.CORNER_RADIUS * pixels.per_point,
            _ROUNDEST_CORNER * min(pixels.width, pixels.height),
        )
        lines = pixels.line_widths(self.borders)
        corners = [pixels.lefts + lines / 2, pixels.tops - pixels.height + lines / 2]
        outlines = {
            line: rounded_rectangle(pixels.width - line, pixels.height - line, radius)
            for line in set(lines.tolist())
        }
        self.borders.set_paths([outlines[line] for line in lines.tolist()])
        self.borders.set_offsets(np.column_stack(corners))

    def _place_badges(self, pixels: _Pixels) -> None:
        """Put each state's pill where its word has room, and its mark where it has not."""
        self._too_small_for_words = pixels.card.words is None
        box = pixels.card.badge
        rights = pixels.lefts + pixels.aligned(box.right * pixels.per_point)
        tops = pixels.tops - pixels.aligned(box.top * pixels.per_point)
        height = float(pixels.aligned(box.height * pixels.per_point))
        if self._too_small_for_words:
            marks = (dot(height), cross(height))
            self.marks.set_paths([marks[state] for state in self._state_numbers])
            self.marks.set_offsets(np.column_stack([rights - height, tops - height]))
        else:
            self._place_pills(pixels, rights, tops, height)

    def _place_pills(
        self,
        pixels: _Pixels,
        rights: NDArray[np.float64],
        tops: NDArray[np.float64],
        height: float,
    ) -> None:
        lines = pixels.line_widths(self.badges)
        widths = pixels.aligned(np.array(self._badge_widths) * pixels.per_point)
        pills = {
            (state, line): rounded_rectangle(widths[state] - line, height - line, height)
            for state in range(len(_STATES))
            for line in set(lines.tolist())
        }
        keys = zip(self._state_numbers.tolist(), lines.tolist(), strict=True)
        lefts = rights - widths[self._state_numbers]
        self.badges.set_paths([pills[key] for key in keys])
        self.badges.set_offsets(
            np.column_stack([lefts + lines / 2, tops - height + lines / 2])
        )

    def _place_words(self, pixels: _Pixels) -> None:
        words = pixels.card.words
        for labels in (self.id_labels, self.state_labels, self.peak_labels):
            labels.place([], [])
        if words is None:
            return
        autopsy, scale = self.autopsy, pixels.per_point

        def places(xs: Any, baseline: float) -> NDArray[np.float64]:
            return np.column_stack(
                [pixels.lefts + xs * scale, pixels.tops - baseline * scale]
            )

        measure = self.id_labels.font.measure
        self.id_labels.place(
            (
                _layout.shortened(neuron_id, words.id_width, measure)
                for neuron_id in self._drawable_ids
            ),
            places(words.neuron_id.x, words.neuron_id.baseline),
        )
        centres = words.state.x - np.array(self._badge_widths) / 2
        self.state_labels.place(
            autopsy.states, places(centres[self._state_numbers], words.state.baseline)
        )
        if words.peak is not None:
            self.peak_labels.place(
                map(_wording.peak_line, autopsy.peaks.tolist(), autopsy.sample_counts),
                places(words.peak.x, words.peak.baseline),
            )

    def _place_lines(self, pixels: _Pixels) -> None:
        to_pixels = Affine2D().scale(*self._sparkline_size(pixels))
        corners = self._sparkline_corners(pixels)
        for lines in (self.midlines, self.sparklines):
            lines.set_transform(to_pixels)
            lines.set_offsets(corners)

    def _clip_cards(self) -> None:
        """Cut the cards off at the host's edge, if a part of them is out of view.

        Else nothing is clipped: a clip path has an id in SVG that differs from run to
        run.
        """
        host = self._host
        (left, right), (top, bottom) = sorted(host.get_xlim()), sorted(host.get_ylim())
        in_view = left <= 0 and top <= 0 and right >= self.ncols and bottom >= self.nrows
        for part in [*self._shown_parts, *self._line_parts]:
            part.set_clip_box(host.bbox)
            part.set_clip_on(not in_view)

    def _place_header(self, renderer: RendererBase, *, whole: bool) -> None:
        room = self.get_window_extent(renderer)
        self._background.set_bounds(*room.bounds)
        self._background.set_transform(IdentityTransform())
        self._background.set_facecolor(self._host.patch.get_facecolor())
        header = self.header_for(room)
        scale = self._host.figure.dpi / 72
        left, right, top = self._cards_edges(whole=whole)
        top += header.height * scale
        _put_lines(self._title_label, header.title, left, top, scale)
        _put_lines(self._rule_label, header.rule, left, top, scale)
        self._count_badge.set_visible(header.count_box is not None)
        self._count_label.place([], [])
        if header.count_box is None:
            return
        width, height = header.count_box.width * scale, header.count_box.height * scale
        badge_top = top - header.count_box.top * scale
        if whole:
            badge_top, width, height = map(_whole_pixels, (badge_top, width, height))
        badge_left = left if header.count_box.left == 0 else right - width
        badge_bottom = badge_top - height
        line = float(line_widths(self._count_badge, 1, scale, whole=whole)[0])
        self._count_badge.set_paths(
            [rounded_rectangle(width - line, height - line, height)]
        )
        self._count_badge.set_offsets([(badge_left + line / 2, badge_bottom + line / 2)])
        self._count_label.place(
            [_wording.count_badge(self.autopsy.n_dead, len(self.autopsy))],
            [(badge_left + width / 2, top - header.count_baseline * scale)],
        )

    def _cards_edges(self, *, whole: bool) -> tuple[float, float, float]:
        """Return the left, right and top edge of all cards, if none is out of view."""
        per_point = self._host.figure.dpi / 72
        box = self._host.bbox
        gaps = [
            _layout.gap_of(length / per_point / max(count, 1)) * per_point
            for length, count in ((box.width, self.ncols), (box.height, self.nrows))
        ]
        if whole:
            gaps = [_whole_pixels(gap) for gap in gaps]
        left, top = box.x0 + gaps[0] / 2, box.y1 - gaps[1] / 2
        if whole:
            left = _whole_pixels(left)
        return left, left + box.width - gaps[0], top

    def _draw_with_roles(self, renderer: RendererBase, writer: SvgWriter) -> None:
        """Draw the parts card by card, each with what a screen reader says of it."""
        prefix = self._svg_prefix()
        text = _accessible.RepeatedText(renderer, writer, prefix)
        shown, lines = (
            [_recorded(part, Recorder(renderer, text.draw_text)) for part in parts]
            for parts in (self._shown_parts, self._line_parts)
        )
        with _accessible.figure_element(writer, self.alt, prefix):
            with _accessible.element(writer, aria_hidden="true"):
                for part in self._header_parts:
                    part.draw(renderer)
            if not len(self.autopsy):
                return
            with _accessible.element(writer, role="list"):
                for index in range(len(self.autopsy)):
                    self._draw_card(writer, index, shown, lines)

    def _draw_card(
        self,
        writer: SvgWriter,
        index: int,
        shown: Sequence[Sequence[Operation]],
        lines: Sequence[Sequence[Operation]],
    ) -> None:
        autopsy = self.autopsy
        label = _wording.neuron_label(
            autopsy.ids[index],
            autopsy.states[index],
            float(autopsy.peaks[index]),
            autopsy.sample_counts[index],
        )
        with ExitStack() as card:
            card.enter_context(
                _accessible.element(
                    writer, role="listitem", data_state=autopsy.states[index]
                )
            )
            with _accessible.element(writer, aria_hidden="true"):
                _carry_out(shown, index, len(autopsy))
            with _accessible.element(writer, role="img", aria_label=label):
                _carry_out(lines, index, len(autopsy))

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
            self._title,
            self._style,
            self.ncols,
            self.autopsy.dead_threshold,
            self.autopsy.ids,
            self.autopsy.sample_counts,
            self.autopsy.peaks.tolist(),
        )
        digest = hashlib.sha256(repr(content).encode("utf-8", "replace"))
        return f"autopsy-{digest.hexdigest()[:16]}"


class CardsLocator:
    """Keeps a host Axes on the cards, within the room that the Axes had before.

    Parameters
    ----------
    grid : AutopsyGrid
        The grid in that Axes.
    room : callable, optional
        The locator that the Axes had before, if any.
    """

    def __init__(self, grid: AutopsyGrid, room: Locator | None) -> None:
        self._grid = grid
        self.room: Locator | None = room.room if isinstance(room, CardsLocator) else room
        self._whole = False

    def __call__(self, host: Any, renderer: RendererBase | None) -> Bbox:
        """Return the Axes' position, in fractions of its figure."""
        if renderer is not None:
            self._whole = is_raster(renderer)
        room = self.room_of(host, renderer)
        cards = self._grid.cards_within(room, whole=self._whole)
        return _in_fractions(cards, host)

    def room_of(self, host: Axes, renderer: RendererBase | None) -> Bbox:
        """Return the room of the Axes before it was put on the cards."""
        room = (
            host.get_position(original=True)
            if self.room is None
            else self.room(host, renderer)
        )
        return Bbox(room.transformed(host.figure.transSubfigure).get_points())

    def get_subplotspec(self) -> SubplotSpec | None:
        """Return the host's, where `Figure.tight_layout` looks for it."""
        if self.room is None:
            return self._grid.axes.get_subplotspec() if self._grid.axes else None
        ask = getattr(self.room, "get_subplotspec", None)
        return ask() if callable(ask) else None


class SparklineLocator:
    """Keeps a card's Axes on its sparkline."""

    def __init__(self, grid: AutopsyGrid, index: int) -> None:
        self._grid = grid
        self._index = index

    def __call__(self, axes: Any, renderer: RendererBase | None) -> Bbox:
        """Return the Axes' position, in fractions of its figure."""
        whole = renderer is not None and is_raster(renderer)
        box = self._grid.sparkline_box(self._index, whole=whole)
        return _in_fractions(box, axes)


def header_layout(autopsy: Autopsy, title: str, style: Style, width: float) -> HeaderLayout:
    """Return the header of an autopsy for a width in points."""
    fonts = [
        Font(style.font_family, "bold", _layout.TITLE_SIZE),
        Font(style.font_family, "normal", _layout.COUNT_SIZE),
        Font(style.font_family, "normal", _layout.RULE_SIZE),
    ]
    measure_title, measure_count, measure_rule = (font.measure for font in fonts)
    return _layout.header_layout(
        width,
        fonts[0].typeface.drawable(title),
        _wording.count_badge(autopsy.n_dead, len(autopsy)),
        _wording.rule(autopsy.dead_threshold, autopsy.sample_counts),
        measure_title=measure_title,
        measure_count=measure_count,
        measure_rule=measure_rule,
    )


#: Pixels are reckoned here: neither rcParams nor the renderer may move a line.
_EXACT: dict[str, Any] = {
    "antialiaseds": True,
    "snap": False,
    "offsets": np.zeros((1, 2)),
    "offset_transform": IdentityTransform(),
    "transform": Affine2D(),  # RendererBase cannot translate an IdentityTransform
}


def _whole_pixels(lengths: Any) -> Any:
    """Round to whole pixels; what lies half-way goes up on every machine alike."""
    return np.floor(lengths + (0.5 + 1e-3))


def line_widths(
    collection: Collection, count: int, per_point: float, *, whole: bool
) -> NDArray[np.float64]:
    """Return the widths of a collection's lines in pixels; on a raster canvas whole."""
    points = np.atleast_1d(np.asarray(collection.get_linewidth(), dtype=float))
    widths = np.resize(points * per_point, count)
    if not whole:
        return widths
    return np.where(widths > 0, np.maximum(np.round(widths), 1.0), 0.0)


def _in_fractions(box: Bbox, axes: Axes) -> Bbox:
    to_fractions = axes.figure.transSubfigure.inverted()
    return Bbox(to_fractions.transform(box.get_points()))


def _put_lines(
    labels: Labels,
    lines: Sequence[_layout.Line],
    left: float,
    top: float,
    scale: float,
) -> None:
    labels.place(
        [line.text for line in lines],
        [(left, top - line.baseline * scale) for line in lines],
    )


def _span(
    start: float, length: float, n_cards: int, per_point: float, *, whole: bool
) -> tuple[float, float]:
    """Return start and length of what cards and half a gap on either side take up.

    The cards fill a length of pixels; where it is *whole* pixels, as nearly as they can.
    """
    count = max(n_cards, 1)
    pitch = _layout.pitch_of(length / per_point, count) * per_point
    gap = _layout.gap_of(pitch / per_point) * per_point
    if whole and pitch >= _SMALLEST_WHOLE_CARD:
        pitch, gap = np.floor(pitch + 1e-6), _whole_pixels(gap)
        start = np.floor(start + (length + gap - pitch * count) / 2 + 1e-3)
    return start - gap / 2, pitch * count


def _recorded(part: Artist, recorder: Recorder) -> list[Operation]:
    part.draw(recorder)
    return recorder.operations


def _carry_out(parts: Sequence[Sequence[Operation]], index: int, n_cards: int) -> None:
    """Draw a card's share of each part: its own element of every pass over the cards."""
    for operations in parts:
        for operation in operations[index::n_cards]:
            operation()


def check_host(host: object) -> Axes:
    """Return *host* if an autopsy can be drawn in it."""
    if not isinstance(host, Axes):
        raise TypeError(
            f"ax: must be a matplotlib Axes; got {type(host).__name__}. For a Figure, "
            "use plot_autopsy(..., fig=...)."
        )
    if host.name != "rectilinear":
        raise ValueError(f"ax: must be rectilinear; got a {host.name!r} projection.")
    if any(isinstance(child, AutopsyGrid) for child in host.get_children()):
        raise ValueError("ax: holds an autopsy already; call ax.clear() first.")
    for axis, shared in (
        ("x", host.get_shared_x_axes()),
        ("y", host.get_shared_y_axes()),
    ):
        if len(shared.get_siblings(host)) > 1:
            raise ValueError(
                f"ax: shares its {axis} axis, whose limits the cards would change in "
                "the other Axes too; make it without sharing."
            )
    return host


def host_axes(figure: Figure | SubFigure) -> Axes:
    """Add an Axes as large as a figure, or as large as its layout engine makes it."""
    whole = figure.add_gridspec(1, 1, left=0.0, right=1.0, bottom=0.0, top=1.0)
    return figure.add_subplot(whole[0, 0])
