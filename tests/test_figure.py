from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, pixels, saved, written
from matplotlib import pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure, SubFigure
from PIL import Image
from pypdf import PdfReader

from dead_neuron_autopsy import (
    LIGHT,
    AutopsyFigure,
    AutopsyGrid,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
)

if TYPE_CHECKING:
    from pathlib import Path


# The figure


def test_it_is_a_figure_of_pyplots(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    assert isinstance(figure, AutopsyFigure)
    assert isinstance(figure, Figure)
    assert plt.gcf() is figure
    assert figure.autopsy_grid in figure.findobj(AutopsyGrid)
    assert figure.autopsy is figure.autopsy_grid.autopsy
    plt.close(figure)
    assert plt.get_fignums() == []


def test_alt_text_is_the_summary(six_neurons: Histories) -> None:
    assert plot_autopsy(six_neurons).alt_text == diagnose(six_neurons).summary
    assert plot_autopsy(six_neurons, title="Is it dead?").alt_text == (
        "Is it dead? 2 of 6 neurons dead (max absolute activation below 0.000001)."
    )


def test_an_empty_population_is_a_figure_that_says_so() -> None:
    figure = plot_autopsy({})
    figure.canvas.draw()
    assert "0/0 dead" in [one.text for one in written(figure)]
    assert figure.alt_text == (
        "Dead neuron autopsy. 0 of 0 neurons dead (max absolute activation below 0.000001)."
    )
    assert pixels(figure).shape[0] > 20


def test_an_autopsy_is_taken_in_place_of_neurons(six_neurons: Histories) -> None:
    autopsy = diagnose(six_neurons, 0.5)
    assert plot_autopsy(autopsy).autopsy is autopsy
    with pytest.raises(ValueError, match="this Autopsy was made with"):
        plot_autopsy(autopsy, 0.25)


def test_the_callers_neurons_are_not_changed(six_neurons: Histories) -> None:
    before = {name: history.copy() for name, history in six_neurons.items()}
    pixels(plot_autopsy(six_neurons))
    assert list(before) == list(six_neurons)
    for name, history in six_neurons.items():
        np.testing.assert_array_equal(history, before[name])
        assert history.flags.writeable


# Size


@pytest.mark.parametrize(
    ("width", "n_neurons", "ncols"),
    [
        (3.5, 16, 2),
        (3.5, 30, 3),  # with two, the figure would be higher than a sheet
        (7.0, 30, 4),
        (8.0, 30, 5),
        (1.0, 3, 1),
        (1.25 + 24 / 72, 3, 1),
        (7.0, 2, 2),  # few cards fill the width
    ],
)
def test_width_holds_as_many_cards_as_fit(width: float, n_neurons: int, ncols: int) -> None:
    figure = plot_autopsy({str(i): [0.0] for i in range(n_neurons)}, width=width)
    assert figure.get_size_inches()[0] == pytest.approx(width)
    assert figure.autopsy_grid.ncols == ncols


def test_ncols_wins_over_what_fits(six_neurons: Histories) -> None:
    assert plot_autopsy(six_neurons, ncols=6).autopsy_grid.nrows == 1
    narrow = plot_autopsy(six_neurons, ncols=3, width=3.5)
    assert narrow.autopsy_grid.ncols == 3
    assert narrow.get_size_inches()[0] == pytest.approx(3.5)


def test_a_narrow_figure_is_taller_for_its_header() -> None:
    wide, narrow = (plot_autopsy({"N": [0.0]}, width=width) for width in (3.0, 1.6))
    assert narrow.get_size_inches()[1] > wide.get_size_inches()[1]
    title = [one.text for one in written(narrow)][:2]
    assert " ".join(title) == "Dead neuron autopsy"


def test_a_layout_engine_may_be_used_on_it(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.tight_layout()
    figure.set_layout_engine("constrained")
    figure.canvas.draw()
    (room,) = (grid.get_window_extent() for grid in [figure.autopsy_grid])
    assert room.width > 0.9 * figure.bbox.width


# A figure of the caller's


def test_on_a_figure(six_neurons: Histories) -> None:
    mine = plt.figure(figsize=(9, 4), dpi=80, layout="constrained")
    mine.suptitle("Mine")
    mine.set_facecolor("pink")
    before = mine.get_size_inches().tolist(), mine.get_layout_engine(), mine.dpi
    grid = draw_autopsy(mine, six_neurons)
    assert grid.axes is mine.axes[0]
    mine.canvas.draw()
    assert before == (mine.get_size_inches().tolist(), mine.get_layout_engine(), mine.dpi)
    assert mine.get_suptitle() == "Mine"
    assert mine.get_facecolor() == mpl.colors.to_rgba("pink")
    assert len(mine.axes) == 1


@pytest.mark.parametrize("layout", [None, "tight", "constrained", "compressed"])
def test_on_a_figure_with_a_layout_engine(six_neurons: Histories, layout: Any) -> None:
    mine = plt.figure(figsize=(9, 4), layout=layout)
    grid = draw_autopsy(mine, six_neurons)
    mine.canvas.draw()
    assert grid.get_window_extent().width > 0.9 * mine.bbox.width


def test_on_a_subfigure(six_neurons: Histories) -> None:
    mine = plt.figure(figsize=(9, 4))
    halves: Any = mine.subfigures(1, 2)
    left, right = halves
    right.subplots().plot([1, 2])
    alone = pixels(mine)
    grid = draw_autopsy(left, six_neurons)
    assert isinstance(left, SubFigure)
    assert grid.figure is left
    together = pixels(mine)
    half = alone.shape[1] // 2
    assert (together[:, half:] == alone[:, half:]).all()
    assert (together[:, :half] != alone[:, :half]).any()


def test_pyplots_figures_stay_as_they_are_on_an_error() -> None:
    mine = plt.figure()
    for wrong in ({"neurons": {"a": [1j]}}, {"style": "gray"}, {"ncols": 0}):
        arguments: dict[str, Any] = {"neurons": {"a": [1.0]}, **wrong}
        with pytest.raises((TypeError, ValueError)):
            draw_autopsy(mine, **arguments)
        with pytest.raises((TypeError, ValueError)):
            plot_autopsy(**arguments)
    assert plt.get_fignums() == [1]
    assert mine.axes == []


# Wrong arguments


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ncols": 0}, ValueError, r"ncols: must be at least 1; got 0"),
        ({"ncols": 2.5}, TypeError, r"ncols: must be an integer; got float 2.5"),
        ({"ncols": True}, TypeError, r"ncols: must be an integer; got bool True"),
        ({"title": 3}, TypeError, r"title: must be a string; got int 3"),
        ({"style": "grey"}, ValueError, r"style: must be 'light', .* got 'grey'"),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plot_autopsy({"N": [0.0]}, **arguments)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("function", [plot_autopsy, draw_autopsy, diagnose])
def test_a_misspelt_argument_is_refused(function: Any) -> None:
    misspelt: Any = {"dead_treshold": 1}
    with pytest.raises(TypeError, match="dead_treshold"):
        function({"N": [0.0]}, **misspelt)


# Not the caller's rcParams


def test_the_picture_does_not_depend_on_tex(six_neurons: Histories) -> None:
    plain = pixels(plot_autopsy(six_neurons))
    mpl.rcParams["text.usetex"] = True
    assert np.array_equal(pixels(plot_autopsy(six_neurons)), plain)


def test_rcparams_are_left_as_they_were(six_neurons: Histories) -> None:
    before = dict(mpl.rcParams)
    pixels(plot_autopsy(six_neurons))
    plot_autopsy(six_neurons).savefig(io.BytesIO(), format="svg")
    assert dict(mpl.rcParams) == before


# Saving


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.svg", "a.svgz", "a.pdf", "a.jpg"])
def test_the_format_is_the_names(tmp_path: Path, six_neurons: Histories, name: str) -> None:
    plot_autopsy(six_neurons).savefig(tmp_path / name)
    starts = {
        "png": b"\x89PNG",
        "svg": b"<?xml",
        "svgz": b"\x1f\x8b",
        "pdf": b"%PDF",
        "jpg": b"\xff\xd8",
    }
    suffix = name.rpartition(".")[2].lower()
    assert (tmp_path / name).read_bytes().startswith(starts[suffix])


def test_without_a_name_or_a_format_it_is_what_rcparams_say(
    tmp_path: Path, six_neurons: Histories
) -> None:
    figure = plot_autopsy(six_neurons)
    buffer = io.BytesIO()
    figure.savefig(buffer, metadata={"Software": None})
    with Image.open(buffer) as image:
        assert image.format == "PNG"
        assert "Title" in image.text  # type: ignore[attr-defined]
    mpl.rcParams["savefig.format"] = "pdf"
    figure.savefig(tmp_path / "no-suffix")
    metadata = PdfReader(tmp_path / "no-suffix.pdf").metadata
    assert metadata is not None
    assert metadata.title == "Dead neuron autopsy"


@pytest.mark.parametrize("file_format", ["eps", "ps", "raw", "rgba"])
def test_formats_without_a_place_for_words_are_saved(
    six_neurons: Histories, file_format: str
) -> None:
    buffer = io.BytesIO()
    plot_autopsy(six_neurons).savefig(buffer, format=file_format)
    assert len(buffer.getvalue()) > 1000


def test_pages_of_a_pdf(tmp_path: Path, six_neurons: Histories) -> None:
    with PdfPages(tmp_path / "pages.pdf") as pages:
        pages.savefig(plot_autopsy(six_neurons))
        plot_autopsy(six_neurons, style="dark").savefig(pages, format="pdf")
    assert len(PdfReader(tmp_path / "pages.pdf").pages) == 2


def test_an_unknown_option_is_refused(six_neurons: Histories) -> None:
    with pytest.raises(TypeError, match="metadat"):
        plot_autopsy(six_neurons).savefig(io.BytesIO(), format="png", metadat={})


def test_a_cleared_figure_says_nothing_of_an_autopsy(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.clear()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as image:
        assert "Title" not in image.text  # type: ignore[attr-defined]


def test_a_figure_cleared_and_used_again_speaks_of_the_new_neurons(
    six_neurons: Histories,
) -> None:
    figure = plot_autopsy(six_neurons)
    figure.clear()
    with pytest.raises(RuntimeError, match="holds no autopsy"):
        figure.alt_text  # noqa: B018
    draw_autopsy(figure, {"z": [1.0, 1.0]})
    assert figure.alt_text.startswith("Dead neuron autopsy. 0 of 1 neuron dead")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as image:
        assert "0 of 1" in image.text["Description"]  # type: ignore[attr-defined]


def test_a_figure_before_its_autopsy_can_be_saved() -> None:
    figure = plt.figure(FigureClass=AutopsyFigure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_a_hash_salt_of_the_callers_is_kept(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.axes[0].set_xlim(0.5, 2)
    pages = []
    for salt in (None, "mine"):
        mpl.rcParams["svg.hashsalt"] = salt
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg")
        pages.append(buffer.getvalue())
    assert pages[0] != pages[1]


def test_the_style_is_used(six_neurons: Histories) -> None:
    mine = plot_autopsy(six_neurons, style=LIGHT)
    assert np.array_equal(pixels(mine), pixels(plot_autopsy(six_neurons)))
    assert not np.array_equal(pixels(mine), pixels(plot_autopsy(six_neurons, style="print")))


@pytest.mark.parametrize("engine", ["figure.autolayout", "figure.constrained_layout.use"])
def test_rcparams_of_layout_move_nothing_from_save_to_save(
    six_neurons: Histories, engine: Any
) -> None:
    usual = saved(plot_autopsy(six_neurons), "png")
    mpl.rcParams[engine] = True
    figure = plot_autopsy(six_neurons)
    assert [saved(figure, "png") for _ in range(3)] == 3 * [usual]
    assert figure.get_layout_engine() is None
    assert saved(plot_layers(six_neurons), "png") == saved(plot_layers(six_neurons), "png")
