from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

from dead_neuron_autopsy import plot_autopsy
from dead_neuron_autopsy._glyphs import Labels

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

DrawLoop = Callable[[dict[str, np.ndarray]], Figure]


@pytest.fixture
def subplots_loop() -> Iterator[DrawLoop]:
    yield runpy.run_path(str(BENCHMARKS / "subplots_loop.py"))["subplots_loop"]
    plt.close("all")


@pytest.fixture
def neurons() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    histories = {f"L1·N{index}": rng.random(64) * 10.0**-index for index in range(5)}
    return histories | {"L2·N1": np.zeros(64), "L2·N2": np.full(64, 2.5)}


def test_it_prints_a_table() -> None:
    head, ruler, row = [
        line.strip("| ").split(" | ")
        for line in _output("--cards", "4", "--formats", "png", "--repeats", "1")
        if line.startswith("|")
    ]
    assert head == [
        "format",
        "cards",
        "subplots loop",
        "plot_autopsy",
        "blank canvas",
        "loop / ours",
        "ours / blank",
    ]
    assert len(ruler) == len(head)
    assert row[:2] == ["png", "4"]
    assert len(row) == len(head)
    assert all(float(cell) > 0 for cell in row[2:])


def test_it_says_what_it_ran_on() -> None:
    first = _output("--cards", "1", "--formats", "svg", "pdf", "--repeats", "1")[0]
    assert f"NumPy {np.__version__}" in first
    assert "CPUs" in first


@pytest.mark.parametrize("n_neurons", [2, 5, 7])
def test_the_loop_draws_a_figure_of_the_same_size(
    subplots_loop: DrawLoop, neurons: dict[str, np.ndarray], n_neurons: int
) -> None:
    some = dict(list(neurons.items())[:n_neurons])
    assert subplots_loop(some).get_size_inches() == pytest.approx(
        plot_autopsy(some).get_size_inches()
    )


def test_the_loop_writes_the_same_words(
    subplots_loop: DrawLoop, neurons: dict[str, np.ndarray]
) -> None:
    theirs, ours = _words(subplots_loop(neurons)), _words(plot_autopsy(neurons))
    assert theirs == ours
    assert len(ours) == 3 + 3 * len(neurons)
    assert {"L2·N1", "dead", "alive", "peak 0", "peak 2.5e+0", "1/7 dead"} <= set(ours)


def _output(*arguments: str) -> list[str]:
    script = str(BENCHMARKS / "against_peers.py")
    return subprocess.run(
        [sys.executable, script, *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def _words(figure: Figure) -> list[str]:
    figure.savefig(BytesIO(), format="png")
    return sorted(word for part in figure.findobj() for word in _words_of(part) if word)


def _words_of(part: Artist) -> list[str]:
    if isinstance(part, Labels):
        return part.get_texts()
    return [part.get_text()] if isinstance(part, Text) else []
