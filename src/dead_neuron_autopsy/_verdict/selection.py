"""Which neurons get a card, in which order and in which group."""

from __future__ import annotations

import sys
from collections.abc import Callable
from numbers import Real
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import checked_count, short_repr, typed_repr
from .autopsy import Autopsy
from .groups import GroupBy, GroupCounts, Groups
from .neuron import Neuron, State

#: A named order, or a function that returns a sort key for each neuron.
Order: TypeAlias = Literal["given", "dead first", "died", "layer", "peak"] | Callable[[Neuron], Any]


class Selection(NamedTuple):
    """All neurons, and those that get a card, in drawing order."""

    autopsy: Autopsy
    shown: Autopsy  # those that get a card; of one group, adjacent
    positions: NDArray[np.int64]  # of the shown ones among all
    grouping: Groups | None  # of all neurons, if the cards are grouped

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
        if not isinstance(autopsy, Autopsy):
            accepted = "an Autopsy, as diagnose(...) returns"
            raise TypeError(f"autopsy: must be {accepted}; got {typed_repr(autopsy)}.")
        if not np.array_equal(autopsy.ids, self.autopsy.ids):
            raise ValueError(
                "autopsy: must hold the same ids in the same order as the one drawn "
                f"({len(self.autopsy)} neurons); got {len(autopsy)} neurons. Draw another "
                "grid for others."
            )
        return self.of(autopsy, self.positions, self.grouping)

    def groups(self) -> tuple[GroupCounts, ...]:
        """Return the groups of the shown neurons, in order; none without grouping."""
        found = self.autopsy.dead, self.autopsy.unknown
        return () if self.grouping is None else self.grouping.counts(*found, self.positions)

    def all_groups(self) -> tuple[GroupCounts, ...]:
        """Return the groups of all neurons; none without grouping."""
        found = self.autopsy.dead, self.autopsy.unknown
        return () if self.grouping is None else self.grouping.counts(*found)


def selected(
    autopsy: Autopsy,
    order: Order,
    limit: SupportsIndex | None,
    only: State | None,
    group_by: GroupBy | None = None,
) -> Selection:
    """Return the neurons that get a card, in drawing order."""
    # A nan peak or key sorts last; ties keep the caller's order.
    positions = _ordered(autopsy, order)
    if only is not None:
        if not isinstance(only, str) or only not in get_args(State):
            got = short_repr(only)
            accepted = "'alive', 'dead', 'unknown' or None"
            raise ValueError(f"only: must be {accepted}; got {got}.")
        positions = positions[np.array(autopsy.states, dtype=np.object_)[positions] == only]
    if limit is not None:
        positions = positions[: checked_count("limit", limit, most=sys.maxsize)]
    grouping = None if group_by is None else Groups(autopsy.ids, group_by)
    if grouping is not None:
        positions = grouping.together(positions)
    return Selection.of(autopsy, positions, grouping)


def _ordered(autopsy: Autopsy, order: Order) -> NDArray[np.int64]:
    """Return the positions of all neurons, in order."""
    if callable(order):
        return _ordered_by(autopsy, order)
    accepted = "order: must be 'given', 'dead first', 'died', 'layer', 'peak' or a function"
    if not isinstance(order, str):
        raise TypeError(f"{accepted}; got {typed_repr(order)}.")
    if order == "given":
        return np.arange(len(autopsy))
    if order == "dead first":
        return np.argsort(~autopsy.dead, kind="stable")
    if order == "died":
        # Histories of different length end together.
        times = autopsy.last_active - autopsy.source.lengths
        never = ~(autopsy.dead | autopsy.fell_silent)
        return np.lexsort((times, never))
    if order == "layer":
        return Groups(autopsy.ids, "layer").together(np.arange(len(autopsy)))
    if order == "peak":
        return np.argsort(autopsy.peaks, kind="stable")
    raise ValueError(f"{accepted}; got {short_repr(order)}.")


def _ordered_by(autopsy: Autopsy, order: Callable[[Neuron], Any]) -> NDArray[np.int64]:
    """Return the positions of all neurons, in the order of their keys."""
    keys: list[tuple[bool, Any]] = []
    for neuron in autopsy:
        try:
            key = order(neuron)
        except Exception as error:
            error.add_note(f"order: the function failed for neuron {neuron.id!r}.")
            raise
        is_nan = isinstance(key, Real) and key != key  # noqa: PLR0124  only nan does
        keys.append((is_nan, key))
    try:
        positions = sorted(range(len(keys)), key=keys.__getitem__)
    except (TypeError, ValueError) as error:  # NumPy raises ValueError for arrays
        keyed = zip(autopsy.ids, keys, strict=True)
        kinds = {type(key).__name__: neuron_id for neuron_id, (_, key) in keyed}
        found = ", ".join(f"{kind} for neuron {one!r}" for kind, one in [*kinds.items()][:3])
        raise TypeError(
            f"order: its keys cannot be compared ({error}); got {found}. "
            "Return a number, or a string, for every neuron."
        ) from error
    return np.array(positions, dtype=np.int64)
