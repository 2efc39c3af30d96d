from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing import (
    Histories,
    card_boxes,
    close_to,
    label_artists,
    pixels,
    redrawn,
    saved,
    written,
)
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.transforms import Bbox
from numpy.testing import assert_allclose

from dead_neuron_autopsy import LIGHT, draw_autopsy, plot_autopsy

PARTS = ["sparklines", "midlines", "borders", "badges", "marks"]


@pytest.mark.parametrize("part", PARTS)
def test_parts_are_collections_with_one_element_per_neuron(
    six_neurons: Histories, part: str
) -> None:
    grid = redrawn(plot_autopsy(six_neurons)).autopsy_grid
    collection = getattr(grid, part)
    kind = LineCollection if part in ("sparklines", "midlines") else PathCollection
    assert isinstance(collection, kind)
    assert len(collection.get_paths()) == 6
    assert collection in grid.findobj(kind)


def test_sparklines_are_styled_by_state(six_neurons: Histories) -> None:
    grid: Any = plot_autopsy(six_neurons).autopsy_grid
    expected = [to_rgb(LIGHT.alive_line)] * 4 + [to_rgb(LIGHT.dead_line)] * 2
    assert_allclose(grid.sparklines.get_edgecolor()[:, :3], expected)


def test_a_users_restyling_shows_and_stays(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    before = pixels(figure)
    figure.autopsy_grid.sparklines.set_linewidth(2)
    figure.autopsy_grid.sparklines.set_color("#00ff00")
    figure.autopsy_grid.borders.set_linewidth(1.3)
    figure.autopsy_grid.badges.set_visible(False)
    figure.autopsy_grid.id_labels.set_color("#ff00ff")
    after = pixels(figure)
    assert close_to(after, "#00ff00").sum() > 200
    assert not close_to(after, LIGHT.dead_line).any()
    assert not close_to(after, LIGHT.alive_badge).any()
    assert close_to(before, LIGHT.alive_badge).any()
    assert set(np.atleast_1d(figure.autopsy_grid.borders.get_linewidth())) == {1.3}


def test_nothing_lies_outside_its_card(hostile_neurons: Histories) -> None:
    figure = plot_autopsy(hostile_neurons)
    grid = figure.autopsy_grid
    figure.set_dpi(72)  # as of an SVG: its points are our pixels
    lefts = {one.text: one.left for one in written(figure)}
    measure = grid.id_labels.font.measure
    texts = grid.id_labels.get_texts()
    assert texts != list(hostile_neurons)
    for index, text in enumerate(texts):
        id_left = lefts[text]
        badge = np.asarray(grid.badges.get_offsets())[index]
        card = np.asarray(grid.borders.get_offsets())[index]
        outline = grid.borders.get_paths()[index].get_extents()
        pill = grid.badges.get_paths()[index].get_extents()
        assert card[0] < id_left
        assert id_left + measure(text) < badge[0]
        assert badge[0] + pill.width < card[0] + outline.width
        assert badge[1] > card[1]


def test_dollars_are_drawn_as_dollars() -> None:
    figure = redrawn(plot_autopsy({"$x^2$": [1.0, 2.0]}))
    assert figure.autopsy_grid.id_labels.get_texts() == ["$x^2$"]


def test_small_cards_have_marks_in_place_of_words(thirty_neurons: Histories) -> None:
    figure, ax = plt.subplots(figsize=(3, 2.5))
    grid = draw_autopsy(ax, thirty_neurons)
    small = pixels(figure)
    assert grid.id_labels.get_texts() == []
    assert close_to(small, LIGHT.dead_text).sum() > 50
    assert not close_to(small, LIGHT.alive_badge).any()
    figure.set_size_inches(12, 10)
    large = pixels(figure)
    assert len(grid.id_labels.get_texts()) == 30
    assert close_to(large, LIGHT.alive_badge).any()


def test_a_header_gives_up_its_rule_before_its_count(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, 0.5 * height)
    words = [one.text for one in written(figure)]
    assert "2/6 dead" in words
    assert not any("over 24 samples" in text for text in words)


def test_a_header_that_would_crowd_out_the_cards_is_left_out(
    six_neurons: Histories,
) -> None:
    figure = plt.figure(figsize=(2, 0.7))
    grid = draw_autopsy(figure.add_axes((0, 0, 1, 1)), six_neurons)
    figure.canvas.draw()
    assert_allclose(Bbox.union(card_boxes(grid)).height, figure.bbox.height, atol=3)


def test_the_header_is_shared_by_all_renderers(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, title="A")
    rule = "dead: max |activation| < 1e-6 over 24 samples"
    assert [one.text for one in written(figure)][:3] == ["A", "2/6 dead", rule]
    figure.canvas.draw()
    header = label_artists(figure.autopsy_grid)
    drawn = [header[name].get_texts() for name in ("title", "count", "rule")]
    assert drawn == [["A"], ["2/6 dead"], [rule]]


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_saving_leaves_the_parts_as_they_were(six_neurons: Histories, file_format: str) -> None:
    figure = plot_autopsy(six_neurons, style="print")
    grid: Any = figure.autopsy_grid
    before = [grid.borders.get_linewidth(), grid.badges.get_linewidth()]
    saved(figure, file_format)
    assert_allclose(grid.borders.get_linewidth(), before[0])
    assert_allclose(grid.badges.get_linewidth(), before[1])
    assert {len(getattr(grid, part).get_paths()) for part in PARTS} == {6}
