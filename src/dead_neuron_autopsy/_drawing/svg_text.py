"""Text in an SVG: laid out from known letters; a string that repeats refers to the first.

For every string, Matplotlib looks up the font and lays out each letter, and this is most of what an
SVG takes. A `Typeface` has done so for each pair of letters already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import TextToPath

from .typeface import Typeface, typeface_of

if TYPE_CHECKING:  # figures that are never saved as SVG do without its backend
    from matplotlib.backends.backend_svg import XMLWriter


class RepeatedText:
    """Draws strings as SVG paths, and repeated strings as references to the first.

    The strings' ids begin with *prefix*.
    """

    def __init__(self, renderer: RendererBase, writer: XMLWriter, prefix: str) -> None:
        self._renderer = renderer
        self._writer = writer
        self._prefix = prefix
        self._ids: dict[str, str] = {}

    def draw_text(  # noqa: PLR0917  RendererBase's signature
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        text: str,
        font: FontProperties,
        angle: float,
        **options: Any,
    ) -> None:
        """Draw a string, or a reference to an equal one drawn before."""
        # A reference would move the first string's clip, and keep its link.
        tied = (gc.get_clip_rectangle(), gc.get_clip_path()[0], gc.get_url())
        if tied != (None, None, None) or mpl.rcParams["svg.fonttype"] != "path":
            self._renderer.draw_text(gc, x, y, text, font, angle, **options)
            return
        family = (font.get_family(), font.get_weight(), font.get_size_in_points())
        look = repr((text, family, angle, gc.get_rgb(), gc.get_alpha()))
        if look not in self._ids:
            # Hash the content, so that equal ids mean equal strings: the same page may
            # hold the figure again, restyled.
            digest = hashlib.sha256(look.encode("utf-8", "replace")).hexdigest()
            self._ids[look] = f"{self._prefix}-text-{digest[:12]}"
            self._writer.start("defs")
            self._writer.start("g", attrib={"id": self._ids[look]})
            with _known_letters(self._renderer):
                self._renderer.draw_text(gc, 0, 0, text, font, angle, **options)
            self._writer.end("g")
            self._writer.end("defs")
        place = {"x": f"{x:.3f}", "y": f"{y:.3f}"}
        link = {"xlink:href": f"#{self._ids[look]}"}
        self._writer.element("use", attrib=link | place)


class _KnownLetters(TextToPath):
    """Lays out text in one font from letters that are known, with the same result."""

    def get_glyphs_with_font(
        self,
        font: Any,
        s: str,
        glyph_map: Any = None,
        return_new_glyphs_only: bool = False,  # noqa: FBT001, FBT002  upstream's signature
        **options: Any,
    ) -> Any:
        """Return letters with their places, outlines that *glyph_map* lacks, and no boxes."""
        typeface = _typeface_like(font)
        is_plain = return_new_glyphs_only and not any(options.values())
        if typeface and is_plain and typeface.letters_of_first.issuperset(map(ord, s)):
            placed, outlines = typeface.glyphs(s)
            return placed, {name: outlines[name] for name in outlines if name not in glyph_map}, []
        return super().get_glyphs_with_font(font, s, glyph_map, return_new_glyphs_only, **options)


_KNOWN_LETTERS = _KnownLetters()


@lru_cache(maxsize=8)
def _typeface_like(font: Any) -> Typeface | None:
    """Return the letters of a font's file; None for a font that is not the first in its file."""
    is_first = get_font(font.fname).postscript_name == font.postscript_name
    return typeface_of((font.fname,)) if is_first else None


@contextmanager
def _known_letters(renderer: RendererBase) -> Iterator[None]:
    """Let Matplotlib's SVG renderer get its layouts from us, if it still looks where it did."""
    # That attribute is private. We go through a method, as a mixed-mode renderer may wrap it.
    svg: Any = getattr(renderer.draw_text, "__self__", None)
    before = getattr(svg, "_text2path", None)
    if type(before) is not TextToPath:
        yield
        return
    svg._text2path = _KNOWN_LETTERS
    try:
        yield
    finally:
        svg._text2path = before
