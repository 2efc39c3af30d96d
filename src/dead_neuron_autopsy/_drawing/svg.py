"""SVG: elements with roles, and drawing recorded so that it can be put inside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import matplotlib as mpl
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties

from .._words.notation import clean
from .._words.wording import AltText

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
    hyphened = {name.replace("_", "-"): clean(text) for name, text in attributes.items()}
    writer.start(tag, attrib=hyphened)
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


class Recorder(RendererBase):
    """Records what an artist draws, one operation per element, for drawing later.

    A collection draws all its elements at once, but in SVG the elements of one card belong
    together. So each collection draws onto a recorder, and we then replay the operations
    card by card. *draw_text* draws strings in place of the renderer's own method.
    """

    def __init__(self, renderer: RendererBase, draw_text: Callable[..., None]) -> None:
        super().__init__()
        self._renderer = renderer
        self._draw_text = draw_text
        self.operations: list[Operation] = []
        # Whatever an artist asks before it draws, the target answers.
        for name in ("new_gc", "get_canvas_width_height", "flipy", "points_to_pixels"):
            setattr(self, name, getattr(renderer, name))

    def draw_path(self, gc: GraphicsContextBase, *args: Any, **kwargs: Any) -> None:
        """Record a path."""
        self._record(self._renderer.draw_path, gc, *args, **kwargs)

    def draw_text(self, gc: GraphicsContextBase, *args: Any, **kwargs: Any) -> None:
        """Record a string."""
        self._record(self._draw_text, gc, *args, **kwargs)

    def _record(
        self, draw: Callable[..., None], gc: GraphicsContextBase, *args: Any, **kwargs: Any
    ) -> None:
        kept = self._renderer.new_gc()  # artists change and restore their own
        kept.copy_properties(gc)
        self.operations.append(partial(draw, kept, *args, **kwargs))


class RepeatedText:
    """Draws strings as SVG paths, and repeated strings as references to the first.

    Most of a string's cost is laying out its letters. The strings' ids begin with *prefix*.
    """

    def __init__(self, renderer: RendererBase, writer: SvgWriter, prefix: str) -> None:
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
        is_free = all(one is None for one in tied)
        if not is_free or mpl.rcParams["svg.fonttype"] != "path":
            self._renderer.draw_text(gc, x, y, text, font, angle, **options)
            return
        family = (font.get_family(), font.get_weight(), font.get_size_in_points())
        look = repr((text, family, angle, gc.get_rgb(), gc.get_alpha()))
        if look not in self._ids:
            # Hash the content, so that equal ids mean equal strings: the same page may
            # hold the figure again, restyled.
            digest = hashlib.sha256(look.encode("utf-8", "replace")).hexdigest()
            self._ids[look] = f"{self._prefix}-text-{digest[:12]}"
            with element(self._writer, "defs"), element(self._writer, id=self._ids[look]):
                self._renderer.draw_text(gc, 0, 0, text, font, angle, **options)
        place = {"x": f"{x:.3f}", "y": f"{y:.3f}"}
        link = {"xlink:href": f"#{self._ids[look]}"}
        self._writer.element("use", attrib=link | place)
