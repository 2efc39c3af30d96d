from __future__ import annotations

import copy
import io
import re
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import saved
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.backends import backend_pdf
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath, TextToPath, text_to_path
from matplotlib.transforms import Affine2D, Bbox

from dead_neuron_autopsy import plot_autopsy
from dead_neuron_autopsy._drawing.labels import Labels
from dead_neuron_autopsy._drawing.renderers import is_raster, keeps_text
from dead_neuron_autopsy._drawing.svg_text import RepeatedText as SvgText
from dead_neuron_autopsy._drawing.typeface import Font
from dead_neuron_autopsy._words.notation import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from drawing import Histories
    from matplotlib.artist import Artist

SANS = Font(("DejaVu Sans",), "normal", 7.0)
MONO = Font(("DejaVu Sans Mono", "DejaVu Sans"), "normal", 7.0)
HEBREW = "\u05e9\u05dc\u05d5\u05dd"

_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}

plain_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F), max_size=12)


def drawn(*artists: Artist, dpi: float = 100, size: float = 2.0) -> Any:
    figure = Figure(figsize=(size, size), dpi=dpi)
    canvas = FigureCanvasAgg(figure)
    for artist in artists:
        figure.add_artist(artist)
    canvas.draw()
    for artist in artists:
        artist.remove()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def document(labels: Labels, file_format: str) -> bytes:
    """Return a file of 2 by 2 inches that shows labels alone."""
    figure = Figure(figsize=(2, 2), dpi=100)
    figure.add_artist(labels)
    date = {} if file_format == "png" else {"metadata": _UNDATED[file_format]}
    with mpl.rc_context({"svg.hashsalt": "the same", "pdf.compression": 0}):
        content = saved(figure, file_format, dpi=100, **date)
    labels.remove()
    return content


def placed(labels: Labels, texts: list[str], places: Any) -> Labels:
    labels.place(texts, places)
    return labels


@pytest.mark.parametrize("text", ["L1·N1", "peak 4.4e-1", "AVATAR", "fluffi", "e\u0301", HEBREW])
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
    text = SANS.typeface.drawable(text)
    font = get_font(findfont(SANS.properties_for(text)))
    font.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
    whole, outlines, _ = text_to_path.get_glyphs_with_font(font, text)
    run = SANS.typeface.run(text)
    assert len(run.shapes) == len(whole)
    for shape, (name, *_) in zip(run.shapes, whole, strict=True):
        np.testing.assert_array_equal(SANS.typeface.outlines[shape].vertices, outlines[name][0])
    np.testing.assert_allclose(run.xs, [x for _, x, _, _ in whole], atol=0.02)


@given(text=st.text(max_size=20))
def test_any_string_can_be_drawn_and_measured(text: str) -> None:
    typeface = MONO.typeface
    drawable = typeface.drawable(text)
    assert drawable.isprintable()
    assert MONO.measure(drawable) >= 0
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


def test_a_clip_box_cuts_strings_off() -> None:
    figure = Figure(figsize=(2, 2))
    box = figure.add_axes((0, 0, 0.5, 1)).bbox
    labels = placed(Labels(SANS, "k"), ["HHHHHHHH"], [(80, 100)])
    labels.set_clip_box(box)
    assert (drawn(labels)[:, 101:] == 255).all()
    labels.set_clip_on(False)
    assert (drawn(labels)[:, 101:] < 255).any()


def test_a_clip_path_cuts_strings_off() -> None:
    right_half = Affine2D().scale(100, 200).translate(100, 0)
    labels = placed(Labels(SANS, "k"), ["HHHHHHHH"], [(80, 100)])
    whole = drawn(labels)
    labels.set_clip_path(Path.unit_rectangle(), right_half)
    cut = drawn(labels)
    assert (cut[:, :99] == 255).all()
    np.testing.assert_array_equal(cut[:, 101:], whole[:, 101:])
    for file_format, clip in (("svg", b"clip-path="), ("pdf", b"W n")):
        assert clip in document(labels, file_format)
    labels.set_clip_on(False)
    np.testing.assert_array_equal(drawn(labels), whole)


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_alpha_replaces_that_of_the_colours(file_format: str) -> None:
    def written(colors: Any, alpha: Any) -> bytes:
        labels = placed(Labels(SANS, colors), ["HHH", "HHH"], [(20, 150), (20, 50)])
        labels.set_alpha(0.9)
        labels.set_alpha(alpha)
        return document(labels, file_format)

    red, blue = (1, 0, 0, 0.25), (0, 0, 1, 1.0)
    half = written([(1, 0, 0, 0.5), (0, 0, 1, 0.5)], None)
    assert written([red, blue], 0.5) == half
    assert written(["red", "blue"], [0.5, 0.5]) == half
    assert written([red, blue], None) == written(["red", "blue"], [0.25, 1.0])
    assert written("blue", [0.25, 1.0]) == written([(0, 0, 1, 0.25), blue], None)
    assert written(["none", blue], 0.5) == written(["none", (0, 0, 1, 0.5)], None)
    assert written("none", 0.5) == written("none", None)


def test_a_new_colour_keeps_the_alpha() -> None:
    labels = placed(Labels(SANS, "k"), ["HHH"], [(20, 50)])
    labels.set_alpha(0.5)
    labels.set_color("red")
    expected = placed(Labels(SANS, ("red", 0.5)), ["HHH"], [(20, 50)])
    np.testing.assert_array_equal(drawn(labels), drawn(expected))


@pytest.mark.parametrize("alpha", [-0.1, 2, [0.5, 2], "0.5"])
def test_an_alpha_beyond_0_and_1_is_refused(alpha: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="alpha"):
        Labels(SANS, ["red", "blue"]).set_alpha(alpha)


def test_strings_are_links_on_demand() -> None:
    labels = placed(Labels(SANS, "k"), ["one", "two"], [(20, 150), (20, 50)])
    assert b"<a " not in document(labels, "svg")
    labels.set_url("https://example.org/autopsy")
    svg, pdf = document(labels, "svg"), document(labels, "pdf")
    assert svg.count(b'xlink:href="https://example.org/autopsy"') == 2
    assert pdf.count(b"(https://example.org/autopsy)") == 2


def test_every_card_has_its_link_in_svg(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.autopsy_grid.state_labels.set_url("https://example.org/autopsy")
    assert saved(figure, "svg").count(b'href="https://example.org/autopsy"') == 6


def test_a_gid_names_the_strings_in_svg() -> None:
    labels = placed(Labels(SANS, "k"), ["one", "two"], [(20, 150), (20, 50)])
    without = document(labels, "svg")
    labels.set_gid("words")
    svg = document(labels, "svg")
    assert svg.count(b'<g id="words">') == 1
    assert len(svg) - len(without) < 100


def test_a_changed_copy_leaves_the_original_as_it_was() -> None:
    original = placed(Labels(SANS, ["red", "blue"]), ["HHH", "HHH"], [(20, 150), (20, 50)])
    before = drawn(original)
    original.stale = False
    changed = copy.copy(original)
    changed.place(["I"], [(30, 60)], [1])
    changed.set_color("green")
    changed.set_alpha(0.5)
    changed.set_clip_box(Bbox([(0, 0), (10, 10)]))
    changed.set_clip_path(Path([(0, 0), (9, 0), (9, 9)]), Affine2D())
    changed.set_visible(False)
    changed.set_url("https://example.org/autopsy")
    changed.set_gid("words")
    assert not original.stale
    np.testing.assert_array_equal(drawn(original), before)
    assert original.get_texts() == ["HHH", "HHH"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"pdf.fonttype": 42},
        {"pdf.use14corefonts": True},
    ],
    ids=str,
)
def test_a_string_that_comes_again_in_a_pdf_is_written_as_the_first_time(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    class OtherFile(backend_pdf.PdfFile):
        """Is not known to be a PDF, so that Matplotlib writes each string."""

    texts = ["alive", "dead", "", "alive", "1 0", "(\\)", "1 0", "dead", "(\\)", "ÄV 7", "ÄV 7"]
    places = np.column_stack([np.linspace(-20.25, 180, len(texts)), np.arange(len(texts)) * 13.7])
    places[[4, 6]] = [[1, 0], [0, 0]]
    colors: Any = [["red", (0, 0, 1, 0.4), "red"][at % 3] for at in range(len(texts))]
    labels = placed(Labels(SANS, colors), texts, places)
    with mpl.rc_context(settings):
        repeated = document(labels, "pdf")
        monkeypatch.setattr(backend_pdf, "PdfFile", OtherFile)
        assert document(labels, "pdf") == repeated


def svg_of(draw: Callable[[Any], object]) -> list[str]:
    """Return the letters of what is drawn: their outlines, and where each stands."""
    stream = io.StringIO()
    renderer = RendererSVG(100, 100, stream)
    draw(renderer)
    renderer.finalize()
    return re.findall(r'<path [^>]*>|<use xlink:href="#(?!ours)[^>]*>', stream.getvalue())


@given(plain_text.map(clean), st.sampled_from([SANS, MONO]))
@example("WAV fi ffi", SANS)
@example(HEBREW, SANS)
@example("", MONO)
def test_an_svg_has_the_letters_that_matplotlib_gives_it(text: str, font: Font) -> None:
    properties = font.properties_for(text)

    def ours(renderer: Any) -> None:
        draw_text = SvgText(renderer, renderer.writer, "ours").draw_text
        draw_text(renderer.new_gc(), 3, 4, text, properties, 0, ismath=False)

    def theirs(renderer: Any) -> None:
        renderer.draw_text(renderer.new_gc(), 0, 0, text, properties, 0, ismath=False)

    assert svg_of(ours) == svg_of(theirs)


def test_letters_that_are_known_are_not_laid_out_again_in_an_svg(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Matplotlib's renderer has a private attribute for it: this notices if that goes.
    first, again = ({f"N{one}{end}": [1.0] for one in range(30)} for end in ("1", "12"))
    saved(plot_autopsy(first), "svg")
    laid_out: list[str] = []
    layout = TextToPath.get_glyphs_with_font

    def noted(self: TextToPath, font: Any, s: str, *args: Any, **options: Any) -> Any:
        laid_out.append(s)
        return layout(self, font, s, *args, **options)

    monkeypatch.setattr(TextToPath, "get_glyphs_with_font", noted)
    saved(plot_autopsy(again), "svg")
    assert laid_out
    assert not {*again} & {*laid_out}


def test_places_are_snapped_to_pixels_in_pixels_alone() -> None:
    def document_at(x: float, y: float, file_format: str) -> bytes:
        return document(placed(Labels(SANS, "k"), ["N"], [(x, y)]), file_format)

    near, far = (50.0, 50.0), (50.1, 50.4)
    assert document_at(*near, "png") == document_at(*far, "png")
    assert document_at(*near, "svg") != document_at(*far, "svg")
    assert document_at(*near, "pdf") != document_at(*far, "pdf")


def test_strings_that_come_back_are_drawn_as_the_first_time() -> None:
    two, moved = [(10.0, 20.0), (60.0, 90.0)], [(10.0, 20.0), (60.3, 90.0)]
    looks: list[tuple[list[str], list[tuple[float, float]], Any]] = [
        (["alive", "alive"], two, "black"),
        (["alive", "dead"], two, "black"),
        (["alive", "dead"], two, ["red", "blue"]),
        (["alive", "dead"], two, ["red", "red"]),
        (["alive", "dead"], moved, ["red", "red"]),
    ]
    kept = Labels(SANS, "black")
    for size, box in (
        (2.0, None),
        (2.0, Bbox([(0, 0), (70, 95)])),
        (1.5, Bbox([(0, 0), (70, 95)])),
    ):
        for texts, places, color in looks + looks[::-1]:
            new = Labels(SANS, color)
            for labels in (kept, new):
                labels.set_color(color)
                labels.place(texts, places)
                labels.set_clip_box(box)
            np.testing.assert_array_equal(drawn(kept, size=size), drawn(new, size=size))


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
