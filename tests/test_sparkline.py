from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from drawing import card_boxes, pixels, saved
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib import pyplot as plt
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dead_neuron_autopsy import plot_autopsy
from dead_neuron_autopsy._layout.sparkline import (
    activation_range,
    sample_range,
    sparkline_points,
    trace,
)

# What float64 holds to its full 53 bits; the smallest have a test of their own.
activations = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda value: value == 0 or abs(value) > 1e-300
)
with_gaps = st.lists(
    st.one_of(activations, st.sampled_from([math.nan, math.inf, -math.inf, 0.0])),
    max_size=8,
)

Line = list[tuple[float, float]]

GAP = (math.nan, math.nan)


#: As many places as never are: every sample is drawn.
ALL = 10**9


def line_of(history: Any, n_bins: int = ALL) -> NDArray[np.float64]:
    (line,) = sparkline_points([np.ma.asarray(history)], n_bins)
    return line


def line_of_trace(history: Any, finer: int, n_bins: int) -> NDArray[np.float64]:
    """Return the line of a history of which the extremes of *finer* places are kept."""
    (line,) = sparkline_points([trace(history, finer)], n_bins)
    return line


def heights(line: NDArray[np.float64], xs: NDArray[Any]) -> NDArray[np.float64]:
    """Return how high a line without gaps is at some places."""
    ys: NDArray[np.float64] = np.interp(xs, *line.T)
    return ys


def assert_line(history: Any, expected: Line) -> None:
    np.testing.assert_allclose(line_of(history), expected, rtol=0, atol=1e-12)


@given(history=st.lists(activations, min_size=2, max_size=8))
def test_a_line_spans_its_own_range(history: list[float]) -> None:
    low, high = Fraction(min(history)), Fraction(max(history))
    expected = [
        float((Fraction(activation) - low) / (high - low)) if low < high else 0.5
        for activation in history
    ]
    line, xs = line_of(history), np.linspace(0, 1, len(history))
    assert line[[0, -1], 0].tolist() == [0, 1]
    np.testing.assert_allclose(heights(line, xs), expected, rtol=0, atol=1e-12)


@given(history=st.lists(st.integers(0, 2), min_size=2))
def test_a_level_stretch_is_drawn_by_its_ends(history: list[int]) -> None:
    drawn = np.round(line_of(history)[:, 0] * (len(history) - 1)).astype(int).tolist()
    in_the_midst = [
        sample
        for sample in range(1, len(history) - 1)
        if history[sample - 1] == history[sample] == history[sample + 1]
    ]
    assert drawn == sorted({*range(len(history))} - {*in_the_midst})


@given(history=with_gaps)
def test_a_line_stays_in_the_unit_square(history: list[float]) -> None:
    line = line_of(history)
    assert line.ndim == 2
    assert line.shape[1] == 2
    xs, ys = line.T
    assert len(line) >= 1
    assert np.isnan(xs).tolist() == np.isnan(ys).tolist()
    drawn = ~np.isnan(xs)
    assert np.all((xs[drawn] >= 0) & (xs[drawn] <= 1))
    assert np.all((ys[drawn] >= 0) & (ys[drawn] <= 1))
    assert np.all(np.diff(xs[drawn]) >= 0)


@given(history=with_gaps)
def test_a_gap_is_wherever_a_sample_is_not_finite(history: list[float]) -> None:
    line = line_of(history)
    finite = [math.isfinite(activation) for activation in history]
    pieces = "".join(".#"[is_finite] for is_finite in finite).split(".")
    drawn = "".join(".#"[not math.isnan(x)] for x in line[:, 0]).split(".")
    if not any(finite):
        assert drawn == ["#"]
        return
    # A level piece is drawn by its ends, and so is a lone sample, as a dash.
    least = [min(len(piece), 1) * 2 for piece in pieces]
    most = [max(len(piece), at_least) for piece, at_least in zip(pieces, least, strict=True)]
    for piece, at_least, at_most in zip(drawn, least, most, strict=True):
        assert at_least <= len(piece) <= at_most


@given(histories=st.lists(with_gaps, max_size=5))
def test_a_line_does_not_depend_on_its_neighbours(histories: list[list[float]]) -> None:
    lines = sparkline_points([np.array(history) for history in histories], ALL)
    longest = max(map(len, histories), default=1)
    assert len(lines) == len(histories)
    for line, history in zip(lines, histories, strict=True):
        (alone,) = sparkline_points([np.array(history)], ALL, longest=longest)
        np.testing.assert_array_equal(line, alone)


def test_histories_of_different_length_end_together() -> None:
    long, short, single = sparkline_points([np.arange(5.0), np.arange(3.0), np.ones(1)], ALL)
    assert long[:, 0].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert short[:, 0].tolist() == [0.5, 0.75, 1.0]
    assert single[:, 0].max() == 1.0


def test_lines_of_a_given_range_share_it() -> None:
    ranges = np.array([[0.0, 4.0], [0.0, 4.0], [1.0, 3.0]])
    lines = sparkline_points([np.arange(5.0), np.ones(5), np.full(5, 2.0)], ALL, ranges=ranges)
    assert [line[[0, -1], 1].tolist() for line in lines] == [[0, 1], [0.25, 0.25], [0.5, 0.5]]


def test_the_rows_of_an_array_are_histories() -> None:
    block = np.array([[1.0, 2.0, 0.0], [5.0, 5.0, math.nan]])
    for line, row in zip(sparkline_points(block, ALL), block, strict=True):
        np.testing.assert_array_equal(line, line_of(row))
    assert sparkline_points(np.zeros((0, 3)), ALL) == []


@pytest.mark.parametrize("history", [[], [math.nan], [math.nan, math.inf], [-math.inf] * 3])
def test_nothing_to_draw_draws_nothing(history: list[float]) -> None:
    line = line_of(history)
    assert len(np.unique(line, axis=0)) == 1
    assert line[0, 1] == 0.5


def test_all_masked_draws_nothing() -> None:
    assert len(line_of(np.ma.array([1.0, 2.0], mask=True))) == 1


@pytest.mark.parametrize("activation", [0.0, 7.0, -1e308, 5e-324])
def test_a_single_sample_lies_across_the_midline(activation: float) -> None:
    assert_line([activation], [(0, 0.5), (1, 0.5)])


@pytest.mark.parametrize("activation", [0.0, 7.0, -1e308, 1.7976931348623157e308, 5e-324])
def test_a_flat_history_lies_on_the_midline(activation: float) -> None:
    assert_line([activation] * 3, [(0, 0.5), (1, 0.5)])


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([math.nan, 1, 2], [GAP, (0.5, 0), (1, 1)]),
        ([2, 1, math.nan], [(0, 1), (0.5, 0), GAP]),
        (
            [0, 1, math.inf, 1, 0],
            [(0, 0), (0.25, 1), GAP, (0.75, 1), (1, 0)],
        ),
        # A lone sample is a dash as long as the way from one sample to the next,
        ([math.nan, 3, math.nan], [GAP, (0.25, 0.5), (0.75, 0.5), GAP]),
        # at either end too, where it stays inside.
        (
            [0, math.nan, 1],
            [(0, 0), (0.5, 0), GAP, (0.5, 1), (1, 1)],
        ),
        (
            [0, -math.inf, 2, math.nan, 4, 3],
            [(0, 0), (0.2, 0), GAP, (0.3, 0.5), (0.5, 0.5), GAP, (0.8, 1), (1, 0.75)],
        ),
    ],
)
def test_what_is_not_finite_is_a_gap(history: list[float], expected: Line) -> None:
    assert_line(history, expected)


def test_a_masked_sample_is_a_gap_and_does_not_stretch_the_range() -> None:
    history = np.ma.array([0, 100, 1, 2], mask=[False, True, False, False])
    assert_line(history, [(0, 0), (1 / 3, 0), GAP, (2 / 3, 0.5), (1, 1)])
    assert activation_range(history) == (0.0, 2.0)


@pytest.mark.parametrize(
    "history",
    [
        np.array([False, True, False]),
        np.array([0, 255, 0], dtype=np.uint8),
        np.array([-128, 127, -128], dtype=np.int8),
        np.array([-(2**63), 2**63 - 1, -(2**63)], dtype=np.int64),
        np.array([0, 2**64 - 1, 0], dtype=np.uint64),
        np.array([-65504, 65504, -65504], dtype=np.float16),
        np.array([-3.4e38, 3.4e38, -3.4e38], dtype=np.float32),
        np.array([-1.7e308, 1.7e308, -1.7e308]),
        np.array([1.0, 1.0 + 2**-52, 1.0]),
        np.array([0.0, 5e-324, 0.0]),
        np.array([2.0**-1022, 2.0**-1022 + 2.0**-1074, 2.0**-1022]),
    ],
    ids=lambda history: f"{history.dtype} up to {history[1]}",
)
def test_no_range_is_too_wide_or_too_narrow(history: NDArray[Any]) -> None:
    assert_line(history, [(0, 0), (0.5, 1), (1, 0)])
    assert activation_range(history) == (float(history[0]), float(history[1]))


@given(history=with_gaps)
def test_the_range_holds_every_finite_activation(history: list[float]) -> None:
    low, high = activation_range(np.array(history, dtype=float))
    assert -math.inf < low < high < math.inf
    finite = [activation for activation in history if math.isfinite(activation)]
    assert all(low <= activation <= high for activation in finite)
    if finite and min(finite) < max(finite):
        assert (low, high) == (min(finite), max(finite))


@pytest.mark.parametrize("activation", [0.0, 7.0, -0.25, 1e-300, 5e-324, -1.7e308, 1.7e308])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_the_range_of_a_flat_history_is_about_it(activation: float, n_samples: int) -> None:
    low, high = activation_range(np.full(n_samples, activation))
    assert -math.inf < low < high < math.inf
    middle = (Fraction(low) + Fraction(high)) / 2
    assert abs(middle - Fraction(activation)) <= (Fraction(high) - Fraction(low)) / 1000


@pytest.mark.parametrize("extreme", [-1.7976931348623157e308, 1.7976931348623157e308])
def test_the_range_of_the_largest_number_is_finite_and_not_empty(extreme: float) -> None:
    low, high = activation_range(np.full(3, extreme))
    assert -math.inf < low < high < math.inf
    assert low <= extreme <= high


@pytest.mark.parametrize("history", [[], [math.nan], [math.inf, -math.inf]])
def test_the_range_of_nothing_is_about_zero(history: list[float]) -> None:
    low, high = activation_range(np.array(history, dtype=float))
    assert low == -high < 0


@pytest.mark.parametrize("n_samples", range(5))
def test_the_first_and_last_sample_stand_at_the_ends(n_samples: int) -> None:
    left, right = sample_range(np.arange(float(n_samples)))
    assert left < right
    if n_samples > 1:
        assert (left, right) == (0, n_samples - 1)
    else:
        assert (left + right) / 2 == 0


@given(history=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8))
def test_both_ranges_agree_with_the_line(history: list[float]) -> None:
    array = np.array(history)
    (left, right), (low, high) = sample_range(array), activation_range(array)
    samples = np.arange(len(history))
    ys = heights(line_of(array), (samples - left) / (right - left))
    np.testing.assert_allclose(low + ys * (high - low), history, rtol=1e-6, atol=1e-8)


def test_the_callers_histories_stay_as_they_were() -> None:
    history = np.array([1.0, math.nan, 3.0])
    before = history.tobytes()
    history.flags.writeable = False
    for n_bins in (1, ALL):  # one of them reduces
        long = np.tile(history, 9)
        long.flags.writeable = False
        sparkline_points([history, long], n_bins)
        assert long.tobytes() == 9 * before
    assert history.tobytes() == before


# Long histories keep each place's extremes

DTYPES = ["bool", "int8", "uint8", "int64", "uint64", "float16", "float32", "float64"]

bin_counts = st.integers(1, 6)
long_lengths = st.integers(25, 160)  # for so few bins, all are long
long_histories = hnp.arrays(dtype=st.sampled_from(DTYPES), shape=long_lengths)
#: Small numbers, of which nothing is lost in any type.
small_histories = st.builds(
    lambda history, dtype: history.astype(dtype),
    hnp.arrays(np.int8, long_lengths, elements=st.integers(0, 100)),
    st.sampled_from(DTYPES),
)


@st.composite
def long_with_gaps(draw: st.DrawFn) -> NDArray[np.float64]:
    """Return a long history, some of whose samples are not finite."""
    history = draw(hnp.arrays(np.float64, long_lengths, elements=st.integers(-50, 50)))
    lengths = st.lists(st.integers(1, 5) | st.integers(1, 60), max_size=12)
    for length in draw(lengths):
        start = draw(st.integers(0, len(history) - 1))
        history[start : start + length] = draw(st.sampled_from([math.nan, math.inf]))
        history[start] = draw(st.sampled_from([math.nan, -math.inf]))
    return history


def pieces_of(line: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the unbroken pieces of a line."""
    drawn = np.flatnonzero(~np.isnan(line[:, 0]))
    runs = np.split(drawn, np.flatnonzero(np.diff(drawn) > 1) + 1)
    return [line[run] for run in runs if len(run)]


def gaps_of(history: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the first and last sample of each gap that has something on both sides."""
    finite = np.flatnonzero(np.isfinite(history))
    beside = zip(finite[:-1].tolist(), finite[1:].tolist(), strict=True)
    return [(left + 1, right - 1) for left, right in beside if right - left > 1]


def with_places_between(piece: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of an unbroken line with others that lie on it."""
    xs = np.union1d(piece[:, 0], np.linspace(piece[0, 0], piece[-1, 0], 500))
    return np.column_stack([xs, heights(piece, xs)])


@given(history=long_histories, mask=st.booleans(), n_bins=bin_counts)
def test_a_reduced_line_stays_in_the_unit_square(
    history: NDArray[Any],
    mask: bool,  # noqa: FBT001
    n_bins: int,
) -> None:
    masked = np.ma.array(history, mask=np.arange(len(history)) % 7 == 3)
    line = line_of(masked if mask else history, n_bins)
    assert np.isnan(line[:, 0]).tolist() == np.isnan(line[:, 1]).tolist()
    drawn = line[~np.isnan(line[:, 0])]
    assert np.all((drawn >= 0) & (drawn <= 1))
    assert len(drawn) >= 1


@given(history=small_histories, n_bins=bin_counts)
def test_every_point_of_a_reduced_line_is_a_sample_in_its_place(
    history: NDArray[Any], n_bins: int
) -> None:
    line = line_of(history, n_bins)
    samples = np.round(line[:, 0] * (len(history) - 1)).astype(int)
    in_full = heights(line_of(history), samples / (len(history) - 1))
    np.testing.assert_allclose(line[:, 1], in_full, rtol=0, atol=1e-12)
    assert np.all(np.diff(samples) > 0)
    assert samples[[0, -1]].tolist() == [0, len(history) - 1]


@given(history=small_histories, n_bins=bin_counts)
def test_the_highest_and_the_lowest_sample_are_never_dropped(
    history: NDArray[Any], n_bins: int
) -> None:
    line = line_of(history, n_bins)
    samples = np.round(line[:, 0] * (len(history) - 1)).astype(int)
    drawn = history[samples]
    assert drawn.max() == history.max()
    assert drawn.min() == history.min()
    if history.max() > history.min():
        assert np.all(line[drawn == history.max(), 1] == 1)
        assert np.all(line[drawn == history.min(), 1] == 0)


@pytest.mark.parametrize("n_samples", range(25, 49))  # all that is left over of a place
@pytest.mark.parametrize("spike", [1.0, -1.0])
def test_a_spike_is_drawn_wherever_it_is(n_samples: int, spike: float) -> None:
    for position in range(n_samples):
        history = np.zeros(n_samples)
        history[position] = spike
        line = line_of(history, 6)
        (at,) = np.flatnonzero(line[:, 1] == (spike > 0))
        assert line[at, 0] == pytest.approx(position / (n_samples - 1))


def assert_within_a_place(
    line: NDArray[np.float64], history: NDArray[np.float64], n_bins: int
) -> None:
    """Check that no sample is further from the line than a place."""
    finite = np.flatnonzero(np.isfinite(history))
    if len(finite) == 0:
        assert len(line) == 1
        return
    low, high = history[finite].min(), history[finite].max()
    drawn = np.concatenate([with_places_between(piece) for piece in pieces_of(line)])
    samples = drawn[:, 0] * (len(history) - 1)
    for sample in finite.tolist():
        near = np.abs(samples - sample) <= 1.5 * len(history) / n_bins
        share = (history[sample] - low) / (high - low) if low < high else 0.5
        assert drawn[near, 1].min(initial=2) <= share + 1e-9
        assert drawn[near, 1].max(initial=-1) >= share - 1e-9


@given(history=long_with_gaps(), n_bins=bin_counts, finer=st.integers(1, 5))
def test_a_reduced_line_is_within_a_place_of_every_sample(
    history: NDArray[np.float64], n_bins: int, finer: int
) -> None:
    assert_within_a_place(line_of(history, n_bins), history, n_bins)
    line = line_of_trace(history, finer * n_bins, n_bins)
    assert_within_a_place(line, history, n_bins)


@pytest.mark.parametrize("n_samples", [401, 403, 450, 499, 500, 1001, 10**5, 10**6 + 7])
def test_the_number_of_points_does_not_grow_with_the_samples(n_samples: int) -> None:
    history = np.random.default_rng(5).normal(size=n_samples)
    assert 100 <= len(line_of(history, 100)) <= 300
    history[:: n_samples // 100] = math.nan
    assert 100 <= len(line_of(history, 100)) <= 600


@given(
    n_samples=st.integers(200, 2000),
    start=st.integers(1, 1998),
    length=st.one_of(st.just(1), st.integers(1, 300)),
    gap=st.sampled_from([math.nan, math.inf, -math.inf]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
)
def test_a_gap_of_any_length_breaks_a_reduced_line_once(
    n_samples: int, start: int, length: int, gap: float, dtype: str
) -> None:
    n_bins = 20
    history = (np.arange(n_samples) % 17).astype(dtype)
    stop = min(start + length, n_samples - 1)
    history[start:stop] = gap
    pieces = pieces_of(line_of(history, n_bins))
    assert len(pieces) == (2 if start < stop else 1)
    if start < stop:
        place = 1.5 / n_bins
        assert pieces[0][-1, 0] == pytest.approx((start - 1) / (n_samples - 1), abs=place)
        assert pieces[1][0, 0] == pytest.approx(stop / (n_samples - 1), abs=place)


def assert_broken_at_gaps(
    line: NDArray[np.float64], history: NDArray[np.float64], n_bins: int
) -> None:
    pieces, gaps = pieces_of(line), gaps_of(history)
    assert len(pieces) - 1 <= len(gaps)
    for piece in pieces:
        if math.isclose(piece[-1, 0] - piece[0, 0], 1 / n_bins):
            continue  # a lone sample's dash
        first, last = np.round(piece[[0, -1], 0] * (len(history) - 1)).astype(int)
        assert np.isfinite(history[first : last + 1]).all()


@given(history=long_with_gaps(), n_bins=bin_counts, finer=st.integers(1, 5))
@example(np.array([*[math.nan] * 19, 0.0, math.nan, *[0.0] * 9]), 5, 1)  # two in one place
def test_a_reduced_line_is_broken_at_every_gap_and_nowhere_else(
    history: NDArray[np.float64], n_bins: int, finer: int
) -> None:
    assume(np.isfinite(history).any())
    assert_broken_at_gaps(line_of(history, n_bins), history, n_bins)
    line = line_of_trace(history, finer * n_bins, n_bins)
    assume(len(history) > 4 * n_bins)
    assert_broken_at_gaps(line, history, n_bins)


def test_a_masked_stretch_is_a_gap_of_a_reduced_line() -> None:
    hidden = (np.arange(500) >= 200) & (np.arange(500) < 300)
    samples = np.where(hidden, 1000, np.arange(500) % 7)
    line = line_of(np.ma.array(samples, mask=hidden), 10)
    expected = line_of(np.where(hidden, math.nan, samples), 10)
    np.testing.assert_array_equal(line, expected)
    assert len(pieces_of(line)) == 2


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf])
def test_a_long_history_of_nothing_draws_nothing(nothing: float) -> None:
    assert line_of(np.full(1000, nothing), 10).tolist() == [[0, 0.5]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_flat_history_lies_on_the_midline(dtype: str) -> None:
    line = line_of(np.ones(1000, dtype=dtype), 10)
    assert set(line[:, 1].tolist()) == {0.5}


def test_a_lone_sample_of_a_long_history_can_be_seen() -> None:
    history = np.full(1000, math.nan)
    history[500] = 3.0
    (dash,) = pieces_of(line_of(history, 10))
    assert dash[1, 0] - dash[0, 0] == pytest.approx(1 / 10)
    assert dash[:, 0].mean() == pytest.approx(500 / 999)


@pytest.mark.parametrize(
    "view",
    [
        lambda block: block[::3, 1],
        lambda block: block[::-1, 0],
        lambda block: block.T[2],
        lambda block: np.asfortranarray(block)[5],
        lambda block: np.broadcast_to(block[0, 0], 900),
        lambda block: block.astype(">f4")[:, 3],
    ],
    ids=["every third", "backwards", "column", "row of columns", "broadcast", "swapped"],
)
def test_a_view_is_drawn_as_its_copy_is(
    view: Callable[[NDArray[Any]], NDArray[Any]],
) -> None:
    history = view(np.random.default_rng(1).normal(size=(900, 900)))
    copy = np.array(history, dtype=history.dtype.newbyteorder("="))
    np.testing.assert_array_equal(line_of(history, 20), line_of(copy, 20))


def test_short_and_long_histories_stand_in_their_own_places() -> None:
    histories = [np.arange(5.0), np.arange(999) % 5, np.zeros(3), np.arange(500) % 3]
    for line, history in zip(sparkline_points(histories, 8), histories, strict=True):
        (alone,) = sparkline_points([history], 8, longest=999)
        np.testing.assert_array_equal(line, alone)


# Traces keep what is drawn


@given(history=with_gaps)
def test_a_short_history_is_traced_whole(history: list[float]) -> None:
    array = np.array(history, dtype=float)
    kept = trace(array)
    assert list(kept.positions) == list(range(len(history)))
    assert kept.n_samples == len(history)
    assert not np.shares_memory(kept.values, array)
    np.testing.assert_array_equal(kept.values, array)
    np.testing.assert_array_equal(line_of_trace(array, ALL, ALL), line_of(array))


def test_a_trace_is_in_float64_with_masked_samples_as_gaps() -> None:
    masked = np.ma.array([1, 2, 3], mask=[False, True, False], dtype=np.int8)
    for kept in (
        trace(masked),
        trace(np.ma.array(np.tile(masked.data, 99), mask=np.tile(masked.mask, 99)), 10),
    ):
        assert kept.values.dtype == np.float64
        assert set(kept.values[np.isfinite(kept.values)].tolist()) == {1, 3}
        assert np.isnan(kept.values).any()


@given(history=long_with_gaps(), n_bins=bin_counts)
def test_a_trace_has_the_range_of_its_history(history: NDArray[np.float64], n_bins: int) -> None:
    kept = trace(history, n_bins)
    assert activation_range(kept) == activation_range(history)
    assert sample_range(kept) == sample_range(history)
    positions = np.asarray(kept.positions)
    assert np.all(np.diff(positions) > 0)
    np.testing.assert_array_equal(kept.values, history[positions])


@given(history=small_histories, n_bins=bin_counts)
def test_a_trace_for_some_places_draws_the_same_line_in_them(
    history: NDArray[Any], n_bins: int
) -> None:
    line = line_of_trace(history, n_bins, n_bins)
    np.testing.assert_array_equal(line, line_of(history, n_bins))


@pytest.mark.parametrize("share_flat", [0, 0.5, 0.95])
def test_a_trace_is_small_and_draws_each_place_as_its_history_does(
    share_flat: float,
) -> None:
    rng = np.random.default_rng(2)
    history = rng.normal(size=1_000_003)
    history[: int(share_flat * len(history))] = 0
    history[123_456] = -9
    kept = trace(history)
    assert len(kept.values) <= 3 * 2**14
    line, whole = line_of_trace(history, 2**14, 100), line_of(history, 100)
    assert len(line) <= 1.1 * len(whole)
    for place in np.arange(100) / 100:
        near, here = (
            points[(points[:, 0] >= place - slack) & (points[:, 0] <= place + 0.01 + slack)]
            for points, slack in ((line, 0.01), (whole, 0))
        )
        assert near[:, 1].min(initial=0.5) <= here[:, 1].min(initial=0.5)
        assert near[:, 1].max(initial=0.5) >= here[:, 1].max(initial=0.5)


# What a long history looks like


def shapes(n_samples: int) -> dict[str, NDArray[np.float64]]:
    """Return histories in which a careless reduction shows."""
    time = np.linspace(0, 1, n_samples)
    spike = np.zeros(n_samples)
    spike[n_samples // 3] = 1
    gap = np.sin(20 * time)
    gap[n_samples // 2 : n_samples // 2 + n_samples // 20] = math.nan
    return {
        "step": np.where(time < 0.33, 0.0, 1.0),
        "spike": spike,
        "dip": 1 - spike,
        "gap": gap,
        "saw": time * 5 % 1,
        "square": np.sign(np.sin(56 * time)),
        "relu": np.maximum(np.sin(40 * time), 0),
    }


def assert_same_within_a_pixel(one: Any, other: Any) -> None:
    """Compare grey pictures: each pixel with those around it in the other one."""
    for picture, reference in ((one, other), (other, one)):
        around = sliding_window_view(np.pad(reference, 1, mode="edge"), (3, 3))
        assert (picture >= around.min(axis=(2, 3)) - 100).all()
        assert (picture <= around.max(axis=(2, 3)) + 100).all()


#: The lines of dense samples get thinner, unless a caller has set their width.
THICK = 1.25


def with_every_sample(histories: dict[str, NDArray[np.float64]]) -> Any:
    """Return a figure in which Matplotlib draws the histories, sample by sample."""
    figure = plot_autopsy(histories)
    grid = figure.autopsy_grid
    grid.sparklines.set_visible(False)
    for name, history in histories.items():
        axes = grid.cards[name].axes
        axes.plot(
            history,
            color=grid.sparklines.get_edgecolor()[0],
            linewidth=THICK,
            clip_on=False,
        )
    return figure


@pytest.mark.parametrize("dpi", [72, 100, 200])
@pytest.mark.parametrize("n_samples", [2_000, 50_000])
def test_a_reduced_history_looks_as_if_it_were_drawn_in_full(n_samples: int, dpi: int) -> None:
    figure = plot_autopsy(shapes(n_samples))
    figure.autopsy_grid.sparklines.set_linewidth(THICK)
    reduced = pixels(figure, "L", dpi=dpi)
    full = pixels(with_every_sample(shapes(n_samples)), "L", dpi=dpi)
    assert_same_within_a_pixel(reduced, full)


def test_histories_just_under_and_over_the_limit_look_alike() -> None:
    candidates = range(100, 9999)
    limit = candidates[bisect_left(candidates, 1, key=lambda n: int(n_points_drawn(n + 1) <= n))]
    assert n_points_drawn(limit) == limit
    histories = shapes(limit)
    longer = {name: np.append(one, one[-1]) for name, one in histories.items()}
    under, over = map(plot_autopsy, (histories, longer))
    for figure in (under, over):
        figure.autopsy_grid.sparklines.set_linewidth(THICK)
        figure.autopsy_grid.time_labels.set_visible(False)  # they name different samples
    assert_same_within_a_pixel(cards_of(under), cards_of(over))


def n_points_drawn(n_samples: int) -> int:
    """Return how many points a card draws of a history without level stretches."""
    figure = plot_autopsy({**shapes(3), "steep": np.arange(float(n_samples))})
    figure.canvas.draw()
    (*_, path) = figure.autopsy_grid.sparklines.get_paths()
    plt.close(figure)
    return len(np.asarray(path.vertices))


def cards_of(figure: Any) -> Any:
    """Return the pixels under the header, which says how many samples there are."""
    picture = pixels(figure, "L")
    figure.canvas.draw()
    share = max(box.y1 for box in card_boxes(figure.autopsy_grid)) / figure.bbox.height
    return picture[round(len(picture) * (1 - share)) :]


@pytest.mark.parametrize("file_format", ["svg", "pdf"])
def test_documents_do_not_grow_with_the_samples(file_format: str) -> None:
    noise = np.random.default_rng(3).normal(size=(4, 200_000))
    noise[:, ::9] = 0.5
    few, many = (
        len(saved(plot_autopsy(noise[:, :n], neuron_axis=0), file_format)) for n in (2_000, 200_000)
    )
    assert many < 1.1 * few
