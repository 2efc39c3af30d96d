"""Write files only once their content is complete; restore them if writing fails.

Paths are strings here: `pathlib.Path` drops a trailing slash, and would thus write a file
where the caller meant a folder.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
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
        _write_file(content, os.fsdecode(target))
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


#: Errors that rule out a temporary file beside the target, or a rename, although the target
#: itself may be writable.
_NO_RENAME = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV),
        *(errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
    }
)


def replace_whole(content: IO[bytes], target: Any) -> None:
    """Write a finished document beside its target, then rename it.

    Long documents take a while to write; this way the target is whole at every moment, even
    if the process is killed. A target that others share (hard links, another owner, no
    regular file) is written in place.
    """
    if not isinstance(target, str | os.PathLike) or not _may_be_replaced(target):
        write_whole(content, target)
        return
    path = Path(os.path.realpath(target))
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".autopsy-") as folder:
            part = Path(folder, "part")
            content.seek(0)
            with part.open("wb") as file:
                shutil.copyfileobj(content, file)
            if path.exists():
                shutil.copymode(path, part)
            part.replace(path)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise  # a full disk, for one; the old file has not been touched
        write_whole(content, target)


def _may_be_replaced(target: str | os.PathLike[str]) -> bool:
    name = os.fsdecode(target)
    folder = os.path.realpath(os.path.dirname(os.path.abspath(name)))  # noqa: PTH100, PTH120
    # /dev/stdout may lead to a regular file that the shell holds open.
    if name.endswith(("/", os.sep)) or Path(folder).parts[1:2] in {("dev",), ("proc",)}:
        return False
    try:
        status = os.stat(target)  # noqa: PTH116
    except OSError:
        return not os.path.islink(target)  # noqa: PTH114  not there, or a link to nothing
    ours = status.st_nlink == 1 and status.st_uid == getattr(os, "geteuid", lambda: 0)()
    return stat.S_ISREG(status.st_mode) and ours and os.access(target, os.W_OK)


def _write_file(content: IO[bytes], path: str) -> None:
    with kept_if_writing_fails(path):
        # Write in place: the file may be open elsewhere, linked, owned by another user or
        # mounted. Do not truncate it first: on a full disk, there might then be no room to
        # restore the old content.
        in_place = os.path.isfile(path) and os.access(path, os.R_OK)  # noqa: PTH113
        mode = "r+b" if in_place else "wb"
        with open(path, mode) as file:  # noqa: PTH123
            shutil.copyfileobj(content, file)
            if in_place:
                file.truncate()


@contextmanager
def kept_if_writing_fails(path: str) -> Iterator[None]:
    """Restore a file's content, or its absence, if the body of the context fails.

    Anything but a regular file, such as a pipe or a device, is left alone.
    """
    target = os.path.realpath(path)  # of a link, what it leads to
    existed = os.path.isfile(path)  # noqa: PTH113
    absent = not os.path.lexists(target)
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY) as before:
        kept = existed and _copied(path, before)
        try:
            yield
        except BaseException:
            with suppress(OSError):
                if kept:
                    _put_back(before, path)
                elif absent:
                    os.unlink(target)  # noqa: PTH108
            raise


def _copied(path: str, to: IO[bytes]) -> bool:
    """Copy a file, and return whether that worked; if not, we write without a backup."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            shutil.copyfileobj(file, to)
    except OSError:
        return False
    return True


def _put_back(before: IO[bytes], path: str) -> None:
    before.seek(0)
    with open(path, "r+b") as file:  # noqa: PTH123
        shutil.copyfileobj(before, file)
        file.truncate()
