"""Peaks and numbers of samples of many histories, in blocks; NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._intake import History, by_length
from ._lazy import LazyHistories

#: Most samples of one block: small enough for a cache, large enough to cost no time.
_BLOCK_SIZE = 2**20


def measure(
    histories: Sequence[History] | NDArray[Any] | LazyHistories, *, omit: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each neuron's peak and the number of samples it was taken from.

    Every sample is read once, and no more than a block of them is copied.

    Parameters
    ----------
    histories : ndarray of shape (n_neurons, n_samples), or sequence of 1-D ndarray
        Each neuron's activations.
    omit : bool
        Leave out what is nan.
    """
    if isinstance(histories, LazyHistories):
        return histories.measured(partial(peaks_of, omit=omit), partial(_counts, omit=omit))
    peaks = np.empty(len(histories))
    counts = np.empty(len(histories), dtype=np.int64)
    for indices, block in _blocks(histories):
        peaks[indices] = peaks_of(block, omit=omit)
        counts[indices] = _counts(block, omit=omit)
    return peaks, counts


def _blocks(
    histories: Sequence[History] | NDArray[Any],
) -> Iterator[tuple[Any, NDArray[Any]]]:
    """Yield neurons and their histories, one a row, as many as are worked on at once."""
    if not isinstance(histories, np.ndarray) or np.ma.isMaskedArray(histories):
        yield from by_length([_counted_samples(one) for one in histories])
        return
    step = max(_BLOCK_SIZE // max(histories.shape[1], 1), 1)
    for start in range(0, len(histories), step):
        some = slice(start, start + step)
        yield some, histories[some]


def _counted_samples(history: History) -> History:
    if isinstance(history, np.ma.MaskedArray):
        samples: History = history.compressed()
        return samples
    return history


def peaks_of(rows: NDArray[Any], *, omit: bool) -> NDArray[np.float64]:
    """Return max(\\|activation\\|) along the last axis of a 2-D array."""
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    with np.errstate(over="ignore"):  # a longdouble beyond float64 is inf
        peaks = _magnitudes(rows, np.fmax if omit else np.maximum)
    return np.nan_to_num(peaks, nan=0.0, posinf=np.inf) if omit else peaks


def _magnitudes(rows: NDArray[Any], highest: np.ufunc) -> NDArray[np.float64]:
    if rows.dtype.kind == "f":
        floats: NDArray[np.float64] = highest.reduce(np.abs(rows), axis=1)
        return floats.astype(np.float64)
    # numpy.abs of the most negative integer is negative.
    extremes = [
        np.abs(reduction.reduce(rows, axis=1).astype(np.float64))
        for reduction in (np.maximum, np.minimum)
    ]
    peaks: NDArray[np.float64] = np.maximum(*extremes)
    return peaks


def _counts(rows: NDArray[Any], *, omit: bool) -> NDArray[np.int64]:
    if omit and rows.dtype.kind == "f":
        return np.asarray(np.count_nonzero(~np.isnan(rows), axis=1), dtype=np.int64)
    return np.full(len(rows), rows.shape[1], dtype=np.int64)
