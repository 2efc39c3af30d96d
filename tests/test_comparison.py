"""Two autopsies of the same neurons: lists, counts, overlap, and the figure of them."""

from __future__ import annotations

import io
import math
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from drawing import redrawn, saved, written
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from pypdf import PdfReader

from dead_neuron_autopsy import (
    ENGLISH,
    GERMAN,
    PRINT,
    FiringRate,
    compare,
    diagnose,
    plot_comparison,
)

HISTORIES = {"alive": [1.0, 0.5], "dead": [0.0, 0.0], "unknown": [math.nan, 1.0]}

states = st.dictionaries(
    st.integers(0, 12), st.sampled_from(["alive", "dead", "unknown"]), max_size=13
)


def autopsy_of(found: dict[Any, str]) -> Any:
    return diagnose({f"L{int(one) % 3}·{one}": HISTORIES[state] for one, state in found.items()})


@given(before=states, after=states)
def test_every_neuron_is_in_the_list_that_its_states_say(
    before: dict[int, str], after: dict[int, str]
) -> None:
    earlier, later = autopsy_of(before), autopsy_of(after)
    if not set(before) & set(after):
        with pytest.raises(ValueError, match=r"^after: must hold some of the ids of before"):
            compare(earlier, later)
        return
    found = compare(earlier, later)
    names = {one: f"L{one % 3}·{one}" for one in {*before, *after}}

    def those(*wanted: str) -> list[str]:
        return [names[one] for one in after if (before.get(one), after[one]) == wanted]

    assert found.died == those("alive", "dead")
    assert found.revived == those("dead", "alive")
    assert found.still_dead == those("dead", "dead")
    assert found.new == [names[one] for one in after if one not in before]
    assert found.gone == [names[one] for one in before if one not in after]
    both = set(before) & set(after)
    was, is_now = ({one for one in both if state[one] == "dead"} for state in (before, after))
    assert found.jaccard == (len(was & is_now) / len(was | is_now) if was | is_now else 1.0)
    layers = found.layers()
    assert sum(layer.n_neurons for layer in layers) == len(both)
    for name, ids in (("n_died", found.died), ("n_revived", found.revived)):
        counts = {layer.name: getattr(layer, name) for layer in layers}
        assert counts == {one: sum(name.startswith(one) for name in ids) for one in counts}
    frame = found.to_frame()
    assert frame["id"].tolist() == [*later.ids, *found.gone]
    assert frame["after"].tolist() == [*later.states, *[None] * len(found.gone)]


def of_counts(*layers: tuple[int, int, int, int]) -> tuple[Any, Any]:
    """Return autopsies in which so many stay alive, die, revive and stay dead."""
    kinds = (("alive", "alive"), ("alive", "dead"), ("dead", "alive"), ("dead", "dead"))
    pair: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for layer, counts in enumerate(layers):
        found = [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
        for unit, kind in enumerate(found):
            for neurons, state in zip(pair, kind, strict=True):
                neurons[f"layer{layer}.{unit}"] = HISTORIES[state]
    return diagnose(pair[0]), diagnose(pair[1])


def test_a_bar_is_as_long_as_its_counts_say() -> None:
    figure = plot_comparison(*of_counts((4, 1, 2, 3), (10, 0, 0, 0), (0, 0, 0, 10)))
    bars = redrawn(figure).comparison_bars
    track = bars.tracks.get_paths()[0].get_extents().width
    parts = {"still_dead": (3, 0, 10), "died": (1, 0, 0), "revived": (2, 0, 0)}
    for name, counts in parts.items():
        lengths = [path.get_extents().width for path in getattr(bars, name).get_paths()]
        np.testing.assert_allclose(np.array(lengths) / track, np.array(counts) / 10, atol=0.02)
    first = [np.asarray(getattr(bars, name).get_offsets())[0, 0] for name in parts]
    assert first == sorted(first)  # in this order, from the left
    assert bars.share_labels.get_texts() == ["50% → 40%", "0% → 0%", "100% → 100%"]
    assert bars.count_labels.get_texts()[0] == "1 died, 2 revived, 3 still dead"


def test_a_comparison_is_said_in_every_format() -> None:
    figure = plot_comparison(*of_counts((4, 1, 2, 3), (9, 1, 0, 0)), title="Epoch 3 and 9")
    verdict = "2 died, 2 revived, 3 still dead, of 20 neurons in both; overlap of the dead: 0.43."
    assert figure.alt_text == f"Epoch 3 and 9. {verdict}"
    tree = ET.fromstring(saved(figure, "svg"))
    labels = [one.get("aria-label") for one in tree.iter() if one.get("aria-label")]
    assert labels == [
        figure.alt_text,
        f"{verdict} Died: layer0.4 and layer1.9 (2). Revived: layer0.5 and layer0.6 (2). "
        "2 bars, one per layer.",
        "layer0, 1 died, 2 revived, 3 still dead, of 10 neurons",
        "layer1, 1 died, 0 revived, 0 still dead, of 10 neurons",
    ]
    pdf = PdfReader(io.BytesIO(saved(figure, "pdf")))
    assert pdf.metadata is not None
    assert verdict in str(pdf.metadata.subject)
    words = " ".join(one.text for one in written(figure))
    assert "2 died, 2 revived, 3 still dead" in words
    assert "from the left: still dead, died, revived" in words
    german = plot_comparison(*of_counts((4, 1, 2, 3)), wording=GERMAN)
    assert "1 gestorben, 2 wieder aktiv, 3 weiterhin tot" in german.alt_text
    assert german.comparison_bars.title == "Tote Neuronen, vorher und nachher"


def test_two_rules_are_both_said() -> None:
    neurons = {"L·a": [1.0, -1.0], "L·b": [0.0, 0.0]}
    figure = plot_comparison(diagnose(neurons), diagnose(neurons, criterion=FiringRate(0.6)))
    words = " ".join(one.text for one in written(figure))
    assert "max |activation| < 1e-6" in words
    assert "firing rate (share > 0) <= 0.6" in words


@given(size=st.integers(1, 400), length=st.integers(1, 200))
def test_words_of_a_comparison_are_short_whatever_the_ids(size: int, length: int) -> None:
    neurons = {f"{'n' * length}{one}": [1.0] for one in range(size)}
    after = {name: [0.0] for name in [*neurons][: size // 2 + 1]} | {"x" * length: [1.0]}
    bars = compare(diagnose(neurons), diagnose(after))
    from dead_neuron_autopsy._words.changes import comparison_alt_text

    alt = comparison_alt_text(ENGLISH, bars, "t" * length, 1)
    assert len(alt.summary) <= 250
    assert len(alt.full) <= 1000


def test_the_parts_of_a_bar_differ_in_grey() -> None:
    figure = plot_comparison(*of_counts((4, 1, 2, 3)), style=PRINT)
    bars = figure.comparison_bars
    greys = [
        float(np.asarray(part.get_facecolor())[0, :3].mean())
        for part in (bars.still_dead, bars.died, bars.revived)
    ]
    assert greys == sorted(greys)
    assert min(np.diff([*greys, 1.0])) > 0.15


def test_what_is_no_autopsy_is_refused() -> None:
    autopsy = diagnose({"L·a": [1.0]})
    for wrong in (None, {"L·a": [1.0]}):
        for pair in ((wrong, autopsy), (autopsy, wrong)):
            with pytest.raises(TypeError, match=r"^(before|after): must be an Autopsy"):
                compare(*pair)
    with pytest.raises(ValueError, match=r"finds no group for the neuron 'a'"):
        plot_comparison(diagnose({"a": [1.0]}), diagnose({"a": [1.0]}))
    assert not plt.get_fignums()
