"""Paint parts in bulk: copies of them, prepared for this draw, equal shapes together.

The parts themselves are the caller's to restyle. What one draw needs beyond their looks
(the clip box of a zoomed view, whole-pixel lines, the alpha of the whole panel) is put on
copies, so that nothing the caller has set is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection, PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import ArrayLike, NDArray

from .elements import of_some, quiet_copy, set_paths, with_plain_colors
from .labels import Labels
from .markers import TO_CORNER, clip_markers, positions_of_equal
from .placement import View, line_widths
from .renderers import is_raster


class Brush(NamedTuple):
    """How parts are painted in one draw.

    Attributes
    ----------
    view : View
        The view that the parts have been placed in.
    clip : Bbox or None
        The box that they must not leave; None if they cannot.
    alpha : float or None
        The alpha of the whole panel, multiplied into their colours.
    skip_animated : bool
        Whether to leave out animated parts, which callers draw themselves, as
        `matplotlib.axes.Axes.draw` does unless it saves a file.
    """

    view: View
    clip: Bbox | None
    alpha: float | None
    skip_animated: bool

    def prepared(
        self, parts: Iterable[Artist], outlined: Sequence[Artist]
    ) -> list[tuple[Artist, Artist]]:
        """Return each part to draw with what to draw for it, in drawing order.

        Lines of the *outlined* parts are whole pixels on a raster canvas.
        """
        kept = [part for part in parts if not (self.skip_animated and part.get_animated())]
        return [
            (part, self._prepared(part, outlined=any(part is one for one in outlined)))
            for part in sorted(kept, key=lambda part: part.zorder)
        ]

    def _prepared(self, part: Artist, *, outlined: bool) -> Artist:
        rounded = outlined and self.view.whole and isinstance(part, Collection)
        if not rounded and self.clip is None and self.alpha is None:
            return part
        copied = quiet_copy(part)
        if self.clip is not None:
            _clip(copied, self.clip)
        if self.alpha is not None:
            copied = _faded(copied, self.alpha)
        if rounded and isinstance(copied, Collection):
            _round_lines(copied, self.view)
        return copied


def _clip(artist: Artist, box: Bbox) -> None:
    """Clip an artist to a box, and still to what the caller has clipped it to."""
    theirs = artist.get_clip_box() if artist.get_clip_on() else None
    if not artist.get_clip_on():
        artist.set_clip_path(None)
    if theirs is not None:
        nothing = Bbox.from_bounds(box.x0, box.y0, 0, 0)
        box = Bbox.intersection(box, theirs) or nothing
    artist.set_clip_box(box)
    artist.set_clip_on(True)


def _faded(artist: Any, alpha: float) -> Artist:
    """Return an artist with its colours' alpha multiplied."""
    if isinstance(artist, Collection):
        faded: Any = with_plain_colors(artist)
        faces, edges = faded.get_facecolor(), faded.get_edgecolor()
        faded.set_alpha(None)
        faded.set_facecolor(_with_alpha(faces, alpha))
        faded.set_edgecolor(_with_alpha(edges, alpha))
        return faded  # type: ignore[no-any-return]
    if isinstance(artist, Labels):
        own: Any = artist.get_alpha()  # one for all, or one for each
        artist.set_alpha(alpha if own is None else alpha * np.asarray(own))
    elif isinstance(artist, Patch):
        face = artist.get_facecolor()
        artist.set_alpha(None)
        artist.set_facecolor(_with_alpha(face, alpha)[0])
    return artist  # type: ignore[no-any-return]


def _with_alpha(colors: ArrayLike, alpha: float) -> NDArray[np.float64]:
    return np.reshape(colors, (-1, 4)) * (1.0, 1.0, 1.0, alpha)


def _round_lines(part: Collection, view: View) -> None:
    """Give outlines the whole-pixel widths that they were placed for."""
    elements = np.arange(len(part.get_paths()))
    if not len(elements):
        return
    widths = line_widths(part, elements, view) / view.per_point
    # A collection rescales its dashes once per width, even if it has none.
    alike = np.all(widths == widths[0])
    part.set_linewidth(widths[0] if alike else widths.tolist())


def draw_in_bulk(part: Artist, renderer: RendererBase) -> None:
    """Draw a part; a collection draws equal elements together, at all their places.

    This is faster on a raster canvas, and a document defines each outline only once.
    """
    if not isinstance(part, Collection) or not part.get_visible():
        part.draw(renderer)
    elif not is_raster(renderer):
        _draw_path_by_path(part, renderer)
    elif isinstance(part, PathCollection) and _is_plain(part):
        _draw_as_markers(part, renderer)
    else:
        part.draw(renderer)


def _draw_path_by_path(part: Collection, renderer: RendererBase) -> None:
    paths = part.get_paths()
    kinds = _alike(_numbers(paths))
    if not _repeat(kinds, paths):
        part.draw(renderer)
        return
    offsets = np.asarray(part.get_offsets())
    for elements in kinds:
        some = of_some(part, elements)
        set_paths(some, [paths[elements[0]]])
        some.set_offsets(offsets[elements])
        some.draw(renderer)


def _is_plain(part: PathCollection) -> bool:
    """Return whether a collection draws nothing but solid outlines at their offsets."""
    line_styles: Any = part.get_linestyle()
    extras = (
        part.get_hatch(),
        part.get_sketch_params(),
        part.get_path_effects(),
        part.get_agg_filter(),
        part.get_clip_path(),
        len(part.get_transforms()),
        not part.get_transform().is_affine,
        any(pattern for _, pattern in line_styles),
    )
    return not any(extras) and all(part.get_antialiased())


def _draw_as_markers(part: PathCollection, renderer: RendererBase) -> None:
    """Draw each distinct outline once for all its places: a quarter of the time of tiles."""
    part.update_scalarmappable()
    paths = part.get_paths()
    places = part.get_offset_transform().transform(part.get_offsets())
    corners = np.floor(places)
    faces, edges, widths = (
        _of_each(looks, len(paths))
        for looks in (part.get_facecolor(), part.get_edgecolor(), part.get_linewidth())
    )
    kinds = _alike(np.hstack([_numbers(paths), faces, edges, widths, places - corners]))
    outlines = [paths[elements[0]] for elements in kinds]
    if not (_repeat(kinds, paths) and _fit(outlines, renderer)):
        part.draw(renderer)
        return
    gc = renderer.new_gc()
    gc.set_snap(part.get_snap())
    gc.set_joinstyle(part.get_joinstyle() or gc.get_joinstyle())
    gc.set_capstyle(part.get_capstyle() or gc.get_capstyle())
    clip_markers(gc, part)
    for elements, outline in zip(kinds, outlines, strict=True):
        first = elements[0]
        face, edge = tuple(faces[first].tolist()), tuple(edges[first].tolist())
        gc.set_foreground(edge, isRGBA=True)
        gc.set_linewidth(float(widths[first, 0]) if edge[3] else 0.0)
        # Markers snap to whole pixels: the outline carries the fraction.
        beyond = places[first] - corners[first] + TO_CORNER
        renderer.draw_markers(
            gc,
            outline,
            Affine2D(part.get_transform().get_matrix()).translate(*beyond),
            Path(corners[elements]),
            IdentityTransform(),
            face if face[3] else None,
        )
    gc.restore()


def _numbers(paths: Sequence[Path]) -> NDArray[np.float64]:
    """Return a number for each path, in rows; equal for one and the same path."""
    numbers: dict[int, int] = {}
    found = [numbers.setdefault(id(path), len(numbers)) for path in paths]
    return np.array(found, dtype=np.float64)[:, np.newaxis]


def _alike(looks: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return the positions of each set of equal rows, in order of their first ones."""
    rows = np.ascontiguousarray(looks).view(f"V{looks.itemsize * looks.shape[1]}").ravel()
    _, kinds = np.unique(rows, return_inverse=True)
    return sorted(positions_of_equal(kinds), key=lambda positions: positions[0])


def _repeat(kinds: Sequence[NDArray[np.int64]], paths: Sequence[Path]) -> bool:
    """Return whether elements repeat often enough for drawing by kind to pay off."""
    return 0 < len(kinds) <= len(paths) / 2


def _fit(outlines: Sequence[Path], renderer: RendererBase) -> bool:
    """Return whether no outline exceeds the canvas: markers are rendered in full."""
    sizes = [outline.get_extents().size for outline in outlines]
    return bool(np.all(np.array(sizes) <= renderer.get_canvas_width_height()))


def _of_each(looks: ArrayLike, count: int) -> NDArray[np.float64]:
    """Return each element's colour or width, in rows; no colour means transparent."""
    given = np.asarray(looks, dtype=np.float64)
    if not len(given):
        return np.zeros((count, 4))
    return given.reshape(len(given), -1)[np.arange(count) % len(given)]
