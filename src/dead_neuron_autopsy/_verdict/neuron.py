"""One neuron and its verdict."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from .._intake.sources import History

State: TypeAlias = Literal["alive", "dead", "unknown"]


class Neuron(NamedTuple):
    """One neuron and its verdict.

    Attributes
    ----------
    id : str
        The neuron's id.
    activations : ndarray of shape (n_samples,)
        The neuron's history, read-only.
    peak : float
        max(\\|activation\\|), in the activations' own unit.
    state : {"alive", "dead", "unknown"}
        The verdict.

    Examples
    --------
    >>> from dead_neuron_autopsy import diagnose
    >>> neuron = diagnose({"N1": [0.2, -0.4]})["N1"]
    >>> neuron.id, neuron.activations.tolist(), neuron.peak, neuron.state
    ('N1', [0.2, -0.4], 0.4, 'alive')
    """

    id: str
    activations: History
    peak: float
    state: State
