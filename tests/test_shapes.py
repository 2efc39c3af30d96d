from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dead_neuron_autopsy._drawing.shapes import cross, dot, rounded_rectangle


@pytest.mark.parametrize(
    ("width", "height", "radius"), [(90, 62, 4), (25, 11, 5.5), (8, 8, 0), (3, 2, 9)]
)
def test_a_rounded_rectangle_fills_its_size(width: float, height: float, radius: float) -> None:
    box = rounded_rectangle(width, height, radius).get_extents()
    np.testing.assert_allclose(box.bounds, (0, 0, width, height), atol=1e-12)


def test_its_corners_are_round_and_its_edges_straight() -> None:
    card = rounded_rectangle(90, 62, 4)
    inside = [(45, 31), (4, 0.1), (0.1, 4), (1.3, 1.3), (86, 61.9)]
    outside = [(0.5, 0.5), (89.5, 0.5), (0.5, 61.5), (89.5, 61.5), (1.0, 1.0)]
    assert card.contains_points(inside).all()
    assert not card.contains_points(outside).any()


def test_its_corners_are_quarters_of_a_circle() -> None:
    segments: Any = rounded_rectangle(20, 20, 10).iter_bezier()
    curves = [curve for curve, _ in segments]
    corners = [curve for curve in curves if curve.degree == 3]
    assert len(corners) == 4
    for corner in corners:
        points = corner(np.linspace(0, 1, 50))
        np.testing.assert_allclose(np.hypot(*(points - 10).T), 10, rtol=3e-4)


def test_the_marks_differ_in_shape_and_stay_in_their_square() -> None:
    for mark in (cross(6), dot(6)):
        box = mark.get_extents()
        assert box.x0 >= -1e-9
        assert box.y1 <= 6 + 1e-9
        assert mark.contains_point((3, 3))
    corners = [(0.5, 0.5), (5.5, 5.5), (0.5, 5.5), (5.5, 0.5)]
    edges = [(3, 0.5), (0.5, 3), (3, 5.5), (5.5, 3)]
    assert cross(6).contains_points(corners).all()
    assert not cross(6).contains_points(edges).any()
    assert not dot(6).contains_points(corners + edges).any()
