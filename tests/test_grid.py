from __future__ import annotations

import copy
import io
import math
import pickle
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pdfplumber
import pytest
from drawing import Histories, card_boxes, close_to, pixels, redrawn, saved, written
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
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


@pytest.mark.parametrize("layout", [None, "tight", "constrained"])
def test_it_stays_within_the_room_of_its_axes(six_neurons: Histories, layout: Any) -> None:
    def room(drawn: bool) -> tuple[Figure, Axes]:  # noqa: FBT001
        figure, axs = plt.subplot_mosaic("AAB;AAC", figsize=(8, 5), layout=layout)
        axs["B"].plot([1, 2])
        axs["C"].set_xlabel("step")
        if drawn:
            draw_autopsy(axs["A"], six_neurons)
        else:
            axs["A"].set_axis_off()
        for _ in range(2):  # "tight" moves Axes of any kind at the second draw
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
    assert tuple(pixels(figure)[2, 2]) == (14, 17, 22)
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
    assert "Dead neuron autopsy" not in [one.text for one in written(figure)]
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
    ink = np.argwhere((pixels(figure, dpi=dpi) != 255).any(axis=-1))
    figure.autopsy_grid.sparklines.set_rasterized(True)
    with pdfplumber.open(io.BytesIO(saved(figure, "pdf", dpi=dpi))) as document:
        (picture,) = document.pages[0].images
    edges = [picture[name] for name in ("top", "x0", "bottom", "x1")]
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    expected = np.array([top, left, bottom, right]) * 72 / dpi
    assert_allclose(edges, expected, atol=2 * 72 / dpi)
    assert picture["srcsize"] == pytest.approx((right - left, bottom - top), abs=2)


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


def test_an_inset_hides_what_is_under_it(six_neurons: Histories) -> None:
    figure, ax = plt.subplots(figsize=(8, 6))
    ax.set_axis_off()
    ax.axhspan(0, 1, color="#ff0000")
    ax.set_ylim(0, 1)
    grid = draw_autopsy(ax.inset_axes((0.5, 0.5, 0.5, 0.5)), six_neurons)
    picture = pixels(figure, dpi=figure.dpi)
    room = grid.get_window_extent().padded(-3)
    (left, bottom), (right, top) = np.round(room.get_points()).astype(int)
    inside = picture[len(picture) - top : len(picture) - bottom, left:right]
    assert not close_to(inside, "#ff0000", 40).any()


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
    with pytest.raises(TypeError, match=r"where: must be a matplotlib Axes, .*; got None"):
        draw_autopsy(None, six_neurons)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"where: must be a matplotlib Axes, .*; got ndar"):
        draw_autopsy(plt.subplots(2)[1], six_neurons)


def test_a_polar_axes_is_refused(six_neurons: Histories) -> None:
    ax = plt.figure().add_subplot(projection="polar")
    with pytest.raises(ValueError, match=r"where: must be rectilinear; got a 'polar'"):
        draw_autopsy(ax, six_neurons)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_shared_limits_are_not_changed(six_neurons: Histories, axis: str) -> None:
    _, (left, right) = plt.subplots(1, 2, sharex=axis == "x", sharey=axis == "y")
    right.plot([5, 6], [7, 8])
    limits = right.get_xlim(), right.get_ylim()
    with pytest.raises(ValueError, match=f"where: shares its {axis} axis"):
        draw_autopsy(left, six_neurons)
    assert (right.get_xlim(), right.get_ylim()) == limits


def test_a_second_autopsy_in_the_same_axes_is_refused(six_neurons: Histories) -> None:
    figure, ax = plt.subplots()
    draw_autopsy(ax, six_neurons)
    before = pixels(figure)
    with pytest.raises(ValueError, match=r"where: holds an autopsy already"):
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


# Zooming

N = 36
SQUARE = 6


def squares(n: int = N, **options: Any) -> Any:
    """Return a figure of square order whose cards are n00, n01, ...; every third dead."""
    histories = np.abs(np.random.default_rng(4).normal(size=(n, 20)))
    histories[::3] = 0
    ids = [f"n{index:02}" for index in range(n)]
    return plot_autopsy(histories, neuron_axis=0, ids=ids, **options)


def zoomed(figure: Any, left: float, right: float, top: float = 0, bottom: float = SQUARE) -> Any:
    figure.axes[0].set_xlim(left, right)
    figure.axes[0].set_ylim(bottom, top)
    return figure


def cards_in(svg: bytes) -> dict[str, ET.Element]:
    """Return the list items of an SVG by the ids that they are read out with."""
    items: dict[str, ET.Element] = {}
    for item in ET.fromstring(svg).iter():
        if item.get("role") == "listitem":
            (label,) = [e.get("aria-label", "") for e in item if e.get("role") == "img"]
            items[label.split(",")[0]] = item
    return items


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ((2, 4, 3, 5), ["n20", "n21", "n26", "n27"]),
        ((1.5, 2.5, 0.2, 0.8), ["n01", "n02"]),
        ((4.9, 9, 5.5, 7), ["n34", "n35"]),
        ((-3, 0.5, -3, 0.5), ["n00"]),
        ((4, 2, 5, 3), ["n20", "n21", "n26", "n27"]),  # turned round
        ((-1, 7, -1, 7), [f"n{index:02}" for index in range(N)]),
        ((6.1, 9, 0, 6), []),
    ],
)
def test_only_cards_in_view_are_drawn(
    view: tuple[float, float, float, float], expected: list[str]
) -> None:
    figure = zoomed(squares(), *view)
    assert list(cards_in(saved(figure, "svg"))) == expected
    (page,) = PdfReader(io.BytesIO(saved(figure, "pdf"))).pages
    assert sorted(re.findall(r"n\d\d", page.extract_text())) == expected
    assert "12/36 dead" in page.extract_text()
    saved(figure, "png")
    assert sorted(figure.autopsy_grid.id_labels.get_texts()) == expected


def test_where_nothing_is_in_view_the_header_stays() -> None:
    figure = squares()
    whole = pixels(figure)
    away = pixels(zoomed(figure, 50, 51))
    host = figure.axes[0].get_window_extent()
    header = int((figure.bbox.height - host.y1) * len(whole) / figure.bbox.height) - 1
    assert (away[:header] == whole[:header]).all()
    assert (away[header + 2 :] == 255).all()
    assert b'role="list"' not in saved(figure, "svg")


Styling = Callable[[Any, Sequence[Any]], None]

COLORS = [to_hex(color) for color in mpl.colormaps["hsv"](np.linspace(0, 0.9, N))]
WIDTHS = [2.0 + index % 5 for index in range(N)]
DASHES = ["-" if index % 2 else (0, (1 + index % 3, 1)) for index in range(N)]
SHARES = np.linspace(0.2, 0.9, N).tolist()


def by_array(part: Any, values: Sequence[Any]) -> None:
    part.set_edgecolor(None)  # given colors win over an array
    part.set_clim(0, 1)
    part.set_array(np.array(values))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "values", "style"),
    [
        ("borders", COLORS, lambda part, some: part.set_edgecolor(some)),
        ("borders", COLORS, lambda part, some: part.set_facecolor(some)),
        ("borders", WIDTHS, lambda part, some: part.set_linewidth(some)),
        ("borders", DASHES, lambda part, some: part.set_linestyle(some)),
        ("borders", SHARES, lambda part, some: part.set_alpha(some)),
        ("borders", SHARES, by_array),
        ("badges", COLORS, lambda part, some: part.set_facecolor(some)),
        ("badges", SHARES, by_array),
        ("sparklines", COLORS, lambda part, some: part.set_color(some)),
        ("sparklines", WIDTHS, lambda part, some: part.set_linewidth(some)),
        ("sparklines", DASHES, lambda part, some: part.set_linestyle(some)),
        ("sparklines", SHARES, lambda part, some: part.set_alpha(some)),
        ("sparklines", SHARES, by_array),
        ("midlines", COLORS[:5], lambda part, some: part.set_color(some)),
        ("id_labels", COLORS, lambda part, some: part.set_color(some)),
        ("state_labels", COLORS, lambda part, some: part.set_color(some)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_card_in_view_looks_as_its_own_neuron_was_told_to(
    part: str, values: Sequence[Any], style: Styling
) -> None:
    """Each alone in view is as if all had been styled as it is."""
    each = squares()
    style(getattr(each.autopsy_grid, part), values)
    index, alike = 27, squares()
    style(getattr(alike.autopsy_grid, part), [values[index % len(values)]] * len(values))
    row, column = divmod(index, SQUARE)
    figures = [zoomed(figure, column, column + 1, row, row + 1) for figure in (each, alike)]
    for file_format in ("png", "svg", "pdf"):
        one, other = (saved(figure, file_format) for figure in figures)
        assert one == other, file_format


def test_an_array_may_change_while_zoomed() -> None:
    figure = squares()
    by_array(figure.autopsy_grid.sparklines, [0.0] * N)
    figure.autopsy_grid.sparklines.set_cmap("binary")
    before = pixels(figure)
    zoomed(figure, 2, 4, 3, 5)
    white = pixels(figure)
    figure.autopsy_grid.sparklines.set_array(np.ones(N))
    black = pixels(figure)
    assert close_to(black, "k").sum() > close_to(white, "k").sum()
    figure.autopsy_grid.sparklines.set_array(np.zeros(N))
    assert (pixels(figure) == white).all()
    assert (pixels(zoomed(figure, 0, SQUARE)) == before).all()


def test_cards_in_view_together_keep_their_own_colors() -> None:
    figure = zoomed(squares(), 2, 4, 3, 5)
    figure.autopsy_grid.borders.set_edgecolor(COLORS)
    figure.autopsy_grid.borders.set_linewidth(WIDTHS)
    picture = pixels(figure)
    found = [index for index in range(N) if close_to(picture, COLORS[index], 1).any()]
    assert found == [20, 21, 26, 27]
    for name, item in cards_in(saved(figure, "svg")).items():
        words = ET.tostring(item, encoding="unicode")
        index = int(name[1:])
        assert [color for color in COLORS if color in words] == [COLORS[index]]
        assert f'stroke: {COLORS[index]}; stroke-width: {WIDTHS[index]:g}"' in words


def test_a_link_leads_from_its_own_card() -> None:
    figure = zoomed(squares(), 2, 4, 3, 5)
    figure.autopsy_grid.borders.set_urls([f"https://example.org/n{i:02}" for i in range(N)])
    for name, item in cards_in(saved(figure, "svg")).items():
        words = ET.tostring(item, encoding="unicode")
        assert re.findall(r"example\.org/(n\d\d)", words) == [name]


def shows(figure: Any, part: str) -> bool:
    """Return whether hiding a part changes the picture."""
    artist = getattr(figure.autopsy_grid, part)
    before = pixels(figure)
    artist.set_visible(False)
    without = pixels(figure)
    artist.set_visible(True)
    return bool((before != without).any())


def test_details_follow_the_zoom() -> None:
    figure = squares(400, card_width=0.11)
    parts = ["sparklines", "id_labels", "state_labels", "badges", "peak_labels", "marks"]
    seen = []
    for n_across in (20, 10, 5, 4, 2, 20):
        zoomed(figure, 0, n_across, 0, n_across)
        seen.append([part for part in parts if shows(figure, part)])
    assert seen == [
        ["marks"],
        ["sparklines", "marks"],
        ["sparklines", "id_labels", "marks"],
        ["sparklines", "id_labels", "marks"],
        ["sparklines", "id_labels", "state_labels", "badges", "peak_labels"],
        ["marks"],
    ]


def test_the_living_have_a_mark_only_beside_their_sparkline() -> None:
    figure = squares(400, card_width=0.11)
    figure.autopsy_grid.marks.set_facecolor(
        ["#ff00ff" if state == "alive" else "k" for state in figure.autopsy.states]
    )
    seen = []
    for n_across in (20, 10, 5, 4, 2):
        picture = pixels(zoomed(figure, 0, n_across, 0, n_across), dpi=200)
        seen.append(bool(close_to(picture, "#ff00ff").any()))
    assert seen == [False, False, False, True, False]


def test_letters_keep_their_size_in_points() -> None:
    figure = squares(400, card_width=0.11)
    sizes: dict[float, set[float]] = {}
    for n_across in (20, 5, 2, 1, 0.5):
        zoomed(figure, 0, n_across, 0, n_across)
        with pdfplumber.open(io.BytesIO(saved(figure, "pdf"))) as document:
            letters = document.pages[0].chars
        sizes[n_across] = {round(letter["size"], 3) for letter in letters}
    assert sizes[20] <= sizes[5] < sizes[2] <= sizes[1] == sizes[0.5]
    assert min(sizes[2]) >= 5


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_zooming_back_shows_what_was_there(file_format: str) -> None:
    figure = squares()
    before = saved(figure, file_format)
    closer = {}
    for view in ((2, 4, 3, 5), (0.5, 1.5, 0, 2), (50, 51), (-1, 7, -1, 7)):
        closer[view] = saved(zoomed(figure, *view), file_format)
        assert saved(figure, file_format) == closer[view]
    assert len({before, *closer.values()}) == 5
    assert saved(zoomed(figure, 0, SQUARE), file_format) == before
    assert saved(zoomed(squares(), 2, 4, 3, 5), file_format) == closer[2, 4, 3, 5]


def test_a_zoomed_draw_leaves_the_parts_of_all_cards_as_they_were() -> None:
    figure = squares()
    grid = figure.autopsy_grid
    collections = [grid.borders, grid.badges, grid.marks, grid.midlines, grid.sparklines]

    def looks() -> str:
        return repr(
            [
                (
                    part.get_facecolor().tolist(),
                    part.get_edgecolor().tolist(),
                    np.asarray(part.get_linewidth()).tolist(),
                    part.get_linestyle(),
                    part.get_array(),
                    part.get_clip_on(),
                )
                for part in collections
            ]
        )

    before = looks()
    for file_format in ("png", "svg", "pdf"):
        saved(zoomed(figure, 2, 4, 3, 5), file_format)
        assert looks() == before
        assert [len(part.get_paths()) for part in collections] == [N] * 5


def test_the_mouse_finds_the_card_under_it_when_zoomed() -> None:
    figure = squares()
    for _ in range(2):  # before it has been drawn whole, and after
        redrawn(zoomed(figure, 2, 4, 3, 5))
        x, y = figure.axes[0].transData.transform((3.5, 4.5))
        event = MouseEvent("motion_notify_event", figure.canvas, x, y)
        inside, details = figure.autopsy_grid.borders.contains(event)
        assert inside
        assert list(details["ind"]) == [27]
        redrawn(zoomed(figure, 0, SQUARE))


def test_a_closer_look_at_a_long_history_shows_more_of_it() -> None:
    noise = np.random.default_rng(2).normal(size=(4, 100_000))
    figure = plot_autopsy(noise, neuron_axis=0)

    def n_points() -> int:
        item = cards_in(saved(figure, "svg"))["0"]
        return max(len(e.get("d", "").split("L")) for e in item.iter())

    far = n_points()
    zoomed(figure, 0, 1, 0, 1)
    assert 1.8 * far < n_points() < 3 * far
    zoomed(figure, 0, 2, 0, 2)
    assert n_points() == far


def test_dragging_the_cards_moves_them() -> None:
    figure = redrawn(zoomed(squares(), 2, 4, 2, 4))
    host = figure.axes[0]
    assert host.can_pan()
    assert host.can_zoom()
    (x, y), (to_x, to_y) = host.transData.transform([(3, 3), (2, 2)])
    host.start_pan(x, y, 1)
    host.drag_pan(1, None, to_x, to_y)
    host.end_pan()
    assert list(cards_in(saved(figure, "svg"))) == ["n21", "n22", "n27", "n28"]


# Interactive windows


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what has asked for figures to be drawn again, as in a window."""
    calls: list[str] = []
    mpl.rcParams["interactive"] = True
    monkeypatch.setattr(FigureCanvasAgg, "draw_idle", lambda _: calls.append("again"))
    return calls


def test_drawing_asks_for_no_other_drawing(asked: list[str]) -> None:
    figure = squares()
    empty, ax = plt.subplots()
    ax.set_axis_off()
    ax.set_axes_locator(lambda *_: Bbox([[0, 0], [1, 1]]))
    asked.clear()
    redrawn(empty)
    by_itself = list(asked)  # Matplotlib asks where it sets the place of an Axes
    for view in ((0, 6, 0, 6), (2, 4, 3, 5), (50, 51, 0, 6), (2.5, 3.5, 2, 5)):
        asked.clear()
        zoomed(figure, *view)
        assert asked
        for _ in range(2):
            asked.clear()
            redrawn(figure)
            assert asked == by_itself
            assert not figure.stale


def test_a_restyled_part_is_drawn_again_when_zoomed(asked: list[str]) -> None:
    figure = redrawn(zoomed(squares(), 2, 4, 3, 5))
    asked.clear()
    figure.autopsy_grid.borders.set_edgecolor("#00ff00")
    assert asked
    assert figure.stale
    assert close_to(pixels(figure), "#00ff00").any()


# Axes of cards that are out of view


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_axes_of_a_card_follow_it_out_of_view(file_format: str) -> None:
    figure = squares()
    axes = [figure.autopsy_grid.cards[f"n{index:02}"].axes for index in range(N)]
    saved(zoomed(figure, 2, 4, 3, 5), file_format)
    figure.canvas.draw()
    centres = [box.get_window_extent().get_points().mean(axis=0) for box in axes]
    across, down = (math.dist(centres[0], centres[index]) for index in (1, SQUARE))
    rows, columns = np.divmod(np.arange(N), SQUARE)
    steps = np.column_stack([columns * across, -rows * down])
    assert_allclose(centres, centres[0] + steps, atol=1.5)
    inside = [index for index in range(N) if figure.axes[0].bbox.contains(*centres[index])]
    assert inside == [20, 21, 26, 27]


@pytest.mark.parametrize("view", [(2, 4, 3, 5), (0.5, 3, 0.6, 3)])
def test_marks_of_the_callers_are_cut_off_with_their_card(
    view: tuple[float, float, float, float],
) -> None:
    figure = zoomed(squares(), *view)
    for index in range(N):
        figure.autopsy_grid.cards[f"n{index:02}"].axes.axvspan(0, 19, color="#00ff00")
    marked = close_to(pixels(figure, dpi=figure.dpi), "#00ff00", 40)
    (left, bottom), (right, top) = np.round(
        figure.axes[0].get_window_extent().padded(1).get_points()
    ).astype(int)
    within = np.zeros_like(marked)
    within[len(marked) - top : len(marked) - bottom, left:right] = True
    assert marked[within].any()
    assert not marked[~within].any()


# Copies


@pytest.mark.parametrize(
    ("copied", "file_format"),
    [
        (copy.deepcopy, "pdf"),
        (lambda figure: pickle.loads(pickle.dumps(figure)), "png"),  # noqa: S301
        (lambda figure: pickle.loads(pickle.dumps(figure)), "svg"),  # noqa: S301
    ],
    ids=["deepcopy", "pickle", "pickle"],
)
def test_a_zoomed_figure_can_be_copied(copied: Callable[[Any], Any], file_format: str) -> None:
    figure = squares()
    whole = saved(figure, file_format)
    near = saved(zoomed(figure, 2, 4, 3, 5), file_format)
    twin = copied(figure)
    assert saved(twin, file_format) == near
    zoomed(twin, 0, SQUARE).autopsy_grid.borders.set_linewidth(3)
    saved(twin, file_format)
    assert saved(figure, file_format) == near
    twin.autopsy_grid.borders.set_linewidth(figure.autopsy_grid.borders.get_linewidth())
    assert saved(twin, file_format) == whole


def test_a_figure_whose_cards_were_asked_for_can_be_pickled(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    assert list(figure.autopsy_grid.cards) == list(six_neurons)
    again = pickle.loads(pickle.dumps(figure))  # noqa: S301
    assert list(again.autopsy_grid.cards) == list(six_neurons)
    assert saved(again, "png") == saved(figure, "png")


def test_a_grid_can_be_removed_after_the_axes_of_a_card(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    host, grid = figure.axes[0], figure.autopsy_grid
    axes = grid.cards["L1·N1"].axes
    axes.remove()
    grid.remove()
    assert not host.findobj(AutopsyGrid)


def test_autoscale_shows_all_cards(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    before = saved(figure, "png")
    host = figure.axes[0]
    host.set(xlim=(0.5, 1.5), ylim=(1.5, 0.5))
    host.autoscale()
    assert host.get_xlim() == (0, 3)
    assert host.get_ylim() == (2, 0)
    assert saved(figure, "png") == before


@pytest.mark.parametrize(("file_format", "now"), [("png", 7.0), ("svg", np.nan), ("pdf", 7.0)])
def test_a_buffer_that_is_used_again_is_drawn_as_it_was(file_format: str, now: float) -> None:
    buffer = np.zeros((2, 8))
    expected = saved(plot_autopsy(buffer, neuron_axis=0), file_format)
    figure = plot_autopsy(buffer, neuron_axis=0)
    buffer[1] = now
    assert saved(figure, file_format) == expected
    card = figure.autopsy_grid.cards["1"]
    assert card.axes.get_ylim() == (-1, 1)
    assert not card.activations.any()


@pytest.mark.parametrize(
    ("size", "zoomed"),
    [
        ({}, True),
        ({"card_width": 0.6}, False),
        ({"card_width": 0.6}, True),
        ({"width": 8}, False),
    ],
)
def test_ids_that_differ_look_different(size: dict[str, Any], zoomed: bool) -> None:  # noqa: FBT001
    ids = [f"transformer.h.{block}.mlp.act·{unit}" for block in (0, 1) for unit in range(60)]
    figure = plot_autopsy({name: [0.0, 1.0] for name in ids}, **size)
    if zoomed:
        figure.axes[0].set(xlim=(1, 6), ylim=(9, 1))
    drawn = redrawn(figure).autopsy_grid.id_labels.get_texts()
    assert len(set(drawn)) == len(drawn) > 1
    assert zoomed or any("…" in text for text in drawn)
