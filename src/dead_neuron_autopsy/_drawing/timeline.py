"""What cards show of time: the judged samples, shaded, and a mark at each time of death."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.artist import Artist
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from .._layout.card import TIME_GAP, TIME_HEIGHT, TIME_SIZE, CardLayout
from .._verdict.autopsy import Autopsy
from .._words import phrases
from .elements import NO_PATH, exact_lines, exact_paths, set_paths
from .header import Appearance
from .labels import Labels
from .placement import PlacedCards
from .shapes import rounded_rectangle
from .typeface import Font

#: Returns a part, or a copy of it with the elements in view.
InView: TypeAlias = Callable[[Any], Any]

#: The width of a mark, in points.
_MARK_WIDTH = 0.72

#: The least width of the shading, in points.
_LEAST_SHADED = 3.0

#: A line that ends above this share of its height leaves room for words below it.
_HIGH = 0.6


class TimelineParts:
    """The shading, the marks and the words at them.

    The last active sample, and the mark at the next one::

        |\\  /\\ |               |     |
        | \\/  \\|†340           | judged
        +------+---------------+-----+
    """

    def __init__(self, appearance: Appearance) -> None:
        self._wording, style = appearance.wording, appearance.style
        self.windows = exact_paths([], facecolors=style.window, edgecolors="none", linewidths=0.0)
        self.deaths = exact_lines([], linewidths=_MARK_WIDTH, capstyle="butt")
        self.time_labels = Labels(Font(style.font_family, "normal", TIME_SIZE), style.neuron_id)

    def set_data(self, shown: Autopsy, longest: int) -> None:
        """Take the times of some neurons; the *longest* history spans a card's width."""
        self._window, self._longest = shown.window, longest
        for part in (self.windows, self.deaths):  # until there is something to draw
            if part.get_paths():
                set_paths(part, [])
                part.set_offsets(np.empty((0, 2)))
        self.texts = [""] * len(shown)
        if shown.has_times:
            for index in np.flatnonzero((shown.died_at >= 0) | shown.fell_silent).tolist():
                self.texts[index] = phrases.time_mark(self._wording, shown, index)
            after = shown.last_active + 1 + longest - shown.source.lengths
            self._positions = after / max(longest - 1, 1)
            self._has_mark = shown.last_active >= 0

    def shade(
        self,
        placed: PlacedCards[CardLayout],
        size: tuple[float, float],
        corners: NDArray[np.float64],
        in_view: InView,
    ) -> list[Artist]:
        """Shade the judged samples, which are the last ones of every history."""
        if self._window is None:
            return []
        width, height = size
        before = max((self._longest - self._window - 0.5) / (self._longest - 1), 0.0)
        around = min(TIME_GAP, placed.layout.sparkline.left / 2) * placed.per_point
        # A few samples of many would be a hairline, which looks like an axis.
        least = min(_LEAST_SHADED * placed.per_point, width)
        left = placed.view.snapped(min(width * before, width - least))
        right = placed.view.snapped(width + around)
        outline = rounded_rectangle(right - left, placed.view.snapped(height + 2 * around), 0.0)
        windows = in_view(self.windows)
        windows.set_paths([outline] * len(corners))
        windows.set_offsets(placed.view.snapped(corners + np.array([left, -around])))
        return [windows]

    def mark(
        self,
        placed: PlacedCards[CardLayout],
        size: tuple[float, float],
        corners: NDArray[np.float64],
        ends: Sequence[float],
        in_view: InView,
    ) -> list[Artist]:
        """Put a line at each time of death and, where there is room, the time.

        *ends* are the heights at which the cards' sparklines end, as shares.
        """
        cards = placed.cards.tolist()
        if not any(self.texts[card] for card in cards):
            return []
        (width, height), per_point = size, placed.per_point
        lefts = width * self._positions[placed.cards]
        if placed.view.whole:  # the middle of a pixel
            lefts = np.floor(lefts) + 0.5
        measure, letters = self.time_labels.font.measure, TIME_HEIGHT * per_point
        has_room = placed.layout.badge is not None and height >= 2 * letters
        lines, texts, places = list[Path](), list[str](), list[Any]()
        elements, owners = list[int](), list[int]()
        for place, card in enumerate(cards):
            text, left = self.texts[card], 0.0
            lines.append(NO_PATH)
            if text and self._has_mark[card]:
                left = float(lefts[place])
                lines[-1] = Path([(left / width, 0.0), (left / width, 1.0)])
                left += TIME_GAP * per_point
            if text and has_room and left + measure(text) * per_point <= width:
                up = 0.0 if ends[place] > _HIGH else height - letters
                texts.append(text)
                places.append(corners[place] + np.array([left, up]))
                elements.append(card)
                owners.append(place)
        deaths = in_view(self.deaths)
        set_paths(deaths, lines)
        deaths.set_transform(Affine2D().scale(width, height))
        deaths.set_offsets(corners)
        self.time_labels.place(texts, places, elements, owners)
        return [deaths, self.time_labels]
