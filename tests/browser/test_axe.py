"""What axe-core says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drawing import Histories, saved

from browser.conftest import Show, Shown
from browser.exhibits import Exhibit, draw, inlined, one_neuron
from dead_neuron_autopsy import plot_autopsy

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

#: Every rule of axe-core's that is not an experiment or of WCAG's level AAA.
RUN = """
async () => {
  const { passes, violations, incomplete } = await axe.run(document);
  const names = (rules) => rules.map((rule) => rule.id);
  return [names(passes), names([...violations, ...incomplete])];
}
"""


#: What axe-core leaves to people, since it cannot tell what a text in SVG stands on.
UNDECIDABLE = {"color-contrast"}


def judged(page: Page, axe: str) -> tuple[set[str], set[str]]:
    """Return the rules that axe-core finds obeyed, and those that it does not."""
    page.evaluate(axe)
    obeyed, others = page.evaluate(RUN)
    return set(obeyed), set(others) - UNDECIDABLE


@pytest.mark.slow
def test_axe_finds_nothing_wrong(exhibited: tuple[Exhibit, Shown], axe: str) -> None:
    exhibit, shown = exhibited
    obeyed, broken = judged(shown.page, axe)
    assert broken == set()
    assert obeyed >= {"aria-allowed-role", "aria-roles", "aria-valid-attr-value"}
    if any(len(figure.children) > 2 for figure in exhibit.figures):  # besides what is said first
        assert obeyed >= {"aria-required-children", "aria-required-parent", "svg-img-alt"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ('role="listitem"', "", "aria-required-children"),
        ('role="list"', "", "aria-required-parent"),
        ('role="img" aria-label=', 'role="img" data-label=', "svg-img-alt"),
        ('aria-level="2" aria-label=', 'aria-level="2" data-label=', "empty-heading"),
        ('<title id="', '<title id="x', "aria-valid-attr-value"),
    ],
)
def test_axe_notices_what_is_wrong(show: Show, axe: str, old: str, new: str, broken: str) -> None:
    svg = draw(one_neuron()).svg
    assert old in svg
    _, found = judged(show(svg.replace(old, new), ".svg").page, axe)
    assert found == {broken}


@pytest.mark.slow
@pytest.mark.parametrize(("gid", "broken"), [(None, {"duplicate-id-aria"}), ("b", set())])
def test_equal_figures_in_a_page_need_a_gid(
    show: Show, axe: str, six_neurons: Histories, gid: str | None, broken: set[str]
) -> None:
    drawing = draw(six_neurons)
    again = plot_autopsy(six_neurons)
    again.autopsy_grid.set_gid(gid)
    page = inlined(drawing, drawing._replace(svg=saved(again, "svg").decode()))
    _, found = judged(show(page.content, page.suffix).page, axe)
    assert found == broken
