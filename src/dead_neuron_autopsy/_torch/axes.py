"""Which axis of a tensor runs over the units: followed through a forward pass, not guessed.

"The second axis of four, else the last" is wrong for ConvNeXt, wav2vec 2.0 and Mamba, among
others. Layers with weights say where their units are; from there, we follow the units through
everything that keeps or moves axes, and lose track of them at anything else.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import torch
from torch.nn import functional


class Units(NamedTuple):
    """Where a tensor's units are."""

    axis: int  # counted from the end
    experts: bool = False  # whether another axis or call means other units


def _functions(*names: str) -> frozenset[Callable[..., Any]]:
    """Return the functions and methods of these names, wherever PyTorch has them."""
    places = (torch, torch.Tensor, functional)
    found = {getattr(place, name, None) for place in places for name in names}
    return frozenset(one for one in found if one is not None)


#: Functions whose results have their units at a known axis.
_PRODUCERS = {
    **dict.fromkeys(_functions("linear", "bilinear", "addmm", "embedding"), -1),
    **dict.fromkeys(_functions("conv1d", "conv_transpose1d"), -2),
    **dict.fromkeys(_functions("conv2d", "conv_transpose2d"), -3),
    **dict.fromkeys(_functions("conv3d", "conv_transpose3d"), -4),
}
_PRODUCTS = _functions("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "baddbmm", "_grouped_mm")
_NORMS = _functions("batch_norm", "group_norm", "instance_norm")
_LAYER_NORMS = _functions("layer_norm", "rms_norm")
_PERMUTATIONS = _functions("permute")
_TRANSPOSITIONS = _functions("transpose", "swapaxes", "swapdims")
_RESHAPINGS = _functions(
    *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as")
)
_PARTITIONS = _functions("chunk", "split", "tensor_split", "unbind")

_INDEXINGS = _functions("__getitem__", "select")
_DROPPING = _INDEXINGS | _functions("mean", "sum", "amax")
_MOVING = _RESHAPINGS | _PERMUTATIONS | _TRANSPOSITIONS

#: The properties that transpose.
_TRANSPOSED = frozenset(getattr(torch.Tensor, name).__get__ for name in ("T", "mT", "H", "mH"))

#: What transposes, slices or converts weights.
_VIEWS = (
    _PERMUTATIONS
    | _TRANSPOSITIONS
    | _TRANSPOSED
    | _functions("t", "__getitem__", "select", "unbind", "chunk", "to", "float", "type")
)

#: Functions that move axes in their own way: we do not follow what they return.
_LOSING = _functions(
    *("movedim", "moveaxis", "rot90", "t", "T", "mT", "H", "mH", "adjoint", "t_", "transpose_"),
    *("squeeze_", "unsqueeze_", "swapaxes_", "swapdims_", "resize_", "set_"),
    *("einsum", "tensordot", "outer", "inverse", "sort", "roll", "flip"),
) | set(_TRANSPOSED)

_FORGETTING = _LOSING | _PRODUCTS

#: Functions whose results may be larger or smaller, but not along the units.
_RESIZING = _functions(
    *(f"{kind}_pool{n}d" for kind in ("avg", "max", "lp") for n in (1, 2, 3)),
    *(f"adaptive_{kind}_pool{n}d" for kind in ("avg", "max") for n in (1, 2, 3)),
    *("interpolate", "pad", "mean", "sum", "amax"),
    *("expand", "expand_as", "repeat", "narrow", "__getitem__", "index_select"),
)

#: Functions whose results have their units at the same axis, however many.
_KEEPING = _functions("cat", "concat", "glu")


class _Call(NamedTuple):
    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class UnitAxes:
    """The axes of the tensors that a forward pass has made so far."""

    def __init__(self) -> None:
        # By identity: tensors compare element by element, so they are no keys.
        self._known: dict[int, tuple[weakref.ref[torch.Tensor], Units]] = {}
        #: Weights that were made of parameters, and whether these are of several experts.
        self._weights: dict[int, tuple[weakref.ref[torch.Tensor], bool]] = {}

    def of(self, tensor: torch.Tensor) -> Units | None:
        """Return where a tensor's units are, or None if that is not known."""
        known = self._known.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else None

    def mark(self, tensor: object, units: Units | None) -> None:
        """Remember where a tensor's units are."""
        if not isinstance(tensor, torch.Tensor):
            return
        if units is None:
            self._known.pop(id(tensor), None)
        else:
            self._known[id(tensor)] = weakref.ref(tensor), units

    def follow(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: object
    ) -> None:
        """Find where the units are in what a function returned."""
        tensors = list(_tensors_in((args, kwargs)))
        if function in _VIEWS and tensors and self._is_weight(tensors[0]):
            for one in _tensors_in(out):
                self._weights[id(one)] = weakref.ref(one), self._is_of_experts(tensors[0])
        if isinstance(out, torch.Tensor):
            units = self._made(function, tensors, out)
            if units is None and function not in _FORGETTING:
                units = self._carried(_Call(function, args, kwargs), tensors, out)
            self.mark(out, units)
        elif function in _PARTITIONS and tensors:
            units = self.of(tensors[0])
            for part in _tensors_in(out):
                same = units is not None and part.ndim == tensors[0].ndim
                self.mark(part, units if same else None)

    def _made(self, function: Any, tensors: list[torch.Tensor], out: torch.Tensor) -> Units | None:
        """Return the units of a function that has its own, such as a layer with weights."""
        if function in _PRODUCERS:
            # Convolutions have weights with three or more axes, which are not experts. The
            # input comes first, and may be a parameter too.
            is_linear = _PRODUCERS[function] == -1
            experts = is_linear and any(map(self._is_of_experts, tensors[1:]))
            return Units(_PRODUCERS[function], experts)
        if function in _PRODUCTS:
            weights = [one for one in tensors if self._is_weight(one)]
            if not weights:
                return None
            from_left = weights[0] is tensors[0] and len(weights) == 1 and out.ndim > 1
            return Units(-2 if from_left else -1, any(map(self._is_of_experts, weights)))
        if function in _NORMS and out.ndim > 1:
            return Units(1 - out.ndim)
        return None

    def _carried(self, call: _Call, tensors: list[torch.Tensor], out: torch.Tensor) -> Units | None:
        """Return the units of what a function made of tensors with known ones."""
        known = [(one, units) for one in tensors if (units := self.of(one)) is not None]
        if not known:
            return Units(-1) if call.function in _LAYER_NORMS else None
        before, units = known[0]
        if call.function in _DROPPING and out.ndim < before.ndim:
            axis = _left_of(call, before, units.axis, out)
            return None if axis is None else units._replace(axis=axis)
        if call.function in _MOVING:
            axis = _moved(call, before, units.axis, out)
            return None if axis is None else units._replace(axis=axis)
        same_shape = {found.axis for one, found in known if one.shape == out.shape}
        if not same_shape and before.ndim == out.ndim:
            # Elementwise functions broadcast; those that resize are listed.
            as_many = out.shape[units.axis] == before.shape[units.axis]
            is_kept = as_many and (call.function in _RESIZING or _broadcasts(tensors, out))
            if is_kept or call.function in _KEEPING:
                same_shape = {found.axis for _, found in known}
        return units._replace(axis=same_shape.pop()) if len(same_shape) == 1 else None

    def _is_weight(self, tensor: torch.Tensor) -> bool:
        """Return whether a tensor is a parameter, or a view or conversion of one."""
        known = self._weights.get(id(tensor))
        is_made_of = known is not None and known[0]() is tensor
        return is_made_of or isinstance(tensor, torch.nn.Parameter)

    def _is_of_experts(self, tensor: torch.Tensor) -> bool:
        """Return whether a tensor is the weights of several experts, or made of them."""
        known = self._weights.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        is_parameter = isinstance(tensor, torch.nn.Parameter)
        return is_parameter and tensor.ndim == 3 and tensor.shape[0] > 1


def _tensors_in(values: Any) -> Iterator[torch.Tensor]:
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, tuple | list):
        for value in values:
            yield from _tensors_in(value)
    elif isinstance(values, dict):
        yield from _tensors_in(list(values.values()))


def _moved(call: _Call, before: torch.Tensor, axis: int, after: torch.Tensor) -> int | None:
    """Return the axis after a function that moves axes, counted from the end."""
    place, n_axes = axis % before.ndim, before.ndim
    if call.function in _PERMUTATIONS:
        order = call.kwargs.get("dims", call.args[1] if len(call.args) == 2 else call.args[1:])
        return [int(one) % n_axes for one in order].index(place) - after.ndim
    if call.function in _TRANSPOSITIONS:
        first, second = (int(one) % n_axes for one in [*call.args[1:], *call.kwargs.values()][:2])
        return {first: second, second: first}.get(place, place) - after.ndim
    return _reshaped(before, axis, after)


def _left_of(call: _Call, before: torch.Tensor, axis: int, after: torch.Tensor) -> int | None:
    """Return the axis after a function that drops axes, counted from the end."""
    dropped: Any = call.kwargs.get("dim", call.args[1] if len(call.args) > 1 else None)
    if call.function is torch.Tensor.__getitem__:
        index = dropped if isinstance(dropped, tuple) else (dropped,)
        if not all(isinstance(one, int | slice | type(...)) for one in index):
            return None
        n_given = sum(one is not ... for one in index)
        at = next((place for place, one in enumerate(index) if one is ...), len(index))
        filled = (*index[:at], *[slice(None)] * (before.ndim - n_given), *index[at + 1 :])
        dropped = [place for place, one in enumerate(filled) if isinstance(one, int)]
    dropped = [dropped] if isinstance(dropped, int) else dropped
    if dropped is None or before.ndim - len(dropped) != after.ndim:
        return None
    gone, place = {int(one) % before.ndim for one in dropped}, axis % before.ndim
    return None if place in gone else axis + sum(one > place for one in gone)


def _reshaped(before: torch.Tensor, axis: int, after: torch.Tensor) -> int | None:
    """Return the axis after a reshape, if it is still one; counted from the end.

    It has as many units, and as many elements behind each of them.
    """
    size, behind = before.shape[axis], prod(before.shape[axis:][1:])
    for place in range(-1, -after.ndim - 1, -1):
        if after.shape[place] == size and prod(after.shape[place:][1:]) == behind:
            return place
    return None


def _broadcasts(tensors: list[torch.Tensor], out: torch.Tensor) -> bool:
    try:
        return bool(torch.broadcast_shapes(*(one.shape for one in tensors)) == out.shape)
    except RuntimeError:
        return False
