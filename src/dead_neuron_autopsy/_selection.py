"""Which neurons have a card, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ._diagnosis import Autopsy, Neuron, State

#: Named orders; or what gives each neuron a key to sort by.
NamedOrder: TypeAlias = Literal["given", "dead first", "peak"]
Order: TypeAlias = NamedOrder | Callable[[Neuron], Any]


def selected(
    autopsy: Autopsy, order: Order, limit: int | None, only: State | None
) -> Autopsy:
    """Return the neurons that have a card, in order.

    Parameters
    ----------
    autopsy : Autopsy
        All neurons.
    order : {"given", "dead first", "peak"} or callable
        As the caller gave them; the dead before the others; from the lowest peak to the
        highest, nan last; or by a key, which the callable returns for a `Neuron`.
        Equals stay in the caller's order.
    limit : int or None
        How many at most.
    only : {"alive", "dead"} or None
        The neurons of one state alone.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    """
    positions = _ordered(autopsy, order)
    if only is not None:
        if only not in get_args(State):
            raise ValueError(f"only: must be 'alive', 'dead' or None; got {only!r}.")
        positions = positions[autopsy.dead[positions] == (only == "dead")]
    if limit is not None:
        positions = positions[: _checked_limit(limit)]
    if np.array_equal(positions, np.arange(len(autopsy))):
        return autopsy
    return autopsy.take(positions.tolist())


def _ordered(autopsy: Autopsy, order: Order) -> NDArray[np.int64]:
    if callable(order):
        keys = [order(neuron) for neuron in autopsy]
        try:
            return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
        except TypeError as error:
            raise TypeError(f"order: its keys cannot be compared ({error}).") from error
    if order == "given":
        return np.arange(len(autopsy))
    if order == "dead first":
        return np.argsort(~autopsy.dead, kind="stable")
    if order == "peak":
        return np.argsort(autopsy.peaks, kind="stable")
    raise ValueError(
        f"order: must be 'given', 'dead first', 'peak' or a function; got {order!r}."
    )


def _checked_limit(limit: object) -> int:
    if isinstance(limit, bool) or not isinstance(limit, Integral):
        raise TypeError(f"limit: must be an integer; got {type(limit).__name__} {limit!r}.")
    if limit < 1:
        raise ValueError(f"limit: must be at least 1; got {limit!r}.")
    return int(limit)
