from __future__ import annotations

import io
import pickle
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, card_boxes, close_to, pixels, redrawn, saved
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.testing import assert_allclose
from PIL import Image
from pypdf import PdfReader

from dead_neuron_autopsy import AutopsyGrid, diagnose, draw_autopsy, plot_autopsy

# The grid


@pytest.mark.parametrize(
    ("n_neurons", "nrows", "ncols"), [(0, 0, 0), (1, 1, 1), (6, 2, 3), (10, 3, 4)]
)
def test_the_grid_is_near_square(n_neurons: int, nrows: int, ncols: int) -> None:
    grid = plot_autopsy({str(i): [0.0] for i in range(n_neurons)}).autopsy_grid
    assert (grid.nrows, grid.ncols) == (nrows, ncols)
    assert grid.subplots().shape == (nrows, ncols)


def test_parts_know_their_axes_and_their_figure(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    for part in figure.autopsy_grid.get_children():
        assert part.axes is figure.axes[0]
        assert part.get_figure() is figure


def test_cards_are_in_the_neurons_order(six_neurons: Histories) -> None:
    cards = plot_autopsy(six_neurons).autopsy_grid.cards
    assert list(cards) == list(six_neurons)
    assert [(card.row, card.column) for card in cards.values()] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2),
    ]  # fmt: skip
    dead = cards["L3·N2"]
    assert (dead.id, dead.state, dead.peak) == ("L3·N2", "dead", 0.0)
    assert_allclose(dead.activations, np.zeros(24))
    assert repr(dead) == "<Card 'L3·N2': dead, peak 0.0>"


# Where cards are


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_hostile_ids_are_drawn_in_every_format(
    hostile_neurons: Histories, file_format: str
) -> None:
    mpl.rcParams["text.usetex"] = True
    buffer = io.BytesIO()
    plot_autopsy(hostile_neurons).savefig(buffer, format=file_format)
    assert len(buffer.getvalue()) > 1000


# A card's own Axes


def test_card_axes_are_over_the_sparkline_in_data_units(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    card = figure.autopsy_grid.cards["L2·N1"]
    axes = card.axes
    assert axes is card.axes
    figure.canvas.draw()
    samples = np.column_stack([np.arange(24), card.activations])
    index = list(six_neurons).index("L2·N1")
    lines: Any = figure.autopsy_grid.sparklines
    drawn = lines.get_transform().transform(lines.get_paths()[index].vertices)
    drawn += lines.get_offsets()[index]
    assert_allclose(axes.transData.transform(samples), drawn, atol=1e-6)


def test_card_axes_move_with_the_card(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    axes = figure.autopsy_grid.cards["L2·N1"].axes
    figure.canvas.draw()
    before = axes.get_window_extent().frozen()
    figure.axes[0].set_xlim(1.5, 3)
    figure.canvas.draw()
    after = axes.get_window_extent().frozen()
    assert after.width > 2 * before.width
    assert after.x0 > figure.bbox.width / 3


def test_marks_of_the_callers_show_in_the_card(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.autopsy_grid.cards["L3·N1"].axes.axvline(12, color="#00ff00")
    marked = np.argwhere(close_to(pixels(figure), "#00ff00", 60))
    centre = marked.mean(axis=0)
    host = figure.axes[0]
    figure.canvas.draw()
    (x0, y0), (x1, y1) = host.transData.transform([(1, 1), (2, 2)])
    assert x0 < centre[1] < x1
    assert y1 < figure.bbox.height - centre[0] < y0


def test_subplots_are_made_when_asked_for(six_neurons: Histories) -> None:
    seven = {**six_neurons, "L4·N1": np.ones(24)}
    grid = plot_autopsy(seven).autopsy_grid
    host = grid.axes
    assert isinstance(host, Axes)
    assert host.child_axes == []
    axes = grid.subplots()
    assert axes.shape == (3, 3)
    assert axes[2, 0] is grid.cards["L4·N1"].axes
    assert axes[2, 1] is None
    assert len(host.child_axes) == 7


@pytest.mark.parametrize(
    ("history", "xlim", "holds"),
    [([], (-0.5, 0.5), 0.0), ([3.0], (-0.5, 0.5), 3.0), ([2.0, 2.0], (0, 1), 2.0)],
)
def test_axes_of_flat_histories_have_the_midline_in_the_middle(
    history: list[float], xlim: tuple[float, float], holds: float
) -> None:
    axes = plot_autopsy({"N": history}).autopsy_grid.cards["N"].axes
    assert axes.get_xlim() == xlim
    assert sum(axes.get_ylim()) / 2 == holds


# In an Axes of the caller's


@pytest.mark.parametrize("layout", [None, "tight", "constrained", "compressed"])
def test_it_stays_within_the_room_of_its_axes(six_neurons: Histories, layout: Any) -> None:
    def room(drawn: bool) -> tuple[Figure, Axes]:  # noqa: FBT001
        figure, axs = plt.subplot_mosaic("AAB;AAC", figsize=(8, 5), layout=layout)
        axs["B"].plot([1, 2])
        axs["C"].set_xlabel("step")
        if drawn:
            draw_autopsy(axs["A"], six_neurons)
        else:
            axs["A"].set_axis_off()
        figure.canvas.draw()
        return figure, axs["A"]

    empty_figure, empty = room(drawn=False)
    figure, host = room(drawn=True)
    (grid,) = host.findobj(AutopsyGrid)
    given = empty.get_position(original=True).transformed(empty_figure.transFigure)
    # The half gaps around the cards make room for themselves under a layout engine.
    half_gap = 4 * figure.dpi / 72 + 2
    assert_allclose(grid.get_window_extent().bounds, given.bounds, atol=2 * half_gap)
    cards = Bbox.union(card_boxes(grid))
    given = grid.get_window_extent()
    assert_allclose([cards.x0, cards.y0], given.p0, atol=3.5)
    assert_allclose(cards.x1, given.x1, atol=3.5)
    assert cards.y1 < given.y1 - 20  # the header
    picture = pixels(figure)
    figure.set_layout_engine("none")
    grid.set_visible(False)
    others = pixels(figure)
    outside = np.ones(picture.shape[:2], dtype=bool)
    x0, y0, x1, y1 = np.round(given.padded(1).extents).astype(int)
    height = len(picture)
    outside[height - y1 : height - y0, x0:x1] = False
    assert (picture[outside] == others[outside]).all()
    assert (picture[~outside] != others[~outside]).any()


def test_zooming_in_cuts_cards_at_the_edge_and_keeps_the_header(
    six_neurons: Histories,
) -> None:
    figure = plot_autopsy(six_neurons)
    whole = pixels(figure)
    host = figure.axes[0]
    host.set_xlim(0.5, 1.5)
    host.set_ylim(1.5, 0.5)
    zoomed = pixels(figure)
    box = host.get_window_extent()
    top = int(len(whole) - box.y1 * 100 / figure.dpi)
    assert (whole[: top - 1] == zoomed[: top - 1]).all()
    assert (whole != zoomed).any()
    assert (zoomed[:, -5:] == 255).all()
    assert (zoomed[-5:] == 255).all()


def test_the_background_is_the_styles_and_may_be_transparent(
    six_neurons: Histories,
) -> None:
    figure = plot_autopsy(six_neurons, style="dark")
    assert tuple(pixels(figure, facecolor="red")[2, 2]) == (14, 17, 22)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True)
    with Image.open(buffer) as image:
        assert image.convert("RGBA").getchannel("A").getpixel((2, 2)) == 0


def test_drawing_twice_gives_the_same(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    first = pixels(figure)
    figure.savefig(io.BytesIO(), format="pdf")
    figure.savefig(io.BytesIO(), format="svg")
    assert (pixels(figure) == first).all()


def test_no_title_leaves_the_name_in_the_words(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, title="")
    figure.canvas.draw()
    assert figure.autopsy_grid._header.title_label.get_texts() == []
    assert figure.alt_text.startswith("Dead neuron autopsy. 2 of 6")


def test_a_hidden_grid_draws_nothing(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.autopsy_grid.set_visible(False)
    assert (pixels(figure) == 255).all()


# Coming and going


def test_removing_gives_the_axes_its_room_back(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    before = ax.get_position().bounds
    grid = draw_autopsy(ax, six_neurons)
    grid.subplots()
    figure.canvas.draw()
    assert ax.get_position().bounds != before
    grid.remove()
    figure.canvas.draw()
    assert_allclose(ax.get_position().bounds, before)
    assert ax.child_axes == []
    with pytest.raises(RuntimeError, match="has been removed"):
        grid.cards["L1·N1"].axes  # noqa: B018


def test_an_axes_may_be_used_again_after_clear(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    draw_autopsy(ax, six_neurons)
    first = pixels(figure)
    ax.clear()
    draw_autopsy(ax, six_neurons)
    assert (pixels(figure) == first).all()


def test_axes_turned_round_show_whole_cards(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    host = figure.axes[0]
    host.set_xlim(3, 0)
    host.set_ylim(0, 2)
    figure.canvas.draw()
    boxes = card_boxes(figure.autopsy_grid)
    everything = Bbox.union(boxes)
    assert host.bbox.x0 < everything.x0 < everything.x1 < host.bbox.x1
    assert host.bbox.y0 < everything.y0 < everything.y1 < host.bbox.y1
    assert boxes[0].x0 > boxes[2].x0
    assert boxes[0].y0 < boxes[3].y0


def test_a_log_scale_gives_way_to_the_cards(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    ax.set_yscale("log")
    draw_autopsy(ax, six_neurons)
    figure.canvas.draw()
    assert ax.get_ylim() == (2, 0)


def test_a_cleared_axes_is_an_axes_again(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    before = ax.get_position().bounds
    draw_autopsy(ax, six_neurons)
    ax.clear()
    ax.plot([1, 2])
    figure.canvas.draw()
    assert_allclose(ax.get_position().bounds, before)


def test_a_removed_card_axes_is_made_anew(six_neurons: Histories) -> None:
    card = plot_autopsy(six_neurons).autopsy_grid.cards["L1·N1"]
    first = card.axes
    first.remove()
    assert card.axes is not first
    assert card.axes.get_figure() is not None


def test_cards_are_not_for_the_caller_to_change(six_neurons: Histories) -> None:
    cards: Any = plot_autopsy(six_neurons).autopsy_grid.cards
    with pytest.raises(TypeError):
        cards["L1·N1"] = None


@pytest.mark.parametrize("dpi", [72, 150])
def test_a_rasterized_part_stays_in_its_card(six_neurons: Histories, dpi: int) -> None:
    figure = plot_autopsy(six_neurons)
    figure.autopsy_grid.sparklines.set_rasterized(True)
    reader = PdfReader(io.BytesIO(saved(figure, "pdf", dpi=dpi)))
    (picture,) = reader.pages[0].images
    assert picture.image is not None
    width, height = picture.image.size
    wanted = figure.get_size_inches() * dpi
    assert_allclose((width, height), wanted, atol=2)


def test_an_inset_keeps_its_own_place(six_neurons: Histories) -> None:
    figure, ax = plt.subplots(figsize=(8, 6))
    inset = ax.inset_axes((0.5, 0.5, 0.5, 0.5))
    grid = draw_autopsy(inset, six_neurons)
    figure.canvas.draw()
    frame = ax.get_window_extent()
    room = grid.get_window_extent()
    assert_allclose(room.p1, frame.p1, atol=1)
    assert_allclose(room.size, np.divide(frame.size, 2), atol=1)
    figure.tight_layout()


def test_a_figure_can_be_pickled(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    copy = pickle.loads(pickle.dumps(figure))  # noqa: S301
    assert copy.alt_text == figure.alt_text
    assert (pixels(copy) == pixels(figure)).all()


def test_the_mouse_finds_the_card_under_it(six_neurons: Histories) -> None:
    figure = redrawn(plot_autopsy(six_neurons))
    grid = figure.autopsy_grid
    x, y = figure.axes[0].transData.transform((1.5, 0.5))
    event = MouseEvent("motion_notify_event", figure.canvas, x, y)
    inside, details = grid.borders.contains(event)
    assert inside
    assert list(details["ind"]) == [1]
    assert event.xdata is not None
    assert int(event.xdata) == grid.cards["L1·N2"].column


# What a host must be


def test_what_is_no_axes_is_refused(six_neurons: Histories) -> None:
    with pytest.raises(TypeError, match=r"ax: must be a matplotlib Axes; got Figure"):
        draw_autopsy(plt.figure(), six_neurons)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"ax: must be a matplotlib Axes; got ndarray"):
        draw_autopsy(plt.subplots(2)[1], six_neurons)


def test_a_polar_axes_is_refused(six_neurons: Histories) -> None:
    ax = plt.figure().add_subplot(projection="polar")
    with pytest.raises(ValueError, match=r"ax: must be rectilinear; got a 'polar'"):
        draw_autopsy(ax, six_neurons)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_shared_limits_are_not_changed(six_neurons: Histories, axis: str) -> None:
    _, (left, right) = plt.subplots(1, 2, sharex=axis == "x", sharey=axis == "y")
    right.plot([5, 6], [7, 8])
    limits = right.get_xlim(), right.get_ylim()
    with pytest.raises(ValueError, match=f"ax: shares its {axis} axis"):
        draw_autopsy(left, six_neurons)
    assert (right.get_xlim(), right.get_ylim()) == limits


def test_a_second_autopsy_in_the_same_axes_is_refused(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    draw_autopsy(ax, six_neurons)
    before = pixels(figure)
    with pytest.raises(ValueError, match=r"ax: holds an autopsy already"):
        draw_autopsy(ax, six_neurons)
    assert (pixels(figure) == before).all()


def test_bad_neurons_leave_the_axes_as_it_was() -> None:
    figure, ax = plt.subplots()
    ax.plot([1, 2])
    before = pixels(figure)
    with pytest.raises(TypeError, match="neuron 'a'"):
        draw_autopsy(ax, {"a": ["x"]})
    with pytest.raises(ValueError, match="style"):
        draw_autopsy(ax, {"a": [1.0]}, style="grey")
    assert (pixels(figure) == before).all()


def test_an_autopsy_may_be_drawn_many_times(six_neurons: Histories) -> None:
    autopsy = diagnose(six_neurons)
    _, axs = plt.subplots(1, 2, figsize=(10, 4))
    grids = [draw_autopsy(ax, autopsy) for ax in axs]
    assert grids[0].autopsy is grids[1].autopsy is autopsy
