"""What is left of the two states for eyes that see other colours, or none."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from colorspacious import cspace_convert
from drawing import pixels
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.lib.stride_tricks import sliding_window_view

from dead_neuron_autopsy import DARK, LIGHT, PRINT, Style, draw_autopsy
from dead_neuron_autopsy._layout.card import STATE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matplotlib.collections import Collection

    from dead_neuron_autopsy import AutopsyGrid
    from dead_neuron_autopsy._layout.card import Detail

#: CIELAB differences below about 10 are hard to see between lines a point wide; the
#: colours that a style names are held to the same in test_style.py.
EASY_TO_TELL = 15

#: Of the ink of two badges or marks, the share that only one of them has. A dot lies
#: within a cross, which has twice its ink where they are alike most, at four pixels; two
#: words share what their letters happen to.
SHAPES_DIFFER = 1 / 3

#: The least correlation of a badge with a picture of its word, 1 but for antialiasing,
#: and the least that it is above the correlation with the other word.
SPELLED, ABOVE_THE_OTHER = 0.9, 0.25

#: Which card is which in a `Drawing`; the next two are alike.
ALIVE, DEAD = 0, 1

FLAT = (1.0,) * 24
ZIGZAG = (0.0, 1.0) * 12

#: Round the cards, so that none touches the edge of the picture; in points.
MARGIN = 12


class Size(NamedTuple):
    """The room for four cards, in points, and the pixels an inch."""

    width: float
    height: float
    dpi: int


#: Small print, natural, enlarged; and cards that are too low for peaks.
WITH_WORDS = {
    "72 dpi": Size(188, 166, 72),
    "100 dpi": Size(188, 166, 100),
    "200 dpi": Size(188, 166, 200),
    "low": Size(160, 136, 100),
}

#: By the height of a cross, which stands where the badge was.
COMPACT = {
    "compact, 17 px": Size(90, 86, 200),
    "compact, 8 px": Size(90, 86, 100),
    "compact, 6 px": Size(98, 84, 72),
}

#: By the height of a cross, which stands in the place of a sparkline.
CROSSED = {
    "id, 17 px": Size(60, 56, 200),
    "id, 7 px": Size(60, 56, 100),
    "id, 5 px": Size(60, 56, 72),
    "sparkline, 17 px": Size(38, 30, 200),
    "sparkline, 8 px": Size(38, 30, 100),
    "sparkline, 6 px": Size(38, 30, 72),
}

#: By the height of a card.
TILES = {
    "tile, 16 px": Size(14, 14, 200),
    "tile, 9 px": Size(20, 16, 100),
    "tile, 4 px": Size(8, 8, 100),
    "tile, 3 px": Size(5, 5, 100),
    "tile, 2 px": Size(4, 4, 100),
}

WITH_MARKS = {**COMPACT, **CROSSED, **TILES}
WITH_LINES = {**WITH_WORDS, **COMPACT}
SIZES = {**WITH_WORDS, **WITH_MARKS}
ONE_OF_EACH_DETAIL = ["100 dpi", "low", "compact, 8 px", "id, 7 px", "sparkline, 8 px"]
ONE_OF_EACH_DETAIL += ["tile, 9 px"]

#: What each detail has, of a card's parts.
PARTS: dict[Detail, set[str]] = {
    "full": {"id_labels", "badges", "state_labels", "peak_labels"},
    "compact": {"id_labels", "marks"},
    "id": {"id_labels", "marks"},
    "sparkline": {"marks"},
    "tile": {"marks"},
}


def at(sizes: dict[str, Size]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("size", sizes.values(), ids=sizes.keys())


STYLES = pytest.mark.parametrize("style", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])


#: The state has another shape beside a flat line and beside a steep one.
STYLES_AND_SHAPES = pytest.mark.parametrize(
    ("style", "shape"),
    [(LIGHT, FLAT), (LIGHT, ZIGZAG), (DARK, ZIGZAG), (PRINT, FLAT)],
    ids=["light", "light, steep", "dark, steep", "print"],
)


def moved(box: Bbox, by: Any) -> Bbox:
    return Bbox(box.get_points() + by)


def boxes(collection: Collection) -> list[Bbox]:
    """Return where a collection's elements were drawn, in display coordinates."""
    corners = np.asarray(collection.get_offsets())
    transform = collection.get_transform()
    outlines = [path.get_extents(transform) for path in collection.get_paths()]
    return [moved(outline, corner) for outline, corner in zip(outlines, corners, strict=True)]


class Drawing:
    """Four cards, alive and dead and once more alive and dead, as pixels.

    A living and a dead one differ by nothing but their state, their id's letter and their
    peak's digits.

    Parameters
    ----------
    style : Style
        How they look.
    size : Size
        How large they are.
    shape : iterable of float
        What the sparklines show.
    without : iterable of str
        Names of the parts to leave out.
    """

    def __init__(
        self,
        style: Style,
        size: Size,
        shape: Iterable[float] = FLAT,
        without: Iterable[str] = (),
    ) -> None:
        living = np.array(shape)
        neurons = {"A": living, "B": 1e-9 * living, "C": living, "D": 1e-9 * living}
        room = np.array([size.width, size.height])
        sheet = room + 2 * MARGIN
        figure = Figure(tuple(sheet / 72), size.dpi, facecolor=style.background)
        host = figure.add_axes((*(MARGIN / sheet), *(room / sheet)))
        self.grid: AutopsyGrid = draw_autopsy(host, neurons, ncols=2, title="", style=style)
        for part in without:
            getattr(self.grid, part).set_visible(False)
        self.size = size
        self.picture: Any = pixels(figure)
        self.cards = boxes(self.grid.borders)

    def window(self, box: Bbox) -> Any:
        """Return the pixels that a box in display coordinates touches."""
        hardly = 1e-6
        left, bottom = np.floor(box.p0 + hardly).astype(int)
        right, top = np.ceil(box.p1 - hardly).astype(int)
        height = len(self.picture)
        return self.picture[height - top : height - bottom, left:right]

    @property
    def parts(self) -> set[str]:
        """The names of the parts that are drawn."""
        names = set.union(*PARTS.values(), {"borders", "midlines", "sparklines"})
        return {name for name in names if self._is_drawn(getattr(self.grid, name))}

    def _is_drawn(self, part: Artist) -> bool:
        """Return whether the picture is another without a part."""
        if not part.get_visible():
            return False
        part.set_visible(False)
        without = pixels(self.grid.get_figure(root=True))
        part.set_visible(True)
        return bool((without != self.picture).any())

    def places(self, *parts: str, around: int = 0) -> list[Any]:
        """Return in each card the same place: the least that holds any card's parts."""
        shared = Bbox.union(
            [
                moved(box, -card.p0)
                for part in parts
                for box, card in zip(boxes(getattr(self.grid, part)), self.cards, strict=True)
            ]
        )
        shared = shared.padded(around)
        return [self.window(moved(shared, card.p0)) for card in self.cards]

    @property
    def marks(self) -> list[Any]:
        """The pixels of each card's mark, or where it would be."""
        return self.places("marks")

    @property
    def states(self) -> list[Any]:
        """The pixels of what tells each card's state: a badge, a mark, or a line's lack."""
        if "badges" in self.parts:
            return self.places("badges", around=1)  # they may have outlines
        if self.size in CROSSED.values():
            return self.places("marks", "sparklines", around=math.ceil(self.size.dpi / 120))
        return self.marks


#: A picture is looked at in many ways.
drawing = cache(Drawing)


def without_colour(style: Style) -> Style:
    """Return a style in which the dead have the colours and widths of the living."""
    names = {field.name for field in fields(style)}
    alike = {name: name.replace("dead_", "alive_", 1) for name in names}
    equal = replace(style, **{dead: getattr(style, like) for dead, like in alike.items()})
    assert equal != style
    return equal


# What is seen of sRGB colours from 0 to 1, as CIELAB


def by_everybody(colors: Any) -> Any:
    return cspace_convert(colors, "sRGB1", "CIELab")


def in_grey(colors: Any) -> Any:
    return by_everybody(colors) * [1, 0, 0]


def with_deficiency(name: str, colors: Any) -> Any:
    space = {"name": "sRGB1+CVD", "cvd_type": name, "severity": 100}
    # What lies outside of sRGB was never seen: it is the model's.
    return by_everybody(np.clip(cspace_convert(colors, space, "sRGB1"), 0, 1))


SIGHTS = pytest.mark.parametrize(
    "see",
    [
        by_everybody,
        in_grey,
        partial(with_deficiency, "protanomaly"),
        partial(with_deficiency, "deuteranomaly"),
        partial(with_deficiency, "tritanomaly"),
    ],
    ids=["everybody", "grey", "protanopia", "deuteranopia", "tritanopia"],
)


def behind(style: Style) -> tuple[float, float, float]:
    return to_rgb(style.background if style.card == "none" else style.card)


def strongest_ink(window: Any, style: Style, see: Callable[[Any], Any]) -> Any:
    """Return the colour that stands out most from a card's face, as it is seen."""
    seen = see(window.reshape(-1, 3) / 255)
    return seen[np.linalg.norm(seen - see(behind(style)), axis=-1).argmax()]


def sparkline(drawn: Drawing, card: int) -> Any:
    return drawn.window(boxes(drawn.grid.sparklines)[card].padded(0.5))


def face(drawn: Drawing, card: int) -> Any:
    """Return what a tile is filled with: nothing, or a mark as large as its card."""
    return drawn.window(drawn.cards[card].padded(0.5))


def lower_border(drawn: Drawing, card: int) -> Any:
    """Return the middle of a card's lower edge, which nothing else comes near."""
    outline = drawn.cards[card]
    aside = 0.3 * outline.width
    middle = Bbox.from_bounds(outline.x0 + aside, outline.y0, outline.width - 2 * aside, 0)
    return drawn.window(middle.padded(0.5))


SIZES_WITH: dict[Callable[[Drawing, int], Any], dict[str, Size]] = {
    sparkline: WITH_LINES,
    lower_border: SIZES,
    face: TILES,
}


def difference(alive: Any, dead: Any, style: Style, see: Callable[[Any], Any]) -> float:
    """Return how far apart the strongest inks of two windows are."""
    inks = (strongest_ink(window, style, see) for window in (alive, dead))
    return float(np.linalg.norm(np.subtract(*inks)))


def differences(
    part: Callable[[Drawing, int], Any],
    style: Style,
    see: Callable[[Any], Any] = by_everybody,
    shape: tuple[float, ...] = FLAT,
    without: tuple[str, ...] = ("midlines", "marks"),
) -> dict[str, float]:
    """Return how far apart the states' inks of a part are, at every size that has it."""
    found = {}
    for name, size in SIZES_WITH[part].items():
        drawn = drawing(style, size, shape, without)
        alive, dead = part(drawn, ALIVE), part(drawn, DEAD)
        found[name] = difference(alive, dead, style, see)
    return found


def lightness(colors: Any) -> Any:
    return by_everybody(colors)[..., 0]


def in_black_and_white(window: Any, style: Style) -> Any:
    """Return where a copy has ink: nearer to the letters than to the card's face."""
    face, letters = lightness(behind(style)), lightness(to_rgb(style.alive_text))
    return (lightness(window / 255) - face) / (letters - face) > 0.5


def unshared(one: Any, other: Any) -> float:
    """Return the share of the ink of either that the other has not."""
    return float((one ^ other).sum() / (one | other).sum())


# Colours


@pytest.mark.slow
@STYLES
@SIGHTS
def test_lines_borders_and_tiles_stay_apart_at_every_size(
    style: Style, see: Callable[[Any], Any]
) -> None:
    for apart in (
        differences(sparkline, style, see, FLAT),
        differences(sparkline, style, see, ZIGZAG),
        differences(lower_border, style, see),
        differences(face, style, see, without=()),
    ):
        assert min(apart.values()) > EASY_TO_TELL, apart


@pytest.mark.slow
@STYLES
@pytest.mark.parametrize("part", [sparkline, lower_border, face])
def test_what_has_one_colour_is_not_told_apart(
    style: Style, part: Callable[[Drawing, int], Any]
) -> None:
    # The measure is of the state, not of where on the picture a card is.
    assert set(differences(part, without_colour(style)).values()) == {0}


# No colours at all


@pytest.mark.slow
@STYLES_AND_SHAPES
@at(SIZES)
def test_without_any_colour_the_states_have_another_shape(
    style: Style, size: Size, shape: tuple[float, ...]
) -> None:
    equal = without_colour(style)
    states = drawing(equal, size, shape).states
    copies = [in_black_and_white(window, equal) for window in states]
    assert unshared(copies[ALIVE], copies[DEAD]) > SHAPES_DIFFER
    # Cards that say the same are the same: what differs is the state.
    for state in (ALIVE, DEAD):
        np.testing.assert_array_equal(copies[state], copies[state + 2])


@pytest.mark.slow
@STYLES
@at({name: SIZES[name] for name in ONE_OF_EACH_DETAIL})
def test_without_any_colour_nothing_but_the_shape_differs(style: Style, size: Size) -> None:
    other_words = ("id_labels", "peak_labels")

    def alive_and_dead(style: Style) -> tuple[Any, Any]:
        drawn = Drawing(style, size, without=other_words)  # not the one that others see
        for state in drawn.states:
            state[:] = 0
        around = [drawn.window(card.padded(0.5)) for card in drawn.cards]
        return around[ALIVE], around[DEAD]

    np.testing.assert_array_equal(*alive_and_dead(without_colour(style)))
    # A tile is all state: there is nothing around it.
    assert size in TILES.values() or not np.array_equal(*alive_and_dead(style))


@pytest.mark.slow
@STYLES
@at({**COMPACT, **CROSSED})
def test_a_cross_reaches_its_corners_and_what_the_living_have_does_not(
    style: Style, size: Size
) -> None:
    equal = without_colour(style)
    marks = [in_black_and_white(window, equal) for window in drawing(equal, size).marks]
    corners = np.ix_([0, -1], [0, -1])
    assert marks[DEAD][corners].all()
    assert not marks[ALIVE][corners].any()


@STYLES
@at(COMPACT)
def test_the_living_have_a_dot_where_it_is_in_nothings_way(style: Style, size: Size) -> None:
    drawn = drawing(without_colour(style), size)
    dot = in_black_and_white(drawn.marks[ALIVE], style)
    assert dot.any()
    assert not dot[[0, -1]].any()
    assert not dot[:, [0, -1]].any()


@pytest.mark.slow
@STYLES_AND_SHAPES
@at(CROSSED)
def test_a_cross_stands_alone_where_the_living_have_nothing_but_their_line(
    style: Style, size: Size, shape: tuple[float, ...]
) -> None:
    drawn = drawing(style, size, shape, without=("midlines",))
    alone = drawing(style, size, shape, without=("midlines", "sparklines"))
    unmarked = drawing(style, size, shape, without=("midlines", "marks"))
    drawn_inside, alone_inside, unmarked_inside = (
        [one.window(card.padded(-1)) for card in one.cards] for one in (drawn, alone, unmarked)
    )
    np.testing.assert_array_equal(drawn_inside[DEAD], alone_inside[DEAD])
    np.testing.assert_array_equal(drawn_inside[ALIVE], unmarked_inside[ALIVE])
    assert not np.array_equal(drawn_inside[DEAD], unmarked_inside[DEAD])
    assert not np.array_equal(drawn_inside[ALIVE], alone_inside[ALIVE])


@at(CROSSED)
def test_a_cross_stands_in_the_middle_of_the_line_that_it_replaces(size: Size) -> None:
    drawn = drawing(LIGHT, size)
    line = moved(boxes(drawn.grid.sparklines)[ALIVE], -drawn.cards[ALIVE].p0)
    cross = moved(boxes(drawn.grid.marks)[DEAD], -drawn.cards[DEAD].p0)
    from_middle = np.mean(cross.get_points() - line.get_points(), axis=0)
    assert np.abs(from_middle).max() <= 1


@STYLES
@at(TILES)
def test_a_dead_tile_is_full_and_a_living_one_empty(style: Style, size: Size) -> None:
    equal = without_colour(style)
    tiles = [in_black_and_white(window, equal) for window in drawing(equal, size).states]
    assert tiles[DEAD].all()
    assert not tiles[ALIVE].any()


@at(SIZES)
def test_the_sizes_are_those_of_every_detail(size: Size, request: pytest.FixtureRequest) -> None:
    drawn, name = drawing(LIGHT, size), request.node.callspec.id
    detail, _, height = name.partition(", ")
    parts = PARTS.get(detail, PARTS["full"]) | {"borders"}
    parts -= {"peak_labels"} if name == "low" else set()
    lines = set() if detail == "tile" else {"sparklines"}
    # Level sparklines cover their midlines, which no pixel shows then.
    assert drawn.parts - {"midlines"} == parts | lines
    if size in WITH_MARKS.values():
        assert f"{len(drawn.marks[DEAD])} px" == height


# Words

#: Pixels of a word's picture for one of a badge's; letters stand at any part of a pixel.
ENLARGED = 8


@cache
def pictures_of(word: str, dpi: int) -> list[Any]:
    """Return a word's ink as it may fall onto pixels, drawn by Matplotlib alone."""
    figure = Figure(figsize=(0.6, 0.25), dpi=ENLARGED * dpi)
    figure.text(0.5, 0.4, word, ha="center", fontsize=STATE_SIZE, family="DejaVu Sans")
    letters = 100 - lightness(pixels(figure) / 255)
    rows, columns = np.nonzero(letters > 1)
    letters = letters[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    starts = range(0, ENLARGED, 2)
    return [on_pixels(letters, down, right) for down in starts for right in starts]


def on_pixels(enlarged: Any, down: int, right: int) -> Any:
    below, after = (
        -(length + start) % ENLARGED
        for length, start in zip(enlarged.shape, (down, right), strict=True)
    )
    padded = np.pad(enlarged, [(down, below), (right, after)])
    height, width = padded.shape
    blocks = padded.reshape(height // ENLARGED, ENLARGED, width // ENLARGED, ENLARGED)
    return blocks.mean(axis=(1, 3))


def correlation(window: Any, picture: Any) -> float:
    """Return the correlation of a picture with that part of a window most like it."""
    places = sliding_window_view(window, picture.shape).reshape(-1, picture.size)
    places = places - places.mean(axis=1, keepdims=True)
    wanted = picture.ravel() - picture.mean()
    scale = np.linalg.norm(places, axis=1) * np.linalg.norm(wanted)
    return float((places @ wanted / np.maximum(scale, 1e-9)).max())


@pytest.mark.slow
@STYLES
@at(WITH_WORDS)
@pytest.mark.parametrize(("card", "word"), [(ALIVE, "alive"), (DEAD, "dead")])
def test_the_badges_words_can_be_recognised_in_grey(
    style: Style, size: Size, card: int, word: str
) -> None:
    badge = lightness(drawing(style, size).states[card] / 255)
    letters_are_lighter = lightness(to_rgb(style.alive_text)) > lightness(behind(style))
    letters = np.pad(badge if letters_are_lighter else -badge, 1, mode="edge")
    alike = {
        said: max(correlation(letters, picture) for picture in pictures_of(said, size.dpi))
        for said in ("alive", "dead")
    }
    spelled = alike.pop(word)
    (not_spelled,) = alike.values()
    assert spelled > SPELLED
    assert spelled - not_spelled > ABOVE_THE_OTHER
