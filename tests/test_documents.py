"""The lines that include a figure in HTML, Markdown and reStructuredText, and Office files."""

from __future__ import annotations

import io
import subprocess
import unicodedata
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from docutils.core import publish_doctree
from drawing import Histories
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from programs import program

from dead_neuron_autopsy import GERMAN, AutopsyFigure, diagnose, plot_autopsy
from dead_neuron_autopsy._output.markup import html_image, markdown_image, rst_image
from dead_neuron_autopsy._words.notation import clean

#: What Markdown, HTML, reStructuredText or a citation could take for markup.
MARKUP = (
    r"\_*[a](b)![c]{d}<e>&amp;`f`^g^~h~~ @i #j $k$ \|l| 'm' "
    "n"
    " -- --- ... 1. :o: |p| +- ="
    "https://q.example/r_s __t__ **u** .. v: \\"
)

WORDS = st.text(min_size=1).map(clean).map(str.strip).filter(bool)
PATHS = ["autopsy.svg", "plots/layer_1 of 2.svg", "../a(b)[c]#d?e%f&g.svg", "é漢.svg"]


class Images(HTMLParser):
    """Collects the attributes of every image."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def by_pandoc(markdown: str, kind: str, to: str) -> bytes:
    command = [program("pandoc"), "--from", kind, "--to", to, "--output", "-"]
    done = subprocess.run(command, input=markdown.encode(), check=True, capture_output=True)
    return done.stdout


def in_document(source: str) -> Any:
    """Return the image of a reStructuredText document."""
    tree: Any = publish_doctree(source, settings_overrides={"report_level": 2, "halt_level": 2})
    (image,) = tree.findall(lambda node: node.tagname == "image")
    return image


@given(WORDS)
def test_any_words_come_back_from_html(words: str) -> None:
    (image,) = Images(html_image("autopsy.svg", words, "en")).found
    assert image == {"src": "autopsy.svg", "lang": "en", "alt": words}


@pytest.mark.slow
@given(WORDS | st.text(MARKUP, min_size=1).map(str.strip).filter(bool))
def test_any_words_come_back_from_restructuredtext(words: str) -> None:
    image = in_document(rst_image("autopsy.svg", words))
    assert image["alt"] == words
    assert image["uri"] == "autopsy.svg"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["markdown", "commonmark", "gfm", "commonmark_x"])
@pytest.mark.parametrize("words", [MARKUP, "a.b", "漢字 שלום é", *MARKUP.split()])
def test_words_come_back_from_markdown(words: str, kind: str) -> None:
    page = by_pandoc(markdown_image("autopsy.svg", words), kind, "html").decode()
    (image,) = Images(page).found
    assert " ".join(str(image["alt"]).split()) == " ".join(words.split())


@pytest.mark.parametrize("path", PATHS)
def test_a_path_stays_what_it_is(path: str) -> None:
    (image,) = Images(html_image(path, "words", "en")).found
    assert unquote(str(image["src"])) == path
    assert unquote(in_document(rst_image(Path(path), "words"))["uri"]) == path
    page = by_pandoc(markdown_image(path, "words"), "markdown", "html").decode()
    (image,) = Images(page).found
    assert unquote(str(image["src"])) == path


@pytest.mark.parametrize("form", ["html", "markdown", "rst"])
def test_each_form_says_all_in_the_figures_language(form: str, hostile_neurons: Histories) -> None:
    figure = plot_autopsy({name: [0.0] for name in hostile_neurons}, wording=GERMAN)
    line = getattr(figure, form)("autopsy.svg")
    words = figure.autopsy_grid.alt.full
    if form == "rst":
        assert in_document(line)["alt"] == words.strip()
        return
    page = line if form == "html" else by_pandoc(line, "commonmark", "html").decode()
    (image,) = Images(page).found
    said = unicodedata.normalize("NFC", words)  # as Pandoc does
    assert " ".join(unicodedata.normalize("NFC", str(image["alt"])).split()) == " ".join(
        said.split()
    )
    assert form != "html" or image["lang"] == "de"


def test_a_word_file_from_markdown_has_the_words(tmp_path: Path) -> None:
    figure = plot_autopsy({"L_1·N*1*": [0.0], "L_1·N2": [0.3]})
    figure.savefig(tmp_path / "my autopsy.png")
    content = by_pandoc(figure.markdown(tmp_path / "my autopsy.png"), "markdown", "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        document = ET.fromstring(package.read("word/document.xml"))
        assert any(name.startswith("word/media/") for name in package.namelist())
    described = [one.get("descr") for one in document.iter() if one.get("descr")]
    assert figure.autopsy_grid.alt.full in described


@pytest.mark.parametrize("form", ["html", "markdown", "rst"])
@pytest.mark.parametrize("path", ["", "  ", b"autopsy.svg", 5, None])
def test_what_is_no_path_is_refused(form: str, path: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="path"):
        getattr(plot_autopsy({"N1": [0.0]}), form)(path)


@pytest.mark.parametrize("form", ["html", "markdown", "rst"])
def test_a_figure_without_an_autopsy_has_nothing_to_say(form: str) -> None:
    figure: Any = plt.figure(FigureClass=AutopsyFigure)
    with pytest.raises(RuntimeError, match="holds no autopsy"):
        getattr(figure, form)("autopsy.svg")


def test_pictures_in_office_files_have_the_words(tmp_path: Path) -> None:
    import docx
    import pptx

    figure = plot_autopsy(diagnose({"N1": [0.0], "N2": [0.3]}))
    figure.savefig(tmp_path / "autopsy.png")
    document = docx.Document()
    document.add_picture(str(tmp_path / "autopsy.png"))
    document.inline_shapes[-1]._inline.docPr.set("descr", figure.alt_text)
    document.save(str(tmp_path / "report.docx"))
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    picture = slide.shapes.add_picture(str(tmp_path / "autopsy.png"), 0, 0)
    picture._element.nvPicPr.cNvPr.set("descr", figure.alt_text)
    slides.save(str(tmp_path / "talk.pptx"))
    for name, part in (
        ("report.docx", "word/document.xml"),
        ("talk.pptx", "ppt/slides/slide1.xml"),
    ):
        with zipfile.ZipFile(tmp_path / name) as package:
            tree = ET.fromstring(package.read(part))
        assert figure.alt_text in [one.get("descr") for one in tree.iter()]
