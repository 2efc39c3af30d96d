"""Histories that are computed only when needed: Dask arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from .arrays import read_only
from .foreign import comes_from

Rows = NDArray[Any]


def dask_array_of(values: Any) -> Any:
    """Return the Dask array that *values* is or that its DataArray wraps, else None."""
    if comes_from(values, "xarray", "DataArray"):
        values = values.data
    return values if comes_from(values, "dask", "Array") else None


class LazyHistories(Sequence[Rows]):
    """The rows of a Dask array, each computed on access.

    Parameters
    ----------
    array : dask.array.Array of shape (n_neurons, n_samples)
        Each neuron's activations.
    """

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of histories and of samples in each."""
        n_neurons, n_samples = self._array.shape
        return int(n_neurons), int(n_samples)

    @overload
    def __getitem__(self, index: int) -> Rows: ...
    @overload
    def __getitem__(self, index: slice) -> list[Rows]: ...
    def __getitem__(self, index: int | slice) -> Rows | list[Rows]:
        if isinstance(index, slice):
            return self.computed(range(len(self))[index])
        return self.computed([index])[0]

    def __iter__(self) -> Iterator[Rows]:
        """Yield the histories, computing those of one Dask chunk together."""
        start = 0
        for n_rows in self._array.chunks[0]:
            yield from self.computed(range(start, start + n_rows))
            start += n_rows

    def take(self, indices: Sequence[int]) -> LazyHistories:
        """Return the histories at some positions, without computing them."""
        return LazyHistories(self._array[list(indices)])

    def computed(self, indices: Sequence[int]) -> list[Rows]:
        """Return the histories at some positions, computed together."""
        rows = np.asanyarray(self._array[list(indices)].compute())
        return list(read_only(rows))

    def measured(
        self,
        peaks_of: Callable[[Rows], NDArray[np.float64]],
        counts_of: Callable[[Rows], NDArray[np.int64]],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the peak and the sample count of each history.

        Dask computes both chunk by chunk, in parallel, in one pass over the data.

        Parameters
        ----------
        peaks_of, counts_of : callable
            Functions that return the peaks, or the sample counts, of an array's rows.
        """
        import dask
        import dask.array

        reduction: Any = dask.array.reduction
        compute: Any = dask.compute  # type: ignore[attr-defined]  # its documented place
        peaks = reduction(self._array, _by_row(peaks_of), np.max, axis=1, dtype=np.float64)
        counts = reduction(self._array, _by_row(counts_of), np.sum, axis=1, dtype=np.int64)
        both = compute(peaks, counts)
        return np.asarray(both[0]), np.asarray(both[1])


def _by_row(reduce_rows: Callable[[Rows], Rows]) -> Callable[..., Rows]:
    """Return *reduce_rows* with the signature that Dask calls on each chunk."""

    def of_chunk(rows: Rows, axis: object, keepdims: object) -> Rows:
        del axis, keepdims  # always the row's axis, kept
        return reduce_rows(rows)[:, np.newaxis]

    return of_chunk
