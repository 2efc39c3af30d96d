"""A figure for a paper, 7 inches wide: two loss curves beside an autopsy of 12 neurons.

The trainings are those of ``plot_dying_relu.py``. The cards show the first three neurons of
each hidden layer at the learning rate that is far too high; the judged steps are shaded in both
panels. The print style needs no colour.

The figure is an ordinary one of `matplotlib.pyplot.figure`, so its alt text, which tells of
both panels, is handed to ``savefig`` here.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from plot_dying_relu import (
    HEALTHY_RATE,
    HIDDEN_SIZES,
    N_JUDGED,
    TOO_HIGH_RATE,
    Training,
    autopsy_of,
    train,
)

from dead_neuron_autopsy import AutopsyGrid, draw_autopsy

TEXT_WIDTH = 7.0
HEIGHT = 3.4
N_SHOWN_OF_LAYER = 3

#: Letters as large as those of the cards, and nothing that depends on the time or the run.
RC_PARAMS: dict[Any, Any] = {
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 7,
    "svg.hashsalt": "plot_paper_figure",
}


def draw_losses(ax: Axes, healthy: Training, too_high: Training) -> None:
    """Draw both losses, and shade the steps that the neurons are judged by."""
    for training, color, dashes in ((healthy, "0.45", "--"), (too_high, "black", "-")):
        ax.semilogy(
            training.steps,
            training.losses,
            color=color,
            linestyle=dashes,
            linewidth=1.0,
            label=f"learning rate {training.learning_rate:g}",
        )
    judged = too_high.steps[-N_JUDGED:]
    ax.axvspan(judged[0], judged[-1], color="0.92", linewidth=0, label="judged steps")
    ax.set(xlabel="Training step", ylabel="Training loss (cross-entropy)")
    ax.set_xlim(0, judged[-1])
    ax.legend(loc="lower left", frameon=False)


def draw_neurons(ax: Axes, training: Training) -> AutopsyGrid:
    """Draw the first neurons of each hidden layer."""
    firsts = np.cumsum([0, *HIDDEN_SIZES[:-1]])
    shown = np.add.outer(firsts, np.arange(N_SHOWN_OF_LAYER)).ravel()
    return draw_autopsy(
        ax,
        autopsy_of(training).take(shown),
        title=f"Neurons at learning rate {training.learning_rate:g}",
        style="print",
    )


def alt_text(healthy: Training, too_high: Training, grid: AutopsyGrid) -> str:
    """Say what both panels show."""
    losses = " and ".join(
        f"{training.losses[-1]:.2g} at learning rate {training.learning_rate:g}"
        for training in (healthy, too_high)
    )
    return f"The training loss ends at {losses}. {grid.alt_text} {grid.description}"


def save(fig: Figure, path: Path, words: str) -> None:
    """Save a figure as PDF, SVG and PNG, with its alt text and without a date."""
    fig.savefig(path.with_suffix(".pdf"), metadata={"Subject": words, "CreationDate": None})
    fig.savefig(path.with_suffix(".svg"), metadata={"Description": words, "Date": None})
    fig.savefig(path.with_suffix(".png"), metadata={"Description": words}, dpi=300)


def main(output: Path) -> None:
    """Train at both rates, draw the figure, save it, and print its alt text."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    healthy, too_high = train(HEALTHY_RATE), train(TOO_HIGH_RATE)
    with plt.rc_context(RC_PARAMS):
        fig, axs = plt.subplot_mosaic(
            [["losses", "neurons"]],
            figsize=(TEXT_WIDTH, HEIGHT),
            width_ratios=[1, 2],
            layout="constrained",
        )
        draw_losses(axs["losses"], healthy, too_high)
        grid = draw_neurons(axs["neurons"], too_high)
        words = alt_text(healthy, too_high, grid)
        save(fig, output / "paper_figure", words)
    print(f"Alt text: {words}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw a figure for a paper.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
