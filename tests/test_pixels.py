from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing import Histories, card_boxes, close_to, pixels, redrawn, saved

from dead_neuron_autopsy import LIGHT, plot_autopsy


@pytest.mark.parametrize("dpi", [72, 96, 100, 144, 150, 200, 227])
def test_gaps_are_even_and_hairlines_whole_on_pixels(thirty_neurons: Histories, dpi: int) -> None:
    dead = {name: np.zeros(3) for name in thirty_neurons}
    picture = pixels(plot_autopsy(dead, ncols=6), dpi=dpi)
    figure_height, width = picture.shape[:2]
    border = close_to(picture, LIGHT.dead_border)
    columns = np.flatnonzero(border.sum(axis=0) > 0.4 * figure_height)
    rows = np.flatnonzero(border.sum(axis=1) > 0.4 * width)
    for lines, n_cards in ((columns, 6), (rows, 5)):
        starts = lines[np.diff(lines, prepend=-9) > 1]
        thickness = len(lines) / len(starts)
        assert thickness == max(1, round(LIGHT.dead_border_width * dpi / 72))
        assert len(starts) == 2 * n_cards
        assert len(set(np.diff(starts[::2]))) <= 1
        assert len(set(np.diff(starts[1::2]))) <= 1
    assert abs(columns[0] - (width - 1 - columns[-1])) <= 2


def test_a_card_covers_its_cell(six_neurons: Histories) -> None:
    figure = redrawn(plot_autopsy(six_neurons))
    host, grid = figure.axes[0], figure.autopsy_grid
    assert host.get_xlim() == (0, 3)
    assert host.get_ylim() == (2, 0)
    for box, card in zip(card_boxes(grid), grid.cards.values(), strict=True):
        (x0, y0), (x1, y1) = host.transData.inverted().transform([box.p0, box.p1])
        assert card.column < x0 < x1 < card.column + 1
        assert card.row < y1 < y0 < card.row + 1


def test_the_natural_size_is_the_cards() -> None:
    figure = plot_autopsy({str(i): [0.0] for i in range(6)})
    width, height = figure.get_size_inches() * 72
    assert width == pytest.approx(12 + 3 * 90 + 2 * 8 + 12)
    rest = height - (12 + 2 * 62 + 8 + 12)
    assert 20 < rest < 45  # the header
    card: Any = figure.autopsy_grid.borders
    saved(figure, "pdf")
    outline = card.get_paths()[0].get_extents()
    line = LIGHT.alive_border_width
    assert outline.width + line == pytest.approx(90)
    assert outline.height + line == pytest.approx(62)


def test_cutting_to_the_tight_box_keeps_everything(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    whole = pixels(figure)
    tight = pixels(figure, bbox_inches="tight", pad_inches=0)
    assert np.abs(np.subtract(whole.shape, tight.shape)).max() <= 1
    rows, columns = tight.shape[:2]
    assert (whole[:rows, :columns] != tight).mean() < 0.02
    assert (pixels(figure) == whole).all()
