"""Many short strings drawn at once.

On a raster canvas a string costs Matplotlib about a millisecond, since it renders and
blits each letter on its own. We hand over each distinct letter once, with all its
positions. Document renderers get the strings as text, so that they can be selected and
searched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.backend_bases import GraphicsContextBase, MouseEvent, RendererBase
from matplotlib.colors import to_rgba_array
from matplotlib.font_manager import (
    FontProperties,
    findfont,
    font_family_aliases,
    fontManager,
    get_font,
)
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, IdentityTransform
from matplotlib.typing import ColorType
from numpy.typing import ArrayLike, NDArray

from .._words.notation import clean
from .markers import TO_CORNER, clip_markers, positions_of_equal

Align = Literal["left", "center", "right"]

#: Letters snap to a quarter of a pixel; nobody can tell finer steps apart.
_STEPS_PER_PIXEL = 4

#: The size at which `text_to_path` measures and outlines letters, in points.
_EM = text_to_path.FONT_SCALE

#: The number of strings to cache: those of some thousand cards.
_MOST_STRINGS = 2**14

#: How far letters reach below their baseline, in units of the font size.
_DESCENT = 0.25

_LAST_RESORT = "DejaVu Sans"  # comes with Matplotlib

#: Stand-ins for a letter that the fonts lack or that file formats cannot carry: the first
#: that the fonts have. DejaVu's U+FFFD and squares touch their neighbours.
_UNSAYABLE = "\N{REPLACEMENT CHARACTER}"
_STAND_INS = f"\N{WHITE VERTICAL RECTANGLE}{_UNSAYABLE}?"


class Run(NamedTuple):
    """A string as shapes with their positions, in hundredths of the font size."""

    shapes: tuple[int, ...]
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    width: float


class Typeface:
    """The letter outlines and string widths of a list of fonts, tried in order.

    Matplotlib lays out the strings. Where letters simply follow one another, as in ids
    and numbers, we ask it only once for each pair of neighbours; strings with Arabic,
    Hebrew, ligatures or combining marks go to it whole.
    """

    def __init__(self, font_paths: tuple[str, ...]) -> None:
        self._paths = font_paths
        self._outlines: dict[str, tuple[Any, Any]] = {}
        self._drawable_outlines: dict[int, Path] = {}
        self._shapes: dict[int, str] = {}
        self._shape_numbers: dict[str, int] = {}
        self._new_numbers = count()
        self._runs: dict[str, Run] = {}
        self._drawables: dict[str, str] = {}
        self._letters: dict[str, int] = {}
        self._steps: dict[str, float | None] = {}

    @cached_property
    def _letters_it_has(self) -> frozenset[int]:
        return frozenset().union(*(get_font(path).get_charmap() for path in self._paths))

    def first_has_all_of(self, text: str) -> bool:
        """Return whether the first font has every letter of *text*."""
        return all(ord(letter) in self._first_has for letter in text)

    @cached_property
    def _first_has(self) -> frozenset[int]:
        return frozenset(get_font(self._paths[0]).get_charmap())

    def drawable(self, text: str) -> str:
        """Return *text* with a stand-in for each letter that these fonts cannot draw.

        Invisible characters, such as those that change the direction, are removed.
        """
        text = clean(text)
        if text.isascii():
            return text
        drawable = self._drawables.get(text)
        if drawable is None:
            _make_room(self._drawables)
            drawable = self._drawables[text] = self._with_stand_ins(text)
        return drawable

    def _with_stand_ins(self, text: str) -> str:
        if text.isprintable() and all(map(self._draws, text)):
            return text
        return "".join(
            letter if self._draws(letter) else self._stand_in
            for letter in text
            if unicodedata.category(letter) != "Cf"
        )

    def _draws(self, letter: str) -> bool:
        return letter != _UNSAYABLE and ord(letter) in self._letters_it_has

    @cached_property
    def _stand_in(self) -> str:
        return next(
            (letter for letter in _STAND_INS if ord(letter) in self._letters_it_has), " "
        )

    def width(self, text: str) -> float:
        """Return the width of *text* in units of the font size."""
        return self.run(text).width / _EM

    def run(self, text: str) -> Run:
        """Return *text*, which must be drawable, as shapes with their positions."""
        run = self._runs.get(text)
        if run is None:
            _make_room(self._runs)
            run = self._runs[text] = self._by_letters(text) or self._whole(text)
        return run

    def outline(self, shape: int) -> Path:
        """Return the outline of a shape of a `Run`, in the run's units."""
        if shape not in self._drawable_outlines:
            outline = Path(*self._outlines[self._shapes[shape]])
            outline.should_simplify = False  # whatever rcParams say now
            self._drawable_outlines[shape] = outline
        return self._drawable_outlines[shape]

    def _by_letters(self, text: str) -> Run | None:
        if not all(map(_stands_alone, text)):
            return None
        xs = [0.0]
        for start in range(len(text)):
            step = self._step(text[start : start + 2].ljust(2))
            if step is None:
                return None
            xs.append(xs[-1] + step)
        shapes = tuple(map(self._letter, text))
        return Run(shapes, tuple(xs[:-1]), (0.0,) * len(shapes), xs[-1])

    def _step(self, pair: str) -> float | None:
        """Return the distance between two letters; None if not laid out one by one."""
        if pair not in self._steps:
            run = self._laid_out(pair)
            alone = (self._letter(pair[0]), self._letter(pair[1]))
            plain = run.shapes == alone and run.xs[0] == 0 and not any(run.ys)
            self._steps[pair] = run.xs[1] if plain else None
        return self._steps[pair]

    def _letter(self, letter: str) -> int:
        if letter not in self._letters:
            shapes = self._laid_out(letter).shapes
            self._letters[letter] = shapes[0] if len(shapes) == 1 else -1
        return self._letters[letter]

    def _whole(self, text: str) -> Run:
        run = self._laid_out(text)
        right_edges = [
            x + np.max(self._outlines[self._shapes[shape]][0], axis=0, initial=0.0)[0]
            for shape, x in zip(run.shapes, run.xs, strict=True)
        ]
        return run._replace(width=max(right_edges, default=0.0))

    def _laid_out(self, text: str) -> Run:
        glyphs, _, _ = text_to_path.get_glyphs_with_font(self._font(), text, self._outlines)
        return Run(
            tuple(self._shape_number(name) for name, *_ in glyphs),
            tuple(float(x) for _, x, _, _ in glyphs),
            tuple(float(y) for _, _, y, _ in glyphs),
            0.0,
        )

    def _shape_number(self, name: str) -> int:
        number = self._shape_numbers.get(name)
        if number is None:  # when two threads race here, one number goes unused
            new = next(self._new_numbers)
            self._shapes[new] = name
            number = self._shape_numbers.setdefault(name, new)
        return number

    def _font(self) -> FT2Font:
        """Return the fonts, set to outline size anew: others share and resize them."""
        font = get_font(self._paths)
        font.set_size(_EM, text_to_path.DPI)
        return font


def _make_room(remembered: dict[str, Any]) -> None:
    if len(remembered) >= _MOST_STRINGS:
        remembered.clear()


def _stands_alone(letter: str) -> bool:
    if letter.isascii():
        return True
    return unicodedata.category(letter)[0] != "M" and unicodedata.bidirectional(
        letter
    ) not in {"R", "AL", "AN"}


@lru_cache(maxsize=32)
def _typeface(font_paths: tuple[str, ...]) -> Typeface:
    return Typeface(font_paths)


class Font(NamedTuple):
    """Font families in order of preference, a weight, and a size in points."""

    families: tuple[str, ...]
    weight: str
    size: float

    @property
    def typeface(self) -> Typeface:
        """The outlines of the families that are installed."""
        return _typeface(tuple(self._installed().values()))

    @property
    def measure(self) -> Callable[[str], float]:
        """A function from a string to its width in points; looks the fonts up once."""
        typeface, size = self.typeface, self.size
        return lambda text: typeface.width(text) * size

    @property
    def properties_for(self) -> Callable[[str], FontProperties]:
        """A function from a string to its `FontProperties`; looks the fonts up once.

        If the first family has all letters, it is named alone: looking for the others
        would take a tenth of the time of a PDF.
        """
        typeface, families = self.typeface, list(self._installed())
        alone, together = self._properties(families[:1]), self._properties(families)
        return lambda text: alone if typeface.first_has_all_of(text) else together

    def _installed(self) -> dict[str, str]:
        found = {family: self._path(family) for family in self.families}
        paths = {family: path for family, path in found.items() if path is not None}
        return paths or {_LAST_RESORT: str(findfont(self._properties([_LAST_RESORT])))}

    def _path(self, family: str) -> str | None:
        # Matplotlib's own cache is slower: its key holds everything fonts may depend on.
        if family in font_family_aliases:
            return _font_path(self._properties([family]))
        return _named_font_path(family, self.weight, len(fontManager.ttflist))

    def _properties(self, families: list[str]) -> FontProperties:
        """Return fully specified properties, which leave nothing to rcParams."""
        return FontProperties(
            family=families,
            weight=self.weight,
            size=self.size,
            style="normal",
            variant="normal",
            stretch="normal",
        )


def _font_path(properties: FontProperties) -> str | None:
    try:
        return str(findfont(properties, fallback_to_default=False))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _named_font_path(family: str, weight: str, n_fonts: int) -> str | None:
    """Return the path of a font; a change in *n_fonts* looks it up anew."""
    del n_fonts
    return _font_path(Font((family,), weight, 10.0)._properties([family]))


class Labels(Artist):
    """Many short strings in one font, each with its place and colour.

    The places are display coordinates; the owner of the labels sets them at every draw.

    Parameters
    ----------
    font : Font
        The font of all strings.
    colors : color or sequence of color
        One colour, or one for each string.
    align : {"left", "center", "right"}, default: "left"
        Which point of a string sits at its place: its left end, centre or right end.
    """

    def __init__(
        self,
        font: Font,
        colors: ColorType | Sequence[ColorType] | NDArray[np.float64],
        align: Align = "left",
    ) -> None:
        super().__init__()
        self.font = font
        self._align = align
        self._texts: list[str] = []
        self._places = np.empty((0, 2))
        self._elements = np.empty(0, dtype=np.int64)
        self.set_color(colors)

    def set_color(
        self, colors: ColorType | Sequence[ColorType] | NDArray[np.float64]
    ) -> None:
        """Set one colour for all strings, or one for each."""
        rgba = to_rgba_array(colors)
        if not len(rgba):  # what to_rgba_array makes of "none"
            rgba = np.zeros((1, 4))
        self._palette, numbers = np.unique(rgba, axis=0, return_inverse=True)
        self._color_numbers = numbers.ravel()
        self.stale = True

    def get_texts(self) -> list[str]:
        """Return the strings as they are drawn, shortened to fit their room."""
        return list(self._texts)

    def place(
        self,
        texts: Iterable[str],
        places: ArrayLike,
        elements: Sequence[int] | None = None,
    ) -> None:
        """Set the strings and their places: display x and baseline y of each.

        They take the colours of the given *elements*; default: of the first ones.
        """
        self._texts = list(texts)
        self._places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        first = range(len(self._texts))
        self._elements = np.array(first if elements is None else elements, dtype=np.int64)

    def contains(self, mouseevent: MouseEvent) -> tuple[bool, dict[str, Any]]:
        """Return whether the pointer is on a string, and of which element, as "ind"."""
        figure = self.get_figure(root=True)
        if figure is None or mouseevent.canvas is not figure.canvas:
            return False, {}
        if not self.get_visible():
            return False, {}
        size = self.font.size * figure.dpi / 72
        measure, starts = self.font.typeface.width, self._starts(size)
        widths = size * np.array([measure(text) for text in self._texts])
        above = mouseevent.y - self._places[:, 1]
        on_letters = (-_DESCENT * size <= above) & (above <= size)
        on_letters &= (starts <= mouseevent.x) & (mouseevent.x <= starts + widths)
        return bool(on_letters.any()), {"ind": self._elements[on_letters]}

    def _numbers(self) -> NDArray[np.int64]:
        """Return the palette index of each string's colour."""
        count = len(self._color_numbers)
        numbers: NDArray[np.int64] = self._color_numbers[self._elements % count]
        return numbers

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the strings: as text if the renderer keeps text, else as shapes."""
        if not self.get_visible() or not any(self._texts) or not self._palette[:, 3].any():
            return
        gc = renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_snap(False)
        if self.get_clip_on():
            gc.set_clip_rectangle(self.get_clip_box())
        draw = self._draw_text if keeps_text(renderer) else self._draw_glyphs
        draw(renderer, gc, float(np.asarray(renderer.points_to_pixels(self.font.size))))
        gc.restore()
        self.stale = False

    def _starts(self, size: float) -> NDArray[np.float64]:
        """Return the display x where each string begins."""
        if self._align == "left":
            return self._places[:, 0]
        share = 0.5 if self._align == "center" else 1.0
        typeface = self.font.typeface
        widths = np.array([typeface.width(text) for text in self._texts])
        starts: NDArray[np.float64] = self._places[:, 0] - share * size * widths
        return starts

    def _draw_text(
        self, renderer: RendererBase, gc: GraphicsContextBase, size: float
    ) -> None:
        properties_for = self.font.properties_for
        colors = self._palette[self._numbers()].tolist()
        xs = self._starts(size).tolist()
        ys = self._places[:, 1].tolist()
        if renderer.flipy():
            height = renderer.get_canvas_width_height()[1]
            ys = [height - y for y in ys]
        for text, x, y, color in zip(self._texts, xs, ys, colors, strict=True):
            gc.set_foreground(tuple(color), isRGBA=True)
            gc.set_alpha(color[3])
            # Drawing SVG card by card needs one operation per string, even an empty one.
            drawn = text if color[3] else ""
            renderer.draw_text(gc, x, y, drawn, properties_for(drawn), 0, ismath=False)

    def _draw_glyphs(
        self, renderer: RendererBase, gc: GraphicsContextBase, size: float
    ) -> None:
        typeface = self.font.typeface
        runs = [typeface.run(text) for text in self._texts]
        lengths = [len(run.shapes) for run in runs]
        scale = size / _EM
        shapes = _joined((run.shapes for run in runs), int)
        xs = np.repeat(self._starts(size), lengths)
        xs += scale * _joined((run.xs for run in runs), float)
        ys = np.repeat(self._places[:, 1], lengths)
        ys += scale * _joined((run.ys for run in runs), float)
        colors = np.repeat(self._numbers(), lengths)
        steps = np.zeros(len(xs), dtype=int)
        corner = (0.0, 0.0)
        if is_raster(renderer):
            clip_markers(gc, self)
            # draw_markers rounds to whole pixels: the outline carries the fraction of x,
            # and the baseline snaps to the lower edge of a row.
            corner = TO_CORNER
            xs, steps = np.divmod(np.floor(xs * _STEPS_PER_PIXEL + 0.5), _STEPS_PER_PIXEL)
            ys = np.floor(ys + 0.5)
        n_shapes = shapes.max(initial=0) + 1
        kinds = (colors * n_shapes + shapes) * _STEPS_PER_PIXEL + steps.astype(int)
        places = np.column_stack([xs, ys])
        # Where letters touch, the drawing order shows. Shape numbers depend on what this
        # process drew before, the order of the letters does not: sort by the latter.
        for group in sorted(positions_of_equal(kinds), key=itemgetter(0)):
            color, shape, step = colors[group[0]], shapes[group[0]], steps[group[0]]
            if not self._palette[color, 3]:
                continue
            renderer.draw_markers(
                gc,
                typeface.outline(shape),
                Affine2D.from_values(
                    scale, 0, 0, scale, step / _STEPS_PER_PIXEL + corner[0], corner[1]
                ),
                Path(places[group]),
                IdentityTransform(),
                tuple(self._palette[color]),
            )


def _joined(parts: Iterable[Iterable[float]], kind: type) -> NDArray[Any]:
    return np.fromiter(chain.from_iterable(parts), dtype=kind)


def is_raster(renderer: RendererBase) -> bool:
    """Return whether *renderer* draws pixels now; a mixed-mode renderer may switch."""
    return hasattr(renderer, "buffer_rgba")


def keeps_text(renderer: RendererBase) -> bool:
    """Return whether to hand strings to *renderer* as text.

    Not to PGF: TeX would interpret the ``_`` and ``%`` of an id.
    """
    # Ask the bound method, since a mixed-mode renderer wraps the real one.
    drawn_by = type(getattr(renderer.draw_text, "__self__", renderer))
    return not (is_raster(renderer) or drawn_by.__module__.endswith("backend_pgf"))
