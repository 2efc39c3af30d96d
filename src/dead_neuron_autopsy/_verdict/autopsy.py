"""From histories to verdicts, with NumPy alone."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from numbers import Real
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    SupportsIndex,
    TypeAlias,
    get_args,
)

import numpy as np
from numpy.typing import NDArray

from .._intake.arrays import read_only
from .._intake.dask import LazyHistories
from .._intake.foreign import short_repr, typed_repr, what
from .._intake.population import Histories, History, Population, read_population
from .._words.languages import ENGLISH
from .peaks import measure

if TYPE_CHECKING:
    import pandas as pd

State: TypeAlias = Literal["alive", "dead"]
NanPolicy: TypeAlias = Literal["propagate", "omit", "raise"]

#: What callers may pass as a real number, and as positions.
Number: TypeAlias = float | np.floating[Any] | np.integer[Any] | Fraction
Positions: TypeAlias = Sequence[SupportsIndex] | NDArray[np.integer[Any]]

#: Compared by identity, to tell the default from a 1e-6 that the caller passes.
DEFAULT_THRESHOLD = float("1e-6")


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
    dead_threshold : float
        The threshold, in the activations' own unit.
    nan_policy : {"propagate", "omit", "raise"}
        How nan was treated.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> autopsy = diagnose({"L1·N1": [0.2, 0.4], "L1·N2": [0.0, 0.0]})
    >>> autopsy
    <Autopsy: 1 of 2 neurons dead, dead_threshold=1e-06>
    >>> [(neuron.id, neuron.state, neuron.peak) for neuron in autopsy]
    [('L1·N1', 'alive', 0.4), ('L1·N2', 'dead', 0.0)]
    """

    _population: Population
    peaks: NDArray[np.float64]
    dead: NDArray[np.bool_]
    sample_counts: NDArray[np.int64]
    dead_threshold: float
    nan_policy: NanPolicy

    def __post_init__(self) -> None:
        for name in ("peaks", "dead", "sample_counts"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.peaks)

    def __reduce__(self) -> tuple[Any, ...]:
        # pickle and copy lose the read-only flag of arrays; _restored sets it again.
        given = (getattr(self, field.name) for field in fields(self))
        return _restored, tuple(given)

    def __iter__(self) -> Iterator[Neuron]:
        peaks = self.peaks.tolist()
        return map(Neuron, self.ids, self.histories, peaks, self.states)

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
        return Neuron(
            self.ids[index],
            self.histories[operator.index(index)],
            float(self.peaks[index]),
            self.state(index),
        )

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
    def ids(self) -> tuple[str, ...]:
        """Each neuron's id; its position if no ids were given."""
        return self._population.ids

    @property
    def histories(self) -> Histories:
        """Each neuron's activations, as read-only views of the caller's data."""
        return self._population.histories

    def histories_of(self, indices: Positions) -> Sequence[History]:
        """Return the activations of the neurons at the given positions.

        Parameters
        ----------
        indices : sequence or array of int
            Positions, from 0. With a Dask array, only these rows are computed.

        Returns
        -------
        sequence of ndarray of shape (n_samples,)
            Their activations, read-only, in the order of *indices*.

        Raises
        ------
        IndexError
            If there is no neuron at one of the positions.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> autopsy = diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]})
        >>> [history.tolist() for history in autopsy.histories_of([1])]
        [[0.0, 0.0]]
        """
        positions = checked_positions(indices).tolist()
        histories = self._population.histories
        if isinstance(histories, LazyHistories):
            return histories.computed(positions)
        return [histories[position] for position in positions]

    def take(self, indices: Positions) -> Autopsy:
        """Return an `Autopsy` of the neurons at the given positions, in that order.

        Parameters
        ----------
        indices : sequence or array of int
            Positions, from 0; each at most once.

        Returns
        -------
        Autopsy
            Their findings. It keeps views of the activations, not copies, and computes
            nothing of a Dask array.

        Raises
        ------
        IndexError
            If there is no neuron at one of the positions.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0], "b": [0.0]}).take([1]).ids
        ('b',)
        """
        chosen = self._distinct(indices)
        return Autopsy(
            self._population.take(chosen.tolist()),
            self.peaks[chosen],
            self.dead[chosen],
            self.sample_counts[chosen],
            self.dead_threshold,
            self.nan_policy,
        )

    def _distinct(self, indices: Positions) -> NDArray[np.int64]:
        chosen = checked_positions(indices)
        taken = np.zeros(len(self), dtype=np.bool_)
        taken[chosen] = True
        if np.count_nonzero(taken) < len(chosen):
            raise ValueError("indices: must differ; two of them are the same neuron's.")
        return chosen

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Each neuron's state, "alive" or "dead"."""
        return tuple("dead" if dead else "alive" for dead in self.dead.tolist())

    @cached_property
    def incomplete(self) -> NDArray[np.bool_]:
        """True where samples are missing: masked, or nan and omitted."""
        histories = self.histories
        if isinstance(histories, np.ndarray | LazyHistories):
            lengths = np.full(len(self), histories.shape[1])
        else:
            lengths = np.fromiter(map(len, histories), dtype=np.int64)
        return read_only(lengths != self.sample_counts)

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
        return ENGLISH.summary(self)

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
        return ENGLISH.description(self)

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


def _restored(population: Population, *findings: Any) -> Autopsy:
    return Autopsy(population.protected(), *findings)


def checked_positions(indices: object) -> NDArray[np.int64]:
    """Return positions as an array, or raise if they are not 1-D integers."""
    chosen = np.asarray(indices)
    if chosen.dtype == bool:
        raise TypeError(
            "indices: must be positions; got a mask. Pass numpy.flatnonzero(mask)."
        )
    if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
        raise TypeError(f"indices: must be a sequence of integers; got {what(indices)}.")
    return chosen.astype(np.int64)


def diagnose(
    neurons: object,
    dead_threshold: Number = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy = "propagate",
) -> Autopsy:
    """Decide which neurons are dead.

    A neuron's peak is the maximum of \\|activation\\| over its samples. The neuron is dead
    if its peak is below *dead_threshold*, or if it has no samples.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame or array
        Each neuron's recent activations, recorded *after* the activation function:
        an iterable of records (mappings or objects with ``id`` and ``activations``) or
        of (id, activations) pairs; a mapping from id to a 1-D array; a pandas or polars
        DataFrame with one column per neuron; or a 2-D array with *neuron_axis*.
        Activations are 1-D and real: lists, generators, NumPy arrays, torch tensors, or
        anything else that NumPy reads. Masked samples never count. Activations that come
        from a generator, or from an object that computes them on request, are copied.
    dead_threshold : float, default: 1e-6
        Finite and not negative, in the activations' own unit. No peak is below 0.
    ids : iterable of str or int, optional
        The neurons' ids, for a 2-D array only. Default: the positions from 0.
    neuron_axis : {0, 1}, optional
        The axis of a 2-D array that runs over the neurons. Required for 2-D arrays: a
        wrong guess would silently give a wrong answer.
    nan_policy : {"propagate", "omit", "raise"}, default: "propagate"
        How to treat nan, as in SciPy. "propagate": the peak is nan and the neuron never
        counts as dead. "omit": nan samples do not count. "raise": raise ValueError.

    Returns
    -------
    Autopsy
        The verdicts, in the caller's order. It keeps views of arrays, not copies.

    Raises
    ------
    TypeError, ValueError
        If reading an argument would need guessing; the message names the parameter and
        the neuron.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import diagnose
    >>> steps_by_units = np.array([[0.0, 0.3], [0.0, 0.1], [0.0, 0.0]])
    >>> diagnose(steps_by_units, neuron_axis=1).dead.tolist()
    [True, False]
    """
    threshold = _checked_threshold(dead_threshold)
    _check_policy(nan_policy)
    population = read_population(neurons, ids, neuron_axis)
    peaks, counts = measure(population.histories, omit=nan_policy == "omit")
    with np.errstate(invalid="ignore"):  # a nan peak is never below
        dead = (peaks < threshold) | (counts == 0)
    autopsy = Autopsy(population, peaks, dead, counts, threshold, nan_policy)
    if nan_policy == "raise":
        _refuse_nan(autopsy)
    return autopsy


def diagnosed(
    neurons: object,
    dead_threshold: Number,
    *,
    ids: Iterable[object] | None,
    neuron_axis: SupportsIndex | None,
    nan_policy: NanPolicy | None,
) -> Autopsy:
    """Return *neurons* if that is an `Autopsy`, else the result of `diagnose`."""
    if not isinstance(neurons, Autopsy):
        return diagnose(
            neurons,
            dead_threshold,
            ids=ids,
            neuron_axis=neuron_axis,
            nan_policy="propagate" if nan_policy is None else nan_policy,
        )
    given = dead_threshold is not DEFAULT_THRESHOLD
    if given and _as_float(dead_threshold) != neurons.dead_threshold:
        raise ValueError(
            f"dead_threshold: this Autopsy was made with {neurons.dead_threshold!r}; got "
            f"{short_repr(dead_threshold)}. Call diagnose(...) again with the new one."
        )
    if ids is not None or neuron_axis is not None:
        raise TypeError(
            "ids and neuron_axis were settled when this Autopsy was made. Give them to "
            "diagnose(...) instead."
        )
    if nan_policy is not None:
        _check_policy(nan_policy)
        if nan_policy != neurons.nan_policy:
            raise TypeError(
                f"nan_policy: this Autopsy was made with {neurons.nan_policy!r}; got "
                f"{nan_policy!r}. Call diagnose(...) again with the new one."
            )
    return neurons


def refuse_changes(autopsy: Autopsy) -> None:
    """Raise ValueError if activations have changed since they were diagnosed."""
    if isinstance(autopsy.histories, LazyHistories):
        return  # Dask's sources do not change, and reading them may take long
    peaks, counts = measure(autopsy.histories, omit=autopsy.nan_policy == "omit")
    same = (peaks == autopsy.peaks) | (np.isnan(peaks) & np.isnan(autopsy.peaks))
    changed = np.flatnonzero(~same | (counts != autopsy.sample_counts))
    if len(changed):
        first = changed[0]
        raise ValueError(
            f"neuron {autopsy.ids[first]!r}: the activations have changed since they were "
            f"diagnosed (peak {autopsy.peaks[first]} of {autopsy.sample_counts[first]} "
            f"samples then, {peaks[first]} of {counts[first]} now). Call diagnose(...) "
            "again, or give it a copy of a buffer that you reuse."
        )


def _check_policy(nan_policy: object) -> None:
    if not isinstance(nan_policy, str) or nan_policy not in get_args(NanPolicy):
        raise ValueError(
            "nan_policy: must be 'propagate', 'omit' or 'raise'; got "
            f"{short_repr(nan_policy)}."
        )


def _as_float(dead_threshold: object) -> float:
    if isinstance(dead_threshold, bool | np.bool_) or not isinstance(dead_threshold, Real):
        raise TypeError(
            "dead_threshold: must be a number, such as 1e-6; got "
            f"{typed_repr(dead_threshold)}."
        )
    try:
        return float(dead_threshold)
    except OverflowError:  # an int or a Fraction beyond float64's range
        return math.inf


def _checked_threshold(dead_threshold: object) -> float:
    threshold = _as_float(dead_threshold)
    if not 0 <= threshold < math.inf:
        raise ValueError(
            "dead_threshold: must be finite and not negative, such as 1e-6; got "
            f"{short_repr(dead_threshold)}."
        )
    return threshold


def _refuse_nan(autopsy: Autopsy) -> None:
    positions = np.isnan(autopsy.peaks).nonzero()[0]
    if len(positions):
        raise ValueError(
            f"neuron {autopsy.ids[positions[0]]!r}: activations have a nan and nan_policy "
            f"is 'raise' ({len(positions)} of {len(autopsy)} neurons have one). Pass "
            "nan_policy='omit' or 'propagate' to go on."
        )
