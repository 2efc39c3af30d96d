"""`AutopsyFigure.follow`: a recording is shown while it grows."""

from __future__ import annotations

import copy
import gc
import pickle
import textwrap
import threading
import warnings
import weakref
from typing import Any

import numpy as np
import pytest
from drawing import saved
from matplotlib import pyplot as plt
from windows import run_in_window

from dead_neuron_autopsy import Recording, plot_autopsy, plot_layers


def step(recording: Recording, value: float) -> None:
    recording.observe("fc", np.array([[0.0, value]]), unit_axis=1, function="relu")
    recording.step()


def test_where_nobody_looks_nothing_is_drawn_before_the_end() -> None:
    recording = Recording()
    figure = plot_autopsy([], width=4, height=3)
    figure.follow(recording, every=0)
    for value in (1.0, 2.0):
        step(recording, value)
    assert len(figure.autopsy) == 0
    figure.update(recording)
    assert figure.autopsy.ids.tolist() == ["fc·0", "fc·1"]


def test_a_model_is_shown_when_its_block_ends() -> None:
    torch: Any = pytest.importorskip("torch")
    from dead_neuron_autopsy.torch import record

    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    figure = plot_autopsy([], width=4, height=3)
    with record(model) as recording:
        figure.follow(recording)
        for _ in range(4):
            model(torch.ones(2, 2)).sum().backward()
    assert len(figure.autopsy) == 3
    assert saved(figure, "svg") == saved(plot_autopsy(recording, width=4, height=3), "svg")


def test_wrong_arguments_are_refused_and_change_nothing() -> None:
    figure, recording = plot_autopsy([]), Recording()
    for wrong in ({"a": [1.0]}, "fc", 3):
        with pytest.raises(TypeError, match=r"^recording: must be a Recording"):
            figure.follow(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^every: must be a number of seconds.* got -1"):
        figure.follow(recording, every=-1)
    with pytest.raises(TypeError, match=r"^every: must be a number"):
        figure.follow(recording, every="1")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="no autopsy as AutopsyGrid"):
        plot_layers({"L·1": [1.0]}).follow(recording)


def test_a_recording_tells_until_nobody_listens() -> None:
    recording, heard = Recording(), list[bool]()
    stop = recording.on_step(heard.append)
    step(recording, 1.0)
    assert heard == [False]
    copies = [copy.copy(recording), pickle.loads(pickle.dumps(recording))]  # noqa: S301  our own
    for each in copies:
        step(each, 1.0)
    assert heard == [False]
    stop()
    stop()
    step(recording, 1.0)
    assert heard == [False]


def test_a_figure_that_follows_can_be_pickled() -> None:
    figure = plot_autopsy([], width=4, height=3)
    figure.follow(Recording())
    twin = pickle.loads(pickle.dumps(figure))  # noqa: S301  our own
    assert saved(twin, "png") == saved(figure, "png")


def test_a_recording_keeps_no_figure_alive() -> None:
    recording = Recording()
    figure = plot_autopsy([], width=4, height=3)
    figure.follow(recording)
    gone = weakref.ref(figure)
    plt.close(figure)
    del figure
    gc.collect()
    assert gone() is None
    step(recording, 1.0)


class Window:
    """Stands for a window: counts how often it was drawn."""

    def __init__(self, figure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn = list[int]()
        canvas = type(
            "Canvas",
            (type(figure.canvas),),
            {
                "required_interactive_framework": "none",
                "draw_idle": lambda _: None,
                "flush_events": lambda _: self.drawn.append(len(figure.autopsy)),
            },
        )
        monkeypatch.setattr(figure.canvas, "__class__", canvas)
        monkeypatch.setattr(figure.canvas.manager, "show", lambda: None)


def test_each_step_is_drawn_once_and_not_after_the_figure_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recording, figure = Recording(), plot_autopsy([], width=4, height=3)
    window = Window(figure, monkeypatch)
    figure.follow(recording, every=0)
    for value in (1.0, 2.0):
        step(recording, value)
    assert window.drawn == [2, 2]
    elsewhere = threading.Thread(target=step, args=(recording, 3.0))
    elsewhere.start()
    elsewhere.join()
    assert window.drawn == [2, 2]
    plt.close(figure)
    step(recording, 4.0)
    assert window.drawn == [2, 2]


def test_a_step_within_the_time_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, figure = Recording(), plot_autopsy([], width=4, height=3)
    window = Window(figure, monkeypatch)
    figure.follow(recording, every=3600)
    for value in (1.0, 2.0, 3.0):
        step(recording, value)
    assert window.drawn == [2]
    figure.follow(None)
    step(recording, 2.0)
    assert window.drawn == [2]


def test_what_cannot_be_drawn_does_not_stop_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording()
    figure = plot_autopsy([], width=4, height=3, group_by={"fc·0": "A"})
    window = Window(figure, monkeypatch)
    figure.follow(recording, every=0)
    with pytest.warns(UserWarning, match="follow: stopped, since .*fc·1"):
        step(recording, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(recording, 1.0)
    assert window.drawn == []


WINDOW = """
import numpy as np
from matplotlib import pyplot as plt
from dead_neuron_autopsy import Recording, plot_autopsy
recording, figure = Recording(), plot_autopsy([], width=4, height=3)
figure.follow(recording, every=0)
drawn = []
figure.canvas.mpl_connect("draw_event", lambda event: drawn.append(len(figure.autopsy)))
for value in (1.0, 2.0, 3.0):
    recording.observe("fc", np.array([[0.0, value]]), unit_axis=1)
    recording.step()
print(len(plt.get_fignums()), drawn[-3:], figure.canvas.manager.get_window_title())
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_a_window_is_drawn_after_each_step(backend: str) -> None:
    printed = run_in_window(backend, "-c", WINDOW)
    assert printed.startswith("1 [2, 2, 2] Dead neuron autopsy. 1 of 2 neurons dead"), printed


@pytest.mark.slow
def test_a_cell_shows_one_figure_that_changes() -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    source = textwrap.dedent("""
        import numpy as np
        from dead_neuron_autopsy import Recording, plot_autopsy
        recording, figure = Recording(), plot_autopsy([], width=4, height=3)
        figure.follow(recording, every=0)
        for value in (1.0, 2.0):
            recording.observe("fc", np.array([[0.0, value, 0.0]]), unit_axis=1)
            recording.step()
    """)
    cells = [nbformat.v4.new_code_cell(source)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    (shown,) = notebook.cells[0].outputs
    assert shown.output_type == "display_data"
    assert "2 of 3 neurons dead" in shown.data["text/html"]
    assert "2 of 3 neurons are dead" in shown.data["text/plain"]
