"""Collections with one element per card: exact placement, subsets, bulk drawing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any, TypeAlias, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection, PathCollection
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.typing import ArrayLike, NDArray

from .markers import TO_CORNER, clip_markers, positions_of_equal
from .pixels import line_widths
from .renderers import is_raster

#: We compute every position; nothing in Matplotlib may shift it.
EXACT: dict[str, Any] = {
    # Two equal values on purpose: with one, Matplotlib takes its single-marker shortcut,
    # which drops PDF markers anchored off the page.
    "antialiaseds": (True, True),
    "snap": False,
    "offsets": np.zeros((1, 2)),
    "offset_transform": IdentityTransform(),
    "transform": Affine2D(),  # RendererBase cannot translate an IdentityTransform
}

#: Draws nothing; a placeholder until the size of a card is known.
NO_PATH = Path([(0, 0)])

AnyCollection = TypeVar("AnyCollection", bound=Collection)

#: Offset and on/off lengths of a dash pattern, in line widths or in points.
Dashes: TypeAlias = tuple[float, Sequence[float] | None]

AnyArtist = TypeVar("AnyArtist", bound=Artist)


def exact_paths(paths: Sequence[Path], **look: Any) -> PathCollection:
    """Return a collection of outlines that are drawn exactly where they are put."""
    return plain(PathCollection(paths, **EXACT, **look))


def plain(artist: AnyArtist) -> AnyArtist:
    """Return *artist* without what the caller's rcParams set on every new artist."""
    artist.set_path_effects([])
    artist.set_sketch_params(None)
    if hasattr(artist, "set_hatchcolor"):
        # New in Matplotlib 3.11, which writes it into a PDF even without a hatch.
        artist.set_hatchcolor("edge")
    return artist


def sparkline_path(points: NDArray[np.float64]) -> Path:
    """Return a path with Matplotlib's default simplification, whatever rcParams say."""
    path = Path(points)
    path.should_simplify = len(points) >= 128
    path.simplify_threshold = 1 / 9
    return path


def dashes_to_set(dashes: Dashes, width: float) -> Dashes:
    """Return the line style to set so that dashes come out as long as *dashes*.

    Parameters
    ----------
    dashes : tuple of float and sequence of float
        The offset and lengths wanted, in points.
    width : float
        The line width, in points. Matplotlib multiplies dashes by it, unless rcParams
        say otherwise.
    """
    offset, lengths = dashes
    if not _scales_dashes() or lengths is None:
        return dashes
    return offset / (width or 1), [length / (width or 1) for length in lengths]


def _scales_dashes() -> bool:
    # pytest-mpl's default style, classic, sets this private key; it has no public name.
    rcparams: Any = mpl.rcParams  # its type lacks private keys
    classic = rcparams.get("_internal.classic_mode", False)
    return bool(rcparams["lines.scale_dashes"]) and not classic


def of_some(part: AnyCollection, elements: NDArray[np.int64]) -> AnyCollection:
    """Return a copy of a collection with the looks of the given elements.

    Matplotlib picks looks by an element's position, which differs in the copy. Paths
    and offsets are left to the caller.
    """
    part.update_scalarmappable()
    some = copy.copy(part)
    some.set_array(None)  # the mapped colours are copied below
    alphas: Any = part.get_alpha()
    if np.iterable(alphas):  # at every step, there must be as many colours, or none
        some.set(facecolor="none", edgecolor="none")
        _take(alphas, elements, some.set_alpha)
    _take(part.get_facecolor(), elements, some.set_facecolor)
    _take(part.get_edgecolor(), elements, some.set_edgecolor)
    _take(part.get_linewidth(), elements, some.set_linewidth)
    _take(part.get_urls(), elements, some.set_urls)
    smooth = part.get_antialiased()
    if not np.all(smooth == np.atleast_1d(smooth)[0]):
        _take(smooth, elements, some.set_antialiased)
    for name in ("gapcolor", "hatchcolor"):  # of lines; since Matplotlib 3.11
        colors = getattr(part, f"get_{name}", lambda: None)()
        if colors is not None and colors is not part.get_edgecolor():
            _take(colors, elements, getattr(some, f"set_{name}"))
    line_styles: Any = part.get_linestyle()
    if any(lengths for _, lengths in line_styles[1:]):
        widths = cycle(np.atleast_1d(part.get_linewidth()).tolist())
        _take(list(map(dashes_to_set, line_styles, widths)), elements, some.set_linestyle)
    return some


def only(part: AnyCollection, element: int) -> AnyCollection:
    """Return a copy of a collection that draws a single element."""
    one = of_some(part, np.array([element]))
    paths, offsets = part.get_paths(), np.asarray(part.get_offsets())
    Collection.set_paths(one, [paths[element % len(paths)]])
    one.set_offsets(offsets[element % len(offsets)])
    return one


def _take(looks: Any, elements: NDArray[np.int64], put: Callable[[Any], None]) -> None:
    """Pass the looks of the given elements to *put*, unless all share one look."""
    if not hasattr(looks, "__len__") or len(looks) < 2:
        return
    if not len(elements):
        return  # nothing is drawn, and set_alpha would take the minimum of an empty array
    wanted = elements % len(looks)
    if isinstance(looks, np.ndarray):
        put(looks[wanted])
    else:
        put([looks[element] for element in wanted])


def clip(artists: Sequence[Artist], box: Bbox | None) -> None:
    """Clip artists to a box; None removes the clipping."""
    for artist in artists:
        artist.set_clip_box(box)
        artist.set_clip_on(box is not None)


@contextmanager
def unnoticed(artists: Sequence[Artist]) -> Iterator[None]:
    """Let artists change while they are drawn, without triggering another draw."""
    callbacks = [artist.stale_callback for artist in artists]
    try:
        for artist in artists:
            artist.stale_callback = None
        yield
    finally:
        for artist, callback in zip(artists, callbacks, strict=True):
            artist.stale_callback = callback


@contextmanager
def whole_lines(outlined: Sequence[Collection], per_point: float) -> Iterator[None]:
    """Draw outlines in the whole-pixel widths that they were placed for."""
    asked_for = [part.get_linewidth() for part in outlined]
    try:
        for part in outlined:
            elements = np.arange(len(part.get_paths()))
            widths = line_widths(part, elements, per_point, whole=True) / per_point
            # A collection rescales its dashes once per width, even if it has none.
            alike = np.all(widths == widths[0])
            part.set_linewidth(widths[0] if alike else widths.tolist())
        yield
    finally:
        for part, points in zip(outlined, asked_for, strict=True):
            part.set_linewidth(points)


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
    kinds = _alike(_identities(paths))
    if not _repeat(kinds, paths):
        part.draw(renderer)
        return
    offsets = np.asarray(part.get_offsets())
    for elements in kinds:
        some = of_some(part, elements)
        Collection.set_paths(some, [paths[elements[0]]])
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
    part.update_scalarmappable()
    paths = part.get_paths()
    places = part.get_offset_transform().transform(part.get_offsets())
    corners = np.floor(places)
    faces, edges, widths = (
        _of_each(looks, len(paths))
        for looks in (part.get_facecolor(), part.get_edgecolor(), part.get_linewidth())
    )
    kinds = _alike(np.hstack([_identities(paths), faces, edges, widths, places - corners]))
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


def _identities(paths: Sequence[Path]) -> NDArray[np.float64]:
    """Return each path's id, in rows; ids are small enough for a float to be exact."""
    return np.array(list(map(id, paths)), dtype=np.float64)[:, np.newaxis]


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
