"""What a grid needs to show other neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import ArrayLike

from .._layout.spring import Motion, Spring
from .._verdict.selection import Selection


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
