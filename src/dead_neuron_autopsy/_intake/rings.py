"""What is kept of each recorded layer: its latest steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .recorded import Statistics


@dataclass(frozen=True)
class RecordedLayer:
    """What is known of a recorded layer, besides its activations.

    Attributes
    ----------
    name : str
        Where it is in the model; "#2" at the end for the second call in one step.
    function : str
        The activation function, such as "relu"; "" if unknown.
    n_units : int
        Number of units.
    unit_axis : int or None
        The axis of the activations that runs over the units, counted from the end; None if
        only extremes were observed.
    calls : int
        How often the layer was called in recorded steps.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import Recording
    >>> recording = Recording()
    >>> recording.observe("fc1", np.zeros((32, 8)), unit_axis=-1)
    >>> recording.layers[0].n_units
    8
    """

    name: str
    function: str
    n_units: int
    unit_axis: int | None
    calls: int


class Ring(Protocol):
    """The latest steps of one layer."""

    @property
    def layer(self) -> RecordedLayer:
        """What is known of the layer."""

    def read(self, indices: range) -> Statistics:
        """Return the statistics of some recorded steps, counted from the first of all."""


class Row(NamedTuple):
    """What a layer did in one step."""

    at: int  # which recorded step
    samples: int
    low: NDArray[Any]
    high: NDArray[Any]


class ArrayRing:
    """Steps that were observed as arrays."""

    def __init__(self, layer: RecordedLayer, last: int) -> None:
        self.layer, self._rows = layer, deque[Row](maxlen=last + 1)  # one is in progress

    def add(self, row: Row) -> None:
        """Take another call; calls in one step are joined."""
        if self._rows and self._rows[-1].at == row.at:
            before = self._rows.pop()
            low, high = np.minimum(before.low, row.low), np.maximum(before.high, row.high)
            row = Row(row.at, before.samples + row.samples, low, high)
        self._rows.append(row)
        self.layer = _called(self.layer)

    def read(self, indices: range) -> Statistics:
        """Return the statistics of some recorded steps, counted from the first of all."""
        found = Statistics.missing(len(indices), self.layer.n_units)
        for row in self._rows:
            if row.at in indices:
                place = row.at - indices.start
                found.samples[place] = row.samples
                found.low[place], found.high[place] = row.low, row.high
        return found


@dataclass
class KeptRing:
    """Steps that were read from a file or from several processes: nothing is added."""

    layer: RecordedLayer
    statistics: Statistics

    def read(self, indices: range) -> Statistics:
        """Return the statistics of all steps that there are."""
        del indices
        return self.statistics


def refuse_other_units(layer: RecordedLayer, n_units: int) -> None:
    """Raise ValueError unless a layer has as many units as before."""
    if n_units != layer.n_units:
        raise ValueError(
            f"layer {layer.name!r}: had {layer.n_units} units before and has {n_units} now. "
            "Choose the layers to record with layers=, or another unit_axis."
        )


def _called(layer: RecordedLayer) -> RecordedLayer:
    return replace(layer, calls=layer.calls + 1)
