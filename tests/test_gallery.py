"""The gallery: each script run as a reader would run it, and what it makes."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pypdf
import pytest
from PIL import Image
from windows import run_in_window

pytest.importorskip("sklearn", reason="the gallery trains on scikit-learn's digits")

GALLERY = Path(__file__).parents[1] / "gallery"
SVG = "{http://www.w3.org/2000/svg}"
DYING = ("dying_relu_healthy", "dying_relu_too_high")
STATES = tuple(
    f"states_{nan_policy}_{style}"
    for nan_policy in ("propagate", "omit")
    for style in ("light", "dark", "print")
)


def run(script: str, cwd: Path) -> tuple[Path, str]:
    """Run a script of the gallery; return its output folder and what it printed."""
    output = cwd / "made"
    printed = run_script([GALLERY / script, output], cwd)
    assert [path.name for path in cwd.iterdir()] == ["made"]
    return output, printed


def run_script(arguments: list[Path], cwd: Path) -> str:
    """Run a script with warnings as errors; return what it printed."""
    done = subprocess.run(  # a script of ours
        [sys.executable, "-W", "error", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def dying(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return run("plot_dying_relu.py", tmp_path_factory.mktemp("dying"))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return run("plot_paper_figure.py", tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    # Without a folder to write to, it writes beside the script.
    folder = tmp_path_factory.mktemp("states")
    printed = run_script([Path(shutil.copy(GALLERY / "plot_states.py", folder))], folder)
    return folder / "output", printed


@pytest.fixture
def gallery_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(GALLERY)
    yield importlib.import_module("plot_dying_relu")
    monkeypatch.delitem(sys.modules, "plot_dying_relu")


def lines_after(label: str, printed: str) -> list[str]:
    """Return what is printed after a label, wherever it stands."""
    return [line.removeprefix(label) for line in printed.splitlines() if line.startswith(label)]


def svg_figure(path: Path) -> ET.Element:
    """Return the one element of an SVG that is a figure."""
    figures = [
        element
        for element in ET.parse(path).iter()  # a file of ours
        if element.get("role") == "figure"
    ]
    assert len(figures) == 1
    return figures[0]


def svg_summary(path: Path) -> str:
    """Return the text that describes the figure to who does not see it."""
    figure = svg_figure(path)
    description = figure.find(f"{SVG}desc")
    assert description is not None
    assert description.get("id") == figure.get("aria-describedby")
    return description.text or ""


def svg_states(path: Path) -> list[str | None]:
    """Return each card's state, in order."""
    return [card.get("data-state") for card in svg_figure(path).iter() if is_card(card)]


def is_card(element: ET.Element) -> bool:
    return element.get("role") == "listitem"


def png_text(path: Path) -> dict[str, str]:
    with Image.open(path) as image:
        assert image.format == "PNG"
        image.load()
        return {str(key): str(value) for key, value in image.info.items()}


def assert_files(output: Path, names: tuple[str, ...], suffixes: tuple[str, ...]) -> None:
    expected = {f"{name}.{suffix}" for name in names for suffix in suffixes}
    assert {path.name for path in output.iterdir()} == expected


@pytest.mark.slow
def test_dying_relu_makes_its_files(dying: tuple[Path, str]) -> None:
    output, _ = dying
    assert_files(output, DYING, ("svg", "png", "pdf"))
    for name in DYING:
        assert svg_states(output / f"{name}.svg")
        assert png_text(output / f"{name}.png")
        assert (output / f"{name}.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_dying_relu_prints_what_its_files_say(dying: tuple[Path, str]) -> None:
    output, printed = dying
    summaries = lines_after("Alt text: ", printed)
    descriptions = lines_after("Description: ", printed)
    assert [svg_summary(output / f"{name}.svg") for name in DYING] == summaries
    for name, summary, description in zip(DYING, summaries, descriptions, strict=True):
        written = png_text(output / f"{name}.png")["Description"]
        assert summary.startswith(written.partition(". ")[0])
        assert written.endswith(description)


@pytest.mark.slow
def test_dying_relu_cards_agree_with_the_summary(dying: tuple[Path, str]) -> None:
    output, printed = dying
    for name, summary in zip(DYING, lines_after("Alt text: ", printed), strict=True):
        cards = svg_states(output / f"{name}.svg")
        assert f"{cards.count('dead')} of {len(cards)} neurons dead" in summary


def test_neurons_die_at_the_high_rate_alone(gallery_module: ModuleType) -> None:
    healthy, too_high = (
        gallery_module.train(rate)
        for rate in (gallery_module.HEALTHY_RATE, gallery_module.TOO_HIGH_RATE)
    )
    verdicts = [gallery_module.autopsy_of(training) for training in (healthy, too_high)]
    assert [verdict.n_dead for verdict in verdicts] == [1, 61]  # on every machine
    assert healthy.accuracy > 0.9 > too_high.accuracy
    assert np.isfinite(too_high.losses).all()
    assert np.isfinite(too_high.activations).all()


def test_a_window_too_long_hides_the_dead_and_one_too_short_adds_some(
    gallery_module: ModuleType,
) -> None:
    training = gallery_module.train(gallery_module.HEALTHY_RATE)
    whole, recent, last = (
        gallery_module.autopsy_of(training, window).n_dead
        for window in (None, gallery_module.N_JUDGED, 1)
    )
    assert whole < recent < last


def test_sums_of_products_are_exact_whatever_their_order(
    gallery_module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, largest = gallery_module.forward, [0.0]

    def measured(layers: Any, images: Any) -> Any:
        hidden, _ = found = forward(layers, images)
        for below, (weights, _) in zip([images, *hidden], layers, strict=True):
            largest.append(float((abs(below) @ abs(weights)).max()))
            assert (gallery_module.fixed(weights) == weights).all()
            assert (gallery_module.fixed(below) == below).all()
        return found

    monkeypatch.setattr(gallery_module, "forward", measured)
    for rate in (gallery_module.HEALTHY_RATE, gallery_module.TOO_HIGH_RATE):
        gallery_module.train(rate)
    assert max(largest) / gallery_module.UNIT**2 < 2.0**53


def test_training_is_reproducible(gallery_module: ModuleType) -> None:
    first, second = (gallery_module.train(gallery_module.HEALTHY_RATE) for _ in range(2))
    np.testing.assert_array_equal(first.activations, second.activations)
    np.testing.assert_array_equal(first.losses, second.losses)


def test_a_step_goes_down_the_gradient_of_the_loss(
    gallery_module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_module, "UNIT", 2.0**-45)  # rounding would be steps
    rng = np.random.default_rng(1)
    data, _, _ = gallery_module.split_digits(rng)
    batch = gallery_module.Data(data.images[:8], data.digits[:8])
    layers = gallery_module.first_layers(rng, batch.images.shape[1])
    moved = [gallery_module.Layer(*map(np.copy, layer)) for layer in layers]
    gallery_module.descend(moved, batch, 1.0)
    nudge = 1e-6
    for layer, moved_layer in zip(layers, moved, strict=True):
        for parameters, moved_parameters in zip(layer, moved_layer, strict=True):
            gradient = parameters - moved_parameters
            steepest = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
            losses = []
            for offset in (-nudge, 2 * nudge):
                parameters[steepest] += offset
                losses.append(gallery_module.descend(layers, batch, 0.0))
            parameters[steepest] -= nudge
            slope = (losses[1] - losses[0]) / (2 * nudge)
            assert gradient[steepest] == pytest.approx(slope, rel=1e-5)


@pytest.mark.slow
def test_paper_figure_makes_its_files(paper: tuple[Path, str]) -> None:
    output, _ = paper
    assert_files(output, ("paper_figure",), ("pdf", "svg", "png"))
    assert (output / "paper_figure.pdf").read_bytes().startswith(b"%PDF-")
    with Image.open(output / "paper_figure.png") as image:
        assert image.width == 7.0 * 300
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.slow
def test_paper_figure_says_what_it_shows(paper: tuple[Path, str]) -> None:
    output, printed = paper
    (words,) = lines_after("Alt text: ", printed)
    assert png_text(output / "paper_figure.png")["Description"] == words
    assert svg_summary(output / "paper_figure.svg") in words
    assert len(svg_states(output / "paper_figure.svg")) == 12


@pytest.mark.slow
def test_states_makes_its_files(states: tuple[Path, str]) -> None:
    output, _ = states
    assert_files(output, STATES, ("png", "svg"))
    for name in STATES:
        assert png_text(output / f"{name}.png")


def test_states_are_the_same_in_every_style(states: tuple[Path, str]) -> None:
    output, printed = states
    summaries = [svg_summary(output / f"{name}.svg") for name in STATES]
    propagate, omit = lines_after("Alt text: ", printed)
    assert summaries == [propagate] * 3 + [omit] * 3
    assert propagate.endswith("3 neurons are unknown (nan).")
    assert "(nan)" not in omit


def test_states_keeps_hostile_ids_whole_in_the_labels(states: tuple[Path, str]) -> None:
    output, _ = states
    labels = [
        str(element.get("aria-label"))
        for element in svg_figure(output / "states_propagate_light.svg").iter()
        if element.get("role") == "img"
    ]
    for neuron_id in (
        r"a_b%$x^2$\n",
        "two lines <&>",
        "עצב 7",
        "عصبون 7",
        "神経細胞7",
        "🧠 7",
    ):
        assert any(label.startswith(f"{neuron_id}, alive, peak") for label in labels)


@pytest.mark.slow
def test_a_training_in_pytorch_goes_wrong_and_is_repaired(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    output, printed = run("plot_torch_training.py", tmp_path)
    names = ["torch_comparison.svg", "torch_repaired.svg", "torch_too_high.svg"]
    assert sorted(path.name for path in output.iterdir()) == names
    too_high, repaired = (int(n) for n in re.findall(r"(\d+) of 52 neurons dead", printed))
    assert too_high > 3 * repaired  # how many exactly depends on the processor's last bits
    svg = (output / "torch_too_high.svg").read_text("utf-8")
    assert all(f'aria-label="{name}·0, ' in svg for name in ("conv1.1", "relu", "relu#2"))
    assert "dead since step" in svg
    revived, still = (int(n) for n in re.findall(r"(\d+) revived, (\d+) still", printed)[0])
    assert revived + still == too_high


@pytest.mark.slow
def test_a_network_is_shown_by_layer_and_in_a_report(tmp_path: Path) -> None:
    output, printed = run("plot_layers.py", tmp_path)
    assert "76 of 368 neurons are dead" in printed
    assert "layer1 (0 of 32)" in printed
    pages = pypdf.PdfReader(output / "report.pdf").pages
    assert "14/32 dead" in pages[0].extract_text()
    cards = [word for page in pages[1:] for word in page.extract_text().split()]
    assert len({word for word in cards if word.startswith("layer") and "·" in word}) == 368
    for name in ("layers.png", "dead_units.png"):
        with Image.open(output / name) as image:
            assert "76 of 368 neurons are dead" in image.text["Description"]  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_training_is_a_film(tmp_path: Path) -> None:
    output, printed = run("plot_training_film.py", tmp_path)
    suffixes = ("gif", "png", "svg", "webp")
    assert_files(output, ("training_film",), suffixes)
    assert "25 frames in 5 s" in printed
    assert re.search(r"0 of 80 neurons dead at step 12, \d+ at step 72", printed)
    with Image.open(output / "training_film.webp") as film:
        assert film.n_frames == 25  # type: ignore[attr-defined]
    assert "prefers-reduced-motion" in (output / "training_film.svg").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_a_training_can_be_watched_in_a_window(backend: str, tmp_path: Path) -> None:
    arguments = [str(GALLERY / "live_training.py"), "--steps", "40", "--every", "0.03", "--close"]
    printed = run_in_window(backend, *arguments, cwd=tmp_path)
    assert re.search(r"\d+ of 80 neurons dead", printed)
