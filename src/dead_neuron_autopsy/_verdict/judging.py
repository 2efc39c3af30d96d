"""From a source of histories to an `Autopsy`. NumPy alone."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
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
    window, steps = rule.window, rule.steps
    if steps is None and population.steps is not None:
        steps = _checked_steps(population.steps)
    longest = int(source.lengths.max(initial=0))
    if window is not None and window >= longest:
        window = None
    if steps is not None and len(steps) != longest:
        raise ValueError(
            f"steps: must have one number per sample, {longest} (the longest history's); got "
            f"{len(steps)}."
        )

    def layers() -> NDArray[np.int64]:
        ids = map(str, range(len(source))) if names is None else names
        try:
            return Groups(ids, "layer").of_neurons
        except ValueError as error:
            asks = f"{type(criterion).__name__} compares each neuron with its layer"
            raise ValueError(f"criterion: {asks}. {error}") from None

    omit = nan_policy == "omit"
    more = [silence(criterion)] if source.is_lazy and has_times(criterion) else []
    own = criterion.reductions(omit=omit)
    every, late = measured(source, own, more, omit=omit, window=window, layers=layers)
    undecided = np.flatnonzero(np.isnan(every.peaks))
    if nan_policy == "raise" and len(undecided):
        first = undecided[0] if names is None else names[undecided[0]]
        raise ValueError(
            f"neuron {str(first)!r}: activations have a nan and nan_policy "
            f"is 'raise' ({len(undecided)} of {len(source)} neurons have one). Pass "
            "nan_policy='omit' or 'propagate' to go on."
        )
    scores = criterion.scores(late)
    with np.errstate(invalid="ignore"):  # nan meets no rule
        dead = criterion.is_met(scores) | (late.counts == 0)
    numbers = every.peaks, scores, dead, every.counts, late.counts
    autopsy = Autopsy(names, source, *numbers, criterion, window, steps, nan_policy, words)
    if population.reduce is not None:
        autopsy = replace(autopsy, reduce=population.reduce)
    if source.is_lazy and has_times(criterion):  # found already, together with the rest
        silent_for = every.statistics[-1].astype(np.int64)
        vars(autopsy)["last_active"] = read_only(
            np.where(silent_for < 0, -1, source.lengths - 1 - silent_for)
        )
    return autopsy


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
