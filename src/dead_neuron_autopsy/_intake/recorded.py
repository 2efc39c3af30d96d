"""The histories of recorded units: extremes and sums of each step, in place of its samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .sources import ArraySource, Reduction, Source, furthest_from_zero

ENDS = ("low", "high")
SUMS = ("above_zero", "absolute")


class Statistics(NamedTuple):
    """What is kept of one layer, at n_steps steps."""

    samples: NDArray[np.int64]  # shape (n_steps,): how many each unit had; 0 if not called
    low: NDArray[Any]  # shape (n_steps, n_units), nan without samples
    high: NDArray[Any]
    above_zero: NDArray[Any] | None = None  # how many samples are above zero
    absolute: NDArray[Any] | None = None  # the sum of |activation|

    @classmethod
    def missing(cls, n_steps: int, n_units: int) -> Statistics:
        """Return the statistics of a layer that was not called."""
        low, high = np.full((2, n_steps, n_units), np.nan)
        return cls(np.zeros(n_steps, dtype=np.int64), low, high)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Statistics:
        """Return what `arrays` gave, or raise ValueError."""
        found = cls(**arrays)
        n_steps = len(found.samples)
        for array in (found.low, found.high, found.above_zero, found.absolute):
            if array is not None and array.shape != (n_steps, *found.low.shape[1:2]):
                raise ValueError(f"an array has the shape {array.shape}")
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that there are."""
        return {name: array for name, array in self._asdict().items() if array is not None}

    def words(self) -> tuple[str, ...]:
        """Return the names of the arrays that there are."""
        return tuple(self.arrays())


class RecordedSource(ArraySource):
    """One history per unit: at each step, the activation that is furthest from zero.

    Reductions that only compare give the same result as over all samples, since the lowest and
    the highest are kept; others are computed from what is `Kept`.
    """

    def __init__(self, kept: Kept) -> None:
        super().__init__(furthest_from_zero(kept.low, kept.high), is_steady=True)
        self._kept = kept

    def __reduce__(self) -> tuple[Any, ...]:
        return RecordedSource, (self._kept,)

    @property
    def bounds(self) -> tuple[Source, ...]:
        return tuple(ArraySource(end, is_steady=True) for end in (self._kept.low, self._kept.high))

    def take(self, positions: Sequence[int]) -> RecordedSource:
        return RecordedSource(self._kept.at(list(positions)))

    def part(self, samples: slice) -> RecordedSource:
        return RecordedSource(self._kept.at((slice(None), samples)))

    def reduced(self, *reductions: Reduction) -> list[NDArray[Any]]:
        return [self._reduced(one) for one in reductions]

    def _reduced(self, one: Reduction) -> NDArray[Any]:
        if one.recorded is not None:
            return np.asarray(one.recorded(self._kept)).astype(one.start.dtype)
        if one.combine not in {np.maximum, np.minimum, np.fmax, np.fmin}:
            raise ValueError(
                "criterion: one of its reductions joins blocks by "
                f"{getattr(one.combine, '__name__', one.combine)}, which extremes alone "
                "cannot give. Give the Reduction a function recorded=."
            )
        return np.asarray(one.combine(*(end.reduced(one)[0] for end in self.bounds)))


@dataclass(frozen=True)
class Kept:
    """What a recording keeps of some units, from which criteria find their numbers.

    Attributes
    ----------
    samples : ndarray of shape (n_units, n_steps), int64
        How many samples each unit had at each step.
    low, high : ndarray of shape (n_units, n_steps)
        The smallest and the largest of them, masked where there were none.
    """

    samples: NDArray[np.int64]
    low: NDArray[Any]
    high: NDArray[Any]
    _above_zero: NDArray[Any] | None
    _absolute: NDArray[Any] | None

    @classmethod
    def of(cls, layers: Sequence[Statistics]) -> Kept:
        """Return what is kept of the units of some layers."""

        def joined(arrays: Iterable[NDArray[Any] | None]) -> NDArray[Any] | None:
            each = list(arrays)
            given = [array.T for array in each if array is not None]
            return np.concatenate(given) if len(given) == len(each) else None

        samples = np.concatenate(
            [np.broadcast_to(one.samples, one.low.shape[::-1]) for one in layers]
        )
        low, high = (np.concatenate([getattr(one, end).T for one in layers]) for end in ENDS)
        is_missing = samples == 0
        if is_missing.any():
            low, high = (np.ma.masked_array(end, mask=is_missing) for end in (low, high))
        above_zero, absolute = (joined(getattr(one, name) for one in layers) for name in SUMS)
        return cls(samples, low, high, above_zero, absolute)

    def at(self, index: Any) -> Kept:
        """Return what is kept of some units or steps."""
        parts: list[Any] = [
            None if array is None else array[index] for array in vars(self).values()
        ]
        return Kept(*parts)

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        """True where there were no samples."""
        return np.asarray(self.samples == 0)

    @property
    def above_zero(self) -> NDArray[Any]:
        """How many samples were above zero."""
        return _recorded(self._above_zero, "firing rate")

    @property
    def absolute(self) -> NDArray[Any]:
        """The sum of \\|activation\\|."""
        return _recorded(self._absolute, "mean")


def _recorded(array: NDArray[Any] | None, word: str) -> NDArray[Any]:
    if array is None:
        raise ValueError(
            f"criterion: it needs each step's {word}, which was not recorded. Pass "
            f"statistics=('peak', {word!r}) to record(...)."
        )
    return array
