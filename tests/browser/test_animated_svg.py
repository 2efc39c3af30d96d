"""An animated SVG in Chromium: it moves once, ends as the still one, and not where unwelcome."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from drawing import saved
from numpy.typing import NDArray
from PIL import Image
from programs import program

from browser.conftest import ARGUMENTS
from browser.tree import exposed
from dead_neuron_autopsy import plot_autopsy, save_animated_svg

if TYPE_CHECKING:
    from playwright.sync_api import Page

DYING = {
    "L1·N0": [0.3, 0.9, 0.4, 0.8, 0.1, 0.7, 0.2, 0.6],
    "L1·N1": [0.5, 0.2, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0],
    "L1·N2": [0.0] * 8,
}
ANIMATIONS = "document.getAnimations().map(one => one.effect.getComputedTiming().endTime)"

Launch = Callable[[bool], Any]


@pytest.fixture(scope="module")
def launch(context: Any) -> Iterator[Launch]:
    """Return a function that starts Chromium, perhaps with motion reduced as by the system."""
    executable, started = program("chromium"), dict[bool, Any]()

    def start(reduced: bool) -> Any:  # noqa: FBT001
        if reduced not in started:
            flags = ["--force-prefers-reduced-motion"] if reduced else []
            options = {"executable_path": executable, "args": [*ARGUMENTS, *flags]}
            started[reduced] = context.browser.browser_type.launch(**options)
        return started[reduced].new_context(reduced_motion="null", device_scale_factor=1)

    yield start
    for browser in started.values():
        browser.close()


@pytest.fixture
def animated(tmp_path: Path) -> Path:
    path = tmp_path / "a.svg"
    save_animated_svg(path, DYING, window=3, seconds=2.0)
    return path


def pixels(page: Page) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(page.screenshot(animations="allow"))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def still_of(browser: Any, tmp_path: Path, *, as_image: bool) -> NDArray[np.int64]:
    path = tmp_path / "still.svg"
    path.write_bytes(saved(plot_autopsy(DYING, window=3), "svg"))
    return pixels(opened(browser, path, as_image=as_image))


def opened(browser: Any, path: Path, *, as_image: bool) -> Any:
    page = browser.new_page()
    if as_image:
        page.goto(_page_with(path).as_uri())
    else:
        page.goto(path.as_uri())
    return page


def _page_with(path: Path) -> Path:
    page = path.with_suffix(".html")
    page.write_text(f'<!doctype html><img alt="" src="{path.name}">', encoding="utf-8")
    return page


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("as_image", [False, True])
def test_it_moves_once_and_ends_as_the_still_one(
    as_image: bool,  # noqa: FBT001
    launch: Launch,
    animated: Path,
    tmp_path: Path,
) -> None:
    browser = launch(False)  # noqa: FBT003
    page = opened(browser, animated, as_image=as_image)
    first = pixels(page)
    if not as_image:
        ends = page.evaluate(ANIMATIONS)
        assert ends
        assert max(ends) <= 2000
    page.wait_for_timeout(2500)
    last = pixels(page)
    assert (first != last).any()
    assert np.abs(last - still_of(browser, tmp_path, as_image=as_image)).max() <= 2
    assert page.evaluate(ANIMATIONS) == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("as_image", [False, True])
def test_it_is_still_where_motion_is_not_welcome(
    as_image: bool,  # noqa: FBT001
    launch: Launch,
    animated: Path,
    tmp_path: Path,
) -> None:
    browser = launch(True)  # noqa: FBT003
    page = opened(browser, animated, as_image=as_image)
    assert page.evaluate(ANIMATIONS) == []
    assert np.abs(pixels(page) - still_of(browser, tmp_path, as_image=as_image)).max() <= 2


@pytest.mark.browser
@pytest.mark.slow
def test_a_reader_hears_the_same(launch: Launch, animated: Path, tmp_path: Path) -> None:
    browser = launch(False)  # noqa: FBT003
    path = tmp_path / "still.svg"
    path.write_bytes(saved(plot_autopsy(DYING, window=3), "svg"))
    heard, still = (exposed(opened(browser, one, as_image=False)) for one in (animated, path))
    assert heard == still


@pytest.mark.browser
@pytest.mark.slow
def test_a_dead_card_looks_alive_until_its_time(launch: Launch, animated: Path) -> None:
    page = opened(launch(False), animated, as_image=False)  # noqa: FBT003
    page.evaluate("document.getAnimations().forEach(one => { one.pause(); one.currentTime = 0 })")
    stroke = "card => getComputedStyle(card.querySelector('[class$=-line] path')).stroke"
    cards = page.query_selector_all("[role=listitem]")
    colors = [card.evaluate(stroke) for card in cards]
    page.evaluate("document.getAnimations().forEach(one => { one.finish() })")
    ends = [card.evaluate(stroke) for card in cards]
    assert colors[0] == colors[1] == ends[0]
    assert colors[2] == ends[1] == ends[2] != ends[0]
