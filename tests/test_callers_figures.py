"""Drawing into a figure of the caller's changes nothing else in it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from drawing import Histories, pixels
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from dead_neuron_autopsy import draw_autopsy, draw_layers


def layers(n_layers: int, n_units: int) -> Histories:
    return {
        f"L{layer}·N{unit}": [0.0, float(unit % 3)]
        for layer in range(n_layers)
        for unit in range(n_units)
    }


def halves_of(figure: Any) -> Any:
    return figure.subfigures(1, 2)


def state_of(axes: Axes) -> tuple[Any, ...]:
    """Return what a caller can see and set of an Axes."""
    return (
        axes.get_xlim(),
        axes.get_ylim(),
        axes.dataLim.get_points().tolist(),
        np.round(axes.get_position(original=True).bounds, 9).tolist(),
        axes.get_autoscale_on(),
        axes.get_yscale(),
    )


@pytest.mark.parametrize("draw", [draw_autopsy, draw_layers])
@pytest.mark.parametrize("place", ["axes", "figure", "subfigure"])
def test_the_rest_of_the_callers_figure_stays_as_it_was(draw: Any, place: str) -> None:
    def figure_with_a_room() -> tuple[Any, Any, Axes]:
        figure = plt.figure(figsize=(8, 6))
        left, right = halves_of(figure)
        plot, room = left.subplots(2, 1)
        plot.plot([2.3, 1.9, 1.7])
        plot.set_title("Loss")
        where = {"axes": room, "figure": figure, "subfigure": right}[place]
        return figure, where, plot

    figure, where, plot = figure_with_a_room()
    rcparams, size = dict(plt.rcParams), tuple(figure.get_size_inches())
    engine, others = figure.get_layout_engine(), state_of(plot)
    children = plot.get_children()
    draw(where, layers(3, 4))
    for file_format in ("png", "svg", "pdf"):
        figure.savefig(io.BytesIO(), format=file_format)
    assert state_of(plot) == others
    assert plot.get_children() == children
    assert tuple(figure.get_size_inches()) == size
    assert figure.get_layout_engine() is engine
    assert dict(plt.rcParams) == rcparams


@pytest.mark.parametrize("draw", [draw_autopsy, draw_layers])
@pytest.mark.parametrize("layout", [None, "constrained"])
@pytest.mark.parametrize("place", ["axes", "figure", "subfigure"])
def test_a_failure_leaves_the_callers_figure_as_it_was(draw: Any, place: str, layout: Any) -> None:
    figure = plt.figure(layout=layout)
    left, right = halves_of(figure)
    room = left.subplots()
    where = {"axes": room, "figure": figure, "subfigure": right}[place]
    picture = pixels(figure)
    before = figure.findobj(), state_of(room), figure.get_layout_engine()
    with pytest.raises(TypeError, match="L1·N2"):
        draw(where, {"L1·N1": [0.0], "L1·N2": ["high"]})
    assert (figure.findobj(), state_of(room), figure.get_layout_engine()) == before
    assert (pixels(figure) == picture).all()


@pytest.mark.parametrize("draw", [draw_autopsy, draw_layers])
@pytest.mark.parametrize("where", [None, "ax", plt, 3, [1, 2]], ids=str)
def test_a_wrong_place_is_named(draw: Any, where: Any) -> None:
    with pytest.raises(TypeError, match=r"^where: must be .*Axes, Figure or SubFigure"):
        draw(where, layers(1, 2))
