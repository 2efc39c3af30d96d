"""Time `plot_autopsy` against a loop over subplots and against a blank canvas.

Every time is the median of several runs of building a figure and saving it to memory.
The contenders take turns, so that what else the machine does hits all of them. Each
saves with its own defaults: `plot_autopsy` packs a PNG faster and less tightly than
Matplotlib, which the loop and the blank canvas leave to Matplotlib.
Run it as a file: ``python benchmarks/against_peers.py --cards 100 400 --formats png``.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from subplots_loop import Histories, near_square, size_in_points, subplots_loop

from dead_neuron_autopsy import plot_autopsy

CARDS = [100, 400, 1024, 4096]
FORMATS = ["png", "svg", "pdf"]
REPEATS = 5
MOST_CARDS_OF_THE_LOOP = 400
N_SAMPLES = 64
DPI = 100
CARD_WIDTH = 1.25

Build = Callable[[Histories], Figure]


class Row(NamedTuple):
    """Median seconds of each contender; None where it was not run."""

    file_format: str
    n_cards: int
    loop: float | None
    ours: float
    blank: float


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


def seconds(build: Build, neurons: Histories, file_format: str) -> float:
    """Return how long it takes to build a figure and to save it."""
    gc.collect()
    start = time.perf_counter()
    fig = build(neurons)
    fig.savefig(BytesIO(), format=file_format, dpi=DPI)
    elapsed = time.perf_counter() - start
    plt.close(fig)
    return elapsed


def measured(file_format: str, n_cards: int, repeats: int) -> Row:
    """Let the contenders take turns."""
    neurons = histories(n_cards)
    contenders: dict[str, Build] = {"ours": annotated, "blank": blank_canvas}
    if n_cards <= MOST_CARDS_OF_THE_LOOP:
        contenders = {"loop": subplots_loop} | contenders
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, build in contenders.items():
            times[name].append(seconds(build, neurons, file_format))
    medians = {name: statistics.median(runs) for name, runs in times.items()}
    return Row(file_format, n_cards, medians.get("loop"), medians["ours"], medians["blank"])


def warm_up(formats: Sequence[str]) -> None:
    """Load fonts and backends, which is nobody's cost."""
    for file_format in formats:
        for build in (subplots_loop, annotated, blank_canvas):
            seconds(build, histories(4), file_format)


def table_head() -> str:
    """Return the first two lines of the table."""
    names = ["format", "cards", "subplots loop", "plot_autopsy", "blank canvas"]
    names += ["loop / ours", "ours / blank"]
    rule = ["---", *["---:"] * (len(names) - 1)]
    return f"{_table_line(names)}\n{_table_line(rule)}"


def table_row(row: Row) -> str:
    """Return a line of the table; times in seconds."""
    cells = [
        row.file_format,
        str(row.n_cards),
        "-" if row.loop is None else f"{row.loop:.3f}",
        f"{row.ours:.3f}",
        f"{row.blank:.3f}",
        "-" if row.loop is None else f"{row.loop / row.ours:.1f}",
        f"{row.ours / row.blank:.2f}",
    ]
    return _table_line(cells)


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def growth(rows: Sequence[Row]) -> list[str]:
    """Return what four times the cards cost, for each format that was run with both."""
    times = {(row.file_format, row.n_cards): row.ours for row in rows}
    formats = dict.fromkeys(row.file_format for row in rows)
    return [
        f"{name}: 4096 cards take {times[name, 4096] / times[name, 1024]:.2f} times "
        "the time of 1024"
        for name in formats
        if (name, 4096) in times and (name, 1024) in times
    ]


def versions() -> str:
    """Return what was measured on."""
    return (
        f"Python {platform.python_version()}, Matplotlib {mpl.__version__}, "
        f"NumPy {np.__version__}, {os.cpu_count()} CPUs"
    )


def positive(text: str) -> int:
    """Read a number of cards or of repeats."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {number}")
    return number


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time plot_autopsy against its peers.")
    parser.add_argument("--cards", nargs="+", type=positive, default=CARDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--repeats", type=positive, default=REPEATS)
    return parser.parse_args()


def main() -> None:
    """Print a line for each format and number of cards as soon as it is known."""
    mpl.use("Agg")
    options = arguments()
    warm_up(options.formats)
    print(f"{versions()}; median of {options.repeats}\n", flush=True)
    print(table_head(), flush=True)
    rows = []
    for file_format in options.formats:
        for n_cards in options.cards:
            rows.append(measured(file_format, n_cards, options.repeats))
            print(table_row(rows[-1]), flush=True)
    for line in growth(rows):
        print(f"\n{line}")


if __name__ == "__main__":
    main()
