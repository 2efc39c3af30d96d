"""A network that dies while one watches: cards in a window that follow a training.

The training is that of plot_dying_relu.py, one layer after another recorded at every step. Point at
a card, click it, or walk through the cards by Tab and the arrows; the training goes on meanwhile.
Needs a window: Tk comes with most Pythons; ``pip install PySide6`` brings Qt.
"""

from __future__ import annotations

import argparse
from itertools import islice

import numpy as np
from matplotlib import pyplot as plt
from plot_dying_relu import (
    TOO_HIGH_RATE,
    batches,
    descend,
    first_layers,
    forward,
    split_digits,
)

from dead_neuron_autopsy import AutopsyFigure, Recording, plot_autopsy

N_JUDGED = 30


def watched(n_steps: int, every: float) -> AutopsyFigure:
    """Train for some steps; show the neurons at most once in so many seconds."""
    rng = np.random.default_rng(0)
    to_learn, _, probe = split_digits(rng)
    layers = first_layers(rng, to_learn.images.shape[1])
    recording = Recording()
    title = f"ReLU network, learning rate {TOO_HIGH_RATE:g}"
    figure = plot_autopsy([], window=N_JUDGED, width=11, height=7, title=title)
    figure.follow(recording, every=every)
    for batch in islice(batches(rng, to_learn), n_steps):
        descend(layers, batch, TOO_HIGH_RATE)
        for number, activations in enumerate(forward(layers, probe.images)[0], start=1):
            recording.observe(f"L{number}", activations, unit_axis=1, function="relu")
        recording.step()
    figure.update(recording)
    return figure


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Watch a network die.")
    parser.add_argument("--steps", type=int, default=330)
    parser.add_argument("--every", type=float, default=0.3, help="seconds between drawings")
    parser.add_argument("--close", action="store_true", help="close the window at the end")
    options = parser.parse_args()
    shown = watched(options.steps, options.every)
    print(shown.alt_text)
    if not options.close:
        plt.show()
