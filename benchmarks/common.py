"""What the benchmarks share: neurons, contenders, taking turns, and writing tables."""

from __future__ import annotations

import argparse
import gc
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from subplots_loop import Histories, near_square, size_in_points

from dead_neuron_autopsy import plot_autopsy

FORMATS = ["png", "svg", "pdf"]
N_SAMPLES = 64
DPI = 100
CARD_WIDTH = 1.25

Build = Callable[[Histories], Figure]
Work = Callable[[], object]


class Measured(NamedTuple):
    """The median seconds of a piece of work, how often it ran, and what it returned."""

    seconds: float
    n_runs: int
    result: Any


def histories(n_neurons: int) -> Histories:
    """Return activations after a ReLU; about a third of the neurons are dead."""
    rng = np.random.default_rng(20261101)
    walks = rng.normal(size=(n_neurons, N_SAMPLES)).cumsum(axis=1)
    scales = 10.0 ** rng.uniform(-3, 1, size=(n_neurons, 1))
    dead = rng.random(n_neurons) < 1 / 3
    activations = np.where(dead[:, np.newaxis], 0.0, np.abs(walks) * scales)
    return {f"L{1 + i // 64}·N{1 + i % 64}": row for i, row in enumerate(activations)}


def annotated(neurons: Histories) -> Figure:
    """Return a figure whose cards show everything, however many there are."""
    return plot_autopsy(neurons, card_width=CARD_WIDTH)


def blank_canvas(neurons: Histories) -> Figure:
    """Return a figure of the same size with nothing on it."""
    width, height = size_in_points(*near_square(len(neurons)))
    return plt.figure(figsize=(width / 72, height / 72))


def saved(build: Callable[[Any], Figure], neurons: Any, file_format: str) -> int:
    """Build a figure, save it to memory, and return how many bytes that took."""
    file = BytesIO()
    build(neurons).savefig(file, format=file_format, dpi=DPI)
    return file.getbuffer().nbytes


def in_turn(
    works: Mapping[str, Work], repeats: int, patience: float = math.inf
) -> dict[str, Measured]:
    """Measure several pieces of work that take turns.

    What else the machine does then hits all of them.

    Parameters
    ----------
    works : mapping from str to callable
        What is measured.
    repeats : int
        How often each is run.
    patience : float, default: infinity
        What has taken so many seconds altogether is not run again.

    Returns
    -------
    dict from str to Measured
        In the order of *works*.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, object] = {}
    for _ in range(repeats):
        for name, work in works.items():
            if sum(times[name]) > patience:
                continue
            gc.collect()
            start = time.perf_counter()
            results[name] = work()
            times[name].append(time.perf_counter() - start)
            plt.close("all")
    return {
        name: Measured(statistics.median(runs), len(runs), results[name])
        for name, runs in times.items()
    }


def table_head(names: Sequence[str], left: int = 1) -> str:
    """Return the first two lines of a table; numbers follow so many columns of words."""
    rule = ["---"] * left + ["---:"] * (len(names) - left)
    return f"{table_line(names)}\n{table_line(rule)}"


def table_line(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def versions() -> str:
    """Return what was measured on."""
    return (
        f"Python {platform.python_version()}, Matplotlib {mpl.__version__}, "
        f"NumPy {np.__version__}, {os.cpu_count()} CPUs"
    )


def machine() -> str:
    """Return the processor, the memory and the system, as far as they can be found out."""
    processor = _after_colon("/proc/cpuinfo", "model name") or platform.machine()
    kilobytes = _after_colon("/proc/meminfo", "MemTotal").removesuffix("kB")
    memory = f", {int(kilobytes) / 2**20:.0f} GB of memory" if kilobytes else ""
    return f"{processor}{memory}, {_system()}"


def _after_colon(path: str, name: str) -> str:
    """Return what a file of the Linux kernel says of a name; nothing without Linux."""
    if not Path(path).exists():
        return ""
    for line in Path(path).read_text("utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform()


def positive(text: str) -> int:
    """Read a number of cards or of repeats."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number
