"""Files that are written once all of their content is there, or stay as they were.

Paths are strings here: a `pathlib.Path` would drop a slash at the end, and write a file
where a folder was meant.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from matplotlib.cbook import file_requires_unicode

#: Of what stood in a file, kept in memory while it is written; more is kept in a file.
_MOST_IN_MEMORY = 2**26


def write_whole(content: IO[bytes], target: Any, *, is_text: bool = False) -> None:
    """Write content that is finished.

    Parameters
    ----------
    content : binary file
        What to write, from its beginning.
    target : str, path-like or file-like
        Where to.
    is_text : bool
        Whether it may be written to a text file, too.
    """
    content.seek(0)
    if isinstance(target, str | os.PathLike):
        _write_file(content, os.fspath(target))
    elif isinstance(target, io.RawIOBase):
        rest = memoryview(content.read())
        while rest:  # a raw file writes what it can, and says how much
            rest = rest[target.write(rest) or 0 :]
    elif is_text and file_requires_unicode(target):
        target.write(content.read().decode())
    else:
        shutil.copyfileobj(content, target)


def _write_file(content: IO[bytes], path: str) -> None:
    with kept_if_writing_fails(path):
        # In place: others may hold the file open, link to it, own it, have it mounted. Not
        # emptied first: on a full disk, there might be no room to put the old content back.
        mode = "r+b" if os.path.isfile(path) else "wb"  # noqa: PTH113
        with open(path, mode) as file:  # noqa: PTH123
            shutil.copyfileobj(content, file)
            if mode == "r+b":
                file.truncate()


@contextmanager
def kept_if_writing_fails(path: str) -> Iterator[None]:
    """Put back what was in a file, or that there was none, if what is done inside fails.

    What is no regular file, such as a pipe or a device, is left to itself.
    """
    existed = os.path.lexists(path)
    if existed and not os.path.isfile(path):  # noqa: PTH113
        yield
        return
    if existed and not os.access(path, os.R_OK | os.W_OK):
        yield  # what cannot be read cannot be kept
        return
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY) as before:
        if existed:
            with open(path, "rb") as file:  # noqa: PTH123
                shutil.copyfileobj(file, before)
        try:
            yield
        except BaseException:
            with suppress(OSError):
                _put_back(before, path, existed=existed)
            raise


def _put_back(before: IO[bytes], path: str, *, existed: bool) -> None:
    if not existed:
        os.unlink(path)  # noqa: PTH108
        return
    before.seek(0)
    with open(path, "r+b") as file:  # noqa: PTH123
        shutil.copyfileobj(before, file)
        file.truncate()
