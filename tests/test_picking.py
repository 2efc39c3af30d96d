"""The pointer finds cards, bars and their parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing import Histories, card_boxes, redrawn
from matplotlib import pyplot as plt
from matplotlib.backend_bases import MouseButton, MouseEvent

from dead_neuron_autopsy import draw_autopsy, plot_autopsy, plot_layers


def picked_at(figure: Any, x: float, y: float) -> list[tuple[Any, list[int]]]:
    """Return what a click picks, and which of its elements."""
    found: list[tuple[Any, list[int]]] = []

    def note(event: Any) -> None:
        found.append((event.artist, np.asarray(event.ind).tolist()))

    number = figure.canvas.mpl_connect("pick_event", note)
    left: Any = MouseButton.LEFT
    event = MouseEvent("button_press_event", figure.canvas, int(x), int(y), left)
    figure.canvas.callbacks.process("button_press_event", event)
    figure.canvas.mpl_disconnect(number)
    return found


@pytest.mark.parametrize("group_by", [None, "layer"])
def test_a_click_picks_the_card_that_it_is_on(thirty_neurons: Histories, group_by: Any) -> None:
    figure: Any = redrawn(plot_autopsy(thirty_neurons, group_by=group_by))
    grid = figure.autopsy_grid
    grid.set_picker(True)
    for index, box in enumerate(card_boxes(grid)):
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        assert picked_at(figure, x, y) == [(grid, [index])]
    header = figure.axes[0].bbox
    assert picked_at(figure, header.x0 + 5, header.y1 + 5) == []


def test_a_click_on_a_zoomed_view_picks_what_is_seen(thirty_neurons: Histories) -> None:
    figure: Any = plot_autopsy(thirty_neurons, ncols=6)
    figure.axes[0].set(xlim=(2, 4), ylim=(3, 1))
    redrawn(figure)
    grid = figure.autopsy_grid
    grid.set_picker(True)
    for share_x, share_y, index in ((0.2, 0.9, 8), (0.8, 0.9, 9), (0.2, 0.1, 14)):
        box = figure.axes[0].bbox
        place = box.x0 + share_x * box.width, box.y0 + share_y * box.height
        assert picked_at(figure, *place) == [(grid, [index])]


def test_a_picker_of_the_callers_is_asked(six_neurons: Histories) -> None:
    figure: Any = redrawn(plot_autopsy(six_neurons))
    grid = figure.autopsy_grid
    grid.set_picker(lambda artist, event: (event.x < 5, {"ind": [artist.n_cards]}))
    assert picked_at(figure, 1, 1) == [(grid, [6])]
    assert picked_at(figure, 50, 50) == []


def test_a_click_picks_a_layer(thirty_neurons: Histories) -> None:
    figure: Any = redrawn(plot_layers(thirty_neurons))
    bars = figure.layer_bars
    bars.set_picker(True)
    box = figure.axes[0].bbox
    for index in range(3):
        y = box.y1 - (index + 0.5) / 3 * box.height
        assert picked_at(figure, box.x0 + box.width / 2, y) == [(bars, [index])]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["id_labels", "state_labels", "peak_labels"])
def test_the_pointer_finds_words(six_neurons: Histories, name: str) -> None:
    figure: Any = redrawn(plot_autopsy(six_neurons))
    labels = getattr(figure.autopsy_grid, name)
    for index, box in enumerate(card_boxes(figure.autopsy_grid)):
        found = set()
        for x in range(int(box.x0) - 4, int(box.x1) + 4, 4):
            for y in range(int(box.y0) - 4, int(box.y1) + 4, 4):
                event = MouseEvent("motion_notify_event", figure.canvas, x, y)
                on_letters, details = labels.contains(event)
                assert on_letters == bool(len(details["ind"]))
                found |= set(details["ind"].tolist())
        assert found == {index}
    labels.set_picker(True)
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    assert picked_at(figure, x, y) == []


def test_a_pointer_elsewhere_finds_nothing(six_neurons: Histories) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    grid = draw_autopsy(left, six_neurons)
    redrawn(figure)
    other = plt.figure()
    box = left.bbox
    event = MouseEvent("motion_notify_event", other.canvas, int(box.x0) + 9, int(box.y0) + 9)
    assert grid.contains(event) == (False, {})
    beside = MouseEvent(
        "motion_notify_event", figure.canvas, int(right.bbox.x0) + 9, int(box.y0) + 9
    )
    assert grid.contains(beside)[0] is False


def test_what_is_hidden_or_gone_is_not_found(six_neurons: Histories) -> None:
    figure: Any = redrawn(plot_autopsy(six_neurons))
    grid = figure.autopsy_grid
    box = card_boxes(grid)[0]
    events = [
        MouseEvent("motion_notify_event", figure.canvas, int(box.x0) + 16, int(box.y1) - y)
        for y in range(30)
    ]
    event = next(one for one in events if grid.id_labels.contains(one)[0])
    assert grid.contains(event)[0]
    grid.id_labels.set_visible(False)
    assert not grid.id_labels.contains(event)[0]
    grid.set_visible(False)
    assert not grid.contains(event)[0]
    grid.set_visible(True)
    figure.axes[0].set_visible(False)
    assert not grid.contains(event)[0]
    grid.remove()
    assert not grid.contains(event)[0]
