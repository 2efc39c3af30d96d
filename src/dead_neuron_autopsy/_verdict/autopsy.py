"""The findings for a population of neurons. NumPy alone."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    Protocol,
    SupportsIndex,
    TypeAlias,
)

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import short_repr, what
from .._intake.sources import Histories, History, Source, read_only
from .criteria import Criterion, measured

if TYPE_CHECKING:
    import pandas as pd

State: TypeAlias = Literal["alive", "dead"]
NanPolicy: TypeAlias = Literal["propagate", "omit", "raise"]

#: What callers may pass as positions: integers, or a mask with one bool per neuron.
Positions: TypeAlias = Sequence[SupportsIndex] | NDArray[np.integer[Any] | np.bool_]


class Words(Protocol):
    """What says the findings in a language; the verdict itself knows no words."""

    def summary(self, autopsy: Autopsy) -> str:
        """Return the verdict in one sentence."""

    def description(self, autopsy: Autopsy) -> str:
        """Return the findings in a few sentences."""


class Neuron(NamedTuple):
    """One neuron and its verdict.

    Attributes
    ----------
    id : str
        The neuron's id.
    activations : ndarray of shape (n_samples,)
        The neuron's history, read-only.
    peak : float
        max(\\|activation\\|), in the activations' own unit.
    state : {"alive", "dead"}
        The verdict.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> neuron = diagnose({"N1": [0.2, -0.4]}).neuron(0)
    >>> neuron.id, neuron.activations.tolist(), neuron.peak, neuron.state
    ('N1', [0.2, -0.4], 0.4, 'alive')
    """

    id: str
    activations: History
    peak: float
    state: State


@dataclass(frozen=True, eq=False, repr=False)
class Autopsy:
    """The findings for a population of neurons; returned by `diagnose`.

    Iteration yields one `Neuron` for each neuron, in the caller's order.

    Attributes
    ----------
    peaks : ndarray of shape (n_neurons,), float64
        max(\\|activation\\|) of each neuron; 0 without samples, nan if a sample is nan and
        `nan_policy` is "propagate".
    dead : ndarray of shape (n_neurons,), bool
        True where the peak is below `dead_threshold`.
    sample_counts : ndarray of shape (n_neurons,), int64
        Number of samples behind each peak.
    nan_policy : {"propagate", "omit", "raise"}
        How nan was treated.
    source
        Where the activations are read from.
    criterion
        The rule that decided.
    words
        What `summary` and `description` say it with.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> autopsy = diagnose({"L1·N1": [0.2, 0.4], "L1·N2": [0.0, 0.0]})
    >>> autopsy
    <Autopsy: 1 of 2 neurons dead, dead_threshold=1e-06>
    >>> [(neuron.id, neuron.state, neuron.peak) for neuron in autopsy]
    [('L1·N1', 'alive', 0.4), ('L1·N2', 'dead', 0.0)]
    """

    _names: Sequence[str] | NDArray[np.object_] | None
    source: Source
    peaks: NDArray[np.float64]
    dead: NDArray[np.bool_]
    sample_counts: NDArray[np.int64]
    criterion: Criterion
    nan_policy: NanPolicy
    words: Words

    def __post_init__(self) -> None:
        for name in ("peaks", "dead", "sample_counts"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.peaks)

    def __reduce__(self) -> tuple[Any, ...]:
        # pickle and copy lose the read-only flag, which the constructor sets again.
        return Autopsy, tuple(getattr(self, field.name) for field in fields(self))

    def __iter__(self) -> Iterator[Neuron]:
        return map(Neuron, self.ids, self.source, self.peaks.tolist(), self.states)

    def __repr__(self) -> str:
        return (
            f"<Autopsy: {self.n_dead} of {len(self)} neurons dead, "
            f"dead_threshold={self.dead_threshold!r}>"
        )

    def neuron(self, index: SupportsIndex) -> Neuron:
        """Return the neuron at a position in the caller's order.

        Parameters
        ----------
        index : int
            Position, from 0.

        Returns
        -------
        Neuron
            Its id, activations, peak and state.

        Raises
        ------
        IndexError
            If there is no neuron at that position.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose([("N1", [0.0])]).neuron(0).state
        'dead'
        """
        position = operator.index(index)
        (history,) = self.source.read([position])
        peak = float(self.peaks[position])
        return Neuron(self.ids[position], history, peak, self.state(position))

    def state(self, index: SupportsIndex) -> State:
        """Return the verdict on the neuron at a position, "alive" or "dead".

        Parameters
        ----------
        index : int
            Position, from 0.

        Returns
        -------
        {"alive", "dead"}
            The verdict.

        Raises
        ------
        IndexError
            If there is no neuron at that position.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0], "b": [0.0]}).state(1)
        'dead'
        """
        return "dead" if self.dead[index] else "alive"

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """Each neuron's id, shape (n_neurons,); its position if no ids were given.

        The array holds Python strings: NumPy's own string types drop NULs at the end, or
        refuse lone surrogates.
        """
        # Made late: a million strings take longer than the diagnosis.
        names = map(str, range(len(self))) if self._names is None else self._names
        return read_only(np.array([*names], dtype=np.object_))

    @property
    def dead_threshold(self) -> float:
        """The threshold, in the activations' own unit."""
        return float(self.criterion.threshold)

    @property
    def histories(self) -> Histories:
        """Each neuron's activations, read-only: as they were when they were diagnosed.

        Of more than 64 MiB in memory, views of the caller's arrays.
        """
        return self.source.histories

    def histories_of(self, indices: Positions) -> Sequence[History]:
        """Return the activations of the neurons at the given positions.

        Parameters
        ----------
        indices : sequence or array of int, or of bool
            Positions, from 0, or a mask with one value per neuron. With a Dask array,
            only these rows are computed.

        Returns
        -------
        sequence of ndarray of shape (n_samples,)
            Their activations, read-only, in the order of *indices*.

        Raises
        ------
        IndexError
            If there is no neuron at one of the positions.
        ValueError
            If a mask has another length than there are neurons.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> autopsy = diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]})
        >>> [history.tolist() for history in autopsy.histories_of([1])]
        [[0.0, 0.0]]
        """
        return self.source.read(self._positions(indices).tolist())

    def take(self, indices: Positions) -> Autopsy:
        """Return an `Autopsy` of the neurons at the given positions, in that order.

        Parameters
        ----------
        indices : sequence or array of int, or of bool
            Positions, from 0, each at most once; or a mask with one value per neuron.

        Returns
        -------
        Autopsy
            Their findings. It copies no activations, and computes nothing of a Dask
            array.

        Raises
        ------
        IndexError
            If there is no neuron at one of the positions.
        ValueError
            If a position is given twice, or a mask has another length than there are
            neurons.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> autopsy = diagnose({"a": [1.0], "b": [0.0]})
        >>> autopsy.take(autopsy.dead).ids.tolist()
        ['b']
        """
        chosen = self._positions(indices)
        taken = np.zeros(len(self), dtype=np.bool_)
        taken[chosen] = True
        if np.count_nonzero(taken) < len(chosen):
            raise ValueError("indices: must differ; two of them are the same neuron's.")
        return replace(
            self,
            _names=self.ids[chosen],
            source=self.source.take(chosen.tolist()),
            peaks=self.peaks[chosen],
            dead=self.dead[chosen],
            sample_counts=self.sample_counts[chosen],
        )

    def _positions(self, indices: object) -> NDArray[np.int64]:
        """Return positions, or those where a mask is True, as an array."""
        chosen = np.asarray(indices)
        if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iub"):
            accepted = "a sequence of integers, or a mask"
            raise TypeError(f"indices: must be {accepted}; got {what(indices)}.")
        if chosen.dtype != np.bool_:
            return chosen.astype(np.int64)
        if len(chosen) != len(self):
            needed = f"one value per neuron, {len(self)}"
            raise ValueError(f"indices: a mask must have {needed}; got {len(chosen)}.")
        return np.flatnonzero(chosen)

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Each neuron's state, "alive" or "dead"."""
        return tuple("dead" if dead else "alive" for dead in self.dead.tolist())

    @cached_property
    def incomplete(self) -> NDArray[np.bool_]:
        """True where samples are missing: masked, or nan and omitted."""
        return read_only(self.source.lengths != self.sample_counts)

    @property
    def n_dead(self) -> int:
        """Number of dead neurons."""
        return int(np.count_nonzero(self.dead))

    @property
    def summary(self) -> str:
        """The verdict in one sentence, as in a figure's alt text.

        In English; for other languages, see `Wording`.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).summary
        'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
        """
        return self.words.summary(self)

    @property
    def description(self) -> str:
        """The findings in a few sentences: which neurons are dead, where the peaks lie.

        In English; for other languages, see `Wording`.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).description
        '1 of 2 neurons dead (max absolute activation below 0.000001). Dead: b. ...'
        """
        return self.words.description(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a pandas DataFrame with one row per neuron.

        Returns
        -------
        pandas.DataFrame
            Columns ``id``, ``state``, ``peak`` and ``n_samples``.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0]}).to_frame().to_dict("list")
        {'id': ['a'], 'state': ['alive'], 'peak': [2.0], 'n_samples': [2]}
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "id": self.ids,
                "state": self.states,
                "peak": self.peaks,
                "n_samples": self.sample_counts,
            }
        )


def judged(
    names: Sequence[str] | None,
    source: Source,
    criterion: Criterion,
    nan_policy: NanPolicy,
    words: Words,
) -> Autopsy:
    """Return the findings by a criterion, from one pass over the source."""
    found = measured(source, criterion, omit=nan_policy == "omit")
    dead = criterion.is_met(criterion.scores(found)) | (found.counts == 0)
    autopsy = Autopsy(names, source, found.peaks, dead, found.counts, criterion, nan_policy, words)
    undecided = np.flatnonzero(np.isnan(found.peaks))
    if nan_policy == "raise" and len(undecided):
        raise ValueError(
            f"neuron {autopsy.ids[undecided[0]]!r}: activations have a nan and nan_policy "
            f"is 'raise' ({len(undecided)} of {len(autopsy)} neurons have one). Pass "
            "nan_policy='omit' or 'propagate' to go on."
        )
    return autopsy


def check_policy(nan_policy: object) -> None:
    """Raise ValueError unless this is a `NanPolicy`."""
    known = isinstance(nan_policy, str) and nan_policy in {"propagate", "omit", "raise"}
    if not known:
        got = short_repr(nan_policy)
        raise ValueError(f"nan_policy: must be 'propagate', 'omit' or 'raise'; got {got}.")
