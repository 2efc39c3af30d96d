"""The nearest to `plot_autopsy` in few lines of seaborn: one facet a neuron."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import seaborn as sns
from common import DPI
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from subplots_loop import (
    CARD_HEIGHT,
    CARD_WIDTH,
    GAP,
    Histories,
    color_of,
    near_square,
    short,
    state_of,
)


def figure(neurons: Histories) -> Figure:
    """Draw each neuron into a facet of its own, with its own range."""
    peaks = {name: float(np.abs(history).max()) for name, history in neurons.items()}
    long = pd.DataFrame(neurons).melt(
        var_name="neuron", value_name="activation", ignore_index=False
    )
    long["step"] = long.index
    long["state"] = [state_of(peaks[name]) for name in long["neuron"]]
    with plt.rc_context({"axes.titlesize": 7, "axes.labelsize": 6.5}):
        facets = sns.relplot(
            long,
            kind="line",
            x="step",
            y="activation",
            col="neuron",
            col_wrap=near_square(len(neurons))[1],
            hue="state",
            palette={state_of(peak): color_of(peak) for peak in peaks.values()},
            height=(CARD_HEIGHT + GAP) / 72,
            aspect=(CARD_WIDTH + GAP) / (CARD_HEIGHT + GAP),
            facet_kws={"sharex": False, "sharey": False},
            estimator=None,  # one line a neuron: there is nothing to average
            linewidth=1,
            legend=False,
        )
        facets.set_titles("{col_name}").set(xticks=[], yticks=[], ylabel="")
        for name, ax in facets.axes_dict.items():
            ax.set_xlabel(f"peak {short(peaks[name])}", labelpad=2)
    drawn: Figure = facets.figure
    return drawn


def png(neurons: Histories) -> bytes:
    """Return the figure as a file."""
    file = BytesIO()
    figure(neurons).savefig(file, format="png", dpi=DPI)
    return file.getvalue()
