"""Rules by which a neuron counts as dead, and the numbers they go by. NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import Number, short_repr, typed_repr
from .._intake.sources import Reduction
from .measuring import (
    Measured,
    as_floats,
    counting,
    extremes_of,
    number_above_zero,
    recorded_above_zero,
    recorded_sums,
    sums_of,
)

#: What Sokar et al.'s code adds to a layer's mean, so that a silent layer divides by no 0.
_ABOVE_ZERO = 1e-9


#: The default criterion where an activation function is never exactly zero. Within 1e-3 of
#: its flat value, each of these has a slope of at most 0.004.
_NEARLY_SILENT = frozenset({"gelu", "silu", "mish", "softplus"})
_NEVER_SILENT = frozenset(
    {"tanh", "sigmoid", "elu", "selu", "celu", "leaky_relu", "prelu", "rrelu"}
)


@runtime_checkable
class Criterion(Protocol):
    """A rule that compares one statistic of each neuron with one number.

    Besides the four criteria of this package, any object with these attributes will do. It
    is worded by an entry of `Wording.rules` under its *name*, or else by an attribute
    ``words`` of its own, a `RuleWords`.

    Attributes
    ----------
    name : str
        What the words know this rule by.
    threshold : float
        The number that scores are compared with.

    Examples
    --------
    A rule for units that are pinned at 1:

    >>> import numpy as np
    >>> from dead_neuron_autopsy import Criterion, Reduction, RuleWords, diagnose
    >>> class Pinned:
    ...     name, threshold = "pinned", 0.999
    ...     words = RuleWords("pinned", "min ≥ {threshold}", "lowest at least {threshold}")
    ...     def reductions(self, *, omit):
    ...         def lowest(rows):
    ...             return rows.min(axis=1, initial=np.inf)
    ...         return (Reduction(lowest, np.minimum, np.float64(np.inf)),)
    ...     def scores(self, measured):
    ...         return measured.statistics[0]
    ...     def is_met(self, scores):
    ...         return scores >= self.threshold
    ...     def active(self, samples):
    ...         return None  # no sample shows when it began
    >>> isinstance(Pinned(), Criterion)
    True
    >>> diagnose({"a": [1.0, 1.0], "b": [0.2, 1.0]}, criterion=Pinned()).dead_ids
    ['a']
    """

    @property
    def name(self) -> str:
        """What the words know this rule by."""

    @property
    def threshold(self) -> Number:
        """The number that scores are compared with."""

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        """Return what to find in the pass over the judged samples.

        Parameters
        ----------
        omit : bool
            Whether nan samples do not count.

        Returns
        -------
        tuple of Reduction
            What `scores` needs besides peaks and counts; may be empty.
        """

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        """Return each neuron's statistic.

        Parameters
        ----------
        measured : Measured
            What was found, with one array of statistics for each of the reductions.

        Returns
        -------
        ndarray of shape (n_neurons,), float64
            The scores; nan makes a neuron's state unknown.
        """

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where the rule says dead.

        Parameters
        ----------
        scores : ndarray of shape (n_neurons,), float64
            What `scores` returned.

        Returns
        -------
        ndarray of shape (n_neurons,), bool
            True for the dead; False for nan.
        """

    def active(self, samples: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Return which samples show a neuron alive.

        Parameters
        ----------
        samples : ndarray of any shape
            Activations, possibly masked.

        Returns
        -------
        ndarray of bool, or None
            True for active samples; one that is nearer to zero than an inactive sample is
            inactive, too. None if no single sample shows a neuron alive.
        """


@dataclass(frozen=True)
class Peak(Criterion):
    """Dead is a neuron whose max(\\|activation\\|) is below the threshold.

    Parameters
    ----------
    threshold : float, default: 1e-6
        Finite and above 0, in the activations' own unit. Nothing is below 0: for exact
        silence, pass the smallest float, ``math.ulp(0.0)``.

    Raises
    ------
    TypeError, ValueError
        If the threshold is none of these.

    Examples
    --------
    >>> from dead_neuron_autopsy import Peak, diagnose
    >>> diagnose({"a": [0.0, 1e-3], "b": [0.2, 0.1]}, criterion=Peak(0.01)).dead_ids
    ['a']
    """

    threshold: Number = 1e-6
    name: ClassVar[str] = "peak"

    def __post_init__(self) -> None:
        _set_checked(self, "threshold", "finite and above 0, such as 1e-6", least=math.ulp(0.0))

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        del omit  # peaks are found anyway: every card shows its own
        return ()

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        return measured.peaks

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        return scores < float(self.threshold)

    def active(self, samples: NDArray[Any]) -> NDArray[np.bool_]:
        # In float64, as peaks are: float16 has no 1e-6, and int8 no 128.
        return np.abs(as_floats(samples)) >= float(self.threshold)


@dataclass(frozen=True)
class FiringRate(Criterion):
    """Dead is a neuron that is above zero in at most this share of its samples.

    Parameters
    ----------
    threshold : float, default: 0
        A share, at least 0 and below 1.

    Raises
    ------
    TypeError, ValueError
        If the threshold is no such share.

    References
    ----------
    Voita, Ferrando and Nalmpantis, "Neurons in large language models: dead, n-gram,
    positional", Findings of ACL 2024: never above zero. Dohare et al., "Loss of plasticity
    in deep continual learning", Nature 632, 2024: in at most 0.01 of the samples.

    Examples
    --------
    >>> from dead_neuron_autopsy import FiringRate, diagnose
    >>> diagnose({"a": [-0.5, -0.1], "b": [-0.2, 0.3]}, criterion=FiringRate()).dead_ids
    ['a']
    """

    threshold: Number = 0.0
    name: ClassVar[str] = "firing rate"

    def __post_init__(self) -> None:
        most = math.nextafter(1.0, 0.0)
        _set_checked(self, "threshold", "a share, at least 0 and below 1", most=most)

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        # nan is not above zero, and the peaks tell where nan is.
        above = Reduction(number_above_zero, np.add, np.int64(0), recorded_above_zero)
        return above, counting(omit=omit)

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        above_zero, samples = measured.statistics
        rates = above_zero / np.maximum(samples, 1)
        return np.where(np.isnan(measured.peaks), np.nan, rates)

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        return scores <= float(self.threshold)

    def active(self, samples: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray(np.ma.filled(samples, 0) > 0)


@dataclass(frozen=True)
class Dormant(Criterion):
    """Dormant is a neuron that hardly takes part in what its layer does.

    Its score is mean(\\|activation\\|), divided by the mean of that over its layer plus 1e-9.
    Neurons whose mean is not finite are left out of their layer's. Ids must name layers,
    as in ``"L1·N0"`` or ``"encoder.0"``.

    Parameters
    ----------
    tau : float, default: 0.025
        Dormant neurons have a score of at most *tau*; finite and not negative.

    Raises
    ------
    TypeError, ValueError
        If *tau* is none of these.

    References
    ----------
    Sokar, Agarwal, Castro and Evci, "The dormant neuron phenomenon in deep reinforcement
    learning", ICML 2023, definition 3.1. Their text asks for scores that sum to 1 over a
    layer; their code divides by the mean, as we do.

    Examples
    --------
    >>> from dead_neuron_autopsy import Dormant, diagnose
    >>> neurons = {"L1·0": [1.0, 3.0], "L1·1": [0.01, 0.01]}
    >>> diagnose(neurons, criterion=Dormant()).dead_ids
    ['L1·1']
    """

    tau: Number = 0.025
    name: ClassVar[str] = "dormant"

    def __post_init__(self) -> None:
        _set_checked(self, "tau", "finite and not negative, such as 0.025")

    @property
    def threshold(self) -> float:
        """The largest score of a dormant neuron, *tau*."""
        return float(self.tau)

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        sums = partial(sums_of, omit=omit)
        recorded = partial(recorded_sums, omit=omit)
        return Reduction(sums, np.add, np.float64(0), recorded), counting(omit=omit)

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        totals, samples = measured.statistics
        means = totals / np.maximum(samples, 1)
        layers, finite = measured.layers(), np.isfinite(means)
        sums = np.bincount(layers, weights=np.where(finite, means, 0.0))
        of_layers = sums / np.maximum(np.bincount(layers, weights=finite), 1)
        return np.asarray(means / (of_layers[layers] + _ABOVE_ZERO))

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        return scores <= self.threshold

    def active(self, samples: NDArray[Any]) -> None:
        del samples  # the layer decides, not a sample


@dataclass(frozen=True)
class Constant(Criterion):
    """Constant is a neuron whose activations span at most the tolerance.

    It also finds saturated units, such as a tanh that is 1 for every input.

    Parameters
    ----------
    tolerance : float, default: 1e-6
        The largest max - min of a constant neuron; finite and not negative.

    Raises
    ------
    TypeError, ValueError
        If the tolerance is none of these.

    References
    ----------
    Shin and Karniadakis, "Trainability of ReLU networks and data-dependent
    initialization", Journal of Machine Learning for Modeling and Computing 1, 2020: a
    neuron is dead if it is constant over the inputs.

    Examples
    --------
    >>> from dead_neuron_autopsy import Constant, diagnose
    >>> diagnose({"a": [1.0, 1.0], "b": [1.0, 0.9]}, criterion=Constant()).dead_ids
    ['a']
    """

    tolerance: Number = 1e-6
    name: ClassVar[str] = "constant"

    def __post_init__(self) -> None:
        _set_checked(self, "tolerance", "finite and not negative, such as 1e-6")

    @property
    def threshold(self) -> float:
        """The largest max - min of a constant neuron, the tolerance."""
        return float(self.tolerance)

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        lowest, highest = np.float64(np.inf), np.float64(-np.inf)
        return (
            Reduction(partial(extremes_of, start=lowest, omit=omit), np.minimum, lowest),
            Reduction(partial(extremes_of, start=highest, omit=omit), np.maximum, highest),
        )

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        lowest, highest = measured.statistics
        with np.errstate(all="ignore"):  # inf - inf is nan; a span beyond float64 is inf
            return np.where(measured.counts == 0, 0.0, highest - lowest)

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        return scores <= self.threshold

    def active(self, samples: NDArray[Any]) -> None:
        del samples  # one sample spans nothing


def default_criterion(functions: Iterable[str]) -> Criterion:
    """Return the criterion for neurons with the given activation functions.

    Of several functions, the one furthest from silence decides: a dead ReLU is constant too.
    """
    found = set(functions)
    if found & _NEVER_SILENT:
        return Constant(1e-3)
    return Peak(1e-3) if found & _NEARLY_SILENT else Peak()


def _set_checked(
    criterion: Any, name: str, accepted: str, least: float = 0.0, most: float = math.inf
) -> None:
    where = f"{type(criterion).__name__}.{name}"
    number = checked_threshold(where, getattr(criterion, name), accepted, least, most)
    object.__setattr__(criterion, name, number)


def checked_threshold(
    name: str, value: object, accepted: str, least: float, most: float = math.inf
) -> float:
    """Return a finite real number within bounds as a float, or raise."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name}: must be a number, {accepted}; got {typed_repr(value)}.")
    try:
        number = float(value)
    except OverflowError:  # an int or a Fraction beyond float64's range
        number = math.inf
    if not (least <= number <= most and number < math.inf):
        raise ValueError(f"{name}: must be {accepted}; got {short_repr(value)}.")
    return number
