"""Two autopsies of the same neurons: which died in between, and which came back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import typed_repr
from .autopsy import Autopsy
from .groups import GroupBy, Groups

if TYPE_CHECKING:
    import pandas as pd


class LayerChange(NamedTuple):
    """What became of a layer's neurons that both autopsies hold.

    Attributes
    ----------
    name : str
        The layer's name.
    n_neurons, n_died, n_revived, n_still_dead : int
        The number of neurons; of those that died, revived, or stayed dead.

    Examples
    --------
    >>> from dead_neuron_autopsy import compare, diagnose
    >>> both = compare(diagnose({"L1·a": [1.0]}), diagnose({"L1·a": [0.0]}))
    >>> both.layers()
    (LayerChange(name='L1', n_neurons=1, n_died=1, n_revived=0, n_still_dead=0),)
    """

    name: str
    n_neurons: int
    n_died: int
    n_revived: int
    n_still_dead: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """What became of neurons between two autopsies; returned by `compare`.

    Neurons whose state is unknown in one of the two are in none of the lists.

    Attributes
    ----------
    before, after : Autopsy
        The two autopsies.

    Examples
    --------
    >>> from dead_neuron_autopsy import compare, diagnose
    >>> before = diagnose({"a": [0.0], "b": [1.0], "c": [0.0]})
    >>> both = compare(before, diagnose({"a": [0.0], "b": [0.0], "c": [0.5], "d": [1.0]}))
    >>> both.still_dead, both.died, both.revived, both.new, both.gone
    (['a'], ['b'], ['c'], ['d'], [])
    >>> both.jaccard
    0.3333333333333333
    """

    before: Autopsy
    after: Autopsy

    def __repr__(self) -> str:
        changes = f"{len(self.died)} died, {len(self.revived)} revived"
        still = f"{len(self.still_dead)} still dead"
        return f"<Comparison of {len(self.ids)} neurons: {changes}, {still}>"

    @cached_property
    def _positions(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The positions of the neurons in both, in the order of the later one."""
        earlier = {one: place for place, one in enumerate(self.before.ids)}
        later = [place for place, one in enumerate(self.after.ids) if one in earlier]
        found = [earlier[self.after.ids[place]] for place in later]
        return np.array(found, dtype=np.int64), np.array(later, dtype=np.int64)

    @property
    def ids(self) -> list[str]:
        """The neurons in both autopsies, in the order of the later one."""
        return list(self.after.ids[self._positions[1]])

    @property
    def died(self) -> list[str]:
        """The neurons that were alive and are dead."""
        return self._ids(~self._was("dead") & ~self._was("unknown") & self._is("dead"))

    @property
    def revived(self) -> list[str]:
        """The neurons that were dead and are alive."""
        return self._ids(self._was("dead") & ~self._is("dead") & ~self._is("unknown"))

    @property
    def still_dead(self) -> list[str]:
        """The neurons that are dead in both."""
        return self._ids(self._was("dead") & self._is("dead"))

    @property
    def new(self) -> list[str]:
        """The neurons that only the later autopsy holds."""
        earlier = set(self.before.ids)
        return [one for one in self.after.ids if one not in earlier]

    @property
    def gone(self) -> list[str]:
        """The neurons that only the earlier autopsy holds."""
        later = set(self.after.ids)
        return [one for one in self.before.ids if one not in later]

    @property
    def jaccard(self) -> float:
        """The overlap of the dead of both, from 0 to 1; 1 if neither has any.

        Of the neurons in both autopsies, the share of those dead in both among those dead in
        either (P. Jaccard, "The distribution of the flora in the alpine zone", New
        Phytologist 11, 1912).
        """
        either = int(np.count_nonzero(self._was("dead") | self._is("dead")))
        return len(self.still_dead) / either if either else 1.0

    def layers(self, group_by: GroupBy = "layer") -> tuple[LayerChange, ...]:
        """Return what became of each layer's neurons.

        Parameters
        ----------
        group_by : "layer", callable or mapping, default: "layer"
            How to find a neuron's layer, as in `plot_layers`.

        Returns
        -------
        tuple of LayerChange
            In the order of the layers' first neurons.

        Raises
        ------
        ValueError
            If an id has no layer.

        Examples
        --------
        >>> from dead_neuron_autopsy import compare, diagnose
        >>> both = compare(diagnose({"a": [1.0]}), diagnose({"a": [0.0]}))
        >>> [(one.name, one.n_died) for one in both.layers(lambda neuron_id: "all")]
        [('all', 1)]
        """
        groups = Groups(self.ids, group_by)
        was, is_now = self._was("dead"), self._is("dead")
        known = ~(self._was("unknown") | self._is("unknown"))
        every = np.ones_like(was), ~was & is_now & known, was & ~is_now & known, was & is_now
        numbers = [
            np.bincount(groups.of_neurons[some], minlength=len(groups.names)).tolist()
            for some in every
        ]
        return tuple(map(LayerChange, groups.names, *numbers))

    def to_frame(self) -> pd.DataFrame:
        """Return what became of each neuron as a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Columns ``id``, ``before`` and ``after``: the states, None where an autopsy does
            not hold the neuron. The neurons of the later autopsy come first.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from dead_neuron_autopsy import compare, diagnose
        >>> both = compare(diagnose({"a": [1.0]}), diagnose({"a": [0.0], "b": [1.0]}))
        >>> both.to_frame().to_dict("list")
        {'id': ['a', 'b'], 'before': ['alive', None], 'after': ['dead', 'alive']}
        """
        import pandas as pd

        ids = [*self.after.ids, *self.gone]
        columns: dict[str, Any] = {"id": ids}
        for name, autopsy in (("before", self.before), ("after", self.after)):
            states = dict(zip(autopsy.ids, autopsy.states, strict=True))
            columns[name] = pd.Series([states.get(one) for one in ids], dtype=object)
        return pd.DataFrame(columns)

    def _was(self, state: str) -> NDArray[np.bool_]:
        found = self.before.dead if state == "dead" else self.before.unknown
        return found[self._positions[0]]

    def _is(self, state: str) -> NDArray[np.bool_]:
        found = self.after.dead if state == "dead" else self.after.unknown
        return found[self._positions[1]]

    def _ids(self, found: NDArray[np.bool_]) -> list[str]:
        return [one for one, is_one in zip(self.ids, found.tolist(), strict=True) if is_one]


def compare(before: Autopsy, after: Autopsy) -> Comparison:
    """Compare two autopsies of the same neurons.

    Parameters
    ----------
    before, after : Autopsy
        What `diagnose` returned, with at least one id in common.

    Returns
    -------
    Comparison
        The ids that died, revived, are still dead, new or gone; the same by layer.

    Raises
    ------
    TypeError
        If one of them is no `Autopsy`.
    ValueError
        If they have no neuron in common.

    Examples
    --------
    >>> from dead_neuron_autopsy import compare, diagnose
    >>> compare(diagnose({"a": [1.0], "b": [0.0]}), diagnose({"a": [0.0], "b": [0.0]}))
    <Comparison of 2 neurons: 1 died, 0 revived, 1 still dead>
    """
    for name, given in (("before", before), ("after", after)):
        if not isinstance(given, Autopsy):
            accepted = "an Autopsy, as diagnose(...) returns"
            raise TypeError(f"{name}: must be {accepted}; got {typed_repr(given)}.")
    found = Comparison(before, after)
    if not found.ids:
        got = f"{len(before)} and {len(after)} neurons with different ids"
        raise ValueError(f"after: must hold some of the ids of before; got {got}.")
    return found
