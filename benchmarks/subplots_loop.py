"""The same picture as `plot_autopsy`, drawn with `matplotlib.pyplot.subplots`.

What somebody who knows Matplotlib well would write: one Axes a card, no axis, few
artists. All lengths are in points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from numpy.typing import NDArray

from dead_neuron_autopsy import LIGHT

Histories = Mapping[str, NDArray[np.float64]]

DEAD_THRESHOLD = 1e-6

CARD_WIDTH, CARD_HEIGHT = 90.0, 62.0
GAP, MARGIN = 8.0, 12.0
HEADER_HEIGHT = 25.5
PADDING = 9.0
ABOVE_SPARKLINE, BELOW_SPARKLINE = 23.0, 18.0
SPARKLINE_WIDTH = CARD_WIDTH - 2 * PADDING
SPARKLINE_HEIGHT = CARD_HEIGHT - ABOVE_SPARKLINE - BELOW_SPARKLINE

FONT = {"family": list(LIGHT.font_family)}
ID_FONT = {"family": list(LIGHT.id_font_family), "size": 7.0, "color": LIGHT.neuron_id}
PEAK_FONT = FONT | {"size": 6.5, "color": LIGHT.faint}
TITLE_FONT = FONT | {"size": 10.0, "weight": "bold", "color": LIGHT.title}
ROUND = "round,pad=0.35,rounding_size=0.85"


def near_square(n_cards: int) -> tuple[int, int]:
    """Return the numbers of rows and of columns."""
    ncols = math.ceil(math.sqrt(n_cards))
    return math.ceil(n_cards / ncols), ncols


def size_in_points(nrows: int, ncols: int) -> tuple[float, float]:
    """Return the width and the height of the figure."""
    width = ncols * (CARD_WIDTH + GAP) - GAP
    height = HEADER_HEIGHT + nrows * (CARD_HEIGHT + GAP)
    return width + 2 * MARGIN, height + 2 * MARGIN


def subplots_loop(neurons: Histories) -> Figure:
    """Draw each neuron as a card, in an Axes of its own."""
    nrows, ncols = near_square(len(neurons))
    width, height = size_in_points(nrows, ncols)
    fig, axs = plt.subplots(
        nrows,
        ncols,
        squeeze=False,
        figsize=(width / 72, height / 72),
        gridspec_kw={
            "left": MARGIN / width,
            "right": 1 - MARGIN / width,
            "bottom": MARGIN / height,
            "top": (MARGIN - GAP + nrows * (CARD_HEIGHT + GAP)) / height,
            "wspace": GAP / CARD_WIDTH,
            "hspace": GAP / CARD_HEIGHT,
        },
    )
    cards = axs.ravel()
    peaks = [float(np.abs(history).max()) for history in neurons.values()]
    for ax, (name, history), peak in zip(cards, neurons.items(), peaks, strict=False):
        draw_card(ax, name, history, peak)
    for ax in cards[len(neurons) :]:
        ax.remove()
    n_samples = len(next(iter(neurons.values())))
    draw_header(fig, peaks, n_samples, width, height)
    return fig


def draw_card(ax: Axes, name: str, history: NDArray[np.float64], peak: float) -> None:
    """Draw the border, the words, the midline and the sparkline of a neuron."""
    state = state_of(peak)
    ax.set_axis_off()
    ax.add_patch(border(ax, state))
    top = 1 - 13.8 / CARD_HEIGHT
    left = PADDING / CARD_WIDTH
    ax.text(left, top, name, ID_FONT, transform=ax.transAxes)
    ax.text(
        1 - 8.2 / CARD_WIDTH,
        top,
        state,
        FONT | {"size": 6.25},
        transform=ax.transAxes,
        ha="right",
        **badge(state),
    )
    ax.text(left, 7.5 / CARD_HEIGHT, f"peak {short(peak)}", PEAK_FONT, transform=ax.transAxes)
    low, high = y_range(history)
    ax.axhline(
        (low + high) / 2,
        left,
        1 - left,
        color=getattr(LIGHT, f"{state}_midline"),
        linewidth=LIGHT.midline_width,
        linestyle=(0, (4, 4)),
    )
    ax.plot(
        history,
        color=getattr(LIGHT, f"{state}_line"),
        linewidth=LIGHT.line_width,
        solid_capstyle="round",
    )
    last, spread = len(history) - 1, high - low
    around = last * PADDING / SPARKLINE_WIDTH
    ax.set_xlim(-around, last + around)
    ax.set_ylim(
        low - spread * BELOW_SPARKLINE / SPARKLINE_HEIGHT,
        high + spread * ABOVE_SPARKLINE / SPARKLINE_HEIGHT,
    )


def border(ax: Axes, state: str) -> FancyBboxPatch:
    """Return the outline of a card."""
    return FancyBboxPatch(
        (0, 0),
        1,
        1,
        boxstyle=f"round,pad=0,rounding_size={4 / CARD_WIDTH}",
        mutation_aspect=CARD_WIDTH / CARD_HEIGHT,
        transform=ax.transAxes,
        facecolor=LIGHT.card,
        edgecolor=getattr(LIGHT, f"{state}_border"),
        linewidth=getattr(LIGHT, f"{state}_border_width"),
        clip_on=False,
    )


def badge(state: str) -> dict[str, Any]:
    """Return what makes a text a pill."""
    return {
        "color": getattr(LIGHT, f"{state}_text"),
        "bbox": {
            "boxstyle": ROUND,
            "facecolor": getattr(LIGHT, f"{state}_badge"),
            "edgecolor": getattr(LIGHT, f"{state}_badge_border"),
            "linewidth": LIGHT.badge_border_width,
        },
    }


def y_range(history: NDArray[np.float64]) -> tuple[float, float]:
    """Return what a sparkline spans; a flat one lies in the middle."""
    low, high = float(history.min()), float(history.max())
    return (low, high) if low < high else (low - 1, high + 1)


def state_of(peak: float) -> str:
    """Return the verdict on a neuron."""
    return "dead" if peak < DEAD_THRESHOLD else "alive"


def color_of(peak: float) -> str:
    """Return the colour of a neuron's line."""
    return str(getattr(LIGHT, f"{state_of(peak)}_line"))


def short(peak: float) -> str:
    """Return a peak with one decimal."""
    if peak == 0:
        return "0"
    mantissa, exponent = f"{peak:.1e}".split("e")
    return f"{mantissa}e{int(exponent):+d}"


def draw_header(
    fig: Figure, peaks: Sequence[float], n_samples: int, width: float, height: float
) -> None:
    """Write the title, the count and the rule above the cards."""
    n_dead = sum(peak < DEAD_THRESHOLD for peak in peaks)
    left, top = MARGIN / width, height - MARGIN
    fig.text(left, (top - 9.5) / height, "Dead neuron autopsy", TITLE_FONT)
    fig.text(
        1 - (MARGIN + 2.6) / width,
        (top - 9.25) / height,
        f"{n_dead:,}/{len(peaks):,} dead",
        FONT | {"size": 7.5},
        ha="right",
        **badge("dead" if n_dead else "alive"),
    )
    rule = f"dead: max |activation| < 1e-6 over {n_samples} samples"
    fig.text(left, (top - 23.5) / height, rule, PEAK_FONT)
