"""Home: the limits of the whole view show the whole view, however the room has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from drawing import boxes, redrawn, saved
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.backend_bases import NavigationToolbar2
from matplotlib.transforms import Bbox
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from dead_neuron_autopsy import draw_autopsy, draw_layers, plot_autopsy, plot_layers

#: Groups of 25, 26, ... neurons.
GROUPS = [25 + layer for layer in range(8)]
IDS = [f"L{layer}·N{i}" for layer, count in enumerate(GROUPS) for i in range(count)]
N = len(IDS)


def activations(n_neurons: int = N) -> NDArray[np.float64]:
    values = np.abs(np.random.default_rng(3).normal(size=(n_neurons, 8)))
    values[::4] = 0
    return values


def many(**options: Any) -> Any:
    return plot_autopsy(activations(), neuron_axis=0, ids=IDS, **options)


def side_by_side() -> Any:
    """Return a figure whose groups of one neuron share a row, each under its heading."""
    names = [f"block{i}·N" for i in range(40)]
    return plot_autopsy(activations(40), neuron_axis=0, ids=names, group_by="layer")


def bars() -> Any:
    return plot_layers(activations(), neuron_axis=0, ids=IDS)


def with_engine(layout: Any, draw: Callable[..., Any], **options: Any) -> Any:
    figure = plt.figure(figsize=(9, 8), layout=layout)
    figure.suptitle("Mine")
    draw(figure, activations(), neuron_axis=0, ids=IDS, **options)
    return figure


def beside_a_plot() -> Any:
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(14, 9), layout="constrained", width_ratios=[4, 1]
    )
    draw_autopsy(left, activations(), neuron_axis=0, ids=IDS, group_by="layer")
    right.plot([1, 2])
    right.set_ylabel("loss")
    return figure


FIGURES: dict[str, Callable[[], Any]] = {
    "cards": many,
    "groups": lambda: many(group_by="layer"),
    "groups in one row": side_by_side,
    "narrow groups": lambda: many(group_by="layer", ncols=7, card_width=0.4),
    "tiles in groups": lambda: many(group_by="layer", width=3.5),
    "bars": bars,
    "cards under an engine": lambda: with_engine("constrained", draw_autopsy),
    "groups under an engine": lambda: with_engine("constrained", draw_autopsy, group_by="layer"),
    "bars under an engine": lambda: with_engine("tight", draw_layers),
    "groups beside a plot": beside_a_plot,
}


def shown(figure: Any) -> list[str]:
    """Return what a screen reader finds in the figure, card by card or bar by bar."""
    tree = ET.fromstring(saved(figure, "svg"))
    items = [element for element in tree.iter() if element.get("role") == "listitem"]
    return [
        str(part.get("aria-label")) for item in items for part in item if part.get("role") == "img"
    ]


def resize(figure: Any, across: float, down: float) -> None:
    figure.set_size_inches(figure.get_size_inches() * [across, down])


def cells_are_inside(figure: Any) -> bool:
    """Return whether the outline of each card or bar lies within the host Axes."""
    host = figure.axes[0]
    (panel,) = [one for one in host.get_children() if hasattr(one, "alt_text")]
    whole = Bbox.union(boxes(panel.borders if hasattr(panel, "borders") else panel.tracks))
    half_a_pixel = 0.5
    room = host.bbox.padded(half_a_pixel)
    return bool(np.all(whole.min >= room.min) and np.all(whole.max <= room.max))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "turned"),
    [*((name, False) for name in FIGURES), *((name, True) for name in ("cards", "groups", "bars"))],
)
def test_the_first_limits_show_everything_after_zooming_and_resizing(
    name: str,
    turned: bool,  # noqa: FBT001
) -> None:
    figure = FIGURES[name]()
    host = figure.axes[0]
    if turned:
        host.invert_yaxis()
        host.invert_xaxis()
    everything = shown(figure)
    across, down = host.get_xlim(), host.get_ylim()
    host.set_xlim(np.interp([0.1, 0.6], [0, 1], across))
    host.set_ylim(np.interp([0.3, 0.5], [0, 1], down))
    assert not cells_are_inside(redrawn(figure))
    resize(figure, 1.2, 0.8)
    redrawn(figure)
    host.set_xlim(across)
    host.set_ylim(down)
    assert shown(figure) == everything
    assert cells_are_inside(redrawn(figure))
    assert (host.get_xlim(), host.get_ylim()) == (across, down)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cards", "groups", "bars", "groups beside a plot"])
def test_the_home_button_shows_everything(name: str) -> None:
    figure = FIGURES[name]()
    host = figure.axes[0]
    everything = shown(figure)
    toolbar = NavigationToolbar2(figure.canvas)
    toolbar.push_current()
    host.set(xlim=(1, 2), ylim=(1.5, 0.7))
    toolbar.push_current()
    resize(figure, 0.8, 1.3)
    redrawn(figure)
    toolbar.home()
    assert shown(figure) == everything
    assert cells_are_inside(redrawn(figure))
    toolbar.back()
    assert host.get_xlim() == (1, 2)
    assert not cells_are_inside(redrawn(figure))


@pytest.mark.slow
@settings(max_examples=12)
@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    ncols=st.integers(1, 6),
    size=st.tuples(st.floats(1.0, 14.0), st.floats(0.6, 14.0)),
    is_grouped=st.booleans(),
)
def test_limits_mean_the_same_cards_at_every_size(
    counts: list[int],
    ncols: int,
    size: tuple[float, float],
    is_grouped: bool,  # noqa: FBT001
) -> None:
    ids = [f"L{layer}·{i}" for layer, count in enumerate(counts) for i in range(count)]
    figure = plot_autopsy(
        activations(len(ids)),
        neuron_axis=0,
        ids=ids,
        ncols=ncols,
        group_by="layer" if is_grouped else None,
    )
    try:
        host = figure.axes[0]
        whole = host.get_xlim(), host.get_ylim()
        card = figure.autopsy_grid.cards[ids[-1]]
        redrawn(figure)
        figure.set_size_inches(*size)
        host.set(xlim=(card.column + 0.1, card.column + 0.9), ylim=(whole[1][0], 0))
        host.set_ylim(whole[1][0], whole[1][0] - 0.9)
        assert [label.split(",")[0] for label in shown(figure)] == [ids[-1]]
        host.set(xlim=whole[0], ylim=whole[1])
        assert len(shown(figure)) == len(ids)
    finally:
        plt.close(figure)


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("group_by", [None, "layer"])
def test_a_figure_that_is_home_again_is_one_that_never_left(
    file_format: str, group_by: Any
) -> None:
    def made(*, leave: bool) -> bytes:
        figure = many(group_by=group_by, card_width=0.3)
        host, size = figure.axes[0], figure.get_size_inches() * (1.2, 0.8)
        if leave:
            view = host.get_xlim(), host.get_ylim()
            redrawn(figure)
            host.set(xlim=(3, 5), ylim=(4, 2))
            redrawn(figure)
            resize(figure, 1.7, 1.4)
            redrawn(figure)
        figure.set_size_inches(*size)
        if leave:
            host.set(xlim=view[0], ylim=view[1])
        return saved(figure, file_format)

    assert made(leave=True) == made(leave=False)


def test_limits_and_places_come_back_through_the_data_transform() -> None:
    figure = redrawn(many(group_by="layer"))
    host = figure.axes[0]
    points = np.column_stack([np.linspace(0, 17, 40), np.linspace(-1, 25, 40)])
    for size in ((6, 5), (11, 3), (4, 14)):
        figure.set_size_inches(*size)
        redrawn(figure)
        there = host.transData.transform(points)
        assert np.all(np.diff(there[:, 1]) < 0)
        assert_allclose(host.transData.inverted().transform(there), points, atol=1e-6)
