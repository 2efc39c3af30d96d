"""Write files only once their content is complete; restore them if writing fails.

Paths are strings here: `pathlib.Path` drops a trailing slash, and would thus write a file
where the caller meant a folder.
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

#: Most bytes of a file's old content kept in memory while we overwrite it; larger content
#: goes to a temporary file.
_MOST_IN_MEMORY = 2**26


def write_whole(content: IO[bytes], target: Any, *, is_text: bool = False) -> None:
    """Write finished content to a file.

    Parameters
    ----------
    content : binary file
        What to write, from its beginning.
    target : str, path-like or file-like
        Where to write it.
    is_text : bool
        Whether the content may also be written to a file opened in text mode.
    """
    content.seek(0)
    if isinstance(target, str | os.PathLike):
        _write_file(content, os.fspath(target))
    elif isinstance(target, io.RawIOBase):
        rest = memoryview(content.read())
        while rest:  # a raw file may write only a part, and returns how much
            written = target.write(rest)
            if not written:
                raise BlockingIOError("fname: the file takes nothing at the moment.")
            rest = rest[written:]
    elif is_text and file_requires_unicode(target):
        target.write(content.read().decode())
    else:
        shutil.copyfileobj(content, target)


def _write_file(content: IO[bytes], path: str) -> None:
    with kept_if_writing_fails(path):
        # Write in place: the file may be open elsewhere, linked, owned by another user or
        # mounted. Do not truncate it first: on a full disk, there might then be no room to
        # restore the old content.
        mode = "r+b" if os.path.isfile(path) else "wb"  # noqa: PTH113
        with open(path, mode) as file:  # noqa: PTH123
            shutil.copyfileobj(content, file)
            if mode == "r+b":
                file.truncate()


@contextmanager
def kept_if_writing_fails(path: str) -> Iterator[None]:
    """Restore a file's content, or its absence, if the body of the context fails.

    Anything but a regular file, such as a pipe or a device, is left alone.
    """
    existed = os.path.lexists(path)
    if existed and not os.path.isfile(path):  # noqa: PTH113
        yield
        return
    if existed and not os.access(path, os.R_OK | os.W_OK):
        yield  # without read and write access we cannot restore it
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
