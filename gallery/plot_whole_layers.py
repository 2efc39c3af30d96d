"""From a hundred neurons to thousands: the cards show what they have room for.

Four populations of one wide, untrained layer behind a ReLU, each in a quarter of a figure.
A unit whose bias is far below zero never fires, whatever it is shown.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dead_neuron_autopsy import describe, draw_autopsy, savefig_with_alt

SIZES = (24, 150, 600, 5000)
N_STEPS = 64
N_INPUTS = 8


def activations(n_units: int) -> NDArray[np.float64]:
    """Return each unit's output while its input drifts, shape (n_units, N_STEPS)."""
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(N_STEPS, N_INPUTS)).cumsum(axis=0) / 3
    weights = rng.normal(size=(n_units, N_INPUTS))
    dead = rng.random(n_units) < 0.2
    biases = np.where(dead, -1000.0, 2.0)
    return np.maximum(weights @ inputs.T + biases[:, np.newaxis], 0.0)


def draw() -> Figure:
    """Draw each population in its part of one figure."""
    fig = plt.figure(figsize=(13, 9.4))
    parts = fig.subfigures(2, 2, squeeze=False)
    for part, n_units in zip(parts.flat, SIZES, strict=True):
        units = activations(n_units)
        draw_autopsy(part, units, neuron_axis=0, title=f"{n_units:,} units")
    return fig


def main(output: Path) -> None:
    """Draw and save the figure; print its alt text."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    fig = draw()
    savefig_with_alt(fig, output / "whole_layers.png")
    print(f"Alt text: {describe(fig)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw whole layers.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
