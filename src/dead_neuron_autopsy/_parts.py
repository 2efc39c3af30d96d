"""The parts of the cards and of the header: how they look, and where they are put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba_array
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from . import _layout
from ._diagnosis import Autopsy, State
from ._glyphs import Font, Labels
from ._layout import HeaderLayout, Line, Words
from ._pixels import Edges, Pixels, line_widths, whole_pixels
from ._shapes import cross, dot, rounded_rectangle
from ._sparkline import sparkline_points
from ._style import Style
from ._wording import Wording

_STATES: tuple[State, State] = ("alive", "dead")

#: Begins and, at the cards' natural width, ends with half a dash.
_DASHES = (2.0, (4.0, 4.0))

#: The most that a corner's radius takes of a card's shorter side.
_ROUNDEST_CORNER = 0.15

#: Where a part is put is reckoned here: nothing else may move a line.
_EXACT: dict[str, Any] = {
    "antialiaseds": True,
    "snap": False,
    "offsets": np.zeros((1, 2)),
    "offset_transform": IdentityTransform(),
    "transform": Affine2D(),  # RendererBase cannot translate an IdentityTransform
}

#: What stands in a collection until it is known how large a card is.
_NO_PATH = Path([(0, 0)])

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


class Look(NamedTuple):
    """What a figure is called, how it looks, and what words it uses."""

    title: str
    style: Style
    wording: Wording


def _paths(paths: Sequence[Path], **look: Any) -> PathCollection:
    return PathCollection(paths, **_EXACT, **look)


def _lines(lines: Sequence[Any], **look: Any) -> LineCollection:
    return LineCollection(lines, **_EXACT, **look)


@contextmanager
def plain_artists() -> Iterator[None]:
    """Make artists that do not depend on the caller's rcParams."""
    names = _PLAIN_ARTISTS.keys() & mpl.rcParams
    with mpl.rc_context({name: _PLAIN_ARTISTS[name] for name in names}):
        yield


class CardParts:
    """The parts of all cards: of each kind one artist, with one element a neuron."""

    def __init__(self, autopsy: Autopsy, look: Look) -> None:
        self._autopsy = autopsy
        self._style = look.style
        self._wording = look.wording
        self._state_numbers = autopsy.dead.astype(int)
        self._has_words = True
        self._make_outlines()
        self._make_lines()
        self._make_words()

    def _make_outlines(self) -> None:
        style, unknown = self._style, [_NO_PATH] * len(self._autopsy)
        # Painting what is behind in its own colour would be a third of a border's time.
        painted = not same_color(style.card, style.background)
        alive_width, dead_width = self._by_state("border_width")
        widths = np.array([alive_width, dead_width])[self._state_numbers]
        self.borders = _paths(
            unknown,
            facecolors=style.card if painted else "none",
            edgecolors=self._colors("border"),
            linewidths=alive_width if alive_width == dead_width else widths,
        )
        self.badges = _paths(
            unknown,
            facecolors=self._colors("badge"),
            edgecolors=self._colors("badge_border"),
            linewidths=style.badge_border_width,
        )
        self.marks = _paths(
            unknown, facecolors=self._colors("text"), edgecolors="none", linewidths=0.0
        )

    def _make_lines(self) -> None:
        self.midlines = _lines(
            [[(0, 0.5), (1, 0.5)]] * len(self._autopsy),
            colors=self._colors("midline"),
            linewidths=self._style.midline_width,
            linestyles=[_DASHES],
        )
        self.sparklines = _lines(
            sparkline_points(self._autopsy.histories),
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
        drawable = id_font.typeface.drawable
        self._drawable_ids = [drawable(neuron_id) for neuron_id in self._autopsy.ids]

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
        return [self.borders, self.badges, self.marks, *labels, *self.pictured]

    @property
    def shown(self) -> list[Artist]:
        """The parts drawn now whose meaning is in the sparkline's label."""
        if not self._has_words:
            return [self.borders, self.marks]
        labels = [self.id_labels, self.state_labels, self.peak_labels]
        return [self.borders, self.badges, *labels]

    @property
    def pictured(self) -> list[Artist]:
        """The parts of the sparkline, which is drawn over the others."""
        return [self.midlines, self.sparklines]

    @property
    def outlined(self) -> list[Collection]:
        """The parts whose lines have to be whole pixels on a raster canvas."""
        return [self.borders, self.badges] if len(self._autopsy) else []

    @property
    def _state_words(self) -> list[str]:
        drawable = self.state_labels.font.typeface.drawable
        return [drawable(self._wording.state(state)) for state in _STATES]

    @property
    def badge_widths(self) -> NDArray[np.float64]:
        """The widths of the badges of the living and of the dead, in points."""
        measure = self.state_labels.font.measure
        return np.array([_layout.badge_width(measure(word)) for word in self._state_words])

    def place(self, pixels: Pixels) -> None:
        """Put every part where its card is."""
        words = pixels.card.words
        self._has_words = words is not None
        self._place_borders(pixels)
        if words is None:
            self._place_marks(pixels)
        else:
            self._place_badges(pixels)
            self._place_words(pixels, words)
        self._place_lines(pixels)

    def clip(self, box: Bbox | None) -> None:
        """Cut all parts off at the edges of a box, or not at all."""
        for part in self.all:
            part.set_clip_box(box)
            part.set_clip_on(box is not None)

    def sparkline_corners(self, pixels: Pixels) -> NDArray[np.float64]:
        """Return the lower left corners that put every midline onto a row of pixels."""
        box = pixels.card.sparkline
        lefts = pixels.lefts + pixels.aligned(box.left * pixels.per_point)
        middles = pixels.tops - pixels.aligned(box.middle * pixels.per_point)
        if pixels.whole:
            middles += pixels.line_widths(self.midlines) % 2 / 2
        return np.column_stack([lefts, middles - sparkline_size(pixels)[1] / 2])

    def _place_borders(self, pixels: Pixels) -> None:
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
        self.borders.set_paths([outlines[line] for line in lines.tolist()])
        self.borders.set_offsets(
            np.column_stack([pixels.lefts + lines / 2, bottoms + lines / 2])
        )

    def _place_badges(self, pixels: Pixels) -> None:
        rights, bottoms, height = _badge_edges(pixels)
        widths = pixels.aligned(self.badge_widths * pixels.per_point)
        lines = pixels.line_widths(self.badges)
        pills = {
            (state, line): rounded_rectangle(width - line, height - line, height)
            for state, width in enumerate(widths.tolist())
            for line in set(lines.tolist())
        }
        kinds = zip(self._state_numbers.tolist(), lines.tolist(), strict=True)
        lefts = rights - widths[self._state_numbers]
        self.badges.set_paths([pills[kind] for kind in kinds])
        self.badges.set_offsets(np.column_stack([lefts + lines / 2, bottoms + lines / 2]))

    def _place_marks(self, pixels: Pixels) -> None:
        rights, bottoms, size = _badge_edges(pixels)
        marks = (dot(size), cross(size))
        self.marks.set_paths([marks[state] for state in self._state_numbers])
        self.marks.set_offsets(np.column_stack([rights - size, bottoms]))

    def _place_words(self, pixels: Pixels, words: Words) -> None:
        def places(x: Any, baseline: float) -> NDArray[np.float64]:
            return np.column_stack(
                [
                    pixels.lefts + x * pixels.per_point,
                    pixels.tops - baseline * pixels.per_point,
                ]
            )

        measure = self.id_labels.font.measure
        ids = [
            _layout.shortened(neuron_id, words.id_width, measure)
            for neuron_id in self._drawable_ids
        ]
        centres = (words.state.x - self.badge_widths / 2)[self._state_numbers]
        self.id_labels.place(ids, places(words.neuron_id.x, words.neuron_id.baseline))
        states = [self._state_words[state] for state in self._state_numbers]
        self.state_labels.place(states, places(centres, words.state.baseline))
        if words.peak is None:
            self.peak_labels.place([], [])
        else:
            peaks = self._peak_lines(pixels.card.sparkline.width)
            self.peak_labels.place(peaks, places(words.peak.x, words.peak.baseline))

    def _peak_lines(self, width: float) -> list[str]:
        autopsy, font = self._autopsy, self.peak_labels.font
        lines = map(self._wording.peak_line, autopsy.peaks.tolist(), autopsy.sample_counts)
        drawable, measure = map(font.typeface.drawable, lines), font.measure
        return [_layout.shortened(line, width, measure) for line in drawable]

    def _place_lines(self, pixels: Pixels) -> None:
        to_pixels = Affine2D().scale(*sparkline_size(pixels))
        corners = self.sparkline_corners(pixels)
        for lines in (self.midlines, self.sparklines):
            lines.set_transform(to_pixels)
            lines.set_offsets(corners)


def sparkline_size(pixels: Pixels) -> tuple[float, float]:
    """Return the width and height of the sparklines."""
    box = pixels.card.sparkline
    return box.width * pixels.per_point, box.height * pixels.per_point


def _badge_edges(
    pixels: Pixels,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the right and lower edges of badges or marks, and their height."""
    box = pixels.card.badge
    height = float(pixels.aligned(box.height * pixels.per_point))
    rights = pixels.lefts + pixels.aligned(box.right * pixels.per_point)
    tops = pixels.tops - pixels.aligned(box.top * pixels.per_point)
    return rights, tops - height, height


class HeaderParts:
    """The background, the title, the count and the rule."""

    def __init__(self, autopsy: Autopsy, look: Look) -> None:
        self._autopsy = autopsy
        self._look = look
        style = look.style
        state = "dead" if autopsy.n_dead else "alive"
        title_font, count_font, rule_font = _header_fonts(style)
        self._background = Rectangle((0, 0), 0, 0, linewidth=0)
        self._background.set_transform(IdentityTransform())
        self.title_label = Labels(title_font, style.title)
        self.count_badge = _paths(
            [_NO_PATH],
            facecolors=getattr(style, f"{state}_badge"),
            edgecolors=getattr(style, f"{state}_badge_border"),
            linewidths=style.badge_border_width,
        )
        self.count_label = Labels(count_font, getattr(style, f"{state}_text"), "center")
        self.rule_label = Labels(rule_font, style.faint)

    @property
    def all(self) -> list[Artist]:
        """All parts, in order of drawing."""
        labels = [self.count_label, self.rule_label]
        return [self._background, self.title_label, self.count_badge, *labels]

    @property
    def outlined(self) -> list[Collection]:
        """The parts whose lines have to be whole pixels on a raster canvas."""
        return [self.count_badge]

    def layout(self, width: float) -> HeaderLayout:
        """Return the header for a width in points."""
        return header_layout(self._autopsy, self._look, width)

    def paint(self, room: Bbox, color: ColorType) -> None:
        """Paint what the header and the cards stand on."""
        self._background.set_bounds(*room.bounds)
        self._background.set_facecolor(color)

    def place(
        self, header: HeaderLayout, edges: Edges, per_point: float, *, whole: bool
    ) -> None:
        """Put the header above the cards, or nowhere where it has no room."""
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
            width, height, upper = map(whole_pixels, (width, height, upper))
        bottom = upper - height
        left = edges.left if header.count_box.left == 0 else edges.right - width
        line = line_widths(self.count_badge, 1, per_point, whole=whole)[0]
        pill = rounded_rectangle(width - line, height - line, height)
        self.count_badge.set_paths([pill])
        self.count_badge.set_offsets([(left + line / 2, bottom + line / 2)])
        self.count_label.place(
            [_count_words(self._autopsy, self._look)],
            [(left + width / 2, top - header.count_baseline * per_point)],
        )


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


def _count_words(autopsy: Autopsy, look: Look) -> str:
    words = look.wording.count_words(autopsy.n_dead, len(autopsy))
    return _header_fonts(look.style)[1].typeface.drawable(words)


def header_layout(autopsy: Autopsy, look: Look, width: float) -> HeaderLayout:
    """Return the header of an autopsy for a width in points."""
    title_font, count_font, rule_font = _header_fonts(look.style)
    rule = look.wording.rule_line(autopsy.dead_threshold, autopsy.sample_counts)
    return _layout.header_layout(
        width,
        title_font.typeface.drawable(look.title),
        _count_words(autopsy, look),
        rule_font.typeface.drawable(rule),
        measure_title=title_font.measure,
        measure_count=count_font.measure,
        measure_rule=rule_font.measure,
    )


@contextmanager
def whole_lines(outlined: Sequence[Collection], per_point: float) -> Iterator[None]:
    """Draw outlines as wide as the whole pixels that they were given room for."""
    asked_for = [part.get_linewidth() for part in outlined]
    for part in outlined:
        widths = line_widths(part, len(part.get_paths()), per_point, whole=True)
        part.set_linewidth((widths / per_point).tolist())
    try:
        yield
    finally:
        for part, points in zip(outlined, asked_for, strict=True):
            part.set_linewidth(points)


@contextmanager
def shared_outlines(parts: CardParts) -> Iterator[None]:
    """Let a document define an outline once, where that of all cards is the same."""
    paths, segments = parts.borders.get_paths(), parts.midlines.get_segments()
    if all(path is paths[0] for path in paths):
        parts.borders.set_paths(paths[:1])
    if all(np.array_equal(segment, segments[0]) for segment in segments):
        parts.midlines.set_segments(segments[:1])
    try:
        yield
    finally:
        parts.borders.set_paths(paths)
        parts.midlines.set_segments(segments)
