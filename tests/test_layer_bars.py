"""Bars: how long they are, what stands beside them, and what is said of them."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pdfplumber
import pytest
from drawing import boxes, close_to, pixels, redrawn, saved, written
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image
from pypdf import PdfReader

from dead_neuron_autopsy import (
    DARK,
    GERMAN,
    LIGHT,
    PRINT,
    Style,
    describe,
    diagnose,
    draw_autopsy,
    draw_layers,
    plot_autopsy,
    plot_layers,
    savefig_with_alt,
)

SVG = "{http://www.w3.org/2000/svg}"
STYLES = pytest.mark.parametrize("style", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])

#: How many are dead, of how many.
Count = tuple[int, int]
COUNTS: list[Count] = [(0, 6), (1, 6), (3, 6), (5, 6), (6, 6)]


def plotted(counts: list[Count], name: str = "L{}", **options: Any) -> Any:
    """Return a figure of layers, with so many dead ones each."""
    ids = [
        f"{name.format(layer)}·N{number}"
        for layer, (_, n_neurons) in enumerate(counts)
        for number in range(n_neurons)
    ]
    alive = [float(number >= n_dead) for n_dead, n_neurons in counts for number in range(n_neurons)]
    return plot_layers(np.array(alive)[:, np.newaxis], neuron_axis=0, ids=ids, **options)


def lengths_in_pixels(figure: Any, style: Style = LIGHT, dpi: int = 100) -> list[tuple[int, int]]:
    """Return the pixels of each bar, and of the outline that it fills."""
    picture = pixels(figure, dpi=dpi)
    bars = figure.layer_bars
    found = []
    for track in boxes(bars.tracks):
        row = picture[len(picture) - round(track.y0 + track.height / 2)]
        left, right = round(track.x0 - 0.5), round(track.x1 + 0.5)
        full = close_to(row, style.dead_text, 0)
        around = full | close_to(row, style.alive_border, 0)
        around[: left - 1] = around[right + 1 :] = False
        filled = np.flatnonzero(full[left - 1 : right + 1])
        edges = np.flatnonzero(around)
        assert len(filled) == 0 or np.ptp(filled) == len(filled) - 1
        assert len(filled) == 0 or filled[0] + left - 1 == edges[0]
        found.append((len(filled), int(np.ptp(edges)) + 1))
    return found


def with_role(tree: ET.Element, role: str) -> list[ET.Element]:
    """Return the elements of a role; the images are those of cards, in their list items."""
    found = [element for element in tree.iter() if element.get("role") == role]
    items = (element for element in tree.iter() if element.get("role") == "listitem")
    inside = {inner for item in items for inner in item.iter()}
    return [element for element in found if role != "img" or element in inside]


class Bar(NamedTuple):
    """A bar in an SVG: its words, its length, and that of its outline."""

    label: str
    length: float
    whole: float


def bars_in(figure: Any) -> list[Bar]:
    tree = ET.fromstring(saved(figure, "svg"))
    found = []
    for image in with_role(tree, "img"):
        widths = []
        for path in image.iter(f"{SVG}path"):
            numbers = re.findall(r"[\d.]+", path.get("d", ""))
            xs = [float(number) for number in numbers[::2]]
            outline = re.search(r"stroke-width: ([\d.]+)", path.get("style", ""))
            widths.append(max(xs) - min(xs) + float(outline[1] if outline else 0))
        track, *bar = widths
        found.append(Bar(str(image.get("aria-label")), sum(bar), track))
    return found


# How long they are


@pytest.mark.parametrize(
    ("style", "dpi"),
    [(LIGHT, 72), (DARK, 100), (PRINT, 200)],
    ids=["light", "dark", "print"],
)
def test_bars_are_as_long_as_the_dead_share(style: Style, dpi: int) -> None:
    figure = plotted(COUNTS, style=style)
    for (n_dead, n_neurons), (length, whole) in zip(
        COUNTS, lengths_in_pixels(figure, style, dpi), strict=True
    ):
        assert whole > 100
        assert abs(length - whole * n_dead / n_neurons) <= 1


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.lists(
        st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=8,
    )
)
def test_paths_are_as_long_as_the_dead_share(counts: list[Count]) -> None:
    figure = plotted(counts)
    bars = bars_in(figure)
    plt.close(figure)
    assert len({bar.whole for bar in bars}) == 1 or np.ptp([b.whole for b in bars]) < 1e-5
    for (n_dead, n_neurons), bar in zip(counts, bars, strict=True):
        wanted = bar.whole * n_dead / n_neurons
        if n_dead in (0, n_neurons):
            assert bar.length == pytest.approx(wanted, abs=1e-5)
        else:
            assert 1 <= bar.length <= bar.whole - 1
            assert bar.length == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("dpi", [50, 100, 200])
def test_one_of_many_is_seen_and_so_is_one_that_is_left(dpi: int) -> None:
    figure = plotted([(0, 9999), (1, 9999), (9998, 9999), (9999, 9999)])
    (none, _), (one, _), (but_one, whole), (every, _) = lengths_in_pixels(figure, dpi=dpi)
    assert (none, every) == (0, whole)
    assert 1 <= one <= 3
    assert whole - 3 <= but_one < whole
    labels = [bar.label for bar in bars_in(figure)]
    assert labels == [
        "L0, 0 of 9,999 neurons dead, 0%",
        "L1, 1 of 9,999 neurons dead, <0.1%",
        "L2, 9,998 of 9,999 neurons dead, >99.9%",
        "L3, 9,999 of 9,999 neurons dead, 100%",
    ]


@STYLES
def test_without_dead_neurons_there_is_no_ink_in_the_bars(style: Style) -> None:
    figure = plotted([(0, 5), (0, 900), (0, 1)], style=style)
    shown = pixels(figure)
    figure.layer_bars.bars.set_visible(False)
    assert (pixels(figure) == shown).all()
    other = plotted([(0, 5), (1, 900), (0, 1)], style=style)
    shown = pixels(other)
    other.layer_bars.bars.set_visible(False)
    assert (pixels(other) != shown).any()


@STYLES
def test_bars_are_told_from_outlines_without_any_colour(style: Style) -> None:
    names = {field.name for field in fields(style)}
    alike = {name: name.replace("dead_", "alive_", 1) for name in names}
    grey = replace(style, **{dead: getattr(style, like) for dead, like in alike.items()})
    figure = plotted(COUNTS, style=grey)
    picture = pixels(figure).mean(axis=-1)
    inked = []
    for track in boxes(figure.layer_bars.tracks):
        (left, bottom), (right, top) = np.round(track.padded(-2).get_points()).astype(int)
        inside = picture[len(picture) - top : len(picture) - bottom, left:right]
        away = np.abs(inside - picture[len(picture) - top, right - 1])
        inked.append((away > 60).mean() if inside[0, 0] != inside[0, -1] else None)
    # All and none are even; what is between is filled as far as its share.
    assert inked[0] is None
    assert inked[-1] is None
    assert inked[1:-1] == pytest.approx([1 / 6, 3 / 6, 5 / 6], abs=0.02)
    all_of_them, none = (boxes(figure.layer_bars.tracks)[place] for place in (-1, 0))
    middles = [
        picture[len(picture) - round(box.y0 + box.height / 2), round(box.x0 + 9)]
        for box in (all_of_them, none)
    ]
    assert abs(middles[0] - middles[1]) > 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_layers", "dpi"), [(3, 72), (3, 144), (70, 96), (70, 150), (200, 72), (200, 100)]
)
def test_bars_are_even_and_sharp(n_layers: int, dpi: int) -> None:
    figure = plotted([(2, 2)] * n_layers)
    picture = pixels(figure, dpi=dpi)
    full = close_to(picture, LIGHT.dead_text, 0)
    tracks = boxes(figure.layer_bars.tracks)
    columns = sorted({box.x0 for box in tracks})
    assert len({box.height for box in tracks}) == 1
    assert len({box.width for box in tracks}) == 1
    assert len(set(np.diff(columns))) <= 1
    for column in columns:
        tops = [box.y0 for box in tracks if box.x0 == column]
        if n_layers < 200:  # those of 200 are lower, to fit
            assert len(set(np.diff(tops))) <= 1
        assert np.ptp(np.diff(tops)) <= 1
    line = max(1, round(LIGHT.alive_border_width * dpi / 72))
    for box in tracks:
        around_it = box.padded(line / 2).get_points()
        (left, bottom), (right, top) = np.round(around_it).astype(int)
        rows = slice(len(picture) - top, len(picture) - bottom)
        around = full[rows.start - 1 : rows.stop + 1, left - 1 : right + 1]
        assert around[1:-1, 1:-1].mean() > 0.99
        assert not around[0].any()
        assert not around[-1].any()
        assert not around[:, 0].any()
        assert not around[:, -1].any()


# What stands beside them


class Words(NamedTuple):
    """A string in a PDF, and its edges in points from the top left."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


def words_in(pdf: bytes) -> tuple[list[Words], float, float]:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        found = page.extract_words(keep_blank_chars=True, x_tolerance=3)
        width, height = float(page.width), float(page.height)
    words = [Words(one["text"], one["x0"], one["x1"], one["top"], one["bottom"]) for one in found]
    return words, width, height


VARIED: list[Count] = [(0, 3), (1, 1000), (512, 512), (7, 64), (299, 300)]


def test_names_begin_and_numbers_end_under_one_another() -> None:
    figure = plotted(VARIED)
    words, *_ = words_in(saved(figure, "pdf"))
    tracks = [box.x0 for box in boxes(figure.layer_bars.tracks)]
    by_text = {word.text: word for word in words}
    names = [by_text[f"L{layer}"] for layer in range(5)]
    shares = [by_text[text] for text in ("0%", "0.1%", "100%", "10.9%", "99.7%")]
    dead = ["0/3 dead", "1/1,000 dead", "512/512 dead", "7/64 dead", "299/300 dead"]
    counts = [by_text[text] for text in dead]
    header = by_text["Dead neuron autopsy"]
    for name in names:
        assert name.left == pytest.approx(header.left, abs=1)
    for column in (shares, counts):
        assert np.ptp([word.right for word in column]) < 0.5
        assert np.ptp([word.left for word in column]) > 1
    for row in zip(names, shares, counts, strict=True):
        assert np.ptp([word.bottom for word in row]) < 1.5
    for name, track, share, count in zip(names, tracks, shares, counts, strict=True):
        assert name.right + 3 < track < share.left < share.right + 3 < count.left


SHORT, LONG = "L{}", "model.encoder.layers.{}.self_attn.out_proj"


@pytest.mark.parametrize(
    ("name", "n_layers", "width"),
    [
        (SHORT, 1, None),
        (LONG, 1, 2),
        (SHORT, 3, 16),
        (LONG, 3, None),
        (LONG, 3, 3.5),
        (SHORT, 70, 2),
        (LONG, 70, 3),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                (SHORT, 70, 16),
                (LONG, 70, None),
                (LONG, 100, 6),
                (SHORT, 150, 3.5),
            ]
        ),
    ],
)
def test_nothing_overlaps_or_is_cut_off(name: str, n_layers: int, width: float | None) -> None:
    counts = [VARIED[layer % 2] for layer in range(n_layers)]
    figure = plotted(counts, name, width=width)
    words, page_width, page_height = words_in(saved(figure, "pdf"))
    assert figure.get_size_inches()[0] == pytest.approx(width or page_width / 72)
    assert page_width <= 16 * 72 + 1e-6
    bars = figure.layer_bars
    tracks = []
    for box in boxes(bars.tracks):
        (left, bottom), (right, top) = box.padded(0.36).get_points()
        tracks.append(Words("", left, right, page_height - top, page_height - bottom))
    assert all(track.right > track.left for track in tracks)
    header = min(track.top for track in tracks)
    beside = [word for word in words if word.bottom > header]
    for one in [*words, *tracks]:
        assert one.left > 0
        assert one.top > 0
        assert one.right < page_width
        assert one.bottom < page_height
    cells = sorted([*beside, *tracks], key=lambda one: (one.left, one.top))
    edges = np.array([(one.left, one.right, one.top, one.bottom) for one in cells])
    middles = edges[:, 2:].mean(axis=1)
    for index, (left, right, *_) in enumerate(edges):
        # Letters have room above and below them: rows are told apart by their middles.
        near = np.abs(middles - middles[index]) < 3
        near[index] = False
        across = (edges[:, 0] < right + 1) & (edges[:, 1] > left - 1)
        if cells[index].text == "":
            below = (edges[:, 2] < edges[index, 3]) & (edges[:, 3] > edges[index, 2])
            near = below & np.array([one.text == "" for one in cells])
            near[index] = False
        assert not (near & across).any()
    tops = sorted({round(track.top, 3) for track in tracks})
    assert all(one < other for one, other in pairwise(tops))


def test_a_count_is_nearer_to_its_own_bar_than_to_the_next_column() -> None:
    figure = plotted([(1, 9)] * 100)
    words, *_ = words_in(saved(figure, "pdf"))
    counts = sorted({round(word.right, 1) for word in words if word.text == "1/9 dead"})
    names = sorted({round(word.left, 1) for word in words if word.text in {"L0", "L99"}})
    shares = sorted({round(word.right, 1) for word in words if word.text == "11.1%"})
    lefts = sorted({round(word.left, 1) for word in words if word.text == "1/9 dead"})
    assert len(names) == len(counts) == 2
    assert names[1] - counts[0] > 2 * (lefts[0] - shares[0])


def test_names_that_do_not_fit_are_shortened_and_said_in_full() -> None:
    name = "encoder.layers.{}." + "x" * 60
    figure = plotted([(1, 2)] * 3, name, width=3)
    drawn = redrawn(figure).layer_bars.name_labels.get_texts()
    assert all("…" in text for text in drawn)
    labels = [bar.label for bar in bars_in(figure)]
    assert labels == [f"{name.format(i)}, 1 of 2 neurons dead, 50.0%" for i in range(3)]


def test_what_has_no_room_goes_before_the_bar_does() -> None:
    seen = []
    for width in (5, 2.2, 1.6, 1):
        bars = redrawn(plotted([(1, 2)] * 3, width=width)).layer_bars
        labels = (bars.share_labels, bars.count_labels, bars.name_labels)
        seen.append([any(part.get_texts()) for part in labels])
        assert all(box.width > 20 for box in boxes(bars.tracks))
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == [True, True, True]
    assert seen[-1] != seen[0]


def test_names_that_are_long_make_the_figure_wider() -> None:
    short, long = plotted([(0, 1)] * 60), plotted([(0, 1)] * 60, LONG)
    names = redrawn(long).layer_bars.name_labels.get_texts()
    assert names == [LONG.format(layer) for layer in range(60)]
    assert short.get_size_inches()[0] < long.get_size_inches()[0] < 6
    assert short.get_size_inches()[1] == long.get_size_inches()[1]
    assert boxes(long.layer_bars.tracks)[0].width > 140


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_layers", "width"),
    [
        (SHORT, 1, 3),
        (LONG, 12, 3.5),
        (LONG, 64, None),
        (LONG, 65, 16),
        (SHORT, 65, 3),
        (LONG, 193, 8),
        (SHORT, 250, None),
        (LONG, 500, None),
    ],
)
def test_every_layer_has_its_words_whatever_the_number(
    name: str, n_layers: int, width: float | None
) -> None:
    figure = plotted([VARIED[layer % 2] for layer in range(n_layers)], name, width=width)
    for dpi in (100, 72, 150):
        figure.set_dpi(dpi)
        bars = redrawn(figure).layer_bars
        assert len(set(bars.name_labels.get_texts())) == n_layers
        shares = ["0%", "0.1%"] * n_layers
        assert bars.share_labels.get_texts() == shares[:n_layers]
        counts = ["0/3 dead", "1/1,000 dead"] * n_layers
        assert bars.count_labels.get_texts() == counts[:n_layers]
        assert bars.name_labels.font.size == bars.count_labels.font.size >= 5


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.integers(1, 500),
    st.from_regex("[a-z]{0,12}([.·_][a-z]{1,9}){0,6}.", fullmatch=True),
)
def test_every_layer_of_any_number_has_its_words(n_layers: int, beginning: str) -> None:
    names = [f"{beginning}{layer}" for layer in range(n_layers)]
    figure = plot_layers({name: [0.0] for name in names}, group_by=str)
    bars = redrawn(figure).layer_bars
    plt.close(figure)
    assert figure.get_size_inches()[0] <= 16
    assert len(set(bars.name_labels.get_texts())) == n_layers
    assert all(bars.share_labels.get_texts())
    assert all(bars.count_labels.get_texts())


@pytest.mark.slow
def test_letters_of_many_layers_are_no_smaller() -> None:
    figure = plotted([(1, 9)] * 500, LONG)
    with pdfplumber.open(io.BytesIO(saved(figure, "pdf"))) as document:
        page = document.pages[0]
        assert min(letter["size"] for letter in page.chars) >= 5
        text = page.extract_text()
    assert text.count("1/9 dead") == text.count("11.1%") == 500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_layers", "name", "ncols", "least", "most"),
    [
        (12, "L{}", 1, 3, 4),
        (64, LONG, 1, 13, 14),
        (65, "L{}", 2, 7, 8),
        (65, LONG, 2, 7, 8),
        (190, LONG, 3, 13, 14),
        (250, "L{}", 4, 13, 14),
        (500, LONG, 4, 18, 19),
        (1000, "L{}", 7, 20, 21),
        (1000, LONG, 5, 28, 29),
    ],
)
def test_columns_become_more_and_then_the_figure_higher(
    n_layers: int, name: str, ncols: int, least: float, most: float
) -> None:
    figure = plotted([(1, 9)] * n_layers, name)
    width, height = figure.get_size_inches()
    assert width <= 16
    assert least < height < most
    assert len({box.x0 for box in boxes(redrawn(figure).layer_bars.tracks)}) == ncols


def test_no_figure_is_higher_than_a_document_can_be() -> None:
    figure = plotted([(0, 1)] * 3000, width=2.5)
    assert 190 < figure.get_size_inches()[1] <= 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "n_layers", "dpi"),
    [(3, 3, 200), (None, 70, 100), (3, 70, 200), (None, 300, 200), (3, 700, 100)],
)
def test_margins_are_as_everywhere_and_gaps_even(
    width: float | None, n_layers: int, dpi: int
) -> None:
    figure = plotted([(1, 1)] * n_layers, width=width)
    inked = (pixels(figure, dpi=dpi) != 255).any(axis=(1, 2))
    top, bottom = np.argmax(inked), np.argmax(inked[::-1])
    assert top == pytest.approx(12 * dpi / 72, abs=3 * dpi / 72)
    assert bottom == pytest.approx(12 * dpi / 72, abs=2 * dpi / 72)
    tracks = boxes(figure.layer_bars.tracks)
    first = [box.y0 for box in tracks if box.x0 == tracks[0].x0]
    assert len(set(np.diff(first))) == 1


def test_bars_in_a_figure_of_the_callers_have_words_if_there_is_room() -> None:
    mine: Any = plt.figure(figsize=(12, 8))
    draw_layers(mine, {f"L{layer}·N": [0.0] for layer in range(300)})
    words, *_ = words_in(saved(mine, "pdf"))
    assert {f"L{layer}" for layer in range(300)} <= {word.text for word in words}


def test_words_that_were_shortened_leave_their_room_to_the_bars() -> None:
    bars = redrawn(plotted([(1, 9)] * 9, LONG, width=3.5)).layer_bars
    widest = max(map(bars.name_labels.font.measure, bars.name_labels.get_texts()))
    left = boxes(bars.tracks)[0].x0 * 72 / 100
    assert left - 12 - widest == pytest.approx(7, abs=1.5)


def test_hostile_names(hostile_neurons: Mapping[str, Any]) -> None:
    mpl.rcParams["text.usetex"] = True
    ids = dict(zip(map(str, range(len(hostile_neurons))), hostile_neurons, strict=True))
    figure = plot_layers({number: [0.0] for number in ids}, group_by=ids)
    for name, bar in zip(hostile_neurons, bars_in(figure), strict=True):
        sayable = re.sub(r"\s", " ", re.sub("[\x00\x1b\ud800\u202e]", "\ufffd", name))
        assert bar.label == f"{sayable}, 1 of 1 neuron dead, 100%"
    for file_format in ("png", "pdf"):
        assert len(saved(figure, file_format)) > 1000


# What is said


def test_a_reader_finds_a_list_of_layers() -> None:
    (figure,) = with_role(ET.fromstring(saved(plotted(COUNTS), "svg")), "figure")
    (bars,) = with_role(figure, "list")
    assert [item.get("role") for item in bars] == ["listitem"] * 5
    assert not with_role(figure, "group")
    for item in bars:
        hidden, image = item
        assert hidden.get("aria-hidden") == "true"
        assert image.get("role") == "img"


def test_visible_words_are_not_read_in_addition() -> None:
    mpl.rcParams["svg.fonttype"] = "none"
    tree = ET.fromstring(saved(plotted(COUNTS), "svg"))
    texts = {text: text.text for text in tree.iter(f"{SVG}text")}
    assert {"L0", "0%", "3/6 dead", "50.0%", "15/30 dead"} <= set(texts.values())
    hidden = {
        text
        for group in tree.iter()
        if group.get("aria-hidden") == "true"
        for text in group.iter(f"{SVG}text")
    }
    assert hidden == set(texts)


def test_the_layers_are_there_to_be_read() -> None:
    bars = plotted(COUNTS).layer_bars
    found = [(layer.name, layer.n_dead, layer.n_neurons) for layer in bars.layers]
    assert found == [(f"L{index}", *count) for index, count in enumerate(COUNTS)]


def test_every_format_says_what_is_dead_in_each_layer() -> None:
    figure = plotted(COUNTS[1:3], title="Network")
    verdict = "Network. 4 of 12 neurons dead (max absolute activation below 0.000001)."
    sentence = "4 of 12 neurons are dead (33%). Most in L1 (3 of 6), fewest in L0 (1 of 6). "
    assert figure.alt_text == describe(figure) == verdict
    assert sentence in figure.layer_bars.description
    with Image.open(io.BytesIO(saved(figure, "png"))) as image:
        assert sentence in image.text["Description"]  # type: ignore[attr-defined]
    pdf = saved(figure, "pdf")
    assert sentence in str(dict(PdfReader(io.BytesIO(pdf)).metadata or {}).get("/Subject"))
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        (tagged,) = document.structure_tree[0]["children"]
    assert tagged["alt_text"].startswith(f"Network. {sentence}")
    assert "Most in L1 (3 of 6), fewest in L0 (1 of 6)." in figure.latex("network.pdf")
    html = figure._repr_html_()
    assert "L1, 3 of 6 neurons dead, 50.0%" in html
    assert html.count('role="listitem"') == 2


def test_a_notebook_gets_an_image_of_very_many_layers() -> None:
    html = plotted([(1, 1)] + [(0, 1)] * 500)._repr_html_()
    assert "<img" in html
    assert "<svg" not in html
    assert "Most in L0 (1 of 1), fewest in L1 (0 of 1)." in html


def test_it_is_the_alt_text_of_the_same_neurons_as_cards() -> None:
    neurons = {"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]}
    cards = plot_autopsy(neurons, group_by="layer")
    alts = plot_layers(neurons).layer_bars.alt, cards.autopsy_grid.alt
    assert alts[0].summary == alts[1].summary
    said, of_cards = (alt.full.split(". ") for alt in alts)
    assert [one for one in said if one not in of_cards] == ["2 bars, one per layer"]
    assert [*plot_layers(neurons).autopsy.ids] == [*cards.autopsy.ids]


def test_german_bars() -> None:
    figure = plotted([(0, 1), (1, 5000), (1, 8)], wording=GERMAN)
    assert [bar.label for bar in bars_in(figure)] == [
        "L0, 0 von 1 Neuron tot, 0 %",
        "L1, 1 von 5.000 Neuronen tot, <0,1 %",
        "L2, 1 von 8 Neuronen tot, 12,5 %",
    ]
    bars = redrawn(figure).layer_bars
    assert bars.share_labels.get_texts()[2] == "12,5 %"
    assert bars.count_labels.get_texts() == ["0/1 tot", "1/5.000 tot", "1/8 tot"]
    assert "Mit jeder Schicht mehr, von L0 (0 von 1) bis L2 (1 von 8)." in bars.description


# In figures of the callers


def test_no_neurons_have_no_bars() -> None:
    figure = plot_layers({})
    assert figure.layer_bars.layers == ()
    assert not with_role(ET.fromstring(saved(figure, "svg")), "list")
    for file_format in ("png", "pdf"):
        assert len(saved(figure, file_format)) > 1000
    assert figure.alt_text == plot_autopsy({}).alt_text
    assert "Most in" not in figure.layer_bars.description


def test_bars_beside_cards_in_one_figure() -> None:
    neurons = {"L1·N1": [0.0], "L1·N2": [0.3], "L2·N1": [0.1]}
    figure = plt.figure(figsize=(8, 3))
    halves: Any = figure.subfigures(1, 2)
    left, right = halves
    bars = draw_layers(left, neurons, title="Layers")
    assert bars.axes is left.axes[0]
    draw_autopsy(right, neurons, title="Neurons")
    picture = pixels(figure)
    middle = picture.shape[1] // 2
    alone = Figure(figsize=(4, 3))
    draw_layers(alone, neurons, title="Layers")
    assert (picture[:, :middle] == pixels(alone)).all()
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format="svg")
    page = buffer.getvalue().decode()
    assert "L1, 1 of 2 neurons dead, 50.0%" in page
    assert "L1·N1, dead, peak absolute activation 0" in page
    assert describe(figure).startswith("Layers. 1 of 3 ")
    assert "Neurons. 1 of 3 " in describe(figure)


@pytest.mark.parametrize("layout", [None, "tight", "constrained", "compressed"])
def test_bars_in_a_figure_of_the_callers(layout: Any) -> None:
    mine = plt.figure(figsize=(5, 2), layout=layout)
    draw_layers(mine, {"L1·N1": [0.0], "L2·N1": [1.0]})
    assert mine.get_size_inches().tolist() == [5, 2]
    picture = pixels(mine)
    assert (picture != 255).any()
    for edge in (picture[:4], picture[-4:], picture[:, :4], picture[:, -4:]):
        assert (edge == 255).all()


@pytest.mark.parametrize("size", [(0.3, 0.3), (1, 0.4), (0.4, 2), (9, 0.3), (12, 12)])
def test_bars_in_figures_of_any_size(size: tuple[float, float]) -> None:
    figure: Any = Figure(figsize=size)
    bars = draw_layers(figure, {f"L{layer}·N": [layer % 2] for layer in range(9)})
    picture = pixels(figure)
    assert len(bars.layers) == 9
    for box in boxes(bars.tracks):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= picture.shape[1]
        assert box.y1 <= picture.shape[0]


def test_a_title_a_threshold_and_an_autopsy() -> None:
    neurons = {"L1·N1": [0.05], "L1·N2": [0.3]}
    figure = plot_layers(neurons, 0.1, title="Network")
    assert figure.alt_text.startswith("Network. 1 of 2 neurons dead")
    again = plot_layers(diagnose(neurons, 0.1), title="Network")
    assert saved(again, "svg") == saved(figure, "svg")
    untitled = written(plot_layers(neurons, title=""))
    assert "Dead neuron autopsy" not in {one.text for one in untitled}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "group_by: finds no group for the neuron 'N1'"),
        ({"group_by": None}, TypeError, "group_by: must be 'layer'"),
        ({"group_by": {"N1": "a"}}, ValueError, "group_by: finds no group .* 'N2'"),
        ({"group_by": len, "width": 0}, ValueError, "width: must be finite"),
        ({"group_by": len, "width": "3"}, TypeError, "width: must be a number of inches"),
        ({"group_by": len, "style": "grey"}, ValueError, "style: must be 'light'"),
        ({"group_by": len, "title": 3}, TypeError, "title: must be a string"),
        ({"group_by": len, "wording": "de"}, TypeError, "wording: must be a Wording"),
        ({"group_by": len, "dead_threshold": -1}, ValueError, "dead_threshold: "),
    ],
)
def test_a_wrong_argument_is_named_and_no_figure_left(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        plot_layers({"N1": [0.0], "N2": [1.0]}, **arguments)
    assert plt.get_fignums() == []


def test_a_figure_of_the_callers_has_its_size_and_stays_as_it_was() -> None:
    mine = plt.figure(figsize=(3, 2))
    too_much: dict[str, Any] = {"width": 3.5}
    with pytest.raises(TypeError, match="unexpected keyword argument 'width'"):
        draw_layers(mine, {"L1·N1": [0.0]}, **too_much)
    with pytest.raises(ValueError, match=r"^group_by: "):
        draw_layers(mine, {"N1": [0.0]})
    assert mine.axes == []
    assert mine.get_size_inches().tolist() == [3, 2]


def test_a_figure_of_the_other_kind_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"holds no autopsy as AutopsyGrid"):
        plotted(COUNTS).autopsy_grid  # noqa: B018
    with pytest.raises(RuntimeError, match=r"holds no autopsy as LayerBars"):
        plot_autopsy({"N": [0.0]}).layer_bars  # noqa: B018


def test_parts_may_be_restyled() -> None:
    figure = plotted(COUNTS)
    bars = figure.layer_bars
    bars.bars.set_facecolor("#00ff00")
    bars.tracks.set_edgecolor("#0000ff")
    bars.name_labels.set_color("#ff00ff")
    picture = pixels(figure, dpi=200)
    for color in ("#00ff00", "#0000ff", "#ff00ff"):
        assert close_to(picture, color).any()
    bars.bars.set_facecolor(["r", "g", "b", "c", "m"])
    picture = pixels(figure, dpi=200)
    for color in ("g", "b", "c", "m"):
        assert close_to(picture, color).any()
    assert {len(part.get_paths()) for part in (bars.bars, bars.tracks)} == {5}


def test_zoomed_bars_are_cut_off_at_the_edge_and_the_header_stays() -> None:
    figure = plotted([(1, 2)] * 10)
    whole = pixels(figure)
    host = figure.axes[0]
    host.set_ylim(4.5, 1.5)
    zoomed = pixels(figure)
    box = host.get_window_extent()
    top = int(len(whole) - box.y1 * len(whole) / figure.bbox.height)
    assert (whole[: top - 1] == zoomed[: top - 1]).all()
    assert (whole != zoomed).any()
    assert (zoomed[-5:] == 255).all()
    host.set_ylim(10, 0)
    assert (pixels(figure) == whole).all()


# Memory


@pytest.mark.parametrize("separator", ["·", ".", "_"])
def test_memory_grows_with_a_names_length_and_no_faster(separator: str) -> None:
    def peak(length: int) -> int:
        begins = separator.join(["ab"] * (length // 3))
        neurons = {f"{begins}{end}·0": [0.0, 1.0] for end in "xyz"}
        tracemalloc.start()
        try:
            plot_layers(neurons)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(3_000)  # fonts are loaded once
    assert peak(48_000) < 8 * peak(12_000)
