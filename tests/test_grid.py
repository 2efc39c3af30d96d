from __future__ import annotations

import io
import pickle
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.testing import assert_allclose
from PIL import Image

from dead_neuron_autopsy import LIGHT, AutopsyGrid, diagnose, draw_autopsy, plot_autopsy

Histories = dict[str, Any]

PARTS = ["sparklines", "midlines", "borders", "badges", "marks"]


def pixels(figure: Any, dpi: float = 100, **options: Any) -> Any:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, **options)
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def close_to(picture: Any, color: str, tolerance: int = 2) -> Any:
    wanted = np.round(255 * np.array(to_rgb(color)))
    return (np.abs(picture - wanted) <= tolerance).all(axis=-1)


def redrawn(figure: Any) -> Any:
    figure.canvas.draw()
    return figure


# The grid


@pytest.mark.parametrize(
    ("n_neurons", "nrows", "ncols"), [(0, 0, 0), (1, 1, 1), (6, 2, 3), (10, 3, 4)]
)
def test_the_grid_is_near_square(n_neurons: int, nrows: int, ncols: int) -> None:
    grid = plot_autopsy({str(i): [0.0] for i in range(n_neurons)}).autopsy_grid
    assert (grid.nrows, grid.ncols) == (nrows, ncols)
    assert grid.subplots().shape == (nrows, ncols)


@pytest.mark.parametrize("part", PARTS)
def test_parts_are_collections_with_an_element_a_neuron(
    six_neurons: Histories, part: str
) -> None:
    grid = redrawn(plot_autopsy(six_neurons)).autopsy_grid
    collection = getattr(grid, part)
    kind = LineCollection if part in ("sparklines", "midlines") else PathCollection
    assert isinstance(collection, kind)
    assert len(collection.get_paths()) == 6
    assert collection in grid.findobj(kind)


def test_parts_know_their_axes_and_their_figure(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    for part in figure.autopsy_grid.get_children():
        assert part.axes is figure.axes[0]
        assert part.get_figure() is figure


def test_sparklines_are_styled_by_state(six_neurons: Histories) -> None:
    grid: Any = plot_autopsy(six_neurons).autopsy_grid
    expected = [to_rgb(LIGHT.alive_line)] * 4 + [to_rgb(LIGHT.dead_line)] * 2
    assert_allclose(grid.sparklines.get_edgecolor()[:, :3], expected)


def test_a_users_restyling_shows_and_stays(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    before = pixels(figure)
    figure.autopsy_grid.sparklines.set_linewidth(2)
    figure.autopsy_grid.sparklines.set_color("#00ff00")
    figure.autopsy_grid.borders.set_linewidth(1.3)
    figure.autopsy_grid.badges.set_visible(False)
    figure.autopsy_grid.id_labels.set_color("#ff00ff")
    after = pixels(figure)
    assert close_to(after, "#00ff00").sum() > 200
    assert not close_to(after, LIGHT.dead_line).any()
    assert not close_to(after, LIGHT.alive_badge).any()
    assert close_to(before, LIGHT.alive_badge).any()
    assert set(np.atleast_1d(figure.autopsy_grid.borders.get_linewidth())) == {1.3}


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


def test_a_card_covers_its_cell(six_neurons: Histories) -> None:
    figure = redrawn(plot_autopsy(six_neurons))
    host, grid = figure.axes[0], figure.autopsy_grid
    assert host.get_xlim() == (0, 3)
    assert host.get_ylim() == (2, 0)
    for box, card in zip(_cards(grid), grid.cards.values(), strict=True):
        (x0, y0), (x1, y1) = host.transData.inverted().transform([box.p0, box.p1])
        assert card.column < x0 < x1 < card.column + 1
        assert card.row < y1 < y0 < card.row + 1


@pytest.mark.parametrize("dpi", [72, 96, 100, 144, 150, 200, 227])
def test_gaps_are_even_and_hairlines_whole_on_pixels(
    thirty_neurons: Histories, dpi: int
) -> None:
    dead = {name: np.zeros(3) for name in thirty_neurons}
    picture = pixels(plot_autopsy(dead, ncols=6), dpi=dpi)
    figure_height, width = picture.shape[:2]
    border = close_to(picture, LIGHT.dead_border)
    columns = np.flatnonzero(border.sum(axis=0) > 0.4 * figure_height)
    rows = np.flatnonzero(border.sum(axis=1) > 0.4 * width)
    for lines, n_cards in ((columns, 6), (rows, 5)):
        starts = lines[np.diff(lines, prepend=-9) > 1]
        thickness = len(lines) / len(starts)
        assert thickness == max(1, round(LIGHT.dead_border_width * dpi / 72))
        assert len(starts) == 2 * n_cards
        assert len(set(np.diff(starts[::2]))) <= 1
        assert len(set(np.diff(starts[1::2]))) <= 1
    assert abs(columns[0] - (width - 1 - columns[-1])) <= 2


def test_the_natural_size_is_the_cards() -> None:
    figure = plot_autopsy({str(i): [0.0] for i in range(6)})
    width, height = figure.get_size_inches() * 72
    assert width == pytest.approx(12 + 3 * 90 + 2 * 8 + 12)
    rest = height - (12 + 2 * 62 + 8 + 12)
    assert 20 < rest < 45  # the header
    card: Any = figure.autopsy_grid.borders
    figure.savefig(io.BytesIO(), format="pdf")
    outline = card.get_paths()[0].get_extents()
    line = LIGHT.alive_border_width
    assert outline.width + line == pytest.approx(90)
    assert outline.height + line == pytest.approx(62)


def test_nothing_lies_outside_its_card(hostile_neurons: Histories) -> None:
    figure = redrawn(plot_autopsy(hostile_neurons))
    grid = figure.autopsy_grid
    per_point = figure.dpi / 72
    measure = grid.id_labels.font.measure
    texts = grid.id_labels.get_texts()
    assert texts != list(hostile_neurons)
    for index, text in enumerate(texts):
        id_left = grid.id_labels._places[index][0]
        badge = grid.badges.get_offsets()[index]
        card = grid.borders.get_offsets()[index]
        outline = grid.borders.get_paths()[index].get_extents()
        pill = grid.badges.get_paths()[index].get_extents()
        assert card[0] < id_left
        assert id_left + measure(text) * per_point < badge[0]
        assert badge[0] + pill.width < card[0] + outline.width
        assert badge[1] > card[1]


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_hostile_ids_are_drawn_in_every_format(
    hostile_neurons: Histories, file_format: str
) -> None:
    mpl.rcParams["text.usetex"] = True
    buffer = io.BytesIO()
    plot_autopsy(hostile_neurons).savefig(buffer, format=file_format)
    assert len(buffer.getvalue()) > 1000


def test_dollars_are_drawn_as_dollars() -> None:
    figure = redrawn(plot_autopsy({"$x^2$": [1.0, 2.0]}))
    assert figure.autopsy_grid.id_labels.get_texts() == ["$x^2$"]


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


def _cards(grid: Any) -> list[Bbox]:
    corners = grid.borders.get_offsets()
    outlines = [path.get_extents() for path in grid.borders.get_paths()]
    return [
        Bbox([outline.p0 + corner, outline.p1 + corner])
        for outline, corner in zip(outlines, corners, strict=True)
    ]


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
    cards = Bbox.union(_cards(grid))
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


def test_small_cards_have_marks_in_place_of_words(thirty_neurons: Histories) -> None:
    figure, ax = plt.subplots(figsize=(3, 2.5))
    grid = draw_autopsy(ax, thirty_neurons)
    small = pixels(figure)
    assert grid.id_labels.get_texts() == []
    assert close_to(small, LIGHT.dead_text).sum() > 50
    assert not close_to(small, LIGHT.alive_badge).any()
    figure.set_size_inches(12, 10)
    large = pixels(figure)
    assert len(grid.id_labels.get_texts()) == 30
    assert close_to(large, LIGHT.alive_badge).any()


def test_a_header_that_would_crowd_out_the_cards_is_left_out(
    six_neurons: Histories,
) -> None:
    figure = plt.figure(figsize=(2, 0.7))
    grid = draw_autopsy(figure.add_axes((0, 0, 1, 1)), six_neurons)
    figure.canvas.draw()
    assert_allclose(Bbox.union(_cards(grid)).height, figure.bbox.height, atol=3)


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


def test_the_header_is_shared_by_all_renderers(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, title="A")
    grid = figure.autopsy_grid
    figure.canvas.draw()
    assert grid._header.title_label.get_texts() == ["A"]
    assert grid._header.count_label.get_texts() == ["2/6 dead"]
    assert grid._header.rule_label.get_texts() == [
        "dead: max |activation| < 1e-6 over 24 samples"
    ]


def test_no_title_leaves_the_name_in_the_words(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, title="")
    figure.canvas.draw()
    assert figure.autopsy_grid._header.title_label.get_texts() == []
    assert figure.alt_text.startswith("Dead neuron autopsy. 2 of 6")


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_saving_leaves_the_parts_as_they_were(
    six_neurons: Histories, file_format: str
) -> None:
    figure = plot_autopsy(six_neurons, style="print")
    grid: Any = figure.autopsy_grid
    before = [grid.borders.get_linewidth(), grid.badges.get_linewidth()]
    figure.savefig(io.BytesIO(), format=file_format)
    assert_allclose(grid.borders.get_linewidth(), before[0])
    assert_allclose(grid.badges.get_linewidth(), before[1])
    assert {len(getattr(grid, part).get_paths()) for part in PARTS} == {6}


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


def test_cutting_to_the_tight_box_keeps_everything(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    whole = pixels(figure)
    tight = pixels(figure, bbox_inches="tight", pad_inches=0)
    assert np.abs(np.subtract(whole.shape, tight.shape)).max() <= 1
    rows, columns = tight.shape[:2]
    assert (whole[:rows, :columns] != tight).mean() < 0.02
    assert (pixels(figure) == whole).all()


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
