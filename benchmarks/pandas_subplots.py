"""The nearest to `plot_autopsy` in few lines of pandas: one Axes a neuron."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from common import DPI
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from subplots_loop import Histories, color_of, near_square, short, size_in_points


def figure(neurons: Histories) -> Figure:
    """Draw each neuron into an Axes of its own, with its own range."""
    nrows, ncols = near_square(len(neurons))
    width, height = size_in_points(nrows, ncols)
    peaks = [float(np.abs(history).max()) for history in neurons.values()]
    with plt.rc_context({"axes.titlesize": 7, "axes.labelsize": 6.5}):
        axs: Any = pd.DataFrame(neurons).plot(
            subplots=True,
            layout=(nrows, ncols),
            figsize=(width / 72, height / 72),
            sharex=False,
            title=list(neurons),
            color=list(map(color_of, peaks)),
            linewidth=1,
            legend=False,
            xticks=[],
            yticks=[],
        )
    for ax, peak in zip(axs.flat, peaks, strict=False):
        ax.set_xlabel(f"peak {short(peak)}", labelpad=2)
    drawn: Figure = axs.flat[0].figure
    drawn.subplots_adjust(0.01, 16 / height, 0.99, 1 - 16 / height, hspace=0.8)
    return drawn


def png(neurons: Histories) -> bytes:
    """Return the figure as a file."""
    file = BytesIO()
    figure(neurons).savefig(file, format="png", dpi=DPI)
    return file.getvalue()
