"""Activations as arrays, from any container at any depth.

We import a library only once one of its objects arrives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set
from mmap import mmap
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .foreign import comes_from, has, what

#: Types of samples that NumPy reads correctly and that cannot change afterwards.
_SCALARS = frozenset(
    {bool, int, float, *(np.dtype(code).type for code in np.typecodes["AllFloat"])}
    | {np.bool_, *(np.dtype(code).type for code in np.typecodes["AllInteger"])}
)

#: Kinds of dtypes that hold real numbers.
_REAL = "biuf"

#: Types that store their values. Any other iterable may create each one on request.
_CONTAINERS = (list, tuple, deque)


def to_array(values: Any, where: str, *, in_turn: bool = False) -> NDArray[Any]:
    """Return *values* as an array of real numbers, without a copy where possible.

    Parameters
    ----------
    values : array-like or iterable
        Numbers or rows of them; masks, gradients and nullable types work at any depth.
    where : str
        How error messages begin.
    in_turn : bool
        Whether more values are read afterwards. Objects that create an array on request
        may all use the same memory, so theirs is copied.

    Raises
    ------
    TypeError, ValueError
        If NumPy cannot read *values*, or they are not real numbers.
    """
    if is_plain(values):
        return values  # type: ignore[no-any-return]  # an array
    plain = _holds_what_is_plain(values)
    try:
        taken = list(values) if plain else _taken(values, where)
    except RecursionError as error:
        _refuse(error, values, where)
        raise
    try:
        array = np.asarray(taken) if plain else _as_array(taken, in_turn=in_turn)
    except Exception as error:  # libraries raise errors of their own
        _refuse(error, values, where)
        raise
    refuse_dtype(array.dtype, where, values)
    return array


def is_plain(values: object) -> bool:
    """Return whether *values* is a NumPy array of real numbers, usable as it is."""
    kind = type(values)
    if kind is not np.ndarray and kind is not np.ma.MaskedArray:
        return False
    return values.dtype.kind in _REAL  # type: ignore[attr-defined]  # an array, as checked above


def _holds_what_is_plain(values: Any) -> bool:
    if type(values) not in _CONTAINERS:
        return False
    kinds = set(map(type, values))
    if kinds == {np.ndarray}:
        return all(map(is_plain, values))
    return _SCALARS.issuperset(kinds)


def refuse_dtype(dtype: np.dtype[Any], where: str, values: object) -> None:
    """Raise TypeError unless the dtype holds real numbers."""
    if dtype.kind not in _REAL:
        raise TypeError(
            f"{where} must be real numbers; got {what(values)} of dtype "
            f"{dtype}. Convert them first: text with numpy.asarray(..., "
            "dtype=float), complex numbers with numpy.abs."
        )


def is_stream(values: object) -> TypeGuard[Iterable[object]]:
    """Return whether values come one by one, so that each may overwrite the last."""
    stored = type(values) in _CONTAINERS
    if stored or isinstance(values, str | bytes | range | Set | Mapping):
        return False
    return isinstance(values, Iterable) and not (_is_array(values) or _has_a_buffer(values))


def _is_array(values: object) -> bool:
    names = ("__array__", "__array_interface__", "__array_struct__")
    return any(has(values, name) for name in names)


def snapshot(value: Any) -> NDArray[Any]:
    """Return a copy of a value from a stream, as it is now.

    Of a file that is mapped read-only we return a view: nobody can refill it, and it may
    be larger than memory.
    """
    array = _as_array(value, in_turn=True)
    if isinstance(array, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(array).copy()
        return np.ma.masked_array(snapshot(array.data), mask=mask)
    return array if _is_mapped_read_only(array) else array.copy()


def _is_mapped_read_only(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return False
        array = array.base
    return isinstance(array, mmap)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view."""
    if isinstance(array, np.ma.MaskedArray):
        # The writeable flag of a masked array does not protect its mask.
        data, mask = read_only(array.data), read_only(np.ma.getmaskarray(array))
        return np.ma.masked_array(data, mask=mask, copy=False)
    view = array.view()
    view.flags.writeable = False
    return view


def _taken(values: Any, where: str) -> Any:
    """Return values with every stream read into a list, copying items as they come.

    Errors raised by the caller's own generator propagate unchanged.
    """
    if hasattr(type(values), "__array__"):
        return values
    if is_stream(values):
        taken: list[Any] = []
        for value in values:
            if type(value) in _SCALARS:
                taken.append(value)
                continue
            part = _taken(value, where)
            try:
                taken.append(snapshot(part))
            except Exception as error:  # see to_array
                _refuse(error, value, where)
                raise
        return taken
    if _holds_more_than_scalars(values):
        return [_taken(value, where) for value in values]
    return values


def _refuse(error: Exception, values: object, where: str) -> None:
    """Raise an error that names the values, unless the cause is memory or a file."""
    if isinstance(error, MemoryError | OSError):
        return
    if comes_from(error, "torch", "OutOfMemoryError"):
        return
    kind = ValueError if isinstance(error, ValueError) else TypeError
    raise kind(
        f"{where} cannot be read as an array of numbers ({error}); got "
        f"{what(values)}. Pass numbers, or rows of equal length."
    ) from error


def _as_array(values: Any, *, in_turn: bool = False) -> NDArray[Any]:
    """Return values as an array, masked if any part is.

    NumPy alone drops the masks of rows and samples, and fails on nested tensors.
    """
    values = _from_torch(_from_frame_column(values))
    if comes_from(values, "xarray", "DataArray"):
        return _as_array(values.data, in_turn=in_turn)
    if comes_from(values, "dask", "Array"):
        return _as_array(values.compute())  # Dask's own conversion drops masks
    if not _holds_more_than_scalars(values):
        array: NDArray[Any] = np.asanyarray(values)
        if in_turn and not isinstance(values, np.ndarray) and _is_array(values):
            array = array.copy()  # the next object of its kind may reuse the memory
    else:
        parts = [_as_array(part, in_turn=True) for part in values]
        masked = any(isinstance(part, np.ma.MaskedArray) for part in parts)
        array = np.ma.stack(parts) if masked else np.asarray(parts)
    if array.dtype.type.__module__ == "ml_dtypes":
        array = array.astype(np.float32)  # NumPy cannot compare bfloat16 and smaller
    return array if isinstance(array, np.ma.MaskedArray) else np.asarray(array)


def _holds_more_than_scalars(values: Any) -> bool:
    if not isinstance(values, Sequence) or isinstance(values, str | bytes | bytearray):
        return False
    return not _has_a_buffer(values) and not _SCALARS.issuperset(map(type, values))


def _has_a_buffer(values: Any) -> bool:
    try:
        memoryview(values)
    except TypeError:
        return False
    return True


def _from_frame_column(values: Any) -> Any:
    """Return a column of nullable numbers as floats; NumPy alone makes them objects."""
    if comes_from(values, "polars", "Series"):
        import polars as pl

        integers = values.dtype.is_integer() or values.dtype == pl.Boolean
        if integers and values.null_count():
            return values.cast(pl.Float64).to_numpy()
    elif comes_from(values, "pandas", "Series"):
        import pandas as pd

        extension = pd.api.types.is_extension_array_dtype(values.dtype)
        if extension and pd.api.types.is_numeric_dtype(values.dtype):
            return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _from_torch(values: Any) -> Any:
    """Return a tensor as an array, whatever its device, layout, dtype or gradient."""
    if not comes_from(values, "torch", "Tensor"):
        return values
    import torch

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
