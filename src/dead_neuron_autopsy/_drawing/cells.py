"""What a panel's cells hold: cards or bars, each kind of part as one artist."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple, Protocol

from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.typing import ColorType

from .._layout.places import GridPlan
from .placement import PartsLayout, PlacedCards


class Drawn(NamedTuple):
    """The parts to draw, each with one element per cell in view; in drawing order.

    Attributes
    ----------
    words : list of Artist
        What a label says already: borders, ids, badges. Drawn first.
    picture : list of Artist
        What the label stands for: lines, marks, bars.
    outlined : list of Collection
        Those of them whose lines are whole pixels on a raster canvas.
    """

    words: list[Artist]
    picture: list[Artist]
    outlined: list[Collection]


class Cells(Protocol[PartsLayout]):
    """The content of all cells: how they look, where they go, what is said of them."""

    natural_size: tuple[float, float]

    @property
    def all(self) -> list[Artist]:
        """All parts, drawn now or not."""

    @property
    def is_grouped(self) -> bool:
        """Whether the cells stand in groups, under headings."""

    def heading_height(self, width: float, height: float) -> float:
        """Return the height of a heading, in rows, in a room of a size in points."""

    def plan(self, heading_height: float) -> GridPlan:
        """Return where the cells stand, with headings of a height in rows."""

    def layout(self, width: float, height: float) -> PartsLayout:
        """Return where the parts sit in a cell of the given size in points."""

    def place(
        self,
        placed: PlacedCards[PartsLayout],
        headed: Set[str],
        background: ColorType | None,
    ) -> Drawn:
        """Move the parts onto the cells in view, and return those to draw.

        *headed* names the groups whose headings can be read now; *background* is the
        colour behind the cells, or None if it may be anything.
        """

    def label(self, index: int) -> str:
        """Return the words that a screen reader says in place of a cell's picture."""

    def attributes(self, index: int) -> dict[str, str]:
        """Return the attributes of a cell's SVG element, besides its role."""

    def content(self) -> object:
        """Return what tells these cells from others; its repr enters ids in SVG."""
