"""Which neurons get a card, in which order and in which group."""

from __future__ import annotations

import sys
from collections.abc import Callable
from numbers import Real
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import as_integer, short_repr, typed_repr
from .autopsy import Autopsy, Neuron, State
from .groups import GroupBy, GroupCounts, Groups, counts_of

#: A named order, or a function that returns a sort key for each neuron.
NamedOrder: TypeAlias = Literal["given", "dead first", "peak"]
Order: TypeAlias = NamedOrder | Callable[[Neuron], Any]


class Selection(NamedTuple):
    """A population and the neurons in it that get a card.

    Attributes
    ----------
    autopsy : Autopsy
        All neurons.
    shown : Autopsy
        Those that get a card, in drawing order; neurons of a group are adjacent.
    groups : tuple of GroupCounts
        The groups of the shown neurons, in order; empty without grouping.
    all_groups : tuple of GroupCounts
        The groups of all neurons; empty without grouping.
    """

    autopsy: Autopsy
    shown: Autopsy
    groups: tuple[GroupCounts, ...] = ()
    all_groups: tuple[GroupCounts, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of cards in each group; without groups, in one entry."""
        return counts_of(self.groups, len(self.shown))


def selected(
    autopsy: Autopsy,
    order: Order,
    limit: SupportsIndex | None,
    only: State | None,
    group_by: GroupBy | None = None,
) -> Selection:
    """Return the neurons that get a card, in drawing order.

    Parameters
    ----------
    autopsy : Autopsy
        All neurons.
    order : {"given", "dead first", "peak"} or callable
        The caller's order; the dead before the others; from the lowest peak to the
        highest; or by the key that the callable returns for a `Neuron`. A nan peak or key
        sorts last. Ties keep the caller's order.
    limit : int or None
        Maximum number of cards.
    only : {"alive", "dead"} or None
        Keep only neurons of this state.
    group_by : "layer", callable, mapping or None
        How to find the group of an id.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.
    """
    positions = _ordered(autopsy, order)
    if only is not None:
        if not isinstance(only, str) or only not in get_args(State):
            raise ValueError(
                f"only: must be 'alive', 'dead' or None; got {short_repr(only)}."
            )
        positions = positions[autopsy.dead[positions] == (only == "dead")]
    if limit is not None:
        positions = positions[: checked_count("limit", limit, most=sys.maxsize)]
    groups: tuple[GroupCounts, ...] = ()
    all_groups: tuple[GroupCounts, ...] = ()
    if group_by is not None:
        grouping = Groups(autopsy, group_by)
        positions = grouping.together(positions)
        groups = grouping.shown(positions)
        all_groups = grouping.all
    shown = autopsy
    if not np.array_equal(positions, np.arange(len(autopsy))):
        shown = autopsy.take(positions.tolist())
    return Selection(autopsy, shown, groups, all_groups)


def _ordered(autopsy: Autopsy, order: Order) -> NDArray[np.int64]:
    if callable(order):
        return _ordered_by(autopsy, order)
    if not isinstance(order, str):
        raise TypeError(
            "order: must be 'given', 'dead first', 'peak' or a function; got "
            f"{typed_repr(order)}."
        )
    if order == "given":
        return np.arange(len(autopsy))
    if order == "dead first":
        return np.argsort(~autopsy.dead, kind="stable")
    if order == "peak":
        return np.argsort(autopsy.peaks, kind="stable")
    raise ValueError(
        f"order: must be 'given', 'dead first', 'peak' or a function; got "
        f"{short_repr(order)}."
    )


def _ordered_by(autopsy: Autopsy, order: Callable[[Neuron], Any]) -> NDArray[np.int64]:
    keys = [(_is_nan(key), key) for key in (_key_of(order, neuron) for neuron in autopsy)]
    try:
        positions = sorted(range(len(keys)), key=keys.__getitem__)
    except (TypeError, ValueError) as error:  # NumPy raises ValueError for arrays
        kinds = {
            type(key).__name__: f"{type(key).__name__} for neuron {neuron_id!r}"
            for neuron_id, (_, key) in zip(autopsy.ids, keys, strict=True)
        }
        found = ", ".join([*kinds.values()][:3])
        raise TypeError(
            f"order: its keys cannot be compared ({error}); got {found}. "
            "Return a number, or a string, for every neuron."
        ) from error
    return np.array(positions, dtype=np.int64)


def _key_of(order: Callable[[Neuron], Any], neuron: Neuron) -> Any:
    try:
        return order(neuron)
    except Exception as error:
        error.add_note(f"order: the function failed for neuron {neuron.id!r}.")
        raise


def _is_nan(key: object) -> bool:
    return isinstance(key, Real) and key != key  # noqa: PLR0124  only nan differs from itself


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
