"""Masks of the samples that count."""

from __future__ import annotations

import torch

from .._intake.extremes import over_units
from .._intake.rings import RecordedLayer


def checked_mask(mask: object) -> torch.Tensor:
    """Return what ``where=`` returned, or raise TypeError."""
    if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
        got = f"dtype {mask.dtype}" if isinstance(mask, torch.Tensor) else type(mask).__name__
        raise TypeError(f"where: must return a tensor of bools; got {got}.")
    return mask


def mask_of(mask: torch.Tensor, activations: torch.Tensor, layer: RecordedLayer) -> torch.Tensor:
    """Return a mask that fits a layer's activations."""
    axis = (layer.unit_axis or 0) % activations.ndim
    others = tuple(one for one in range(activations.ndim) if one != axis)
    samples = tuple(activations.shape[one] for one in others)
    n_axes = len(samples)
    if mask.ndim > n_axes and samples == mask.shape[:n_axes]:  # pooled over its last axes
        mask = mask.flatten(n_axes).any(-1)
    elif mask.ndim > 1 and samples[:1] == (mask.numel(),):  # samples in one row
        mask = mask.flatten()
    try:
        return over_units(mask, activations.shape, others)  # type: ignore[no-any-return]
    except ValueError as error:
        raise ValueError(f"layer {layer.name!r}: {error} Leave it out with layers=.") from None
