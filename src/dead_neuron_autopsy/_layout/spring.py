"""`Spring`: how something moves from one state to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._verdict.criteria import checked_threshold

#: Whether to move things: as the system is set, always, or never.
Motion: TypeAlias = Literal["auto", "full", "none"]

#: A movement is over when less than this share of the way is left, for good.
_TOLERANCE = 0.005

#: In seconds: what moves for longer must be stoppable (WCAG 2.2.2).
_LONGEST = 5.0


class Response(NamedTuple):
    """What is left, after a time, of a displacement and of a velocity; and the rates of both."""

    of_displacement: Any  # a float, or an array of the times' shape
    of_velocity: Any
    displacement_rate: Any
    velocity_rate: Any


@dataclass(frozen=True)
class Spring:
    """A damped spring, which pulls lines and colours to where new data put them.

    Parameters
    ----------
    stiffness : float, default: 400.0
        Force per displacement.
    damping : float, default: 32.0
        Force per velocity. Below ``2 * sqrt(stiffness * mass)`` the movement overshoots its end:
        by 1.5% with the defaults.
    mass : float, default: 1.0
        What is moved.

    Raises
    ------
    TypeError, ValueError
        If a parameter is no positive number, or the movement would last for more than 5 s.

    Notes
    -----
    The solution of m x'' + c x' + k x = 0 in closed form, under-, critically or over-damped, so
    that any moment can be computed from the start alone.

    References
    ----------
    .. [1] L. D. Landau and E. M. Lifshitz, Mechanics, 3rd ed., 1976, section 25.

    Examples
    --------
    >>> from dead_neuron_autopsy import Spring
    >>> spring = Spring()
    >>> spring.at([0.0, 0.1, 0.4]).round(2).tolist()
    [0.0, 0.68, 1.0]
    >>> round(spring.duration, 2)
    0.36
    """

    stiffness: float = 400.0
    damping: float = 32.0
    mass: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            least = float(np.finfo(float).tiny)
            accepted = "finite and above 0"
            checked_threshold(field.name, getattr(self, field.name), accepted, least)
        if self.duration >= _LONGEST:
            raise ValueError(
                f"damping: with {self!r} the movement takes more than {_LONGEST:g} s; raise the "
                "stiffness, or choose a damping near 2 * sqrt(stiffness * mass)."
            )

    def at(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return which share of the way is done after a time, from rest.

        Parameters
        ----------
        seconds : float or array-like
            Times since the start.

        Returns
        -------
        ndarray
            Of the same shape: 0 at the start, 1 at the end, more where it overshoots.
        """
        left: NDArray[np.float64] = self.response(np.asarray(seconds, float)).of_displacement
        return 1.0 - left

    @cached_property
    def duration(self) -> float:
        """The time until less than 0.5% of the way is left, in seconds."""
        pull = math.sqrt(self.stiffness / self.mass)
        slowing = self.damping / (2 * self.mass)
        ratio = slowing / pull
        if ratio < 0.5:  # swings below a decay
            return math.log(1 / math.sqrt(1 - ratio**2) / _TOLERANCE) / slowing
        if ratio < 2:
            times = np.linspace(0.0, 40.0, 4001) / pull
            away = np.flatnonzero(np.abs(1.0 - self.at(times)) >= _TOLERANCE)
            return float(times[away[-1] + 1])
        root = math.sqrt(slowing**2 - pull**2)  # only the slower of two decays matters
        return math.log((slowing + root) / (2 * root) / _TOLERANCE) * (slowing + root) / pull**2

    def response(self, seconds: Any) -> Response:
        """Return what is left of a displacement and a velocity after a time.

        Parameters
        ----------
        seconds : float or ndarray
            Times since the start.

        Returns
        -------
        Response
            Factors of the displacement and of the velocity, and the rates at which these change.
        """
        pull = (self.stiffness / self.mass) ** 0.5
        slowing = self.damping / (2 * self.mass)
        squared, decay = pull**2 - slowing**2, np.exp(-slowing * seconds)
        if abs(squared) < 1e-9 * pull**2:  # critically damped
            return Response(
                decay * (1 + slowing * seconds),
                decay * seconds,
                -decay * pull**2 * seconds,
                decay * (1 - slowing * seconds),
            )
        if squared > 0:
            swing = squared**0.5
            sine, cosine = np.sin(swing * seconds) / swing, np.cos(swing * seconds)
            return Response(
                decay * (cosine + slowing * sine),
                decay * sine,
                -decay * pull**2 * sine,
                decay * (cosine - slowing * sine),
            )
        # Two decays. The slower one as a quotient: a difference of near equals loses digits.
        root = (-squared) ** 0.5
        slow, fast = -(pull**2) / (slowing + root), -slowing - root
        slower, faster = np.exp(slow * seconds), np.exp(fast * seconds)
        return Response(
            (slow * faster - fast * slower) / (slow - fast),
            (slower - faster) / (slow - fast),
            slow * fast * (faster - slower) / (slow - fast),
            (slow * slower - fast * faster) / (slow - fast),
        )
