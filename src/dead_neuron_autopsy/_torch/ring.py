"""The latest steps of one layer, on the device where its activations are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .._intake.recorded import Statistics
from .._intake.recording import RecordedLayer, refuse_other_units

#: Whole numbers and float64 are kept in float64, everything else in float32, exactly.
_WIDE = (torch.float64, torch.int64, torch.int32)


class DeviceRing:
    """Buffers of *last* steps and the one in progress; nothing synchronises until `read`."""

    def __init__(
        self, layer: RecordedLayer, activations: torch.Tensor, last: int, words: frozenset[str]
    ) -> None:
        self._layer, self._size, self._n_calls = layer, last + 1, 0
        self._axis = layer.unit_axis or 0
        # A step of which the ring holds nothing, or something older, was missed.
        self._held = [-1] * self._size
        self._samples: list[int | torch.Tensor] = [0] * self._size
        self._axes: dict[int, tuple[int, ...]] = {}
        self._dtype = torch.float64 if activations.dtype in _WIDE else torch.float32
        # Tensors made in inference mode could not be written to outside of it.
        with torch.inference_mode(mode=False):
            self.low, self.high = self._rows(activations), self._rows(activations)
            self.above_zero = self._rows(activations) if "firing rate" in words else None
            self.absolute = self._rows(activations) if "mean" in words else None

    @property
    def layer(self) -> RecordedLayer:
        """What is known of the layer."""
        return replace(self._layer, calls=self._n_calls)

    def _rows(self, like: torch.Tensor) -> list[torch.Tensor]:
        """Return one tensor per step, all in one buffer."""
        shape = self._size, self._layer.n_units
        buffer = torch.full(shape, torch.nan, dtype=self._dtype, device=like.device)
        return list(buffer.unbind(0))

    def forget(self, step: int) -> None:
        """Drop what a forward pass that failed has left of a step."""
        self._held[step % self._size] = -1

    def add(self, step: int, activations: torch.Tensor, mask: torch.Tensor | None) -> None:
        """Take a call at a recorded step; calls in one step are joined."""
        row, axis, n_units = step % self._size, self._axis, self._layer.n_units
        if activations.shape[axis] != n_units:
            refuse_other_units(self._layer, activations.shape[axis])
        axes = self._axes.get(activations.ndim)
        if axes is None:
            every, unit = range(activations.ndim), axis % activations.ndim
            axes = self._axes[activations.ndim] = tuple(one for one in every if one != unit)
        if not axes:
            activations, axes = activations[None], (0,)
        is_first, self._held[row] = self._held[row] != step, step
        samples: int | torch.Tensor = activations.numel() // n_units
        low = high = activations
        if mask is not None:
            is_counted = mask.expand(activations.shape)
            samples = is_counted.select(axis, 0).sum()
            low = activations.masked_fill(~is_counted, torch.inf)
            high = activations.masked_fill(~is_counted, -torch.inf)
            activations = activations.masked_fill(~is_counted, 0)
        self._samples[row] = samples if is_first else self._samples[row] + samples
        to = self.low[row]
        if is_first and activations.dtype == to.dtype and activations.device == to.device:
            torch.amin(low, axes, out=to)
            torch.amax(high, axes, out=self.high[row])
        else:
            _join(to, low.amin(axes), None if is_first else torch.minimum)
            _join(self.high[row], high.amax(axes), None if is_first else torch.maximum)
        how = None if is_first else torch.add
        if self.above_zero is not None:
            # Summing bools takes ten times as long.
            ones = torch.empty(activations.shape, dtype=torch.float32, device=activations.device)
            _join(self.above_zero[row], torch.gt(activations, 0, out=ones).sum(axes), how)
        if self.absolute is not None:
            _join(self.absolute[row], activations.to(self._dtype).abs().sum(axes), how)
        self._n_calls += 1

    def read(self, indices: range) -> Statistics:
        """Return the statistics of some recorded steps, counted from the first of all."""
        found = Statistics.missing(len(indices), self._layer.n_units)
        places = [
            (place, index % self._size)
            for place, index in enumerate(indices)
            if self._held[index % self._size] == index
        ]
        kept, rows = [place for place, _ in places], [row for _, row in places]

        def taken(all_rows: list[torch.Tensor]) -> NDArray[Any]:
            array = np.zeros((len(indices), self._layer.n_units))
            if rows:
                array[kept] = torch.stack([all_rows[row] for row in rows]).cpu().numpy()
            return array

        found.samples[kept] = [int(self._samples[row]) for row in rows]
        sums = (None if rows is None else taken(rows) for rows in (self.above_zero, self.absolute))
        return Statistics(found.samples, taken(self.low), taken(self.high), *sums)


def _join(row: torch.Tensor, new: torch.Tensor, how: Callable[..., Any] | None) -> None:
    """Write to a row, or join with what it holds."""
    new = new.to(row)
    row.copy_(new) if how is None else how(row, new, out=row)
