"""Paint parts in bulk: copies of them, prepared for this draw, equal shapes together.

The parts themselves are the caller's to restyle. What one draw needs beyond their looks
(the clip box of a zoomed view, whole-pixel lines, the alpha of the whole panel) is put on
copies, so that nothing the caller has set is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection, PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import ArrayLike, NDArray

from .elements import of_some, quiet_copy, set_paths
from .labels import Labels
from .placement import View, line_widths
from .renderers import TO_CORNER, clip_markers, is_raster, positions_of_equal


class Brush(NamedTuple):
    """How parts are painted in one draw."""

    view: View  # that the parts have been placed in
    clip: Bbox | None  # the box that they must not leave; None if they cannot
    alpha: float | None  # of the whole panel, multiplied into their colours
    skip_animated: bool  # as `matplotlib.axes.Axes.draw` does, unless it saves a file

    def prepared(
        self, parts: Iterable[Artist], outlined: Sequence[Artist]
    ) -> list[tuple[Artist, Artist]]:
        """Return each part to draw with what to draw for it, in drawing order."""
        # Lines of the *outlined* parts are whole pixels on a raster canvas.
        kept = [part for part in parts if not (self.skip_animated and part.get_animated())]
        pairs = []
        for part in sorted(kept, key=attrgetter("zorder")):
            rounded = self.view.whole and part in outlined
            is_as_is = not rounded and self.clip is None and self.alpha is None
            painted: Any = part if is_as_is else quiet_copy(part)
            if self.clip is not None:
                _clip(painted, self.clip)
            if self.alpha is not None:
                _fade(painted, self.alpha)
            elements = np.arange(len(painted.get_paths()) if rounded else 0)
            if len(elements):
                widths = line_widths(painted, elements, self.view) / self.view.per_point
                # A collection rescales its dashes once per width, even if it has none.
                alike = np.all(widths == widths[0])
                painted.set_linewidth(widths[0] if alike else widths.tolist())
            pairs.append((part, painted))
        return pairs


def _clip(artist: Artist, box: Bbox) -> None:
    """Clip an artist to a box, and still to what the caller has clipped it to."""
    theirs = artist.get_clip_box()
    if not artist.get_clip_on():
        artist.set_clip_path(None)
    elif theirs is not None:
        nothing = Bbox.from_bounds(box.x0, box.y0, 0, 0)
        box = Bbox.intersection(box, theirs) or nothing
    artist.set_clip_box(box)
    artist.set_clip_on(True)


def _fade(artist: Any, alpha: float) -> None:
    """Multiply the alpha of an artist's colours."""
    if isinstance(artist, Labels):
        own: Any = artist.get_alpha()  # one for all, or one for each
        artist.set_alpha(alpha if own is None else alpha * np.asarray(own))
        return
    if isinstance(artist, Collection):
        artist.update_scalarmappable()
        artist.set_array(None)
    elif not isinstance(artist, Patch):
        return
    faded = (1.0, 1.0, 1.0, alpha)
    faces, edges = artist.get_facecolor(), artist.get_edgecolor()
    artist.set_alpha(None)
    artist.set_facecolor(np.multiply(faces, faded))
    artist.set_edgecolor(np.multiply(edges, faded))


def draw_in_bulk(part: Artist, renderer: RendererBase) -> None:
    """Draw a part; a collection draws equal elements together, at all their places."""
    # This is faster on a raster canvas, and a document defines each outline only once.
    if not isinstance(part, Collection) or not part.get_visible():
        part.draw(renderer)
    elif not is_raster(renderer):
        for some in _by_path(part):
            some.draw(renderer)
    elif isinstance(part, PathCollection) and len(part.get_paths()) > 1 and _is_plain(part):
        _draw_as_markers(part, renderer)
    else:
        part.draw(renderer)


def _by_path(part: Collection) -> list[Collection]:
    """Return a collection for each distinct path; the given one if most paths differ."""
    paths, offsets = part.get_paths(), np.asarray(part.get_offsets())
    kinds = positions_of_equal(np.array(list(map(id, paths))))
    if not _repeat(kinds, paths):
        return [part]
    copies = [of_some(part, elements) for elements in kinds]
    for some, elements in zip(copies, kinds, strict=True):
        set_paths(some, [paths[elements[0]]])
        some.set_offsets(offsets[elements])
    return copies


def _is_plain(part: PathCollection) -> bool:
    """Return whether a collection only draws solid outlines at their offsets."""
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
    """Draw each distinct outline once for all places: tiles take a quarter of the time."""
    part.update_scalarmappable()
    paths = part.get_paths()
    places = part.get_offset_transform().transform(part.get_offsets())
    corners = np.floor(places)
    fractions = places - corners
    given = part.get_facecolor(), part.get_edgecolor(), part.get_linewidth()
    faces, edges, widths = (_of_each(looks, len(paths)) for looks in given)
    same = np.array(list(map(id, paths)), dtype=np.float64)[:, np.newaxis]
    rows = np.hstack([same, faces, edges, widths, fractions])
    kinds = positions_of_equal(rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel())
    outlines = [paths[elements[0]] for elements in kinds]
    # Control points enclose their curves, and are found without solving for extremes.
    sizes = np.array([np.ptp(np.asarray(outline.vertices), axis=0) for outline in outlines])
    # Markers are rendered in full, so none may exceed the canvas.
    if not _repeat(kinds, paths) or np.any(sizes > renderer.get_canvas_width_height()):
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
        shape = Affine2D(part.get_transform().get_matrix())
        shape.translate(*(fractions[first] + TO_CORNER))
        spots, fill = Path(corners[elements]), face if face[3] else None
        renderer.draw_markers(gc, outline, shape, spots, IdentityTransform(), fill)
    gc.restore()


def _repeat(kinds: Sequence[NDArray[np.int64]], paths: Sequence[Path]) -> bool:
    """Return whether elements repeat often enough for drawing by kind to pay off."""
    return 0 < len(kinds) <= len(paths) / 2


def _of_each(looks: ArrayLike, count: int) -> NDArray[np.float64]:
    """Return each element's colour or width, in rows; no colour means transparent."""
    given = np.asarray(looks, dtype=np.float64)
    rows = given.reshape(len(given), -1) if len(given) else np.zeros((1, 4))
    return rows[np.arange(count) % len(rows)]
