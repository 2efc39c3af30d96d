"""Save figures that hold autopsies, together with their alt text."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import io
import os
import re
import warnings
from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import PurePath
from typing import Any, Self

import matplotlib as mpl
from matplotlib.backend_bases import RendererBase, get_registered_canvas_class
from matplotlib.backends.registry import backend_registry
from matplotlib.figure import Figure

from .._drawing.behind import axes_of
from .._drawing.svg import figure_element, svg_writer
from .._intake.foreign import has
from .._words.description import AltText
from .alt import alt_text_of, describe, panels_in
from .files import kept_if_writing_fails, write_whole
from .metadata import with_alt_text
from .pdf_pages import is_pdf_pages, save_page
from .tagged_pdf import append_tags


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
            f"figure: must be a matplotlib Figure; got {type(figure).__name__}. For a SubFigure "
            "or an Axes, save the Figure that it is in."
        )
    describe(figure)  # raises if there is nothing to say
    save_figure(figure, fname, {"transparent": transparent, **kwargs})


def save_figure(figure: Figure, fname: Any, options: Mapping[str, Any]) -> None:
    """Save a figure with its alt text, if it has any; *options* are those of `savefig`."""
    alt = alt_text_of(figure)
    if alt is not None and is_pdf_pages(fname):
        save_page(figure, fname, options, alt)
        return
    is_path = isinstance(fname, str | os.PathLike)
    if not is_path and not has(fname, "write"):
        Figure.savefig(figure, fname, **options)  # let Matplotlib raise the error
        return
    suffix = PurePath(fname).suffix.strip(".") if is_path else ""
    wanted = options.get("format")
    file_format = (wanted or suffix or figure.canvas.get_default_filetype()).lower()
    if is_path and wanted is None and not suffix:
        fname = f"{os.fspath(fname).rstrip('.')}.{file_format}"  # as Matplotlib does
    if is_path and file_format == "pgf":
        # The pgf backend writes images next to the file and names them after it.
        with kept_if_writing_fails(os.fspath(fname)):
            Figure.savefig(figure, fname, **options)
        return
    # Draw svgz as plain SVG; we compress it at the end, without a date.
    options = {**options, "format": "svg" if file_format == "svgz" else file_format}
    # TeX, which makes the files of the pgf backend, would parse brackets in the alt text.
    backend = str(options.get("backend") or type(figure.canvas).__module__)
    problem = None
    if alt is None or backend.endswith("pgf"):
        content = _drawn(figure, options)
    else:
        content, problem = _drawn_with_words(figure, options, alt)
    if file_format == "svgz":
        content = io.BytesIO(gzip.compress(content.getvalue(), mtime=0))
    write_whole(content, fname, is_text=file_format in {"svg", "ps", "eps", "pgf"})
    if problem is not None:
        warnings.warn(problem, stacklevel=3)


def _drawn(figure: Figure, options: Mapping[str, Any]) -> io.BytesIO:
    content = io.BytesIO()
    Figure.savefig(figure, content, **options)
    return content


def _drawn_with_words(
    figure: Figure, options: Mapping[str, Any], alt: AltText
) -> tuple[io.BytesIO, str | None]:
    """Return the file with its alt text, and a warning if it is a PDF without tags."""
    known = _canvas_options(figure, options)
    options, file_format = with_alt_text(options, alt, known), options["format"]
    if file_format == "svg":
        return _drawn_svg(figure, options, alt), None
    content = _drawn(figure, options)
    if file_format in {"ps", "eps"}:
        # Matplotlib writes the creation date whatever the metadata say.
        date = re.compile(rb"^%%CreationDate:.*\n", flags=re.MULTILINE)
        content = io.BytesIO(date.sub(b"", content.getvalue(), count=1))
    is_ours = file_format == "pdf" and "metadata" in known
    return content, append_tags(content, {0: alt}) if is_ours else None


def _canvas_options(figure: Figure, options: Mapping[str, Any]) -> Set[str]:
    """Return the names of the options that the canvas takes; cairo's takes no metadata."""
    # We choose the canvas as FigureCanvasBase.print_figure does.
    printer = f"print_{options['format']}"
    canvas: Any = figure.canvas
    if options.get("backend") is not None:
        canvas = backend_registry.load_backend_module(options["backend"]).FigureCanvas
    elif not hasattr(canvas, printer):
        canvas = get_registered_canvas_class(options["format"])
    method = getattr(canvas, printer, None)
    if method is None:
        return set()  # Matplotlib will raise the error
    parameters = inspect.signature(method).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return {"metadata", "pil_kwargs"}
    return parameters.keys()


def _drawn_svg(figure: Figure, options: Mapping[str, Any], alt: AltText) -> io.BytesIO:
    """Return a figure as SVG, adding the words that its autopsies do not write."""
    panels = panels_in(figure, seen=True)
    for panel in panels:
        panel.has_roles = False
    with _FramedDraw(figure, alt if alt != panels[0].alt else None) as drawing:
        content = _drawn(figure, options)
    if not drawing.is_svg:
        return content
    if all(panel.has_roles for panel in panels):
        alone = len(panels) == 1 and axes_of(figure) == [panels[0].axes]
        return _with_figure_as_root(content) if alone and alt == panels[0].alt else content
    # An autopsy was rasterized, which we cannot know beforehand. It has no cards to walk
    # through, so we draw again and put all of its words into the figure's description.
    with _FramedDraw(figure, alt._replace(summary=alt.full)):
        return _drawn(figure, options)


def _with_figure_as_root(content: io.BytesIO) -> io.BytesIO:
    """Return an SVG whose root is the figure that its only panel wrote."""
    # Around a root without a role, Firefox puts an image without a name.
    svg = content.getvalue()
    figure = re.search(
        rb'<g( [^>]*role="figure"[^>]*)>(\s*<title .*?</title>\s*<desc .*?</desc>)', svg, re.DOTALL
    )
    root = re.search(rb"<svg [^>]*>(?P<titled>\s*<title>)?", svg)
    if figure is None or root is None:
        return content
    names = figure[2]
    inside, outside = (names, b"") if root["titled"] else (b"", names)
    opened = root[0].replace(b"<svg ", b"<svg" + figure[1] + b" ", 1)
    opened = opened.replace(b">", b">" + outside, 1)
    between = svg[root.end() : figure.start()]
    return io.BytesIO(
        svg[: root.start()] + opened + between + b"<g>" + inside + svg[figure.end() :]
    )


class _FramedDraw:
    """Replaces `Figure.draw` for one save: reproducible ids in SVG, *frame* around it."""

    def __init__(self, figure: Figure, frame: AltText | None) -> None:
        self._figure, self._frame = figure, frame
        self._before: Any = vars(figure).get("draw")
        # Another save of the same figure may be under way: unwrap it, it has its own words.
        draw: Any = figure.draw
        self.draw: Callable[[RendererBase], None] = getattr(draw, "draw", draw)
        self.is_svg = False  # whether an SVG renderer drew the figure
        self.ended = False  # whether the save that needed this is over

    def __enter__(self) -> Self:
        vars(self._figure)["draw"] = self
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        # Saves of one figure may overlap; the last to end restores what the first found.
        if vars(self._figure).get("draw") is self:
            del vars(self._figure)["draw"]
            if self._before is not None and not getattr(self._before, "ended", False):
                vars(self._figure)["draw"] = self._before

    def __reduce__(self) -> tuple[Any, ...]:
        # A figure that is copied while it is saved gets the ``draw`` of its class.
        return partial, (type(self._figure).draw, self._figure)

    def __call__(self, renderer: RendererBase) -> None:
        writer = svg_writer(renderer)
        framed: AbstractContextManager[None] = nullcontext()
        if writer is not None:
            self.is_svg = True
            # Do what rcParams["svg.hashsalt"] does, without changing what all threads
            # share. The method is private: without it, ids differ on every run. We go
            # through it, as a mixed-mode renderer may wrap the SVG renderer.
            svg_renderer = getattr(getattr(renderer, "_make_id", None), "__self__", None)
            if svg_renderer is not None and mpl.rcParams["svg.hashsalt"] is None:
                svg_renderer._make_id = _id
            if self._frame is not None:
                digest = hashlib.sha256(repr(self._frame).encode()).hexdigest()
                framed = figure_element(writer, self._frame, f"autopsy-{digest[:16]}")
        with framed:
            self.draw(renderer)


def _id(kind: str, content: object) -> str:
    digest = hashlib.sha256(f"dead-neuron-autopsy{content}".encode())
    return f"{kind}{digest.hexdigest()[:10]}"
