"""Whatever the caller holds, turned into ids and histories, or a clear error.

None of the libraries whose objects are understood here is imported: an object can only
come from a library that its owner has imported already.
"""

from __future__ import annotations

import operator
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._lazy import LazyHistories, dask_array_of

#: Most samples of one block: small enough for a cache, large enough to cost no time.
BLOCK_SIZE = 2**18

#: One neuron's activations: one-dimensional, real, possibly masked.
History = NDArray[Any]

#: Those of many: an array of shape (n_neurons, n_samples), or one array a neuron.
Histories: TypeAlias = Sequence[History] | NDArray[Any]

_FORMS = (
    "records with 'id' and 'activations', (id, activations) pairs, a mapping from id "
    "to activations, a DataFrame with one column a neuron, or a 2-D array with "
    "neuron_axis="
)


def by_length(
    histories: Histories,
) -> Iterator[tuple[list[int], NDArray[Any]]]:
    """Yield the histories of each length together: work on rows is cheaper than on each.

    Yields
    ------
    indices : list of int
        Positions of some histories of one length.
    block : ndarray of shape (len(indices), n_samples)
        These histories, one a row; masked if one of them is.
    """
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for index, history in enumerate(histories):
        positions[len(history)].append(index)
    for length, indices in positions.items():
        n_rows = max(BLOCK_SIZE // max(length, 1), 1)
        for start in range(0, len(indices), n_rows):
            some = indices[start : start + n_rows]
            yield some, _rows([histories[index] for index in some])


def _rows(histories: Sequence[History]) -> NDArray[Any]:
    """Return histories of one length as rows; a single one is not copied."""
    if len(histories) == 1:
        return histories[0][np.newaxis]
    masked = any(isinstance(history, np.ma.MaskedArray) for history in histories)
    rows: NDArray[Any] = np.ma.stack(histories) if masked else np.stack(histories)
    return rows


class Population(NamedTuple):
    """Ids and histories, in the caller's order.

    Attributes
    ----------
    names : tuple of str, or None
        Each neuron's id; no two are equal. None: their positions.
    histories : ndarray of shape (n_neurons, n_samples), or sequence of 1-D ndarray
        Each neuron's activations; views of the caller's data where NumPy can.
    """

    names: tuple[str, ...] | None
    histories: Histories

    @property
    def ids(self) -> tuple[str, ...]:
        """Each neuron's id."""
        if self.names is None:  # a million strings take longer than their verdict
            return tuple(map(str, range(len(self.histories))))
        return self.names

    def take(self, indices: Sequence[int]) -> Population:
        """Return the neurons at some positions, in that order."""
        ids, histories = self.ids, self.histories
        names = tuple(ids[index] for index in indices)
        if isinstance(histories, LazyHistories):
            return Population(names, histories.take(indices))
        return Population(names, tuple(histories[index] for index in indices))


def read_population(
    neurons: object, ids: Iterable[object] | None, neuron_axis: int | None
) -> Population:
    """Turn what the caller holds into a `Population`.

    Raises
    ------
    TypeError, ValueError
        If *neurons*, *ids* or *neuron_axis* cannot be read without guessing.
    """
    if isinstance(neurons, str | bytes):
        raise TypeError(f"neurons: expected {_FORMS}; got {_what(neurons)}.")
    if _is_lazy_frame(neurons):
        raise TypeError("neurons: got a LazyFrame; pass neurons.collect() instead.")
    columns = _frame_columns(neurons)
    if columns is None and _is_array(neurons, neuron_axis):
        return _read_array(neurons, ids, neuron_axis)
    if ids is not None or neuron_axis is not None:
        raise TypeError(
            "ids and neuron_axis go with a 2-D array; these neurons "
            f"({_what(neurons)}) have their ids already. Leave them out."
        )
    if columns is not None:
        return _gather(columns)
    if isinstance(neurons, Mapping):
        return _gather(neurons.items())
    if not isinstance(neurons, Iterable):
        raise TypeError(f"neurons: expected {_FORMS}; got {_what(neurons)}.")
    return _gather(
        _id_and_activations(neuron, position)
        for position, neuron in zip(count(), neurons, strict=False)
    )


def _is_array(neurons: object, neuron_axis: int | None) -> bool:
    """Return whether *neurons* are one array; nested lists are with *neuron_axis*."""
    if hasattr(neurons, "__array__"):
        return True
    if neuron_axis is None or not isinstance(neurons, list | tuple) or not neurons:
        return False
    return not any(_has_an_id(neuron) for neuron in neurons)


def _has_an_id(neuron: object) -> bool:
    if isinstance(neuron, Mapping) or hasattr(neuron, "activations"):
        return True
    return isinstance(neuron, list | tuple) and any(
        isinstance(part, str) or hasattr(part, "__len__") for part in neuron
    )


def _read_array(
    neurons: object, ids: Iterable[object] | None, neuron_axis: int | None
) -> Population:
    lazy = dask_array_of(neurons)
    array = _to_array(neurons, "neurons") if lazy is None else _checked_lazy(lazy)
    if array.ndim != 2:
        raise ValueError(
            f"neurons: an array must be 2-D, neurons by samples; got shape "
            f"{array.shape}. Otherwise pass {_FORMS}."
        )
    if neuron_axis is None:
        raise ValueError(
            f"neuron_axis: a 2-D array of shape {array.shape} does not say which axis "
            "is the neurons'. Pass neuron_axis=0 if each row is a neuron, "
            "neuron_axis=1 if each column is."
        )
    by_neuron = array if _checked_axis(neuron_axis) == 0 else array.T
    names = None if ids is None else _read_ids(ids, len(by_neuron))
    if lazy is not None:
        return Population(names, LazyHistories(by_neuron))
    return Population(names, _read_only(by_neuron))


def _checked_lazy(array: Any) -> Any:
    """Return a Dask array whose verdict can be found without reading it twice."""
    _refuse_dtype(array.dtype, "neurons", array)
    if any(np.isnan(length) for length in array.shape):
        raise ValueError(
            f"neurons: a Dask array must know its shape; got {array.shape}. Call "
            "neurons.compute_chunk_sizes() first."
        )
    return array


def _checked_axis(neuron_axis: object) -> int:
    if isinstance(neuron_axis, int | np.integer) and not isinstance(neuron_axis, bool):
        if neuron_axis in (0, 1):
            return int(neuron_axis)
        raise ValueError(f"neuron_axis: must be 0 or 1; got {neuron_axis}.")
    raise TypeError(f"neuron_axis: must be 0 or 1; got {_what(neuron_axis)}.")


def _read_ids(ids: Iterable[object], n_neurons: int) -> tuple[str, ...]:
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise TypeError(f"ids: expected one id a neuron; got {_what(ids)}.")
    names = tuple(
        name_from(neuron_id, f"ids[{position}]") for position, neuron_id in enumerate(ids)
    )
    if len(names) != n_neurons:
        raise ValueError(
            f"ids: expected one a neuron, {n_neurons}; got {len(names)}. "
            "Is neuron_axis the other one?"
        )
    _refuse_repeats(names, "ids")
    return names


def _gather(pairs: Iterable[tuple[object, object]]) -> Population:
    ids: list[str] = []
    histories: list[History] = []
    for position, (neuron_id, activations) in enumerate(pairs):
        name = name_from(neuron_id, f"neurons[{position}]: id")
        ids.append(name)
        histories.append(_to_history(activations, name))
    _refuse_repeats(ids)
    return Population(tuple(ids), tuple(histories))


def _refuse_repeats(ids: Sequence[str], where: str = "neurons") -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ValueError(
                f"{where}: the id {shortened_repr(name)} is given more than once. Ids must "
                "differ; put the layer's name before the unit's, for example."
            )
        seen.add(name)


def _id_and_activations(neuron: object, position: int) -> tuple[object, object]:
    """Take a record or a pair apart."""
    if isinstance(neuron, Mapping):
        missing = [key for key in ("id", "activations") if key not in neuron]
        if not missing:
            return neuron["id"], neuron["activations"]
        raise ValueError(
            f"neurons[{position}]: a record needs 'id' and 'activations'; "
            f"{' and '.join(map(repr, missing))} missing, got the keys "
            f"{shortened_repr(list(neuron))}."
        )
    if isinstance(neuron, tuple | list) and not hasattr(neuron, "activations"):
        if len(neuron) == 2:
            return neuron[0], neuron[1]
        raise ValueError(
            f"neurons[{position}]: a pair is (id, activations); got {_what(neuron)}. For "
            "activations without ids, pass a 2-D array with neuron_axis=."
        )
    if hasattr(neuron, "id") and hasattr(neuron, "activations"):
        return neuron.id, neuron.activations
    raise TypeError(
        f"neurons[{position}]: expected a record with 'id' and 'activations' or an "
        f"(id, activations) pair; got {_what(neuron)}. For activations without ids, "
        "pass a 2-D array with neuron_axis=."
    )


def name_from(value: object, where: str) -> str:
    """Return a string or an integer as a name, or say that it is neither."""
    if isinstance(value, str):
        return str(value)
    if not isinstance(value, bool | np.bool_ | np.ndarray):
        try:
            return str(operator.index(value))  # type: ignore[arg-type]  # may raise
        except TypeError:
            pass
    raise TypeError(
        f"{where}: must be a string or an integer; got {_what(value)}. Pass str(...) of it."
    )


def _to_history(activations: object, name: str) -> History:
    where = f"neuron {shortened_repr(name)}: activations"
    array = _to_array(activations, where)
    if array.ndim == 0:
        raise ValueError(
            f"{where} must be a 1-D series; got the single value "
            f"{shortened_repr(activations)}. Put it in a list; for activations without "
            "ids, pass a 2-D array with neuron_axis=."
        )
    if array.ndim > 1:
        raise ValueError(
            f"{where} must be 1-D, one number a sample; got shape {array.shape}. "
            "Reduce or flatten the other axes, or pass one neuron a unit."
        )
    return _read_only(array)


def _to_array(values: object, where: str) -> NDArray[Any]:
    """Return *values* as an array of real numbers, without a copy where NumPy can."""
    try:
        values = _from_torch(_from_frame_column(values))
        if isinstance(values, Iterator):
            values = list(values)
        array: NDArray[Any] = np.asanyarray(values)
    except Exception as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(
            f"{where} cannot be read as an array of numbers ({error}); got "
            f"{_what(values)}. Pass numbers of one length an axis."
        ) from error
    _refuse_dtype(array.dtype, where, values)
    return array if isinstance(array, np.ma.MaskedArray) else np.asarray(array)


def _refuse_dtype(dtype: np.dtype[Any], where: str, values: object) -> None:
    if dtype.kind not in "biuf":
        raise TypeError(
            f"{where} must be real numbers; got {_what(values)} of dtype "
            f"{dtype}. Convert them first: text with numpy.asarray(..., "
            "dtype=float), complex numbers with numpy.abs."
        )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    if isinstance(array, np.ma.MaskedArray):
        # No flag of a masked array protects its mask.
        data, mask = _read_only(array.data), _read_only(np.ma.getmaskarray(array))
        return np.ma.masked_array(data, mask=mask, copy=False)
    view = array.view()
    view.flags.writeable = False
    return view


def _loaded(library: str) -> Any:
    """Return the module if the caller has imported it, else None."""
    return sys.modules.get(library)


def _is_lazy_frame(neurons: object) -> bool:
    polars = _loaded("polars")
    return polars is not None and isinstance(neurons, polars.LazyFrame)


def _frame_columns(neurons: object) -> Iterator[tuple[object, object]] | None:
    """Return a DataFrame's (name, column) pairs; None if it is not a DataFrame."""
    pandas, polars = _loaded("pandas"), _loaded("polars")
    if pandas is not None and isinstance(neurons, pandas.DataFrame):
        named: Iterator[tuple[object, object]] = iter(neurons.items())
        return named
    if polars is not None and isinstance(neurons, polars.DataFrame):
        return zip(neurons.columns, neurons.get_columns(), strict=True)
    return None


def _from_frame_column(values: object) -> object:
    """Turn nullable numbers into floats: NumPy alone makes objects of them."""
    pandas, polars = _loaded("pandas"), _loaded("polars")
    if (
        polars is not None
        and isinstance(values, polars.Series)
        and (values.dtype.is_integer() or values.dtype == polars.Boolean)
        and values.null_count()
    ):
        return values.cast(polars.Float64).to_numpy()
    if (
        pandas is not None
        and isinstance(values, pandas.Series)
        and pandas.api.types.is_extension_array_dtype(values.dtype)
        and pandas.api.types.is_numeric_dtype(values.dtype)
    ):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _from_torch(values: object) -> object:
    """Turn a tensor into an array, whatever its device, layout, type and gradient."""
    torch = _loaded("torch")
    if torch is None or not isinstance(values, torch.Tensor):
        return values
    tensor = values.detach()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.is_floating_point() and tensor.dtype not in (
        torch.float16,
        torch.float32,
        torch.float64,
    ):
        tensor = tensor.float()
    return tensor.cpu().resolve_conj().resolve_neg().numpy()


def _what(value: object) -> str:
    """Say what came: its type, and its shape, length or value."""
    name = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{name} of shape {shape}"
    if isinstance(value, list | tuple):
        return f"{name} of length {len(value)}"
    if value is None:
        return "None"
    return f"{name} {shortened_repr(value)}"


def shortened_repr(value: object) -> str:
    """Return what an error message shows of a value."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:45]}…{text[-12:]}"
