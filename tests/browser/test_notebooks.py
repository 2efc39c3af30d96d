"""Notebooks as web pages: what is read aloud of their figures, and how they are styled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from nbconvert import HTMLExporter
from notebooks import (
    CELLS,
    LARGE,
    MARKUP,
    REFERENCES,
    TOO_MANY,
    WITH_REFERENCES,
    alt_of_large,
    executed,
)

from browser.conftest import Show, Shown
from browser.test_axe import UNDECIDABLE
from browser.tree import Node, exposed
from dead_neuron_autopsy import ENGLISH, diagnose, plot_autopsy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

#: An export takes scripts from the net; a test takes nothing from there.
REMOTE = re.compile("^https?:")

#: The SVGs that hold figures, and images with alt text of ours.
OURS = 'svg[role=figure], svg:has([role=figure]), img[alt*="neurons are dead"]'

RUN = """
async (ours) => {
  const nodes = [...document.querySelectorAll(ours)];
  const { passes, violations, incomplete } = await axe.run({ include: nodes });
  const names = (rules) => rules.map((rule) => rule.id);
  return [nodes.length, names(passes), names([...violations, ...incomplete])];
}
"""

#: How an element of each kind is drawn that no stylesheet of the page's is about.
STYLES = """
() => {
  const joins = (selector) => [...new Set([...document.querySelectorAll(selector)].map(
    (element) => getComputedStyle(element).strokeLinejoin))];
  return [joins("svg[role=figure] path"), joins("body, div, p, h1")];
}
"""

#: How much wider the region of each figure is than its surroundings, and the figure's
#: width, and its shape, now and of itself.
SIZES = """
(ours) => [...document.querySelectorAll(ours)].map((element) => {
  const { width, height } = element.getBoundingClientRect();
  const region = element.closest("[role=region]");
  const excess = region.getBoundingClientRect().width
    - region.parentElement.getBoundingClientRect().width;
  const own = element.viewBox?.baseVal;
  const shape = own ? own.width / own.height : element.naturalWidth / element.naturalHeight;
  return [excess, width, width / height, shape];
})
"""


@pytest.fixture(scope="module", params=["lab", "classic"])
def exported(
    request: pytest.FixtureRequest, context: BrowserContext, show: Show
) -> Iterator[Shown]:
    """Return the notebook, exported with each of nbconvert's templates, and open."""
    exporter = HTMLExporter(template_name=request.param)  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(executed())
    context.route(REMOTE, lambda route: route.abort())
    yield show(html, ".html")
    context.unroute(REMOTE)


def node(title: str, n_dead: int, labels: Iterable[str], description: str) -> Node:
    """Return a figure as it must be read."""
    items = tuple(Node("listitem", children=(Node("image", label),)) for label in labels)
    verdict = (
        f"{title}. {n_dead} of {len(items)} neurons dead (max absolute activation below 0.000001)."
    )
    findings = (Node("heading", verdict), Node("image", description))
    return Node("figure", title, verdict, (*findings, Node("list", children=items)))


def expected() -> Iterator[Node]:
    """Return what must be read of each autopsy in the notebook, in order."""
    for source, titles in CELLS:
        if source == LARGE:
            yield Node("image", alt_of_large())
        elif source == WITH_REFERENCES:
            peak = "alive, peak absolute activation 1"
            description = ENGLISH.alt_text(diagnose({name: [0.0, 1.0] for name in REFERENCES}))
            labels = [f"{name}, {peak}" for name in REFERENCES]
            yield node(MARKUP, 0, labels, description.description)
        else:
            for title in titles:
                yield node(
                    title,
                    1,
                    [
                        "N1, dead, peak absolute activation 0",
                        "N2, alive, peak absolute activation 0.5",
                    ],
                    ENGLISH.alt_text(diagnose({"N1": [0.0, 0.0], "N2": [0.0, 0.5]})).description,
                )


def pictures(nodes: Iterable[Node]) -> Iterator[Node]:
    """Return the figures and images, without those within others."""
    for found in nodes:
        if found.role in {"figure", "image"}:
            yield found
        else:
            yield from pictures(found.children)


def said_elsewhere(nodes: Iterable[Node]) -> Iterator[str]:
    """Return what is read of everything but figures and images."""
    for found in nodes:
        if found.role not in {"figure", "image"}:
            yield f"{found.name} {found.description}"
            yield from said_elsewhere(found.children)


@pytest.mark.slow
def test_every_figure_keeps_its_words_and_its_neurons(exported: Shown) -> None:
    found = [
        picture
        for picture in pictures(exposed(exported.page))
        if picture.role == "figure" or "neurons are dead" in picture.name
    ]
    assert found == list(expected())


@pytest.mark.slow
def test_nothing_of_a_figure_is_read_twice(exported: Shown) -> None:
    elsewhere = " ".join(said_elsewhere(exposed(exported.page)))
    assert "plot_autopsy" in elsewhere  # the sources of cells
    for words in ("neurons dead", "peak ", "alive", "Matplotlib v"):
        assert words not in elsewhere


@pytest.mark.slow
def test_axe_finds_nothing_wrong_with_the_figures(exported: Shown, axe: str) -> None:
    exported.page.evaluate(axe)
    count, obeyed, others = exported.page.evaluate(RUN, OURS)
    assert count == len(list(expected()))
    assert set(others) - UNDECIDABLE == set()
    assert set(obeyed) >= {"aria-required-children", "image-alt", "svg-img-alt"}


@pytest.mark.slow
def test_nothing_in_a_title_runs(exported: Shown) -> None:
    exported.page.evaluate("1")  # whatever had been going on is reported before the answer
    assert not [event for event in exported.events if event.startswith("dialog")]


@pytest.mark.slow
def test_a_figure_is_styled_and_the_page_is_not(exported: Shown) -> None:
    figures, others = exported.page.evaluate(STYLES)
    assert "round" in figures
    assert others == ["miter"]


def assert_fits(page: Page, n_figures: int) -> list[float]:
    """Return the widths of figures that scroll within their surroundings, in their own shape."""
    sizes = page.evaluate(SIZES, OURS)
    assert len(sizes) == n_figures
    for excess, _, shape, own_shape in sizes:
        assert excess <= 0.5
        assert shape == pytest.approx(own_shape, rel=0.01)
    return [width for _, width, *_ in sizes]


@pytest.mark.slow
def test_every_figure_fits_into_the_page(exported: Shown) -> None:
    assert_fits(exported.page, len(list(expected())))


@pytest.mark.parametrize("n_neurons", [6, TOO_MANY])
def test_a_figure_fits_into_a_narrow_page(show: Show, n_neurons: int) -> None:
    figure = plot_autopsy([(f"N{i}", [0.0]) for i in range(n_neurons)])
    page = show(f"<!DOCTYPE html>{figure._repr_html_()}", ".html").page
    page.set_viewport_size({"width": 1600, "height": 900})
    own = assert_fits(page, 1)
    # Zooming in to 400% leaves a quarter of the width to the page, in its own units: what
    # keeps its width has letters four times as large.
    page.set_viewport_size({"width": 400, "height": 225})
    assert assert_fits(page, 1) == own
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.keyboard.press("Tab")
    focused = "[document.activeElement.getAttribute('role'), document.activeElement.ariaLabel]"
    assert page.evaluate(focused) == ["region", "Dead neuron autopsy"]
