"""Dask arrays: reduced by Dask, chunk by chunk; only what is drawn is computed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from drawing import pixels, saved
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy import Autopsy, diagnose, plot_autopsy
from dead_neuron_autopsy._verdict.autopsy import NanPolicy

dask: Any = pytest.importorskip("dask")
da: Any = pytest.importorskip("dask.array")

DTYPES = ["bool", "int8", "uint8", "int64", "uint64", "float16", "float32", "float64"]

blocks = hnp.arrays(
    dtype=st.sampled_from(DTYPES),
    shape=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


class Store:
    """An array as a file would be: what is asked of it is taken down, cell by cell."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim
        self._values = values
        self.times_read = np.zeros(values.shape, dtype=int)

    def __getitem__(self, key: Any) -> Any:
        self.times_read[key] += 1
        return self._values[key]

    def forget(self) -> None:
        self.times_read[...] = 0


def stored(values: NDArray[Any], chunks: Any) -> tuple[Store, Any]:
    """Return a store, and a Dask array that reads from it."""
    store = Store(values)
    array = da.from_array(store, chunks=chunks)
    store.forget()  # Dask asks for nothing of it, to see what comes
    return store, array


def verdict(autopsy: Autopsy) -> tuple[object, ...]:
    return (
        autopsy.ids.tolist(),
        list(map(repr, autopsy.peaks.tolist())),
        autopsy.dead.tolist(),
        autopsy.sample_counts.tolist(),
        autopsy.summary,
        autopsy.description,
    )


def twenty(n_samples: int = 40) -> NDArray[np.float64]:
    """Return twenty neurons, every third dead."""
    histories = np.abs(np.random.default_rng(8).normal(size=(20, n_samples)))
    histories[::3] = 0
    return histories


# The verdict


@pytest.mark.slow
@settings(max_examples=60)
@given(
    neuron_axis=st.sampled_from([0, 1]),
    block=blocks,
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    nan_policy=st.sampled_from(["propagate", "omit"]),
)
def test_a_dask_array_gets_the_verdict_of_its_numpy_array(
    neuron_axis: int,
    block: NDArray[Any],
    sizes: tuple[int, int],
    nan_policy: NanPolicy,
) -> None:
    arguments: dict[str, Any] = {"neuron_axis": neuron_axis, "nan_policy": nan_policy}
    lazy = diagnose(da.from_array(block, chunks=sizes), 1.0, **arguments)
    assert verdict(lazy) == verdict(diagnose(block, 1.0, **arguments))
    assert lazy.peaks.dtype == np.float64
    assert lazy.sample_counts.dtype == np.int64


@pytest.mark.parametrize("chunks", [(1, 1), (2, 3), (6, 1), (1, 4), -1, ((1, 5), (3, 1))])
@pytest.mark.parametrize("nan_policy", ["propagate", "omit"])
def test_a_nan_counts_in_whichever_chunk_it_is(chunks: Any, nan_policy: NanPolicy) -> None:
    block = np.zeros((6, 4), dtype=np.float32)
    block[0, 3] = block[1, 0] = block[4] = math.nan
    block[5] = [math.nan, -math.inf, 1, math.nan]
    expected = diagnose(block, neuron_axis=0, nan_policy=nan_policy)
    array = da.from_array(block, chunks=chunks)
    lazy = diagnose(array, neuron_axis=0, nan_policy=nan_policy)
    assert verdict(lazy) == verdict(expected)


def test_the_lowest_integer_is_far_from_zero() -> None:
    block = np.array([[-128, 3], [0, 0]], dtype=np.int8)
    for chunks in (1, 2):
        lazy = diagnose(da.from_array(block, chunks=chunks), neuron_axis=0)
        assert lazy.peaks.tolist() == [128.0, 0.0]


def test_raise_names_the_first_neuron_with_a_nan() -> None:
    block = twenty()
    block[[4, 7], -1] = math.nan
    array = da.from_array(block, chunks=6)
    with pytest.raises(ValueError, match=r"^neuron '4': .*2 of 20 neurons"):
        diagnose(array, neuron_axis=0, nan_policy="raise")
    assert len(diagnose(array[5:7], neuron_axis=0, nan_policy="raise")) == 2


def test_masked_samples_of_a_dask_array_never_count() -> None:
    masked = np.ma.array([[5.0, 1.0], [3.0, 4.0]], mask=[[True, False], [True, True]])
    array = da.from_array(masked, chunks=(1, 2))
    lazy, expected = (diagnose(one, neuron_axis=0) for one in (array, masked))
    assert verdict(lazy) == verdict(expected)
    for drawn, given_one in zip(lazy.histories, expected.histories, strict=True):
        np.testing.assert_array_equal(np.ma.getmaskarray(drawn), np.ma.getmask(given_one))


@pytest.mark.parametrize("neuron_axis", [0, 1])
@pytest.mark.parametrize("chunks", [(5, 10), (20, 7), (1, 40), (20, 40)])
def test_the_verdict_takes_one_pass(neuron_axis: int, chunks: tuple[int, int]) -> None:
    block = twenty() if neuron_axis == 0 else twenty().T.copy()
    store, array = stored(block, chunks if neuron_axis == 0 else chunks[::-1])
    autopsy = diagnose(array, neuron_axis=neuron_axis)
    assert (store.times_read == 1).all()
    assert autopsy.n_dead == 7
    store.forget()
    assert autopsy.summary.startswith("Dead neuron autopsy. 7 of 20")
    assert len(autopsy.description) > len(autopsy.ids) == 20
    assert len(autopsy.to_frame()) == 20
    assert not store.times_read.any()


def test_nothing_is_computed_to_refuse_an_argument() -> None:
    store, array = stored(twenty(), 5)
    with pytest.raises(ValueError, match=r"^ids: expected one per neuron, 20; got 40"):
        diagnose(array, neuron_axis=0, ids=range(40))
    with pytest.raises(ValueError, match=r"^neuron_axis: a 2-D array of shape \(20, 40\)"):
        diagnose(array)
    with pytest.raises(ValueError, match=r"^dead_threshold"):
        diagnose(array, -1, neuron_axis=0)
    assert not store.times_read.any()


def test_work_that_dask_already_has_to_do_is_done_once() -> None:
    calls: Counter[int] = Counter()

    def layer(chunk: NDArray[np.float64]) -> NDArray[np.float64]:
        calls[chunk.size] += 1
        return np.maximum(chunk, 0)

    source = da.from_array(twenty(), chunks=(10, 10))
    array = source.map_blocks(layer, dtype=float, meta=np.empty((0, 0)))
    diagnose(array, neuron_axis=0)
    assert calls == {100: 8}


# What is refused


def test_unknown_lengths_are_refused_with_the_way_out() -> None:
    array = da.from_array(twenty(), chunks=5)
    some = array[array[:, 1] > 0]
    with pytest.raises(ValueError, match=r"compute_chunk_sizes") as caught:
        diagnose(some, neuron_axis=0)
    assert "neurons: a Dask array must know its shape; got (nan, 40)" in str(caught.value)
    assert diagnose(some.compute_chunk_sizes(), neuron_axis=0).n_dead == 0


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (da.ones(3), ValueError, r"^neurons: an array must be 2-D.*\(3,\)"),
        (da.ones((2, 2, 2)), ValueError, r"^neurons: an array must be 2-D.*\(2, 2, 2\)"),
        (da.ones((2, 2), dtype=complex), TypeError, "must be real numbers.*complex128"),
        (da.from_array(np.full((2, 2), "a")), TypeError, "must be real numbers.*<U1"),
    ],
    ids=["1-D", "3-D", "complex", "text"],
)
def test_what_is_no_activations_is_refused(
    array: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        diagnose(array, neuron_axis=0)


# What is drawn


@pytest.mark.slow
@pytest.mark.parametrize("neuron_axis", [0, 1])
def test_a_dask_array_is_drawn_as_its_numpy_array_is(neuron_axis: int) -> None:
    block = twenty(3000)
    block[4, 100:900] = math.nan
    array = block if neuron_axis == 0 else block.T.copy()
    autopsies = (
        diagnose(one, neuron_axis=neuron_axis)
        for one in (array, da.from_array(array, chunks=(7, 7)))
    )
    eager, lazy = map(plot_autopsy, autopsies)
    for file_format in ("png", "svg", "pdf"):
        assert saved(lazy, file_format) == saved(eager, file_format)


def zoomed_to(figure: Any, *columns_and_rows: float) -> Any:
    left, right, top, bottom = columns_and_rows
    figure.axes[0].set_xlim(left, right)
    figure.axes[0].set_ylim(bottom, top)
    return figure


def test_only_histories_in_view_are_computed() -> None:
    store, array = stored(twenty(), (1, 40))
    autopsy = diagnose(array, neuron_axis=0)
    store.forget()
    figure = plot_autopsy(autopsy, ncols=5)
    assert not store.times_read.any()
    pixels(zoomed_to(figure, 1, 3, 2, 4))
    in_view = [11, 12, 16, 17]
    assert np.flatnonzero(store.times_read.any(axis=1)).tolist() == in_view
    assert (store.times_read[in_view] == 1).all()
    saved(figure, "svg")
    pixels(figure)
    assert store.times_read.max() == 1


def test_only_histories_that_have_a_card_are_computed() -> None:
    store, array = stored(twenty(), (1, 40))
    autopsy = diagnose(array, neuron_axis=0)
    store.forget()
    figure = plot_autopsy(autopsy, order="dead first", limit=3)
    assert list(figure.autopsy_grid.cards) == ["0", "3", "6"]
    assert not store.times_read.any()
    saved(figure, "svg")
    assert np.flatnonzero(store.times_read.any(axis=1)).tolist() == [0, 3, 6]
    assert store.times_read.max() == 1


def test_nothing_in_view_computes_nothing() -> None:
    store, array = stored(twenty(), (5, 10))
    figure = zoomed_to(plot_autopsy(array, neuron_axis=0), 100, 101, 0, 1)
    store.forget()
    pixels(figure)
    assert not store.times_read.any()


def test_tiles_compute_no_history() -> None:
    store, array = stored(twenty(), (5, 10))
    figure = plot_autopsy(array, neuron_axis=0, card_width=0.1)
    store.forget()
    saved(figure, "svg")
    assert not store.times_read.any()


def test_a_neuron_is_computed_when_it_is_asked_for() -> None:
    block = twenty()
    store, array = stored(block, (1, 40))
    autopsy = diagnose(array, neuron_axis=0)
    store.forget()
    np.testing.assert_array_equal(autopsy.neuron(3).activations, block[3])
    np.testing.assert_array_equal(autopsy.histories[-1], block[-1])
    some = autopsy.histories_of([7, 5])
    np.testing.assert_array_equal(some, block[[7, 5]])
    assert np.flatnonzero(store.times_read.any(axis=1)).tolist() == [3, 5, 7, 19]
    assert len(autopsy.histories) == 20


def test_what_walks_through_all_neurons_reads_each_chunk_once() -> None:
    block = twenty()
    store, array = stored(block, (5, 10))
    autopsy = diagnose(array, neuron_axis=0)
    for walk in (
        lambda: [neuron.activations for neuron in autopsy],
        lambda: plot_autopsy(autopsy, order=lambda neuron: float(neuron.activations[3])),
        plot_autopsy(autopsy).autopsy_grid.subplots,
    ):
        store.forget()
        walk()
        assert (store.times_read == 1).all()
    np.testing.assert_array_equal([neuron.activations for neuron in autopsy], block)


@pytest.mark.parametrize("chunks", [-1, (5, 40), (20, 40)])
def test_the_callers_array_stays_as_it_was(chunks: Any) -> None:
    block = twenty()
    before = block.tobytes()
    array = da.from_array(block, chunks=chunks)
    saved(plot_autopsy(array, neuron_axis=0), "png")
    kept = array.persist()
    autopsy = diagnose(kept, neuron_axis=0)
    for history in (autopsy.histories[0], autopsy.histories_of(range(20))[0]):
        with pytest.raises(ValueError, match="read-only"):
            history[0] = 7
    assert block.tobytes() == before
    assert block.flags.writeable
    assert kept.compute().flags.writeable


def test_a_cards_axes_know_the_range_of_its_history() -> None:
    block = twenty()
    grid = plot_autopsy(da.from_array(block, chunks=5), neuron_axis=0).autopsy_grid
    card = grid.cards["4"]
    assert card.axes.get_ylim() == (block[4].min(), block[4].max())
    assert card.axes.get_xlim() == (0, 39)


# xarray


@pytest.mark.parametrize("neuron_axis", [0, 1])
@pytest.mark.parametrize("chunks", [None, {"a": 6}, {"a": 3, "b": 11}])
def test_an_xarray_is_what_it_holds(neuron_axis: int, chunks: Any) -> None:
    xarray = pytest.importorskip("xarray")
    block = twenty()
    held = xarray.DataArray(block, dims=("a", "b"), name="after_relu")
    held = held if chunks is None else held.chunk(chunks)
    expected = diagnose(block, neuron_axis=neuron_axis)
    assert verdict(diagnose(held, neuron_axis=neuron_axis)) == verdict(expected)
    with pytest.raises(ValueError, match=r"^neuron_axis: a 2-D array of shape \(20, 40\)"):
        diagnose(held)


def test_a_lazy_xarray_is_computed_where_it_is_drawn() -> None:
    xarray = pytest.importorskip("xarray")
    store, array = stored(twenty(), (1, 40))
    held = xarray.DataArray(array, dims=("neuron", "step"))
    autopsy = diagnose(held, neuron_axis=0)
    assert (store.times_read == 1).all()
    store.forget()
    picture = pixels(zoomed_to(plot_autopsy(autopsy, ncols=5), 0, 1, 0, 1))
    assert np.flatnonzero(store.times_read.any(axis=1)).tolist() == [0]
    eager = diagnose(twenty(), neuron_axis=0)
    assert (picture == pixels(zoomed_to(plot_autopsy(eager, ncols=5), 0, 1, 0, 1))).all()
