"""When neurons were last active, and which fell silent before the end. NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._intake.sources import Reduction, Source, by_length
from .criteria import Criterion

#: How many samples to read first, from the end, and how much more at each further try. Most
#: neurons are active at the end, so that little is read.
_FIRST_READ, _MORE = 256, 8

#: A neuron has fallen silent if its last silent run takes this share of its samples, and is
#: this many times as long as any run before.
_SILENT_SHARE, _TIMES_LONGER = 1 / 4, 2


def has_times(criterion: Criterion) -> bool:
    """Return whether single samples show neurons alive by this criterion."""
    return criterion.active(np.zeros(1)) is not None


def _joined(early: int, late: int) -> int:
    """Return how many samples the last silent run of two blocks takes; see `silence`."""
    if late >= 0:
        return late
    return early + late + 1 if early < 0 else early - late - 1


_JOINED = np.frompyfunc(_joined, 2, 1)


def silence(criterion: Criterion) -> Reduction:
    """Return what finds the length of each history's last silent run, n.

    A block without an active sample counts as -1 - n, so that blocks can be joined. This
    reads all samples, where `last_active` reads few: it is for what is computed anew each
    time, so that the verdict's own pass finds it.
    """

    def of_rows(rows: NDArray[Any]) -> NDArray[np.int64]:
        n_samples = rows.shape[1]
        if not n_samples:
            return np.full(len(rows), -1)
        backwards = np.asarray(criterion.active(rows))[:, ::-1]
        some = backwards.any(axis=1)
        return np.asarray(np.where(some, backwards.argmax(axis=1), -1 - n_samples))

    return Reduction(of_rows, _JOINED, np.int64(-1))


def last_active(
    source: Source, criterion: Criterion, peaks: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the position of each neuron's last active sample, -1 if there is none."""
    found = np.full(len(source), -1)
    could_be = criterion.active(peaks)
    if could_be is None:
        return found
    lengths = source.lengths
    searched, now = np.flatnonzero((could_be | np.isnan(peaks)) & (lengths > 0)), _FIRST_READ
    is_searched = np.zeros(len(source), dtype=bool)
    is_searched[searched] = True
    before = 0  # samples at the end that have been read already
    while len(searched):
        # Reading the last few samples of all neurons takes no longer than picking out some.
        piece = source.take(searched.tolist()) if before else source
        taken = searched if before else np.arange(len(source))
        piece = piece.part(slice(-before - now, -before or None))
        for places, rows in (pair for end in piece.bounds for pair in by_length(end.histories)):
            if not rows.shape[1]:
                continue
            backwards = np.asarray(criterion.active(rows))[:, ::-1]
            positions = taken[places]
            some = backwards.any(axis=1) & is_searched[positions]
            last = lengths[positions] - 1 - before - backwards.argmax(axis=1)
            found[positions[some]] = np.maximum(found[positions], last)[some]
        before, now = before + now, _MORE * now
        searched = searched[(found[searched] < 0) & (lengths[searched] > before)]
    return found


def fell_silent(
    source: Source,
    criterion: Criterion,
    living: NDArray[np.bool_],
    last: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return which of the living were active, but not in a long last run of samples."""
    # Samples that do not count are no silence: *counts* are the numbers of those that do.
    silent_for = source.lengths - 1 - last
    least = np.maximum(_SILENT_SHARE * counts, 1)
    found: NDArray[np.bool_] = living & (last >= 0) & (silent_for >= least)
    for index in np.flatnonzero(found).tolist():
        ends = [np.ma.masked_invalid(end.read([index])[0]) for end in source.bounds]
        counts = ~np.any([np.ma.getmaskarray(end) for end in ends], axis=0)
        samples = [np.asarray(criterion.active(end.data[counts])) for end in ends]
        active = np.flatnonzero(np.any(samples, axis=0))
        longest = int(np.diff(active, prepend=-1).max(initial=0)) - 1
        silent = np.count_nonzero(counts) - 1 - int(active.max(initial=-1))
        found[index] = silent >= max(least[index], _TIMES_LONGER * longest)
    return found
