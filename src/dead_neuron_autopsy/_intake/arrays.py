"""Activations as arrays, from any container at any depth.

We import a library only once one of its objects arrives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Set
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .foreign import comes_from, has, what
from .sources import copy_of, is_mapped

#: Types of samples that NumPy reads correctly and that cannot change afterwards.
_SCALARS = frozenset(
    {bool, int, float, *(np.dtype(code).type for code in np.typecodes["AllFloat"])}
    | {np.bool_, *(np.dtype(code).type for code in np.typecodes["AllInteger"])}
)

#: Kinds of dtypes that hold real numbers.
_REAL = "biuf"

#: Types that store their values. Any other iterable may create each one on request.
CONTAINERS = (list, tuple, deque)


def to_array(values: Any, where: str, *, in_turn: bool = False) -> NDArray[Any]:
    """Return *values* as an array of real numbers, without a copy where possible."""
    # Errors begin with *where*. With *in_turn*, more values are read afterwards: objects
    # that make an array on request may all use the same memory, so theirs is copied.
    if _is_plain(values):
        return values  # type: ignore[no-any-return]  # an array
    refuse_sparse(values, where)
    try:
        array = _as_array(values, where, in_turn=in_turn)
    except RecursionError as error:
        _refuse(error, values, where)
        raise
    refuse_dtype(array.dtype, where, values)
    return array


def _is_plain(values: Any) -> bool:
    """Return whether *values* is a NumPy array of real numbers, usable as it is."""
    return type(values) in (np.ndarray, np.ma.MaskedArray) and values.dtype.kind in _REAL


def refuse_dtype(dtype: np.dtype[Any], where: str, values: object) -> None:
    """Raise TypeError unless the dtype holds real numbers."""
    if dtype.kind not in _REAL:
        raise TypeError(
            f"{where} must be real numbers; got {what(values)} of dtype {dtype}. Convert "
            "them first: text with numpy.asarray(..., dtype=float), complex numbers with "
            "numpy.abs."
        )


def refuse_sparse(values: object, where: str) -> None:
    """Raise TypeError for a sparse matrix of SciPy, which would be read as one object."""
    if any(kind.__module__.startswith("scipy.sparse") for kind in type(values).__mro__):
        raise TypeError(f"{where} must be dense; got {what(values)}. Pass its toarray().")


def is_borrowed(array: NDArray[Any], given: object) -> bool:
    """Return whether the caller may change an array that was made of what was given."""
    # NumPy makes a new one of a list or a stream; a mapped file is referred to for good.
    made_anew = array.flags.owndata and not has(given, "__array__")
    return not (made_anew or is_mapped(array))


def is_stream(values: Any) -> TypeGuard[Iterable[object]]:
    """Return whether values come one by one, so that each may overwrite the last."""
    stored = type(values) in CONTAINERS
    if stored or isinstance(values, str | bytes | range | Set | Mapping):
        return False
    if not isinstance(values, Iterable) or _is_array(values):
        return False
    try:
        memoryview(values)  # type: ignore[arg-type]  # whether it works is the question
    except TypeError:
        return True
    return False


def _is_array(values: object) -> bool:
    names = ("__array__", "__array_interface__", "__array_struct__")
    return any(has(values, name) for name in names)


def _as_array(values: Any, where: str, *, in_turn: bool) -> NDArray[Any]:
    """Return values as an array, masked if any part is, even tensors in a list."""
    parts = _parts_of(values, where)  # errors of the caller's generators pass unchanged
    try:
        if parts is None:
            array = _converted(values, in_turn=in_turn)
        elif any(isinstance(part, np.ma.MaskedArray) for part in parts):
            array = np.ma.stack(parts)
        else:
            array = np.asarray(parts)
        if array.dtype.type.__module__ == "ml_dtypes":
            array = array.astype(np.float32)  # NumPy cannot compare bfloat16 and smaller
    except Exception as error:  # libraries raise errors of their own
        _refuse(error, values, where)
        raise
    return array if isinstance(array, np.ma.MaskedArray) else np.asarray(array)


def _parts_of(values: Any, where: str) -> list[Any] | None:
    """Return the parts of nested values as arrays; None if NumPy can read them at once."""
    if type(values) in CONTAINERS:
        kinds = set(map(type, values))
        if _SCALARS.issuperset(kinds):
            return None
        if kinds == {np.ndarray} and all(map(_is_plain, values)):
            return list(values)
        return [_as_array(part, where, in_turn=True) for part in values]
    if not is_stream(values):
        return None
    return [
        value
        if type(value) in _SCALARS
        else copy_of(_as_array(value, where, in_turn=True), only_read=True)
        for value in values
    ]


def _converted(values: Any, *, in_turn: bool) -> NDArray[Any]:
    """Return one object, or a container of scalars, as an array."""
    if type(values) in CONTAINERS:
        return np.asarray(values)
    while comes_from(values, "xarray", "DataArray"):
        values = values.data
    if comes_from(values, "dask", "Array"):
        values, in_turn = values.compute(), False  # numpy.asarray(Dask array) drops masks
    if comes_from(values, "torch", "Tensor"):
        values = _from_torch(values)
    elif comes_from(values, "polars", "Series"):  # here and below, of nullable integers,
        import polars as pl  # NumPy alone would make objects

        integers = values.dtype.is_integer() or values.dtype == pl.Boolean
        if integers and values.null_count():
            values = values.cast(pl.Float64).to_numpy()
    elif comes_from(values, "pandas", "Series"):
        import pandas as pd

        extension = pd.api.types.is_extension_array_dtype(values.dtype)
        if extension and pd.api.types.is_numeric_dtype(values.dtype):
            values = values.to_numpy(dtype=np.float64, na_value=np.nan)
    array: NDArray[Any] = np.asanyarray(values)
    if in_turn and not isinstance(values, np.ndarray) and _is_array(values):
        return array.copy()  # the next object of its kind may reuse the memory
    return array


def _from_torch(tensor: Any) -> Any:
    """Return a tensor as an array, whatever its device, layout, dtype or gradient."""
    import torch

    tensor = tensor.detach()
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    floats = (torch.float16, torch.float32, torch.float64)
    if tensor.is_floating_point() and tensor.dtype not in floats:
        tensor = tensor.float()
    return tensor.cpu().resolve_conj().resolve_neg().numpy()


def _refuse(error: Exception, values: object, where: str) -> None:
    """Raise an error that names the values, unless the cause is memory or a file."""
    is_torchs = comes_from(error, "torch", "OutOfMemoryError")
    if is_torchs or isinstance(error, MemoryError | OSError):
        return
    kind = ValueError if isinstance(error, ValueError) else TypeError
    raise kind(
        f"{where} cannot be read as an array of numbers ({error}); got "
        f"{what(values)}. Pass numbers, or rows of equal length."
    ) from error
