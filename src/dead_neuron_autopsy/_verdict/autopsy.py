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
    SupportsIndex,
    TypeAlias,
)

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import short_repr, what
from .._intake.sources import Histories, History, Source, read_only
from .criteria import Criterion
from .neuron import Neuron, State
from .tables import as_csv, as_json, columns_of, written
from .times import fell_silent, has_times, last_active
from .words import Words

if TYPE_CHECKING:
    import os

    import pandas as pd

NanPolicy: TypeAlias = Literal["propagate", "omit", "raise"]

#: What callers may pass as positions: integers, or a mask with one bool per neuron.
Positions: TypeAlias = Sequence[SupportsIndex] | NDArray[np.integer[Any] | np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class Autopsy:
    """The findings for a population of neurons; returned by `diagnose`.

    Iteration yields one `Neuron` for each neuron, in the caller's order.

    Attributes
    ----------
    peaks : ndarray of shape (n_neurons,), float64
        max(\\|activation\\|) of each neuron over all its samples; 0 without samples, nan if
        a sample is nan and `nan_policy` is "propagate".
    scores : ndarray of shape (n_neurons,), float64
        What the criterion compares with its threshold, over the judged samples.
    dead : ndarray of shape (n_neurons,), bool
        True where the criterion says so, and without judged samples.
    sample_counts : ndarray of shape (n_neurons,), int64
        Number of samples behind each peak.
    judged_counts : ndarray of shape (n_neurons,), int64
        Number of samples behind each score.
    criterion : Criterion
        The rule that decided.
    window : int or None
        How many of the last samples were judged; None if all were.
    steps : ndarray of shape (n_samples,) or None
        The step of each sample, if steps were given; shorter histories end at the last.
    nan_policy : {"propagate", "omit", "raise"}
        How nan was treated.
    source
        Where the activations are read from.
    words
        The words that `summary` and `description` use.
    reduce : {"max-abs"} or None
        How axes besides those of neurons and steps were reduced.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> autopsy = diagnose({"L1·N1": [0.2, 0.4], "L1·N2": [0.0, 0.0]})
    >>> autopsy
    <Autopsy: 1 of 2 neurons dead, Peak(threshold=1e-06)>
    >>> [(neuron.id, neuron.state, neuron.peak) for neuron in autopsy]
    [('L1·N1', 'alive', 0.4), ('L1·N2', 'dead', 0.0)]
    """

    _names: Sequence[str] | NDArray[np.object_] | None
    source: Source
    peaks: NDArray[np.float64]
    scores: NDArray[np.float64]
    dead: NDArray[np.bool_]
    sample_counts: NDArray[np.int64]
    judged_counts: NDArray[np.int64]
    criterion: Criterion
    window: int | None
    steps: NDArray[Any] | None
    nan_policy: NanPolicy
    words: Words
    reduce: Literal["max-abs"] | None = None

    def __post_init__(self) -> None:
        for name in _PER_NEURON:
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.peaks)

    def __reduce__(self) -> tuple[Any, ...]:
        # pickle and copy lose the read-only flag, which the constructor sets again.
        return Autopsy, tuple(getattr(self, field.name) for field in fields(self))

    def __iter__(self) -> Iterator[Neuron]:
        return map(Neuron, self.ids, self.source, self.peaks.tolist(), self.states)

    def __repr__(self) -> str:
        unknown = f", {self.n_unknown} unknown" if self.n_unknown else ""
        window = "" if self.window is None else f", window={self.window}"
        found = f"{self.n_dead} of {len(self)} neurons dead{unknown}"
        return f"<Autopsy: {found}, {self.criterion!r}{window}>"

    def __getitem__(self, neuron_id: str) -> Neuron:
        try:
            return self.neuron(self._positions_of[neuron_id])
        except (KeyError, TypeError):  # a list, say, cannot be looked up
            raise KeyError(
                f"no neuron has the id {short_repr(neuron_id)}; autopsy.neuron(position) takes "
                "a position"
            ) from None

    @cached_property
    def _positions_of(self) -> dict[str, int]:
        return {one: position for position, one in enumerate(self.ids)}

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
        return Neuron(self.ids[position], history, peak, self.states[position])

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
        """The number that scores are compared with."""
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
        return list(self.source.read(self._positions(indices).tolist()))

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
        changes: dict[str, Any] = {name: getattr(self, name)[chosen] for name in _PER_NEURON}
        source = self.source.take(chosen.tolist())
        some = replace(self, _names=self.ids[chosen], source=source, **changes)
        for name in ("last_active", "fell_silent", "begins_late"):
            # Found already, which may have taken a while; or compared with all the others.
            if name in vars(self) or name == "begins_late":
                vars(some)[name] = read_only(getattr(self, name)[chosen])
        return some

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
        """Each neuron's state, "alive", "dead" or "unknown"."""
        both = zip(self.dead.tolist(), self.unknown.tolist(), strict=True)
        return tuple("dead" if dead else "unknown" if nan else "alive" for dead, nan in both)

    @cached_property
    def unknown(self) -> NDArray[np.bool_]:
        """True where the score is nan, so that nothing can be said."""
        return read_only(np.isnan(self.scores) & ~self.dead)

    @cached_property
    def incomplete(self) -> NDArray[np.bool_]:
        """True where samples are missing: masked, or nan and omitted."""
        return read_only(self.source.lengths != self.sample_counts)

    @cached_property
    def begins_late(self) -> NDArray[np.bool_]:
        """True where the history is shorter than the longest: all end together."""
        lengths = self.source.lengths
        return read_only(lengths < lengths.max(initial=0))

    @property
    def n_dead(self) -> int:
        """Number of dead neurons."""
        return int(np.count_nonzero(self.dead))

    @property
    def n_unknown(self) -> int:
        """Number of neurons of which nothing can be said, because of nan."""
        return int(np.count_nonzero(self.unknown))

    @property
    def dead_ids(self) -> list[str]:
        """The ids of the dead neurons, in order."""
        return list(self.ids[self.dead])

    @cached_property
    def has_times(self) -> bool:
        """Whether the criterion tells when a neuron was last active."""
        return has_times(self.criterion)

    @cached_property
    def last_active(self) -> NDArray[np.int64]:
        """Position of each neuron's last active sample, shape (n_neurons,).

        -1 if it never was active, or if the criterion has no times. Active means
        \\|activation\\| ≥ threshold for `Peak`, and activation > 0 for `FiringRate`.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [0.5, 0.1, 0.0, 0.0]}, window=2).last_active.tolist()
        [1]
        """
        return read_only(last_active(self.source, self.criterion, self.peaks))

    @cached_property
    def died_at(self) -> NDArray[np.int64]:
        """Position of the sample from which each dead neuron is inactive, shape (n_neurons,).

        0 if it never was active; -1 for a neuron that is not dead, has no samples or is
        active in the last one, and if the criterion has no times.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [0.5, 0.1, 0.0, 0.0], "b": [1.0]}, window=2).died_at.tolist()
        [2, -1]
        """
        after = self.last_active + 1
        known = self.dead & self.has_times & (after < self.source.lengths)
        return read_only(np.where(known, after, -1))

    @cached_property
    def fell_silent(self) -> NDArray[np.bool_]:
        """True for a living neuron that is silent at the end, shape (n_neurons,).

        Its last silent run takes at least a quarter of its samples, and is at least twice as
        long as any before.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [0.5, 0.1, 0.0, 0.0], "b": [0.0, 0.2, 0.0, 0.4]}).fell_silent.tolist()
        [True, False]
        """
        living = ~(self.dead | self.unknown)
        if not self.has_times:
            return read_only(np.zeros_like(living))
        found = self.criterion, living, self.last_active, self.sample_counts
        return read_only(fell_silent(self.source, *found))

    @property
    def last_active_step(self) -> NDArray[np.float64]:
        """`last_active` as steps, shape (n_neurons,); nan for -1, and if none were given."""
        return self._steps_at(self.last_active)

    @property
    def died_at_step(self) -> NDArray[np.float64]:
        """`died_at` as steps, shape (n_neurons,); nan for -1, and if none were given."""
        return self._steps_at(self.died_at)

    def _steps_at(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        found = np.full(len(self), np.nan)
        if self.steps is not None:
            known = positions >= 0
            at = positions - self.source.lengths + len(self.steps)
            found[known] = self.steps[at[known]]
        return read_only(found)

    @property
    def summary(self) -> str:
        """The title, and how many neurons are dead by which rule.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).summary
        'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
        """
        return self.words.summary(self)

    @property
    def description(self) -> str:
        """The findings in a few sentences, from the most to the least important.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> diagnose({"a": [1.0, 2.0], "b": [0.0, 0.0]}).description
        '1 of 2 neurons is dead. Dead: b. The only living peak is 2 (a). ...'
        """
        return self.words.description(self)

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a pandas DataFrame with one row per neuron.

        Returns
        -------
        pandas.DataFrame
            Columns ``id``, ``layer`` and ``unit`` (of an id that names a layer, else None),
            ``state``, ``peak``, ``score``, ``n_samples``, ``last_active`` and ``died_at``;
            with steps, also ``last_active_step`` and ``died_at_step``. Its ``attrs`` hold the
            rule in force.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> frame = diagnose({"L1·a": [1.0, 2.0]}).to_frame()
        >>> frame[["layer", "unit", "state", "peak", "n_samples"]].to_dict("list")
        {'layer': ['L1'], 'unit': ['a'], 'state': ['alive'], 'peak': [2.0], 'n_samples': [2]}
        """
        import pandas as pd

        frame = pd.DataFrame(columns_of(self))
        frame.attrs.update(self._rule)
        return frame

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return the findings as CSV, or write them to a file.

        Parameters
        ----------
        path : str or path-like, optional
            Where to write them, in UTF-8. Default: return them.

        Returns
        -------
        str or None
            One line of names and one line per neuron, as in `to_frame`; None if written.
            Numbers are written such that reading them gives the same float64.

        Examples
        --------
        >>> from dead_neuron_autopsy import diagnose
        >>> print(diagnose({"L1·a": [0.5, 0.25]}).to_csv(), end="")
        id,layer,unit,state,peak,score,n_samples,last_active,died_at
        L1·a,L1,a,alive,0.5,0.5,2,1,-1
        """
        return written(as_csv(columns_of(self)), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return the findings as JSON, or write them to a file.

        Parameters
        ----------
        path : str or path-like, optional
            Where to write them, in UTF-8. Default: return them.

        Returns
        -------
        str or None
            An object with the ``rule`` in words, ``criterion``, ``threshold``, ``window``,
            ``nan_policy``, ``steps``, and ``neurons``, a list of objects, as in `to_frame`;
            None if written.
            Reading its numbers gives the same float64; JSON has no nan and no infinity,
            which are the strings "nan" and "inf".

        Examples
        --------
        >>> import json
        >>> from dead_neuron_autopsy import diagnose
        >>> found = json.loads(diagnose({"L1·a": [0.5, 0.25]}).to_json())
        >>> found["criterion"], found["neurons"][0]["state"]
        ('peak', 'alive')
        """
        steps = None if self.steps is None else self.steps.tolist()
        return written(as_json({**self._rule, "steps": steps}, columns_of(self)), path)

    @property
    def _rule(self) -> dict[str, object]:
        """What decided, as tables say it."""
        return {
            "rule": self.words.rule_in_force(self),
            "criterion": self.criterion.name,
            "threshold": self.dead_threshold,
            "window": self.window,
            "nan_policy": self.nan_policy,
        }


#: The fields that hold one number for each neuron.
_PER_NEURON = ("peaks", "scores", "dead", "sample_counts", "judged_counts")
