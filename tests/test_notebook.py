"""Figures in notebooks: what is shown, how often, and what the HTML says."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from drawing import Histories, saved
from matplotlib import pyplot as plt
from nbconvert import LatexExporter, MarkdownExporter
from notebooks import (
    CELLS,
    CLEARED,
    LARGE,
    MARKUP,
    PLAIN,
    REFERENCES,
    SAVED_AGAIN,
    TOO_MANY,
    WITH_REFERENCES,
    alt_of_large,
    autopsies_in,
    cell_with,
    executed,
)
from PIL import Image

from dead_neuron_autopsy import GERMAN, plot_autopsy
from dead_neuron_autopsy._output.notebook import MOST_CARDS_INLINE

#: Cells that show a figure which holds no autopsy.
OTHERS = [PLAIN, CLEARED]

SVG = "{http://www.w3.org/2000/svg}"


def all_displayed() -> list[Any]:
    return [output for cell in executed().cells for output in autopsies_in(cell)]


def html_of(figure: Any) -> str:
    html: str = figure._repr_html_()
    return html


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return each element of HTML, with its attributes."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


def image_in(html: str) -> dict[str, str | None]:
    """Return the attributes of the one image in HTML."""
    (attributes,) = (attributes for tag, attributes in tags(html) if tag == "img")
    return attributes


def roles(html: str) -> list[str]:
    return [role for _, attributes in tags(html) if (role := attributes.get("role"))]


def ids(html: str) -> list[str]:
    return [name for _, attributes in tags(html) if (name := attributes.get("id"))]


def references(html: str) -> set[str]:
    """Return the ids that the attributes of HTML refer to."""
    found: set[str] = set()
    for _, attributes in tags(html):
        for name, value in attributes.items():
            if name in {"aria-labelledby", "aria-describedby"}:
                found |= set((value or "").split())
            elif name in {"href", "xlink:href"}:
                found.add((value or "").removeprefix("#"))
            elif name != "aria-label":
                found |= set(re.findall(r"url\(#([^)]+)\)", value or ""))
    return found


# What a notebook shows


@pytest.mark.slow
@pytest.mark.parametrize("position", range(len(CELLS)), ids=[c.source for c in CELLS])
def test_a_cell_shows_each_figure_once(position: int) -> None:
    source, titles = CELLS[position]
    cell = executed().cells[position]
    alts = [output.data["text/plain"] for output in autopsies_in(cell)]
    assert len(alts) == len(titles)
    for alt, title in zip(alts, titles, strict=True):
        assert alt.startswith(f"{title}. ")
    pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == len(titles) + (source in OTHERS)


@pytest.mark.slow
@pytest.mark.parametrize("source", OTHERS)
def test_other_figures_are_shown_as_ever(source: str) -> None:
    (output,) = cell_with(source).outputs
    assert set(output.data) == {"image/png", "text/plain"}


@pytest.mark.slow
def test_a_figure_that_was_shown_can_still_be_saved() -> None:
    (output,) = cell_with(SAVED_AGAIN).outputs
    assert output.data["text/plain"] == repr(b"\x89PNG")


@pytest.mark.slow
def test_every_form_of_a_figure_says_the_same() -> None:
    for output in all_displayed():
        assert set(output.data) == {"text/html", "image/png", "text/plain"}
        alt = output.data["text/plain"]
        assert "max absolute activation" in alt
        assert output.metadata["image/png"]["alt"] == alt
        with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as image:
            image.load()
            assert image.format == "PNG"
            assert image.info["Description"] == alt


@pytest.mark.slow
def test_no_two_elements_of_a_notebook_have_the_same_id() -> None:
    found = [name for output in all_displayed() for name in ids(output.data["text/html"])]
    assert len(found) > 100
    assert len(set(found)) == len(found)


@pytest.mark.slow
def test_every_reference_stays_within_its_figure() -> None:
    for output in all_displayed():
        html = output.data["text/html"]
        assert references(html) <= set(ids(html))
        assert references(html) or "<svg" not in html


@pytest.mark.slow
def test_a_large_figure_is_an_image_with_alt_text() -> None:
    (output,) = autopsies_in(cell_with(LARGE))
    attributes = image_in(output.data["text/html"])
    assert attributes["alt"] == output.data["text/plain"] == alt_of_large()
    assert attributes["lang"] == "en"
    source = attributes["src"]
    assert source == f"data:image/png;base64,{output.data['image/png'].strip()}"


@pytest.mark.slow
def test_what_looks_like_an_id_in_a_notebook_stays_as_it_is() -> None:
    (output,) = autopsies_in(cell_with(WITH_REFERENCES))
    (svg,) = ET.fromstring(f"<p>{output.data['text/html']}</p>").iter(f"{SVG}svg")
    assert_words_are_intact(svg)


# Exports


@pytest.mark.slow
@pytest.mark.parametrize("exporter", [MarkdownExporter, LatexExporter])
def test_an_export_has_each_figure_once(exporter: Any) -> None:
    document, _ = exporter().from_notebook_node(executed())
    inline = len(re.findall(r'<svg\b|<img\b[^>]* src="data:', document))
    files = re.findall(r"output_\d+_\d+\.png", document)
    assert len(set(files)) == len(files)
    shown = len(all_displayed())
    if exporter is MarkdownExporter:
        assert (inline, len(files)) == (shown, len(OTHERS))
    else:
        assert (inline, len(files)) == (0, shown + len(OTHERS))


@pytest.mark.slow
def test_markdown_takes_a_figure_as_one_block() -> None:
    # A blank line would end it.
    for output in all_displayed():
        assert re.search(r"\n\s*\n", output.data["text/html"].strip()) is None


# The HTML


def test_it_is_an_svg_with_all_that_it_says(six_neurons: Histories) -> None:
    html = html_of(plot_autopsy(six_neurons))
    assert html.lstrip().startswith("<")
    assert [tag for tag, _ in tags(html)].count("svg") == 1
    cards = ["listitem", "img"] * 6
    assert roles(html) == ["region", "figure", "heading", "img", "list", *cards]


@pytest.mark.slow
@pytest.mark.parametrize("n_neurons", [0, 1, MOST_CARDS_INLINE, MOST_CARDS_INLINE + 1])
def test_the_number_of_cards_decides_on_the_form(n_neurons: int) -> None:
    figure = plot_autopsy([(f"N{i}", [0.0]) for i in range(n_neurons)])
    found = [tag for tag, _ in tags(html_of(figure))]
    if n_neurons <= MOST_CARDS_INLINE:
        assert found.count("svg") == 1
        assert "img" not in found
    else:
        assert found.count("img") == 1
        assert "svg" not in found
    assert TOO_MANY == MOST_CARDS_INLINE + 1


@pytest.mark.parametrize("fonttype", ["path", "none"])
def test_equal_figures_share_no_id(six_neurons: Histories, fonttype: str) -> None:
    mpl.rcParams["svg.fonttype"] = fonttype
    figure, equal = plot_autopsy(six_neurons), plot_autopsy(six_neurons)
    pages = [html_of(figure), html_of(figure), html_of(equal)]
    found = [name for page in pages for name in ids(page)]
    assert len(set(found)) == len(found)
    for page in pages:
        assert references(page) <= set(ids(page))


def test_a_zoomed_figure_refers_to_its_own_clip_paths(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.axes[0].set_xlim(0.5, 1.5)
    html = html_of(figure)
    assert "url(#" in html
    assert references(html) <= set(ids(html))


def assert_words_are_intact(svg: ET.Element) -> None:
    figure = next(element for element in svg.iter() if element.get("role") == "figure")
    title, description = figure.findtext(f"{SVG}title"), figure.findtext(f"{SVG}desc")
    assert title == MARKUP
    assert (description or "").startswith(f"{MARKUP}. 0 of ")
    labels = [element.get("aria-label") for element in svg.iter()]
    seen = [element.text for element in svg.iter(f"{SVG}text")]
    for name in REFERENCES:
        assert f"{name}, alive, peak absolute activation 1" in labels
        assert name in seen


def test_what_looks_like_an_id_stays_as_it_is() -> None:
    mpl.rcParams["svg.fonttype"] = "none"
    figure = plot_autopsy({name: [0.0, 1.0] for name in REFERENCES}, title=MARKUP)
    html = html_of(figure)
    (svg,) = ET.fromstring(f"<p>{html}</p>").iter(f"{SVG}svg")
    assert_words_are_intact(svg)
    assert references(html) <= set(ids(html))


def test_it_styles_nothing_else_in_the_page(six_neurons: Histories) -> None:
    html = html_of(plot_autopsy(six_neurons))
    root = next(attributes for tag, attributes in tags(html) if tag == "svg")
    (sheet,) = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    selectors = [selector.strip() for selector in re.findall(r"([^{}]+)\{", sheet)]
    assert selectors
    assert all(selector.startswith(f"#{root['id']} ") for selector in selectors)


def test_mathjax_leaves_it_alone(six_neurons: Histories) -> None:
    # Pages that notebooks are exported to run MathJax over all text, titles and
    # descriptions of figures too. Version 2 sees this class on HTML elements only.
    (wrapper, attributes), *_ = tags(html_of(plot_autopsy(six_neurons)))
    assert wrapper == "div"
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set((attributes["class"] or "").split())


def test_an_image_has_the_whole_alt_text_escaped() -> None:
    figure = plot_autopsy([(f"N{i}", [0.0, 0.0]) for i in range(TOO_MANY)], title=MARKUP)
    assert image_in(html_of(figure))["alt"] == alt_of_large()


def test_an_image_says_which_language_its_words_are_in() -> None:
    neurons = [(f"N{i}", [0.0]) for i in range(TOO_MANY)]
    assert image_in(html_of(plot_autopsy(neurons, wording=GERMAN)))["lang"] == "de"


def test_hostile_ids_are_html(hostile_neurons: Histories) -> None:
    mpl.rcParams["svg.fonttype"] = "none"
    html = html_of(plot_autopsy(hostile_neurons))
    html.encode()  # has no lone surrogate
    cards = ["listitem", "img"] * len(hostile_neurons)
    assert roles(html) == ["region", "figure", "heading", "img", "list", *cards]
    assert "script" not in [tag for tag, _ in tags(html)]


# Outside IPython


def test_it_changes_nothing(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    before = saved(figure, "svg")
    kept = (figure.canvas, figure.dpi, plt.get_fignums(), mpl.rcParams.copy())
    html_of(figure)
    assert (figure.canvas, figure.dpi, plt.get_fignums(), mpl.rcParams.copy()) == kept
    assert plt.gcf() is figure
    assert saved(figure, "svg") == before


def test_a_cleared_figure_is_shown_as_any_other(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons)
    figure.clear()
    assert figure._repr_html_() is None
    with pytest.raises(NotImplementedError):  # tells IPython so
        figure._ipython_display_()


@pytest.mark.slow
def test_ipython_is_not_needed() -> None:
    code = (
        "import io, sys\n"
        "sys.modules['IPython'] = sys.modules['matplotlib_inline'] = None\n"
        "from dead_neuron_autopsy import GERMAN, plot_autopsy\n"
        "figure = plot_autopsy({'N1': [0.0]})\n"
        "figure.savefig(io.BytesIO(), format='png')\n"
        "print('<svg' in figure._repr_html_())"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True"]
