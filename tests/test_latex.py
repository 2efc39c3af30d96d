r"""The line of LaTeX that includes a figure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawing import Histories
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from dead_neuron_autopsy import (
    ENGLISH,
    GERMAN,
    AutopsyFigure,
    diagnose,
    draw_autopsy,
    plot_autopsy,
)
from dead_neuron_autopsy._output.markup import includegraphics

LINE = re.compile(r"\\includegraphics\[alt=\{(.*)\}\]\{([^{}]*)\}")
ESCAPED = re.compile(r"\\text(backslash|asciicircum|asciitilde)\{\}|\\([{}$&#%_])")
NAMED = {"backslash": "\\", "asciicircum": "^", "asciitilde": "~"}

TEXTS = st.text() | st.text(r"\{}$&#%_^~ []=,abct")


def without_autopsy() -> AutopsyFigure:
    figure = plt.figure(FigureClass=AutopsyFigure)
    assert isinstance(figure, AutopsyFigure)
    return figure


def words_in(line: str) -> str:
    """Return the alt text as it stands in a line."""
    match = LINE.fullmatch(line)
    assert match is not None
    return match[1]


def path_in(line: str) -> str:
    match = LINE.fullmatch(line)
    assert match is not None
    return match[2]


def unescaped(words: str) -> str:
    """Return what LaTeX takes words for."""
    return ESCAPED.sub(lambda match: match[2] or NAMED[match[1]], words)


def check_that_latex_reads(written: str, words: str) -> None:
    assert unescaped(written) == words
    assert not set(ESCAPED.sub("", written)) & set("\\{}$&#%_^~\r\n")
    depth = 0
    for brace in re.sub(r"\\[{}]", "", written):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0


def test_a_plain_line() -> None:
    figure = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.5]}, title="Layer 1")
    assert figure.latex("plots/autopsy.pdf") == (
        "\\includegraphics[alt={Layer 1. 1 of 2 neurons is dead. Dead: N1. The only living peak "
        "is 0.5 (N2). 2 cards, each a line of 1 to 2 samples. Counted as dead: max absolute "
        "activation below 0.000001 over 1 to 2 samples.}]"
        "{plots/autopsy.pdf}"
    )


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("100 % dead", r"100 \% dead"),
        ("L_1", r"L\_1"),
        ("#1 & #2", r"\#1 \& \#2"),
        ("$x$", r"\$x\$"),
        ("{a}", r"\{a\}"),
        ("x^2", r"x\textasciicircum{}2"),
        ("~", r"\textasciitilde{}"),
        (r"\alpha", r"\textbackslash{}alpha"),
        ("]{x}[a=b,", r"]\{x\}[a=b,"),
        ("漢字 שלום é", "漢字 שלום é"),
        ("two\nlines\n\nand\r\ttabs", "two lines  and  tabs"),
        ("nul\x00", "nul\ufffd"),
    ],
)
def test_what_latex_reads_as_a_command_is_escaped(words: str, written: str) -> None:
    assert words_in(includegraphics("autopsy.pdf", words)) == written


@pytest.mark.slow
@given(TEXTS, TEXTS)
def test_any_ids_and_titles_come_back(neuron_id: str, title: str) -> None:
    autopsy = diagnose([(neuron_id, [0.0]), ("other" + neuron_id, [0.3])])
    full = ENGLISH.alt_text(autopsy, title).full
    written = words_in(includegraphics("autopsy.pdf", full))
    check_that_latex_reads(written, full)


def test_hostile_ids_in_a_figure_come_back(hostile_neurons: Histories) -> None:
    dead = {name: [0.0] for name in hostile_neurons}
    figure = plot_autopsy(dead, title="\\input{x} 100% \ud800")
    written = words_in(figure.latex("autopsy.pdf"))
    check_that_latex_reads(written, figure.autopsy_grid.alt.full)
    assert "under_score%, $x^2$ \\alpha, line break tab" in unescaped(written)


def test_it_speaks_the_figures_language() -> None:
    figure = plot_autopsy({"N1": [0.0]}, wording=GERMAN)
    assert "Tot: N1." in words_in(figure.latex("autopsy.pdf"))


def test_it_says_all_that_the_figure_shows() -> None:
    figure = without_autopsy()
    figure.suptitle("Both")
    for place, title in enumerate(("Left", "Right"), start=1):
        draw_autopsy(figure.add_subplot(1, 2, place), {f"N_{title}": [0.0]}, title=title)
    written = words_in(figure.latex("autopsy.pdf"))
    assert written.startswith("Both. Left. 1 of 1 neuron is dead")
    assert "Dead: N\\_Left." in written
    assert "Dead: N\\_Right." in written


@pytest.mark.parametrize(
    "path",
    [
        "autopsy.pdf",
        "plots/layer_1 of 2.pdf",
        "../a-b+c=d,e[1](2).v2.pdf",
        "/tmp/é漢.pdf",  # noqa: S108  only its name is used
        "autopsy",
    ],
)
def test_a_path_stays_as_it_is(path: str) -> None:
    figure = plot_autopsy({"N1": [0.0]})
    assert path_in(figure.latex(path)) == path
    assert path_in(figure.latex(Path(path))) == path


@pytest.mark.parametrize("character", [*'\\{}#%~^$&"', "\n", "\t", "\x00", "\x7f"])
def test_a_path_that_latex_cannot_read_is_refused(character: str) -> None:
    figure = plot_autopsy({"N1": [0.0]})
    for path in (f"a{character}b.pdf", f"{character}.pdf", f"a{character}/b.pdf"):
        with pytest.raises(ValueError, match=r"^path: LaTeX cannot read .*rename it"):
            figure.latex(path)


@pytest.mark.parametrize("path", ["", "a  b.pdf", " a.pdf"])
def test_a_path_whose_spaces_tex_drops_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"^path: LaTeX cannot read"):
        includegraphics(path, "words")


def test_a_path_that_is_a_command_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^path: LaTeX cannot read"):
        includegraphics("|ls", "words")


def test_a_path_of_bytes_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^path: "):
        includegraphics(b"autopsy.pdf", "words")  # type: ignore[arg-type]


def test_the_error_says_which_character_is_in_the_way() -> None:
    with pytest.raises(ValueError, match=r"named '50%\.pdf' \(because of '%'\)"):
        includegraphics("50%.pdf", "words")


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(TypeError):
        plot_autopsy({"N1": [0.0]}).latex(5)  # type: ignore[arg-type]


def test_a_figure_without_an_autopsy_has_nothing_to_say() -> None:
    with pytest.raises(RuntimeError, match="holds no autopsy"):
        without_autopsy().latex("autopsy.pdf")
