"""Other findings in the same cards: `AutopsyGrid.set_data`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawing import Histories, label_artists, pixels, redrawn, saved

from dead_neuron_autopsy import diagnose, plot_autopsy

FIRST: Histories = {
    f"L{layer}·N{unit}": np.sin(np.arange(40.0) * (unit + 1)) * ((layer + unit) % 3)
    for layer in range(4)
    for unit in range(7)
}
SECOND: Histories = {
    name: values * 0 if index % 4 == 1 else np.cos(values) * (index + 1)
    for index, (name, values) in enumerate(FIRST.items())
}
WITH_NAN: Histories = {
    name: [*values, np.nan if index % 5 else np.inf]
    for index, (name, values) in enumerate(SECOND.items())
}


def dask_rows(histories: Histories) -> Any:
    array = pytest.importorskip("dask.array")
    rows = array.from_array(np.array([*histories.values()]), chunks=(5, 40))
    return diagnose(rows, neuron_axis=0, ids=list(histories))


SOURCES: dict[str, Callable[[Histories], Any]] = {
    "histories": diagnose,
    "array": lambda histories: diagnose(
        np.array([*histories.values()]), neuron_axis=0, ids=list(histories)
    ),
    "dask": dask_rows,
}

FIGURES: dict[str, dict[str, Any]] = {
    "plain": {},
    "grouped": {"group_by": "layer"},
    "tiles": {"width": 1.0, "ncols": 7},
    "compact": {"width": 4.0, "ncols": 7},
    "print": {"style": "print", "title": "Run 3"},
    "limited": {"limit": 10, "group_by": "layer"},
}


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("then", [SECOND, WITH_NAN], ids=["second", "nan"])
def test_it_is_the_figure_that_would_have_been_drawn(
    kind: str, file_format: str, then: Histories
) -> None:
    figure = redrawn(plot_autopsy(FIRST, **FIGURES[kind]))
    figure.autopsy_grid.set_data(diagnose(then))
    fresh = plot_autopsy(then, **FIGURES[kind])
    if figure.get_size_inches().tolist() == fresh.get_size_inches().tolist():
        assert saved(figure, file_format) == saved(fresh, file_format)
    assert figure.alt_text == fresh.alt_text
    assert figure.autopsy_grid.alt == fresh.autopsy_grid.alt


@pytest.mark.parametrize("source", SOURCES)
def test_any_source_is_taken(source: str) -> None:
    figure = plot_autopsy(FIRST)
    figure.autopsy_grid.set_data(SOURCES[source](SECOND))
    assert (pixels(figure) == pixels(plot_autopsy(SECOND))).all()


def test_there_and_back_is_the_same_picture() -> None:
    figure = plot_autopsy(FIRST, group_by="layer")
    before = saved(figure, "svg")
    figure.autopsy_grid.set_data(diagnose(SECOND))
    assert saved(figure, "svg") != before
    figure.autopsy_grid.set_data(diagnose(FIRST))
    assert saved(figure, "svg") == before


def test_a_zoomed_view_stays() -> None:
    figure, fresh = plot_autopsy(FIRST), plot_autopsy(SECOND)
    for one in (figure, fresh):
        one.axes[0].set(xlim=(0.5, 2.5), ylim=(3.2, 1.1))
    redrawn(figure).autopsy_grid.set_data(diagnose(SECOND))
    assert (pixels(figure) == pixels(fresh)).all()
    assert figure.axes[0].get_xlim() == (0.5, 2.5)


def test_restyled_parts_keep_their_looks() -> None:
    def restyle(figure: Any) -> Any:
        grid = figure.autopsy_grid
        grid.sparklines.set(color="purple", linewidth=2.5)
        grid.borders.set_edgecolor("green")
        grid.state_labels.set_color("black")
        grid.badges.set_visible(False)
        return figure

    figure = redrawn(restyle(plot_autopsy(FIRST)))
    figure.autopsy_grid.set_data(diagnose(SECOND))
    assert (pixels(figure) == pixels(restyle(plot_autopsy(SECOND)))).all()


def test_counts_headings_and_cards_follow() -> None:
    figure = redrawn(plot_autopsy(FIRST, group_by="layer"))
    grid, then = figure.autopsy_grid, diagnose(SECOND)
    card = grid.cards["L0·N1"]
    line = card.axes.axhline(0.5)
    before = label_artists(redrawn(figure).autopsy_grid)["headings"].get_texts()
    grid.set_data(then)
    assert grid.autopsy is then
    assert figure.autopsy is then
    assert (card.state, card.peak) == (then.state(1), then.peaks[1])
    assert card.activations.tolist() == SECOND["L0·N1"].tolist()
    low, high = SECOND["L0·N1"].min(), SECOND["L0·N1"].max()
    if low < high:
        assert card.axes.get_ylim() == (low, high)
    assert line.axes is card.axes is grid.cards["L0·N1"].axes
    labels = label_artists(redrawn(figure).autopsy_grid)
    assert labels["count"].get_texts() == [f"{then.n_dead}/{len(then)} dead"]
    assert labels["headings"].get_texts() != before


OTHERS: dict[str, Callable[[], Histories]] = {
    "fewer": lambda: dict([*SECOND.items()][:-1]),
    "more": lambda: SECOND | {"L9·N9": [1.0]},
    "another": lambda: {("X" if name == "L2·N3" else name): SECOND[name] for name in SECOND},
    "another order": lambda: dict(reversed(SECOND.items())),
    "none": dict,
}


@pytest.mark.parametrize("others", OTHERS)
def test_other_neurons_are_refused_and_change_nothing(others: str) -> None:
    figure = plot_autopsy(FIRST, group_by="layer")
    before, autopsy = saved(figure, "svg"), figure.autopsy
    with pytest.raises(ValueError, match=r"^autopsy: must hold the same ids"):
        figure.autopsy_grid.set_data(diagnose(OTHERS[others]()))
    assert figure.autopsy is autopsy
    assert saved(figure, "svg") == before
