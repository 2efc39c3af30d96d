"""Masks, tensors and missing values count at every depth; streams may reuse memory."""

from __future__ import annotations

import math
import sys
import types
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import polars as pl
import pytest
from drawing import saved
from hypothesis import given, note
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy import Autopsy, diagnose, plot_autopsy

#: One neuron's samples; some may be masked.
History: TypeAlias = NDArray[Any]


class Passing:
    """Can be iterated over, and nothing else."""

    def __init__(self, values: Iterable[object]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[object]:
        return iter(self._values)


CONTAINERS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "iterator": iter,
    "generator": lambda values: (value for value in values),
    "iterable": Passing,
}
every_container = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)


def verdict(autopsy: Autopsy) -> tuple[list[bool], list[str], list[int]]:
    """Return what was found, in a form in which nan equals nan."""
    peaks = [repr(peak) for peak in autopsy.peaks.tolist()]
    return autopsy.dead.tolist(), peaks, autopsy.sample_counts.tolist()


def samples_of(history: History) -> list[Any]:
    """Return the samples as Python's numbers, or as `numpy.ma.masked`."""
    values, mask = np.ma.getdata(history).tolist(), np.ma.getmaskarray(history).tolist()
    return [np.ma.masked if m else value for value, m in zip(values, mask, strict=True)]


def cells_of(history: History) -> list[Any]:
    """Return the samples as 0-d arrays, masked ones where they are masked."""
    values, mask = np.ma.getdata(history), np.ma.getmaskarray(history)
    return [
        np.ma.array(value, mask=True) if m else np.array(value)
        for value, m in zip(values, mask, strict=True)
    ]


def refilled(histories: Iterable[History]) -> Iterator[History]:
    """Yield each history in the same memory, and leave other things there at the end."""
    memory, masks = np.zeros(64, dtype=np.uint8), np.zeros(8, dtype=np.bool_)
    for history in histories:
        values = memory[: history.nbytes].view(history.dtype)
        values[...] = np.ma.getdata(history)
        mask = masks[: len(history)]
        mask[...] = np.ma.getmaskarray(history)
        masked = isinstance(history, np.ma.MaskedArray)
        yield np.ma.array(values, mask=mask, copy=False) if masked else values
    memory[:] = 1
    masks[:] = ~masks


# The verdict does not depend on the container


def expected(histories: Sequence[History], *, omit: bool) -> tuple[object, ...]:
    """Return the verdict by Python's exact numbers, sample by sample."""
    peaks, counts = [], []
    for history in histories:
        samples = [sample for sample in samples_of(history) if sample is not np.ma.masked]
        numbers = [sample for sample in samples if not math.isnan(sample)]
        has_nan = len(numbers) < len(samples)
        peak = float(max(map(abs, numbers), default=0))
        peaks.append(math.nan if has_nan and not omit else peak)
        counts.append(len(numbers if omit else samples))
    dead = [n == 0 or peak < 1e-6 for peak, n in zip(peaks, counts, strict=True)]
    return dead, list(map(repr, peaks)), counts


def extremes(dtype: np.dtype[Any]) -> list[Any]:
    if dtype.kind == "b":
        return [False, True]
    if dtype.kind != "f":
        return [0, np.iinfo(dtype).min, np.iinfo(dtype).max]
    info = np.finfo(dtype)
    sizes = [info.smallest_subnormal, info.tiny, info.eps, info.max, info.min]
    return [0.0, -0.0, *map(float, sizes), math.inf, math.nan]


@st.composite
def histories_of_length(draw: st.DrawFn, length: int, *, masked: bool = True) -> History:
    kinds = "bool int8 int16 int64 uint8 uint64 float16 float32 float64"
    dtype = np.dtype(draw(st.sampled_from(kinds.split())))
    elements = st.sampled_from(extremes(dtype)) | hnp.from_dtype(dtype)
    values: History = draw(hnp.arrays(dtype, length, elements=elements))
    if masked and draw(st.booleans()):  # what lies under a mask may be anything, too
        return np.ma.array(values, mask=draw(hnp.arrays(np.bool_, length)))
    return values


def populations(*, masked: bool = True) -> st.SearchStrategy[list[History]]:
    """Return histories of one length, for tables."""
    return st.integers(1, 4).flatmap(
        lambda n: st.lists(histories_of_length(n, masked=masked), min_size=1, max_size=4)
    )


ragged = st.lists(st.integers(0, 4).flatmap(histories_of_length), max_size=4)
policies = st.sampled_from(["propagate", "omit"])
Policy: TypeAlias = Literal["propagate", "omit"]


def by_id(values: Iterable[object]) -> dict[str, object]:
    return {f"N{position}": value for position, value in enumerate(values)}


def records(values: Iterable[object]) -> Iterator[dict[str, object]]:
    return ({"id": name, "activations": value} for name, value in enumerate(values))


FORMS: dict[str, Callable[[list[History]], object]] = {
    "mapping": by_id,
    "pairs": lambda rows: list(enumerate(rows)),
    "view of pairs": lambda rows: by_id(rows).items(),
    "records": lambda rows: list(records(rows)),
    "Python's numbers": lambda rows: by_id(map(samples_of, rows)),
    "NumPy's numbers": lambda rows: by_id(map(list, rows)),
    "0-d arrays": lambda rows: by_id(map(cells_of, rows)),
    "tuples": lambda rows: records(tuple(cells_of(row)) for row in rows),
    "deques": lambda rows: deque(by_id(deque(samples_of(row)) for row in rows).items()),
    "generators": lambda rows: by_id(iter(cells_of(row)) for row in rows),
    "iterables": lambda rows: Passing(enumerate(Passing(samples_of(row)) for row in rows)),
    "a buffer": lambda rows: enumerate(refilled(rows)),
    "records of a buffer": lambda rows: records(refilled(rows)),
}


@pytest.mark.slow
@given(histories=ragged, policy=policies)
def test_every_form_gets_the_same_verdict(histories: list[History], policy: Policy) -> None:
    wanted = expected(histories, omit=policy == "omit")
    for name, form in FORMS.items():
        note(name)  # printed last if it fails
        assert verdict(diagnose(form(histories), nan_policy=policy)) == wanted


def stacked(histories: Sequence[History]) -> NDArray[Any]:
    masked = any(isinstance(history, np.ma.MaskedArray) for history in histories)
    table: NDArray[Any] = np.ma.vstack(histories) if masked else np.vstack(histories)
    return table


#: The neurons as the rows of a table; its columns are handed over in the same way.
TABLES: dict[str, Callable[[Sequence[History]], object]] = {
    "array": stacked,
    "column by column": lambda rows: stacked(rows).copy(order="F"),
    "list": list,
    "deque": deque,
    "iterable": Passing,
    "Python's numbers": lambda rows: [samples_of(row) for row in rows],
    "tuples": lambda rows: tuple(tuple(samples_of(row)) for row in rows),
    "0-d arrays": lambda rows: [cells_of(row) for row in rows],
    "a buffer": refilled,
    "generators": lambda rows: (iter(samples_of(row)) for row in rows),
}


@given(histories=populations(), policy=policies)
def test_every_table_gets_the_same_verdict(histories: list[History], policy: Policy) -> None:
    wanted = expected(histories, omit=policy == "omit")
    for axis, rows in enumerate([histories, list(stacked(histories).T)]):
        for name, form in TABLES.items():
            note(f"{name}, neuron_axis={axis}")  # printed last if it fails
            autopsy = diagnose(form(rows), neuron_axis=axis, nan_policy=policy)
            assert verdict(autopsy) == wanted


@given(histories=populations(masked=False), policy=policies)
def test_every_frame_gets_the_same_verdict(histories: list[History], policy: Policy) -> None:
    wanted = expected(histories, omit=policy == "omit")
    # polars 1.0 has no 16-bit floats; every one of them is a 32-bit float too.
    wide = [h.astype("float32") if h.dtype == "float16" else h for h in histories]
    for frame in (pd.DataFrame(by_id(histories)), pl.DataFrame(by_id(wide))):
        assert verdict(diagnose(frame, nan_policy=policy)) == wanted


# Masks


@every_container
def test_a_masked_sample_never_counts_in_a_row_or_a_column(
    container: Callable[[Sequence[Any]], Any],
) -> None:
    rows = list(np.ma.masked_equal([[0.0, 9.0, 0.0], [0.0, 0.5, 0.0]], 9.0))
    for axis, series in enumerate([rows, list(stacked(rows).T)]):
        autopsy = diagnose(container(series), neuron_axis=axis)
        assert verdict(autopsy) == ([True, False], ["0.0", "0.5"], [2, 3])
        assert np.ma.compressed(autopsy.histories[0]).tolist() == [0.0, 0.0]
        assert autopsy.incomplete.tolist() == [True, False]


@every_container
@pytest.mark.parametrize("hidden", [np.ma.masked, np.ma.array(9.0, mask=True)])
def test_a_masked_sample_never_counts_among_others(
    container: Callable[[Sequence[Any]], Any], hidden: object
) -> None:
    for others in ([0.0, 0.0], [0, 0], [np.float32(0), np.array(0)]):
        for samples in ([hidden, *others], [*others, hidden]):
            autopsy = diagnose({"a": container(samples)})
            assert verdict(autopsy) == ([True], ["0.0"], [2])
    assert verdict(diagnose({"a": container([hidden])})) == ([True], ["0.0"], [0])


@pytest.mark.parametrize("other", [[0.0, 0.5], np.array([0, 1]), (np.float16(0), True)])
def test_a_masked_row_may_stand_among_others(other: object) -> None:
    rows = [np.ma.array([0.0, 9.0], mask=[False, True]), other]
    assert diagnose(rows, neuron_axis=0).dead.tolist() == [True, False]
    assert diagnose(rows[::-1], neuron_axis=0).dead.tolist() == [False, True]


@every_container
def test_a_mask_of_dask_is_seen(container: Callable[[Sequence[Any]], Any]) -> None:
    da: Any = pytest.importorskip("dask.array")
    row = da.from_array(np.ma.array([0.0, 9.0, 0.0], mask=[False, True, False]), chunks=2)
    assert verdict(diagnose({"a": row})) == ([True], ["0.0"], [2])
    assert verdict(diagnose(container([row]), neuron_axis=0)) == ([True], ["0.0"], [2])


# Other libraries' numbers


@every_container
@pytest.mark.parametrize(
    "row",
    [
        *(pd.Series([1, None], dtype=kind) for kind in ("Int8", "Int64", "UInt16")),
        *(pd.Series([1, None], dtype=kind) for kind in ("Float32", "boolean")),
        *(pl.Series([1, None], dtype=kind) for kind in (pl.Int8, pl.UInt64, pl.Float32)),
        pl.Series([True, None]),
    ],
    ids=lambda row: f"{type(row).__module__.partition('.')[0]} {row.dtype}",
)
def test_a_missing_value_is_a_nan_in_a_row_or_a_column(
    container: Callable[[Sequence[Any]], Any], row: Any
) -> None:
    kept = diagnose(container([row, row]), neuron_axis=0)
    assert verdict(kept) == ([False, False], ["nan", "nan"], [2, 2])
    omitted = diagnose(container([row, row]), neuron_axis=1, nan_policy="omit")
    assert verdict(omitted) == ([False, True], ["1.0", "0.0"], [2, 0])


class Tensor:
    """As torch's: no array as long as anything stands in the way of one."""

    __module__ = "torch"
    layout = "strided"
    is_quantized = is_nested = is_sparse = False

    def __init__(self, values: NDArray[Any], dtype: str, requires_grad: object) -> None:
        self.values, self.dtype, self.requires_grad = values, dtype, requires_grad
        self.shape, self.ndim, self.fill_ = values.shape, values.ndim, values.fill

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
        raise RuntimeError(f"no array of {dtype} ({copy})")

    def is_floating_point(self) -> bool:
        return True

    def detach(self) -> Tensor:
        return Tensor(self.values, self.dtype, requires_grad=False)

    def float(self) -> Tensor:
        return Tensor(self.values.copy(), "float32", self.requires_grad)

    def cpu(self) -> Tensor:
        return self

    resolve_conj = resolve_neg = cpu

    def numpy(self) -> NDArray[Any]:
        if self.requires_grad or self.dtype == "bfloat16":
            raise RuntimeError("something stands in the way")
        return self.values


class Parameter(Tensor):
    """A class that is derived from torch's, and stands elsewhere in it."""

    __module__ = "torch.nn.parameter"


MakeTensor: TypeAlias = Callable[..., Any]


@pytest.fixture(params=["stand-in", "torch"])
def make_tensor(request: Any, monkeypatch: pytest.MonkeyPatch) -> MakeTensor:
    if request.param == "torch":
        torch = pytest.importorskip("torch")
        return lambda values, dtype="bfloat16", requires_grad=True: torch.tensor(
            values, dtype=getattr(torch, dtype), requires_grad=requires_grad
        )
    module: Any = types.ModuleType("torch")
    module.Tensor, module.strided = Tensor, "strided"
    for name in ("bfloat16", "float16", "float32", "float64"):
        setattr(module, name, name)
    monkeypatch.setitem(sys.modules, "torch", module)
    return lambda values, dtype="bfloat16", requires_grad=True: Parameter(
        np.array(values, dtype=np.float32), dtype, requires_grad
    )


@every_container
@pytest.mark.parametrize("kind", [{}, {"dtype": "float32"}, {"requires_grad": False}], ids=str)
def test_tensors_are_read_among_others(
    container: Callable[[Sequence[Any]], Any], kind: dict[str, Any], make_tensor: MakeTensor
) -> None:
    rows = [make_tensor(row, **kind) for row in ([0.0, 0.0], [0.0, -0.5])]
    for axis in (0, 1):  # the table is its own transpose
        assert diagnose(container(rows), neuron_axis=axis).dead.tolist() == [True, False]
    samples = [make_tensor(sample, **kind) for sample in (0.0, -2.0)]
    assert verdict(diagnose({"a": container(samples)})) == ([False], ["2.0"], [2])
    mixed = [0.25, np.ma.masked, *samples]
    assert verdict(diagnose({"a": container(mixed)})) == ([False], ["2.0"], [3])
    assert diagnose(container([mixed[2:]] * 2), neuron_axis=0).n_dead == 0


def test_a_tensor_may_be_refilled(make_tensor: MakeTensor) -> None:
    def recorded() -> Iterator[tuple[str, object]]:
        buffer = make_tensor([9.0, 9.0], dtype="float32", requires_grad=False)
        for name, value in {"a": 0.0, "b": 5.0, "c": 0.0}.items():
            buffer.fill_(value)
            yield name, buffer

    assert diagnose(recorded()).dead.tolist() == [True, False, True]


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e3m4"])
def test_small_floats_are_read_everywhere(name: str) -> None:
    dtype = getattr(pytest.importorskip("ml_dtypes"), name)
    rows = np.array([[0.0, 0.0, 0.0], [0.0, -1.5, 0.25]]).astype(dtype)
    named = [by_id(rows), by_id(map(list, rows)), by_id(map(cells_of, rows))]
    tables = [(rows, 0), (rows.T, 1), (list(rows), 0), (iter(rows.T), 1)]
    lists = [([list(row) for row in rows], 0), (enumerate(refilled(rows)), None)]
    for neurons, axis in [*((form, None) for form in named), *tables, *lists]:
        autopsy = diagnose(neurons, neuron_axis=axis)
        assert verdict(autopsy) == ([True, False], ["0.0", "1.5"], [3, 3])
    hidden = np.ma.array(rows[1], mask=[False, True, False])
    for neurons, axis in [({"a": hidden}, None), ([hidden], 0), (hidden[:, None], 1)]:
        assert verdict(diagnose(neurons, neuron_axis=axis)) == ([False], ["0.25"], [2])
    not_a_number = np.array([math.nan, 1.0]).astype(dtype)
    assert verdict(diagnose({"a": not_a_number})) == ([False], ["nan"], [2])
    omitted = diagnose({"a": not_a_number}, nan_policy="omit")
    assert verdict(omitted) == ([False], ["1.0"], [1])
    drawn = [saved(plot_autopsy(by_id(r)), "svg") for r in (rows, rows.astype("float32"))]
    assert drawn[0] == drawn[1]


def test_bytes_without_a_meaning_are_no_small_floats() -> None:
    for activations in (np.zeros(2, dtype="V2"), [np.void(b"ab")]):
        with pytest.raises(TypeError, match=r"^neuron 'a': activations"):
            diagnose({"a": activations})


# Streams

VALUES = (0.0, 5.0, 0.0)


def fills(buffer: Any) -> Iterator[str]:
    """Yield an id for each value, with which a buffer has been filled before."""
    for position, value in enumerate(VALUES):
        for index in range(len(buffer)):
            buffer[index] = value
        yield f"N{position}"
    buffer[0] = 7.0


class Refilled(Mapping[str, object]):
    """Computes what is asked for, always in the same array."""

    def __init__(self) -> None:
        self._buffer = np.zeros(3)

    def __getitem__(self, name: str) -> NDArray[Any]:
        self._buffer[:] = VALUES[int(name[1:])]
        return self._buffer

    def __iter__(self) -> Iterator[str]:
        return iter(["N0", "N1", "N2"])

    def __len__(self) -> int:
        return 3


def streams() -> dict[str, Iterable[object]]:
    buffer, numbers, masked = np.zeros(3), array("d", VALUES), np.ma.array(np.zeros(3))
    series = pd.Series(buffer, copy=False)
    record: dict[str, Any] = {"activations": buffer}
    pair: list[Any] = ["", buffer]
    thing: Any = types.SimpleNamespace(activations=buffer)
    return {
        "pairs": ((name, buffer) for name in fills(buffer)),
        "views": ((name, buffer[::-1]) for name in fills(buffer)),
        "records": ({"id": name, "activations": buffer} for name in fills(buffer)),
        "one record": (record for record["id"] in fills(buffer)),
        "one pair": (pair for pair[0] in fills(buffer)),
        "one object": (thing for thing.id in fills(buffer)),
        "array": ((name, numbers) for name in fills(numbers)),
        "memoryview": ((name, memoryview(numbers)) for name in fills(numbers)),
        "masked": ((name, masked) for name in fills(masked)),
        "Series": ((name, series) for name in fills(buffer)),
        "zip": zip(fills(buffer), repeat(buffer), strict=False),
        "iterable": Passing((name, buffer) for name in fills(buffer)),
        "mapping": Refilled(),
        "view of a mapping": Refilled().items(),
    }


@pytest.mark.parametrize("kind", streams())
def test_a_stream_may_use_its_memory_again(kind: str) -> None:
    autopsy = diagnose(streams()[kind])
    assert autopsy.ids.tolist() == ["N0", "N1", "N2"]
    assert verdict(autopsy) == ([True, False, True], ["0.0", "5.0", "0.0"], [3, 3, 3])
    assert [history.tolist() for history in autopsy.histories] == [[v] * 3 for v in VALUES]


@pytest.mark.parametrize("kind", ["pairs", "mapping"])
def test_a_stream_is_drawn_as_it_was(kind: str) -> None:
    by_copies = plot_autopsy({f"N{i}": [value] * 3 for i, value in enumerate(VALUES)})
    assert saved(plot_autopsy(streams()[kind]), "svg") == saved(by_copies, "svg")


@pytest.mark.parametrize("wrapped", [iter, Passing])
def test_rows_may_be_one_array_refilled(wrapped: Callable[[Any], Any]) -> None:
    buffer = np.zeros(2)
    rows = diagnose(wrapped(buffer for _ in fills(buffer)), neuron_axis=0)
    assert rows.dead.tolist() == [True, False, True]
    steps = diagnose(wrapped(buffer for _ in fills(buffer[:1])), neuron_axis=1)
    assert [history.tolist() for history in steps.histories] == [list(VALUES), [0, 0, 0]]


@pytest.mark.parametrize("mask", [False, True])
def test_samples_may_be_one_0d_array_refilled(mask: bool) -> None:  # noqa: FBT001
    def recorded() -> Iterator[object]:
        cell: Any = np.ma.array(0.0, mask=False)
        for value in VALUES:
            cell[...] = value
            cell.mask = mask and value == 0
            yield cell

    (history,) = diagnose({"a": recorded()}).histories
    assert np.ma.compressed(history).tolist() == ([5.0] if mask else list(VALUES))


def test_a_stream_of_named_neurons_takes_no_axis() -> None:
    for neurons in (iter([("a", [1.0])]), deque([("a", [1.0])]), records([[1.0]])):
        with pytest.raises(TypeError, match="neuron_axis"):
            diagnose(neurons, neuron_axis=0)


# Sets, whose order nobody knows


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_set_is_refused_for_its_order(kind: Callable[[Iterable[Any]], Any]) -> None:
    with pytest.raises(TypeError, match=r"^ids: .*\border\b"):
        diagnose(np.eye(3), ids=kind("abc"), neuron_axis=0)
    pairs = kind([("a", (0.0,)), ("b", (1.0,))])
    for neurons, axis in [(pairs, None), (kind([(0.0, 1.0), (2.0, 3.0)]), 0)]:
        with pytest.raises(TypeError, match=r"\bneurons\b"):
            diagnose(neurons, neuron_axis=axis)
    with pytest.raises((TypeError, ValueError), match=r"^neurons"):
        diagnose([kind([0.0, 1.0]), [2.0, 3.0]], neuron_axis=0)
    for neurons in ({"a": kind([0.0, 1.0])}, [("a", kind([0.0, 1.0]))]):
        with pytest.raises(TypeError, match=r"^neuron 'a': activations"):
            diagnose(neurons)


@pytest.mark.parametrize("ids", [["b", "a"], {"b": 1, "a": 2}, {"b": 1, "a": 2}.keys()])
def test_ids_in_order_are_taken(ids: Iterable[object]) -> None:
    assert diagnose(np.eye(2), ids=ids, neuron_axis=0).ids.tolist() == ["b", "a"]


@pytest.mark.parametrize("method", ["take", "histories_of"])
@pytest.mark.parametrize(
    "indices",
    [
        *({0, 1}, frozenset({0}), [0.5], [0.0], np.array([1.0])),
        *(["0"], "01", [None], [[True, False]]),
    ],
    ids=repr,
)
def test_what_are_no_positions_is_refused(method: str, indices: object) -> None:
    for neurons, axis in [({"a": [0.0], "b": [1.0]}, None), (np.eye(2), 0)]:
        with pytest.raises(TypeError, match=r"^indices: "):
            getattr(diagnose(neurons, neuron_axis=axis), method)(indices)


@pytest.mark.parametrize("neurons", [{"a": [0.0], "b": [1.0]}, np.array([[0.0], [1.0]])])
@pytest.mark.parametrize(
    ("indices", "found"),
    [
        (range(2), [0.0, 1.0]),
        (np.flatnonzero([False, True]), [1.0]),
        (np.array([1, 0], dtype=np.uint8), [1.0, 0.0]),
        ([np.int64(1)], [1.0]),
        ((-1, 0), [1.0, 0.0]),
        (np.array([], dtype=int), []),
        ([], []),
    ],
    ids=repr,
)
def test_positions_are_taken(neurons: object, indices: Any, found: list[float]) -> None:
    axis = 0 if isinstance(neurons, np.ndarray) else None
    autopsy = diagnose(neurons, neuron_axis=axis)
    assert autopsy.take(indices).peaks.tolist() == found
    histories = [history.tolist() for history in autopsy.histories_of(indices)]
    assert histories == [[value] for value in found]


# Memory that several objects share


class OneBuffer(Sequence[NDArray[Any]]):
    """Reads each of its rows into the same memory."""

    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        self._rows = rows
        self._buffer = np.zeros(len(rows[0]))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        self._buffer[:] = self._rows[index]
        return self._buffer


class MadeWhenAsked:
    """Makes its array when it is asked for it, in memory of all of its kind."""

    buffer = np.zeros(3)

    def __init__(self, samples: Sequence[float]) -> None:
        self._samples = samples

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        self.buffer[:] = self._samples
        return self.buffer


ROWS = [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 5.0, 0.0]]


@pytest.mark.parametrize(
    "hand_over",
    [
        lambda: diagnose(OneBuffer(ROWS), neuron_axis=0),
        lambda: diagnose({f"N{i}": MadeWhenAsked(row) for i, row in enumerate(ROWS)}),
        lambda: diagnose([MadeWhenAsked(row) for row in ROWS], neuron_axis=0),
        lambda: diagnose([(i, MadeWhenAsked(row)) for i, row in enumerate(ROWS)]),
        lambda: diagnose(zip("abc", OneBuffer(ROWS), strict=True)),
    ],
    ids=["a sequence", "a mapping", "rows", "pairs", "zipped"],
)
def test_objects_may_share_the_memory_that_they_are_read_into(
    hand_over: Callable[[], Autopsy],
) -> None:
    autopsy = hand_over()
    assert autopsy.dead.tolist() == [False, True, False]
    assert [history.tolist() for history in autopsy.histories] == ROWS


def test_views_of_a_mapped_file_stay_views(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.repeat([0.0, 1.0, 0.0], 100).reshape(3, 100))
    mapped = np.load(tmp_path / "m.npy", mmap_mode="r")
    for neurons in (
        zip("abc", mapped, strict=True),
        OrderedDict(zip("abc", mapped, strict=True)),
        ((name, mapped[i]) for i, name in enumerate("abc")),
        zip("abc", (np.ma.array(row, mask=row > 2) for row in mapped), strict=True),
        list(diagnose(mapped, neuron_axis=0)),
    ):
        autopsy = diagnose(neurons)
        assert autopsy.dead.tolist() == [True, False, True]
        assert all(np.shares_memory(one, mapped) for one in autopsy.histories)
    twice = diagnose(zip("ab", [mapped[1], mapped[1]], strict=True))
    assert not twice.dead.any()


@pytest.mark.parametrize("start", [lambda _: 0, lambda i: i])
@pytest.mark.parametrize("buffer", ["a mapped file", "like one"])
def test_a_mapped_file_may_be_filled_again(
    tmp_path: Path, buffer: str, start: Callable[[int], int]
) -> None:
    mapped = np.memmap(tmp_path / "m", dtype=float, mode="w+", shape=(3,))
    memory = mapped if buffer == "a mapped file" else np.zeros_like(mapped)

    def rows() -> Iterator[NDArray[Any]]:
        for i, row in enumerate(ROWS):
            memory[:] = row
            yield memory[start(i) :]

    last = 0 if start(2) else 5
    assert diagnose(zip("abc", rows(), strict=True)).peaks.tolist() == [3, 0, last]
    if last:
        assert diagnose(rows(), neuron_axis=0).peaks.tolist() == [3, 0, 5]


def test_a_mask_may_be_filled_again(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array(ROWS))
    mapped = np.load(tmp_path / "m.npy", mmap_mode="r")

    def rows() -> Iterator[Any]:
        mask = np.empty(3, dtype=bool)
        for row in mapped:
            np.greater(row, 4, out=mask)
            yield np.ma.array(row, mask=mask)

    for autopsy in (
        diagnose(zip("abc", rows(), strict=True)),
        diagnose(rows(), neuron_axis=0),
    ):
        assert autopsy.peaks.tolist() == [3, 0, 0]
        assert autopsy.sample_counts.tolist() == [3, 3, 2]


class NoList(list[Any]):
    """A list that hands over one buffer."""

    def __iter__(self) -> Iterator[Any]:
        buffer = np.zeros(3)
        for row in ROWS:
            buffer[:] = row
            yield buffer


def test_a_list_may_be_no_list() -> None:
    assert diagnose(NoList(ROWS), neuron_axis=0).peaks.tolist() == [3, 0, 5]


def test_a_list_without_end_is_refused_by_id() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises((TypeError, ValueError), match=r"^neuron 'a'"):
        diagnose({"a": endless})
