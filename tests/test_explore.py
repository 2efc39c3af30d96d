"""`explore`: sliders and buttons, by the pointer and by the keys."""

from __future__ import annotations

import pickle
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from drawing import saved
from matplotlib import pyplot as plt
from matplotlib.backend_bases import KeyEvent, MouseEvent
from matplotlib.transforms import Bbox
from windows import KEYS, run_in_window

from dead_neuron_autopsy import ENGLISH, GERMAN, FiringRate, Wording, diagnose, explore
from dead_neuron_autopsy.__main__ import main

STEPS = np.arange(30) * 10
NEURONS = {
    f"L{1 + i // 4}·N{i % 4}": np.abs(np.sin(np.arange(30) * (i + 1))) * (np.arange(30) < 4 * i)
    for i in range(9)
}


def press(figure: Any, *keys: str) -> None:
    for key in keys:
        KeyEvent("key_press_event", figure.canvas, key)._process()  # type: ignore[attr-defined]


def said(figure: Any) -> str:
    return str(figure.autopsy_grid.said)


def drawn(figure: Any) -> Any:
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba()).astype(int)


def words_of(figure: Any) -> list[str]:
    return [one.get_text() for axes in figure.axes for one in axes.texts if one.get_text()]


def test_it_begins_with_the_verdict() -> None:
    figure = explore(NEURONS, 1e-3, window=6, steps=STEPS)
    autopsy = diagnose(NEURONS, 1e-3, window=6, steps=STEPS)
    assert figure.autopsy.dead.tolist() == autopsy.dead.tolist()
    assert figure.autopsy_grid.alt_text == autopsy.summary
    texts = words_of(figure)
    assert {"Threshold", "0.001", "Window", "6", "Samples seen", "30"} <= set(texts)


@pytest.mark.slow
def test_the_threshold_has_the_keys_of_a_slider() -> None:
    figure = explore(NEURONS)
    press(figure, "tab")
    assert said(figure) == "Threshold: 0.000001"
    for key, words in [
        ("right", "0.0000013"), ("up", "0.0000016"), ("left", "0.0000013"), ("down", "0.000001"),
        ("pageup", "0.00001"), ("pagedown", "0.000001"), ("home", "1e-7"), ("end", "1"),
        ("right", "1"), ("pagedown", "0.1"),
    ]:  # fmt: skip
        press(figure, key)
        assert said(figure) == f"Threshold: {words}", key
    assert figure.autopsy.dead.tolist() == diagnose(NEURONS, 0.1).dead.tolist()
    assert "below 0.1)" in figure.alt_text


def test_a_threshold_is_exactly_the_one_that_was_given() -> None:
    figure = explore(NEURONS, 0.000123456)
    press(figure, "tab", "right", "left")
    assert figure.autopsy.dead_threshold == 0.000123456


def test_tab_goes_through_all_controls_to_the_cards_and_out() -> None:
    figure = explore(NEURONS)
    heard = []
    for _ in range(7):
        press(figure, "tab")
        heard.append(said(figure))
    assert [one.split(":")[0] for one in heard[:5]] == [
        "Threshold",
        "Window",
        "Samples seen",
        "Order",
        "Show",
    ]
    assert heard[5].startswith("L1·N0, dead")
    assert heard[6] == ""
    press(figure, "shift+tab")
    assert said(figure) == "Show: all"
    press(figure, "escape", "right")
    assert said(figure) == "Show: all"


@pytest.mark.slow
def test_the_training_can_be_scrubbed_and_the_window_set() -> None:
    figure = explore(NEURONS, steps=STEPS)
    press(figure, "tab", "tab", "home", *["right"] * 4)
    assert said(figure) == "Window: 5"
    again = diagnose(NEURONS, window=5, steps=STEPS)
    assert figure.autopsy.dead.tolist() == again.dead.tolist()
    press(figure, "tab", "pagedown")
    assert said(figure) == "Samples seen: 20"
    part = {name: one[:20] for name, one in NEURONS.items()}
    again = diagnose(part, window=5, steps=STEPS[:20])
    assert figure.autopsy.dead.tolist() == again.dead.tolist()
    assert figure.autopsy_grid.alt_text == again.summary
    press(figure, "home")
    assert said(figure) == "Samples seen: 1"
    press(figure, "end")
    assert figure.autopsy.dead.tolist() == diagnose(NEURONS, window=5).dead.tolist()


def test_order_and_what_is_shown_are_chosen() -> None:
    figure = explore(NEURONS, window=5)
    press(figure, *["tab"] * 4, "enter")
    assert said(figure) == "Order: dead first"
    autopsy = diagnose(NEURONS, window=5)
    assert list(figure.autopsy_grid.cards)[: autopsy.n_dead] == autopsy.dead_ids
    press(figure, "tab", " ")
    assert said(figure) == "Show: dead"
    assert list(figure.autopsy_grid.cards) == autopsy.dead_ids
    assert f"{autopsy.n_dead} of 9 shown" in figure.alt_text
    press(figure, " ", " ", " ")
    assert len(figure.autopsy_grid.cards) == 9


def test_masked_samples_never_count() -> None:
    masked = np.ma.masked_equal([[0.5, -9.0, 0.4, 0.3], [0.0, 0.0, -9.0, 0.0]], -9.0)
    figure = explore(masked, neuron_axis=0)
    press(figure, "tab", "tab", "tab", "left")
    assert figure.autopsy.states == ("alive", "dead")
    assert figure.autopsy.n_unknown == 0


def test_ids_without_layers_have_an_order_too() -> None:
    figure = explore([[0.0, 1.0], [0.0, 0.0]], neuron_axis=0)
    press(figure, *["tab"] * 4, *["enter"] * 3)
    assert said(figure) == "Order: layer"
    assert list(figure.autopsy_grid.cards) == ["0", "1"]


def test_a_click_sets_a_slider_and_a_button() -> None:
    figure = explore(NEURONS)
    drawn(figure)
    threshold, order = figure.axes[1], figure.axes[4]
    click(figure, threshold.bbox, 0.9)
    assert figure.autopsy.dead_threshold > 0.05
    click(figure, order.bbox, 0.5)
    assert "Order: dead first" in words_of(figure)


def click(figure: Any, box: Bbox, share: float) -> None:
    x, y = box.x0 + share * box.width, (box.y0 + box.y1) / 2
    for name in ("button_press_event", "button_release_event"):
        event: Any = MouseEvent(name, figure.canvas, x, y, 1)  # type: ignore[arg-type]
        event._process()


@pytest.mark.slow
@pytest.mark.parametrize("wording", [ENGLISH, GERMAN])
@pytest.mark.parametrize("neurons", [None, NEURONS])
def test_controls_are_large_and_apart(neurons: Any, wording: Wording) -> None:
    figure = explore(neurons, wording=wording)
    drawn(figure)
    controls: Sequence[Any] = figure.axes[1:]
    boxes = [axes.bbox for axes in controls]
    assert all(min(box.width, box.height) >= 24 for box in boxes)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [text for axes in controls for text in axes.texts if text.get_text()]
    places = [text.get_window_extent(renderer) for text in texts]
    for number, one in enumerate(places):
        assert one.x0 >= 0
        assert one.x1 <= figure.bbox.width
        assert not any(one.overlaps(other) for other in places[number + 1 :])


@pytest.mark.slow
def test_without_neurons_some_are_made_up_and_it_says_so() -> None:
    figure = explore()
    assert figure.autopsy_grid.title == "Made-up neurons"
    assert (len(figure.autopsy), figure.autopsy.n_dead) == (6, 2)
    assert {len(one) for one in figure.autopsy.histories} == {24}
    assert figure.autopsy.dead_threshold == 1e-6
    names = ["Neurons: 6", "Samples: 24", "Share of dead: 35%", "Seed: 11"]
    press(figure, *["tab"] * 6)
    heard = [said(figure)]
    for _ in names[1:]:
        press(figure, "tab")
        heard.append(said(figure))
    assert heard == names
    before = [one.tolist() for one in figure.autopsy.histories]
    press(figure, "right")
    assert [one.tolist() for one in figure.autopsy.histories] != before
    press(figure, "left")
    assert [one.tolist() for one in figure.autopsy.histories] == before
    press(figure, *["shift+tab"] * 3, "pageup")
    assert (len(figure.autopsy), figure.autopsy.n_dead) == (16, round(0.35 * 16))
    press(figure, "tab", "pageup", "tab", "end")
    assert figure.autopsy.n_dead == 16
    assert {len(one) for one in figure.autopsy.histories} == {34}


@pytest.mark.slow
def test_it_is_a_figure_like_any_other() -> None:
    figure = explore(NEURONS, wording=GERMAN, title="Netz", style="dark")
    assert "Schwelle" in words_of(figure)
    for file_format in ("png", "svg", "pdf"):
        assert saved(figure, file_format) == saved(
            explore(NEURONS, wording=GERMAN, title="Netz", style="dark"), file_format
        )
    pickle.loads(pickle.dumps(figure))  # noqa: S301  our own
    with pytest.raises(RuntimeError, match="this figure is a panel"):
        figure.update(NEURONS)


def test_what_cannot_be_explored_is_refused() -> None:
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=r"^neurons: the panel sets a threshold for peaks"):
        explore(diagnose(NEURONS, criterion=FiringRate()))
    with pytest.raises(ValueError, match=r"^motion: must be"):
        explore(NEURONS, motion="never")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^neurons: "):
        explore(3)
    assert plt.get_fignums() == before
    explore([])
    explore({"a": [], "b": [np.nan]})


def test_the_command_needs_a_window(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explore"]) == 2
    assert "explore needs a window" in capsys.readouterr().err


WINDOW = """
from matplotlib import pyplot as plt
from dead_neuron_autopsy import explore
figure = explore()
canvas = figure.canvas
plt.show(block=False)
{keys}
def title(beginning):  # it follows what has the focus at most twice a second
    until(lambda: canvas.manager.get_window_title().startswith(beginning))
    return canvas.manager.get_window_title()
key("Tab")
print(title("Threshold: 0.000001"))
for _ in range(3):
    key("{page_up}")
print(title("Threshold: 0.001"))
for _ in range(9):
    key("Tab")
print(title("L1·N0"))
"""
# Tk alone: the window has nothing else that could take the focus.
TAB_BEGINS_ANEW = """
key("Tab")
print(title(figure.alt_text) == figure.alt_text)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_real_keys_move_the_sliders_of_a_window(backend: str) -> None:
    page_up = "Prior" if backend == "tkagg" else "PageUp"
    script = WINDOW.format(keys=KEYS[backend], page_up=page_up)
    if backend == "tkagg":
        script += TAB_BEGINS_ANEW
    first, moved, card, *out = run_in_window(backend, "-c", script).splitlines()
    assert (first, moved) == ("Threshold: 0.000001", "Threshold: 0.001")
    assert card.startswith("L1·N0, ")
    assert out == (["True"] if backend == "tkagg" else [])


@pytest.mark.slow
def test_it_works_as_a_widget_of_a_notebook() -> None:
    pytest.importorskip("ipympl")
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    sources = [
        "%matplotlib widget\nfrom dead_neuron_autopsy import explore\nfigure = explore()",
        textwrap.dedent("""
            from matplotlib.backend_bases import KeyEvent
            for key in ("tab", "pageup"):
                KeyEvent("key_press_event", figure.canvas, key)._process()
            print(figure.autopsy.dead_threshold)
        """),
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    texts = "".join(one.get("text", "") for one in notebook.cells[1].outputs)
    assert "1e-05" in texts
