from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy import Autopsy, diagnose
from dead_neuron_autopsy._diagnose import diagnosed
from dead_neuron_autopsy._intake.population import Population
from dead_neuron_autopsy._intake.sources import ArraySource, ListSource, Reduction
from dead_neuron_autopsy._verdict.autopsy import NanPolicy
from dead_neuron_autopsy._verdict.criteria import Peak
from dead_neuron_autopsy._verdict.judging import Rule, judged
from dead_neuron_autopsy._verdict.measuring import Measured

Number = bool | int | float

INTEGERS = [f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)]
FLOATS = ["float16", "float32", "float64"]
POLICIES: tuple[NanPolicy, ...] = ("propagate", "omit", "raise")

blocks = hnp.arrays(
    dtype=st.sampled_from([*INTEGERS, "bool", *FLOATS]),
    shape=st.tuples(st.integers(0, 4), st.integers(0, 6)),
)
float_blocks = hnp.arrays(
    dtype=st.sampled_from(FLOATS), shape=st.tuples(st.integers(1, 4), st.integers(0, 6))
)
thresholds = st.one_of(
    st.just(1e-6), st.floats(0, 1e3, exclude_min=True), st.sampled_from([math.ulp(0.0), 1.0, 128.0])
)


def exact_peak(samples: Sequence[Number]) -> float:
    """Return the peak by Python's exact numbers; nan if there is one."""
    peak: Number = 0
    for sample in samples:
        if math.isnan(sample):
            return math.nan
        peak = max(peak, abs(sample))
    return float(peak)


def without_nan(samples: Sequence[Number]) -> list[Number]:
    return [sample for sample in samples if not math.isnan(sample)]


def is_dead(peak: float, n_samples: int, threshold: float) -> bool:
    if n_samples == 0:
        return True
    return math.isfinite(peak) and Fraction(peak) < Fraction(threshold)


MISSING = re.compile(r" \d+ with missing samples: .*?\.(?= \w)")


def verdict(autopsy: Autopsy) -> tuple[object, ...]:
    """Return all that was found, in a form in which nan equals nan.

    What is missing is not: samples that were never there are not missed.
    """
    return (
        autopsy.ids.tolist(),
        tuple(map(repr, autopsy.peaks.tolist())),
        tuple(autopsy.dead.tolist()),
        autopsy.sample_counts.tolist(),
        autopsy.dead_threshold,
        autopsy.summary,
        MISSING.sub("", autopsy.description),
    )


def diagnose_one(activations: object, **arguments: Any) -> Autopsy:
    return diagnose({"a": activations}, **arguments)


# The rule


@given(block=blocks, threshold=thresholds)
def test_the_peak_is_the_exact_maximum_and_dead_is_below_the_threshold(
    block: NDArray[Any], threshold: float
) -> None:
    rows: list[list[Number]] = block.tolist()
    autopsy = diagnose(block, threshold, neuron_axis=0)
    peaks = [exact_peak(row) for row in rows]
    np.testing.assert_array_equal(autopsy.peaks, peaks)
    assert autopsy.dead.tolist() == [
        is_dead(peak, len(row), threshold) for peak, row in zip(peaks, rows, strict=True)
    ]
    assert autopsy.n_dead == sum(autopsy.dead.tolist())


@given(block=blocks, data=st.data())
def test_a_peak_at_the_threshold_is_alive(block: NDArray[Any], data: st.DataObject) -> None:
    peaks = diagnose(block, neuron_axis=0).peaks.tolist()
    threshold = data.draw(st.sampled_from([1e-6, *(peak for peak in peaks if 0 < peak < math.inf)]))
    autopsy = diagnose(block, threshold, neuron_axis=0)
    for peak, dead, count in zip(peaks, autopsy.dead, autopsy.sample_counts, strict=True):
        assert not dead or count == 0 or peak < threshold


def by_tuples(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    return diagnose(zip(ids, rows, strict=True), **settings)


def by_record_mappings(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    records = [{"id": i, "activations": row} for i, row in zip(ids, rows, strict=True)]
    return diagnose(records, **settings)


def by_record_objects(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    records = (SimpleNamespace(id=i, activations=row) for i, row in zip(ids, rows, strict=True))
    return diagnose(records, **settings)


def by_pandas(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    return diagnose(pd.DataFrame(dict(zip(ids, rows, strict=True))), **settings)


def by_polars(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    # polars 1.0 has no 16-bit floats; every one of them is a 32-bit float too.
    wide = rows.astype("float32") if rows.dtype == "float16" else rows
    return diagnose(pl.DataFrame(dict(zip(ids, wide, strict=True))), **settings)


def by_rows(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    return diagnose(rows, ids=ids, neuron_axis=0, **settings)


def by_columns(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    columns = np.ascontiguousarray(rows.T)
    return diagnose(columns, ids=ids, neuron_axis=1, **settings)


def by_masked_rows(ids: list[str], rows: NDArray[Any], **settings: Any) -> Autopsy:
    return diagnose(np.ma.array(rows), ids=ids, neuron_axis=0, **settings)


@pytest.mark.parametrize(
    "way",
    [
        by_tuples,
        by_record_mappings,
        by_record_objects,
        by_pandas,
        by_polars,
        by_rows,
        by_columns,
        by_masked_rows,
    ],
)
@given(
    block=hnp.arrays(
        dtype=st.sampled_from([*INTEGERS, "bool", *FLOATS]),
        shape=st.tuples(st.integers(1, 4), st.integers(0, 5)),
    ),
    threshold=thresholds,
    nan_policy=st.sampled_from(["propagate", "omit"]),
)
def test_every_container_gets_the_same_verdict(
    way: Callable[..., Autopsy],
    block: NDArray[Any],
    threshold: float,
    nan_policy: NanPolicy,
) -> None:
    ids = [f"L1·N{row}" for row in range(len(block))]
    settings = {"dead_threshold": threshold, "nan_policy": nan_policy}
    by_mapping = diagnose(dict(zip(ids, block, strict=True)), threshold, nan_policy=nan_policy)
    assert verdict(way(ids, block, **settings)) == verdict(by_mapping)


@given(
    histories=st.dictionaries(
        st.text(max_size=5), st.lists(st.floats(width=32), max_size=4), max_size=5
    ),
    data=st.data(),
)
def test_each_verdict_is_its_own_and_order_is_kept(
    histories: dict[str, list[float]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(list(histories)))
    autopsy = diagnose({key: histories[key] for key in order})
    assert autopsy.ids.tolist() == list(order)
    for neuron, key in zip(autopsy, order, strict=True):
        alone = diagnose({key: histories[key]}).neuron(0)
        assert repr(neuron) == repr(alone)


@given(block=float_blocks)
def test_the_sign_of_activations_does_not_count(block: NDArray[Any]) -> None:
    ours, theirs = diagnose(block, neuron_axis=0), diagnose(-block, neuron_axis=0)
    assert verdict(ours) == verdict(theirs)


@pytest.mark.parametrize(
    ("activations", "peak"),
    [
        (np.array([-128, 0], dtype=np.int8), 128.0),
        (np.array([-(2**15)], dtype=np.int16), 2.0**15),
        (np.array([-(2**31), 5], dtype=np.int32), 2.0**31),
        (np.array([-(2**63), 5], dtype=np.int64), 2.0**63),
        (np.array([0, 255], dtype=np.uint8), 255.0),
        (np.array([2**64 - 1], dtype=np.uint64), 2.0**64),
        (np.array([False, True]), 1.0),
        (np.array([65504, -65504], dtype=np.float16), 65504.0),
        (np.array([-3.4028235e38, 3.4028235e38], dtype=np.float32), float(2**128 - 2**104)),
        (np.array([-1.7976931348623157e308, 1e308]), 1.7976931348623157e308),
        (np.array([1e-45], dtype=np.float32), 2.0**-149),
        ([5e-324], 5e-324),
        (np.array([1.5, -2.5], dtype=">f8"), 2.5),
        (np.array([-0.0]), 0.0),
        ([2**63, -1], 2.0**63),
        ([-math.inf, 1.0], math.inf),
        ([7], 7.0),
    ],
)
def test_the_peak_does_not_overflow_or_wrap(activations: object, peak: float) -> None:
    autopsy = diagnose_one(activations)
    assert autopsy.peaks.tolist() == [peak]
    assert autopsy.peaks.dtype == np.float64
    assert math.copysign(1, autopsy.peaks[0]) == 1
    assert autopsy.dead.tolist() == [peak < 1e-6]
    as_array = diagnose(np.atleast_2d(np.asarray(activations)), neuron_axis=0)
    assert as_array.peaks.tolist() == [peak]


def test_a_longdouble_beyond_float64_is_infinite() -> None:
    if np.finfo(np.longdouble).max == np.finfo(np.float64).max:
        pytest.skip("longdouble is float64 here")
    huge = np.array(["-1e400"], dtype=np.longdouble)
    assert diagnose_one(huge).peaks.tolist() == [math.inf]


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool", *FLOATS])
def test_zeros_of_every_dtype_are_dead_and_ones_are_alive(dtype: str) -> None:
    block = np.array([[0, 0], [0, 1]], dtype=dtype)
    for nan_policy in POLICIES:
        autopsy = diagnose(block, neuron_axis=0, nan_policy=nan_policy)
        assert autopsy.dead.tolist() == [True, False]


@pytest.mark.parametrize(
    ("peak", "state"),
    [
        (math.nextafter(1e-6, 0), "dead"),
        (1e-6, "alive"),
        (math.nextafter(1e-6, 1), "alive"),
        (np.float32(1e-6), "dead"),  # the nearest float32 is below
        (np.float16(1e-6), "alive"),  # and the nearest float16 is above
    ],
)
def test_dead_is_strictly_below_the_threshold(peak: float, state: Literal["alive", "dead"]) -> None:
    assert diagnose_one(np.array([0, -peak])).states == (state,)


@pytest.mark.parametrize("threshold", [5e-324, 1e-6])
@pytest.mark.parametrize("activations", [[], np.zeros(0, dtype=np.int8)])
def test_no_samples_is_dead_whatever_the_threshold(activations: object, threshold: float) -> None:
    autopsy = diagnose_one(activations, dead_threshold=threshold)
    assert autopsy.dead.tolist() == [True]
    assert autopsy.peaks.tolist() == [0.0]
    assert autopsy.sample_counts.tolist() == [0]


def test_a_threshold_of_0_is_refused_and_the_smallest_asks_for_exact_silence() -> None:
    for threshold in (0, -0.0, -1e-6, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"^dead_threshold: must be finite and above 0"):
            diagnose({"a": [0.0]}, threshold)
    silent = diagnose({"a": [0.0], "b": [5e-324]}, math.ulp(0.0))
    assert silent.dead_ids == ["a"]


@pytest.mark.parametrize("empty", [[], {}, np.zeros((0, 4))])
def test_no_neurons_have_a_verdict_too(empty: object) -> None:
    axis = 0 if isinstance(empty, np.ndarray) else None
    autopsy = diagnose(empty, neuron_axis=axis)
    assert (len(autopsy), autopsy.n_dead, list(autopsy)) == (0, 0, [])
    assert autopsy.peaks.shape == autopsy.dead.shape == (0,)
    assert autopsy.peaks.dtype == np.float64
    assert autopsy.dead.dtype == np.bool_
    assert autopsy.summary.startswith("Dead neuron autopsy. 0 of 0 neurons dead")


def test_the_wrong_axis_gives_another_verdict() -> None:
    steps_by_units = np.zeros((24, 6))
    steps_by_units[1:, :4] = 1.0
    assert diagnose(steps_by_units, neuron_axis=1).dead.tolist() == [False] * 4 + [True] * 2
    assert diagnose(steps_by_units, neuron_axis=0).n_dead == 1


# Missing samples


@given(block=float_blocks, threshold=thresholds)
def test_omitted_nans_count_as_if_they_were_not_there(
    block: NDArray[Any], threshold: float
) -> None:
    rows = block.tolist()
    kept = {str(index): without_nan(row) for index, row in enumerate(rows)}
    expected = diagnose(kept, threshold)
    as_array = diagnose(block, threshold, neuron_axis=0, nan_policy="omit")
    one_by_one = diagnose(enumerate(block), threshold, nan_policy="omit")
    assert verdict(as_array) == verdict(one_by_one) == verdict(expected)
    assert as_array.peaks.tolist() == [exact_peak(samples) for samples in kept.values()]
    assert as_array.sample_counts.tolist() == [len(samples) for samples in kept.values()]


@given(block=float_blocks)
def test_raise_refuses_exactly_what_has_a_nan(block: NDArray[Any]) -> None:
    with_nan = [row for row, samples in enumerate(block.tolist()) if any(map(math.isnan, samples))]
    if not with_nan:
        strict = diagnose(block, neuron_axis=0, nan_policy="raise")
        assert verdict(strict) == verdict(diagnose(block, neuron_axis=0))
        return
    with pytest.raises(ValueError, match=rf"^neuron '{with_nan[0]}': .*nan_policy"):
        diagnose(block, neuron_axis=0, nan_policy="raise")


@given(
    block=blocks,
    nan_policy=st.sampled_from(["propagate", "omit"]),
    data=st.data(),
)
def test_masked_samples_never_count(
    block: NDArray[Any], nan_policy: NanPolicy, data: st.DataObject
) -> None:
    mask = data.draw(hnp.arrays(dtype=bool, shape=block.shape))
    masked = np.ma.array(block, mask=mask)
    kept = {
        str(row): [x for x, hidden in zip(block[row], mask[row], strict=True) if not hidden]
        for row in range(len(block))
    }
    expected = diagnose(
        {key: np.array(samples, dtype=block.dtype) for key, samples in kept.items()},
        nan_policy=nan_policy,
    )
    as_array = diagnose(masked, neuron_axis=0, nan_policy=nan_policy)
    as_columns = diagnose(masked.T, neuron_axis=1, nan_policy=nan_policy)
    one_by_one = diagnose(enumerate(masked), nan_policy=nan_policy)
    assert verdict(as_array) == verdict(as_columns) == verdict(expected)
    assert verdict(one_by_one) == verdict(expected)


@pytest.mark.parametrize("position", range(3))
def test_a_nan_propagates_wherever_it_stands(position: int) -> None:
    samples = [0.0, 0.0]
    samples.insert(position, math.nan)
    autopsy = diagnose({"a": samples, "b": [0.0]})
    assert math.isnan(autopsy.peaks[0])
    assert autopsy.states == ("unknown", "dead")
    assert (autopsy.n_unknown, autopsy.unknown.tolist()) == (1, [True, False])
    assert autopsy.sample_counts.tolist() == [3, 1]
    assert "1 neuron is unknown (nan)" in autopsy.summary


@pytest.mark.parametrize("samples", list(permutations([math.nan, -math.inf, 1.0])))
def test_nan_and_infinity_meet(samples: tuple[float, ...]) -> None:
    assert math.isnan(diagnose_one(samples).peaks[0])
    assert diagnose_one(samples, nan_policy="omit").peaks.tolist() == [math.inf]


def test_nothing_left_after_omitting_is_no_samples() -> None:
    autopsy = diagnose_one([math.nan, math.nan], nan_policy="omit")
    assert (autopsy.states, autopsy.sample_counts.tolist()) == (("dead",), [0])
    assert autopsy.peaks.tolist() == [0.0]
    assert "1 without samples, counted dead: a." in autopsy.description


@pytest.mark.parametrize("nan_policy", POLICIES)
def test_a_nan_under_the_mask_never_counts(nan_policy: NanPolicy) -> None:
    masked = np.ma.array([math.nan, 0.5], mask=[True, False])
    autopsy = diagnose_one(masked, nan_policy=nan_policy)
    assert autopsy.peaks.tolist() == [0.5]
    assert autopsy.sample_counts.tolist() == [1]


@pytest.mark.parametrize("nan_policy", POLICIES)
def test_all_masked_is_no_samples(nan_policy: NanPolicy) -> None:
    masked = np.ma.array(np.ones(3, dtype=np.float32), mask=True)
    autopsy = diagnose_one(masked, nan_policy=nan_policy)
    assert (autopsy.states, autopsy.sample_counts.tolist()) == (("dead",), [0])
    assert autopsy.peaks.tolist() == [0.0]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": pd.array([-3, None], dtype="Int8"), "b": [0, 0]}),
        pl.DataFrame({"a": pl.Series([-3, None], dtype=pl.Int8), "b": [0, 0]}),
        pl.DataFrame({"a": [-3.0, None], "b": [0, 0]}),
    ],
    ids=["pandas", "polars ints", "polars floats"],
)
def test_a_missing_value_of_a_frame_is_a_nan(frame: object) -> None:
    propagated = diagnose(frame)
    assert math.isnan(propagated.peaks[0])
    assert propagated.dead.tolist() == [False, True]
    omitted = diagnose(frame, nan_policy="omit")
    assert omitted.peaks.tolist() == [3.0, 0.0]
    assert omitted.sample_counts.tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"^neuron 'a': .*1 of 2 neurons"):
        diagnose(frame, nan_policy="raise")


# Wrong arguments


@pytest.mark.parametrize(
    "threshold",
    [
        -1,
        -1e-300,
        math.nan,
        math.inf,
        -math.inf,
        np.float32("nan"),
        pytest.param(10**400, id="int beyond float64"),
    ],
)
def test_a_threshold_that_is_negative_or_not_finite_is_refused(threshold: Any) -> None:
    with pytest.raises(ValueError, match=r"^dead_threshold: must be finite.*got -?[\w.]"):
        diagnose({"a": [1.0]}, threshold)


@pytest.mark.parametrize(
    ("threshold", "came"),
    [
        ("1e-6", "str '1e-6'"),
        (True, "bool True"),
        (np.bool_(False), "bool"),  # noqa: FBT003  # the very thing to be refused
        (1j, "complex 1j"),
        ([1e-6], "list"),
        (Decimal("1e-6"), "Decimal"),
    ],
)
def test_a_threshold_that_is_not_a_number_is_refused(threshold: Any, came: str) -> None:
    with pytest.raises(TypeError, match=rf"^dead_threshold: must be a number.*got {came}"):
        diagnose({"a": [1.0]}, threshold)


@pytest.mark.parametrize("threshold", [1, np.int8(1), np.float32(1), Fraction(1)])
def test_a_threshold_may_be_any_real_number(threshold: Any) -> None:
    autopsy = diagnose({"a": [1.0], "b": [0.5]}, threshold)
    assert autopsy.dead.tolist() == [False, True]
    assert type(autopsy.dead_threshold) is float


@pytest.mark.parametrize("nan_policy", ["drop", "", None, ["omit"], True])
def test_an_unknown_nan_policy_is_refused(nan_policy: Any) -> None:
    with pytest.raises(ValueError, match=r"^nan_policy: must be 'propagate'") as caught:
        diagnose({"a": [1.0]}, nan_policy=nan_policy)
    assert f"got {nan_policy!r}" in str(caught.value)


def test_raise_names_the_first_neuron_with_a_nan_and_counts_them() -> None:
    neurons = {"a": [1.0], "L3·N1": [math.nan], "c": [math.nan]}
    with pytest.raises(ValueError, match=r"^neuron 'L3·N1': .*2 of 3 neurons"):
        diagnose(neurons, nan_policy="raise")


# What comes back


def test_iterating_gives_a_record_a_neuron() -> None:
    alive, dead = diagnose({"a": [0.25, -0.5], "b": []})
    assert (alive.id, alive.peak, alive.state) == ("a", 0.5, "alive")
    assert alive.activations.tolist() == [0.25, -0.5]
    assert (dead.id, dead.peak, dead.state) == ("b", 0.0, "dead")
    assert type(alive.peak) is float


def test_the_records_can_be_diagnosed_again() -> None:
    autopsy = diagnose({"a": [0.25, -0.5], "b": []})
    assert verdict(diagnose(list(autopsy))) == verdict(autopsy)


@given(block=blocks)
def test_the_callers_array_stays_as_it_was(block: NDArray[Any]) -> None:
    before = block.tobytes()
    for nan_policy in ("propagate", "omit"):
        diagnose(block, neuron_axis=0, nan_policy=nan_policy)
    assert block.tobytes() == before
    assert block.flags.writeable


def test_the_callers_containers_stay_as_they_were() -> None:
    history = [0.5, -1.0]
    record = {"id": 1, "activations": history}
    neurons = [record]
    diagnose(neurons)
    assert neurons == [{"id": 1, "activations": [0.5, -1.0]}]
    assert neurons[0] is record
    assert record["activations"] is history


@pytest.mark.parametrize(
    "neurons",
    [{"a": [1.0, 2.0]}, {"a": np.ones(2)}, pd.DataFrame({"a": [1.0, 2.0]})],
    ids=["list", "array", "frame"],
)
def test_the_arrays_of_a_result_are_read_only(neurons: object) -> None:
    autopsy = diagnose(neurons)
    found = autopsy.peaks, autopsy.dead, autopsy.sample_counts
    for array in (*found, autopsy.neuron(0).activations):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_arrays_of_a_result_from_an_array_are_read_only() -> None:
    autopsy = diagnose(np.ones((2, 3)), neuron_axis=1)
    assert not np.asarray(autopsy.histories).flags.writeable
    assert not autopsy.neuron(0).activations.flags.writeable


@pytest.mark.parametrize("name", ["ids", "peaks", "dead", "dead_threshold", "histories"])
def test_a_result_cannot_be_changed(name: str) -> None:
    with pytest.raises(FrozenInstanceError, match=name):
        setattr(diagnose({"a": [1.0]}), name, None)


def test_a_result_says_what_it_is_in_a_line() -> None:
    autopsy = diagnose({"a": [1.0], "b": []}, 0.5)
    assert repr(autopsy) == "<Autopsy: 1 of 2 neurons dead, Peak(threshold=0.5)>"


def test_a_frame_has_a_row_a_neuron() -> None:
    frame = diagnose({"a": [0.5, math.nan], "b": []}, nan_policy="omit").to_frame()
    assert frame.to_dict("records") == [
        {
            "id": "a",
            "layer": None,
            "unit": None,
            "state": "alive",
            "peak": 0.5,
            "score": 0.5,
            "n_samples": 1,
            "last_active": 0,
            "died_at": -1,
        },
        {
            "id": "b",
            "layer": None,
            "unit": None,
            "state": "dead",
            "peak": 0.0,
            "score": 0.0,
            "n_samples": 0,
            "last_active": -1,
            "died_at": -1,
        },
    ]


def test_the_frame_of_no_neurons_has_its_columns() -> None:
    frame = diagnose([]).to_frame()
    assert list(frame.columns) == [
        *("id", "layer", "unit", "state", "peak", "score"),
        *("n_samples", "last_active", "died_at"),
    ]
    assert len(frame) == 0


def test_the_callers_frame_of_a_result_may_be_changed() -> None:
    autopsy = diagnose({"a": [0.5]})
    frame = autopsy.to_frame()
    frame.loc[0, "peak"] = 7.0
    assert autopsy.peaks.tolist() == [0.5]


# A result in place of neurons


def passed_through(neurons: object, threshold: Any = None, **changed: Any) -> Autopsy:
    arguments: dict[str, Any] = {
        "ids": None,
        "neuron_axis": None,
        "reduce": None,
        "nan_policy": "propagate",
    }
    return diagnosed(neurons, Rule.checked(threshold, None, None, None), **(arguments | changed))


@pytest.mark.parametrize("made_with", [1e-6, 0.5])
def test_a_result_is_passed_through_as_it_is(made_with: float) -> None:
    autopsy = diagnose({"a": [1.0]}, made_with)
    assert passed_through(autopsy) is autopsy
    assert passed_through(autopsy, made_with) is autopsy


def test_neurons_are_diagnosed_with_the_arguments_given() -> None:
    block = np.array([[0.25, math.nan], [0.0, 1.0]])
    arguments: dict[str, Any] = {"ids": ["x", "y"], "neuron_axis": 1, "nan_policy": "omit"}
    autopsy = passed_through(block, 0.5, **arguments)
    assert verdict(autopsy) == verdict(diagnose(block, 0.5, **arguments))
    assert autopsy.states == ("dead", "alive")


@pytest.mark.parametrize("threshold", [0.25, 1e-06])
def test_a_result_takes_no_other_threshold(threshold: float) -> None:
    autopsy = diagnose({"a": [1.0]}, 0.5)
    with pytest.raises(ValueError, match=rf"^dead_threshold: .*0\.5; got {threshold}"):
        passed_through(autopsy, threshold)


@pytest.mark.parametrize("argument", [{"ids": ["b"]}, {"neuron_axis": 0}, {"nan_policy": "omit"}])
def test_a_result_takes_no_argument_that_was_settled(argument: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match=next(iter(argument))):
        passed_through(diagnose({"a": [1.0]}), **argument)


def test_diagnosing_imports_neither_matplotlib_nor_a_library_of_frames() -> None:
    script = (
        "import sys\n"
        "from dead_neuron_autopsy import diagnose\n"
        "print(diagnose({'a': [1.0], 'b': []}).summary)\n"
        "heavy = {'matplotlib', 'pandas', 'polars', 'torch'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert ran.stdout.splitlines()[1] == "[]"
    assert ran.stderr == ""


# Positions and masks


def test_positions_are_taken_once_each() -> None:
    autopsy = diagnose({"a": [1.0], "b": [0.0], "c": [2.0]})
    assert autopsy.take([-1, 0]).ids.tolist() == ["c", "a"]
    assert autopsy.take([]).ids.tolist() == []
    for repeated in ([1, 1], [2, -1]):
        with pytest.raises(ValueError, match=r"^indices: must differ"):
            autopsy.take(repeated)
    with pytest.raises(IndexError):
        autopsy.take([3])


@pytest.mark.parametrize("form", [np.array, list, pd.Series], ids=["array", "list", "pandas"])
@given(dead=st.lists(st.booleans(), max_size=5))
def test_a_mask_takes_the_neurons_where_it_is_true(
    form: Callable[..., Any], dead: list[bool]
) -> None:
    autopsy = diagnose((number, [0.0 if d else 1.0]) for number, d in enumerate(dead))
    mask = form(dead) if form is list else form(dead, dtype=bool)
    some = autopsy.take(mask)
    assert some.ids.tolist() == autopsy.ids[autopsy.dead].tolist()
    assert some.n_dead == len(some) == sum(dead)
    assert len(autopsy.histories_of(mask)) == sum(dead)


@pytest.mark.parametrize("method", ["take", "histories_of"])
@pytest.mark.parametrize("mask", [[True], [False, True, False, True], np.ones(4, bool)])
def test_a_mask_of_another_length_is_refused(method: str, mask: Any) -> None:
    autopsy = diagnose({"a": [1.0], "b": [0.0], "c": [2.0]})
    message = rf"^indices: a mask must have one value per neuron, 3; got {len(mask)}\."
    with pytest.raises(ValueError, match=message):
        getattr(autopsy, method)(mask)


def test_ids_are_an_array_of_whatever_the_caller_wrote() -> None:
    names = ["L1·a", "nul\0", "lone \ud800", "", "0"]
    autopsy = diagnose({name: [0.0] for name in names})
    assert autopsy.ids.tolist() == names
    assert (autopsy.ids.shape, autopsy.ids.dtype) == ((5,), np.dtype(object))
    assert all(type(name) is str for name in autopsy.ids)
    assert autopsy.ids is autopsy.ids
    assert autopsy.ids[autopsy.dead].tolist() == names
    with pytest.raises(ValueError, match="read-only"):
        autopsy.ids[0] = "b"
    assert diagnose([]).ids.tolist() == []
    assert autopsy.neuron(-1).id == "0"


# Buffers that the caller fills again


def a_list() -> tuple[object, None, list[Any]]:
    buffers = [[0.0, 0.0], [1.0, 2.0]]
    return dict(zip("ab", buffers, strict=True)), None, buffers


def arrays(form: Callable[[Any], object]) -> tuple[object, None, list[Any]]:
    buffers = [np.zeros(2), np.array([1.0, 2.0])]
    return form(zip("ab", buffers, strict=True)), None, [*buffers]


def a_table(form: Callable[[Any], Any], axis: int) -> tuple[object, int, list[Any]]:
    buffer = np.array([[0.0, 0.0], [1.0, 2.0]])
    return form(buffer if axis == 0 else buffer.T), axis, [*buffer]


def spread_out() -> tuple[object, int, list[Any]]:
    larger = np.ones((4, 6))
    view = larger[::2, ::-3]
    view[...] = [[0.0, 0.0], [1.0, 2.0]]
    return view, 0, [*view]


def a_frame() -> tuple[object, None, list[Any]]:
    buffers = [np.zeros(2), np.array([1.0, 2.0])]
    frame = pd.DataFrame(dict(zip("ab", buffers, strict=True)), copy=False)
    return frame, None, [*buffers]


REUSED: dict[str, Callable[[], tuple[object, Any, list[Any]]]] = {
    "lists": a_list,
    "mapping": lambda: arrays(dict),
    "pairs": lambda: arrays(list),
    "stream": lambda: arrays(iter),
    "rows": lambda: a_table(np.asarray, 0),
    "columns": lambda: a_table(np.asarray, 1),
    "read-only view": lambda: a_table(lambda b: np.broadcast_to(b, b.shape), 0),
    "list of rows": lambda: a_table(list, 0),
    "masked": lambda: a_table(lambda block: np.ma.array(block, mask=False, copy=False), 0),
    "masked columns": lambda: a_table(lambda b: np.ma.array(b, mask=False, copy=False), 1),
    "non-contiguous": spread_out,
    "frame": a_frame,
}


@pytest.mark.parametrize("form", REUSED)
def test_a_buffer_may_be_filled_again(form: str) -> None:
    neurons, axis, buffers = REUSED[form]()
    autopsy = diagnose(neurons, neuron_axis=axis)
    before = verdict(autopsy)
    for buffer in buffers:
        buffer[:] = [7.0, 8.0]
    assert verdict(autopsy) == before
    kept = [[0.0, 0.0], [1.0, 2.0]]
    assert [history.tolist() for history in autopsy.histories] == kept
    assert [history.tolist() for history in autopsy.histories_of([0, 1])] == kept
    assert [neuron.activations.tolist() for neuron in autopsy] == kept
    assert autopsy.take([1]).neuron(0).activations.tolist() == kept[1]
    assert autopsy.source.is_steady


@pytest.mark.parametrize("kind", ["array", "mask"])
def test_a_mask_may_be_filled_again(kind: str) -> None:
    mask = np.array([[True, False], [False, False]])
    block = np.ma.array([[5.0, 0.0], [1.0, 2.0]], mask=mask, copy=False)
    neurons, axis = (block, 0) if kind == "array" else (dict(zip("ab", block, strict=True)), None)
    autopsy = diagnose(neurons, neuron_axis=axis)
    mask[...] = ~mask
    block.mask = True
    assert autopsy.incomplete.tolist() == [True, False]
    assert [np.ma.compressed(one).tolist() for one in autopsy.histories] == [
        [0.0],
        [1.0, 2.0],
    ]


def test_a_small_part_of_a_large_array_counts_with_its_own_size() -> None:
    larger = np.zeros((3, 2**23))  # 192 MiB of zeros that nobody touches
    autopsy = diagnose(larger[:, :5], neuron_axis=0)
    larger[:, 0] = 3.0
    assert not any(history.any() for history in autopsy.histories)
    assert autopsy.source.is_steady


def test_beyond_64_mib_the_callers_array_is_referred_to() -> None:
    array = np.zeros((2, 2**22 + 1))
    for neurons, axis in [(array, 0), (array.T, 1), (dict(enumerate(array)), None)]:
        autopsy = diagnose(neurons, neuron_axis=axis)
        assert not autopsy.source.is_steady
        assert not autopsy.take([1]).source.is_steady
        for history, row in zip(autopsy.histories, array, strict=True):
            assert np.shares_memory(history, row)
    assert diagnose(array[:1], neuron_axis=0).source.is_steady


def test_what_may_be_larger_than_memory_is_referred_to(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.zeros((2, 3)))
    for mode in ("r", "r+"):
        mapped = np.load(tmp_path / "m.npy", mmap_mode=mode)
        for neurons, axis in [(mapped, 0), (mapped.T, 1), (dict(enumerate(mapped)), None)]:
            autopsy = diagnose(neurons, neuron_axis=axis)
            assert autopsy.source.is_steady
            assert all(np.shares_memory(one, mapped) for one in autopsy.histories)


# The rule, by what it does


def test_the_criterion_and_its_number_are_those_asked_for() -> None:
    autopsy = diagnose({"a": [0.25], "b": [0.5], "c": [math.nan]}, Fraction(1, 2))
    assert (autopsy.criterion.name, autopsy.criterion.threshold) == ("peak", 0.5)
    assert autopsy.dead_threshold == 0.5
    assert autopsy.dead.tolist() == [True, False, False]
    assert autopsy.take([0]).criterion == autopsy.criterion == Peak(0.5)
    assert diagnose({}).criterion == Peak()


class OtherWords:
    def summary(self, autopsy: Autopsy) -> str:
        return f"{len(autopsy)} neurons"

    def rule_in_force(self, autopsy: Autopsy) -> str:
        return f"{len(autopsy)} rules"

    def description(self, autopsy: Autopsy) -> str:
        return ", ".join(autopsy.ids)


def test_a_result_says_itself_in_the_words_it_was_given() -> None:
    autopsy = replace(diagnose({"a": [0.0], "b": [1.0]}), words=OtherWords())
    assert (autopsy.summary, autopsy.description) == ("2 neurons", "a, b")
    assert autopsy.take([1]).description == "b"


class Loudness:
    """Dead is a neuron whose mean activation is at most 1: another rule than the peak's."""

    name = "loudness"
    threshold = 1.0

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        del omit
        return (Reduction(lambda rows: rows.sum(axis=1), np.add, np.float64(0)),)

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        (totals,) = measured.statistics
        return np.asarray(totals / np.maximum(measured.counts, 1))

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        return scores <= self.threshold

    def active(self, samples: NDArray[Any]) -> None:
        del samples


def test_another_rule_decides_from_the_same_pass() -> None:
    rows, rule = np.array([[0.0, 3.0], [4.0, 0.0]]), Rule(Loudness(), None, None)
    for source in (
        ArraySource(rows, is_steady=True),
        ListSource([*rows, np.zeros(0)], is_steady=True),
    ):
        found = judged(Population(None, source), rule, "propagate", OtherWords())
        assert found.dead.tolist() == [False, False, True][: len(source)]
        assert found.peaks.tolist()[:2] == [3.0, 4.0]
    quiet = ArraySource(rows[:, :1], is_steady=True)
    assert judged(Population(None, quiet), rule, "omit", OtherWords()).dead.tolist() == [
        True,
        False,
    ]
