"""The header above the cards, and the headings of their groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import same_color, to_rgba
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox, IdentityTransform
from matplotlib.typing import ColorType

from .._intake.foreign import typed_repr
from .._layout.grid import HEADING_SIZE, GridPlan, heading_rise
from .._layout.header import COUNT_SIZE, NO_HEADER, RULE_SIZE, TITLE_SIZE, HeaderLayout
from .._layout.header import header_layout as place_header
from .._verdict.autopsy import Autopsy
from .._verdict.criteria import Criterion
from .._verdict.groups import GroupCounts
from .._verdict.neuron import State
from .._words import fitting, phrases
from .._words.description import shown_if_not_all
from .._words.wording import Wording
from .elements import NO_PATH, exact_paths, plain
from .labels import Labels
from .placement import Edges, View, line_widths, place_headings
from .shapes import rounded_rectangle
from .style import Style, named_style
from .typeface import Font


class Appearance(NamedTuple):
    """A figure's title, its style, its words, and whether it has a header."""

    title: str
    style: Style
    wording: Wording
    header: bool = True

    @classmethod
    def checked(
        cls,
        title: object,
        style: str | Style,
        wording: object,
        header: object = True,  # noqa: FBT002  the caller's, whatever it is
        *,
        behind: ColorType | None = None,
    ) -> Appearance:
        """Return the caller's choices, or raise TypeError or ValueError."""
        # *behind* is the colour of the figure; None for that of a new one.
        if not isinstance(header, bool | np.bool_):
            raise TypeError(f"header: must be True or False; got {typed_repr(header)}.")
        if not isinstance(wording, Wording):
            accepted = "a Wording, such as dead_neuron_autopsy.GERMAN"
            raise TypeError(f"wording: must be {accepted}; got {typed_repr(wording)}.")
        if title is None:
            title = wording.title
        if not isinstance(title, str):
            raise TypeError(f"title: must be a string; got {typed_repr(title)}.")
        return cls(title, named_style(style, behind), wording, bool(header))


class HeaderWords(NamedTuple):
    """What a header says below its title."""

    verdict: str  # in the badge
    state: State  # which colours the count has
    rule: str
    left_out: str = ""  # how many neurons have a card, if not all

    @classmethod
    def of(cls, autopsy: Autopsy, n_shown: int, wording: Wording) -> HeaderWords:
        """Return the words above an autopsy with *n_shown* cards."""
        n_dead, n_neurons, n_unknown = autopsy.n_dead, len(autopsy), autopsy.n_unknown
        nothing_lives = n_unknown == n_neurons  # as in an empty population
        return cls(
            phrases.count_badge(wording, autopsy.criterion, n_dead, n_neurons, n_unknown),
            "dead" if n_dead else "unknown" if nothing_lives else "alive",
            phrases.header_line(wording, autopsy, n_shown),
            shown_if_not_all(wording, n_shown, n_neurons),
        )


class HeaderParts:
    """The background, the title, the count and the rule.

    Where the width allows::

        title (count)
        rule
    """

    def __init__(self, words: HeaderWords, appearance: Appearance) -> None:
        self._appearance, self.least_height = appearance, 0.0
        style = appearance.style
        title_font, count_font, rule_font = _header_fonts(style)
        looks: dict[str, Any] = {"linewidth": 0, "antialiased": True, "snap": False}
        self.background = plain(Rectangle((0, 0), 0, 0, **looks))
        self.background.set_transform(IdentityTransform())
        self.title_label = Labels(title_font, style.title)
        self.count_badge = exact_paths([NO_PATH], linewidths=style.badge_border_width)
        self.count_label = Labels(count_font, style.title, "center")
        self.rule_label = Labels(rule_font, style.faint)
        self.set_words(words)

    def set_words(self, words: HeaderWords) -> None:
        """Say other words below the title."""
        self._words = words
        self._laid_out: tuple[tuple[float, str], HeaderLayout] | None = None
        self._has_count = False
        style, state = self._appearance.style, words.state
        self.count_badge.set_facecolor(getattr(style, f"{state}_badge"))
        self.count_badge.set_edgecolor(getattr(style, f"{state}_badge_border"))
        self.count_label.set_color(getattr(style, f"{state}_text"))

    @property
    def all(self) -> list[Artist]:
        """All parts, in drawing order."""
        labels = [self.count_label, self.rule_label]
        return [self.background, self.title_label, self.count_badge, *labels]

    @property
    def drawn(self) -> list[Artist]:
        """The parts to draw now: without the badge's outline where there is no count."""
        return [part for part in self.all if part is not self.count_badge or self._has_count]

    def layout(self, width: float, key: str = "") -> HeaderLayout:
        """Return the header's layout for a width in points, with a key to the marks."""
        if self._laid_out is None or self._laid_out[0] != (width, key):
            header = header_layout(self._words, self._appearance, width, key)
            height = max(header.height, self.least_height)
            self._laid_out = (width, key), header._replace(height=height)
        return self._laid_out[1]

    def paint(self, room: Bbox, color: ColorType, behind: ColorType) -> None:
        """Paint the background of header and cards, unless it looks so already."""
        seen = to_rgba(color)[3] > 0 and not same_color(color, behind)
        self.background.set(visible=seen, bounds=room.bounds, facecolor=color)

    def place(self, header: HeaderLayout, edges: Edges, view: View) -> None:
        """Put the header above the cards; hide what the layout has no room for."""
        top, per_point = edges.top + header.height * view.per_point, view.per_point
        both = (self.title_label, header.title), (self.rule_label, header.rule)
        for labels, lines in both:
            corners = [(edges.left, top - line.baseline * per_point) for line in lines]
            labels.place([line.text for line in lines], corners)
        box = header.count_box
        self._has_count = box is not None
        self.count_label.place([], [])
        if box is None:
            return
        width, height = (
            view.snapped(box.width * per_point),
            view.snapped(box.height * per_point),
        )
        bottom = view.snapped(top - box.top * per_point) - height
        left = view.snapped(edges.left + box.left * per_point)
        line = line_widths(self.count_badge, np.arange(1), view)[0]
        pill = rounded_rectangle(width - line, height - line, height)
        self.count_badge.set_paths([pill])
        self.count_badge.set_offsets([(left + line / 2, bottom + line / 2)])
        baseline = top - header.count_baseline * per_point
        words = self.count_label.font.typeface.drawable(self._words.verdict)
        self.count_label.place([words], [(left + width / 2, baseline)])


def header_layout(
    words: HeaderWords, appearance: Appearance, width: float, key: str = ""
) -> HeaderLayout:
    """Return the header for a width in points, with a key to the marks of cards."""
    if not appearance.header:
        return NO_HEADER
    fonts = _header_fonts(appearance.style)
    title, small, faint = (font.typeface.drawable for font in fonts)
    return place_header(
        width,
        title(appearance.title),
        small(words.verdict),
        faint(phrases.with_more(appearance.wording, words.rule, key)),
        left_out=title(words.left_out),
        measures=(fonts[0].measure, fonts[1].measure, fonts[2].measure),
    )


def _header_fonts(style: Style) -> tuple[Font, Font, Font]:
    """Return the fonts of the title, of the count and of the rule."""
    small = Font(style.font_family, "normal", COUNT_SIZE)
    title = small._replace(weight="bold", size=TITLE_SIZE)
    return title, small, small._replace(size=RULE_SIZE)


class HeadingParts:
    """The headings above each group's cards."""

    def __init__(self, appearance: Appearance, criterion: Criterion) -> None:
        self._wording, self.criterion = appearance.wording, criterion
        font = Font(appearance.style.font_family, "bold", HEADING_SIZE)
        self.labels = Labels(font, appearance.style.title)

    def place(
        self, groups: Sequence[GroupCounts], plan: GridPlan, edges: Edges, view: View
    ) -> frozenset[str]:
        """Put headings above the cards in view where there is room.

        Return the groups that they name: not those whose heading the view cuts off.
        """
        corners, widths, height = place_headings(view, plan, edges)
        rise = heading_rise(height / view.per_point)
        self.labels.place([], [])
        if rise is None or not len(corners):
            return frozenset()
        bottoms = corners[:, 1]
        seen = (bottoms < view.box.y1) & (bottoms + height > view.box.y0) & (widths > 0)
        in_view = np.flatnonzero(seen)
        rooms = zip(in_view.tolist(), widths[in_view] / view.per_point, strict=True)
        words = [self._words(groups[index], float(room)) for index, room in rooms]
        self.labels.place(words, corners[in_view] + [0.0, rise * view.per_point])
        letters = (rise + HEADING_SIZE) * view.per_point
        read = in_view[bottoms[in_view] + letters <= view.box.y1]
        return frozenset(groups[index].name for index in read.tolist())

    def _words(self, group: GroupCounts, width: float) -> str:
        """Return a heading that fits: with its name shortened, or only its name."""
        drawable, measure = self.labels.font.typeface.drawable, self.labels.font.measure
        words = drawable(phrases.heading(self._wording, self.criterion, group))
        if measure(words) <= width:
            return words
        counts = drawable(phrases.heading(self._wording, self.criterion, group._replace(name="")))
        room, name = width - measure(counts), drawable(group.name)
        if room < measure("0…0"):
            return fitting.shortened(name, width, measure)
        name = fitting.shortened(name, room, measure)
        return drawable(phrases.heading(self._wording, self.criterion, group._replace(name=name)))
