"""Any figure that holds autopsies: what is said of it, and where that is written."""

from __future__ import annotations

import gzip
import io
import re
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from drawing import pixels, saved
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfFile
from matplotlib.backends.backend_pgf import FigureCanvasPgf
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin
from pypdf import PdfReader

from dead_neuron_autopsy import (
    GERMAN,
    AutopsyFigure,
    describe,
    draw_autopsy,
    plot_autopsy,
    savefig_with_alt,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEURONS = {"N1": [0.0, 0.0], "N2": [0.3, 0.1]}
VERDICT = "1 of 2 neurons dead (max absolute activation below 0.000001)."


def beside_other_plots() -> Figure:
    figure, axs = plt.subplot_mosaic("AB")
    draw_autopsy(axs["A"], NEURONS, title="Layer 1")
    axs["B"].set_title("Training loss")
    axs["B"].plot([2.3, 1.9, 1.7])
    return figure


def halves(figure: Any) -> list[Any]:
    """Return two SubFigures."""
    return list(figure.subfigures(1, 2))


def saved_with_alt(figure: Figure, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format=file_format, **options)
    return buffer.getvalue()


def png_words(png: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(png)) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        return dict(image.text)


# What is said


def test_one_autopsy_says_what_its_grid_says() -> None:
    figure = plot_autopsy(NEURONS, title="Layer 1")
    assert describe(figure) == figure.alt_text == figure.autopsy_grid.alt_text
    assert describe(figure) == f"Layer 1. {VERDICT}"


def test_other_axes_are_named() -> None:
    figure = beside_other_plots()
    assert describe(figure) == f"Layer 1. {VERDICT} Also shown: Training loss."


def test_several_autopsies_are_told_in_order_under_their_title() -> None:
    figure, axs = plt.subplots(1, 3)
    for ax, title in zip(axs, ("C", "A", "B"), strict=True):
        draw_autopsy(ax, NEURONS, title=title)
    assert describe(figure) == f"C. {VERDICT} A. {VERDICT} B. {VERDICT}"
    figure.suptitle("All layers!")
    assert describe(figure).startswith(f"All layers! C. {VERDICT} A. ")
    assert png_words(saved_with_alt(figure, "png"))["Title"] == "All layers!"
    figure.suptitle("All layers!").set_visible(False)
    assert describe(figure).startswith("C. ")


@pytest.mark.parametrize("loc", ["left", "center", "right"])
def test_a_title_is_found_wherever_it_stands(loc: Any) -> None:
    figure, axs = plt.subplots(1, 2)
    draw_autopsy(axs[0], NEURONS)
    axs[1].set_title("Training\nloss", loc=loc)
    assert describe(figure).endswith("Also shown: Training loss.")


def test_axes_without_a_title_are_not_named() -> None:
    figure, axs = plt.subplots(2, 2)
    draw_autopsy(axs[0, 0], NEURONS)
    axs[0, 1].set_title("  ", loc="center")
    axs[1, 0].set_title("Loss")
    axs[1, 1].set_title("Rate", loc="right")
    assert describe(figure).endswith("Also shown: Loss and Rate.")
    axs[0, 1].set_title("Norm", loc="left")
    assert describe(figure).endswith("Also shown: Norm, Loss and Rate.")


def test_subfigures_are_looked_into() -> None:
    figure = plt.figure()
    left, right = halves(figure)
    upper, lower = left.subfigures(2, 1)
    draw_autopsy(upper, NEURONS, title="Upper")
    draw_autopsy(lower.subplots(), NEURONS, title="Lower")
    right.subplots().set_title("Loss")
    both = f"Upper. {VERDICT} Lower. {VERDICT}"
    assert describe(figure) == f"{both} Also shown: Loss."
    assert describe(left) == both
    assert describe(lower) == f"Lower. {VERDICT}"
    with pytest.raises(ValueError, match=r"^figure: "):
        describe(right)


def test_inset_axes_are_looked_into() -> None:
    figure, ax = plt.subplots()
    ax.set_title("Loss")
    inset = ax.inset_axes((0.5, 0.5, 0.5, 0.5))
    draw_autopsy(inset, NEURONS, title="Inset")
    inset.inset_axes((0, 0, 0.1, 0.1)).set_title("Inmost")
    assert describe(figure) == f"Inset. {VERDICT} Also shown: Loss and Inmost."


def hide_grid(ax: Axes) -> None:
    ax.artists[0].set_visible(False)


def hide_axes(ax: Axes) -> None:
    ax.set_visible(False)


def remove_grid(ax: Axes) -> None:
    ax.artists[0].remove()


def remove_axes(ax: Axes) -> None:
    ax.remove()


@pytest.mark.parametrize("hide", [hide_grid, hide_axes, remove_grid, remove_axes])
def test_an_autopsy_that_is_not_seen_is_not_told(hide: Callable[[Axes], None]) -> None:
    figure, axs = plt.subplots(1, 2)
    for ax, title in zip(axs, ("A", "B"), strict=True):
        draw_autopsy(ax, NEURONS, title=title)
    hide(axs[0])
    assert describe(figure) == f"B. {VERDICT}"
    hide(axs[1])
    with pytest.raises(ValueError, match=r"^figure: holds no autopsy that is visible"):
        describe(figure)


def test_other_axes_that_are_not_seen_are_not_named() -> None:
    figure = beside_other_plots()
    figure.axes[1].set_visible(False)
    assert describe(figure) == f"Layer 1. {VERDICT}"


def hide_the_subfigure() -> Figure:
    figure = plt.figure()
    left, right = halves(figure)
    draw_autopsy(left, NEURONS, title="Left")
    draw_autopsy(right, NEURONS, title="Layer 1")
    left.set_visible(False)
    return figure


def hide_what_the_inset_is_in() -> Figure:
    figure, axs = plt.subplots(1, 2)
    draw_autopsy(axs[0].inset_axes((0, 0, 1, 1)), NEURONS, title="Inset")
    draw_autopsy(axs[1], NEURONS, title="Layer 1")
    axs[0].set_visible(False)
    return figure


@pytest.mark.parametrize("draw", [hide_the_subfigure, hide_what_the_inset_is_in])
def test_what_is_in_something_that_is_not_seen_is_not_told(
    draw: Callable[[], Figure],
) -> None:
    assert describe(draw()) == f"Layer 1. {VERDICT}"


def test_a_figure_without_an_autopsy_is_refused() -> None:
    figure, ax = plt.subplots()
    ax.set_title("Loss")
    with pytest.raises(ValueError, match=r"^figure: holds no autopsy"):
        describe(figure)


def test_what_is_no_figure_is_refused() -> None:
    figure = beside_other_plots()
    with pytest.raises(TypeError, match=r"^figure: .*got Axes.*take ax\.figure"):
        describe(figure.axes[0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^figure: .*got NoneType"):
        describe(None)  # type: ignore[arg-type]


def test_it_is_told_in_the_language_of_the_first() -> None:
    figure, axs = plt.subplots(1, 2)
    draw_autopsy(axs[0], NEURONS, wording=GERMAN)
    axs[1].set_title("Fehler")
    assert describe(figure).endswith("Außerdem zu sehen: Fehler.")


def ticks_made(figure: Figure) -> int:
    """Return how many ticks Matplotlib has made, each of which takes long."""
    axes = [*figure.axes, *(inset for ax in figure.axes for inset in ax.child_axes)]
    lists = [
        vars(axis).get(name, ())  # to ask for them is to make them
        for ax in axes
        for axis in (ax.xaxis, ax.yaxis)
        for name in ("majorTicks", "minorTicks")
    ]
    return sum(map(len, lists))


def test_describing_a_figure_makes_no_ticks() -> None:
    figure = plot_autopsy(NEURONS)
    figure.autopsy_grid.subplots()
    before = ticks_made(figure)
    assert describe(figure) == figure.alt_text
    assert ticks_made(figure) == before
    figure.axes[0].get_xticklabels()
    assert ticks_made(figure) > before


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_describing_a_figure_does_not_change_it(file_format: str) -> None:
    figure, other = beside_other_plots(), beside_other_plots()
    for each in (figure, other):
        draw_autopsy(each.add_subplot(3, 3, 9), NEURONS).subplots()
        each.canvas.draw()
    assert not figure.stale
    describe(figure)
    assert not figure.stale
    assert saved_with_alt(figure, file_format) == saved_with_alt(other, file_format)


# What is written


def test_a_plain_figure_says_it_in_png() -> None:
    figure = beside_other_plots()
    words = png_words(saved_with_alt(figure, "png"))
    assert words["Title"] == "Layer 1"
    assert words["Description"] == (
        "Layer 1. 1 of 2 neurons is dead. Dead: N1. The only living peak is 0.3 (N2). 2 cards, "
        "each a line of 2 samples. Counted as dead: max absolute activation below 0.000001 over "
        "2 samples. Also shown: Training loss."
    )
    assert f"<rdf:li xml:lang='x-default'>{describe(figure)}<" in str(words["XML:com.adobe.xmp"])
    assert "Description" not in png_words(saved(figure, "png"))


def test_a_plain_figure_says_it_in_pdf() -> None:
    figure = beside_other_plots()
    reader = PdfReader(io.BytesIO(saved_with_alt(figure, "pdf")))
    information, root = reader.metadata, reader.trailer["/Root"]
    assert information is not None
    assert information.title == "Layer 1"
    assert str(information.subject).endswith("Also shown: Training loss.")
    assert information.creation_date is None
    assert root["/MarkInfo"]["/Marked"].value is True  # type: ignore[index]


def test_a_plain_figure_is_the_same_svg_every_time() -> None:
    figure = beside_other_plots()
    first, second = (saved_with_alt(figure, "svg") for _ in range(2))
    assert first == second
    assert b"clip-path" in first  # whose ids Matplotlib makes up at random
    assert b"dc:date" not in first
    assert first.count(b'role="listitem"') == 2
    assert mpl.rcParams["svg.hashsalt"] is None
    assert saved(figure, "svg") != saved(figure, "svg")


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf", "jpg"])
def test_an_autopsy_figure_is_saved_as_it_saves_itself(file_format: str) -> None:
    figure = plot_autopsy(NEURONS)
    assert saved_with_alt(figure, file_format) == saved(figure, file_format)


@pytest.mark.parametrize("draw", [beside_other_plots, lambda: plot_autopsy(NEURONS)])
def test_the_background_may_be_transparent(draw: Callable[[], Figure]) -> None:
    figure = draw()
    for transparent, alpha in ((True, 0), (False, 255)):
        png = saved_with_alt(figure, "png", transparent=transparent)
        with Image.open(io.BytesIO(png)) as image:
            pixel = image.convert("RGBA").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        assert pixel[3] == alpha


def test_the_picture_is_matplotlibs() -> None:
    figure = beside_other_plots()
    before = pixels(figure)
    with Image.open(io.BytesIO(saved_with_alt(figure, "png", dpi=50))) as image:
        assert image.size == (before.shape[1] // 2, before.shape[0] // 2)
    assert (pixels(figure) == before).all()


@pytest.mark.parametrize(
    ("file_format", "mine"),
    [
        ("png", {"Title": "Mine", "Software": None}),
        ("svg", {"Title": "Mine", "Date": "1999-12-31"}),
        ("pdf", {"Title": "Mine", "Author": "Me"}),
    ],
)
def test_the_callers_metadata_wins_and_is_not_changed(
    file_format: str, mine: dict[str, Any]
) -> None:
    given = dict(mine)
    content = saved_with_alt(beside_other_plots(), file_format, metadata=given)
    assert given == mine
    for words in filter(None, mine.values()):
        assert words.encode() in content
    without = saved_with_alt(beside_other_plots(), file_format)
    assert b"Mine" not in without
    assert (b"Software" in content) < (b"Software" in without) or file_format != "png"


def test_a_misspelt_option_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "autopsy.png"
    for figure in (beside_other_plots(), plot_autopsy(NEURONS)):
        with pytest.raises(TypeError, match="misspelt"):
            savefig_with_alt(figure, path, misspelt=True)
    assert not path.exists()


def test_what_is_no_figure_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "autopsy.png"
    figure = plt.figure()
    left, right = halves(figure)
    draw_autopsy(left, NEURONS)
    with pytest.raises(TypeError, match=r"^figure: .*got SubFigure.*save the Figure"):
        savefig_with_alt(left, path)
    with pytest.raises(TypeError, match=r"^figure: .*got Axes"):
        savefig_with_alt(right.subplots(), path)
    assert not path.exists()


def test_a_figure_without_an_autopsy_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "autopsy.png"
    with pytest.raises(ValueError, match=r"^figure: holds no autopsy"):
        savefig_with_alt(plt.figure(), path)
    assert not path.exists()


def test_a_hidden_autopsy_is_not_told_in_a_file() -> None:
    figure = plot_autopsy(NEURONS)
    figure.autopsy_grid.set_visible(False)
    assert isinstance(figure, AutopsyFigure)
    assert "Description" not in png_words(saved(figure, "png"))


def test_ids_in_svg_are_of_the_callers_salt_if_there_is_one() -> None:
    ids = []
    for salt in (None, "mine", "mine"):
        mpl.rcParams["svg.hashsalt"] = salt
        page = saved_with_alt(beside_other_plots(), "svg").decode()
        ids.append(re.findall(r'<clipPath id="(\w+)"', page))
        assert mpl.rcParams["svg.hashsalt"] == salt
    assert ids[0] != ids[1] == ids[2]


def test_what_tex_makes_is_left_to_tex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its backend refuses brackets in metadata, and has no place for tags.
    options: list[dict[str, Any]] = []

    def print_pdf(_canvas: object, _fname: object, **kwargs: Any) -> None:
        options.append(kwargs)

    monkeypatch.setattr(FigureCanvasPgf, "print_pdf", print_pdf)
    plot_autopsy(NEURONS).savefig(tmp_path / "autopsy.pdf", backend="pgf")
    assert len(options) == 1
    assert not options[0].get("metadata")


def test_a_warning_that_is_an_error_comes_after_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trailer: Any = PdfFile.writeTrailer

    def write_another(file: PdfFile) -> None:
        trailer(file)
        file.write(b"%%EOF\n")  # one too many

    monkeypatch.setattr(PdfFile, "writeTrailer", write_another)
    with pytest.raises(UserWarning, match="without tags"):
        plot_autopsy(NEURONS).savefig(tmp_path / "autopsy.pdf")
    assert (tmp_path / "autopsy.pdf").read_bytes().endswith(b"%%EOF\n")


def test_an_svg_says_what_else_is_in_the_figure(tmp_path: Path) -> None:
    figure = beside_other_plots()
    figure.suptitle("Run <7>")
    savefig_with_alt(figure, tmp_path / "run.svg")
    tree = ET.parse(tmp_path / "run.svg")
    outer, inner = (g for g in tree.iter() if g.get("role") == "figure")
    assert inner in set(outer.iter())
    words = {part.get("id"): part.text for part in outer if part.get("id")}
    assert words[outer.get("aria-labelledby")] == "Run <7>"
    assert words[outer.get("aria-describedby")] == describe(figure)
    assert "Also shown: Training loss." in describe(figure)


def test_a_figure_of_one_autopsy_says_it_once(tmp_path: Path) -> None:
    plot_autopsy(NEURONS).savefig(tmp_path / "one.svg")
    roles = [g.get("role") for g in ET.parse(tmp_path / "one.svg").iter()]
    assert roles.count("figure") == 1


def test_a_title_of_the_callers_is_in_the_xmp_too() -> None:
    own = {"Title": "Mine", "Description": "My words."}
    with Image.open(io.BytesIO(saved(plot_autopsy(NEURONS), "png", metadata=own))) as image:
        packet = str(image.text["XML:com.adobe.xmp"])  # type: ignore[attr-defined]
    assert packet.count("Mine") == 1
    assert packet.count("My words.") == 2
    assert own == {"Title": "Mine", "Description": "My words."}


def test_a_text_file_takes_an_svg() -> None:
    figure, text = beside_other_plots(), io.StringIO()
    savefig_with_alt(figure, text, format="svg", metadata={"Date": None})
    assert text.getvalue().encode() == saved_with_alt(figure, "svg", metadata={"Date": None})
    assert describe(figure).partition(" ")[0] in text.getvalue()


@pytest.mark.parametrize("make", [lambda: plot_autopsy(NEURONS), beside_other_plots])
def test_a_compressed_svg_is_the_plain_one(
    make: Callable[[], Figure], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    figure, metadata = make(), {"Date": None}
    plain = saved_with_alt(figure, "svg", metadata=metadata)
    zipped = saved_with_alt(figure, "svgz", metadata=metadata)
    assert gzip.decompress(zipped) == plain
    monkeypatch.setattr("time.time", lambda: 1e9)
    savefig_with_alt(figure, tmp_path / "a.svgz", metadata=metadata)
    assert (tmp_path / "a.svgz").read_bytes() == zipped


@pytest.mark.slow
@pytest.mark.parametrize("count", [40, 9_000])
def test_a_jpg_has_the_findings_however_long_the_titles_are(count: int) -> None:
    figure, axs = plt.subplots(1, 2)
    draw_autopsy(axs[0], NEURONS)
    axs[1].set_title("loss " * count)
    with Image.open(io.BytesIO(saved_with_alt(figure, "jpg"))) as image:
        packet = image.info["xmp"]
    assert len(packet) <= 65_504
    assert b"Dead: N1." in packet
    assert b"1 of 2 neurons dead" in packet


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf", "ps", "eps", "jpg", "tiff"])
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
def test_nothing_says_when_a_file_was_made(
    file_format: str, orientation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = plot_autopsy(NEURONS)
    first = saved(figure, file_format, orientation=orientation)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 1e6)
    assert saved(figure, file_format, orientation=orientation) == first


def test_a_save_within_a_save_of_the_same_figure_leaves_no_trace() -> None:
    figure = beside_other_plots()
    expected, names = saved_with_alt(figure, "svg"), set(vars(figure))
    inner: list[bytes] = []

    def save_again(_event: object) -> None:
        figure.canvas.mpl_disconnect(connection)
        inner.append(saved_with_alt(figure, "svg"))

    connection = figure.canvas.mpl_connect("draw_event", save_again)
    assert saved_with_alt(figure, "svg") == expected
    assert inner == [expected]
    assert set(vars(figure)) == names
