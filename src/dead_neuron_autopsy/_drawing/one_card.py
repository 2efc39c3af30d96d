"""`Card`: one neuron's card, found by its id or under the pointer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from .._intake.sources import History
from .._verdict.autopsy import Autopsy
from .._verdict.neuron import State
from .._words.phrases import card_line, peak_line, sample_line
from .._words.wording import Wording


class _Grid(Protocol):
    """What a card asks its grid."""

    @property
    def shown(self) -> Autopsy: ...

    @property
    def wording(self) -> Wording: ...

    @property
    def cards(self) -> Mapping[str, Any]: ...

    def _index_of(self, name: str) -> int: ...

    def _place_of(self, index: int) -> tuple[int, int]: ...

    def _axes_of(self, name: str) -> Axes: ...

    def _box_of(self, index: int) -> Bbox: ...

    def _sample_at(self, index: int, x: float) -> int | None: ...


@dataclass(frozen=True, eq=False, repr=False)
class Card:
    """One neuron's card; found in `AutopsyGrid.cards`.

    It follows its neuron when the grid is updated, and raises KeyError once the neuron no longer
    has a card.

    Attributes
    ----------
    id : str
        The neuron's id, never shortened.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> fig = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
    >>> card = fig.autopsy_grid.cards["N2"]
    >>> card.state, card.peak, (card.row, card.column)
    ('alive', 0.3, (0, 1))
    >>> mark = card.axes.axvline(0.5)
    """

    _grid: _Grid
    #: The neuron's id, never shortened.
    id: str

    def __repr__(self) -> str:
        if self.id not in self._grid.cards:
            return f"<Card {self.id!r}: removed>"
        return f"<Card {self.id!r}: {self.state}, peak {self.peak!r}>"

    @property
    def index(self) -> int:
        """The card's position among all cards of the grid."""
        return self._grid._index_of(self.id)

    @property
    def row(self) -> int:
        """The card's row, counted from 0 at the top."""
        return self._grid._place_of(self.index)[0]

    @property
    def column(self) -> int:
        """The card's column, counted from 0 at the left."""
        return self._grid._place_of(self.index)[1]

    @property
    def state(self) -> State:
        """The verdict, "alive", "dead" or "unknown"."""
        return self._grid.shown.states[self.index]

    @property
    def peak(self) -> float:
        """max(\\|activation\\|), in the activations' own unit."""
        return float(self._grid.shown.peaks[self.index])

    @property
    def activations(self) -> History:
        """The neuron's history, read-only."""
        return self._grid.shown.histories[self.index]

    @property
    def axes(self) -> Axes:
        """An Axes over the sparkline, for the caller's own marks.

        x is the sample's index from 0, y the activation. The Axes is created on first
        access, and moves with the card.
        """
        return self._grid._axes_of(self.id)

    @property
    def bbox(self) -> Bbox:
        """Where the card is now, in display coordinates."""
        return self._grid._box_of(self.index)

    @property
    def words(self) -> str:
        """The id, the state and since when."""
        return card_line(self._grid.wording, self._grid.shown, self.index)

    def sample_at(self, x: float) -> int | None:
        """Return the sample drawn at a place.

        Parameters
        ----------
        x : float
            The place, in display coordinates, as an event has it.

        Returns
        -------
        int or None
            The sample's index; None where the card draws no sample there.
        """
        return self._grid._sample_at(self.index, x)

    def words_at(self, sample: int) -> str:
        """Return a sample, or its step, and the activation there.

        Parameters
        ----------
        sample : int
            The sample's index.

        Returns
        -------
        str
            Such as "step 412: 0.81".
        """
        value = float(self._grid.shown[self.id].activations[sample])
        return sample_line(self._grid.wording, self._grid.shown, self.index, sample, value)

    @property
    def peak_words(self) -> str:
        """The peak as the card has it, or that there are no samples."""
        shown = self._grid.shown
        count = int(shown.sample_counts[self.index])
        overall = shown.window is not None
        return peak_line(self._grid.wording, self.peak, count, overall=overall)
