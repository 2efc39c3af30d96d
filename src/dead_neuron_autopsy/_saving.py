"""Saving a figure that holds autopsies, with what it shows."""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cbook import file_requires_unicode
from matplotlib.figure import Figure, SubFigure

from ._accessible import framed_svg, with_alt_text
from ._intake import shortened_repr
from ._panel import Panel
from ._rcparams import changed_rcparams
from ._tagged_pdf import UnknownPdf, append_tags
from ._wording import AltText

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages

#: Seed of the ids that Matplotlib's SVG writer makes up, if the caller has set none.
_SVG_HASH_SALT = "dead-neuron-autopsy"


def describe(figure: Figure | SubFigure) -> str:
    """Return the alt text of a figure: what its autopsies show, and what else there is.

    Where they differ in language, that of the first one counts for all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        A figure in which `plot_autopsy`, `plot_layers` or `draw_autopsy` has drawn.

    Returns
    -------
    str
        The figure's suptitle, if it has one; the verdict of each autopsy in a sentence;
        the titles of the other Axes.

    Raises
    ------
    TypeError, ValueError
        If *figure* is no figure, or holds no autopsy that is visible.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dead_neuron_autopsy import describe, draw_autopsy
    >>> fig, axs = plt.subplot_mosaic("AB")
    >>> title = axs["A"].set_title("Training loss")
    >>> grid = draw_autopsy(axs["B"], {"N1": [0.0], "N2": [0.3]}, title="Layer 1")
    >>> describe(fig).partition(" (")[0], describe(fig).partition("). ")[2]
    ('Layer 1. 1 of 2 neurons dead', 'Also shown: Training loss.')
    """
    alt = alt_text_of(figure)
    if alt is None:
        raise ValueError("figure: holds no autopsy that is visible; draw one first.")
    return alt.summary


def savefig_with_alt(
    figure: Figure, fname: Any, *, transparent: bool | None = None, **kwargs: Any
) -> None:
    """Save any figure that holds autopsies with all that `AutopsyFigure.savefig` writes.

    SVG has its roles however a figure is saved. This adds what can only be written into
    a whole file: metadata in images, tags in PDF, and no dates.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure in which `plot_autopsy`, `plot_layers` or `draw_autopsy` has drawn.
    fname : str, path-like, file-like or matplotlib.backends.backend_pdf.PdfPages
        Where to.
    transparent : bool, optional
        As in `matplotlib.figure.Figure.savefig`.
    **kwargs
        As there. What ``metadata`` and ``pil_kwargs`` hold wins over what this function
        writes.

    Raises
    ------
    TypeError, ValueError
        If *figure* is no figure, or holds no autopsy that is visible.

    Examples
    --------
    >>> import io
    >>> import matplotlib.pyplot as plt
    >>> from dead_neuron_autopsy import draw_autopsy, savefig_with_alt
    >>> fig, axs = plt.subplot_mosaic("AB")
    >>> grid = draw_autopsy(axs["B"], {"N1": [0.0], "N2": [0.3]})
    >>> pdf = io.BytesIO()
    >>> savefig_with_alt(fig, pdf, format="pdf")
    >>> b"/StructTreeRoot" in pdf.getvalue()
    True
    """
    if not isinstance(figure, Figure):
        raise TypeError(
            f"figure: must be a matplotlib Figure; got {type(figure).__name__}. For a "
            "SubFigure or an Axes, save the Figure that it is in."
        )
    describe(figure)
    save = partial(Figure.savefig, figure)
    save_with(save, figure, fname, {"transparent": transparent, **kwargs})


def save_with(
    save: Callable[..., None], figure: Figure, fname: Any, options: Mapping[str, Any]
) -> None:
    """Save a figure by a function like `Figure.savefig`, with its alt text if it has any.

    Parameters
    ----------
    save : callable
        Takes where to, and the options.
    figure : matplotlib.figure.Figure
        What is saved.
    fname : str, path-like, file-like or PdfPages
        Where to.
    options : mapping
        Those of `Figure.savefig`.
    """
    alt = alt_text_of(figure)
    file_format = (options.get("format") or _format_of(fname, figure)).lower()
    is_svg = file_format in {"svg", "svgz"}
    with _salted() if is_svg else nullcontext():
        if alt is None or _by_tex(figure, options):
            save(fname, **options)
            return
        options = with_alt_text(options, file_format, alt)
        framed = _frame_of(figure, alt) if is_svg else None
        if _is_pdf_pages(fname):
            _save_page(save, fname, options, alt)
        elif file_format == "pdf":
            tag = partial(_tag, alts={0: alt}, stacklevel=5)
            _save_whole(save, fname, options, file_format, tag)
        elif file_format == "svgz":
            _save_whole(save, fname, options, "svgz", partial(_frame_and_zip, alt=framed))
        elif file_format in {"ps", "eps"}:
            _save_whole(save, fname, options, file_format, _undate)
        elif framed is not None:
            _save_whole(save, fname, options, "svg", partial(_frame, alt=framed))
        else:
            save(fname, **options)


def _salted() -> AbstractContextManager[None]:
    """Let Matplotlib make up the same ids on every run."""
    salt = mpl.rcParams["svg.hashsalt"] or _SVG_HASH_SALT
    return changed_rcparams({"svg.hashsalt": salt})


def _frame_of(figure: Figure, alt: AltText) -> AltText | None:
    """Return what is to be said that no autopsy in an SVG says of itself, if anything."""
    panels = panels_in(figure, seen=True)
    if any(
        panel.get_rasterized() or (panel.axes is not None and panel.axes.get_rasterized())
        for panel in panels
    ):
        return alt._replace(summary=alt.full)  # there are no cards to go through
    return alt if alt != panels[0].alt else None


def alt_text_of(figure: Figure | SubFigure) -> AltText | None:
    """Return what is said of a figure in a saved file; None if it holds no autopsy."""
    if not isinstance(figure, Figure | SubFigure):
        raise TypeError(
            f"figure: must be a matplotlib Figure or SubFigure; got "
            f"{type(figure).__name__}. For an Axes, take ax.figure."
        )
    panels = panels_in(figure, seen=True)
    if not panels:
        return None
    suptitle, others = _suptitle_of(figure), _other_titles(figure, panels)
    alts = [panel.alt for panel in panels]
    if len(alts) == 1 and not suptitle.strip() and not others:
        return alts[0]
    return panels[0].wording.together(alts, suptitle, others)


def panels_in(figure: Figure | SubFigure, *, seen: bool = False) -> list[Panel[Any]]:
    """Return the autopsies in a figure, or those that are *seen*, in order of Axes."""
    artists = (artist for axes in _axes_in(figure, seen=seen) for artist in axes.artists)
    panels = (artist for artist in artists if isinstance(artist, Panel))
    return [panel for panel in panels if panel.get_visible() or not seen]


def _axes_in(figure: Figure | SubFigure, *, seen: bool) -> list[Axes]:
    """Return a figure's Axes, with those inset in them and those in its SubFigures."""

    def counts(artist: Artist) -> bool:
        return artist.get_visible() or not seen

    found = [axes for axes in figure.axes if axes.get_figure(root=False) is figure]
    found = list(filter(counts, found))
    for axes in found:  # grows, until an inset has no inset of its own
        insets = (inset for inset in axes.child_axes if isinstance(inset, Axes))
        found += filter(counts, insets)
    for part in filter(counts, figure.subfigs):
        found += _axes_in(part, seen=seen)
    return found


def _suptitle_of(figure: Figure | SubFigure) -> str:
    suptitle = figure.get_suptitle()
    texts = (text for text in figure.texts if text.get_visible())
    return suptitle if any(text.get_text() == suptitle for text in texts) else ""


def _other_titles(figure: Figure | SubFigure, panels: list[Panel[Any]]) -> list[str]:
    hosts = {id(panel.axes) for panel in panels}
    others = (axes for axes in _axes_in(figure, seen=True) if id(axes) not in hosts)
    return [title for title in map(_title_of, others) if title.strip()]


def _title_of(axes: Axes) -> str:
    titles = (axes.get_title(loc) for loc in ("center", "left", "right"))
    return next((title for title in titles if title.strip()), "")


def _by_tex(figure: Figure, options: Mapping[str, Any]) -> bool:
    """Return whether TeX makes the file: it reads the brackets of a text as its own."""
    backend = options.get("backend") or type(figure.canvas).__module__
    return str(backend).endswith("pgf")


def _format_of(fname: Any, figure: Figure) -> str:
    """Return the format that Matplotlib takes where none is given."""
    if _is_pdf_pages(fname):
        return "pdf"
    suffix = ""
    if isinstance(fname, str | os.PathLike):
        suffix = PurePath(fname).suffix[1:]
    return suffix or figure.canvas.get_default_filetype()


# PDF


def _is_pdf_pages(fname: Any) -> bool:
    # Whoever made one has imported it; it takes long to import.
    backend = sys.modules.get("matplotlib.backends.backend_pdf")
    return backend is not None and isinstance(fname, backend.PdfPages)


def _save_whole(
    save: Callable[..., None],
    fname: Any,
    options: Mapping[str, Any],
    file_format: str,
    finish: Callable[[IO[bytes]], None],
) -> None:
    """Save to memory, finish there what can only be written into a whole file."""
    file = io.BytesIO()
    # What is compressed is written last.
    save(file, **{**options, "format": file_format.removesuffix("z")})
    try:
        finish(file)
    finally:
        suffix = file_format if options.get("format") is None else ""
        _write(file.getvalue(), fname, suffix)


def _write(content: bytes, fname: Any, suffix: str) -> None:
    if not isinstance(fname, str | os.PathLike):
        is_text = file_requires_unicode(fname)
        fname.write(content.decode() if is_text else content)
        return
    path = os.fspath(fname)
    if suffix and PurePath(path).suffix in ("", "."):
        path = f"{path.rstrip('.')}.{suffix}"  # as Matplotlib does
    Path(path).write_bytes(content)


def _frame(svg: IO[bytes], alt: AltText) -> None:
    """Put what a whole figure shows around what its autopsies say of themselves."""
    svg.seek(0)
    framed = framed_svg(svg.read(), alt)
    svg.seek(0)
    svg.write(framed)


def _undate(postscript: IO[bytes]) -> None:
    """Leave out when a file was made, which Matplotlib writes whatever its metadata say."""
    postscript.seek(0)
    content = re.sub(rb"^%%CreationDate:.*\n", b"", postscript.read(), flags=re.MULTILINE)
    postscript.seek(0)
    postscript.truncate()
    postscript.write(content)


def _frame_and_zip(svg: IO[bytes], alt: AltText | None) -> None:
    if alt is not None:
        _frame(svg, alt)
    svg.seek(0)
    content = gzip.compress(svg.read(), mtime=0)  # Matplotlib would write the time
    svg.seek(0)
    svg.truncate()
    svg.write(content)


def _tag(
    pdf: IO[bytes],
    alts: Mapping[int, AltText],
    bookmarks: Sequence[str] = (),
    *,
    stacklevel: int,
) -> None:
    """Tag a PDF, or warn that it has no tags, where the caller saves it."""
    try:
        append_tags(pdf, alts, bookmarks)
    except UnknownPdf as problem:
        warnings.warn(
            f"The PDF is saved without tags: Matplotlib's pdf backend has not written it "
            f"as expected ({problem}).",
            stacklevel=stacklevel,
        )


class Page(NamedTuple):
    """A page of a document, and what its bookmark says."""

    figure: Figure
    bookmark: str


def save_document(fname: Any, pages: Iterable[Page], alt: AltText) -> None:
    """Save figures as the pages of a tagged PDF, each reachable by a bookmark.

    Parameters
    ----------
    fname : str, path-like or binary file-like
        Where to; written when all pages are made.
    pages : iterable of Page
        The pages; each is saved before the next one is taken.
    alt : AltText
        What the whole document shows.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    options = with_alt_text({}, "pdf", alt)
    alts: dict[int, AltText] = {}
    bookmarks: list[str] = []
    with tempfile.TemporaryFile() as pdf:
        with PdfPages(pdf, metadata=options["metadata"]) as document:
            for position, (figure, bookmark) in enumerate(pages):
                with changed_rcparams({"savefig.bbox": None}):  # all of one size
                    Figure.savefig(figure, document, format="pdf")
                said = alt_text_of(figure)
                if said is not None:
                    alts[position] = said
                bookmarks.append(bookmark)
        _tag(pdf, alts, bookmarks, stacklevel=4)
        pdf.seek(0)
        _copy(pdf, fname)


def checked_target(fname: object) -> None:
    """Refuse what no document can be written to, before it is made."""
    if isinstance(fname, str | os.PathLike):
        folder = Path(os.fsdecode(fname)).parent
        if not folder.is_dir():
            raise FileNotFoundError(f"fname: there is no folder {str(folder)!r}.")
    elif not _takes_writing(fname):
        raise TypeError(
            "fname: must be a path, or a file that is open for writing bytes; got "
            f"{type(fname).__name__} {shortened_repr(fname)}."
        )
    elif file_requires_unicode(fname):
        raise TypeError("fname: must take bytes; got a text file. Open it with 'wb'.")


def _takes_writing(file: object) -> bool:
    writable = getattr(file, "writable", lambda: callable(getattr(file, "write", None)))
    return callable(writable) and bool(writable())


def _copy(pdf: IO[bytes], fname: Any) -> None:
    """Write a document; a file that stood there before is whole until it is replaced."""
    if not isinstance(fname, str | os.PathLike):
        shutil.copyfileobj(pdf, fname)
        return
    target = Path(os.fsdecode(fname)).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as device:
            shutil.copyfileobj(pdf, device)
        return
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        part = Path(folder, "part")
        with part.open("wb") as file:
            shutil.copyfileobj(pdf, file)
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)


def _save_page(
    save: Callable[..., None], pages: PdfPages, options: Mapping[str, Any], alt: AltText
) -> None:
    """Save a page of a longer PDF, to be tagged once the file is finished."""
    without_date = _is_yet_to_be_dated(pages)
    save(pages, **{**options, "format": "pdf"})
    if without_date:
        pages.infodict().pop("CreationDate", None)
    close = vars(pages).get("close")
    if not isinstance(close, _TagOnClose):
        # A file can be tagged when it is whole, and only PdfPages knows when that is.
        close = _TagOnClose(pages.close, _target_of(pages))
        pages.close = close  # type: ignore[method-assign]
    close.alts[pages.get_pagecount() - 1] = alt


class _TagOnClose:
    """Closes a PdfPages, and tags the pages whose words are known by then.

    Parameters
    ----------
    close : callable
        Its own way of closing.
    target : pathlib.Path or file-like
        What it writes to.
    """

    def __init__(self, close: Callable[[], None], target: Any) -> None:
        self.alts: dict[int, AltText] = {}
        self._close = close
        self._target = target

    def __call__(self) -> None:
        self._close()
        alts, self.alts = self.alts, {}
        if not alts:
            return
        if isinstance(self._target, Path) and self._target.exists():
            with self._target.open("r+b") as pdf:
                _tag(pdf, alts, stacklevel=3)
        elif all(
            getattr(self._target, can, bool)()
            for can in ("readable", "writable", "seekable")
        ):
            _tag(self._target, alts, stacklevel=3)
        else:
            warnings.warn(
                "The PDF is saved without tags: PdfPages was given a file that cannot be "
                "read back. Give it an absolute path, or open the file with 'w+b'.",
                stacklevel=3,
            )


# PdfPages has no public names for what it was made with.


def _target_of(pages: PdfPages) -> Any:
    target = getattr(pages, "_filename", None)
    return Path(target).absolute() if isinstance(target, str | os.PathLike) else target


def _is_yet_to_be_dated(pages: PdfPages) -> bool:
    """Return whether the file is not open yet, and no date was asked for."""
    is_open = getattr(pages, "_file", True) is not None
    return not is_open and "CreationDate" not in (getattr(pages, "_metadata", None) or {})
