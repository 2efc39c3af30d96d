"""What the cards of neurons consist of, how they look, and where each part goes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout.card import (
    CORNER_RADIUS,
    ID_SIZE,
    PEAK_SIZE,
    CardLayout,
    card_layout,
)
from .._layout.grid import GridPlan, GroupSizes, grid_plan
from .._layout.measures import CARD_HEIGHT, CARD_WIDTH, Anchor, Box, card_length
from .._verdict.autopsy import Autopsy
from .._verdict.groups import id_within
from .._verdict.selection import Selection
from .._words import fitting, phrases
from .._words.description import pictured
from .._words.labels import distinct_labels, without_repeats
from .badges import BadgeWords, state_font
from .cells import Drawn, SpokenList
from .elements import (
    NO_PATH,
    AnyCollection,
    dashes_to_set,
    exact_lines,
    exact_paths,
    of_some,
    quiet_copy,
    rearrange,
    set_paths,
)
from .header import Appearance
from .labels import Labels
from .looks import LooksByState
from .placement import PlacedCards
from .rows import RowLabels
from .shapes import cross, dot, half, ring, rounded_rectangle
from .sparklines import MIDLINE, Scale, Sparklines, midline_paths, ranges_of
from .spoken import card_lists
from .ticks import TickParts
from .timeline import TimelineParts
from .typeface import Font

#: In line widths. At a card's natural width, the midline begins and ends with half a dash.
_DASHES = (2.0, (4.0, 4.0))

#: The largest corner radius, as a share of a card's shorter side.
_ROUNDEST_CORNER = 0.15

#: With more samples per point than the first, sparklines get thinner, down to the second.
_DENSE, _THINNEST = 1.4, 0.4

#: With more samples per point than the first, lines with more vertices per point than the second
#: get paler, by at most the third.
_PALE, _FULL, _PALEST = 6.0, 1.5, 0.4

PlacedNeurons: TypeAlias = PlacedCards[CardLayout]


class CardCells:
    """The parts of all cards: one artist of each kind, with one element per card.

    With every card in view, the parts themselves are drawn; else copies of them that
    hold only the elements in view. A card with room for everything::

        +-- border ------------------+
        | id                 (badge) |
        | - sparkline over midline - |  behind it: the judged window
        | peak                       |  on it: a mark at the time of death
        +----------------------------+

    Every page of a document has room for *page_rows* rows, however many are filled.
    """

    natural_size = (CARD_WIDTH, CARD_HEIGHT)

    def __init__(
        self,
        selection: Selection,
        appearance: Appearance,
        *,
        ncols: int,
        page_rows: int,
        scale: Scale,
    ) -> None:
        self.ncols, self._page_rows, self._scale = ncols, page_rows, scale
        #: The share of a line's width that the samples take, in a film of histories that grow.
        self.grown = 1.0
        self._wording, self._style = appearance.wording, appearance.style
        style = self._style
        self._ids_in_view: tuple[tuple[str, ...], float, list[str]] = ((), 0.0, [])
        self._copies: dict[Collection, Collection] = {}
        unknown = [NO_PATH] * len(selection.shown)
        self.borders = exact_paths(unknown, facecolors=style.card)
        self.badges = exact_paths(unknown, linewidths=style.badge_border_width)
        self.marks = exact_paths(unknown, edgecolors="none", linewidths=0.0)
        timeline = TimelineParts(appearance)
        self.windows, self.deaths = timeline.windows, timeline.deaths
        self._timeline, self.time_labels = timeline, timeline.time_labels
        width = float(style.midline_width)
        dashes = dashes_to_set((_DASHES[0] * width, [one * width for one in _DASHES[1]]), width)
        self.midlines = exact_lines([MIDLINE] * len(unknown), linewidths=width, linestyles=[dashes])
        self.sparklines = exact_lines(
            unknown, linewidths=style.line_width, capstyle="round", joinstyle="round"
        )
        font = state_font(style)
        self.id_labels = Labels(Font(style.id_font_family, "normal", ID_SIZE), style.neuron_id)
        self.state_labels = Labels(font, style.neuron_id, "center")
        self.peak_labels = Labels(font._replace(size=PEAK_SIZE), style.faint)
        self._ticks = TickParts(appearance)
        self._rows = RowLabels(self.id_labels.font, style.faint)
        self.row_labels = self._rows.labels
        self._looks = LooksByState(self, style)
        self.set_data(selection)

    def set_data(
        self,
        selection: Selection,
        came_from: NDArray[np.int64] | None = None,
        *,
        keyed: Autopsy | None = None,
    ) -> None:
        """Show other findings; restyled parts keep their looks.

        *came_from* is where each neuron's card was before, -1 for a new one; None if all are
        where they were. The key to the marks is for what is *keyed*; default: for these findings.
        """
        longest = int(selection.autopsy.source.lengths.max(initial=1))
        ranges = ranges_of(selection, self._scale)
        sparklines = Sparklines(selection.shown, longest, ranges)  # reads, so it may fail
        self._sparklines, self.longest, self.ranges = sparklines, longest, ranges
        self._shown, style = selection.shown, self._style
        self._keyed = selection.shown if keyed is None else keyed
        self._badges = BadgeWords.of(selection.shown, self._wording, style)
        self._timeline.set_data(selection.shown, longest)
        self._ticks.set_data(selection.shown, longest, ranges)
        self._states = selection.shown.dead + 2 * selection.shown.unknown
        vars(self).pop("_widest_id", None)
        self._groups = groups = selection.groups()
        self.group_sizes = GroupSizes.of(selection)
        self._group_names = [group.name for group in groups for _ in range(group.n_shown)]
        restyled = self._looks.restyled()
        if came_from is not None:
            elements = np.where(came_from < 0, np.arange(len(came_from)), came_from)
            for part in (self.id_labels, self.state_labels, self.peak_labels, self.time_labels):
                part.rearrange(elements)
            for collection in self.all:
                if isinstance(collection, Collection):
                    rearrange(collection, elements)
        self._looks.put(self._states, restyled)

    # What is said of a card

    def lists(self, cells: NDArray[np.int64]) -> list[SpokenList]:
        """Return what a screen reader says in place of the sparklines in view."""
        return card_lists(self._wording, self._shown, self._groups, cells)

    def tooltip(self, cell: int) -> str:
        """Return what the pointer is told of a card."""
        shown = self._shown
        words = self._wording, float(shown.peaks[cell]), int(shown.sample_counts[cell])
        peak = phrases.peak_line(*words, overall=shown.window is not None)
        return f"{phrases.card_line(self._wording, shown, cell)}\n{peak}"

    def pictured(self, width: float, height: float) -> str:
        """Return what cards of a size in points show."""
        as_tiles = self.layout(width, height).detail == "tile"
        return pictured(self._wording, self._shown, len(self._shown), as_tiles=as_tiles)

    def key(self, width: float, height: float) -> str:
        """Return what the marks on cards of a size mean, where no word says so."""
        return phrases.mark_key(self._wording, self._keyed, self.layout(width, height).detail)

    def content(self) -> object:
        """Return what tells these cards from others."""
        shown = self._shown
        numbers = shown.sample_counts.tolist(), shown.peaks.tolist(), shown.scores.tolist()
        return self.ncols, tuple(shown.ids), *numbers, tuple(self._timeline.texts)

    # Where everything goes

    @property
    def all(self) -> list[Artist]:
        """All parts, drawn now or not."""
        labels = [self.id_labels, self.state_labels, self.peak_labels, self.time_labels]
        labels += [self.row_labels, *self._ticks.labels]
        lines = [self.windows, self.midlines, self.sparklines, self.deaths]
        return [self.borders, self.badges, self.marks, *labels, *lines]

    def plan(self, heading: float) -> GridPlan:
        """Return where the cards stand, with headings of a height in rows."""
        plan = grid_plan(self.group_sizes, self.ncols, heading)
        return plan._replace(nrows=max(plan.nrows, self._page_rows))

    def layout(self, width: float, height: float) -> CardLayout:
        """Return where the parts sit in a card of the given size in points."""
        return card_layout(width, height, self._badges.widest)

    def place(
        self,
        placed: PlacedNeurons,
        headed: Set[str],
        background: ColorType | None,
        row_room: float,
    ) -> Drawn:
        """Move the parts onto the cards in view, and return those to draw."""
        placed = placed.in_view()
        card = placed.layout
        self._copies.clear()
        for labels in self.all:
            if isinstance(labels, Labels):
                labels.place([], [])
        words, picture = list[Artist](), list[Artist]()
        borders = self._without_hidden_faces(self._placed_borders(placed), background)
        if card.detail == "tile":
            picture.append(borders)
        else:
            words.append(borders)
            picture += self._placed_lines(placed)
        if card.badge is not None:
            words.append(self._placed_badges(placed, card.badge))
        if card.neuron_id is not None:
            words += self._placed_words(placed, card.neuron_id, headed)
        if card.mark is not None:
            over = words if card.detail == "compact" else picture
            over.append(self._placed_marks(placed, card.mark))
        if not placed.are_all:
            for part in self.all:
                if isinstance(part, Collection):
                    self._keep_picking(part, placed)
        paths = [part for part in (*words, *picture) if isinstance(part, PathCollection)]
        beside = [] if card.neuron_id else self._rows.place(placed, self._shown.ids, row_room)
        outlined: list[Collection] = [one for one in paths if one.get_paths()]
        return Drawn(placed.cards, words, beside, picture, outlined)

    def _in_view(self, part: AnyCollection, placed: PlacedNeurons) -> AnyCollection:
        """Return the part if all cards are in view, else a copy with those that are."""
        # Moving elements out of view instead costs six times as much at 16,384 cards.
        if placed.are_all:
            return part
        some = of_some(part, placed.cards)
        self._copies[part] = some
        return some

    def _keep_picking(self, part: Collection, placed: PlacedNeurons) -> None:
        """Let the mouse find the elements in view on the part, although a copy is drawn."""
        paths, offsets = [NO_PATH] * placed.n_cards, np.full((placed.n_cards, 2), np.nan)
        some = self._copies.get(part)
        if some is not None:
            for card, path in zip(placed.cards.tolist(), some.get_paths(), strict=True):
                paths[card] = path
            offsets[placed.cards] = some.get_offsets()
            part.set_transform(some.get_transform())
        set_paths(part, paths)
        part.set_offsets(offsets)

    def _placed_borders(self, placed: PlacedNeurons) -> PathCollection:
        roundest = _ROUNDEST_CORNER * min(placed.width, placed.height)
        radius = min(CORNER_RADIUS * placed.per_point, roundest)
        lines = placed.line_widths(self.borders)
        outlines = {
            line: rounded_rectangle(placed.width - line, placed.height - line, radius)
            for line in set(lines.tolist())
        }
        corners = np.column_stack([placed.lefts, placed.tops - placed.height])
        borders = self._in_view(self.borders, placed)
        borders.set_paths([outlines[line] for line in lines.tolist()])
        borders.set_offsets(corners + lines[:, np.newaxis] / 2)
        return borders

    def _without_hidden_faces(
        self, borders: PathCollection, background: ColorType | None
    ) -> PathCollection:
        """Return borders without faces if these match the colour behind the cards."""
        # Painting the faces takes a third of a border's time. Where nothing is behind the
        # cards, as in a transparent picture, we omit faces in the style's background
        # colour.
        if background is None:
            return borders
        borders.update_scalarmappable()
        faces: Any = borders.get_facecolor()
        behind: Any = background if to_rgba(background)[3] else self._style.background
        if not len(faces) or not all(same_color(face, behind) for face in faces):
            return borders
        bare = quiet_copy(borders)
        bare.set_facecolor("none")
        return bare

    def _placed_badges(self, placed: PlacedNeurons, box: Box) -> PathCollection:
        rights, bottoms, height = _edges_of(placed, box)
        widths = placed.snapped_points(self._badges.widths)
        lines = placed.line_widths(self.badges)
        pills = {
            (state, line): rounded_rectangle(width - line, height - line, height)
            for state, width in enumerate(widths.tolist())
            for line in set(lines.tolist())
        }
        states = self._states[placed.cards]
        kinds = zip(states.tolist(), lines.tolist(), strict=True)
        lefts = rights - widths[states]
        badges = self._in_view(self.badges, placed)
        badges.set_paths([pills[kind] for kind in kinds])
        badges.set_offsets(np.column_stack([lefts + lines / 2, bottoms + lines / 2]))
        return badges

    def _placed_marks(self, placed: PlacedNeurons, box: Box) -> PathCollection:
        """Put a cross on dead neurons, a ring on unknown, a dot on compact living ones."""
        rights, bottoms, size = _edges_of(placed, box)
        kinds = [NO_PATH, cross(size), ring(size)]
        if placed.layout.detail == "compact":
            kinds[0] = dot(size)
        elif placed.layout.detail == "tile":
            kinds[1:] = (
                rounded_rectangle(placed.width, placed.height, 0.0),
                half(placed.width, placed.height),
            )
            size = placed.width
        elif placed.layout.detail == "id":
            if placed.view.whole:  # the same number of pixels above and below the midline
                size -= (size + placed.line_widths(self.midlines).max(initial=0)) % 2
                kinds[1:] = cross(size), ring(size)
            bottoms = self._sparkline_middles(placed) - size / 2
        marks = self._in_view(self.marks, placed)
        marks.set_paths([kinds[state] for state in self._states[placed.cards]])
        marks.set_offsets(np.column_stack([rights - size, bottoms]))
        return marks

    # Words

    def _placed_words(
        self, placed: PlacedNeurons, id_anchor: Anchor, headed: Set[str]
    ) -> list[Labels]:
        card, cards = placed.layout, placed.cards.tolist()
        ids = self._drawn_ids(cards, card.id_width, headed)
        self.id_labels.place(ids, placed.at(*id_anchor), cards)
        if card.badge is None:
            return [self.id_labels]
        states = self._states[placed.cards]
        centres = (card.badge.right - self._badges.widths / 2)[states]
        words = [self._badges.words[state] for state in states]
        self.state_labels.place(words, placed.at(centres, id_anchor.baseline), cards)
        if card.peak is None:
            return [self.id_labels, self.state_labels]
        self.peak_labels.place(self._peak_lines(placed), placed.at(*card.peak), cards)
        return [self.id_labels, self.state_labels, self.peak_labels]

    def row_room(self, width: float, height: float) -> float:
        """Return the room for ids beside rows whose cards have none, in points."""
        if self.layout(card_length(width, max(self.ncols, 1)), height).neuron_id is not None:
            return 0.0
        return self._rows.room(self._shown.ids[:: max(self.ncols, 1)], width)

    def _drawn_ids(self, cards: Sequence[int], width: float, headed: Set[str]) -> list[str]:
        """Return ids that fit; if not all do, omit the names in readable headings."""
        font = self.id_labels.font
        drawable, measure = font.typeface.drawable, font.measure
        ids = [self._shown.ids[index] for index in cards]
        if self._group_names and self._widest_id > width:
            names = [self._group_names[index] for index in cards]
            pairs = zip(ids, names, strict=True)
            ids = [id_within(one, name) if name in headed else one for one, name in pairs]
        whole = tuple(map(drawable, ids))
        if self._ids_in_view[:2] != (whole, width):  # otherwise it is the same view again
            shortened = [fitting.shortened(one, width, measure) for one in whole]
            if len(set(shortened)) < len(set(whole)):
                # Two neurons that look the same, one dead and one alive, would be worse
                # than ids that give up more of what they have in common.
                shortened = distinct_labels(whole, width, measure)
                shortened = without_repeats(whole, shortened)
            self._ids_in_view = whole, width, shortened
        return self._ids_in_view[2]

    @cached_property
    def _widest_id(self) -> float:
        font = self.id_labels.font
        drawable = map(font.typeface.drawable, self._shown.ids)
        return max(map(font.measure, drawable), default=0.0)

    def _peak_lines(self, placed: PlacedNeurons) -> list[str]:
        font, width = self.peak_labels.font, placed.layout.sparkline.width
        peaks = self._shown.peaks[placed.cards].tolist()
        counts = self._shown.sample_counts[placed.cards].tolist()
        drawable, measure = font.typeface.drawable, font.measure
        # Narrow cards do without "overall": two words of three would say less than one.
        for overall in (True, False) if self._shown.window is not None else (False,):
            words = partial(phrases.peak_line, self._wording, overall=overall)
            lines = [*map(drawable, map(words, peaks, counts))]
            if max(map(measure, lines), default=0.0) <= width:
                break
        return [fitting.shortened(line, width, measure) for line in lines]

    # Lines

    def sparkline_corners(self, placed: PlacedNeurons) -> NDArray[np.float64]:
        """Return the lower left corners that put every midline on a row of pixels."""
        lefts = placed.lefts + placed.snapped_points(placed.layout.sparkline.left)
        middles = self._sparkline_middles(placed)
        return np.column_stack([lefts, middles - sparkline_size(placed)[1] / 2])

    def _sparkline_middles(self, placed: PlacedNeurons) -> NDArray[np.float64]:
        below = placed.snapped_points(placed.layout.sparkline.middle)
        middles: NDArray[np.float64] = placed.tops - below
        if not placed.view.whole:
            return middles
        return middles + placed.line_widths(self.midlines) % 2 / 2

    def _placed_lines(self, placed: PlacedNeurons) -> list[Artist]:
        width, height = sparkline_size(placed)
        midlines = self._in_view(self.midlines, placed)
        sparklines = self._in_view(self.sparklines, placed)
        pixels = height if placed.view.whole else 0
        middles = midline_paths(self._shown, placed.cards, self.ranges, self.longest, pixels)
        set_paths(midlines, middles)
        across = width * self.grown
        has_ticks = placed.layout.has_ticks and self.grown == 1
        paths = self._sparklines.paths(
            placed.cards, across, placed.per_point, with_ranges=has_ticks
        )
        if placed.layout.mark is not None and placed.layout.detail != "compact":
            # A cross covers the lines of the dead.
            states = self._states[placed.cards].tolist()
            paths = [(path, NO_PATH, NO_PATH)[s] for path, s in zip(paths, states, strict=True)]
        set_paths(sparklines, paths)
        corners = self.sparkline_corners(placed)
        for lines, length in ((midlines, width), (sparklines, across)):
            lines.set_transform(Affine2D().scale(length, height))
            lines.set_offsets(corners)
        sparklines = self._thinned(sparklines, paths, across / placed.per_point)
        view = (across, height), corners
        in_view = partial(self._in_view, placed=placed)
        drawn: list[Artist] = self._timeline.shade(placed, *view, in_view)
        # On small cards, a dash or two would look like specks. Dashes of no width have no
        # length either, which document formats reject.
        if placed.layout.detail != "sparkline" and np.any(midlines.get_linewidth()):
            drawn.append(midlines)
        drawn.append(sparklines)
        if placed.layout.detail not in {"full", "compact"}:  # there, a cross is in the way
            return drawn
        ends = [float(np.asarray(path.vertices)[-1, 1]) for path in paths]
        marks = self._timeline.mark(placed, *view, ends, in_view)
        if len(own := self._sparklines.own_ranges):
            marks += self._ticks.place(placed, *view, own)
        return [*drawn, *marks]

    def _thinned(
        self, lines: LineCollection, paths: Sequence[Path], width: float
    ) -> LineCollection:
        """Return lines that are thin where samples are dense, unless the caller set a width."""
        density = self.longest / max(width, 1.0)  # in samples per point
        thinner = max((_DENSE / max(density, _DENSE)) ** 0.5, _THINNEST)
        if thinner == 1.0 or np.any(lines.get_linewidth() != np.array(self._style.line_width)):
            return lines
        thin = quiet_copy(lines)
        thin.set_linewidth(float(self._style.line_width) * thinner)
        if density > _PALE and thin.get_alpha() is None:
            # Lines that fill the band between their minima and maxima get pale; others, such
            # as those of the dead, stay as they are.
            full = np.array([len(np.asarray(path.vertices)) for path in paths]) > _FULL * width
            alpha = 1 - _PALEST * min(density / _PALE - 1, 1)
            thin.set_alpha(np.where(full, alpha, 1.0).tolist() or None)
        return thin


def sparkline_size(placed: PlacedNeurons) -> tuple[float, float]:
    """Return the width and the height of every sparkline."""
    box = placed.layout.sparkline
    return box.width * placed.per_point, box.height * placed.per_point


def _edges_of(
    placed: PlacedNeurons, box: Box
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the right edges, the lower edges and the height of badges or marks."""
    height = float(placed.snapped_points(box.height))
    rights = placed.lefts + placed.snapped_points(box.right)
    tops = placed.tops - placed.snapped_points(box.top)
    return rights, tops - height, height
