"""The latest steps of one layer, on the device where its activations are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .._intake.recorded import Statistics
from .._intake.rings import RecordedLayer, refuse_other_units

#: How many steps' buffers are made at a time.
_CHUNK = 64


class DeviceRing:
    """The *last* steps and the one in progress; nothing synchronises until `read`.

    Steps are written into existing buffers: new tensors at each step would give Python's
    garbage collector more to do.
    """

    def __init__(self, layer: RecordedLayer, last: int, words: frozenset[str]) -> None:
        self._layer, self._size, self._n_calls = layer, last + 1, 0
        self._axis = layer.unit_axis or 0
        self._axes: dict[torch.Size, tuple[int, ...]] = {}
        # Per row: the step that it holds, the number of samples, and tensors of (n_units,).
        self._held, self._samples = list[int](), list[int | torch.Tensor]()
        self._low, self._high = list[torch.Tensor](), list[torch.Tensor]()
        self._above_zero = list[torch.Tensor]() if "firing rate" in words else None
        self._absolute = list[torch.Tensor]() if "mean" in words else None

    @property
    def layer(self) -> RecordedLayer:
        """What is known of the layer."""
        return replace(self._layer, calls=self._n_calls)

    def forget(self, step: int) -> None:
        """Drop what a forward pass that failed has left of a step."""
        if step % self._size < len(self._held):
            self._held[step % self._size] = -1

    def add(self, step: int, activations: torch.Tensor, mask: torch.Tensor | None) -> None:
        """Take a call at a recorded step; calls in one step are joined."""
        axes = self._axes.get(activations.shape)
        if axes is None:
            axes = self._axes[activations.shape] = self._other_axes(activations)
        row = step % self._size
        while row >= len(self._held):
            self._grow(activations)
        samples: int | torch.Tensor = activations.numel() // self._layer.n_units
        low = high = activations = activations if axes else activations[None]
        axes = axes or (0,)
        if mask is not None:
            is_counted = mask.expand(activations.shape)
            samples = is_counted.select(self._axis, 0).sum()
            low = activations.masked_fill(~is_counted, torch.inf)
            high = activations.masked_fill(~is_counted, -torch.inf)
            activations = activations.masked_fill(~is_counted, 0)
        is_first, to = self._held[row] != step, self._low[row]
        self._held[row] = step
        self._samples[row] = samples if is_first else self._samples[row] + samples
        if is_first and activations.dtype == to.dtype and activations.device == to.device:
            torch.amin(low, axes, out=to)
            torch.amax(high, axes, out=self._high[row])
        else:
            _join(to, low.amin(axes), None if is_first else torch.minimum)
            _join(self._high[row], high.amax(axes), None if is_first else torch.maximum)
        how = None if is_first else torch.add
        if self._above_zero is not None:
            # Summing bools takes ten times as long.
            ones = torch.empty(activations.shape, dtype=torch.float32, device=activations.device)
            _join(self._above_zero[row], torch.gt(activations, 0, out=ones).sum(axes), how)
        if self._absolute is not None:
            _join(self._absolute[row], activations.to(to.dtype).abs().sum(axes), how)
        self._n_calls += 1

    def _grow(self, like: torch.Tensor) -> None:
        """Make buffers for further steps."""
        n_rows = min(_CHUNK, self._size - len(self._held))
        self._held += [-1] * n_rows
        self._samples += [0] * n_rows
        # Whole numbers are kept in float64, half precision in float32: exactly.
        is_wide = like.dtype == torch.float64 or not like.is_floating_point()
        dtype = torch.float64 if is_wide else torch.float32
        # Tensors made in inference mode could not be written to outside of it.
        with torch.inference_mode(mode=False):
            for rows in (self._low, self._high, self._above_zero, self._absolute):
                if rows is not None:
                    shape = n_rows, self._layer.n_units
                    rows.extend(torch.empty(shape, dtype=dtype, device=like.device).unbind(0))

    def _other_axes(self, activations: torch.Tensor) -> tuple[int, ...]:
        refuse_other_units(self._layer, activations.shape[self._axis])
        unit = self._axis % activations.ndim
        return tuple(axis for axis in range(activations.ndim) if axis != unit)

    def read(self, indices: range) -> Statistics:
        """Return the statistics of some recorded steps, counted from the first of all."""
        known = {step: row for row, step in enumerate(self._held)}
        places = [place for place, index in enumerate(indices) if index in known]
        rows = [known[indices[place]] for place in places]
        shape = len(indices), self._layer.n_units
        if not rows:
            return Statistics.missing(*shape)

        def taken(all_rows: list[torch.Tensor], missing: float) -> NDArray[Any]:
            found = torch.stack([all_rows[row] for row in rows]).cpu().numpy()
            array = np.full(shape, missing, found.dtype)
            array[places] = found
            return array

        samples = np.zeros(len(indices), dtype=np.int64)
        samples[places] = [int(self._samples[row]) for row in rows]
        found = [
            None if one is None else taken(one, 0) for one in (self._above_zero, self._absolute)
        ]
        return Statistics(samples, taken(self._low, np.nan), taken(self._high, np.nan), *found)


def _join(row: torch.Tensor, new: torch.Tensor, how: Callable[..., Any] | None) -> None:
    """Write to a row, or join with what it holds."""
    new = new.to(row)
    if how is None:
        row.copy_(new)
    else:
        how(row, new, out=row)
