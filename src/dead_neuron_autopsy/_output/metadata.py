"""The words as metadata: XMP and text chunks in images, the Info dictionary of a PDF."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any
from xml.sax.saxutils import escape

from PIL import PngImagePlugin

from .._words.description import AltText
from .._words.fitting import shortened
from .._words.notation import clean


def with_alt_text(options: Mapping[str, Any], alt: AltText, known: Set[str]) -> dict[str, Any]:
    """Add the alt text to those options of `savefig` that the canvas knows, and no date."""
    # The caller's entries win, key by key.
    metadata = options.get("metadata") or {}
    pil_kwargs = options.get("pil_kwargs") or {}
    ours: dict[str, Any] = {}
    match options["format"]:
        case "svg":  # its words are written while the figure is drawn
            ours["metadata"] = {"Date": None, **metadata}
        case "pdf":
            words = {"Title": clean(alt.title), "Subject": clean(alt.full)}
            ours["metadata"] = {**words, "CreationDate": None, **metadata}
        case "png":
            # Pillow's default level, 6, takes twice as long for files only 10% smaller.
            ours["pil_kwargs"] = {"compress_level": 1, **pil_kwargs}
            if "pnginfo" not in pil_kwargs:  # beside it, Matplotlib drops metadata
                title = str(metadata.get("Title") or alt.title)
                summary = str(metadata.get("Description") or alt.summary)
                packet = xmp_packet(alt._replace(title=title, summary=summary)).decode()
                ours["metadata"] = {
                    "Title": clean(title),
                    "Description": clean(alt.full),
                    "XML:com.adobe.xmp": PngImagePlugin.iTXt(packet, "", ""),
                    **metadata,
                }
        case "jpg" | "jpeg":
            ours["pil_kwargs"] = {"xmp": _xmp_for_jpeg(alt), **pil_kwargs}
        case "webp" | "avif":
            ours["pil_kwargs"] = {"xmp": xmp_packet(alt), **pil_kwargs}
        case "tif" | "tiff":
            theirs = dict(pil_kwargs.get("tiffinfo") or {})
            tags = {700: xmp_packet(alt), **theirs}  # 700 is the tag that holds XMP
            ours["pil_kwargs"] = {**pil_kwargs, "tiffinfo": tags}
    return {**options, **{name: ours[name] for name in ours.keys() & known}}


def _xmp_for_jpeg(alt: AltText) -> bytes:
    """Return XMP with as much of the alt text as fits into one segment of a JPEG."""
    brief = alt._replace(description="")
    title, summary = shortened(alt.title, 2000), shortened(alt.summary, 2000)
    shortest = brief._replace(title=title, summary=summary)
    for packet in map(xmp_packet, (alt, brief, shortest)):
        if len(packet) <= 65504:  # 64 kB less the header that marks it as XMP
            return packet
    return xmp_packet(shortest._replace(language=""))  # no real language tag is that long


def xmp_packet(alt: AltText) -> bytes:
    """Return the alt text as XMP: IPTC Photo Metadata 2021.1 and Dublin Core."""
    words = {
        "dc:title": alt.title,
        "dc:description": alt.summary,
        "Iptc4xmpCore:AltTextAccessibility": alt.summary,
        "Iptc4xmpCore:ExtDescrAccessibility": alt.description,
    }
    properties = "".join(
        f"<{name}><rdf:Alt><rdf:li xml:lang='x-default'>{escape(clean(text))}</rdf:li></rdf:Alt>"
        f"</{name}>"
        for name, text in words.items()
        if text
    )
    if alt.language:
        item = f"<rdf:li>{escape(clean(alt.language))}</rdf:li>"
        properties += f"<dc:language><rdf:Bag>{item}</rdf:Bag></dc:language>"
    return (
        "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>"
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'>"
        f"{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='r'?>"
    ).encode()
