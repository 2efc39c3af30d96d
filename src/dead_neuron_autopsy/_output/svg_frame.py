"""Words around a whole SVG, and ids that are the same on every run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

from .._drawing.svg import figure_element, svg_writer
from .._words.wording import AltText


@contextmanager
def drawn_as_svg(figure: Figure, frame: AltText | None) -> Iterator[_FramedDraw]:
    """Give a figure's SVG reproducible ids and, with a *frame*, words around it."""
    before: Any = vars(figure).get("draw")
    framed = _FramedDraw(figure, frame)
    try:
        figure.draw = framed  # type: ignore[method-assign]
        yield framed
    finally:
        framed.ended = True
        # Saves of one figure may overlap; the last to end restores what the first found.
        if vars(figure).get("draw") is framed:
            del figure.draw
            if before is not None and not getattr(before, "ended", False):
                vars(figure)["draw"] = before


class _FramedDraw:
    """Replacement for `Figure.draw` that adds reproducible ids and words to SVG."""

    def __init__(self, figure: Figure, frame: AltText | None) -> None:
        draw: Any = figure.draw
        # Another save of the same figure may be under way: unwrap it, it has its own words.
        self.draw: Callable[[RendererBase], None] = getattr(draw, "draw", draw)
        self._figure = figure
        self._frame = frame
        self.is_svg = False  # whether an SVG renderer drew the figure
        self.ended = False  # whether the save that needed this is over

    def __reduce__(self) -> tuple[Any, ...]:
        # A figure that is copied while it is saved gets the ``draw`` of its class.
        return partial, (type(self._figure).draw, self._figure)

    def __call__(self, renderer: RendererBase) -> None:
        writer = svg_writer(renderer)
        framed: AbstractContextManager[None] = nullcontext()
        if writer is not None:
            self.is_svg = True
            # Do what rcParams["svg.hashsalt"] does, without changing what all threads
            # share. The method is private: without it, ids differ on every run. We go
            # through it, as a mixed-mode renderer may wrap the SVG renderer.
            svg_renderer = getattr(getattr(renderer, "_make_id", None), "__self__", None)
            if svg_renderer is not None and mpl.rcParams["svg.hashsalt"] is None:
                svg_renderer._make_id = _id
            if self._frame is not None:
                digest = hashlib.sha256(repr(self._frame).encode()).hexdigest()
                framed = figure_element(writer, self._frame, f"autopsy-{digest[:16]}")
        with framed:
            self.draw(renderer)


def _id(kind: str, content: object) -> str:
    digest = hashlib.sha256(f"dead-neuron-autopsy{content}".encode())
    return f"{kind}{digest.hexdigest()[:10]}"
