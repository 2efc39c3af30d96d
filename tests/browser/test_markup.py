"""Roles, where Chromium is more forgiving than what reads from it.

A role of an image on an outer element leaves the tree that Chromium shows to its developers
as it is; readers stop at it.
"""

from __future__ import annotations

import pytest

from browser.conftest import Show, Shown
from browser.exhibits import Exhibit, draw, one_neuron

pytestmark = pytest.mark.browser

FAULTS = """
() => {
  // Without the elements of the RDF that Matplotlib writes, some of which are titles too.
  const all = (selector) =>
    [...document.querySelectorAll(selector)].filter((found) => found instanceof SVGElement);
  const without = (selector, ancestor) =>
    all(selector).filter((found) => found.closest(ancestor) === null);
  const named = (figure, attribute, tag) => {
    const words = document.getElementById(figure.getAttribute(attribute));
    return words !== null && words.parentElement === figure && words.tagName === tag;
  };
  const faults = {
    "a root is an image": all("svg[role=img]"),
    "an image hides a list": all("[role=img] [role=list]"),
    "an image hides a role": all("[role=img] [role]"),
    "a role is hidden": all("[aria-hidden=true] [role], [aria-hidden=true][role]"),
    "words are read in addition": without("text, use", "[aria-hidden=true], [role=img]"),
    "a title or description is nobody's": all(":not(rect) > title, desc").filter(
      (words) => words.parentElement.getAttribute("role") !== "figure"),
    "a figure has another's name": all("[role=figure]").filter(
      (figure) => !named(figure, "aria-labelledby", "title")),
    "a figure has another's description": all("[role=figure]").filter(
      (figure) => !named(figure, "aria-describedby", "desc")),
    "a list is in no figure": without("[role=list]", "[role=figure]"),
  };
  return Object.keys(faults).filter((fault) => faults[fault].length > 0);
}
"""

COUNTS = """
() => Object.fromEntries(["figure", "list", "listitem", "img"].map(
  (role) => [role, document.querySelectorAll(`[role=${role}]`).length]))
"""


@pytest.mark.slow
def test_every_role_reaches_a_reader(exhibited: tuple[Exhibit, Shown]) -> None:
    exhibit, shown = exhibited
    assert shown.page.evaluate(FAULTS) == []
    counted = "role => document.querySelectorAll(`[role=${role}]`).length"
    inside = [child for figure in exhibit.figures for child in figure.children]
    groups = [child for child in inside if child.role == "group"]
    lists = [child for group in groups for child in group.children]
    lists += [child for child in inside if child.role == "list"]
    neurons = [len(items.children) for items in lists]
    assert shown.page.evaluate(counted, "figure") == len(exhibit.figures)
    assert shown.page.evaluate(counted, "group") == len(groups)
    assert shown.page.evaluate(counted, "list") == len(neurons)
    assert shown.page.evaluate(counted, "listitem") == sum(neurons)
    assert shown.page.evaluate(counted, "img") == sum(neurons) + len(exhibit.figures)
    assert shown.page.evaluate(counted, "heading") == len(exhibit.figures)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            '<svg role="figure" ',
            '<svg role="img" ',
            [
                "a root is an image",
                "an image hides a list",
                "an image hides a role",
                "a title or description is nobody's",
                "a list is in no figure",
            ],
        ),
        ('role="list"', 'role="list" aria-hidden="true"', ["a role is hidden"]),
        ('aria-hidden="true"', "", ["words are read in addition"]),
        ('<title id="', '<title id="x', ["a figure has another's name"]),
        ('<desc id="', '<desc id="x', ["a figure has another's description"]),
        (
            'role="figure"',
            "",
            ["a title or description is nobody's", "a list is in no figure"],
        ),
    ],
)
def test_a_role_out_of_place_would_be_noticed(
    show: Show, old: str, new: str, faults: list[str]
) -> None:
    svg = draw(one_neuron()).svg
    assert old in svg
    assert show(svg.replace(old, new), ".svg").page.evaluate(FAULTS) == faults
