"""Histories to a verdict; NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ._intake import History, by_length, read_population, shortened_repr
from ._wording import ENGLISH

if TYPE_CHECKING:
    import pandas as pd

State: TypeAlias = Literal["alive", "dead"]
NanPolicy: TypeAlias = Literal["propagate", "omit", "raise"]

#: Told from a caller's own 1e-6 by identity.
DEFAULT_THRESHOLD = float("1e-6")


class Neuron(NamedTuple):
    """One neuron and what was found of it.

    Attributes
    ----------
    id : str
        The neuron's id.
    activations : ndarray of shape (n_samples,)
        Its history, read-only.
    peak : float
        max(\\|activation\\|), in the activations' own unit.
    state : {"alive", "dead"}
        The verdict.
    """

    id: str
    activations: History
    peak: float
    state: State


@dataclass(frozen=True, eq=False, repr=False)
class Autopsy:
    """What was found of a population of neurons; made by `diagnose`.

    Iterating gives one `Neuron` a neuron, in the caller's order.

    Attributes
    ----------
    ids : tuple of str
        Each neuron's id.
    peaks : ndarray of shape (n_neurons,), float64
        max(\\|activation\\|) of each neuron; 0 where there are no samples, nan where a
        sample is nan and `nan_policy` is "propagate".
    dead : ndarray of shape (n_neurons,), bool
        True where the peak is below `dead_threshold`.
    sample_counts : tuple of int
        How many samples each peak was taken from.
    dead_threshold : float
        The threshold, in the activations' own unit.
    histories : sequence of ndarray
        Each neuron's activations, read-only views of what the caller handed over.
    nan_policy : {"propagate", "omit", "raise"}
        What a nan did.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> autopsy = diagnose({"L1·N1": [0.2, 0.4], "L1·N2": [0.0, 0.0]})
    >>> autopsy
    <Autopsy: 1 of 2 neurons dead, dead_threshold=1e-06>
    >>> [(neuron.id, neuron.state, neuron.peak) for neuron in autopsy]
    [('L1·N1', 'alive', 0.4), ('L1·N2', 'dead', 0.0)]
    """

    ids: tuple[str, ...]
    peaks: NDArray[np.float64]
    dead: NDArray[np.bool_]
    sample_counts: tuple[int, ...]
    dead_threshold: float
    histories: Sequence[History] | NDArray[Any]
    nan_policy: NanPolicy

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Neuron]:
        return map(self.neuron, range(len(self)))

    def __repr__(self) -> str:
        return (
            f"<Autopsy: {self.n_dead} of {len(self)} neurons dead, "
            f"dead_threshold={self.dead_threshold!r}>"
        )

    def neuron(self, index: int) -> Neuron:
        """Return the neuron at a position in the caller's order.

        Parameters
        ----------
        index : int
            Position, from 0.

        Returns
        -------
        Neuron
            Its id, activations, peak and state.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose([("N1", [0.0])]).neuron(0).state
        'dead'
        """
        return Neuron(
            self.ids[index],
            self.histories[index],
            float(self.peaks[index]),
            self.states[index],
        )

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Each neuron's state, "alive" or "dead"."""
        return tuple("dead" if dead else "alive" for dead in self.dead.tolist())

    @cached_property
    def incomplete(self) -> NDArray[np.bool_]:
        """True where samples are missing: masked, or nan and left out."""
        histories = self.histories
        if isinstance(histories, np.ndarray):
            lengths = np.full(len(self), histories.shape[1])
        else:
            lengths = np.fromiter(map(len, histories), dtype=np.int64)
        return np.asarray(lengths != np.asarray(self.sample_counts), dtype=np.bool_)

    @property
    def n_dead(self) -> int:
        """How many neurons are dead."""
        return int(np.count_nonzero(self.dead))

    @property
    def summary(self) -> str:
        """The verdict in a sentence: what a figure's alt text says.

        In English; for another language, see `Wording`.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).summary
        'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
        """
        return ENGLISH.summary(self)

    @property
    def description(self) -> str:
        """The findings in a few sentences: which are dead, where the peaks are.

        In English; for another language, see `Wording`.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).description
        '1 of 2 neurons dead (max absolute activation below 0.000001). Dead: b. ...'
        """
        return ENGLISH.description(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a pandas DataFrame, one row a neuron.

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


def diagnose(
    neurons: object,
    dead_threshold: float = DEFAULT_THRESHOLD,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: int | None = None,
    nan_policy: NanPolicy = "propagate",
) -> Autopsy:
    """Decide which neurons are dead.

    A neuron's peak is the maximum of \\|activation\\| over its samples. It is dead when
    its peak is below *dead_threshold*, or when it has no samples.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame or array
        Each neuron's recent activations, recorded *after* the activation function:
        an iterable of records (mappings or objects with ``id`` and ``activations``) or
        of (id, activations) pairs; a mapping from id to a 1-D array; a pandas or polars
        DataFrame with one column a neuron; or a 2-D array with *neuron_axis*.
        Activations are 1-D and real: lists, generators, NumPy arrays, torch tensors, or
        anything that NumPy reads. Masked samples never count.
    dead_threshold : float, default: 1e-6
        Finite and not negative, in the activations' own unit. Nothing is below 0.
    ids : iterable of str or int, optional
        The neurons' ids, for a 2-D array only; default: the positions from 0.
    neuron_axis : {0, 1}, optional
        The axis of a 2-D array along which the neurons lie. Required for one: guessed
        wrongly it would give a wrong answer in silence.
    nan_policy : {"propagate", "omit", "raise"}, default: "propagate"
        What a nan does, as in SciPy. "propagate": the peak is nan and the neuron is
        never called dead. "omit": such samples do not count. "raise": ValueError.

    Returns
    -------
    Autopsy
        The verdicts, in the caller's order. It keeps views of the activations, not
        copies.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be read without guessing; the message names the parameter
        and the neuron.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import diagnose
    >>> steps_by_units = np.array([[0.0, 0.3], [0.0, 0.1], [0.0, 0.0]])
    >>> diagnose(steps_by_units, neuron_axis=1).dead.tolist()
    [True, False]
    """
    threshold = _checked_threshold(dead_threshold)
    if not isinstance(nan_policy, str) or nan_policy not in get_args(NanPolicy):
        raise ValueError(
            f"nan_policy: must be 'propagate', 'omit' or 'raise'; got {nan_policy!r}."
        )
    names, histories = read_population(neurons, ids, neuron_axis)
    peaks, counts = _measure(histories, nan_policy)
    if nan_policy == "raise":
        _refuse_nan(names, peaks)
    dead = (peaks < threshold) | (counts == 0)
    peaks.flags.writeable = dead.flags.writeable = False
    counted = tuple(counts.tolist())
    return Autopsy(names, peaks, dead, counted, threshold, histories, nan_policy)


def diagnosed(
    neurons: object,
    dead_threshold: float,
    *,
    ids: Iterable[object] | None,
    neuron_axis: int | None,
    nan_policy: NanPolicy,
) -> Autopsy:
    """Return *neurons* if they are an `Autopsy` already, else `diagnose` them."""
    if not isinstance(neurons, Autopsy):
        return diagnose(
            neurons,
            dead_threshold,
            ids=ids,
            neuron_axis=neuron_axis,
            nan_policy=nan_policy,
        )
    given = dead_threshold is not DEFAULT_THRESHOLD
    if given and not np.array_equal(dead_threshold, neurons.dead_threshold):
        raise ValueError(
            f"dead_threshold: this Autopsy was made with {neurons.dead_threshold!r}; "
            f"got {dead_threshold!r}. Call diagnose(...) again with the new one."
        )
    if ids is not None or neuron_axis is not None or nan_policy != "propagate":
        raise TypeError(
            "ids, neuron_axis and nan_policy were settled when this Autopsy was made. "
            "Give them to diagnose(...) instead."
        )
    _refuse_changes(neurons)
    return neurons


def _refuse_changes(autopsy: Autopsy) -> None:
    """Keep a verdict from being drawn over activations that it was not made from."""
    peaks, _ = _measure(autopsy.histories, autopsy.nan_policy)
    changed = np.flatnonzero(~np.equal(peaks, autopsy.peaks) & ~np.isnan(autopsy.peaks))
    if len(changed):
        first = changed[0]
        raise ValueError(
            f"neuron {autopsy.ids[first]!r}: the activations have changed since this "
            f"Autopsy was made (peak {autopsy.peaks[first]} then, {peaks[first]} now). "
            "Call diagnose(...) again, or give it a copy of a buffer that you reuse."
        )


def _checked_threshold(dead_threshold: object) -> float:
    if isinstance(dead_threshold, bool | np.bool_) or not isinstance(dead_threshold, Real):
        raise TypeError(
            "dead_threshold: must be a number, such as 1e-6; got "
            f"{type(dead_threshold).__name__} {dead_threshold!r}."
        )
    try:
        threshold = float(dead_threshold)
    except OverflowError:  # an int or a fraction beyond float64
        threshold = math.inf
    if not 0 <= threshold < math.inf:
        raise ValueError(
            "dead_threshold: must be finite and not negative, such as 1e-6; got "
            f"{shortened_repr(dead_threshold)}."
        )
    return threshold


def _measure(
    histories: Sequence[History] | NDArray[Any], nan_policy: NanPolicy
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each neuron's peak and the number of samples it was taken from."""
    omit = nan_policy == "omit"
    if isinstance(histories, np.ndarray) and not np.ma.isMaskedArray(histories):
        return _peaks(histories, omit=omit), _counts(histories, omit=omit)
    peaks = np.empty(len(histories))
    counts = np.empty(len(histories), dtype=np.int64)
    for indices, block in by_length([_counted_samples(one) for one in histories]):
        peaks[indices] = _peaks(block, omit=omit)
        counts[indices] = _counts(block, omit=omit)
    return peaks, counts


def _counted_samples(history: History) -> History:
    if isinstance(history, np.ma.MaskedArray):
        samples: History = history.compressed()
        return samples
    return history


def _peaks(rows: NDArray[Any], *, omit: bool) -> NDArray[np.float64]:
    """Return max(|activation|) along the last axis of a 2-D array.

    Taken from the extremes rather than from numpy.abs, whose result for the most
    negative integer is negative, and which needs a second array as large as the first.
    """
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    highest, lowest = (np.fmax, np.fmin) if omit else (np.maximum, np.minimum)
    with np.errstate(over="ignore"):  # a longdouble beyond float64 is inf
        extremes = [
            np.abs(reduction.reduce(rows, axis=1).astype(np.float64))
            for reduction in (highest, lowest)
        ]
    peaks: NDArray[np.float64] = np.maximum(*extremes)
    return np.nan_to_num(peaks, nan=0.0, posinf=np.inf) if omit else peaks


def _counts(rows: NDArray[Any], *, omit: bool) -> NDArray[np.int64]:
    if omit and rows.dtype.kind == "f":
        return np.asarray(np.count_nonzero(~np.isnan(rows), axis=1), dtype=np.int64)
    return np.full(len(rows), rows.shape[1], dtype=np.int64)


def _refuse_nan(ids: Sequence[str], peaks: NDArray[np.float64]) -> None:
    positions = np.isnan(peaks).nonzero()[0]
    if len(positions):
        raise ValueError(
            f"neuron {ids[positions[0]]!r}: activations have a nan and nan_policy is "
            f"'raise' ({len(positions)} of {len(ids)} neurons have one). Pass "
            "nan_policy='omit' or 'propagate' to go on."
        )
