"""Strings in a PDF: what was written once is written again at the next place.

For every string, Matplotlib looks for the font, loads each letter and kerns it, which is most of
the time that a PDF takes. Many cards share few words: "alive", "dead", a peak of "0".
"""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties


class RepeatedText:
    """Draws horizontal strings of one size with a renderer, and copies those that come again."""

    def __init__(self, renderer: RendererBase) -> None:
        self._renderer: Any = renderer
        file = getattr(renderer, "file", None)
        is_pdf = type(file).__module__ == "matplotlib.backends.backend_pdf"
        self._file: Any = file if is_pdf else None
        #: What stands before and after the place of each string.
        self._written: dict[str, list[bytes]] = {}

    def draw(
        self, gc: GraphicsContextBase, x: float, y: float, text: str, properties: FontProperties
    ) -> None:
        """Draw *text* with its baseline beginning at (*x*, *y*), in display coordinates."""
        if self._file is None or gc.get_url() is not None:  # a link has an area of its own
            self._renderer.draw_text(gc, x, y, text, properties, 0, ismath=False)
            return
        # Colours and clips are written when they change, and are no part of what is copied.
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
    from matplotlib.backends.backend_pdf import pdfRepr  # only where it is loaded: it takes long

    return b" ".join([pdfRepr(x), pdfRepr(y)])
