"""Collections with one element per card: exactly placed, copied in part."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any, TypeAlias, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform
from numpy.typing import NDArray

#: We compute every position; nothing in Matplotlib may shift it.
_EXACT: dict[str, Any] = {
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

#: Dashes in line widths: offset, and lengths on and off.
Dashes: TypeAlias = tuple[float, Sequence[float] | None]

AnyArtist = TypeVar("AnyArtist", bound=Artist)
AnyCollection = TypeVar("AnyCollection", bound=Collection)


def exact_paths(paths: Sequence[Path], **looks: Any) -> PathCollection:
    """Return a collection of outlines that are drawn exactly where they are put."""
    return plain(PathCollection(paths, **_EXACT, **looks))


def exact_lines(paths: Sequence[Path], **looks: Any) -> LineCollection:
    """Return a collection of lines that are drawn exactly where they are put."""
    lines = plain(LineCollection([], **_EXACT, **looks))
    set_paths(lines, paths)
    return lines


def set_paths(part: Collection, paths: Sequence[Path]) -> None:
    """Set a collection's paths as they are."""
    Collection.set_paths(part, paths)  # LineCollection.set_paths would rebuild every path


def plain(artist: AnyArtist) -> AnyArtist:
    """Return *artist* without what rcParams set on every new artist, and with zorder 1."""
    # So parts are drawn as the panel lists them, until the caller moves one up or down.
    artist.set_path_effects([])
    artist.set_sketch_params(None)
    artist.set_zorder(1)
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
    """Return the line style to set so that dashes come out as long as *dashes*, in points."""
    # Matplotlib multiplies them by the line's *width*, unless rcParams say otherwise.
    offset, lengths = dashes
    rcparams: Any = mpl.rcParams  # its type lacks private keys
    # pytest-mpl's default style, classic, sets this private key; it has no public name.
    classic = rcparams.get("_internal.classic_mode", False)
    if classic or not rcparams["lines.scale_dashes"] or lengths is None:
        return dashes
    return offset / (width or 1), [length / (width or 1) for length in lengths]


def are_properties(artist: Artist, values: object) -> bool:
    """Return whether this is what Matplotlib's `Artist.update` takes: values by property."""
    if not isinstance(values, Mapping):
        return False
    # An empty dict comes from `matplotlib.pyplot.setp`, which must not remove every card.
    return all(isinstance(key, str) and hasattr(artist, f"set_{key}") for key in values)


def quiet_copy(artist: AnyArtist) -> AnyArtist:
    """Return a shallow copy whose changes cause no new draw."""
    copied = copy.copy(artist)
    copied.stale_callback = None
    vars(copied)["original"] = original_of(artist)
    return copied


def original_of(artist: Artist) -> Artist:
    """Return the part that an artist is a `quiet_copy` of; itself if it is none."""
    original: Artist = vars(artist).get("original", artist)
    return original


def of_some(part: AnyCollection, elements: NDArray[np.int64]) -> AnyCollection:
    """Return a copy of a collection with the looks, not the paths, of some elements."""
    part.update_scalarmappable()
    some = quiet_copy(part)
    some.set_array(None)  # the colormap's colours are those of all elements
    _take_looks(part, elements, some)
    return some


def rearrange(part: Collection, elements: NDArray[np.int64]) -> None:
    """Give each element the look that the one at its place in *elements* had."""
    values = part.get_array()
    _take_looks(quiet_copy(part), elements, part)
    if values is not None and len(values) > 1:
        part.set_array(values[elements % len(values)])


def _take_looks(part: Collection, elements: NDArray[np.int64], some: Collection) -> None:
    """Give *some* the looks of the given elements of a part."""
    # Matplotlib picks looks by an element's position, which is another one in *some*.
    alphas: Any = part.get_alpha()
    if np.iterable(alphas):  # at every step, there must be as many colours, or none
        some.set(facecolor="none", edgecolor="none")
        _take(alphas, elements, some.set_alpha)
    _take(_colors(part, "facecolor"), elements, some.set_facecolor)
    _take(_colors(part, "edgecolor"), elements, some.set_edgecolor)
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


def only(part: AnyCollection, element: int) -> AnyCollection:
    """Return a copy of a collection that draws a single element."""
    one = of_some(part, np.array([element]))
    paths, offsets = part.get_paths(), np.asarray(part.get_offsets())
    set_paths(one, [paths[element % len(paths)]])
    one.set_offsets(offsets[element % len(offsets)])
    return one


def _colors(part: Collection, name: str) -> Any:
    """Return the colours of a part such that a copy with the same alpha keeps them."""
    # The alpha of a part replaces that of its colours, except of "none".
    colors = getattr(part, f"get_{name}")()
    if part.get_alpha() is None or np.all(np.any(colors, axis=1)):
        return colors
    return [color if any(color) else "none" for color in colors.tolist()]


def _take(looks: Any, elements: NDArray[np.int64], put: Callable[[Any], None]) -> None:
    """Pass the looks of the given elements to *put*, unless all share one look."""
    # No elements draw nothing, and set_alpha would take the minimum of no values.
    if not len(elements) or not hasattr(looks, "__len__") or len(looks) < 2:
        return
    wanted = elements % len(looks)
    is_array = isinstance(looks, np.ndarray)
    put(looks[wanted] if is_array else [looks[element] for element in wanted])


@contextmanager
def unnoticed(artists: Sequence[Artist]) -> Iterator[None]:
    """Let artists change while they are drawn, without triggering another draw."""
    callbacks = [(artist, artist.stale_callback) for artist in artists]
    try:
        for artist in artists:
            artist.stale_callback = None
        yield
    finally:
        for artist, callback in callbacks:
            artist.stale_callback = callback
