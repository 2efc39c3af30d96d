"""Save figures that hold autopsies, together with their alt text."""

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

from .._drawing.panel import Panel
from .._intake.foreign import has, typed_repr
from .._words.phrases import joint_alt_text
from .._words.wording import AltText
from .files import kept_if_writing_fails, replace_whole, write_whole
from .metadata import with_alt_text
from .svg_frame import drawn_as_svg
from .tagged_pdf import UnknownPdf, append_tags

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages


def describe(figure: Figure | SubFigure) -> str:
    """Return the alt text of a figure: what its autopsies and other Axes show.

    If the autopsies differ in language, the first one's is used for all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        A figure in which `plot_autopsy`, `plot_layers` or `draw_autopsy` has drawn.

    Returns
    -------
    str
        The figure's suptitle, if it has one; one sentence per autopsy with its verdict;
        the titles of the other Axes.

    Raises
    ------
    TypeError, ValueError
        If *figure* is not a figure, or holds no visible autopsy.

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
    """Save a figure that holds autopsies with all that `AutopsyFigure.savefig` writes.

    An SVG gets its roles however the figure is saved. This function adds what needs the
    whole file: metadata in images and tags in PDFs. It also leaves out dates.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A figure in which `plot_autopsy`, `plot_layers` or `draw_autopsy` has drawn.
    fname : str, path-like, file-like or matplotlib.backends.backend_pdf.PdfPages
        Where to save the figure.
    transparent : bool, optional
        As in `matplotlib.figure.Figure.savefig`.
    **kwargs
        As in `matplotlib.figure.Figure.savefig`. Entries of ``metadata`` and
        ``pil_kwargs`` override what this function writes.

    Raises
    ------
    TypeError, ValueError
        If *figure* is not a figure, or holds no visible autopsy.

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
    """Save a figure with its alt text, if any, by calling *save*.

    Parameters
    ----------
    save : callable
        A function like `Figure.savefig`: it takes the target and the options.
    figure : matplotlib.figure.Figure
        The figure that *save* saves.
    fname : str, path-like, file-like or PdfPages
        Where to save the figure.
    options : mapping
        Keyword arguments of `Figure.savefig`.
    """
    alt = alt_text_of(figure)
    if _is_pdf_pages(fname):
        _save_page(save, fname, options, alt)
        return
    is_path = isinstance(fname, str | os.PathLike)
    if not is_path and not has(fname, "write"):
        save(fname, **options)  # let Matplotlib raise the error
        return
    file_format = (options.get("format") or _format_of(fname, figure)).lower()
    unnamed = options.get("format") is None
    if is_path and unnamed and not PurePath(fname).suffix.strip("."):
        fname = f"{os.fspath(fname).rstrip('.')}.{file_format}"  # as Matplotlib does
    if file_format == "pgf" and is_path:
        # The pgf backend writes images next to the file and names them after it.
        with kept_if_writing_fails(os.fspath(fname)):
            save(fname, **options)
        return
    # Draw svgz as plain SVG; we compress it at the end, without a date.
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


#: Formats that may be written to a file opened in text mode.
_TEXT = frozenset({"svg", "ps", "eps", "pgf"})


def _drawn(save: Callable[..., None], options: Mapping[str, Any]) -> io.BytesIO:
    content = io.BytesIO()
    save(content, **options)
    return content


def _drawn_with_words(
    save: Callable[..., None], figure: Figure, options: Mapping[str, Any], alt: AltText
) -> tuple[io.BytesIO, UnknownPdf | None]:
    """Return the file with its alt text, and the reason if a PDF lacks its tags."""
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
    """Return the names of the options that the canvas drawing the figure accepts.

    We choose the canvas as `matplotlib.backend_bases.FigureCanvasBase.print_figure` does.
    Not every canvas accepts metadata; those of cairo do not.
    """
    printer = f"print_{options['format']}"
    canvas: Any = figure.canvas
    if options.get("backend") is not None:
        canvas = backend_registry.load_backend_module(options["backend"]).FigureCanvas
    elif not hasattr(canvas, printer):
        canvas = get_registered_canvas_class(options["format"])
    method = getattr(canvas, printer, None)
    if method is None:
        return frozenset()  # Matplotlib will raise the error
    parameters = inspect.signature(method).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return frozenset({"metadata", "pil_kwargs"})
    return parameters.keys()


def _drawn_svg(
    save: Callable[..., None], figure: Figure, options: Mapping[str, Any], alt: AltText
) -> io.BytesIO:
    """Return a figure as SVG, adding the words that its autopsies do not write."""
    panels = panels_in(figure, seen=True)
    for panel in panels:
        panel.has_roles = False
    with drawn_as_svg(figure, alt if alt != panels[0].alt else None) as drawing:
        content = _drawn(save, options)
    if not drawing.is_svg or all(panel.has_roles for panel in panels):
        return content
    # An autopsy was rasterized, which we cannot know beforehand. It has no cards to walk
    # through, so we draw again and put all of its words into the figure's description.
    with drawn_as_svg(figure, alt._replace(summary=alt.full)):
        return _drawn(save, options)


def alt_text_of(figure: Figure | SubFigure) -> AltText | None:
    """Return the alt text for a saved figure; None if it holds no visible autopsy."""
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
    return joint_alt_text(panels[0].wording, alts, suptitle, others)


def panels_in(figure: Figure | SubFigure, *, seen: bool = False) -> list[Panel[Any]]:
    """Return the autopsies in a figure, by Axes; if *seen*, only visible ones."""
    artists = (artist for axes in _axes_in(figure, seen=seen) for artist in axes.artists)
    panels = (artist for artist in artists if isinstance(artist, Panel))
    return [panel for panel in panels if panel.get_visible() or not seen]


def _axes_in(figure: Figure | SubFigure, *, seen: bool) -> list[Axes]:
    """Return a figure's Axes, including inset Axes and those of its SubFigures."""

    def counts(artist: Artist) -> bool:
        return artist.get_visible() or not seen

    found = [axes for axes in figure.axes if axes.get_figure(root=False) is figure]
    found = list(filter(counts, found))
    for axes in found:  # grows while we iterate: insets may have insets
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
    """Return whether TeX makes the file; it would parse brackets in the alt text."""
    backend = options.get("backend") or type(figure.canvas).__module__
    return str(backend).endswith("pgf")


def _format_of(fname: Any, figure: Figure) -> str:
    """Return the format that Matplotlib chooses if none is given."""
    if _is_pdf_pages(fname):
        return "pdf"
    suffix = ""
    if isinstance(fname, str | os.PathLike):
        suffix = PurePath(fname).suffix[1:]
    return suffix or figure.canvas.get_default_filetype()


# PDF


def _is_pdf_pages(fname: Any) -> bool:
    # Compare names, because importing the class is slow. Compare the module, too: the pgf
    # backend has a class of the same name, whose files cannot be tagged.
    return any(
        (kind.__module__, kind.__name__) == ("matplotlib.backends.backend_pdf", "PdfPages")
        for kind in type(fname).__mro__
    )


def _undated(postscript: io.BytesIO) -> io.BytesIO:
    """Remove the creation date, which Matplotlib writes whatever the metadata say."""
    date = re.compile(rb"^%%CreationDate:.*\n", flags=re.MULTILINE)
    return io.BytesIO(date.sub(b"", postscript.getvalue(), count=1))


def _tag(
    pdf: IO[bytes], alts: Mapping[int, AltText], bookmarks: Sequence[str] = ()
) -> UnknownPdf | None:
    """Tag a PDF in place; if that is impossible, leave it as is and return why."""
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
    """A page of a document and the text of its bookmark."""

    figure: Figure
    bookmark: str


def save_document(fname: Any, pages: Iterable[Page], alt: AltText) -> None:
    """Save figures as the pages of a tagged PDF, with one bookmark per page.

    Parameters
    ----------
    fname : str, path-like or binary file-like
        Where to save the document. It is written once all pages are finished.
    pages : iterable of Page
        The pages; each is saved before the next one is requested.
    alt : AltText
        Alt text of the whole document.
    """
    from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages

    options = with_alt_text({"format": "pdf"}, alt)
    alts: dict[int, AltText] = {}
    bookmarks: list[str] = []
    with tempfile.TemporaryFile() as pdf:
        with PdfPages(pdf, metadata=options["metadata"]) as document:
            for position, (figure, bookmark) in enumerate(pages):
                # Like savefig, but ignoring rcParams, so that all pages keep their size
                # and the colours that match the cards.
                dpi = figure.dpi
                FigureCanvasPdf(figure).print_pdf(document)
                figure.dpi = dpi
                said = alt_text_of(figure)
                if said is not None:
                    alts[position] = said
                bookmarks.append(bookmark)
        problem = _tag(pdf, alts, bookmarks)
        replace_whole(pdf, fname)
    _warn_of(problem, stacklevel=3)


def checked_target(fname: object) -> None:
    """Raise an error if no document can be written to *fname*."""
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
    """Save a page of a multi-page PDF and have it tagged once the file is finished."""
    if alt is None:
        save(pages, **options)
        return
    without_date = _is_yet_to_be_dated(pages)
    try:
        save(pages, **with_alt_text({**options, "format": "pdf"}, alt))
    finally:
        if without_date and not _is_yet_to_be_dated(pages):
            pages.infodict().pop("CreationDate", None)
    close = vars(pages).get("close")
    if not isinstance(close, _TagOnClose):
        # Tags need the finished file, and only PdfPages knows when it is finished.
        close = _TagOnClose(pages.close, _target_of(pages))
        pages.close = close  # type: ignore[method-assign]
    close.alts[pages.get_pagecount() - 1] = alt


class _TagOnClose:
    """Replacement for `PdfPages.close` that also tags the pages with known alt texts.

    Parameters
    ----------
    close : callable
        The original ``close`` of the PdfPages.
    target : pathlib.Path or file-like
        The file it writes to.
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


# PdfPages has no public attributes for its constructor arguments.


def _target_of(pages: PdfPages) -> Any:
    target = getattr(pages, "_filename", None)
    return Path(target).absolute() if isinstance(target, str | os.PathLike) else target


def _is_yet_to_be_dated(pages: PdfPages) -> bool:
    """Return whether the file is not open yet and the caller asked for no date."""
    is_open = getattr(pages, "_file", True) is not None
    return not is_open and "CreationDate" not in (getattr(pages, "_metadata", None) or {})
