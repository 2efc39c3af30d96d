"""Letters as pixels: painted onto Agg's canvas all at once.

Agg takes 5 µs for each letter, and 0.1 ms for each distinct one. It draws each distinct letter
once for us; wherever a letter stands, we blend its pixels with the canvas as Agg does, to the
bit, in a few operations of NumPy.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import NDArray

from .renderers import TO_CORNER
from .typeface import EM, Typeface

if TYPE_CHECKING:  # figures that are only saved as documents do without it
    from matplotlib.backends.backend_agg import RendererAgg

Ints: TypeAlias = NDArray[np.int64]

#: Letters snap to a quarter of a pixel; nobody can tell finer steps apart.
STEPS_PER_PIXEL = 4

#: Letters painted at once: what they need stays in the processor's cache.
_AT_ONCE = 128

#: Larger letters, and more of them, have so many pixels that Agg is as fast.
LARGEST, MOST = 32.0, 20_000


class Letters:
    """The pixels of the letters of a typeface in one size, in pixels."""

    def __init__(self, typeface: Typeface, size: float) -> None:
        self._typeface, self._size = typeface, size
        self._lock = threading.Lock()
        self._numbers: dict[int, int] = {}
        #: For each letter, where its pixels begin in the arrays below, and how many they are.
        self._starts, self._counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self._right, self._down = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self._covers = np.zeros(0, dtype=np.float32)

    def paint(  # noqa: PLR0917  arrays of one length
        self,
        renderer: RendererAgg,
        clip: Bbox | None,
        kinds: Ints,
        places: Ints,
        colors: NDArray[np.float64],
        is_late: NDArray[np.bool_],
    ) -> None:
        """Paint letters onto a canvas, inside a box.

        A *kind* is a shape and by how many quarters of a pixel it is moved to the right; *places*
        are whole pixels, and baselines counted from below; *colors* are RGBA; what *is_late* is
        painted after the rest.
        """
        letters = self._numbered(kinds)
        channels = np.floor(colors.T * 255 + 0.5).astype(np.float32, order="C")
        canvas: Any = np.asarray(renderer.buffer_rgba())
        for some in (np.flatnonzero(~is_late), np.flatnonzero(is_late)):
            for start in range(0, len(some), _AT_ONCE):
                few = some[start : start + _AT_ONCE]
                self._paint(canvas, clip, letters[few], places[few], channels.take(few, axis=1))

    def _paint(
        self,
        canvas: NDArray[np.uint8],
        clip: Bbox | None,
        letters: Ints,
        places: Ints,
        colors: NDArray[np.float32],
    ) -> None:
        """Paint letters of which no two touch."""
        counts = self._counts[letters]
        ends = np.cumsum(counts)
        if not len(ends) or not ends[-1]:
            return
        of_letters = np.repeat(np.arange(len(letters)), counts)
        pixels = np.arange(ends[-1]) + (self._starts[letters] - ends + counts)[of_letters]
        height, width = canvas.shape[:2]
        columns = places[:, 0][of_letters] + self._right[pixels]
        rows = (height - places[:, 1])[of_letters] + self._down[pixels]
        left, top, right, bottom = 0, 0, width, height
        if clip is not None:
            (x0, y0), (x1, y1) = clip.get_points()
            edges = np.floor(np.array([x0, height - y1, x1, height - y0]) + 0.5).astype(int)
            left, top = max(left, int(edges[0])), max(top, int(edges[1]))
            right, bottom = min(right, int(edges[2])), min(bottom, int(edges[3]))
        covers = self._covers[pixels]
        is_inside = columns.min() >= left and columns.max() < right
        if not (is_inside and rows.min() >= top and rows.max() < bottom):
            inside = (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)
            columns, rows, covers = columns[inside], rows[inside], covers[inside]
            of_letters = of_letters[inside]
        _blend(canvas, rows * width + columns, covers, colors.take(of_letters, axis=1))

    def _numbered(self, kinds: Ints) -> Ints:
        """Return the number of each letter, which has its pixels then."""
        distinct, places = np.unique(kinds, return_inverse=True)
        with self._lock:
            missing = [kind for kind in distinct.tolist() if kind not in self._numbers]
            if missing:
                self._add(missing)
            numbers = np.array([self._numbers[kind] for kind in distinct.tolist()], dtype=np.int64)
        return numbers[places]

    def _add(self, kinds: list[int]) -> None:
        drawn = [self._drawn(*divmod(kind, STEPS_PER_PIXEL)) for kind in kinds]
        counts = np.array([len(covers) for _, _, covers in drawn], dtype=np.int64)
        before = len(self._covers)
        self._starts = np.append(self._starts, before + np.cumsum(counts) - counts)
        self._counts = np.append(self._counts, counts)
        right, down, covers = zip(*drawn, strict=True)
        self._right = np.concatenate([self._right, *right])
        self._down = np.concatenate([self._down, *down])
        self._covers = np.concatenate([self._covers, *covers])
        self._numbers |= {kind: len(self._numbers) + more for more, kind in enumerate(kinds)}

    def _drawn(self, shape: int, step: int) -> tuple[Ints, Ints, NDArray[np.float32]]:
        """Return the pixels of a letter: right of and below its place, and how covered."""
        from matplotlib.backends.backend_agg import RendererAgg

        outline, scale = self._typeface.outlines[shape], self._size / EM
        (left, bottom), (right, top) = outline.get_extents().get_points() * scale
        if not np.isfinite([left, bottom, right, top]).all():  # a space has no outline
            left = bottom = right = top = 0.0
        margin = 3
        x, y = margin - int(np.floor(left)), margin - int(np.floor(bottom))
        width, height = x + int(np.ceil(right)) + margin, y + int(np.ceil(top)) + margin
        renderer: Any = RendererAgg(width, height, 72)
        gc = renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_snap(False)
        moved = (step / STEPS_PER_PIXEL + TO_CORNER[0], TO_CORNER[1])
        to_pixels = Affine2D.from_values(scale, 0, 0, scale, *moved)
        place, black = Path([(x, y)]), (0.0, 0.0, 0.0, 1.0)
        renderer.draw_markers(gc, outline, to_pixels, place, IdentityTransform(), black)
        covers = np.asarray(renderer.buffer_rgba())[..., 3]
        rows, columns = np.nonzero(covers)
        return columns - x, rows - (height - y), covers[rows, columns].astype(np.float32)


letters_of = lru_cache(maxsize=32)(Letters)


def _blend(
    canvas: NDArray[np.uint8],
    places: Ints,
    covers: NDArray[np.float32],
    colors: NDArray[np.float32],
) -> None:
    """Blend colours, a row for each channel, with pixels of a canvas as Matplotlib's Agg does.

    `fixed_blender_rgba_plain` in Matplotlib's ``src/_backend_agg_basic_types.h``: colours and
    opacities are whole numbers up to 255, and not premultiplied. All sums and products are below
    2**24, so that single precision has them exactly, and quotients of a divisor below 2**16 closely
    enough to be cut off.
    """
    flat = canvas.reshape(-1, 4).view("<u4").ravel()
    below = flat[places].view(np.uint8).reshape(-1, 4).T.astype(np.float32, order="C")
    product = (colors[3] * covers + 128).astype(np.int32)
    alpha = (((product >> 8) + product) >> 8).astype(np.float32)
    before = below[3]
    total = (alpha + before) * 256 - alpha * before
    premultiplied = below[:3] * before
    mixed = np.empty_like(below)
    mixed[:3] = (colors[:3] * 256 - premultiplied) * alpha + premultiplied * 256
    mixed[:3] /= np.maximum(total, 1)  # nothing over nothing
    mixed[3] = total / 256
    np.copyto(mixed, colors, where=alpha == 255)
    np.copyto(mixed, below, where=alpha == 0)
    red, green, blue, opacity = mixed.astype(np.uint32)
    flat[places] = red | green << 8 | blue << 16 | opacity << 24
