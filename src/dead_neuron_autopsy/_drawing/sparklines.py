"""The histories as lines, read once and kept as finely as they can be seen."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from .._layout.sparkline import Trace, sparkline_points, trace
from .._verdict.autopsy import Autopsy
from .elements import sparkline_path

#: Fewest places per point at which lines are drawn: a document has no pixels to go by.
_PLACES_A_POINT = 2


class Sparklines:
    """The lines of the neurons that have a card, made when they are in view.

    Activations that the verdict only refers to, and that the caller could overwrite, are
    read here, once: we keep what can be seen of them.
    """

    def __init__(self, shown: Autopsy) -> None:
        self._source = shown.source
        self._traces: list[Trace] | None = None
        self._made: tuple[bytes, int, list[Path]] = (b"", 0, [])
        if not shown.source.is_steady:
            self._traces = list(map(trace, shown.source))
            _refuse_other_peaks(shown, self._traces)

    def paths(self, cards: NDArray[np.int64], width: float, per_point: float) -> list[Path]:
        """Return the lines of some cards in a width; the same view again reads nothing."""
        n_bins = math.ceil(width * max(1.0, _PLACES_A_POINT / per_point))
        wanted = cards.tobytes(), n_bins
        if self._made[:2] != wanted:
            positions, kept = cards.tolist(), self._traces
            seen = [kept[one] for one in positions] if kept else self._source.read(positions)
            lines = sparkline_points(seen, n_bins)
            self._made = (*wanted, list(map(sparkline_path, lines)))
        return self._made[2]


def _refuse_other_peaks(shown: Autopsy, traces: list[Trace]) -> None:
    """Raise ValueError if a trace reaches another peak than was diagnosed."""
    for name, peak, one in zip(shown.ids, shown.peaks.tolist(), traces, strict=True):
        now = np.abs(one.values[np.isfinite(one.values)]).max(initial=0.0)
        if math.isfinite(peak) and now != peak:
            raise ValueError(
                f"neuron {name!r}: the activations have changed since they were diagnosed "
                f"(peak {peak} then, {now} now). Arrays this large are not copied: call "
                "diagnose(...) again."
            )
