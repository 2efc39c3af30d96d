"""Where a model applies activation functions: in modules of their own, or as functions."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from .._intake.recording import SEPARATOR

_NAMES = (
    *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu"),
    *("mish", "softplus", "softsign", "tanh", "sigmoid", "logsigmoid", "tanhshrink"),
    *("hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink", "threshold"),
)

#: The activation functions of PyTorch, and their names.
ACTIVATION_FUNCTIONS: dict[Any, str] = {
    found: name
    for place in (torch, torch.Tensor, functional)
    for name in _NAMES
    for spelling in (name, f"{name}_")
    if (found := getattr(place, spelling, None)) is not None
}


def function_of(module: nn.Module, called: str) -> str:
    """Return the name of a module's activation function, which may be made of others.

    GPT-2's NewGELUActivation, for one, calls only tanh.
    """
    name = type(module).__name__.lower().replace("swish", "silu").replace("hardsilu", "hardswish")
    inside = [one for one in _NAMES if one.replace("_", "") in name]
    return max(inside, key=len, default=called)


def may_be_activation(module: nn.Module) -> bool:
    """Return whether a module has no parameters or children, so it may be one function."""
    is_bare = next(module.children(), None) is None
    return is_bare and (isinstance(module, nn.PReLU) or next(module.parameters(), None) is None)


def is_recurrent(module: nn.Module) -> bool:
    """Return whether a module is an LSTM, a GRU, another RNN, or a cell of one."""
    return isinstance(module, nn.RNNBase | nn.RNNCellBase)


def function_of_recurrent(module: nn.Module) -> str:
    """Return what bounds the outputs of a recurrent module."""
    # An LSTM and a GRU give products of gates, and tanh of something.
    return str(getattr(module, "nonlinearity", "tanh"))


def tensor_in(output: Any) -> torch.Tensor | None:
    """Return the activations in what a module returned: the first tensor, as of an LSTM."""
    if isinstance(output, torch.Tensor):
        return output
    if isinstance(output, nn.utils.rnn.PackedSequence):
        return output.data
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, tuple | list):
        return next((one for one in map(tensor_in, output) if one is not None), None)
    return None


def path_of(name: str) -> str:
    """Return a module's name without what compiling, sharding and checkpoints put into it."""
    wrappers = {"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
    parts = [part for part in name.split(".") if part not in wrappers]
    return ".".join(parts).replace(SEPARATOR, "_")
