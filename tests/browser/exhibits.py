"""Figures that are shown to Chromium, and what a reader must find in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
from drawing import Histories, saved
from matplotlib.figure import Figure

from browser.tree import Node
from dead_neuron_autopsy import draw_autopsy, plot_autopsy, plot_layers
from dead_neuron_autopsy._words.notation import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Ids that a browser could take for markup, or for words of its own.
MARKUP = [
    "<script>alert(1)</script>",
    '"/><script xmlns="http://www.w3.org/2000/svg">alert(1)</script>',
    "' onload='alert(1)",
    "]]></text></svg><img src=x onerror=alert(1)>",
    "--><!-- <![CDATA[",
    "&amp; &lt; &#8203; & &nbsp",
    "two  spaces",
]


class Drawing(NamedTuple):
    """An SVG file, and the figures that a reader must find in it."""

    svg: str
    figures: tuple[Node, ...]


class Exhibit(NamedTuple):
    """A file for Chromium, and everything that a reader must find in it."""

    content: str
    suffix: str
    expected: Node

    @property
    def figures(self) -> list[Node]:
        """Return the figures that a reader must find, in order."""
        return _figures(self.expected)


def _figures(node: Node) -> list[Node]:
    if node.role == "figure":
        return [node]
    return [figure for child in node.children for figure in _figures(child)]


def draw(neurons: Histories, fonttype: str = "path", **options: Any) -> Drawing:
    """Draw a figure of its own; *fonttype* is the rcParam ``svg.fonttype``."""
    mpl.rcParams["svg.fonttype"] = fonttype
    figure = plot_autopsy(neurons, **options)
    return Drawing(saved(figure, "svg").decode(), (_figure(figure.autopsy_grid, neurons),))


def draw_beside(left: Histories, right: Histories) -> Drawing:
    """Draw two grids into two Axes of a plain Figure."""
    figure = Figure(figsize=(10, 5))
    axs = figure.subplots(1, 2)
    grids = [
        draw_autopsy(axs[0], left, title="Left"),
        draw_autopsy(axs[1], right, title="Right"),
    ]
    nodes = [_figure(*pair) for pair in zip(grids, (left, right), strict=True)]
    return Drawing(saved(figure, "svg").decode(), tuple(nodes))


def draw_groups(neurons: Histories) -> Drawing:
    """Draw neurons in groups, by what their ids begin with."""
    figure = plot_autopsy(neurons, group_by="layer", title="Layer by layer")
    groups = tuple(
        Node("group", label, children=(_list(map(_label, members, members.values())),))
        for label, members in _by_layer(neurons)
    )
    node = _figure(figure.autopsy_grid, {})
    node = node._replace(children=(*node.children, *groups))
    return Drawing(saved(figure, "svg").decode(), (node,))


def draw_bars(neurons: Histories) -> Drawing:
    """Draw a bar a layer."""
    figure = plot_layers(neurons, title="Bars")
    labels = []
    for label, members in _by_layer(neurons):
        share = 100 * sum(not np.any(member) for member in members.values()) / len(members)
        written = f"{share:.1f}" if 0 < share < 100 else f"{share:.0f}"
        labels.append(f"{label}, {written}%")
    node = _figure(figure.layer_bars, {})
    node = node._replace(children=(*node.children, _list(labels)))
    return Drawing(saved(figure, "svg").decode(), (node,))


def _by_layer(neurons: Histories) -> list[tuple[str, Histories]]:
    """Return what is said of each layer, and its neurons."""
    layers: dict[str, Histories] = {}
    for neuron_id, history in neurons.items():
        layers.setdefault(neuron_id.split("·")[0], {})[neuron_id] = history
    found = []
    for layer, members in layers.items():
        n_dead = sum(not np.any(member) for member in members.values())
        plural = "" if len(members) == 1 else "s"
        found.append((f"{layer}, {n_dead} of {len(members)} neuron{plural} dead", members))
    return found


def _list(labels: Iterable[str]) -> Node:
    items = (Node("listitem", children=(Node("image", label),)) for label in labels)
    return Node("list", children=tuple(items))


def _figure(panel: Any, neurons: Histories) -> Node:
    return Node(
        "figure",
        _collapsed(panel.title),
        _collapsed(panel.alt_text),
        (
            Node("heading", _collapsed(panel.alt_text)),
            Node("image", _collapsed(panel.description)),
            *([_list(map(_label, neurons, neurons.values()))] if neurons else []),
        ),
    )


def _label(neuron_id: str, history: Any) -> str:
    peak = np.abs(history).max()
    state = "dead" if peak < 1e-6 else "alive"
    number = f"{float(f'{peak:.1e}'):,g}"
    return _collapsed(f"{clean(neuron_id)}, {state}, peak absolute activation {number}")


def _collapsed(text: str) -> str:
    # As HTML prescribes for what it shows, Chromium makes one space of several in names.
    return re.sub(" +", " ", text)


def alone(drawing: Drawing) -> Exhibit:
    """Return an SVG file as it is; that of a single figure is the figure."""
    (first, *others) = drawing.figures
    if not others:
        return Exhibit(drawing.svg, ".svg", Node("RootWebArea", first.name, children=(first,)))
    root = Node("SvgRoot", children=drawing.figures)
    return Exhibit(drawing.svg, ".svg", Node("RootWebArea", children=(root,)))


def inlined(*drawings: Drawing) -> Exhibit:
    """Return one page with all the figures, that lacks nothing else."""
    name = "Autopsies"
    figures = "".join(drawing.svg[drawing.svg.index("<svg") :] for drawing in drawings)
    content = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{name}</title></head>"
        f"<body><main><h1>{name}</h1>{figures}</main></body></html>"
    )
    heading = Node("heading", name, children=(Node("StaticText", name),))
    roots = [figure for drawing in drawings for figure in drawing.figures]
    main = Node("main", children=(heading, *roots))
    return Exhibit(content, ".html", Node("RootWebArea", name, children=(main,)))


def one_neuron() -> Histories:
    """Return one dead neuron."""
    return {"L3·N1": np.zeros(24)}


def many_neurons() -> Histories:
    """Return two hundred neurons in ten layers, every third dead."""
    ramp = np.linspace(0, 1, 16)
    return {
        f"L{1 + i // 20}·N{1 + i % 20}": np.where(i % 3 == 2, 0, ramp * (i + 1) / 7)
        for i in range(200)
    }


def with_markup(hostile: Histories) -> Histories:
    """Return hostile neurons and more, that only a browser chokes on."""
    return {**hostile, **{name: np.arange(3.0) for name in MARKUP}}


#: From the root conftest.py's six neurons and hostile neurons to what is shown.
EXHIBITS: dict[str, Callable[[Histories, Histories], Exhibit]] = {
    "no neurons": lambda _six, _hostile: alone(draw({})),
    "one neuron": lambda _six, _hostile: alone(draw(one_neuron())),
    "six neurons": lambda six, _hostile: alone(draw(six)),
    "200 neurons": lambda _six, _hostile: alone(draw(many_neurons())),
    "hostile ids": lambda _six, hostile: alone(draw(with_markup(hostile), title=MARKUP[1])),
    "dark": lambda six, _hostile: alone(draw(six, "none", style="dark")),
    "print": lambda six, _hostile: alone(draw(six, "none", style="print")),
    "groups": lambda six, _hostile: alone(draw_groups({**six, "L4·N1": np.zeros(24)})),
    "bars": lambda six, _hostile: alone(draw_bars({**six, "L4·N1": np.zeros(24)})),
    "groups and bars inlined": lambda six, _hostile: inlined(
        draw_groups(many_neurons()), draw_bars(many_neurons()), draw_groups(six)
    ),
    "two Axes": lambda six, _hostile: alone(draw_beside(six, one_neuron())),
    "two inlined": lambda six, hostile: inlined(
        draw(six, title="Before"),
        draw(with_markup(hostile), "none", title=MARKUP[3]),
    ),
    "one empty inlined": lambda _six, _hostile: inlined(draw({}), draw(one_neuron())),
}
