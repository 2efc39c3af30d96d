"""Compute rows, columns, sizes and the position of every part, as plain numbers.

Lengths are in points, 1/72 inch. Within a card or a header, x grows rightwards from the
left edge and y downwards from the top edge. ::

    +------------------- figure -------------------+
    |  title                              [count]  |  header
    |  rule                                        |
    |  heading of group A      heading of group B  |
    |  [card] [card] [card]    [card] [card]       |  one band, two groups
    |  heading of group C                          |
    |  [card] [card] [card] [card] [card]          |  the next band
    +----------------------------------------------+
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._words.fitting import Measure, wrapped

CARD_WIDTH = 90.0
CARD_HEIGHT = 62.0
GAP = 8.0
#: Largest share of a pitch (a card plus its gap) that the gap may take.
WIDEST_GAP = 0.25
MARGIN = 12.0

ID_SIZE = 7.0
STATE_SIZE = 6.25
PEAK_SIZE = 6.5
TITLE_SIZE = 10.0
COUNT_SIZE = 7.5
RULE_SIZE = 6.5
HEADING_SIZE = 8.0
BAR_TEXT_SIZE = 7.0

#: Height of a group's heading, including the space that separates it from cards above.
HEADING_HEIGHT = 18.0

#: Size of a layer's bar with its words. Bars and gaps are whole pixels at 100, 200 and
#: 300 dpi.
BAR_WIDTH = 330.0
BAR_HEIGHT = 10.8

#: Extra space between columns of bars, on top of the gap between cards.
BETWEEN_COLUMNS = 16.0

CORNER_RADIUS = 4.0

_PADDING = 9.0
_TOP_ROW = 23.0
_BOTTOM_ROW = 18.0
_BOTTOM_PADDING = 7.0
_BADGE_INSET = 6.0
_BADGE_HEIGHT = 11.0
_BADGE_PADDING = 4.5
_BADGE_LETTERS_RISE = 2.3
_PEAK_RISE = 7.5
_SHORTEST_SPARKLINE = 10.0
_NARROWEST_ID = 18.0
_MARK_SIZE = 6.0
_ID_ROW = 9.0
_ID_ROW_GAP = 2.0
_ID_RISE = 1.2
_NARROWEST_SPARKLINE = 7.0

_LEAST_HEADING = 11.0
_HEADING_RISE = 4.5
_CARDS_SHARE = 0.5

_THICKEST_BAR = 9.0
_SHORTEST_BAR = 40.0
_BAR_BESIDE_LONG_NAME = 64.0
_BAR_GAP = 7.0
_BAR_LETTERS_RISE = 2.6
_LOWEST_BAR_TEXT = 6.4
_WIDEST_NAME = 0.4

_TITLE_LINE = 13.0
_TITLE_BASELINE = 9.5
_COUNT_HEIGHT = 13.0
_COUNT_PADDING = 5.0
_COUNT_GAP = 2.0
_COUNT_LETTERS_RISE = 2.75
_RULE_LINE = 9.5
_RULE_BASELINE = 7.5
_RULE_GAP = 3.0
HEADER_SHARE = 0.35
_LEFT_OUT_SHARE = 0.75

Detail: TypeAlias = Literal["full", "compact", "id", "sparkline", "tile"]


class Box(NamedTuple):
    """A rectangle, in points from the top left corner of its container."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return self.top + self.height / 2


class Anchor(NamedTuple):
    """Position of a string: its left end, right end or centre, and its baseline."""

    x: float
    baseline: float


class CardLayout(NamedTuple):
    """Positions of a card's parts; None for a part that does not fit.

    The same dead neuron at each level of detail::

        full                 compact        id          sparkline  tile
        +----------------+   +----------+   +-------+   +-----+    +-+
        | id      (dead) |   | id     x |   | id    |   | -x- |    |#|
        | -------------- |   | -------- |   | --x-- |   +-----+    +-+
        | peak 0         |   +----------+   +-------+
        +----------------+

    Attributes
    ----------
    detail : {"full", "compact", "id", "sparkline", "tile"}
        How much the card shows.
    sparkline : Box
        Where the sparkline is, or would be on a tile.
    badge, mark : Box or None
        The pill that spells out the state, or the mark that replaces it.
    neuron_id, peak : Anchor or None
        Positions of the id and of the last line.
    id_width : float
        Width available to the id.
    """

    detail: Detail
    sparkline: Box
    badge: Box | None = None
    mark: Box | None = None
    neuron_id: Anchor | None = None
    peak: Anchor | None = None
    id_width: float = 0.0


class BarLayout(NamedTuple):
    """Positions of a layer's bar and its words; None for a word that does not fit.

    ::

        name   [########--------]   50%   4/8 dead
               |<----- bar ---->| share|    n_dead|

    Attributes
    ----------
    bar : Box
        The full bar, which stands for all neurons of the layer.
    name : Anchor or None
        Left end of the layer's name.
    name_width : float
        Width available to the name.
    share, n_dead : Anchor or None
        Right ends of the share and the count of dead neurons.
    """

    bar: Box
    name: Anchor | None = None
    name_width: float = 0.0
    share: Anchor | None = None
    n_dead: Anchor | None = None


class BarWords(NamedTuple):
    """Widths of the words beside the bars.

    Attributes
    ----------
    name, share, n_dead : float
        Width of the widest name, share and count of dead neurons.
    least_name : float
        Width for shortened names in which all can still be told apart.
    """

    name: float
    least_name: float
    share: float
    n_dead: float

    def beside_bar(self, name: float) -> float:
        """Return the total width beside a bar, gaps included, if names take *name*."""
        return name + self.share + self.n_dead + 3 * _BAR_GAP


class Bands(NamedTuple):
    """Where each group of cards begins; small groups share a band, side by side.

    With groups A, B and C of 2, 1 and 7 cards in three columns::

        A A B    band 0
        C C C    band 1
        C C C
        C

    Attributes
    ----------
    first_rows, first_columns : ndarray of int
        Row and column of each group's first card.
    widths : ndarray of int
        Number of columns from each group to the next one in its band, or to the end.
    numbers : ndarray of int
        Index of each group's band, from the top.
    nrows : int
        Number of rows of cards in total.
    """

    first_rows: NDArray[np.int64]
    first_columns: NDArray[np.int64]
    widths: NDArray[np.int64]
    numbers: NDArray[np.int64]
    nrows: int

    @property
    def n_bands(self) -> int:
        """The number of bands."""
        return int(self.numbers[-1]) + 1 if len(self.numbers) else 0


class Headings(NamedTuple):
    """Positions of headings, in rows and columns from the top left corner of the grid.

    Attributes
    ----------
    lefts, widths : ndarray of int
        Where each heading begins and how wide it may be, in columns.
    bottoms : ndarray of float
        Bottom edge of each heading, in rows.
    height : float
        Height of one heading, in rows; 0 if there are none.
    together : float
        Total height of the headings, one per band, in rows.
    """

    lefts: NDArray[np.int64]
    widths: NDArray[np.int64]
    bottoms: NDArray[np.float64]
    height: float
    together: float


_NONE = np.empty(0, dtype=np.int64)
NO_HEADINGS = Headings(_NONE, _NONE, np.empty(0), 0.0, 0.0)


class GridPlan(NamedTuple):
    """Positions of cards, in rows and columns from the top left corner of the grid.

    Attributes
    ----------
    nrows, ncols : int
        Number of rows and columns of cards.
    rows, columns : ndarray of int
        Row and column of each card.
    tops : ndarray of float
        Top edge of each card, in rows, including the headings above it.
    headings : Headings
        Positions of the headings.
    """

    nrows: int
    ncols: int
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    tops: NDArray[np.float64]
    headings: Headings = NO_HEADINGS

    @property
    def height(self) -> float:
        """Total height of cards and headings, in rows."""
        return self.nrows + self.headings.together


NOWHERE = GridPlan(0, 0, _NONE, _NONE, np.empty(0))


class Line(NamedTuple):
    """A line of text and its baseline."""

    text: str
    baseline: float


class HeaderLayout(NamedTuple):
    """A header's lines; `count_box` is None if the header does not fit at all.

    `brief` replaces the whole header where the rule does not fit but carries something
    the reader must be told: that not all neurons have a card. ::

        title                       [count]
        second line of the title
        rule
    """

    title: tuple[Line, ...]
    count_box: Box | None
    count_baseline: float
    rule: tuple[Line, ...]
    height: float
    brief: HeaderLayout | None = None


NO_HEADER = HeaderLayout((), None, 0.0, (), 0.0)


def near_square_columns(*counts: int) -> int:
    """Return the smallest ncols with ncols >= nrows.

    For a single group of n cards this is ceil(sqrt(n)).

    Parameters
    ----------
    *counts : int
        Number of cards in each group.

    Examples
    --------
    >>> [near_square_columns(n) for n in (0, 1, 6, 9, 10)]
    [0, 1, 3, 3, 4]
    >>> near_square_columns(64, 64, 64), near_square_columns(1, 1, 1)
    (15, 2)
    """
    candidates = range(1, sum(counts) + 1)
    found = bisect_left(
        candidates, 1, key=lambda ncols: int(bands(counts, ncols).nrows <= ncols)
    )
    return min(found + 1, sum(counts))


def rows_for(n_cards: int, ncols: int) -> int:
    """Return the number of rows that *n_cards* take in *ncols* columns.

    Examples
    --------
    >>> rows_for(7, 3)
    3
    """
    return -(-n_cards // ncols) if n_cards else 0


def bands(counts: Sequence[int], ncols: int) -> Bands:
    """Return where each group of cards begins in a grid of *ncols* columns.

    A group follows the previous one in the same row if all of it fits there; otherwise
    it starts a new band.

    Examples
    --------
    >>> begun = bands((2, 1, 7), 3)
    >>> begun.first_rows.tolist(), begun.first_columns.tolist(), begun.nrows
    ([0, 0, 1], [0, 2, 0], 4)
    """
    begun: list[tuple[int, int, int]] = []
    nrows = first = 0
    number, used = -1, ncols
    for count in counts:
        if used + count > ncols or used == 0:
            number, used, first = number + 1, 0, nrows
            nrows += rows_for(count, max(ncols, 1))
        begun.append((first, used, number))
        used = min(used + count, ncols)
    rows, columns, numbers = np.array(begun, dtype=np.int64).reshape(-1, 3).T
    ends = np.append(np.where(numbers[1:] == numbers[:-1], columns[1:], ncols), ncols)
    return Bands(rows, columns, ends[: len(columns)] - columns, numbers, nrows)


def placed(counts: Sequence[int], ncols: int, heading_height: float = 0.0) -> GridPlan:
    """Return the positions of grouped cards, under headings if *heading_height* > 0.

    Examples
    --------
    >>> places = placed((2, 1), ncols=2, heading_height=0.5)
    >>> places.rows.tolist(), places.tops.tolist(), places.height
    ([0, 0, 1], [0.5, 0.5, 2.0], 3.0)
    """
    begun = bands(counts, ncols)
    in_group = [np.column_stack(rows_and_columns(count, ncols)) for count in counts]
    firsts = np.column_stack([begun.first_rows, begun.first_columns])
    rows, columns = (np.concatenate(in_group) + np.repeat(firsts, counts, axis=0)).T
    above = heading_height * (begun.numbers + 1)
    headings = NO_HEADINGS
    if heading_height:
        bottoms, together = begun.first_rows + above, heading_height * begun.n_bands
        headings = Headings(
            begun.first_columns, begun.widths, bottoms, heading_height, together
        )
    tops = rows + np.repeat(above, counts)
    return GridPlan(begun.nrows, ncols, rows, columns, tops, headings)


def placed_down(n_cards: int, nrows: int) -> GridPlan:
    """Return the positions of cards that fill one column after another.

    Examples
    --------
    >>> places = placed_down(5, nrows=3)
    >>> places.columns.tolist(), places.rows.tolist()
    ([0, 0, 0, 1, 1], [0, 1, 2, 0, 1])
    """
    columns, rows = rows_and_columns(n_cards, nrows)
    ncols = rows_for(n_cards, nrows)
    return GridPlan(nrows, ncols, rows, columns, rows.astype(np.float64))


def heading_height(
    length: float, nrows: int, n_bands: int, card_height: float = CARD_HEIGHT
) -> float:
    """Return the height of a heading, in rows, when rows and headings fill *length*.

    Headings shrink rather than leave the cards less than half of the length that
    *nrows* cards of *card_height* take without headings.
    """
    if n_bands == 0:
        return 0.0
    length = max(length, 1.0)
    cards = min(max(nrows * (card_height + gap_beside(card_height)), 1.0), length)
    together = min(n_bands * HEADING_HEIGHT, length - _CARDS_SHARE * cards)
    return together / n_bands / pitch_of(length - together, max(nrows, 1))


def heading_rise(height: float) -> float | None:
    """Return the rise of a heading's baseline above the cards; None without room."""
    return _HEADING_RISE if height >= _LEAST_HEADING else None


def columns_within(width: float, card_width: float = CARD_WIDTH) -> int:
    """Return how many cards of *card_width* fit side by side in a figure; at least one.

    The counterpart of CSS's ``repeat(auto-fill, minmax(1.25in, 1fr))``.

    Examples
    --------
    >>> columns_within(3.5 * 72)
    2
    """
    gap = gap_beside(card_width)
    fitting = (width - 2 * MARGIN + gap) / (card_width + gap)
    return max(1, math.floor(fitting + 1e-9))


def natural_width(ncols: int, card_width: float = CARD_WIDTH) -> float:
    """Return the width of a figure with *ncols* cards of *card_width* in a row.

    A figure without cards is as wide as one with two, so that the header fits.
    """
    columns = ncols or 2
    return 2 * MARGIN + columns * card_width + (columns - 1) * gap_beside(card_width)


def natural_height(
    nrows: int, header_height: float, card_height: float = CARD_HEIGHT
) -> float:
    """Return the height of a figure with *nrows* rows of cards under a header."""
    gap = gap_beside(card_height)
    return 2 * MARGIN + header_height + nrows * (card_height + gap) - gap


def gap_beside(card_length: float) -> float:
    """Return the gap between cards of the given width or height.

    Examples
    --------
    >>> gap_beside(90), gap_beside(9)
    (8.0, 3.0)
    """
    return min(GAP, WIDEST_GAP / (1 - WIDEST_GAP) * card_length)


def rows_and_columns(
    n_cards: int, ncols: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each card's row and column, filling rows from the left."""
    return np.divmod(np.arange(n_cards, dtype=np.int64), max(ncols, 1))


def pitch_of(length: float, n_cards: float) -> float:
    """Return the pitch, a card plus its gap, at which *n_cards* fill *length*.

    The gap is `GAP`, or a quarter of the pitch if that is less. ::

        [ card ] gap [ card ] gap [ card ]
        |-- pitch --|

    Examples
    --------
    >>> pitch_of(3 * 90 + 2 * 8, 3)
    98.0
    """
    pitch = (length + GAP) / n_cards
    return pitch if gap_of(pitch) == GAP else length / (n_cards - WIDEST_GAP)


def gap_of(pitch: float) -> float:
    """Return the gap within a given pitch.

    Examples
    --------
    >>> gap_of(98.0), gap_of(20.0)
    (8.0, 5.0)
    """
    return min(GAP, WIDEST_GAP * pitch)


def badge_width(letters_width: float) -> float:
    """Return the width of a badge whose word is *letters_width* wide."""
    return letters_width + 2 * _BADGE_PADDING


def card_layout(width: float, height: float, widest_badge: float) -> CardLayout:
    """Return the positions of the parts of a card of the given size.

    As cards shrink, they lose in turn: the peak; the badge, replaced by a mark whose shape
    shows the state; the mark of living neurons; the id and the midline; and finally the
    sparkline, which leaves a tile that is either empty or filled.

    Examples
    --------
    >>> [card_layout(width, 0.7 * width, 25).detail for width in (90, 40, 30, 15, 8)]
    ['full', 'compact', 'id', 'sparkline', 'tile']
    """
    narrowest = _PADDING + _NARROWEST_ID + _PADDING / 2 + widest_badge + _BADGE_INSET
    shortest = _TOP_ROW + _SHORTEST_SPARKLINE + _BOTTOM_PADDING
    if width >= narrowest and height >= shortest:
        return _full(width, height, widest_badge)
    for detail, padding, lowest in _SMALLER:
        top = padding if detail == "sparkline" else padding + _ID_ROW
        beside = _MARK_SIZE + padding if detail == "compact" else 0.0
        id_width = width - 2 * padding - beside
        sparkline = Box(padding, top, width - 2 * padding, height - top - padding)
        if sparkline.height >= lowest and id_width >= _narrowest_of(detail):
            return _smaller(detail, padding, sparkline, id_width)
    whole = Box(0.0, 0.0, width, height)
    return CardLayout("tile", sparkline=whole, mark=whole)


#: Detail, padding and minimum sparkline height of each smaller kind of card.
_SMALLER: tuple[tuple[Detail, float, float], ...] = (
    ("compact", 4.5, 6.5),
    ("id", 3.0, 6.0),
    ("sparkline", 1.5, 5.5),
)


def _narrowest_of(detail: Detail) -> float:
    return _NARROWEST_SPARKLINE if detail == "sparkline" else _NARROWEST_ID


def _full(width: float, height: float, widest_badge: float) -> CardLayout:
    has_peak = height >= _TOP_ROW + _SHORTEST_SPARKLINE + _BOTTOM_ROW
    below = _BOTTOM_ROW if has_peak else _BOTTOM_PADDING
    badge = Box(
        width - _BADGE_INSET - widest_badge, _BADGE_INSET, widest_badge, _BADGE_HEIGHT
    )
    return CardLayout(
        "full",
        Box(_PADDING, _TOP_ROW, width - 2 * _PADDING, height - _TOP_ROW - below),
        badge=badge,
        neuron_id=Anchor(_PADDING, badge.middle + _BADGE_LETTERS_RISE),
        peak=Anchor(_PADDING, height - _PEAK_RISE) if has_peak else None,
        id_width=badge.left - 1.5 * _PADDING,
    )


def _smaller(detail: Detail, padding: float, sparkline: Box, id_width: float) -> CardLayout:
    size = min(_MARK_SIZE, sparkline.height, sparkline.width)
    mark = Box(
        sparkline.left + (sparkline.width - size) / 2,
        sparkline.middle - size / 2,
        size,
        size,
    )
    if detail == "compact":
        middle = padding + _ID_ROW / 2 - _ID_ROW_GAP / 2
        mark = Box(sparkline.right - size, middle - size / 2, size, size)
    neuron_id = None
    if detail != "sparkline":
        neuron_id = Anchor(padding, padding + _ID_ROW - _ID_ROW_GAP - _ID_RISE)
    return CardLayout(detail, sparkline, mark=mark, neuron_id=neuron_id, id_width=id_width)


def bar_layout(width: float, height: float, words: BarWords) -> BarLayout:
    """Return the positions of a layer's bar and its words within *width* by *height*.

    To keep the bar long enough, names are shortened first; then the share is dropped, then
    the count, then the name.

    Examples
    --------
    >>> bar_layout(330, 11, BarWords(name=40, least_name=40, share=20, n_dead=40)).bar
    Box(left=47.0, top=1.0, width=209.0, height=9.0)
    """
    thickness = min(height, _THICKEST_BAR)
    top = (height - thickness) / 2
    baseline = height / 2 + _BAR_LETTERS_RISE
    if height < _LOWEST_BAR_TEXT:
        return BarLayout(Box(0.0, top, width, thickness))
    for has_count, has_share in ((1, 1), (1, 0), (0, 0)):
        beside_count = width - has_count * (words.n_dead + _BAR_GAP)
        right = beside_count - has_share * (words.share + _BAR_GAP)
        name_width = _name_width(width, right - _BAR_GAP, words)
        left = name_width + _BAR_GAP
        if right - left >= _SHORTEST_BAR:
            return BarLayout(
                Box(left, top, right - left, thickness),
                name=Anchor(0.0, baseline),
                name_width=name_width,
                share=Anchor(beside_count, baseline) if has_share else None,
                n_dead=Anchor(width, baseline) if has_count else None,
            )
    return BarLayout(Box(0.0, top, width, thickness))


def _name_width(width: float, beside: float, words: BarWords) -> float:
    """Return the width for names, which share the space up to *beside* with the bar."""
    share = _WIDEST_NAME * width
    most = max(share, beside - _BAR_BESIDE_LONG_NAME)
    least = min(words.least_name, share)
    return min(words.name, max(least, min(most, beside - _SHORTEST_BAR)))


def header_layout(
    width: float,
    title: str,
    count: str,
    rule: str,
    left_out: str = "",
    *,
    measure_title: Measure,
    measure_count: Measure,
    measure_rule: Measure,
) -> HeaderLayout:
    """Return the positions of a header's parts.

    *left_out* says how many neurons have a card, if not all; *rule* repeats it. The count
    stands to the right of the title, or below it if the two do not fit side by side.
    """
    count_width = measure_count(count) + 2 * _COUNT_PADDING
    beside = width - count_width - GAP
    stacked = beside < 0 or any(measure_title(word) > beside for word in title.split())
    title_lines = wrapped(title, width if stacked else beside, measure_title)
    title_height = _TITLE_LINE * len(title_lines)
    count_box = Box(
        0 if stacked else width - count_width,
        title_height + _COUNT_GAP if stacked else 0,
        min(count_width, width),
        _COUNT_HEIGHT,
    )
    above_rule = max(title_height, count_box.top + _COUNT_HEIGHT) + _RULE_GAP
    rule_lines = wrapped(rule, width, measure_rule)
    brief = None
    if left_out:
        brief = _without_rule(
            header_layout(
                width,
                left_out,
                count,
                "",
                measure_title=measure_title,
                measure_count=measure_count,
                measure_rule=measure_rule,
            )
        )
    return HeaderLayout(
        title=_stacked(title_lines, _TITLE_BASELINE, _TITLE_LINE),
        count_box=count_box,
        count_baseline=count_box.middle + _COUNT_LETTERS_RISE,
        rule=_stacked(rule_lines, above_rule + _RULE_BASELINE, _RULE_LINE),
        height=above_rule + _RULE_LINE * len(rule_lines) + GAP,
        brief=brief,
    )


def header_within(
    header: HeaderLayout, height: float, nrows: int, card_height: float = CARD_HEIGHT
) -> HeaderLayout:
    """Return as much of *header* as still leaves the cards below it their height.

    The rule is dropped first, then the whole header. A header that says that cards are
    left out may take a larger share of the height before it is dropped.
    """
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


def _stacked(lines: list[str], first_baseline: float, spacing: float) -> tuple[Line, ...]:
    return tuple(
        Line(text, first_baseline + spacing * index) for index, text in enumerate(lines)
    )
