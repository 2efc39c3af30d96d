"""Copies of an autopsy: equal to it, and as little to be changed as it is."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from drawing import saved
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from numpy.typing import NDArray

from dead_neuron_autopsy import (
    Autopsy,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    savefig_with_alt,
)

Copying: TypeAlias = Callable[[Autopsy], Autopsy]

BLOCK = np.array([[0.0, 0.0, 0.0], [0.5, np.nan, -1.0], [0.0, 0.25, 2.0]])
MASK = np.array([[False, True, False], [False, False, False], [False, False, True]])
MASKED = np.ma.array(BLOCK, mask=MASK)
IDS = ["L1·a", "L1·b", "L2·c"]


def pickled(protocol: int) -> Copying:
    return lambda autopsy: pickle.loads(pickle.dumps(autopsy, protocol))  # noqa: S301  # ours


COPYING: dict[str, Copying] = {
    **{f"pickle {n}": pickled(n) for n in range(2, pickle.HIGHEST_PROTOCOL + 1)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "take": lambda autopsy: autopsy.take(range(len(autopsy))),
}


def in_a_file(folder: Path) -> NDArray[Any]:
    mapped = np.memmap(folder / "block", dtype=np.float64, mode="w+", shape=BLOCK.shape)
    mapped[...] = BLOCK
    mapped.flush()
    return np.memmap(folder / "block", dtype=np.float64, mode="r", shape=BLOCK.shape)


def dask_array(values: NDArray[Any]) -> Any:
    return pytest.importorskip("dask.array").from_array(values, chunks=2)


def masked_by_id() -> dict[str, NDArray[Any]]:
    return dict(zip(IDS, MASKED, strict=True))


RAGGED = {"L1·a": [], "L1·b": [1, -2, 3], "L2·c": np.array([np.nan, 0], dtype=np.float16)}

FORMS: dict[str, Callable[[Path], Autopsy]] = {
    "lists": lambda _: diagnose(dict(zip(IDS, BLOCK.tolist(), strict=True))),
    "arrays": lambda _: diagnose(dict(zip(IDS, BLOCK, strict=True)), nan_policy="omit"),
    "ragged": lambda _: diagnose(RAGGED),
    "masked": lambda _: diagnose(masked_by_id()),
    "rows": lambda _: diagnose(BLOCK, 1e-3, ids=IDS, neuron_axis=0),
    "columns": lambda _: diagnose(BLOCK, neuron_axis=1),
    "masked columns": lambda _: diagnose(MASKED, neuron_axis=1, nan_policy="omit"),
    "stream": lambda _: diagnose(iter(masked_by_id().items())),
    "frame": lambda _: diagnose(pd.DataFrame(BLOCK, columns=IDS)),
    "memmap": lambda folder: diagnose(in_a_file(folder), neuron_axis=1),
    "memmaps": lambda folder: diagnose(enumerate(in_a_file(folder))),
    "Dask": lambda _: diagnose(dask_array(BLOCK), ids=IDS, neuron_axis=0),
    "masked Dask": lambda _: diagnose(dask_array(MASKED), neuron_axis=1),
    "none": lambda _: diagnose({}),
}


@pytest.fixture(params=FORMS)
def autopsy(request: Any, tmp_path: Path) -> Autopsy:
    return FORMS[request.param](tmp_path)


def parts_of(history: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the arrays that a history consists of."""
    if isinstance(history, np.ma.MaskedArray):
        return [history.data, np.asarray(history.mask)]
    return [history]


def arrays_of(autopsy: Autopsy) -> list[NDArray[Any]]:
    """Return every array that can be reached."""
    found = [autopsy.peaks, autopsy.dead, autopsy.sample_counts, autopsy.incomplete]
    found.append(autopsy.ids)
    histories = [
        *autopsy.histories,
        *autopsy.histories_of(range(len(autopsy))),
        *(neuron.activations for neuron in autopsy),
    ]
    return [*found, *(part for history in histories for part in parts_of(history))]


def check_read_only(autopsy: Autopsy) -> None:
    for array in arrays_of(autopsy):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1
    if isinstance(autopsy.histories, np.ma.MaskedArray):
        assert not autopsy.histories.mask.flags.writeable
    if isinstance(autopsy.histories, np.ndarray):
        assert not autopsy.histories.flags.writeable


def check_equal(ours: Autopsy, theirs: Autopsy) -> None:
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert ours.states == theirs.states
    assert repr(ours) == repr(theirs)
    assert ours.description == theirs.description
    assert ours.dead_threshold == theirs.dead_threshold
    assert ours.nan_policy == theirs.nan_policy
    for our, their in zip(arrays_of(ours), arrays_of(theirs), strict=True):
        assert our.dtype == their.dtype
        np.testing.assert_array_equal(our, their)


@pytest.mark.slow
@pytest.mark.parametrize("way", COPYING)
def test_a_copy_is_equal_and_read_only(way: str, autopsy: Autopsy) -> None:
    copies = [COPYING[way](autopsy)]
    check_equal(copies[0], autopsy)
    # What has been asked for by now is kept, and copied too.
    copies += [COPYING[way](autopsy), COPYING[way](copies[0])]
    for found in copies:
        check_equal(found, autopsy)
        check_read_only(found)
    check_read_only(autopsy)


@given(
    ways=st.lists(st.sampled_from(list(COPYING)), max_size=4),
    form=st.sampled_from(["masked", "masked columns", "ragged"]),
    order=st.permutations(range(3)),
)
def test_copies_of_copies_are_copies(ways: list[str], form: str, order: list[int]) -> None:
    original = FORMS[form](Path())
    found = original.take(order)
    for way in ways:
        found = COPYING[way](found)
    check_read_only(found)
    check_equal(found.take(np.argsort(order)), original)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["pickle 2", "deepcopy"])
def test_a_copy_is_drawn_as_the_original(way: str, autopsy: Autopsy) -> None:
    drawn = [saved(plot_autopsy(each), "png") for each in (COPYING[way](autopsy), autopsy)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("way", COPYING)
@pytest.mark.parametrize("form", ["rows", "columns", "mapping", "masked"])
def test_no_copy_follows_the_callers_buffer(way: str, form: str) -> None:
    buffer = np.zeros((2, 3))
    mask = np.array([[False, True, False], [False, False, False]])
    neurons, axis = {
        "rows": (buffer, 0),
        "columns": (buffer.T, 1),
        "mapping": ({"a": buffer[0], "b": buffer[1]}, None),
        "masked": (np.ma.array(buffer, mask=mask, copy=False), 0),
    }[form]
    autopsy = diagnose(neurons, neuron_axis=axis)
    found = COPYING[way](autopsy)
    before = saved(plot_autopsy(found), "png")
    buffer[:] = 7
    mask[:] = ~mask
    if isinstance(neurons, np.ma.MaskedArray):
        neurons[...] = np.ma.masked
    for each in (found, autopsy):
        for history in each.histories:
            assert not np.ma.filled(history, 0).any()
        assert each.incomplete.tolist() == [form == "masked", False]
        assert saved(plot_autopsy(each), "png") == before


def test_a_figure_that_is_copied_while_it_is_saved_is_a_figure_like_others() -> None:
    figure, axs = plt.subplots(1, 2)
    for axes in axs:
        draw_autopsy(axes, {"a": [0.0, 1.0]})
    copies: list[Any] = []
    figure.canvas.mpl_connect("draw_event", lambda _: copies.append(pickle.dumps(figure)))
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format="svg")
    copied = pickle.loads(copies[0])  # noqa: S301
    copied.suptitle("Later")
    again = io.BytesIO()
    savefig_with_alt(copied, again, format="svg")
    assert again.getvalue().count(b'role="figure"') == buffer.getvalue().count(b'role="figure"')
