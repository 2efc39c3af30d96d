"""`unit_extremes`: what a training step returns of a layer, in the library it is written in."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .foreign import as_integer, comes_from, typed_repr


class UnitExtremes(NamedTuple):
    """The smallest and the largest activation of each unit.

    Attributes
    ----------
    low, high : array of shape (n_units,)
        Arrays of the library that the activations came in.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import unit_extremes
    >>> unit_extremes(np.array([[0.0, 1.0], [0.0, 3.0]]), -1).high.tolist()
    [0.0, 3.0]
    """

    low: Any
    high: Any


def unit_extremes(activations: Any, unit_axis: int, where: Any = None) -> UnitExtremes:
    """Return the smallest and the largest activation of each unit.

    It works on arrays of NumPy, JAX (inside ``jit``, too), PyTorch and TensorFlow, and stays in
    their library and on their device: return it from a training step, and pass it to
    `Recording.observe`.

    Parameters
    ----------
    activations : array of shape (..., n_units, ...)
        Real numbers, after the activation function.
    unit_axis : int
        The axis that runs over the units.
    where : array of bool, optional
        Which samples count, such as those that are not padding: of the shape of *activations*
        without the units' axis, or of its first axes.

    Returns
    -------
    UnitExtremes
        Of a unit without samples, (inf, -inf).

    Raises
    ------
    TypeError, ValueError
        If *unit_axis* is not an axis, or *where* does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from dead_neuron_autopsy import unit_extremes
    >>> images = np.zeros((16, 3, 8, 8))  # samples, units, height, width
    >>> unit_extremes(images, 1).low.shape
    (3,)
    """
    axis, n_axes = as_integer(unit_axis), len(activations.shape)
    if axis is None:
        raise TypeError(f"unit_axis: must be an integer; got {typed_repr(unit_axis)}.")
    if not -n_axes <= axis < n_axes:
        raise ValueError(
            f"unit_axis: activations of shape {tuple(activations.shape)} have no axis {axis}."
        )
    others = tuple(one for one in range(n_axes) if one != axis % n_axes)
    if where is not None:
        where = over_units(where, activations.shape, others)
    if comes_from(activations, "torch", "Tensor"):
        import torch

        both = (activations, activations)
        if where is not None:
            activations = activations + 0.0  # integers have no infinity
            both = tuple(activations.masked_fill(~where, end) for end in (torch.inf, -torch.inf))
        if not others:
            return UnitExtremes(*both)
        return UnitExtremes(both[0].amin(others), both[1].amax(others))
    if comes_from(activations, "tensorflow", "Tensor"):
        import tensorflow as tf

        both = (activations, activations)
        if where is not None:
            both = tuple(tf.where(where, activations, end) for end in (np.inf, -np.inf))
        return UnitExtremes(tf.reduce_min(both[0], others), tf.reduce_max(both[1], others))
    if where is None:
        return UnitExtremes(activations.min(axis=others), activations.max(axis=others))
    activations = activations + 0.0  # integers have no infinity
    low = activations.min(axis=others, where=where, initial=np.inf)
    return UnitExtremes(low, activations.max(axis=others, where=where, initial=-np.inf))


def over_units(where: Any, shape: Any, others: tuple[int, ...]) -> Any:
    """Return a mask whose axes are those of the activations, one long over the units."""
    samples = tuple(int(shape[axis]) for axis in others)
    given = tuple(where.shape)
    if not given or len(given) > len(samples) or given != samples[: len(given)]:
        raise ValueError(
            f"where: must have the shape {samples} of the samples, or its beginning; got {given}."
        )
    full = [1] * len(shape)
    for axis, size in zip(others, given, strict=False):
        full[axis] = size
    if comes_from(where, "tensorflow", "Tensor"):
        import tensorflow as tf

        return tf.reshape(where, full)
    return where.reshape(tuple(full))
