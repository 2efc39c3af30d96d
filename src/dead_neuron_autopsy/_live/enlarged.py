"""A neuron drawn large, in Axes of its own over the cards."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .._drawing.behind import WindowAxes
from .._drawing.grid import AutopsyGrid
from .._drawing.one_card import Card
from .._verdict.criteria import Peak
from .._words import phrases
from .._words.filling import localized
from .._words.notation import compact_number

#: The room around the plot for its ticks and its title, in points; at most this share of all.
_LEFT, _RIGHT, _BELOW, _ABOVE, _MOST = 48.0, 40.0, 40.0, 44.0, 0.3

#: The letters' size, in points.
_LETTERS, _TITLE = 9.0, 11.0


def enlarge(grid: AutopsyGrid, card: Card) -> list[Axes]:
    """Draw a neuron over a grid, and return the Axes: a ground, and the plot on it."""
    figure: Any = grid.get_figure(root=True)
    style = grid.style
    room = grid.get_window_extent().transformed(figure.transFigure.inverted())
    options = {"zorder": 900, "in_layout": False, "axes_class": WindowAxes}
    ground = figure.add_axes(room.bounds, **options)
    ground.set(xticks=[], yticks=[], facecolor=style.background, navigate=False)
    ground.spines[:].set_visible(False)
    across, down = (72 * inches for inches in figure.get_size_inches())
    left, right = (min(one / across, _MOST * room.width) for one in (_LEFT, _RIGHT))
    below, above = (min(one / down, _MOST * room.height) for one in (_BELOW, _ABOVE))
    width, height = room.width - left - right, room.height - below - above
    bounds = (room.x0 + left, room.y0 + below, width, height)
    plot: Axes = figure.add_axes(bounds, **(options | {"zorder": 901}))
    _draw_history(plot, grid, card)
    family = list(style.font_family)
    plot.set_title(
        f"{card.words}\n{card.peak_words}",
        color=style.title,
        fontsize=_TITLE,
        fontfamily=family,
        loc="left",
        parse_math=False,
    )
    unit = grid.wording.at_sample if grid.shown.steps is None else grid.wording.at_step
    plot.set_xlabel(
        unit.format(number="").strip(),
        color=style.faint,
        fontsize=_LETTERS,
        fontfamily=family,
        parse_math=False,
    )
    plot.set_facecolor(style.card)
    plot.tick_params(colors=style.faint, labelsize=_LETTERS, labelfontfamily=family)
    plot.spines[:].set_color(style.alive_border)
    return [ground, plot]


def _draw_history(plot: Axes, grid: AutopsyGrid, card: Card) -> None:
    """Draw the history, the judged window, the threshold and the time of death."""
    style, wording, shown = grid.style, grid.wording, grid.shown
    history = np.ma.filled(np.ma.asarray(card.activations, dtype=np.float64), np.nan)
    samples = np.arange(len(history))
    steps = samples if shown.steps is None else np.asarray(shown.steps)[-len(history) :]
    if not len(history):
        steps = np.zeros(0)
    if shown.window is not None and len(history):
        first = max(len(history) - shown.window, 0)
        plot.axvspan(steps[first], steps[-1], color=style.window, zorder=0)
    if isinstance(shown.criterion, Peak):
        threshold = float(shown.criterion.threshold)
        for level in (threshold, -threshold) if (history < 0).any() else (threshold,):
            plot.axhline(level, color=style.faint, linewidth=0.8, linestyle="--", zorder=1)
        plot.annotate(
            localized(wording, compact_number(threshold)),
            (1, threshold),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            color=style.faint,
            fontsize=_LETTERS - 1,
            va="center",
            annotation_clip=False,
        )
    plot.plot(
        steps,
        history,
        color=getattr(style, f"{card.state}_line"),
        linewidth=1.5,
        marker="o" if len(history) == 1 else "",
        zorder=2,
    )
    if phrases.has_time(shown, card.index):
        died = int(shown.last_active[card.index]) + 1
        color = getattr(style, f"{card.state}_text")
        plot.axvline(steps[min(died, len(steps) - 1)], color=color, linewidth=1.2, zorder=3)
