"""Shapes that repeat at many places of a raster canvas, drawn together as markers."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

#: Offset from the centre of a pixel, where Agg puts a marker, to that pixel's corner. On a
#: raster canvas, y points down.
TO_CORNER = (-0.5, 0.5)


def clip_markers(gc: GraphicsContextBase, artist: Artist) -> None:
    """Clip markers where Agg clips paths.

    For markers, Agg takes the right and the lower edge of the clip box as the last pixels
    inside it.
    """
    box = artist.get_clip_box() if artist.get_clip_on() else None
    if box is not None:
        (x0, y0), (x1, y1) = box.get_points()
        gc.set_clip_rectangle(Bbox([(x0, y0 + 1), (x1 - 1, y1)]))


def positions_of_equal(numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the positions of each distinct number, from the lowest number on.

    Examples
    --------
    >>> [positions.tolist() for positions in positions_of_equal(np.array([7, 3, 7]))]
    [[1], [0, 2]]
    """
    ordered = np.argsort(numbers, kind="stable")
    changes = np.flatnonzero(np.diff(numbers[ordered])) + 1
    return np.split(ordered, changes) if len(numbers) else []
