from __future__ import annotations

import sys
import types
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from dead_neuron_autopsy._intake.population import Population, read_population

Histories = Mapping[str, NDArray[Any]]

DTYPES = (
    [f"int{bits}" for bits in (8, 16, 32, 64)]
    + [f"uint{bits}" for bits in (8, 16, 32, 64)]
    + ["bool", "float16", "float32", "float64"]
)


class Unit(NamedTuple):
    layer: str
    id: str
    activations: Sequence[float]


@dataclass
class Recorded:
    id: object
    activations: object


def read(
    neurons: object, ids: Iterable[object] | None = None, neuron_axis: Any = None
) -> Population:
    return read_population(neurons, ids, neuron_axis)


def ids_of(population: Population) -> list[str]:
    if population.names is None:
        return [str(position) for position in range(len(population.source))]
    return list(population.names)


def values_of(population: Population) -> dict[str, list[Any]]:
    return {
        neuron_id: history.tolist()
        for neuron_id, history in zip(ids_of(population), population.source, strict=True)
    }


def read_pandas(histories: Histories) -> Population:
    return read(pd.DataFrame(dict(histories)))


def read_polars(histories: Histories) -> Population:
    # polars 1.0 has no 16-bit floats; every one of them is a 32-bit float too.
    wide = {
        neuron_id: history.astype("float32") if history.dtype == "float16" else history
        for neuron_id, history in histories.items()
    }
    return read(pl.DataFrame(wide))


def read_array(histories: Histories, *, neuron_axis: int) -> Population:
    rows = np.stack(list(histories.values()))
    block = rows if neuron_axis == 0 else np.ascontiguousarray(rows.T)
    return read(block, ids=histories, neuron_axis=neuron_axis)


CONTAINERS: dict[str, Callable[[Histories], Population]] = {
    "mapping": read,
    "read-only mapping": lambda histories: read(types.MappingProxyType(dict(histories))),
    "pairs": lambda histories: read(list(histories.items())),
    "list pairs": lambda histories: read([list(pair) for pair in histories.items()]),
    "generator of pairs": lambda histories: read(pair for pair in histories.items()),
    "record mappings": lambda histories: read(
        [{"id": key, "activations": value} for key, value in histories.items()]
    ),
    "record objects": lambda histories: read(
        [Recorded(key, value) for key, value in histories.items()]
    ),
    "generator of records": lambda histories: read(
        Recorded(key, value) for key, value in histories.items()
    ),
    "lists": lambda histories: read({key: h.tolist() for key, h in histories.items()}),
    "pandas": read_pandas,
    "polars": read_polars,
    "array of rows": lambda histories: read_array(histories, neuron_axis=0),
    "array of columns": lambda histories: read_array(histories, neuron_axis=1),
}


@st.composite
def populations(draw: st.DrawFn) -> Histories:
    rows = draw(
        hnp.arrays(
            dtype=st.sampled_from(DTYPES),
            shape=st.tuples(st.integers(1, 4), st.integers(0, 5)),
        )
    )
    text = st.text(st.characters(codec="utf-8"), max_size=6)
    text = text.filter(str.strip)  # a column without a name that rises is an index
    ids = st.lists(text, min_size=len(rows), max_size=len(rows), unique=True)
    return dict(zip(draw(ids), rows, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("container", CONTAINERS)
@given(histories=populations())
def test_every_container_gives_the_same_ids_and_values(
    container: str, histories: Histories
) -> None:
    population = CONTAINERS[container](histories)
    assert ids_of(population) == list(histories)
    for history, expected in zip(population.source, histories.values(), strict=True):
        np.testing.assert_array_equal(history, expected)


@given(histories=populations())
def test_arrays_are_viewed_not_copied_and_stay_as_they_were(histories: Histories) -> None:
    before = {key: history.copy() for key, history in histories.items()}
    population = read(histories)
    for key, history in zip(ids_of(population), population.source, strict=True):
        original = histories[key]
        assert original.flags.writeable
        assert not history.flags.writeable
        assert history.dtype == original.dtype
        assert np.shares_memory(history, original) or original.size == 0
        np.testing.assert_array_equal(original, before[key])


@pytest.mark.parametrize("neuron_axis", [0, 1])
def test_a_2d_array_is_viewed_not_copied(neuron_axis: int) -> None:
    block = np.arange(6.0).reshape(2, 3)
    population = read(block, neuron_axis=neuron_axis)
    assert np.shares_memory(np.asarray(population.source.histories), block)
    assert block.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        population.source.histories[0][0] = 7.0


def test_a_records_object_may_carry_other_things() -> None:
    neurons = [Unit("L1", "N1", [1.0]), Unit("L1", "N2", [2.0])]
    assert values_of(read(neurons)) == {"N1": [1.0], "N2": [2.0]}


def test_a_record_mapping_may_carry_other_things() -> None:
    assert values_of(read([{"id": 3, "layer": "L1", "activations": [1]}])) == {"3": [1]}


def test_kinds_of_neurons_may_be_mixed() -> None:
    neurons = [("a", [1]), {"id": "b", "activations": [2]}, Recorded("c", [3])]
    assert values_of(read(neurons)) == {"a": [1], "b": [2], "c": [3]}


@pytest.mark.parametrize(
    "activations",
    [
        [0, 1, 2],
        (0, 1, 2),
        range(3),
        deque([0, 1, 2]),
        array("d", [0, 1, 2]),
        memoryview(bytes([0, 1, 2])),
        np.array([0, 1, 2], dtype=">f8"),
        pd.Series([0, 1, 2], index=[5, 6, 7]),
        pl.Series([0, 1, 2]),
    ],
    ids=lambda activations: type(activations).__name__,
)
def test_activations_come_in_any_series(activations: object) -> None:
    assert values_of(read({"a": activations})) == {"a": [0, 1, 2]}


def test_activations_may_be_a_generator() -> None:
    def recorded() -> Iterator[float]:
        yield from (0.5, -1.5)

    assert values_of(read([Recorded("a", recorded())])) == {"a": [0.5, -1.5]}


def test_a_mask_goes_with_its_samples() -> None:
    masked = np.ma.array([5.0, 1.0], mask=[True, False])
    (history,) = read({"a": masked}).source
    assert isinstance(history, np.ma.MaskedArray)
    assert history.compressed().tolist() == [1.0]


@pytest.mark.parametrize("neuron_axis", [0, 1])
def test_a_2d_mask_goes_with_its_samples(neuron_axis: int) -> None:
    rows = np.ma.array([[1, 2, 3], [4, 5, 6]], mask=np.array([[1, 0, 0], [0, 0, 1]], dtype=bool))
    block = rows if neuron_axis == 0 else rows.T
    histories = read(block, neuron_axis=neuron_axis).source
    kept = [np.ma.compressed(history).tolist() for history in histories]
    assert kept == [[2, 3], [4, 5]]


@pytest.mark.parametrize("neuron_axis", [None, 0])
def test_masking_a_history_leaves_the_callers_mask(neuron_axis: int | None) -> None:
    mask = np.array([False, False])
    masked = np.ma.array([5.0, 1.0], mask=mask)
    neurons = {"a": masked} if neuron_axis is None else masked[np.newaxis]
    (history,) = read(neurons, neuron_axis=neuron_axis).source
    with suppress(ValueError):  # to refuse is as good
        history[0] = np.ma.masked
    assert np.ma.getmaskarray(masked).tolist() == [False, False]


def test_an_int_is_made_a_string() -> None:
    population = read({1: [0], np.int8(-2): [0], 10**30: [0]})
    assert ids_of(population) == ["1", "-2", f"{10**30}"]


def test_a_string_of_numpys_is_made_pythons() -> None:
    (neuron_id,) = ids_of(read({np.str_("a"): [0]}))
    assert type(neuron_id) is str


@pytest.mark.parametrize("empty", [[], {}, iter(()), pd.DataFrame(), pl.DataFrame()])
def test_no_neurons_is_a_population(empty: object) -> None:
    population = read(empty)
    assert ids_of(population) == []
    assert len(population.source) == 0


@pytest.mark.parametrize(
    ("shape", "neuron_axis", "ids"),
    [((0, 3), 0, ()), ((3, 0), 1, ()), ((2, 0), 0, ("0", "1")), ((0, 2), 1, ("0", "1"))],
)
def test_an_empty_array_is_a_population(
    shape: tuple[int, int], neuron_axis: int, ids: tuple[str, ...]
) -> None:
    population = read(np.zeros(shape), neuron_axis=neuron_axis)
    assert ids_of(population) == list(ids)
    assert len(population.source) == len(ids)


def test_neurons_of_an_array_are_numbered_from_0() -> None:
    assert ids_of(read(np.zeros((3, 2)), neuron_axis=0)) == ["0", "1", "2"]
    assert ids_of(read(np.zeros((3, 2)), neuron_axis=np.int64(1))) == ["0", "1"]


def test_nested_lists_are_an_array_once_the_axis_is_given() -> None:
    neurons = [[1, 2, 3], [4, 5, 6]]
    assert values_of(read(neurons, neuron_axis=1)) == {
        "0": [1, 4],
        "1": [2, 5],
        "2": [3, 6],
    }


def test_ids_of_an_array_may_be_a_generator_and_ints() -> None:
    population = read(np.eye(2), ids=(10 * row for row in (1, 2)), neuron_axis=0)
    assert ids_of(population) == ["10", "20"]


# Frames


def test_the_names_of_a_frames_columns_are_the_ids() -> None:
    frame = pd.DataFrame([[1, 2]], columns=[7, "b"])
    assert values_of(read(frame)) == {"7": [1], "b": [2]}


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("Int64", [1, None], [1.0, np.nan]),
        ("UInt8", [255, None], [255.0, np.nan]),
        ("Float32", [0.5, None], [0.5, np.nan]),
        ("boolean", [True, None], [1.0, np.nan]),
        ("Int8", [-128, 0], [-128.0, 0.0]),
    ],
)
def test_a_missing_value_of_pandas_is_a_nan(
    dtype: Any, values: list[Any], expected: list[float]
) -> None:
    column = pd.Series(values, dtype=dtype)
    for neurons in (pd.DataFrame({"a": column}), {"a": column}):
        (history,) = read(neurons).source
        np.testing.assert_array_equal(history, expected)


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        (pl.Int8, [-128, None], [-128.0, np.nan]),
        (pl.UInt64, [3, None], [3.0, np.nan]),
        (pl.Float32, [0.5, None], [0.5, np.nan]),
        (pl.Boolean, [True, None], [1.0, np.nan]),
        (pl.Float64, [None, None], [np.nan, np.nan]),
    ],
    ids=str,
)
def test_a_null_of_polars_is_a_nan(dtype: Any, values: list[Any], expected: list[float]) -> None:
    column = pl.Series("a", values, dtype=dtype)
    for neurons in (pl.DataFrame([column]), {"a": column}):
        (history,) = read(neurons).source
        np.testing.assert_array_equal(np.asarray(history, dtype=float), expected)


def test_a_frame_stays_as_it_was() -> None:
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [0.5, 1.0]})
    before = frame.copy(deep=True)
    read(frame)
    pd.testing.assert_frame_equal(frame, before)
    frame.loc[0, "b"] = 7.0
    assert frame["b"].tolist() == [7.0, 1.0]


def test_repeated_columns_are_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match="'a' is given more than once"):
        read(frame)


def test_columns_of_two_levels_are_refused() -> None:
    columns = pd.MultiIndex.from_tuples([("L1", "N1"), ("L1", "N2")])
    with pytest.raises(TypeError, match=r"neurons\[0\]: id: .* got tuple of length 2"):
        read(pd.DataFrame([[1, 2]], columns=columns))


def test_a_lazy_frame_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"neurons: got a LazyFrame; .*collect\(\)"):
        read(pl.LazyFrame({"a": [1.0]}))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["x"]),
        pd.Series(["x"], dtype="string"),
        pd.Series([1.0, None], dtype=object),
        pd.Series(pd.to_datetime(["2020-01-01"])),
        pl.Series(["x"]),
        pl.Series([[1]]),
    ],
    ids=lambda column: f"{type(column).__module__.partition('.')[0]} {column.dtype}",
)
def test_a_column_that_is_not_numbers_is_refused_by_name(column: Any) -> None:
    library = pl if isinstance(column, pl.Series) else pd
    with pytest.raises(TypeError, match=r"neuron 'unit 7': activations .*got Series"):
        read(library.DataFrame({"unit 7": column}))


def test_a_column_wider_than_numpys_numbers_is_refused_by_name() -> None:
    if not hasattr(pl, "Int128"):
        pytest.skip("this polars has no Int128")
    column = pl.Series([1], dtype=pl.Int128)
    with pytest.raises((TypeError, ValueError), match=r"neuron 'unit 7': activations"):
        read(pl.DataFrame({"unit 7": column}))


# What cannot be read without guessing


@pytest.mark.parametrize("neurons", [np.zeros((24, 6)), np.ma.zeros((24, 6))])
def test_a_bare_2d_array_is_refused_with_both_ways_out(neurons: object) -> None:
    with pytest.raises(ValueError, match=r"^neuron_axis: .*\(24, 6\)") as caught:
        read(neurons)
    assert "neuron_axis=0" in str(caught.value)
    assert "neuron_axis=1" in str(caught.value)


@pytest.mark.parametrize("neuron_axis", [2, -1, np.int64(3)])
def test_an_axis_that_is_not_there_is_refused(neuron_axis: int) -> None:
    with pytest.raises(ValueError, match=rf"^neuron_axis: must be 0 or 1; got {neuron_axis}"):
        read(np.eye(2), neuron_axis=neuron_axis)


@pytest.mark.parametrize(
    ("neuron_axis", "came"), [(True, "bool True"), (1.0, "float 1.0"), ("0", "str '0'")]
)
def test_an_axis_that_is_not_an_int_is_refused(neuron_axis: Any, came: str) -> None:
    with pytest.raises(TypeError, match=rf"^neuron_axis: must be 0 or 1; got {came}"):
        read(np.eye(2), neuron_axis=neuron_axis)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
@pytest.mark.parametrize("neuron_axis", [None, 0])
def test_an_array_that_is_not_2d_is_refused(
    shape: tuple[int, ...], neuron_axis: int | None
) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^neurons: ") as caught:
        read(np.zeros(shape), neuron_axis=neuron_axis)
    assert "2-D" in str(caught.value)


@pytest.mark.parametrize(
    ("ids", "count"), [([], 0), (["a"], 1), (["a", "b", "c"], 3), (iter("abcd"), 4)]
)
def test_too_few_or_too_many_ids_are_refused(ids: Iterable[object], count: int) -> None:
    with pytest.raises(ValueError, match=rf"^ids: expected one per neuron, 2; got {count}"):
        read(np.zeros((2, 3)), ids=ids, neuron_axis=0)


@pytest.mark.parametrize("ids", [["a", "a"], [1, "1"], ["a", np.str_("a")]])
def test_repeated_ids_of_an_array_are_refused_by_name(ids: list[object]) -> None:
    with pytest.raises(ValueError, match=f"the id '{ids[0]}' is given more than once"):
        read(np.zeros((2, 3)), ids=ids, neuron_axis=0)


@pytest.mark.parametrize(
    "neurons",
    [
        [("a", [1]), ("b", [1]), ("a", [2])],
        {1: [1], "1": [2]},
        [Recorded("b", [1]), {"id": "b", "activations": []}],
    ],
)
def test_repeated_ids_are_refused_by_name(neurons: object) -> None:
    with pytest.raises(ValueError, match=r"the id '[ab1]' is given more than once"):
        read(neurons)


WRONG_IDS = [
    (None, "None"),
    (1.0, "float 1.0"),
    (True, "bool True"),
    (np.bool_(True), "bool"),  # noqa: FBT003  # the very thing to be refused
    (("L1", "N1"), "tuple of length 2"),
    (b"a", "bytes b'a'"),
]


@pytest.mark.parametrize(("wrong", "came"), WRONG_IDS)
def test_an_id_of_a_wrong_type_is_refused_where_it_stands(wrong: object, came: str) -> None:
    for neurons in ([("a", [1]), (wrong, [1])], [("a", [1]), Recorded(wrong, [1])]):
        with pytest.raises(TypeError, match=rf"^neurons\[1\]: id: .*; got {came}"):
            read(neurons)


@pytest.mark.parametrize(("wrong", "came"), WRONG_IDS)
def test_ids_of_a_wrong_type_are_refused_where_they_stand(wrong: object, came: str) -> None:
    with pytest.raises(TypeError, match=rf"^ids\[1\]: .*; got {came}"):
        read(np.zeros((2, 3)), ids=["a", wrong], neuron_axis=0)


@pytest.mark.parametrize(("ids", "came"), [("ab", "str 'ab'"), (b"ab", "bytes"), (5, "int 5")])
def test_ids_that_are_not_a_series_are_refused(ids: Any, came: str) -> None:
    with pytest.raises(TypeError, match=rf"^ids: .*; got {came}"):
        read(np.zeros((2, 3)), ids=ids, neuron_axis=0)


@pytest.mark.parametrize(
    "neurons",
    [
        {"a": [1]},
        [("a", [1])],
        [{"id": "a", "activations": [1]}],
        pd.DataFrame({"a": [1]}),
        pl.DataFrame({"a": [1]}),
    ],
    ids=["mapping", "pairs", "records", "pandas", "polars"],
)
@pytest.mark.parametrize("argument", [{"ids": ["b"]}, {"neuron_axis": 0}])
def test_neurons_with_ids_of_their_own_take_no_others(
    neurons: object, argument: dict[str, Any]
) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"{next(iter(argument))}\b"):
        read(neurons, **argument)


@pytest.mark.parametrize(
    ("neurons", "came"),
    [
        (None, "None"),
        (5, "int 5"),
        ("abc", "str 'abc'"),
        (b"abc", "bytes b'abc'"),
        (Recorded("a", [1]), "Recorded"),
    ],
)
def test_what_holds_no_neurons_is_refused(neurons: object, came: str) -> None:
    with pytest.raises(TypeError, match=rf"^neurons: expected .*; got {came}"):
        read(neurons)


@pytest.mark.parametrize(
    ("neuron", "error", "message"),
    [
        ({"id": "a"}, ValueError, r"'activations' missing, got the keys \['id'\]"),
        ({"activations": [1]}, ValueError, r"'id' missing, got the keys \['activations'\]"),
        ({}, ValueError, r"'id' and 'activations' missing, got the keys \[\]"),
        (types.SimpleNamespace(id="a"), TypeError, r"got SimpleNamespace"),
        (("a", [1], 2), ValueError, r"got tuple of length 3"),
        (["a"], ValueError, r"got list of length 1"),
        ("ab", TypeError, r"got str 'ab'"),
        (3.5, TypeError, r"got float 3\.5"),
        (np.array([1.0, 2.0]), TypeError, r"got ndarray of shape \(2,\)"),
        (None, TypeError, r"got None"),
    ],
)
def test_what_is_not_a_neuron_is_refused_where_it_stands(
    neuron: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=rf"^neurons\[1\]: .*{message}"):
        read([("first", [1]), neuron])


@pytest.mark.parametrize(
    ("activations", "error", "message"),
    [
        (3.0, ValueError, r"must be a 1-D series; got the single value 3\.0"),
        (np.array(3.0), ValueError, r"must be a 1-D series; got the single value"),
        ([[1.0, 2.0]], ValueError, r"must be 1-D.*; got shape \(1, 2\)"),
        (np.zeros((2, 3, 4)), ValueError, r"must be 1-D.*; got shape \(2, 3, 4\)"),
        ([[1], [1, 2]], ValueError, r"cannot be read.*; got list of length 2"),
        ("abc", TypeError, r"must be real numbers; got str 'abc'"),
        (["1.0"], TypeError, r"must be real numbers; got list of length 1"),
        (b"ab", TypeError, r"must be real numbers; got bytes b'ab'"),
        (None, TypeError, r"must be real numbers; got None"),
        ([None, 1.0], TypeError, r"must be real numbers; .* dtype object"),
        ([1j], TypeError, r"must be real numbers; .* dtype complex128"),
        ({1.0, 2.0}, TypeError, r"must be real numbers; got set"),
        ({0: 1.0}, TypeError, r"must be real numbers; got dict"),
        (np.array(["x"]), TypeError, r"must be real numbers; .* dtype <U1"),
        (
            np.array([1, "x"], dtype=object),
            TypeError,
            r"must be real numbers; .* dtype object",
        ),
        (
            np.array(["2020-01-01"], "M8[D]"),
            TypeError,
            r"must be real numbers; .* datetime64",
        ),
        (np.array([1], "m8[s]"), TypeError, r"must be real numbers; .* timedelta64"),
        (np.zeros(1, dtype=[("x", "f8")]), TypeError, r"must be real numbers; got ndarray"),
    ],
)
def test_activations_that_are_no_series_of_numbers_are_refused_by_id(
    activations: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=rf"^neuron 'L3·N1': activations {message}"):
        read({"L1·N1": [1.0], "L3·N1": activations})


class Unreadable:
    """As an array of another library whose memory is gone, or not there yet."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("deleted"),
        RuntimeError("deleted"),
        NotImplementedError("symbolic"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "deleted"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_library_cannot_turn_into_an_array_is_refused_by_id(
    error: Exception,
) -> None:
    with pytest.raises(Exception, match=r"neuron 'N1'.*got Unreadable"):
        read({"N1": Unreadable(error)})


def test_a_long_value_is_not_printed_whole() -> None:
    with pytest.raises(TypeError, match=r"^neuron 'x") as caught:
        read({"x" * 10_000: "y" * 10_000})
    assert len(str(caught.value)) < 400


# Tensors


@dataclass(frozen=True)
class Tensor:
    """As torch's: no array as long as anything stands in the way of one."""

    values: tuple[float, ...]
    requires_grad: bool = False
    layout: str = "strided"
    dtype: str = "float32"
    device: str = "cpu"
    conj: bool = False
    neg: bool = False
    is_quantized: bool = False

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
        raise RuntimeError(f"no array of {dtype} ({copy})")

    def is_floating_point(self) -> bool:
        return "float" in self.dtype

    def detach(self) -> Tensor:
        return replace(self, requires_grad=False)

    def to_dense(self) -> Tensor:
        return replace(self, layout="strided")

    def dequantize(self) -> Tensor:
        return replace(self, is_quantized=False)

    def float(self) -> Tensor:
        return replace(self, dtype="float32")

    def cpu(self) -> Tensor:
        return replace(self, device="cpu")

    def resolve_conj(self) -> Tensor:
        return replace(self, conj=False)

    def resolve_neg(self) -> Tensor:
        return replace(self, neg=False)

    def numpy(self) -> NDArray[Any]:
        plain = Tensor(self.values, dtype=self.dtype)
        if self != plain or self.dtype == "bfloat16":
            raise RuntimeError("something stands in the way")
        return np.array(self.values, dtype=self.dtype)


Tensor.__module__ = "torch"


@pytest.mark.parametrize(
    "obstacle",
    [
        {},
        {"dtype": "int8"},
        {"requires_grad": True},
        {"layout": "sparse_coo"},
        {"dtype": "bfloat16"},
        {"device": "cuda:0"},
        {"conj": True, "neg": True},
        {"is_quantized": True},
        {"requires_grad": True, "dtype": "bfloat16", "device": "cuda:0", "neg": True},
    ],
    ids=str,
)
def test_a_tensor_is_read_through_the_callers_own_torch(
    obstacle: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stands for what a machine without a GPU, or without torch, cannot make.
    torch = types.SimpleNamespace(
        strided="strided",
        float16="float16",
        float32="float32",
        float64="float64",
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    tensor = Tensor((-2.0, 1.0), **obstacle)
    assert values_of(read({"a": tensor})) == {"a": [-2.0, 1.0]}


TENSORS: dict[str, Callable[[Any], Any]] = {
    "float32": lambda torch: torch.tensor([-2.0, 1.0]),
    "int8": lambda torch: torch.tensor([-2, 1], dtype=torch.int8),
    "requires_grad": lambda torch: torch.tensor([-2.0, 1.0], requires_grad=True),
    "result of a gradient": lambda torch: 2 * torch.tensor([-1.0, 0.5]).requires_grad_(),
    "parameter": lambda torch: torch.nn.Parameter(torch.tensor([-2.0, 1.0])),
    "float16": lambda torch: torch.tensor([-2.0, 1.0], dtype=torch.float16),
    "bfloat16": lambda torch: torch.tensor([-2.0, 1.0], dtype=torch.bfloat16),
    "float8": lambda torch: torch.tensor([-2.0, 1.0]).to(torch.float8_e4m3fn),
    "sparse": lambda torch: torch.tensor([-2.0, 1.0]).to_sparse(),
    "sparse bfloat16": lambda torch: torch.tensor([-2.0, 1.0], dtype=torch.bfloat16).to_sparse(),
    "sparse requires_grad": lambda torch: torch.tensor([-2.0, 1.0]).to_sparse().requires_grad_(),
    "neg view": lambda torch: torch.tensor([2j, -1j]).conj().imag,
    "real part of a conj view": lambda torch: torch.tensor([-2 + 1j, 1 + 1j]).conj().real,
    "strided view": lambda torch: torch.tensor([-2.0, 0.0, 1.0, 0.0])[::2],
    "expanded": lambda torch: torch.tensor([[-2.0, 1.0]]).expand(3, 2)[1],
}


@pytest.mark.parametrize("kind", TENSORS)
def test_every_kind_of_tensor_is_read(kind: str) -> None:
    torch = pytest.importorskip("torch")
    tensor = TENSORS[kind](torch)
    assert values_of(read({"a": tensor})) == {"a": [-2.0, 1.0]}
    assert values_of(read([Recorded("a", tensor)])) == {"a": [-2.0, 1.0]}


@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_2d_tensor_is_an_array(requires_grad: bool) -> None:  # noqa: FBT001
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=requires_grad)
    assert values_of(read(tensor, neuron_axis=1)) == {"0": [1, 3], "1": [2, 4]}
    with pytest.raises(ValueError, match=r"^neuron_axis: .*\(2, 2\)"):
        read(tensor)


def test_a_complex_tensor_is_refused_by_id() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"^neuron 'a': activations must be real numbers"):
        read({"a": torch.tensor([1j]).conj()})


def test_a_list_of_tensors_that_numpy_cannot_read_is_read() -> None:
    torch = pytest.importorskip("torch")
    history = [torch.tensor(value, requires_grad=True) for value in (-2.0, 1.0)]
    assert values_of(read({"N1": history})) == {"N1": [-2.0, 1.0]}


def test_a_tensor_keeps_its_gradient_and_stays_writable() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([-2.0, 1.0], requires_grad=True)
    read({"a": tensor})
    assert tensor.requires_grad
    with torch.no_grad():
        tensor[0] = 5.0
    assert tensor.tolist() == [5.0, 1.0]
