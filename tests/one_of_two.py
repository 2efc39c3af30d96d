"""One of two processes that record the same model, each on its half of the data.

    python one_of_two.py RANK FILE-TO-MEET-AT FOLDER KIND

KIND is "same", "nan" (in process 1), "steps" (process 1 makes fewer) or "layers".
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(rank: int, meeting: str, folder: Path, kind: str) -> None:
    # Here, so that pytest can look for examples in this file without PyTorch.
    import torch
    import torch.distributed as dist
    from torch import nn
    from torch.nn.parallel import DistributedDataParallel

    from dead_neuron_autopsy.torch import record

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 12), nn.Tanh())
    batches = torch.randn(5, 64, 8)
    if kind == "nan":
        batches[2, 1, 0] = torch.nan  # of the samples of process 1
        batches[3, 2, 0] = torch.inf
    wrapped = DistributedDataParallel(model)
    layers = "1" if kind == "layers" and rank else None
    with record(wrapped, layers, statistics=("peak", "firing rate", "mean")) as recording:
        for batch in batches[: 4 if kind == "steps" and rank else 5]:
            with torch.no_grad():
                wrapped(batch[rank::2])
    try:
        recording.all_reduce()
        recording.save(folder / f"{rank}.npz")
        recording.all_reduce()
    except ValueError as error:
        (folder / f"{rank}.txt").write_text(str(error))
    if rank == 0:  # what one process finds on all data
        with record(model, statistics=("peak", "firing rate", "mean")) as whole:
            for batch in batches:
                model(batch)
        whole.save(folder / "whole.npz")
    dist.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    # Skip the interpreter's shutdown: a thread of Gloo that releases tensors during it aborts the
    # process (pytorch#179291).
    os._exit(0)
