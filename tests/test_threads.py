"""Figures drawn and saved in many threads at once: each is as it is alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, saved
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from dead_neuron_autopsy import (
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
    savefig_with_alt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Of the table of widths in a PDF: Matplotlib hides it in a way that works in one thread alone.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph")

#: Longer than any of this takes; what waits longer hangs.
LIMIT = 120


def at_once(jobs: Sequence[Callable[[], object]]) -> list[Any]:
    """Do jobs in a thread each, begun at the same moment, and return what they return."""
    results: list[Any] = [None] * len(jobs)
    errors: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def work(number: int) -> None:
        try:
            start.wait(LIMIT)
            results[number] = jobs[number]()
        except BaseException as error:  # noqa: BLE001  raised below, in the test's thread
            errors.append(error)

    numbers = range(len(jobs))
    threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in numbers]
    for thread in threads:
        thread.start()
    end = time.monotonic() + LIMIT
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    assert not [thread for thread in threads if thread.is_alive()], "threads hang"
    if errors:
        raise errors[0]
    return results


SCRIPTS = [
    "L1·N{}",
    "漢字{}",
    "שלום {}",
    "العربية {}",
    "нейрон {}",
    "e\u0301 {}",
    "$x_{}$",
    "{}%",
]
STYLES = ["light", "dark", "print"]


def neurons(number: int) -> Histories:
    """Return neurons of a kind of their own."""
    rng = np.random.default_rng(number)
    name = SCRIPTS[number % len(SCRIPTS)]
    histories = rng.random((5 + number, 30 + 40 * number))
    histories[::3] = 0
    return {name.format(index): history for index, history in enumerate(histories)}


def drawn(number: int) -> Figure:
    """Draw a figure of one kind of many."""
    population, title = neurons(number), f"Step {number}: {SCRIPTS[number % len(SCRIPTS)]}"
    style = STYLES[number % len(STYLES)]
    if number % 4 == 3:
        figure = plot_layers(population, title=title, group_by=len, style=style)
    else:
        figure = plot_autopsy(population, title=title, style=style)
    if number % 4 == 2:
        restyle(figure)
    return figure


def restyle(figure: Any) -> None:
    """Zoom in, so that copies of the parts are drawn, in lines of several widths."""
    grid = figure.autopsy_grid
    grid.midlines.set_linewidth([0.5, 1.0, 1.5])
    grid.borders.set_linewidth([0.5, 1.5])
    figure.axes[0].set(xlim=(0, 1.5), ylim=(1.5, 0))


def picture(number: int, file_format: str) -> bytes:
    return saved(drawn(number), file_format)


def saved_in_turn(figure: Figure) -> list[bytes]:
    # Two files of one figure at once would be too much for Matplotlib.
    return [saved(figure, file_format) for file_format in ("png", "svg", "pdf")]


def both_plots(number: int, file_format: str) -> bytes:
    """Save a figure that is not the package's."""
    figure = Figure(layout="constrained")
    axs = figure.subplots(1, 2)
    draw_autopsy(axs[0], neurons(number))
    axs[1].plot(range(number + 2))
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format=file_format)
    return buffer.getvalue()


def pages(number: int) -> bytes:
    buffer = io.BytesIO()
    save_autopsy_pages(buffer, neurons(number), per_page=4, group_by=len)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _restless_threads() -> Iterator[None]:
    mpl.rcParams["figure.max_open_warning"] = 0
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.slow
@pytest.mark.parametrize("formats", [["jpg"], ["png", "svg", "pdf"]])
def test_eight_threads_save_what_one_does(formats: list[str]) -> None:
    before = mpl.rcParams.copy()
    jobs = [partial(picture, number, formats[number % len(formats)]) for number in range(8)]
    together = at_once(jobs)
    if formats == ["jpg"]:  # for which Matplotlib itself changes rcParams for a while
        mpl.rcParams["savefig.facecolor"] = before["savefig.facecolor"]
    assert mpl.rcParams == before
    for number, job in enumerate(jobs):
        assert together[number] == job(), number


def test_each_thread_gets_a_figure_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = plt.get_fignums

    def slowly() -> list[int]:
        taken = numbers()
        time.sleep(0.01)  # pyplot counts its figures and then takes the next number
        return taken

    monkeypatch.setattr(plt, "get_fignums", slowly)
    figures = at_once([partial(drawn, number) for number in range(8)])
    assert len(set(map(id, figures))) == 8
    titles = [figure.axes[0].artists[0].title for figure in figures]
    assert [title.partition(":")[0] for title in titles] == [f"Step {n}" for n in range(8)]


@pytest.mark.slow
def test_figures_of_all_kinds_are_saved_at_once() -> None:
    jobs: list[Callable[[], bytes]] = [
        partial(both_plots, 1, "svg"),
        partial(both_plots, 2, "pdf"),
        partial(both_plots, 3, "png"),
        partial(pages, 4),
        partial(pages, 5),
        partial(picture, 6, "svg"),
        partial(picture, 7, "eps"),
        partial(picture, 2, "svgz"),
    ]
    together = at_once(jobs)
    for number, job in enumerate(jobs):
        assert together[number] == job(), number


@pytest.mark.slow
def test_figures_that_are_there_already_are_saved_at_once() -> None:
    figures = [drawn(number) for number in range(8)]
    together = at_once([partial(saved_in_turn, figure) for figure in figures])
    assert together == list(map(saved_in_turn, figures))


def test_a_document_and_a_picture_do_not_wait_for_one_another() -> None:
    figures = [plot_autopsy(neurons(number)) for number in (4, 5)]
    expected = []
    for figure, file_format in zip(figures, ("svg", "pdf"), strict=True):
        restyle(figure)
        expected.append({saved(figure, file_format)})

    def again_and_again(figure: Figure, file_format: str) -> set[bytes]:
        return {saved(figure, file_format) for _ in range(15)}

    together = at_once(
        [
            partial(again_and_again, figures[0], "svg"),
            partial(again_and_again, figures[1], "pdf"),
        ]
    )
    assert together == expected


@pytest.mark.parametrize("file_format", ["png", "pdf"])
def test_nobody_sees_the_settings_change(file_format: str) -> None:
    before, done = mpl.rcParams.copy(), threading.Event()
    seen: list[dict[str, Any]] = []

    def watch() -> int:
        count = 0
        while not done.is_set():
            now = mpl.rcParams.copy()
            count += 1
            time.sleep(5e-4)  # or there is no time left for the others
            if now != before:
                seen.append({key: now[key] for key in before if now[key] != before[key]})
        return count

    def work() -> None:
        try:
            for number in (2, 3):
                picture(number, file_format)
                both_plots(number, file_format)
            pages(1)
        finally:
            done.set()

    count, _ = at_once([watch, work])
    assert count > 10
    assert not seen
    assert mpl.rcParams == before


SCRIPT = """
import io, sys, threading
from dead_neuron_autopsy import plot_autopsy

figures = [plot_autopsy({"N1": [0.0, 1.0], "N2": [0.0, 0.0]}) for _ in sys.argv[1:]]
errors = []

def save(figure, file_format):
    try:
        start.wait()
        figure.savefig(io.BytesIO(), format=file_format)
    except BaseException as error:
        errors.append(repr(error))

start = threading.Barrier(len(figures))
pairs = list(zip(figures, sys.argv[1:]))
threads = [threading.Thread(target=save, args=pair, daemon=True) for pair in pairs]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
print(errors, [thread.is_alive() for thread in threads])
"""


@pytest.mark.slow
@pytest.mark.parametrize("formats", [["pdf", "png"], ["svg", "pdf", "jpg", "eps"]])
def test_the_first_files_of_a_process_may_be_saved_at_once(formats: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, *formats],
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        check=False,
        text=True,
        timeout=LIMIT,
    )
    assert done.stderr == ""
    assert done.stdout.strip() == f"[] {[False] * len(formats)}"
