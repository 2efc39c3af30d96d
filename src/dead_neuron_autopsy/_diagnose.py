"""`diagnose`: decide which neurons are dead, without a picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

from ._intake.foreign import Number, short_repr
from ._intake.population import read_population
from ._verdict.autopsy import Autopsy, NanPolicy, check_policy, judged
from ._verdict.criteria import Peak, as_threshold
from ._words.languages import ENGLISH


def diagnose(
    neurons: object,
    dead_threshold: Number = 1e-6,
    *,
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy = "propagate",
) -> Autopsy:
    """Decide which neurons are dead.

    A neuron's peak is the maximum of \\|activation\\| over its samples. The neuron is dead
    if its peak is below *dead_threshold*, or if it has no samples.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame or array
        Each neuron's recent activations, recorded *after* the activation function:
        an iterable of records (mappings or objects with ``id`` and ``activations``) or
        of (id, activations) pairs; a mapping from id to a 1-D array; a pandas or polars
        DataFrame with one column per neuron; or a 2-D array with *neuron_axis*.
        Activations are 1-D and real: lists, generators, NumPy arrays, torch tensors, or
        anything else that NumPy reads. Masked samples never count.
    dead_threshold : float, default: 1e-6
        Finite and not negative, in the activations' own unit. No peak is below 0.
    ids : iterable of str or int, optional
        The neurons' ids, for a 2-D array only. Default: the positions from 0.
    neuron_axis : {0, 1}, optional
        The axis of a 2-D array that runs over the neurons. Required for 2-D arrays: a
        wrong guess would silently give a wrong answer.
    nan_policy : {"propagate", "omit", "raise"}, default: "propagate"
        How to treat nan, as in SciPy. "propagate": the peak is nan and the neuron never
        counts as dead. "omit": nan samples do not count. "raise": raise ValueError.

    Returns
    -------
    Autopsy
        The verdicts, in the caller's order, with the activations: a copy where all of them
        take at most 64 MiB, so that a buffer may be filled again; else a view, as of any
        mapped file and Dask array. What comes from a generator, or from an object that
        computes it on request, is always copied.

    Raises
    ------
    TypeError, ValueError
        If reading an argument would need guessing; the message names the parameter and
        the neuron.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import diagnose
    >>> steps_by_units = np.array([[0.0, 0.3], [0.0, 0.1], [0.0, 0.0]])
    >>> diagnose(steps_by_units, neuron_axis=1).dead.tolist()
    [True, False]
    """
    criterion = Peak(dead_threshold)
    check_policy(nan_policy)
    names, source = read_population(neurons, ids, neuron_axis)
    return judged(names, source.snapshot(), criterion, nan_policy, ENGLISH)


def diagnosed(
    neurons: object,
    dead_threshold: Number | None,
    ids: Iterable[object] | None,
    neuron_axis: SupportsIndex | None,
    nan_policy: NanPolicy | None,
) -> Autopsy:
    """Return *neurons* if that is an `Autopsy`, else the result of `diagnose`."""
    # None stands for the default, or for what the given `Autopsy` was made with.
    if not isinstance(neurons, Autopsy):
        return diagnose(
            neurons,
            1e-6 if dead_threshold is None else dead_threshold,
            ids=ids,
            neuron_axis=neuron_axis,
            nan_policy="propagate" if nan_policy is None else nan_policy,
        )
    made_with = neurons.dead_threshold
    if dead_threshold is not None and as_threshold(dead_threshold) != made_with:
        raise ValueError(
            f"dead_threshold: this Autopsy was made with {made_with!r}; got "
            f"{short_repr(dead_threshold)}. Call diagnose(...) again with the new one."
        )
    if ids is not None or neuron_axis is not None:
        raise TypeError(
            "ids and neuron_axis were settled when this Autopsy was made. Give them to "
            "diagnose(...) instead."
        )
    if nan_policy is not None:
        check_policy(nan_policy)
        if nan_policy != neurons.nan_policy:
            given = neurons.nan_policy
            raise TypeError(
                f"nan_policy: this Autopsy was made with {given!r}; got {nan_policy!r}. Call "
                "diagnose(...) again with the new one."
            )
    return neurons
