"""The same neurons give the same bytes, whatever was drawn before and is set elsewhere."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from cycler import cycler
from drawing import Histories, saved
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from dead_neuron_autopsy import (
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
    savefig_with_alt,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

FORMATS = ["svg", "pdf", "png"]

#: The same, for names that only a test knows.
SETTINGS: Any = mpl.rcParams
DEFAULTS: Any = mpl.rcParamsDefault

# What was drawn before

OTHERS = """
import io
from dataclasses import replace
from hashlib import sha256
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages
from dead_neuron_autopsy import LIGHT, plot_autopsy, plot_layers

def draw_others():
    serif = replace(LIGHT, font_family=("DejaVu Serif",), id_font_family=("DejaVu Sans",))
    titles = ["spets k01 retfA", "Step 9", "AVAVA Te 10k", "$10^5$ \\u6f22 ffi e\\u0301"]
    for number, title in enumerate(titles):
        style = ["light", "dark", "print", serif][number]
        figure = plot_autopsy({title: [1.0, 0.0], "1N": [0.0]}, title=title, style=style)
        with mpl.rc_context({"text.hinting": "none", "path.simplify": False}):
            for file_format in ("png", "svg", "pdf"):
                figure.savefig(io.BytesIO(), format=file_format, dpi=40 + 20 * number)
    many = {f"{title} {number}": [1.0] for title in titles for number in range(300)}
    plot_autopsy(many, card_width=0.8).savefig(io.BytesIO(), format="png", dpi=10)
    plot_layers(many, group_by=len).savefig(io.BytesIO(), format="pdf")
    figure, ax = plt.subplots()
    ax.set_title("After 10k steps", fontsize=31, rotation=7)
    ax.text(0, 0, "N1 dead alive peak 1.0e+0", fontfamily="serif", style="italic")
    figure.savefig(io.BytesIO())
    plt.close("all")

def digests():
    waves = [np.sin(np.arange(9) / (i + 1)) * (i % 3 > 0) for i in range(30)]
    neurons = {f"L{i % 4}·{i}": wave for i, wave in enumerate(waves)}
    zoomed = plot_autopsy(neurons, group_by="layer")
    zoomed.axes[0].set_xlim(0.5, 2)
    for figure in (
        plot_autopsy({"N1": [0.0, 1.0]}, title="After 10k steps"),
        plot_autopsy(neurons, group_by="layer"),
        zoomed,
        plot_layers(neurons),
    ):
        for file_format in ("png", "svg", "pdf", "svgz"):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=file_format)
            yield sha256(buffer.getvalue()).hexdigest()
    with mpl.rc_context({"pdf.fonttype": 42}):
        pages = io.BytesIO()
        with PdfPages(pages) as pdf:
            pdf.savefig(zoomed)
            pdf.savefig(plot_autopsy({"漢·N1": [0.0, 0.7]}, title="Schicht 2"))
        yield sha256(pages.getvalue()).hexdigest()
    plt.close("all")
"""
SCRIPT = """
print(*digests())
"""


def printed_digests() -> list[str]:
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-c", OTHERS + SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
def test_a_process_gives_the_same_bytes_whatever_it_drew_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    alone = printed_digests()
    assert len(set(alone)) == 4 * 4 + 1
    names: dict[str, Any] = {}
    exec(OTHERS, names)  # noqa: S102  the same, in this process
    names["draw_others"]()
    assert list(names["digests"]()) == alone


# What is set elsewhere


def histories() -> Histories:
    """Return short histories, long ones, and some with samples missing."""
    rng = np.random.default_rng(0)
    long, longer, gaps = rng.random(130), rng.random(1000), rng.random(1000)
    gaps[::50] = np.nan
    few = np.array([0.0, np.nan, 1.0, 0.5, np.nan, np.nan, 0.25])
    return {"L1·N1": long, "L1·N2": longer, "L2·N1": gaps, "L2·N2": few, "L2·N3": 0 * few}


def cards() -> Figure:
    return plot_autopsy(histories())


def zoomed() -> Figure:
    figure = plot_autopsy(histories(), 0.3, style="dark", group_by="layer")
    figure.axes[0].set(xlim=(0, 1.5), ylim=(1.5, 0))
    return figure


def layers() -> Figure:
    return plot_layers(histories())


def pages() -> bytes:
    buffer = io.BytesIO()
    save_autopsy_pages(buffer, histories(), per_page=8)
    return buffer.getvalue()


Make = Callable[[], Figure]
PICTURES: dict[Make, list[str]] = {
    cards: ["svg", "pdf", "png"],
    zoomed: ["pdf"],
    layers: ["png"],
}


@cache
def expected() -> tuple[dict[Make, Figure], dict[tuple[Make, str], bytes], bytes]:
    """Return figures, what they are saved as, and a document: all with nothing set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.use("agg")
        figures = {make: make() for make in PICTURES}
        pictures = {
            (make, file_format): saved(figures[make], file_format)
            for make, formats in PICTURES.items()
            for file_format in formats
        }
        return figures, pictures, pages()


def names_of_different(
    settings: Callable[[], AbstractContextManager[object]], *makes: Make
) -> set[str]:
    """Return what becomes different with settings in force while it is made, or saved."""
    figures, pictures, document = expected()
    with_pages, makes = not makes, makes or tuple(PICTURES)
    pictures = {job: content for job, content in pictures.items() if job[0] in makes}
    with settings():
        made = {make: make() for make in makes}
        contents = {"saved": {job: saved(figures[job[0]], job[1]) for job in pictures}}
        contents["both"] = {(cards, "svg"): saved(made[cards], "svg")}
        of_pages = pages() if with_pages else document
    contents["made"] = {job: saved(made[job[0]], job[1]) for job in pictures}
    plt.close("all")
    return {
        f"{make.__name__}, {file_format}, {when}"
        for when, found in contents.items()
        for (make, file_format), content in found.items()
        if content != pictures[make, file_format]
    } | ({"pages"} if of_pages != document else set())


@contextmanager
def style(name: str) -> Iterator[None]:
    """Use a style, but for the resolution and the margin of what is saved."""
    saving = ("figure.dpi", "savefig.dpi", "savefig.bbox", "savefig.pad_inches")
    with plt.style.context(name):
        for setting in saving:
            SETTINGS[setting] = DEFAULTS[setting]
        yield


#: They set most; whatever else is set by any style is gone through below.
STYLES = ["classic", "dark_background", "ggplot", "seaborn-v0_8-poster", "Solarize_Light2"]


@pytest.mark.parametrize("name", STYLES)
def test_a_style_changes_nothing(name: str) -> None:
    assert not names_of_different(partial(style, name), cards)


def test_a_comic_changes_nothing() -> None:
    assert not names_of_different(plt.xkcd)


#: Those of saving count, and so does who draws: a backend, TeX, a hook.
COUNT = (
    *("savefig.", "pdf.", "ps.", "svg.", "pgf.", "backend", "interactive", "toolbar"),
    *("text.usetex", "text.latex", "figure.dpi", "figure.hooks", "_"),
    "text.hinting_factor",  # by which Matplotlib 3.10 spaces the letters of documents
)
FAMILIES = [*("path", "patch", "lines", "axes", "font", "text", "image", "hatch", "figure", "agg")]
VALUES: list[Any] = [
    *("red", "0.3", "left", "x", "both", "minor", "none", "serif", "bold", "top", "bottom"),
    *("right", "auto", "nearest", "large", "condensed", "lower", "line", "round", "bevel"),
    *("round_numbers", "no_autohint", "7", "stix", "de", ["cursive"], (1, 3), [5, 2, 1]),
    *((3, 50, 7), (2.0, 3.0), ["Nothing"], 7, 0.7, True, False, cycler(color=["r", "g"])),
]
#: Where anything passes, until it is used.
ANYTHING: dict[str, Any] = {
    "font.style": "italic",
    "font.variant": "small-caps",
    "image.cmap": "gray",
    "image.interpolation_stage": "rgba",
    "lines.marker": "o",
    "path.effects": [withStroke(linewidth=3)],
    "text.language": "de",
}


@contextmanager
def changed(values: dict[str, Any]) -> Iterator[None]:
    with mpl.rc_context():
        for name, value in values.items():
            SETTINGS[name] = value
        yield


def other_value(name: str) -> Any:
    """Return a value that an rcParam may have, and that is not its default."""
    default = DEFAULTS[name]
    tries = [ANYTHING[name]] if name in ANYTHING else VALUES
    if isinstance(default, bool):
        tries = [not default]
    elif isinstance(default, int | float):
        tries = [default / 2 + 0.1, 2 * default + 1, *VALUES]
    for value in tries:
        with mpl.rc_context(), suppress(ValueError, TypeError, RuntimeError):
            SETTINGS[name] = value
            if SETTINGS[name] != default:
                return SETTINGS[name]
    return None


def other_values(family: str) -> dict[str, Any]:
    """Return other values for all rcParams of a family; "" are all other families."""
    found = {}
    for name in list(DEFAULTS):  # which warns of nothing while it is gone through
        beginning = name.partition(".")[0]
        its_family = beginning if beginning in FAMILIES else ""
        if its_family == family and not name.startswith(COUNT):
            with suppress(DeprecationWarning):
                found[name] = other_value(name)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("family", [*FAMILIES, ""])
def test_settings_that_are_not_of_saving_change_nothing(family: str) -> None:
    values = other_values(family)
    assert values
    if family:
        assert None not in values.values()
    values = {name: value for name, value in values.items() if value is not None}
    different = names_of_different(partial(changed, values))
    assert not different, [
        name
        for name, value in values.items()
        if names_of_different(partial(changed, {name: value}))
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"path.simplify": False},
        {"path.simplify_threshold": 0.0},
        {"path.simplify_threshold": 1.0},
        {"path.sketch": (1, 100, 2)},
        {"path.effects": [withStroke(linewidth=4, foreground="w")]},
        {"figure.frameon": False, "figure.edgecolor": "red"},
        {"savefig.facecolor": "red", "savefig.edgecolor": "green"},
        {"savefig.facecolor": "none", "figure.facecolor": "none"},
    ],
    ids="-".join,
)
def test_a_setting_changes_nothing(settings: dict[str, Any]) -> None:
    assert not names_of_different(partial(changed, settings))


# What counts


@pytest.mark.parametrize("file_format", FORMATS)
def test_colours_that_are_asked_for_count(file_format: str) -> None:
    def content(**options: Any) -> bytes:
        return saved(plot_autopsy(histories()), file_format, **options)

    def of_a_red_figure() -> bytes:
        figure = plot_autopsy(histories())
        figure.set_facecolor("red")
        return saved(figure, file_format)

    asked, red, usual = content(facecolor="red"), of_a_red_figure(), content()
    assert usual not in {asked, red}
    mpl.rcParams.update({"savefig.facecolor": "blue", "figure.facecolor": "blue"})
    assert [content(facecolor="red"), of_a_red_figure(), content()] == [asked, red, usual]


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_callers_own_figure_goes_by_the_settings(file_format: str) -> None:
    def content() -> bytes:
        figure, buffer = plt.figure(), io.BytesIO()
        axs = figure.subplots(1, 2)
        draw_autopsy(axs[0], histories())
        savefig_with_alt(figure, buffer, format=file_format)
        return buffer.getvalue()

    usual = content()
    assert content() == usual
    mpl.rcParams["savefig.facecolor"] = "red"
    assert content() != usual
