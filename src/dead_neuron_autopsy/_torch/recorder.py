"""The hooks that fill a recording, and what they refuse to record."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.overrides import TorchFunctionMode

from .._intake.recording import Recording
from .._intake.rings import RecordedLayer
from .axes import UnitAxes, Units
from .masks import checked_mask, mask_of
from .refusing import refuse_unseen, refuse_values, unclear, why_nothing
from .ring import DeviceRing
from .sites import (
    ACTIVATION_FUNCTIONS,
    function_of,
    function_of_recurrent,
    is_recurrent,
    may_be_activation,
    path_of,
    tensor_in,
)


class Settings(NamedTuple):
    """The arguments of `record`, checked."""

    layers: tuple[str | nn.Module, ...] | None
    last: int
    every: int
    words: frozenset[str]
    unit_axis: int | dict[str, int] | None
    step: str
    mode: str
    where: Callable[..., Any] | None


class Recorder:
    """Hooks in a model, from entering to leaving a block.

    The first forward pass that counts is *watched*: every function that PyTorch calls is seen,
    so that activation functions are found and units followed. Later passes only need hooks on
    the modules found, unless some activations are functions, which no hook sees. Where a pass
    enters a module for the first time, such as a block that was dropped before, the next pass
    is watched again.
    """

    def __init__(self, model: nn.Module, settings: Settings) -> None:
        self.recording = Recording(settings.last)
        self._settings, self._model = settings, model
        self._root = getattr(model, "_orig_mod", model)  # what a compiled model calls
        prefix = "module." if isinstance(self._root, nn.parallel.DistributedDataParallel) else ""
        self._paths = {
            module: path_of(name.removeprefix(prefix))
            for name, module in self._root.named_modules()
        }
        self._bare = {module for module in self._paths if may_be_activation(module)}
        self._exit, self._module_hooks = ExitStack(), ExitStack()
        self._watcher: _Watcher | None = None
        self._depth = 0  # of calls of the model, which may call itself
        self._is_on = False
        self._counts_as_step = False
        self._stack: list[nn.Module] = []
        self._pending: dict[nn.Module, tuple[str, torch.Tensor]] = {}
        self._n_calls: dict[str, int] = {}
        self._rings: dict[str, DeviceRing] = {}
        self._mask: torch.Tensor | None = None
        self._seen_modes = {True: 0, False: 0}  # calls in training mode and not
        # What watched passes find.
        self._is_settled = False
        self._has_settled_before = False
        self._watch_again = False
        self._visited = {self._root}
        self._left_out: set[str] = set()
        self._activations: dict[str, nn.Module | None] = {}  # None: a function
        self._others: dict[str, nn.Module] = {}
        self._unresolved: dict[str, torch.Size] = {}
        self._experts: set[str] = set()
        self._selected: set[str] = set()

    def __enter__(self) -> Recorder:
        refuse_unseen(self._model)
        recording, step = self.recording, self._settings.step
        recording._index, recording._is_open = None, True
        if step != "manual":
            recording._steps_by = "each forward pass" if step == "forward" else "an optimizer"
        if any(map(_is_compiled, self._model.modules())):
            warnings.warn(
                "record: hooks do not fire in compiled code, so this model runs uncompiled while "
                "it is recorded.",
                stacklevel=4,
            )
            self._exit.enter_context(torch.compiler.set_stance("force_eager"))
        self._watch()
        begin = self._root.register_forward_pre_hook(
            _Hook(self._root, self._begin), with_kwargs=True
        )
        end = self._root.register_forward_hook(_Hook(self._root, self._end), always_call=True)
        for handle in (begin, end):
            self._exit.callback(handle.remove)
        if step == "optimizer":
            handle = register_optimizer_step_post_hook(self._optimized)
            self._exit.callback(handle.remove)
        return self

    def __exit__(self, *_: object) -> None:
        self._module_hooks.close()
        self._exit.close()
        self.recording._index, self.recording._is_open, self._is_on = None, False, False
        if not len(self.recording.steps):
            settings, calls = self._settings, self._seen_modes
            problem = why_nothing(self._model, settings.step, settings.mode, calls)
            self.recording._problem = problem
        self.recording._tell(ended=True)

    def _hook(self, module: nn.Module, before: Any = None, after: Any = None) -> None:
        if before is not None:
            hook = module.register_forward_pre_hook(_Hook(module, before))
            self._module_hooks.callback(hook.remove)
        if after is not None:
            always = before is not None
            hook = module.register_forward_hook(_Hook(module, after), always_call=always)
            self._module_hooks.callback(hook.remove)

    def _watch(self) -> None:
        """See every module and function in the next pass."""
        self._module_hooks.close()
        for module in self._paths:
            if module is not self._root:
                self._hook(module, self._entered, self._left)
        self._watcher = _Watcher(self, UnitAxes())
        self._is_settled = self._watch_again = False

    # A forward pass of the model

    def _begin(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if _is_traced():
            return
        self._depth += 1
        if self._depth > 1:
            return
        self._seen_modes[module.training] += 1
        settings, recording = self._settings, self.recording
        counts = settings.mode in ("any", "train" if module.training else "eval")
        is_due = counts and recording._n_steps % settings.every == 0
        self._is_on, self._counts_as_step = False, counts
        recording._index = recording._n_recorded if is_due else None
        if not is_due:
            return
        if settings.where is not None:
            self._mask = checked_mask(settings.where(*args, **kwargs))
        self._n_calls.clear()
        self._pending.clear()
        self._stack[:] = [module]
        self._is_on = True
        if self._watch_again:
            self._watch()
        if self._watcher is not None:
            self._watcher.__enter__()  # type: ignore[no-untyped-call]

    def _end(self, module: nn.Module, args: object, output: object) -> None:
        del args
        if _is_traced():
            return
        self._depth -= 1
        if self._depth:
            return
        failed = output is None and sys.exc_info()[0] is not None
        if self._is_on:
            self._take_pass(module, output, failed=failed)
        elif self._counts_as_step and self._settings.step == "forward" and not failed:
            self.recording._end_step(is_recorded=False)

    def _take_pass(self, module: nn.Module, output: object, *, failed: bool) -> None:
        """Keep what a pass has left in the rings, unless it failed."""
        if self._watcher is not None:
            self._watcher.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            if not failed:
                self._found_in(module, output)
        self._is_on, at = False, self.recording._n_recorded
        if failed:
            for ring in self._rings.values():
                ring.forget(at)
            return
        if not self._is_settled:
            self._settle()
        self.recording._seen = True
        if self._settings.step == "forward":
            self.recording._end_step(is_recorded=True)
            self.recording._index = at  # what is observed next still belongs to this step

    def _optimized(self, optimizer: torch.optim.Optimizer, *_: object) -> None:
        mine = set(map(id, self._root.parameters()))
        if any(id(one) in mine for group in optimizer.param_groups for one in group["params"]):
            self.recording._end_step(is_recorded=self.recording._seen)

    # What is called inside of it

    def _entered(self, module: nn.Module, args: object) -> None:
        del args
        if not self._is_on:
            return
        self._stack.append(module)
        if self._is_settled:
            self._visit(module)
        else:
            self._visited.add(module)

    def _visit(self, module: nn.Module, _: object = None) -> None:
        """Watch the next pass if a module is entered that no watched one has seen."""
        if self._is_on and module not in self._visited:
            self._watch_again = True

    def _left(self, module: nn.Module, args: object, output: object) -> None:
        del args
        if self._is_on and self._stack and self._stack[-1] is module:
            self._stack.pop()
            self._found_in(module, output)

    def applied(self, function: str, activations: torch.Tensor) -> None:
        """Take what an activation function has returned."""
        owner = self._stack[-1]
        if owner in self._bare:  # the module may apply it in several steps
            self._pending[owner] = function, activations
        else:
            self._observe(_joined(self._paths[owner], function), None, function, activations)

    def _found_in(self, module: nn.Module, output: object) -> None:
        """Take what a module has returned, if it is an activation function or was chosen."""
        path = self._name_of(module)
        activations, pending = tensor_in(output), self._pending.pop(module, None)
        if pending is not None:
            function, inside = pending
            if activations is not None and activations.shape == inside.shape:
                self._observe(path, module, function_of(module, function), activations)
            else:
                self._observe(_joined(self._paths[module], function), None, function, inside)
        elif activations is not None and is_recurrent(module):
            if self._watcher is not None and self._watcher.axes is not None:
                self._watcher.axes.mark(activations, Units(-1))
            self._observe(path, module, function_of_recurrent(module), activations)
        elif activations is not None and self._is_chosen(path, module):
            if not self._is_settled:
                self._others[path] = module
            self._observe(path, module, "", activations)

    def _name_of(self, module: nn.Module) -> str:
        return self._paths[module] or type(module).__name__.lower()  # the model itself

    def _hooked(self, module: nn.Module, args: object, output: object) -> None:
        """Take what a module has returned that is known to be one of the layers."""
        del args
        if not self._is_on:
            return
        activations = output if isinstance(output, torch.Tensor) else tensor_in(output)
        if activations is not None:
            path = self._name_of(module)
            self._observe(path, module, "", activations)

    def _observe(
        self, name: str, module: nn.Module | None, function: str, activations: torch.Tensor
    ) -> None:
        if self._is_settled and name not in self._selected:
            return
        # Checkpointing runs parts of the model again in the backward pass.
        if activations.numel() == 0 or _is_in_backward():
            return
        if not self._is_settled and name not in self._others:
            self._activations.setdefault(name, module)
            if not self._is_chosen(name, module):
                return
        call = self._n_calls[name] = self._n_calls.get(name, 0) + 1
        key = name if call == 1 else f"{name}#{call}"
        ring = self._rings.get(key)
        if ring is None:
            ring = self._new_ring(key, name, function, activations)
            if ring is None:
                return
        mask = None
        if self._mask is not None:
            mask = mask_of(self._mask, activations, ring.layer)
        ring.add(self.recording._n_recorded, activations.detach(), mask)

    def _new_ring(
        self, key: str, name: str, function: str, activations: torch.Tensor
    ) -> DeviceRing | None:
        """Return a ring for a layer; None if its units' axis is not known."""
        refuse_values(key, activations)
        first = self._rings.get(name)
        if self._is_settled and first is not None:  # another call than the first pass had
            function, axis = first.layer.function, first.layer.unit_axis
        else:
            axis = self._axis_of(key, name, activations)
        if axis is None:
            self._unresolved[key] = activations.shape
            return None
        layer = RecordedLayer(key, function, activations.shape[axis], axis, 0)
        ring = DeviceRing(layer, self._settings.last, self._settings.words)
        self._rings[key] = self.recording._rings[key] = ring
        return ring

    def _axis_of(self, key: str, name: str, activations: torch.Tensor) -> int | None:
        given, n_axes = self._settings.unit_axis, activations.ndim
        if isinstance(given, dict):
            given = given.get(key, given.get(name))
        if given is not None:
            if not -n_axes <= given < n_axes:
                shape = tuple(activations.shape)
                raise ValueError(f"unit_axis: {key!r} has the shape {shape}, and no axis {given}.")
            return given if given < 0 else given - n_axes
        axes = None if self._watcher is None else self._watcher.axes
        units = None if axes is None else axes.of(activations)
        if units is not None and units.experts:
            self._experts.add(key)
        return -1 if n_axes == 1 else None if units is None else units.axis

    # Which layers

    def _is_chosen(self, name: str, module: nn.Module | None) -> bool:
        chosen = self._settings.layers
        if chosen is None:
            return name in self._activations
        return any(_means(one, name, module) for one in chosen)

    def _settle(self) -> None:
        """Decide, after a watched pass, what to record in all others; or raise."""
        self._select()
        self._leave_out_unclear()
        for key in [*self._rings]:
            if key.partition("#")[0] not in self._selected:
                del self._rings[key], self.recording._rings[key]
        self._is_settled = self._has_settled_before = True
        modules = {self._activations.get(name, self._others.get(name)) for name in self._selected}
        if None in modules:
            self._watcher = _Watcher(self, None)
            return
        self._watcher = None
        self._module_hooks.close()
        for module in self._paths:
            if module in modules:
                self._hook(module, after=self._hooked)
            elif module not in self._visited:
                self._hook(module, before=self._visit)

    def _select(self) -> None:
        """Decide which of the layers found are recorded, or raise if one is missing."""
        found: dict[str, nn.Module | None] = {**self._activations, **self._others}
        activations = set(self._activations)
        if self._settings.layers is None:
            self._selected = activations
        for one in self._settings.layers or ():
            hits = {name for name, module in found.items() if _means(one, name, module)}
            if not hits:
                self._refuse_layer(one)
            # A pattern means the activation functions that it matches, if there are any.
            is_pattern = isinstance(one, str) and one not in found
            self._selected |= (hits & activations if is_pattern else hits) or hits
        if not self._selected:
            raise ValueError(
                "model: no activation function was called in its forward pass. Choose modules "
                "with layers=, whose outputs to record."
            )
        axes = self._settings.unit_axis
        for name in axes if isinstance(axes, dict) else ():
            if name not in self._rings:
                raise ValueError(f"unit_axis: no recorded layer is {name!r}; {_some(found)}")

    def _refuse_layer(self, one: str | nn.Module) -> None:
        name = one if isinstance(one, str) else self._paths.get(one, type(one).__name__)
        exists = one in self._paths or name in self._paths.values()
        problem = (
            "was not called in the first forward pass" if exists else "is not a layer of this model"
        )
        raise ValueError(f"layers: {name!r} {problem}; {_some(self._activations)}")

    def _leave_out_unclear(self) -> None:
        """Raise ValueError if some layer's units are not known; later on, only warn."""

        def is_selected(key: str) -> bool:
            return key.partition("#")[0] in self._selected - self._left_out

        experts = sorted(filter(is_selected, self._experts))
        unresolved = {key: one for key, one in self._unresolved.items() if is_selected(key)}
        if problem := unclear(experts, unresolved):
            if not self._has_settled_before:
                raise ValueError(problem)
            # In the midst of a training, an error would lose more than a layer.
            warnings.warn(f"Not recorded, called for the first time: {problem}", stacklevel=4)
            self._left_out |= {key.partition("#")[0] for key in (*experts, *unresolved)}
        self._selected -= self._left_out


class _Watcher(TorchFunctionMode):
    """Sees every function that PyTorch calls."""

    def __init__(self, recorder: Recorder, axes: UnitAxes | None) -> None:
        super().__init__()
        self._recorder, self.axes = recorder, axes

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if self.axes is not None:
            self.axes.follow(func, args, kwargs, output)
        function = ACTIVATION_FUNCTIONS.get(func)
        if function is not None and isinstance(output, torch.Tensor):
            self._recorder.applied(function, output)
        return output


class _Hook:
    """A hook for one module, which does nothing on a copy of it."""

    def __init__(self, module: nn.Module, act: Callable[..., None]) -> None:
        self._module, self._act = module, act

    def __call__(self, module: nn.Module, *args: Any) -> None:
        if module is self._module:
            self._act(module, *args)

    def __deepcopy__(self, memo: object) -> Callable[..., None]:
        return _do_nothing

    def __reduce__(self) -> tuple[Any, ...]:
        return _stand_in, ()


def _stand_in() -> Callable[..., None]:
    return _do_nothing


def _do_nothing(*_: object) -> None:
    """Stand for a hook in a copied or pickled model."""


def _joined(path: str, function: str) -> str:
    return f"{path}.{function}" if path else function


def _means(one: str | nn.Module, name: str, module: nn.Module | None) -> bool:
    """Return whether an entry of ``layers=`` means a layer."""
    return fnmatchcase(name, one) if isinstance(one, str) else one is module


def _some(names: Any) -> str:
    listed = ", ".join(map(repr, [*names][:12]))
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"activation functions are at {listed}{more}." if names else "there are none."


def _is_compiled(module: nn.Module) -> bool:
    compiled = getattr(module, "_compiled_call_impl", None) is not None
    return compiled or type(module).__name__ == "OptimizedModule"


def _is_traced() -> bool:
    return torch.compiler.is_compiling() or bool(torch._C._get_tracing_state())


def _is_in_backward() -> bool:
    return bool(torch._C._current_graph_task_id() != -1)
