"""Pictures compared with blessed ones; each shows something that the others do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from dead_neuron_autopsy import (
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_comparison,
    plot_layers,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Histories = dict[str, Any]

BLESSED = "3.11."

pytestmark = [
    pytest.mark.skipif(
        not mpl.__version__.startswith(BLESSED),
        reason=f"the images are Matplotlib {BLESSED}x's; others set letters otherwise",
    )
]

image = pytest.mark.mpl_image_compare(tolerance=1, savefig_kwargs={"dpi": 100})


@image
def test_six_light(six_neurons: Histories) -> Figure:
    return plot_autopsy(six_neurons)


@image
def test_six_dark(six_neurons: Histories) -> Figure:
    return plot_autopsy(six_neurons, style="dark")


@image
def test_six_print(six_neurons: Histories) -> Figure:
    return plot_autopsy(six_neurons, style="print")


@image
def test_thirty(thirty_neurons: Histories) -> Figure:
    return plot_autopsy(thirty_neurons)


@image
def test_column_width(six_neurons: Histories) -> Figure:
    return plot_autopsy(six_neurons, width=3.5, title="Layers 1 to 3, after 24 epochs")


@image
def test_subfigure_beside_a_plot(six_neurons: Histories) -> Figure:
    fig = plt.figure(figsize=(7, 3))
    halves: Any = fig.subfigures(1, 2, width_ratios=(2, 1))
    left, right = halves
    draw_autopsy(left, six_neurons)
    right.subplots().plot([3, 1, 2])
    return fig


@image
def test_hostile_ids(hostile_neurons: Histories) -> Figure:
    return plot_autopsy(hostile_neurons)


@image
def test_samples_that_are_missing() -> Figure:
    wave = np.sin(np.arange(24) / 3)
    every_fourth = np.arange(24) % 4 == 1
    return plot_autopsy(
        {
            "nan": np.where(np.arange(24) == 5, np.nan, wave),
            "inf": np.where(np.arange(24) == 5, np.inf, wave),
            "masked": np.ma.masked_array(wave, ~every_fourth),
            "empty": [],
            "single": [3.0],
            "flat": [2.0] * 24,
            "noise": 1e-8 * wave,
        },
        ncols=4,
    )


@image
def test_cards_too_small_for_words(thirty_neurons: Histories) -> Figure:
    fig = plt.figure(figsize=(3, 2.5))
    draw_autopsy(fig, thirty_neurons)
    return fig


@image
def test_every_detail(thirty_neurons: Histories) -> Figure:
    thirty_neurons["L3·N7"] = 1e-9 * np.sin(np.arange(64) ** 2)  # dead but for noise
    fig = plt.figure(figsize=(8, 2.6))
    left = 0.1
    for ncols, n_cards, width, height in (
        (1, 2, 1.25, 2.4),
        (2, 6, 1.7, 2.0),
        (3, 9, 1.6, 1.8),
        (4, 16, 1.2, 1.4),
        (6, 30, 1.1, 0.6),
    ):
        room = (left / 8, 0.05, width / 8, height / 2.6)
        shown = dict(list(thirty_neurons.items())[-n_cards:])
        draw_autopsy(fig.add_axes(room), shown, ncols=ncols, title="")
        left += width + 0.2
    return fig


@image
def test_zoomed_in_with_marks_of_the_callers(six_neurons: Histories) -> Figure:
    fig = plot_autopsy(six_neurons)
    card = fig.autopsy_grid.cards["L1·N2"]
    card.axes.plot(card.activations, "k.", markersize=3)
    card.axes.axvline(12, color="k")
    fig.axes[0].set_xlim(0.5, 2.25)
    fig.axes[0].set_ylim(1.25, 0.0)
    return fig


@image
def test_zoomed_in_on_tiles(thirty_neurons: Histories) -> Figure:
    many = {
        f"{name}·{copy}": activations
        for copy in range(20)
        for name, activations in thirty_neurons.items()
    }
    fig = plot_autopsy(many, width=3.5, height=2.6, ncols=30)
    fig.autopsy_grid.sparklines.set_linewidth([2.4 if i % 30 == 10 else 1.2 for i in range(600)])
    fig.axes[0].set_xlim(8.7, 12.4)
    fig.axes[0].set_ylim(6.2, 3.4)
    return fig


@image
def test_groups(thirty_neurons: Histories) -> Figure:
    neurons = dict(list(thirty_neurons.items())[:24])
    return plot_autopsy(neurons, ncols=6, group_by="layer", only="alive")


@image
def test_bars(thirty_neurons: Histories) -> Figure:
    layers = {"L1": "embedding", "L2": "encoder.layers.0.feed_forward", "L3": "head"}
    return plot_layers(thirty_neurons, group_by=lambda name: layers[name[:2]])


@image
def test_times_of_death(thirty_neurons: Histories) -> Figure:
    """The judged window, marks with numbers and without, never active, unknown."""
    ends = [0.1, 0.4, 0.7, 0.97, 0.0, 1.0]
    neurons: dict[str, Any] = {}
    for end, (name, history) in zip(ends, thirty_neurons.items(), strict=False):
        shares = np.arange(len(history)) / len(history)
        neurons[name] = np.where(shares < end, np.abs(history) + 0.1, 0.0)
    neurons["short"] = neurons["L1·N2"][-12:]
    neurons["nan"] = np.where(np.arange(len(history)) % 9 == 4, np.nan, 1.0)
    return plot_autopsy(neurons, window=1, steps=np.arange(len(history)) * 50, ncols=4)


@image
def test_a_comparison(thirty_neurons: Histories) -> Figure:
    before = {name: one if name[-1] in "135" else 0 * one for name, one in thirty_neurons.items()}
    after = {name: one if name[-1] in "158" else 0 * one for name, one in thirty_neurons.items()}
    return plot_comparison(diagnose(before), diagnose(after), style="print")


@image
def test_ticks_of_a_large_card_over_a_shared_range(six_neurons: Histories) -> Figure:
    fig = plot_autopsy(six_neurons, scale="shared", window=8, style="dark")
    fig.axes[0].set(xlim=(0.5, 1.6), ylim=(1.0, 0.0))
    return fig
