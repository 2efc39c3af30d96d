"""Add tags with alternate text to the pages of a finished PDF.

Matplotlib writes PDFs without structure, so we append it as an incremental update (ISO
32000-1, 7.5.6). The bytes already written stay untouched, so pages look the same to the
pixel. The update encloses each page's content in marked content and adds a structure tree
(14.7), in which each page is a figure with alternate text (14.9.3) or a paragraph::

    Catalog -> StructTreeRoot -> Document -> Figure or P  <->  page: BDC ... content ... EMC
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import IO

from .._words.description import AltText
from .._words.notation import clean


def append_tags(
    pdf: IO[bytes], alts: Mapping[int, AltText], bookmarks: Sequence[str] = ()
) -> str | None:
    """Tag a finished PDF with alt texts by page position; if impossible, return a warning."""
    # Pages without alt text become paragraphs, so that a screen reader reads their text.
    try:
        document = _Document(pdf)
        catalog = document.catalog + _add_tags(document, alts)
    except _UnknownPdf as problem:
        written = "Matplotlib's pdf backend has not written it as expected"
        return f"The PDF is saved without tags: {written} ({problem})."
    if bookmarks:
        catalog += _add_bookmarks(document, bookmarks)
    document.update[int(document.root)] = b"<<%b >>" % catalog
    end = pdf.seek(0, os.SEEK_END)
    try:
        pdf.write(document.rendered_update(end))
    except BaseException:
        pdf.truncate(end)
        raise
    return None


class _UnknownPdf(ValueError):  # noqa: N818  names the thing, not the error
    """A PDF is not as Matplotlib's pdf backend writes it today."""


def _found(pattern: bytes, text: bytes) -> bytes:
    match = re.search(pattern, text, re.DOTALL)
    if match is None:
        raise _UnknownPdf(f"{pattern.decode()!r} is not in it")
    return match[1]


class _Document:
    """A PDF with one cross-reference table, read only as far as needed, and its update."""

    def __init__(self, pdf: IO[bytes]) -> None:
        self._pdf = pdf
        pdf.seek(max(pdf.seek(0, os.SEEK_END) - 1024, 0))
        self._table_offset = int(_found(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf.read()))
        pdf.seek(self._table_offset)
        table = pdf.read()
        self._n_objects = int(_found(rb"^xref\n0 (\d+)\n", table))
        self._offsets = re.findall(rb"(\d{10}) \d{5} [nf] \n", table)
        if len(self._offsets) != self._n_objects:
            raise _UnknownPdf("its table has other entries")
        trailer = _found(rb"trailer\s*<<(.*)>>\s*startxref", table)
        self.root = _found(rb"/Root (\d+) 0 R", trailer)
        self._info = _found(rb"/Info (\d+) 0 R", trailer)
        self.catalog = self.dictionary(self.root)
        if re.search(rb"/(StructTreeRoot|MarkInfo|Lang|Outlines)\b", self.catalog):
            raise _UnknownPdf("it has tags already")
        kids = self.dictionary(_found(rb"/Pages (\d+) 0 R", self.catalog))
        self.pages = re.findall(rb"(\d+) 0 R", _found(rb"/Kids \[(.*?)\]", kids))
        self.update: dict[int, bytes] = {}  # new and replaced objects, by their numbers

    def dictionary(self, number: bytes) -> bytes:
        """Return the content between the outermost ``<<`` and ``>>`` of an object."""
        self._pdf.seek(int(self._offsets[int(number)]))
        content = b""
        while b"endobj" not in content:
            more = self._pdf.read(1024)
            if not more:
                raise _UnknownPdf(f"object {int(number)} has no end")
            content += more
        pattern = rb"^%b 0 obj\s*<<(.*)>>\s*$" % number
        return _found(pattern, content.partition(b"endobj")[0])

    def add(self, content: bytes = b"") -> int:
        """Add an object, whose content may be set later, and return its number."""
        number = self._n_objects
        self._n_objects += 1
        self.update[number] = content
        return number

    def rendered_update(self, offset: int) -> bytes:
        """Return the bytes to append to the file, which ends at *offset*."""
        written, table = b"", b"xref\n"
        for number, content in sorted(self.update.items()):
            place = offset + len(written)
            table += b"%d 1\n%010d 00000 n \n" % (number, place)
            written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        # Repeat /Info: not every reader goes back to the trailers before this one.
        roots = b"/Root %b 0 R /Info %b 0 R" % (self.root, self._info)
        entries = (self._n_objects, roots, self._table_offset)
        trailer = b"trailer\n<< /Size %d %b /Prev %d >>\n" % entries
        end = b"startxref\n%d\n%%%%EOF\n" % (offset + len(written))
        return written + table + trailer + end


def _add_tags(document: _Document, alts: Mapping[int, AltText]) -> bytes:
    """Add the structure tree and return the catalog's entries that refer to it."""
    tree, whole = document.add(), document.add()
    operators = (b"EMC", b"/Figure << /MCID 0 >> BDC", b"/P << /MCID 0 >> BDC")
    stream = b"<< /Length %d >>\nstream\n%b\nendstream"
    end, *begins = [document.add(stream % (len(one), one)) for one in operators]
    elements = []
    for position, page in enumerate(document.pages):
        content = document.dictionary(page)
        begin, kind, words = begins[1], b"P", b""
        alt = alts.get(position)
        if alt is not None:
            title, full, language = map(_text, (alt.title, alt.full, alt.language))
            box = _found(rb"/MediaBox (\[.*?\])", content)
            place = b"<< /O /Layout /Placement /Block /BBox %b >>" % box
            words = b" /T %b /Alt %b /Lang %b /A %b" % (title, full, language, place)
            begin, kind = begins[0], b"Figure"
        drawn = _found(rb"/Contents (\d+ 0 R)", content)
        marked = b"/Contents [%d 0 R %b %d 0 R]" % (begin, drawn, end)
        content = content.replace(b"/Contents %b" % drawn, marked)
        document.update[int(page)] = b"<<%b/StructParents %d >>" % (content, position)
        links = b"/P %d 0 R /Pg %b 0 R /K 0" % (whole, page)
        entries = b"/Type /StructElem /S /%b %b%b" % (kind, links, words)
        element = document.add(b"<< %b >>" % entries)
        elements.append(b"%d 0 R" % element)
    # From each page's /StructParents to its element.
    by_page = b" ".join(b"%d [%b]" % numbered for numbered in enumerate(elements))
    table = document.add(b"<< /Nums [%b] >>" % by_page)
    root = b"/K %d 0 R /ParentTree %d 0 R" % (whole, table)
    root += b" /ParentTreeNextKey %d" % len(elements)
    document.update[tree] = b"<< /Type /StructTreeRoot %b >>" % root
    links = b"/P %d 0 R /K [%b]" % (tree, b" ".join(elements))
    document.update[whole] = b"<< /Type /StructElem /S /Document %b >>" % links
    language = _text(next(iter(alts.values())).language)
    mark = b"/MarkInfo << /Marked true >>"
    return b"/StructTreeRoot %d 0 R %b /Lang %b" % (tree, mark, language)


def _add_bookmarks(document: _Document, bookmarks: Sequence[str]) -> bytes:
    """Add one bookmark per page (12.3.3) and return the catalog's entries for them."""
    whole = document.add()
    first, last = whole + 1, whole + len(bookmarks)
    for page, words in zip(document.pages, bookmarks, strict=True):
        item = document.add()
        links = b"/Parent %d 0 R" % whole
        if item > first:
            links += b" /Prev %d 0 R" % (item - 1)
        if item < last:
            links += b" /Next %d 0 R" % (item + 1)
        place = b"/Dest [%b 0 R /Fit]" % page
        document.update[item] = b"<< /Title %b %b %b >>" % (_text(words), links, place)
    ends = b"/First %d 0 R /Last %d 0 R" % (first, last)
    document.update[whole] = b"<< /Type /Outlines %b /Count %d >>" % (ends, len(bookmarks))
    return b" /Outlines %d 0 R /PageMode /UseOutlines" % whole


def _text(words: str) -> bytes:
    """Return a PDF text string: as it is if all ASCII, otherwise as UTF-16 in hex."""
    words = clean(words)
    if words.isascii():
        return b"(" + re.sub(rb"([\\()])", rb"\\\1", words.encode()) + b")"
    return b"<feff" + words.encode("utf-16-be").hex().encode() + b">"
