"""A notebook, run once for all tests, and what its cells must show."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import nbformat
from ipykernel.kernelspec import write_kernel_spec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

#: A title that HTML, MathJax and an attribute could choke on.
MARKUP = "\"A\" <b>'B'</b> &amp; <script>alert(1)</script> $5 or $6"

#: Ids that could be taken for those of elements, and for references to them.
REFERENCES = ['id="x"', 'href="#x"', "url(#x)", 'by="x"', "<i id='x'>"]

#: How many neurons a figure has that is too large to be shown as SVG.
TOO_MANY = 501


class Cell(NamedTuple):
    """A cell, and the titles of the autopsies that it must show, in order."""

    source: str
    titles: tuple[str, ...] = ()


SETUP = f"""
import io
import matplotlib as mpl
from IPython.display import display
from matplotlib import pyplot as plt
from dead_neuron_autopsy import plot_autopsy
mpl.rcdefaults()
MARKUP, REFERENCES, TOO_MANY = {MARKUP!r}, {REFERENCES!r}, {TOO_MANY!r}
def autopsy(title):
    return plot_autopsy({{"N1": [0.0, 0.0], "N2": [0.0, 0.5]}}, title=title)
"""

CLEARED = "fig.clear(); axes = fig.add_subplot(); fig"
PLAIN = "line, = plt.plot([1, 2])"
SAVED_AGAIN = "fig.savefig(saved := io.BytesIO(), format='png'); saved.getvalue()[:4]"
WITH_REFERENCES = """
with mpl.rc_context({"svg.fonttype": "none"}):
    display(plot_autopsy({name: [0.0, 1.0] for name in REFERENCES}, title=MARKUP))
"""
LARGE = """
plot_autopsy([(f"N{i}", [0.0, 0.0]) for i in range(TOO_MANY)], title=MARKUP)
"""

#: What the notebook does, from top to bottom.
CELLS = [
    Cell(SETUP),
    Cell("autopsy('last')", ("last",)),
    Cell("fig = autopsy('assigned')", ("assigned",)),
    Cell("fig", ("assigned",)),
    Cell("fig = autopsy('both')\nfig", ("both",)),
    Cell(SAVED_AGAIN),
    Cell("fig = autopsy('plt.show'); plt.show()", ("plt.show",)),
    Cell("fig = autopsy('fig.show'); fig.show()", ("fig.show",)),
    Cell("display(autopsy('display'))", ("display",)),
    Cell("fig = autopsy('twice'); display(fig); fig", ("twice", "twice")),
    Cell("fig = autopsy('saved'); fig.savefig(io.BytesIO())", ("saved",)),
    Cell("a = autopsy('a'); b = autopsy('b')", ("a", "b")),
    Cell("display(autopsy('a'), autopsy('b'))", ("a", "b")),
    # IPython shows the last expression before the inline backend shows what is left.
    Cell("autopsy('a'); autopsy('b')", ("b", "a")),
    Cell(
        "for i in range(2):\n    autopsy(f'no. {i}'); plt.show()",
        ("no. 0", "no. 1"),
    ),
    Cell(PLAIN),
    Cell("fig = autopsy('cleared')", ("cleared",)),
    Cell(CLEARED),
    Cell("ignored = plt.ioff(); fig = autopsy('off')"),
    Cell("plt.show()", ("off",)),
    Cell("autopsy('off, last')", ("off, last",)),
    Cell("plt.show(); ignored = plt.ion()", ("off, last",)),  # it was open still
    Cell("display(autopsy('then saved')); plt.savefig(io.BytesIO())", ("then saved",)),
    Cell("%matplotlib inline\nautopsy('magic')", ("magic",)),
    Cell("%config InlineBackend.figure_formats = ['svg']\nautopsy('svg')", ("svg",)),
    Cell(
        "%config InlineBackend.figure_formats = ['retina']\nfig = autopsy('retina')",
        ("retina",),
    ),
    Cell("%config InlineBackend.figure_formats = ['png']"),
    Cell("%config InlineBackend.close_figures = False\nautopsy('kept')", ("kept",)),
    Cell("fig = autopsy('kept, assigned')", ("kept, assigned",)),
    Cell("plt.gcf()", ("kept, assigned",)),
    Cell("1"),
    Cell("plt.close('all')\n%config InlineBackend.close_figures = True"),
    Cell(WITH_REFERENCES, (MARKUP,)),
    Cell(LARGE, (MARKUP,)),
    Cell("mpl.use('agg'); autopsy('agg')", ("agg",)),
    Cell("plt.gcf()  # nobody has closed it", ("agg",)),
    Cell("fig = autopsy('agg, assigned')"),
    Cell("fig", ("agg, assigned",)),
]


@cache
def executed() -> Any:
    """Run the notebook, and return it with its outputs."""
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "source": cell.source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for number, cell in enumerate(CELLS)
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    notebook = nbformat.from_dict(document)  # type: ignore[no-untyped-call]  # has no types
    with TemporaryDirectory() as folder:
        _run(notebook, Path(folder))
    return notebook


def _run(notebook: Any, folder: Path) -> None:
    """Run a notebook with this interpreter; leave nothing behind in the user's folders."""
    write_kernel_spec(
        folder / "kernels" / "this", extra_arguments=["--HistoryManager.enabled=False"]
    )
    kernels = KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
    manager = AsyncKernelManager(
        kernel_name="this",
        kernel_spec_manager=kernels,
        connection_file=str(folder / "connection.json"),
    )
    client = NotebookClient(notebook, km=manager, timeout=300)
    environment = {**os.environ, "IPYTHONDIR": str(folder)}
    environment.pop("MPLBACKEND", None)  # a notebook's is set by its kernel
    # In a thread of its own, since Playwright has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        execution = client.async_execute(env=environment, cleanup_kc=True)
        thread.submit(asyncio.run, execution).result()


def autopsies_in(cell: Any) -> list[Any]:
    """Return the autopsies that a cell shows: what is shown as HTML."""
    return [output for output in cell.outputs if "text/html" in output.get("data", {})]


def cell_with(source: str) -> Any:
    """Return the one cell with a source, as it was executed."""
    (cell,) = (cell for cell in executed().cells if cell.source == source)
    return cell


def alt_of_large() -> str:
    """Return the whole alt text of the figure that is too large to be shown as SVG."""
    spelled = ", ".join(f"N{i}" for i in range(20))
    return (
        f"{MARKUP}. 501 of 501 neurons are dead. Dead: {spelled} and 481 more. "
        "501 cards, each a line of 2 samples. "
        "Counted as dead: max absolute activation below 0.000001 over 2 samples."
    )
