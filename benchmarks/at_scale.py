"""Time what a whole layer costs, each as a ratio to what it cannot be cheaper than.

Each line is the median of several runs in turn with its yardstick, so that what else the
machine does hits both. Run it as a file: ``python benchmarks/at_scale.py``. What whole
layers of cards take to be saved is measured by ``whole_layers.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from functools import partial

import numpy as np
from common import Work, histories, in_turn, machine, positive, saved, versions
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dead_neuron_autopsy import Autopsy, diagnose, plot_autopsy


def medians(works: dict[str, Work], repeats: int) -> dict[str, float]:
    """Return the median seconds of each piece of work."""
    return {name: one.seconds for name, one in in_turn(works, repeats).items()}


def line(name: str, seconds: float, yardstick: str, its_seconds: float) -> str:
    """Return a line of the table."""
    ratio = f"{seconds / its_seconds:.2f}"
    return f"| {name} | {seconds:.3f} | {yardstick} | {its_seconds:.3f} | {ratio} |"


def peaks_by_numpy(activations: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Return what anybody would write."""
    peaks: NDArray[np.float32] = np.abs(activations).max(axis=axis)
    return peaks


def of_rows(activations: NDArray[np.float32]) -> Figure:
    """Return a figure with a card a row."""
    return plot_autopsy(activations, neuron_axis=0)


def verdicts(repeats: int) -> list[str]:
    """Compare the verdict on a million neurons with NumPy's own pass over them."""
    rng = np.random.default_rng(20261101)
    rows = rng.random((1_000_000, 64), dtype=np.float32)
    lines = []
    for axis, array in ((0, rows), (1, np.ascontiguousarray(rows.T))):
        works: dict[str, Work] = {
            "ours": partial(diagnose, array, neuron_axis=axis),
            "numpy": partial(peaks_by_numpy, array, 1 - axis),
        }
        seconds = medians(works, repeats)
        name = f"`diagnose` a million neurons x 64 steps, neuron_axis={axis}"
        yardstick = "`np.abs(x).max(axis)`"
        lines.append(line(name, seconds["ours"], yardstick, seconds["numpy"]))
    return lines


def long_histories(repeats: int) -> list[str]:
    """Compare a million samples a neuron with two thousand, and one pass over them."""
    rng = np.random.default_rng(20261101)
    long = rng.random((100, 1_000_000), dtype=np.float32)
    short = long[:, :2000].copy()
    works: dict[str, Work] = {
        "long": partial(saved, of_rows, long, "png"),
        "short": partial(saved, of_rows, short, "png"),
        "pass": partial(peaks_by_numpy, long, 1),
    }
    seconds = medians(works, repeats)
    least = 2 * seconds["short"] + seconds["pass"]
    yardstick = "2 x (100 x 2,000), and `np.abs(x).max(1)`"
    return [line("100 neurons x 1,000,000 samples, PNG", seconds["long"], yardstick, least)]


def zoomed(repeats: int) -> list[str]:
    """Compare redrawing what is in view with a LineCollection of the same histories."""
    neurons = histories(16384)
    figure = plot_autopsy(neurons)
    lines = []
    for span in (128, 60, 24, 8):
        ours = figure.axes[0]
        look_at(ours, span)
        theirs = plt.figure(figsize=figure.get_size_inches())
        axes = theirs.add_axes(ours.get_position().bounds)
        n_lines = add_lines(axes, figure.autopsy, span)
        figure.canvas.draw()
        theirs.canvas.draw()
        seconds = {
            name: statistics.median(redrawn(canvas) for _ in range(4 * repeats))
            for name, canvas in (("ours", figure.canvas), ("lines", theirs.canvas))
        }
        name = f"redraw {n_lines:,} of 16,384 cards"
        lines.append(line(name, seconds["ours"], "one LineCollection", seconds["lines"]))
    return lines


def look_at(axes: Axes, span: float) -> None:
    """Show so many columns, and as many rows, from the upper left."""
    axes.set_xlim(0, span)
    axes.set_ylim(span, 0)


def add_lines(axes: Axes, autopsy: Autopsy, span: int) -> int:
    """Draw the histories in view as one LineCollection; return how many there are."""
    axes.axis("off")
    lines = [scaled(autopsy, row, column) for row in range(span) for column in range(span)]
    axes.add_collection(LineCollection(lines))
    look_at(axes, span)
    return len(lines)


def scaled(autopsy: Autopsy, row: int, column: int) -> NDArray[np.float64]:
    """Return a neuron's history as a line in its card, which is one unit large."""
    history = np.asarray(autopsy.histories[128 * row + column])
    share = history / max(float(history.max()), 1e-9)
    xs = column + 0.1 + 0.8 * np.linspace(0, 1, len(history))
    return np.column_stack([xs, row + 0.8 - 0.4 * share])


def redrawn(canvas: object) -> float:
    """Return the seconds of drawing a canvas once more."""
    start = time.perf_counter()
    canvas.draw()  # type: ignore[attr-defined]  # Agg's
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=positive, default=3)
    repeats = parser.parse_args().repeats
    print(f"{versions()}; median of {repeats}\n\n{machine()}\n")
    print("| what | seconds | against | seconds | ratio |")
    print("| --- | ---: | --- | ---: | ---: |")
    for measure in (verdicts, long_histories, zoomed):
        for row in measure(repeats):
            print(row, flush=True)


if __name__ == "__main__":
    main()
