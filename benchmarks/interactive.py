"""Time windows and films: redraws, updates and frames, as ratios to what Matplotlib does for lines.

Each pair takes turns in one process, so that what else the machine does hits both; ratios are of
medians. Run it as a file: ``python benchmarks/interactive.py``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
import numpy as np
from common import machine, positive, versions
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from dead_neuron_autopsy import animate_autopsy, diagnose, plot_autopsy

N_SAMPLES = 64


def population(n_neurons: int, seed: int = 0) -> NDArray[np.float64]:
    """Return histories of which a third is silent."""
    values = np.abs(np.random.default_rng(seed).normal(size=(n_neurons, N_SAMPLES)))
    values[seed % 3 :: 3] = 0
    return values


def named(n_neurons: int) -> list[str]:
    """Return ids of layers of 50."""
    return [f"L{1 + one // 50}·N{one % 50}" for one in range(n_neurons)]


def lines_like(figure: Any, n_neurons: int) -> tuple[Any, LineCollection, list[NDArray[Any]]]:
    """Return a figure of the same size with the same histories as one collection of lines."""
    other = plt.figure(figsize=figure.get_size_inches(), dpi=figure.dpi)
    axes = other.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    ncols = int(np.ceil(np.sqrt(n_neurons)))
    axes.set(xlim=(0, ncols), ylim=(ncols, 0))
    xs = np.linspace(0.1, 0.9, N_SAMPLES)
    segments = []
    for place, history in enumerate(population(n_neurons)):
        row, column = divmod(place, ncols)
        ys = row + 0.7 - 0.4 * history / max(float(history.max()), 1e-9)
        segments.append(np.column_stack([column + xs, ys]))
    lines = LineCollection(segments, linewidths=1.2, colors="C0")
    axes.add_collection(lines, autolim=False)
    return other, lines, segments


def in_turns(contenders: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median time of each, in seconds."""
    times: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds + 2):
        for found, run in zip(times, contenders, strict=True):
            start = time.perf_counter()
            run()
            if number >= 2:  # the first two fill caches
                found.append(time.perf_counter() - start)
    return [statistics.median(found) for found in times]


def row(name: str, ours: float, theirs: float) -> str:
    """Return a row of the table."""
    return f"| {name} | {1000 * ours:.1f} | {1000 * theirs:.1f} | {ours / theirs:.2f} |"


def windows(rounds: int) -> None:
    """Print what redraws and updates take."""
    for n_neurons in (64, 100, 576, 4096):
        figure = plot_autopsy(population(n_neurons), neuron_axis=0, ids=named(n_neurons))
        other, lines, segments = lines_like(figure, n_neurons)
        ours, theirs = in_turns([figure.canvas.draw, other.canvas.draw], rounds)
        print(row(f"redraw, {n_neurons} cards", ours, theirs), flush=True)
        populations = [population(n_neurons, seed) for seed in (1, 2)]
        turn = [0]

        def update(
            figure: Any = figure, populations: Any = populations, turn: list[int] = turn
        ) -> None:
            turn[0] = 1 - turn[0]
            figure.update(populations[turn[0]])
            figure.canvas.draw()

        def set_lines(other: Any = other, lines: Any = lines, segments: Any = segments) -> None:
            lines.set_segments(segments)
            other.canvas.draw()

        ours, theirs = in_turns([update, set_lines], rounds)
        print(row(f"update, {n_neurons} cards", ours, theirs), flush=True)
        plt.close("all")


def film(rounds: int) -> None:
    """Print what 100 frames of 100 cards take without encoding, as a ratio to 100 updates."""
    values, frames = population(100), 100
    figure = plot_autopsy(values, neuron_axis=0, ids=named(100))
    parts = [diagnose(values[:, : 2 + place % 62], neuron_axis=0) for place in range(frames)]

    def draws() -> None:
        for place in range(frames):
            figure.update(values[:, : 2 + place % 62])
            figure.canvas.draw()

    with TemporaryDirectory() as folder:
        path = Path(folder, "film.webp")
        began = list[float]()

        def note(done: int, total: int) -> None:
            del total
            if done in {1, frames}:
                began.append(time.perf_counter())

        def make() -> None:
            began.clear()
            animate_autopsy(path, parts, seconds=1 + frames / 2, progress=note)

        made, drawn = list[float](), list[float]()
        for _ in range(rounds):
            make()
            made.append((began[1] - began[0]) * frames / (frames - 1))
            start = time.perf_counter()
            draws()
            drawn.append(time.perf_counter() - start)
    ours, theirs = statistics.median(made), statistics.median(drawn)
    print(row("film, 100 frames of 100 cards, against 100 updates", ours, theirs))
    plt.close("all")


def main() -> None:
    """Print a table."""
    mpl.use("agg")
    parser = argparse.ArgumentParser(description="Time windows and films.")
    parser.add_argument("--rounds", type=positive, default=9)
    rounds = parser.parse_args().rounds
    print(f"{versions()}; median of {rounds}\n\n{machine()}\n")
    print("| what | ours, ms | lines, ms | ratio |\n| --- | ---: | ---: | ---: |")
    windows(rounds)
    film(max(rounds // 3, 1))


if __name__ == "__main__":
    main()
