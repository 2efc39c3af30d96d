"""PDFs of many pages: the caller's PdfPages, and documents of our own.

`tagged_pdf` writes the tags.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.cbook import file_requires_unicode
from matplotlib.figure import Figure

from .._intake.foreign import has, typed_repr
from .._words.description import AltText
from .alt import panels_in
from .files import replace_whole
from .metadata import with_alt_text
from .tagged_pdf import append_tags


def is_pdf_pages(fname: object) -> bool:
    """Return whether *fname* is a PdfPages of the pdf backend; pgf's cannot be tagged."""
    # A PdfPages implies that backend_pdf is imported; importing it here would be slow.
    # While another thread is importing it, the class may still be missing.
    backend = sys.modules.get("matplotlib.backends.backend_pdf")
    return isinstance(fname, getattr(backend, "PdfPages", ()))


def save_page(figure: Figure, pages: Any, options: Mapping[str, Any], alt: AltText) -> None:
    """Save a figure as a page of a PdfPages, to be tagged when that is closed."""
    # PdfPages has no public attributes for its file and its constructor's arguments.
    metadata = getattr(pages, "_metadata", None) or {}
    is_new = getattr(pages, "_file", True) is None
    try:
        Figure.savefig(figure, pages, **{**options, "format": "pdf"})
    finally:
        # infodict would open the file if saving failed before that.
        if is_new and "CreationDate" not in metadata and pages._file is not None:
            pages.infodict().pop("CreationDate", None)
    close = vars(pages).get("close")
    if not isinstance(close, _TagOnClose):
        close = _TagOnClose(pages)
        pages.close = close
    close.alts[pages.get_pagecount() - 1] = alt


class _TagOnClose:
    """Replaces the ``close`` of a PdfPages, which alone knows when its file is finished."""

    def __init__(self, pages: Any) -> None:
        self.alts: dict[int, AltText] = {}
        self._close: Callable[[], None] = pages.close
        target: Any = getattr(pages, "_filename", None)
        is_path = isinstance(target, str | os.PathLike)
        self._target: Any = Path(target).absolute() if is_path else target

    def __call__(self) -> None:
        self._close()
        alts, self.alts = self.alts, {}
        if not alts:
            return
        target, needed = self._target, ("readable", "writable", "seekable")
        if isinstance(target, Path) and target.exists():
            with target.open("r+b") as pdf:
                problem = append_tags(pdf, alts)
        elif all(getattr(target, can, bool)() for can in needed):
            problem = append_tags(target, alts)
        else:
            problem = (
                "The PDF is saved without tags: PdfPages was given a file that cannot be "
                "read back. Give it an absolute path, or open the file with 'w+b'."
            )
        if problem is not None:
            warnings.warn(problem, stacklevel=3)  # the ``with`` around PdfPages.__exit__


def save_document(fname: Any, pages: Iterable[tuple[Figure, str]], alt: AltText) -> None:
    """Save figures, one at a time, and their bookmarks as the pages of a tagged PDF."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

    metadata = with_alt_text({"format": "pdf"}, alt, {"metadata"})["metadata"]
    alts, bookmarks = [], []
    with tempfile.TemporaryFile() as pdf:
        with PdfPages(pdf, metadata=metadata) as document:
            for figure, bookmark in pages:
                # Like savefig, but ignoring rcParams, so that all pages keep their size
                # and the colours that match the cards.
                dpi = figure.dpi
                FigureCanvasPdf(figure).print_pdf(document)
                figure.dpi = dpi
                alts.append(panels_in(figure)[0].alt)
                bookmarks.append(bookmark)
        problem = append_tags(pdf, dict(enumerate(alts)), bookmarks)
        replace_whole(pdf, fname)
    if problem is not None:
        warnings.warn(problem, stacklevel=3)


def checked_target(fname: object) -> None:
    """Raise an error if no document can be written to *fname*."""
    if isinstance(fname, str | os.PathLike):
        folder = Path(os.fsdecode(fname)).parent
        if not folder.is_dir():
            raise FileNotFoundError(f"fname: there is no folder {str(folder)!r}.")
        return
    writable = getattr(fname, "writable", None)
    if not has(fname, "write") or (callable(writable) and not writable()):
        accepted = "a path, or a file that is open for writing bytes"
        raise TypeError(f"fname: must be {accepted}; got {typed_repr(fname)}.")
    if file_requires_unicode(fname):
        raise TypeError("fname: must take bytes; got a text file. Open it with 'wb'.")
