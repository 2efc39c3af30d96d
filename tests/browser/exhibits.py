"""Figures that are shown to Chromium, and what a reader must find in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
from drawing import Histories, saved
from matplotlib.figure import Figure

from browser.tree import Node
from dead_neuron_autopsy import draw_autopsy, plot_autopsy
from dead_neuron_autopsy._notation import clean

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _figure(grid: Any, neurons: Histories) -> Node:
    items = tuple(
        Node("listitem", children=(Node("image", _label(*neuron)),))
        for neuron in neurons.items()
    )
    return Node(
        "figure",
        _collapsed(grid.title),
        _collapsed(grid.alt_text),
        (Node("list", children=items),) if items else (),
    )


def _label(neuron_id: str, history: Any) -> str:
    peak = np.abs(history).max()
    state = "dead" if peak < 1e-6 else "alive"
    mantissa, exponent = f"{peak:.1e}".split("e")
    number = f"{mantissa}e{int(exponent):+d}" if peak else "0"
    return _collapsed(f"{clean(neuron_id)}, {state}, peak absolute activation {number}")


def _collapsed(text: str) -> str:
    # As HTML prescribes for what it shows, Chromium makes one space of several in names.
    return re.sub(" +", " ", text)


def alone(drawing: Drawing) -> Exhibit:
    """Return an SVG file as it is."""
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
    roots = [Node("SvgRoot", children=drawing.figures) for drawing in drawings]
    main = Node("main", children=(heading, *roots))
    return Exhibit(content, ".html", Node("RootWebArea", name, children=(main,)))


def one_neuron() -> Histories:
    """Return one dead neuron."""
    return {"L3·N1": np.zeros(24)}


def many_neurons() -> Histories:
    """Return four hundred neurons, every third dead."""
    ramp = np.linspace(0, 1, 16)
    return {
        f"L{1 + i // 20}·N{1 + i % 20}": np.where(i % 3 == 2, 0, ramp * (i + 1) / 7)
        for i in range(400)
    }


def with_markup(hostile: Histories) -> Histories:
    """Return hostile neurons and more, that only a browser chokes on."""
    return {**hostile, **{name: np.arange(3.0) for name in MARKUP}}


#: From the root conftest.py's six neurons and hostile neurons to what is shown.
EXHIBITS: dict[str, Callable[[Histories, Histories], Exhibit]] = {
    "no neurons": lambda _six, _hostile: alone(draw({})),
    "one neuron": lambda _six, _hostile: alone(draw(one_neuron())),
    "six neurons": lambda six, _hostile: alone(draw(six)),
    "400 neurons": lambda _six, _hostile: alone(draw(many_neurons())),
    "hostile ids": lambda _six, hostile: alone(draw(with_markup(hostile), title=MARKUP[1])),
    "dark": lambda six, _hostile: alone(draw(six, "none", style="dark")),
    "print": lambda six, _hostile: alone(draw(six, "none", style="print")),
    "two Axes": lambda six, _hostile: alone(draw_beside(six, one_neuron())),
    "two inlined": lambda six, hostile: inlined(
        draw(six, title="Before"),
        draw(with_markup(hostile), "none", title=MARKUP[3]),
    ),
    "one empty inlined": lambda _six, _hostile: inlined(draw({}), draw(one_neuron())),
}
