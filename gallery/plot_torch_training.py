"""A PyTorch training that goes wrong, recorded; its repair, recorded again; and both compared.

A convolutional network learns scikit-learn's bundled digits at a learning rate that is too
high, and most of its ReLUs die within a few steps. The same network, from the same first
weights, is then trained at a lower rate.

Needs PyTorch and scikit-learn: ``pip install "dead-neuron-autopsy[torch,gallery]"``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from dead_neuron_autopsy import (
    Autopsy,
    Recording,
    compare,
    diagnose,
    plot_autopsy,
    plot_comparison,
)
from dead_neuron_autopsy.torch import record

TOO_HIGH_RATE, LOWER_RATE = 2.0, 0.5
N_STEPS, N_JUDGED, BATCH_SIZE = 300, 100, 32


class Network(nn.Module):
    """Two convolutions and a hidden layer; the first ReLU is a module, the others functions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU())
        self.conv2 = nn.Conv2d(12, 16, 3, padding=1)
        self.hidden, self.output = nn.Linear(64, 24), nn.Linear(24, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return a score for each of ten digits, shape (n_images, 10)."""
        seen = functional.max_pool2d(self.conv1(images), 2)
        seen = functional.max_pool2d(functional.relu(self.conv2(seen)), 2)
        scores: torch.Tensor = self.output(functional.relu(self.hidden(seen.flatten(1))))
        return scores


def trained(rate: float) -> tuple[Recording, float]:
    """Return a recording of a training at a rate, and the share of digits told right."""
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images[:, None] / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    model = Network()
    optimizer = torch.optim.SGD(model.parameters(), rate)
    with record(model) as recording:
        for _ in range(N_STEPS):
            chosen = torch.randint(0, len(images), (BATCH_SIZE,))
            optimizer.zero_grad()
            functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()
    with torch.no_grad():
        right = (model.eval()(images).argmax(1) == labels).float().mean()
    return recording, float(right)


def main() -> None:
    """Train twice; save a figure of each training and one of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, nargs="?", default=Path("gallery/output"))
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    mpl.use("agg")
    found: list[Autopsy] = []
    for name, rate in (("torch_too_high", TOO_HIGH_RATE), ("torch_repaired", LOWER_RATE)):
        recording, right = trained(rate)
        autopsy = diagnose(recording, window=N_JUDGED)
        found.append(autopsy)
        figure = plot_autopsy(
            autopsy, group_by="layer", title=f"Convolutional network, learning rate {rate:g}"
        )
        figure.savefig(output / f"{name}.svg")
        print(f"{right:.0%} of the digits are told right. {figure.alt_text}")
    before, after = found
    figure = plot_comparison(before, after)
    figure.savefig(output / "torch_comparison.svg")
    changes = compare(before, after)
    print(f"{len(changes.revived)} revived, {len(changes.still_dead)} still dead.")


if __name__ == "__main__":
    main()
