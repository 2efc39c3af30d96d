"""Write alt text into files: roles in SVG, XMP in images, Info in PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Transform
from PIL import PngImagePlugin

from ._notation import clean, shorten
from ._wording import AltText

Operation = Callable[[], None]


class SvgWriter(Protocol):
    """The methods we use of the SVG renderer's writer, whose class is private."""

    def start(self, tag: str, attrib: dict[str, str]) -> str:
        """Open an element."""

    def end(self, tag: str | None = None) -> None:
        """Close the innermost element."""

    def element(self, tag: str, text: str | None = None, *, attrib: dict[str, str]) -> None:
        """Write an element that is empty or holds only text."""


def svg_writer(renderer: RendererBase) -> SvgWriter | None:
    """Return the writer of an SVG renderer; None for any other renderer."""
    writer = getattr(renderer, "writer", None)
    methods = ("start", "end", "element")
    if all(callable(getattr(writer, method, None)) for method in methods):
        return writer
    return None


@contextmanager
def element(writer: SvgWriter, tag: str = "g", **attributes: str) -> Iterator[None]:
    """Write an element around everything drawn inside the context.

    Underscores in attribute names become hyphens: ``aria_label="..."``.
    """
    writer.start(
        tag,
        attrib={name.replace("_", "-"): clean(value) for name, value in attributes.items()},
    )
    yield
    # No try/finally: after an error, inner elements are still open, and the writer's own
    # error would hide the one that matters.
    writer.end(tag)


@contextmanager
def figure_element(writer: SvgWriter, alt: AltText, prefix: str) -> Iterator[None]:
    """Write a group with the role of a figure, its name and its description.

    The role is never "img": screen readers treat an image as a leaf and do not enter it.
    """
    title_id, description_id = f"{prefix}-title", f"{prefix}-desc"
    with element(
        writer,
        role="figure",
        lang=alt.language,
        aria_labelledby=title_id,
        aria_describedby=description_id,
    ):
        writer.element("title", clean(alt.title), attrib={"id": title_id})
        writer.element("desc", clean(alt.summary), attrib={"id": description_id})
        yield


#: Salt for the ids that Matplotlib's SVG renderer generates, unless the caller sets one.
_SVG_HASH_SALT = "dead-neuron-autopsy"


class _FramedDraw:
    """Replacement for `Figure.draw` that adds reproducible ids and words to SVG.

    Attributes
    ----------
    draw : callable
        The figure's original ``draw``.
    is_svg : bool
        Whether the figure was drawn by an SVG renderer, which takes roles.
    ended : bool
        Whether the save that needed this replacement is over.
    """

    def __init__(self, figure: Figure, frame: AltText | None) -> None:
        draw: Any = figure.draw
        # Another save of the same figure may be under way: unwrap it, it has its own words.
        self.draw: Callable[[RendererBase], None] = getattr(draw, "draw", draw)
        self._figure = figure
        self.is_svg = False
        self.ended = False
        self._frame = frame

    def __reduce__(self) -> tuple[Any, ...]:
        # A figure that is copied while it is saved gets the way to draw of its class.
        return partial, (type(self._figure).draw, self._figure)

    def __call__(self, renderer: RendererBase) -> None:
        writer = svg_writer(renderer)
        if writer is not None:
            self.is_svg = True
            _let_ids_be_steady(renderer)
        if writer is None or self._frame is None:
            self.draw(renderer)
            return
        digest = hashlib.sha256(repr(self._frame).encode()).hexdigest()
        with figure_element(writer, self._frame, f"autopsy-{digest[:16]}"):
            self.draw(renderer)


@contextmanager
def drawn_as_svg(figure: Figure, frame: AltText | None) -> Iterator[_FramedDraw]:
    """Give a figure's SVG reproducible ids and, with a *frame*, words around it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure to draw inside the context; its ``draw`` is replaced for that time.
    frame : AltText or None
        Alt text of the figure as a whole, if any.
    """
    before: Any = vars(figure).get("draw")
    framed = _FramedDraw(figure, frame)
    try:
        figure.draw = framed  # type: ignore[method-assign]
        yield framed
    finally:
        framed.ended = True
        # Saves of one figure may overlap; the last to end restores what the first found.
        if vars(figure).get("draw") is framed:
            del figure.draw
            if before is not None and not getattr(before, "ended", False):
                vars(figure)["draw"] = before


def _let_ids_be_steady(renderer: RendererBase) -> None:
    """Make an SVG renderer's ids reproducible, as rcParams["svg.hashsalt"] does.

    We leave rcParams alone, since all threads share them. The method we replace is private
    upstream; if it is missing, ids differ from run to run.
    """
    maker = getattr(renderer, "_make_id", None)
    # Go through the bound method, since a mixed-mode renderer may wrap the SVG renderer.
    svg_renderer = getattr(maker, "__self__", None)
    if svg_renderer is None or mpl.rcParams["svg.hashsalt"] is not None:
        return

    def make_id(kind: str, content: object) -> str:
        digest = hashlib.sha256(f"{_SVG_HASH_SALT}{content}".encode())
        return f"{kind}{digest.hexdigest()[:10]}"

    svg_renderer._make_id = make_id


class Recorder(RendererBase):
    """Records what an artist draws, one operation per element, for drawing later.

    A collection draws all its elements at once, but in SVG the elements of one card belong
    together. So each collection draws onto a recorder, and we then replay the operations
    card by card.

    Parameters
    ----------
    renderer : RendererBase
        The renderer that the operations are replayed on.
    text : callable, optional
        Function that draws strings; default: the renderer's ``draw_text``.
    """

    def __init__(
        self, renderer: RendererBase, text: Callable[..., None] | None = None
    ) -> None:
        super().__init__()
        self._renderer = renderer
        self._text = text or renderer.draw_text
        self.operations: list[Operation] = []

    # RendererBase dictates the signatures.
    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """Record a path."""
        self._take_down(self._renderer.draw_path, gc, path, transform, rgbFace)

    def draw_text(  # noqa: PLR0917
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,  # noqa: FBT002
        mtext: Any = None,
    ) -> None:
        """Record a string."""
        self._take_down(self._text, gc, x, y, s, prop, angle, ismath, mtext)

    def _take_down(
        self, draw: Callable[..., None], gc: GraphicsContextBase, *arguments: Any
    ) -> None:
        kept = self._renderer.new_gc()
        kept.copy_properties(gc)
        self.operations.append(partial(draw, kept, *arguments))

    def new_gc(self) -> GraphicsContextBase:
        """Return a new graphics context of the target renderer."""
        return self._renderer.new_gc()

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the target renderer's canvas."""
        return self._renderer.get_canvas_width_height()

    def flipy(self) -> bool:
        """Return whether y runs downwards in the target renderer."""
        return self._renderer.flipy()

    def points_to_pixels(self, points: Any) -> Any:
        """Return points in pixels, as the target renderer converts them."""
        return self._renderer.points_to_pixels(points)


class RepeatedText:
    """Draws strings as SVG paths, and repeated strings as references to the first.

    Most of a string's cost is laying out its letters.

    Parameters
    ----------
    renderer : RendererBase
        An SVG renderer.
    writer : SvgWriter
        The renderer's writer.
    prefix : str
        Prefix of the strings' ids.
    """

    def __init__(self, renderer: RendererBase, writer: SvgWriter, prefix: str) -> None:
        self._renderer = renderer
        self._writer = writer
        self._prefix = prefix
        self._names: dict[str, str] = {}

    def draw_text(  # noqa: PLR0917  RendererBase's signature
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        *rest: Any,
    ) -> None:
        """Draw a string, or a reference to an equal one drawn before."""
        if gc.get_clip_rectangle() is not None or mpl.rcParams["svg.fonttype"] != "path":
            self._renderer.draw_text(gc, x, y, s, prop, angle, *rest)
            return
        font = (prop.get_family(), prop.get_weight(), prop.get_size_in_points())
        kind = repr((s, font, angle, gc.get_rgb(), gc.get_alpha()))
        if kind not in self._names:
            # Hash the content, so that equal ids mean equal strings: the same page may
            # hold the figure again, restyled.
            digest = hashlib.sha256(kind.encode("utf-8", "replace")).hexdigest()
            self._names[kind] = f"{self._prefix}-text-{digest[:12]}"
            with (
                element(self._writer, "defs"),
                element(self._writer, id=self._names[kind]),
            ):
                self._renderer.draw_text(gc, 0, 0, s, prop, angle, *rest)
        self._writer.element(
            "use",
            attrib={
                "xlink:href": f"#{self._names[kind]}",
                "x": f"{x:.3f}",
                "y": f"{y:.3f}",
            },
        )


def with_alt_text(
    options: Mapping[str, Any],
    alt: AltText,
    known: Set[str] = frozenset({"metadata", "pil_kwargs"}),
) -> dict[str, Any]:
    """Return the options of `savefig` with the alt text added and dates left out.

    The caller's entries in ``metadata`` and ``pil_kwargs`` win, key by key.

    Parameters
    ----------
    options : mapping
        Keyword arguments of `savefig`, including the format.
    alt : AltText
        Alt text of the figure.
    known : set of str
        Names of the options that the canvas accepts; we add no others.
    """
    ours = _FORMATS.get(options["format"], _nothing)(options, alt)
    return {**options, **{name: ours[name] for name in ours.keys() & known}}


def xmp_packet(alt: AltText) -> bytes:
    """Return the alt text as XMP: IPTC Photo Metadata 2021.1 and Dublin Core.

    Examples
    --------
    >>> from dead_neuron_autopsy import ENGLISH, diagnose
    >>> packet = xmp_packet(ENGLISH.alt_text(diagnose({"N1": [0.0, 0.2]})))
    >>> b"0 of 1 neuron dead" in packet
    True
    """
    properties = "".join(
        f"<{name}><rdf:Alt><rdf:li xml:lang='x-default'>{escape(clean(text))}"
        f"</rdf:li></rdf:Alt></{name}>"
        for name, text in (
            ("dc:title", alt.title),
            ("dc:description", alt.summary),
            ("Iptc4xmpCore:AltTextAccessibility", alt.summary),
            ("Iptc4xmpCore:ExtDescrAccessibility", alt.description),
        )
        if text
    )
    language = (
        f"<dc:language><rdf:Bag><rdf:li>{escape(clean(alt.language))}</rdf:li></rdf:Bag>"
        "</dc:language>"
        if alt.language
        else ""
    )
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'>"
        f"{properties}{language}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>"
    ).encode()


def _nothing(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    del options, alt  # this format has no place for alt text
    return {}


def _metadata(options: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {**ours, **(options.get("metadata") or {})}}


def _pil_kwargs(options: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    return {"pil_kwargs": {**ours, **(options.get("pil_kwargs") or {})}}


#: Out of 9. Pillow's default, 6, takes twice as long and makes files of cards only 10%
#: smaller.
_COMPRESS_LEVEL = 1


def _png(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    compressed = _pil_kwargs(options, {"compress_level": _COMPRESS_LEVEL})
    alt = _with_the_callers(alt, options.get("metadata") or {})
    if "pnginfo" in compressed["pil_kwargs"]:
        return compressed  # beside pnginfo, Matplotlib drops metadata with a warning
    words = {
        "Title": clean(alt.title),
        "Description": clean(alt.full),
        "XML:com.adobe.xmp": PngImagePlugin.iTXt(xmp_packet(alt).decode(), "", ""),
    }
    return {**compressed, **_metadata(options, words)}


def _with_the_callers(alt: AltText, metadata: Mapping[str, Any]) -> AltText:
    """Return the alt text with the caller's title and description, if given."""
    title = metadata.get("Title") or alt.title
    summary = metadata.get("Description") or alt.summary
    return alt._replace(title=str(title), summary=str(summary))


def _pdf(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    return _metadata(
        options,
        {
            "Title": clean(alt.title),
            "Subject": clean(alt.full),
            "CreationDate": None,
        },
    )


def _svg(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    del alt  # written while the figure is drawn
    return _metadata(options, {"Date": None})


def _with_xmp(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    return _pil_kwargs(options, {"xmp": xmp_packet(alt)})


#: Most bytes of XMP in a JPEG segment: 64 kB less the header that marks it as XMP.
_MOST_XMP_IN_JPEG = 65504

#: Longest title and longest summary, in characters, that fit a JPEG together.
_LONGEST_WORDS_IN_JPEG = 2000


def _jpeg(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    return _pil_kwargs(options, {"xmp": _xmp_for_jpeg(alt)})


def _xmp_for_jpeg(alt: AltText) -> bytes:
    """Return XMP with as much of the alt text as fits into a JPEG."""
    shortest = alt._replace(
        title=shorten(alt.title, _LONGEST_WORDS_IN_JPEG),
        summary=shorten(alt.summary, _LONGEST_WORDS_IN_JPEG),
        description="",
    )
    candidates = (alt, alt._replace(description=""), shortest)
    for packet in map(xmp_packet, candidates):
        if len(packet) <= _MOST_XMP_IN_JPEG:
            return packet
    return xmp_packet(shortest._replace(language=""))  # no real language tag is that long


_XMP_TAG = 700


def _tiff(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    theirs = (options.get("pil_kwargs") or {}).get("tiffinfo") or {}
    tags = {_XMP_TAG: xmp_packet(alt), **dict(theirs)}
    return {"pil_kwargs": {**(options.get("pil_kwargs") or {}), "tiffinfo": tags}}


_FORMATS: dict[str, Callable[[Mapping[str, Any], AltText], dict[str, Any]]] = {
    "png": _png,
    "pdf": _pdf,
    "svg": _svg,
    "jpg": _jpeg,
    "jpeg": _jpeg,
    "webp": _with_xmp,
    "avif": _with_xmp,
    "tif": _tiff,
    "tiff": _tiff,
}
