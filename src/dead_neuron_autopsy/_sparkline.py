"""A history as a line in the unit square; plain numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ._intake import History

Points = NDArray[np.float64]

#: A line that draws nothing: a single place, and no way to go.
_NOTHING = ((0.0, 0.5),)


def sparkline_points(histories: Sequence[History] | NDArray[np.generic]) -> list[Points]:
    """Return each history as a line: x in its samples' order, y over its own range.

    The line spans x from 0 to 1 and y from 0 (its minimum) to 1 (its maximum). A flat
    one lies at 0.5, and so does a single sample. What is not finite is a gap; a sample
    between two gaps is a dash as long as one sample.

    Parameters
    ----------
    histories : sequence of 1-D ndarray
        Each neuron's activations, possibly masked.

    Returns
    -------
    list of ndarray of shape (n_points, 2)
        Points of each line; nan in both columns breaks it.
    """
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for index, history in enumerate(histories):
        by_length[len(history)].append(index)
    lines: list[Points] = [np.array(_NOTHING)] * len(histories)
    for indices in by_length.values():
        block = np.stack([_as_floats(histories[index]) for index in indices])
        for index, line in zip(indices, _lines(block), strict=True):
            lines[index] = line
    return lines


def activation_range(history: History) -> tuple[float, float]:
    """Return the activations that stand at the bottom and at the top of a sparkline."""
    values = _as_floats(history)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low < high:
        return low, high
    around = abs(low) / 2 or 1.0
    return low - around, high + around


def sample_range(history: History) -> tuple[float, float]:
    """Return the sample indices that stand at the left and right of a sparkline."""
    return (0.0, len(history) - 1.0) if len(history) > 1 else (-0.5, 0.5)


def _as_floats(history: History) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # a longdouble beyond float64 is inf, and a gap
        floats = history.astype(np.float64)
    return np.ma.filled(floats, np.nan)


def _lines(block: NDArray[np.float64]) -> list[Points]:
    """Return a line for each row of an array of shape (n_neurons, n_samples)."""
    n_rows, n_samples = block.shape
    finite = np.isfinite(block)
    ys = np.where(finite, _over_own_range(block, finite), np.nan)
    xs = np.broadcast_to(np.where(finite, _xs(n_samples), np.nan), block.shape)
    points = np.stack([xs, ys], axis=-1)
    whole = finite.all(axis=1) & (n_samples > 1)
    return [
        points[row] if whole[row] else _with_dashes(points[row], finite[row])
        for row in range(n_rows)
    ]


def _xs(n_samples: int) -> NDArray[np.float64]:
    return np.linspace(0.0, 1.0, n_samples) if n_samples > 1 else np.full(n_samples, 0.5)


def _over_own_range(
    block: NDArray[np.float64], finite: NDArray[np.bool_]
) -> NDArray[np.float64]:
    # Halved, since the range of float64's own extremes is beyond float64.
    halves = np.where(finite, block, 0.0) / 2
    low = np.min(halves, axis=1, where=finite, initial=np.inf, keepdims=True)
    high = np.max(halves, axis=1, where=finite, initial=-np.inf, keepdims=True)
    spread = high > low
    span = np.where(spread, high, 1.0) - np.where(spread, low, 0.0)
    return np.where(spread, (halves - np.where(spread, low, 0.0)) / span, 0.5)


def _with_dashes(points: Points, finite: NDArray[np.bool_]) -> Points:
    """Return *points* with a dash for each sample that has no neighbour to go to."""
    if not finite.any():
        return np.array(_NOTHING)
    beside = np.pad(finite, 1)
    alone = finite & ~beside[:-2] & ~beside[2:]
    half_dash = 0.5 / max(len(points) - 1, 1)
    doubled = np.repeat(points, np.where(alone, 2, 1), axis=0)
    firsts = np.flatnonzero(alone) + np.arange(np.count_nonzero(alone))
    doubled[firsts, 0] -= half_dash
    doubled[firsts + 1, 0] += half_dash
    doubled[:, 0] = np.clip(doubled[:, 0], 0.0, 1.0)
    return doubled
