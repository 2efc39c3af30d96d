"""The parts of the cards and of the header: their looks and their positions."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence, Set
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba, to_rgba_array
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout import places as _layout
from .._layout.places import Anchor, Box, CardLayout, GridPlan, HeaderLayout, Line
from .._layout.sparkline import sparkline_points
from .._verdict.autopsy import Autopsy, State, refuse_changes
from .._verdict.groups import GroupCounts, id_within
from .._verdict.selection import Selection
from .._words import fitting, phrases
from .._words.labels import distinct_labels
from .._words.wording import Wording, shown_if_not_all
from .elements import (
    EXACT,
    NO_PATH,
    AnyCollection,
    dashes_to_set,
    exact_paths,
    of_some,
    plain,
    sparkline_path,
)
from .pixels import Edges, Pixels, heading_places, line_widths, snap
from .shapes import cross, dot, rounded_rectangle
from .style import Style
from .text import Font, Labels

_STATES: tuple[State, State] = ("alive", "dead")

#: In line widths. At a card's natural width, the midline begins and ends with half a dash.
_DASHES = (2.0, (4.0, 4.0))

#: The largest corner radius, as a share of a card's shorter side.
_ROUNDEST_CORNER = 0.15

_MIDLINE = Path([(0.0, 0.5), (1.0, 0.5)])

#: Fewest places per point at which lines are drawn: a document has no pixels to go by.
_PLACES_A_POINT = 2

CardPixels: TypeAlias = Pixels[CardLayout]


class Appearance(NamedTuple):
    """A figure's title, its style and its words."""

    title: str
    style: Style
    wording: Wording


def _lines(paths: Sequence[Path], **look: Any) -> LineCollection:
    lines = plain(LineCollection([], **EXACT, **look))
    _set_paths(lines, paths)
    return lines


def _set_paths(lines: LineCollection, paths: Sequence[Path]) -> None:
    # LineCollection.set_paths would rebuild every path.
    Collection.set_paths(lines, paths)


class CardParts:
    """The parts of all cards: one artist of each kind, with one element per card.

    With every card in view, the parts themselves are drawn; else copies of them that
    hold only the elements in view. A card with room for everything::

        +-- border ------------------+
        | id                 (badge) |
        |                            |
        | - sparkline over midline - |
        | peak                       |
        +----------------------------+

    On smaller cards a mark replaces the badge.
    """

    natural_size = (_layout.CARD_WIDTH, _layout.CARD_HEIGHT)

    def __init__(self, selection: Selection, look: Appearance) -> None:
        autopsy = selection.shown
        self._autopsy = autopsy
        self._group_names = [
            group.name for group in selection.groups for _ in range(group.n_shown)
        ]
        self._style = look.style
        self._wording = look.wording
        self._state_numbers = autopsy.dead.astype(int)
        self._lines: tuple[bytes, int, list[Path]] = (b"", 0, [])
        self._ids_in_view: tuple[tuple[str, ...], float, list[str]] = ((), 0.0, [])
        self._make_outlines()
        self._make_lines()
        self._make_words()
        self._copies: dict[Collection, Collection] = {}
        self.shown: list[Artist] = []
        self.pictured: list[Artist] = []

    def _make_outlines(self) -> None:
        style, unknown = self._style, [NO_PATH] * len(self._autopsy)
        alive_width, dead_width = self._by_state("border_width")
        widths = np.array([alive_width, dead_width])[self._state_numbers]
        self.borders = exact_paths(
            unknown,
            facecolors=style.card,
            edgecolors=self._colors("border"),
            linewidths=alive_width if alive_width == dead_width else widths,
        )
        self.badges = exact_paths(
            unknown,
            facecolors=self._colors("badge"),
            edgecolors=self._colors("badge_border"),
            linewidths=style.badge_border_width,
        )
        self.marks = exact_paths(
            unknown, facecolors=self._colors("text"), edgecolors="none", linewidths=0.0
        )

    def _make_lines(self) -> None:
        width = float(self._style.midline_width)
        offset, lengths = _DASHES
        dashes = offset * width, [length * width for length in lengths]
        self.midlines = _lines(
            [_MIDLINE] * len(self._autopsy),
            colors=self._colors("midline"),
            linewidths=width,
            linestyles=[dashes_to_set(dashes, width)],
        )
        self.sparklines = _lines(
            [NO_PATH] * len(self._autopsy),
            colors=self._colors("line"),
            linewidths=self._style.line_width,
            capstyle="round",
            joinstyle="round",
        )

    def _make_words(self) -> None:
        style = self._style
        id_font = Font(style.id_font_family, "normal", _layout.ID_SIZE)
        state_font = Font(style.font_family, "normal", _layout.STATE_SIZE)
        peak_font = Font(style.font_family, "normal", _layout.PEAK_SIZE)
        self.id_labels = Labels(id_font, style.neuron_id)
        self.state_labels = Labels(state_font, self._colors("text"), "center")
        self.peak_labels = Labels(peak_font, style.faint)

    def _by_state(self, name: str) -> list[Any]:
        return [getattr(self._style, f"{state}_{name}") for state in _STATES]

    def _colors(self, name: str) -> NDArray[np.float64]:
        by_state = to_rgba_array(self._by_state(name))
        by_card: NDArray[np.float64] = by_state[self._state_numbers]
        return by_card

    @property
    def all(self) -> list[Artist]:
        """All parts, drawn now or not."""
        labels = [self.id_labels, self.state_labels, self.peak_labels]
        lines = [self.midlines, self.sparklines]
        return [self.borders, self.badges, self.marks, *labels, *lines]

    @property
    def drawn(self) -> list[Artist]:
        """The parts drawn now, in drawing order."""
        return [*self.shown, *self.pictured]

    @property
    def outlined(self) -> list[Collection]:
        """The parts drawn now whose lines are whole pixels on a raster canvas."""
        outlines = [part for part in self.drawn if isinstance(part, PathCollection)]
        return [part for part in outlines if len(part.get_paths())]

    @cached_property
    def _state_words(self) -> list[str]:
        drawable = self.state_labels.font.typeface.drawable
        return [drawable(phrases.state_word(self._wording, state)) for state in _STATES]

    @cached_property
    def badge_widths(self) -> NDArray[np.float64]:
        """The widths of a living and of a dead neuron's badge, in points."""
        measure = self.state_labels.font.measure
        return np.array([_layout.badge_width(measure(word)) for word in self._state_words])

    def layout(self, width: float, height: float) -> CardLayout:
        """Return where the parts sit in a card of the given size in points."""
        return _layout.card_layout(width, height, float(self.badge_widths.max()))

    def in_view(self, pixels: CardPixels, view: Bbox) -> CardPixels:
        """Return the cards that overlap a box."""
        return pixels.within(view)

    def place(
        self, pixels: CardPixels, headed: Set[str], background: ColorType | None
    ) -> None:
        """Move the parts onto the cards in view, and set `shown` and `pictured`.

        Parameters
        ----------
        pixels : Pixels
            The cards in view.
        headed : set of str
            The groups whose headings can be read now.
        background : color or None
            The colour behind the cards, if known.
        """
        self._copies.clear()
        for labels in (self.id_labels, self.state_labels, self.peak_labels):
            labels.place([], [])
        card = pixels.card
        borders = self._without_hidden_faces(self._placed_borders(pixels), background)
        if card.detail == "tile":
            self.shown, self.pictured = [], [borders]
        else:
            self.shown, self.pictured = [borders], self._placed_lines(pixels)
        if card.badge is not None:
            self.shown.append(self._placed_badges(pixels, card.badge))
        if card.neuron_id is not None:
            self.shown += self._placed_words(pixels, card.neuron_id, headed)
        if card.mark is not None:
            over = self.shown if card.detail == "compact" else self.pictured
            over.append(self._placed_marks(pixels, card.mark))
        if len(pixels.cards) < pixels.n_cards:
            for part in self.all:
                if isinstance(part, Collection):
                    self._tell_apart(part, pixels)

    def _in_view(self, part: AnyCollection, pixels: CardPixels) -> AnyCollection:
        """Return the part if all cards are in view, else a copy with those that are."""
        if len(pixels.cards) == pixels.n_cards:
            return part
        some = of_some(part, pixels.cards)
        self._copies[part] = some
        return some

    def _tell_apart(self, part: Collection, pixels: CardPixels) -> None:
        """Keep picking on the full collection while a subset, or nothing, is drawn."""
        paths, offsets = [NO_PATH] * pixels.n_cards, np.full((pixels.n_cards, 2), np.nan)
        some = self._copies.get(part)
        if some is not None:
            for card, path in zip(pixels.cards.tolist(), some.get_paths(), strict=True):
                paths[card] = path
            offsets[pixels.cards] = some.get_offsets()
            part.set_transform(some.get_transform())
        Collection.set_paths(part, paths)
        part.set_offsets(offsets)

    def sparkline_corners(self, pixels: CardPixels) -> NDArray[np.float64]:
        """Return the lower left corners that put every midline on a row of pixels."""
        box = pixels.card.sparkline
        lefts = pixels.lefts + pixels.aligned(box.left * pixels.per_point)
        middles = self._sparkline_middles(pixels)
        return np.column_stack([lefts, middles - sparkline_size(pixels)[1] / 2])

    def _sparkline_middles(self, pixels: CardPixels) -> NDArray[np.float64]:
        box = pixels.card.sparkline
        middles: NDArray[np.float64] = pixels.tops - pixels.aligned(
            box.middle * pixels.per_point
        )
        if not pixels.whole:
            return middles
        return middles + pixels.line_widths(self.midlines) % 2 / 2

    def _placed_borders(self, pixels: CardPixels) -> PathCollection:
        radius = min(
            _layout.CORNER_RADIUS * pixels.per_point,
            _ROUNDEST_CORNER * min(pixels.width, pixels.height),
        )
        lines = pixels.line_widths(self.borders)
        outlines = {
            line: rounded_rectangle(pixels.width - line, pixels.height - line, radius)
            for line in set(lines.tolist())
        }
        bottoms = pixels.tops - pixels.height
        borders = self._in_view(self.borders, pixels)
        borders.set_paths([outlines[line] for line in lines.tolist()])
        borders.set_offsets(
            np.column_stack([pixels.lefts + lines / 2, bottoms + lines / 2])
        )
        return borders

    def _without_hidden_faces(
        self, borders: PathCollection, background: ColorType | None
    ) -> PathCollection:
        """Return borders without faces if these match the colour behind the cards.

        Painting the faces takes a third of a border's time. Where nothing is behind the
        cards, as in a transparent picture, we omit faces in the style's background colour.
        """
        if background is None:
            return borders
        borders.update_scalarmappable()
        faces: Any = borders.get_facecolor()
        behind: Any = background if to_rgba(background)[3] else self._style.background
        hidden = len(faces) > 0 and all(same_color(face, behind) for face in faces)
        if not hidden:
            return borders
        bare = copy.copy(borders)
        bare.set_facecolor("none")
        return bare

    def _placed_badges(self, pixels: CardPixels, box: Box) -> PathCollection:
        rights, bottoms, height = _edges_of(pixels, box)
        widths = pixels.aligned(self.badge_widths * pixels.per_point)
        lines = pixels.line_widths(self.badges)
        pills = {
            (state, line): rounded_rectangle(width - line, height - line, height)
            for state, width in enumerate(widths.tolist())
            for line in set(lines.tolist())
        }
        states = self._state_numbers[pixels.cards]
        kinds = zip(states.tolist(), lines.tolist(), strict=True)
        lefts = rights - widths[states]
        badges = self._in_view(self.badges, pixels)
        badges.set_paths([pills[kind] for kind in kinds])
        badges.set_offsets(np.column_stack([lefts + lines / 2, bottoms + lines / 2]))
        return badges

    def _placed_marks(self, pixels: CardPixels, box: Box) -> PathCollection:
        """Put a cross on dead neurons; on compact cards, a dot on living ones."""
        rights, bottoms, size = _edges_of(pixels, box)
        kinds = [NO_PATH, cross(size)]
        if pixels.card.detail == "compact":
            kinds[0] = dot(size)
        elif pixels.card.detail == "tile":
            kinds[1] = rounded_rectangle(pixels.width, pixels.height, 0.0)
            size = pixels.width
        elif pixels.card.detail == "id":
            if pixels.whole:  # the same number of pixels above and below the midline
                size -= (size + pixels.line_widths(self.midlines).max(initial=0)) % 2
                kinds[1] = cross(size)
            bottoms = self._sparkline_middles(pixels) - size / 2
        marks = self._in_view(self.marks, pixels)
        marks.set_paths([kinds[state] for state in self._state_numbers[pixels.cards]])
        marks.set_offsets(np.column_stack([rights - size, bottoms]))
        return marks

    def _placed_words(
        self, pixels: CardPixels, id_anchor: Anchor, headed: Set[str]
    ) -> list[Labels]:
        card, cards = pixels.card, pixels.cards.tolist()
        ids = self._drawn_ids(cards, card.id_width, headed)
        self.id_labels.place(ids, pixels.at(*id_anchor), cards)
        if card.badge is None:
            return [self.id_labels]
        states = self._state_numbers[pixels.cards]
        centres = (card.badge.right - self.badge_widths / 2)[states]
        words = [self._state_words[state] for state in states]
        self.state_labels.place(words, pixels.at(centres, id_anchor.baseline), cards)
        if card.peak is None:
            return [self.id_labels, self.state_labels]
        self.peak_labels.place(self._peak_lines(pixels), pixels.at(*card.peak), cards)
        return [self.id_labels, self.state_labels, self.peak_labels]

    def _drawn_ids(self, cards: Sequence[int], width: float, headed: Set[str]) -> list[str]:
        """Return ids that fit; if not all do, omit the names in readable headings."""
        drawable, measure = (
            self.id_labels.font.typeface.drawable,
            self.id_labels.font.measure,
        )
        ids = [self._autopsy.ids[index] for index in cards]
        if self._group_names and self._widest_id > width:
            names = [self._group_names[index] for index in cards]
            ids = [
                id_within(neuron_id, name) if name in headed else neuron_id
                for neuron_id, name in zip(ids, names, strict=True)
            ]
        whole = tuple(map(drawable, ids))
        if self._ids_in_view[:2] != (whole, width):  # otherwise it is the same view again
            shortened = [fitting.shortened(one, width, measure) for one in whole]
            if len(set(shortened)) < len(set(whole)):
                # Two neurons that look the same, one dead and one alive, would be worse
                # than ids that give up more of what they have in common.
                shortened = distinct_labels(whole, width, measure)
            self._ids_in_view = whole, width, shortened
        return self._ids_in_view[2]

    @cached_property
    def _widest_id(self) -> float:
        font = self.id_labels.font
        drawable = map(font.typeface.drawable, self._autopsy.ids)
        return max(map(font.measure, drawable), default=0.0)

    def _peak_lines(self, pixels: CardPixels) -> list[str]:
        font, width = self.peak_labels.font, pixels.card.sparkline.width
        peaks = self._autopsy.peaks[pixels.cards].tolist()
        counts = self._autopsy.sample_counts[pixels.cards].tolist()
        lines = map(partial(phrases.peak_line, self._wording), peaks, counts)
        drawable, measure = map(font.typeface.drawable, lines), font.measure
        return [fitting.shortened(line, width, measure) for line in drawable]

    def _placed_lines(self, pixels: CardPixels) -> list[Artist]:
        width, height = sparkline_size(pixels)
        midlines, sparklines = (
            self._in_view(part, pixels) for part in (self.midlines, self.sparklines)
        )
        _set_paths(midlines, [_MIDLINE] * len(pixels.cards))
        _set_paths(sparklines, self._visible_lines(pixels, width))
        corners = self.sparkline_corners(pixels)
        for lines in (midlines, sparklines):
            lines.set_transform(Affine2D().scale(width, height))
            lines.set_offsets(corners)
        # On small cards, a dash or two would look like specks. Dashes of no width have no
        # length either, which document formats reject.
        without = pixels.card.detail == "sparkline" or not np.any(midlines.get_linewidth())
        return [sparklines] if without else [midlines, sparklines]

    def _visible_lines(self, pixels: CardPixels, width: float) -> list[Path]:
        """Return the sparklines; only the living where a cross covers the dead."""
        lines = self._points(pixels, width)
        if pixels.card.mark is None or pixels.card.detail == "compact":
            return lines
        dead = self._autopsy.dead[pixels.cards].tolist()
        return [
            NO_PATH if is_dead else path for is_dead, path in zip(dead, lines, strict=True)
        ]

    def _points(self, pixels: CardPixels, width: float) -> list[Path]:
        """Return the sparklines in view, as finely resolved as can be seen."""
        n_bins = math.ceil(width * max(1.0, _PLACES_A_POINT / pixels.per_point))
        wanted = pixels.cards.tobytes()
        if self._lines[:2] != (wanted, n_bins):
            refuse_changes(self._seen(pixels))
            histories = self._autopsy.histories_of(pixels.cards.tolist())
            paths = list(map(sparkline_path, sparkline_points(histories, n_bins)))
            self._lines = (wanted, n_bins, paths)
        return self._lines[2]

    def _seen(self, pixels: CardPixels) -> Autopsy:
        if len(pixels.cards) == pixels.n_cards:
            return self._autopsy
        return self._autopsy.take(pixels.cards.tolist())


def sparkline_size(pixels: CardPixels) -> tuple[float, float]:
    """Return the width and the height of every sparkline."""
    box = pixels.card.sparkline
    return box.width * pixels.per_point, box.height * pixels.per_point


def _edges_of(
    pixels: CardPixels, box: Box
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the right edges, the lower edges and the height of badges or marks."""
    height = float(pixels.aligned(box.height * pixels.per_point))
    rights = pixels.lefts + pixels.aligned(box.right * pixels.per_point)
    tops = pixels.tops - pixels.aligned(box.top * pixels.per_point)
    return rights, tops - height, height


class HeaderParts:
    """The background, the title, the count and the rule.

    Where the width allows::

        title               (count)
        rule
    """

    def __init__(self, autopsy: Autopsy, n_shown: int, look: Appearance) -> None:
        self._autopsy = autopsy
        self._n_shown = n_shown
        self._look = look
        self._laid_out: tuple[float, HeaderLayout] | None = None
        self.least_height = 0.0
        style = look.style
        state = "dead" if autopsy.n_dead else "alive"
        title_font, count_font, rule_font = _header_fonts(style)
        self._background = plain(
            Rectangle((0, 0), 0, 0, linewidth=0, antialiased=True, snap=False)
        )
        self._background.set_transform(IdentityTransform())
        self.title_label = Labels(title_font, style.title)
        self.count_badge = exact_paths(
            [NO_PATH],
            facecolors=getattr(style, f"{state}_badge"),
            edgecolors=getattr(style, f"{state}_badge_border"),
            linewidths=style.badge_border_width,
        )
        self.count_label = Labels(count_font, getattr(style, f"{state}_text"), "center")
        self.rule_label = Labels(rule_font, style.faint)

    @property
    def all(self) -> list[Artist]:
        """All parts, in drawing order."""
        labels = [self.count_label, self.rule_label]
        return [self._background, self.title_label, self.count_badge, *labels]

    @property
    def outlined(self) -> list[Collection]:
        """The parts whose lines must be whole pixels on a raster canvas."""
        return [self.count_badge]

    def layout(self, width: float) -> HeaderLayout:
        """Return the header's layout for a width in points."""
        if self._laid_out is None or self._laid_out[0] != width:
            header = header_layout(self._autopsy, self._n_shown, self._look, width)
            height = max(header.height, self.least_height)
            self._laid_out = width, header._replace(height=height)
        return self._laid_out[1]

    @property
    def paints(self) -> bool:
        """Whether the header paints the background of itself and of the cards."""
        return self._background.get_visible()

    def paint(self, room: Bbox, color: ColorType, behind: ColorType) -> None:
        """Paint the background of header and cards, unless it looks so already."""
        seen = to_rgba(color)[3] > 0 and not same_color(color, behind)
        self._background.set_visible(seen)
        self._background.set_bounds(*room.bounds)
        self._background.set_facecolor(color)

    def place(
        self, header: HeaderLayout, edges: Edges, per_point: float, *, whole: bool
    ) -> None:
        """Put the header above the cards; hide what the layout has no room for."""
        top = edges.top + header.height * per_point
        _place_lines(self.title_label, header.title, edges.left, top, per_point)
        _place_lines(self.rule_label, header.rule, edges.left, top, per_point)
        self.count_badge.set_visible(header.count_box is not None)
        self.count_label.place([], [])
        if header.count_box is None:
            return
        width, height, above = (
            length * per_point
            for length in (
                header.count_box.width,
                header.count_box.height,
                header.count_box.top,
            )
        )
        upper = top - above
        if whole:
            width, height, upper = map(snap, (width, height, upper))
        bottom = upper - height
        left = edges.left if header.count_box.left == 0 else edges.right - width
        line = line_widths(self.count_badge, np.arange(1), per_point, whole=whole)[0]
        pill = rounded_rectangle(width - line, height - line, height)
        self.count_badge.set_paths([pill])
        self.count_badge.set_offsets([(left + line / 2, bottom + line / 2)])
        self.count_label.place(
            [_count_words(self._autopsy, self._look)],
            [(left + width / 2, top - header.count_baseline * per_point)],
        )


class HeadingParts:
    """The headings above each group's cards."""

    def __init__(self, look: Appearance) -> None:
        self._wording = look.wording
        font = Font(look.style.font_family, "bold", _layout.HEADING_SIZE)
        self.labels = Labels(font, look.style.title)

    def place(
        self,
        groups: Sequence[GroupCounts],
        host: Axes,
        places: GridPlan,
        edges: Edges,
        *,
        whole: bool,
    ) -> frozenset[str]:
        """Put headings above the cards in view; where they have no room, hide them.

        Returns
        -------
        frozenset of str
            The groups whose headings can be read now.
        """
        corners, widths, height = heading_places(host, places, edges, whole=whole)
        per_point = host.figure.dpi / 72
        rise = _layout.heading_rise(height / per_point)
        self.labels.place([], [])
        if rise is None or not len(corners):
            return frozenset()
        box, bottoms = host.bbox, corners[:, 1]
        in_view = np.flatnonzero(
            (bottoms < box.y1) & (bottoms + height > box.y0) & (widths > 0)
        )
        rooms = zip(in_view.tolist(), widths[in_view] / per_point, strict=True)
        self.labels.place(
            [self._words(groups[index], float(room)) for index, room in rooms],
            corners[in_view] + [0.0, rise * per_point],
        )
        letters = (rise + _layout.HEADING_SIZE) * per_point
        read = in_view[bottoms[in_view] + letters <= box.y1]
        return frozenset(groups[index].name for index in read.tolist())

    def _words(self, group: GroupCounts, width: float) -> str:
        """Return a heading that fits: with its name shortened, or only its name."""
        drawable, measure = self.labels.font.typeface.drawable, self.labels.font.measure
        words = drawable(phrases.heading(self._wording, group))
        if measure(words) <= width:
            return words
        counts = drawable(phrases.heading(self._wording, group._replace(name="")))
        room, name = width - measure(counts), drawable(group.name)
        if room < measure("0…0"):
            return fitting.shortened(name, width, measure)
        name = fitting.shortened(name, room, measure)
        return drawable(phrases.heading(self._wording, group._replace(name=name)))


def _place_lines(
    labels: Labels, lines: Sequence[Line], left: float, top: float, per_point: float
) -> None:
    labels.place(
        [line.text for line in lines],
        [(left, top - line.baseline * per_point) for line in lines],
    )


def _header_fonts(style: Style) -> tuple[Font, Font, Font]:
    return (
        Font(style.font_family, "bold", _layout.TITLE_SIZE),
        Font(style.font_family, "normal", _layout.COUNT_SIZE),
        Font(style.font_family, "normal", _layout.RULE_SIZE),
    )


def _count_words(autopsy: Autopsy, look: Appearance) -> str:
    words = phrases.count_badge(look.wording, autopsy.n_dead, len(autopsy))
    return _header_fonts(look.style)[1].typeface.drawable(words)


def header_layout(
    autopsy: Autopsy, n_shown: int, look: Appearance, width: float
) -> HeaderLayout:
    """Return the header of an autopsy with *n_shown* cards, for a width in points."""
    title_font, count_font, rule_font = _header_fonts(look.style)
    left_out = shown_if_not_all(look.wording, n_shown, len(autopsy))
    rule = phrases.header_line(look.wording, autopsy, n_shown)
    return _layout.header_layout(
        width,
        title_font.typeface.drawable(look.title),
        _count_words(autopsy, look),
        rule_font.typeface.drawable(rule),
        title_font.typeface.drawable(left_out),
        measure_title=title_font.measure,
        measure_count=count_font.measure,
        measure_rule=rule_font.measure,
    )
