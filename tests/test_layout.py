from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_neuron_autopsy._layout import (
    CARD_HEIGHT,
    CARD_WIDTH,
    GAP,
    MARGIN,
    NO_HEADER,
    RULE_SIZE,
    Box,
    HeaderLayout,
    badge_width,
    card_layout,
    columns_within,
    gap_of,
    header_layout,
    header_within,
    natural_height,
    natural_width,
    near_square_columns,
    pitch_of,
    rows_and_columns,
    rows_for,
    shortened,
    wrapped,
)

LETTER = 5.0

words = st.text("abcdefghij·", min_size=1, max_size=12)
sentences = st.lists(words, max_size=12).map(" ".join)
widths = st.floats(20, 600)


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
    columns = near_square_columns(n_cards)
    assert columns**2 >= n_cards
    assert n_cards == 0 or (columns - 1) ** 2 < n_cards


@given(n_cards=st.integers(0, 300), ncols=st.integers(1, 40))
def test_rows_are_filled_from_the_left(n_cards: int, ncols: int) -> None:
    rows, columns = rows_and_columns(n_cards, ncols)
    places = [(row, column) for row in range(n_cards) for column in range(ncols)]
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == places[:n_cards]
    assert rows_for(n_cards, ncols) == len(set(rows.tolist()))


def test_no_cards_need_no_rows_or_columns() -> None:
    assert near_square_columns(0) == rows_for(0, 0) == 0
    rows, columns = rows_and_columns(0, 0)
    assert len(rows) == len(columns) == 0


@given(width=st.floats(0.5, 5000))
def test_as_many_cards_as_fit_stand_beside_one_another(width: float) -> None:
    room = width - 2 * MARGIN
    fitting = 1
    while (fitting + 1) * CARD_WIDTH + fitting * GAP <= room + 1e-6:
        fitting += 1
    assert columns_within(width) == fitting


@pytest.mark.parametrize("ncols", [1, 2, 3, 7, 64, 1000])
def test_a_figure_of_natural_width_holds_its_columns_and_no_more(ncols: int) -> None:
    assert columns_within(natural_width(ncols)) == ncols
    # Inches are what a figure keeps.
    assert columns_within(natural_width(ncols) / 72 * 72) == ncols
    assert columns_within(natural_width(ncols) - 1) == max(ncols - 1, 1)


def test_a_card_is_as_large_as_the_design_says() -> None:
    assert (CARD_WIDTH, CARD_HEIGHT, GAP, MARGIN) == (1.25 * 72, 62, 8, 12)
    assert natural_width(3) == 12 + 90 + 8 + 90 + 8 + 90 + 12
    assert natural_height(2, 30) == 12 + 30 + 62 + 8 + 62 + 12
    assert natural_width(0) > 0


@given(length=st.floats(0.1, 1e4), n_cards=st.integers(1, 200))
def test_cards_and_gaps_fill_the_length(length: float, n_cards: int) -> None:
    pitch = pitch_of(length, n_cards)
    gap = gap_of(pitch)
    assert n_cards * pitch - gap == pytest.approx(length)
    assert 0 < gap <= GAP
    assert gap <= pitch / 4 * (1 + 1e-9)


@pytest.mark.parametrize("ncols", [1, 2, 5])
def test_cards_of_natural_width_have_the_natural_gap(ncols: int) -> None:
    pitch = pitch_of(natural_width(ncols) - 2 * MARGIN, ncols)
    assert pitch == pytest.approx(CARD_WIDTH + GAP)
    assert gap_of(pitch) == GAP


# A card


@given(width=st.floats(1, 500), height=st.floats(1, 500), letters=st.floats(5, 40))
def test_nothing_lies_outside_its_card(width: float, height: float, letters: float) -> None:
    badge, sparkline, placed = card_layout(width, height, badge_width(letters))
    assert is_within(badge, width, height)
    assert is_within(sparkline, width, height)
    assert bottom(badge) <= sparkline.top
    if placed is None:
        return
    assert badge.width == badge_width(letters) > letters
    assert placed.neuron_id.x > 0
    assert placed.neuron_id.x + placed.id_width < badge.left
    assert placed.id_width > 0
    for anchor in (placed.neuron_id, placed.state):
        assert badge.top < anchor.baseline < bottom(badge)
    if placed.peak is not None:
        assert bottom(sparkline) < placed.peak.baseline < height


def test_a_natural_card_shows_everything() -> None:
    layout = card_layout(CARD_WIDTH, CARD_HEIGHT, badge_width(15))
    assert (layout.sparkline.width, layout.sparkline.height) == (72, 21)
    assert layout.words is not None
    assert layout.words.peak is not None
    assert layout.words.neuron_id.x == layout.words.peak.x == layout.sparkline.left


def test_a_shrinking_card_loses_its_peak_before_its_words() -> None:
    kept = []
    for height in range(80, 1, -1):
        placed = card_layout(CARD_WIDTH, height, badge_width(15)).words
        kept.append(0 if placed is None else 1 if placed.peak is None else 2)
    assert kept == sorted(kept, reverse=True)
    assert set(kept) == {0, 1, 2}


@given(letters=st.floats(5, 60), height=st.floats(1, 200))
def test_a_card_once_too_narrow_for_words_stays_so(letters: float, height: float) -> None:
    widest = badge_width(letters)
    has_words = [
        card_layout(width, height, widest).words is not None for width in range(1, 200)
    ]
    assert has_words == sorted(has_words)


# The header


def header_of(width: float, title: str, count: str, rule: str) -> HeaderLayout:
    return header_layout(
        width,
        title,
        count,
        rule,
        measure_title=measure,
        measure_count=measure,
        measure_rule=measure,
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


def test_a_count_that_fits_stands_right_of_the_title() -> None:
    header = header_of(300, "Dead neuron autopsy", "2/6 dead", "dead: max")
    assert [line.text for line in header.title] == ["Dead neuron autopsy"]
    assert header.count_box is not None
    assert header.count_box.right == 300
    assert header.count_box.top == 0
    assert header.count_box.left > measure("Dead neuron autopsy")


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


# Lines


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
