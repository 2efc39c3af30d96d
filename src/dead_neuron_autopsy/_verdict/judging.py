"""From a source of histories to an `Autopsy`. NumPy alone."""

from __future__ import annotations

import math
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import checked_count, short_repr, typed_repr, what
from .._intake.population import Population
from .._intake.sources import read_only
from .autopsy import Autopsy, NanPolicy
from .criteria import Criterion, Peak, checked_threshold, default_criterion
from .groups import Groups
from .measuring import measured
from .times import has_times, silence
from .words import Words


class Rule(NamedTuple):
    """What decides, as the caller gave it; None for the default."""

    criterion: Criterion | None
    window: int | None
    steps: NDArray[Any] | None

    @classmethod
    def checked(
        cls, dead_threshold: object, criterion: object, window: object, steps: object
    ) -> Rule:
        """Return the caller's rule, or raise TypeError or ValueError."""
        number = None if window is None else checked_count("window", window, most=sys.maxsize)
        rule = cls(None, number, _checked_steps(steps))
        if dead_threshold is not None:
            if criterion is not None:
                raise TypeError(
                    "dead_threshold and criterion: give one of them; dead_threshold=x is short "
                    "for criterion=Peak(x)."
                )
            accepted, least = "finite and above 0, such as 1e-6", math.ulp(0.0)
            threshold = checked_threshold("dead_threshold", dead_threshold, accepted, least)
            return rule._replace(criterion=Peak(threshold))
        if criterion is None:
            return rule
        if isinstance(criterion, type) or not isinstance(criterion, Criterion):
            accepted = "a criterion, such as FiringRate(0.01)"
            raise TypeError(f"criterion: must be {accepted}; got {typed_repr(criterion)}.")
        return rule._replace(criterion=criterion)


def judged(population: Population, rule: Rule, nan_policy: NanPolicy, words: Words) -> Autopsy:
    """Return the findings by a rule; every sample is read once."""
    names, source = population.names, population.source.snapshot()
    criterion = rule.criterion or default_criterion(population.functions)
    longest = int(source.lengths.max(initial=0))
    steps = _steps_of(population, rule, longest)
    window = rule.window if rule.window is not None and rule.window < longest else None

    def layers() -> NDArray[np.int64]:
        ids = map(str, range(len(source))) if names is None else names
        try:
            return Groups(ids, "layer").of_neurons
        except ValueError as error:
            asks = f"{type(criterion).__name__} compares each neuron with its layer"
            raise ValueError(f"criterion: {asks}. {error}") from None

    omit = nan_policy == "omit"
    finds_times = source.is_lazy and has_times(criterion)  # together with the rest
    more, own = [silence(criterion)] if finds_times else [], criterion.reductions(omit=omit)
    every, late = measured(source, own, more, omit=omit, window=window, layers=layers)
    if nan_policy == "raise":
        _refuse_nan(every.peaks, names)
    scores = criterion.scores(late)
    with np.errstate(invalid="ignore"):  # nan meets no rule
        dead = criterion.is_met(scores) | (late.counts == 0)
    numbers = every.peaks, scores, dead, every.counts, late.counts
    reduce = population.reduce
    autopsy = Autopsy(names, source, *numbers, criterion, window, steps, nan_policy, words, reduce)
    if finds_times:
        silent_for = every.statistics[-1].astype(np.int64)
        last_active = np.where(silent_for < 0, -1, source.lengths - 1 - silent_for)
        vars(autopsy)["last_active"] = read_only(last_active)
    return autopsy


def _steps_of(population: Population, rule: Rule, longest: int) -> NDArray[Any] | None:
    """Return the steps that were given, or that the population has; or raise ValueError."""
    steps = _checked_steps(population.steps) if rule.steps is None else rule.steps
    if steps is not None and len(steps) != longest:
        raise ValueError(
            f"steps: must have one number per sample, {longest} (the longest history's); got "
            f"{len(steps)}."
        )
    return steps


def _refuse_nan(peaks: NDArray[np.float64], names: tuple[str, ...] | None) -> None:
    undecided = np.flatnonzero(np.isnan(peaks))
    if len(undecided):
        first = undecided[0] if names is None else names[undecided[0]]
        raise ValueError(
            f"neuron {str(first)!r}: activations have a nan and nan_policy "
            f"is 'raise' ({len(undecided)} of {len(peaks)} neurons have one). Pass "
            "nan_policy='omit' or 'propagate' to go on."
        )


def _checked_steps(steps: object) -> NDArray[Any] | None:
    """Return the step of each sample as an array, or raise."""
    if steps is None:
        return None
    needed = "numbers that increase, one per sample"
    try:
        array = np.array(steps)
    except Exception as error:  # rows of different length, and whatever a library raises
        raise TypeError(f"steps: must be {needed}; got {what(steps)} ({error}).") from error
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise TypeError(f"steps: must be {needed}; got {what(steps)}.")
    wrong = np.flatnonzero(~np.isfinite(array))
    if not len(wrong):
        wrong = np.flatnonzero(~(array[1:] > array[:-1])) + 1
    if len(wrong):
        place = int(wrong[0])
        raise ValueError(f"steps: must be {needed}; steps[{place}] is {array[place]}.")
    return read_only(array)


def check_policy(nan_policy: object) -> None:
    """Raise ValueError unless this is a `NanPolicy`."""
    known = isinstance(nan_policy, str) and nan_policy in {"propagate", "omit", "raise"}
    if not known:
        got = short_repr(nan_policy)
        raise ValueError(f"nan_policy: must be 'propagate', 'omit' or 'raise'; got {got}.")
