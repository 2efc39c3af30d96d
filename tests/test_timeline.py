"""What cards show of time, and how a figure is read that does: by its drawn parts and files."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from drawing import card_boxes, close_to, pixels, redrawn, saved, written
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from dead_neuron_autopsy import (
    DARK,
    ENGLISH,
    GERMAN,
    LIGHT,
    Constant,
    Dormant,
    FiringRate,
    diagnose,
    draw_autopsy,
    draw_layers,
    plot_autopsy,
    plot_layers,
)

#: Alive for so many of 100 samples; one that lives on, one that never did.
LIVED = {"L1·a": 10, "L1·b": 40, "L2·c": 100, "L2·d": 0}
HISTORIES = {name: np.r_[np.ones(n) * 0.5, np.zeros(100 - n)] for name, n in LIVED.items()}


def with_axes(figure: Any) -> Any:
    """Return the grid of a figure, whose cards have been drawn with Axes over them."""
    figure.autopsy_grid.subplots()
    return redrawn(figure).autopsy_grid


def elements(part: Any) -> list[Any]:
    """Return where a part's elements were drawn, in display coordinates."""
    transform = part.get_transform()
    outlines = [path.get_extents(transform) for path in part.get_paths()]
    corners = np.asarray(part.get_offsets())
    return [
        np.array([outline.p0 + corner, outline.p1 + corner])
        for outline, corner in zip(outlines, corners, strict=True)
    ]


@pytest.mark.parametrize("window", [1, 30, 99])
def test_the_judged_samples_are_shaded(window: int) -> None:
    figure = plot_autopsy(HISTORIES, window=window, ncols=2)
    grid = with_axes(figure)
    boxes = [card.axes.get_window_extent() for card in grid.cards.values()]
    for box, ((left, bottom), (right, top)) in zip(boxes, elements(grid.windows), strict=True):
        first, before = 100 - window, 99 - window  # between these two samples it begins
        places = box.x0 + box.width * np.array([before, first]) / 99
        point = figure.dpi / 72
        assert places[0] - 1 <= left <= places[1] + 1 or right - left >= 3 * point
        assert left < places[1] + 1
        assert box.x1 < right <= box.x1 + 2 * point + 1  # around the last sample, too
        assert bottom < box.y0
        assert top > box.y1


def test_without_a_window_nothing_is_shaded() -> None:
    grid = redrawn(plot_autopsy(HISTORIES)).autopsy_grid
    assert len(grid.windows.get_paths()) == 0
    picture = pixels(plot_autopsy(HISTORIES))
    assert not close_to(picture, LIGHT.window, 0).any()
    assert close_to(pixels(plot_autopsy(HISTORIES, window=30)), LIGHT.window, 0).any()


@pytest.mark.parametrize("steps", [None, np.arange(100) * 10])
def test_a_mark_stands_at_the_time_of_death(steps: Any) -> None:
    grid = with_axes(plot_autopsy(HISTORIES, window=30, ncols=2, steps=steps))
    marks = elements(grid.deaths)
    for card, ((left, bottom), (right, top)) in zip(grid.cards.values(), marks, strict=True):
        if card.state == "dead" and LIVED[card.id]:
            ((x, _),) = card.axes.transData.transform([(LIVED[card.id], 0)])
            assert left == pytest.approx(right, abs=1e-9)
            assert left == pytest.approx(x, abs=1)
            box = card.axes.get_window_extent()
            np.testing.assert_allclose([bottom, top], [box.y0, box.y1])
        else:
            assert (right - left, top - bottom) == (0, 0)
    times = ["†100", "†400"] if steps is not None else ["†10", "†40"]
    assert grid.time_labels.get_texts() == [*times, "never active"]


def test_a_number_without_room_leaves_its_mark_alone() -> None:
    late = np.r_[np.ones(97), np.zeros(3)]
    grid = redrawn(plot_autopsy({"a": late, "b": np.zeros(100)}, window=2)).autopsy_grid
    assert grid.time_labels.get_texts() == ["never active"]
    first, second = elements(grid.deaths)
    assert first[1, 1] > first[0, 1]
    assert second[1, 1] == second[0, 1]


@pytest.mark.parametrize(("width", "detail"), [(0.6, "compact"), (0.45, "id"), (0.12, "tile")])
def test_small_cards_have_marks_without_numbers_and_tiles_have_none(
    width: float, detail: str
) -> None:
    many = {f"{name}{copy}": one for copy in "xyz" for name, one in HISTORIES.items()}
    figure = plot_autopsy(many, window=30, card_width=width)
    grid = redrawn(figure).autopsy_grid
    assert grid.time_labels.get_texts() == []
    assert bool(len(grid.deaths.get_paths())) == (detail == "compact")
    words = " ".join(one.text for one in written(figure))
    assert ("■ dead" in words) == (detail == "tile")
    assert ("shaded: judged" in words) == (detail != "tile")
    assert ("✕ dead" in words) == (detail != "tile")
    assert ("• alive" in words) == (detail == "compact")
    assert ("† died: first silent sample" in words) == (detail == "compact")


@pytest.mark.parametrize("width", [1.25, 0.6, 0.38])
def test_nothing_of_a_card_lies_outside_it(width: float) -> None:
    random = np.random.default_rng(7)
    neurons = {
        f"N{n}": np.r_[random.normal(size=n + 1), np.zeros(300 - n)] for n in range(0, 300, 12)
    }
    for steps in (None, np.arange(301) * 1_000_003):
        figure = plot_autopsy(neurons, window=5, card_width=width, steps=steps)
        grid = redrawn(figure).autopsy_grid
        boxes = card_boxes(grid)
        for part in (grid.windows, *([grid.deaths] if width > 0.5 else [])):
            for box, ((x0, y0), (x1, y1)) in zip(boxes, elements(part), strict=True):
                assert box.x0 <= x0 <= x1 <= box.x1
                assert box.y0 <= y0 <= y1 <= box.y1
        measure, per_point = grid.time_labels.font.measure, figure.dpi / 72
        for text, (x, y) in zip(
            grid.time_labels.get_texts(), grid.time_labels._places.tolist(), strict=True
        ):
            inside = [box for box in boxes if box.x0 <= x < box.x1 and box.y0 <= y < box.y1]
            assert len(inside) == 1
            assert x + measure(text) * per_point <= inside[0].x1


def test_what_fell_silent_is_told_from_what_died() -> None:
    figure = plot_autopsy(HISTORIES, ncols=2)
    assert figure.autopsy.states == ("alive", "alive", "alive", "dead")
    assert redrawn(figure).autopsy_grid.time_labels.get_texts() == ["10", "40"]
    header = " ".join(one.text for one in written(figure))
    assert "2 more fell silent" in header
    assert "| fell silent: first silent sample" in header
    assert "†" not in header
    label = 'aria-label="L1·a, alive, silent since sample 10, peak absolute activation 0.5"'
    assert label in saved(figure, "svg").decode()


def test_a_zoomed_view_has_the_marks_of_its_cards() -> None:
    figure = plot_autopsy(HISTORIES, window=30, ncols=2)
    figure.axes[0].set(xlim=(0.0, 1.0), ylim=(1.0, 0.0))
    grid = redrawn(figure).autopsy_grid
    assert grid.time_labels.get_texts() == ["†10"]
    assert close_to(pixels(figure), LIGHT.window, 0).any()


def test_a_short_history_claims_no_more_than_is_known() -> None:
    """Nothing is drawn or said of the time before its first sample."""
    neurons = {"long": np.ones(100), "short": np.zeros(20), "none": [], "dead": np.zeros(100)}
    figure = plot_autopsy(neurons, window=10, only="dead", ncols=3)
    grid = with_axes(figure)
    assert grid.time_labels.get_texts() == ["silent in all 20 samples", "never active"]
    short, none, dead = elements(grid.midlines)
    boxes = {card.id: card.axes.get_window_extent() for card in grid.cards.values()}
    assert dead[0, 0] == pytest.approx(boxes["dead"].x0, abs=1)
    box = boxes["short"]
    assert short[0, 0] == pytest.approx(box.x0 + box.width * 80 / 99, abs=1)
    assert short[1, 0] == pytest.approx(box.x1, abs=1)
    assert none[0, 0] == none[1, 0]
    svg = saved(figure, "svg").decode()
    labels = ("short, dead, silent in all 20 samples", "dead, dead, never active")
    assert all(f'aria-label="{one}, overall peak absolute activation 0"' in svg for one in labels)
    assert figure.autopsy.take([1]).begins_late.tolist() == [True]


def texts_of_cards(svg: str) -> dict[str, list[str]]:
    """Return the strings inside each card's item, by the card's label."""
    name = "{http://www.w3.org/2000/svg}"
    found = {}
    for item in ET.fromstring(svg).iter(f"{name}g"):
        if item.get("role") == "listitem":
            (label,) = (
                one.get("aria-label", "") for one in item.iter() if one.get("role") == "img"
            )
            found[label] = ["".join(one.itertext()) for one in item.iter(f"{name}text")]
    return found


@mpl.rc_context({"svg.fonttype": "none"})
@pytest.mark.parametrize("card_width", [1.25, 3.0])
@pytest.mark.parametrize("zoomed", [False, True])
def test_each_card_in_svg_holds_its_own_numbers(card_width: float, zoomed: bool) -> None:  # noqa: FBT001
    """In another card's item, they would be painted over by what comes later."""
    figure = plot_autopsy(HISTORIES, window=30, card_width=card_width, ncols=2)
    if zoomed:
        figure.axes[0].set(xlim=(0.0, 2.0), ylim=(2.0, 1.0))
    cards = texts_of_cards(saved(figure, "svg").decode())
    times = {"L1·a": ["†10"], "L1·b": ["†40"], "L2·c": [], "L2·d": ["never active"]}
    assert len(cards) == (2 if zoomed else 4)
    for label, texts in cards.items():
        name = label.partition(",")[0]
        assert name in texts
        found = [text for text in texts if text.startswith("†") or text == "never active"]
        assert found == times[name]
        ticks = [text for text in texts if re.fullmatch(r"-?[\d.]+", text)]
        low = {"L1·a": "0", "L1·b": "0", "L2·c": "0.25", "L2·d": "-1"}[name]
        high = {"L1·a": "0.5", "L1·b": "0.5", "L2·c": "0.75", "L2·d": "1"}[name]
        assert ticks == ([low, high, "0", "99"] if card_width > 2 else [])


def test_a_peak_outside_the_window_is_called_overall() -> None:
    neurons = {"a": [math.nan, 0.5, 0.25], "b": [2.0, 0.0, 0.0]}
    grid = redrawn(plot_autopsy(neurons, window=1)).autopsy_grid
    assert grid.peak_labels.get_texts() == ["overall peak nan", "overall peak 2.0e+0"]
    grid = redrawn(plot_autopsy(neurons)).autopsy_grid
    assert grid.peak_labels.get_texts() == ["peak nan", "peak 2.0e+0"]
    narrow = redrawn(plot_autopsy(neurons, window=1, card_width=1.05)).autopsy_grid
    assert narrow.peak_labels.get_texts() == ["peak nan", "peak 2.0e+0"]


def test_where_steps_begin_and_end_is_drawn_and_said() -> None:
    figure = plot_autopsy(HISTORIES, steps=np.arange(100) * 10, window=30, ncols=4)
    assert "steps 0 to 990" in " ".join(one.text for one in written(figure))
    assert "each a line of 100 samples, steps 0 to 990." in figure.autopsy_grid.description
    german = plot_autopsy(HISTORIES, steps=np.arange(100) * 10, wording=GERMAN)
    assert "100 Messwerte, Schritte 0 bis 990." in german.autopsy_grid.description


# Words


RULES = [
    ({}, "dead: max |activation| < 1e-6", "max absolute activation below 0.000001"),
    (
        {"criterion": FiringRate(0.01)},
        "dead: firing rate (share > 0) <= 0.01",
        "share of samples above zero at most 0.01",
    ),
    (
        {"criterion": Dormant()},
        "dormant: mean |activation| / layer mean <= 0.025",
        "mean absolute activation at most 0.025 of the layer's mean",
    ),
    (
        {"criterion": Constant()},
        "constant: max - min <= 1e-6",
        "activations span at most 0.000001",
    ),
]


@pytest.mark.parametrize(("rule", "drawn", "spoken"), RULES)
@pytest.mark.parametrize("window", [None, 30])
def test_the_rule_in_force_stands_on_the_figure_and_in_its_words(
    rule: dict[str, Any], drawn: str, spoken: str, window: int | None
) -> None:
    figure = plot_autopsy(HISTORIES, window=window, ncols=4, card_width=1.6, **rule)
    header = " ".join(one.text for one in written(figure))
    over = "over 100 samples" if window is None else "over the last 30 of 100 samples"
    assert f"{drawn} {over}" in header
    assert ("shaded: judged" in header) == (window is not None)
    word = drawn.partition(":")[0]
    verdict = spoken if window is None else f"{spoken} {over}"
    assert f"neurons {word} ({verdict})." in figure.alt_text
    assert figure.autopsy_grid.description.endswith(f"Counted as {word}: {spoken} {over}.")
    assert word in redrawn(figure).autopsy_grid.state_labels.get_texts()
    assert f"{figure.autopsy.n_dead}/4 {word}" in header
    bars = plot_layers(HISTORIES, window=window, **rule)
    assert bars.alt_text == figure.alt_text
    assert "shaded" not in " ".join(one.text for one in written(bars))


def test_the_unknown_are_counted_apart_and_are_grey() -> None:
    neurons = {"a": [1.0, math.nan], "b": [0.0, 0.0], "c": [1.0, 2.0]}
    figure = plot_autopsy(neurons)
    assert "1/3 dead, 1 unknown" in " ".join(one.text for one in written(figure))
    assert redrawn(figure).autopsy_grid.state_labels.get_texts() == ["unknown", "dead", "alive"]
    for style in (LIGHT, DARK):
        faces = plot_autopsy(neurons, style=style).autopsy_grid.badges.get_facecolor()
        np.testing.assert_allclose(np.asarray(faces)[0, :3], to_rgb(style.unknown_badge))
    empty = plot_autopsy({}).autopsy_grid
    count = empty.get_children()[2].get_facecolor()  # type: ignore[attr-defined]
    np.testing.assert_allclose(np.asarray(count)[0, :3], to_rgb(LIGHT.unknown_badge))
    tiles = plot_autopsy({f"N{n}": [math.nan] for n in range(9)}, card_width=0.12)
    assert "◣ unknown" in " ".join(one.text for one in written(tiles))


# Many cards


def many(n_layers: int, n_units: int, n_dead: int) -> dict[str, Any]:
    return {
        f"L{layer}·{unit}": [0.0, 0.0] if unit < n_dead else [0.25, unit / 100 + 0.5]
        for layer in range(n_layers)
        for unit in range(n_units)
    }


@pytest.mark.slow
@pytest.mark.parametrize("group_by", [None, "layer"])
@pytest.mark.parametrize("wording", [ENGLISH, GERMAN], ids=lambda one: one.language)
def test_many_cards_are_heard_layer_by_layer(group_by: Any, wording: Any) -> None:
    figure = plot_autopsy(many(3, 80, 60), group_by=group_by, wording=wording)
    tree = ET.fromstring(saved(figure, "svg"))
    headings = [one for one in tree.iter() if one.get("role") == "heading"]
    assert [one.get("aria-level") for one in headings] == ["2", "3", "3", "3"]
    dead = "60 of 80 neurons dead" if wording is ENGLISH else "60 von 80 Neuronen tot"
    assert [one.get("aria-label") for one in headings[1:]] == [
        f"L{layer}, {dead}" for layer in range(3)
    ]
    lists = [one for one in tree.iter() if one.get("role") == "list"]
    for items in lists:
        labels = [str(item[-1].get("aria-label")) for item in items]
        if len(items[0]) > 1:  # borders come first, hidden
            labels = [
                next(p.get("aria-label", "") for p in item if p.get("role")) for item in items
            ]
        assert len(labels) == 52
        ends = labels[-2:]
        assert ends == (
            ["and 10 more dead", "20 alive, peaks from 1.1 to 1.3"]
            if wording is ENGLISH
            else ["und 10 weitere, tot", "20 aktiv, Spitzenwerte von 1,1 bis 1,3"]
        )
    # Every card is drawn, once.
    ids = re.findall(r'data-state="(dead|alive)"', saved(figure, "svg").decode())
    assert len(lists) == 3
    assert len(ids) == 3 * 52
    uses = sum(one.get("role") == "listitem" for one in tree.iter())
    assert uses == 3 * 52


def test_many_cards_look_the_same_in_whatever_order_they_are_heard() -> None:
    neurons = many(2, 120, 30)
    mixed = {name: neurons[name] for name in sorted(neurons, key=lambda one: one[::-1])}
    figure = plot_autopsy(mixed, card_width=1.25)
    svg = saved(figure, "svg").decode()
    assert svg.count("data-state") == 2 * (30 + 1)
    with mpl.rc_context({"svg.fonttype": "none"}):
        texts = [one.text for one in written(figure)]
    assert all(name in texts for name in mixed)


def test_ids_that_cannot_be_told_apart_are_not_drawn() -> None:
    neurons = {
        f"layer{n}.mlp.act·{unit}x0": [0.0, float(n)] for n in range(20) for unit in range(20)
    }
    grid = redrawn(plot_autopsy(neurons)).autopsy_grid
    drawn = [text for text in grid.id_labels.get_texts() if text]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("group_by", [None, "layer"])
def test_rows_of_cards_without_ids_say_their_first_one(group_by: Any) -> None:
    neurons = {f"layer{n // 300}·{n}": [0.0, float(n % 5)] for n in range(900)}
    figure = plot_autopsy(neurons, group_by=group_by)
    grid = redrawn(figure).autopsy_grid
    firsts = [name for name, card in grid.cards.items() if card.column == 0]
    assert grid.row_labels.get_texts() == firsts
    assert grid.id_labels.get_texts() == []
    boxes = card_boxes(grid)
    ends = grid.row_labels._places[:, 0]
    assert (ends < min(box.x0 for box in boxes)).all()
    measure, per_point = grid.row_labels.font.measure, figure.dpi / 72
    assert min(ends[0] - measure(text) * per_point for text in firsts) > 0
    with_ids = redrawn(plot_autopsy(neurons, card_width=1)).autopsy_grid
    assert with_ids.row_labels.get_texts() == []
    figure.axes[0].set(xlim=(0, 2), ylim=(2, 0))
    assert redrawn(figure).autopsy_grid.row_labels.get_texts() == []


def test_low_rows_say_the_ids_of_every_few_and_long_ids_stay_distinct() -> None:
    neurons = {f"model.encoder.layers.{n // 4000}.mlp.act·{n}": [0.0] for n in range(16_000)}
    grid = redrawn(plot_autopsy(neurons)).autopsy_grid
    labels = grid.row_labels.get_texts()
    assert 1 < len(labels) <= grid.nrows / 2
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("steps", [None, np.arange(50) * 3 + 1])
def test_a_large_card_has_ticks_of_its_range_and_of_its_samples(steps: Any) -> None:
    neurons = {"a": np.sin(np.arange(50) / 5), "b": np.arange(20.0), "c": [2.0] * 50, "d": [0.0]}
    figure = plot_autopsy(neurons, ncols=4, steps=steps)
    before = {one.text for one in written(figure)}
    assert not before & {"-0.996", "19"}
    figure.axes[0].set(xlim=(0, 2), ylim=(1, 0))
    figure.set_size_inches(8, 3)
    shown = [one.text for one in written(figure)]
    ends = ["-30", "19", "0", "49"] if steps is None else ["1", "148", "1", "148"]
    for text in ("-0.996", "1", "0", "19", *ends):
        assert text in shown
    german = plot_autopsy(neurons, ncols=1, card_width=4, wording=GERMAN)
    assert "-0,996" in [one.text for one in written(german)]


def test_ticks_stay_inside_their_card() -> None:
    values = np.random.default_rng(2).normal(size=(4, 60)) * [[1e-9], [1], [1e5], [1e300]]
    figure = plot_autopsy(values, neuron_axis=0, card_width=3, ncols=2)
    drawn = [one for one in written(figure) if re.fullmatch(r"-?[0-9.e+-]+", one.text)]
    grid, per_point = redrawn(figure).autopsy_grid, figure.dpi / 72
    edges = sorted({box.x0 / per_point for box in card_boxes(grid)})
    assert len(drawn) >= 16
    for text in drawn:
        assert any(edge <= text.left <= edge + 216 for edge in edges)


# Scales and lengths


def test_histories_end_together_whatever_their_length() -> None:
    neurons = {"long": np.arange(40.0), "short": np.arange(10.0), "one": [1.0]}
    grid = redrawn(plot_autopsy(neurons)).autopsy_grid
    for card, n_samples in zip(grid.cards.values(), (40, 10, 1), strict=True):
        assert card.axes.get_xlim() == (n_samples - 40, n_samples - 1)
    for path, n_samples in zip(grid.sparklines.get_paths(), (40, 10, 1), strict=True):
        xs = np.asarray(path.vertices)[:, 0]
        assert xs.max() == 1.0
        if n_samples > 1:
            assert xs.min() == pytest.approx((40 - n_samples) / 39)


@pytest.mark.parametrize("scale", ["local", "shared", "layer"])
def test_lines_share_the_range_that_is_asked_for(scale: Any) -> None:
    neurons = {
        "A·0": [-1.0, 1.0, math.inf],
        "A·1": [0.0, 0.5, 0.25],
        "B·0": [2.0, 4.0, 3.0],
        "B·1": [2.0, 2.0, 2.0],
    }
    grid = redrawn(plot_autopsy(neurons, scale=scale)).autopsy_grid
    found = [card.axes.get_ylim() for card in grid.cards.values()]
    expected = {
        "local": [(-1, 1), (0, 0.5), (2, 4), (1, 3)],
        "shared": [(-1, 4)] * 4,
        "layer": [(-1, 1), (-1, 1), (2, 4), (2, 4)],
    }
    assert found == expected[scale]
    zeros = [np.asarray(path.vertices) for path in grid.midlines.get_paths()]
    if scale == "layer":  # zero is in the range of A, and not in that of B
        assert [len(one) for one in zeros] == [2, 2, 1, 1]
        np.testing.assert_allclose(zeros[0][:, 1], 0.5, atol=0.02)
    elif scale == "shared":
        for one in zeros:
            np.testing.assert_allclose(one[:, 1], 0.2, atol=0.02)
    limited = plot_autopsy(neurons, scale=scale, limit=1).autopsy_grid
    if scale != "local":  # the range is that of all, shown or not
        assert limited.cards["A·0"].axes.get_ylim() == found[0]


def test_another_scale_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^scale: must be 'local', 'shared' or 'layer'; got 'x'"):
        plot_autopsy({"a": [1.0]}, scale="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"finds no group for the neuron 'a'"):
        plot_autopsy({"a": [1.0]}, scale="layer")
    assert not plt.get_fignums()


@pytest.mark.parametrize("draw", [plot_autopsy, plot_layers])
def test_a_figure_without_a_header_has_no_room_for_one(draw: Any) -> None:
    with_one, without = draw(HISTORIES), draw(HISTORIES, header=False)
    words = [one.text for one in written(without)]
    assert "Dead neuron autopsy" not in words
    assert not any("dead: max" in word for word in words)
    assert without.get_figheight() < with_one.get_figheight()
    assert without.alt_text == with_one.alt_text
    for panel in (draw_autopsy, draw_layers):
        figure = plt.figure()
        panel(figure, HISTORIES, header=False)
        assert "Dead neuron autopsy" not in [one.text for one in written(figure)]
    with pytest.raises(TypeError, match=r"^header: must be True or False; got str 'no'"):
        draw(HISTORIES, header="no")


@pytest.mark.parametrize(("color", "style"), [("#101010", DARK), ("white", LIGHT), ("none", LIGHT)])
def test_a_style_follows_the_figure(color: str, style: Any) -> None:
    figure = plt.figure(facecolor=color)
    grid = draw_autopsy(figure, HISTORIES, style="auto")
    np.testing.assert_allclose(
        np.asarray(grid.sparklines.get_edgecolor())[2, :3], to_rgb(style.alive_line)
    )
    with mpl.rc_context({"figure.facecolor": color}):
        lines = plot_autopsy(HISTORIES, style="auto").autopsy_grid.sparklines
    np.testing.assert_allclose(np.asarray(lines.get_edgecolor())[2, :3], to_rgb(style.alive_line))


def test_a_line_gets_thinner_as_its_samples_get_denser_unless_a_width_is_set() -> None:
    noise = np.random.default_rng(3).normal(size=(2, 3000))
    sparse, dense = (pixels(plot_autopsy(noise[:, :n], neuron_axis=0)) for n in (60, 3000))
    figure = plot_autopsy(noise, neuron_axis=0)
    figure.autopsy_grid.sparklines.set_linewidth(1.21)
    inks = [(255 - picture[:, :, 0]).sum() for picture in (sparse, dense, pixels(figure))]
    assert inks[0] < inks[1] < inks[2]
    assert figure.autopsy_grid.sparklines.get_linewidth() == [1.21]


def test_a_line_that_fills_its_band_gets_pale_and_a_flat_one_does_not() -> None:
    noise = np.random.default_rng(3).normal(size=3000)
    figure = plot_autopsy({"noise": noise, "flat": np.full(3000, 2.0)})
    svg = ET.fromstring(saved(figure, "svg"))
    lines = [one.get("style", "") for one in svg.iter() if "#1750b8" in one.get("style", "")]
    assert ["stroke-opacity" in one for one in lines] == [True, False]


def test_other_findings_by_another_rule_are_worded_by_it() -> None:
    neurons = {f"L{n % 2}·{n}": [1.0, 0.5 + n] for n in range(4)}
    figure = plot_autopsy(neurons, group_by="layer")
    figure.autopsy_grid.set_data(diagnose(neurons, criterion=Constant(1.0)))
    words = [one.text for one in written(figure)]
    assert "L0 · 1/2 constant" in words
    assert "constant" in words
    assert figure.alt_text.startswith("Dead neuron autopsy. 2 of 4 neurons constant")


def test_what_was_restyled_stays() -> None:
    figure = plot_autopsy(HISTORIES, window=30)
    grid = figure.autopsy_grid
    grid.windows.set_facecolor("#00ff00")
    grid.deaths.set_color("#0000ff")
    picture = pixels(figure)
    assert close_to(picture, "#00ff00", 0).any()
    assert close_to(picture, "#0000ff", 60).any()
    grid.set_data(diagnose({name: one[::-1] for name, one in HISTORIES.items()}, window=5))
    assert close_to(pixels(figure), "#00ff00", 0).any()
