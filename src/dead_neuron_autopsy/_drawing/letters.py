"""Letters as pixels: painted onto Agg's canvas all at once.

Agg takes 5 µs for each letter, and 0.1 ms for each distinct one. It draws each distinct letter
once for us; wherever a letter stands, we blend its pixels with the canvas as Agg does, to the
bit, in a few operations of NumPy.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

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
_AT_ONCE = 1024

#: A colour has one shade on another for each degree to which it covers a pixel.
_SHADES = 256

#: Up to this many colours, shades are looked up.
_FEW_COLORS = 8

#: Larger letters, and more of them, have so many pixels that Agg is as fast.
LARGEST, MOST = 32.0, 20_000


class Piece(NamedTuple):
    """Pixels of letters of which no two touch."""

    spots: Ints  # on a canvas, row by row
    looks: Ints  # 256 times the row of a palette, plus how much of the pixel is covered


class Letters:
    """The pixels of the letters of a typeface in one size, in pixels."""

    def __init__(self, typeface: Typeface, size: float) -> None:
        self._typeface, self._size = typeface, size
        self._lock = threading.Lock()
        #: The number of each kind of letter; -1 for one that has not been drawn.
        self._numbers = np.zeros(0, dtype=np.int64)
        #: For each letter, where its pixels begin in the arrays below, and how many they are.
        self._starts, self._counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        #: Of each letter: the pixels from its place to its left, right, upper and lower end.
        self._extents = np.zeros((0, 4), dtype=np.int64)
        self._right, self._down = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self._covers = np.zeros(0, dtype=np.int64)

    def pieces(  # noqa: PLR0917  arrays of one length
        self,
        canvas: tuple[int, int],
        clip: Bbox | None,
        kinds: Ints,
        places: Ints,
        colors: Ints,
        is_late: NDArray[np.bool_],
    ) -> list[Piece]:
        """Return what to `paint`, in turn, for letters on a canvas of a size, inside a box.

        A *kind* is a shape and by how many quarters of a pixel it is moved to the right; *places*
        are whole pixels, and baselines counted from below; *colors* are rows of a palette; what
        *is_late* is painted after the rest.
        """
        order = np.concatenate([np.flatnonzero(~is_late), np.flatnonzero(is_late)])
        n_early, letters = int(np.count_nonzero(~is_late)), self._numbered(kinds)
        pieces = list[Piece]()
        for start in range(0, len(order), _AT_ONCE):
            few = order[start : start + _AT_ONCE]
            cut = max(0, min(n_early - start, len(few)))
            pieces += self._pieces(canvas, clip, letters[few], places[few], colors[few], cut)
        return pieces

    def _pieces(  # noqa: PLR0917  as above
        self,
        canvas: tuple[int, int],
        clip: Bbox | None,
        letters: Ints,
        places: Ints,
        colors: Ints,
        cut: int,
    ) -> list[Piece]:
        """Return the pixels of the letters before the *cut*, and of those after it."""
        width, height = canvas
        counts = self._counts[letters]
        ends = np.cumsum(counts)
        pixels = np.repeat(self._starts[letters] - ends + counts, counts)
        pixels += np.arange(len(pixels))
        lefts, tops = places[:, 0], height - places[:, 1]
        spots = self._down[pixels]
        spots *= width
        spots += self._right[pixels]
        spots += np.repeat(tops * width + lefts, counts)
        looks = self._covers[pixels]
        looks += np.repeat(colors * _SHADES, counts)
        left, top, right, bottom = 0, 0, width, height
        if clip is not None:
            (x0, y0), (x1, y1) = clip.get_points()
            edges = np.floor(np.array([x0, height - y1, x1, height - y0]) + 0.5).astype(int)
            left, top = max(left, int(edges[0])), max(top, int(edges[1]))
            right, bottom = min(right, int(edges[2])), min(bottom, int(edges[3]))
        first, last, upper, lower = self._extents[letters].T
        across = (lefts + first).min() >= left and (lefts + last).max() < right
        n_before = int(ends[cut - 1]) if cut else 0
        if not (across and (tops + upper).min() >= top and (tops + lower).max() < bottom):
            columns = np.repeat(lefts, counts) + self._right[pixels]
            rows = np.repeat(tops, counts) + self._down[pixels]
            inside = (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)
            spots, looks = spots[inside], looks[inside]
            n_before = int(np.count_nonzero(inside[:n_before]))
        parts = slice(None, n_before), slice(n_before, None)
        return [Piece(spots[part], looks[part]) for part in parts]

    def _numbered(self, kinds: Ints) -> Ints:
        """Return the number of each letter, which has its pixels then."""
        with self._lock:
            more = kinds.max(initial=-1) + 1 - len(self._numbers)
            self._numbers = np.append(self._numbers, np.full(max(more, 0), -1))
            numbers = self._numbers[kinds]
            if numbers.min(initial=0) < 0:
                self._add(np.unique(kinds[numbers < 0]).tolist())
                numbers = self._numbers[kinds]
        return numbers

    def _add(self, kinds: list[int]) -> None:
        drawn = [self._drawn(*divmod(kind, STEPS_PER_PIXEL)) for kind in kinds]
        counts = np.array([len(covers) for _, _, covers in drawn], dtype=np.int64)
        ends = [
            [end for along in (right, down) for end in (along.min(initial=0), along.max(initial=0))]
            for right, down, _ in drawn
        ]
        before = len(self._covers)
        self._starts = np.append(self._starts, before + np.cumsum(counts) - counts)
        self._counts = np.append(self._counts, counts)
        self._extents = np.append(self._extents, np.array(ends, dtype=np.int64), axis=0)
        right, down, covers = zip(*drawn, strict=True)
        self._right = np.concatenate([self._right, *right])
        self._down = np.concatenate([self._down, *down])
        self._covers = np.concatenate([self._covers, *covers])
        self._numbers[kinds] = np.arange(len(self._starts))[-len(kinds) :]

    def _drawn(self, shape: int, step: int) -> tuple[Ints, Ints, Ints]:
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
        return columns - x, rows - (height - y), covers[rows, columns].astype(np.int64)


letters_of = lru_cache(maxsize=32)(Letters)


def paint(renderer: RendererAgg, pieces: list[Piece], palette: NDArray[np.float64]) -> None:
    """Paint pieces onto a canvas, one after the other; the *palette* is RGBA."""
    canvas: Any = np.asarray(renderer.buffer_rgba())
    flat = canvas.reshape(-1, 4).view("<u4").ravel()
    channels = np.floor(palette * 255 + 0.5).astype(np.float32)
    for spots, looks in pieces:
        if len(spots):
            flat[spots] = _blended(flat[spots], looks, channels)


def _blended(
    below: NDArray[np.uint32], looks: Ints, palette: NDArray[np.float32]
) -> NDArray[np.uint32]:
    """Return pixels once colours have covered them."""
    if len(palette) > _FEW_COLORS:
        return _mixed(below, looks, palette)
    # Most letters stand on one colour.
    shades = np.concatenate([_shades(int(below[0]), *color) for color in palette.tolist()])
    blended: NDArray[np.uint32] = shades[looks]
    others = np.flatnonzero(below != below[0])
    if len(others):
        blended[others] = _mixed(below[others], looks[others], palette)
    return blended


@lru_cache(maxsize=256)
def _shades(below: int, *color: float) -> NDArray[np.uint32]:
    """Return a pixel once a colour has covered it, to each degree."""
    palette = np.array([color], dtype=np.float32)
    return _mixed(np.full(_SHADES, below, dtype="<u4"), np.arange(_SHADES), palette)


def _mixed(
    below: NDArray[np.uint32], looks: Ints, palette: NDArray[np.float32]
) -> NDArray[np.uint32]:
    """Return pixels once colours have covered them, as Matplotlib's Agg does it.

    `fixed_blender_rgba_plain` in Matplotlib's ``src/_backend_agg_basic_types.h``: colours and
    opacities are whole numbers up to 255, and not premultiplied. All sums and products are below
    2**24, so that single precision has them exactly, and quotients of a divisor below 2**16 closely
    enough to be cut off.
    """
    under = below.view(np.uint8).reshape(-1, 4).T.astype(np.float32, order="C")
    colors = palette.T.take(looks // _SHADES, axis=1)
    covers = (looks % _SHADES).astype(np.float32)
    product = (colors[3] * covers + 128).astype(np.int32)
    alpha = (((product >> 8) + product) >> 8).astype(np.float32)
    before = under[3]
    total = (alpha + before) * 256 - alpha * before
    premultiplied = under[:3] * before
    mixed = np.empty_like(under)
    mixed[:3] = (colors[:3] * 256 - premultiplied) * alpha + premultiplied * 256
    mixed[:3] /= np.maximum(total, 1)  # nothing over nothing
    mixed[3] = total / 256
    np.copyto(mixed, colors, where=alpha == 255)
    np.copyto(mixed, under, where=alpha == 0)
    red, green, blue, opacity = mixed.astype(np.uint32)
    return np.asarray(red | green << 8 | blue << 16 | opacity << 24, dtype=np.uint32)
