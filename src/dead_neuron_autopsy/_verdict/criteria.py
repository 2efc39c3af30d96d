"""Rules by which a neuron counts as dead, and the numbers they go by. NumPy alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .._intake.foreign import Number, short_repr, typed_repr
from .._intake.sources import Reduction, Source


class Measured(NamedTuple):
    """What one pass over a source finds for each neuron."""

    peaks: NDArray[np.float64]
    counts: NDArray[np.int64]
    statistics: list[NDArray[Any]]  # one array for each of the criterion's reductions


class Criterion(Protocol):
    """A rule that compares one statistic of each neuron with one number."""

    @property
    def name(self) -> str:
        """What the words know this rule by."""

    @property
    def threshold(self) -> Number:
        """The number that scores are compared with."""

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        """Return what to find in the pass over the source, besides peaks and counts."""

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        """Return each neuron's statistic."""

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return where the rule says dead; nan says nothing."""


@dataclass(frozen=True)
class Peak:
    """Dead is a neuron whose max(\\|activation\\|) is below the threshold."""

    threshold: Number = 1e-6
    name: ClassVar[str] = "peak"

    def __post_init__(self) -> None:
        threshold = as_threshold(self.threshold)
        if not 0 <= threshold < math.inf:
            accepted = "finite and not negative, such as 1e-6"
            got = short_repr(self.threshold)
            raise ValueError(f"dead_threshold: must be {accepted}; got {got}.")
        object.__setattr__(self, "threshold", threshold)

    def reductions(self, *, omit: bool) -> tuple[Reduction, ...]:
        del omit  # peaks are found anyway: every card shows its own
        return ()

    def scores(self, measured: Measured) -> NDArray[np.float64]:
        return measured.peaks

    def is_met(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):  # a nan peak is never below
            return scores < float(self.threshold)


def as_threshold(dead_threshold: object) -> float:
    """Return a real number as a float, or raise TypeError."""
    if isinstance(dead_threshold, bool | np.bool_) or not isinstance(dead_threshold, Real):
        got = typed_repr(dead_threshold)
        raise TypeError(f"dead_threshold: must be a number, such as 1e-6; got {got}.")
    try:
        return float(dead_threshold)
    except OverflowError:  # an int or a Fraction beyond float64's range
        return math.inf


def measured(source: Source, criterion: Criterion, *, omit: bool) -> Measured:
    """Return the numbers of each neuron; every sample is read once."""
    peaks, counts, *statistics = source.reduced(
        Reduction(partial(_peaks_of, omit=omit), np.maximum, np.float64(0)),
        Reduction(partial(_counts_of, omit=omit), np.add, np.int64(0)),
        *criterion.reductions(omit=omit),
    )
    return Measured(peaks, counts, statistics)


def _peaks_of(rows: NDArray[Any], *, omit: bool) -> NDArray[np.float64]:
    """Return max(\\|activation\\|) of each row, 0 without samples."""
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    rows = np.ma.filled(rows, 0)
    if rows.dtype.kind != "f":
        # In integers, numpy.abs of the most negative value is negative: convert first.
        high, low = rows.max(axis=1).astype(float), rows.min(axis=1).astype(float)
        return np.asarray(np.maximum(np.abs(high), np.abs(low)))
    with np.errstate(all="ignore"):  # a longdouble outside float64's range is inf or 0
        highest = (np.fmax if omit else np.maximum).reduce(np.abs(rows), axis=1)
        peaks: NDArray[np.float64] = highest.astype(np.float64)
    return np.nan_to_num(peaks, nan=0.0, posinf=np.inf) if omit else peaks


def _counts_of(rows: NDArray[Any], *, omit: bool) -> NDArray[np.int64]:
    """Return the number of samples of each row that count."""
    missing: Any = np.ma.getmask(rows)  # the scalar nomask, which is False, if nothing is
    if omit and rows.dtype.kind == "f":
        missing = missing | np.isnan(np.ma.filled(rows, 0))
    if missing is np.ma.nomask:
        return np.full(len(rows), rows.shape[1], dtype=np.int64)
    return np.asarray(rows.shape[1] - np.count_nonzero(missing, axis=1), dtype=np.int64)
