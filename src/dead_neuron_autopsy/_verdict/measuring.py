"""What criteria go by, found in one pass over a source. NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._intake.recorded import Kept
from .._intake.sources import Reduction, Source


class Measured(NamedTuple):
    """What is found for each neuron in its judged samples.

    Attributes
    ----------
    peaks : ndarray of shape (n_neurons,), float64
        max(\\|activation\\|), 0 without samples; nan if a sample is, unless nan is omitted.
    counts : ndarray of shape (n_neurons,), int64
        Number of samples that count.
    statistics : list of ndarray of shape (n_neurons,)
        One array for each of the criterion's reductions.
    layers : callable
        Returns each neuron's layer as a number, shape (n_neurons,); raises ValueError if
        an id names no layer.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import FiringRate, Measured
    >>> peaks, counts = np.array([0.5, 0.0]), np.array([4, 4])
    >>> above_zero = np.array([1, 0])
    >>> found = Measured(peaks, counts, [above_zero, counts], lambda: np.zeros(2, int))
    >>> FiringRate().scores(found).tolist()
    [0.25, 0.0]
    """

    peaks: NDArray[np.float64]
    counts: NDArray[np.int64]
    statistics: list[NDArray[Any]]
    layers: Callable[[], NDArray[np.int64]]


def measured(
    source: Source,
    own: Sequence[Reduction],
    more: Sequence[Reduction],
    *,
    omit: bool,
    window: int | None,
    layers: Callable[[], NDArray[np.int64]],
) -> tuple[Measured, Measured]:
    """Return the numbers of all samples and of the judged ones; each sample is read once.

    The statistics of all samples are those of *more*; of the judged ones, *own*.
    """
    peaks = Reduction(partial(_peaks_of, omit=omit), np.maximum, np.float64(0))
    steps = partial(_recorded_steps, omit=omit)
    counts = Reduction(partial(_counts_of, omit=omit), np.add, np.int64(0), steps)
    of_all = (peaks, counts, *more)
    late = source if window is None else source.part(slice(-window, None))
    found = late.reduced(*of_all, *own)
    every, statistics = found[: len(of_all)], found[len(of_all) :]
    judged = Measured(every[0], every[1], statistics, layers)
    if window is not None:
        early = source.part(slice(None, -window)).reduced(*of_all)
        both = zip(of_all, early, every, strict=True)
        every = [one.combine(*numbers) for one, *numbers in both]
    return Measured(every[0], every[1], every[2:], layers), judged


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


def number_above_zero(rows: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(np.ma.filled(rows, 0) > 0, axis=1), dtype=np.int64)


def sums_of(rows: NDArray[Any], *, omit: bool) -> NDArray[np.float64]:
    """Return the sum of \\|activation\\| of each row."""
    sizes = np.abs(as_floats(rows))
    sums: NDArray[np.float64] = (np.nansum if omit else np.sum)(sizes, axis=1)
    return sums


def counting(*, omit: bool) -> Reduction:
    """Return what counts the samples: of a recording, all of each step."""
    of_rows, recorded = partial(_counts_of, omit=omit), partial(_recorded_samples, omit=omit)
    return Reduction(of_rows, np.add, np.int64(0), recorded)


def recorded_above_zero(kept: Kept) -> NDArray[np.int64]:
    return np.asarray(kept.above_zero.sum(axis=1), dtype=np.int64)


def recorded_sums(kept: Kept, *, omit: bool) -> NDArray[np.float64]:
    return sums_of(np.where(kept.is_missing, 0, kept.absolute), omit=omit)


def _recorded_samples(kept: Kept, *, omit: bool) -> NDArray[np.int64]:
    is_nan = np.isnan(np.ma.filled(kept.high, 0))
    return np.asarray(np.where(is_nan & omit, 0, kept.samples).sum(axis=1), dtype=np.int64)


def _recorded_steps(kept: Kept, *, omit: bool) -> NDArray[np.int64]:
    return _counts_of(kept.high, omit=omit)


def extremes_of(rows: NDArray[Any], *, start: float, omit: bool) -> NDArray[np.float64]:
    """Return the highest number of each row, or the lowest if *start* is infinity."""
    if isinstance(rows, np.ma.MaskedArray):
        rows = np.asarray(np.ma.filled(rows.astype(np.float64), start))
    if rows.shape[1] == 0:
        return np.full(len(rows), start)
    either = (np.fmin, np.minimum) if start > 0 else (np.fmax, np.maximum)
    with np.errstate(all="ignore"):
        found = either[0 if omit else 1].reduce(rows, axis=1).astype(np.float64)
    return np.where(np.isnan(found), start, found) if omit else np.asarray(found)


def finite_extremes(source: Source) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest finite sample of each history."""

    def finite(rows: NDArray[Any], start: float) -> NDArray[np.float64]:
        samples = np.ma.filled(np.ma.asarray(rows).astype(np.float64), np.nan)
        samples = np.where(np.isfinite(samples), samples, start)
        return extremes_of(samples, start=start, omit=False)

    lowest, highest = np.float64(np.inf), np.float64(-np.inf)
    low, high = source.reduced(
        Reduction(partial(finite, start=lowest), np.minimum, lowest),
        Reduction(partial(finite, start=highest), np.maximum, highest),
    )
    return low, high


def as_floats(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Return samples in float64, masked ones as zero."""
    with np.errstate(all="ignore"):  # a longdouble outside float64's range is inf or 0
        return np.asarray(np.ma.filled(samples, 0)).astype(np.float64)
