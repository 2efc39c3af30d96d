"""Limits mean the same cards at any size, and nothing that only asks changes them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawing import Histories, pixels, redrawn, saved
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from dead_neuron_autopsy import draw_autopsy, draw_layers, plot_autopsy, plot_layers

Resize = Callable[[Any, float, float], None]


def layers(n_layers: int, n_units: int) -> Histories:
    return {
        f"L{layer}·N{unit}": [0.0, float(unit % 3)]
        for layer in range(n_layers)
        for unit in range(n_units)
    }


def grid_in_constrained_layout(neurons: Histories) -> Any:
    figure = plt.figure(figsize=(9, 7), layout="constrained")
    draw_autopsy(figure, neurons, group_by="layer")
    return figure


FIGURES: dict[str, Callable[[Histories], Any]] = {
    "grouped": lambda neurons: plot_autopsy(neurons, group_by="layer"),
    "wide": lambda neurons: plot_autopsy(neurons, group_by="layer", width=14),
    "without groups": plot_autopsy,
    "bars": plot_layers,
    "constrained": grid_in_constrained_layout,
}


def panel_of(figure: Any) -> Any:
    (panel,) = [artist for artist in figure.axes[0].artists if hasattr(artist, "alt_text")]
    return panel


def n_in_view(figure: Any) -> int:
    """Return the number of cards or bars that lie within the Axes as drawn."""
    redrawn(figure)
    axes, panel = figure.axes[0], panel_of(figure)
    part = panel.borders if hasattr(panel, "borders") else panel.tracks
    box = axes.bbox.padded(1.5)
    boxes = [
        (corner + path.get_extents().p0, corner + path.get_extents().p1)
        for corner, path in zip(part.get_offsets(), part.get_paths(), strict=True)
    ]
    return sum(box.contains(*low) and box.contains(*high) for low, high in boxes)


def n_drawn(figure: Any) -> int:
    panel = panel_of(figure)
    return int(panel.n_cards if hasattr(panel, "n_cards") else panel.n_bars)


@pytest.mark.parametrize(
    "scale", [(1.2, 0.8), pytest.param((0.6, 1.7), marks=pytest.mark.slow)], ids=str
)
@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("inverted", [False, True], ids=["upright", "inverted"])
def test_home_shows_all_cards_after_a_resize(
    kind: str,
    scale: tuple[float, float],
    inverted: bool,  # noqa: FBT001
) -> None:
    figure = redrawn(FIGURES[kind](layers(30, 10)))
    axes = figure.axes[0]
    if inverted:
        axes.invert_yaxis()
    home = axes.get_xlim(), axes.get_ylim()
    axes.set(xlim=(1, 3), ylim=(4, 2))
    redrawn(figure)
    figure.set_size_inches(*np.multiply(figure.get_size_inches(), scale))
    redrawn(figure)
    assert (axes.get_xlim(), axes.get_ylim()) == ((1, 3), (4, 2))
    axes.set(xlim=home[0], ylim=home[1])
    assert n_in_view(figure) == n_drawn(figure)


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


QUESTIONS: dict[str, Callable[[Any], object]] = {
    "tight bounding box of the figure": lambda figure: figure.get_tightbbox(),
    "tight bounding box of the Axes": lambda figure: figure.axes[0].get_tightbbox(),
    "extents of the parts": lambda figure: [
        part.get_window_extent(figure.canvas.get_renderer())
        for part in [panel_of(figure), *panel_of(figure).get_children()]
    ],
    "window extent of the Axes": lambda figure: figure.axes[0].get_window_extent(),
    "drawing": redrawn,
    "saving at another dpi": lambda figure: saved(figure, "png", dpi=37),
    "saving tightly": lambda figure: saved(figure, "png", bbox_inches="tight"),
    "saving as PDF": lambda figure: saved(figure, "pdf"),
    "saving as SVG": lambda figure: saved(figure, "svg"),
    "words": lambda figure: (panel_of(figure).alt, panel_of(figure).description),
    "children": lambda figure: figure.findobj(),
    "rows": lambda figure: panel_of(figure).nrows,
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", FIGURES)
def test_nothing_that_asks_changes_anything(kind: str, question: str) -> None:
    figure = FIGURES[kind](layers(5, 6))
    axes = figure.axes[0]
    for change in (None, "resize", "zoom"):
        if change == "resize":
            figure.set_size_inches(*np.multiply(figure.get_size_inches(), (1.3, 0.7)))
        if change == "zoom":
            axes.set(xlim=(0.3, 2.2), ylim=(3.1, 0.4))
        redrawn(figure)  # a layout engine moves the Axes at the first draw
        before = state_of(axes)
        QUESTIONS[question](figure)
        assert state_of(axes) == before


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
