from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, pixels, redrawn, saved
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, PathCollection
from PIL import Image
from programs import output_of

from dead_neuron_autopsy import plot_autopsy
from dead_neuron_autopsy._drawing.painting import draw_in_bulk

Restyle = Callable[[Any], object]

#: Cards that have all outlines but marks, or but badges, in inches.
WIDTHS = {"borders": 1.25, "badges": 1.25, "marks": 0.75}


def drawn_by(draw: Callable[[Any, Any], object], part: Collection) -> Any:
    """Return the pixels of a part that is drawn alone."""
    figure: Any = part.get_figure(root=True)
    renderer = FigureCanvasAgg(figure).get_renderer()
    draw(part, renderer)
    return np.asarray(renderer.buffer_rgba()).copy()


def draw_plainly(part: Any, renderer: Any) -> None:
    part.draw(renderer)


def assert_drawn_alike(part: Collection) -> None:
    """Raise unless a part looks the same however it is drawn.

    Agg rounds places to 1/256 of a pixel: an outline and its place together, or each.
    """
    in_bulk, plainly = (drawn_by(draw, part).astype(int) for draw in (draw_in_bulk, draw_plainly))
    assert plainly.any()
    assert np.abs(in_bulk - plainly).max() <= 1


def many(n_neurons: int = 30) -> Histories:
    histories = np.abs(np.random.default_rng(1).normal(size=(n_neurons, 16)))
    histories[::3] = 0.0
    return {f"N{index}": history for index, history in enumerate(histories)}


def varied(part: Collection) -> Any:
    """Return a number for each element of a part, of which three differ."""
    return np.arange(len(part.get_paths())) % 3


RESTYLES: dict[str, Restyle] = {
    "nothing": lambda part: part.stale,
    "one look": lambda part: part.set(facecolor="#00ff00", edgecolor="blue", linewidth=2),
    "see-through": lambda part: part.set(facecolor="red", edgecolor="blue", alpha=0.3),
    "no face": lambda part: part.set_facecolor("none"),
    "no edge": lambda part: part.set_edgecolor("none"),
    "widths": lambda part: part.set_linewidth(1.0 + varied(part)),
    "thin": lambda part: part.set(edgecolor="black", linewidth=0.3),
    "colormap": lambda part: part.set_array(varied(part)),
    "alphas": lambda part: part.set_alpha(0.2 + 0.3 * varied(part)),
    "hatch": lambda part: part.set_hatch("//"),
    "dashes": lambda part: part.set(edgecolor="black", linewidth=1, linestyle="--"),
    "sketch": lambda part: part.set_sketch_params(1, 20, 2),
    "aliased": lambda part: part.set_antialiased([False]),
    "halo": lambda part: part.set_path_effects(
        [patheffects.withStroke(linewidth=4, foreground="gold")]
    ),
    "elsewhere": lambda part: part.set_transform(mpl.transforms.Affine2D().scale(0.7)),
    "joins": lambda part: part.set(edgecolor="black", linewidth=5, joinstyle="bevel"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDTHS)
@pytest.mark.parametrize("restyle", RESTYLES)
def test_outlines_look_alike_in_bulk_and_one_by_one(name: str, restyle: str) -> None:
    figure = redrawn(plot_autopsy(many(), card_width=WIDTHS[name]))
    part = getattr(figure.autopsy_grid, name)
    assert len(part.get_paths()[0].vertices) > 2  # there is something to draw
    RESTYLES[restyle](part)
    assert_drawn_alike(part)


@pytest.mark.parametrize("zoom", [0.01, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("name", WIDTHS)
def test_cut_off_outlines_look_alike_too(name: str, zoom: float) -> None:
    figure = plot_autopsy(many(), card_width=WIDTHS[name])
    (axes,) = figure.axes
    axes.set_xlim(1.37, 1.37 + zoom)
    axes.set_ylim(1.21 + zoom, 1.21)
    in_bulk = pixels(figure)
    for part in figure.autopsy_grid.findobj(PathCollection):
        # Draws the same, but outline by outline.
        part.set_path_effects([patheffects.Normal()])
    plainly = pixels(figure)
    assert (plainly < 255).any()
    assert np.abs(in_bulk - plainly).max() <= 1


def test_nothing_is_drawn_beyond_the_axes_when_zoomed() -> None:
    figure = plot_autopsy(many())
    (axes,) = figure.axes
    for start in np.linspace(0.5, 1.5, 12):
        axes.set_xlim(start, start + 2.2)
        axes.set_ylim(start + 2.3, start)
        redrawn(figure)
        picture = pixels(figure, dpi=figure.dpi)
        edges = np.array([len(picture), 0]) + [-1, 1] * axes.bbox.get_points()[:, ::-1]
        (bottom, left), (top, right) = np.floor(edges + 0.5).astype(int)
        inside, around = picture[top:bottom, left:right], picture.copy()
        around[:bottom, left:right] = 255  # the header may be as wide as the cards
        assert (inside < 255).any()
        assert (around == 255).all()


def test_a_document_defines_an_outline_once() -> None:
    with mpl.rc_context({"pdf.compression": 0}):
        few, more = (saved(plot_autopsy(many(count)), "pdf") for count in (30, 60))
    curves_of_few, curves_of_more = (document.count(b" c\n") for document in (few, more))
    assert curves_of_few == curves_of_more > 0


def test_a_badge_whose_corner_is_beyond_the_page_is_drawn(tmp_path: Path) -> None:
    figure = plot_autopsy({name: [0.0, 1.0] for name in "abc"}, ncols=1, width=2.4)
    (axes,) = figure.axes
    grid: Any = figure.autopsy_grid
    grid.badges.set(facecolor="#ffee00", edgecolor="black")  # of one look
    redrawn(figure)
    into_badge = grid.badges.get_offsets()[0, 0] - axes.bbox.x0 + 0.2 * figure.dpi
    left = into_badge / axes.bbox.width
    axes.set_xlim(left, left + 1)
    redrawn(figure)
    assert grid.badges.get_offsets()[0, 0] < 0
    with_badge = in_document(figure, tmp_path)
    grid.badges.set_visible(False)
    without = in_document(figure, tmp_path)
    assert (with_badge != without).any(axis=-1).sum() > 100


def in_document(figure: Any, folder: Path) -> Any:
    """Return the pixels of a figure that is saved as PDF, as another program draws it."""
    figure.savefig(folder / "figure.pdf")
    output_of("pdftoppm", "-png", "-singlefile", folder / "figure.pdf", folder / "page")
    with Image.open(folder / "page.png") as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("look", ["gapcolor", "hatchcolor"])
@pytest.mark.parametrize("zoomed", [False, True])
def test_looks_of_single_elements_stay_with_them(look: str, zoomed: bool) -> None:  # noqa: FBT001
    figure = plot_autopsy({f"N{i}": np.sin(np.arange(50.0)) for i in range(4)})
    grid = figure.autopsy_grid
    part: Any = grid.sparklines if look == "gapcolor" else grid.badges
    if not hasattr(part, f"set_{look}"):
        pytest.skip("since Matplotlib 3.11")
    part.set(linestyle="--") if look == "gapcolor" else part.set(hatch="//")
    getattr(part, f"set_{look}")(["#aa0001", "#aa0002", "#aa0003", "#aa0004"])
    if zoomed:
        figure.axes[0].set_xlim(1, 2)
    svg = saved(figure, "svg").decode()
    drawn = ["#aa0002", "#aa0004"] if zoomed else [f"#aa000{i}" for i in (1, 2, 3, 4)]
    assert sorted(set(re.findall("#aa000[1-4]", svg))) == drawn
    if look == "hatchcolor":  # whose patterns stand at the end of the file
        return
    items = svg.split('<g role="listitem"')[1:]
    for number, item in zip([1, 3] if zoomed else range(4), items, strict=True):
        assert set(re.findall("#aa000[1-4]", item)) == {f"#aa000{number + 1}"}
