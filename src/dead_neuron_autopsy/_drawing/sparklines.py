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
    """The lines of some neurons, made when they are in view.

    Of activations that the verdict has only referred to, and that the caller could
    overwrite, we keep what can be seen: they are read here, once.

    Parameters
    ----------
    shown : Autopsy
        The neurons that have a card.

    Raises
    ------
    ValueError
        If activations have changed since they were diagnosed.
    """

    def __init__(self, shown: Autopsy) -> None:
        self._source = shown.source
        self._traces: list[Trace] | None = None
        self._made: tuple[bytes, int, list[Path]] = (b"", 0, [])
        if not shown.source.is_steady:
            self._traces = list(map(trace, shown.source))
            _refuse_other_peaks(shown, self._traces)

    def paths(self, cards: NDArray[np.int64], width: float, per_point: float) -> list[Path]:
        """Return the lines of some cards for sparklines of a width, in pixels.

        Drawing the same view again reads nothing.
        """
        n_bins = math.ceil(width * max(1.0, _PLACES_A_POINT / per_point))
        wanted = cards.tobytes(), n_bins
        if self._made[:2] != wanted:
            positions = cards.tolist()
            if self._traces is None:
                lines = sparkline_points(self._source.read(positions), n_bins)
            else:
                lines = sparkline_points([self._traces[one] for one in positions], n_bins)
            self._made = (*wanted, list(map(sparkline_path, lines)))
        return self._made[2]


def _refuse_other_peaks(shown: Autopsy, traces: list[Trace]) -> None:
    """Raise ValueError if a trace reaches another peak than was diagnosed."""
    for index, (peak, one) in enumerate(zip(shown.peaks.tolist(), traces, strict=True)):
        finite = np.abs(one.values[np.isfinite(one.values)])
        if math.isfinite(peak) and finite.max(initial=0.0) != peak:
            raise ValueError(
                f"neuron {shown.ids[index]!r}: the activations have changed since they were "
                f"diagnosed (peak {peak} then, {finite.max(initial=0.0)} now). So many are "
                "not copied: draw them first, or call diagnose(...) again."
            )
