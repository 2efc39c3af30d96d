"""Under a layout engine, the same figure is the same picture every time."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawing import redrawn, saved
from numpy.testing import assert_allclose

from dead_neuron_autopsy import draw_autopsy, draw_layers

FORTY = {f"L{i // 10}·N{i}": [0, 1, i % 3] for i in range(40)}
TINY = {str(i): [0, i % 5] for i in range(500)}
ENGINES = ["constrained", "compressed", "tight"]

#: Far below a pixel: the sums of an engine differ by this much for any Axes.
NOISE = 1e-9

#: Engines move plain Axes, too, by less than this at the second draw.
UNSEEN = 5e-3


def grid_of_four(layout: Any) -> Any:
    figure, axs = plt.subplots(2, 2, layout=layout, figsize=(12, 8))
    for ax in axs.flat[:3]:
        draw_autopsy(ax, FORTY)
    beside = axs[1, 1]
    beside.plot([1, 2])
    beside.set(title="Loss", xlabel="step")
    return figure


def tiles(layout: Any) -> Any:
    figure, (left, right) = plt.subplots(1, 2, layout=layout, figsize=(7.13, 3.3))
    draw_autopsy(left, TINY)
    right.plot([1, 2])
    return figure


def no_room_for_headers(layout: Any) -> Any:
    figure, axs = plt.subplots(6, 1, layout=layout, figsize=(7.13, 4.3))
    for ax in axs[::2]:
        draw_autopsy(ax, FORTY)
    axs[1].plot([1, 2])
    return figure


def whole_figure(layout: Any) -> Any:
    figure = plt.figure(layout=layout, figsize=(9.3, 4.1))
    figure.suptitle("Mine")
    draw_autopsy(figure, FORTY, group_by="layer")
    return figure


def subfigures(layout: Any) -> Any:
    figure = plt.figure(layout=layout, figsize=(11.3, 7.1))
    subfigures: Any = figure.subfigures(1, 2, width_ratios=[2, 1])
    left, right = subfigures
    draw_autopsy(left, FORTY)
    above, below = right.subplots(2, 1)
    above.plot([1, 2])
    draw_autopsy(below, FORTY)
    return figure


def layers(layout: Any) -> Any:
    figure = plt.figure(layout=layout, figsize=(7.3, 4.1))
    draw_layers(figure, FORTY)
    return figure


#: Each kind of figure under an engine that has something to move in it, at each resolution.
FIGURES: list[tuple[Callable[[Any], Any], Any, int]] = [
    (grid_of_four, "constrained", 100),
    (grid_of_four, "compressed", 143),
    (grid_of_four, "tight", 143),
    (tiles, "constrained", 143),
    (tiles, "tight", 100),
    (no_room_for_headers, "constrained", 100),
    (no_room_for_headers, "tight", 143),
    (whole_figure, "compressed", 100),
    (layers, "constrained", 143),
    (layers, "tight", 100),
    (subfigures, "constrained", 143),
]


def places(figure: Any) -> Any:
    """Return where all Axes are, and which room they have, in pixels."""
    rooms = [
        ax.get_position(original=True).transformed(ax.figure.transSubfigure).extents
        for ax in figure.axes
    ]
    insets = [inset.bbox.extents for ax in figure.axes for inset in ax.child_axes]
    return np.array([*rooms, *[ax.bbox.extents for ax in figure.axes], *insets])


def changes(figure: Any, n_draws: int) -> list[float]:
    """Return how far, in pixels, anything moves from draw to draw."""
    drawn = [places(redrawn(figure)) for _ in range(n_draws)]
    return [float(np.abs(change).max()) for change in np.diff(drawn, axis=0)]


@pytest.mark.slow
@pytest.mark.parametrize(("figure_of", "layout", "dpi"), FIGURES)
def test_nothing_moves_from_draw_to_draw(
    figure_of: Callable[[Any], Any], layout: Any, dpi: int
) -> None:
    figure = figure_of(layout)
    figure.set_dpi(dpi)
    first, *others = changes(figure, 5)
    assert first < UNSEEN
    assert max(others[1:]) < NOISE


def pickled(figure: Any) -> Any:
    return pickle.loads(pickle.dumps(figure))  # noqa: S301  our own


@pytest.mark.slow
@pytest.mark.parametrize("copy_of", [copy.deepcopy, pickled])
def test_nothing_moves_in_a_copy(copy_of: Callable[[Any], Any]) -> None:
    figure = copy_of(redrawn(grid_of_four("constrained")))
    assert max(changes(figure, 4)) < NOISE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figure_of", "layout", "dpi", "options"),
    [
        *((*figure, {}) for figure in FIGURES),
        *((*figure, {"bbox_inches": "tight"}) for figure in FIGURES[::3]),
    ],
)
def test_an_image_is_the_same_when_saved_again(
    figure_of: Callable[[Any], Any], layout: Any, dpi: int, options: dict[str, Any]
) -> None:
    if options.get("bbox_inches") and layout == "tight" and mpl.__version_info__ < (3, 11):
        pytest.skip("This Matplotlib moves plain Axes, too, at every other save")
    figure = figure_of(layout)
    first, second = (saved(figure, "png", dpi=dpi, **options) for _ in range(2))
    assert second == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("neurons", "file_format", "layout"),
    [
        (FORTY, "svg", "constrained"),
        (FORTY, "svg", "tight"),
        (FORTY, "pdf", "compressed"),
        (TINY, "svg", "compressed"),
        (TINY, "pdf", "tight"),
    ],
    ids=["cards", "cards", "cards", "tiles", "tiles"],
)
def test_a_document_is_the_same_when_saved_again(
    file_format: str, neurons: Any, layout: Any
) -> None:
    figure, axs = plt.subplots(2, 1, layout=layout, figsize=(3.57, 5.3))
    for ax in axs:
        draw_autopsy(ax, neurons)
    options: Any = {"metadata": {"CreationDate" if file_format == "pdf" else "Date": None}}
    first, *others = (saved(figure, file_format, **options) for _ in range(3))
    redrawn(figure)  # on whole pixels
    others.append(saved(figure, file_format, **options))
    assert others == 3 * [first]


@pytest.mark.slow
@pytest.mark.parametrize("layout", ENGINES)
def test_a_document_with_other_axes_differs_by_no_more_than_noise(layout: Any) -> None:
    figure = grid_of_four(layout)
    metadata = {"Date": None}
    first, again = (saved(figure, "svg", metadata=metadata).decode() for _ in range(2))
    number = re.compile(r"-?\d+\.\d+")
    numbers = [np.array(number.findall(svg), dtype=float) for svg in (first, again)]
    assert_allclose(numbers[0], numbers[1], rtol=0, atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ENGINES)
def test_saving_in_another_size_does_not_move_the_next_picture(layout: Any) -> None:
    figure = grid_of_four(layout)
    before = places(redrawn(figure))
    for options in ({"dpi": 143}, {"dpi": 60, "bbox_inches": "tight"}):
        saved(figure, "png", **options)
    saved(figure, "pdf")
    assert_allclose(places(redrawn(figure)), before, rtol=0, atol=NOISE)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ENGINES)
def test_what_stands_beside_the_cards_settles(layout: Any) -> None:
    figure, (left, right) = plt.subplots(1, 2, layout=layout, figsize=(12, 5))
    draw_autopsy(left, FORTY)
    left.text(1.05, 0.5, "of the first run", transform=left.transAxes)
    right.plot([1, 2])
    # It stands where the cards are, which become narrower for it: draw by draw, less.
    assert max(changes(figure, 12)[-4:]) < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["constrained", "tight"])
def test_an_inset_beyond_its_parent_settles(layout: Any) -> None:
    figure, (left, right) = plt.subplots(1, 2, layout=layout, figsize=(9, 5))
    draw_autopsy(left.inset_axes((0.5, 0.2, 0.91, 0.73)), FORTY)
    left.plot([1, 2])
    right.plot([1, 2])
    assert max(changes(figure, 12)[-4:]) < 1e-3


@pytest.mark.parametrize("layout", ENGINES)
def test_an_engine_keeps_panels_apart(layout: Any) -> None:
    figure, axs = plt.subplots(2, 2, layout=layout, figsize=(12, 8))
    grids = [draw_autopsy(ax, FORTY) for ax in axs.flat]
    redrawn(figure)
    left, right, below, _ = (grid.get_window_extent() for grid in grids)
    gap = 8 * figure.dpi / 72
    assert right.x0 - left.x1 > 1.5 * gap
    assert left.y0 - below.y1 > gap
    assert left.x0 == pytest.approx(figure.bbox.width - right.x1, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ENGINES)
def test_axes_are_laid_out_like_others_once_the_cards_are_gone(layout: Any) -> None:
    def drawn(take_away: Callable[[Any, Any], object] | None) -> Any:
        figure, (left, right) = plt.subplots(1, 2, layout=layout, figsize=(9, 5))
        if take_away is not None:
            take_away(left, draw_autopsy(left, FORTY))
            left.clear()
        left.plot([1, 2])
        right.plot([1, 2])
        return places(redrawn(redrawn(figure)))

    never = drawn(None)
    assert_allclose(drawn(lambda _, grid: grid.remove()), never, rtol=0, atol=NOISE)
    assert_allclose(drawn(lambda host, _: host.clear()), never, rtol=0, atol=NOISE)
