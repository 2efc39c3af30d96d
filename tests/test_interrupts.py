"""Ctrl-C while a figure is saved: at any moment, all is as before or all is done."""

from __future__ import annotations

import gc
import io
import random
import sys
from contextlib import contextmanager
from inspect import CO_GENERATOR
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories
from matplotlib import pyplot as plt

import dead_neuron_autopsy
from dead_neuron_autopsy import (
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
    savefig_with_alt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from matplotlib.figure import Figure

PACKAGE = str(Path(dead_neuron_autopsy.__file__).parent)
OLD = b"what stood here before"
MOMENTS = 6


# Interrupting


def is_packages(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith(PACKAGE)


def counts(frame: FrameType) -> bool:
    """Return whether the package is called, or calls, and puts nothing back just then.

    What restores something cannot itself be interrupted without harm; and where Python
    calls on its own, as when it collects garbage, an exception would be lost.
    """
    code = frame.f_code
    if not is_packages(frame):
        if code.co_name.startswith(("_", "<")) or not is_packages(frame.f_back):
            return False
    elif code.co_flags & CO_GENERATOR and (
        code.co_name == "<genexpr>" or frame.f_lineno != code.co_firstlineno
    ):
        return False  # it may be resumed only to be closed
    outer: FrameType | None = frame
    while outer is not None:
        if outer.f_code.co_name in {"__exit__", "__del__", "close"}:
            return False
        outer = outer.f_back
    return True


@contextmanager
def interrupted_at(moment: float) -> Iterator[list[object]]:
    """Raise KeyboardInterrupt at one of the package's calls; tell which there were.

    It ends here. What has been remembered since the calls were counted may make them fewer:
    then nothing is interrupted.
    """
    calls: list[object] = []

    def watch(frame: FrameType, _event: str, _argument: object) -> None:
        if counts(frame):
            caller = frame.f_back
            calls.append((frame.f_code, caller and (caller.f_code, caller.f_lineno)))
            if len(calls) > moment:
                raise KeyboardInterrupt

    before = sys.gettrace()
    gc.disable()  # Python ignores what is raised in a callback of the collector
    sys.settrace(watch)
    came_out = False
    try:
        yield calls
    except KeyboardInterrupt:
        came_out = True
    finally:
        sys.settrace(before)
        gc.enable()
    assert came_out == (len(calls) > moment), "swallowed"


def some_moments(calls: list[object], seed: str) -> list[int]:
    """Return moments at which something is called first; half of them near the end.

    There, the file is finished and written.
    """
    first: dict[object, int] = {}
    for moment, call in enumerate(calls):
        first.setdefault(call, moment)
    chance, moments = random.Random(seed), sorted(first.values())  # noqa: S311
    before, near = moments[:-20], moments[-20:]
    return chance.sample(before, MOMENTS // 2) + chance.sample(near, MOMENTS // 2)


# What is saved


def cards(neurons: Histories) -> Figure:
    return plot_autopsy(neurons)


def zoomed(neurons: Histories) -> Figure:
    figure = plot_autopsy(neurons, group_by="layer")
    figure.axes[0].set(xlim=(0, 1.5), ylim=(1.5, 0))
    figure.autopsy_grid.midlines.set_linewidth([0.5, 1.0])
    return figure


def restyled(neurons: Histories) -> Figure:
    figure = plot_autopsy(neurons, style="dark")
    grid = figure.autopsy_grid
    grid.borders.set_linewidth([0.3, 1.3, 2.3])
    grid.badges.set_hatch("//")
    grid.cards[next(iter(neurons))].axes.axvline(1)
    return figure


def bars(neurons: Histories) -> Figure:
    return plot_layers(neurons)


def plain(neurons: Histories) -> Figure:
    figure, axs = plt.subplots(1, 2, layout="constrained")
    for ax in axs:
        draw_autopsy(ax, neurons)
    return figure


PARTS = ["borders", "badges", "marks", "midlines", "sparklines", "tracks", "bars"]
PARTS += ["id_labels", "state_labels", "peak_labels", "name_labels", "count_labels"]


def state_of(figure: Figure) -> dict[str, Any]:
    """Return all that a save may change for a while, and has to change back."""
    looks = ["linewidth", "edgecolor", "facecolor", "linestyle", "hatch", "snap"]
    looks += ["visible", "alpha", "zorder", "rasterized", "animated", "path_effects"]
    found: dict[str, Any] = {
        "rcParams": mpl.rcParams.copy(),
        "names": set(vars(figure)),
        "canvas": (figure.canvas, type(figure.canvas)),
        "size": (figure.dpi, figure.get_size_inches().tolist()),
        "engine": figure.get_layout_engine(),
        "limits": [(*axes.get_xlim(), *axes.get_ylim()) for axes in figure.axes],
        "places": [axes.get_axes_locator() for axes in figure.axes],
    }
    panels: list[Any] = [panel for axes in figure.axes for panel in axes.artists]
    for number, panel in enumerate(panels):
        parts = {name: getattr(panel, name) for name in PARTS if hasattr(panel, name)}
        others = {"figure": figure, "axes": panel.axes, "panel": panel}
        for name, artist in {**parts, **others}.items():
            gets = ((look, getattr(artist, f"get_{look}", None)) for look in looks)
            found |= {f"{number} {name} {look}": repr(get()) for look, get in gets if get}
        artists = [panel, *panel.get_children(), panel.axes, panel.axes.patch]
        for position, artist in enumerate(artists):
            found[f"{number} {position} callback"] = artist.stale_callback
            found[f"{number} {position} names"] = set(vars(artist))
    return found


def differences(before: dict[Any, Any], after: dict[Any, Any]) -> dict[Any, Any]:
    return {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


def content_of(figure: Figure, file_format: str) -> bytes:
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format=file_format)
    return buffer.getvalue()


CASES = [
    (cards, "svg"),
    (restyled, "svgz"),
    (zoomed, "pdf"),
    (restyled, "png"),
    (zoomed, "jpg"),
    (bars, "tiff"),
    (cards, "eps"),
    (plain, "svg"),
    (plain, "png"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("make", "file_format"), CASES)
def test_an_interrupted_save_leaves_no_trace(
    make: Callable[[Histories], Figure],
    file_format: str,
    six_neurons: Histories,
    tmp_path: Path,
) -> None:
    def save(figure: Figure) -> None:
        if make is plain:
            savefig_with_alt(figure, path)
        else:
            figure.savefig(path)

    path = tmp_path / f"autopsy.{file_format}"
    save(make(six_neurons))  # once: modules are imported, fonts are read
    figure = make(six_neurons)
    with interrupted_at(np.inf) as calls:
        save(figure)
    whole = content_of(figure, file_format)
    assert path.read_bytes() == whole
    for moment in some_moments(calls, f"{make.__name__} {file_format}"):
        figure = make(six_neurons)
        before = state_of(figure)
        path.write_bytes(OLD)
        with interrupted_at(moment):
            save(figure)
        assert not differences(before, state_of(figure)), moment
        assert path.read_bytes() in {OLD, whole}, moment
        assert [file.name for file in tmp_path.iterdir()] == [path.name], moment
        assert content_of(figure, file_format) == whole, moment
        plt.close(figure)


@pytest.mark.slow
def test_an_interrupted_document_leaves_no_trace(six_neurons: Histories, tmp_path: Path) -> None:
    def save() -> None:
        save_autopsy_pages(path, six_neurons, per_page=4)

    path, settings = tmp_path / "report.pdf", mpl.rcParams.copy()
    save()
    with interrupted_at(np.inf) as calls:
        save()
    whole = path.read_bytes()
    for moment in some_moments(calls, "pages"):
        path.write_bytes(OLD)
        with interrupted_at(moment):
            save()
        assert not differences(settings, mpl.rcParams.copy()), moment
        assert path.read_bytes() in {OLD, whole}, moment
        assert [file.name for file in tmp_path.iterdir()] == [path.name], moment
    save()
    assert path.read_bytes() == whole


@pytest.mark.slow
@pytest.mark.parametrize("make", [cards, zoomed, bars, plain])
def test_what_is_interrupted_while_it_is_made_can_be_made_again(
    make: Callable[[Histories], Figure], six_neurons: Histories
) -> None:
    settings, figure = mpl.rcParams.copy(), make(six_neurons)
    whole = content_of(figure, "svg")
    with interrupted_at(np.inf) as calls:
        make(six_neurons)
    for moment in some_moments(calls, make.__name__):
        with interrupted_at(moment):
            make(six_neurons)
        assert not differences(settings, mpl.rcParams.copy()), moment
        plt.close("all")
    assert content_of(make(six_neurons), "svg") == whole
