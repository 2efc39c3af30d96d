"""What is said in words: roles in SVG, XMP in images, the Info of a PDF."""

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
    """What is used of the writer of Matplotlib's SVG renderer, whose class is private."""

    def start(self, tag: str, attrib: dict[str, str]) -> str:
        """Open an element."""

    def end(self, tag: str | None = None) -> None:
        """Close the innermost element."""

    def element(self, tag: str, text: str | None = None, *, attrib: dict[str, str]) -> None:
        """Write an element that holds text alone, or nothing."""


def svg_writer(renderer: RendererBase) -> SvgWriter | None:
    """Return the writer of an SVG renderer; None if *renderer* is no such thing."""
    writer = getattr(renderer, "writer", None)
    methods = ("start", "end", "element")
    if all(callable(getattr(writer, method, None)) for method in methods):
        return writer
    return None


@contextmanager
def element(writer: SvgWriter, tag: str = "g", **attributes: str) -> Iterator[None]:
    """Write an element around what is drawn inside.

    Underscores in the attributes' names are hyphens: ``aria_label="..."``.
    """
    writer.start(
        tag,
        attrib={name.replace("_", "-"): clean(value) for name, value in attributes.items()},
    )
    yield
    # Only when all is well: after an error, elements inside are open, and an error of the
    # writer would take the place of the one that matters.
    writer.end(tag)


@contextmanager
def figure_element(writer: SvgWriter, alt: AltText, prefix: str) -> Iterator[None]:
    """Write a group that is a figure, with its name and its description.

    Never an image: readers take an image for a leaf and do not go into it.
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


#: Seed of the ids that Matplotlib's SVG renderer makes up, if the caller has set none.
_SVG_HASH_SALT = "dead-neuron-autopsy"


class _FramedDraw:
    """Draws a figure as it draws itself, in SVG with steady ids and with words around it.

    Attributes
    ----------
    draw : callable
        The figure's own way to draw.
    is_svg : bool
        Whether it was drawn by a renderer that takes roles.
    ended : bool
        Whether nobody needs it any more.
    """

    def __init__(self, figure: Figure, frame: AltText | None) -> None:
        draw: Any = figure.draw
        # Where another save of the same figure is under way, it has its own words.
        self.draw: Callable[[RendererBase], None] = getattr(draw, "draw", draw)
        self.is_svg = False
        self.ended = False
        self._frame = frame

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
    """Let a figure be drawn with the same ids on every run, and with words around it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What is drawn inside the context; changed for that time alone.
    frame : AltText or None
        What is said of the figure as a whole, if anything.
    """
    before: Any = vars(figure).get("draw")
    framed = _FramedDraw(figure, frame)
    try:
        figure.draw = framed  # type: ignore[method-assign]
        yield framed
    finally:
        framed.ended = True
        # Saves of one figure may overlap: the last one leaves it as the first one found it.
        if vars(figure).get("draw") is framed:
            del figure.draw
            if before is not None and not getattr(before, "ended", False):
                vars(figure)["draw"] = before


def _let_ids_be_steady(renderer: RendererBase) -> None:
    """Let Matplotlib make up the same ids on every run, as rcParams["svg.hashsalt"] does.

    rcParams belong to all threads, so that they are left alone. Private upstream; where it
    is missing, ids differ from run to run.
    """
    maker = getattr(renderer, "_make_id", None)
    svg_renderer = getattr(
        maker, "__self__", None
    )  # a mixed-mode renderer stands before it
    if svg_renderer is None or mpl.rcParams["svg.hashsalt"] is not None:
        return

    def make_id(kind: str, content: object) -> str:
        digest = hashlib.sha256(f"{_SVG_HASH_SALT}{content}".encode())
        return f"{kind}{digest.hexdigest()[:10]}"

    svg_renderer._make_id = make_id


class Recorder(RendererBase):
    """Takes down what an artist draws, one operation an element, to be drawn later.

    A collection draws all its elements at once; SVG wants the elements of a card
    together. So each collection draws itself onto a recorder, and the operations are
    then carried out card by card.

    Parameters
    ----------
    renderer : RendererBase
        Where the operations will be carried out.
    text : callable, optional
        What draws a string there; default: the renderer.
    """

    def __init__(
        self, renderer: RendererBase, text: Callable[..., None] | None = None
    ) -> None:
        super().__init__()
        self._renderer = renderer
        self._text = text or renderer.draw_text
        self.operations: list[Operation] = []

    # The signatures are RendererBase's.
    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """Take down a path."""
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
        """Take down a string."""
        self._take_down(self._text, gc, x, y, s, prop, angle, ismath, mtext)

    def _take_down(
        self, draw: Callable[..., None], gc: GraphicsContextBase, *arguments: Any
    ) -> None:
        kept = self._renderer.new_gc()
        kept.copy_properties(gc)
        self.operations.append(partial(draw, kept, *arguments))

    def new_gc(self) -> GraphicsContextBase:
        """Return a graphics context of the renderer that will draw."""
        return self._renderer.new_gc()

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the canvas that will be drawn on."""
        return self._renderer.get_canvas_width_height()

    def flipy(self) -> bool:
        """Return whether y runs downwards there."""
        return self._renderer.flipy()

    def points_to_pixels(self, points: Any) -> Any:
        """Convert as there."""
        return self._renderer.points_to_pixels(points)


class RepeatedText:
    """Draws strings as paths in SVG, and equal strings by reference to the first.

    Laying out its letters is most of what a string costs.

    Parameters
    ----------
    renderer : RendererBase
        An SVG renderer.
    writer : SvgWriter
        Its writer.
    prefix : str
        What the ids of the strings begin with.
    """

    def __init__(self, renderer: RendererBase, writer: SvgWriter, prefix: str) -> None:
        self._renderer = renderer
        self._writer = writer
        self._prefix = prefix
        self._names: dict[str, str] = {}

    def draw_text(  # noqa: PLR0917  the signature is RendererBase's
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        *rest: Any,
    ) -> None:
        """Draw a string, or refer to one like it."""
        if gc.get_clip_rectangle() is not None or mpl.rcParams["svg.fonttype"] != "path":
            self._renderer.draw_text(gc, x, y, s, prop, angle, *rest)
            return
        font = (prop.get_family(), prop.get_weight(), prop.get_size_in_points())
        kind = repr((s, font, angle, gc.get_rgb(), gc.get_alpha()))
        if kind not in self._names:
            # Of the content, so that equal ids mean equal strings: a figure may be
            # restyled and saved again for the same page.
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
    """Return the options of `savefig` with the alt text and without dates.

    What the caller gives in ``metadata`` and ``pil_kwargs`` wins, key by key.

    Parameters
    ----------
    options : mapping
        Those of `savefig`, with the format.
    alt : AltText
        What the figure shows.
    known : set of str
        The options that the canvas knows; it gets no others but the caller's own.
    """
    ours = _FORMATS.get(options["format"], _nothing)(options, alt)
    return {**options, **{name: ours[name] for name in ours.keys() & known}}


def xmp_packet(alt: AltText) -> bytes:
    """Return the alt text as XMP: IPTC Photo Metadata 2021.1, and Dublin Core.

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
    del options, alt  # a format without a place for words
    return {}


def _metadata(options: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {**ours, **(options.get("metadata") or {})}}


def _pil_kwargs(options: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    return {"pil_kwargs": {**ours, **(options.get("pil_kwargs") or {})}}


#: Of 9. Pillow's default, 6, takes twice as long, for files of cards 10% smaller.
_COMPRESS_LEVEL = 1


def _png(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    compressed = _pil_kwargs(options, {"compress_level": _COMPRESS_LEVEL})
    alt = _with_the_callers(alt, options.get("metadata") or {})
    if "pnginfo" in compressed["pil_kwargs"]:
        return compressed  # Matplotlib would warn that it drops metadata beside pnginfo
    words = {
        "Title": clean(alt.title),
        "Description": clean(alt.full),
        "XML:com.adobe.xmp": PngImagePlugin.iTXt(xmp_packet(alt).decode(), "", ""),
    }
    return {**compressed, **_metadata(options, words)}


def _with_the_callers(alt: AltText, metadata: Mapping[str, Any]) -> AltText:
    """Return the alt text with the title and the description of the caller's, if any."""
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
    del alt  # written where the figure is drawn
    return _metadata(options, {"Date": None})


def _with_xmp(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    return _pil_kwargs(options, {"xmp": xmp_packet(alt)})


#: A segment of JPEG has no more bytes: 64 kB, without what names it as XMP.
_MOST_XMP_IN_JPEG = 65504

#: In characters, of words that have to fit together.
_LONGEST_WORDS_IN_JPEG = 2000


def _jpeg(options: Mapping[str, Any], alt: AltText) -> dict[str, Any]:
    return _pil_kwargs(options, {"xmp": _xmp_for_jpeg(alt)})


def _xmp_for_jpeg(alt: AltText) -> bytes:
    """Return as much of the alt text as a JPEG holds."""
    shortest = alt._replace(
        title=shorten(alt.title, _LONGEST_WORDS_IN_JPEG),
        summary=shorten(alt.summary, _LONGEST_WORDS_IN_JPEG),
        description="",
    )
    candidates = (alt, alt._replace(description=""), shortest)
    for packet in map(xmp_packet, candidates):
        if len(packet) <= _MOST_XMP_IN_JPEG:
            return packet
    return xmp_packet(shortest._replace(language=""))  # which no real language needs


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
