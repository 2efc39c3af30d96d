"""`AutopsyFigure.save_html`, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dead_neuron_autopsy import plot_autopsy, plot_layers

NEURONS = {"L1·N0": [0.0, 0.3], "L1·N1": [0.0, 0.0], "L2·N0": [np.nan, 1.0], "L2·N1": []}


def test_only_cards_have_a_page(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no autopsy as AutopsyGrid"):
        plot_layers(NEURONS).save_html(tmp_path / "a.html")
    path = tmp_path / "a.html"
    path.write_text("old")
    with pytest.raises(TypeError):
        plot_autopsy(NEURONS).save_html(3)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="missing"):
        plot_autopsy(NEURONS).save_html(tmp_path / "missing" / "a.html")
    assert path.read_text() == "old"


def test_its_size_and_its_bytes(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(400, 64))  # no zeros, which take less
    ids = [f"L{1 + i // 50}·N{i % 50}" for i in range(400)]
    for name in "ab":
        plot_autopsy(values, neuron_axis=0, ids=ids).save_html(tmp_path / name)
    assert (tmp_path / "a").stat().st_size <= 400_000
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    script = re.findall(r"(?s)<script>(.*?)</script>", (tmp_path / "a").read_text())
    assert len(script[0].splitlines()) <= 300
