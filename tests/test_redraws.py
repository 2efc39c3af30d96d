"""Redraws of what has not changed: pixels are kept, and never shown once something has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import RendererAgg

from dead_neuron_autopsy import diagnose, draw_autopsy, plot_autopsy


def pixels(figure: Any) -> Any:
    """Return the pixels of a figure as its window shows them, shape (height, width, 4)."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())


NEURONS = {f"L1·N{i}": np.abs(np.sin(np.arange(30) * (i + 1))) * (i % 3) for i in range(9)}
LATER = {name: history[::-1] * 2 for name, history in NEURONS.items()}


def change_patch(figure: Any) -> None:
    figure.patch.set_facecolor("#ffeecc")


CHANGES: dict[str, Callable[[Any], object]] = {
    "data": lambda figure: figure.update(LATER),
    "findings": lambda figure: figure.autopsy_grid.set_data(diagnose(LATER)),
    "a colour": lambda figure: figure.autopsy_grid.sparklines.set_color("#123456"),
    "a width": lambda figure: figure.autopsy_grid.borders.set_linewidth(3),
    "words": lambda figure: figure.autopsy_grid.peak_labels.set_color("red"),
    "a hidden part": lambda figure: figure.autopsy_grid.badges.set_visible(False),
    "an order": lambda figure: [
        figure.autopsy_grid.borders.set(zorder=9, facecolor="red"),
    ],
    "alpha": lambda figure: figure.autopsy_grid.set_alpha(0.3),
    "hidden": lambda figure: figure.autopsy_grid.set_visible(False),
    "zoom": lambda figure: figure.axes[0].set(xlim=(0.5, 2), ylim=(2, 0.5)),
    "inverted": lambda figure: figure.axes[0].invert_xaxis(),
    "size": lambda figure: figure.set_size_inches(5, 4),
    "dpi": lambda figure: figure.set_dpi(71),
    "face": lambda figure: figure.set_facecolor("#ffeecc"),
    "patch": change_patch,
    "hatch": lambda figure: figure.patch.set(hatch="/", edgecolor="black"),
    "face of the Axes": lambda figure: figure.axes[0].set_facecolor("#ffeecc"),
    "behind": lambda figure: figure.text(0.5, 0.5, "BEHIND", size=60, zorder=-1),
    "above": lambda figure: figure.text(0.5, 0.5, "ABOVE", size=60, zorder=9),
    "a card's Axes": lambda figure: figure.autopsy_grid.cards["L1·N4"].axes.axvline(3),
    "place": lambda figure: figure.subplots_adjust(left=0.3),
    "removed": lambda figure: figure.autopsy_grid.remove(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_however_often_it_was_drawn_before(name: str) -> None:
    figure, fresh = plot_autopsy(NEURONS), plot_autopsy(NEURONS)
    for _ in range(3):
        before = pixels(figure)
    CHANGES[name](figure)
    CHANGES[name](fresh)
    after = pixels(figure)
    assert after.shape != before.shape or (after != before).any()
    np.testing.assert_array_equal(after, pixels(fresh))
    for _ in range(2):
        np.testing.assert_array_equal(pixels(figure), after)


def test_what_was_drawn_into_a_card_stays_clipped() -> None:
    figure = plot_autopsy(NEURONS)
    for _ in range(3):
        pixels(figure)
    axes = figure.autopsy_grid.cards["L1·N4"].axes
    for _ in range(3):
        once = pixels(figure)
    axes.axvspan(-100, 100, color="red", clip_on=True)
    assert (pixels(figure) != once).any(axis=-1).mean() < 0.1


def test_only_the_first_two_of_equal_draws_draw_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plot_autopsy(NEURONS)
    for _ in range(2):
        pixels(figure)
    monkeypatch.setattr("matplotlib.collections.LineCollection.draw", None)
    pixels(figure)
    figure.autopsy_grid.sparklines.set_linewidth(2)
    with pytest.raises(TypeError):
        pixels(figure)


def test_other_plots_beside_it_are_drawn_each_time() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    draw_autopsy(left, NEURONS)
    (line,) = right.plot([1, 2])
    for _ in range(3):
        before = pixels(figure)
    line.set_color("red")
    assert (pixels(figure) != before).any()
    line.set_color("C0")
    np.testing.assert_array_equal(pixels(figure), before)


class OtherRenderer(RendererAgg):
    """Agg by another name, onto whose canvas only Agg itself paints."""


@pytest.mark.parametrize("behind", ["a colour", "hardly anything", "a picture"])
def test_letters_are_blended_as_agg_does(behind: str) -> None:
    names = {f"WAV fi rn, {name}": history for name, history in NEURONS.items()}
    figure = colored(names)
    if behind == "hardly anything":
        figure.patch.set_alpha(0.3)
    elif behind == "a picture":
        width, height = figure.canvas.get_width_height()
        shades = np.linspace(0, 1, width * height * 3) ** 2 * 97 % 1
        figure.figimage(shades.reshape(height, width, 3))
    ours = pixels(figure)
    width, height = figure.canvas.get_width_height()
    renderer: Any = OtherRenderer(width, height, figure.dpi)  # type: ignore[no-untyped-call]
    figure.draw(renderer)
    np.testing.assert_array_equal(ours, np.asarray(renderer.buffer_rgba()))


def colored(neurons: Any) -> Any:
    figure = plot_autopsy(neurons)
    figure.autopsy_grid.id_labels.set_color((0.9, 0.3, 0.1, 0.37))
    figure.axes[0].set(xlim=(0.1, 2.03), ylim=(2.4, 0.2))
    return figure
