"""Saving a figure that holds autopsies, with what it shows."""

from __future__ import annotations

import gzip
import inspect
import io
import os
import re
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import get_registered_canvas_class
from matplotlib.backends.registry import backend_registry
from matplotlib.cbook import file_requires_unicode
from matplotlib.figure import Figure, SubFigure

from ._accessible import drawn_as_svg, with_alt_text
from ._files import kept_if_writing_fails, write_whole
from ._foreign import has, typed_repr
from ._panel import Panel
from ._tagged_pdf import UnknownPdf, append_tags
from ._wording import AltText

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages


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
    if _is_pdf_pages(fname):
        _save_page(save, fname, options, alt)
        return
    is_path = isinstance(fname, str | os.PathLike)
    if not is_path and not has(fname, "write"):
        save(fname, **options)  # Matplotlib says what is wrong with it
        return
    file_format = (options.get("format") or _format_of(fname, figure)).lower()
    unnamed = options.get("format") is None
    if is_path and unnamed and not PurePath(fname).suffix.strip("."):
        fname = f"{os.fspath(fname).rstrip('.')}.{file_format}"  # as Matplotlib does
    if file_format == "pgf" and is_path:
        # It writes images beside the file, and names them after it.
        with kept_if_writing_fails(os.fspath(fname)):
            save(fname, **options)
        return
    # What is compressed is compressed at the end, without a date.
    drawn_format = "svg" if file_format == "svgz" else file_format
    options = {**options, "format": drawn_format}
    if alt is None or _by_tex(figure, options):
        content, problem = _drawn(save, options), None
    else:
        content, problem = _drawn_with_words(save, figure, options, alt)
    if file_format == "svgz":
        content = io.BytesIO(gzip.compress(content.getvalue(), mtime=0))
    write_whole(content, fname, is_text=file_format in _TEXT)
    _warn_of(problem, stacklevel=3)


#: Formats that may be written to a text file.
_TEXT = frozenset({"svg", "ps", "eps", "pgf"})


def _drawn(save: Callable[..., None], options: Mapping[str, Any]) -> io.BytesIO:
    content = io.BytesIO()
    save(content, **options)
    return content


def _drawn_with_words(
    save: Callable[..., None], figure: Figure, options: Mapping[str, Any], alt: AltText
) -> tuple[io.BytesIO, UnknownPdf | None]:
    """Return a figure as a file with its alt text, and why that is not in it, if so."""
    known = _canvas_options(figure, options)
    options = with_alt_text(options, alt, known)
    if options["format"] == "svg":
        return _drawn_svg(save, figure, options, alt), None
    content = _drawn(save, options)
    if options["format"] in {"ps", "eps"}:
        return _undated(content), None
    if options["format"] == "pdf" and "metadata" in known:
        return content, _tag(content, {0: alt})
    return content, None


def _canvas_options(figure: Figure, options: Mapping[str, Any]) -> Set[str]:
    """Return the options that are known to the canvas that will draw a figure.

    Chosen as `matplotlib.backend_bases.FigureCanvasBase.print_figure` does. Those of cairo,
    for one, know no metadata.
    """
    printer = f"print_{options['format']}"
    canvas: Any = figure.canvas
    if options.get("backend") is not None:
        canvas = backend_registry.load_backend_module(options["backend"]).FigureCanvas
    elif not hasattr(canvas, printer):
        canvas = get_registered_canvas_class(options["format"])
    method = getattr(canvas, printer, None)
    if method is None:
        return frozenset()  # Matplotlib will say so
    parameters = inspect.signature(method).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return frozenset({"metadata", "pil_kwargs"})
    return parameters.keys()


def _drawn_svg(
    save: Callable[..., None], figure: Figure, options: Mapping[str, Any], alt: AltText
) -> io.BytesIO:
    """Return a figure as SVG, with what no autopsy in it says of itself."""
    panels = panels_in(figure, seen=True)
    for panel in panels:
        panel.has_roles = False
    with drawn_as_svg(figure, alt if alt != panels[0].alt else None) as drawing:
        content = _drawn(save, options)
    if not drawing.is_svg or all(panel.has_roles for panel in panels):
        return content
    # Something has turned them into pixels, which cannot be known before: there are no
    # cards to walk through, and all of it has to be said at once.
    with drawn_as_svg(figure, alt._replace(summary=alt.full)):
        return _drawn(save, options)


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
    # By name: to import it takes long. That of pgf has the same name, and takes no tags.
    return any(
        (kind.__module__, kind.__name__) == ("matplotlib.backends.backend_pdf", "PdfPages")
        for kind in type(fname).__mro__
    )


def _undated(postscript: io.BytesIO) -> io.BytesIO:
    """Leave out when a file was made, which Matplotlib writes whatever its metadata say."""
    date = re.compile(rb"^%%CreationDate:.*\n", flags=re.MULTILINE)
    return io.BytesIO(date.sub(b"", postscript.getvalue(), count=1))


def _tag(
    pdf: IO[bytes], alts: Mapping[int, AltText], bookmarks: Sequence[str] = ()
) -> UnknownPdf | None:
    """Tag a PDF, or return why it cannot be tagged, and leave it as it was."""
    size = pdf.seek(0, os.SEEK_END)
    try:
        append_tags(pdf, alts, bookmarks)
    except UnknownPdf as problem:
        return problem
    except BaseException:
        pdf.truncate(size)
        raise
    return None


def _warn_of(problem: UnknownPdf | None, *, stacklevel: int) -> None:
    if problem is not None:
        warnings.warn(
            f"The PDF is saved without tags: Matplotlib's pdf backend has not written it "
            f"as expected ({problem}).",
            stacklevel=stacklevel + 1,
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
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

    options = with_alt_text({"format": "pdf"}, alt)
    alts: dict[int, AltText] = {}
    bookmarks: list[str] = []
    with tempfile.TemporaryFile() as pdf:
        with PdfPages(pdf, metadata=options["metadata"]) as document:
            for position, (figure, bookmark) in enumerate(pages):
                # As savefig does, but for rcParams: all pages have one size, and colours
                # that go with the cards.
                dpi = figure.dpi
                FigureCanvasPdf(figure).print_pdf(document)
                figure.dpi = dpi
                said = alt_text_of(figure)
                if said is not None:
                    alts[position] = said
                bookmarks.append(bookmark)
        problem = _tag(pdf, alts, bookmarks)
        write_whole(pdf, fname)
    _warn_of(problem, stacklevel=3)


def checked_target(fname: object) -> None:
    """Refuse what no document can be written to, before it is made."""
    if isinstance(fname, str | os.PathLike):
        folder = Path(os.fsdecode(fname)).parent
        if not folder.is_dir():
            raise FileNotFoundError(f"fname: there is no folder {str(folder)!r}.")
    elif not _takes_writing(fname):
        raise TypeError(
            "fname: must be a path, or a file that is open for writing bytes; got "
            f"{typed_repr(fname)}."
        )
    elif file_requires_unicode(fname):
        raise TypeError("fname: must take bytes; got a text file. Open it with 'wb'.")


def _takes_writing(file: object) -> bool:
    if not has(file, "write"):
        return False
    writable = getattr(file, "writable", None)
    return bool(writable()) if callable(writable) else True


def _save_page(
    save: Callable[..., None],
    pages: PdfPages,
    options: Mapping[str, Any],
    alt: AltText | None,
) -> None:
    """Save a page of a longer PDF, to be tagged once the file is finished."""
    if alt is None:
        save(pages, **options)
        return
    without_date = _is_yet_to_be_dated(pages)
    save(pages, **with_alt_text({**options, "format": "pdf"}, alt))
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
                _warn_of(_tag(pdf, alts), stacklevel=2)
        elif all(
            getattr(self._target, can, bool)()
            for can in ("readable", "writable", "seekable")
        ):
            _warn_of(_tag(self._target, alts), stacklevel=2)
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
