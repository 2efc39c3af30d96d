"""Peaks of arrays as they lie in memory: in blocks, and without copies."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy import Autopsy, diagnose
from dead_neuron_autopsy._intake.sources import (
    BLOCK_SIZE,
    LARGEST_COPY,
    ArraySource,
    Reduction,
)
from dead_neuron_autopsy._verdict.autopsy import NanPolicy

Layout = Callable[[NDArray[Any]], NDArray[Any]]

DTYPES = ["bool", "int8", "uint8", "int16", "int64", "uint64", "float16", "float32"]
DTYPES += ["float64", ">f4", ">i2", "longdouble"]
PAGE = 4096

blocks = hnp.arrays(
    dtype=st.sampled_from(DTYPES),
    shape=st.tuples(st.integers(0, 7), st.integers(0, 7)),
)
policies = st.sampled_from(["propagate", "omit"])


def reference(row: NDArray[Any], nan_policy: str) -> tuple[float, int]:
    """Return the peak and the number of samples of a neuron, one sample at a time."""
    samples = [abs(float(sample)) for sample in row]
    if nan_policy == "omit":
        samples = [sample for sample in samples if not math.isnan(sample)]
    if any(map(math.isnan, samples)):
        return math.nan, len(samples)
    return max(samples, default=0.0), len(samples)


def assert_as_the_reference(autopsy: Autopsy, block: NDArray[Any]) -> None:
    expected = [reference(row, autopsy.nan_policy) for row in block]
    np.testing.assert_array_equal(autopsy.peaks, [peak for peak, _ in expected])
    assert autopsy.sample_counts.tolist() == [count for _, count in expected]


def spread_out(block: NDArray[Any]) -> NDArray[Any]:
    """Return a view of every other row and every third column of a larger array."""
    larger = np.ones((2 * block.shape[0], 3 * block.shape[1]), dtype=block.dtype)
    larger[::2, ::3] = block
    return larger[::2, ::3]


def backwards(block: NDArray[Any]) -> NDArray[Any]:
    return block[::-1, ::-1].copy()[::-1, ::-1]


def read_only(block: NDArray[Any]) -> NDArray[Any]:
    block = block.copy()
    block.flags.writeable = False
    return block


LAYOUTS: list[Layout] = [
    np.ascontiguousarray,
    np.asfortranarray,
    spread_out,
    backwards,
    read_only,
]


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("neuron_axis", [0, 1])
@given(block=blocks, nan_policy=policies)
def test_the_peaks_are_the_same_however_an_array_lies_in_memory(
    layout: Layout, neuron_axis: int, block: NDArray[Any], nan_policy: NanPolicy
) -> None:
    array = layout(block if neuron_axis == 0 else block.T)
    autopsy = diagnose(array, neuron_axis=neuron_axis, nan_policy=nan_policy)
    assert_as_the_reference(autopsy, block)


#: Shapes of several blocks, which end within a block; and of histories longer than one.
LARGE = [(3, 2 * BLOCK_SIZE + 7), (BLOCK_SIZE + 5, 3), (2049, 517), (70_001, 13)]


@pytest.mark.slow
@pytest.mark.parametrize("shape", LARGE)
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
def test_the_peaks_do_not_depend_on_where_a_block_ends(
    shape: tuple[int, int], nan_policy: NanPolicy
) -> None:
    block = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    block[2, shape[1] // 2] = block[-1, -1] = block[1] = math.nan
    block[0] = 0
    counted = ~np.isnan(block) if nan_policy == "omit" else np.ones(shape, dtype=bool)
    magnitudes = np.where(counted, np.abs(block), 0).max(axis=1)
    for array, axis in [(block, 0), (np.asfortranarray(block), 0), (block.T, 1)]:
        for neurons in (array, np.ma.array(array)):
            autopsy = diagnose(neurons, neuron_axis=axis, nan_policy=nan_policy)
            np.testing.assert_array_equal(autopsy.peaks, magnitudes)
            np.testing.assert_array_equal(autopsy.sample_counts, counted.sum(axis=1))
    one_by_one = diagnose(enumerate(block), nan_policy=nan_policy)
    np.testing.assert_array_equal(one_by_one.peaks, magnitudes)


@given(block=blocks, neuron_axis=st.sampled_from([0, 1]))
def test_raise_refuses_what_has_a_nan_however_it_lies_in_memory(
    block: NDArray[Any], neuron_axis: int
) -> None:
    array = np.asfortranarray(block if neuron_axis == 0 else block.T)
    rows = [row for row, samples in enumerate(block) if any(map(math.isnan, samples))]
    if rows:
        with pytest.raises(ValueError, match=rf"^neuron '{rows[0]}': .*{len(rows)} of"):
            diagnose(array, neuron_axis=neuron_axis, nan_policy="raise")
    else:
        autopsy = diagnose(array, neuron_axis=neuron_axis, nan_policy="raise")
        assert_as_the_reference(autopsy, block)


# What is read, and what it takes


def blocks_read(places: NDArray[np.int64], neuron_axis: int) -> list[NDArray[np.int64]]:
    """Return the samples of each block, in the order in which they are read."""
    read: list[NDArray[np.int64]] = []

    def of_rows(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        read.append(rows.ravel())
        return np.zeros(len(rows), dtype=np.int64)

    rows = places if neuron_axis == 0 else places.T
    ArraySource(rows, is_steady=True).reduced(Reduction(of_rows, np.add, np.int64(0)))
    return read


SHAPES = [(15_000, 64), (64, 15_000), (100_000, 16), (16, 100_000)]
SHAPES += [(1_000_000, 1), (1, 1_000_000)]


@pytest.mark.parametrize("neuron_axis", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_each_sample_is_read_once_and_each_page_of_a_file_about_once(
    shape: tuple[int, int], neuron_axis: int
) -> None:
    places = np.arange(math.prod(shape)).reshape(shape)
    read = blocks_read(places, neuron_axis)
    assert (np.sort(np.concatenate(read)) == np.arange(places.size)).all()
    assert max(map(len, read)) <= 2 * BLOCK_SIZE
    pages = [np.unique(block // (PAGE // places.itemsize)) for block in read]
    assert sum(map(len, pages)) <= 2 * len(np.unique(np.concatenate(pages)))


def memory_taken(work: Callable[[], object]) -> int:
    """Return the most memory that NumPy and Python had at any one time, in bytes."""
    tracemalloc.start()
    try:
        kept = work()
        taken = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return taken


@pytest.mark.slow
@pytest.mark.parametrize("nan_policy", ["propagate", "omit", "raise"])
@pytest.mark.parametrize("neuron_axis", [0, 1])
@pytest.mark.parametrize("shape", [(1_000_000, 64), (200_000, 64), (64, 300_000), (3, 4_000_000)])
def test_a_verdict_takes_a_copy_or_a_tenth_of_the_arrays_memory_at_most(
    shape: tuple[int, int], neuron_axis: int, nan_policy: NanPolicy
) -> None:
    array = np.zeros(shape if neuron_axis == 0 else shape[::-1], dtype=np.float32)

    def work() -> Autopsy:
        return diagnose(array, neuron_axis=neuron_axis, nan_policy=nan_policy)

    copied = array.nbytes if array.nbytes <= LARGEST_COPY else 0
    assert memory_taken(work) <= copied + array.nbytes / 10


def test_a_verdict_on_masked_and_on_long_histories_takes_no_more() -> None:
    array = np.ones((64, 300_000), dtype=np.float32)
    masked = np.ma.array(array, mask=np.zeros(array.shape, dtype=bool))
    for neurons in (masked, masked.T):
        axis = neurons.shape.index(64)
        taken = memory_taken(partial(diagnose, neurons, neuron_axis=axis))
        assert taken <= array.nbytes / 10
    for form in (dict(enumerate(array)), dict(enumerate(masked))):
        assert memory_taken(partial(diagnose, form)) <= array.nbytes / 10


def test_a_large_mask_is_not_copied_and_cannot_be_changed() -> None:
    mask = np.zeros((2, 2**25), dtype=bool)
    mask[0, 0] = True
    given = np.ma.array(np.ones(mask.shape, dtype=np.uint8), mask=mask, copy=False)
    history = diagnose(given, neuron_axis=0).neuron(0).activations
    assert isinstance(history, np.ma.MaskedArray)
    assert np.shares_memory(np.ma.getmaskarray(history), mask)
    with pytest.raises(ValueError, match="read-only"):
        np.ma.getmaskarray(history)[0] = False
    with pytest.raises(ValueError, match="read-only"):
        history[0] = 5
    assert mask.sum() == 1


def test_a_file_is_read_in_blocks_and_never_whole(tmp_path: Path) -> None:
    path = tmp_path / "activations.npy"
    written = np.lib.format.open_memmap(path, "w+", dtype=np.float32, shape=(4096, 4096))
    written[7, 11] = -3.0
    written.flush()
    neurons = np.load(path, mmap_mode="r")
    kept: list[Autopsy] = []
    taken = memory_taken(lambda: kept.append(diagnose(neurons, neuron_axis=1)))
    assert taken <= neurons.nbytes / 10
    (autopsy,) = kept
    assert np.flatnonzero(autopsy.peaks).tolist() == [11]
    assert autopsy.peaks[11] == 3
    assert np.shares_memory(autopsy.neuron(11).activations, neurons)


def test_ids_of_an_array_are_made_when_they_are_asked_for() -> None:
    array = np.zeros((200_000, 2), dtype=np.float32)
    kept: list[Autopsy] = []
    taken = memory_taken(lambda: kept.append(diagnose(array, neuron_axis=0)))
    assert taken < 40 * len(array)  # a string alone takes more
    (autopsy,) = kept
    ids = autopsy.ids
    assert ids[:3].tolist() == ["0", "1", "2"]
    assert ids[-1] == "199999"
    assert len(set(ids)) == len(array)
    assert autopsy.ids is ids
