"""The words as metadata: XMP and text chunks in images, the Info dictionary of a PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any
from xml.sax.saxutils import escape

from PIL import PngImagePlugin

from .._words.fitting import shortened
from .._words.notation import clean
from .._words.wording import AltText


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
        title=shortened(alt.title, _LONGEST_WORDS_IN_JPEG),
        summary=shortened(alt.summary, _LONGEST_WORDS_IN_JPEG),
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
