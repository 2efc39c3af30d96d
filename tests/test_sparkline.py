from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dead_neuron_autopsy._sparkline import (
    activation_range,
    sample_range,
    sparkline_points,
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


def line_of(history: Any) -> NDArray[np.float64]:
    (line,) = sparkline_points([np.ma.asarray(history)])
    return line


def assert_line(history: Any, expected: Line) -> None:
    np.testing.assert_allclose(line_of(history), expected, rtol=0, atol=1e-12)


@given(history=st.lists(activations, min_size=2, max_size=8))
def test_a_line_spans_its_own_range(history: list[float]) -> None:
    low, high = Fraction(min(history)), Fraction(max(history))
    expected = [
        (
            sample / (len(history) - 1),
            float((Fraction(activation) - low) / (high - low)) if low < high else 0.5,
        )
        for sample, activation in enumerate(history)
    ]
    assert_line(history, expected)


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
    # Every piece is drawn with at least two points, its lone sample as a dash.
    drawn = "".join(".#"[not math.isnan(x)] for x in line[:, 0]).split(".")
    expected = [len(piece) if len(piece) != 1 else 2 for piece in pieces]
    assert [len(piece) for piece in drawn] == (expected if any(finite) else [1])


@given(histories=st.lists(with_gaps, max_size=5))
def test_a_line_does_not_depend_on_its_neighbours(histories: list[list[float]]) -> None:
    lines = sparkline_points([np.array(history) for history in histories])
    assert len(lines) == len(histories)
    for line, history in zip(lines, histories, strict=True):
        np.testing.assert_array_equal(line, line_of(history))


def test_the_rows_of_an_array_are_histories() -> None:
    block = np.array([[1.0, 2.0, 0.0], [5.0, 5.0, math.nan]])
    for line, row in zip(sparkline_points(block), block, strict=True):
        np.testing.assert_array_equal(line, line_of(row))
    assert sparkline_points(np.zeros((0, 3))) == []


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
    assert_line([activation] * 3, [(0, 0.5), (0.5, 0.5), (1, 0.5)])


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
    for sample, (x, y) in enumerate(line_of(array)):
        assert left + x * (right - left) == pytest.approx(sample)
        assert low + y * (high - low) == pytest.approx(history[sample], abs=1e-8)


def test_the_callers_histories_stay_as_they_were() -> None:
    history = np.array([1.0, math.nan, 3.0])
    before = history.tobytes()
    history.flags.writeable = False
    sparkline_points([history])
    assert history.tobytes() == before
