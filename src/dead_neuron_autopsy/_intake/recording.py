"""`Recording`: the extremes of each unit's activations, step by step. NumPy alone.

A recording is filled by `observe`, or by hooks in a model (`dead_neuron_autopsy.torch`). Either
way, each layer has a `Ring` that keeps the latest steps.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import to_array
from .extremes import UnitExtremes, unit_extremes
from .foreign import checked_count, typed_repr
from .processes import joined_over_processes
from .recorded import Kept, RecordedSource, Statistics
from .rings import ArrayRing, KeptRing, RecordedLayer, Ring, Row, refuse_other_units

#: Between a layer's name and a unit's number.
SEPARATOR = "\N{MIDDLE DOT}"


class Recording:
    """The smallest and the largest activation of each unit at each step.

    Pass it wherever neurons are taken. Each unit's history is, at each step, the activation
    that is furthest from zero; its id is the layer's name and its number, as in "fc1·7".

    Parameters
    ----------
    last : int, default: 1024
        How many steps to keep; earlier ones are forgotten.

    Raises
    ------
    TypeError, ValueError
        If *last* is not a positive integer.

    See Also
    --------
    dead_neuron_autopsy.torch.record : Record a PyTorch model.

    Examples
    --------
    Any training loop whose step returns activations, of whichever library:

    >>> import numpy as np
    >>> from dead_neuron_autopsy import Recording, diagnose
    >>> recording = Recording(last=100)
    >>> for scale in (1.0, 0.5, 0.25):
    ...     activations = np.array([[0.0, 2.0], [0.0, 3.0]]) * scale  # samples by units
    ...     recording.observe("fc1", activations, unit_axis=-1, function="relu")
    ...     recording.step()
    >>> recording
    <Recording: 3 steps of 1 layer, 2 units>
    >>> diagnose(recording).dead_ids
    ['fc1·0']
    """

    def __init__(self, last: int = 1024) -> None:
        self._last = checked_count("last", last)
        self._rings: dict[str, Ring] = {}
        self._n_steps = 0  # that ended, recorded or not
        self._n_recorded = 0
        self._numbers = deque[int](maxlen=self._last)  # of the latest recorded steps
        #: The recorded step that `observe` writes to; None while nothing is recorded.
        self._index: int | None = 0
        self._seen = False  # whether anything was observed in the current step
        self._steps_by: str = "recording.step()"
        self._problem = ""  # why there may be nothing
        self._is_reduced = False
        self._is_open = False  # whether hooks are still recording
        self._listeners: list[Callable[[bool], object]] = []

    def __repr__(self) -> str:
        n_steps, n_layers = len(self._numbers), len(self._rings)
        units = sum(ring.layer.n_units for ring in self._rings.values())
        steps, layers = (
            f"{n} {word}{'s' * (n != 1)}" for n, word in ((n_steps, "step"), (n_layers, "layer"))
        )
        return f"<Recording: {steps} of {layers}, {units} unit{'s' * (units != 1)}>"

    @property
    def layers(self) -> tuple[RecordedLayer, ...]:
        """The recorded layers, in the order in which they were first called."""
        return tuple(ring.layer for ring in self._rings.values())

    @property
    def steps(self) -> NDArray[np.int64]:
        """The numbers of the recorded steps, from 0 on, shape (n_steps,)."""
        return np.array(self._numbers, dtype=np.int64)

    def observe(
        self,
        name: str,
        activations: Any,
        *,
        unit_axis: int | None = None,
        function: str = "",
        where: Any = None,
    ) -> None:
        """Take a layer's activations, or their extremes, at the current step.

        Several calls in one step are joined.

        Parameters
        ----------
        name : str
            The layer's name, without "·".
        activations : array of shape (..., n_units, ...), or UnitExtremes
            Real numbers of any library, after the activation function; or what
            `unit_extremes` returned.
        unit_axis : int, optional
            The axis that runs over the units; required for an array, as a wrong guess would
            silently give a wrong answer.
        function : str, optional
            The activation function, such as "relu" or "gelu": where it is never exactly zero,
            the default criterion follows it.
        where : array of bool, optional
            Which samples count, as in `unit_extremes`.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid, or the layer had another number of units before.

        Examples
        --------
        >>> import numpy as np
        >>> from dead_neuron_autopsy import Recording
        >>> recording = Recording()
        >>> recording.observe("attention", np.ones((8, 4, 16, 16)), unit_axis=1)
        >>> recording.layers[0].n_units
        4
        """
        if self._index is None:
            return
        if not isinstance(name, str) or not name or SEPARATOR in name:
            raise ValueError(f"name: must be a str without {SEPARATOR!r}; got {typed_repr(name)}.")
        samples = 1
        if not isinstance(activations, UnitExtremes):
            if unit_axis is None:
                raise TypeError(
                    f"unit_axis: say which axis of {name!r} runs over the units, such as -1 for "
                    "the last."
                )
            array = to_array(activations, f"layer {name!r}: activations")
            if not array.size:
                return
            activations = unit_extremes(array, unit_axis, where)
            unit_axis = _from_the_end(unit_axis, array.ndim)
            samples = array.size // array.shape[unit_axis]
        low, high = (np.array(to_array(one, f"layer {name!r}")) for one in activations)
        if low.shape != high.shape or low.ndim != 1:
            raise ValueError(
                f"layer {name!r}: extremes must have the shape (n_units,); got {low.shape} and "
                f"{high.shape}."
            )
        if (low > high).all():  # no sample counts
            return
        ring = self._rings.get(name)
        if ring is None:
            layer = RecordedLayer(name, function, len(low), unit_axis, 0)
            ring = self._rings[name] = ArrayRing(layer, self._last)
        if not isinstance(ring, ArrayRing):  # hooks record it
            raise ValueError(f"name: {name!r} is taken; choose another.")  # noqa: TRY004
        refuse_other_units(ring.layer, len(low))
        ring.add(Row(self._index, samples, low, high))
        self._seen = True

    def take(self, names: Sequence[str]) -> Recording:
        """Return a recording of some layers, as they are now.

        Parameters
        ----------
        names : sequence of str
            Names of recorded layers.

        Returns
        -------
        Recording
            With the same steps; nothing more can be recorded.

        Raises
        ------
        KeyError
            If no layer has one of the names.

        Examples
        --------
        >>> import numpy as np
        >>> from dead_neuron_autopsy import Recording
        >>> recording = Recording()
        >>> for name in ("fc1", "fc2"):
        ...     recording.observe(name, np.zeros((32, 8)), unit_axis=-1)
        >>> recording.step()
        >>> recording.take(["fc2"])
        <Recording: 1 step of 1 layer, 8 units>
        """
        found, some = self._statistics(), Recording(self._last)
        some._n_steps, some._problem = self._n_steps, self._problem
        some._numbers.extend(self._numbers)
        some._n_recorded, some._index = len(self._numbers), None
        for name in names:
            some._rings[name] = KeptRing(self._rings[name].layer, found[name])
        return some

    def step(self) -> None:
        """End the current step.

        Raises
        ------
        ValueError
            If something else counts the steps, as `record` was told.
        """
        if self._steps_by != "recording.step()":
            raise ValueError(
                f"step: {self._steps_by} counts the steps of this recording. Pass step='manual' "
                "to record(...) to count them yourself."
            )
        self._end_step(is_recorded=self._seen)
        self._index = self._n_recorded

    def _end_step(self, *, is_recorded: bool) -> None:
        if is_recorded:
            self._numbers.append(self._n_steps)
            self._n_recorded += 1
        self._n_steps += 1
        self._seen = False

        self._tell(ended=False)

    def on_step(self, callback: Callable[[bool], object]) -> Callable[[], None]:
        """Call a function after each step, and once when the recording ends.

        Parameters
        ----------
        callback : callable
            Takes whether the recording has ended, as the block of `record` does. What it raises
            reaches the training loop.

        Returns
        -------
        callable
            Call it to have no more calls.

        Examples
        --------
        >>> from dead_neuron_autopsy import Recording
        >>> recording = Recording()
        >>> stop = recording.on_step(lambda ended: print("a step has ended"))
        >>> recording.step()
        a step has ended
        >>> stop()
        """
        self._listeners.append(callback)

        def stop() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return stop

    def _tell(self, *, ended: bool) -> None:
        for listener in [*self._listeners]:  # which may stop listening
            listener(ended)

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be copied: not what listens to this recording."""
        return vars(self) | {"_listeners": []}

    def _statistics(self) -> dict[str, Statistics]:
        """Return what each layer's ring holds of the recorded steps."""
        indices = range(self._n_recorded - len(self._numbers), self._n_recorded)
        return {name: ring.read(indices) for name, ring in self._rings.items()}

    def read(self) -> tuple[tuple[str, ...], RecordedSource]:
        """Return the units' ids and their histories, as they are now.

        Returns
        -------
        ids : tuple of str
            "fc1·7" for unit 7 of layer "fc1".
        source
            Where the histories are read from.

        Raises
        ------
        ValueError
            If nothing was recorded.
        """
        found = self._statistics()
        if self._problem:
            raise ValueError(f"neurons: {self._problem}")
        if not self._numbers or not found:
            raise ValueError(
                "neurons: this recording is empty. Call observe(...) for each layer, and step() "
                "at the end of each step."
            )
        ids = tuple(
            f"{name}{SEPARATOR}{unit}"
            for name, one in found.items()
            for unit in range(one.low.shape[1])
        )
        return ids, RecordedSource(Kept.of(list(found.values())))

    def all_reduce(self, group: Any = None) -> None:
        """Join the recordings of all processes of a ``torch.distributed`` group, in place.

        Call it in every process, once, after recording. Extremes and sums are then over the
        samples of all.

        Parameters
        ----------
        group : torch.distributed.ProcessGroup, optional
            Default: all processes.

        Raises
        ------
        ValueError
            If this was done before, if hooks are still recording, or if the processes' layers or
            steps differ.
        """
        if self._is_reduced:
            raise ValueError("all_reduce: done already; sums would count twice.")
        if self._is_open:
            raise ValueError("all_reduce: the model is still recorded; call it after the block.")
        joined = joined_over_processes(self._statistics(), self.steps.tolist(), group)
        for name, found in joined.items():
            self._rings[name] = KeptRing(self._rings[name].layer, found)
        self._is_reduced = True

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the recording to a file, from which `load` reads it.

        Parameters
        ----------
        path : str or path-like
            A file of NumPy's npz format, without pickles. An old file there is replaced once
            the new one is whole.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from dead_neuron_autopsy import Recording
        >>> recording = Recording()
        >>> with TemporaryDirectory() as folder:
        ...     recording.save(f"{folder}/run.npz")
        ...     Recording.load(f"{folder}/run.npz")
        <Recording: 0 steps of 0 layers, 0 units>
        """
        arrays: dict[str, NDArray[Any]] = {}
        found = self._statistics()
        for place, one in enumerate(found.values()):
            arrays |= {f"{place}/{key}": array for key, array in one.arrays().items()}
        about = {
            "last": self._last,
            "n_steps": self._n_steps,
            "steps": self.steps.tolist(),
            "layers": [
                {**vars(ring.layer), "arrays": found[name].words()}
                for name, ring in self._rings.items()
            ],
            "problem": self._problem,
        }
        arrays["recording.json"] = np.array(json.dumps(about))
        target = Path(path)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                # NumPy 2.0 would take allow_pickle for an array; there are no objects to pickle.
                np.savez(file, **arrays)  # type: ignore[arg-type]
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recording:
        """Return a recording that `save` has written.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        Recording
            With the steps of the file; nothing more can be recorded.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is not a recording.
        """
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            about = json.loads(str(arrays["recording.json"]))
            recording = cls(about["last"])
            recording._n_steps, recording._problem = about["n_steps"], about["problem"]
            recording._numbers.extend(about["steps"])
            recording._n_recorded, recording._index = len(about["steps"]), None
            for place, layer in enumerate(about["layers"]):
                kept = Statistics.from_arrays(
                    {key: arrays[f"{place}/{key}"] for key in layer.pop("arrays")}
                )
                recording._rings[layer["name"]] = KeptRing(RecordedLayer(**layer), kept)
        except OSError:
            raise
        except Exception as error:  # zip files and JSON have errors of their own
            raise ValueError(f"path: {os.fspath(path)!r} is not a recording ({error}).") from error
        return recording


def _from_the_end(axis: int, n_axes: int) -> int:
    return axis if axis < 0 else axis - n_axes
