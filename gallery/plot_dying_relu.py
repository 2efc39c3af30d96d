"""Neurons that die: one ReLU network, trained at two learning rates.

A small network learns scikit-learn's bundled digits in plain NumPy. Between the two runs
only the learning rate differs: the images, the first weights, and the order of the
batches are the same. At the rate that is far too high, steps overshoot: weights and
biases land where a neuron's input to the ReLU is negative for every image. The neuron's
own gradient is then zero, so it cannot bring itself back.

*What is recorded.* At every step, each hidden neuron's activation after the ReLU on a probe
batch of held-out images, reduced to the highest over these images. So a neuron is silent at a
step only if it is silent for every image of the probe batch.

*What is judged.* The last third of the training; all of it is drawn. A neuron that died had a
large peak while it was alive, and judged by the whole training it would be called alive. Too
short a window misleads the other way: a neuron may be silent for a few steps and come back,
because the layer before it has moved, or because an image that is not in the probe batch
still drives it. The counts for all three are printed.

*The same on every machine.* A training at such a rate magnifies the last bits of its sums,
which depend on the processor. So numbers are rounded to multiples of 2**-16 wherever they are
multiplied: then float64 holds all products and their sums exactly, in whatever order a library
adds them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from dead_neuron_autopsy import Autopsy, AutopsyFigure, diagnose, plot_autopsy

Array: TypeAlias = NDArray[np.float64]
Digits: TypeAlias = NDArray[np.int64]

HEALTHY_RATE = 0.2
TOO_HIGH_RATE = 2.0

HIDDEN_SIZES = (20, 20, 20, 20)
N_DIGITS = 10
N_PROBE = 64
N_TEST = 300
N_STEPS = 330
N_JUDGED = 110
BATCH_SIZE = 32

#: All factors are multiples of it, so that sums of products are exact.
UNIT = 2.0**-16


class Layer(NamedTuple):
    """A layer's parameters, changed in place by the training."""

    weights: Array
    biases: Array


class Data(NamedTuple):
    """Images, one a row, and the digits they show."""

    images: Array
    digits: Digits


class Training(NamedTuple):
    """What was recorded of a training; the arrays' first axis is that of `steps`."""

    learning_rate: float
    steps: NDArray[np.int64]
    losses: Array
    activations: Array
    accuracy: float


def split_digits(rng: np.random.Generator) -> tuple[Data, Data, Data]:
    """Return the digits to train on, to test on, and to probe the neurons with."""
    images, digits = load_digits(return_X_y=True)
    order = rng.permutation(len(images))
    probe, test, train = np.split(order, [N_PROBE, N_PROBE + N_TEST])
    # Pixels are never negative. Centred, they do not push all of a neuron's weights the
    # same way, which would kill some neurons at a healthy rate too.
    images = fixed(images / 16 - images[train].mean(axis=0) / 16)
    return (
        Data(images[train], digits[train]),
        Data(images[test], digits[test]),
        Data(images[probe], digits[probe]),
    )


def first_layers(rng: np.random.Generator, n_pixels: int) -> list[Layer]:
    """Return layers as He et al. (2015) begin: normal, of variance 2 / fan-in."""
    sizes = [n_pixels, *HIDDEN_SIZES, N_DIGITS]
    return [
        Layer(fixed(rng.normal(0.0, np.sqrt(2 / n_in), (n_in, n_out))), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]


def fixed(numbers: Array) -> Array:
    """Return numbers rounded to multiples of `UNIT`."""
    rounded: Array = np.round(numbers / UNIT) * UNIT
    return rounded


def forward(layers: list[Layer], images: Array) -> tuple[list[Array], Array]:
    """Return each hidden layer's activations, and the digits' log-probabilities."""
    *hidden, last = layers
    activations: list[Array] = []
    below = images
    for weights, biases in hidden:
        below = fixed(np.maximum(below @ weights + biases, 0.0))
        activations.append(below)
    return activations, log_softmax(below @ last.weights + last.biases)


def log_softmax(scores: Array) -> Array:
    """Return the logarithm of the softmax of each row."""
    # Less the highest, the scores are at most 0, where exp cannot overflow.
    below_highest = scores - scores.max(axis=1, keepdims=True)
    log_probabilities: Array = below_highest - np.log(
        np.exp(below_highest).sum(axis=1, keepdims=True)
    )
    return log_probabilities


def descend(layers: list[Layer], batch: Data, learning_rate: float) -> float:
    """Take one step of plain gradient descent; return the loss before it."""
    hidden, log_probabilities = forward(layers, batch.images)
    inputs = [batch.images, *hidden]
    shown = np.arange(len(batch.digits)), batch.digits
    gradient = np.exp(log_probabilities)
    gradient[shown] -= 1.0
    gradient = fixed(gradient / len(batch.digits))
    for layer, below in zip(reversed(layers), reversed(inputs), strict=True):
        weights, biases = layer
        from_weights, from_biases = below.T @ gradient, gradient.sum(axis=0)
        # Where the ReLU below let nothing through, nothing goes back either.
        gradient = fixed((gradient @ weights.T) * (below > 0))
        weights[...] = fixed(weights - learning_rate * from_weights)
        biases[...] = fixed(biases - learning_rate * from_biases)
    return -float(log_probabilities[shown].mean())


def batches(rng: np.random.Generator, data: Data) -> Iterator[Data]:
    """Yield minibatches without end, every epoch in a new order."""
    while True:
        order = rng.permutation(len(data.images))
        for chosen in np.array_split(order, len(order) // BATCH_SIZE):
            yield Data(data.images[chosen], data.digits[chosen])


def train(learning_rate: float, seed: int = 0) -> Training:
    """Train the network, and record its hidden neurons and its loss on the way."""
    rng = np.random.default_rng(seed)
    to_learn, test, probe = split_digits(rng)
    layers = first_layers(rng, to_learn.images.shape[1])
    losses: list[float] = []
    peaks: list[Array] = []
    for batch in islice(batches(rng, to_learn), N_STEPS):
        losses.append(descend(layers, batch, learning_rate))
        peaks.append(probe_peaks(layers, probe))
    steps = np.arange(1, N_STEPS + 1)
    found = np.array(losses), np.array(peaks), accuracy(layers, test)
    return Training(learning_rate, steps, *found)


def probe_peaks(layers: list[Layer], probe: Data) -> Array:
    """Return each hidden neuron's highest activation over the probe batch."""
    hidden, _ = forward(layers, probe.images)
    return np.concatenate([layer.max(axis=0) for layer in hidden])


def accuracy(layers: list[Layer], data: Data) -> float:
    """Return the share of images whose digit is given the highest probability."""
    _, log_probabilities = forward(layers, data.images)
    return float((log_probabilities.argmax(axis=1) == data.digits).mean())


def neuron_ids() -> list[str]:
    """Return the hidden neurons' ids, in the order of the recorded activations."""
    return [
        f"L{layer}·N{neuron}"
        for layer, size in enumerate(HIDDEN_SIZES, start=1)
        for neuron in range(1, size + 1)
    ]


def autopsy_of(training: Training, window: int | None = N_JUDGED) -> Autopsy:
    """Judge the hidden neurons by the last steps of a training, or by all of it."""
    return diagnose(
        training.activations,
        neuron_axis=1,
        ids=neuron_ids(),
        window=window,
        steps=training.steps,
    )


def draw(training: Training) -> AutopsyFigure:
    """Draw the whole training of the hidden neurons, judged by its last third."""
    title = f"ReLU network, learning rate {training.learning_rate:g}"
    return plot_autopsy(autopsy_of(training), title=title)


def report(training: Training, fig: AutopsyFigure) -> None:
    """Print how the training went, and what the figure says in words."""
    losses = training.losses
    print(f"Learning rate: {training.learning_rate:g}")
    print(f"Training loss: {losses[0]:.3f} at first, {losses[-1]:.3f} at last")
    print(f"Test accuracy: {training.accuracy:.1%}")
    print(f"Alt text: {fig.alt_text}")
    print(f"Description: {fig.autopsy_grid.description}")
    print(
        f"Dead over the whole training: {autopsy_of(training, None).n_dead}; "
        f"over its last third: {fig.autopsy.n_dead}; "
        f"at its last step: {autopsy_of(training, 1).n_dead}\n"
    )


def main(output: Path) -> None:
    """Train at both rates; draw, save, and print what became of the neurons."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    for name, learning_rate in (("healthy", HEALTHY_RATE), ("too_high", TOO_HIGH_RATE)):
        training = train(learning_rate)
        fig = draw(training)
        for suffix in ("svg", "png", "pdf"):
            fig.savefig(output / f"dying_relu_{name}.{suffix}")
        report(training, fig)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw the neurons of a dying network.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
