"""What every test and every example in a docstring starts from."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from importlib.util import find_spec

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import settings
from matplotlib import pyplot as plt
from numpy.typing import NDArray

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

if find_spec("torch") is None:  # then pytest cannot even read the examples in these
    collect_ignore_glob = ["src/dead_neuron_autopsy/torch.py", "src/dead_neuron_autopsy/_torch/*"]

Histories = dict[str, NDArray[np.float64]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in slow tests: it nearly doubles their time, and adds no line."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Keep garbage collections quick: they need not go through what was imported."""
    gc.freeze()


@pytest.fixture(autouse=True)
def isolated_matplotlib() -> Iterator[None]:
    """Give every test Matplotlib as it comes, and leave no figure behind."""
    mpl.use("agg")
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.use("agg")
        yield
    plt.close("all")


def _living(phase: float) -> NDArray[np.float64]:
    steps = np.arange(24.0)
    wave = np.sin(0.55 * steps + phase) + 0.6 * np.sin(1.7 * steps + 2 * phase)
    return np.maximum(0.06 * steps + 0.5 * wave, 0.0)


@pytest.fixture
def six_neurons() -> Histories:
    """Return four living neurons and two dead ones."""
    living = {f"L{1 + i // 2}·N{1 + i % 2}": _living(1.3 * i) for i in range(4)}
    return {**living, "L3·N1": np.zeros(24), "L3·N2": np.zeros(24)}


@pytest.fixture
def thirty_neurons() -> Histories:
    """Return thirty neurons, every third dead."""
    return {
        f"L{1 + i // 10}·N{1 + i % 10}": np.zeros(24) if i % 3 == 2 else _living(0.7 * i)
        for i in range(30)
    }


@pytest.fixture
def hostile_neurons() -> Histories:
    """Return neurons whose ids TeX, mathtext, XML and fonts choke on."""
    ids = [
        "under_score%",
        "$x^2$ \\alpha",
        "line\nbreak\ttab",
        "nul\x00 esc\x1b",
        "\u05e9\u05dc\u05d5\u05dd\u00b7N1",
        "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 12",
        "\u6f22\u5b57\u304b\u306a",
        "\U0001f9e0 brain",
        "x" * 300,
        "lone \ud800",
        "<script>&\"']]>",
        "e\u0301 a\u200db \u202ertl",
    ]
    return {name: _living(0.9 * position) for position, name in enumerate(ids)}
