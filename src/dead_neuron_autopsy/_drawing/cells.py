"""What a panel's cells hold: cards or bars, each kind of part as one artist."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout.grid import GridPlan, GroupSizes
from .placement import PartsLayout, PlacedCards


class Drawn(NamedTuple):
    """The parts to draw, each with one element per cell in view; in drawing order."""

    cells: NDArray[np.int64]  # those in view, as positions among all
    words: list[Artist]  # what a label says already: borders, ids, badges
    beside: list[Artist]  # words outside the cells, which no view cuts off
    picture: list[Artist]  # what the label stands for: lines, marks, bars
    outlined: list[Collection]  # whose lines are whole pixels on a raster canvas


class SpokenItem(NamedTuple):
    """What a screen reader says of one cell, or of several at once."""

    words: str
    places: list[int]  # of these cells, among the cells drawn
    attributes: dict[str, str]  # of the item's element


class SpokenList(NamedTuple):
    """Items that are read as one list."""

    words: str | None  # what is said of their group; None if they are in none
    is_section: bool  # whether these words are a heading, to jump to
    items: list[SpokenItem]


class Cells(Protocol[PartsLayout]):
    """The content of all cells: how they look, where they go, what is said of them."""

    natural_size: tuple[float, float]
    group_sizes: GroupSizes
    ncols: int

    @property
    def all(self) -> list[Artist]:
        """All parts, drawn now or not."""

    def plan(self, heading: float) -> GridPlan:
        """Return where the cells stand, with headings of a height in rows."""

    def layout(self, width: float, height: float) -> PartsLayout:
        """Return where the parts sit in a cell of the given size in points."""

    def place(
        self,
        placed: PlacedCards[PartsLayout],
        headed: Set[str],
        background: ColorType | None,
        row_room: float,
    ) -> Drawn:
        """Move the parts onto the cells in view, and return those to draw.

        *headed* names the groups whose headings can be read now; a *background* of None
        may have any colour; *row_room* is what `row_room` returned.
        """

    def lists(self, cells: NDArray[np.int64]) -> list[SpokenList]:
        """Return what a screen reader says of the cells in view."""

    def tooltip(self, cell: int) -> str:
        """Return what the pointer is told of a cell."""

    def pictured(self, width: float, height: float) -> str:
        """Return what cells of a size in points show, in a sentence."""

    def row_room(self, width: float, height: float) -> float:
        """Return the width of the words beside rows, where these and the cells share a *width*.

        *height* is that of a cell; all in points.
        """

    def key(self, width: float, height: float) -> str:
        """Return what the marks in cells of a size mean, where no word says so."""

    def content(self) -> object:
        """Return what tells these cells from others; its repr enters ids in SVG."""
