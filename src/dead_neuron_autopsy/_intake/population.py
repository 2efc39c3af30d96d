"""The caller's data turned into ids and histories, or into a clear error.

Begin at `read_population`: DataFrames, mappings, arrays, records and pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MappingView, Reversible, Set
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import CONTAINERS, is_stream, refuse_dtype, to_array
from .foreign import as_integer, comes_from, has, length_of, short_repr, what
from .sources import ArraySource, DaskSource, ListSource, Source, copy_of, is_mapped

_FORMS = (
    "records with 'id' and 'activations', (id, activations) pairs, a mapping from id "
    "to activations, a DataFrame with one column per neuron, or a 2-D array with "
    "neuron_axis="
)


class Population(NamedTuple):
    """The neurons' ids, all different, and where their histories are read from."""

    # None if the positions serve: a million strings would take longer than the diagnosis.
    names: tuple[str, ...] | None
    source: Source
    #: The step of each sample, where the caller's object says it.
    steps: NDArray[Any] | None = None
    #: The activation functions that a recording has seen, such as "relu".
    functions: tuple[str, ...] = ()


def read_population(neurons: Any, ids: Iterable[object] | None, neuron_axis: object) -> Population:
    """Return the caller's data as a `Population`, or raise if that would need guessing."""
    if comes_from(neurons, "polars", "LazyFrame"):
        raise TypeError("neurons: got a LazyFrame; pass neurons.collect() instead.")
    columns: Iterable[tuple[object, object]] | None = None
    if comes_from(neurons, "pandas", "DataFrame"):
        columns = neurons.items()
    elif comes_from(neurons, "polars", "DataFrame"):
        columns = zip(neurons.columns, neurons.get_columns(), strict=True)
    elif isinstance(neurons, str | bytes):
        raise TypeError(f"neurons: expected {_FORMS}; got {what(neurons)}.")
    else:
        array = _array_or_rows(neurons, neuron_axis)
        if array is not None:
            return _read_array(array, ids, neuron_axis)
    if ids is not None or neuron_axis is not None:
        raise TypeError(
            f"ids and neuron_axis go with a 2-D array; these neurons ({what(neurons)}) have "
            "their ids already. Leave them out."
        )
    kept = columns is not None or type(neurons) is dict
    if columns is None and isinstance(neurons, Mapping):
        columns = neurons.items()
    if columns is not None:
        return _gather((name, history, kept) for name, history in columns)
    if not isinstance(neurons, Iterable):
        raise TypeError(f"neurons: expected {_FORMS}; got {what(neurons)}.")
    _refuse_unordered(neurons, "neurons")
    return _gather(_taken_apart(neurons))


def _array_or_rows(neurons: object, neuron_axis: object) -> object | None:
    """Return *neurons* if it is one array or, given *neuron_axis*, rows of one."""
    if has(neurons, "__array__"):
        return neurons
    by_id = isinstance(neurons, Mapping | Set) or not isinstance(neurons, Iterable)
    if neuron_axis is None or by_id:
        return None
    rows = iter(neurons)  # type: ignore[call-overload]  # checked above
    for first in rows:
        if _has_an_id(first):
            return None
        # A stream can be read only once: put back the row just taken from it.
        return chain([first], rows) if is_stream(neurons) else neurons
    return None


def _has_an_id(neuron: object) -> bool:
    def is_series(value: object) -> bool:
        dimensions = getattr(value, "ndim", None)
        return dimensions > 0 if isinstance(dimensions, int) else isinstance(value, Iterable)

    if isinstance(neuron, Mapping) or hasattr(neuron, "activations"):
        return True
    if not isinstance(neuron, list | tuple):
        return False
    is_pair = length_of(neuron) == 2 and [*map(is_series, neuron)] == [False, True]
    return is_pair or any(isinstance(part, str) for part in neuron)


def _read_array(neurons: object, ids: Iterable[object] | None, neuron_axis: object) -> Population:
    lazy = _dask_array_of(neurons)
    array = to_array(neurons, "neurons") if lazy is None else lazy
    if array.ndim != 2:
        needed = f"2-D, neurons by samples; got shape {array.shape}"
        raise ValueError(f"neurons: an array must be {needed}. Otherwise pass {_FORMS}.")
    if neuron_axis is None:
        raise ValueError(
            f"neuron_axis: a 2-D array of shape {array.shape} does not say which axis is the "
            "neurons'. Pass neuron_axis=0 if each row is a neuron, neuron_axis=1 if each "
            "column is."
        )
    axis = as_integer(neuron_axis)
    if axis not in (0, 1):
        kind, got = (TypeError, what(neuron_axis)) if axis is None else (ValueError, axis)
        raise kind(f"neuron_axis: must be 0 or 1; got {got}.")
    by_neuron = array if axis == 0 else array.T
    names = None if ids is None else _read_ids(ids, len(by_neuron))
    if lazy is not None:
        return Population(names, DaskSource(by_neuron))
    steady = not _is_borrowed(array, neurons)
    return Population(names, ArraySource(by_neuron, is_steady=steady))


def _dask_array_of(neurons: Any) -> Any:
    """Return the Dask array that *neurons* is or that its DataArray wraps, else None."""
    if comes_from(neurons, "xarray", "DataArray"):
        neurons = neurons.data
    if not comes_from(neurons, "dask", "Array"):
        return None
    refuse_dtype(neurons.dtype, "neurons", neurons)
    if any(np.isnan(length) for length in neurons.shape):
        # Finding them out would read everything once more than the verdict does.
        raise ValueError(
            f"neurons: a Dask array must know its shape; got {neurons.shape}. Call "
            "neurons.compute_chunk_sizes() first."
        )
    return neurons


def _is_borrowed(array: NDArray[Any], given: object) -> bool:
    """Return whether the caller may change an array that was made of what was given."""
    # NumPy makes a new one of a list or a stream; a mapped file is referred to for good.
    made_anew = array.flags.owndata and not has(given, "__array__")
    return not (made_anew or is_mapped(array))


def _read_ids(ids: Iterable[object], n_neurons: int) -> tuple[str, ...]:
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise TypeError(f"ids: expected one id per neuron; got {what(ids)}.")
    _refuse_unordered(ids, "ids")
    names = tuple(name_from(one, f"ids[{position}]") for position, one in enumerate(ids))
    if len(names) != n_neurons:
        raise ValueError(
            f"ids: expected one per neuron, {n_neurons}; got {len(names)}. "
            "Is neuron_axis the other one?"
        )
    _refuse_repeats(names, "ids")
    return names


def _gather(neurons: Iterable[tuple[object, object, bool]]) -> Population:
    """Return the population from triples (id, activations, whether they are stored)."""
    names: list[str] = []
    histories: list[NDArray[Any]] = []
    is_steady = True
    for position, (neuron_id, activations, kept) in enumerate(neurons):
        name = name_from(neuron_id, f"neurons[{position}]: id")
        where = f"neuron {short_repr(name)}: activations"
        history = to_array(activations, where, in_turn=True)
        if history.ndim == 0:
            raise ValueError(
                f"{where} must be a 1-D series; got the single value "
                f"{short_repr(activations)}. Put it in a list; for activations without "
                "ids, pass a 2-D array with neuron_axis=."
            )
        if history.ndim > 1:
            raise ValueError(
                f"{where} must be 1-D, one number per sample; got shape {history.shape}. "
                "Reduce or flatten the other axes, or pass one neuron per unit."
            )
        if not kept:
            history = copy_of(history, only_read=True)
        elif _is_borrowed(history, activations):
            is_steady = False
        names.append(name)
        histories.append(history)
    _refuse_repeats(names, "neurons")
    return Population(tuple(names), ListSource(histories, is_steady=is_steady))


def _refuse_unordered(values: object, where: str) -> None:
    if isinstance(values, Set) and not isinstance(values, Reversible | MappingView):
        problem = f"a {type(values).__name__} has no order that is the same on every run"
        raise TypeError(f"{where}: {problem}. Pass a list.")


def _refuse_repeats(ids: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ValueError(
                f"{where}: the id {short_repr(name)} is given more than once. Ids must "
                "differ; put the layer's name before the unit's, for example."
            )
        seen.add(name)


def _taken_apart(neurons: Iterable[object]) -> Iterator[tuple[object, object, bool]]:
    """Yield the id and activations of each record or pair, and whether it stores them."""
    # A stream, or an object that computes its activations, may refill one buffer.
    stored = type(neurons) in CONTAINERS
    advice = "For activations without ids, pass a 2-D array with neuron_axis=."
    for position, neuron in enumerate(neurons):
        if isinstance(neuron, Mapping):
            missing = [repr(key) for key in ("id", "activations") if key not in neuron]
            if missing:
                got = f"{' and '.join(missing)} missing, got the keys {short_repr(list(neuron))}"
                needed = "a record needs 'id' and 'activations'"
                raise ValueError(f"neurons[{position}]: {needed}; {got}.")
            yield neuron["id"], neuron["activations"], stored and type(neuron) is dict
        elif hasattr(neuron, "id") and hasattr(neuron, "activations"):
            kept = "activations" in getattr(neuron, "__dict__", ())
            yield neuron.id, neuron.activations, stored and kept
        elif not isinstance(neuron, tuple | list):
            raise TypeError(
                f"neurons[{position}]: expected a record with 'id' and 'activations' or an "
                f"(id, activations) pair; got {what(neuron)}. {advice}"
            )
        elif length_of(neuron) == 2:
            yield neuron[0], neuron[1], stored
        else:
            got = f"a pair is (id, activations); got {what(neuron)}"
            raise ValueError(f"neurons[{position}]: {got}. {advice}")


def name_from(value: object, where: str) -> str:
    """Return a string or an integer as a name; raise TypeError for anything else."""
    if isinstance(value, str):
        return str.__str__(value)  # a subclass may override __str__
    number = as_integer(value)
    if number is None:
        accepted = "must be a string or an integer"
        raise TypeError(f"{where}: {accepted}; got {what(value)}. Pass str(...) of it.")
    return str(number)
