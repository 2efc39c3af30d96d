"""Write alt text into files: roles in SVG, XMP in images, Info in PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import matplotlib as mpl
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Transform

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
