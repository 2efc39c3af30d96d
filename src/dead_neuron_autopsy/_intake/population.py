"""The caller's data turned into ids and histories, or into a clear error.

Begin at `read_population`: DataFrames, mappings, arrays, records and pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MappingView, Reversible, Set
from itertools import chain
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from .arrays import CONTAINERS, is_borrowed, is_stream, refuse_sparse, to_array
from .foreign import as_integer, comes_from, has, length_of, short_repr, what
from .frames import columns_of
from .layers import check_reduce, read_layers, refuse_ids, source_of, units_of
from .recording import Recording
from .sources import ListSource, Source, copy_of

_FORMS = (
    "records with 'id' and 'activations', (id, activations) pairs, a mapping from id "
    "to activations, a DataFrame with one column per neuron, a 2-D array with neuron_axis=, "
    "a mapping from layer to such arrays, or a Recording"
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
    #: How axes besides those of neurons and steps were reduced.
    reduce: Literal["max-abs"] | None = None


def read_population(
    neurons: Any,
    ids: Iterable[object] | None,
    neuron_axis: object,
    reduce: Literal["max-abs"] | None = None,
) -> Population:
    """Return the caller's data as a `Population`, or raise if that would need guessing.

    A DataFrame becomes pairs of a name and a column (`columns_of`), which `_gather` makes into a
    `ListSource`; its index is not used.
    """
    check_reduce(reduce)
    _refuse_models(neurons)
    columns = columns_of(neurons)
    is_mapping = isinstance(neurons, Mapping)
    if is_mapping and (neuron_axis is not None or comes_from(neurons, "xarray", "Dataset")):
        refuse_ids(ids, neurons)
        found, source, steps = read_layers(neurons, neuron_axis, reduce)
        return Population(found, source, steps, reduce=reduce)
    array = None if columns or is_mapping else _array_or_rows(neurons, neuron_axis)
    if array is not None:
        return _read_array(array, ids, neuron_axis, reduce)
    if ids is not None or neuron_axis is not None or reduce is not None:
        raise TypeError(
            f"ids, neuron_axis and reduce go with arrays of neurons; these neurons "
            f"({what(neurons)}) have their ids already. Leave them out."
        )
    kept = columns is not None or type(neurons) is dict
    if columns is None and is_mapping:
        columns = neurons.items()
    if columns is not None:
        return _gather((name, history, kept) for name, history in columns)
    if isinstance(neurons, Recording):
        names, source = neurons.read()
        functions = tuple({layer.function: None for layer in neurons.layers})
        return Population(names, source, neurons.steps, functions)
    if isinstance(neurons, str | bytes) or not isinstance(neurons, Iterable):
        raise TypeError(f"neurons: expected {_FORMS}; got {what(neurons)}.")
    _refuse_unordered(neurons, "neurons")
    return _gather(_taken_apart(neurons))


def _refuse_models(neurons: object) -> None:
    """Raise TypeError for a model or its parameters, and for sparse matrices."""
    refuse_sparse(neurons, "neurons")
    if comes_from(neurons, "torch", "ParameterDict") or comes_from(neurons, "torch", "Module"):
        raise TypeError(
            f"neurons: expected activations; got a {type(neurons).__name__}. Record them while "
            "the model runs, with dead_neuron_autopsy.torch.record(model)."
        )


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


def _read_array(
    neurons: object,
    ids: Iterable[object] | None,
    neuron_axis: object,
    reduce: Literal["max-abs"] | None,
) -> Population:
    units = units_of(neurons, neuron_axis, reduce, "neurons")
    names = units.names if ids is None else _read_ids(ids, units.rows.shape[0])
    if ids is None and names is not None:
        _refuse_repeats(names, "neurons")
    return Population(names, source_of(units), units.steps, reduce=reduce)


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
                "If this is a layer's, pass neuron_axis=, which says which axis is the neurons'; "
                "else reduce or flatten the other axes."
            )
        if not kept:
            history = copy_of(history, only_read=True)
        elif is_borrowed(history, activations):
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
