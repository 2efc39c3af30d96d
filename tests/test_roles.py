"""What an SVG says: each card's drawings in its own group, and words in any case."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patheffects import (
    Normal,
    PathPatchEffect,
    Stroke,
    withSimplePatchShadow,
    withStroke,
    withTickedStroke,
)
from matplotlib.transforms import Affine2D
from PIL import Image
from pypdf import PdfReader

from dead_neuron_autopsy import draw_autopsy, plot_autopsy, plot_layers, savefig_with_alt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Draw = Callable[[Histories], Any]

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def saved_tree(figure: Any, **options: Any) -> ET.Element:
    buffer = io.BytesIO()
    savefig_with_alt(figure, buffer, format="svg", **options)
    return ET.fromstring(buffer.getvalue())


def with_role(tree: ET.Element, role: str) -> list[ET.Element]:
    """Return the elements of a role; the images are those of cards, in their list items."""
    found = [element for element in tree.iter() if element.get("role") == role]
    items = (element for element in tree.iter() if element.get("role") == "listitem")
    inside = {inner for item in items for inner in item.iter()}
    return [element for element in found if role != "img" or element in inside]


# Where things are drawn


def transform_of(element: ET.Element) -> Any:
    """Return what places an element in the one that it is in."""
    found: Any = Affine2D().translate(float(element.get("x", 0)), float(element.get("y", 0)))
    steps = re.findall(r"(\w+)\(([^)]*)\)", element.get("transform", ""))
    for name, numbers in reversed(steps):
        values = [*map(float, re.split(r"[\s,]+", numbers.strip()))]
        if name == "rotate":
            found.rotate_deg(*values)
        elif name == "matrix":
            found += Affine2D.from_values(*values)
        else:
            getattr(found, name)(*values)
    return found


def shapes_in(tree: ET.Element, element: ET.Element) -> Iterator[NDArray[np.float64]]:
    """Yield the corners of each path that is drawn, in points from the upper left."""
    named = {part.get("id"): part for part in tree.iter() if part.get("id")}

    def shapes(part: ET.Element, place: Any) -> Iterator[NDArray[np.float64]]:
        place = transform_of(part) + place
        if part.tag == f"{SVG}path":
            numbers = re.findall(r"-?\d[\d.]*(?:e-?\d+)?", part.get("d", ""))
            if numbers:
                yield place.transform(np.array(numbers, float).reshape(-1, 2))
        elif part.tag == f"{SVG}use":
            yield from shapes(named[part.get(HREF, "")[1:]], place)
        elif part.tag == f"{SVG}g":
            for child in part:
                yield from shapes(child, place)

    yield from shapes(element, Affine2D())


Shapes = Counter[frozenset[tuple[float, ...]]]


def drawn_by_card(figure: Any) -> list[Shapes]:
    """Return what is drawn in each card's group: shapes by their corners, and how often."""
    tree = saved_tree(figure)
    return [
        Counter(frozenset(map(tuple, shape.round(2))) for shape in shapes_in(tree, card))
        for card in with_role(tree, "listitem")
    ]


def box_of(shapes: Shapes) -> NDArray[np.float64]:
    corners = np.array([corner for shape in shapes for corner in shape])
    return np.array([corners.min(axis=0), corners.max(axis=0)])


def full(neurons: Histories) -> Any:
    return plot_autopsy(neurons).autopsy_grid


def grouped(neurons: Histories) -> Any:
    return plot_autopsy(neurons, group_by="layer", style="dark").autopsy_grid


def compact(neurons: Histories) -> Any:
    return plot_autopsy(neurons, ncols=3, width=1.2).autopsy_grid


def tiles(neurons: Histories) -> Any:
    return plot_autopsy(neurons, ncols=3, width=0.5).autopsy_grid


def zoomed(neurons: Histories) -> Any:
    # What is not in view is on the canvas all the same, whose edge would cut it off.
    ax = plt.figure(figsize=(12, 8)).add_axes((0.3, 0.3, 0.4, 0.4))
    grid = draw_autopsy(ax, neurons)
    ax.set(xlim=(0.8, 3), ylim=(1.7, 0.3))
    return grid


def layers(neurons: Histories) -> Any:
    return plot_layers(neurons).layer_bars


PARTS = ("sparklines", "midlines", "borders", "badges", "marks", "tracks", "bars")
DRAWINGS = pytest.mark.parametrize("draw", [full, grouped, compact, tiles, zoomed, layers])


def parts_of(panel: Any) -> dict[str, Any]:
    return {name: getattr(panel, name) for name in PARTS if hasattr(panel, name)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "effects"),
    [
        (full, [withStroke(linewidth=3, foreground="w")]),
        (full, [PathPatchEffect(offset=(1, -1), edgecolor="red")]),
        (grouped, [Stroke(linewidth=3, foreground="w"), Normal()]),
        (compact, [Stroke(), Normal(), Stroke(), withStroke()]),
        (compact, [withTickedStroke(length=0.5)]),
        (tiles, [PathPatchEffect(offset=(1, -1), edgecolor="red")]),
        (tiles, [withStroke(linewidth=3, foreground="w")]),
        (zoomed, [withSimplePatchShadow(offset=(1, -1), shadow_rgbFace="gray")]),
        (zoomed, [Stroke(linewidth=3, foreground="w"), Normal()]),
        (
            layers,
            [PathPatchEffect(facecolor="none"), Normal(), withTickedStroke(length=0.5)],
        ),
    ],
)
def test_effects_stay_with_their_card(
    draw: Draw, effects: list[Any], six_neurons: Histories
) -> None:
    plain = drawn_by_card(draw(six_neurons).figure)
    assert len(plain) > 1
    boxes = [box_of(card) for card in plain]
    moved = any(type(effect) is PathPatchEffect for effect in effects)
    added = 0
    for names in (PARTS, PARTS[::2], PARTS[1::2]):
        panel = draw(six_neurons)
        for name, part in parts_of(panel).items():
            if name in names:
                part.set_path_effects(effects)
        found = drawn_by_card(panel.figure)
        assert len(found) == len(plain)
        for card, before, box in zip(found, plain, boxes, strict=True):
            beyond = box_of(card) - box
            assert beyond[0].min() > -6, names
            assert beyond[1].max() < 6, names
            assert moved or card.keys() >= before.keys(), names
            added += card.total() - before.total()
    assert added > 0 or len(effects) == 1


def dashed(panel: Any) -> None:
    panel.midlines.set_gapcolor("red")
    panel.sparklines.set_linestyle("--")
    panel.sparklines.set_gapcolor(["red", "green"])


def hatched(panel: Any) -> None:
    for name in {"borders", "badges", "tracks", "bars"} & parts_of(panel).keys():
        getattr(panel, name).set_hatch("//")


def outlined(panel: Any) -> None:
    for part in parts_of(panel).values():
        part.set_path_effects([Stroke(linewidth=3, foreground="w"), Normal()])


@DRAWINGS
@pytest.mark.parametrize(
    ("restyle", "hidden"),
    [
        ([outlined, hatched], ["sparklines", "badges"]),
        ([dashed, outlined], ["borders", "tracks"]),
    ],
)
def test_a_restyled_card_has_its_own_drawings(
    draw: Draw, restyle: list[Any], hidden: list[str], six_neurons: Histories
) -> None:
    panels = [draw(six_neurons), draw(six_neurons)]
    for panel in panels:
        for name in hidden:
            if hasattr(panel, name):
                getattr(panel, name).set_visible(False)
    for change in restyle:
        if change is not dashed or hasattr(panels[1], "midlines"):
            change(panels[1])
    plain, found = (drawn_by_card(panel.figure) for panel in panels)
    assert [card.keys() for card in found] == [card.keys() for card in plain]
    if draw is full:
        assert len({frozenset(card) for card in plain}) == len(plain)


@DRAWINGS
@pytest.mark.parametrize("restyle", [[], [hatched, outlined]])
def test_what_is_of_one_element_stays_with_its_card(
    draw: Draw, restyle: list[Any], six_neurons: Histories
) -> None:
    panel = draw(six_neurons)
    part = panel.tracks if draw is layers else panel.borders
    alphas = [0.11, 0.22, 0.33, 0.44, 0.55, 0.66][: len(part.get_paths())]
    part.set_alpha(np.array(alphas))
    part.set(edgecolor="green", facecolor="blue", urls=list(map(str, alphas)))
    for change in restyle:
        change(panel)
    tree = saved_tree(panel.figure)
    labels = list(getattr(panel, "cards", []))
    for position, card in enumerate(with_role(tree, "listitem")):
        index = position
        if labels:
            label = str(with_role(card, "img")[0].get("aria-label"))
            index = labels.index(label.partition(",")[0])
        text = ET.tostring(card, encoding="unicode")
        seen = {number for number in alphas if f"opacity: {number}" in text}
        assert seen == {alphas[index]}
        links = [link.get(HREF) for link in card.iter(f"{SVG}a")]
        assert set(links) == {str(alphas[index])}


# Words


#: A figure, its autopsies that are drawn as pixels, and the others.
Told = tuple[Any, list[Any], list[Any]]
RASTERIZING: dict[str, Callable[[Any], None]] = {
    "zorder": lambda grid: grid.axes.set_rasterization_zorder(10),
    "figure": lambda grid: grid.figure.set_rasterized(True),
    "axes": lambda grid: grid.axes.set_rasterized(True),
    "grid": lambda grid: grid.set_rasterized(True),
    "part": lambda grid: grid.sparklines.set_rasterized(True),
}


def cards(neurons: Histories, rasterize: str = "") -> Told:
    grid: Any = plot_autopsy(neurons, title="Layer 1").autopsy_grid
    if not rasterize:
        return grid.figure, [], [grid]
    RASTERIZING[rasterize](grid)
    return grid.figure, [grid], []


def bars(neurons: Histories) -> Told:
    figure: Any = plot_layers(neurons)
    figure.axes[0].set_rasterization_zorder(10)
    return figure, [figure.layer_bars], []


def an_inset(neurons: Histories) -> Told:
    figure, ax = plt.subplots()
    grid = draw_autopsy(ax.inset_axes((0.1, 0.1, 0.8, 0.8)), neurons)
    ax.set_rasterized(True)
    return figure, [grid], []


def two(neurons: Histories) -> Told:
    figure, axs = plt.subplots(1, 2)
    grids = [
        draw_autopsy(axs[0], neurons, title="A"),
        draw_autopsy(axs[1], neurons, title="B"),
    ]
    return figure, [], grids


def one_of_two(neurons: Histories) -> Told:
    figure, _, grids = two(neurons)
    figure.axes[1].set_rasterized(True)
    return figure, grids[1:], grids[:1]


def in_subfigures(neurons: Histories) -> Told:
    figure: Any = plt.figure()
    for half, title in zip(figure.subfigures(1, 2), "AB", strict=True):
        draw_autopsy(half, neurons, title=title)
        with pytest.warns(UserWarning, match="Rasterization of .* will be ignored"):
            half.set_rasterized(True)
    left, right = (axes.artists[0] for axes in figure.axes)
    left.axes.set_rasterized(True)
    return figure, [left], [right]


def beside_a_picture(neurons: Histories) -> Told:
    figure, axs = plt.subplots(1, 2)
    grid = draw_autopsy(axs[0], neurons)
    axs[1].plot([1, 2])
    axs[1].set_rasterized(True)
    axs[0].set_rasterization_zorder(-10)
    return figure, [], [grid]


def words_of(tree: ET.Element, frame: ET.Element) -> tuple[str, str]:
    """Return the name and the description of a figure; each is there once."""
    ids = Counter(element.get("id") for element in tree.iter())
    names = [str(frame.get(f"aria-{name}")) for name in ("labelledby", "describedby")]
    assert [ids[name] for name in names] == [1, 1]
    by_id = {element.get("id"): element for element in tree.iter()}
    title, description = ("".join(by_id[name].itertext()) for name in names)
    return title, description


@pytest.mark.parametrize(
    "draw",
    [
        *(cards, bars, an_inset, two, one_of_two, in_subfigures, beside_a_picture),
        *(pytest.param(partial(cards, rasterize=how), id=how) for how in RASTERIZING),
    ],
)
@pytest.mark.parametrize(
    "options",
    [{}, pytest.param({"bbox_inches": "tight", "dpi": 50}, marks=pytest.mark.slow)],
    ids=len,
)
def test_an_svg_has_words_however_it_is_drawn(
    draw: Callable[[Histories], Told],
    options: dict[str, Any],
    six_neurons: Histories,
) -> None:
    figure, pictures, panels = draw(six_neurons)
    tree = saved_tree(figure, **options)
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    frames = with_role(tree, "figure")
    told = [words_of(tree, frame) for frame in frames]
    assert {frame.get("lang") for frame in frames} == {"en"}
    assert len(with_role(tree, "listitem")) == 6 * len(panels)
    assert len(with_role(tree, "img")) == 6 * len(panels)
    assert len(with_role(tree, "list")) == len(panels)
    for panel in [*pictures, *panels]:
        assert panel.alt.title in told[0][0]
    for panel in panels if not pictures else ():
        assert panel.alt.summary in told[0][1]
    for panel in pictures:
        assert panel.description in told[0][1]
    for panel in panels:
        assert (panel.alt.title, panel.alt.summary) in told
        assert pictures or panel.description not in told[0][1]
    more = len(pictures) + len(panels) > 1 or pictures
    assert len(frames) == len(panels) + bool(more)
    if isinstance(figure, Figure) and hasattr(figure, "alt_text"):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", **options)
        assert ET.tostring(ET.fromstring(buffer.getvalue())) == ET.tostring(tree)


# Canvases that are not Matplotlib's


def printing(print_file: Callable[..., object]) -> Callable[..., None]:
    """Return a canvas's way of saving that takes only what every canvas is given."""

    def print_plainly(
        self: Any,
        filename: Any,
        *,
        facecolor: Any = None,
        edgecolor: Any = None,
        orientation: str = "portrait",
        bbox_inches_restore: Any = None,
    ) -> None:
        del facecolor, edgecolor, orientation, bbox_inches_restore
        print_file(self, filename)

    return print_plainly


class PlainCanvas(FigureCanvasAgg):
    """Draws as Matplotlib does, but has no place for words."""


for _name, _canvas in {
    **dict.fromkeys(["png", "jpg", "webp", "tiff"], FigureCanvasAgg),
    "svg": FigureCanvasSVG,
    "pdf": FigureCanvasPdf,
}.items():
    setattr(PlainCanvas, f"print_{_name}", printing(getattr(_canvas, f"print_{_name}")))


def by_canvas(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    del monkeypatch
    PlainCanvas(figure)
    return {}


def by_module(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    del figure
    module: Any = ModuleType("plain_backend")
    module.FigureCanvas = PlainCanvas
    monkeypatch.setitem(sys.modules, "plain_backend", module)
    return {"backend": "module://plain_backend"}


def is_whole(path: Path) -> bool:
    content = path.read_bytes()
    if path.suffix == ".svg":
        return len(with_role(ET.fromstring(content), "listitem")) == 6
    if path.suffix == ".pdf":
        return len(PdfReader(io.BytesIO(content)).pages) == 1
    with Image.open(path) as image:
        image.load()
        return image.size[0] > 100


@pytest.mark.parametrize(
    ("use", "suffix"),
    [
        *((by_canvas, suffix) for suffix in ("png", "svg", "pdf", "jpg", "webp", "tiff")),
        *((by_module, suffix) for suffix in ("png", "svg", "pdf")),
    ],
)
def test_a_canvas_may_have_no_place_for_words(
    use: Callable[..., dict[str, Any]],
    suffix: str,
    six_neurons: Histories,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure, path = plot_autopsy(six_neurons), tmp_path / f"autopsy.{suffix}"
    options = use(figure, monkeypatch)
    figure.savefig(path, **options)
    assert is_whole(path)
    savefig_with_alt(figure, path, **options)
    assert is_whole(path)
    for name in ("metadata", "pil_kwargs", "misspelt"):
        with pytest.raises(TypeError, match=name):
            figure.savefig(path, **{name: {"Title": "Mine"}}, **options)
    assert is_whole(path)


class NamedCanvas(FigureCanvasAgg):
    """Has a place for metadata, but for nothing else."""

    def print_png(  # type: ignore[override]
        self,
        filename: Any,
        *,
        metadata: Any = None,
        facecolor: Any = None,
        edgecolor: Any = None,
        orientation: str = "portrait",
        bbox_inches_restore: Any = None,
    ) -> None:
        del facecolor, edgecolor, orientation, bbox_inches_restore
        super().print_png(filename, metadata=metadata)  # type: ignore[no-untyped-call]


def test_a_canvas_is_given_the_words_that_it_takes(six_neurons: Histories) -> None:
    figure, buffer = plot_autopsy(six_neurons, title="Layer 1"), io.BytesIO()
    NamedCanvas(figure)
    figure.savefig(buffer, metadata={"Author": "Me"})
    with Image.open(buffer) as image:
        words = image.text  # type: ignore[attr-defined]
    assert (words["Title"], words["Author"]) == ("Layer 1", "Me")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "ps"])
def test_cairo_may_draw(suffix: str, six_neurons: Histories, tmp_path: Path) -> None:
    pytest.importorskip("cairocffi")
    figure, path = plot_autopsy(six_neurons), tmp_path / f"autopsy.{suffix}"
    figure.savefig(path, backend="cairo")
    beginnings = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "ps": b"%!PS"}
    assert path.read_bytes().startswith(beginnings[suffix])
    with pytest.raises(TypeError, match="metadata"):
        figure.savefig(path, backend="cairo", metadata={"Title": "Mine"})


# In a notebook


EVIL = [
    "url(#x)",
    'id="evil"',
    "<svg id=",
    'style="*{',
    "]]>",
    "<style>*{}</style>",
    "#x{}",
]
REFERENCES = ("href", HREF, "aria-labelledby", "aria-describedby")


def html_of(figure: Any) -> ET.Element:
    """Return what a notebook shows of a figure, which is well-formed."""
    div = ET.fromstring(str(figure._repr_html_()))
    assert div.tag == "div"
    (svg,) = div
    assert svg.tag == f"{SVG}svg"
    return svg


def ids_in(tree: ET.Element) -> list[str]:
    return [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]


def references_in(tree: ET.Element) -> set[str]:
    found = set()
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name in REFERENCES and not value.startswith(("http", "data:")):
                found.add(value.removeprefix("#"))
            elif name != "aria-label":
                found |= set(re.findall(r"url\(#([^)]+)\)", value))
    return found


def css_unescaped(name: str) -> str:
    return re.sub(
        r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))",
        lambda found: chr(int(found[1], 16)) if found[1] else found[2],
        name,
    )


def evil_figures() -> list[Any]:
    """Return figures with clip paths, hatches and repeated strings, and names like code."""
    figures: list[Any] = []
    for count in (2, 3, 3):
        histories = {name: np.linspace(0, 1, 5) for name in EVIL * (count > 2) + ["a"] * 1}
        figure: Any = plot_autopsy(histories, ncols=2, title=" ".join(EVIL))
        figure.autopsy_grid.borders.set_hatch("//")
        figure.axes[0].set_xlim(0, 1.9)
        figures.append(figure)
    return figures


@pytest.mark.parametrize(
    ("own", "fonttype"),
    [
        (None, "path"),
        ("mine", "none"),
        ('a "quoted" id', "path"),
        ("7 <&>{}*'\\;#.x", "none"),
        ("größe", "none"),
    ],
)
def test_figures_in_a_page_keep_apart(own: str | None, fonttype: str) -> None:
    mpl.rcParams.update({"svg.id": own, "svg.fonttype": fonttype})
    page = [html_of(figure) for figure in evil_figures()]
    ids = [ids_in(svg) for svg in page]
    assert max(Counter(chain.from_iterable(ids)).values()) == 1
    for svg, own_ids in zip(page, ids, strict=True):
        assert svg.get("id") in own_ids
        assert references_in(svg) <= set(own_ids)
        assert len(references_in(svg)) > 3
        styles = ["".join(style.itertext()) for style in svg.iter(f"{SVG}style")]
        rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"\\.", "_", " ".join(styles)))
        assert len(rules) == 1
        (selector,) = re.findall(r"^\s*#(\S(?:.*\S)?) \*\{", styles[0])
        assert css_unescaped(selector) == svg.get("id")


@pytest.mark.parametrize("show", [html_of, saved_tree])
def test_names_that_look_like_code_are_told_as_they_are(
    show: Callable[[Any], ET.Element],
) -> None:
    mpl.rcParams["svg.id"] = "mine"
    neurons = {name: np.zeros(3) for name in EVIL}
    for name in EVIL:
        tree = show(plot_autopsy(neurons, title=name))
        (frame,) = with_role(tree, "figure")
        title, description = words_of(tree, frame)
        assert title == name
        assert description.startswith(name)
        labels = [str(image.get("aria-label")) for image in with_role(tree, "img")]
        assert [label.rpartition(", dead")[0] for label in labels] == EVIL
