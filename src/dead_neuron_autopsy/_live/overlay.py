"""What a window shows above the cards: the ring of the focus, and a tooltip."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.backend_bases import MouseEvent, RendererBase
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase, IdentityTransform

from .._drawing.elements import plain
from .._drawing.grid import AutopsyGrid
from .._drawing.one_card import Card

#: In pixels: the ring, the room between a card and its tooltip, and that around the words.
_RING, _GAP, _AROUND = 2.0, 3.0, 6.0

_LETTERS = 8.0  # in points


class Tooltip(NamedTuple):
    """Words beside a card."""

    words: str
    card: Card


class Overlay(Artist):
    """Draws a ring and a tooltip in a window; a saved file never has them."""

    zorder = 1000

    def __init__(self, grid: AutopsyGrid) -> None:
        super().__init__()
        self._grid, self._style = grid, grid.style
        self.ring: Card | None = None
        self.tooltip: Tooltip | None = None
        #: Where the tooltip was drawn last.
        self.tooltip_box: Bbox | None = None
        self.set_in_layout(False)
        grid.root_figure.add_artist(self)

    def contains(self, mouseevent: MouseEvent) -> tuple[bool, dict[str, Any]]:
        """Return that nothing is under the pointer: it belongs to the card below."""
        del mouseevent
        return False, {}

    def draw(self, renderer: RendererBase) -> None:
        """Draw what there is, unless a file is saved."""
        figure: Any = self.get_figure(root=True)
        if figure.canvas.is_saving():
            return
        cards = self._grid.cards
        if self.ring is not None and self.ring.id in cards:
            self._draw_ring(renderer, figure, self.ring.bbox)
        if self.tooltip is not None and self.tooltip.card.id in cards:
            self._draw_tooltip(renderer, figure, self.tooltip)
        self.stale = False

    def _draw_ring(self, renderer: RendererBase, figure: Figure, card: Bbox) -> None:
        width = _RING * 72 / figure.dpi  # in points
        outline = Rectangle(
            (card.x0 - _RING / 2, card.y0 - _RING / 2),
            card.width + _RING,
            card.height + _RING,
            facecolor="none",
            edgecolor=self._style.title,
            linewidth=width,
        )
        self._draw(plain(outline), renderer, figure)

    def _draw_tooltip(self, renderer: RendererBase, figure: Figure, tooltip: Tooltip) -> None:
        words = Text(
            text=tooltip.words,
            color=self._style.title,
            fontfamily=list(self._style.font_family),
            fontsize=_LETTERS,
            linespacing=1.4,
            parse_math=False,
            va="bottom",
        )
        words.set_figure(figure)
        words.set_transform(IdentityTransform())
        size = words.get_window_extent(renderer)
        width, height = size.width + 2 * _AROUND, size.height + 2 * _AROUND
        box = beside(tooltip.card.bbox, width, height, figure.bbox.padded(-_GAP))
        face = FancyBboxPatch(
            (box.x0, box.y0),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=3",
            facecolor=self._style.card,
            edgecolor=self._style.faint,
            linewidth=0.8,
        )
        self._draw(plain(face), renderer, figure)
        words.set_position((box.x0 + _AROUND, box.y0 + _AROUND))
        self._draw(words, renderer, figure)
        self.tooltip_box = box

    def _draw(self, artist: Artist, renderer: RendererBase, figure: Figure) -> None:
        artist.set_figure(figure)
        artist.set_transform(IdentityTransform())
        artist.draw(renderer)


def beside(card: Bbox, width: float, height: float, room: BboxBase) -> Bbox:
    """Return a box of a size beside a card, inside the room, that does not cover the card."""
    left = min(max(card.x0, room.x0), max(room.x1 - width, room.x0))
    bottom = min(max(card.y1 - height, room.y0), max(room.y1 - height, room.y0))
    places = [
        (left, card.y0 - _GAP - height),  # below, above, right, left
        (left, card.y1 + _GAP),
        (card.x1 + _GAP, bottom),
        (card.x0 - _GAP - width, bottom),
    ]
    for x, y in places:
        fits = room.x0 <= x and x + width <= room.x1 and room.y0 <= y and y + height <= room.y1
        if fits:
            return Bbox.from_bounds(x, y, width, height)
    x, y = left, max(room.y0, card.y0 - _GAP - height)  # a card as large as its figure
    return Bbox.from_bounds(x, y, width, height)
