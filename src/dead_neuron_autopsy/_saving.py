"""Saving a figure that holds autopsies, with what it shows."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO
from weakref import WeakKeyDictionary

import matplotlib as mpl
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
        if alt is None:
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
    grids = [grid for grid in autopsies_in(figure) if _is_seen(grid)]
    if not grids:
        return None
    suptitle, others = figure.get_suptitle(), _other_titles(figure, grids)
    alts = [grid.alt for grid in grids]
    if len(alts) == 1 and not suptitle.strip() and not others:
        return alts[0]
    return grids[0].wording.together(alts, suptitle, others)


def autopsies_in(figure: Figure | SubFigure) -> list[AutopsyGrid]:
    """Return the autopsies in a figure, in order of their Axes."""
    artists = (artist for axes in _axes_in(figure) for artist in axes.artists)
    return [artist for artist in artists if isinstance(artist, AutopsyGrid)]


def _axes_in(figure: Figure | SubFigure) -> list[Axes]:
    """Return a figure's Axes, with those in its SubFigures and those inset in others."""
    found = list(figure.axes)
    if isinstance(figure, SubFigure):  # a Figure has those of its SubFigures already
        found += [axes for part in figure.subfigs for axes in _axes_in(part)]
    for axes in found:  # grows, until an inset has no inset of its own
        found += [inset for inset in axes.child_axes if isinstance(inset, Axes)]
    return found


def _is_seen(grid: AutopsyGrid) -> bool:
    return grid.get_visible() and grid.axes is not None and grid.axes.get_visible()


def _other_titles(figure: Figure | SubFigure, grids: list[AutopsyGrid]) -> list[str]:
    hosts = {id(grid.axes) for grid in grids}
    others = (axes for axes in _axes_in(figure) if id(axes) not in hosts)
    titles = (_title_of(axes) for axes in others if axes.get_visible())
    return [title for title in titles if title.strip()]


def _title_of(axes: Axes) -> str:
    titles = (axes.get_title(loc) for loc in ("center", "left", "right"))
    return next((title for title in titles if title.strip()), "")


def _format_of(fname: Any, figure: Figure) -> str:
    """Return the format that Matplotlib takes where none is given."""
    if _is_pdf_pages(fname):
        return "pdf"
    suffix = PurePath(fname).suffix[1:] if isinstance(fname, str | os.PathLike) else ""
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
    _tag(pdf, {0: alt})
    if not isinstance(fname, str | os.PathLike):
        fname.write(pdf.getvalue())
        return
    path = os.fspath(fname)
    if "format" not in options and not PurePath(path).suffix:
        path = f"{path.rstrip('.')}.pdf"  # as Matplotlib does
    Path(path).write_bytes(pdf.getvalue())


def _tag(pdf: BinaryIO, pages: Mapping[int, AltText]) -> None:
    try:
        append_tags(pdf, pages)
    except UnknownPdf as problem:
        warnings.warn(
            f"The PDF is saved without tags: Matplotlib's pdf backend has not written it "
            f"as expected ({problem}).",
            stacklevel=2,
        )


def _save_page(
    save: Callable[..., None], pages: PdfPages, options: Mapping[str, Any], alt: AltText
) -> None:
    """Save a page of a longer PDF, to be tagged once the file is finished."""
    _leave_out_date(pages)
    save(pages, **options)
    if pages not in _unfinished:
        _unfinished[pages] = {}
        # A file can be tagged when it is whole, and only PdfPages knows when that is.
        pages.close = partial(_close_tagged, pages.close, pages)  # type: ignore[method-assign]
    _unfinished[pages][pages.get_pagecount() - 1] = alt


def _close_tagged(close: Callable[[], None], pages: PdfPages) -> None:
    close()
    alts, target = _unfinished.pop(pages, {}), _target_of(pages)
    del pages.close  # back to that of the class
    if isinstance(target, str | os.PathLike):
        with Path(target).open("r+b") as pdf:
            _tag(pdf, alts)
    elif all(getattr(target, can, bool)() for can in ("readable", "writable", "seekable")):
        _tag(target, alts)
    else:
        warnings.warn(
            "The PDF is saved without tags: PdfPages was given a file that cannot be read "
            "back. Give it a path, or open the file with 'w+b'.",
            stacklevel=3,
        )


#: What the pages show that have been saved to each file that is not finished yet.
_unfinished: WeakKeyDictionary[PdfPages, dict[int, AltText]] = WeakKeyDictionary()


# PdfPages has no public names for what it was made with.


def _target_of(pages: PdfPages) -> Any:
    return getattr(pages, "_filename", None)


def _leave_out_date(pages: PdfPages) -> None:
    """Open a file without a date, if none was asked for and it is not open yet."""
    is_open = getattr(pages, "_file", True) is not None
    asked_for = "CreationDate" in (getattr(pages, "_metadata", None) or {})
    if not is_open and not asked_for:
        pages.infodict().pop("CreationDate", None)
