"""The tags of saved PDFs, as pdfplumber, pypdf, qpdf and poppler read them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pdfplumber
import pytest
from drawing import Histories, saved
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.backends.backend_pdf import PdfFile, PdfPages
from matplotlib.figure import Figure
from programs import output_of
from pypdf import PdfReader, PdfWriter

from dead_neuron_autopsy import (
    ENGLISH,
    GERMAN,
    AutopsyFigure,
    describe,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    savefig_with_alt,
)
from dead_neuron_autopsy._output.tagged_pdf import append_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[Histories], Figure]
    Save = Callable[[AutopsyFigure, PdfPages], None]

NEURONS = {"L1·N1": [0.2, 0.0, 0.4], "L1·N2": [0.0, 0.0, 0.0]}
ALT = ENGLISH.alt_text(diagnose(NEURONS))
URL = "https://example.org/"


# Figures


def cards(neurons: Histories) -> Figure:
    return plot_autopsy(neurons)


def german(neurons: Histories) -> Figure:
    return plot_autopsy(neurons, wording=GERMAN)


def every_script(neurons: Histories) -> Figure:
    ids = ["漢字 (1\\", "\U0001f9e0)", "שלום", "العربية", "\\(", "100%"]
    named = dict(zip(ids, neurons.values(), strict=True))
    return plot_autopsy(named, title="死 \U0001f480 מת (Layer \\3")


def parentheses(neurons: Histories) -> Figure:
    return plot_autopsy(neurons, title="\\) Layer (3\\\\ \\n")


def beside_other_plots(neurons: Histories) -> Figure:
    """Return a figure with a link, an image, hatches, transparency and repeated marks."""
    figure, axs = plt.subplot_mosaic("AB")
    draw_autopsy(axs["A"], neurons)
    axs["B"].set_title("Training loss")
    axs["B"].imshow([[0.0, 1.0], [0.5, 0.2]])
    axs["B"].bar([0], [1], hatch="//", alpha=0.5)
    axs["B"].scatter([0, 1], [1, 0])
    axs["B"].text(0, 0, "source").set_url(URL)
    return figure


FIGURES = pytest.mark.parametrize(
    "draw", [cards, german, every_script, parentheses, beside_other_plots]
)
SETTINGS = pytest.mark.parametrize(("fonttype", "compression"), [(3, 6), (42, 0)])


def pdf_of(figure: Figure, **options: Any) -> bytes:
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format="pdf", **options)
    return buffer.getvalue()


def before_the_update(pdf: bytes) -> bytes:
    """Return what Matplotlib has written of a tagged PDF."""
    end = b"%%EOF\n"
    written, _, update = pdf.partition(end)
    assert update.count(end) == 1
    return written + end


# What is read back


def elements(pdf: bytes) -> list[dict[str, Any]]:
    """Return what pdfplumber finds a document's pages to be, one element per page."""
    found = []
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            (whole,) = page.structure_tree
            assert whole["type"] == "Document"
            (element,) = whole["children"]
            drawn = [*page.chars, *page.rects, *page.lines, *page.curves, *page.images]
            marks = {(item["mcid"], item["tag"]) for item in drawn}
            assert marks <= {(0, element["type"])}
            assert element["mcids"] == [0]
            found.append({**element, "box": list(page.mediabox), "drawn": len(drawn)})
    return found


def kinds(pdf: bytes) -> list[str]:
    return [element["type"] for element in elements(pdf)]


def alts(pdf: bytes) -> list[str | None]:
    return [element.get("alt_text") for element in elements(pdf)]


def catalog(pdf: bytes) -> Any:
    return PdfReader(io.BytesIO(pdf), strict=True).trailer["/Root"]


def information(pdf: bytes) -> dict[str, Any]:
    return dict(PdfReader(io.BytesIO(pdf)).metadata or {})


def check_both_ways(pdf: bytes) -> None:
    """Go from the root down to the pages, and from the pages up to their elements."""
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    root: Any = reader.trailer["/Root"]
    tree = root["/StructTreeRoot"]
    whole = tree.raw_get("/K").get_object()
    assert whole["/S"] == "/Document"
    assert whole["/P"] == tree
    numbers = tree["/ParentTree"]["/Nums"]
    by_key = dict(zip(numbers[::2], numbers[1::2], strict=True))
    assert len(by_key) == len(reader.pages) == tree["/ParentTreeNextKey"]
    assert len(whole["/K"]) == len(reader.pages)
    for page, below in zip(reader.pages, whole["/K"], strict=True):
        (above,) = by_key[page["/StructParents"]].get_object()
        element: Any = above.get_object()
        assert above == below
        assert element["/P"] == whole
        assert element.raw_get("/Pg") == page.indirect_reference
        assert element["/K"] == 0
        contents = page.get_contents()
        assert contents is not None
        operators = [operator for _, operator in contents.operations]
        assert contents.operations[0] == ([element["/S"], {"/MCID": 0}], b"BDC")
        assert contents.operations[-1] == ([], b"EMC")
        assert operators.count(b"BDC") == operators.count(b"EMC") == 1


# One figure


@pytest.mark.slow
@FIGURES
@SETTINGS
def test_the_page_is_a_figure_with_alternate_text(
    six_neurons: Histories, draw: Draw, fonttype: int, compression: int, tmp_path: Path
) -> None:
    mpl.rcParams.update({"pdf.fonttype": fonttype, "pdf.compression": compression})
    figure = draw(six_neurons)
    alt = figure.axes[0].artists[0].alt  # type: ignore[attr-defined]
    pdf = pdf_of(figure)
    (element,) = elements(pdf)
    assert element["type"] == "Figure"
    assert describe(figure).startswith(alt.summary)
    assert element["alt_text"].startswith(alt.full)
    assert (element["title"], element["lang"]) == (alt.title, alt.language)
    assert element["attributes"]["BBox"] == element["box"]
    assert element["drawn"] > 10
    check_both_ways(pdf)
    (tmp_path / "autopsy.pdf").write_bytes(pdf)
    assert "No syntax" in output_of("qpdf", "--check", tmp_path / "autopsy.pdf")
    plain = before_the_update(pdf)
    assert b"/StructTreeRoot" not in plain
    (before,), (after,) = pictures(tmp_path / "0", plain), pictures(tmp_path / "1", pdf)
    assert before == after
    assert len(set(before)) > 20


def pictures(folder: Path, pdf: bytes) -> list[bytes]:
    folder.mkdir()
    (folder / "pages.pdf").write_bytes(pdf)
    output_of("pdftoppm", "-r", "100", folder / "pages.pdf", folder / "page")
    return [page.read_bytes() for page in sorted(folder.glob("page*.ppm"))]


def test_the_catalog_says_that_it_is_tagged_and_in_which_language() -> None:
    for wording, language in ((ENGLISH, "en"), (GERMAN, "de")):
        root = catalog(pdf_of(plot_autopsy(NEURONS, wording=wording)))
        assert root["/Lang"] == language
        assert root["/MarkInfo"]["/Marked"].value is True
        assert root["/Type"] == "/Catalog"


def test_words_that_no_file_can_carry_do_not_break_it(hostile_neurons: Histories) -> None:
    figure = plot_autopsy(hostile_neurons, title="a\x00b\ud800 \r\n (c")
    pdf = pdf_of(figure)
    (element,) = elements(pdf)
    assert element["alt_text"] == figure.autopsy_grid.alt.full
    assert element["title"] == "a\ufffdb\ufffd    (c"
    check_both_ways(pdf)


def test_a_figure_without_neurons_is_tagged_too() -> None:
    assert kinds(pdf_of(plot_autopsy({}))) == ["Figure"]


def test_a_link_survives(six_neurons: Histories) -> None:
    pdf = pdf_of(beside_other_plots(six_neurons))
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert [link["uri"] for link in document.pages[0].hyperlinks] == [URL]


def test_a_figure_whose_autopsy_is_hidden_is_not_tagged() -> None:
    figure = plot_autopsy(NEURONS)
    figure.autopsy_grid.set_visible(False)
    assert "/StructTreeRoot" not in catalog(saved(figure, "pdf"))


# Where to


def to_a_path_without_a_suffix(figure: Figure, folder: Path) -> bytes:
    mpl.rcParams["savefig.format"] = "pdf"
    figure.savefig(folder / "autopsy")
    return (folder / "autopsy.pdf").read_bytes()


def to_a_path_with_another_suffix(figure: Figure, folder: Path) -> bytes:
    figure.savefig(folder / "autopsy.png", format="PDF")
    return (folder / "autopsy.png").read_bytes()


def by_pyplot(figure: Figure, folder: Path) -> bytes:
    plt.figure(figure)
    plt.savefig(folder / "autopsy.pdf")
    return (folder / "autopsy.pdf").read_bytes()


@pytest.mark.parametrize(
    "save",
    [
        to_a_path_without_a_suffix,
        to_a_path_with_another_suffix,
        by_pyplot,
    ],
)
def test_it_is_tagged_wherever_it_is_saved(
    save: Callable[[Figure, Path], bytes], tmp_path: Path
) -> None:
    pdf = save(plot_autopsy(NEURONS), tmp_path)
    assert alts(pdf) == [ALT.full]
    assert pdf == pdf_of(plot_autopsy(NEURONS))
    assert len(list(tmp_path.iterdir())) <= 1


@pytest.mark.parametrize("options", [{"bbox_inches": "tight"}, {"transparent": True}])
def test_the_options_of_matplotlib_are_kept(options: dict[str, Any]) -> None:
    figure, ax = plt.subplots(figsize=(8, 6), facecolor="yellow")
    draw_autopsy(ax, NEURONS)
    pdf = pdf_of(figure, **options)
    (element,) = elements(pdf)
    assert element["attributes"]["BBox"] == element["box"]
    assert (element["box"] != [0, 0, 576, 432]) == ("bbox_inches" in options)
    assert before_the_update(pdf) != before_the_update(pdf_of(figure))


# What is said of the document


def test_the_information_is_kept() -> None:
    date = datetime(2024, 2, 29, 12, tzinfo=UTC)
    ours = {"Author": "A. (Author)", "Keywords": "死", "CreationDate": date}
    pdf = pdf_of(plot_autopsy(NEURONS), metadata=ours)
    assert information(pdf) == information(before_the_update(pdf))
    assert {
        "/Title": ALT.title,
        "/Subject": ALT.full,
        "/Author": "A. (Author)",
        "/Keywords": "死",
        "/CreationDate": "D:20240229120000Z",
    }.items() <= information(pdf).items()


def test_the_last_trailer_has_the_information_too(tmp_path: Path) -> None:
    # Not every reader goes back to the trailers before it.
    path = tmp_path / "autopsy.pdf"
    plot_autopsy(NEURONS).savefig(path)
    trailer = output_of("qpdf", "--show-object=trailer", path)
    (number,) = re.findall(r"/Info (\d+) 0 R", trailer)
    assert ALT.title in output_of("qpdf", f"--show-object={number}", path)


def test_the_callers_title_stands_beside_that_of_the_figure() -> None:
    pdf = pdf_of(plot_autopsy(NEURONS), metadata={"Title": "Mine"})
    assert information(pdf)["/Title"] == "Mine"
    assert elements(pdf)[0]["title"] == ALT.title


SAVE_AND_HASH = """
import hashlib, io
import matplotlib
matplotlib.use("agg")
from matplotlib.backends.backend_pdf import PdfPages
from dead_neuron_autopsy import plot_autopsy
neurons = {f"漢·N{i}": [0.1 * i, 0.0, 0.7] for i in range(9)}
for fonttype in (3, 42):
    matplotlib.rcParams["pdf.fonttype"] = fonttype
    alone, pages = io.BytesIO(), io.BytesIO()
    plot_autopsy(neurons).savefig(alone, format="pdf")
    with PdfPages(pages) as pdf:
        for title in ("Layer 1", "Schicht 2"):
            pdf.savefig(plot_autopsy(neurons, title=title))
    for file in (alone, pages):
        assert b"/StructTreeRoot" in file.getvalue()
        print(hashlib.sha256(file.getvalue()).hexdigest())
"""


def hashes(seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    environment.pop("SOURCE_DATE_EPOCH", None)
    command = [sys.executable, "-W", "error", "-c", SAVE_AND_HASH]
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return run.stdout.split()


@pytest.mark.slow
def test_the_bytes_are_the_same_in_every_process() -> None:
    first, second = hashes("1"), hashes("2")
    assert len(set(first)) == 4
    assert first == second


# PdfPages


def plain_figure() -> Figure:
    figure = plt.figure()
    figure.text(0.5, 0.5, "no autopsy")
    return figure


def pages_of(*figures: Figure, target: Any = None, **options: Any) -> bytes:
    """Return the bytes of a file of pages."""
    file = io.BytesIO() if target is None else target
    with PdfPages(file, **options) as pages:
        for figure in figures:
            pages.savefig(figure)
    return file.getvalue() if isinstance(file, io.BytesIO) else Path(file).read_bytes()


def test_every_page_is_what_it_shows(tmp_path: Path) -> None:
    figures = [
        plain_figure(),
        plot_autopsy(NEURONS, wording=GERMAN),
        plain_figure(),
        plot_autopsy(NEURONS, title="Layer (2)"),
    ]
    pdf = pages_of(*figures)
    first, second, third, fourth = elements(pdf)
    assert kinds(pdf) == ["P", "Figure", "P", "Figure"]
    assert first["drawn"] == third["drawn"] >= len("no autopsy")
    assert not {"alt_text", "lang", "title"} & (first.keys() | third.keys())
    assert second["alt_text"] == GERMAN.alt_text(diagnose(NEURONS)).full
    assert fourth["alt_text"] == ENGLISH.alt_text(diagnose(NEURONS), "Layer (2)").full
    assert [second["lang"], fourth["lang"]] == ["de", "en"]
    assert catalog(pdf)["/Lang"] == "de"
    check_both_ways(pdf)
    (tmp_path / "pages.pdf").write_bytes(pdf)
    assert "No syntax" in output_of("qpdf", "--check", tmp_path / "pages.pdf")
    plain = before_the_update(pdf)
    before, after = pictures(tmp_path / "0", plain), pictures(tmp_path / "1", pdf)
    assert before == after
    assert len(before) == 4


def test_a_long_list_of_pages_is_read_to_its_end() -> None:
    pdf = pages_of(*[Figure((1, 1))] * 200, plot_autopsy(NEURONS))
    assert re.search(rb"/Kids \[[^]]{1200,}\]", pdf)
    assert kinds(pdf) == ["P"] * 200 + ["Figure"]
    check_both_ways(pdf)


def test_pages_go_to_a_path_or_to_a_file_that_can_be_read_back(tmp_path: Path) -> None:
    figure = plot_autopsy(NEURONS)
    expected = pages_of(figure)
    assert alts(expected) == [ALT.full]
    path = tmp_path / "pages.pdf"
    assert pages_of(figure, target=path) == expected
    assert pages_of(figure, target=str(path)) == expected
    with path.open("w+b") as file:
        with PdfPages(file) as pages:
            pages.savefig(figure)
        assert not file.closed
    assert path.read_bytes() == expected


def test_pages_in_a_file_that_cannot_be_read_back_are_not_tagged(tmp_path: Path) -> None:
    path, figure = tmp_path / "pages.pdf", plot_autopsy(NEURONS)
    with path.open("wb") as file:
        pages = PdfPages(file)
        pages.savefig(figure)
        with pytest.warns(UserWarning, match=r"without tags.*'w\+b'"):
            pages.close()
    assert path.read_bytes() == before_the_update(pages_of(figure))


def by_pages(figure: AutopsyFigure, pages: PdfPages) -> None:
    pages.savefig(figure)


def by_pages_as_the_active_figure(figure: AutopsyFigure, pages: PdfPages) -> None:
    plt.figure(figure)
    pages.savefig()


def by_figure_with_a_format(figure: AutopsyFigure, pages: PdfPages) -> None:
    figure.savefig(pages, format="pdf")


def by_function_with_a_format(figure: AutopsyFigure, pages: PdfPages) -> None:
    savefig_with_alt(figure, pages, format="pdf")


@pytest.mark.parametrize(
    "save",
    [
        by_pages,
        by_pages_as_the_active_figure,
        by_figure_with_a_format,
        by_function_with_a_format,
    ],
)
def test_a_page_is_tagged_however_it_is_saved(save: Save) -> None:
    buffer = io.BytesIO()
    with PdfPages(buffer) as pages:
        pages.savefig(plain_figure())
        save(plot_autopsy(NEURONS), pages)
    assert alts(buffer.getvalue()) == [None, ALT.full]


def test_a_plain_figure_is_tagged_as_a_page(six_neurons: Histories) -> None:
    figure, buffer = beside_other_plots(six_neurons), io.BytesIO()
    with PdfPages(buffer) as pages:
        savefig_with_alt(figure, pages, format="pdf", bbox_inches="tight")
        pages.savefig(figure)  # Matplotlib's own knows no words
    assert kinds(buffer.getvalue()) == ["Figure", "P"]
    first, second = elements(buffer.getvalue())
    assert "Also shown: Training loss." in first["alt_text"]
    assert first["attributes"]["BBox"] == first["box"] != second["box"]


def test_pages_without_autopsies_are_matplotlibs() -> None:
    pdf = pages_of(plain_figure())
    assert "/StructTreeRoot" not in catalog(pdf)
    assert pdf.count(b"%%EOF") == 1


def test_closing_twice_by_a_kept_method_tags_once() -> None:
    buffer = io.BytesIO()
    pages = PdfPages(buffer)
    pages.savefig(plot_autopsy(NEURONS))
    with contextlib.ExitStack() as stack:
        stack.callback(pages.close)
        pages.close()
    assert buffer.getvalue() == pages_of(plot_autopsy(NEURONS))


def test_pages_on_a_relative_path_are_found_from_another_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with contextlib.chdir(tmp_path), PdfPages("pages.pdf") as pages:
        pages.savefig(plot_autopsy(NEURONS))
        os.chdir(elsewhere)
    assert alts((tmp_path / "pages.pdf").read_bytes()) == [ALT.full]


def test_a_page_that_is_refused_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "pages.pdf"
    path.write_bytes(b"old")
    with PdfPages(path) as pages, pytest.raises(TypeError, match="misspelt"):
        pages.savefig(plot_autopsy(NEURONS), misspelt=True)
    assert path.read_bytes() == b"old"


def test_files_that_are_open_at_once_have_their_own_words() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    with PdfPages(first) as one, PdfPages(second) as other:
        one.savefig(plot_autopsy(NEURONS, title="One"))
        other.savefig(plain_figure())
        other.savefig(plot_autopsy(NEURONS, title="Other"))
    assert [element.get("title") for element in elements(first.getvalue())] == ["One"]
    assert [element.get("title") for element in elements(second.getvalue())] == [
        None,
        "Other",
    ]


def test_pages_that_are_begun_again_forget_the_first_file(tmp_path: Path) -> None:
    path = tmp_path / "pages.pdf"
    pages = PdfPages(path)
    pages.savefig(plot_autopsy(NEURONS))
    pages.close()
    pages.savefig(plain_figure())
    pages.savefig(plot_autopsy(NEURONS, title="Second"))
    pages.close()
    titles = [element.get("title") for element in elements(path.read_bytes())]
    assert titles == [None, "Second"]


def test_the_information_of_pages_is_kept() -> None:
    ours = {"Title": "Report (draft)", "Author": "死"}
    pdf = pages_of(plot_autopsy(NEURONS), metadata=ours)
    found = information(pdf)
    assert found == information(before_the_update(pdf))
    assert (found["/Title"], found["/Author"]) == ("Report (draft)", "死")
    assert "/CreationDate" not in found
    assert ours == {"Title": "Report (draft)", "Author": "死"}


def test_a_date_that_was_asked_for_is_kept_in_pages() -> None:
    date = datetime(2024, 2, 29, 12, tzinfo=UTC)
    pdf = pages_of(plot_autopsy(NEURONS), metadata={"CreationDate": date})
    assert information(pdf)["/CreationDate"] == "D:20240229120000Z"


def test_an_error_between_two_pages_leaves_a_tagged_file(tmp_path: Path) -> None:
    pages = PdfPages(tmp_path / "pages.pdf")
    pages.savefig(plot_autopsy(NEURONS))
    with pytest.raises(KeyError), pages:
        raise KeyError
    assert alts((tmp_path / "pages.pdf").read_bytes()) == [ALT.full]


def test_what_is_saved_counts_and_not_what_becomes_of_the_figure() -> None:
    figure, buffer = plot_autopsy(NEURONS), io.BytesIO()
    with PdfPages(buffer) as pages:
        pages.savefig(figure)
        figure.clear()
    assert alts(buffer.getvalue()) == [ALT.full]


def test_a_note_on_a_page_survives() -> None:
    buffer = io.BytesIO()
    with PdfPages(buffer) as pages:
        pages.attach_note("remember (this)")
        pages.savefig(plot_autopsy(NEURONS))
    with pdfplumber.open(buffer) as document:
        (note,) = document.pages[0].annots
    assert note["contents"] == "remember (this)"


def test_pdf_pages_still_has_the_names_that_are_used() -> None:
    # They are private upstream; this is the test that notices if they go.
    buffer, metadata = io.BytesIO(), {"Title": "Mine"}
    pages = PdfPages(buffer, metadata=metadata)
    names = vars(pages)
    assert names["_filename"] is buffer
    assert names["_metadata"] == metadata
    assert names["_file"] is None
    pages.savefig(plain_figure())
    assert names["_file"] is not None
    pages.close()
    assert names["_file"] is None


# PDFs that Matplotlib did not write, or not as it does today


@pytest.fixture(scope="module")
def untagged() -> bytes:
    """Return what Matplotlib writes of a figure."""
    figure, ax = plt.subplots()
    draw_autopsy(ax, NEURONS)
    pdf = saved(figure, "pdf")
    plt.close(figure)
    return pdf


def check_that_it_is_refused(pdf: bytes) -> None:
    file = io.BytesIO(pdf)
    assert "saved without tags" in str(append_tags(file, {0: ALT}))
    assert file.getvalue() == pdf


def test_what_matplotlib_writes_is_only_added_to(untagged: bytes) -> None:
    file = io.BytesIO(untagged)
    assert append_tags(file, {0: ALT}) is None
    assert before_the_update(file.getvalue()) == untagged
    assert alts(file.getvalue()) == [ALT.full]


def test_matplotlib_still_writes_no_tags_of_its_own(untagged: bytes) -> None:
    ours = {"/StructTreeRoot", "/MarkInfo", "/Lang"}
    assert not ours & catalog(untagged).keys()
    page: Any = PdfReader(io.BytesIO(untagged)).pages[0]
    assert not {"/StructParents", "/Tabs"} & page.keys()


@pytest.mark.parametrize(
    ("today", "tomorrow"),
    [
        (b"/Contents ", b"/Content_ "),
        (b"/MediaBox", b"/MEDIABOX"),
        (b"/Kids", b"/KIDS"),
        (b"/Pages 2 0 R", b"/Pages [2 0]"),
        (b"/Info", b"/INFO"),
        (b"/Root", b"/ROOT"),
        (b"xref\n0 ", b"xref\n1 "),
        (b"trailer", b"Trailer"),
        (b"startxref", b"STARTXREF"),
        (b"\n1 0 obj", b"\n0 1 obj"),
        (b"endobj", b"ENDOBJ"),
        (b"%%EOF\n", b"%%EOF\n%"),
    ],
)
def test_a_pdf_that_is_written_in_another_way_is_refused(
    untagged: bytes, today: bytes, tomorrow: bytes
) -> None:
    assert today in untagged
    check_that_it_is_refused(untagged.replace(today, tomorrow))


@given(st.floats(0, 1, exclude_max=True))
def test_a_pdf_that_is_cut_off_is_refused(untagged: bytes, share: float) -> None:
    check_that_it_is_refused(untagged.rstrip()[: int(share * len(untagged.rstrip()))])


def test_a_pdf_behind_something_else_is_refused(untagged: bytes) -> None:
    check_that_it_is_refused(b"something else" + untagged)


def test_what_is_no_pdf_is_refused() -> None:
    for content in (b"", b"%PDF-1.4\n", b"startxref\n999999\n%%EOF\n", b"\x89PNG\r\n"):
        check_that_it_is_refused(content)


def test_a_table_of_entries_of_another_length_is_refused(untagged: bytes) -> None:
    check_that_it_is_refused(untagged.replace(b" n \n", b" n\n"))


def test_a_pdf_that_has_a_language_or_tags_already_is_refused(untagged: bytes) -> None:
    for tagged in (b"/Lang (de-DE) ", b"/MarkInfo 4 0 R"):
        check_that_it_is_refused(untagged.replace(b"/Type /Catalog", tagged[:14]))


def test_a_pdf_is_not_tagged_twice(untagged: bytes) -> None:
    file = io.BytesIO(untagged)
    append_tags(file, {0: ALT})
    check_that_it_is_refused(file.getvalue())


def test_a_pdf_with_a_cross_reference_stream_is_refused(untagged: bytes, tmp_path: Path) -> None:
    source, rewritten = tmp_path / "0.pdf", tmp_path / "1.pdf"
    source.write_bytes(untagged)
    output_of("qpdf", "--object-streams=generate", source, rewritten)
    check_that_it_is_refused(rewritten.read_bytes())


def test_another_producers_pdf_is_tagged_right_or_refused(untagged: bytes) -> None:
    file = io.BytesIO()
    PdfWriter(clone_from=io.BytesIO(untagged)).write(file)
    before = file.getvalue()
    if append_tags(file, {0: ALT}):
        assert file.getvalue() == before
    else:
        assert alts(file.getvalue()) == [ALT.full]
        check_both_ways(file.getvalue())


END = b"% a trailer of another kind\n"


def another_end(file: PdfFile) -> None:
    file.write(END)


@pytest.fixture
def another_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Matplotlib end its PDFs in a way that is not known."""
    monkeypatch.setattr(PdfFile, "writeTrailer", another_end)


@pytest.mark.usefixtures("another_matplotlib")
def test_a_figure_is_saved_without_tags_if_the_backend_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "autopsy.pdf"
    with pytest.warns(UserWarning, match="saved without tags"):
        plot_autopsy(NEURONS).savefig(path)
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(END)
    assert b"/StructTreeRoot" not in pdf


@pytest.mark.usefixtures("another_matplotlib")
@pytest.mark.parametrize("to_path", [False, True])
def test_pages_are_saved_without_tags_if_the_backend_has_changed(
    tmp_path: Path,
    to_path: bool,  # noqa: FBT001  pytest gives it by name
) -> None:
    path, buffer = tmp_path / "pages.pdf", io.BytesIO()
    pages = PdfPages(path if to_path else buffer)
    pages.savefig(plot_autopsy(NEURONS))
    with pytest.warns(UserWarning, match="saved without tags"):
        pages.close()
    pdf = path.read_bytes() if to_path else buffer.getvalue()
    assert pdf.endswith(END)
    assert b"/StructTreeRoot" not in pdf
