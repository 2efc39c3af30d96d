"""`AutopsyFigure.save_html`: the page in Chromium."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from dead_neuron_autopsy import (
    GERMAN,
    Constant,
    FiringRate,
    diagnose,
    plot_autopsy,
)

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = np.arange(20) * 10
NEURONS = {
    f"L{1 + i // 6}·N{i % 6}": np.abs(np.sin(np.arange(20) * (i + 1))) * (np.arange(20) < 3 * i)
    for i in range(14)
}
HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!--",
    "%%data%%",
    "$&{n_dead}",
    "a\"b'c&d",
    "N\u2028",
]

Open = Callable[..., Any]


@pytest.fixture
def saved_page(context: BrowserContext, tmp_path: Path) -> Open:
    """Return a function that saves a figure as a page, and opens it."""

    def save(neurons: Any, options: dict[str, Any] | None = None, **browser: Any) -> Any:
        figure = plot_autopsy(neurons, **(options or {}))
        path = tmp_path / "autopsy.html"
        figure.save_html(path)
        plt.close(figure)
        browsing: Any = context.browser
        page: Any = browsing.new_context(**browser).new_page()
        page.requested, page.faults = [], []
        page.on("request", lambda one: page.requested.append(one.url))
        page.on("pageerror", lambda one: page.faults.append(str(one)))
        page.on("console", lambda one: page.faults.append(one.text))
        page.on("dialog", lambda one: (page.faults.append(one.message), one.dismiss()))
        page.goto(path.as_uri())
        return page

    return save


def set_threshold(page: Any, value: float) -> None:
    page.evaluate("value => setThreshold(value)", value)


def states(page: Any) -> tuple[str, ...]:
    return tuple(page.eval_on_selector_all("li", "all => all.map(one => one.dataset.state)"))


def focused(page: Any) -> str:
    name: str = page.evaluate("document.activeElement.querySelector('b')?.textContent ?? ''")
    return name


def test_it_shows_and_says_what_the_figure_does(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"steps": STEPS, "window": 6, "group_by": "layer"})
    figure = plot_autopsy(NEURONS, steps=STEPS, window=6, group_by="layer")
    grid = figure.autopsy_grid
    assert states(page) == tuple(card.state for card in grid.cards.values())
    assert page.title() == grid.title
    assert page.inner_text("#count") == f"{grid.autopsy.n_dead}/14 dead"
    assert page.text_content("#summary") == grid.alt_text
    assert page.text_content("#findings") == grid.description
    labels = page.eval_on_selector_all("li > button", "all => all.map(one => one.ariaLabel)")
    assert labels[2].startswith("L1·N2, dead since step 60, overall peak")
    assert page.eval_on_selector_all("h2[data-group]", "all => all.length") == 3
    assert len(page.requested) == 1
    assert page.faults == []


def test_without_scripts_it_says_the_same(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"window": 6}, java_script_enabled=False)
    assert page.inner_text("#count") == "5/14 dead"
    assert page.locator("li").count() == 14
    assert page.locator("form").first.is_hidden()


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_browser_judges_as_python_does(saved_page: Open, data: st.DataObject) -> None:
    numbers = st.one_of(
        st.floats(-10, 10),
        st.sampled_from([0.0, -0.0, 5e-324, 1e-6, 9.999999999999999e-7, 1e300, math.nan, math.inf]),
    )
    histories = data.draw(st.lists(st.lists(numbers, max_size=5), min_size=1, max_size=12))
    neurons = {f"N{place}": history for place, history in enumerate(histories)}
    criterion = data.draw(st.sampled_from([None, FiringRate(0.2), Constant(0.5)]))
    first = diagnose(neurons, criterion=criterion)
    page = saved_page(neurons, {"criterion": criterion})
    finite = first.scores[np.isfinite(first.scores)].tolist()
    asked = data.draw(st.lists(st.sampled_from([*finite, 0.3, 1e-6, 0.9]), min_size=3, max_size=12))
    for threshold in asked:
        if criterion is None and threshold <= 0:
            continue
        if isinstance(criterion, FiringRate):
            if threshold >= 1:
                continue
            again = diagnose(neurons, criterion=FiringRate(threshold))
        elif criterion is not None:
            again = diagnose(neurons, criterion=Constant(threshold))
        else:
            again = diagnose(neurons, threshold)
        set_threshold(page, threshold)
        assert states(page) == again.states
        count = f"{again.n_dead}/{len(again)} dead"
        assert page.inner_text("#count").replace("constant", "dead").startswith(count)
    page.context.close()


def test_words_follow_the_threshold_and_come_back(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"steps": STEPS, "window": 6})
    given = page.text_content("#summary"), page.text_content("#rule")
    set_threshold(page, 0.95)
    again = diagnose(NEURONS, 0.95, steps=STEPS, window=6)
    assert page.inner_text("#count") == f"{again.n_dead}/14 dead"
    assert page.text_content("#summary").startswith(f"{again.n_dead} of 14 neurons dead (max")
    assert "below 0.95" in page.text_content("#summary")
    assert "< 0.95" in page.text_content("#rule")
    label = page.locator("li > button").nth(2).get_attribute("aria-label")
    assert label.startswith("L1·N2, dead, overall peak")
    set_threshold(page, 1e-6)
    assert (page.text_content("#summary"), page.text_content("#rule")) == given
    label = page.locator("li > button").nth(2).get_attribute("aria-label")
    assert label.startswith("L1·N2, dead since step 60, overall peak")


def test_the_slider_and_the_number_set_it(saved_page: Open) -> None:
    page = saved_page(NEURONS)
    page.locator("#slider").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    number = float(page.input_value("#number"))
    assert number > 1e-6
    page.fill("#number", "0.99")
    assert states(page) == diagnose(NEURONS, 0.99).states
    page.fill("#number", "-1")
    assert states(page) == diagnose(NEURONS, 0.99).states
    box = page.locator("#slider").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert states(page) == ("dead",) * 14
    sizes = page.eval_on_selector_all(
        "input, button",
        "all => all.map(one => one.getBoundingClientRect()).map(b => [b.width, b.height])",
    )
    assert all(min(size) >= 24 for size in sizes if any(size))


def test_only_the_dead_are_left_if_asked_for(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"window": 6})
    page.check("#only")
    assert page.locator("li:visible").count() == 5
    page.keyboard.press("Tab")
    assert focused(page) == "L1·N0"
    page.uncheck("#only")
    assert page.locator("li:visible").count() == 14


def test_keys_go_from_card_to_card(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"window": 6}, viewport={"width": 640, "height": 700})
    page.locator("#only").focus()
    page.keyboard.press("Tab")
    columns = page.evaluate(
        "new Set(cards.map(one => Math.round(one.getBoundingClientRect().left))).size"
    )
    names = list(NEURONS)
    assert 2 <= columns < 14
    assert focused(page) == names[0]
    ways = [
        ("ArrowRight", 1), ("ArrowDown", 1 + columns), ("ArrowLeft", columns), ("ArrowUp", 0),
        ("End", 13), ("Home", 0), ("d", 1), ("d", 2), ("PageDown", None), ("Home", 0),
    ]  # fmt: skip
    for key, place in ways:
        page.keyboard.press(key)
        if place is not None:
            assert focused(page) == names[place], key
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "2px"
    page.keyboard.press("Enter")
    assert page.locator("dialog").is_visible()
    assert page.inner_text("#large").startswith("L1·N0, dead")
    assert page.locator("#plot path").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()
    assert focused(page) == names[0]


def test_a_tooltip_can_be_entered_and_dismissed(saved_page: Open) -> None:
    page = saved_page(
        NEURONS, {"steps": STEPS, "window": 6}, viewport={"width": 640, "height": 700}
    )
    card = page.locator("li > button").nth(2)
    box = card.locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 19 * 4, box["y"] + 4)
    tooltip = page.locator("#tooltip")
    value = f"{NEURONS['L1·N2'][4]:.3g}"
    words = "L1·N2, dead since step 60\nstep 40: " + value
    assert tooltip.inner_text().startswith(words)
    place, around = tooltip.bounding_box(), card.bounding_box()
    assert (
        place["y"] >= around["y"] + around["height"] or place["y"] + place["height"] <= around["y"]
    )
    page.mouse.move(place["x"] + 10, place["y"] + 10, steps=12)
    assert tooltip.is_visible()
    page.mouse.move(2, 2)
    assert tooltip.is_hidden()
    page.mouse.move(box["x"] + 9, box["y"] + 4)
    assert tooltip.is_visible()
    page.keyboard.press("Escape")
    assert tooltip.is_hidden()
    card.focus()
    assert tooltip.is_visible()


def test_the_count_is_told_not_too_often(saved_page: Open) -> None:
    page = saved_page(NEURONS)
    page.evaluate(
        "window.told = []; new MutationObserver(() => told.push([performance.now(), "
        "document.getElementById('status').textContent])).observe("
        "document.getElementById('status'), {childList: true})"
    )
    for value in (0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.999):
        set_threshold(page, value)
    page.wait_for_timeout(600)
    (first,) = page.evaluate("told")
    assert first[1] == f"{diagnose(NEURONS, 0.999).n_dead}/14 dead"
    set_threshold(page, 1e-6)
    page.wait_for_timeout(1000)
    assert len(page.evaluate("told")) == 1


@pytest.mark.parametrize(
    ("options", "scheme"),
    [({}, "light"), ({}, "dark"), ({"wording": GERMAN, "style": "dark"}, "light")],
)
def test_axe_finds_nothing(saved_page: Open, options: dict[str, Any], scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = saved_page(
        NEURONS, {"group_by": "layer", **options}, color_scheme=scheme, bypass_csp=True
    )

    def check() -> None:
        found = axe.Axe().run(page).response["violations"]
        assert found == [], json.dumps(found, indent=1)[:2000]

    check()
    page.locator("li > button").first.click()
    check()


def test_a_reader_finds_a_figure_lists_and_buttons(saved_page: Open) -> None:
    page = saved_page(NEURONS, {"window": 6})
    tree = page.locator("main").aria_snapshot()
    assert re.search(r'figure "Dead neuron autopsy"', tree)
    assert '- heading "Dead neuron autopsy" [level=1]' in tree
    assert re.search(r'listitem:\s+- button "L1·N2, dead since sample 6, overall peak', tree)
    assert '- slider "Threshold"' in tree
    assert '- checkbox "Only dead"' in tree


def test_colors_follow_the_system(saved_page: Open) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    for options, scheme, color in [
        ({}, "light", "rgb(255, 255, 255)"),
        ({}, "dark", "rgb(14, 17, 22)"),
        ({"style": "dark"}, "light", "rgb(14, 17, 22)"),
        ({"style": "print"}, "dark", "rgb(255, 255, 255)"),
    ]:
        page = saved_page(NEURONS, options, color_scheme=scheme)
        got = [int(one) for one in re.findall(r"\d+", page.evaluate(background))]
        wanted = [int(one) for one in re.findall(r"\d+", color)]
        assert max(abs(one - other) for one, other in zip(got, wanted, strict=True)) < 12
    page = saved_page(NEURONS, forced_colors="active")
    border = "getComputedStyle(document.querySelector('[data-state=dead] > button')).borderTopWidth"
    assert page.evaluate(border) == "3px"


def test_nothing_moves_where_motion_is_not_welcome(saved_page: Open) -> None:
    duration = "getComputedStyle(document.querySelector('li > button')).transitionDuration"
    for reduced, moves in (("reduce", False), ("no-preference", True)):
        page = saved_page(NEURONS, reduced_motion=reduced)
        lasts = [float(one.strip("s ")) for one in page.evaluate(duration).split(",")]
        assert (max(lasts) > 0) == moves
        assert max(lasts) <= 0.4


@pytest.mark.parametrize("width", [320, 480, 1280])
def test_it_reflows(saved_page: Open, width: int) -> None:
    page = saved_page(
        {**NEURONS, "transformer.h.11.mlp.act·1024 " * 3: [0.5]},
        viewport={"width": width, "height": 600},
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lefts = page.evaluate("cards.map(one => Math.round(one.getBoundingClientRect().left))")
    assert len(set(lefts)) == max((width - 32 + 11) // (120 + 11), 1)
    page.locator("li > button").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_ids_stay_text(saved_page: Open) -> None:
    page = saved_page({name: [0.0, 1.0] for name in HOSTILE}, {"title": HOSTILE[0]})
    names = page.eval_on_selector_all("li b", "all => all.map(one => one.textContent)")
    assert names[:5] == HOSTILE[:5]
    assert page.locator("img").count() == 0
    page.locator("li > button").first.click()
    assert page.inner_text("#large").startswith(HOSTILE[0])
    assert page.faults == []
    assert len(page.requested) == 1


def test_limits_and_gaps(saved_page: Open) -> None:
    many = {f"L{i // 20}·{i}": [0.0, float(i % 3)] for i in range(1200)}
    page = saved_page(many, {"limit": 7, "group_by": "layer", "order": "dead first"})
    assert page.locator("li").count() == 7
    assert page.inner_text("#count") == "400/1,200 dead"
    set_threshold(page, 1.5)
    assert page.inner_text("#count") == "800/1,200 dead"
    page = saved_page({"a": [np.nan, 1.0, np.nan, 2.0], "b": [], "c": np.sin(np.arange(9999))})
    assert states(page) == ("unknown", "dead", "alive")
    for place in range(3):
        page.locator("li > button").nth(place).click()
        page.keyboard.press("Escape")
    assert page.faults == []


def test_thousands_of_cards_can_be_used(saved_page: Open) -> None:
    values = np.abs(np.random.default_rng(0).normal(size=(2048, 64)))
    page = saved_page(values, {"neuron_axis": 0})
    assert page.locator("li").count() == 2048
    set_threshold(page, 2.0)
    assert states(page) == diagnose(values, 2.0, neuron_axis=0).states
