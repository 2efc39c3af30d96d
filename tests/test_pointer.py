"""The pointer and the keys: what a grid says of a card, shows beside it, and opens."""

from __future__ import annotations

import io
import logging
import pickle
import re
from typing import Any

import numpy as np
import pytest
from drawing import saved
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.backend_bases import KeyEvent, LocationEvent, MouseEvent
from windows import KEYS, run_in_window

from dead_neuron_autopsy import Card, diagnose, draw_autopsy, plot_autopsy

STEPS = np.arange(40) * 10
NEURONS = {
    f"L{1 + i // 4}·N{i % 4}": np.abs(np.sin(np.arange(40) * (i + 1))) * (np.arange(40) < 9 * i)
    for i in range(11)
}


def figure_of(**options: Any) -> Any:
    figure = plot_autopsy(NEURONS, steps=STEPS, window=10, **options)
    figure.canvas.draw()
    return figure


def middle(card: Card) -> tuple[float, float]:
    return (card.bbox.x0 + card.bbox.x1) / 2, (card.bbox.y0 + card.bbox.y1) / 2


def move(figure: Any, x: float, y: float) -> MouseEvent:
    event = MouseEvent("motion_notify_event", figure.canvas, x, y)  # type: ignore[arg-type]
    event._process()  # type: ignore[attr-defined]  # as every backend does
    return event


def click(figure: Any, x: float, y: float, button: Any = 1) -> None:
    for name in ("button_press_event", "button_release_event"):
        event: Any = MouseEvent(name, figure.canvas, x, y, button)  # type: ignore[arg-type]
        event._process()


def press(figure: Any, *keys: str) -> None:
    for key in keys:
        KeyEvent("key_press_event", figure.canvas, key)._process()  # type: ignore[attr-defined]


def shown(figure: Any) -> Any:
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba()).astype(int)


def changed(before: Any, after: Any) -> tuple[int, int, int, int]:
    """Return left, bottom, right and top of what differs, in display coordinates."""
    rows, columns = np.nonzero((before != after).any(axis=-1))
    height = len(before)
    return columns.min(), height - 1 - rows.max(), columns.max() + 1, height - rows.min()


# Which card


@pytest.mark.slow
@settings(max_examples=40)
@given(st.sampled_from(["", "layer"]), st.booleans(), st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))
def test_the_card_at_a_place_is_the_one_drawn_there(
    group_by: str,
    zoomed: bool,  # noqa: FBT001
    across: float,
    down: float,
) -> None:
    figure = figure_of(**({"group_by": "layer"} if group_by else {}))
    if zoomed:
        figure.axes[0].set(xlim=(0.7, 2.4), ylim=(2.3, 0.6))
        figure.canvas.draw()
    try:
        x, y = figure.bbox.width * across, figure.bbox.height * down
        event = MouseEvent("motion_notify_event", figure.canvas, x, y)
        grid = figure.autopsy_grid
        there = [card for card in grid.cards.values() if card.bbox.contains(x, y)]
        inside = figure.axes[0].bbox.contains(x, y)
        card = grid.card_at(event)
        if there and inside:
            assert card is not None
            assert card.id == there[0].id
            assert grid.contains(event)[1]["ind"].tolist() == [card.index]
        elif card is not None:  # in half a gap around it
            assert card.bbox.padded(8).contains(x, y)
    finally:
        plt.close(figure)


def test_the_toolbar_says_what_is_under_the_pointer() -> None:
    figure = figure_of()
    axes, grid = figure.axes[0], figure.autopsy_grid
    card = grid.cards["L1·N2"]
    x, y = middle(card)
    said = axes.format_coord(*axes.transData.inverted().transform((x + 2, y)))
    assert re.fullmatch(r"L1·N2, dead since step 180, step 2\d0: 0", said)
    corner = axes.transData.inverted().transform((card.bbox.x0 + 1, card.bbox.y0 + 1))
    assert axes.format_coord(*corner) == "L1·N2, dead since step 180, overall peak 1.0e+0"
    assert axes.format_coord(-5, 7) == ""
    sample = card.sample_at(move(figure, x + 2, y).x)
    assert sample is not None
    assert card.words_at(sample) in said
    grid.remove()
    assert "0.200" in axes.format_coord(0.2, 0.3)


# Tooltips


@pytest.mark.parametrize("name", ["L1·N0", "L1·N3", "L3·N2", "L2·N1"])
def test_a_tooltip_stands_beside_its_card_and_inside_the_figure(name: str) -> None:
    figure = figure_of()
    before, card = shown(figure), figure.autopsy_grid.cards[name]
    move(figure, *middle(card))
    left, bottom, right, top = changed(before, shown(figure))
    box = card.bbox
    assert top <= box.y0 + 1 or bottom >= box.y1 - 1 or left >= box.x1 - 1 or right <= box.x0 + 1
    assert left > 0
    assert bottom > 0
    assert right < figure.bbox.width
    assert top < figure.bbox.height


def test_a_tooltip_can_be_entered_and_goes_when_the_pointer_leaves() -> None:
    figure = figure_of()
    before, card = shown(figure), figure.autopsy_grid.cards["L1·N1"]
    move(figure, *middle(card))
    with_tooltip = shown(figure)
    left, bottom, right, top = changed(before, with_tooltip)
    for y in np.linspace(card.bbox.y0 - 1, (bottom + top) / 2, 8):
        move(figure, (left + right) / 2, y)
    np.testing.assert_array_equal(shown(figure), with_tooltip)
    LocationEvent("figure_leave_event", figure.canvas, 0, 0)._process()  # type: ignore[attr-defined]
    np.testing.assert_array_equal(shown(figure), before)


def test_escape_dismisses_a_tooltip_until_the_pointer_has_left() -> None:
    figure = figure_of()
    before, grid = shown(figure), figure.autopsy_grid
    one, other = grid.cards["L1·N1"], grid.cards["L1·N3"]
    x, y = middle(one)
    move(figure, x, y)
    press(figure, "escape")
    np.testing.assert_array_equal(shown(figure), before)
    move(figure, x + 2, y)
    np.testing.assert_array_equal(shown(figure), before)
    move(figure, *middle(other))
    assert (shown(figure) != before).any()
    move(figure, x, y)
    assert (shown(figure) != before).any()


def test_a_saved_file_has_nothing_of_the_windows() -> None:
    figure = figure_of()
    files = {one: saved(figure, one) for one in ("png", "svg", "pdf")}
    move(figure, *middle(figure.autopsy_grid.cards["L1·N1"]))
    press(figure, "tab", "right")
    assert {one: saved(figure, one) for one in files} == files
    press(figure, "enter")
    assert len(figure.axes) == 3
    assert {one: saved(figure, one) for one in files} == files
    tight = io.BytesIO()
    figure.savefig(tight, format="png", bbox_inches="tight")
    assert saved(pickle.loads(pickle.dumps(figure)), "svg") == files["svg"]  # noqa: S301  our own


def test_words_on_a_tooltip_are_those_of_the_card() -> None:
    figure = figure_of(title="A $formula$")
    grid = figure.autopsy_grid
    card = grid.cards["L1·N2"]
    assert card.words == "L1·N2, dead since step 180"
    assert card.words_at(0) == "step 0: 0"
    assert card.words_at(2) == f"step 20: {NEURONS['L1·N2'][2]:.3g}"
    assert card.peak_words == "overall peak 1.0e+0"
    assert [card.sample_at(x) for x in (card.bbox.x0 - 9, card.bbox.x1 + 9)] == [None, None]


# Clicks


def test_a_click_opens_the_neuron_large_and_escape_closes_it() -> None:
    figure = figure_of()
    before = shown(figure)
    click(figure, *middle(figure.autopsy_grid.cards["L1·N2"]))
    _, ground, plot = figure.axes
    (line,) = [one for one in plot.lines if len(one.get_xdata()) == 40]
    np.testing.assert_array_equal(line.get_xdata(), STEPS)
    np.testing.assert_array_equal(line.get_ydata(), NEURONS["L1·N2"])
    levels = {float(one.get_ydata()[0]) for one in plot.lines if len(set(one.get_ydata())) == 1}
    assert 1e-6 in levels
    assert any(list(one.get_xdata()) == [180, 180] for one in plot.lines)
    (window,) = plot.patches
    assert window.get_extents().transformed(plot.transData.inverted()).x0 == pytest.approx(300)
    assert "dead since step 180" in plot.get_title(loc="left")
    assert plot.get_xlabel() == "step"
    renderer = figure.canvas.get_renderer()
    tight = plot.get_tightbbox(renderer)
    assert ground.bbox.x0 <= tight.x0
    assert tight.x1 <= ground.bbox.x1
    assert ground.bbox.y0 <= tight.y0
    assert tight.y1 <= ground.bbox.y1
    press(figure, "escape")
    np.testing.assert_array_equal(shown(figure), before)
    assert len(figure.axes) == 1


def test_a_click_beside_it_closes_it_too() -> None:
    figure = plt.figure(figsize=(9, 5))
    left, _ = figure.subfigures(1, 2).flat  # type: ignore[union-attr]  # two of them
    grid = draw_autopsy(left, NEURONS)
    figure.canvas.draw()
    click(figure, *middle(grid.cards["L1·N2"]))
    assert len(figure.axes) == 3
    click(figure, *middle(grid.cards["L1·N2"]))
    assert len(figure.axes) == 3
    click(figure, figure.bbox.width - 5, 5)
    assert len(figure.axes) == 1


@pytest.mark.parametrize("history", [[], [0.3], [np.nan, 1.0], [-1.0, 2.0, np.inf]])
def test_any_history_can_be_opened(history: list[float]) -> None:
    figure = plot_autopsy({"N": history, "M": [1.0, 2.0, 3.0]})
    figure.canvas.draw()
    click(figure, *middle(figure.autopsy_grid.cards["N"]))
    shown(figure)
    assert len(figure.axes) == 3


def test_who_listens_gets_the_card_and_may_keep_it_closed() -> None:
    figure, clicked = figure_of(), list[str]()
    grid = figure.autopsy_grid

    def listen(card: Card) -> bool:
        clicked.append(card.id)
        return True

    stop = grid.on_card_click(listen)
    click(figure, *middle(grid.cards["L2·N1"]))
    assert (clicked, len(figure.axes)) == (["L2·N1"], 1)
    click(figure, *middle(grid.cards["L2·N1"]), button=3)
    click(figure, 1, 1)
    assert clicked == ["L2·N1"]
    stop()
    click(figure, *middle(grid.cards["L2·N1"]))
    assert (clicked, len(figure.axes)) == (["L2·N1"], 3)


def test_a_pointer_that_was_dragged_clicks_nothing() -> None:
    figure = figure_of()
    grid = figure.autopsy_grid
    one, other = (middle(grid.cards[name]) for name in ("L1·N1", "L2·N2"))
    MouseEvent("button_press_event", figure.canvas, *one, 1)._process()  # type: ignore[attr-defined,arg-type]
    MouseEvent("button_release_event", figure.canvas, *other, 1)._process()  # type: ignore[attr-defined,arg-type]
    assert len(figure.axes) == 1


# Keys


def focused(figure: Any) -> str:
    return str(figure.autopsy_grid.said.split(",")[0])


def test_keys_go_from_card_to_card() -> None:
    figure = figure_of(ncols=4)  # rows of 4, 4 and 3
    press(figure, "right")
    assert focused(figure) == ""
    ways = [
        ("tab", "L1·N0"), ("right", "L1·N1"), ("down", "L2·N1"), ("left", "L2·N0"),
        ("up", "L1·N0"), ("left", "L1·N0"), ("up", "L1·N0"), ("end", "L3·N2"),
        ("right", "L3·N2"), ("down", "L3·N2"), ("home", "L1·N0"), ("pagedown", "L3·N0"),
        ("pageup", "L1·N0"), ("d", "L1·N1"), ("d", "L1·N2"), ("d", "L1·N3"), ("d", "L1·N0"),
        ("x", "L1·N0"), ("tab", ""), ("tab", "L1·N0"), ("shift+tab", ""), ("left", ""),
    ]  # fmt: skip
    dead = [name for name in NEURONS if not NEURONS[name][-10:].any()]
    assert dead == ["L1·N0", "L1·N1", "L1·N2", "L1·N3"]
    for key, name in ways:
        press(figure, key)
        assert focused(figure) == name, key


def test_tab_goes_from_one_grid_to_the_next() -> None:
    figure, both = plt.subplots(1, 2, figsize=(9, 4))
    grids = [draw_autopsy(axes, NEURONS) for axes in both]
    figure.canvas.draw()
    heard = []
    for key in ("tab", "right", "tab", "shift+tab", "tab", "tab", "shift+tab"):
        press(figure, key)
        heard.append([grid.said.partition(",")[0] for grid in grids])
    first = ["L1·N0", ""]
    second = ["", "L1·N0"]
    moved = ["L1·N1", ""]
    assert heard == [first, moved, second, moved, second, ["", ""], second]


def test_down_from_a_column_that_the_last_row_lacks() -> None:
    figure = figure_of(ncols=4)
    press(figure, "tab", "right", "right", "right", "down", "down")
    assert focused(figure) == "L3·N2"


def test_the_focus_is_a_ring_of_two_pixels_that_can_be_seen() -> None:
    figure = figure_of()
    before = shown(figure)
    press(figure, "tab")
    after = shown(figure)
    box = figure.autopsy_grid.cards["L1·N0"].bbox
    row = int(len(before) - (box.y0 + box.y1) / 2)
    dark = np.flatnonzero(after[row, :, :3].max(axis=-1) < 60)
    dark = dark[dark < box.x0 + 3]
    assert len(dark) == 2
    press(figure, "escape")
    np.testing.assert_array_equal(shown(figure), before)


def test_enter_opens_and_escape_goes_back_to_the_card() -> None:
    figure = figure_of()
    press(figure, "tab", "right")
    ring = shown(figure)
    press(figure, "enter")
    assert len(figure.axes) == 3
    press(figure, "right", "tab")
    assert focused(figure) == "L1·N1"
    press(figure, "escape")
    assert (len(figure.axes), focused(figure)) == (1, "L1·N1")
    assert (shown(figure) != ring).any(axis=-1).mean() < 0.2  # its tooltip has gone
    press(figure, "escape")
    assert focused(figure) == ""


def test_the_focus_follows_what_is_shown() -> None:
    figure = figure_of(ncols=4)
    press(figure, "tab", "end")
    figure.update(dict(list(NEURONS.items())[:5]), steps=STEPS)
    shown(figure)
    press(figure, "right")
    assert focused(figure) == "L1·N0"
    host = figure.axes[0]
    host.set(xlim=(0, 1), ylim=(1, 0))
    figure.canvas.draw()
    press(figure, "right")
    assert host.get_xlim() == pytest.approx((1, 2), abs=0.1)
    assert host.bbox.padded(1).contains(*middle(figure.autopsy_grid.cards["L1·N1"]))


def test_matplotlibs_keys_are_held_back_while_a_card_has_the_focus() -> None:
    figure = figure_of()
    manager = figure.canvas.manager
    if not hasattr(manager, "key_press_handler_id"):
        pytest.skip("this backend has no keys of its own")
    calls = list[str]()

    class Toolbar:
        mode = ""

        def __getattr__(self, name: str) -> Any:
            return lambda *_: calls.append(name)

    figure.canvas.toolbar = manager.toolbar = Toolbar()
    press(figure, "left", "home")
    assert calls == ["back", "home"]
    press(figure, "tab", "left", "home", "right")
    assert calls == ["back", "home"]
    press(figure, "s")
    assert calls == ["back", "home", "save_figure"]
    press(figure, "tab", "left")
    assert calls == ["back", "home", "save_figure", "back"]


def test_all_this_leaves_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        figure = figure_of()
        event = move(figure, *middle(figure.autopsy_grid.cards["L1·N1"]))
        figure.axes[0].contains(event)
        for artist in figure.findobj():
            artist.contains(event)
    assert not caplog.records


def test_a_cleared_figure_answers_nothing() -> None:
    figure = figure_of()
    x, y = middle(figure.autopsy_grid.cards["L1·N1"])
    figure.clear()
    move(figure, x, y)
    click(figure, x, y)
    press(figure, "tab", "right", "escape")
    assert not figure.axes
    shown(figure)


def test_an_autopsy_of_dask_arrays_is_not_computed_by_pointing() -> None:
    array = pytest.importorskip("dask.array")
    computed = list[int]()

    def compute(block: Any) -> Any:
        computed.append(1)
        return block

    values = array.from_array(np.ones((4, 9)), chunks=(2, 9)).map_blocks(compute, dtype=float)
    figure = plot_autopsy(diagnose(values, neuron_axis=0))
    figure.canvas.draw()
    computed.clear()
    move(figure, *middle(next(iter(figure.autopsy_grid.cards.values()))))
    assert not computed


@pytest.mark.slow
def test_the_focus_is_told_in_a_notebook() -> None:
    pytest.importorskip("ipympl")
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    sources = [
        "%matplotlib widget\n"
        "from matplotlib.backend_bases import KeyEvent\n"
        "from dead_neuron_autopsy import plot_autopsy\n"
        "figure = plot_autopsy({'a<b': [0.0, 0.0], 'b': [0.3, 0.1]})",
        'KeyEvent("key_press_event", figure.canvas, "tab")._process()',
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    widgets = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    values = [str(one["state"].get("value", "")) for one in widgets.values()]
    assert '<div role="status">a&lt;b, dead, peak 0</div>' in values


def test_the_header_can_be_restyled() -> None:
    figure = figure_of()
    before = shown(figure)
    figure.autopsy_grid.header.title_label.set_color("red")
    assert (shown(figure) != before).any()


@pytest.mark.parametrize("hover", [False, True])
def test_mplcursors_annotates_cards(hover: bool) -> None:  # noqa: FBT001
    mplcursors: Any = pytest.importorskip("mplcursors")
    figure = figure_of()
    cursor = mplcursors.cursor(figure, hover=hover)
    place = middle(figure.autopsy_grid.cards["L1·N2"])
    (move if hover else click)(figure, *place)
    (selection,) = cursor.selections
    assert selection.annotation.get_text() == "L1·N2, dead since step 180\noverall peak 1.0e+0"
    cursor.remove()


WINDOW = """
import numpy as np
from matplotlib import pyplot as plt
from dead_neuron_autopsy import plot_autopsy
figure = plot_autopsy({{f"N{{i}}": np.sin(np.arange(30) * i) for i in range(12)}})
plt.show(block=False)
canvas = figure.canvas
grid = figure.autopsy_grid
def title():
    return canvas.manager.get_window_title()
def place(card):
    x, y = (card.bbox.x0 + card.bbox.x1) / 2, figure.bbox.height - (card.bbox.y0 + card.bbox.y1) / 2
    return int(x / canvas.device_pixel_ratio), int(y / canvas.device_pixel_ratio)
{keys}
{pointer}
key("Tab")
print(until(lambda: title() == "N0, dead, peak 0"))
key("Right")
print(until(lambda: title().startswith("N1, alive, peak")))
key("Escape"); key("Escape")
print(until(lambda: title() == figure.alt_text))
point(grid.cards["N2"])
print(until(lambda: len(figure.artists) == 1))
print("N2" in canvas.manager.toolbar.message.get() if {is_tk} else True)
click(grid.cards["N2"])
print(until(lambda: len(figure.axes) == 3))
key("Escape")
print(until(lambda: len(figure.axes) == 1))
"""

POINTER = {
    "tkagg": """
def point(card):
    x, y = place(card)
    widget.event_generate("<Motion>", x=x, y=y)
def click(card):
    x, y = place(card)
    widget.event_generate("<Button-1>", x=x, y=y)
    widget.event_generate("<ButtonRelease-1>", x=x, y=y)
""",
    "qtagg": """
from PySide6.QtCore import QPoint
def point(card):
    QTest.mouseMove(canvas, QPoint(*place(card)))
def click(card):
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(canvas, button, modifier, QPoint(*place(card)))
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_a_window_answers_to_real_events(backend: str) -> None:
    events = {"keys": KEYS[backend], "pointer": POINTER[backend], "is_tk": backend == "tkagg"}
    printed = run_in_window(backend, "-c", WINDOW.format(**events))
    assert printed.split() == ["True"] * 7
