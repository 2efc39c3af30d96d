"""Windows: what they are called, and that a notebook's widget is shown once."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
import matplotlib
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

application = QApplication([])
matplotlib.use("qtagg")
from matplotlib import pyplot as plt
from dead_neuron_autopsy import diagnose, plot_autopsy

figure = plot_autopsy({"a": [0.0, 1.0], "b": [0.0, 0.0]})
plt.show(block=False)

def say():
    heard = QAccessible.queryAccessibleInterface(figure.canvas)
    print(figure.canvas.manager.get_window_title() == figure.alt_text)
    print(heard.text(QAccessible.Text.Name) == figure.alt_text)
    print(heard.text(QAccessible.Text.Description) == figure.autopsy_grid.description)
    print(figure.alt_text)

say()
figure.autopsy_grid.set_data(diagnose({"a": [0.0, 0.0], "b": [0.0, 0.0]}))
figure.canvas.draw()
say()
figure.clear()
figure.canvas.draw()
"""


@pytest.mark.slow
def test_a_window_is_called_by_its_verdict_and_follows_it() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=False,
        text=True,
    )
    if (
        "ImportError" in ran.stderr
        or "ModuleNotFoundError: No module named 'PySide6'" in ran.stderr
    ):
        pytest.skip("PySide6 cannot be imported here")
    assert ran.returncode == 0, ran.stderr
    rule = "(max absolute activation below 0.000001)."
    assert ran.stdout.splitlines() == [
        *["True"] * 3,
        f"Dead neuron autopsy. 1 of 2 neurons dead {rule}",
        *["True"] * 3,
        f"Dead neuron autopsy. 2 of 2 neurons dead {rule}",
    ]


def test_a_figure_without_a_window_listens_to_nothing() -> None:
    from dead_neuron_autopsy import plot_autopsy

    figure = plot_autopsy({"a": [1.0]})
    assert "draw_event" not in figure.canvas.callbacks.callbacks


@pytest.mark.slow
def test_a_widget_is_shown_once() -> None:
    pytest.importorskip("ipympl")
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    setup = textwrap.dedent("""
        %matplotlib widget
        from dead_neuron_autopsy import plot_autopsy
        def autopsy():
            return plot_autopsy({"a": [0.0, 1.0]})
    """)
    cells = [setup, "autopsy()", "figure = autopsy()", "figure = autopsy(); figure"]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    for cell in notebook.cells[1:]:
        (output,) = cell.outputs
        assert "application/vnd.jupyter.widget-view+json" in output.get("data", {}), cell.source
