"""Groups of neurons: layers, or whatever grouping the caller asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import short_repr, typed_repr
from .._intake.population import name_from

#: "layer" groups by the layer's name in the id; a function or mapping takes the whole id.
GroupBy: TypeAlias = Literal["layer"] | Callable[[str], object] | Mapping[str, object]


class GroupCounts(NamedTuple):
    """A group's name and the counts of its neurons."""

    name: str
    n_neurons: int
    n_dead: int  # with a card or without
    n_shown: int  # with a card
    n_unknown: int = 0


class Groups:
    """The groups of neurons, found by their ids, in the order of their first neurons."""

    def __init__(self, ids: Iterable[str], group_by: GroupBy) -> None:
        find = _finder(group_by)
        numbers: dict[str, int] = {}
        #: The number of each neuron's group, in `names`.
        self.of_neurons = np.array(
            [numbers.setdefault(_name(find(one), one), len(numbers)) for one in ids],
            dtype=np.int64,
        )
        self.names = tuple(numbers)

    def counts(
        self,
        dead: NDArray[np.bool_],
        unknown: NDArray[np.bool_],
        shown: NDArray[np.int64] | None = None,
    ) -> tuple[GroupCounts, ...]:
        """Return the groups that have neurons at the shown positions; by default, all."""
        every = self.of_neurons
        seen = every if shown is None else every[shown]
        counted: list[list[int]] = [
            np.bincount(some, minlength=len(self.names)).tolist()
            for some in (every, every[dead], seen, every[unknown])
        ]
        groups = map(GroupCounts, self.names, *counted)
        return tuple(group for group in groups if group.n_shown)

    def together(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions reordered so that each group's neurons are adjacent."""
        return positions[np.argsort(self.of_neurons[positions], kind="stable")]


def layer_of(neuron_id: str) -> str | None:
    """Return what stands in an id before its first "·", else before its last "."."""
    for layer in (neuron_id.partition("·"), neuron_id.rpartition(".")):
        if layer[1]:
            return layer[0].strip() or None
    return None


def id_within(neuron_id: str, group: str) -> str:
    """Return an id without its group's name and what follows it, if it begins so."""
    rest = neuron_id.removeprefix(group)
    follows = rest.lstrip("·. ")
    return follows if follows and follows != rest else neuron_id


def _finder(group_by: object) -> Callable[[str], object]:
    if isinstance(group_by, str) and group_by == "layer":
        return layer_of
    if isinstance(group_by, Mapping):
        return group_by.get
    if not callable(group_by):
        raise TypeError(
            "group_by: must be 'layer', a function of an id, or a mapping from ids to "
            f"groups; got {typed_repr(group_by)}."
        )

    def find(neuron_id: str) -> object:
        try:
            return group_by(neuron_id)
        except Exception as error:
            error.add_note(f"group_by: the function failed for neuron {neuron_id!r}.")
            raise

    return find


def _name(group: object, neuron_id: str) -> str:
    """Return the group's name as a string, or raise if there is none."""
    if group is None or (isinstance(group, str) and not group.strip()):
        raise ValueError(
            f"group_by: finds no group for the neuron {short_repr(neuron_id)}. 'layer' "
            "takes what stands before '·' or before the last '.'; for other ids, pass a "
            "function of the id, or a mapping that has all ids."
        )
    return name_from(group, f"group_by: the group of neuron {short_repr(neuron_id)}")
