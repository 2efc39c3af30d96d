"""When neurons died, and by which rule: against an independent reading of the definitions."""

from __future__ import annotations

import copy
import csv
import io
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy import (
    Constant,
    Criterion,
    Dormant,
    FiringRate,
    Peak,
    diagnose,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
)
from dead_neuron_autopsy._verdict.selection import selected

CRITERIA = [
    Peak(),
    Peak(0.5),
    FiringRate(),
    FiringRate(0.3),
    Dormant(),
    Dormant(0.6),
    Constant(0.5),
]

values = st.sampled_from([0.0, 0.0, 0.0, 1e-7, 0.25, -0.5, 1.0, -2.0, math.nan])
histories = st.lists(st.lists(values, max_size=12), max_size=6)
windows = st.one_of(st.none(), st.integers(1, 14))


# An independent reading of the definitions, one Python number at a time


def score_of(criterion: Criterion, samples: list[float], of_layer: list[list[float]]) -> float:
    if any(map(math.isnan, samples)):
        return math.nan
    sizes = [abs(sample) for sample in samples]
    if isinstance(criterion, Peak):
        return max(sizes, default=0.0)
    if isinstance(criterion, FiringRate):
        return sum(sample > 0 for sample in samples) / max(len(samples), 1)
    if isinstance(criterion, Constant):
        return max(samples, default=0.0) - min(samples, default=0.0)
    means = [
        math.fsum(map(abs, one)) / max(len(one), 1)
        for one in of_layer
        if not any(map(math.isnan, one))
    ]
    return math.fsum(sizes) / max(len(sizes), 1) / (math.fsum(means) / len(means) + 1e-9)


def state_of(criterion: Criterion, score: float, n_judged: int) -> str:
    if n_judged == 0:
        return "dead"
    if math.isnan(score):
        return "unknown"
    threshold = float(criterion.threshold)
    return (
        "dead"
        if (score < threshold if isinstance(criterion, Peak) else score <= threshold)
        else "alive"
    )


def is_active(criterion: Criterion, sample: float) -> bool:
    if isinstance(criterion, Peak):
        return abs(sample) >= float(criterion.threshold)
    return sample > 0


def last_active_of(criterion: Criterion, samples: list[float]) -> int:
    if isinstance(criterion, Dormant | Constant):
        return -1
    found = [index for index, sample in enumerate(samples) if is_active(criterion, sample)]
    return max(found, default=-1)


def fell_silent(criterion: Criterion, samples: list[float]) -> bool:
    """Return whether the last silent run is long, and longer than all before."""
    if isinstance(criterion, Dormant | Constant):
        return False
    pattern = "".join("x" if is_active(criterion, sample) else "." for sample in samples)
    *before, last = map(len, pattern.split("x"))
    return bool(before) and last >= max(len(samples) / 4, 1) and last >= 2 * max(before)


@pytest.mark.parametrize("criterion", CRITERIA, ids=repr)
@pytest.mark.parametrize(
    "form", ["lists", "masked", pytest.param("float16", marks=pytest.mark.slow)]
)
@settings(max_examples=60)
@given(given_samples=histories, window=windows)
def test_a_verdict_is_what_its_definition_says(
    criterion: Criterion, form: str, given_samples: list[list[float]], window: int | None
) -> None:
    neurons: dict[str, Any] = {
        f"L{index % 2}·N{index}": samples for index, samples in enumerate(given_samples)
    }
    if form == "masked":  # a masked sample is as if it were not there, but keeps its place
        neurons = {
            name: np.ma.masked_array([*samples, 7.0], [*[False] * len(samples), True])
            for name, samples in neurons.items()
        }
        window = None if window is None else window + 1
    elif form == "float16":
        neurons = {name: np.array(one, dtype=np.float16) for name, one in neurons.items()}
        given_samples = [np.array(one, np.float16).astype(float).tolist() for one in given_samples]
    autopsy = diagnose(neurons, criterion=criterion, window=window)
    n_judged = 99 if window is None else window - (form == "masked")
    judged = [samples[-n_judged:] if n_judged else [] for samples in given_samples]
    for index, samples in enumerate(given_samples):
        of_layer = [one for other, one in enumerate(judged) if other % 2 == index % 2]
        score = score_of(criterion, judged[index], of_layer)
        state = state_of(criterion, score, len(judged[index]))
        if math.isnan(score) or not math.isclose(score, float(criterion.threshold)):
            assert autopsy.states[index] == state
        assert autopsy.scores[index] == pytest.approx(score, rel=1e-12, nan_ok=True)
        last = last_active_of(criterion, samples)
        assert autopsy.last_active[index] == last
        if autopsy.states[index] == "dead" and autopsy.has_times and last + 1 < len(samples):
            assert autopsy.died_at[index] == last + 1
        elif form != "masked":
            assert autopsy.died_at[index] == -1
        if autopsy.states[index] == "alive" and not any(map(math.isnan, samples)):
            assert autopsy.fell_silent[index] == fell_silent(criterion, samples)
    assert autopsy.n_unknown == autopsy.states.count("unknown")
    assert autopsy.dead_ids == [
        name for name, dead in zip(neurons, autopsy.dead, strict=True) if dead
    ]


@pytest.mark.parametrize("criterion", CRITERIA, ids=repr)
@given(
    block=hnp.arrays(
        dtype=st.sampled_from(["int8", "uint8", "int64", "bool", "float32"]),
        shape=st.tuples(st.integers(1, 5), st.integers(1, 9)),
    ),
    window=windows,
)
def test_an_array_is_judged_as_its_rows_are(
    criterion: Criterion, block: NDArray[Any], window: int | None
) -> None:
    ids = [f"L{index % 2}.{index}" for index in range(len(block))]
    rule: dict[str, Any] = {"criterion": criterion, "window": window}
    rows = diagnose(dict(zip(ids, block.tolist(), strict=True)), **rule)
    found = [
        diagnose(block, neuron_axis=0, ids=ids, **rule),
        diagnose(block.T.copy(), neuron_axis=1, ids=ids, **rule),
    ]
    for autopsy in found:
        np.testing.assert_allclose(autopsy.scores, rows.scores, rtol=1e-6)
        assert autopsy.last_active.tolist() == rows.last_active.tolist()
        assert autopsy.fell_silent.tolist() == rows.fell_silent.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("criterion", CRITERIA, ids=repr)
@pytest.mark.parametrize(
    ("chunks", "window"),
    [((2, 3), None), ((2, 3), 7), ((6, 40), 39), ((1, 40), 7), ((6, 1), 39)],
)
def test_a_dask_array_is_judged_as_its_values_are(
    criterion: Criterion, chunks: tuple[int, int], window: int | None
) -> None:
    da = pytest.importorskip("dask.array")
    block = np.random.default_rng(5).normal(size=(6, 40)).round(1)
    block[:3, 20:] = 0
    block[4] = 0
    rule: dict[str, Any] = {"criterion": criterion, "window": window, "neuron_axis": 0}
    ids = [f"L{index % 2}·{index}" for index in range(6)]
    lazy = diagnose(da.from_array(block, chunks=chunks), ids=ids, **rule)
    eager = diagnose(block, ids=ids, **rule)
    np.testing.assert_allclose(lazy.scores, eager.scores)
    assert lazy.states == eager.states
    assert lazy.last_active.tolist() == eager.last_active.tolist()
    assert lazy.fell_silent.tolist() == eager.fell_silent.tolist()


def test_a_layers_mean_leaves_out_what_is_not_finite() -> None:
    neurons = {"A·0": [1.0], "A·1": [0.01], "A·2": [math.nan], "A·3": [math.inf], "B·0": [0.01]}
    autopsy = diagnose(neurons, criterion=Dormant())
    assert autopsy.states == ("alive", "dead", "unknown", "alive", "alive")
    np.testing.assert_allclose(autopsy.scores[:2], [1 / 0.505, 0.01 / 0.505], rtol=1e-6)


def test_a_window_longer_than_every_history_is_all_of_it() -> None:
    neurons = {"a": [1.0, 0.0], "b": [0.0]}
    whole, long = diagnose(neurons), diagnose(neurons, window=2)
    assert long.window is None
    assert long.summary == whole.summary
    assert diagnose(neurons, window=1).dead_ids == ["a", "b"]


def test_peaks_are_those_of_all_samples_and_scores_those_of_the_window() -> None:
    autopsy = diagnose({"a": [3.0, -4.0, 0.5]}, window=1)
    assert (autopsy.peaks.tolist(), autopsy.scores.tolist()) == ([4.0], [0.5])
    assert (autopsy.sample_counts.tolist(), autopsy.judged_counts.tolist()) == ([3], [1])


def test_steps_say_when_and_shorter_histories_end_with_the_others() -> None:
    neurons = {"a": [1.0, 0.0, 0.0, 0.0], "b": [1.0, 0.0], "c": [0.0] * 4, "d": [1.0] * 4}
    autopsy = diagnose(neurons, window=1, steps=[10, 20, 30, 40])
    np.testing.assert_array_equal(autopsy.died_at_step, [20, 40, 10, math.nan])
    np.testing.assert_array_equal(autopsy.last_active_step, [10, 30, math.nan, 40])
    labels = plot_autopsy(autopsy).autopsy_grid
    assert labels.alt.description.startswith(
        "3 of 4 neurons are dead. 2 were active before and died between step 20 and step 40"
    )
    fractions = diagnose({"a": [1.0, 0.0]}, window=1, steps=[0.5, 1.25])
    assert "died at step 1.25" in fractions.description


# Orders


def order_of(neurons: dict[str, list[float]], order: Any, **options: Any) -> list[str]:
    return list(selected(diagnose(neurons, **options), order, None, None).shown.ids)


def test_the_first_to_die_comes_first_and_what_lives_on_last() -> None:
    neurons = {
        "lives": [1.0] * 8,
        "late": [1.0] * 5 + [0.0] * 3,
        "never": [0.0] * 8,
        "early": [1.0] * 2 + [0.0] * 6,
        "short": [1.0] + [0.0] * 4,
    }
    assert order_of(neurons, "died", window=2) == ["never", "early", "short", "late", "lives"]
    # Without a window the same neurons fell silent, but live.
    assert order_of(neurons, "died") == ["never", "early", "short", "late", "lives"]


def test_layers_come_together_in_the_order_of_their_first_neurons() -> None:
    neurons = {"B·0": [1.0], "A·0": [1.0], "B·1": [0.0], "A·1": [1.0]}
    assert order_of(neurons, "layer") == ["B·0", "B·1", "A·0", "A·1"]
    with pytest.raises(ValueError, match=r"finds no group for the neuron 'a'"):
        order_of({"a": [1.0]}, "layer")


# Tables


@settings(max_examples=30)
@given(given_samples=histories, window=windows)
def test_tables_are_read_back_equal(given_samples: list[list[float]], window: int | None) -> None:
    neurons = {f'L1·"{index}",\n': samples for index, samples in enumerate(given_samples)}
    longest = max(map(len, given_samples), default=0)
    autopsy = diagnose(neurons, window=window, steps=np.arange(longest) / 3)
    frame = autopsy.to_frame()
    assert list(frame.columns) == [
        *("id", "layer", "unit", "state", "peak", "score", "n_samples", "last_active", "died_at"),
        *("last_active_step", "died_at_step"),
    ]
    text = autopsy.to_csv()
    assert text is not None
    rows = list(csv.DictReader(io.StringIO(text)))
    for name in frame.columns:
        column = [row[name] for row in rows]
        if name in {"id", "layer", "unit", "state"}:
            assert column == ["" if one is None else one for one in frame[name]]
        else:
            np.testing.assert_array_equal(list(map(float, column)), frame[name].to_numpy())
    found = json.loads(autopsy.to_json() or "")
    assert (found["criterion"], found["threshold"]) == ("peak", 1e-6)
    assert found["window"] == autopsy.window
    assert frame.attrs["rule"] == found["rule"]
    assert found["rule"].startswith("dead: max |activation| < 1e-6")
    assert found["steps"] == (np.arange(longest) / 3).tolist()
    for row, neuron in zip(found["neurons"], autopsy, strict=True):
        assert row["id"] == neuron.id
        assert row["state"] == neuron.state
        np.testing.assert_array_equal(float(row["peak"]), neuron.peak)


def test_tables_are_written_to_files(tmp_path: Any) -> None:
    autopsy = diagnose({"lone \ud800": [0.0], "ä": [1.0]})
    assert autopsy.to_csv(tmp_path / "a.csv") is None
    assert autopsy.to_json(tmp_path / "a.json") is None
    assert (tmp_path / "a.csv").read_bytes().decode("utf-8", "surrogatepass") == autopsy.to_csv()
    assert (tmp_path / "a.json").read_bytes().decode("utf-8", "surrogatepass") == autopsy.to_json()


# What an autopsy keeps


def test_a_neuron_is_found_by_its_id() -> None:
    autopsy = diagnose({"L1·N0": [0.5], "L1·N1": [0.0]})
    assert autopsy["L1·N1"] == autopsy.neuron(1)
    for wrong in ("L1·N2", 0, ["L1·N0"]):
        with pytest.raises(KeyError, match=r"no neuron has the id"):
            autopsy[wrong]  # type: ignore[index]


@pytest.mark.parametrize("criterion", CRITERIA, ids=repr)
def test_a_part_of_an_autopsy_keeps_its_times_and_its_rule(criterion: Criterion) -> None:
    neurons = {f"L1·{n}": [1.0] * n + [0.0] * (9 - n) for n in range(1, 9)}
    autopsy = diagnose(neurons, criterion=criterion, window=2, steps=range(9))
    for whole in (autopsy, copy.deepcopy(autopsy)):
        for first in (True, False):  # asked for before, or after
            if first:
                assert len(whole.last_active) == len(whole.fell_silent) == 8
            some = whole.take([5, 1])
            assert some.last_active.tolist() == autopsy.last_active[[5, 1]].tolist()
            assert some.died_at.tolist() == autopsy.died_at[[5, 1]].tolist()
            assert some.fell_silent.tolist() == autopsy.fell_silent[[5, 1]].tolist()
            assert some.scores.tolist() == autopsy.scores[[5, 1]].tolist()
            assert (some.criterion, some.window) == (criterion, 2)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"window": 0}, ValueError, r"^window: must be at least 1; got 0"),
        ({"window": -3}, ValueError, r"^window: must be at least 1; got -3"),
        ({"window": 2.0}, TypeError, r"^window: must be an integer; got float 2\.0"),
        ({"window": True}, TypeError, r"^window: must be an integer; got bool"),
        ({"steps": [1, 2, 3]}, ValueError, r"^steps: must have one number per sample, 2 .* got 3"),
        ({"steps": [2, 1]}, ValueError, r"^steps: must be numbers that increase.*steps\[1\] is 1"),
        ({"steps": [1, 1]}, ValueError, r"^steps: .* steps\[1\] is 1"),
        ({"steps": [1, math.nan]}, ValueError, r"^steps: .* steps\[1\] is nan"),
        ({"steps": [1, math.inf]}, ValueError, r"^steps: .* steps\[1\] is inf"),
        ({"steps": ["a", "b"]}, TypeError, r"^steps: must be numbers"),
        ({"steps": [[1, 2]]}, TypeError, r"^steps: must be numbers"),
        ({"steps": 3}, TypeError, r"^steps: must be numbers"),
        ({"criterion": "peak"}, TypeError, r"^criterion: must be a criterion, such as"),
        ({"criterion": FiringRate}, TypeError, r"^criterion: must be a criterion, such as"),
        ({"criterion": Peak(), "dead_threshold": 1}, TypeError, r"^dead_threshold and criterion"),
        ({"criterion": Dormant()}, ValueError, r"^criterion: Dormant compares .* neuron 'a'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str, tmp_path: Any
) -> None:
    for draw in (diagnose, plot_autopsy):
        with pytest.raises(error, match=message):
            draw({"a": [1.0, 0.0], "b": [0.0]}, **arguments)
    if "group_by" not in message:
        with pytest.raises(error, match=message):
            save_autopsy_pages(
                tmp_path / "a.pdf", {"a": [1.0, 0.0], "b": [0.0]}, group_by=None, **arguments
            )
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Peak(0), ValueError, r"^Peak\.threshold: must be finite and above 0"),
        (lambda: Peak(math.nan), ValueError, r"^Peak\.threshold: "),
        (lambda: Peak("1"), TypeError, r"^Peak\.threshold: must be a number"),  # type: ignore[arg-type]
        (lambda: FiringRate(-0.1), ValueError, r"^FiringRate\.threshold: must be a share"),
        (lambda: FiringRate(1), ValueError, r"^FiringRate\.threshold: "),
        (lambda: Dormant(math.inf), ValueError, r"^Dormant\.tau: must be finite"),
        (lambda: Dormant(-1), ValueError, r"^Dormant\.tau: "),
        (lambda: Constant("1"), TypeError, r"^Constant\.tolerance: must be a number"),  # type: ignore[arg-type]
        (lambda: Constant(-1e-9), ValueError, r"^Constant\.tolerance: "),
    ],
)
def test_a_criterion_of_no_number_is_refused(
    make: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"criterion": FiringRate()}, "criterion"),
        ({"criterion": Peak(0.5)}, "dead_threshold"),
        ({"window": 1}, "window"),
        ({"window": 9}, "window"),
        ({"steps": [1, 2, 4]}, "steps"),
    ],
)
def test_an_autopsy_is_drawn_by_no_other_rule_than_its_own(
    arguments: dict[str, Any], named: str
) -> None:
    neurons = {"L·a": [1.0, 0.0, 0.0], "L·b": [0.0] * 3}
    autopsy = diagnose(neurons, window=2, steps=[1, 2, 3])
    same: dict[str, Any] = {"dead_threshold": 1e-6, "window": 2, "steps": np.array([1.0, 2.0, 3.0])}
    assert plot_autopsy(autopsy, **same).autopsy is autopsy
    assert plot_layers(autopsy, criterion=Peak()).autopsy is autopsy
    with pytest.raises(ValueError, match=rf"^{named}: this Autopsy was made with"):
        plot_autopsy(autopsy, **arguments)
