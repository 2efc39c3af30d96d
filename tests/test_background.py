"""What is behind the cards: the figure's colour, as in any figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, card_boxes, close_to, pixels, redrawn, saved
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from dead_neuron_autopsy import (
    DARK,
    LIGHT,
    PRINT,
    Style,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
    savefig_with_alt,
)

PINK = "#ffc0cb"
STYLES = pytest.mark.parametrize("style", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])


def corner(picture: Any) -> Any:
    return picture[1, 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "style", "how"),
    [
        (plot_autopsy, LIGHT, "figure"),
        (plot_autopsy, DARK, "saving"),
        (plot_layers, LIGHT, "saving"),
        (plot_layers, PRINT, "figure"),
    ],
    ids=["cards", "dark cards", "bars", "bars in print"],
)
def test_a_figure_has_the_colour_that_it_was_given(
    six_neurons: Histories, draw: Callable[..., Any], style: Style, how: str
) -> None:
    figure = draw(six_neurons, style=style)
    options = {"facecolor": PINK} if how == "saving" else {}
    if how == "figure":
        figure.set_facecolor(PINK)
    for file_format in ("png", "jpg"):
        with Image.open(io.BytesIO(saved(figure, file_format, **options))) as image:
            picture = np.asarray(image.convert("RGB")).astype(int)
        assert close_to(picture, PINK, 3).mean() > 0.1
        assert not close_to(picture, style.background)[:3].any()
    for file_format in ("svg", "pdf"):
        coloured = saved(figure, file_format, **options)
        assert coloured != saved(draw(six_neurons, style=style), file_format)
    if how == "saving":
        assert pixels(figure).tolist() == pixels(draw(six_neurons, style=style)).tolist()


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_cards_keep_the_colour_of_their_style(six_neurons: Histories, style: Style) -> None:
    figure = plot_autopsy(six_neurons, style=style)
    figure.set_facecolor(PINK)
    for zoomed in (False, True):
        if zoomed:
            figure.axes[0].set(xlim=(0.5, 2.5), ylim=(1.5, 0))
        picture = pixels(redrawn(figure), dpi=figure.dpi)
        for box in card_boxes(figure.autopsy_grid):
            middle = int(box.x0 + box.width / 2)
            bottom = int(len(picture) - box.y0) - 4  # below the peak, above the border
            inside = figure.axes[0].bbox
            if inside.x0 < middle < inside.x1 and inside.y0 < len(picture) - bottom < inside.y1:
                assert close_to(picture[bottom, middle], style.card)


def test_cards_without_a_colour_show_what_is_behind(six_neurons: Histories) -> None:
    for figure in (plot_autopsy(six_neurons, style="print"), plot_autopsy(six_neurons)):
        figure.autopsy_grid.borders.set_facecolor("none")
        figure.set_facecolor(PINK)
        assert not close_to(pixels(figure), "white").any()


@STYLES
def test_a_transparent_picture_has_nothing_behind(six_neurons: Histories, style: Style) -> None:
    alpha = pixels(plot_autopsy(six_neurons, style=style), "RGBA", transparent=True)[..., 3]
    assert corner(alpha) == 0
    mpl.rcParams["savefig.transparent"] = True
    assert corner(pixels(plot_autopsy(six_neurons, style=style), "RGBA"))[3] == 0


def test_a_style_sheet_puts_no_slab_behind_light_cards(six_neurons: Histories) -> None:
    mpl.rcParams.update({"savefig.facecolor": "black", "savefig.edgecolor": "red"})
    assert close_to(corner(pixels(plot_autopsy(six_neurons))), "white")
    mpl.rcParams["savefig.facecolor"] = "auto"
    plain = saved(plot_autopsy(six_neurons), "pdf")
    mpl.rcParams["savefig.facecolor"] = "black"
    assert saved(plot_autopsy(six_neurons), "pdf") == plain
    one, other = io.BytesIO(), io.BytesIO()
    save_autopsy_pages(one, six_neurons)
    mpl.rcdefaults()
    save_autopsy_pages(other, six_neurons)
    assert one.getvalue() == other.getvalue()


@contextmanager
def shape_of(figure: Figure) -> Iterator[None]:
    """Raise unless a save leaves the figure's own colours as they were."""
    before = figure.get_facecolor(), [axes.get_facecolor() for axes in figure.axes]
    yield
    assert before == (
        figure.get_facecolor(),
        [axes.get_facecolor() for axes in figure.axes],
    )


def test_an_axes_of_the_callers_has_the_colour_that_it_was_given(
    six_neurons: Histories,
) -> None:
    figure, axes = plt.subplots()
    draw_autopsy(axes, six_neurons)
    axes.set_facecolor(PINK)
    buffer = io.BytesIO()
    with shape_of(figure):
        savefig_with_alt(figure, buffer, format="png", facecolor="black")
    with Image.open(buffer) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    assert close_to(corner(picture), "black")
    assert close_to(picture, PINK).mean() > 0.1
    assert close_to(picture, LIGHT.card).mean() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("field", [name for name in vars(LIGHT) if "_width" not in name])
def test_a_colour_of_none_draws_nothing(
    six_neurons: Histories, thirty_neurons: Histories, field: str
) -> None:
    if "family" in field:
        pytest.skip("no colour")
    nothing: Any = "none"
    neurons = {**six_neurons, "L4·N1": np.array([np.nan, 1.0] * 12)}
    style = replace(LIGHT, **{field: nothing})
    plain, without = (
        plot_autopsy(neurons, style=one, group_by="layer", window=12) for one in (LIGHT, style)
    )
    for file_format in ("svg", "pdf"):
        assert saved(without, file_format)
    # White on white; behind a flat line.
    hidden = {"background", "card", "dead_midline"}
    if getattr(LIGHT, field) != "none" and field not in hidden:
        assert (pixels(plain) != pixels(without)).any()
    small = plot_autopsy(thirty_neurons, style=style, width=2)
    bars = plot_layers(thirty_neurons, style=style)
    assert saved(small, "png")
    assert saved(small, "svg")
    assert saved(bars, "png")
    save_autopsy_pages(io.BytesIO(), six_neurons, style=style)  # bars and cards


def test_words_without_a_colour_are_in_no_document(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, style=Style(title="none", dead_text="none"), title="Unseen")
    mpl.rcParams["svg.fonttype"] = "none"
    svg = saved(figure, "svg").decode()
    assert ">Unseen</text>" not in svg
    assert svg.count(">alive</text>") == 4
    assert ">dead</text>" not in svg


def test_cards_keep_their_colour_whatever_is_behind(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.axes[0].axvspan(0, 3, color="black", zorder=-1)
    picture = pixels(figure)
    assert close_to(picture, "black").mean() > 0.05
    assert close_to(picture, LIGHT.card).mean() > 0.5
    behind = plot_autopsy(six_neurons)
    inset = behind.axes[0].inset_axes((0, 0, 1, 1), zorder=-1)
    inset.set_facecolor("black")
    assert close_to(pixels(behind), LIGHT.card).mean() > 0.5
    around, axes = plt.subplots()
    axes.set_facecolor("black")
    draw_autopsy(axes.inset_axes((0, 0, 1, 1)), six_neurons)
    axes.child_axes[0].set_facecolor("none")
    assert close_to(pixels(around), LIGHT.card).mean() > 0.5


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_cards_take_the_colours_of_a_colormap(six_neurons: Histories, style: Style) -> None:
    figure = plot_autopsy(six_neurons, style=style)
    figure.autopsy_grid.borders.set_array(np.arange(6.0))
    figure.autopsy_grid.borders.set_cmap("viridis")
    assert close_to(pixels(figure), "#440154").any()


@pytest.mark.parametrize("field", [name for name in vars(LIGHT) if "_width" in name])
def test_a_width_of_nothing_draws_nothing(six_neurons: Histories, field: str) -> None:
    nothing: Any = 0
    style = replace(LIGHT, **{field: nothing})
    cards, bars = (draw(six_neurons, style=style) for draw in (plot_autopsy, plot_layers))
    for file_format in ("png", "svg", "pdf", "ps"):
        assert saved(cards, file_format)
        assert saved(bars, file_format)
