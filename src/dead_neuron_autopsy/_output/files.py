"""Write files only once their content is complete; restore them if writing fails."""
# Paths are strings here: pathlib drops a trailing slash, and would thus write a file where
# the caller meant a folder.
# ruff: noqa: PTH100, PTH108, PTH113, PTH114, PTH116, PTH120, PTH123

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

#: Errors that rule out a temporary file beside the target, or a rename, although the target
#: itself may be writable.
_NO_RENAME = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV),
    *(errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
}


def write_whole(content: IO[bytes], target: Any, *, is_text: bool = False) -> None:
    """Write finished content to a path or a file, which may be a text file if *is_text*."""
    content.seek(0)
    if isinstance(target, str | os.PathLike):
        path = os.fsdecode(target)
        # Write in place: others may have the file open, linked, mounted, or own it. Do not
        # truncate it first: on a full disk, the old content might then not fit any more.
        in_place = os.path.isfile(path) and os.access(path, os.R_OK)
        mode = "r+b" if in_place else "wb"
        with kept_if_writing_fails(path), open(path, mode) as file:
            shutil.copyfileobj(content, file)
            if in_place:
                file.truncate()
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


def replace_whole(content: IO[bytes], target: Any) -> None:
    """Write a finished document so that its target is whole even if the process is killed."""
    # A target that others share (hard links, another owner) is written in place.
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
    folder = os.path.realpath(os.path.dirname(os.path.abspath(name)))
    # /dev/stdout may lead to a regular file that the shell holds open.
    if name.endswith(("/", os.sep)) or Path(folder).parts[1:2] in {("dev",), ("proc",)}:
        return False
    try:
        status = os.stat(name)
    except OSError:
        return not os.path.islink(name)  # not there, or a link to nothing
    ours = status.st_nlink == 1 and status.st_uid == getattr(os, "geteuid", lambda: 0)()
    return stat.S_ISREG(status.st_mode) and ours and os.access(name, os.W_OK)


@contextmanager
def kept_if_writing_fails(path: str) -> Iterator[None]:
    """Restore a regular file, or its absence, if the body of the context fails."""
    target = os.path.realpath(path)  # of a link, what it leads to
    absent = not os.path.lexists(target)
    with tempfile.SpooledTemporaryFile(2**26) as before:  # 64 MB in memory, then on disk
        kept = False
        if os.path.isfile(path):
            with suppress(OSError), open(path, "rb") as file:  # or there is no backup
                shutil.copyfileobj(file, before)
                kept = True
        try:
            yield
        except BaseException:
            with suppress(OSError):
                if absent:
                    os.unlink(target)
                elif kept:
                    before.seek(0)
                    with open(path, "r+b") as file:
                        shutil.copyfileobj(before, file)
                        file.truncate()
            raise
