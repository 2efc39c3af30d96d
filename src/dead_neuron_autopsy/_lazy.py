"""Histories that are read when they are needed: Dask arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from ._arrays import read_only
from ._foreign import comes_from

Rows = NDArray[Any]


def dask_array_of(values: Any) -> Any:
    """Return the Dask array that *values* are, or an xarray DataArray holds, or None."""
    if comes_from(values, "xarray", "DataArray"):
        values = values.data
    return values if comes_from(values, "dask", "Array") else None


class LazyHistories(Sequence[Rows]):
    """The rows of a Dask array, each computed when it is asked for.

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
        """How many histories there are, and how long they are."""
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
        """Compute as many at once as lie in one of Dask's chunks."""
        start = 0
        for n_rows in self._array.chunks[0]:
            yield from self.computed(range(start, start + n_rows))
            start += n_rows

    def take(self, indices: Sequence[int]) -> LazyHistories:
        """Return some histories, not computed yet."""
        return LazyHistories(self._array[list(indices)])

    def computed(self, indices: Sequence[int]) -> list[Rows]:
        """Return some histories, computed together."""
        rows = np.asanyarray(self._array[list(indices)].compute())
        return list(read_only(rows))

    def measured(
        self,
        peaks_of: Callable[[Rows], NDArray[np.float64]],
        counts_of: Callable[[Rows], NDArray[np.int64]],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the peak and the number of samples of each history.

        Dask finds them chunk by chunk, in parallel, in one pass over the data.

        Parameters
        ----------
        peaks_of, counts_of : callable
            Return the peaks, and the numbers of samples, of the rows of an array.
        """
        import dask
        import dask.array

        reduction: Any = dask.array.reduction
        compute: Any = dask.compute  # type: ignore[attr-defined]  # where its docs have it
        peaks = reduction(self._array, _by_row(peaks_of), np.max, axis=1, dtype=np.float64)
        counts = reduction(self._array, _by_row(counts_of), np.sum, axis=1, dtype=np.int64)
        both = compute(peaks, counts)
        return np.asarray(both[0]), np.asarray(both[1])


def _by_row(reduce_rows: Callable[[Rows], Rows]) -> Callable[..., Rows]:
    """Return a function as Dask calls it, on one chunk."""

    def of_chunk(rows: Rows, axis: object, keepdims: object) -> Rows:
        del axis, keepdims  # along the rows; kept
        return reduce_rows(rows)[:, np.newaxis]

    return of_chunk
