"""Where histories are read from; everything beyond this folder asks a `Source`.

What a caller may pass, and which source it becomes, is decided in `population`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from mmap import mmap
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: One neuron's activations: one-dimensional, real, possibly masked.
History: TypeAlias = NDArray[Any]

#: Those of many neurons: an array of shape (n_neurons, n_samples), or one array each.
Histories: TypeAlias = Sequence[History] | NDArray[Any]

#: Up to this many bytes, a verdict keeps a copy of the activations, so that the caller may
#: refill a buffer. Copying 64 MiB takes about 30 ms, a quarter of the verdict's own time;
#: far beyond that, a second copy might not fit in memory.
LARGEST_COPY = 2**26

#: Most samples per block: fits a CPU cache, yet makes the overhead per block negligible.
BLOCK_SIZE = 2**18

#: Minimum run of adjacent samples per read, so that mapped files are read in whole pages.
_SHORTEST_RUN = 2**12


class Reduction(NamedTuple):
    """One number for each history, found block by block.

    Attributes
    ----------
    of_rows : callable
        Takes an array of shape (n_neurons, n_samples), which may be masked or have no
        samples, and returns one number per neuron.
    combine : numpy.ufunc
        Joins the numbers of two blocks, as `numpy.maximum` does.
    start : numpy.float64 or numpy.int64
        The number of no samples; its type is the result's.
    recorded : callable, optional
        Takes what a `Recording` keeps of some units, and returns one number per neuron. Needed
        where *combine* does more than compare: a recording has no single samples. Its
        attributes ``samples``, ``low``, ``high`` and, if they were recorded, ``above_zero`` (a
        count) and ``absolute`` (a sum) are arrays of shape (n_neurons, n_steps).

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import Reduction
    >>> total = Reduction(lambda rows: rows.sum(axis=1), np.add, np.float64(0))
    >>> total.of_rows(np.array([[0.5, 0.25], [1.0, 1.0]])).tolist()
    [0.75, 2.0]
    """

    of_rows: Callable[[NDArray[Any]], NDArray[Any]]
    combine: np.ufunc
    start: np.float64 | np.int64
    recorded: Callable[[Any], NDArray[Any]] | None = None


class Source(Protocol):
    """The histories of a population, in order, wherever they are kept."""

    #: Whether every read gives the same activations: true of our own copies, and of what we
    #: refer to because it may be larger than memory; false of an array in memory that the
    #: caller may still change.
    is_steady: bool

    #: Whether every read computes the activations anew, so that they should be read only once.
    is_lazy: bool

    @property
    def histories(self) -> Histories:
        """All histories, read-only; each is read when it is asked for."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of samples in each history, masked ones included."""

    @property
    def bounds(self) -> tuple[Source, ...]:
        """Sources whose samples enclose all activations: one, or the lowest and the highest."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[History]: ...

    def read(self, positions: Sequence[int]) -> Histories:
        """Return the histories at some positions, read together."""

    def take(self, positions: Sequence[int]) -> Source:
        """Return a source of the histories at some positions, without reading them."""

    def part(self, samples: slice) -> Source:
        """Return a source of some samples of each history, without reading them."""

    def reduced(self, *reductions: Reduction) -> list[NDArray[Any]]:
        """Return the numbers of each reduction, all from one pass over the samples."""

    def snapshot(self) -> Source:
        """Return a steady source if a copy of at most `LARGEST_COPY` bytes makes one."""


class ListSource:
    """Histories of any lengths, each an array of its own."""

    histories: Histories
    is_lazy = False

    def __init__(self, histories: Iterable[History], *, is_steady: bool) -> None:
        self.histories = tuple(map(read_only, histories))
        self.is_steady = is_steady

    def __reduce__(self) -> tuple[Any, ...]:
        # pickle and copy lose the read-only flag, which the constructor sets again.
        return partial(type(self), is_steady=self.is_steady), (self.histories,)

    def __len__(self) -> int:
        return len(self.histories)

    def __iter__(self) -> Iterator[History]:
        return iter(self.histories)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        return read_only(np.fromiter(map(len, self.histories), dtype=np.int64))

    @property
    def bounds(self) -> tuple[Source, ...]:
        return (self,)

    def read(self, positions: Sequence[int]) -> Histories:
        return [self.histories[position] for position in positions]

    def take(self, positions: Sequence[int]) -> ListSource:
        return ListSource(self.read(positions), is_steady=self.is_steady)

    def part(self, samples: slice) -> ListSource:
        some = (history[samples] for history in self.histories)
        return ListSource(some, is_steady=self.is_steady)

    def reduced(self, *reductions: Reduction) -> list[NDArray[Any]]:
        found = [np.full(len(self), one.start) for one in reductions]
        for rows, block in self._blocks():
            for numbers, one in zip(found, reductions, strict=True):
                numbers[rows] = one.combine(numbers[rows], one.of_rows(block))
        return found

    def _blocks(self) -> Iterator[tuple[Any, NDArray[Any]]]:
        for positions, block in by_length(self.histories):
            for rows, tile in _tiles(block):
                yield np.array(positions)[rows], tile

    def snapshot(self) -> ListSource:
        if self.is_steady or sum(map(_bytes_in_memory, self.histories)) > LARGEST_COPY:
            return self
        if _can_be_stacked(self.histories):
            return ArraySource(np.stack([*self.histories]), is_steady=True)
        return ListSource(map(copy_of, self.histories), is_steady=True)


class ArraySource(ListSource):
    """The rows of an array of shape (n_neurons, n_samples), possibly masked."""

    histories: NDArray[Any]

    def __init__(self, array: NDArray[Any], *, is_steady: bool) -> None:
        self.histories = read_only(array)
        self.is_steady = is_steady

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _same(self.histories.shape[1], len(self))

    def read(self, positions: Sequence[int]) -> Histories:
        are_all = len(positions) == len(self) and [*positions] == [*range(len(self))]
        return self.histories if are_all else super().read(positions)

    def part(self, samples: slice) -> ArraySource:
        return ArraySource(self.histories[:, samples], is_steady=self.is_steady)

    def _blocks(self) -> Iterator[tuple[Any, NDArray[Any]]]:
        return _tiles(self.histories)

    def snapshot(self) -> ArraySource:
        if self.is_steady or _bytes_in_memory(self.histories) > LARGEST_COPY:
            return self
        return ArraySource(copy_of(self.histories), is_steady=True)


class DaskSource(Sequence[History]):
    """The rows of a Dask array of shape (n_neurons, n_samples), computed on access."""

    is_steady, is_lazy = True, True

    def __init__(self, array: Any) -> None:
        self._array = array

    @property
    def histories(self) -> Sequence[History]:
        return self

    @property
    def lengths(self) -> NDArray[np.int64]:
        return _same(self._array.shape[1], len(self))

    def __len__(self) -> int:
        return int(self._array.shape[0])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.read(range(len(self))[index])
        return self.read([index])[0]

    def __iter__(self) -> Iterator[History]:
        start = 0
        for n_rows in self._array.chunks[0]:  # the rows of one chunk, computed together
            yield from self.read(range(start, start + n_rows))
            start += n_rows

    @property
    def bounds(self) -> tuple[Source, ...]:
        return (self,)

    def read(self, positions: Sequence[int]) -> Histories:
        return list(read_only(np.asanyarray(self._array[list(positions)].compute())))

    def take(self, positions: Sequence[int]) -> DaskSource:
        return DaskSource(self._array[list(positions)])

    def part(self, samples: slice) -> DaskSource:
        return DaskSource(self._array[:, samples])

    def reduced(self, *reductions: Reduction) -> list[NDArray[Any]]:
        import dask
        import dask.array

        reduction: Any = dask.array.reduction
        compute: Any = dask.compute  # type: ignore[attr-defined]  # its documented place

        def lazy(one: Reduction) -> Any:
            def of_chunk(rows: NDArray[Any], **_: object) -> Any:  # axis and keepdims
                return one.of_rows(rows)[:, np.newaxis]

            # Dask reads a signature, which the reduce of NumPy 2.0 lacks.
            def of_chunks(values: NDArray[Any], **options: Any) -> Any:
                return one.combine.reduce(values, **options)

            dtype = one.start.dtype
            return reduction(self._array, of_chunk, of_chunks, axis=1, dtype=dtype)

        found = zip(compute(*map(lazy, reductions)), reductions, strict=True)
        return [np.asarray(numbers, dtype=one.start.dtype) for numbers, one in found]

    def snapshot(self) -> DaskSource:
        return self


def furthest_from_zero(low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
    """Return, of the lowest and the highest, whichever has the larger absolute value."""
    furthest: NDArray[Any] = np.where(-low > high, low, high)
    if isinstance(low, np.ma.MaskedArray):
        return np.ma.masked_array(furthest, mask=np.ma.getmaskarray(low))
    return furthest


def by_length(histories: Histories) -> Iterator[tuple[list[int], NDArray[Any]]]:
    """Yield positions and rows of histories of equal length, a block at a time."""
    # NumPy handles blocks faster than single histories. Rows are masked if any of them is.
    if isinstance(histories, np.ndarray):
        n_rows = max(BLOCK_SIZE // max(histories.shape[1], 1), 1)
        for start in range(0, len(histories), n_rows):
            rows = histories[start : start + n_rows]
            yield list(range(start, start + len(rows))), rows
        return
    every: list[History] = list(histories)  # read once: a lazy source computes at each access
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for index, history in enumerate(every):
        positions[len(history)].append(index)
    for length, indices in positions.items():
        n_rows = max(BLOCK_SIZE // max(length, 1), 1)
        for start in range(0, len(indices), n_rows):
            some = indices[start : start + n_rows]
            chosen = [every[index] for index in some]
            if len(chosen) == 1:
                yield some, chosen[0][np.newaxis]  # perhaps long: no copy
            elif any(isinstance(row, np.ma.MaskedArray) for row in chosen):
                yield some, np.ma.stack(chosen)
            else:
                yield some, np.stack(chosen)


def _same(length: int, n_histories: int) -> NDArray[np.int64]:
    """Return one length for all histories, in the memory of one."""
    return np.broadcast_to(np.int64(length), n_histories)


def _tiles(rows: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield slices of rows with a block of their samples, in memory order."""
    length = max(rows.shape[1], 1)
    n_rows = max(BLOCK_SIZE // length, 1)
    if abs(rows.strides[0]) < abs(rows.strides[1]):  # neighbours in memory are neurons
        n_rows = max(min(max(n_rows, _SHORTEST_RUN), len(rows)), 1)
    n_together = max(BLOCK_SIZE // n_rows, 1)
    for row in range(0, len(rows), n_rows):
        some = slice(row, row + n_rows)
        for sample in range(0, length, n_together):
            yield some, rows[some, sample : sample + n_together]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view."""
    if isinstance(array, np.ma.MaskedArray):
        # The writeable flag of a masked array does not protect its mask.
        data, mask = read_only(array.data), read_only(np.ma.getmaskarray(array))
        return np.ma.masked_array(data, mask=mask, copy=False)
    view = array.view()
    view.flags.writeable = False
    return view


def copy_of(array: NDArray[Any], *, only_read: bool = False) -> NDArray[Any]:
    """Return a copy, but of a mapped file, which may be larger than memory, a view."""
    # With *only_read*, that goes for files that nobody can refill: those mapped read-only.
    if isinstance(array, np.ma.MaskedArray):
        data = copy_of(array.data, only_read=only_read)
        return np.ma.masked_array(data, mask=np.ma.getmaskarray(array).copy(order="K"))
    return array if is_mapped(array, only_read=only_read) else array.copy(order="K")


def _can_be_stacked(histories: Histories) -> bool:
    """Return whether one array can hold all histories, each as it is, and none is a mapped file."""
    kinds = {(type(one), one.dtype, len(one)) for one in histories}
    return len(kinds) == 1 and kinds.pop()[0] is np.ndarray and not any(map(is_mapped, histories))


def is_mapped(array: Any, *, only_read: bool = False) -> bool:
    """Return whether an array is a view of a mapped file, or of one mapped read-only."""
    while isinstance(array, np.ndarray):
        if only_read and array.flags.writeable:
            return False
        array = array.base
    return isinstance(array, mmap)


def _bytes_in_memory(array: NDArray[Any]) -> int:
    """Return the size of what the caller may change: not of a mapped file."""
    if isinstance(array, np.ma.MaskedArray):
        return _bytes_in_memory(array.data) + np.ma.getmaskarray(array).nbytes
    return 0 if is_mapped(array) else array.nbytes
