"""`AutopsyFigure.update` and `AutopsyGrid.update`: later activations in the same figure."""

from __future__ import annotations

import gc
import pickle
from typing import Any

import numpy as np
import pytest
from drawing import pixels, redrawn, saved
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.artist import setp
from numpy.typing import NDArray

from dead_neuron_autopsy import (
    FiringRate,
    Recording,
    describe,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
)

FORMATS = ("png", "svg", "pdf")


def activations(seed: int, n_neurons: int = 12, n_samples: int = 20) -> NDArray[np.float64]:
    values = np.abs(np.random.default_rng(seed).normal(size=(n_neurons, n_samples)))
    values[seed % 3 :: 3] = 0
    return values


def by_id(seed: int, names: Any, n_samples: int = 20) -> dict[str, NDArray[np.float64]]:
    """Return neurons whose histories depend on their names, not on their places."""
    found = {}
    for name in names:
        generator = np.random.default_rng([seed, *name.encode()])
        found[name] = np.abs(generator.normal(size=n_samples)) * (generator.random() > 0.4)
    return found


NAMES = [f"L{1 + i // 4}·N{i % 4}" for i in range(12)]


def assert_alike(one: Any, other: Any) -> None:
    for file_format in FORMATS:
        assert saved(one, file_format) == saved(other, file_format), file_format
    assert describe(one) == describe(other)


def fresh(neurons: Any, like: Any, **options: Any) -> Any:
    """Return a new figure of the size of another."""
    figure = plot_autopsy(neurons, **options)
    figure.set_size_inches(like.get_size_inches())
    return figure


OPTIONS: dict[str, dict[str, Any]] = {
    "cards": {},
    "dead first": {"order": "dead first", "limit": 7},
    "a window": {"window": 5, "dead_threshold": 0.2},
    "dead only": {"only": "dead", "order": "peak"},
    "groups": {"group_by": "layer"},
    "columns": {"ncols": 5, "style": "dark"},
    "a criterion": {"criterion": FiringRate(0.5), "group_by": lambda name: name[-1]},
    "tiles": {"width": 0.8},
}


@pytest.mark.slow
@settings(max_examples=12)
@given(
    name=st.sampled_from(sorted(OPTIONS)),
    seeds=st.lists(st.integers(0, 5), min_size=1, max_size=3),
    populations=st.lists(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=12, unique=True),
        min_size=1,
        max_size=3,
    ),
)
def test_an_updated_figure_is_a_new_one_of_its_size(
    name: str, seeds: list[int], populations: list[list[str]]
) -> None:
    figure = plot_autopsy(by_id(9, NAMES), **OPTIONS[name])
    for seed, names in zip(seeds, populations, strict=False):
        redrawn(figure)
        figure.update(neurons := [*by_id(seed, names, 10 + 7 * seed).items()])
    try:
        assume(figure.autopsy_grid.n_cards)
        options = OPTIONS[name] | {"ncols": figure.autopsy_grid.ncols}
        other = fresh(neurons, figure, **options)
        assert_alike(figure, other)
        assert list(figure.autopsy_grid.cards) == list(other.autopsy_grid.cards)
        assert figure.axes[0].get_ylim() == other.axes[0].get_ylim()
    finally:
        plt.close("all")


def test_all_neurons_may_go_and_come_back() -> None:
    figure = plot_autopsy(by_id(1, NAMES), group_by="layer")
    figure.update([])
    assert_alike(figure, fresh([], figure, group_by="layer"))
    figure.update(by_id(2, NAMES))
    assert_alike(figure, plot_autopsy(by_id(2, NAMES), group_by="layer"))


def test_columns_stay_while_the_number_of_cards_does() -> None:
    figure = plot_autopsy(by_id(1, NAMES), width=9.0, group_by="layer")
    ncols = figure.autopsy_grid.ncols
    figure.update(by_id(2, NAMES))
    assert figure.autopsy_grid.ncols == ncols
    figure = plot_autopsy(by_id(1, NAMES[:3]))
    figure.update(by_id(1, NAMES))
    assert (figure.autopsy_grid.ncols, figure.autopsy_grid.nrows) == (4, 3)
    figure.update(by_id(1, NAMES[:1]))
    assert (figure.autopsy_grid.ncols, figure.autopsy_grid.nrows) == (1, 1)


def test_an_array_keeps_its_axis_and_ids() -> None:
    names = iter(NAMES)
    figure = plot_autopsy(activations(1).T, neuron_axis=1, ids=names)
    figure.update(activations(2).T)
    assert figure.autopsy.ids.tolist() == NAMES
    assert_alike(figure, plot_autopsy(activations(2), neuron_axis=0, ids=NAMES))
    with pytest.raises(ValueError, match=r"^ids: expected one per neuron") as raised:
        figure.update(activations(2, 13).T)
    assert "diagnose(...)" in raised.value.__notes__[0]


def test_steps_are_given_again() -> None:
    neurons = by_id(1, NAMES, 4)
    figure = plot_autopsy(neurons, steps=[0, 10, 20, 30])
    with pytest.raises(ValueError, match="give the steps of these samples too"):
        figure.update(by_id(2, NAMES, 5))
    figure.update(by_id(2, NAMES, 5), steps=[0, 10, 20, 30, 40])
    again = plot_autopsy(by_id(2, NAMES, 5), steps=[0, 10, 20, 30, 40])
    assert_alike(figure, again)


def test_a_window_that_was_too_long_counts_once_histories_have_grown() -> None:
    figure = plot_autopsy({"N": [0.0, 1.0]}, window=3)
    figure.update({"N": [1.0, 0.0, 0.0, 0.0]})
    assert figure.autopsy.window == 3
    assert figure.autopsy.dead.tolist() == [True]


def test_later_neurons_are_judged_as_an_autopsy_was() -> None:
    figure = plot_autopsy(diagnose(by_id(1, NAMES), 0.5, window=4, nan_policy="omit"))
    figure.update(by_id(2, NAMES))
    assert_alike(figure, plot_autopsy(by_id(2, NAMES), 0.5, window=4, nan_policy="omit"))
    figure.update(diagnose(by_id(3, NAMES)))
    assert_alike(figure, plot_autopsy(by_id(3, NAMES)))
    with pytest.raises(TypeError, match=r"^steps: settled"):
        figure.update(diagnose(by_id(3, NAMES)), steps=range(20))


def test_a_recording_is_read_as_it_is_now() -> None:
    recording = Recording()
    figure = None
    for step in range(4):
        recording.observe("fc", np.array([[0.0, step == 0, 1.0]]), unit_axis=1, function="relu")
        recording.step()
        if figure is None:
            figure = plot_autopsy(recording)
        figure.update(recording)
    assert figure is not None
    assert "1 of 3 neurons dead" in figure.alt_text
    assert_alike(figure, plot_autopsy(recording))


@pytest.mark.parametrize("place", ["axes", "figure", "subfigure"])
def test_a_grid_of_the_callers_figure_is_updated_alone(place: str) -> None:
    figure = plt.figure(figsize=(9, 5), layout="constrained")
    left, right = figure.subfigures(1, 2).flat  # type: ignore[union-attr]  # two of them
    (line,) = right.add_subplot().plot([1, 2])
    where: Any = {"axes": left.add_subplot, "figure": lambda: left, "subfigure": lambda: left}
    grid = draw_autopsy(where[place](), by_id(1, NAMES))
    redrawn(figure)
    grid.update(by_id(2, NAMES[:7]))
    assert figure.stale
    assert list(grid.cards) == NAMES[:7]
    redrawn(figure)
    assert line.get_ydata().tolist() == [1, 2]
    assert describe(figure).startswith(grid.alt_text)


# What the caller has set


def test_looks_move_with_their_neurons() -> None:
    figure = plot_autopsy(by_id(1, NAMES[:4]))
    grid = figure.autopsy_grid
    grid.sparklines.set_color(["red", "green", "blue", "black"])
    grid.borders.set_linewidth([1, 2, 3, 4])
    grid.sparklines.set_alpha([0.1, 0.2, 0.3, 0.4])
    grid.id_labels.set_color(["red", "green", "blue", "black"])
    redrawn(figure)
    figure.update(by_id(2, [NAMES[2], NAMES[0], NAMES[3]]))
    other = fresh(by_id(2, [NAMES[2], NAMES[0], NAMES[3]]), figure)
    there = other.autopsy_grid
    there.sparklines.set_color(["blue", "red", "black"])
    there.borders.set_linewidth([3, 1, 4])
    there.sparklines.set_alpha([0.3, 0.1, 0.4])
    there.id_labels.set_color(["blue", "red", "black"])
    assert_alike(figure, other)


def test_values_of_a_colormap_move_with_their_neurons() -> None:
    figure = plot_autopsy(by_id(1, NAMES[:4]), style="print")
    figure.autopsy_grid.borders.set(array=np.arange(4), facecolor="white", clim=(0, 3))
    figure.update(by_id(2, NAMES[3::-1]))
    other = plot_autopsy(by_id(2, NAMES[3::-1]), style="print")
    other.autopsy_grid.borders.set(array=np.arange(4)[::-1], facecolor="white", clim=(0, 3))
    assert_alike(figure, other)


def test_a_card_and_its_axes_stay_those_of_their_neuron() -> None:
    figure = plot_autopsy(by_id(1, NAMES[:5]), ncols=2)
    grid = figure.autopsy_grid
    last, first = grid.cards[NAMES[4]], grid.cards[NAMES[0]]
    axes, gone = last.axes, first.axes
    mark = axes.axvline(3)
    redrawn(figure)
    figure.update(by_id(2, [NAMES[4], NAMES[2]], 30))
    redrawn(figure)
    assert (last.row, last.column) == (0, 0)
    assert last.axes is axes
    assert mark in axes.lines
    assert axes.get_xlim() == (0, 29)
    assert axes.bbox.x0 < figure.bbox.width / 2
    assert gone.figure is None
    assert repr(first) == f"<Card {NAMES[0]!r}: removed>"
    with pytest.raises(KeyError, match="has no card any more"):
        first.peak  # noqa: B018  it raises


def test_a_zoomed_view_stays_and_a_whole_one_stays_whole() -> None:
    figure = plot_autopsy(by_id(1, NAMES))
    host = figure.axes[0]
    host.set(xlim=(1, 2.5), ylim=(2.2, 0.4))
    figure.update(by_id(2, NAMES[:6]))
    assert (host.get_xlim(), host.get_ylim()) == ((1, 2.5), (2.2, 0.4))
    host.autoscale()
    assert (host.get_xlim(), host.get_ylim()) == ((0, 3), (2, 0))
    figure.update(by_id(2, NAMES))
    assert (host.get_xlim(), host.get_ylim()) == ((0, 4), (3, 0))


def test_properties_are_matplotlibs() -> None:
    figure = plot_autopsy(by_id(1, NAMES))
    grid = figure.autopsy_grid
    figure.update({"facecolor": "#ff0000"})
    grid.update({"alpha": 0.5, "zorder": 7})
    setp(grid, label="cards")
    assert figure.get_facecolor() == (1, 0, 0, 1)
    assert (grid.get_alpha(), grid.get_zorder(), grid.get_label()) == (0.5, 7, "cards")
    assert list(grid.cards) == NAMES


# What cannot be shown


WRONG: dict[str, Any] = {
    "nothing": None,
    "a number": 3,
    "a matrix": np.zeros((3, 4)),
    "two dimensions": {"N": np.zeros((2, 2))},
    "text": {"N": ["a"]},
    "twice": [("N", [1.0]), ("N", [2.0])],
    "no layer": {"N": [1.0]},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_shown_changes_nothing(name: str) -> None:
    figure = plot_autopsy(by_id(1, NAMES), group_by="layer")
    redrawn(figure)
    with pytest.raises((TypeError, ValueError)):
        figure.update(WRONG[name])
    assert_alike(figure, plot_autopsy(by_id(1, NAMES), group_by="layer"))


def test_bars_have_no_cards_to_update() -> None:
    figure = plot_layers(by_id(1, NAMES))
    with pytest.raises(RuntimeError, match="no autopsy as AutopsyGrid"):
        figure.update(by_id(2, NAMES))


def test_a_removed_grid_says_so() -> None:
    figure = plot_autopsy(by_id(1, NAMES))
    grid = figure.autopsy_grid
    grid.remove()
    with pytest.raises(RuntimeError, match="it has been removed"):
        grid.update(by_id(2, NAMES))


def test_a_pickled_figure_is_updated_unless_it_lost_a_function() -> None:
    twin = pickle.loads(pickle.dumps(plot_autopsy(by_id(1, NAMES), order="dead first")))  # noqa: S301  our own
    twin.update(by_id(2, NAMES))
    assert_alike(twin, plot_autopsy(by_id(2, NAMES), order="dead first"))
    figure = plot_autopsy(by_id(1, NAMES), order=lambda neuron: neuron.peak)
    twin = pickle.loads(pickle.dumps(figure))  # noqa: S301
    with pytest.raises(RuntimeError, match=r"^order: functions do not outlive pickling"):
        twin.update(by_id(2, NAMES))
    figure.update(by_id(2, NAMES))


@pytest.mark.slow
def test_updates_leave_nothing_behind() -> None:
    figure = plot_autopsy(by_id(1, NAMES), group_by="layer")

    def objects_after(count: int) -> int:
        for number in range(count):
            names = NAMES[number % 3 :] if number % 2 else NAMES
            figure.update(by_id(number % 5, names))
            pixels(figure)
        gc.collect()
        return len(gc.get_objects())

    objects_after(20)  # fills what is kept of letters
    before = objects_after(10)
    assert objects_after(40) < before + 150
