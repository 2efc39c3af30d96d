"""Histories as lines in the unit square, no finer than can be seen; with NumPy alone.

A history with many more samples than there are places for them is drawn through the
minimum and maximum of each place. So that a figure need not keep such a history, a
`Trace` keeps the extremes of far finer places, which draw the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._intake.sources import Histories, History, by_length

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

#: A line that draws nothing: a single point, with no segment.
_NOTHING = ((0.0, 0.5),)

#: Samples searched at a time: once for the minimum, then in the cache for the maximum.
_BLOCK = 2**17

#: Histories with at most this many samples per bin are not reduced.
_SAMPLES_PER_BIN = 4


class Trace(NamedTuple):
    """What is needed to draw a history: some of its samples, or all."""

    positions: range | NDArray[np.int64]  # which samples are kept, in order
    values: NDArray[Any]  # not finite where the line has a gap
    n_samples: int  # of the whole history


def trace(history: History, n_bins: int = 2**11) -> Trace:
    """Return a copy, in float64, of what draws a history in up to *n_bins* places."""
    # A history of at most ``4 * n_bins`` samples is kept whole; of a longer one, only the
    # extremes and gaps of each bin.
    kept = _reduced(_as_trace(history), n_bins)
    return kept._replace(values=_as_floats(kept.values))


def _as_trace(history: History | Trace) -> Trace:
    """Return a history as the trace of all its samples, without a copy."""
    if isinstance(history, Trace):
        return history
    return Trace(range(len(history)), _filled(history), len(history))


def _filled(values: NDArray[Any]) -> NDArray[Any]:
    """Return activations with nan for masked ones."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))


def sparkline_points(
    histories: Histories | Sequence[Trace],
    n_bins: int,
    *,
    longest: int | None = None,
    ranges: Floats | None = None,
) -> list[Floats]:
    """Return each history as a line: x by sample order, y scaled to a range.

    The *longest* history, by default of these, spans x from 0 to 1; all end together. The
    line spans y from 0 to 1, which are its minimum and maximum or, with *ranges* of shape
    (n_neurons, 2), those. A flat line lies at y = 0.5, and so does a single sample. Samples
    that are not finite leave a gap; a sample between two gaps becomes a dash one sample long.
    A level stretch keeps only its two ends; nan in both columns breaks the line.

    *n_bins* is the number of distinct places along x, such as pixels.
    """
    if longest is None:
        longest = max((_as_trace(history).n_samples for history in histories), default=1)
    if isinstance(histories, np.ndarray) and histories.shape[1] <= _SAMPLES_PER_BIN * n_bins:
        return _whole_lines(_filled(histories), longest, ranges)
    lines: list[Floats] = [np.array(_NOTHING)] * len(histories)
    short: list[int] = []
    whole: list[NDArray[Any]] = []
    for index, history in enumerate(histories):
        kept = _reduced(_as_trace(history), n_bins)
        if isinstance(kept.positions, range):
            short.append(index)
            whole.append(kept.values)
        else:
            xs = (kept.positions + longest - kept.n_samples) / (longest - 1)
            values, own = _as_floats(kept.values)[np.newaxis], _some(ranges, [index])
            (lines[index],) = _lines(values, xs, 1 / n_bins, own)
    for index, line in zip(short, _whole_lines(whole, longest, _some(ranges, short)), strict=True):
        lines[index] = line
    return lines


def _whole_lines(histories: Any, longest: int, ranges: Floats | None) -> list[Floats]:
    """Return the lines of histories of which every sample is kept."""
    lines: list[Floats] = [np.array(_NOTHING)] * len(histories)
    for places, block in by_length(histories):
        n_samples = block.shape[1]
        xs = np.linspace(0.0, 1.0, longest)[longest - n_samples :]
        if longest == 1:
            xs = np.full(n_samples, 0.5)
        found = _lines(_as_floats(block), xs, 1 / max(longest - 1, 1), _some(ranges, places))
        for place, line in zip(places, found, strict=True):
            lines[place] = line
    return lines


def _some(ranges: Floats | None, indices: list[int]) -> Floats | None:
    return None if ranges is None else ranges[indices]


def _reduced(history: Trace, n_bins: int) -> Trace:
    """Return the trace of each bin's extremes, unless it has few samples already."""
    # The first and the last sample stay, and some of those that are not finite, so that gaps
    # stay gaps.
    positions, values, n_samples = history
    if len(values) <= _SAMPLES_PER_BIN * n_bins:
        return history
    kept = [np.array([0, len(values) - 1])]
    for starts, rows in _bins(history, n_samples // n_bins):
        lows, highs = rows.argmin(axis=1), rows.argmax(axis=1)
        each = np.arange(len(rows))
        broken = ~(np.isfinite(rows[each, lows]) & np.isfinite(rows[each, highs]))
        kept += [starts + lows, starts + highs]
        if broken.any():
            kept.append(_in_gaps(starts[broken], rows[broken]))
    places = np.sort(np.concatenate(kept))  # ten times as fast as np.unique
    places = places[np.append(True, places[1:] != places[:-1])]
    kept_of = places if isinstance(positions, range) else positions[places]
    return Trace(kept_of, values[places], n_samples)


def _bins(history: Trace, size: int) -> Iterator[tuple[NDArray[np.int64], NDArray[Any]]]:
    """Yield bins of *size* samples as rows, and the place of each row's first sample."""
    positions, values, n_samples = history
    if isinstance(positions, range):
        end = n_samples // size * size
        step = max(_BLOCK // size, 1) * size
        for start in range(0, end, step):
            stop = min(start + step, end)
            yield np.arange(start, stop, size), values[start:stop].reshape(-1, size)
        if end < n_samples:
            yield np.array([end]), values[np.newaxis, end:]
        return
    # A trace has kept more samples of some bins than of others: repeat a bin's last one.
    starts = np.unique(np.searchsorted(positions, np.arange(0, n_samples, size)))
    lengths = np.diff(starts, append=len(values))[:, np.newaxis]
    in_bin = np.minimum(np.arange(lengths.max()), lengths - 1)
    yield starts, values[starts[:, np.newaxis] + in_bin]


def _in_gaps(starts: NDArray[np.int64], rows: NDArray[Any]) -> NDArray[np.int64]:
    """Return the places of each bin's finite minimum and maximum and of some gaps."""
    # The first gap and the next one after each extreme keep the line broken.
    finite = np.isfinite(rows)
    some = finite.any(axis=1)
    starts, rows, finite = starts[some], rows[some], finite[some]
    each, size = np.arange(len(rows)), rows.shape[1]
    lows = np.where(finite, rows, np.inf).argmin(axis=1)
    highs = np.where(finite, rows, -np.inf).argmax(axis=1)
    gaps = np.where(finite, size, np.arange(size))
    following = np.minimum.accumulate(gaps[:, ::-1], axis=1)[:, ::-1]
    firsts, after = following[:, 0], following[each, lows]
    found = np.stack([lows, highs, firsts, after, following[each, highs]])
    places: NDArray[np.int64] = (starts + found)[found < size]
    return places


def activation_range(history: History | Trace) -> tuple[float, float]:
    """Return the activations at the bottom and at the top of a sparkline."""
    values = _as_floats(_as_trace(history).values)
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


def sample_range(history: History | Trace, longest: int | None = None) -> tuple[float, float]:
    """Return the sample indices at the left and at the right of a sparkline."""
    n_samples = _as_trace(history).n_samples
    longest = n_samples if longest is None else longest
    return (float(n_samples - longest), n_samples - 1.0) if longest > 1 else (-0.5, 0.5)


def _as_floats(samples: NDArray[Any]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # a longdouble beyond float64 becomes inf: a gap
        return samples.astype(np.float64)


def _lines(block: Floats, xs: Floats, dash: float, ranges: Floats | None) -> list[Floats]:
    """Return one line for each row of an array of shape (n_neurons, n_samples)."""
    finite = np.isfinite(block)
    ys = np.where(finite, _over_range(block, finite, ranges), np.nan)
    points = np.stack([np.where(finite, xs, np.nan), ys], axis=-1)
    whole: Any = finite.all(axis=1) & (block.shape[1] > 1)
    turns = _turns(ys)
    turns_always: Any = turns.all(axis=1)

    def drawn(row: int, line: Floats) -> Floats:
        if not whole[row]:
            return _with_dashes(line, finite[row], dash)
        return line if turns_always[row] else line[turns[row]]

    return list(map(drawn, range(len(points)), points))


def _turns(ys: Floats) -> Mask:
    """Return a mask without the points inside level stretches, which are invisible."""
    # A ReLU cuts activations off at one level: all of a dead neuron's line is level, and
    # much of the others'.
    level = ys[..., 1:] == ys[..., :-1]
    turns = np.ones(ys.shape, dtype=bool)
    turns[..., 1:-1] = ~(level[..., 1:] & level[..., :-1])
    return turns


def _over_range(block: Floats, finite: Mask, ranges: Floats | None) -> Floats:
    """Return the samples as shares of their row's range; 0.5 if that is flat."""
    if ranges is None:
        low = np.min(block, axis=1, where=finite, initial=np.inf, keepdims=True)
        high = np.max(block, axis=1, where=finite, initial=-np.inf, keepdims=True)
    else:
        low, high = ranges[:, :1], ranges[:, 1:]
    flat = ~(low < high)
    low, high = np.where(flat, 0.0, low), np.where(flat, 1.0, high)
    # Between float64's extremes, high - low overflows; half of it does not.
    with np.errstate(all="ignore"):  # subnormals may underflow to 0
        scale = np.where(high / 2 - low / 2 > np.finfo(np.float64).max / 2, 0.5, 1.0)
        samples = np.where(finite & ~flat, block, 0.5)
        shares: Floats = (samples * scale - low * scale) / (high * scale - low * scale)
    return shares


def _with_dashes(points: Floats, finite: Mask, dash: float) -> Floats:
    """Return a line with gaps, and a dash for each sample that has no finite neighbour."""
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
    return doubled[_turns(doubled[:, 1])]
