"""Neurons that die: one ReLU network, trained at two learning rates.

A small network learns scikit-learn's bundled digits in plain NumPy. Between the two runs
only the learning rate differs: the images, the first weights, and the order of the
batches are the same. At the rate that is far too high, steps overshoot: weights and
biases land where a neuron's input to the ReLU is negative for every image. The neuron's
own gradient is then zero, so it cannot bring itself back.

*What is recorded.* At every eighth step, each hidden neuron's activation after the ReLU
on a probe batch of held-out images, reduced to the highest over these images. So a neuron
is silent at a step only if it is silent for every image of the probe batch.

*What is judged.* The last third of the training. A neuron that died had a large peak
while it was alive, and over the whole training that peak would call it alive. Too short
a window misleads the other way: a neuron may be silent for a few steps and come back,
because the layer before it has moved, or because an image that is not in the probe batch
still drives it. The counts for all three are printed.

At the high rate, training magnifies the last bits of a matrix product, which depend on the
processor: there, which neurons die, and how many, differs between machines.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from dead_neuron_autopsy import Autopsy, AutopsyFigure, diagnose, plot_autopsy

Array: TypeAlias = NDArray[np.float64]
Digits: TypeAlias = NDArray[np.int64]
Recorded = TypeVar("Recorded", Array, NDArray[np.int64])

HEALTHY_RATE = 0.2
TOO_HIGH_RATE = 3.0

HIDDEN_SIZES = (24, 16)
N_DIGITS = 10
N_PROBE = 64
N_TEST = 300
N_EPOCHS = 16
BATCH_SIZE = 32
STEPS_BETWEEN_RECORDS = 8


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
    images = images / 16 - images[train].mean(axis=0) / 16
    return (
        Data(images[train], digits[train]),
        Data(images[test], digits[test]),
        Data(images[probe], digits[probe]),
    )


def first_layers(rng: np.random.Generator, n_pixels: int) -> list[Layer]:
    """Return layers as He et al. (2015) begin: normal, of variance 2 / fan-in."""
    sizes = [n_pixels, *HIDDEN_SIZES, N_DIGITS]
    return [
        Layer(rng.normal(0.0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]


def forward(layers: list[Layer], images: Array) -> tuple[list[Array], Array]:
    """Return each hidden layer's activations, and the digits' log-probabilities."""
    *hidden, last = layers
    activations: list[Array] = []
    below = images
    for weights, biases in hidden:
        below = np.maximum(below @ weights + biases, 0.0)
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
    gradient /= len(batch.digits)
    for layer, below in zip(reversed(layers), reversed(inputs), strict=True):
        weights, biases = layer
        from_weights, from_biases = below.T @ gradient, gradient.sum(axis=0)
        # Where the ReLU below let nothing through, nothing goes back either.
        gradient = (gradient @ weights.T) * (below > 0)
        weights -= learning_rate * from_weights
        biases -= learning_rate * from_biases
    return -float(log_probabilities[shown].mean())


def batches(rng: np.random.Generator, data: Data) -> Iterator[Data]:
    """Yield minibatches, every epoch in a new order."""
    for _ in range(N_EPOCHS):
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
    for batch in batches(rng, to_learn):
        losses.append(descend(layers, batch, learning_rate))
        if len(losses) % STEPS_BETWEEN_RECORDS == 0:
            peaks.append(probe_peaks(layers, probe))
    return Training(
        learning_rate,
        STEPS_BETWEEN_RECORDS * np.arange(1, len(peaks) + 1),
        mean_losses(losses),
        np.array(peaks),
        accuracy(layers, test),
    )


def probe_peaks(layers: list[Layer], probe: Data) -> Array:
    """Return each hidden neuron's highest activation over the probe batch."""
    hidden, _ = forward(layers, probe.images)
    return np.concatenate([layer.max(axis=0) for layer in hidden])


def mean_losses(losses: list[float]) -> Array:
    """Return the mean loss of the steps that led to each record."""
    n_records = len(losses) // STEPS_BETWEEN_RECORDS
    by_record = np.reshape(losses[: n_records * STEPS_BETWEEN_RECORDS], (n_records, -1))
    means: Array = by_record.mean(axis=1)
    return means


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


def autopsy_of(activations: Array) -> Autopsy:
    """Judge the hidden neurons by some of the recorded activations."""
    return diagnose(activations, neuron_axis=1, ids=neuron_ids())


def last_third(recorded: Recorded) -> Recorded:
    """Return what was recorded in the last third of a training."""
    return recorded[-(len(recorded) // 3) :]


def draw(training: Training) -> AutopsyFigure:
    """Draw the hidden neurons in the last third of their training."""
    return plot_autopsy(
        autopsy_of(last_third(training.activations)),
        title=f"ReLU network, learning rate {training.learning_rate:g}",
    )


def report(training: Training, fig: AutopsyFigure) -> None:
    """Print how the training went, and what the figure says in words."""
    activations, losses = training.activations, training.losses
    print(f"Learning rate: {training.learning_rate:g}")
    print(f"Training loss: {losses[0]:.3f} at first, {losses[-1]:.3f} at last")
    print(f"Test accuracy: {training.accuracy:.1%}")
    print(f"Alt text: {fig.alt_text}")
    print(f"Description: {fig.autopsy_grid.description}")
    print(
        f"Dead over the whole training: {autopsy_of(activations).n_dead}; "
        f"over its last third: {fig.autopsy.n_dead}; "
        f"at its last recorded step: {autopsy_of(activations[-1:]).n_dead}\n"
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
