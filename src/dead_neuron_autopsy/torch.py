"""Record what the units of a PyTorch model do while it runs.

>>> import torch
>>> from dead_neuron_autopsy import plot_autopsy
>>> from dead_neuron_autopsy.torch import record
>>> model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
>>> with record(model) as recording:
...     for batch in torch.randn(3, 16, 4):
...         loss = model(batch).sum()
>>> recording
<Recording: 3 steps of 1 layer, 8 units>
>>> plot_autopsy(recording, window=2).alt_text
'Dead neuron autopsy. ... of 8 neurons dead ...'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import torch
from torch import nn

from ._intake.foreign import checked_count, short_repr, typed_repr
from ._intake.recording import Recording
from ._torch.recorder import Recorder, Settings

__all__ = ["record"]

_MODES = ("train", "eval", "any")
_STEPS = ("forward", "optimizer", "manual")
_STATISTICS = ("peak", "firing rate", "mean")


@contextmanager
def record(
    model: nn.Module,
    layers: str | nn.Module | Sequence[str | nn.Module] | None = None,
    *,
    last: int = 1024,
    every: int = 1,
    statistics: Sequence[Literal["peak", "firing rate", "mean"]] = ("peak",),
    unit_axis: int | Mapping[str, int] | None = None,
    step: Literal["forward", "optimizer", "manual"] = "forward",
    mode: Literal["train", "eval", "any"] | None = None,
    where: Callable[..., torch.Tensor] | None = None,
) -> Iterator[Recording]:
    """Record the extremes of every unit's activations while a model runs.

    For each unit and step, we keep the smallest and the largest activation, on the model's own
    device; nothing synchronises until the recording is read. Outputs and gradients are those of
    the model without a recorder, bit for bit. Leaving the block removes every hook.

    Parameters
    ----------
    model : torch.nn.Module
        What the training loop calls: with Lightning ``module.net``, not the LightningModule,
        whose own forward pass the trainer never calls. Under DistributedDataParallel, either.
    layers : str, Module or sequence of them, optional
        Which layers: names of modules, patterns such as "encoder.*", or the modules
        themselves. Default: every activation function, module or function, and the outputs of
        recurrent layers.
    last : int, default: 1024
        How many recorded steps to keep.
    every : int, default: 1
        Record every *every*-th step only.
    statistics : sequence of str, default: ("peak",)
        Add "firing rate" for the criterion `FiringRate`, and "mean" for `Dormant`.
    unit_axis : int or mapping from layer to int, optional
        Which axis of a layer's activations runs over its units. Default: found in
        the first forward pass, by following tensors from the layers that have weights.
    step : {"forward", "optimizer", "manual"}, default: "forward"
        What ends a step: each forward pass of the model; each step of an optimizer of its
        parameters, which joins micro-batches; or ``recording.step()``.
    mode : {"train", "eval", "any"}, optional
        Which forward passes count. Default: those in the mode that the model is in when
        recording begins, so that a validation is not mixed into a training.
    where : callable, optional
        Takes the arguments of the model's forward pass and returns a bool tensor that is
        False for samples that do not count, such as padding: of the shape of the activations
        without the units' axis, or of its first axes.

    Yields
    ------
    Recording
        Pass it to `plot_autopsy`, `diagnose` and others, during the block or after it.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or a layer cannot be recorded correctly; the message says
        which one and what to do. What only a forward pass can show is raised after the first.

    Notes
    -----
    Repeated calls of one module in a forward pass are separate layers: "act", "act#2".
    A layer that is first called later on, as with stochastic depth, is recorded from the pass
    after that; earlier steps count as missing samples.
    A compiled model runs uncompiled inside the block, and a TransformerEncoder outside of its
    fast path: hooks do not fire there.

    Examples
    --------
    >>> import torch
    >>> from dead_neuron_autopsy import FiringRate, diagnose
    >>> from dead_neuron_autopsy.torch import record
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> _ = torch.nn.init.constant_(model[0].bias, -100.0)
    >>> with record(model, statistics=("peak", "firing rate")) as recording:
    ...     output = model(torch.rand(8, 2))
    >>> diagnose(recording, criterion=FiringRate()).dead_ids
    ['1·0', '1·1', '1·2']
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: must be a torch.nn.Module; got {typed_repr(model)}.")
    settings = Settings(
        layers=_checked_layers(layers),
        last=checked_count("last", last),
        every=checked_count("every", every),
        words=_checked_words(statistics),
        unit_axis=_checked_axes(unit_axis),
        step=_one_of("step", step, _STEPS),
        mode=_one_of("mode", mode or ("train" if model.training else "eval"), _MODES),
        where=where,
    )
    if where is not None and not callable(where):
        raise TypeError(
            f"where: must be a function of the model's inputs; got {typed_repr(where)}."
        )
    with Recorder(model, settings) as recorder:
        yield recorder.recording


def _checked_layers(layers: object) -> tuple[str | nn.Module, ...] | None:
    if layers is None:
        return None
    chosen = (layers,) if isinstance(layers, str | nn.Module) else layers
    if not isinstance(chosen, Sequence | set | frozenset) or not chosen:
        raise TypeError(f"layers: must be names, patterns or modules; got {typed_repr(layers)}.")
    for one in chosen:
        if not isinstance(one, str | nn.Module):
            raise TypeError(f"layers: must be names, patterns or modules; got {typed_repr(one)}.")
    return tuple(chosen)


def _checked_words(statistics: object) -> frozenset[str]:
    words = [statistics] if isinstance(statistics, str) else statistics
    if not isinstance(words, Sequence | set | frozenset):
        raise TypeError(f"statistics: must be a tuple of words; got {typed_repr(statistics)}.")
    for word in words:
        _one_of("statistics", word, _STATISTICS)
    return frozenset(words)


def _checked_axes(unit_axis: object) -> int | dict[str, int] | None:
    axes = unit_axis.values() if isinstance(unit_axis, Mapping) else [unit_axis]
    for axis in axes:
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int)):
            needed = "an integer, or a mapping from layers to integers"
            raise TypeError(f"unit_axis: must be {needed}; got {typed_repr(axis)}.")
    return dict(unit_axis) if isinstance(unit_axis, Mapping) else unit_axis  # type: ignore[return-value]


def _one_of(name: str, value: object, accepted: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in accepted:
        words = ", ".join(map(repr, accepted[:-1]))
        raise ValueError(f"{name}: must be {words} or {accepted[-1]!r}; got {short_repr(value)}.")
    return value
