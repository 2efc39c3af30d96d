"""Outlines of cards, badges and marks, with the origin at the lower left corner."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.path import Path

#: Control point distance at which a cubic Bézier is a quarter of a circle of radius 1:
#: 4/3 (sqrt(2) - 1), the usual approximation; its radius is off by less than 0.03%.
_QUARTER = 4 / 3 * (2**0.5 - 1)


@lru_cache(maxsize=256)
def rounded_rectangle(width: float, height: float, radius: float) -> Path:
    """Return a rectangle with rounded corners, the same one each time."""
    radius = min(radius, width / 2, height / 2)
    inner = radius * (1 - _QUARTER)
    x, y = np.array([(radius, inner, 0, 0), (0, 0, inner, radius)])  # lower left corner
    xs = [*x, *x[::-1], *(width - x), *(width - x)[::-1], radius]
    ys = [*y, *(height - y)[::-1], *(height - y), *y[::-1], 0]
    arc = [Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    codes = [Path.MOVETO, *arc[1:], *arc * 3, Path.CLOSEPOLY]
    return Path(np.column_stack([xs, ys]), codes, readonly=True)


def dot(size: float) -> Path:
    """Return a small disc in the middle of a square: the mark of a living neuron."""
    disc = Path.unit_circle()
    return Path(np.asarray(disc.vertices) * size * 0.25 + size / 2, disc.codes)


def ring(size: float) -> Path:
    """Return a ring that fills a square: the mark of a neuron whose state is unknown."""
    circle = Path.unit_circle()
    outer, codes = np.asarray(circle.vertices) * size / 2 + size / 2, circle.codes
    # The hole runs the other way round, so that it stays empty.
    hole = (np.asarray(circle.vertices) * [-1, 1] * size * 0.28) + size / 2
    return Path(np.concatenate([outer, hole]), np.concatenate([codes, codes]))


def half(width: float, height: float) -> Path:
    """Return the lower half of a tile: a neuron whose state is unknown."""
    return Path([(0, 0), (width, 0), (width, height), (0, 0)], closed=True)


def cross(size: float) -> Path:
    """Return a diagonal cross that fills a square: the mark of a dead neuron."""
    arm = 0.22 * size
    eighth = [(0, arm), (size / 2 - arm, size / 2), (0, size - arm), (0, size)]
    vertices = []
    for turn in range(4):
        centred = np.array(eighth) - size / 2
        angle = -np.pi / 2 * turn
        turned = centred @ np.array(
            [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        )
        vertices.extend(turned + size / 2)
    return Path(np.array([*vertices, vertices[0]]), closed=True)
