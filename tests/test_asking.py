"""Whoever only asks, draws or saves changes nothing of the caller's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, redrawn, saved
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.transforms import Bbox

from dead_neuron_autopsy import (
    AutopsyGrid,
    LayerBars,
    describe,
    draw_autopsy,
    draw_layers,
    plot_autopsy,
    plot_layers,
    savefig_with_alt,
)

Make = Callable[[Histories], Any]


def beside_a_plot(layout: Any) -> Make:
    def make(neurons: Histories) -> Any:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout=layout)
        draw_autopsy(left, neurons, group_by="layer")
        right.plot([0.9, 0.4, 0.3], label="loss")
        right.legend()
        return figure

    return make


def in_subfigures(neurons: Histories) -> Any:
    figure = plt.figure(figsize=(9, 4))
    halves: Any = figure.subfigures(1, 2)
    draw_autopsy(halves[0], neurons)
    draw_layers(halves[1], neurons)
    return figure


def in_an_inset(neurons: Histories) -> Any:
    figure, ax = plt.subplots(figsize=(7, 5))
    ax.plot([1, 3])
    grid = draw_autopsy(ax.inset_axes((0.1, 0.4, 0.5, 0.5)), neurons)
    for card in grid.cards.values():
        card.axes.axhline(0)
    return figure


def with_marks(neurons: Histories) -> Any:
    figure = plot_autopsy(neurons)
    for number, card in enumerate(figure.autopsy_grid.cards.values()):
        card.axes.axvline(number, color="red")
    return figure


FIGURES: dict[str, Make] = {
    "cards": plot_autopsy,
    "groups": lambda neurons: plot_autopsy(neurons, group_by="layer"),
    "tiles": lambda neurons: plot_autopsy(neurons, width=0.7, ncols=6),
    "bars": plot_layers,
    "cards with marks": with_marks,
    "beside a plot": beside_a_plot(None),
    "constrained": beside_a_plot("constrained"),
    "compressed": beside_a_plot("compressed"),
    "SubFigures": in_subfigures,
    "an inset": in_an_inset,
}


def panels_of(figure: Any) -> list[Any]:
    found = figure.findobj(lambda one: isinstance(one, AutopsyGrid | LayerBars))
    assert found
    return list(found)


def ask_panels(figure: Any) -> None:
    for panel in panels_of(figure):
        words = panel.alt_text, panel.description, panel.alt, panel.title, repr(panel)
        counts = panel.nrows, panel.n_cells
        assert all(map(bool, words)) and all(counts)  # noqa: PT018
        panel.get_window_extent()
        panel.properties()
    describe(figure)


def ask_for_extents(figure: Any) -> None:
    renderer = figure.canvas.get_renderer()
    for ax in figure.findobj(Axes):
        ax.get_window_extent()
        ax.get_window_extent(renderer)
        ax.get_tightbbox(renderer)
        ax.get_tightbbox()
        ax.get_tightbbox(renderer, for_layout_only=True)
    for panel in panels_of(figure):
        for part in [panel, *panel.get_children()]:
            part.get_window_extent(renderer)
            part.get_tightbbox(renderer)
        panel.get_window_extent()


def ask_for_places(figure: Any) -> None:
    for ax in figure.findobj(Axes):
        there: Any = ax.transData.transform([(0.5, 0.5), (1, 1), (3, 2)])
        ax.transData.inverted().transform(there)
        ax.get_position()
        ax.get_position(original=True)
        ax.format_coord(0.5, 0.5)
        ax.get_axes_locator()
        ax.get_xticks()
        for x, y in there.tolist():
            event = MouseEvent("motion_notify_event", figure.canvas, x, y)
            for panel in panels_of(figure):
                panel.contains(event)
            figure.canvas.callbacks.process("motion_notify_event", event)


def save_with_alt(figure: Any) -> None:
    for file_format in ("png", "svg", "pdf"):
        savefig_with_alt(figure, io.BytesIO(), format=file_format, bbox_inches="tight")


QUESTIONS: dict[str, Callable[[Any], object]] = {
    "the words": ask_panels,
    "the tight box": lambda figure: figure.get_tightbbox(),
    "extents": ask_for_extents,
    "places": ask_for_places,
    "a draw": redrawn,
    "PNG": lambda figure: saved(figure, "png", dpi=37),
    "SVG": lambda figure: saved(figure, "svg", dpi=200),
    "PDF": lambda figure: saved(figure, "pdf"),
    "a tight PNG": lambda figure: saved(figure, "png", dpi=150, bbox_inches="tight"),
    "words": save_with_alt,
    "a drawing without a canvas": lambda figure: figure.draw_without_rendering(),
}

#: What we move ourselves at each draw: the places of parts, and the looks that depend on
#: what stands behind the header.
OURS = {
    "bbox", "children", "data", "offsets", "paths", "transform", "transforms", "tightbbox",
    "transformed_clip_path_and_affine", "verts", "window_extent", "segments", "datalim",
    "path", "patch_transform", "data_transform", "texts", "figure", "axes", "corners",
    "stale", "xy", "x", "y", "width", "height", "offset_transform", "extents", "center",
}  # fmt: skip


def described(value: Any) -> Any:
    """Return something that can be compared and that tells changed values from old ones."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Bbox):
        return list(value.extents)
    if isinstance(value, list | tuple):
        return [described(one) for one in value]
    if isinstance(value, str | int | float | bool | None):
        return value
    return id(value)


def properties_of(artist: Artist) -> dict[str, Any]:
    """Return what can be asked of a part and is the caller's to set."""
    getters = [name for name in dir(artist) if name.startswith("get_")]
    names = [name[4:] for name in getters if hasattr(artist, f"set_{name[4:]}")]
    return {name: described(getattr(artist, f"get_{name}")()) for name in names if name not in OURS}


def state_of(figure: Any) -> dict[str, Any]:
    """Return everything of a figure that a caller may have set, or may rely on."""
    every = figure.findobj(Axes)
    parts = [part for panel in panels_of(figure) for part in panel.get_children()]
    return {
        "limits": [(*ax.get_xlim(), *ax.get_ylim()) for ax in every],
        "data limits": [ax.dataLim.extents.tolist() for ax in every],
        "view limits": [ax.viewLim.extents.tolist() for ax in every],
        "rooms": [ax.get_position(original=True).bounds for ax in every],
        "places": [ax.get_position().bounds for ax in every],
        "autoscale": [ax.get_autoscale_on() for ax in every],
        "locators": [ax.get_axes_locator() for ax in every],
        "children": [ax.get_children() for ax in every],
        "scales": [(ax.get_xscale(), ax.get_yscale()) for ax in every],
        "size": figure.get_size_inches().tolist(),
        "dpi": figure.dpi,
        "canvas": figure.canvas,
        "engine": figure.get_layout_engine(),
        "figures": [figure.get_children(), figure.subfigs, list(figure.axes)],
        "panels": [properties_of(panel) for panel in panels_of(figure)],
        "parts": [properties_of(part) for part in parts],
        "rcParams": dict(mpl.rcParams),
        "open": plt.get_fignums(),
    }


def settled(figure: Any) -> Any:
    """Return the figure once its layout engine no longer moves anything."""
    for _ in range(4):
        redrawn(figure)
    return figure


def assert_alike(after: dict[str, Any], before: dict[str, Any], question: str) -> None:
    for name, value in before.items():
        if name in ("rooms", "places"):
            # An engine's sums differ by far less than a pixel from draw to draw.
            np.testing.assert_allclose(after[name], value, rtol=0, atol=1e-9, err_msg=question)
        else:
            assert after[name] == value, (question, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_no_question_changes_anything(six_neurons: Histories, name: str) -> None:
    figure = settled(FIGURES[name](six_neurons))
    before = state_of(figure)
    for question, ask in QUESTIONS.items():
        ask(figure)
        if question in ("PNG", "SVG", "PDF", "a tight PNG", "words"):
            redrawn(figure)  # documents do not round to pixels, and place the Axes so
        assert_alike(state_of(figure), before, question)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_questions_show_in_no_picture(six_neurons: Histories, name: str) -> None:
    asked, alone = (FIGURES[name](six_neurons) for _ in range(2))
    for figure in (asked, alone):
        settled(figure)
        figure.set_size_inches(8.3, 5.1)
        settled(figure)
    for question in ("the words", "the tight box", "extents", "places"):
        QUESTIONS[question](asked)
    assert saved(asked, "png", dpi=80) == saved(alone, "png", dpi=80)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", ["groups", "bars"])
def test_a_question_after_a_resize_keeps_the_limits(
    six_neurons: Histories, name: str, question: str
) -> None:
    figure = settled(FIGURES[name](six_neurons))
    host = panels_of(figure)[0].axes
    host.set(xlim=(0.3, 1.9), ylim=(1.6, 0.2))
    data_limits = host.dataLim.extents.tolist()
    looks = [properties_of(part) for part in panels_of(figure)[0].get_children()]
    for size in ((4.0, 9.0), (13.0, 3.0)):
        figure.set_size_inches(*size)
        QUESTIONS[question](figure)
        assert host.get_xlim() == (0.3, 1.9)
        assert host.get_ylim() == (1.6, 0.2)
        assert host.dataLim.extents.tolist() == data_limits
        assert not host.get_autoscale_on()
    parts = panels_of(figure)[0].get_children()
    assert [properties_of(part) for part in parts] == looks


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cards", "groups", "bars"])
def test_a_question_before_the_first_draw_changes_no_byte(
    six_neurons: Histories, name: str
) -> None:
    for file_format in ("png", "svg", "pdf"):
        untouched = saved(FIGURES[name](six_neurons), file_format)
        for question in ("the words", "the tight box", "extents", "places"):
            figure = FIGURES[name](six_neurons)
            QUESTIONS[question](figure)
            assert saved(figure, file_format) == untouched, question
