"""Which neurons get a card, in which order and in which group."""

from __future__ import annotations

import sys
from collections.abc import Callable
from numbers import Real
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import checked_count, short_repr, typed_repr
from .autopsy import Autopsy, Neuron, State
from .groups import GroupBy, GroupCounts, Groups

#: A named order, or a function that returns a sort key for each neuron.
NamedOrder: TypeAlias = Literal["given", "dead first", "peak"]
Order: TypeAlias = NamedOrder | Callable[[Neuron], Any]


class Selection(NamedTuple):
    """All neurons, and those that get a card, in drawing order.

    Attributes
    ----------
    autopsy, shown : Autopsy
        All neurons; those that get a card. Shown neurons of one group are adjacent.
    positions : ndarray of int
        The positions of the shown ones among all.
    grouping : Groups or None
        The groups of all neurons, if the cards are grouped.
    """

    autopsy: Autopsy
    shown: Autopsy
    positions: NDArray[np.int64]
    grouping: Groups | None = None

    @classmethod
    def of(
        cls, autopsy: Autopsy, positions: NDArray[np.int64], grouping: Groups | None = None
    ) -> Selection:
        """Return the selection of the neurons at some positions."""
        every = np.array_equal(positions, np.arange(len(autopsy)))
        shown = autopsy if every else autopsy.take(positions)
        return cls(autopsy, shown, positions, grouping)

    def with_findings(self, autopsy: Autopsy) -> Selection:
        """Return the same selection with other findings for the same neurons."""
        if not np.array_equal(autopsy.ids, self.autopsy.ids):
            raise ValueError(
                "autopsy: must hold the same ids in the same order as the one drawn "
                f"({len(self.autopsy)} neurons); got {len(autopsy)} neurons. Draw another "
                "grid for others."
            )
        return self.of(autopsy, self.positions, self.grouping)

    def groups(self) -> tuple[GroupCounts, ...]:
        """Return the groups of the shown neurons, in order; none without grouping."""
        if self.grouping is None:
            return ()
        return self.grouping.counts(self.autopsy.dead, self.positions)

    def all_groups(self) -> tuple[GroupCounts, ...]:
        """Return the groups of all neurons; none without grouping."""
        return () if self.grouping is None else self.grouping.counts(self.autopsy.dead)


def selected(
    autopsy: Autopsy,
    order: Order,
    limit: SupportsIndex | None,
    only: State | None,
    group_by: GroupBy | None = None,
) -> Selection:
    """Return the neurons that get a card, in drawing order.

    A nan peak or key sorts last; ties keep the caller's order. Raises TypeError or
    ValueError if an argument is invalid.
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
    grouping = None if group_by is None else Groups(autopsy.ids, group_by)
    if grouping is not None:
        positions = grouping.together(positions)
    return Selection.of(autopsy, positions, grouping)


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
