"""Which neurons have a card, in which order, and what is said of the others."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from drawing import saved
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from PIL import Image

from dead_neuron_autopsy import GERMAN, diagnose, draw_autopsy, plot_autopsy

PEAKS = {"a": 0.5, "b": 0.0, "c": math.nan, "d": 2.0, "e": 0.0}
NEURONS = {name: [peak] for name, peak in PEAKS.items()}


def shown(**arguments: Any) -> list[str]:
    return list(plot_autopsy(NEURONS, **arguments).autopsy_grid.cards)


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({}, "abcde"),
        ({"order": "given"}, "abcde"),
        ({"order": "dead first"}, "beacd"),
        ({"order": "peak"}, "beadc"),
        ({"order": lambda neuron: neuron.id != "d"}, "dabce"),
        ({"only": "dead"}, "be"),
        ({"only": "alive"}, "ad"),
        ({"limit": 2}, "ab"),
        ({"limit": 5}, "abcde"),
        ({"limit": 99}, "abcde"),
        ({"order": "peak", "only": "alive", "limit": 2}, "ad"),
        ({"only": "unknown"}, "c"),
    ],
)
def test_the_cards_are_those_asked_for(arguments: dict[str, Any], ids: str) -> None:
    assert shown(**arguments) == list(ids)


@pytest.mark.slow
@settings(max_examples=15)
@given(
    peaks=st.lists(st.sampled_from([0.0, 1e-9, 0.5, 2.0, math.nan]), max_size=9),
    limit=st.integers(1, 10),
)
def test_no_order_loses_a_neuron(peaks: list[float], limit: int) -> None:
    autopsy = diagnose((number, [peak]) for number, peak in enumerate(peaks))
    figure = plt.figure()
    orders: tuple[Any, ...] = ("given", "dead first", "died", "peak")
    for order in orders:
        figure.clear()
        all_of_them = draw_autopsy(figure.add_subplot(), autopsy, order=order)
        assert sorted(all_of_them.cards) == sorted(autopsy.ids)
        figure.clear()
        some = draw_autopsy(figure.add_subplot(), autopsy, order=order, limit=limit)
        assert list(some.cards) == list(all_of_them.cards)[:limit]
    plt.close(figure)


def test_a_card_is_its_own_neurons() -> None:
    grid = plot_autopsy(NEURONS, order="peak").autopsy_grid
    for name, card in grid.cards.items():
        assert card.id == name
        assert np.array_equal(card.peak, PEAKS[name], equal_nan=True)
        assert np.array_equal(card.activations, NEURONS[name], equal_nan=True)
        states = {0: "dead"} | ({PEAKS[name]: "unknown"} if math.isnan(PEAKS[name]) else {})
        assert card.state == states.get(PEAKS[name], "alive")


def test_what_is_not_shown_is_said_wherever_it_is_saved() -> None:
    figure = plot_autopsy(NEURONS, limit=2)
    assert figure.alt_text == (
        "Dead neuron autopsy. 2 of 5 neurons dead (max absolute activation below "
        "0.000001). 1 neuron is unknown (nan). 2 of 5 shown."
    )
    description = figure.autopsy_grid.description
    assert "2 of 5 shown. 2 cards, each a line of 1 sample." in description
    assert "The living peaks are 0.5 (a) and 2 (d)." in description
    page = saved(figure, "svg").decode()
    assert "2 of 5 shown." in page
    assert page.count('role="listitem"') == 2
    with plt.rc_context({"svg.fonttype": "none"}):
        texts = re.findall(r"<text[^>]*>([^<]*)</text>", saved(figure, "svg").decode())
    assert "2/5 dead, 1 unknown" in texts
    assert "· 2 of 5 shown" in " ".join(texts)


def test_when_all_are_shown_nothing_is_said() -> None:
    figure = plot_autopsy(NEURONS, order="peak")
    assert "shown" not in figure.alt_text
    assert b"shown" not in saved(figure, "svg")
    assert figure.alt_text == plot_autopsy(NEURONS).alt_text


def test_it_is_said_in_the_language_of_the_rest() -> None:
    assert plot_autopsy(NEURONS, limit=1, wording=GERMAN).alt_text.endswith("1 von 5 gezeigt.")


def test_none_of_a_state_is_a_figure_without_cards() -> None:
    figure = plot_autopsy({"a": [1.0], "b": [2.0]}, only="dead")
    assert figure.alt_text.endswith("0 of 2 shown.")
    tree = ET.fromstring(saved(figure, "svg"))
    assert [g.get("role") for g in tree.iter() if g.get("role")] == ["figure", "heading", "img"]


def test_the_size_is_that_of_the_cards_shown() -> None:
    many = {str(number): [1.0] for number in range(100)}
    few = plot_autopsy(many, limit=4).get_size_inches()
    assert few[0] == plot_autopsy(dict(list(many.items())[:4])).get_size_inches()[0]


def test_the_population_stays_whole() -> None:
    figure = plot_autopsy(NEURONS, limit=2, order="peak")
    assert figure.autopsy.ids.tolist() == list(NEURONS)
    assert len(figure.autopsy_grid.shown) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"order": "random"}, ValueError, "order: must be 'given', .*; got 'random'"),
        ({"order": None}, TypeError, "order: must be 'given', .*; got NoneType None"),
        (
            {"order": lambda neuron: 1 if neuron.id == "a" else "x"},
            TypeError,
            "order: its keys cannot be compared",
        ),
        ({"limit": 0}, ValueError, "limit: must be at least 1; got 0"),
        ({"limit": 2.0}, TypeError, "limit: must be an integer; got float 2.0"),
        ({"limit": True}, TypeError, "limit: must be an integer; got bool True"),
        (
            {"only": "nan"},
            ValueError,
            "only: must be 'alive', 'dead', 'unknown' or None; got 'nan'",
        ),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        plot_autopsy(NEURONS, **arguments)
    assert not plt.get_fignums()


def test_png_keeps_the_words(tmp_path: Any) -> None:
    plot_autopsy(NEURONS, only="dead").savefig(tmp_path / "dead.png")
    with Image.open(tmp_path / "dead.png") as image:
        assert "2 of 5 shown." in image.text["Description"]  # type: ignore[attr-defined]


def test_keys_of_nan_come_last_in_the_callers_order() -> None:
    keys = {"a": math.nan, "b": 3.0, "c": math.nan, "d": 1.0, "e": 2.0}
    assert shown(order=lambda neuron: keys[neuron.id]) == list("debac")
    float32 = {name: np.float32(key) for name, key in keys.items()}
    assert shown(order=lambda neuron: float32[neuron.id]) == list("debac")


def test_a_key_function_that_fails_says_for_which_neuron() -> None:
    def last_ten(neuron: Any) -> float:
        return float(neuron.activations[9])

    with pytest.raises(IndexError) as caught:
        plot_autopsy(NEURONS, order=last_ten)
    assert caught.value.__notes__ == ["order: the function failed for neuron 'a'."]


def test_keys_that_cannot_be_compared_are_named_with_their_neurons() -> None:
    keys = {"a": 1, "b": "x", "c": 2, "d": (), "e": None}
    with pytest.raises(TypeError, match=r"int for neuron 'c', str for neuron 'b'"):
        plot_autopsy(NEURONS, order=lambda neuron: keys[neuron.id])
    with pytest.raises(TypeError, match=r"^order: its keys cannot .* ndarray for neuron"):
        plot_autopsy(NEURONS, order=lambda _: np.zeros(2))


@pytest.mark.parametrize("what", ["order", "only"])
def test_an_array_is_no_choice(what: str) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"^{what}: must be"):
        shown(**{what: np.array(["given", "dead"])})


@pytest.mark.parametrize("height", [0.8, 1.1, 1.6, 4.0])
def test_in_a_low_figure_too_it_is_drawn_that_cards_are_left_out(height: float) -> None:
    neurons = np.resize([[0.0], [1.0], [2.0]], (4096, 1))
    figure: Any = plt.figure(figsize=(5, height))
    draw_autopsy(figure, neurons, limit=12, neuron_axis=0)
    svg = saved(figure, "svg").decode()
    assert "<!-- 12 of 4,096 shown -->" in svg or "· 12 of 4,096 shown -->" in svg
