"""What cannot be recorded rightly, and what to do instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import nn


def refuse_unseen(model: nn.Module) -> None:
    """Raise TypeError for a model whose inside no hook sees."""
    for name, module in model.named_modules():
        where = f"model: {name or type(module).__name__!r}"
        if isinstance(module, torch.jit.ScriptModule):
            raise TypeError(f"{where} is scripted, so hooks do not see it. Record it unscripted.")
        if isinstance(module, nn.DataParallel):
            raise TypeError(
                f"{where} is a DataParallel, which runs copies. Record model.module on one "
                "device, or use DistributedDataParallel and recording.all_reduce()."
            )


def refuse_values(name: str, activations: torch.Tensor) -> None:
    """Raise TypeError for activations of which no extremes can be kept."""
    if activations.is_complex():
        raise TypeError(f"layer {name!r}: complex activations have no largest. Leave it out.")
    if torch._C._functorch.is_functorch_wrapped_tensor(activations):
        raise TypeError(
            f"layer {name!r}: it is called inside torch.func (vmap or grad), where nothing can be "
            "kept. Record the model called as usual."
        )


def unclear(experts: Iterable[str], unresolved: Mapping[str, torch.Size]) -> str:
    """Return why some layers' units are not known; "" if there are none."""
    for name in experts:
        return (
            f"layers: several experts share the activation function {name!r}, so its units are "
            "different ones at each call. Leave it out with layers=, or give each expert an "
            "activation module of its own."
        )
    if not unresolved:
        return ""
    shapes = ", ".join(f"{key!r} {tuple(shape)}" for key, shape in unresolved.items())
    first = next(iter(unresolved))
    return (
        f"unit_axis: which axis runs over the units is not known for {shapes}. Pass "
        f"unit_axis={{{first!r}: 1}} if it is axis 1, and so on, or leave them out with layers=."
    )


def why_nothing(model: nn.Module, step: str, mode: str, calls: Mapping[bool, int]) -> str:
    """Return why a recording has no steps; *calls* are those in training mode, and not."""
    kind = type(model).__name__
    if not any(calls.values()):
        why = (
            f"{kind} was never called inside the block. Record the module that the training step "
            "calls, as in model(x), not model.forward(x)"
        )
        if any(base.__name__ == "LightningModule" for base in type(model).__mro__):
            why = (
                "the trainer never calls the LightningModule itself. Record the network that its "
                "training_step calls, such as record(module.net)"
            )
        why += "; a compiled function that calls it must be called uncompiled"
    elif mode != "any" and not calls[mode == "train"]:
        seen = "evaluation" if mode == "train" else "training"
        why = f"{kind} was only called in {seen} mode. Pass mode='any' or the right mode"
    else:
        why = {
            "manual": "no step ended. Call recording.step() inside the block",
            "optimizer": "no optimizer of the model's parameters made a step",
            "forward": "no forward pass ended",
        }[step]
    return f"this recording has no steps: {why}."
