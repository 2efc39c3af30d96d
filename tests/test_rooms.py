"""Rooms of any size, down to none, and failures that leave nothing behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from drawing import Histories, pixels, saved
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from dead_neuron_autopsy import (
    draw_autopsy,
    draw_layers,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
    savefig_with_alt,
)

Room = Axes | Figure | SubFigure


def folded_beside() -> Any:
    parts: Any = plt.figure().subfigures(1, 2, width_ratios=[0, 1])
    return parts[0]


def folded_below() -> Any:
    parts: Any = plt.figure().subfigures(2, 1, height_ratios=[1, 0])
    return parts[1]


ROOMS: dict[str, Callable[[], Room]] = {
    "a folded SubFigure": folded_beside,
    "one folded below": folded_below,
    "one within a folded one": lambda: folded_beside().subfigures(1, 2)[1],
    "a tiny figure": lambda: plt.figure(figsize=(1 / 3, 1 / 3)),
    "a figure of a pixel": lambda: plt.figure(figsize=(0.01, 0.01)),
    "an Axes of no size": lambda: plt.figure().add_axes((0.5, 0.5, 0, 0)),
    "an Axes of no width": lambda: plt.figure().add_axes((0.5, 0.1, 0, 0.8)),
    "an Axes of no height": lambda: plt.figure().add_axes((0.1, 0.5, 0.8, 0)),
    "an inset of no size": lambda: plt.subplots()[1].inset_axes((0.5, 0.5, 0, 0)),
    "an Axes in a folded SubFigure": lambda: folded_beside().add_subplot(),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "group_by"),
    [(name, None if index % 2 else "layer") for index, name in enumerate(ROOMS)],
)
def test_cards_are_drawn_in_a_room_of_any_size(
    thirty_neurons: Histories, room: str, group_by: Any
) -> None:
    where = ROOMS[room]()
    figure: Any = where.get_figure(root=True)
    grid = draw_autopsy(where, thirty_neurons, group_by=group_by)
    for _ in range(2):  # with the cards' own Axes, too
        for file_format in ("png", "svg", "pdf"):
            buffer = io.BytesIO()
            savefig_with_alt(figure, buffer, format=file_format)
            assert buffer.getvalue()
        assert list(grid.cards) == list(thirty_neurons)
        assert [card.axes.axison for card in grid.cards.values()] == [False] * 30
    figure.get_tightbbox()
    assert "10 of 30 neurons dead" in grid.alt_text


@pytest.mark.parametrize("room", ROOMS)
def test_bars_are_drawn_in_a_room_of_any_size(thirty_neurons: Histories, room: str) -> None:
    where: Any = ROOMS[room]()
    draw_layers(where, thirty_neurons)
    for file_format in ("png", "svg", "pdf"):
        savefig_with_alt(where.get_figure(root=True), io.BytesIO(), format=file_format)


def test_a_room_that_opens_again_is_filled(six_neurons: Histories) -> None:
    figure = plt.figure()
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    draw_autopsy(axes, six_neurons)
    before = pixels(figure)
    for bounds in ((0.5, 0.5, 0.0, 0.0), (0.1, 0.5, 0.8, 0.0), (0.1, 0.1, 0.8, 0.8)):
        axes.set_position(bounds)
        picture = pixels(figure)
    assert (picture == before).all()


TOO_MUCH: list[dict[str, Any]] = [
    {"ncols": 2**63},
    {"ncols": 10**400},
    {"width": 1e300},
    {"width": 2**2000},
    {"height": 1e300},
    {"card_width": 1e300},
    {"card_width": 60_000, "ncols": 6},
    {"card_width": 60_000},
]


@pytest.mark.parametrize("sizes", TOO_MUCH, ids=str)
def test_what_no_figure_can_hold_is_refused_by_name(
    six_neurons: Histories, sizes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(sizes))}: .* at most "):
        plot_autopsy(six_neurons, **sizes)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", ["width", "height", "per_page"])
def test_what_no_page_can_hold_is_refused_by_name(six_neurons: Histories, name: str) -> None:
    options: dict[str, Any] = {name: 2**70}
    with pytest.raises(ValueError, match=f"^{name}: .* at most "):
        save_autopsy_pages(io.BytesIO(), six_neurons, **options)


class Refusal(Exception):  # noqa: N818  raised by nobody else
    pass


def refuse(*_: Any, **__: Any) -> None:
    raise Refusal


@pytest.fixture
def no_artist_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let drawing fail once there is a figure."""
    monkeypatch.setattr(Axes, "add_artist", refuse)


@pytest.mark.usefixtures("no_artist_can_be_added")
@pytest.mark.parametrize("draw", [plot_autopsy, plot_layers])
def test_a_failure_leaves_no_figure(six_neurons: Histories, draw: Callable[..., Any]) -> None:
    with pytest.raises(Refusal):
        draw(six_neurons)
    assert plt.get_fignums() == []


@pytest.mark.usefixtures("no_artist_can_be_added")
@pytest.mark.parametrize("draw", [draw_autopsy, draw_layers])
def test_a_failure_leaves_no_axes(six_neurons: Histories, draw: Callable[..., Any]) -> None:
    callers: Any = (Figure(), Figure().subfigures())
    for figure in callers:
        with pytest.raises(Refusal):
            draw(figure, six_neurons)
        assert figure.axes == []


def test_a_failure_leaves_an_axes_as_it_was(
    six_neurons: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    before = saved(figure, "png")

    for name in ("get_position", "add_artist"):
        with monkeypatch.context() as patched:
            patched.setattr(axes, name, refuse)
            with pytest.raises(Refusal):
                draw_autopsy(axes, six_neurons)
        assert saved(figure, "png") == before
