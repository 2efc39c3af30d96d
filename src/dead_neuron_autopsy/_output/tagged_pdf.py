"""Add tags with alternate text to the pages of a finished PDF.

Matplotlib writes PDFs without structure, so we append it as an incremental update (ISO
32000-1, 7.5.6). The update wraps each page's content in marked content and adds a
structure tree (14.7), in which each page is a figure with alternate text (14.9.3). The
bytes already written stay untouched, so pages look the same to the pixel.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import IO

from .._words.notation import clean
from .._words.wording import AltText

#: Number of bytes at the end of a file in which we look for ``startxref``.
_TAIL = 1024

_CONTENTS = rb"/Contents (\d+ 0 R)"
_MEDIA_BOX = rb"/MediaBox (\[.*?\])"


class UnknownPdf(ValueError):  # noqa: N818  names the thing, not the error
    """Raised for a PDF that is not as Matplotlib's pdf backend writes it today."""


def append_tags(
    pdf: IO[bytes], pages: Mapping[int, AltText], bookmarks: Sequence[str] = ()
) -> None:
    """Tag the pages of a finished PDF as figures.

    Parameters
    ----------
    pdf : binary file, readable, writable and seekable
        The output of Matplotlib's PDF backend; we append to it.
    pages : mapping of int to AltText
        Alt text by page position, counted from 0. All other pages become paragraphs,
        so that a screen reader does not skip their text.
    bookmarks : sequence of str, default: none
        Text of the bookmark to each page.

    Raises
    ------
    UnknownPdf
        If the file is not as that backend writes it. Nothing is appended then.
    """
    document = _Document(pdf)
    update = _Update(document.n_objects)
    catalog = _structure(document, update, pages)
    if bookmarks:
        catalog += _outline(document, update, bookmarks)
    update.put(int(document.root), b"<<%b%b >>" % (document.catalog, catalog))
    pdf.seek(0, os.SEEK_END)
    pdf.write(update.rendered(pdf.tell(), document))


class _Document:
    """A PDF with a single cross-reference table, as Matplotlib writes it."""

    def __init__(self, pdf: IO[bytes]) -> None:
        self._pdf = pdf
        size = pdf.seek(0, os.SEEK_END)
        pdf.seek(max(size - _TAIL, 0))
        self.table_offset = int(_found(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf.read()))
        pdf.seek(self.table_offset)
        table = pdf.read()
        self.n_objects = int(_found(rb"^xref\n0 (\d+)\n", table))
        self._offsets = [
            int(offset) for offset in re.findall(rb"(\d{10}) \d{5} [nf] \n", table)
        ]
        if len(self._offsets) != self.n_objects:
            raise UnknownPdf("its table has other entries")
        trailer = _found(rb"trailer\s*<<(.*)>>\s*startxref", table)
        self.root = _found(rb"/Root (\d+) 0 R", trailer)
        self.info = _found(rb"/Info (\d+) 0 R", trailer)
        self.catalog = self.dictionary(self.root)
        if re.search(rb"/(StructTreeRoot|MarkInfo|Lang|Outlines)\b", self.catalog):
            raise UnknownPdf("it has tags already")
        kids = self.dictionary(_found(rb"/Pages (\d+) 0 R", self.catalog))
        self.pages = re.findall(rb"(\d+) 0 R", _found(rb"/Kids \[(.*?)\]", kids))

    def dictionary(self, number: bytes) -> bytes:
        """Return the content between the outermost ``<<`` and ``>>`` of an object."""
        self._pdf.seek(self._offsets[int(number)])
        content = b""
        while b"endobj" not in content:
            more = self._pdf.read(_TAIL)
            if not more:
                raise UnknownPdf(f"object {int(number)} has no end")
            content += more
        pattern = rb"^%b 0 obj\s*<<(.*)>>\s*$" % number
        return _found(pattern, content.partition(b"endobj")[0])


def _found(pattern: bytes, text: bytes) -> bytes:
    match = re.search(pattern, text, re.DOTALL)
    if match is None:
        raise UnknownPdf(f"{pattern.decode()!r} is not in it")
    return match[1]


class _Update:
    """New and replaced objects, with the cross-reference table that locates them."""

    def __init__(self, n_objects: int) -> None:
        self._next = n_objects
        self._objects: dict[int, bytes] = {}

    def reserve(self) -> int:
        """Return the number for a new object."""
        self._next += 1
        return self._next - 1

    def put(self, number: int, content: bytes) -> None:
        """Set the content of an object."""
        self._objects[number] = content

    def add(self, content: bytes) -> int:
        """Add an object and return its number."""
        number = self.reserve()
        self.put(number, content)
        return number

    def rendered(self, offset: int, document: _Document) -> bytes:
        """Return the bytes to append to a file that ends at *offset*."""
        written, table = b"", b"xref\n"
        for number, content in sorted(self._objects.items()):
            place = offset + len(written)
            table += b"%d 1\n%010d 00000 n \n" % (number, place)
            written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        trailer = b"trailer\n<< /Size %d /Root %b 0 R /Info %b 0 R /Prev %d >>\n" % (
            self._next,
            document.root,
            document.info,
            document.table_offset,
        )
        end = b"startxref\n%d\n%%%%EOF\n" % (offset + len(written))
        return written + table + trailer + end


def _structure(document: _Document, update: _Update, alts: Mapping[int, AltText]) -> bytes:
    """Add the tags and return the entries that refer to them in the catalog."""
    tree, whole = update.reserve(), update.reserve()
    end = update.add(_stream(b"EMC"))
    begins = {
        kind: update.add(_stream(b"/%b << /MCID 0 >> BDC" % kind))
        for kind in (b"Figure", b"P")
    }
    elements = []
    for position, page in enumerate(document.pages):
        alt, content = alts.get(position), document.dictionary(page)
        kind = b"P" if alt is None else b"Figure"
        _mark_page(update, page, content, position, begins[kind], end)
        place = b"/P %d 0 R /Pg %b 0 R /K 0" % (whole, page)
        words = b"" if alt is None else _words(alt, _found(_MEDIA_BOX, content))
        element = b"<< /Type /StructElem /S /%b %b%b >>" % (kind, place, words)
        elements.append(b"%d 0 R" % update.add(element))
    _add_tree(update, tree, whole, elements)
    language = _text(next(iter(alts.values())).language)
    return b"/StructTreeRoot %d 0 R /MarkInfo << /Marked true >> /Lang %b" % (
        tree,
        language,
    )


def _outline(document: _Document, update: _Update, bookmarks: Sequence[str]) -> bytes:
    """Add bookmarks (12.3.3) and return their entries in the catalog."""
    whole = update.reserve()
    items = [update.reserve() for _ in bookmarks]
    for position, (item, words) in enumerate(zip(items, bookmarks, strict=True)):
        beside = b"".join(
            b" /%b %d 0 R" % (key, items[other])
            for key, other in ((b"Prev", position - 1), (b"Next", position + 1))
            if 0 <= other < len(items)
        )
        page = document.pages[position]
        update.put(
            item,
            b"<< /Title %b /Parent %d 0 R%b /Dest [%b 0 R /Fit] >>"
            % (_text(words), whole, beside, page),
        )
    update.put(
        whole,
        b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>"
        % (items[0], items[-1], len(items)),
    )
    return b" /Outlines %d 0 R /PageMode /UseOutlines" % whole


def _mark_page(  # noqa: PLR0917  all of them differ in kind
    update: _Update, page: bytes, content: bytes, position: int, begin: int, end: int
) -> None:
    """Enclose a page's content in two streams that mark it as the page's element."""
    drawn = _found(_CONTENTS, content)
    marked = b"/Contents [%d 0 R %b %d 0 R]" % (begin, drawn, end)
    content = content.replace(b"/Contents %b" % drawn, marked)
    update.put(int(page), b"<<%b/StructParents %d >>" % (content, position))


def _add_tree(update: _Update, tree: int, whole: int, elements: Sequence[bytes]) -> None:
    """Add the structure tree and the table that maps each page to its element."""
    by_page = b" ".join(b"%d [%b]" % numbered for numbered in enumerate(elements))
    table = update.add(b"<< /Nums [%b] >>" % by_page)
    update.put(
        whole,
        b"<< /Type /StructElem /S /Document /P %d 0 R /K [%b] >>"
        % (tree, b" ".join(elements)),
    )
    update.put(
        tree,
        b"<< /Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d >>"
        % (whole, table, len(elements)),
    )


def _words(alt: AltText, box: bytes) -> bytes:
    """Return the entries of a figure's element: title, alt text, language and place."""
    place = b"<< /O /Layout /Placement /Block /BBox %b >>" % box
    title, full, language = map(_text, (alt.title, alt.full, alt.language))
    return b" /T %b /Alt %b /Lang %b /A %b" % (title, full, language, place)


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)


def _text(words: str) -> bytes:
    """Return a PDF text string: as it is if all ASCII, otherwise as UTF-16 in hex."""
    words = clean(words)
    if words.isascii():
        return b"(" + re.sub(rb"([\\()])", rb"\\\1", words.encode()) + b")"
    return b"<feff" + words.encode("utf-16-be").hex().encode() + b">"
