"""What is read aloud: that, in that order, and nothing else."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import pytest
from drawing import Histories, saved

from browser.conftest import Show, Shown
from browser.exhibits import Exhibit, alone, draw, one_neuron
from browser.tree import Node, exposed
from dead_neuron_autopsy import plot_autopsy, plot_layers

pytestmark = pytest.mark.browser


def test_a_reader_finds_the_figures_and_nothing_else(
    exhibited: tuple[Exhibit, Shown],
) -> None:
    exhibit, shown = exhibited
    assert exposed(shown.page) == (exhibit.expected,)


def test_nothing_in_a_page_runs(exhibited: tuple[Exhibit, Shown]) -> None:
    _, shown = exhibited
    shown.page.evaluate("1")  # whatever had been going on is reported before the answer
    assert shown.events == []


def test_what_runs_would_be_noticed(show: Show) -> None:
    script = "<script>alert(1); console.error('two'); throw Error('three')</script>"
    svg = draw(one_neuron()).svg.replace("</svg>", f"{script}</svg>")
    shown = show(svg, ".svg")
    shown.page.evaluate("1")
    assert shown.events == ["dialog: 1", "two", "three"]


def test_one_neuron_word_for_word(show: Show) -> None:
    exhibit = alone(draw(one_neuron()))
    (root,) = exposed(show(exhibit.content, exhibit.suffix).page)
    image = Node("image", "L3·N1, dead, peak absolute activation 0")
    items = Node("list", children=(Node("listitem", children=(image,)),))
    figure = Node(
        "figure",
        "Dead neuron autopsy",
        "Dead neuron autopsy. 1 of 1 neuron dead (max absolute activation below 0.000001).",
        (
            Node(
                "heading",
                "Dead neuron autopsy. 1 of 1 neuron dead (max absolute activation below 0.000001).",
            ),
            Node(
                "image",
                "1 of 1 neuron is dead. Dead: L3·N1. 1 card, a line of 24 samples. Counted as "
                "dead: max absolute activation below 0.000001 over 24 samples.",
            ),
            items,
        ),
    )
    assert root == Node("RootWebArea", "Dead neuron autopsy", children=(figure,))


def test_a_group_and_a_bar_word_for_word(show: Show) -> None:
    neurons = {"L1·N1": [0.0], "L1·N2": [0.5]}
    labels = ["L1·N1, dead, peak absolute activation 0"]
    labels.append("L1·N2, alive, peak absolute activation 0.5")
    cards = [Node("listitem", children=(Node("image", label),)) for label in labels]
    group = Node(
        "group",
        "L1, 1 of 2 neurons dead",
        children=(Node("list", children=tuple(cards)),),
    )
    bar = Node("image", "L1, 1 of 2 neurons dead, 50.0%")
    bars = Node("list", children=(Node("listitem", children=(bar,)),))
    for figure, expected in (
        (plot_autopsy(neurons, group_by="layer"), group),
        (plot_layers(neurons), bars),
    ):
        (root,) = exposed(show(saved(figure, "svg").decode(), ".svg").page)
        (found,) = root.children
        assert found.role == "figure"
        assert [child.role for child in found.children[:2]] == ["heading", "image"]
        assert found.children[2:] == (expected,)


def test_hostile_ids_word_for_word(show: Show) -> None:
    ids = ["<script>alert(1)</script>", "lone \ud800", "nul\x00\ttab", "\u05e9 & '\"]]>"]
    exhibit = alone(draw({name: [0.0] for name in ids}))
    (figure,) = exhibit.figures
    said = ["<script>alert(1)</script>", "lone \ufffd", "nul\ufffd tab", "\u05e9 & '\"]]>"]
    assert exposed(show(exhibit.content, exhibit.suffix).page) == (exhibit.expected,)
    assert [item.children[0].name for item in figure.children[2].children] == [
        f"{name}, dead, peak absolute activation 0" for name in said
    ]


def test_words_that_are_not_hidden_would_be_noticed(show: Show) -> None:
    exhibit = alone(draw(one_neuron(), "none"))
    content = exhibit.content.replace('aria-hidden="true"', "")
    (root,) = exposed(show(content, exhibit.suffix).page)
    assert root != exhibit.expected
    assert Node("StaticText", "peak 0") in list(_all_below(root))


def _all_below(node: Node) -> list[Node]:
    return [node, *(found for child in node.children for found in _all_below(child))]


CARDS = """
() => [...document.querySelectorAll("[role=listitem]")].map((card) => ({
  seen: [...card.querySelectorAll("text")].map((text) => text.textContent),
  said: card.querySelector("[role=img]").getAttribute("aria-label"),
  top: Math.round(card.getBoundingClientRect().top),
  left: Math.round(card.getBoundingClientRect().left),
}))
"""


def cards(show: Show, neurons: Histories, **options: Any) -> Any:
    """Return what is seen and said of each card, in the order in which it is said."""
    mpl.rcParams["svg.fonttype"] = "none"
    svg = saved(plot_autopsy(neurons, **options), "svg").decode()
    return show(svg, ".svg").page.evaluate(CARDS)


def test_a_card_says_what_it_shows(show: Show) -> None:
    neurons = {
        "L1·N1": [0.1, 0.44],
        "<b>&": [0.0, -3e5],
        "noise": [1e-9],
        "silent": [0.0, 0.0],
        "gap": [float("nan"), 1.0],
        "endless": [float("inf")],
        "none": [],
    }
    found = cards(show, neurons)
    assert [card["seen"] for card in found] == [
        ["L1·N1", "alive", "peak 4.4e-1"],
        ["<b>&", "alive", "peak 3.0e+5"],
        ["noise", "dead", "peak 1.0e-9"],
        ["silent", "dead", "peak 0"],
        ["gap", "unknown", "peak nan"],
        ["endless", "alive", "peak inf"],
        ["none", "dead", "no samples"],
    ]
    for card in found:
        said = card["said"].split(", ")
        assert {seen for seen in card["seen"] if not seen.startswith("peak ")} <= set(said)
    spoken = ["0.44", "300,000", "1 times 10 to the minus 9", "0", "not a number", "infinity"]
    assert [card["said"].split("activation ")[1] for card in found[:-1]] == spoken


def test_a_shortened_id_is_said_in_full(show: Show) -> None:
    name = "encoder." * 30
    (card,) = cards(show, {name: [0.0]})
    assert "…" in card["seen"][0]
    assert card["said"] == f"{name}, dead, peak absolute activation 0"


@pytest.mark.slow
def test_cards_are_said_row_by_row_as_they_are_seen(show: Show, thirty_neurons: Histories) -> None:
    places = [(card["top"], card["left"]) for card in cards(show, thirty_neurons, ncols=7)]
    assert len(set(places)) == 30
    assert len({top for top, _ in places}) == 5
    assert places == sorted(places)
