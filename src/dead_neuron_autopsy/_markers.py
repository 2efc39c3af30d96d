"""What is the same at many places, on a canvas of pixels: drawn once, as a marker."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

#: From where Agg puts a marker, the centre of a pixel, to that pixel's corner. The y of a
#: canvas of pixels goes down.
TO_CORNER = (-0.5, 0.5)


def clip_markers(gc: GraphicsContextBase, artist: Artist) -> None:
    """Cut markers off where Agg cuts off paths.

    It takes the right and the lower edge of their box for the last pixels in it.
    """
    box = artist.get_clip_box() if artist.get_clip_on() else None
    if box is not None:
        (x0, y0), (x1, y1) = box.get_points()
        gc.set_clip_rectangle(Bbox([(x0, y0 + 1), (x1 - 1, y1)]))


def positions_of_equal(numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return where each number of an array stands, from the lowest number on.

    Examples
    --------
    >>> [positions.tolist() for positions in positions_of_equal(np.array([7, 3, 7]))]
    [[1], [0, 2]]
    """
    ordered = np.argsort(numbers, kind="stable")
    changes = np.flatnonzero(np.diff(numbers[ordered])) + 1
    return np.split(ordered, changes) if len(numbers) else []
