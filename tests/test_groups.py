"""Groups: what a neuron's group is, where its card stands, and what is said of it."""

from __future__ import annotations

import copy
import io
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pdfplumber
import pytest
from drawing import (
    Histories,
    card_boxes,
    close_to,
    label_artists,
    pixels,
    redrawn,
    saved,
    written,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from PIL import Image
from pypdf import PdfReader

from dead_neuron_autopsy import (
    GERMAN,
    LIGHT,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    savefig_with_alt,
)
from dead_neuron_autopsy._layout.grid import GroupSizes
from dead_neuron_autopsy._layout.measures import WIDEST_FIGURE
from dead_neuron_autopsy._layout.sizes import checked_sizes

SVG = "{http://www.w3.org/2000/svg}"
NEURONS = {"b·1": [0.5], "a·1": [0.0], "b·2": [0.0], "a·2": [0.0], "c·1": [2.0]}


def network(*counts: int, n_samples: int = 6) -> Histories:
    """Return layers of neurons; in the n-th layer n neurons are dead, if it has as many."""
    rng = np.random.default_rng(5)
    return {
        f"L{layer}·N{number}": (number >= layer) * rng.random(n_samples)
        for layer, count in enumerate(counts)
        for number in range(count)
    }


class Said(NamedTuple):
    """A group as it is read out: its label, its neurons' ids."""

    label: str
    ids: list[str]


def with_role(tree: ET.Element, role: str) -> list[ET.Element]:
    """Return the elements of a role; the images are those of cards, in their list items."""
    found = [element for element in tree.iter() if element.get("role") == role]
    items = (element for element in tree.iter() if element.get("role") == "listitem")
    inside = {inner for item in items for inner in item.iter()}
    return [element for element in found if role != "img" or element in inside]


def ids_in(element: ET.Element) -> list[str]:
    labels = (str(image.get("aria-label")) for image in with_role(element, "img"))
    return [re.split(", (?:dead|alive),", label)[0] for label in labels]


def said(figure: Any) -> list[Said]:
    """Return the groups in a saved SVG; all cards are in one."""
    (tree,) = with_role(ET.fromstring(saved(figure, "svg")), "figure")
    groups = with_role(tree, "group")
    for group in groups:
        (cards,) = group
        assert cards.get("role") == "list"
        assert [item.get("role") for item in cards] == ["listitem"] * len(cards)
    found = [Said(str(group.get("aria-label")), ids_in(group)) for group in groups]
    assert [name for group in found for name in group.ids] == ids_in(tree)
    return found


def names(neurons: object, group_by: Any, **options: Any) -> dict[str, list[str]]:
    """Return the ids of each group, by the group's name."""
    groups = said(plot_autopsy(neurons, group_by=group_by, **options))
    return {group.label.rpartition(", ")[0]: group.ids for group in groups}


def headings(figure: Any) -> list[str]:
    """Return the headings as they were drawn last."""
    drawn: list[str] = label_artists(figure.autopsy_grid)["headings"].get_texts()
    return drawn


def texts(figure: Any) -> list[str]:
    return [one.text for one in written(figure)]


# What the group of a neuron is


@pytest.mark.parametrize(
    ("neuron_id", "layer"),
    [
        ("L1·N3", "L1"),
        ("L1 · N3", "L1"),
        ("a·b·c", "a"),
        ("a.b·c.d", "a.b"),
        ("encoder.layers.0.17", "encoder.layers.0"),
        ("conv.3", "conv"),
        (".5.7", ".5"),
        ("漢字·7", "漢字"),
        ("<b>&\"'.7", "<b>&\"'"),
        ("{0}·7", "{0}"),
    ],
)
def test_a_layer_is_what_stands_before_the_separator(neuron_id: str, layer: str) -> None:
    assert names({neuron_id: [1.0]}, "layer") == {layer: [neuron_id]}


@pytest.mark.parametrize("neuron_id", ["N3", "", "·3", " ·3", ".3", " .3", "L1:N3", "··"])
def test_an_id_without_a_layer_is_named(neuron_id: str) -> None:
    with pytest.raises(ValueError, match=r"^group_by: finds no group") as no:
        plot_autopsy({"L1·N1": [0.0], neuron_id: [0.0]}, group_by="layer")
    assert repr(neuron_id) in str(no.value)
    assert plt.get_fignums() == []


def first_letter(neuron_id: str) -> str:
    return neuron_id[0]


BY_LETTER: dict[str, Any] = {
    "function": first_letter,
    "mapping": {name: name[0] for name in NEURONS},
    "larger mapping": {**{name: name[0] for name in NEURONS}, "other": None},
    "layer": "layer",
    "str of its own": lambda neuron_id: np.str_(neuron_id[0]),
}


@pytest.mark.parametrize("group_by", BY_LETTER.values(), ids=BY_LETTER)
def test_groups_come_in_the_order_of_their_first_neurons(group_by: Any) -> None:
    assert names(NEURONS, group_by) == {
        "b": ["b·1", "b·2"],
        "a": ["a·1", "a·2"],
        "c": ["c·1"],
    }


def test_whole_numbers_are_names() -> None:
    numbers = {"b·1": 10, "a·1": np.int64(9), "b·2": np.uint8(10), "a·2": 9, "c·1": -1}
    expected = {"10": ["b·1", "b·2"], "9": ["a·1", "a·2"], "-1": ["c·1"]}
    assert names(NEURONS, numbers) == expected
    assert names(NEURONS, numbers.__getitem__) == expected


def test_a_group_may_be_called_layer_by_a_function() -> None:
    assert list(names({"N1": [1.0]}, lambda _: "layer")) == ["layer"]


def test_ids_that_are_given_apart_are_grouped() -> None:
    activations = np.eye(4)
    found = names(activations, "layer", neuron_axis=0, ids=["a.1", "b.1", "a.2", "b.2"])
    assert found == {"a": ["a.1", "a.2"], "b": ["b.1", "b.2"]}
    found = names(activations, lambda name: int(name) % 2, neuron_axis=0)
    assert found == {"0": ["0", "2"], "1": ["1", "3"]}


@pytest.mark.parametrize(
    ("group_by", "error", "message"),
    [
        ("layers", TypeError, "must be 'layer', a function .*; got str 'layers'"),
        (3, TypeError, "must be 'layer', a function .*; got int 3"),
        (["b", "a"], TypeError, "must be 'layer', a function .*; got list"),
        (pd.Series({"b·1": "b"}), TypeError, "must be 'layer', a function .*; got Series"),
        ({"b·1": "b"}, ValueError, "finds no group for the neuron 'a·1'"),
        (defaultdict(str, {"b·1": "b"}), ValueError, "finds no group .* 'a·1'"),
        (lambda _: None, ValueError, "finds no group for the neuron 'b·1'"),
        (lambda name: name[:-1].strip("b·"), ValueError, "finds no group .* 'b·1'"),
        (lambda _: " \n", ValueError, "finds no group for the neuron 'b·1'"),
        (lambda name: name != "a·1", TypeError, "the group of .* 'b·1': .* bool True"),
        (lambda _: np.True_, TypeError, "the group of .*: must be a string or an integer"),
        (lambda _: 1.0, TypeError, "the group of .* 'b·1': .* got float 1.0"),
        (lambda _: b"b", TypeError, "the group of .* got bytes b'b'"),
        (lambda name: (name, 1), TypeError, "the group of .* got tuple"),
    ],
)
def test_a_wrong_group_is_named(group_by: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^group_by: {message}"):
        plot_autopsy(NEURONS, group_by=group_by)
    assert plt.get_fignums() == []
    mine = plt.figure()
    with pytest.raises(error, match=r"^group_by: "):
        draw_autopsy(mine, NEURONS, group_by=group_by)
    assert mine.axes == []


def test_an_error_of_the_callers_function_is_the_callers() -> None:
    with pytest.raises(KeyError, match="a·1"):
        plot_autopsy(NEURONS, group_by={"b·1": "b"}.__getitem__)
    assert plt.get_fignums() == []


def test_the_callers_objects_are_not_changed() -> None:
    mapping = defaultdict(list, {name: name[0] for name in NEURONS})  # type: ignore[arg-type]
    asked: list[str] = []

    def by_letter(neuron_id: str) -> str:
        asked.append(neuron_id)
        return neuron_id[0]

    activations = np.arange(8.0).reshape(4, 2)
    before = copy.deepcopy((NEURONS, mapping, activations))
    saved(plot_autopsy(NEURONS, group_by=mapping), "png")
    saved(plot_autopsy(NEURONS, group_by=by_letter), "png")
    saved(plot_autopsy(activations, neuron_axis=0, group_by=lambda _: "a"), "png")
    assert asked == list(NEURONS)
    assert (NEURONS, mapping) == before[:2]
    assert (activations == before[2]).all()
    assert activations.flags.writeable


@pytest.mark.parametrize("group_by", ["layer", first_letter, {}])
def test_no_neurons_have_no_groups(group_by: Any) -> None:
    figure = plot_autopsy({}, group_by=group_by)
    assert said(figure) == []
    assert (pixels(figure) == pixels(plot_autopsy({}))).all()
    assert figure.autopsy_grid.alt == plot_autopsy({}).autopsy_grid.alt


# Which cards there are, and what is said


def test_a_group_says_how_many_of_it_are_dead() -> None:
    figure = plot_autopsy(NEURONS, group_by="layer")
    assert [group.label for group in said(figure)] == [
        "b, 1 of 2 neurons dead",
        "a, 2 of 2 neurons dead",
        "c, 0 of 1 neuron dead",
    ]
    assert headings(figure) == ["b · 1/2 dead", "a · 2/2 dead", "c · 0/1 dead"]
    assert set(headings(figure)) <= set(texts(figure))
    assert "Most in a (2 of 2), fewest in c (0 of 1). Dead: " in figure.autopsy_grid.description


def test_a_group_of_which_not_all_are_shown_says_so() -> None:
    figure = plot_autopsy(NEURONS, ncols=2, group_by="layer", only="dead")
    assert said(figure) == [
        Said("b, 1 of 2 neurons dead, 1 of 2 shown", ["b·2"]),
        Said("a, 2 of 2 neurons dead", ["a·1", "a·2"]),
    ]
    assert headings(figure) == ["b · 1/2 dead · 1 of 2 shown", "a · 2/2 dead"]
    assert "3/5 dead" in texts(figure)


def test_german_groups() -> None:
    figure = plot_autopsy(
        NEURONS, ncols=1, card_width=3, group_by="layer", only="alive", wording=GERMAN
    )
    assert [group.label for group in said(figure)] == [
        "b, 1 von 2 Neuronen tot, 1 von 2 gezeigt",
        "c, 0 von 1 Neuron tot",
    ]
    assert headings(figure) == ["b · 1/2 tot · 1 von 2 gezeigt", "c · 0/1 tot"]
    assert (
        "Die meisten in a (2 von 2), die wenigsten in c (0 von 1). Tot: "
        in figure.autopsy_grid.description
    )


@pytest.mark.slow
@settings(max_examples=20)
@given(
    neurons=st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12),
    order=st.sampled_from(["given", "dead first", "peak", lambda neuron: neuron.id[::-1]]),
    limit=st.none() | st.integers(1, 13),
    only=st.sampled_from([None, "dead", "alive"]),
)
def test_groups_have_the_cards_that_there_are_without_them(
    neurons: list[tuple[str, bool]], order: Any, limit: int | None, only: Any
) -> None:
    ids = [f"{group}·{number}" for number, (group, _) in enumerate(neurons)]
    dead = {name: dead for name, (_, dead) in zip(ids, neurons, strict=True)}
    histories = {name: [0.0 if dead[name] else len(ids) - i] for i, name in enumerate(ids)}
    chosen = {"order": order, "limit": limit, "only": only}
    without = list(plot_autopsy(histories, **chosen).autopsy_grid.cards)
    figure = plot_autopsy(histories, group_by="layer", **chosen)
    plain = plot_autopsy(histories, **chosen)
    groups = said(figure)
    assert list(figure.autopsy_grid.cards) == [name for group in groups for name in group.ids]
    assert figure.alt_text == plain.alt_text
    counts = [
        label_artists(redrawn(one).autopsy_grid)["count"].get_texts() for one in (figure, plain)
    ]
    assert counts[0] == counts[1]
    plt.close("all")
    in_order = dict.fromkeys(name[0] for name in ids)
    expected = []
    for group in in_order:
        members = [name for name in ids if name[0] == group]
        shown = [name for name in without if name[0] == group]
        plural = "" if len(members) == 1 else "s"
        label = f"{group}, {sum(map(dead.get, members))} of {len(members)} neuron{plural} dead"  # type: ignore[arg-type]
        if len(shown) < len(members):
            label = f"{label}, {len(shown)} of {len(members)} shown"
        if shown:
            expected.append(Said(label, shown))
    assert groups == expected


def test_many_groups_are_not_all_spelled_out() -> None:
    many = {
        f"L{number}.{unit}": [0.0 if unit else number % 2]
        for number in range(25)
        for unit in (0, 1)
    }
    description = plot_autopsy(many, group_by="layer").autopsy_grid.description
    assert "Most in L0 (2 of 2), fewest in L1 (1 of 2). " in description
    assert "L24 (" not in description


def test_a_long_name_is_said_in_short_and_labelled_in_full() -> None:
    name = "encoder." * 40
    figure = plot_autopsy({f"{name}0": [0.0]}, group_by="layer")
    (group,) = said(figure)
    assert group.label == f"{name[:-1]}, 1 of 1 neuron dead"
    (drawn,) = headings(figure)
    assert "…" in drawn
    both = {f"{name}0": [0.0], "short.0": [1.0]}
    description = plot_autopsy(both, group_by="layer").autopsy_grid.description
    (told,) = re.findall(r"Most in (\S+) \(1 of 1\)", description)
    assert len(told) == 80


def test_hostile_names_are_labels(hostile_neurons: Histories) -> None:
    mpl.rcParams["text.usetex"] = True
    neurons = {str(number): [0.0] for number in range(len(hostile_neurons))}
    groups = dict(zip(neurons, hostile_neurons, strict=True))
    figure = plot_autopsy(neurons, group_by=groups)
    for group, name in zip(said(figure), hostile_neurons, strict=True):
        sayable = re.sub(r"\s", " ", re.sub("[\x00\x1b\ud800\u202e]", "\ufffd", name))
        assert group.label == f"{sayable}, 1 of 1 neuron dead"
    for file_format in ("png", "pdf"):
        assert len(saved(figure, file_format)) > 1000


@pytest.mark.parametrize(
    ("neuron_id", "group", "drawn"),
    [
        ("L1·N1", "L1", "L1·N1"),
        ("encoder.layers.11.mlp.1234", "encoder.layers.11.mlp", "1234"),
        ("a-very-long-layer-name · N7", "a-very-long-layer-name", "N7"),
        ("the_twelfth_layer_1", "the_twelfth_layer", "the_…er_1"),
        ("decoder.layers.110", "decoder.layers.11", "deco….110"),
        ("decoder.layers.110", "Other", "deco….110"),
        ("encoder.layers.11.", "encoder.layers.11", "enco…11."),
    ],
)
def test_an_id_without_room_leaves_out_what_the_heading_says(
    neuron_id: str, group: str, drawn: str
) -> None:
    figure = plot_autopsy({neuron_id: [0.0]}, group_by={neuron_id: group})
    (shown,) = redrawn(figure).autopsy_grid.id_labels.get_texts()
    assert re.fullmatch(re.escape(drawn).replace("…", ".*…?.*"), shown), shown
    assert said(figure)[0].ids == [neuron_id]


def test_files_say_what_is_dead_in_each_group() -> None:
    figure = plot_autopsy(NEURONS, group_by="layer", title="Network")
    sentence = "Most in a (2 of 2), fewest in c (0 of 1)."
    with Image.open(io.BytesIO(saved(figure, "png"))) as image:
        words = image.text  # type: ignore[attr-defined]
    assert sentence in words["Description"]
    assert sentence in words["XML:com.adobe.xmp"]
    reader = PdfReader(io.BytesIO(saved(figure, "pdf")))
    assert reader.metadata is not None
    assert sentence in str(reader.metadata.subject)
    with pdfplumber.open(io.BytesIO(saved(figure, "pdf"))) as document:
        (tagged,) = document.structure_tree[0]["children"]
    assert sentence in tagged["alt_text"]
    assert sentence in figure.latex("network.pdf")


def test_a_pdf_has_the_headings_as_text() -> None:
    figure = plot_autopsy(NEURONS, group_by="layer")
    (page,) = PdfReader(io.BytesIO(saved(figure, "pdf"))).pages
    text = page.extract_text()
    assert all(heading in text for heading in ["b · 1/2 dead", "a · 2/2 dead"])


def test_without_groups_nothing_is_said_of_them(six_neurons: Histories) -> None:
    page = saved(plot_autopsy(six_neurons), "svg")
    assert b'role="group"' not in page
    (alike,) = {name: history for name, history in six_neurons.items() if name == "L3·N1"}.items()
    assert "Most in" not in plot_autopsy([alike]).autopsy_grid.description


# Where they stand


class Sheet(NamedTuple):
    """What was drawn as pixels: cards, and the ink of headings; rows go downwards."""

    groups: list[list[Bbox]]
    headings: Any

    def card_mask(self) -> Any:
        """Return which pixels are a card's."""
        mask = np.zeros(self.headings.shape, dtype=bool)
        for box in (box for group in self.groups for box in group):
            left, top, right, bottom = np.round(box.extents).astype(int)
            mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
        return mask


def sheet(figure: Any, grid: Any, counts: Sequence[int], dpi: float = 100) -> Sheet:
    shown = pixels(figure, dpi=dpi)
    labels = label_artists(grid)["headings"]
    labels.set_visible(False)
    hidden = pixels(figure, dpi=dpi)
    labels.set_visible(True)
    line = np.atleast_1d(grid.borders.get_linewidth())[0] * dpi / 72
    half = max(round(line), 1) / 2
    boxes = []
    for box in card_boxes(grid):
        (left, bottom), (right, top) = box.padded(half).get_points()
        boxes.append(Bbox([(left, len(shown) - top), (right, len(shown) - bottom)]))
    ends = np.cumsum([0, *counts])
    groups = [boxes[start:end] for start, end in pairwise(ends)]
    return Sheet(groups, (shown != hidden).any(axis=-1))


def check_places(drawn: Sheet, ncols: int) -> None:
    """Check that cards stand in rows, each group's under its heading, all in sight."""
    height, width = drawn.headings.shape
    everything = [box for group in drawn.groups for box in group]
    for box in everything:
        assert box.x0 >= -0.5
        assert box.y0 >= -0.5
        assert box.x1 <= width + 0.5
        assert box.y1 <= height + 0.5
        assert box.width > 0
        assert box.height > 0
    assert not (drawn.headings & drawn.card_mask()).any()
    lefts = sorted({box.x0 for box in everything})
    assert len(lefts) <= ncols
    for one, other in pairwise(lefts):
        assert one + everything[0].width <= other
    above, end = 0.0, ncols
    headed = np.zeros(height, dtype=bool)
    for group in drawn.groups:
        rows = [list(row) for _, row in groupby(group, key=lambda box: box.y0)]
        start = lefts.index(group[0].x0)
        if start:  # beside the group before, since there is room
            assert start == end
            assert len(rows) == 1
            assert rows[0][0].y1 == above
        else:
            assert end + len(group) > ncols
        assert [len(row) for row in rows[:-1]] == [ncols] * (len(rows) - 1)
        for row in rows:
            assert [box.x0 for box in row] == lefts[start : start + len(row)]
            if start:
                continue
            assert row[0].y0 >= above
            band = slice(int(np.ceil(above)), int(row[0].y0))
            if row is rows[0]:
                headed[band] = True
            above = row[0].y1
        end = start + len(group) if len(rows) == 1 else ncols
    assert not drawn.headings.any(axis=1)[~headed].any()


COUNTS = st.lists(st.integers(1, 20), min_size=1, max_size=6)


@pytest.mark.slow
@settings(max_examples=25)
@given(
    counts=COUNTS,
    size=st.tuples(st.floats(1.5, 10), st.floats(1, 8)),
    ncols=st.none() | st.integers(1, 8),
    dpi=st.sampled_from([50, 72, 100, 133, 200]),
    title=st.sampled_from(["", "Network"]),
)
def test_every_group_begins_a_row_under_its_heading(
    counts: list[int],
    size: tuple[float, float],
    ncols: int | None,
    dpi: int,
    title: str,
) -> None:
    neurons = network(*counts, n_samples=2)
    figure = Figure(figsize=size)
    grid = draw_autopsy(
        figure.add_axes((0.05, 0.05, 0.9, 0.9)),
        neurons,
        ncols=ncols,
        title=title,
        group_by="layer",
    )
    drawn = sheet(figure, grid, counts, dpi)
    pitch = figure.axes[0].bbox.height * dpi / figure.dpi / figure.axes[0].get_ylim()[0]
    assume(pitch > 3)  # pixels: else a card and a gap are none
    check_places(drawn, grid.ncols)
    read = label_artists(grid)["headings"].get_texts()
    assert len(read) in (0, len(counts))
    # A band of ink a heading, all at the same height above their cards.
    found = []
    for group in drawn.groups:
        ink = np.flatnonzero(drawn.headings[: int(group[0].y0)].any(axis=1))
        if read:
            found.append(group[0].y0 - ink.max())
    assert len(set(found)) <= 1
    left, right = (grid.get_window_extent().intervalx * dpi / figure.dpi).tolist()
    columns = np.flatnonzero(drawn.headings.any(axis=0))
    if read:
        assert columns.min() >= left - 1
        assert columns.max() <= right + 1


@pytest.mark.slow
@settings(max_examples=20)
@given(
    counts=COUNTS,
    sizes=st.fixed_dictionaries(
        {},
        optional={
            "width": st.floats(2, 10),
            "height": st.floats(2, 10),
            "card_width": st.floats(0.1, 1.5),
        },
    ),
)
def test_figures_of_any_size_hold_all_groups(counts: list[int], sizes: dict[str, Any]) -> None:
    assume(len(sizes) < 3)
    neurons = network(*counts, n_samples=2)
    figure = plot_autopsy(neurons, group_by="layer", **sizes)
    grid = figure.autopsy_grid
    check_places(sheet(figure, grid, counts, dpi=72), grid.ncols)
    width, height = figure.get_size_inches()
    assert width == pytest.approx(sizes.get("width", width))
    assert height == pytest.approx(sizes.get("height", height))
    assert len(headings(figure)) == len(counts) or "height" in sizes
    plt.close(figure)


@pytest.mark.parametrize("size", [(0.3, 0.3), (0.6, 0.2), (0.2, 1.2), (2, 0.4), (1.2, 0.9)])
def test_headings_without_room_are_left_out(size: tuple[float, float]) -> None:
    counts = (4, 4, 4)
    figure = plt.figure(figsize=size)
    grid = draw_autopsy(figure.add_axes((0, 0, 1, 1)), network(*counts), group_by="layer")
    drawn = sheet(figure, grid, counts, dpi=200)
    check_places(drawn, grid.ncols)
    assert not drawn.headings.any()
    tree = ET.fromstring(saved(figure, "svg"))
    assert [len(with_role(group, "listitem")) for group in with_role(tree, "group")] == [
        4,
        4,
        4,
    ]
    figure.set_size_inches(6, 6)
    assert sheet(figure, grid, counts).headings.any()


@pytest.mark.parametrize("room", [(0.1, 0.1, 0.0, 0.8), (0.1, 0.1, 0.8, 0.0)])
def test_an_axes_without_room_breaks_nothing(room: tuple[float, ...]) -> None:
    figure = plt.figure()
    draw_autopsy(figure.add_axes(room), NEURONS, group_by="layer")  # type: ignore[arg-type]
    saved(figure, "png")


@given(
    counts=st.lists(st.integers(1, 2000), min_size=1, max_size=300),
    header=st.floats(35, 60),
)
def test_no_groups_make_a_figure_too_large(counts: list[int], header: float) -> None:
    groups = GroupSizes(tuple(counts), headed=True)
    ncols, width, height = checked_sizes(None).figure(groups, lambda *_: header)
    assert width <= WIDEST_FIGURE
    assert height <= WIDEST_FIGURE + header
    assert height > groups.headings_height(ncols)


@given(COUNTS)
def test_rows_are_no_more_than_columns_and_no_column_could_go(counts: list[int]) -> None:
    groups = GroupSizes(tuple(counts))
    ncols = groups.near_square_columns()
    assert groups.bands(ncols).nrows <= ncols
    assert ncols == 1 or groups.bands(ncols - 1).nrows > ncols - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_groups", "n_neurons"),
    [(1, 1), (3, 6), (2, 200), (12, 64), (40, 3), (300, 1)],
)
def test_in_figures_of_their_own_groups_have_all_their_headings(
    n_groups: int, n_neurons: int
) -> None:
    counts = [n_neurons] * n_groups
    figure = plot_autopsy(network(*counts, n_samples=1), group_by="layer")
    assert figure.get_size_inches()[0] <= 16
    drawn = sheet(figure, figure.autopsy_grid, counts)
    check_places(drawn, figure.autopsy_grid.ncols)
    assert len(headings(figure)) == n_groups
    starts = np.array([group[0].y0 for group in drawn.groups])
    # In pixels the figure is what it is in a document: nothing is given up for them.
    saved(figure, "pdf")
    offsets: Any = figure.autopsy_grid.borders.get_offsets()
    firsts = np.cumsum([0, *counts[:-1]])
    in_document = -offsets[firsts, 1] * 100 / 72
    assert np.ptp(starts) == pytest.approx(np.ptp(in_document), rel=0.01)
    card = drawn.groups[0][0]
    if card.width > 15:
        assert 1.2 < card.width / card.height < 1.7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("counts", "dpi"),
    [((7, 3, 9), 72), ((7, 3, 9), 200), ((64, 64, 20), 150), ((300, 500), 100)],
)
def test_gaps_are_even_within_a_group_and_hairlines_sharp(
    counts: tuple[int, ...], dpi: int
) -> None:
    dead = {name: np.zeros(2) for name in network(*counts)}
    figure = plot_autopsy(dead, group_by="layer")
    drawn = sheet(figure, figure.autopsy_grid, counts, dpi)
    picture = pixels(figure, dpi=dpi)
    inked = close_to(picture, LIGHT.dead_border, 0) | close_to(picture, LIGHT.dead_text, 0)
    blank = close_to(picture, LIGHT.background, 0)
    for group in drawn.groups:
        for places in ({box.x0 for box in group}, {box.y0 for box in group}):
            assert len(set(np.diff(sorted(places)))) <= 1
        assert len({(box.width, box.height) for box in group}) == 1
        for box in group:
            left, top, right, bottom = np.round(box.extents).astype(int)
            corner = int(0.2 * min(box.width, box.height))
            down = slice(top + corner, bottom - corner)
            across = slice(left + corner, right - corner)
            for edge in ((down, left), (down, right - 1), (top, across)):
                assert inked[edge].all()
            for outside in ((down, left - 1), (down, right), (bottom, across)):
                assert blank[outside].all()


def test_columns_stand_under_one_another_in_all_groups() -> None:
    counts = (5, 9, 2)
    figure = plot_autopsy(network(*counts), group_by="layer")
    drawn = sheet(figure, figure.autopsy_grid, counts)
    columns = [{box.x0 for box in group} for group in drawn.groups]
    assert columns[0] <= columns[1]
    assert columns[2] <= columns[1]


def test_groups_in_a_document_stand_as_they_do_in_pixels() -> None:
    counts = (6, 4, 6)
    figure = plot_autopsy(network(*counts), group_by="layer")
    drawn = sheet(figure, figure.autopsy_grid, counts, dpi=100)
    in_pixels = [box.get_points() * 0.72 for group in drawn.groups for box in group]
    with pdfplumber.open(io.BytesIO(saved(figure, "pdf"))) as document:
        page = document.pages[0]
        words = page.extract_words(keep_blank_chars=True)
        height = float(page.height)
    found = [box.get_points() for box in card_boxes(figure.autopsy_grid)]
    for pixel, point in zip(in_pixels, found, strict=True):
        np.testing.assert_allclose(
            [*pixel[:, 0], *(height - pixel[::-1, 1])], point.T.ravel(), atol=1.5
        )
    for index, heading in zip((0, 6, 10), headings(figure), strict=True):
        (word,) = [word for word in words if word["text"] == heading]
        top = height - found[index][1, 1]
        assert 0 < top - word["bottom"] < 5
        assert word["x0"] == pytest.approx(found[index][0, 0], abs=1)


# Cards


def test_cards_know_their_rows_and_columns() -> None:
    grid = plot_autopsy(network(5, 1, 4), ncols=3, group_by="layer").autopsy_grid
    assert (grid.nrows, grid.ncols) == (5, 3)
    places = [(card.row, card.column) for card in grid.cards.values()]
    assert places == [
        *((0, 0), (0, 1), (0, 2), (1, 0), (1, 1)),
        (2, 0),
        *((3, 0), (3, 1), (3, 2), (4, 0)),
    ]


def test_subplots_have_gaps_where_a_group_ends() -> None:
    grid = plot_autopsy(network(5, 1, 4), ncols=3, group_by="layer").autopsy_grid
    axes = grid.subplots()
    empty = [[axes[row, column] is None for column in range(3)] for row in range(5)]
    assert np.argwhere(empty).tolist() == [[1, 2], [2, 1], [2, 2], [4, 1], [4, 2]]
    for card in grid.cards.values():
        assert axes[card.row, card.column] is card.axes


def test_marks_of_the_callers_stand_in_their_card() -> None:
    counts = (3, 3, 3)
    figure = plot_autopsy(network(*counts), group_by="layer")
    grid = figure.autopsy_grid
    for name in grid.cards:
        grid.cards[name].axes.axvspan(0, 5, color="#00ff00")
    drawn = sheet(figure, grid, counts)
    marked = close_to(pixels(figure, dpi=100), "#00ff00", 0)
    assert not marked[~drawn.card_mask()].any()
    for box in (box for group in drawn.groups for box in group):
        left, top, right, bottom = np.round(box.extents).astype(int)
        assert marked[top:bottom, left:right].mean() > 0.2


@pytest.mark.parametrize("view", [None, (0.4, 2.2, 0.6, 2.9)])
def test_the_mouse_finds_the_card_under_it(view: tuple[float, ...] | None) -> None:
    figure = plot_autopsy(network(5, 1, 4), ncols=3, group_by="layer")
    if view is not None:
        zoomed(figure, *view)
    redrawn(figure)
    grid, host = figure.autopsy_grid, figure.axes[0]
    n_found = 0
    for index, box in enumerate(card_boxes(grid)):
        x, y = box.get_points().mean(axis=0)
        if not host.bbox.contains(x, y):
            continue
        event = MouseEvent("motion_notify_event", figure.canvas, x, y)
        inside, details = grid.borders.contains(event)
        assert inside
        assert list(details["ind"]) == [index]
        n_found += 1
    assert n_found == (10 if view is None else 4)


# Zoomed and panned

FULL = network(5, 2, 6)
FULL_COUNTS = (5, 2, 6)


def zoomed(figure: Any, left: float, right: float, top: float, bottom: float) -> Any:
    figure.axes[0].set_xlim(left, right)
    figure.axes[0].set_ylim(bottom, top)
    return figure


def whole_view(figure: Any) -> tuple[float, float, float, float]:
    host: Axes = figure.axes[0]
    (left, right), (bottom, top) = host.get_xlim(), host.get_ylim()
    return left, right, top, bottom


VIEWS: dict[str, Callable[[float, float], tuple[float, float, float, float]]] = {
    "whole": lambda right, bottom: (0, right, 0, bottom),
    "first rows": lambda right, bottom: (0, right, 0, bottom / 3),
    "last rows": lambda right, bottom: (0, right, bottom / 2, bottom),
    "right half": lambda right, bottom: (right / 2, right, 0, bottom),
    "middle": lambda right, bottom: (0.4, right - 0.7, 0.7, bottom - 0.9),
    "panned": lambda right, bottom: (-1.3, right - 1.3, 0.4, bottom + 0.4),
    "from afar": lambda right, bottom: (-right, 2 * right, -bottom, 2 * bottom),
    "very far": lambda right, bottom: (-9 * right, 9 * right, -9 * bottom, 9 * bottom),
    "turned round": lambda right, bottom: (right, 0, bottom, 0),
    "upside down": lambda right, bottom: (0, right, bottom, 0),
    "upside down, near": lambda right, bottom: (0, right, bottom / 2, 0.3),
    "beside": lambda right, bottom: (right + 0.1, 2 * right, 0, bottom),
    "below": lambda right, bottom: (0, right, bottom + 0.1, 2 * bottom),
}


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("dpi", [72, 100])
def test_headings_are_in_view_and_over_no_card(
    view: Callable[[float, float], tuple[float, float, float, float]], dpi: int
) -> None:
    figure = plot_autopsy(FULL, group_by="layer")
    _, right, _, bottom = whole_view(figure)
    zoomed(figure, *view(right, bottom))
    grid, host = figure.autopsy_grid, figure.axes[0]
    drawn = sheet(figure, grid, FULL_COUNTS, dpi)
    pixels(figure, dpi=dpi)
    offsets: Any = grid.borders.get_offsets()
    in_sight = ~np.isnan(offsets[:, 0])
    mask = np.zeros(drawn.headings.shape, dtype=bool)
    for box, seen in zip(card_boxes(grid), in_sight, strict=True):
        if seen:
            (x0, y0), (x1, y1) = np.round(box.padded(0.5).get_points()).astype(int)
            x0, x1, y0, y1 = (max(edge, 0) for edge in (x0, x1, y0, y1))
            mask[max(len(mask) - y1, 0) : len(mask) - y0, x0:x1] = True
    assert not (drawn.headings & mask).any()
    (x0, y0), (x1, y1) = host.get_window_extent().get_points() * dpi / figure.dpi
    rows, columns = np.nonzero(drawn.headings)
    if len(rows):
        assert columns.min() >= x0 - 1
        assert columns.max() <= x1 + 1
        assert len(drawn.headings) - rows.max() >= y0 - 1
        assert len(drawn.headings) - rows.min() <= y1 + 1


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_groups_in_view_are_said(
    view: Callable[[float, float], tuple[float, float, float, float]],
) -> None:
    figure = plot_autopsy(FULL, group_by="layer")
    whole = {group.label: group.ids for group in said(figure)}
    _, right, _, bottom = whole_view(figure)
    zoomed(figure, *view(right, bottom))
    groups = said(figure)
    visible = [
        card.id
        for card, box in zip(
            figure.autopsy_grid.cards.values(), card_boxes(figure.autopsy_grid), strict=True
        )
        if not np.isnan(box.x0)
    ]
    assert [name for group in groups for name in group.ids] == visible
    for group in groups:
        assert group.ids == [name for name in whole[group.label] if name in visible]


def test_a_group_of_which_the_left_is_out_of_view_keeps_its_heading() -> None:
    figure = plot_autopsy(FULL, group_by="layer")
    _, right, _, bottom = whole_view(figure)
    whole = sheet(figure, figure.autopsy_grid, FULL_COUNTS)
    zoomed(figure, right - 1, right, 0, bottom)
    panned = sheet(figure, figure.autopsy_grid, FULL_COUNTS)
    assert len(headings(figure)) == 3
    first_columns = [np.flatnonzero(s.headings.any(axis=0)).min() for s in (whole, panned)]
    assert abs(first_columns[0] - first_columns[1]) <= 1
    zoomed(figure, right - 0.3, right + 5, 0, bottom)
    narrow = sheet(figure, figure.autopsy_grid, FULL_COUNTS)
    width = 0.3 / 5.3 * figure.axes[0].bbox.width
    assert np.flatnonzero(narrow.headings.any(axis=0)).max() < first_columns[0] + width + 2


def test_zooming_back_shows_what_was_there() -> None:
    figure = plot_autopsy(FULL, group_by="layer")
    view = whole_view(figure)
    before = {name: saved(figure, name) for name in ("png", "svg", "pdf")}
    for file_format, whole in before.items():
        zoomed(figure, 0.5, 2, 0.5, 2)
        assert saved(figure, file_format) != whole
        zoomed(figure, *view)
        assert saved(figure, file_format) == whole


# In figures of the callers


def test_groups_in_a_subfigure_and_under_a_layout_engine() -> None:
    figure = plt.figure(figsize=(9, 4), layout="constrained")
    halves: Any = figure.subfigures(1, 2)
    draw_autopsy(halves[0], FULL, group_by="layer")
    halves[1].subplots().plot([1, 2])
    saved(figure, "png")
    tree = ET.fromstring(saved(figure, "svg"))
    groups = [ids_in(group) for group in with_role(tree, "group")]
    assert groups == [group.ids for group in said(plot_autopsy(FULL, group_by="layer"))]


def test_an_autopsy_is_grouped_as_its_neurons_are() -> None:
    figure = plot_autopsy(diagnose(NEURONS), group_by="layer")
    assert saved(figure, "svg") == saved(plot_autopsy(NEURONS, group_by="layer"), "svg")


# In a room that changes


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("size", [(9.0, 7.0), (4.0, 3.0), (12.0, 2.5)])
def test_a_resized_figure_is_one_of_that_size(file_format: str, size: tuple[float, float]) -> None:
    def made(*, resized: bool) -> bytes:
        figure = plt.figure(figsize=(6, 8) if resized else size)
        draw_autopsy(figure, network(9, 5, 4), ncols=6, group_by="layer")
        redrawn(figure)
        figure.set_size_inches(*size)
        metadata: Any = {"CreationDate" if file_format == "pdf" else "Date": None}
        buffer = io.BytesIO()
        savefig_with_alt(
            figure,
            buffer,
            format=file_format,
            metadata=None if file_format == "png" else metadata,
        )
        return buffer.getvalue()

    assert made(resized=True) == made(resized=False)


def test_headings_keep_their_height_in_points_when_the_axes_moves() -> None:
    figure, host = plt.subplots(figsize=(6, 8))
    grid = draw_autopsy(host, network(9, 5), ncols=5, group_by="layer")

    def letters() -> list[str]:
        redrawn(figure)
        return [text for text in texts(figure) if text.startswith("L")][:2]

    before = letters()
    host.set_position((0.1, 0.1, 0.5, 0.4))
    assert letters() == before
    assert host.get_ylim()[0] == host.dataLim.y1
    assert grid.get_window_extent().width == pytest.approx(0.5 * figure.bbox.width)


def test_a_zoomed_view_stays_while_the_figure_is_resized() -> None:
    figure: Any = plt.figure(figsize=(6, 8))
    draw_autopsy(figure, network(9, 5), ncols=5, group_by="layer")
    host = figure.axes[0]
    host.set(xlim=(1, 3), ylim=(2, 0))
    figure.set_size_inches(5, 4)
    redrawn(figure)
    assert host.get_xlim() == (1, 3)
    assert host.get_ylim() == (2, 0)


def test_a_function_that_fails_says_for_which_neuron() -> None:
    with pytest.raises(KeyError) as caught:
        plot_autopsy(NEURONS, group_by=lambda name: {"b·1": "b"}[name])
    assert caught.value.__notes__ == ["group_by: the function failed for neuron 'a·1'."]


def test_all_groups_are_told_though_some_have_no_card() -> None:
    figure = plot_autopsy(network(3, 3, 3), group_by="layer", limit=2)
    words = "More with each layer, from L0 (0 of 3) to L2 (2 of 3)."
    assert words in figure.autopsy_grid.description
    assert [group.label for group in said(figure)] == ["L0, 0 of 3 neurons dead, 2 of 3 shown"]
