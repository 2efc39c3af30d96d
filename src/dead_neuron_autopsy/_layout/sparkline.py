"""Histories as lines in the unit square, with NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._intake.sources import Histories, History, by_length

Points = NDArray[np.float64]

#: A line that draws nothing: a single point, with no segment.
_NOTHING = ((0.0, 0.5),)


def sparkline_points(histories: Histories, n_bins: int) -> list[Points]:
    """Return each history as a line: x by sample order, y scaled to its own range.

    The line spans x from 0 to 1 and y from 0 (its minimum) to 1 (its maximum). A flat
    line lies at y = 0.5, and so does a single sample. Samples that are not finite leave
    a gap; a sample between two gaps becomes a dash one sample long.

    Parameters
    ----------
    histories : sequence of 1-D ndarray
        Each neuron's activations, possibly masked.
    n_bins : int
        Number of distinct places along x, such as pixels. A history with many more
        samples than that is reduced to the minimum and maximum of each bin.

    Returns
    -------
    list of ndarray of shape (n_points, 2)
        The points of each line; nan in both columns breaks it. Of a level stretch, only
        the two ends.
    """
    lines: list[Points] = [np.array(_NOTHING)] * len(histories)
    short: list[int] = []
    for index, history in enumerate(histories):
        if len(history) <= _POINTS_A_BIN * n_bins:
            short.append(index)
        else:
            lines[index] = _reduced_line(_unmasked(history), n_bins)
    blocks = by_length([_unmasked(histories[index]) for index in short])
    for positions, block in blocks:
        for position, line in zip(positions, _lines(_as_floats(block)), strict=True):
            lines[short[position]] = line
    return lines


#: Histories with at most this many samples per bin are not reduced.
_POINTS_A_BIN = 4


def _reduced_line(samples: NDArray[Any], n_bins: int) -> Points:
    """Return a long history as a line through each bin's extremes, in sample order."""
    positions = _extremes(samples, len(samples) // n_bins)
    values = _as_floats(samples[positions])
    finite = np.isfinite(values)
    if not finite.any():
        return np.array(_NOTHING)
    ys = np.where(finite, _over_own_range(values[None], finite[None])[0], np.nan)
    xs = np.where(finite, positions / (len(samples) - 1), np.nan)
    line = _with_dashes(np.column_stack([xs, ys]), finite, 1 / n_bins)
    return line[_turns(line[:, 1])]


def _extremes(samples: NDArray[Any], size: int) -> NDArray[np.int64]:
    """Return the sorted positions of the minimum and maximum of every *size* samples.

    For a bin with samples that are not finite, also the first of those, so that the gap
    stays. The first and the last sample are always included.
    """
    whole = len(samples) // size * size
    bins = samples[:whole].reshape(-1, size)
    starts = np.arange(0, whole, size)
    found = [starts + bins.argmin(axis=1), starts + bins.argmax(axis=1)]
    if whole < len(samples):
        rest = samples[whole:]
        found = [
            np.append(some, whole + place)
            for some, place in zip(found, (rest.argmin(), rest.argmax()), strict=True)
        ]
    positions = np.unique(found)
    broken = positions[~np.isfinite(samples[positions])] // size
    in_gaps = [_finite_extremes(samples, start * size, size) for start in np.unique(broken)]
    return np.unique(np.concatenate([[0, len(samples) - 1], positions, *in_gaps]))


def _finite_extremes(samples: NDArray[Any], start: int, size: int) -> NDArray[np.int64]:
    """Return the positions of a bin's finite minimum and maximum and of some gaps.

    Of the gaps, the first one and the next one after each extreme keep the line broken.
    """
    finite = np.isfinite(samples[start : start + size])
    places, gaps = start + np.flatnonzero(finite), start + np.flatnonzero(~finite)
    if len(places) == 0:
        return places
    some = samples[places]
    extremes = places[[some.argmin(), some.argmax()]]
    after = np.searchsorted(gaps, extremes)
    return np.concatenate([extremes, gaps[:1], gaps[after[after < len(gaps)]]])


def activation_range(history: History) -> tuple[float, float]:
    """Return the activations at the bottom and at the top of a sparkline."""
    values = _as_floats(_unmasked(history))
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low < high:
        return low, high
    around = min(abs(low) / 2 or 1.0, float(np.finfo(np.float64).max) - abs(low))
    if around > 0:
        return low - around, low + around
    return min(low, low / 2), max(low, low / 2)  # at float64's limit, with no room beyond


def sample_range(history: History) -> tuple[float, float]:
    """Return the sample indices at the left and at the right of a sparkline."""
    return (0.0, len(history) - 1.0) if len(history) > 1 else (-0.5, 0.5)


def _unmasked(history: History) -> NDArray[Any]:
    if not isinstance(history, np.ma.MaskedArray):
        return history
    return np.asarray(np.ma.filled(history.astype(np.float64), np.nan))


def _as_floats(samples: NDArray[Any]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # a longdouble beyond float64 becomes inf: a gap
        return samples.astype(np.float64)


def _lines(block: NDArray[np.float64]) -> list[Points]:
    """Return one line for each row of an array of shape (n_neurons, n_samples)."""
    n_rows, n_samples = block.shape
    finite = np.isfinite(block)
    ys = np.where(finite, _over_own_range(block, finite), np.nan)
    xs = np.broadcast_to(np.where(finite, _xs(n_samples), np.nan), block.shape)
    points = np.stack([xs, ys], axis=-1)
    whole = finite.all(axis=1) & (n_samples > 1)
    dash = 1 / max(n_samples - 1, 1)
    turns = _turns(ys)
    level = turns.sum(axis=1) < n_samples
    lines: list[Points] = []
    for row in range(n_rows):
        line = points[row]
        if not whole[row]:
            line = _with_dashes(line, finite[row], dash)
            line = line[_turns(line[:, 1])]
        elif level[row]:
            line = line[turns[row]]
        lines.append(line)
    return lines


def _turns(ys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return a mask without the points inside level stretches, which are invisible.

    A ReLU cuts activations off at one level: all of a dead neuron's line is level, and
    much of the others'.
    """
    level = ys[..., 1:] == ys[..., :-1]
    turns = np.ones(ys.shape, dtype=bool)
    turns[..., 1:-1] = ~(level[..., 1:] & level[..., :-1])
    return turns


def _xs(n_samples: int) -> NDArray[np.float64]:
    return np.linspace(0.0, 1.0, n_samples) if n_samples > 1 else np.full(n_samples, 0.5)


def _over_own_range(
    block: NDArray[np.float64], finite: NDArray[np.bool_]
) -> NDArray[np.float64]:
    low = np.min(block, axis=1, where=finite, initial=np.inf, keepdims=True)
    high = np.max(block, axis=1, where=finite, initial=-np.inf, keepdims=True)
    flat = ~(low < high)
    low, high = np.where(flat, 0.0, low), np.where(flat, 1.0, high)
    # Between float64's extremes, high - low overflows; half of it does not.
    with np.errstate(all="ignore"):  # subnormals may underflow to 0
        scale = np.where(high / 2 - low / 2 > np.finfo(np.float64).max / 2, 0.5, 1.0)
        samples = np.where(finite & ~flat, block, 0.5)
        span = high * scale - low * scale
        shares: NDArray[np.float64] = (samples * scale - low * scale) / span
    return shares


def _with_dashes(points: Points, finite: NDArray[np.bool_], dash: float) -> Points:
    """Return *points* with a dash for each sample that has no finite neighbour."""
    if not finite.any():
        return np.array(_NOTHING)
    beside = np.pad(finite, 1)
    alone = finite & ~beside[:-2] & ~beside[2:]
    doubled = np.repeat(points, np.where(alone, 2, 1), axis=0)
    firsts = np.flatnonzero(alone) + np.arange(np.count_nonzero(alone))
    # Shift the dashes at both ends inwards, so that they keep their full length.
    starts = np.clip(doubled[firsts, 0] - dash / 2, 0.0, 1.0 - dash)
    doubled[firsts, 0] = starts
    doubled[firsts + 1, 0] = starts + dash
    return doubled
