"""What callers set on a part is obeyed at every draw, and stays as they set it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawing import Histories, pixels, redrawn, saved
from matplotlib.collections import Collection
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from dead_neuron_autopsy import plot_autopsy, plot_layers

RED = "#fe0102"

VIEWS: dict[str, dict[str, Any]] = {
    "whole": {},
    "zoomed": {"xlim": (0.4, 2.3), "ylim": (1.7, 0.2)},
}

PARTS = (
    "borders",
    "badges",
    "midlines",
    "sparklines",
    "id_labels",
    "state_labels",
    "peak_labels",
)


@pytest.fixture(params=VIEWS)
def figure(request: pytest.FixtureRequest, six_neurons: Histories) -> Any:
    made = plot_autopsy(six_neurons, ncols=3, style="print")  # in grey
    made.axes[0].set(**VIEWS[request.param])
    return made


def red(picture: Any) -> Any:
    """Return which pixels of a picture in grey are red, at least in part."""
    return picture[..., 0] - picture[..., 1] > 30


def colored(part: Any) -> None:
    """Make a part as visible as it can be, in one colour that nothing else has."""
    part.set_color(RED)
    if isinstance(part, Collection):
        part.set_linewidth(3)


def left_half(figure: Any) -> tuple[Path, Any]:
    box = TransformedBbox(Bbox([(0, 0), (0.5, 1)]), figure.transFigure)
    whole: Any = Path.unit_rectangle
    return whole(), Affine2D().scale(box.width, box.height)


CLIPS: dict[str, Any] = {
    "path": left_half,
    "rectangle": lambda figure: (
        Rectangle((0, 0), 0.5, 1, transform=figure.transFigure),
        None,
    ),
}


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("name", PARTS)
def test_a_clip_path_cuts_a_part_off(figure: Any, name: str, clip: str) -> None:
    part = getattr(figure.autopsy_grid, name)
    colored(part)
    before = red(pixels(figure))
    path, transform = CLIPS[clip](figure)
    part.set_clip_path(path, transform)
    after = red(pixels(figure))
    middle = before.shape[1] // 2
    assert before[:, middle + 1 :].any()
    assert not after[:, middle + 1 :].any()
    assert after[:, : middle - 1].any()
    part.set_clip_on(False)
    assert (red(pixels(figure)) == before).all()


def test_parts_are_painted_in_the_order_of_their_zorder(figure: Any) -> None:
    grid = figure.autopsy_grid
    grid.borders.set(facecolor=RED, alpha=None)
    covered = red(pixels(figure)).sum()
    grid.borders.set_zorder(5)
    all_covered = red(pixels(figure)).sum()
    assert all_covered > covered + 500
    grid.borders.set_zorder(-5)
    assert red(pixels(figure)).sum() == covered


@pytest.mark.parametrize("name", PARTS)
def test_animated_parts_are_for_the_caller_to_draw(figure: Any, name: str) -> None:
    part = getattr(figure.autopsy_grid, name)
    colored(part)

    def canvas() -> Any:
        return np.asarray(redrawn(figure).canvas.buffer_rgba())[..., :3].astype(int)

    assert red(canvas()).any()
    part.set_animated(True)
    assert not red(canvas()).any()
    assert red(pixels(figure)).any()  # as Axes do, when they are saved
    part.set_animated(False)
    assert red(canvas()).any()


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_alpha_of_the_grid_fades_all_parts_and_gives_them_back(
    figure: Any, file_format: str
) -> None:
    grid = figure.autopsy_grid
    grid.marks.set_facecolor("none")
    before, opaque = saved(figure, file_format), pixels(figure)
    grid.set_alpha(0.3)
    assert saved(figure, file_format) != before
    darkest = pixels(figure).min()
    assert darkest > 255 * 0.6 > opaque.min()
    grid.set_alpha(0.0)
    assert (pixels(figure) == 255).all()
    grid.set_alpha(None)
    assert saved(figure, file_format) == before


SETTINGS: list[dict[str, Any]] = [
    {"zorder": 3, "alpha": 0.4, "url": "https://example.org", "gid": "mine", "snap": None},
    {"rasterized": True, "label": "a part", "agg_filter": None, "animated": True},
    {"visible": False, "clip_on": True},
]


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: next(iter(settings)))
@pytest.mark.parametrize("name", PARTS)
def test_drawing_leaves_what_was_set(figure: Any, name: str, settings: dict[str, Any]) -> None:
    part = getattr(figure.autopsy_grid, name)
    box = Bbox([(1, 2), (30, 40)])
    part.set(**settings, clip_box=box)
    redrawn(figure)
    for file_format in ("png", "svg", "pdf"):
        saved(figure, file_format)
    for setting, value in settings.items():
        assert getattr(part, f"get_{setting}")() == value, setting
    assert part.get_clip_box() is box


def test_parts_of_bars_obey_too(six_neurons: Histories) -> None:
    neurons = {f"L{index % 2}·N{index}": one for index, one in enumerate(six_neurons.values())}
    figure = plot_layers(neurons, style="print")
    bars = figure.layer_bars
    bars.bars.set_facecolor(RED)
    assert red(pixels(figure)).any()
    bars.tracks.set(zorder=4, facecolor="white")
    assert not red(pixels(figure)).any()
    assert bars.tracks.get_zorder() == 4
    bars.tracks.set_animated(True)
    redrawn(figure)
    assert bars.tracks.get_animated()
