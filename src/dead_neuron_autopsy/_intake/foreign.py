"""Safe inspection of foreign objects: those of optional libraries and the caller's own.

What becomes of them is decided in `population` (a DataFrame, say) and `arrays` (a tensor).

We recognise a class by its name. A lookup in `sys.modules` could find a module that
another thread is still importing. Besides, whoever holds an object has its library.
"""

from __future__ import annotations

import operator
from collections.abc import Sized
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

#: What callers may pass as a real number.
Number: TypeAlias = float | np.floating[Any] | np.integer[Any] | Fraction


def comes_from(value: object, library: str, name: str) -> bool:
    """Return whether *value* is an instance of a library's class or of a subclass."""
    return any(
        kind.__name__ == name and str(kind.__module__).partition(".")[0] == library
        for kind in type(value).__mro__
    )


def as_integer(value: Any) -> int | None:
    """Return *value* as an int if it can be an index and is not a bool, else None."""
    if isinstance(value, bool | np.bool_ | np.ndarray):
        return None
    try:
        return int(operator.index(value))
    except Exception:  # noqa: BLE001  tensors, for one, raise their own errors
        return None


def checked_count(name: str, count: object, most: int = 2**20) -> int:
    """Return *count* as an int from 1 to *most*, or raise."""
    number = as_integer(count)
    if number is None:
        raise TypeError(f"{name}: must be an integer; got {typed_repr(count)}.")
    if number < 1:
        raise ValueError(f"{name}: must be at least 1; got {short_repr(count)}.")
    if number > most:
        raise ValueError(f"{name}: must be at most {most:,}; got {short_repr(count)}.")
    return number


def has(value: object, name: str) -> bool:
    """Return whether an object has an attribute that reads without an error."""
    try:
        return hasattr(value, name)
    except Exception:  # noqa: BLE001  a property may raise anything
        return False


def length_of(value: Sized) -> int | None:
    """Return an object's length, or None if asking for it fails."""
    try:
        return len(value)
    except Exception:  # noqa: BLE001  __len__ may raise anything
        return None


def what(value: object) -> str:
    """Return a value's type and its shape, length or repr, for an error message."""
    kind = type(value).__name__
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape:
            return f"{kind} of shape {shape}"
        if isinstance(value, list | tuple):
            return f"{kind} of length {len(value)}"
    except Exception:  # noqa: BLE001  must not replace the error being reported
        return kind
    return "None" if value is None else typed_repr(value)


def typed_repr(value: object) -> str:
    """Return a value's type and its shortened repr, for an error message."""
    return f"{type(value).__name__} {short_repr(value)}"


def short_repr(value: object) -> str:
    """Return a value's repr, shortened for an error message; its type if repr fails."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  __repr__ may raise anything
        return f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:45]}…{text[-12:]}"
