"""Saving a figure that holds autopsies, with what it shows."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from weakref import WeakKeyDictionary

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ._accessible import with_alt_text
from ._grid import AutopsyGrid
from ._tagged_pdf import UnknownPdf, append_tags
from ._wording import AltText

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages

#: Seed of the ids that Matplotlib's SVG writer makes up, if the caller has set none.
_SVG_HASH_SALT = "dead-neuron-autopsy"


class _Unfinished(NamedTuple):
    """A longer PDF that is still open: what it is written to, what its pages show."""

    target: Any
    alts: dict[int, AltText]


def describe(figure: Figure | SubFigure) -> str:
    """Return the alt text of a figure: what its autopsies show, and what else there is.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        A figure in which `plot_autopsy` or `draw_autopsy` has drawn.

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
        A figure in which `plot_autopsy` or `draw_autopsy` has drawn.
    fname : str, path-like, file-like or matplotlib.backends.backend_pdf.PdfPages
        Where to.
    transparent : bool, optional
        As in `matplotlib.figure.Figure.savefig`.
    **kwargs
        As there. What ``metadata`` and ``pil_kwargs`` hold wins over what is written
        of itself.

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
    salt = mpl.rcParams["svg.hashsalt"] or _SVG_HASH_SALT
    with mpl.rc_context({"svg.hashsalt": salt}):
        if alt is None or _by_tex(figure, options):
            save(fname, **options)
            return
        file_format = options.get("format") or _format_of(fname, figure)
        options = with_alt_text(options, file_format.lower(), alt)
        if _is_pdf_pages(fname):
            _save_page(save, fname, options, alt)
        elif file_format.lower() == "pdf":
            _save_tagged(save, fname, options, alt)
        else:
            save(fname, **options)


def alt_text_of(figure: Figure | SubFigure) -> AltText | None:
    """Return what is said of a figure in a saved file; None if it holds no autopsy."""
    if not isinstance(figure, Figure | SubFigure):
        raise TypeError(
            f"figure: must be a matplotlib Figure or SubFigure; got "
            f"{type(figure).__name__}. For an Axes, take ax.figure."
        )
    grids = autopsies_in(figure, seen=True)
    if not grids:
        return None
    suptitle, others = _suptitle_of(figure), _other_titles(figure, grids)
    alts = [grid.alt for grid in grids]
    if len(alts) == 1 and not suptitle.strip() and not others:
        return alts[0]
    return grids[0].wording.together(alts, suptitle, others)


def autopsies_in(figure: Figure | SubFigure, *, seen: bool = False) -> list[AutopsyGrid]:
    """Return the autopsies in a figure, or those that are *seen*, in order of Axes."""
    artists = (artist for axes in _axes_in(figure, seen=seen) for artist in axes.artists)
    grids = (artist for artist in artists if isinstance(artist, AutopsyGrid))
    return [grid for grid in grids if grid.get_visible() or not seen]


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


def _other_titles(figure: Figure | SubFigure, grids: list[AutopsyGrid]) -> list[str]:
    hosts = {id(grid.axes) for grid in grids}
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


def _save_tagged(
    save: Callable[..., None], fname: Any, options: Mapping[str, Any], alt: AltText
) -> None:
    pdf = io.BytesIO()
    save(pdf, **{**options, "format": "pdf"})
    try:
        _tag(pdf, {0: alt})
    finally:
        _write(pdf.getvalue(), fname, suffixed=options.get("format") is None)


def _write(content: bytes, fname: Any, *, suffixed: bool) -> None:
    if not isinstance(fname, str | os.PathLike):
        fname.write(content)
        return
    path = os.fspath(fname)
    if suffixed and PurePath(path).suffix in ("", "."):
        path = f"{path.rstrip('.')}.pdf"  # as Matplotlib does
    Path(path).write_bytes(content)


def _tag(pdf: BinaryIO, pages: Mapping[int, AltText]) -> None:
    try:
        append_tags(pdf, pages)
    except UnknownPdf as problem:
        warnings.warn(
            f"The PDF is saved without tags: Matplotlib's pdf backend has not written it "
            f"as expected ({problem}).",
            stacklevel=2,
        )


_unfinished: WeakKeyDictionary[PdfPages, _Unfinished] = WeakKeyDictionary()


def _save_page(
    save: Callable[..., None], pages: PdfPages, options: Mapping[str, Any], alt: AltText
) -> None:
    """Save a page of a longer PDF, to be tagged once the file is finished."""
    without_date = _is_yet_to_be_dated(pages)
    save(pages, **{**options, "format": "pdf"})
    if without_date:
        pages.infodict().pop("CreationDate", None)
    if pages not in _unfinished:
        _unfinished[pages] = _Unfinished(_target_of(pages), {})
        # A file can be tagged when it is whole, and only PdfPages knows when that is.
        pages.close = partial(_close_tagged, pages.close, pages)  # type: ignore[method-assign]
    _unfinished[pages].alts[pages.get_pagecount() - 1] = alt


def _close_tagged(close: Callable[[], None], pages: PdfPages) -> None:
    close()
    vars(pages).pop("close", None)  # back to that of the class
    unfinished = _unfinished.pop(pages, None)
    if unfinished is None:
        return
    target, alts = unfinished.target, unfinished.alts
    if isinstance(target, Path) and target.exists():
        with target.open("r+b") as pdf:
            _tag(pdf, alts)
    elif all(getattr(target, can, bool)() for can in ("readable", "writable", "seekable")):
        _tag(target, alts)
    else:
        warnings.warn(
            "The PDF is saved without tags: PdfPages was given a file that cannot be read "
            "back. Give it a path, or open the file with 'w+b'.",
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
