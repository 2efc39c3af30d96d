"""What a grid is given by those who draw it: pages, updates and movements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import ArrayLike, NDArray

from .._layout.spring import Motion, Spring
from .._verdict.selection import Selection


class PageOfCards(NamedTuple):
    """What all pages of cards in a document share, however full each is."""

    nrows: int
    header_height: float  # the least, in points


class Again(Protocol):
    """The way from neurons to cards, as the caller chose it."""

    def select_again(self, neurons: object, steps: ArrayLike | None) -> Selection:
        """Return which neurons get a card; raise if that would need guessing."""

    def columns(self, selection: Selection) -> int:
        """Return the number of columns for other cards."""

    def begin_moving(
        self, grid: Any, transition: Spring | None, motion: Motion
    ) -> Callable[[], None]:
        """Return what moves a grid, as drawn now, to what it shows when that is called."""


class Moving(Protocol):
    """Displaces what is painted."""

    def painted(
        self, pairs: Sequence[tuple[Artist, Artist]], cells: NDArray[np.int64]
    ) -> list[tuple[Artist, Artist]]:
        """Return what to paint now of each part, for the cells in view."""
