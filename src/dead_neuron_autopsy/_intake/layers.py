"""Arrays with an axis of units: one of all neurons, or one per layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .arrays import is_borrowed, refuse_dtype, to_array
from .foreign import as_integer, comes_from, short_repr, what
from .recording import SEPARATOR
from .sources import ArraySource, DaskSource, ListSource, Source, furthest_from_zero

#: What the keys of a state dict end in.
_WEIGHTS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


class Units(NamedTuple):
    """The histories of the units of one array."""

    rows: Any  # of shape (n_units, n_steps), an array of NumPy or Dask
    names: tuple[str, ...] | None  # those of its coordinates, if it has any
    steps: NDArray[Any] | None
    is_borrowed: bool  # whether the caller may change it


def check_reduce(reduce: object) -> None:
    """Raise ValueError unless *reduce* is None or a way to reduce axes."""
    if reduce is not None and not (isinstance(reduce, str) and reduce == "max-abs"):
        raise ValueError(f"reduce: must be None or 'max-abs'; got {short_repr(reduce)}.")


def units_of(values: Any, axis: object, reduce: object, where: str) -> Units:
    """Return the units of an array; its first axis besides theirs is that of the steps."""
    lazy = _dask_array_of(values, where)
    array = to_array(values, where) if lazy is None else lazy
    unit, rest = _axes(values, axis, array.shape, where)
    if len(rest) > 1 and reduce is None:
        raise ValueError(
            f"{where}: an array must be 2-D; of the shape {array.shape}, axis {unit} runs over "
            f"the neurons and axis {rest[0]} over the steps. Pass reduce='max-abs' to take the "
            "largest activation over the others, or reduce them yourself."
        )
    names, steps = _coordinates(values, unit, rest[0])
    borrowed = lazy is None and len(rest) == 1 and is_borrowed(array, values)
    if len(rest) > 1:
        array = _reduced(array, tuple(rest[1:]), is_lazy=lazy is not None)
    return Units(array if unit < rest[0] else array.T, names, steps, borrowed)


def read_layers(
    layers: Mapping[Any, Any], axes: object, reduce: object
) -> tuple[tuple[str, ...], Source, NDArray[Any] | None]:
    """Return ids, source and steps of a mapping from layers to arrays, which may be nested."""
    found = dict(_flattened(layers))
    _refuse_weights(found)
    by_layer = axes if isinstance(axes, Mapping) else dict.fromkeys(found, axes)
    if wrong := [*by_layer.keys() - found.keys(), *found.keys() - by_layer.keys()]:
        raise ValueError(
            f"neuron_axis: must name each layer, {short_repr([*found])}; {short_repr(wrong[0])} "
            "is only in one of the two."
        )
    units = {
        name: units_of(values, by_layer[name], reduce, f"layer {name!r}")
        for name, values in found.items()
    }
    ids = tuple(
        f"{name}{SEPARATOR}{unit}"
        for name, one in units.items()
        for unit in (range(one.rows.shape[0]) if one.names is None else one.names)
    )
    steps = [one.steps for one in units.values() if one.steps is not None]
    same = len(steps) == len(units) and all(np.array_equal(steps[0], one) for one in steps)
    return ids, _joined([*units.values()]), steps[0] if same else None


def _flattened(layers: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, values in layers.items():
        number = as_integer(key)
        if not isinstance(key, str) and number is None:
            raise TypeError(f"neurons: a layer's name must be a string; got {what(key)}.")
        name = f"{prefix}{key if number is None else number}"
        if SEPARATOR in name:
            raise ValueError(
                f"neurons: the layer {name!r} must not hold {SEPARATOR!r}, which stands between "
                "a layer and a unit."
            )
        if isinstance(values, Mapping):
            yield from _flattened(values, f"{name}.")
        else:
            yield name, values


def _refuse_weights(layers: Mapping[str, Any]) -> None:
    """Raise TypeError for a state dict."""
    if not layers:
        raise ValueError("neurons: a mapping from layers to arrays must hold at least one.")
    are_weights = all(name.rpartition(".")[2] in _WEIGHTS for name in layers)
    if are_weights or all(comes_from(one, "torch", "Parameter") for one in layers.values()):
        raise TypeError(
            "neurons: these are a model's weights, not its activations. Record its activations "
            "while it runs, with dead_neuron_autopsy.torch.record(model)."
        )


def _axes(values: Any, axis: object, shape: tuple[int, ...], where: str) -> tuple[int, list[int]]:
    """Return the axis of the units and the others, or raise."""
    n_axes = len(shape)
    if n_axes < 2 or (n_axes > 2 and axis is None):
        raise ValueError(
            f"{where}: an array must be 2-D, neurons by samples or samples by neurons; got shape "
            f"{shape}. Leave neuron_axis= out if these are single neurons; with more axes, pass "
            "it and reduce=."
        )
    if axis is None:
        raise ValueError(
            f"neuron_axis: a 2-D array of shape {shape} does not say which axis is the "
            f"neurons' ({where}). Pass neuron_axis=0 if each row is a neuron, neuron_axis=1 if "
            "each column is."
        )
    place: object = axis
    if isinstance(axis, str) and comes_from(values, "xarray", "DataArray"):
        if axis not in values.dims:
            came = f"{where} has {values.dims}; got {axis!r}"
            raise ValueError(f"neuron_axis: must be one of the dimensions; {came}.")
        place = values.dims.index(axis)
    unit = as_integer(place)
    if unit is None or not 0 <= unit < n_axes:
        kind = TypeError if unit is None else ValueError
        accepted = "0 or 1" if n_axes == 2 else f"from 0 to {n_axes - 1}"
        got = what(axis) if unit is None else str(unit)
        raise kind(f"neuron_axis: must be {accepted}; got {got} ({where}).")
    return unit, [one for one in range(n_axes) if one != unit]


def _coordinates(
    values: Any, unit: int, step: int
) -> tuple[tuple[str, ...] | None, NDArray[Any] | None]:
    """Return the names of the units and the steps that a DataArray gives."""
    if not comes_from(values, "xarray", "DataArray"):
        return None, None
    names, steps = (
        np.asarray(values.coords[values.dims[axis]]) if values.dims[axis] in values.coords else None
        for axis in (unit, step)
    )
    is_rising = steps is not None and steps.dtype.kind in "iuf" and bool(np.all(np.diff(steps) > 0))
    if names is None or names.dtype.kind not in "iuUO":
        return None, steps if is_rising else None
    return tuple(map(str, names.tolist())), steps if is_rising else None


def _reduced(array: Any, axes: tuple[int, ...], *, is_lazy: bool) -> Any:
    """Return, over some axes, the activation of largest absolute value, with its sign."""
    if array.dtype.kind != "f":  # in integers, the most negative value has no opposite
        array = array.astype(np.float64)
    low, high = array.min(axis=axes), array.max(axis=axes)
    if is_lazy:
        import dask.array

        map_blocks: Any = dask.array.map_blocks
        return map_blocks(furthest_from_zero, low, high)
    return furthest_from_zero(low, high)


def _joined(layers: list[Units]) -> Source:
    """Return a source of the units of all layers, in order."""
    is_lazy = [not isinstance(one.rows, np.ndarray) for one in layers]
    if all(is_lazy) and len({one.rows.shape[1] for one in layers}) == 1:
        import dask.array

        concatenate: Any = dask.array.concatenate
        return DaskSource(concatenate([one.rows for one in layers]))
    rows: list[NDArray[Any]] = [
        np.asanyarray(one.rows.compute()) if lazy else one.rows
        for one, lazy in zip(layers, is_lazy, strict=True)
    ]
    is_steady = not any(one.is_borrowed for one in layers)
    if len(rows) == 1:
        return ArraySource(rows[0], is_steady=is_steady)
    return ListSource((row for layer in rows for row in layer), is_steady=is_steady)


def source_of(units: Units) -> Source:
    """Return a source of the units of one array."""
    return _joined([units])


def _dask_array_of(values: Any, where: str) -> Any:
    """Return the Dask array that *values* is or that its DataArray wraps, else None."""
    if comes_from(values, "xarray", "DataArray"):
        values = values.data
    if not comes_from(values, "dask", "Array"):
        return None
    refuse_dtype(values.dtype, where, values)
    if any(np.isnan(length) for length in values.shape):
        # Finding them out would read everything once more than the verdict does.
        raise ValueError(
            f"{where}: a Dask array must know its shape; got {values.shape}. Call its "
            "compute_chunk_sizes() first."
        )
    return values


def refuse_ids(ids: Iterable[object] | None, neurons: object) -> None:
    """Raise TypeError if ids are given for what has some already."""
    if ids is not None:
        raise TypeError(
            f"ids go with a 2-D array; these neurons ({what(neurons)}) have their ids already. "
            "Leave them out."
        )
