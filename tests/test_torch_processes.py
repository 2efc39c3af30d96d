"""Several processes: each records its own data, and they are joined once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dead_neuron_autopsy import Constant, Dormant, FiringRate, Peak, Recording, diagnose

pytest.importorskip("torch", reason="needs PyTorch")

pytestmark = pytest.mark.slow


def run_two(folder: Path, kind: str) -> None:
    program = Path(__file__).with_name("one_of_two.py")
    meeting = folder / "meeting"
    both = [
        subprocess.Popen(
            [sys.executable, str(program), str(rank), str(meeting), str(folder), kind],
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    for process in both:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors


@pytest.mark.parametrize("kind", ["same", "nan"])
def test_two_processes_find_what_one_finds_on_all_data(tmp_path: Path, kind: str) -> None:
    run_two(tmp_path, kind)
    whole = Recording.load(tmp_path / "whole.npz")
    for rank in (0, 1):
        joined = Recording.load(tmp_path / f"{rank}.npz")
        assert joined.steps.tolist() == whole.steps.tolist()
        assert [one.name for one in joined.layers] == ["1", "3"]
        for criterion in (Peak(), Constant(), FiringRate(0.4)):
            found, expected = (diagnose(one, criterion=criterion) for one in (joined, whole))
            assert_array_equal(found.scores, expected.scores)
            assert found.states == expected.states
            assert ("unknown" in found.states) == (kind == "nan")
        found, expected = (diagnose(one, criterion=Dormant()) for one in (joined, whole))
        assert_allclose(found.scores, expected.scores, rtol=1e-5)
        assert "all_reduce: done already" in (tmp_path / f"{rank}.txt").read_text()


@pytest.mark.parametrize("kind", ["steps", "layers"])
def test_processes_that_differ_are_told_so(tmp_path: Path, kind: str) -> None:
    run_two(tmp_path, kind)
    for rank in (0, 1):
        message = (tmp_path / f"{rank}.txt").read_text()
        assert f"process {1 - rank} has recorded other {kind} than process {rank}" in message
        assert not (tmp_path / f"{rank}.npz").exists()
