from __future__ import annotations

from itertools import combinations, pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_neuron_autopsy import PRINT
from dead_neuron_autopsy._layout.card import (
    ID_SIZE,
    PEAK_SIZE,
    CardLayout,
    Detail,
    badge_width,
    card_layout,
)
from dead_neuron_autopsy._layout.grid import GroupSizes, grid_plan
from dead_neuron_autopsy._layout.header import (
    NO_HEADER,
    RULE_SIZE,
    HeaderLayout,
    header_layout,
    header_within,
)
from dead_neuron_autopsy._layout.measures import (
    CARD_HEIGHT,
    CARD_WIDTH,
    GAP,
    MARGIN,
    Anchor,
    Box,
    card_length,
    columns_within,
    gap_beside,
    gap_of,
    natural_width,
    pitch_of,
)
from dead_neuron_autopsy._words.fitting import shortened, wrapped

LETTER = 5.0

words = st.text("abcdefghij·", min_size=1, max_size=12)
sentences = st.lists(words, max_size=12).map(" ".join)
widths = st.floats(20, 600)
card_lengths = st.floats(2, 500)
badges = st.floats(5, 60).map(badge_width)


def measure(text: str) -> float:
    """Return the width of *text* in a font whose letters are all as wide."""
    return LETTER * len(text)


def measure_proportional(text: str) -> float:
    return sum(2.0 + ord(letter) % 5 for letter in text)


def bottom(box: Box) -> float:
    return box.top + box.height


def is_within(box: Box, width: float, height: float) -> bool:
    slack = 1e-9
    return (
        min(box) >= 0
        and box.width > 0
        and box.height > 0
        and box.right <= width + slack
        and bottom(box) <= height + slack
    )


# The grid


@given(n_cards=st.integers(0, 10**9))
def test_columns_are_the_least_whose_square_holds_all_cards(n_cards: int) -> None:
    columns = GroupSizes((n_cards,)).near_square_columns()
    assert columns**2 >= n_cards
    assert n_cards == 0 or (columns - 1) ** 2 < n_cards


@given(n_cards=st.integers(0, 300), ncols=st.integers(1, 40))
def test_rows_are_filled_from_the_left(n_cards: int, ncols: int) -> None:
    plan = grid_plan(GroupSizes((n_cards,)), ncols, 100)
    places = [(row, column) for row in range(n_cards) for column in range(ncols)]
    found = zip(plan.rows.tolist(), plan.columns.tolist(), strict=True)
    assert list(found) == places[:n_cards]
    assert plan.nrows == len(set(plan.rows.tolist()))


@given(counts=st.lists(st.integers(1, 20), min_size=1, max_size=6), ncols=st.integers(1, 9))
def test_cards_are_drawn_at_their_columns_and_below_their_headings(
    counts: list[int], ncols: int
) -> None:
    plan = grid_plan(GroupSizes(tuple(counts), headed=True), ncols, 0.5)
    assert plan.lefts.dtype == plan.tops.dtype == np.float64
    assert plan.lefts.tolist() == plan.columns.tolist()
    headings = (plan.tops - plan.rows) / plan.headings.height
    np.testing.assert_allclose(headings, np.round(headings))
    assert headings[0] == pytest.approx(1)
    assert np.all(np.diff(headings) > -1e-9)


def test_no_cards_need_no_rows_or_columns() -> None:
    nothing = GroupSizes((0,))
    assert nothing.near_square_columns() == 0
    plan = grid_plan(nothing, 0, 100)
    assert plan.nrows == len(plan.rows) == len(plan.lefts) == len(plan.tops) == 0


@given(width=st.floats(0.5, 5000), card_width=card_lengths)
def test_as_many_cards_as_fit_stand_beside_one_another(width: float, card_width: float) -> None:
    room, gap = width - 2 * MARGIN, gap_beside(card_width)
    fitting = 1
    while (fitting + 1) * card_width + fitting * gap <= room + 1e-6:
        fitting += 1
    assert columns_within(width, card_width) == fitting


@given(ncols=st.integers(1, 1000), card_width=card_lengths)
def test_a_figure_of_natural_width_holds_its_columns_and_no_more(
    ncols: int, card_width: float
) -> None:
    width = natural_width(ncols, card_width)
    assert columns_within(width, card_width) == ncols
    # Inches are what a figure keeps.
    assert columns_within(width / 72 * 72, card_width) == ncols
    assert columns_within(width - 1, card_width) == max(ncols - 1, 1)


def test_a_card_is_as_large_as_the_design_says() -> None:
    assert (CARD_WIDTH, CARD_HEIGHT, GAP, MARGIN) == (1.25 * 72, 62, 8, 12)
    assert natural_width(3) == 12 + 90 + 8 + 90 + 8 + 90 + 12
    assert natural_width(0) > 0


@given(length=st.floats(0.1, 1e4), n_cards=st.integers(1, 200))
def test_cards_and_gaps_fill_the_length(length: float, n_cards: int) -> None:
    pitch = pitch_of(length, n_cards)
    gap = gap_of(pitch)
    assert n_cards * pitch - gap == pytest.approx(length)
    assert 0 < gap <= GAP
    assert gap <= pitch / 4 * (1 + 1e-9)


@given(n_cards=st.integers(1, 1000), length=card_lengths)
def test_cards_have_the_size_that_their_figure_was_made_for(n_cards: int, length: float) -> None:
    inside = natural_width(n_cards, length) - 2 * MARGIN
    assert gap_of(pitch_of(inside, n_cards)) == pytest.approx(gap_beside(length))
    assert card_length(inside, n_cards) == pytest.approx(length)


def test_small_cards_have_smaller_gaps() -> None:
    assert gap_beside(CARD_WIDTH) == gap_beside(CARD_HEIGHT) == GAP
    assert gap_beside(9) == 3
    assert gap_beside(1e-3) > 0


# A card

WIDEST_BORDER = max(PRINT.dead_border_width, PRINT.alive_border_width)

#: From the least to the most that a card shows.
DETAILS: list[Detail] = ["tile", "sparkline", "id", "compact", "full"]


def letters_at(anchor: Anchor, width: float, size: float) -> Box:
    """Return the room of letters of DejaVu, with what hangs below their baseline."""
    return Box(anchor.x, anchor.baseline - 0.76 * size, width, size)


def overlap(one: Box, other: Box) -> bool:
    beside = one.right <= other.left or other.right <= one.left
    above = bottom(one) <= other.top or bottom(other) <= one.top
    return not (beside or above)


def placed_parts(layout: CardLayout) -> dict[str, Box]:
    """Return where the parts are that a card has."""
    parts = {"sparkline": layout.sparkline, "badge": layout.badge, "mark": layout.mark}
    if layout.neuron_id is not None:
        parts["id"] = letters_at(layout.neuron_id, layout.id_width, ID_SIZE)
    if layout.peak is not None:
        parts["peak"] = letters_at(layout.peak, layout.sparkline.width, PEAK_SIZE)
    return {name: box for name, box in parts.items() if box is not None}


@given(width=card_lengths, height=card_lengths, badge=badges)
def test_nothing_lies_outside_its_card(width: float, height: float, badge: float) -> None:
    parts = placed_parts(card_layout(width, height, badge))
    assert all(is_within(box, width, height) for box in parts.values()), parts
    for name in {"id", "peak", "badge"} & parts.keys():
        left, top, *_ = parts[name]
        assert min(left, top) > WIDEST_BORDER
        assert parts[name].right < width - WIDEST_BORDER
        assert bottom(parts[name]) < height - WIDEST_BORDER


@given(width=card_lengths, height=card_lengths, badge=badges)
def test_parts_lie_apart_but_for_crosses_on_sparklines(
    width: float, height: float, badge: float
) -> None:
    layout = card_layout(width, height, badge)
    parts = placed_parts(layout)
    together = [
        {one, other} for one, other in combinations(parts, 2) if overlap(parts[one], parts[other])
    ]
    if layout.detail in ("full", "compact"):
        assert together == []
        return
    assert together == [{"sparkline", "mark"}]
    mark, sparkline = parts["mark"], parts["sparkline"]
    assert mark.middle == pytest.approx(sparkline.middle)
    assert mark.left + mark.right == pytest.approx(sparkline.left + sparkline.right)
    assert mark.width <= sparkline.width
    assert mark.height <= sparkline.height


@given(width=card_lengths, height=card_lengths, badge=badges)
def test_each_detail_has_its_parts(width: float, height: float, badge: float) -> None:
    layout = card_layout(width, height, badge)
    has_words = layout.detail in ("full", "compact", "id")
    assert (layout.badge is None) == (layout.detail != "full")
    assert (layout.mark is None) == (layout.detail == "full")
    assert (layout.neuron_id is None) == (not has_words)
    assert layout.peak is None or layout.detail == "full"
    assert layout.badge is None or layout.badge.width == badge
    # Letters of DejaVu Sans Mono, of which at least four are shown.
    assert not has_words or layout.id_width > 4 * 0.602 * ID_SIZE
    assert layout.detail != "tile" or layout.mark == Box(0, 0, width, height)


@given(
    width=card_lengths,
    height=card_lengths,
    wider=st.floats(0, 100),
    higher=st.floats(0, 100),
    badge=badges,
)
def test_a_smaller_card_never_shows_more(
    width: float, height: float, wider: float, higher: float, badge: float
) -> None:
    def shown(width: float, height: float) -> tuple[int, bool]:
        layout = card_layout(width, height, badge)
        return DETAILS.index(layout.detail), layout.peak is not None

    assert shown(width, height) <= shown(width + wider, height + higher)


def test_a_natural_card_shows_everything() -> None:
    layout = card_layout(CARD_WIDTH, CARD_HEIGHT, badge_width(15))
    assert layout.detail == "full"
    assert (layout.sparkline.width, layout.sparkline.height) == (72, 21)
    assert layout.neuron_id is not None
    assert layout.peak is not None
    assert layout.neuron_id.x == layout.peak.x == layout.sparkline.left


def test_a_shrinking_card_loses_one_thing_after_another() -> None:
    lost = []
    for tenths in range(10 * int(CARD_WIDTH), 20, -1):
        width = tenths / 10
        layout = card_layout(width, width * CARD_HEIGHT / CARD_WIDTH, badge_width(15))
        lost.append((layout.detail, layout.peak is not None))
    assert list(dict.fromkeys(lost)) == [
        ("full", True),
        ("full", False),
        ("compact", False),
        ("id", False),
        ("sparkline", False),
        ("tile", False),
    ]
    assert set(get_args(Detail)) == set(DETAILS)


# The header


def header_of(width: float, title: str, count: str, rule: str, left_out: str = "") -> HeaderLayout:
    return header_layout(
        width,
        title,
        count,
        rule,
        left_out=left_out,
        measures=(measure, measure, measure),
    )


@given(width=widths, title=sentences, rule=sentences, n_letters=st.integers(8, 15))
def test_the_parts_of_a_header_stand_apart(
    width: float, title: str, rule: str, n_letters: int
) -> None:
    header = header_of(width, title, "9" * n_letters, rule)
    count = header.count_box
    assert count is not None
    assert is_within(count, width, header.height)
    assert count.top < header.count_baseline < bottom(count)
    lines = [*header.title, *header.rule]
    assert all(measure(line.text) <= width for line in lines)
    for line in header.title:
        beside = measure(line.text) + GAP <= count.left + 1e-9
        assert beside or line.baseline < count.top
    for line in header.rule:
        assert line.baseline - RULE_SIZE >= bottom(count)
    baselines = [line.baseline for line in lines]
    assert baselines == sorted(set(baselines))
    assert all(0 < baseline < header.height for baseline in baselines)


def test_a_count_that_fits_stands_beside_the_title() -> None:
    header = header_of(300, "Dead neuron autopsy", "2/6 dead", "dead: max")
    assert [line.text for line in header.title] == ["Dead neuron autopsy"]
    assert header.count_box is not None
    assert header.count_box.left == measure("Dead neuron autopsy") + GAP
    assert header.count_box.top == 0


def test_a_count_that_does_not_fit_stands_under_the_title() -> None:
    header = header_of(90, "Dead neuron autopsy", "2/6 dead", "dead: max")
    assert [line.text for line in header.title] == ["Dead neuron", "autopsy"]
    assert header.count_box is not None
    assert header.count_box.left == 0
    assert header.count_box.top > header.title[-1].baseline


@pytest.mark.parametrize("title", ["", "   "])
def test_a_header_without_a_title_keeps_its_count_and_rule(title: str) -> None:
    header = header_of(300, title, "2/6 dead", "dead: max")
    assert header.title == ()
    assert header.count_box is not None
    assert [line.text for line in header.rule] == ["dead: max"]


def test_a_header_stays_where_the_cards_have_their_natural_room() -> None:
    header = header_of(300, "Dead neuron autopsy", "2/6 dead", "dead: max")
    for nrows in (1, 2, 50):
        height = header.height + nrows * (CARD_HEIGHT + GAP)
        assert header_within(header, height, nrows) is header


def test_a_header_gives_way_to_cards_that_lack_room() -> None:
    header = header_of(300, "Dead neuron autopsy", "2/6 dead", "dead: max")
    without_rule = header_within(header, header.height * 2, 1)
    assert without_rule.rule == ()
    assert without_rule.count_box == header.count_box
    assert without_rule.height < header.height
    assert header_within(header, header.height, 1) is NO_HEADER
    assert header_within(header, header.height, 0) is header
    assert NO_HEADER.height == 0


@pytest.mark.parametrize("title", ["Dead neuron autopsy", ""])
def test_that_cards_are_left_out_is_said_where_the_rule_has_no_room(title: str) -> None:
    header = header_of(300, title, "2/64 dead", "dead: max · 6 of 64", "6 of 64")
    assert [line.text for line in header.title] == [title] * bool(title)
    for height in (1.6 * header.height, 1.3 * header.height):
        brief = header_within(header, height, 9)
        assert [line.text for line in brief.title] == ["6 of 64"]
        assert brief.rule == ()
        assert brief.count_box is not None
        assert brief.count_box.left == measure("6 of 64") + GAP
    assert header_within(header, 0.7 * header.height, 9) is NO_HEADER


def test_that_cards_are_left_out_stands_over_the_count_in_a_narrow_figure() -> None:
    header = header_of(70, "Dead neuron autopsy", "2/64 dead", "", "6 of 64 shown")
    brief = header_within(header, header.height, 9)
    assert " ".join(line.text for line in brief.title) == "6 of 64 shown"
    assert len(brief.title) < len(header.title)
    assert brief.count_box is not None
    assert brief.count_box.left == 0
    assert 0 < brief.count_box.top - brief.title[-1].baseline < 8


# Lines


def test_a_sign_stays_with_the_word_after_it() -> None:
    assert wrapped("peak < 1 \N{DAGGER} died", 6, len) == ["peak", "< 1", "\N{DAGGER} died"]
    assert wrapped("\N{DAGGER} died", 4, len) == ["\N{DAGGER}", "died"]
    assert wrapped("one \N{MIDDLE DOT} two", 5, len) == ["one \N{MIDDLE DOT}", "two"]


@given(text=sentences, width=widths)
def test_wrapped_lines_fit_and_keep_every_word_that_fits(text: str, width: float) -> None:
    lines = wrapped(text, width, measure_proportional)
    assert all(measure_proportional(line) <= width for line in lines)
    kept = [word for line in lines for word in line.split(" ")]
    assert len(kept) == len(text.split())
    for word, original in zip(kept, text.split(), strict=True):
        fits = measure_proportional(original) <= width
        assert (word == original) if fits else ("…" in word)


@given(text=sentences, width=widths)
def test_no_word_is_wrapped_that_fits_on_the_line_before(text: str, width: float) -> None:
    lines = wrapped(text, width, measure)
    for line, following in pairwise(lines):
        assert measure(f"{line} {following.split()[0]}") > width


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_no_words_make_no_lines(text: str) -> None:
    assert wrapped(text, 100, measure) == []


@given(text=st.text(max_size=60), width=st.integers(1, 70))
def test_as_little_as_possible_is_shortened(text: str, width: int) -> None:
    short = shortened(text, width, len)
    assert len(short) == min(len(text), width)
    if len(text) > width:
        head, tail = short[: width // 2], short[width // 2 + 1 :]
        assert short == f"{head}…{tail}"
        assert text.startswith(head)
        assert text.endswith(tail)
    else:
        assert short == text


@pytest.mark.parametrize(
    ("width", "short"),
    [(9, "layer2.17"), (6, "lay…17"), (2, "l…"), (1, "…"), (0, "…"), (-3, "…")],
)
def test_the_middle_is_what_is_left_out(width: int, short: str) -> None:
    assert shortened("layer2.17", width, len) == short


def test_a_very_long_text_is_never_measured_whole() -> None:
    longest = 0

    def measure_and_remember(text: str) -> float:
        nonlocal longest
        longest = max(longest, len(text))
        return len(text)

    short = shortened("a" * 10**6 + "z", 11, measure_and_remember)
    assert short == "aaaaa…aaaaz"
    assert longest < 10_000
