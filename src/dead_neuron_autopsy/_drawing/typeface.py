"""Fonts: which are installed, how wide their strings are, what their letters look like."""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property, lru_cache
from itertools import accumulate, count
from typing import Any, NamedTuple

import numpy as np
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from .._words.notation import clean

#: The size at which `text_to_path` measures and outlines letters, in points.
EM = text_to_path.FONT_SCALE

#: Stand-ins for a letter that the fonts lack or that file formats cannot carry: the first
#: that the fonts have. DejaVu's U+FFFD and squares touch their neighbours.
_UNSAYABLE = "\N{REPLACEMENT CHARACTER}"
_STAND_INS = f"\N{WHITE VERTICAL RECTANGLE}{_UNSAYABLE}?"

#: Cache the strings of some thousand cards. The caches keep their `Typeface` alive, but so
#: does `typeface_of`.
_remembered = lru_cache(maxsize=2**15)


class Run(NamedTuple):
    """A string as shapes with their positions, in hundredths of the font size."""

    shapes: NDArray[np.int64]
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    width: float


class Typeface:
    """The letter outlines and string widths of a list of fonts, tried in order.

    Matplotlib lays out the strings: pair by pair where letters simply follow one another,
    whole where they are Arabic or Hebrew, or have ligatures or combining marks.
    """

    def __init__(self, font_paths: tuple[str, ...]) -> None:
        self._paths = font_paths
        self._glyphs: dict[str, tuple[Any, Any]] = {}  # Matplotlib's outlines, by name
        # NumPy sorts numbers faster than names. When two threads race, one goes unused.
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        #: The outline of each shape of a `Run`, in the run's units; and its name.
        self.outlines: dict[int, Path] = {}
        self._names: dict[int, str] = {}

    @cached_property
    def letters_of_first(self) -> frozenset[int]:
        """The code points that the first font has."""
        return frozenset(get_font(self._paths[0]).get_charmap())

    @cached_property
    def _letters_of_all(self) -> frozenset[int]:
        return frozenset().union(*(get_font(path).get_charmap() for path in self._paths))

    @_remembered
    def drawable(self, text: str) -> str:
        """Return *text* with a stand-in for each letter that these fonts cannot draw."""
        # Invisible characters, such as those that change the direction, are removed.
        text = clean(text)
        if text.isascii():
            return text
        has = self._letters_of_all
        stand_in = next((one for one in _STAND_INS if ord(one) in has), " ")
        return "".join(
            letter if letter != _UNSAYABLE and ord(letter) in has else stand_in
            for letter in text
            if unicodedata.category(letter) != "Cf"
        )

    @_remembered
    def run(self, text: str) -> Run:
        """Return *text*, which must be drawable, as shapes with their positions."""
        pairs = [text[start : start + 2].ljust(2) for start in range(len(text))]
        *xs, width = accumulate(map(self._step, pairs), initial=0.0)
        if math.isnan(width):
            return self._laid_out(text)
        shapes = np.array([*map(self._shape_alone, text)], dtype=np.int64)
        return Run(shapes, np.array(xs), np.zeros(len(xs)), width)

    def glyphs(
        self, text: str
    ) -> tuple[list[tuple[str, float, float, float]], dict[str, tuple[Any, Any]]]:
        """Return what `TextToPath.get_glyphs_with_font` does: letters, and outlines by name."""
        run = self.run(text)
        names = [self._names[shape] for shape in run.shapes.tolist()]
        places = run.xs.tolist(), run.ys.tolist(), [1.0] * len(names)
        return list(zip(names, *places, strict=True)), {name: self._glyphs[name] for name in names}

    @_remembered
    def _step(self, pair: str) -> float:
        """Return the distance between two letters; NaN if not laid out one by one."""
        directions = set(map(unicodedata.bidirectional, pair))
        has_mark = any(unicodedata.category(letter)[0] == "M" for letter in pair)
        run, odd = self._laid_out(pair), directions & {"R", "AL", "AN"}
        if odd or has_mark or run.xs[:1].tolist() != [0.0] or run.ys.any():
            return math.nan
        one_by_one = run.shapes.tolist() == [*map(self._shape_alone, pair)]
        return float(run.xs[1]) if one_by_one else math.nan

    @_remembered
    def _shape_alone(self, letter: str) -> int:
        """Return the shape of a letter; -1 if it has not exactly one."""
        shapes = self._laid_out(letter).shapes
        return int(shapes[0]) if len(shapes) == 1 else -1

    def _laid_out(self, text: str) -> Run:
        """Return *text* as Matplotlib lays it out, as wide as its ink reaches."""
        font = get_font(self._paths)
        font.set_size(EM, text_to_path.DPI)  # others share and resize it
        glyphs, _, _ = text_to_path.get_glyphs_with_font(font, text, self._glyphs)
        shapes = [self._numbers[name] for name, *_ in glyphs]
        for shape, (name, *_) in zip(shapes, glyphs, strict=True):
            if shape not in self.outlines:
                outline = Path(*self._glyphs[name])
                outline.should_simplify = False  # whatever rcParams say now
                self.outlines[shape], self._names[shape] = outline, name
        xs = [float(x) for _, x, _, _ in glyphs]
        right_edges = [
            x + np.max(self.outlines[shape].vertices, axis=0, initial=0.0)[0]
            for shape, x in zip(shapes, xs, strict=True)
        ]
        ys = [float(y) for _, _, y, _ in glyphs]
        arrays = np.array(shapes, dtype=np.int64), np.array(xs, dtype=float), np.array(ys)
        return Run(*arrays, max(right_edges, default=0.0))


typeface_of = lru_cache(maxsize=32)(Typeface)


class Font(NamedTuple):
    """Font families in order of preference, a weight, and a size in points."""

    families: tuple[str, ...]
    weight: str
    size: float

    @property
    def typeface(self) -> Typeface:
        """The outlines of the families that are installed."""
        return typeface_of(tuple(self._installed().values()))

    @property
    def measure(self) -> Callable[[str], float]:
        """A function from a string to its width in points; looks the fonts up once."""
        run, size = self.typeface.run, self.size
        return lambda text: run(text).width / EM * size

    @property
    def properties_for(self) -> Callable[[str], FontProperties]:
        """A function from a string to its `FontProperties`; looks the fonts up once."""
        # If the first family has all letters, it is named alone: looking for the others
        # would take a tenth of the time of a PDF.
        letters, families = self.typeface.letters_of_first, list(self._installed())
        alone = _properties(families[:1], self.weight, self.size)
        together = _properties(families, self.weight, self.size)
        return lambda text: alone if letters.issuperset(map(ord, text)) else together

    def _installed(self) -> dict[str, str]:
        """Return the path of each family that is installed."""
        paths = {}
        for family in self.families:
            # A generic family, such as "serif", is whatever rcParams say now.
            is_generic = family in font_manager.font_family_aliases
            find = _font_path.__wrapped__ if is_generic else _font_path
            path = find(family, self.weight, len(fontManager.ttflist))
            if path is not None:
                paths[family] = path
        if not paths:
            last_resort = "DejaVu Sans"  # comes with Matplotlib
            paths[last_resort] = str(findfont(_properties([last_resort], self.weight)))
        return paths


@lru_cache(maxsize=64)
def _font_path(family: str, weight: str, n_fonts: int) -> str | None:
    """Return the path of a font; a new *n_fonts* looks it up again."""
    # Matplotlib's own cache takes 16 µs: its key holds every rcParam about fonts.
    del n_fonts
    try:
        return str(findfont(_properties([family], weight), fallback_to_default=False))
    except ValueError:
        return None


def _properties(families: list[str], weight: str, size: float = 10.0) -> FontProperties:
    """Return fully specified properties, which leave nothing to rcParams."""
    normal: Any = dict.fromkeys(("style", "variant", "stretch"), "normal")
    return FontProperties(family=families, weight=weight, size=size, **normal)
