"""Peaks and sample counts of many histories, block by block, with NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._intake.dask import LazyHistories
from .._intake.population import BLOCK_SIZE, Histories, by_length

#: Minimum run of adjacent samples per read, so that mapped files are read in whole pages.
_SHORTEST_RUN = 2**12


def measure(
    histories: Histories, *, omit: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each neuron's peak and the number of samples it is taken from.

    Every sample is read once, and at most one block is copied at a time.

    Parameters
    ----------
    histories : ndarray of shape (n_neurons, n_samples), or sequence of 1-D ndarray
        Each neuron's activations.
    omit : bool
        Leave out nan samples.
    """
    if isinstance(histories, LazyHistories):
        return histories.measured(partial(peaks_of, omit=omit), partial(_counts, omit=omit))
    peaks = np.zeros(len(histories))
    counts = np.zeros(len(histories), dtype=np.int64)
    for indices, block in _blocks(histories):
        peaks[indices] = np.maximum(peaks[indices], peaks_of(block, omit=omit))
        counts[indices] += _counts(block, omit=omit)
    return peaks, counts


def _blocks(histories: Histories) -> Iterator[tuple[Any, NDArray[Any]]]:
    """Yield indices of neurons with a block of their samples, one row per neuron."""
    if isinstance(histories, np.ndarray):
        yield from _tiles(histories)
        return
    for indices, rows in by_length(histories):
        positions = np.array(indices)
        for some, tile in _tiles(rows):
            yield positions[some], tile


def _tiles(rows: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield slices of rows with a block of their samples, in memory order."""
    n_neurons, n_samples = rows.shape
    row_by_row = abs(rows.strides[0]) >= abs(rows.strides[1])
    if row_by_row:
        n_together = min(max(n_samples, 1), BLOCK_SIZE)
        n_rows = max(BLOCK_SIZE // n_together, 1)
    else:
        n_rows = max(BLOCK_SIZE // max(n_samples, 1), _SHORTEST_RUN)
        n_rows = max(min(n_rows, n_neurons), 1)
        n_together = max(BLOCK_SIZE // n_rows, 1)
    for row in range(0, n_neurons, n_rows):
        some = slice(row, row + n_rows)
        for sample in range(0, max(n_samples, 1), n_together):
            yield some, rows[some, sample : sample + n_together]


def peaks_of(rows: NDArray[Any], *, omit: bool) -> NDArray[np.float64]:
    """Return max(\\|activation\\|) along the last axis of a 2-D array."""
    if rows.shape[1] == 0:
        return np.zeros(len(rows))
    rows = np.ma.filled(rows, 0)
    with np.errstate(all="ignore"):  # a longdouble outside float64's range becomes inf or 0
        peaks = _magnitudes(rows, np.fmax if omit else np.maximum)
    return np.nan_to_num(peaks, nan=0.0, posinf=np.inf) if omit else peaks


def _magnitudes(rows: NDArray[Any], highest: np.ufunc) -> NDArray[np.float64]:
    if rows.dtype.kind == "f":
        floats: NDArray[np.float64] = highest.reduce(np.abs(rows), axis=1)
        return floats.astype(np.float64)
    # In integers, numpy.abs of the most negative value is negative: convert first.
    extremes = [
        np.abs(reduction.reduce(rows, axis=1).astype(np.float64))
        for reduction in (np.maximum, np.minimum)
    ]
    peaks: NDArray[np.float64] = np.maximum(*extremes)
    return peaks


def _counts(rows: NDArray[Any], *, omit: bool) -> NDArray[np.int64]:
    counted = ~np.ma.getmaskarray(rows) if np.ma.isMaskedArray(rows) else None
    if omit and rows.dtype.kind == "f":
        numbers = ~np.isnan(np.ma.filled(rows, 0))
        counted = numbers if counted is None else counted & numbers
    if counted is None:
        return np.full(len(rows), rows.shape[1], dtype=np.int64)
    return np.asarray(np.count_nonzero(counted, axis=1), dtype=np.int64)
