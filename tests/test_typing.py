"""Calls that users make: mypy accepts them, and they do what plain numbers do.

Half of each test is that this file passes mypy, strictly.
"""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from drawing import saved
from matplotlib import pyplot as plt

from dead_neuron_autopsy import (
    Autopsy,
    Style,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
)

NEURONS = {"L1·a": [0.0, 0.5], "L1·b": [0.0, 0.0], "L2·c": [2.0, -3.0]}
BLOCK = np.array(list(NEURONS.values()))


@pytest.fixture
def autopsy() -> Autopsy:
    return diagnose(NEURONS)


def test_positions_may_be_numpys(autopsy: Autopsy) -> None:
    assert [*autopsy.take(np.flatnonzero(autopsy.peaks > 1)).ids] == ["L2·c"]
    assert [*autopsy.take(np.argsort(autopsy.peaks)).ids] == ["L1·b", "L1·a", "L2·c"]
    assert [*autopsy.take(range(1)).ids] == [*autopsy.take((0,)).ids] == ["L1·a"]
    assert [*autopsy.take([np.int64(2), 0]).ids] == ["L2·c", "L1·a"]
    assert [*autopsy.take(autopsy.dead).ids] == [*autopsy.ids[autopsy.dead]] == ["L1·b"]
    assert len(autopsy.histories_of([True, False, True])) == 2
    histories = autopsy.histories_of(np.array([0]))
    assert [history.tolist() for history in histories] == [[0.0, 0.5]]
    assert len(autopsy.histories_of(np.flatnonzero(autopsy.dead))) == 1
    assert autopsy.neuron(np.int64(0)).id == autopsy.neuron(0).id
    assert autopsy.neuron(np.uint8(1)).state == autopsy["L1·b"].state == "dead"


def test_a_threshold_may_be_any_number() -> None:
    assert diagnose(NEURONS, dead_threshold=np.float32(1e-3)).n_dead == 1
    assert diagnose(NEURONS, np.float64(0.75)).n_dead == 2
    assert diagnose(NEURONS, dead_threshold=np.int64(1)).n_dead == 2
    assert diagnose(NEURONS, dead_threshold=Fraction(7, 2)).n_dead == 3
    assert plot_autopsy(NEURONS, np.float16(1)).autopsy.n_dead == 2
    assert plot_layers(NEURONS, Fraction(1)).autopsy.n_dead == 2
    axes = plt.figure().add_subplot()
    assert draw_autopsy(axes, NEURONS, np.float32(1)).autopsy.n_dead == 2


def test_a_threshold_of_the_autopsys_may_be_given_again() -> None:
    for threshold in (np.float32(0.1), Fraction(1, 3), np.int64(1)):
        autopsy = diagnose(NEURONS, threshold)
        assert plot_autopsy(autopsy, threshold).autopsy is autopsy


def test_ids_and_axes_may_be_numpys_or_pandas() -> None:
    names = list(NEURONS)
    assert [*diagnose(BLOCK, ids=np.array(names), neuron_axis=np.int64(0)).ids] == names
    assert [*diagnose(BLOCK.T, ids=pd.Index(names), neuron_axis=np.int8(1)).ids] == names
    assert [*diagnose(BLOCK, ids=NEURONS.keys(), neuron_axis=0).ids] == names
    assert [*diagnose(BLOCK, ids=range(3), neuron_axis=0).ids] == ["0", "1", "2"]
    assert plot_autopsy(BLOCK, ids=pd.Series(names), neuron_axis=np.int64(0)).autopsy.n_dead == 1


def test_activations_may_be_numpys_numbers() -> None:
    recorded = [np.float32(0.5), np.float32(-1.5)]
    assert diagnose({"a": recorded}).peaks.tolist() == [1.5]
    assert diagnose([("a", [np.float32(0.5), 2])]).peaks.tolist() == [2.0]
    assert diagnose({np.int64(3): np.array([0, 1], dtype=np.float16)}).ids.tolist() == ["3"]


def test_sizes_and_counts_may_be_numpys() -> None:
    figures = [
        plot_autopsy(NEURONS, ncols=np.int64(2), limit=np.int32(1), width=np.float32(4.0)),
        plot_autopsy(NEURONS, ncols=2, limit=1, width=4.0),
    ]
    assert saved(figures[0], "png") == saved(figures[1], "png")
    exact = plot_autopsy(NEURONS, width=Fraction(7, 2), height=np.int64(3))
    assert exact.get_size_inches().tolist() == [3.5, 3.0]
    narrow = plot_autopsy(NEURONS, card_width=np.float64(1))
    assert narrow.get_figwidth() < plot_autopsy(NEURONS).get_figwidth()
    assert plot_layers(NEURONS, width=np.float32(4.0)).get_figwidth() == 4


def test_pages_take_numpys_numbers() -> None:
    ours, theirs = io.BytesIO(), io.BytesIO()
    save_autopsy_pages(
        ours,
        NEURONS,
        np.float32(1),
        per_page=np.int64(2),
        width=np.float32(4),
        height=np.int16(5),
    )
    save_autopsy_pages(theirs, NEURONS, 1.0, per_page=2, width=4.0, height=5.0)
    assert ours.getvalue() == theirs.getvalue()


def test_no_policy_may_be_given() -> None:
    autopsy = diagnose({"a": [np.nan, 1.0]}, nan_policy="omit")
    assert plot_autopsy(autopsy, nan_policy=None).autopsy is autopsy
    assert plot_layers({"L·a": [np.nan]}, nan_policy=None).autopsy.n_dead == 0


def test_a_colour_may_be_a_tuple_and_a_width_numpys() -> None:
    style = Style(alive_line=(0.2, 0.4, 0.6), dead_text=(1, 0, 0, 0.5), line_width=np.float32(2))
    same = Style(alive_line="#336699", dead_text=("red", 0.5), line_width=2)
    ours, theirs = (plot_autopsy(NEURONS, style=each) for each in (style, same))
    assert saved(ours, "png") == saved(theirs, "png")
    assert saved(ours, "png") != saved(plot_autopsy(NEURONS), "png")
    assert replace(style, midline_width=Fraction(1, 2)).line_width == 2
