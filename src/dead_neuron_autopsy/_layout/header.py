"""Where the lines of a header sit, and how much of it a low figure gives up."""

from __future__ import annotations

from typing import NamedTuple

from .._words.fitting import Measure, wrapped
from .measures import CARD_HEIGHT, GAP, Box, gap_beside

TITLE_SIZE = 10.0
COUNT_SIZE = 7.5
RULE_SIZE = 6.5

#: Estimated height of a header whose width is not known yet.
TYPICAL_HEADER = 40.0

#: Largest share of a figure's height for a header that takes room from the cards.
HEADER_SHARE = 0.35

#: The same for a header that says that not all neurons have a card.
_LEFT_OUT_SHARE = 0.75

_TITLE_LINE = 13.0
_COUNT_HEIGHT = 13.0
_COUNT_PADDING = 5.0
_COUNT_GAP = 2.0
_RULE_LINE = 9.5
_RULE_GAP = 3.0


class Line(NamedTuple):
    """A line of text and its baseline."""

    text: str
    baseline: float


class HeaderLayout(NamedTuple):
    """A header's lines; `count_box` is None if the header does not fit at all.

    ::

        title [count]
        second line of the title
        rule
    """

    title: tuple[Line, ...]
    count_box: Box | None
    count_baseline: float
    rule: tuple[Line, ...]
    height: float
    brief: HeaderLayout | None = None  # stands in for a rule that must be read


NO_HEADER = HeaderLayout((), None, 0.0, (), 0.0)


def header_layout(
    width: float,
    title: str,
    count: str,
    rule: str,
    *,
    left_out: str = "",
    measures: tuple[Measure, Measure, Measure],
) -> HeaderLayout:
    """Return the positions of a header's parts."""
    # *left_out* says how many neurons have a card, if not all; *rule* repeats it. The count
    # stands to the right of the title, or below it if the two do not fit side by side.
    # *measures* are those of the title, the count and the rule.
    measure_title, measure_count, measure_rule = measures
    count_width = measure_count(count) + 2 * _COUNT_PADDING
    beside = width - count_width - GAP
    stacked = beside < 0 or any(measure_title(word) > beside for word in title.split())
    title_lines = wrapped(title, width if stacked else beside, measure_title)
    title_height = _TITLE_LINE * len(title_lines)
    count_left, count_top = 0.0, title_height + _COUNT_GAP
    if not stacked:
        widest = max(map(measure_title, title_lines), default=-GAP)
        count_left, count_top = widest + GAP, 0.0
    count_box = Box(count_left, count_top, min(count_width, width), _COUNT_HEIGHT)
    above_rule = max(title_height, count_top + _COUNT_HEIGHT) + _RULE_GAP
    rule_lines = wrapped(rule, width, measure_rule)
    brief = None
    if left_out:
        brief = _without_rule(header_layout(width, left_out, count, "", measures=measures))
    return HeaderLayout(
        _lines(title_lines, 9.5, _TITLE_LINE),
        count_box,
        count_box.middle + 2.75,
        _lines(rule_lines, above_rule + 7.5, _RULE_LINE),
        above_rule + _RULE_LINE * len(rule_lines) + GAP,
        brief,
    )


def _lines(texts: list[str], first_baseline: float, pitch: float) -> tuple[Line, ...]:
    baselines = (first_baseline + pitch * index for index in range(len(texts)))
    return tuple(map(Line, texts, baselines))


def header_within(
    header: HeaderLayout, height: float, nrows: int, card_height: float = CARD_HEIGHT
) -> HeaderLayout:
    """Return as much of *header* as still leaves the cards below it their height."""
    # The rule is dropped first, then the whole header. A header that says that cards are
    # left out may take a larger share of the height before it is dropped.
    gap = gap_beside(card_height)
    cards = nrows * (card_height + gap) - gap
    room = max(height - cards, HEADER_SHARE * height) + 1e-6
    for shown in (header, header.brief or _without_rule(header)):
        if shown.height <= room or not nrows:
            return shown
    if header.brief is not None and header.brief.height <= _LEFT_OUT_SHARE * height:
        return header.brief
    return NO_HEADER


def _without_rule(header: HeaderLayout) -> HeaderLayout:
    rule_height = _RULE_GAP + _RULE_LINE * len(header.rule)
    return header._replace(rule=(), height=header.height - rule_height)
