from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from dead_neuron_autopsy._drawing.labels import Labels
from dead_neuron_autopsy._drawing.renderers import is_raster, keeps_text
from dead_neuron_autopsy._drawing.typeface import Font

if TYPE_CHECKING:
    from matplotlib.artist import Artist

SANS = Font(("DejaVu Sans",), "normal", 7.0)
MONO = Font(("DejaVu Sans Mono", "DejaVu Sans"), "normal", 7.0)
HEBREW = "\u05e9\u05dc\u05d5\u05dd"

plain_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F), max_size=12)


def drawn(*artists: Artist, dpi: float = 100, size: float = 2.0) -> Any:
    figure = Figure(figsize=(size, size), dpi=dpi)
    canvas = FigureCanvasAgg(figure)
    for artist in artists:
        figure.add_artist(artist)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def placed(labels: Labels, texts: list[str], places: Any) -> Labels:
    labels.place(texts, places)
    return labels


@pytest.mark.parametrize(
    "text", ["L1·N1", "peak 4.4e-1", "AVATAR", "fluffi", "e\u0301", HEBREW]
)
@pytest.mark.parametrize("font", [SANS, MONO])
def test_letters_stand_where_matplotlib_puts_them(text: str, font: Font) -> None:
    # At 1200 dpi a quarter of a pixel is nothing.
    dpi = 1200
    ours = drawn(placed(Labels(font, "k"), [text], [(100, 700)]), dpi=dpi, size=1)
    outline = TextPath((0, 0), text, size=font.size, prop=font.properties_for(text))
    to_pixels = Affine2D().scale(dpi / 72).translate(100, 700)
    patch = PathPatch(outline, color="k", linewidth=0, transform=to_pixels, snap=False)
    theirs = drawn(patch, dpi=dpi, size=1)
    assert (theirs < 128).any()
    assert np.abs(ours - theirs).mean() < 0.02 * (255 - theirs).mean()


@given(text=plain_text)
def test_letter_by_letter_is_what_the_whole_string_gives(text: str) -> None:
    typeface = SANS.typeface
    text = typeface.drawable(text)
    whole = typeface._laid_out(text)
    run = typeface.run(text)
    assert run.shapes == whole.shapes
    np.testing.assert_allclose(run.xs, whole.xs, atol=0.02)


@given(text=st.text(max_size=20))
def test_any_string_can_be_drawn_and_measured(text: str) -> None:
    typeface = MONO.typeface
    drawable = typeface.drawable(text)
    assert drawable.isprintable()
    assert typeface.width(drawable) >= 0
    drawn(placed(Labels(MONO, "k"), [drawable], [(20, 50)]))


def test_monospaced_widths_are_the_count_of_letters() -> None:
    one = MONO.measure("0")
    assert MONO.measure("L12·N345") == pytest.approx(8 * one)
    assert one == pytest.approx(0.602 * 7, rel=1e-3)


def test_what_the_fonts_have_not_becomes_a_box() -> None:
    drawable = MONO.typeface.drawable
    assert drawable("\u6f22N1") == "\u25afN1"
    assert drawable("a\x00b\ud800") == "a\u25afb\u25af"
    assert drawable("a\nb\tc") == "a b c"
    assert drawable("a\u202eb\u200dc") == "a\u25afbc"


def test_a_missing_letter_comes_from_the_next_family() -> None:
    mono_alone = Font(("DejaVu Sans Mono",), "normal", 7.0)
    assert mono_alone.typeface.drawable(HEBREW) == "\u25af" * 4
    assert MONO.typeface.drawable(HEBREW) == HEBREW


def test_a_family_that_is_not_installed_is_passed_over() -> None:
    font = Font(("No Such Family", "DejaVu Sans"), "normal", 7.0)
    assert font.measure("alive") == SANS.measure("alive")
    nowhere = Font(("No Such Family",), "normal", 7.0)
    assert nowhere.measure("alive") == SANS.measure("alive")


def test_a_string_is_drawn_with_no_more_families_than_it_needs() -> None:
    assert MONO.properties_for("L1·N1").get_family() == ["DejaVu Sans Mono"]
    both = ["DejaVu Sans Mono", "DejaVu Sans"]
    assert MONO.properties_for(HEBREW).get_family() == both


def test_bold_is_wider() -> None:
    bold = Font(("DejaVu Sans",), "bold", 7.0)
    assert bold.measure("Dead neuron autopsy") > SANS.measure("Dead neuron autopsy")


@pytest.mark.parametrize(("align", "share"), [("left", 0), ("center", 0.5), ("right", 1)])
def test_alignment_moves_a_string_by_its_width(align: Any, share: float) -> None:
    width = SANS.measure("HHHH") * 100 / 72
    picture = drawn(placed(Labels(SANS, "k", align), ["HHHH"], [(100, 100)]))
    inked = np.nonzero((picture < 255).any(axis=(0, 2)))[0]
    assert inked[0] == pytest.approx(100 - share * width, abs=2)
    assert inked[-1] == pytest.approx(100 + (1 - share) * width, abs=2)


def test_each_string_has_its_colour() -> None:
    labels = placed(Labels(SANS, ["red", "blue"]), ["HHH", "HHH"], [(20, 150), (20, 50)])
    upper, lower = np.split(drawn(labels), 2)
    assert (upper[..., 0] == 255).all()
    assert (lower[..., 2] == 255).all()
    assert (upper[..., 2] < 128).any()
    assert (lower[..., 0] < 128).any()


def test_one_colour_serves_all_strings() -> None:
    labels = placed(Labels(SANS, "k"), ["HHH", "HHH"], [(20, 150), (20, 50)])
    upper, lower = np.split(drawn(labels), 2)
    np.testing.assert_array_equal(upper, lower)


def test_strings_are_clipped_on_demand() -> None:
    labels = Labels(SANS, "k")
    labels.place(["HHHHHHHH"], [(80, 100)])
    figure = Figure(figsize=(2, 2))
    axes = figure.add_axes((0, 0, 0.5, 1))
    labels.set_clip_box(axes.bbox)
    right = slice(101, None)
    assert (drawn(labels)[:, right] == 255).all()
    labels = placed(Labels(SANS, "k"), ["HHHHHHHH"], [(80, 100)])
    labels.set_clip_on(False)
    assert (drawn(labels)[:, right] < 255).any()


def test_hidden_and_empty_labels_draw_nothing() -> None:
    hidden = placed(Labels(SANS, "k"), ["HHH"], [(50, 50)])
    hidden.set_visible(False)
    blank = placed(Labels(SANS, "k"), ["", " "], [(50, 50), (80, 80)])
    assert (drawn(hidden, blank, Labels(SANS, "k")) == 255).all()


def test_equal_letters_have_equal_pixels_wherever_they_stand() -> None:
    # Whole pixels apart they are the same; between pixels, in one of four ways.
    xs = [20 + 25 * i + i / 16 for i in range(4)]
    picture = drawn(placed(Labels(SANS, "k"), ["N"] * 4, [(x, 50) for x in xs]))
    first = picture[:, 18:40]
    for i in (1, 2, 3):
        same = np.array_equal(picture[:, 18 + 25 * i : 40 + 25 * i], first)
        assert same == (i / 16 < 0.125)


def test_renderers_are_told_apart() -> None:
    agg = RendererAgg(10, 10, 72)
    assert is_raster(agg)
    assert not keeps_text(agg)
    for canvas in (FigureCanvasPdf, FigureCanvasSVG):
        renderer = _renderer_of(canvas)
        assert not is_raster(renderer)
        assert keeps_text(renderer)


def test_tex_never_reads_an_id() -> None:
    backend_pgf = pytest.importorskip("matplotlib.backends.backend_pgf")
    renderer = backend_pgf.RendererPgf(Figure(), None)
    assert not keeps_text(renderer)


def _renderer_of(canvas: Any) -> Any:
    seen: list[Any] = []
    figure = Figure(figsize=(1, 1))
    labels = Labels(SANS, "k")
    labels.draw = seen.append
    figure.add_artist(labels)
    canvas(figure).print_figure(io.BytesIO(), format=next(iter(canvas.filetypes)))
    return seen[0]
