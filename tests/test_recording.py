"""Recordings of arrays: steps, extremes, files, and what is found in them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dead_neuron_autopsy import (
    Constant,
    Criterion,
    Dormant,
    FiringRate,
    Peak,
    Recording,
    diagnose,
    plot_autopsy,
    plot_layers,
    unit_extremes,
)


def recorded(steps: list[Any], **options: Any) -> Recording:
    """Return a recording with one layer "fc", of arrays of samples by units."""
    recording = Recording(**options)
    for activations in steps:
        recording.observe("fc", activations, unit_axis=-1)
        recording.step()
    return recording


BATCHES = st.integers(1, 5).flatmap(
    lambda n_units: st.lists(
        st.lists(
            st.lists(
                st.sampled_from([0.0, 1e-9, -0.5, 0.25, 3.0, -1e-6, np.inf]),
                min_size=n_units,
                max_size=n_units,
            ),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=9,
    )
)


@given(batches=BATCHES, window=st.sampled_from([None, 1, 3]))
@settings(max_examples=150)
def test_extremes_give_the_same_verdicts_as_all_samples(
    batches: list[list[list[float]]], window: int | None
) -> None:
    """A step is judged whole, so a window of steps is one of all their samples."""
    steps = [np.array(batch) for batch in batches]
    recording = recorded(steps)
    late = np.concatenate(steps if window is None else steps[-window:])
    for criterion in (Peak(), Peak(0.3), Constant(), Constant(0.5)):
        found = diagnose(recording, criterion=criterion, window=window)
        expected = diagnose(late, neuron_axis=1, criterion=criterion)
        assert_array_equal(found.dead, expected.dead)
        assert_array_equal(found.scores, expected.scores)
    found = diagnose(recording, window=window)
    assert_array_equal(found.peaks, np.abs(np.concatenate(steps)).max(axis=0))
    active = np.array([(np.abs(step) >= 1e-6).any(axis=0) for step in steps])
    last = [max(np.flatnonzero(column), default=-1) for column in active.T]
    assert found.last_active.tolist() == last


def test_a_step_counts_as_active_if_any_of_its_samples_is() -> None:
    """Beside a large negative sample, a small positive one shows that a unit fires."""
    steps = [np.array([[-3.0, -3.0], [0.5, -1.0]]), np.array([[-1.0, -1.0]])]
    recording = recorded(steps)
    with pytest.raises(ValueError, match=r"needs each step's firing rate.*'firing rate'"):
        diagnose(recording, criterion=FiringRate())
    with pytest.raises(ValueError, match=r"needs each step's mean"):
        diagnose(recording, criterion=Dormant())
    assert [one.tolist() for one in diagnose(recording).histories] == [[-3.0, -1.0], [-3.0, -1.0]]


def test_calls_within_a_step_are_joined() -> None:
    recording = Recording()
    recording.observe("fc", np.array([[1.0, 0.0]]), unit_axis=1)
    recording.observe("fc", np.array([[-2.0, 0.0]]), unit_axis=1)
    recording.step()
    found = diagnose(recording)
    assert [one.tolist() for one in found.histories] == [[-2.0], [0.0]]
    assert diagnose(recording, criterion=Constant()).scores.tolist() == [3.0, 0.0]
    assert recording.layers[0].calls == 2


def test_the_latest_steps_are_kept_and_known_by_their_numbers() -> None:
    recording = recorded([np.array([[float(n)]]) for n in range(10)], last=4)
    assert recording.steps.tolist() == [6, 7, 8, 9]
    found = diagnose(recording)
    assert found.histories[0].tolist() == [6.0, 7.0, 8.0, 9.0]
    assert found.steps is not None
    assert found.steps.tolist() == [6, 7, 8, 9]
    recording.step()  # nothing was observed in it
    recording.observe("fc", np.array([[7.0]]), unit_axis=1)
    recording.step()
    assert recording.steps.tolist() == [7, 8, 9, 11]
    assert diagnose(recording, steps=[1, 2, 3, 5]).steps.tolist() == [1, 2, 3, 5]  # type: ignore[union-attr]


def test_a_step_without_a_layer_is_a_gap_not_silence() -> None:
    recording = Recording()
    for step in range(4):
        if step != 2:
            recording.observe("a", np.array([[1.0, 0.0]]), unit_axis=1)
        recording.observe("b", np.array([[1.0]]), unit_axis=1)
        recording.step()
    found = diagnose(recording)
    assert found.sample_counts.tolist() == [3, 3, 4]
    assert found.states == ("alive", "dead", "alive")
    assert np.ma.getmaskarray(found.histories[0]).tolist() == [False, False, True, False]
    assert found.take([2, 1]).histories[1].tolist() == [0.0, 0.0, None, 0.0]
    assert "2 with missing samples: a·0 and a·1." in found.description


def test_a_nan_makes_a_unit_unknown_or_is_omitted() -> None:
    recording = recorded([np.array([[np.nan, 0.0]]), np.array([[0.0, 0.0]])])
    assert diagnose(recording).states == ("unknown", "dead")
    assert diagnose(recording, nan_policy="omit").states == ("dead", "dead")
    with pytest.raises(ValueError, match="'fc·0'"):
        diagnose(recording, nan_policy="raise")


@pytest.mark.parametrize(
    ("functions", "criterion"),
    [
        (["relu"], Peak()),
        ([""], Peak()),
        (["relu", "gelu"], Peak(1e-3)),
        (["silu"], Peak(1e-3)),
        (["hardswish"], Peak()),
        (["relu", "tanh"], Constant(1e-3)),
        (["sigmoid"], Constant(1e-3)),
        (["leaky_relu"], Constant(1e-3)),
    ],
)
def test_the_default_rule_follows_the_activation_function(
    functions: list[str], criterion: Criterion
) -> None:
    recording = Recording()
    for place, function in enumerate(functions):
        recording.observe(f"layer{place}", np.ones((2, 3)), unit_axis=1, function=function)
    recording.step()
    found = diagnose(recording)
    assert found.criterion == criterion
    assert diagnose(recording, 0.5).criterion == Peak(0.5)
    drawn = plot_autopsy(recording).autopsy_grid.autopsy
    assert drawn.criterion == criterion
    assert plot_layers(recording).layer_bars.layers[0].name == "layer0"


def test_a_saved_recording_is_read_back_equal(tmp_path: Path) -> None:
    recording = Recording(last=8)
    random = np.random.default_rng(1)
    for step in range(12):
        recording.observe("a.b", random.normal(size=(3, 4)), unit_axis=1, function="gelu")
        if step % 2:
            recording.observe("c", unit_extremes(random.normal(size=(2, 5)), 1))
        recording.step()
    path = tmp_path / "run.npz"
    recording.save(path)
    again = Recording.load(path)
    assert again.layers == recording.layers
    assert again.steps.tolist() == recording.steps.tolist()
    assert diagnose(again).to_json() == diagnose(recording).to_json()
    figures = [io.BytesIO(), io.BytesIO()]
    for one, figure in zip((recording, again), figures, strict=True):
        plot_autopsy(one, window=3).savefig(figure, format="svg")
    assert figures[0].getvalue() == figures[1].getvalue()
    assert "2 layers, 9 units" in repr(again)


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ValueError, match="is not a recording"):
        Recording.load(path)
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(ValueError, match="is not a recording"):
        Recording.load(path)
    whole = tmp_path / "run.npz"
    recorded([np.ones((2, 2))]).save(whole)
    with zipfile.ZipFile(whole) as archive:
        names = archive.namelist()
    assert not any("pickle" in name for name in names)
    for n_bytes in range(0, whole.stat().st_size, 97):
        path.write_bytes(whole.read_bytes()[:n_bytes])
        with pytest.raises((ValueError, OSError)):
            Recording.load(path)
    with pytest.raises(OSError, match="no_such"):
        Recording.load(tmp_path / "no_such.npz")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    path.write_text("old")
    recording = recorded([np.ones((2, 2))])
    path.chmod(0o644)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "savez", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            recording.save(path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]


def test_a_saved_file_may_be_read_by_whom_other_files_may(tmp_path: Path) -> None:
    recording, path, other = recorded([np.ones((2, 2))]), tmp_path / "run.npz", tmp_path / "a"
    other.touch()
    recording.save(path)
    assert path.stat().st_mode == other.stat().st_mode
    path.chmod(0o640)
    recording.save(path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "run.npz"]


def test_what_cannot_be_observed_is_refused_by_name() -> None:
    recording = Recording()
    with pytest.raises(TypeError, match="unit_axis: say which axis of 'fc'"):
        recording.observe("fc", np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"activations of shape \(2, 3\) have no axis 2"):
        recording.observe("fc", np.ones((2, 3)), unit_axis=2)
    with pytest.raises(TypeError, match="unit_axis: must be an integer; got str 'last'"):
        recording.observe("fc", np.ones((2, 3)), unit_axis="last")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"layer 'fc': activations must be real numbers"):
        recording.observe("fc", np.ones((2, 3)) * 1j, unit_axis=1)
    with pytest.raises(ValueError, match="name: must be a str without '·'"):
        recording.observe("fc·1", np.ones((2, 3)), unit_axis=1)
    recording.observe("fc", np.ones((2, 3)), unit_axis=1)
    with pytest.raises(ValueError, match="layer 'fc': had 3 units before and has 4 now"):
        recording.observe("fc", np.ones((2, 4)), unit_axis=1)
    with pytest.raises(ValueError, match=r"neurons: this recording is empty"):
        diagnose(Recording())
    with pytest.raises(TypeError, match=r"Recording .* have their ids already"):
        diagnose(recording, ids=["a", "b", "c"])
    for last in (0, -1, True, 2.5):
        with pytest.raises((TypeError, ValueError), match="last: must be"):
            Recording(last)  # type: ignore[arg-type]


def test_an_empty_batch_is_no_sample() -> None:
    recording = recorded([np.ones((2, 3)), np.ones((0, 3)), np.ones((1, 3))])
    assert recording.steps.tolist() == [0, 2]


# Extremes of units


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_extremes_are_over_all_axes_but_the_units(axis: int) -> None:
    activations = np.random.default_rng(2).normal(size=(3, 4, 5))
    others = tuple({0, 1, 2} - {axis % 3})
    low, high = unit_extremes(activations, axis)
    assert_array_equal(low, activations.min(axis=others))
    assert_array_equal(high, activations.max(axis=others))


def test_samples_that_do_not_count_are_left_out() -> None:
    activations = np.array([[[1.0, -5.0], [9.0, 9.0]], [[2.0, 0.0], [3.0, -1.0]]])
    where = np.array([[True, False], [True, True]])
    low, high = unit_extremes(activations, -1, where)
    assert low.tolist() == [1.0, -5.0]
    assert high.tolist() == [3.0, 0.0]
    integers = unit_extremes(np.array([[1, 7], [2, 8]]), 1, np.array([True, False]))
    assert_allclose(integers.high, [1, 7])
    with pytest.raises(ValueError, match=r"where: must have the shape \(2, 2\)"):
        unit_extremes(activations, -1, np.array([True, True, False]))
    recording = Recording()
    recording.observe("fc", activations, unit_axis=-1, where=np.zeros((2, 2), dtype=bool))
    recording.step()
    assert recording.steps.tolist() == []
