"""The histories as lines, read once and kept as finely as they can be seen."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from .._intake.foreign import short_repr
from .._layout.sparkline import Trace, activation_range, sparkline_points, trace
from .._verdict.autopsy import Autopsy
from .._verdict.groups import Groups
from .._verdict.measuring import finite_extremes
from .._verdict.selection import Selection
from .elements import NO_PATH, sparkline_path

#: Fewest places per point at which lines are drawn: a document has no pixels to go by.
_PLACES_A_POINT = 2


MIDLINE = Path([(0.0, 0.5), (1.0, 0.5)])

#: Cards large enough for ticks are never more.
_MOST_TICKED = 2**10

#: Over which range a line is drawn: its own, that of all neurons, or that of its layer.
Scale: TypeAlias = Literal["local", "shared", "layer"]


def check_scale(scale: object) -> None:
    """Raise ValueError unless this is a `Scale`."""
    if not isinstance(scale, str) or scale not in get_args(Scale):
        accepted = "'local', 'shared' or 'layer'"
        raise ValueError(f"scale: must be {accepted}; got {short_repr(scale)}.")


def ranges_of(selection: Selection, scale: Scale) -> NDArray[np.float64] | None:
    """Return the range of each shown neuron's line, shape (n_shown, 2); None for its own."""
    if scale == "local":
        return None
    every = selection.autopsy
    lows, highs = finite_extremes(every.source)
    groups = np.zeros(len(every), dtype=np.int64)
    if scale == "layer":
        groups = Groups(every.ids, "layer").of_neurons
    low, high = (
        np.full(groups.max(initial=0) + 1, np.inf),
        np.full(groups.max(initial=0) + 1, -np.inf),
    )
    np.minimum.at(low, groups, lows)
    np.maximum.at(high, groups, highs)
    return np.column_stack([low[groups], high[groups]])[selection.positions]


class Sparklines:
    """The lines of the neurons that have a card, made when they are in view.

    Activations that the verdict only refers to, and that the caller could overwrite, are
    read here, once: we keep what can be seen of them.
    """

    def __init__(self, shown: Autopsy, longest: int, ranges: NDArray[np.float64] | None) -> None:
        self._source, self._longest, self._ranges = shown.source, longest, ranges
        self._traces: list[Trace] | None = None
        self._made: tuple[bytes, int, bool, list[Path]] = (b"", 0, False, [])
        #: The own range of each line made last; of none if nobody asked, or for too many.
        self.own_ranges = np.zeros((0, 2))
        if not shown.source.is_steady:
            self._traces = list(map(trace, shown.source))
            _refuse_other_peaks(shown, self._traces)

    def paths(
        self, cards: NDArray[np.int64], width: float, per_point: float, *, with_ranges: bool
    ) -> list[Path]:
        """Return the lines of some cards in a width; the same view again reads nothing."""
        n_bins = max(math.ceil(width * max(1.0, _PLACES_A_POINT / per_point)), 1)
        wanted = cards.tobytes(), n_bins, with_ranges
        if self._made[:3] != wanted:
            positions, kept = cards.tolist(), self._traces
            seen = [kept[one] for one in positions] if kept else self._source.read(positions)
            ranges = None if self._ranges is None else self._ranges[cards]
            lines = sparkline_points(seen, n_bins, longest=self._longest, ranges=ranges)
            self._made = (*wanted, list(map(sparkline_path, lines)))
            few = with_ranges and len(positions) <= _MOST_TICKED
            self.own_ranges = np.array(list(map(activation_range, seen)) if few else [])
        return self._made[3]


def midline_paths(
    shown: Autopsy,
    cards: NDArray[np.int64],
    ranges: NDArray[np.float64] | None,
    longest: int,
    pixels: float,
) -> list[Path]:
    """Return the midlines: in the middle of their own range, or at zero of another.

    They begin at the first sample: dashes where there are no data would look like data.
    *pixels* is the height in whole pixels, 0 where there are none.
    """
    late = shown.begins_late[cards]
    if ranges is None and not late.any():
        return [MIDLINE] * len(cards)
    zeros = np.full(len(late), 0.5)
    if ranges is not None:
        low, high = ranges[cards].T
        with np.errstate(all="ignore"):  # a range of nothing
            zeros = -low / (high - low)
        if pixels:  # as many whole pixels from the middle
            zeros = 0.5 + np.round((zeros - 0.5) * pixels) / pixels
    missing = longest - shown.source.lengths[cards]
    starts = np.where(late, missing / max(longest - 1, 1), 0.0)
    # Equal paths are one object, which Agg and PDF draw in bulk.
    made = dict[tuple[float, float], Path]()
    for start, zero in (pairs := [*zip(starts.tolist(), zeros.tolist(), strict=True)]):
        if 0 <= zero <= 1 and start < 1 and (start, zero) not in made:
            made[start, zero] = Path([(start, zero), (1.0, zero)])
    return [made.get(pair, NO_PATH) for pair in pairs]


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
