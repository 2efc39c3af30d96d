"""Files that are written once all of their content is there, or stay as they were."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from matplotlib.cbook import file_requires_unicode

#: In a row; Linux follows no more.
_MOST_LINKS = 40


def write_whole(content: IO[bytes], target: Any) -> None:
    """Write content that is finished; a file that stood there is whole until replaced.

    Parameters
    ----------
    content : binary file
        What to write, from its beginning.
    target : str, path-like or file-like
        Where to. What is no regular file, such as a pipe, is written straight.
    """
    content.seek(0)
    if not isinstance(target, str | os.PathLike):
        text = file_requires_unicode(target)
        target.write(content.read().decode() if text else content.read())
        return

    def copy(path: Path) -> None:
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)

    write_beside(copy, Path(os.fsdecode(target)))


def write_beside(write: Callable[[Path], None], path: Path) -> None:
    """Let a function write to a path beside a file, which then takes the file's place.

    Other files that it writes there, with names of their own, come along.
    """
    target = Path(os.path.realpath(path))
    if _is_written_straight(path, target):
        write(path)
        return
    with _folder_beside(target) as folder:
        if folder is None:
            write(path)
            return
        part = folder / target.name
        write(part)
        if target.exists():
            shutil.copymode(target, part)
        for written in folder.iterdir():
            written.replace(target.parent / written.name)


def _is_written_straight(path: Path, target: Path) -> bool:
    """Return whether nothing may take the place of a file: a pipe, a device, one closed."""
    if _leads_through_proc(path) or target.is_symlink():  # to itself, in the end
        return True
    if not target.exists():
        return False
    return not target.is_file() or not os.access(target, os.W_OK)


def _leads_through_proc(path: Path) -> bool:
    """Return whether a path is that of an open file, such as /dev/stdout.

    The shell has redirected it, perhaps to a regular file: another one in its place would
    not be what the shell holds open.
    """
    for _ in range(_MOST_LINKS):
        if Path(os.path.realpath(path.parent)).parts[1:2] == ("proc",):
            return True
        if not path.is_symlink():
            return False
        path = path.parent / path.readlink()
    return False


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path | None]:
    """Make a folder in the same place, for the time of writing; None where none can be."""
    try:
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=".autopsy-")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        yield None
        return
    with folder as name:
        yield Path(name)
