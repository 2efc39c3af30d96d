"""Many short strings drawn at once.

On a raster canvas a string costs Matplotlib about a millisecond, since it renders and
blits each letter on its own (matplotlib#347 asks for a collection of texts). We hand over
each distinct letter once, with all its positions. Document renderers get the strings as
text, so that they can be selected and searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.backend_bases import GraphicsContextBase, MouseEvent, RendererBase
from matplotlib.colors import to_rgba_array
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from matplotlib.typing import ColorType
from numpy.typing import ArrayLike, NDArray

from .._intake.foreign import short_repr
from .letters import LARGEST, MOST, STEPS_PER_PIXEL, Piece, letters_of, paint
from .pdf_text import RepeatedText
from .renderers import TO_CORNER, clip_markers, is_agg, is_raster, keeps_text, positions_of_equal
from .typeface import EM, Font, Run

Colors: TypeAlias = ColorType | Sequence[ColorType] | NDArray[np.float64]
Align = Literal["left", "center", "right"]
Ints: TypeAlias = NDArray[np.int64]

#: How far letters reach below their baseline, in units of the font size.
_DESCENT = 0.25

#: The pixels of at most so many letters are kept: those of more would take megabytes.
_MOST_KEPT = 2_000


class Labels(Artist):
    """Many short strings in one font, each with its place and colour.

    Their owner sets the places, in display coordinates, at every draw. A copy made by
    `copy.copy` can be placed, coloured and clipped without changing the original.
    """

    zorder = 1  # that of all parts, see `elements.plain`

    def __init__(self, font: Font, colors: Colors, align: Align = "left") -> None:
        super().__init__()
        self.font = font
        self._alphas: NDArray[Any] | None = None  # of each string, if set so
        self._kept: tuple[object, list[Piece]] | None = None  # a look, and its pixels
        #: The share of its width that a string lies to the left of its place.
        self._share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        self.place([], [])
        self._rgba = np.zeros((0, 4))
        self.set_color(colors)

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be copied: not the pixels."""
        state: Any = super().__getstate__()
        return dict(state, _kept=None)

    def get_texts(self) -> list[str]:
        """Return the strings as they are drawn, shortened to fit their room."""
        return list(self._texts)

    def set_color(self, colors: Colors) -> None:
        """Set one colour for all strings, or one for each."""
        rgba = to_rgba_array(colors)
        # to_rgba_array makes no row at all of "none".
        rgba = rgba if len(rgba) else np.zeros((1, 4))
        if not np.array_equal(self._rgba, rgba):  # mixing takes longer than comparing
            self._rgba = rgba
            self._mix_colors()

    def get_color(self) -> NDArray[np.float64]:
        """Return the colours as RGBA, one row for all strings or one for each."""
        return self._rgba.copy()

    def rearrange(self, elements: Ints) -> None:
        """Give each string the colour that the one at its place in *elements* had."""
        if len(self._rgba) > 1:
            self._rgba = self._rgba[elements % len(self._rgba)]
        if self._alphas is not None and len(self._alphas) > 1:
            self._alphas = self._alphas[elements % len(self._alphas)]
        self._mix_colors()

    def set_alpha(self, alpha: ArrayLike | None) -> None:
        """Set the opacity of all strings, or of each, from 0 to 1; None: as the colours.

        As for collections, it replaces the alpha of the colours; "none" stays invisible.
        """
        of_each = None if alpha is None or np.ndim(alpha) == 0 else np.asarray(alpha)
        if of_each is not None and not np.all((of_each >= 0) & (of_each <= 1)):
            raise ValueError(f"alpha: must be between 0 and 1; got {short_repr(alpha)}.")
        super().set_alpha(alpha if of_each is None else None)  # type: ignore[arg-type]
        self._alphas = of_each
        self._mix_colors()

    def get_alpha(self) -> Any:
        """Return the opacity of all strings, of each, or None."""
        return super().get_alpha() if self._alphas is None else self._alphas

    def _mix_colors(self) -> None:
        rgba, alpha = self._rgba, self.get_alpha()
        if alpha is not None:
            visible = rgba.any(axis=1, keepdims=True)  # "none" is (0, 0, 0, 0)
            rgba = np.where(visible, to_rgba_array(rgba, alpha), 0.0)
        looks = np.ascontiguousarray(rgba).view(f"V{rgba.itemsize * 4}").ravel().tolist()
        numbers = {look: number for number, look in enumerate(dict.fromkeys(looks))}
        self._palette = np.frombuffer(b"".join(numbers)).reshape(-1, 4)
        self._color_numbers = np.array([numbers[look] for look in looks])
        self.stale = True

    def place(
        self,
        texts: Iterable[str],
        places: ArrayLike,
        elements: Sequence[int] | None = None,
        owners: Sequence[int] | None = None,
    ) -> None:
        """Set the strings and their places: display x and baseline y of each.

        They take the colours of the given *elements*; default: of the first ones. The *owners*
        are the cells in view that they belong to; default: one string per cell, in order.
        """
        self._texts = list(texts)
        #: Which cell in view each string belongs to.
        self.owners = range(len(self._texts)) if owners is None else owners
        self._places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        first = range(len(self._texts))
        self._elements = np.array(first if elements is None else elements, dtype=np.int64)

    def contains(self, mouseevent: MouseEvent) -> tuple[bool, dict[str, Any]]:
        """Return whether the pointer is on a string, and of which element, as "ind"."""
        figure: Any = self.get_figure(root=True)
        elsewhere = figure is None or mouseevent.canvas is not figure.canvas
        if elsewhere or not self.get_visible():
            return False, {}
        size = self.font.size * figure.dpi / 72
        starts, widths = self._spans(size, self._runs())
        above = mouseevent.y - self._places[:, 1]
        on_letters = (-_DESCENT * size <= above) & (above <= size)
        on_letters &= (starts <= mouseevent.x) & (mouseevent.x <= starts + widths)
        return bool(on_letters.any()), {"ind": self._elements[on_letters]}

    def _runs(self) -> list[Run]:
        run = self.font.typeface.run
        return [run(text) for text in self._texts]

    def _spans(
        self, size: float, runs: list[Run]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the display x where each string begins, and its width."""
        widths = np.array([run.width for run in runs]) / EM * size
        return self._places[:, 0] - self._share * widths, widths

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the strings: as text if the renderer keeps text, else as shapes."""
        if not self.get_visible() or not any(self._texts) or not self._palette[:, 3].any():
            return
        gc = renderer.new_gc()
        gc.set_linewidth(0)
        gc.set_snap(False)
        gc.set_url(self.get_url())
        if self.get_clip_on():
            clip_path: Any = self.get_clip_path()  # upstream's type is too wide
            gc.set_clip_rectangle(self.get_clip_box())
            gc.set_clip_path(clip_path)
        gid = self.get_gid()
        if gid is not None:  # without one, SVG needs no group
            renderer.open_group("labels", gid)
        draw = self._draw_text if keeps_text(renderer) else self._draw_glyphs
        draw(renderer, gc, self._color_numbers[self._elements % len(self._color_numbers)])
        if gid is not None:
            renderer.close_group("labels")
        gc.restore()
        self.stale = False

    def _draw_text(self, renderer: RendererBase, gc: GraphicsContextBase, colors: Ints) -> None:
        properties_for, size = self.font.properties_for, renderer.points_to_pixels
        starts, _ = self._spans(float(np.asarray(size(self.font.size))), self._runs())
        ys = self._places[:, 1]
        if renderer.flipy():
            ys = renderer.get_canvas_width_height()[1] - ys
        looks = starts.tolist(), ys.tolist(), self._palette[colors].tolist()
        strings = RepeatedText(renderer)
        for text, x, y, color in zip(self._texts, *looks, strict=True):
            gc.set_foreground(tuple(color), isRGBA=True)
            gc.set_alpha(color[3])
            # Drawing SVG cell by cell needs one operation per string, even an empty one.
            drawn = text if color[3] else ""
            strings.draw(gc, x, y, drawn, properties_for(drawn))

    def _draw_glyphs(self, renderer: RendererBase, gc: GraphicsContextBase, colors: Ints) -> None:
        size = float(np.asarray(renderer.points_to_pixels(self.font.size)))
        if not is_raster(renderer):
            glyphs = self._laid_out(size, colors)
            steps = np.zeros(len(glyphs.xs), dtype=int)
            self._stamp(renderer.draw_markers, gc, glyphs, steps, size)
        elif gc.get_clip_path()[0] is not None:  # which would rob Agg's markers of smooth edges
            draw_markers = partial(RendererBase.draw_markers, renderer)
            self._stamp(draw_markers, gc, *self._on_pixels(size, colors), size)
        elif is_agg(renderer) and size <= LARGEST and sum(map(len, self._texts)) <= MOST:
            width, height = map(int, renderer.get_canvas_width_height())  # Matplotlib 3.10: floats
            pieces = self._pieces((width, height), gc.get_clip_rectangle(), size, colors)
            paint(renderer, pieces, self._palette)
        else:
            clip_markers(gc, self)
            self._stamp(renderer.draw_markers, gc, *self._on_pixels(size, colors), size, TO_CORNER)

    def _pieces(
        self, canvas: tuple[int, int], clip: Bbox | None, size: float, colors: Ints
    ) -> list[Piece]:
        """Return the pixels of all strings; they are kept, since most do not change."""
        bounds = None if clip is None else clip.bounds
        typeface, places = self.font.typeface, self._places.tobytes()
        look = canvas, bounds, size, typeface, self._texts, places, colors.tobytes()
        if self._kept is not None and self._kept[0] == look:
            return self._kept[1]
        glyphs, steps = self._on_pixels(size, colors)
        spots = np.column_stack([glyphs.xs, glyphs.ys]).astype(np.int64)
        kinds = glyphs.shapes * STEPS_PER_PIXEL + steps
        looks = kinds, spots, glyphs.colors, glyphs.is_odd
        pieces = letters_of(typeface, size).pieces(canvas, clip, *looks)
        self._kept = (look, pieces) if len(kinds) <= _MOST_KEPT else None
        return pieces

    def _on_pixels(self, size: float, colors: Ints) -> tuple[_Glyphs, Ints]:
        """Return the letters on whole pixels, and by how many quarters each is to the right."""
        # Agg stamps markers on whole pixels (matplotlib#7233): the outline carries the fraction
        # of x, and the baseline snaps to the lower edge of a row.
        glyphs = self._laid_out(size, colors)
        quarters = np.floor(glyphs.xs * STEPS_PER_PIXEL + 0.5).astype(int)
        xs, steps = np.divmod(quarters, STEPS_PER_PIXEL)
        return glyphs._replace(xs=xs, ys=np.floor(glyphs.ys + 0.5)), steps

    def _laid_out(self, size: float, colors: Ints) -> _Glyphs:
        """Return the letters of all strings, in their order."""
        scale, runs = size / EM, self._runs()
        lengths = np.array([len(run.shapes) for run in runs])
        firsts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        xs = np.repeat(self._spans(size, runs)[0], lengths)
        ys = np.repeat(self._places[:, 1], lengths)
        return _Glyphs(
            np.concatenate([run.shapes for run in runs]),
            xs + scale * np.concatenate([run.xs for run in runs]),
            ys + scale * np.concatenate([run.ys for run in runs]),
            np.repeat(colors, lengths),
            (np.arange(len(xs)) - firsts) % 2 == 1,
        )

    def _stamp(  # noqa: PLR0917  all are needed
        self,
        draw_markers: Callable[..., None],
        gc: GraphicsContextBase,
        glyphs: _Glyphs,
        steps: Ints,
        size: float,
        corner: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Draw each distinct letter once, at all its places."""
        shapes, colors, scale = glyphs.shapes, glyphs.colors, size / EM
        n_shapes = shapes.max(initial=0) + 1
        kinds = (colors * n_shapes + shapes) * STEPS_PER_PIXEL + steps
        places = np.column_stack([glyphs.xs, glyphs.ys])
        # Where letters touch, the drawing order shows. Shape numbers depend on what this
        # process drew before, the order of the letters does not, and decides.
        for group in positions_of_equal(kinds):
            color = tuple(self._palette[colors[group[0]]])
            if color[3]:
                left = steps[group[0]] / STEPS_PER_PIXEL + corner[0]
                draw_markers(
                    gc,
                    self.font.typeface.outlines[shapes[group[0]]],
                    Affine2D.from_values(scale, 0, 0, scale, left, corner[1]),
                    Path(places[group]),
                    IdentityTransform(),
                    color,
                )


class _Glyphs(NamedTuple):
    """Letters to draw, each with its place and colour."""

    shapes: Ints
    xs: NDArray[Any]
    ys: NDArray[Any]
    colors: Ints  # in the palette
    is_odd: NDArray[np.bool_]  # every other letter of a string: its neighbours may touch it
