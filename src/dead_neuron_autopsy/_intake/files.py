"""Activations from files: one reader per format, each library imported only when needed.

Whatever a file holds becomes a mapping from names to arrays, or a `Recording`. No reader ever
loads a pickle, and none believes a header that claims more than the file holds.
"""

from __future__ import annotations

import csv
import json
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from math import prod
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .frames import STEP_NAMES, counts_steps
from .recording import Recording

#: Formats that run code of whoever wrote the file.
_PICKLES = frozenset({".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".joblib"})

_SAFETENSORS_TYPES = {
    **{f"F{bits}": f"<f{bits // 8}" for bits in (16, 32, 64)},
    **{f"I{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
    "BOOL": "?",
    "BF16": "<u2",
}

#: Wraps an iterable of names, to show how far along reading is.
Watched = Callable[[Sequence[str]], Iterable[str]]


class FileContent(NamedTuple):
    """What a file holds."""

    neurons: Mapping[str, Any] | NDArray[Any] | Recording
    steps: NDArray[Any] | None = None


class _Arrays(NamedTuple):
    """The arrays of a file: their names, and how to read one."""

    names: Sequence[str]
    read: Callable[[str], NDArray[Any]]
    steps: NDArray[Any] | None = None  # those of a column that counts them


def read_file(path: Path, layers: Sequence[str] = (), watched: Watched = iter) -> FileContent:
    """Return what a file holds: of the layers, or columns, whose name matches a pattern.

    Raises
    ------
    OSError, ImportError
        If the file cannot be opened, or its format's library is not installed.
    ValueError, TypeError
        If it is damaged, of another format, or holds no activations.
    """
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        raise ValueError(
            f"{suffix} files are pickles, which can run code when they are read. Save arrays with "
            "numpy.savez, safetensors, or Recording.save instead."
        )
    if suffix not in _READERS:
        raise ValueError(f"cannot read {suffix or 'a file without suffix'}; use {_FORMATS}.")
    if path.is_file() and not path.stat().st_size:
        raise ValueError("the file is empty.")
    if suffix == ".npy":
        if layers:
            raise ValueError("--layers: an npy file holds one array without a name.")
        return FileContent(_mapped(path))
    with _READERS[suffix](path) as arrays:
        if arrays is None:
            return FileContent(_chosen_layers(Recording.load(path), layers))
        chosen = _matching(arrays.names, layers)
        return FileContent({name: arrays.read(name) for name in watched(chosen)}, arrays.steps)


def _matching(names: Sequence[str], patterns: Sequence[str]) -> list[str]:
    if not names:
        raise ValueError("the file holds no arrays.")
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            some = ", ".join(names[:10])
            raise ValueError(f"--layers: nothing matches {pattern!r}; the file has {some}.")
    wanted = patterns or ["*"]
    return [name for name in names if any(fnmatchcase(name, one) for one in wanted)]


def _chosen_layers(recording: Recording, layers: Sequence[str]) -> Recording:
    names = [one.name for one in recording.layers]
    return recording.take(_matching(names, layers)) if layers else recording


def _checked(name: str, dtype: np.dtype[Any], shape: Sequence[int], n_bytes: int) -> None:
    """Raise an error for an array of objects, or one that cannot be in so many bytes."""
    if dtype.hasobject:
        raise ValueError(f"{name!r} holds Python objects, in a pickle, which is never loaded.")
    if prod(map(int, shape)) * dtype.itemsize != n_bytes:
        claimed = f"{'x'.join(map(str, shape))} of {dtype}"
        raise ValueError(f"{name!r} is said to be {claimed}, but has {n_bytes:,} bytes: damaged.")


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read the header of an array in NumPy's format."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    return np.lib.format.read_array_header_2_0(file)


def _mapped(path: Path) -> NDArray[Any]:
    """Return the array of an npy file, which is read in blocks when it is judged."""
    with path.open("rb") as file:
        shape, _, dtype = _header(file)
        _checked(path.name, dtype, shape, path.stat().st_size - file.tell())
    found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _start_of(member: zipfile.ZipInfo, path: Path) -> int:
    """Return where the content of an uncompressed member begins."""
    with path.open("rb") as file:
        file.seek(member.header_offset + 26)  # the lengths of its name and of what follows
        name, extra = int.from_bytes(file.read(2), "little"), int.from_bytes(file.read(2), "little")
    return member.header_offset + 30 + name + extra


@contextmanager
def _npz(path: Path) -> Iterator[_Arrays | None]:
    with zipfile.ZipFile(path) as archive:
        members = {one.filename.removesuffix(".npy"): one for one in archive.infolist()}
        if "recording.json" in members:
            yield None
            return

        def read(name: str) -> NDArray[Any]:
            with archive.open(members[name]) as file:
                shape, in_columns, dtype = _header(file)
                start = file.tell()
            n_bytes = members[name].file_size - start
            _checked(name, dtype, shape, n_bytes)
            if members[name].compress_type == zipfile.ZIP_STORED and n_bytes:
                order: Literal["F", "C"] = "F" if in_columns else "C"
                offset = _start_of(members[name], path) + start
                return np.memmap(path, dtype, "r", offset, shape, order)
            with archive.open(members[name]) as file:
                array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
            return array

        yield _Arrays([*members], read)


@contextmanager
def _safetensors(path: Path) -> Iterator[_Arrays]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise ValueError("its header is longer than the file: damaged, or cut off.")
        header = json.loads(file.read(length))
    start = 8 + length
    entries = {name: one for name, one in header.items() if name != "__metadata__"}

    def read(name: str) -> NDArray[Any]:
        entry = entries[name]
        if entry["dtype"] not in _SAFETENSORS_TYPES:
            raise ValueError(f"{name!r} is of type {entry['dtype']}, which NumPy does not have.")
        dtype, shape = np.dtype(_SAFETENSORS_TYPES[entry["dtype"]]), tuple(entry["shape"])
        first, last = entry["data_offsets"]
        if not 0 <= first <= last <= size - start:
            raise ValueError(f"{name!r} ends beyond the file: damaged, or cut off.")
        _checked(name, dtype, shape, last - first)
        if first == last:
            return np.zeros(shape, dtype)
        found: NDArray[Any] = np.memmap(path, dtype, "r", start + first, shape)
        if entry["dtype"] == "BF16":  # the upper half of a float32
            found = (found.astype(np.uint32) << 16).view(np.float32)
        return found

    yield _Arrays([*entries], read)


@contextmanager
def _hdf5(path: Path) -> Iterator[_Arrays]:
    import h5py

    with h5py.File(path, "r") as file:
        names: list[str] = []

        def collect(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset):
                names.append(name)

        def read(name: str) -> NDArray[Any]:
            dataset, offset = file[name], file[name].id.get_offset()
            if not offset or dataset.external or dataset.dtype.kind not in "biuf":
                return np.asarray(dataset)
            # In one piece: it is mapped, and read in blocks when it is judged.
            return np.memmap(path, dataset.dtype, "r", offset, dataset.shape)

        file.visititems(collect)
        yield _Arrays(names, read)


@contextmanager
def _zarr(path: Path) -> Iterator[_Arrays]:
    import zarr

    opened = zarr.open(str(path), mode="r")
    if isinstance(opened, zarr.Array):
        yield _Arrays([path.stem], lambda _: np.asarray(opened[...]))
        return
    found = {
        name: one for name, one in opened.members(max_depth=None) if isinstance(one, zarr.Array)
    }
    yield _Arrays(sorted(found), lambda name: np.asarray(found[name][...]))


@contextmanager
def _csv(path: Path) -> Iterator[_Arrays]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        names = next(rows, [])
        columns = [array("d") for _ in names]
        for n_line, row in enumerate(rows, start=2):
            if len(row) != len(names):
                if not row:
                    continue
                raise ValueError(f"line {n_line} has {len(row)} cells, the first {len(names)}.")
            for name, column, cell in zip(names, columns, row, strict=True):
                try:
                    column.append(float(cell) if cell.strip() else np.nan)
                except ValueError:
                    raise ValueError(
                        f"line {n_line}, column {name!r}: {cell!r} is not a number."
                    ) from None
    found = {name: np.array(column) for name, column in zip(names, columns, strict=True)}
    if len(found) < len(names):
        raise ValueError("two columns have the same name.")
    yield _columns(found)


@contextmanager
def _parquet(path: Path) -> Iterator[_Arrays]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    yield _columns({name: table.column(name).to_numpy() for name in table.column_names})


def _columns(columns: dict[str, NDArray[Any]]) -> _Arrays:
    """Return the columns that are neurons, and the steps that another column counts."""
    steps = None
    for name in [name for name, column in columns.items() if counts_steps(name, column)]:
        if name.strip().lower() not in STEP_NAMES:
            raise ValueError(
                f"column {name!r} counts rows and is not a neuron. Save without an index, or call "
                "it 'step'."
            )
        column = columns.pop(name)
        steps = column if steps is None else steps
    return _Arrays([*columns], columns.__getitem__, steps)


_READERS: dict[str, Any] = {
    ".npy": None,
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".zarr": _zarr,
    ".csv": _csv,
    ".parquet": _parquet,
}
_FORMATS = "npz, npy, csv, parquet, safetensors, HDF5 (.h5), zarr, or what Recording.save writes"
