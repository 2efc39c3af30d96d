"""Documents of many pages, read back by other programs' readers."""

from __future__ import annotations

import errno
import gc
import io
import re
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pdfplumber
import pypdf
import pytest
from numpy.typing import NDArray

from dead_neuron_autopsy import GERMAN, diagnose, save_autopsy_pages

Neurons = dict[str, NDArray[np.float64]]

WORDS = "Dead neuron autopsy"


def layers(*sizes: int) -> Neurons:
    """Return layers of neurons; every fourth one is dead."""
    rng = np.random.default_rng(5)
    ids = [f"L{layer}·N{unit}" for layer, n in enumerate(sizes) for unit in range(n)]
    return {
        name: np.zeros(16) if position % 4 == 0 else rng.random(16)
        for position, name in enumerate(ids)
    }


def saved(neurons: object, **options: Any) -> io.BytesIO:
    pdf = io.BytesIO()
    save_autopsy_pages(pdf, neurons, **options)
    return pdf


def texts(pdf: io.BytesIO) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(pdf).pages]


def bookmarks(pdf: io.BytesIO) -> list[tuple[str, int | None]]:
    reader = pypdf.PdfReader(pdf)
    items: list[Any] = list(reader.outline)
    return [(item.title, reader.get_destination_page_number(item)) for item in items]


def said(pdf: io.BytesIO) -> list[str]:
    """Return the alternate text of each page."""
    with pdfplumber.open(pdf) as document:
        (whole,) = document.structure_tree
        return [figure["alt_text"] for figure in whole["children"]]


def test_a_page_of_bars_and_then_each_neuron_once_in_order() -> None:
    neurons = layers(10, 7)
    pdf = saved(neurons, per_page=6)
    first, *others = texts(pdf)
    assert "L0" in first
    assert "3/10 dead" in first
    assert "L1" in first
    assert "2/7 dead" in first
    found = [word for text in others for word in text.split() if "·N" in word]
    assert found == list(neurons)
    assert len(others) == 3


def test_each_page_has_its_range_as_title_and_as_bookmark() -> None:
    pdf = saved(layers(10, 7), per_page=6)
    titles = [f"{WORDS} · {cards} of 17" for cards in ("1 to 6", "7 to 12", "13 to 17")]
    for text, title in zip(texts(pdf)[1:], titles, strict=True):
        assert text.startswith(f"{title} ")
    assert bookmarks(pdf) == [
        ("Layers", 0),
        ("1 to 6 of 17 · L0·N0 to L0·N5", 1),
        ("7 to 12 of 17 · L0·N6 to L1·N1", 2),
        ("13 to 17 of 17 · L1·N2 to L1·N6", 3),
    ]
    catalog = pypdf.PdfReader(pdf).trailer["/Root"]
    assert catalog["/PageMode"] == "/UseOutlines"  # type: ignore[index]


def test_each_page_says_what_is_on_it() -> None:
    bars, *pages = said(saved(layers(10, 7), per_page=6))
    assert f"{WORDS}. 5 of 17 neurons are dead" in bars
    assert "Most in L0 (3 of 10), fewest in L1 (2 of 7)." in bars
    for page, (cards, n_here, ids) in zip(
        pages,
        [
            ("1 to 6", 6, "L0·N0 and L0·N4"),
            ("7 to 12", 6, "L0·N8"),
            ("13 to 17", 5, "L1·N2 and L1·N6"),
        ],
        strict=True,
    ):
        assert page.startswith(f"{WORDS} · {cards} of 17. 5 of 17 neurons are dead")
        assert f"Dead on this page: {ids}." in page
        assert f"{n_here} of 17 shown." in page


def test_a_page_of_the_living_says_so() -> None:
    pdf = saved(layers(9), per_page=4, only="alive", group_by=None)
    first, second = said(pdf)
    for words, n_here in ((first, 4), (second, 2)):
        assert "None on this page is dead." in words
        assert f"{n_here} of 9 shown." in words
    assert all("3/9 dead" in page for page in texts(pdf))


def many_layers(name: str = "L{}", count: int = 500) -> dict[str, list[float]]:
    return {f"{name.format(layer)}·N": [layer % 2] for layer in range(count)}


LONG = "model.encoder.layers.{}.self_attn.out_proj"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count", "size"), [("L{}", 120, (4, 1.7)), (LONG, 110, (5, 4))])
def test_many_layers_go_on_over_pages_with_all_their_words(
    name: str, count: int, size: tuple[float, float]
) -> None:
    pdf = saved(many_layers(name, count), limit=1, width=size[0], height=size[1])
    with pdfplumber.open(pdf) as document:
        pages = document.pages[:-1]
        assert len(pages) > 1
        sizes = [letter["size"] for page in pages for letter in page.chars]
        words = [page.extract_words() for page in pages]
    assert min(sizes) >= 5
    found = [word["text"] for page in words for word in page]
    shares = [text for text in found if text in {"0%", "100%"}]
    assert len(shares) == count
    names = {re.sub(r"\D", "", text) for text in found if re.search(r"^(L|.*…)\S*\d", text)}
    whole = {re.sub(r"\D", "", text) for text in found if ".self_attn" in text}
    assert {str(layer) for layer in range(count)} <= names | whole


@pytest.fixture(scope="module")
def of_500_layers() -> io.BytesIO:
    return saved(many_layers(), limit=1)


@pytest.mark.slow
def test_bars_stand_in_the_same_places_on_every_page(of_500_layers: io.BytesIO) -> None:
    with pdfplumber.open(of_500_layers) as document:
        places = [
            [
                (word["x0"], word["top"])
                for word in page.extract_words()
                if word["text"].startswith("L") and word["text"][1:].isdigit()
            ]
            for page in document.pages[:-1]
        ]
    first = sorted(places[0])
    assert len(first) == 168
    for here in places[1:]:
        assert len(here) > 100
        for place in here:
            assert np.abs(np.array(first) - place).max(axis=1).min() < 0.01


@pytest.mark.slow
def test_pages_of_layers_are_told_apart_by_their_range(of_500_layers: io.BytesIO) -> None:
    pdf = of_500_layers
    ranges = ["1 to 168 of 500", "169 to 336 of 500", "337 to 500 of 500"]
    assert bookmarks(pdf)[:3] == [
        (f"Layers · {layers}", page) for page, layers in enumerate(ranges)
    ]
    for text, layers in zip(texts(pdf), ranges, strict=False):
        assert text.startswith(f"{WORDS} · Layers · {layers} ")
    for words, first in zip(said(pdf), ("L0", "L168", "L336"), strict=False):
        assert "250 of 500 neurons are dead" in words
        assert f"Most in {first} (1 of 1)" in words
    german = saved(many_layers(count=400), limit=1, title="", wording=GERMAN)
    assert texts(german)[1].startswith("Schichten · 202 bis 400 von 400 ")


@pytest.mark.slow
def test_names_are_told_apart_across_pages() -> None:
    stacks = [f"network.{stack}_layers.{{}}.output" for stack in ("encoder", "decoder")]
    neurons = many_layers(stacks[0], 200) | many_layers(stacks[1], 200)
    pdf = saved(neurons, limit=1, width=3)
    with pdfplumber.open(pdf) as document:
        words = [word["text"] for page in document.pages[:-1] for word in page.extract_words()]
    # Matplotlib 3.10 draws an ellipsis as no letter; it parts words.
    names = re.findall(r"(\S*(?:en|de)coder.*?) \d+%", " ".join(words))
    assert len(names) == len(set(names)) == 400


@pytest.mark.slow
def test_few_layers_stand_on_one_page_that_is_called_as_before() -> None:
    for count in (1, 54, 150):
        pdf = saved(many_layers(count=count), limit=1)
        assert bookmarks(pdf)[0] == ("Layers", 0)
        assert len(bookmarks(pdf)) == 2
        assert texts(pdf)[0].startswith(f"{WORDS} ")
        assert "Layers" not in texts(pdf)[0]


def corners_of_ids(page: Any) -> list[tuple[float, float]]:
    words = page.extract_words()
    return [(word["x0"], word["top"]) for word in words if "·N" in word["text"]]


@pytest.mark.slow
@pytest.mark.parametrize("per_page", [None, 20])
def test_cards_stand_in_the_same_places_on_every_page(per_page: int | None) -> None:
    with pdfplumber.open(saved(layers(70), per_page=per_page)) as document:
        _, first, *others = document.pages
        places = corners_of_ids(first)
        assert len(places) == (per_page or 55)
        assert {(page.width, page.height) for page in document.pages} == {
            (first.width, first.height)
        }
        for page in others:
            here = corners_of_ids(page)
            np.testing.assert_allclose(here, places[: len(here)], atol=0.01)


def test_pages_have_the_size_asked_for_whatever_rcparams_say() -> None:
    theirs: list[dict[Any, Any]] = [{}, {"savefig.bbox": "tight", "figure.dpi": 30}]
    for rc in theirs:
        with mpl.rc_context(rc):
            pdf = saved(layers(9), per_page=4, width=5, height=4)
        for page in pypdf.PdfReader(pdf).pages:
            assert [float(length) for length in page.mediabox[2:]] == [360, 288]


def test_what_is_left_out_is_said() -> None:
    pdf = saved(layers(10, 7), per_page=3, only="dead", order="peak", limit=4)
    bars, first, second = texts(pdf)
    assert "5/17 dead" in bars
    assert "4 of 17 shown" in bars
    assert first.startswith(f"{WORDS} · 1 to 3 of 4 5/17 dead")
    assert "3 of 17 shown" in first
    assert second.startswith(f"{WORDS} · 4 to 4 of 4 5/17 dead")
    assert "1 of 17 shown" in second
    assert "4 of 17 shown." in said(pdf)[0]


def test_without_groups_there_are_cards_alone() -> None:
    pdf = saved(np.ones((5, 4)), neuron_axis=0, group_by=None, per_page=3)
    assert [title for title, _ in bookmarks(pdf)] == [
        "1 to 3 of 5 · 0 to 2",
        "4 to 5 of 5 · 3 to 4",
    ]


def test_a_document_of_no_neurons_says_so() -> None:
    pdf = saved({})
    assert len(texts(pdf)) == 2
    assert all("0/0 dead" in text for text in texts(pdf))
    assert [title for title, _ in bookmarks(pdf)] == ["Layers", WORDS]
    assert said(pdf)[1].startswith(f"{WORDS}. 0 of 0 neurons are dead")
    assert said(pdf)[1].endswith("below 0.000001.")
    information = pypdf.PdfReader(pdf).metadata
    assert information is not None
    assert information.subject is not None
    assert "shown" not in information.subject


@pytest.mark.slow
def test_words_and_title_are_the_callers() -> None:
    pdf = saved(layers(5), title="Netz", wording=GERMAN, per_page=4, style="dark")
    assert texts(pdf)[1].startswith("Netz · 1 bis 4 von 5 ")
    assert [title for title, _ in bookmarks(pdf)][:2] == [
        "Schichten",
        "1 bis 4 von 5 · L0·N0 bis L0·N3",
    ]
    reader = pypdf.PdfReader(pdf)
    assert reader.metadata is not None
    assert reader.metadata.title == "Netz"
    assert reader.trailer["/Root"]["/Lang"] == "de"  # type: ignore[index]
    untitled = texts(saved(layers(5), title="", per_page=4))[1]
    assert untitled.startswith("1 to 4 of 5 ")


def test_the_same_neurons_make_the_same_bytes() -> None:
    assert saved(layers(9, 3)).getvalue() == saved(layers(9, 3)).getvalue()


def test_a_path_is_written_and_no_figure_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    save_autopsy_pages(path, layers(9))
    assert path.read_bytes() == saved(layers(9)).getvalue()
    save_autopsy_pages(str(path), layers(4))
    assert path.read_bytes() == saved(layers(4)).getvalue()
    assert plt.get_fignums() == []


def test_a_report_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"the report of yesterday")
    gone: list[bool] = []

    def read(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        if gone:
            raise OSError("the disk is gone")
        return rows

    da: Any = pytest.importorskip("dask.array")
    rows = da.from_array(np.ones((9, 4)), chunks=(1, 4))
    rows = rows.map_blocks(read, dtype=float, meta=np.empty((0, 0)))
    autopsy = diagnose(rows, neuron_axis=0)
    gone.append(True)
    with pytest.raises(OSError, match="the disk is gone"):
        save_autopsy_pages(path, autopsy, per_page=4, group_by=None)
    assert path.read_bytes() == b"the report of yesterday"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"per_page": 0}, ValueError, "^per_page: must be at least 1; got 0"),
        ({"per_page": 2.0}, TypeError, "^per_page: must be an integer; got float 2.0"),
        ({"width": "A4"}, TypeError, "^width: must be a number of inches"),
        ({"height": 0.2}, ValueError, "^height: must be .*at least 1.58 in; got 0.2"),
        ({"title": 3}, TypeError, "^title: must be a string"),
        ({"only": "ill"}, ValueError, "^only: must be 'alive', 'dead', 'unknown' or None"),
        ({"group_by": 3}, TypeError, "^group_by: must be 'layer', a function"),
    ],
)
def test_wrong_arguments_write_nothing(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    path = tmp_path / "report.pdf"
    with pytest.raises(error, match=message):
        save_autopsy_pages(path, layers(3), **options)
    assert not path.exists()


def test_ids_without_a_layer_name_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"^group_by: finds no group for the neuron '0'"):
        saved(np.ones((5, 4)), neuron_axis=0)


def test_progress_is_shown_if_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    saved(layers(9), per_page=4)
    assert capsys.readouterr().err == ""
    saved(layers(9), per_page=4, progress=True)
    assert "4/4" in capsys.readouterr().err


def test_progress_needs_tqdm_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"^progress=True needs tqdm: pip install"):
        saved(layers(3), progress=True)
    saved(layers(3))


def memory_taken(n_pages: int) -> int:
    autopsy = diagnose(layers(12 * n_pages))
    gc.collect()
    tracemalloc.start()
    saved(autopsy, per_page=12)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken


@pytest.mark.slow
def test_a_document_takes_little_more_memory_than_a_page() -> None:
    memory_taken(2)  # loads fonts
    few, many = memory_taken(2), memory_taken(6)
    assert many < 2 * few


# Where it is written to


def test_a_folder_that_is_not_there_is_named_before_anything_is_made(
    tmp_path: Path,
) -> None:
    with pytest.raises(FileNotFoundError, match=r"^fname: there is no folder '.*nowhere'"):
        save_autopsy_pages(tmp_path / "nowhere" / "a.pdf", object())


@pytest.mark.parametrize("target", [None, 3, io.StringIO()])
def test_what_takes_no_bytes_is_refused_before_anything_is_made(target: Any) -> None:
    with pytest.raises(TypeError, match=r"^fname: must .* bytes; got"):
        save_autopsy_pages(target, object())


def test_a_file_open_for_reading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"mine")
    with path.open("rb") as file, pytest.raises(TypeError, match=r"^fname: must be a path"):
        save_autopsy_pages(file, object())
    assert path.read_bytes() == b"mine"


def test_a_full_disk_leaves_the_report_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"the report of yesterday")

    def full(source: Any, target: Any) -> None:
        target.write(source.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        save_autopsy_pages(path, layers(3))
    assert path.read_bytes() == b"the report of yesterday"
    assert [*tmp_path.iterdir()] == [path]


def test_a_link_and_the_rights_of_a_file_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "report.pdf", tmp_path / "latest.pdf"
    path.write_bytes(b"")
    path.chmod(0o640)
    link.symlink_to(path)
    save_autopsy_pages(link, layers(3))
    assert link.is_symlink()
    assert path.read_bytes() == saved(layers(3)).getvalue()
    assert path.stat().st_mode & 0o777 == 0o640


def test_cards_stand_in_the_same_places_under_titles_of_any_length() -> None:
    # "9 to 9 of 11" leaves the title in one line, "10 to 10 of 11" does not.
    options: dict[str, Any] = {"title": "x" * 9, "per_page": 1, "width": 3, "height": 3}
    pdf = saved(layers(11), group_by=None, **options)
    with pdfplumber.open(pdf) as document:
        lines = [
            len({round(w["top"]) for w in page.extract_words() if w["top"] < 31})
            for page in document.pages
        ]
        places = [corners_of_ids(page) for page in document.pages]
    assert lines == [2] * 9 + [3] * 2
    for place in places:
        np.testing.assert_allclose(place, places[0], atol=0.01)


@pytest.mark.parametrize(("n_layers", "size"), [(4, (1.6, 1.6)), (40, (1.6, 2.5))])
def test_bars_have_their_names_on_the_smallest_pages(
    n_layers: int, size: tuple[float, float]
) -> None:
    width, height = size
    pdf = saved(many_layers(count=n_layers), limit=1, width=width, height=height)
    *overviews, _ = texts(pdf)
    named = {name for text in overviews for name in re.findall(r"^L\d+$", text, re.M)}
    assert named == {f"L{layer}" for layer in range(n_layers)}
