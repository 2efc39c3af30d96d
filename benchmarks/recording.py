"""Time what recording a PyTorch model costs, as a ratio to the same work without.

Steps of a model and of its copies, each with another recorder, take turns in one process, so
that what else the machine does hits all of them; ratios are of medians. Run it as a file:
``python benchmarks/recording.py``.
"""

from __future__ import annotations

import argparse
import copy
import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from common import machine, positive, versions
from torch import nn

from dead_neuron_autopsy.torch import record

Step = Callable[[], object]


def mlp() -> tuple[nn.Module, torch.Tensor]:
    """Return ten layers of width 512."""
    layers: list[nn.Module] = []
    for _ in range(10):
        layers += [nn.Linear(512, 512), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(512, 10)), torch.randn(128, 512)


def convolutional() -> tuple[nn.Module, torch.Tensor]:
    """Return three convolutions with batch norm."""
    layers: list[nn.Module] = []
    for before, after, stride in ((3, 32, 1), (32, 64, 2), (64, 64, 1)):
        convolution = nn.Conv2d(before, after, 3, padding=1, stride=stride)
        layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers), torch.randn(64, 3, 32, 32)


def transformer() -> tuple[nn.Module, torch.Tensor]:
    """Return four encoder layers, whose ReLUs are functions."""
    layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 4)
    return nn.Sequential(nn.Linear(64, 128), encoder, nn.Linear(128, 10)), torch.randn(32, 64, 64)


MODELS = {
    "MLP, 10 x 512": mlp,
    "convolutional network, 3 layers": convolutional,
    "transformer, 4 layers of 128": transformer,
}


def training_step(model: nn.Module, batch: torch.Tensor) -> Step:
    """Return a function that makes one step of a training."""
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()

    return step


def forward(model: nn.Module, batch: torch.Tensor) -> Step:
    """Return a function that makes one forward pass."""

    def step() -> None:
        with torch.no_grad():
            model(batch)

    return step


@contextmanager
def plain_hooks(model: nn.Module) -> Iterator[dict[str, deque[Any]]]:
    """Keep the peaks of every ReLU as one would by hand."""
    peaks: dict[str, deque[Any]] = {}
    with ExitStack() as stack:
        for name, module in model.named_modules():
            if isinstance(module, nn.ReLU):
                kept = peaks.setdefault(name, deque(maxlen=64))

                def keep(_: Any, __: Any, output: Any, kept: deque[Any] = kept) -> None:
                    others = [
                        axis for axis in range(output.ndim) if axis != min(output.ndim - 1, 1)
                    ]
                    kept.append(output.detach().abs().amax(others))

                stack.callback(module.register_forward_hook(keep).remove)
        yield peaks


def medians(steps: dict[str, Step], n_turns: int) -> dict[str, float]:
    """Return the median seconds of each kind of step; all take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()  # the first one of a recorder is watched, so it takes longer
    names, order = [*steps], random.Random(0)  # noqa: S311  not for secrets
    for _ in range(n_turns):
        order.shuffle(names)  # so that none always finds the caches of the same other one
        for name in names:
            start = time.perf_counter()
            steps[name]()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}


def of_model(make: Callable[[], tuple[nn.Module, torch.Tensor]], seconds: float) -> list[float]:
    """Return a training step's seconds, and what recorders multiply it and a forward pass by."""
    model, batch = make()
    with ExitStack() as stack:

        def copied(work: Callable[..., Step], recorder: Any = None, **options: Any) -> Step:
            other = copy.deepcopy(model)
            if recorder is not None:
                stack.enter_context(recorder(other, **options))
            return work(other, batch)

        words = ("peak", "firing rate", "mean")
        pairs = [
            (training_step, copied(training_step, record)),
            (training_step, copied(training_step, record, every=10)),
            (training_step, copied(training_step, record, statistics=words)),
            (forward, copied(forward, record)),
            (forward, copied(forward, plain_hooks)),
        ]
        found: list[float] = []
        for work, recorded in pairs:
            steps = {"alone": copied(work), "recorded": recorded}
            once = sum(medians(steps, 3).values())
            of_each = medians(steps, max(int(seconds / once), 5))
            found = found or [of_each["alone"]]
            found.append(of_each["recorded"] / of_each["alone"])
        return found


def table(seconds: float) -> Iterator[str]:
    """Yield the rows of a table."""
    columns = "step, ms | recorded | every=10 | all statistics | forward | plain hooks"
    yield f"| model | {columns} |"
    yield f"| --- |{' ---: |' * 6}"
    for name, make in MODELS.items():
        alone, *ratios = of_model(make, seconds)
        cells = " | ".join(f"{ratio:.3f}" for ratio in ratios)
        yield f"| {name} | {alone * 1e3:.2f} | {cells} |"


def beside_torchlens(n_turns: int) -> str:
    """Return a forward pass recorded here and by TorchLens, which keeps all that there is."""
    try:
        import torchlens
    except ImportError:
        return "TorchLens is not installed: no comparison."
    model, batch = mlp()
    recorded = copy.deepcopy(model)
    with record(recorded), torch.no_grad():
        steps: dict[str, Step] = {
            "ours": partial(recorded, batch),
            "theirs": partial(torchlens.trace, model, batch),
        }
        found = medians(steps, n_turns)
    return (
        f"A recorded forward pass of the MLP takes {found['ours'] * 1e3:.2f} ms; TorchLens "
        f"{torchlens.__version__} takes {found['theirs'] / found['ours']:.0f} times as long."
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=positive, default=20, help="per model and kind of step")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    print(f"{machine()}; {versions()}, PyTorch {torch.__version__}\n")
    for line in table(arguments.seconds):
        print(line, flush=True)
    print(f"\n{beside_torchlens(5)}")


if __name__ == "__main__":
    main()
