"""How large figures and cards are: by themselves, and as the caller wants them."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from drawing import card_boxes, close_to, pixels, saved
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.transforms import Bbox

from dead_neuron_autopsy import LIGHT, draw_autopsy, plot_autopsy
from dead_neuron_autopsy._layout.grid import GroupSizes, grid_plan
from dead_neuron_autopsy._layout.measures import card_length
from dead_neuron_autopsy._layout.sizes import checked_sizes, largest_cards

WIDEST = 16
CARD = np.array([1.25, 62 / 72])
GAP, MARGIN = 8 / 72, 12 / 72


def plotted(n_neurons: int, **sizes: Any) -> Any:
    return plot_autopsy(np.zeros((n_neurons, 1)), neuron_axis=0, **sizes)


def cards_in_inches(figure: Any) -> list[Bbox]:
    """Return the cards with their borders, as a document has them."""
    saved(figure, "pdf")
    borders = figure.autopsy_grid.borders
    half = np.atleast_1d(borders.get_linewidth())[0] / 2
    boxes = card_boxes(figure.autopsy_grid)
    return [Bbox(box.padded(half).get_points() / 72) for box in boxes]


# A figure for which nothing is asked


@given(n_cards=st.integers(1, 100_000), header=st.floats(35, 60))
def test_no_population_makes_a_figure_too_large_or_too_long(n_cards: int, header: float) -> None:
    _, width, height = checked_sizes(None).figure(GroupSizes((n_cards,)), lambda *_: header)
    assert width <= WIDEST * 72
    assert height <= 0.85 * WIDEST * 72
    if n_cards > 12:  # few cards may be two rows of two
        assert 1.1 < width / height < (1.6 if n_cards < 20_000 else 2)


@pytest.mark.parametrize("n_neurons", [1, 2, 3, 5, 7, 13, 121, 122, 651, 10_000])
def test_a_figure_is_as_wide_as_its_cards_need_up_to_a_limit(n_neurons: int) -> None:
    width, height = plotted(n_neurons).get_size_inches()
    ncols = math.ceil(math.sqrt(n_neurons))
    needed = 2 * MARGIN + ncols * CARD[0] + (ncols - 1) * GAP
    if needed <= WIDEST:
        assert width == pytest.approx(needed)
    else:
        assert 0.88 * WIDEST < width <= WIDEST
    assert 0.7 < width / height < 1.8


@pytest.mark.parametrize("n_neurons", [1, 2, 6, 30, 121])
def test_few_cards_have_their_natural_size_and_gaps(n_neurons: int) -> None:
    figure = plotted(n_neurons)
    cards = cards_in_inches(figure)
    np.testing.assert_allclose([card.size for card in cards], [CARD] * n_neurons)
    for card, place in zip(cards, figure.autopsy_grid.cards.values(), strict=True):
        pitches = (CARD + GAP) * (place.column, -place.row)
        np.testing.assert_allclose(card.p0, cards[0].p0 + pitches, atol=1e-9)


@pytest.mark.slow
def test_more_cards_are_smaller_and_keep_their_proportions() -> None:
    areas = []
    for n_neurons in (121, 150, 400, 900):
        card = cards_in_inches(plotted(n_neurons))[0]
        assert card.width / card.height == pytest.approx(CARD[0] / CARD[1], rel=0.03)
        areas.append(card.width * card.height)
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == len(areas)


# What is asked for


@pytest.mark.parametrize("card_width", [0.1, 0.5, 1.25, 3])
@pytest.mark.parametrize("n_neurons", [1, 6, 150])
def test_cards_have_the_width_asked_for(n_neurons: int, card_width: float) -> None:
    figure = plotted(n_neurons, card_width=card_width)
    size = np.array([card_width, card_width * CARD[1] / CARD[0]])
    for card in cards_in_inches(figure):
        np.testing.assert_allclose(card.size, size)
    ncols = figure.autopsy_grid.ncols
    assert figure.get_size_inches()[0] > ncols * card_width


def test_cards_may_make_a_figure_wider_than_it_would_be() -> None:
    assert plotted(400, card_width=1.25).get_size_inches()[0] > WIDEST


def test_columns_of_cards_of_a_width() -> None:
    figure = plotted(6, ncols=2, card_width=0.5)
    assert figure.autopsy_grid.ncols == 2
    assert cards_in_inches(figure)[0].width == pytest.approx(0.5)


@pytest.mark.slow
@settings(max_examples=12)
@given(width=st.floats(1, 12), card_width=st.floats(0.4, 3))
def test_as_many_cards_of_a_width_stand_in_a_row_as_fit(width: float, card_width: float) -> None:
    assume(card_width <= width - 2 * MARGIN)
    figure = plotted(30, width=width, card_width=card_width)
    assert figure.get_size_inches()[0] == pytest.approx(width)
    ncols, cards = figure.autopsy_grid.ncols, cards_in_inches(figure)
    plt.close(figure)
    assert len(cards) >= ncols
    beside = cards[0].x0 - MARGIN  # words beside rows of cards that have none
    assert beside > -1e-9
    assert cards[ncols - 1].x1 == pytest.approx(width - MARGIN)
    if ncols > 1:
        assert cards[0].width > card_width - 1e-6
        assert cards[1].x0 - cards[0].x1 == pytest.approx(GAP)
    # Where ids just begin to fit, whether they do depends on the lines of the header, and a
    # column may be left out.
    ids_may_fit = abs(card_width - 0.407) < 0.01
    assert ids_may_fit or (ncols + 1) * card_width + ncols * GAP > width - 2 * MARGIN - beside


@pytest.mark.parametrize("sizes", [{}, {"card_width": 0.5}])
def test_few_cards_fill_the_width_they_were_given(sizes: dict[str, float]) -> None:
    figure = plotted(6, width=12, **sizes)
    grid, cards = figure.autopsy_grid, cards_in_inches(figure)
    assert (grid.nrows, grid.ncols) == (1, 6)
    assert cards[0].x0 == pytest.approx(MARGIN)
    assert cards[-1].x1 == pytest.approx(12 - MARGIN)
    assert cards[0].height == pytest.approx(CARD[1])  # they become wider, not higher


def test_groups_leave_no_column_empty_at_a_width() -> None:
    ids = ["a.1", "a.2", "a.3", "b.1", "b.2", "c.1", "c.2", "c.3"]
    figure = plotted(8, ids=ids, group_by="layer", width=7.2)  # wide enough for five
    assert {card.column for card in figure.autopsy_grid.cards.values()} == set(range(5))
    ids = ["a.1", "a.2", "a.3", "b.1", "b.2", "b.3", "c.1", "c.2"]
    figure = plotted(8, ids=ids, group_by="layer", width=7.2)
    assert figure.autopsy_grid.ncols == 5
    ids = ["a.1", "a.2", "a.3", "b.1", "b.2", "b.3", "c.1", "c.2", "c.3"]
    assert plotted(9, ids=ids, group_by="layer", width=7.2).autopsy_grid.ncols == 3


@pytest.mark.parametrize("group_size", [None, 1, 7, 60])
@pytest.mark.parametrize(("n_neurons", "width"), [(200, 3.5), (60, 2), (400, 12), (900, 17)])
def test_a_width_alone_makes_no_figure_too_high_to_print(
    n_neurons: int, width: float, group_size: int | None
) -> None:
    groups: dict[str, Any] = {}
    if group_size:
        groups = {"group_by": lambda name: int(name) // group_size, "title": "Words " * 20}
    figure = plotted(n_neurons, width=width, **groups)
    height = figure.get_size_inches()[1]
    ncols = figure.autopsy_grid.ncols
    assert figure.get_size_inches()[0] == pytest.approx(width)
    assert height <= max(11, width) + 1e-9
    # One column fewer would be too high, or no column could be filled.
    wider = plotted(n_neurons, width=width, ncols=ncols - 1, **groups)
    used = {card.column for card in wider.autopsy_grid.cards.values()}
    assert wider.get_size_inches()[1] > max(11, width) or len(used) < ncols - 1


@pytest.mark.parametrize("sizes", [{"card_width": 1.25}, {"ncols": 2}])
def test_a_caller_who_sizes_the_cards_may_have_a_high_figure(sizes: dict[str, Any]) -> None:
    figure = plotted(60, width=3.5, **sizes)
    assert figure.autopsy_grid.ncols == 2
    assert figure.get_size_inches()[1] > 25


@pytest.mark.parametrize(("n_neurons", "title"), [(200, None), (9, "Words " * 500)])
def test_cards_in_a_figure_as_high_as_a_sheet_keep_their_proportions(
    n_neurons: int, title: str | None
) -> None:
    figure = plotted(n_neurons, width=2, title=title)
    card = cards_in_inches(figure)[0]
    assert card.width / card.height == pytest.approx(CARD[0] / CARD[1], rel=0.05)


@pytest.mark.parametrize("sizes", [{}, {"width": 5}, {"card_width": 0.5}, {"ncols": 3}])
@pytest.mark.parametrize("height", [1.5, 3.5, 7])
def test_a_figure_has_the_height_asked_for(sizes: dict[str, float], height: float) -> None:
    assert plotted(12, height=height, **sizes).get_size_inches()[1] == pytest.approx(height)


@pytest.mark.parametrize("sizes", [{}, {"ncols": 4}])
@pytest.mark.parametrize(("n_neurons", "height"), [(6, 2), (6, 5), (12, 2.5), (400, 3), (400, 11)])
def test_a_figure_is_as_wide_as_goes_with_its_height(
    n_neurons: int, height: float, sizes: dict[str, int]
) -> None:
    if sizes and n_neurons > 12:
        pytest.skip("hundreds of rows")
    figure = plotted(n_neurons, height=height, **sizes)
    card = cards_in_inches(figure)[0]
    assert card.width / card.height == pytest.approx(CARD[0] / CARD[1], rel=0.15)
    assert figure.get_size_inches()[0] <= WIDEST + 1e-9


@pytest.mark.parametrize("height", [0.7, 40])
def test_a_height_makes_no_figure_too_wide_or_too_narrow(height: float) -> None:
    for n_neurons in (0, 1, 2, 12, 400):
        width = plotted(n_neurons, height=height).get_size_inches()[0]
        assert 1.5 < width <= WIDEST + 1e-9


def test_cards_of_a_width_fill_a_height() -> None:
    for n_neurons, height in ((12, 3.5), (40, 3.5), (40, 9)):
        figure = plotted(n_neurons, height=height, card_width=1.25)
        card = cards_in_inches(figure)[0]
        assert card.width == pytest.approx(1.25)
        assert card.height >= CARD[1] / 1.05
        assert figure.autopsy_grid.nrows > 1


def largest_scale(n_neurons: int, **sizes: Any) -> float:
    """Return how large cards are drawn, in parts of their natural size."""
    figure = plotted(n_neurons, **sizes)
    card = cards_in_inches(figure)[0]
    plt.close(figure)
    return float(min(card.size / CARD))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_neurons", "width", "height"),
    [
        (1, 4, 4),
        (12, 8, 2),
        (12, 2, 8),
        (17, 5, 5),
        (20, 14, 0.7),
        (20, 1.1, 1.3),
    ],
)
def test_in_a_given_size_the_cards_are_as_large_as_fit(
    n_neurons: int, width: float, height: float
) -> None:
    chosen = largest_scale(n_neurons, width=width, height=height)
    others = [
        largest_scale(n_neurons, width=width, height=height, ncols=ncols)
        for ncols in range(1, n_neurons + 1)
        if (width - 2 * MARGIN) / ncols > 0.05
    ]
    assert chosen > 0.95 * max(others)


# What cannot be

LENGTHS = ["width", "height", "card_width"]


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("wrong", [0, -1, 0.001, math.nan, math.inf, -math.inf])
def test_a_length_that_is_none_is_refused(name: str, wrong: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: must be .* at least .*; got {wrong}"):
        plotted(3, **{name: wrong})
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("wrong", ["3.5", True, 2j, [1], np.array([1.0, 2.0])])
def test_what_is_no_length_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(TypeError, match=rf"^{name}: must be a number of inches"):
        plotted(3, **{name: wrong})
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", LENGTHS)
def test_any_real_number_is_a_length(name: str) -> None:
    for number in (3, np.float32(3), np.int64(3)):
        assert plotted(3, **{name: number}) is not None


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"ncols": 3, "width": 4, "card_width": 1}, "^card_width: .* ncols and width"),
        ({"width": 4, "height": 4, "card_width": 1}, "^card_width: .* width and height"),
        ({"width": 2, "card_width": 3}, "^card_width: 3 in is more than width=2 holds"),
        ({"ncols": 60, "width": 2}, "^width: 2 in cannot hold ncols=60 cards; at least"),
    ],
)
def test_sizes_that_contradict_one_another_are_refused(
    sizes: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plotted(3, **sizes)
    assert plt.get_fignums() == []


def test_the_width_said_to_be_needed_is_enough() -> None:
    with pytest.raises(ValueError, match="cannot hold") as refused:
        plotted(60, ncols=60, width=2)
    needed = float(str(refused.value).split("at least ")[1].split(" in ")[0])
    assert plotted(60, ncols=60, width=needed).autopsy_grid.ncols == 60


@pytest.mark.parametrize("name", LENGTHS)
def test_a_figure_of_the_callers_has_its_size(name: str) -> None:
    mine: Any = plt.figure(figsize=(3, 2))
    sizes: dict[str, Any] = {name: 3.5}
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        draw_autopsy(mine, {"N": [0.0]}, **sizes)
    assert mine.axes == []
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        draw_autopsy(mine.add_subplot(), {"N": [0.0]}, **sizes)
    assert mine.get_size_inches().tolist() == [3, 2]


# As pixels


DEAD_COLORS = (LIGHT.dead_border, LIGHT.dead_text)


def sharp_dead_cards(figure: Any) -> tuple[Any, Any]:
    """Return where cards have any ink, and where that of an outline or a tile."""
    figure.autopsy_grid.row_labels.set_visible(False)
    picture = pixels(figure, dpi=100)
    borders = figure.autopsy_grid.borders
    first = borders.get_paths()[0].get_extents().y1 + borders.get_offsets()[0][1]
    below_header = picture[len(picture) - round(first) - 1 :]
    inked = ~close_to(below_header, LIGHT.background, 0)
    whole = (close_to(below_header, color, 0) for color in DEAD_COLORS)
    return inked, np.logical_or(*whole)


@pytest.mark.slow
@pytest.mark.parametrize("n_neurons", [6, 60, 400, 1500, 16_384, 100_000])
def test_cards_and_gaps_are_even_and_whole_pixels(n_neurons: int) -> None:
    figure = plotted(n_neurons)
    grid = figure.autopsy_grid
    inked, whole = sharp_dead_cards(figure)
    for axis, n_cards in ((0, grid.ncols), (1, grid.nrows)):
        touched = inked.any(axis=axis)
        edges = np.flatnonzero(np.diff(touched, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        assert len(starts) == n_cards  # none is cut off, and none touches the next
        assert len(set(ends - starts)) == 1
        pitches = np.diff(starts)
        assert np.ptp(pitches) == 0
        assert whole.any(axis=axis)[[*starts, *(ends - 1)]].all()
    for edge in (inked[-8:], inked[:, :8], inked[:, -8:]):
        assert not edge.any()


def scale_of_cards(groups: GroupSizes, width: float, height: float, ncols: int) -> float:
    """Return how large cards are, in parts of their natural size, under a usual header."""
    room = height - 2 * 12
    room -= min(40, 0.35 * room)
    room -= min(groups.headings_height(ncols), room / 2)
    across = card_length(width - 2 * 12, ncols) / (CARD[0] * 72)
    down = card_length(room, groups.bands(ncols).nrows) / (CARD[1] * 72)
    return float(min(across, down))


@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    headed=st.booleans(),
    width=st.floats(60, 1200),
    height=st.floats(60, 1200),
)
def test_no_other_number_of_columns_makes_larger_cards(
    counts: list[int],
    headed: bool,  # noqa: FBT001
    width: float,
    height: float,
) -> None:
    groups = GroupSizes(tuple(counts), headed)
    scales = [
        scale_of_cards(groups, width, height, ncols) for ncols in range(1, groups.n_cards + 1)
    ]
    chosen = scales[largest_cards(groups, width, height) - 1]
    assert chosen == pytest.approx(max(scales), rel=1e-9)


@pytest.mark.parametrize("huge", [10**400, Fraction(10**400), Decimal(1)])
def test_a_number_that_is_no_float_is_refused(huge: object) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^width: must be"):
        plotted(3, width=huge)


@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=9),
    width=st.none() | st.floats(1, 20),
)
def test_no_column_is_left_empty_by_groups(counts: list[int], width: float | None) -> None:
    groups = GroupSizes(tuple(counts), headed=True)
    ncols, *_ = checked_sizes(None, width).figure(groups, lambda *_: 40)
    assert len(set(grid_plan(groups, ncols, 500).columns.tolist())) == ncols
