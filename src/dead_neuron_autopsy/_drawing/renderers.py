"""What kind of picture a renderer makes, and how Agg repeats a shape at many places."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

if TYPE_CHECKING:  # figures that are only saved as documents do without it
    from matplotlib.backends.backend_agg import RendererAgg

#: Offset from the centre of a pixel, where Agg puts a marker, to that pixel's corner. On a
#: raster canvas, y points down.
TO_CORNER = (-0.5, 0.5)


def is_raster(renderer: RendererBase) -> bool:
    """Return whether *renderer* draws pixels now; a mixed-mode renderer may switch."""
    return hasattr(renderer, "buffer_rgba")


def is_agg(renderer: RendererBase) -> TypeGuard[RendererAgg]:
    """Return whether this is Agg's own renderer, onto whose canvas we may paint."""
    return type(renderer).__module__ == "matplotlib.backends.backend_agg"


def pdf_file_of(renderer: RendererBase) -> Any:
    """Return the `PdfFile` that *renderer* writes to; None if it writes no PDF."""
    file = getattr(renderer, "file", None)
    return file if type(file).__module__ == "matplotlib.backends.backend_pdf" else None


def keeps_text(renderer: RendererBase) -> bool:
    """Return whether to hand strings to *renderer* as text."""
    # Not to PGF: TeX would interpret the ``_`` and ``%`` of an id.
    # Ask the bound method, since a mixed-mode renderer wraps the real one.
    drawn_by = type(getattr(renderer.draw_text, "__self__", renderer))
    return not (is_raster(renderer) or drawn_by.__module__.endswith("backend_pgf"))


def clip_markers(gc: GraphicsContextBase, artist: Artist) -> None:
    """Clip markers where Agg clips paths."""
    box = artist.get_clip_box() if artist.get_clip_on() else None
    if box is not None:
        # For markers, Agg takes the right and the lower edge of the clip box as the last
        # pixels inside it.
        (x0, y0), (x1, y1) = box.get_points()
        gc.set_clip_rectangle(Bbox([(x0, y0 + 1), (x1 - 1, y1)]))


def draws_when_idle(canvas: FigureCanvasBase) -> bool:
    """Return whether a canvas has a window, and draws once its events have been handled."""
    # Other canvases would draw at once, and once more when the figure is saved.
    return type(canvas).draw_idle is not FigureCanvasBase.draw_idle


def positions_of_equal(keys: NDArray[Any]) -> list[NDArray[np.int64]]:
    """Return the positions of each distinct key, in order of its first position."""
    positions: defaultdict[Any, list[int]] = defaultdict(list)
    for position, key in enumerate(keys.tolist()):  # NumPy sorts rows of bytes slowly
        positions[key].append(position)
    return list(map(np.array, positions.values()))
