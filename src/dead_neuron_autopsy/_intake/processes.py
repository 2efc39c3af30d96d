"""Recordings of several processes, joined over ``torch.distributed``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recorded import Statistics


def joined_over_processes(
    found: Mapping[str, Statistics], steps: list[int], group: Any
) -> dict[str, Statistics]:
    """Return each layer's statistics over the samples of all processes of a group.

    Raises ValueError in every process if the layers or steps of one differ.
    """
    import torch
    import torch.distributed as dist

    mine = [(name, one.low.shape[1], one.words()) for name, one in found.items()]
    all_of: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(all_of, (mine, steps), group=group)
    for rank, (theirs, their_steps) in enumerate(all_of):
        if theirs != mine or their_steps != steps:
            what = "steps" if theirs == mine else "layers"
            raise ValueError(
                f"all_reduce: process {rank} has recorded other {what} than process "
                f"{dist.get_rank(group)}. Record the same model for as many steps in each."
            )
    device = "cuda" if dist.get_backend(group) == "nccl" else "cpu"

    def reduced(array: NDArray[Any], how: Any) -> NDArray[Any]:
        tensor = torch.from_numpy(np.ascontiguousarray(array)).to(device)
        dist.all_reduce(tensor, how, group=group)
        return np.asarray(tensor.cpu())

    def joined(one: Statistics) -> Statistics:
        # gloo keeps a nan of process 0 only, so nans travel apart.
        nans, seen = np.isnan(one.high), (one.samples > 0)[:, np.newaxis]
        is_nan = reduced((nans & seen).astype(np.uint8), dist.ReduceOp.MAX).astype(np.bool_)
        low = reduced(np.where(nans, np.inf, one.low), dist.ReduceOp.MIN)
        high = reduced(np.where(nans, -np.inf, one.high), dist.ReduceOp.MAX)
        samples = reduced(one.samples, dist.ReduceOp.SUM)
        gone = is_nan | (samples == 0)[:, np.newaxis]
        low[gone] = high[gone] = np.nan
        sums = [
            None if array is None else reduced(array, dist.ReduceOp.SUM)
            for array in (one.above_zero, one.absolute)
        ]
        return Statistics(samples, low, high, *sums)

    return {name: joined(one) for name, one in found.items()}
