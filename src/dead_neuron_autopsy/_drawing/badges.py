"""What the badges of cards spell, and what stands in the header where cards have none.

A badge's colours are fields of `style.Style` (`dead_badge` and so on), which `looks`
gives to the cards and `header` to the count; its size and place come from `_layout.card`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._layout.card import ID_SIZE, STATE_SIZE, badge_width, card_layout
from .._layout.measures import CARD_HEIGHT, CARD_WIDTH, card_length, proportional_height
from .._verdict.autopsy import Autopsy
from .._verdict.neuron import State
from .._verdict.selection import Selection
from .._words import phrases
from .._words.filling import state_word
from .._words.wording import Wording
from .header import Appearance
from .rows import RowLabels
from .style import Style
from .typeface import Font

STATES: tuple[State, ...] = ("alive", "dead", "unknown")


class BadgeWords(NamedTuple):
    """What the badges spell for each state, and how wide that makes them, in points."""

    words: list[str]
    widths: NDArray[np.float64]
    widest: float  # of those that any card spells

    @classmethod
    def of(cls, shown: Autopsy, wording: Wording, style: Style) -> BadgeWords:
        """Return the words for some neurons."""
        font = state_font(style)
        spelled = (state_word(wording, state, shown.criterion) for state in STATES)
        words = [*map(font.typeface.drawable, spelled)]
        widths = np.array([badge_width(font.measure(word)) for word in words])
        widest = widths if shown.n_unknown else widths[:2]
        return cls(words, widths, float(widest.max()))


def row_room_within(
    selection: Selection, appearance: Appearance, width: float, ncols: int
) -> float:
    """Return the room for ids beside *ncols* cards in their proportions, in a width."""
    style, ids = appearance.style, selection.shown.ids[:: max(ncols, 1)]
    rows = RowLabels(Font(style.id_font_family, "normal", ID_SIZE), style.faint)
    badges = BadgeWords.of(selection.shown, appearance.wording, style)
    height = proportional_height(width, ncols, (CARD_WIDTH, CARD_HEIGHT))
    layout = card_layout(card_length(width, max(ncols, 1)), height, badges.widest)
    return rows.room(ids, width) if layout.neuron_id is None else 0.0


def key_within(selection: Selection, appearance: Appearance, width: float, ncols: int) -> str:
    """Return the key to the marks of *ncols* cards that fill a width, in their proportions."""
    shown, wording = selection.shown, appearance.wording
    badges = BadgeWords.of(shown, wording, appearance.style)
    height = proportional_height(width, ncols, (CARD_WIDTH, CARD_HEIGHT))
    layout = card_layout(card_length(width, max(ncols, 1)), height, badges.widest)
    return phrases.mark_key(wording, shown, layout.detail)


def state_font(style: Style) -> Font:
    """Return the font of the badges."""
    return Font(style.font_family, "normal", STATE_SIZE)
