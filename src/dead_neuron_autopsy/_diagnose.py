"""`diagnose`: decide which neurons are dead, without a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ._intake.foreign import Number, short_repr
from ._intake.population import read_population
from ._verdict.autopsy import Autopsy, NanPolicy
from ._verdict.criteria import Criterion, Peak
from ._verdict.judging import Rule, check_policy, judged
from ._words.languages import ENGLISH

#: The neurons' axis, or for each layer its own; a dimension's name, of xarray.
NeuronAxis: TypeAlias = SupportsIndex | str | Mapping[str, SupportsIndex | str]


def diagnose(
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy = "propagate",
) -> Autopsy:
    """Decide which neurons are dead.

    A neuron's peak is the maximum of \\|activation\\| over its samples. The neuron is dead
    if its peak is below *dead_threshold*, or if it has no samples. Other rules are a
    *criterion*; with a *window*, only the last samples are judged.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame or array
        Each neuron's recent activations, recorded *after* the activation function:
        an iterable of records (mappings or objects with ``id`` and ``activations``) or
        of (id, activations) pairs; a mapping from id to a 1-D array; a pandas or polars
        DataFrame, or a pyarrow Table, with one column per neuron; a 2-D array with
        *neuron_axis*; a mapping from layers to such arrays, possibly nested, or an xarray
        Dataset, with *neuron_axis*: ids are then "fc1·7"; or a `Recording`.
        Activations are 1-D and real: lists, generators, NumPy arrays, torch tensors, or
        anything else that NumPy reads. Masked samples never count.
    dead_threshold : float, default: 1e-6
        Finite and above 0, in the activations' own unit; short for
        ``criterion=Peak(dead_threshold)``.
    criterion : Criterion, optional
        The rule: `Peak`, the default; `FiringRate`; `Dormant`; `Constant`; or one of yours.
    window : int, optional
        How many of the last samples to judge. Default, or if there are fewer: all.
    steps : array-like of shape (n_samples,), optional
        The step of each sample, increasing, as long as the longest history; shorter ones
        end at the last step. Times of death are then given as steps, too.
    ids : iterable of str or int, optional
        The neurons' ids, for one array only. Default: the positions from 0, or the
        coordinates of a DataArray.
    neuron_axis : int, str or mapping from layer to these, optional
        The axis of arrays that runs over the neurons, or the name of an xarray dimension.
        Required for arrays: a wrong guess would silently give a wrong answer. The first of
        the other axes is that of the steps; a DataArray's coordinates there are the steps.
    reduce : {"max-abs"}, optional
        What becomes of further axes, such as samples and pixels: "max-abs" takes, at each
        step, the activation of largest absolute value, with its sign. Default: an error.
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
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    check_policy(nan_policy)
    population = read_population(neurons, ids, neuron_axis, reduce)
    return judged(population, rule, nan_policy, ENGLISH)


def diagnosed(
    neurons: object,
    rule: Rule,
    nan_policy: NanPolicy | None,
    *,
    ids: Iterable[object] | None,
    neuron_axis: NeuronAxis | None,
    reduce: Literal["max-abs"] | None,
) -> Autopsy:
    """Return *neurons* unchanged if it is an `Autopsy` already; else diagnose them."""
    # None stands for the default, or for what the given `Autopsy` was made with.
    if nan_policy is not None:
        check_policy(nan_policy)
    if not isinstance(neurons, Autopsy):
        population = read_population(neurons, ids, neuron_axis, reduce)
        return judged(population, rule, nan_policy or "propagate", ENGLISH)
    if ids is not None or neuron_axis is not None or reduce is not None:
        raise TypeError(
            "ids, neuron_axis and reduce were settled when this Autopsy was made. Give them to "
            "diagnose(...) instead."
        )
    if rule.window is not None and rule.window >= neurons.source.lengths.max(initial=0):
        rule = rule._replace(window=None)
        _refuse_other("window", neurons.window, None)
    for name, given in {**rule._asdict(), "nan_policy": nan_policy}.items():
        if given is not None:
            _refuse_other(name, getattr(neurons, name), given)
    return neurons


def _refuse_other(name: str, made_with: object, given: object) -> None:
    if isinstance(made_with, Peak) and isinstance(given, Peak):
        name, made_with, given = "dead_threshold", made_with.threshold, given.threshold
    if not np.array_equal(made_with, given):  # type: ignore[arg-type]  # any two objects
        raise ValueError(
            f"{name}: this Autopsy was made with {short_repr(made_with)}; got "
            f"{short_repr(given)}. Call diagnose(...) again with the new one."
        )
