"""Objects of libraries that this package never imports by itself, and of the caller's own.

A class is recognised by its name. Looking it up in `sys.modules` would find a module
half-made while another thread imports it; and whoever holds an object has its library.
"""

from __future__ import annotations

import operator
from collections.abc import Sized
from functools import lru_cache
from typing import Any

import numpy as np


def comes_from(value: object, library: str, name: str) -> bool:
    """Return whether *value* is an instance of a library's class, or of a subclass.

    Examples
    --------
    >>> import numpy as np
    >>> [comes_from(value, "numpy", "ndarray") for value in (np.ma.array([1.0]), 1)]
    [True, False]
    """
    kind: Any = type(value)  # a hashable one, which mypy does not know
    return (library, name) in _lineage(kind)


@lru_cache(maxsize=256)
def _lineage(kind: type) -> frozenset[tuple[str, str]]:
    return frozenset(
        (str(one.__module__).partition(".")[0], one.__name__) for one in kind.__mro__
    )


def as_integer(value: Any) -> int | None:
    """Return an integer for what can be an index, but no truth value; else None."""
    if isinstance(value, bool | np.bool_ | np.ndarray):
        return None
    try:
        return int(operator.index(value))
    except Exception:  # noqa: BLE001  tensors, for one, have errors of their own
        return None


def has(value: object, name: str) -> bool:
    """Return whether an object has an attribute that can be read."""
    try:
        return hasattr(value, name)
    except Exception:  # noqa: BLE001  a property may raise whatever it likes
        return False


def length_of(value: Sized) -> int | None:
    """Return an object's length, or None if it fails to say."""
    try:
        return len(value)
    except Exception:  # noqa: BLE001  as above
        return None


def what(value: object) -> str:
    """Say what came, for an error message: its type, and its shape, length or value."""
    kind = type(value).__name__
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape:
            return f"{kind} of shape {shape}"
        if isinstance(value, list | tuple):
            return f"{kind} of length {len(value)}"
    except Exception:  # noqa: BLE001  the message matters more than what it describes
        return kind
    return "None" if value is None else typed_repr(value)


def typed_repr(value: object) -> str:
    """Return what an error message shows of a value, after its type."""
    return f"{type(value).__name__} {short_repr(value)}"


def short_repr(value: object) -> str:
    """Return what an error message shows of a value; its type if it has no repr."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  as above
        return f"<{type(value).__name__}>"
    return text if len(text) <= 60 else f"{text[:45]}…{text[-12:]}"
