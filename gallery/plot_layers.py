"""A whole network: one bar per layer, its dead units in groups, and a report of many pages.

A deep, untrained network of ReLUs whose biases were set too low, and lower from layer to
layer. Each unit's activations are its outputs for one batch of inputs, one sample an input.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from dead_neuron_autopsy import diagnose, plot_autopsy, plot_layers, save_autopsy_pages

N_INPUTS = 96
WIDTHS = (32, 96, 96, 64, 48, 32)


def outputs(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return each unit's outputs for all inputs, by "layer·unit"."""
    units: dict[str, NDArray[np.float64]] = {}
    signal = rng.normal(size=(N_INPUTS, 24))
    for layer, width in enumerate(WIDTHS, start=1):
        weights = rng.normal(size=(signal.shape[1], width)) / np.sqrt(signal.shape[1])
        before = signal @ weights
        before = (before - before.mean()) / before.std()
        signal = np.maximum(before - 0.4 * layer, 0.0)
        units |= {f"layer{layer}·{unit}": signal[:, unit] for unit in range(width)}
    return units


def main(output: Path) -> None:
    """Draw and save three views of the network; print what the first says."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    network = diagnose(outputs(np.random.default_rng(11)))
    layers = plot_layers(network, title="A network whose biases are too low")
    layers.savefig(output / "layers.png")
    print(layers.layer_bars.description.partition(" Dead: ")[0])
    dead = plot_autopsy(network, group_by="layer", only="dead")
    dead.savefig(output / "dead_units.png")
    save_autopsy_pages(output / "report.pdf", network, title="Units of each layer")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw a network's layers.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
