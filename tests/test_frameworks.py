"""The programs of docs/frameworks.md, each run with the real library."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dead_neuron_autopsy import Recording, diagnose, unit_extremes

PAGE = (Path(__file__).parent.parent / "docs" / "frameworks.md").read_text("utf-8")
PROGRAMS = dict(re.findall(r"^## ([^\n]+)\n.*?^```python\n(.*?)^```", PAGE, re.M | re.S))

#: What each program needs, how many steps it records, and of how many units.
NEEDS = {
    "PyTorch": (["torch"], 20, 16),
    "Lightning": (["lightning"], 16, 16),
    "Hugging Face Trainer": (["transformers", "accelerate", "torch"], 5, 128),
    "Flax": (["flax"], 20, 16),
    "Keras": (["keras"], 16, 20),
    "TensorFlow": (["tensorflow"], 20, 16),
}

#: Appended to each program: its recording goes to a file.
END = """
taken = callback.recording if "callback" in globals() else recording
taken.save("run.npz")
print(figure.alt_text)
"""


def needed(*modules: str) -> None:
    """Skip a test without these, and say so."""
    for module in modules:
        if find_spec(module) is None:
            pytest.skip(f"needs {module}")


def run(program: str, folder: Path, **environment: str) -> tuple[Recording, str]:
    (folder / "program.py").write_text(program + END)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Recording.load(folder / "run.npz"), done.stdout


def test_every_program_is_run() -> None:
    assert list(PROGRAMS) == list(NEEDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDS)
def test_a_program_of_the_page_runs(name: str, tmp_path: Path) -> None:
    modules, n_steps, n_units = NEEDS[name]
    needed(*modules)
    backend = {} if name != "Keras" else {"KERAS_BACKEND": keras_backends()[0]}
    recording, printed = run(PROGRAMS[name], tmp_path, **backend)
    assert len(recording.steps) == n_steps
    assert sum(layer.n_units for layer in recording.layers) == n_units
    assert f"of {n_units} neurons dead" in printed
    assert {layer.function for layer in recording.layers} <= {"relu", "gelu"}


def keras_backends() -> list[str]:
    return [name for name in ("jax", "torch", "tensorflow") if find_spec(name)] or ["jax"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_the_keras_callback_works_with_other_backends(backend: str, tmp_path: Path) -> None:
    needed("keras", backend)
    recording, _ = run(PROGRAMS["Keras"], tmp_path, KERAS_BACKEND=backend)
    changed = np.ptp(np.array(diagnose(recording).histories), axis=1)
    assert (changed > 0).any()  # the weights of each step, not those of the beginning


@pytest.mark.slow
def test_the_keras_callback_sees_the_weights_of_each_step_in_jax(tmp_path: Path) -> None:
    needed("keras", "jax")
    recording, _ = run(PROGRAMS["Keras"], tmp_path, KERAS_BACKEND="jax")
    assert (np.ptp(np.array(diagnose(recording).histories), axis=1) > 0).any()


@pytest.mark.slow
def test_recording_a_lightning_module_is_told_why_it_gives_nothing(tmp_path: Path) -> None:
    needed("lightning")
    program = PROGRAMS["Lightning"].replace("record(module.net)", "record(module)")
    with pytest.raises(AssertionError, match=r"record\(module\.net\)"):
        run(program, tmp_path)


@pytest.mark.slow
def test_what_flax_captures_is_from_before_the_activation() -> None:
    needed("flax")
    import flax.linen as nn
    import jax
    import jax.numpy as jnp

    class Network(nn.Module):
        @nn.compact
        def __call__(self, inputs: Any) -> Any:
            return nn.relu(nn.Dense(16)(inputs))

    network, inputs = Network(), jax.random.normal(jax.random.key(1), (32, 8))
    parameters = network.init(jax.random.key(0), jnp.zeros((1, 8)))
    _, state = network.apply(parameters, inputs, capture_intermediates=True)
    (captured,) = state["intermediates"]["Dense_0"]["__call__"]
    assert (captured < 0).any()


# Extremes in each library


def in_library(library: str, array: Any) -> Any:
    if library == "numpy":
        return array
    needed(library)
    if library == "jax":
        import jax.numpy as jnp

        return jnp.asarray(array)
    if library == "torch":
        import torch

        return torch.tensor(array)
    import tensorflow as tf

    return tf.constant(array)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["numpy", "jax", "torch", "tensorflow"])
@pytest.mark.parametrize("masked", ["", "samples", "first axis"])
@pytest.mark.parametrize("with_nan", ["", "nan"])
def test_extremes_are_the_same_in_every_library(library: str, masked: str, with_nan: str) -> None:
    random = np.random.default_rng(3)
    activations = random.normal(size=(4, 6, 5)).astype(np.float32)
    if with_nan:
        activations[1, 2, 3] = np.nan
    where, expected = None, unit_extremes(activations, 1)
    if masked:
        where = random.random((4, 5) if masked == "samples" else 4) < 0.6
        expected = unit_extremes(activations, 1, where)
        where = in_library(library, where)
    found = unit_extremes(in_library(library, activations), 1, where)
    assert type(found.low) is type(in_library(library, activations))
    for one, other in zip(found, expected, strict=True):
        assert_array_equal(np.asarray(one), other)


def test_extremes_are_found_under_jit_and_in_bfloat16() -> None:
    needed("jax")
    import jax
    import jax.numpy as jnp

    activations = jnp.asarray(np.random.default_rng(4).normal(size=(7, 3)), jnp.bfloat16)
    mask = jnp.arange(7) < 5
    found = jax.jit(lambda rows, where: unit_extremes(rows, -1, where))(activations, mask)
    assert found.high.dtype == jnp.bfloat16
    recording = Recording()
    recording.observe("fc", found)
    recording.observe("whole", activations, unit_axis=-1)
    recording.step()
    expected = np.asarray(activations[:5].astype(jnp.float32))
    assert_array_equal(diagnose(recording).peaks[:3], np.abs(expected).max(axis=0))
