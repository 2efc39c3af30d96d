"""Trace how much memory drawing and saving cards takes at most, and a large diagnosis.

`tracemalloc` counts what Python and NumPy allocate, to the byte, so a machine that has
other things to do changes nothing. It does not see what Matplotlib's Agg allocates in
C++, which is the canvas: four bytes a pixel, which are reckoned and stand beside. Tracing
makes everything several times slower. Run it as a file:
``python benchmarks/peak_memory.py``.
"""

from __future__ import annotations

import argparse
import gc
import tracemalloc
from functools import partial
from io import BytesIO

import matplotlib as mpl
import numpy as np
from common import (
    DPI,
    FORMATS,
    Work,
    annotated,
    histories,
    machine,
    positive,
    saved,
    table_head,
    table_line,
    versions,
)
from matplotlib import pyplot as plt
from subplots_loop import near_square, size_in_points

from dead_neuron_autopsy import diagnose

CARDS = [4096, 16384]
NEURONS = 1_000_000
N_STEPS = 64
HEAD = ["what", "peak, MB", "each, kB", "file, MB", "canvas, MB"]


def traced(work: Work) -> tuple[int, object]:
    """Return the most bytes that were in use beside those from before, and the result."""
    gc.collect()
    tracemalloc.start()
    result = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    plt.close("all")
    return peak, result


def canvas_bytes(n_cards: int) -> float:
    """Return how much Agg's canvas for as many cards holds."""
    width, height = size_in_points(*near_square(n_cards))
    return 4.0 * (width * DPI / 72) * (height * DPI / 72)


def of_cards(file_format: str, n_cards: int) -> str:
    """Return the line of building and saving as many cards."""
    neurons = histories(n_cards)
    peak, n_bytes = traced(partial(saved, annotated, neurons, file_format))
    cells = [
        f"{n_cards:,} cards, {file_format.upper()}",
        f"{peak / 1e6:.1f}",
        f"{peak / n_cards / 1e3:.2f}",
        f"{float(str(n_bytes)) / 1e6:.2f}",
        f"{canvas_bytes(n_cards) / 1e6:.1f}" if file_format == "png" else "-",
    ]
    return table_line(cells)


def of_diagnosis(n_neurons: int, neuron_axis: int) -> str:
    """Return the line of the verdict on so many neurons, without their activations."""
    rng = np.random.default_rng(20261101)
    shape = (n_neurons, N_STEPS) if neuron_axis == 0 else (N_STEPS, n_neurons)
    activations = rng.random(shape, dtype=np.float32)
    peak, _ = traced(partial(diagnose, activations, neuron_axis=neuron_axis))
    share = peak / activations.nbytes
    name = (
        f"`diagnose` {n_neurons:,} neurons x {N_STEPS} steps, neuron_axis={neuron_axis} "
        f"({share:.1%} of the input)"
    )
    return table_line([name, f"{peak / 1e6:.1f}", f"{peak / n_neurons / 1e3:.3f}", "-", "-"])


def main() -> None:
    """Trace, and print a table."""
    mpl.use("Agg")
    parser = argparse.ArgumentParser(description="Trace the peak memory of large jobs.")
    parser.add_argument("--cards", nargs="+", type=positive, default=CARDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--neurons", type=positive, default=NEURONS)
    options = parser.parse_args()
    for file_format in options.formats:  # fonts and backends stay, and are nobody's cost
        annotated(histories(4)).savefig(BytesIO(), format=file_format)
    print(f"{versions()}\n\n{machine()}\n")
    print(table_head(HEAD), flush=True)
    for file_format in options.formats:
        for n_cards in options.cards:
            print(of_cards(file_format, n_cards), flush=True)
    for neuron_axis in (0, 1):
        print(of_diagnosis(options.neurons, neuron_axis), flush=True)


if __name__ == "__main__":
    main()
