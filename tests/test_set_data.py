"""`AutopsyGrid.set_data`: the same neurons at another time, in the same figure."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import label_artists, pixels, redrawn, saved, written
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from numpy.typing import NDArray

from dead_neuron_autopsy import (
    GERMAN,
    PRINT,
    Autopsy,
    AutopsyFigure,
    describe,
    diagnose,
    draw_autopsy,
    plot_autopsy,
)

IDS = [f"L{1 + i // 5}·N{i % 5}" for i in range(14)]
FORMATS = ("png", "svg", "pdf")


def activations(seed: int, n_samples: int = 20) -> NDArray[np.float64]:
    """Return the histories of all neurons; which of them are dead depends on the seed."""
    values = np.abs(np.random.default_rng(seed).normal(size=(len(IDS), n_samples)))
    values[seed % 3 :: 3] = 0
    return values


def at(seed: int, **options: Any) -> Autopsy:
    return diagnose(activations(seed), neuron_axis=0, ids=IDS, **options)


def words_of(figure: AutopsyFigure) -> list[Any]:
    """Return everything that a figure says of its autopsy."""
    grid = figure.autopsy_grid
    cards = [(card.id, card.state, card.peak, repr(card)) for card in grid.cards.values()]
    texts = [part.get_texts() for part in label_artists(grid).values()]
    said = [figure.alt_text, describe(figure), grid.alt, grid.description]
    return [*said, cards, texts, figure.latex("a.pdf")]


def assert_alike(one: AutopsyFigure, other: AutopsyFigure) -> None:
    for file_format in FORMATS:
        assert saved(one, file_format) == saved(other, file_format), file_format
    assert words_of(redrawn(one)) == words_of(redrawn(other))


OPTIONS: dict[str, dict[str, Any]] = {
    "cards": {},
    "groups": {"group_by": "layer"},
    "compact": {"width": 3.0, "ncols": 5},
    "crosses": {"width": 2.0, "ncols": 5},
    "tiles": {"width": 0.8, "ncols": 5},
    "print": {"style": PRINT, "title": "Epoch", "group_by": "layer"},
    "dark": {"style": "dark", "wording": GERMAN},
    "some": {"limit": 6, "group_by": "layer"},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("drawn", [pytest.param(False, marks=pytest.mark.slow), True])
def test_new_findings_are_drawn_as_in_a_new_figure(
    name: str,
    drawn: bool,  # noqa: FBT001
) -> None:
    figure = plot_autopsy(at(1), **OPTIONS[name])
    if drawn:
        for file_format in FORMATS:
            saved(figure, file_format)
    figure.autopsy_grid.set_data(at(2))
    assert figure.autopsy.peaks.tolist() == at(2).peaks.tolist()
    assert_alike(figure, plot_autopsy(at(2), **OPTIONS[name]))


@pytest.mark.slow
@settings(max_examples=8)
@given(
    seeds=st.lists(st.integers(0, 9), min_size=1, max_size=4),
    name=st.sampled_from(list(OPTIONS)),
    zoomed=st.booleans(),
)
def test_only_the_last_findings_count(seeds: list[int], name: str, zoomed: bool) -> None:  # noqa: FBT001
    figure, fresh = (
        plot_autopsy(at(1), **OPTIONS[name]),
        plot_autopsy(at(seeds[-1]), **OPTIONS[name]),
    )
    try:
        for number, seed in enumerate(seeds):
            figure.autopsy_grid.set_data(at(seed))
            if number % 2:
                redrawn(figure)
        for each in (figure, fresh):
            if zoomed:
                each.axes[0].set(xlim=(0.4, 2.3), ylim=(2.1, 0.2))
        assert_alike(figure, fresh)
    finally:
        plt.close(figure)
        plt.close(fresh)


def test_the_first_findings_bring_the_first_picture_back() -> None:
    figure = plot_autopsy(at(1), group_by="layer")
    before = {file_format: saved(figure, file_format) for file_format in FORMATS}
    for seed in (2, 3):
        figure.autopsy_grid.set_data(at(seed))
        assert all(saved(figure, one) != before[one] for one in FORMATS)
    figure.autopsy_grid.set_data(at(1))
    assert {one: saved(figure, one) for one in FORMATS} == before


def test_another_threshold_and_policy_are_told() -> None:
    figure = plot_autopsy(at(1))
    later = activations(1)
    later[3, 4] = np.nan
    findings = diagnose(later, 0.5, neuron_axis=0, ids=IDS, nan_policy="omit")
    figure.autopsy_grid.set_data(findings)
    assert_alike(figure, plot_autopsy(findings))
    assert "0.5" in figure.alt_text
    assert any("< 5e-1" in one.text or "< 0.5" in one.text for one in written(figure))


def in_a_file(folder: Path, values: NDArray[np.float64]) -> NDArray[Any]:
    np.save(folder / "activations.npy", values)
    mapped: NDArray[Any] = np.load(folder / "activations.npy", mmap_mode="r")
    return mapped


def of_dask(values: NDArray[np.float64]) -> Any:
    return pytest.importorskip("dask.array").from_array(values, chunks=(5, 7))


def by_id(values: Any) -> Any:
    return dict(zip(IDS, values, strict=True))


SOURCES: dict[str, Callable[[Path, NDArray[np.float64]], Autopsy]] = {
    "rows": lambda _, values: diagnose(values, neuron_axis=0, ids=IDS),
    "columns": lambda _, values: diagnose(values.T.copy(), neuron_axis=1, ids=IDS),
    "lists": lambda _, values: diagnose(by_id(values.tolist())),
    "a stream": lambda _, values: diagnose(zip(IDS, values, strict=True)),
    "masked": lambda _, values: diagnose(by_id(np.ma.array(values, mask=values > 9))),
    "a mapped file": lambda folder, values: diagnose(
        in_a_file(folder, values), neuron_axis=0, ids=IDS
    ),
    "Dask": lambda _, values: diagnose(of_dask(values), neuron_axis=0, ids=IDS),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_findings_may_come_from_another_kind_of_source(name: str, tmp_path: Path) -> None:
    figure = plot_autopsy(at(1), group_by="layer")
    figure.autopsy_grid.set_data(SOURCES[name](tmp_path, activations(2)))
    assert_alike(figure, plot_autopsy(at(2), group_by="layer"))
    figure.autopsy_grid.set_data(at(3))
    assert_alike(figure, plot_autopsy(at(3), group_by="layer"))


def test_histories_may_have_become_longer_shorter_or_none() -> None:
    figure = plot_autopsy(at(1))
    for n_samples in (3000, 1, 0, 40):
        values = activations(2, n_samples)
        findings = diagnose(values, neuron_axis=0, ids=IDS)
        figure.autopsy_grid.set_data(findings)
        assert_alike(figure, plot_autopsy(findings))


def test_a_buffer_may_be_filled_again_after_it_has_been_shown() -> None:
    buffer = activations(1)
    figure = plot_autopsy(buffer, neuron_axis=0, ids=IDS)
    for seed in (2, 3):
        buffer[:] = activations(seed)
        figure.autopsy_grid.set_data(diagnose(buffer, neuron_axis=0, ids=IDS))
        buffer[:] = np.nan
        assert_alike(figure, plot_autopsy(at(seed)))


# Looks

RESTYLES: dict[str, Callable[[Any], object]] = {
    "one colour": lambda grid: grid.sparklines.set_color("#00aa00"),
    "colours": lambda grid: grid.borders.set_edgecolor([f"C{i}" for i in range(14)]),
    "widths": lambda grid: grid.borders.set_linewidth(0.4 + np.arange(14) / 9),
    "no badges": lambda grid: grid.badges.set_visible(False),
    "faces": lambda grid: grid.badges.set_facecolor("none"),
    "words": lambda grid: grid.state_labels.set_color("#0000ff"),
    "dashes": lambda grid: grid.midlines.set_linestyle(":"),
    "an alpha": lambda grid: [
        getattr(grid, part).set_alpha(0.4)
        for part in ("borders", "badges", "sparklines", "midlines", "state_labels")
    ],
    "alphas": lambda grid: [
        getattr(grid, part).set_alpha(np.linspace(0.2, 1, 14))
        for part in ("borders", "sparklines", "state_labels")
    ],
    "the grid's alpha": lambda grid: grid.set_alpha(0.5),
    "an order": lambda grid: grid.borders.set_zorder(9),
    "a colormap": lambda grid: [
        grid.borders.set_facecolor("white"),
        grid.borders.set_array(np.arange(14)),
    ],
    "marks": lambda grid: grid.marks.set(facecolor="#ff00ff", linewidth=0.5),
}


@pytest.mark.slow
@pytest.mark.parametrize(("style", "drawn"), [("light", True), ("print", False)])
@pytest.mark.parametrize("name", RESTYLES)
def test_parts_keep_the_looks_that_they_were_given(
    name: str,
    style: str,
    drawn: bool,  # noqa: FBT001
) -> None:
    """A figure that is restyled and then shows other findings is one restyled afterwards."""
    figure, fresh = plot_autopsy(at(1), style=style), plot_autopsy(at(2), style=style)
    RESTYLES[name](figure.autopsy_grid)
    if drawn:
        pixels(figure)
    figure.autopsy_grid.set_data(at(2))
    RESTYLES[name](fresh.autopsy_grid)
    assert_alike(figure, fresh)


def test_looks_may_be_given_between_two_findings() -> None:
    figure = plot_autopsy(at(1))
    figure.autopsy_grid.set_data(at(3))
    figure.autopsy_grid.sparklines.set_color("#123456")
    figure.autopsy_grid.set_data(at(2))
    fresh = plot_autopsy(at(2))
    fresh.autopsy_grid.sparklines.set_color("#123456")
    assert_alike(figure, fresh)


# What goes with the cards


def test_cards_counts_and_headings_follow() -> None:
    figure = plot_autopsy(at(1), group_by="layer")
    grid = figure.autopsy_grid
    card = grid.cards["L1·N1"]
    assert (card.state, card.peak) == ("dead", 0.0)
    places = {name: (one.row, one.column) for name, one in grid.cards.items()}
    grid.set_data(at(2))
    findings = at(2)
    assert grid.autopsy.dead.tolist() == grid.shown.dead.tolist() == findings.dead.tolist()
    assert card.state == "alive"
    assert card.peak == findings.peaks[1]
    np.testing.assert_array_equal(card.activations, activations(2)[1])
    assert {name: (one.row, one.column) for name, one in grid.cards.items()} == places
    texts = [one.text for one in written(figure)]
    n_dead = findings.n_dead
    assert f"{n_dead}/14 dead" in texts
    first = int(findings.dead[:5].sum())
    assert any(text.startswith("L1") and f"{first}/5" in text for text in texts)
    assert f"L1 ({first} of 5)" in grid.description


def test_axes_of_cards_have_the_range_of_the_new_history() -> None:
    figure = plot_autopsy(at(1))
    grid = figure.autopsy_grid
    axes = grid.cards["L1·N0"].axes
    line = axes.axvline(3, color="red")
    fig_axes = grid.subplots()
    longer = activations(2, 50) * 7
    grid.set_data(diagnose(longer, neuron_axis=0, ids=IDS))
    assert grid.cards["L1·N0"].axes is axes
    assert line in axes.lines
    assert axes.get_xlim() == (0, 49)
    assert axes.get_ylim() == (longer[0].min(), longer[0].max())
    assert (grid.subplots() == fig_axes).all()
    fresh = plot_autopsy(diagnose(longer, neuron_axis=0, ids=IDS)).autopsy_grid
    both: Any = zip(grid.subplots().flat, fresh.subplots().flat, strict=True)
    for old, new in both:
        assert (old is None) == (new is None)
        if old is not None:
            assert old.get_xlim() == new.get_xlim()
            assert old.get_ylim() == new.get_ylim()


def test_an_axes_that_was_removed_is_no_obstacle() -> None:
    figure = plot_autopsy(at(1))
    grid = figure.autopsy_grid
    grid.cards["L1·N0"].axes.remove()
    grid.set_data(at(2))
    assert_alike(figure, plot_autopsy(at(2)))
    low, high = grid.cards["L1·N0"].axes.get_ylim()
    assert (low, high) == (activations(2)[0].min(), activations(2)[0].max())


def test_a_copy_of_a_figure_shows_its_own_findings() -> None:
    figure = plot_autopsy(at(1), group_by="layer")
    redrawn(figure)
    twin = pickle.loads(pickle.dumps(figure))  # noqa: S301  our own
    twin.autopsy_grid.set_data(at(2))
    assert_alike(figure, plot_autopsy(at(1), group_by="layer"))
    assert saved(twin, "svg") == saved(plot_autopsy(at(2), group_by="layer"), "svg")


def test_one_of_two_grids_in_a_figure_is_changed_alone() -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 6))
    grids = [draw_autopsy(ax, at(1)) for ax in (left, right)]
    before = pixels(figure)
    grids[1].set_data(at(2))
    assert figure.stale
    after = pixels(figure)
    middle = before.shape[1] // 2
    assert (before[:, :middle] == after[:, :middle]).all()
    assert (before[:, middle:] != after[:, middle:]).any()
    assert grids[0].autopsy.dead.tolist() == at(1).dead.tolist()


def test_limits_stay_where_the_caller_has_zoomed_to() -> None:
    figure = plot_autopsy(at(1), group_by="layer")
    host = figure.axes[0]
    host.set(xlim=(1, 2.5), ylim=(2.2, 0.4))
    figure.autopsy_grid.set_data(at(2))
    redrawn(figure)
    assert (host.get_xlim(), host.get_ylim()) == ((1, 2.5), (2.2, 0.4))


# Others


def shuffled(values: NDArray[np.float64]) -> Autopsy:
    return diagnose(values[::-1], neuron_axis=0, ids=IDS[::-1])


OTHERS: dict[str, Callable[[], Autopsy]] = {
    "fewer": lambda: at(2).take(range(13)),
    "more": lambda: diagnose({**by_id(activations(2)), "N": [1.0]}),
    "none": lambda: diagnose({}),
    "other names": lambda: diagnose(activations(2), neuron_axis=0),
    "another order": lambda: shuffled(activations(2)),
    "one other": lambda: diagnose(activations(2), neuron_axis=0, ids=[*IDS[:-1], "L3·N4 "]),
}


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, ({}, {"group_by": "layer", "limit": 4})[turn % 2]) for turn, name in enumerate(OTHERS)],
)
def test_other_neurons_are_refused_and_change_nothing(name: str, options: dict[str, Any]) -> None:
    figure = plot_autopsy(at(1), **options)
    redrawn(figure)
    with pytest.raises(ValueError, match=r"^autopsy: must hold the same ids .* Draw an"):
        figure.autopsy_grid.set_data(OTHERS[name]())
    assert_alike(figure, plot_autopsy(at(1), **options))


@pytest.mark.parametrize("wrong", [None, [1.0], {"a": [0.0]}, activations(2), "L1"])
def test_what_is_no_autopsy_is_refused_by_name(wrong: Any) -> None:
    figure = plot_autopsy(at(1))
    with pytest.raises(TypeError, match=r"^autopsy: must be an Autopsy.* got "):
        figure.autopsy_grid.set_data(wrong)
    assert_alike(figure, plot_autopsy(at(1)))


def test_activations_that_have_changed_since_are_refused_and_change_nothing() -> None:
    figure = plot_autopsy(at(1))
    too_large_to_copy = np.ones((len(IDS), 2**20), dtype=np.float64)
    findings = diagnose(too_large_to_copy, neuron_axis=0, ids=IDS)
    too_large_to_copy[5] = 3
    with pytest.raises(ValueError, match=r"^neuron 'L2·N0': the activations have changed"):
        figure.autopsy_grid.set_data(findings)
    assert_alike(figure, plot_autopsy(at(1)))
