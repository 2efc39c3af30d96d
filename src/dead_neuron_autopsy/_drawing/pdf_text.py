"""Text in a PDF: a string that was written once is copied to its next place.

For every string, Matplotlib looks up the font, loads each letter and kerns it, and this is most of
what a PDF takes. Many cards share a few words: "alive", "dead", a peak of "0".
"""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties

from .renderers import pdf_file_of


class RepeatedText:
    """Draws horizontal strings of one font and size; a PDF gets copies of those that repeat."""

    def __init__(self, renderer: RendererBase) -> None:
        self._renderer: Any = renderer
        self._file = pdf_file_of(renderer)
        #: What stands before and after the place of each string.
        self._written: dict[str, list[bytes]] = {}

    def draw(
        self, gc: GraphicsContextBase, x: float, y: float, text: str, properties: FontProperties
    ) -> None:
        """Draw *text* with its baseline beginning at (*x*, *y*), in display coordinates."""
        if self._file is None or gc.get_url() is not None:  # a link has an area of its own
            self._renderer.draw_text(gc, x, y, text, properties, 0, ismath=False)
            return
        # Colours and clips are written first, when they change: they are not to be copied.
        self._renderer.check_gc(gc, gc.get_rgb())
        place = _as_written(x, y)
        around = self._written.get(text)
        if around is not None:
            self._file.write(place.join(around))
            return
        stream, self._file.currentstream = self._file.currentstream, io.BytesIO()
        try:
            self._renderer.draw_text(gc, x, y, text, properties, 0, ismath=False)
            written = self._file.currentstream.getvalue()
        finally:
            self._file.currentstream = stream
        self._file.write(written)
        around = re.split(rb"(?<=\s)" + re.escape(place) + rb"(?=\s)", written)
        if len(around) == 2:  # else the place cannot be told from other numbers
            self._written[text] = around


def _as_written(x: float, y: float) -> bytes:
    from matplotlib.backends.backend_pdf import pdfRepr  # slow to import, and loaded by now

    return b" ".join([pdfRepr(x), pdfRepr(y)])
