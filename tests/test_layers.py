"""What people hold: a mapping from layers to arrays, xarray, tables; and any form of the same."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any

import dask.array as da
import ml_dtypes
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from numpy.testing import assert_array_equal

from dead_neuron_autopsy import (
    GERMAN,
    Dormant,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
)

from_array: Any = da.from_array

STEPS_BY_UNITS = np.array([[0.0, 0.5, 1.0], [0.0, 0.25, -2.0]])


def layers() -> dict[str, Any]:
    return {"fc1": STEPS_BY_UNITS, "fc2": np.array([[1.0, 0.0], [2.0, 0.0]])}


def test_units_are_named_by_layer_and_number() -> None:
    found = diagnose(layers(), neuron_axis=1)
    assert found.ids.tolist() == ["fc1·0", "fc1·1", "fc1·2", "fc2·0", "fc2·1"]
    assert found.dead_ids == ["fc1·0", "fc2·1"]
    assert found["fc1·2"].activations.tolist() == [1.0, -2.0]
    assert [one.name for one in plot_layers(layers(), neuron_axis=1).layer_bars.layers] == [
        "fc1",
        "fc2",
    ]
    assert diagnose(layers(), criterion=Dormant(), neuron_axis=1).n_dead == 2


def test_each_layer_may_have_its_own_axis_and_mappings_may_be_nested() -> None:
    nested = {"encoder": {"fc1": STEPS_BY_UNITS.T, 2: np.zeros((2, 1))}, "head": [[1.0], [2.0]]}
    axes: dict[str, Any] = {"encoder.fc1": 0, "encoder.2": 1, "head": np.int64(1)}
    found = diagnose(nested, neuron_axis=axes)
    assert found.ids.tolist() == [
        "encoder.fc1·0",
        "encoder.fc1·1",
        "encoder.fc1·2",
        "encoder.2·0",
        "head·0",
    ]
    assert found.dead_ids == ["encoder.fc1·0", "encoder.2·0"]


def test_layers_may_have_different_numbers_of_steps() -> None:
    found = diagnose({"a": np.ones((5, 2)), "b": np.zeros((3, 1))}, neuron_axis=1)
    assert [len(one) for one in found.histories] == [5, 5, 3]
    assert found.begins_late.tolist() == [False, False, True]


@pytest.mark.parametrize("kind", ["numpy", "masked", "dask", "integers"])
def test_further_axes_are_reduced_to_the_largest_and_it_is_said(kind: str) -> None:
    random = np.random.default_rng(5)
    whole: Any = random.integers(-128, 128, size=(6, 4, 3, 5))  # steps, samples, units, pixels
    whole[:, :, 1] = 0
    if kind == "integers":
        whole = whole.astype(np.int8)
    elif kind == "masked":
        whole = np.ma.masked_greater(whole.astype(float), 100)
    elif kind == "dask":
        whole = from_array(whole.astype(np.float32), chunks=2)
    found = diagnose({"conv": whole}, neuron_axis=2, reduce="max-abs")
    by_step = np.ma.filled(np.ma.asarray(np.asanyarray(whole)).astype(float), 0)
    by_step = by_step.transpose(2, 0, 1, 3).reshape(3, 6, -1)
    largest = np.take_along_axis(by_step, np.abs(by_step).argmax(axis=2)[..., None], axis=2)[..., 0]
    assert_array_equal(np.abs(np.array(found.histories)), np.abs(largest))
    assert found.dead_ids == ["conv·1"]
    words = "over 6 samples, each the largest of its step"
    assert words in found.description
    figure = plot_autopsy({"conv": whole}, neuron_axis=2, reduce="max-abs")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    assert words in buffer.getvalue().decode()
    assert "jeder der größte seines Schritts" in GERMAN.description(found)
    assert found.take([0]).reduce == "max-abs"


def test_every_function_takes_further_axes(tmp_path: Any) -> None:
    array = np.ones((2, 3, 4))
    for draw in (plot_autopsy, plot_layers):
        figure = draw({"a": array}, neuron_axis=1, reduce="max-abs")
        assert "3 neurons" in figure.alt_text
    grid = draw_autopsy(plt.figure(), array, neuron_axis=1, reduce="max-abs")
    assert len(grid.cards) == 3
    save_autopsy_pages(tmp_path / "a.pdf", {"a": array}, neuron_axis=1, reduce="max-abs")
    assert (tmp_path / "a.pdf").stat().st_size


@pytest.mark.parametrize(
    ("neurons", "options", "error", "message"),
    [
        ({"a": np.ones((2, 2))}, {}, ValueError, r"neuron 'a'.*neuron_axis="),
        ({"a": np.ones((2, 2, 2))}, {"neuron_axis": 1}, ValueError, r"layer 'a'.*reduce='max-abs'"),
        ({"a": np.ones((2, 2))}, {"neuron_axis": 2}, ValueError, r"0 or 1; got 2 \(layer 'a'\)"),
        (
            {"a": np.ones((2, 2, 2))},
            {"neuron_axis": 3, "reduce": "max-abs"},
            ValueError,
            "from 0 to 2; got 3",
        ),
        ({"a": np.ones((2, 2))}, {"neuron_axis": "unit"}, TypeError, "0 or 1; got str 'unit'"),
        ({"a": np.ones((2, 2))}, {"neuron_axis": {"b": 1}}, ValueError, "must name each layer"),
        (
            {"a": np.ones((2, 2)), "b": [1.0]},
            {"neuron_axis": 1},
            ValueError,
            r"layer 'b'.*2-D.*\(1,\).*Leave neuron_axis= out",
        ),
        ({"a·b": np.ones((2, 2))}, {"neuron_axis": 1}, ValueError, "'a·b' must not hold '·'"),
        ({1.5: np.ones((2, 2))}, {"neuron_axis": 1}, TypeError, "name must be a string; got float"),
        ({}, {"neuron_axis": 1}, ValueError, "must hold at least one"),
        ({"a": np.ones((2, 2))}, {"neuron_axis": 1, "ids": ["x"]}, TypeError, "ids go with"),
        ({"a": [1.0]}, {"reduce": "max-abs"}, TypeError, "reduce go with arrays"),
        ({"a": np.ones((2, 2))}, {"neuron_axis": 1, "reduce": "mean"}, ValueError, "'max-abs'"),
        (np.ones((2, 2, 2)), {"neuron_axis": 1}, ValueError, r"\(2, 2, 2\), axis 1 runs over"),
    ],
)
def test_what_is_not_clear_is_refused(
    neurons: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        diagnose(neurons, **options)


@pytest.mark.parametrize(
    "neurons",
    [
        OrderedDict({"0.weight": np.ones((3, 2)), "0.bias": np.ones(3)}),
        {"weight": np.ones((3, 2))},
        {"bn": {"running_mean": np.ones((3, 1)), "num_batches_tracked": np.ones((1, 1))}},
    ],
)
def test_weights_are_no_activations(neurons: Any) -> None:
    with pytest.raises(TypeError, match=r"a model's weights.*record\(model\)"):
        diagnose(neurons, neuron_axis=0)


def test_a_layer_may_be_called_after_weights() -> None:
    found = diagnose({"weight_gate": np.ones((2, 3)), "bias.act": np.ones((2, 1))}, neuron_axis=1)
    assert len(found) == 4


def test_models_and_their_parameters_are_refused() -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    parameters = torch.nn.ParameterDict({"a": torch.nn.Parameter(torch.ones(2, 2))})
    for model in (parameters, torch.nn.Linear(2, 2)):
        with pytest.raises(TypeError, match=r"record\(model\)"):
            diagnose(model, neuron_axis=1)
    with pytest.raises(TypeError, match="a model's weights"):
        diagnose({"a": torch.nn.Parameter(torch.ones(2, 2))}, neuron_axis=1)
    found = diagnose({"fc": torch.ones(2, 3, dtype=torch.bfloat16)}, neuron_axis=1)
    assert found.peaks.tolist() == [1.0] * 3


def test_sparse_matrices_are_told_how_to_be_dense() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="needs SciPy")
    for matrix in (sparse.csr_matrix(np.eye(3)), sparse.coo_array(np.eye(3))):
        with pytest.raises(TypeError, match=r"must be dense.*toarray\(\)"):
            diagnose(matrix, neuron_axis=0)
        with pytest.raises(TypeError, match=r"layer 'a' must be dense.*toarray\(\)"):
            diagnose({"a": matrix}, neuron_axis=0)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_small_floats_are_read_in_layers_too(dtype: Any) -> None:
    found = diagnose({"a": STEPS_BY_UNITS.astype(dtype)}, neuron_axis=1)
    assert found.peaks.tolist() == [0.0, 0.5, 2.0]
    reduced = diagnose(np.ones((2, 3, 4), dtype), neuron_axis=1, reduce="max-abs")
    assert reduced.peaks.tolist() == [1.0] * 3


# xarray


def test_dimensions_are_named_and_coordinates_are_ids_and_steps() -> None:
    array = xr.DataArray(
        STEPS_BY_UNITS,
        dims=("step", "unit"),
        coords={"step": [10, 20], "unit": ["in·a", "in·b", "in·c"]},
    )
    found = diagnose(array, neuron_axis="unit")
    assert found.ids.tolist() == ["in·a", "in·b", "in·c"]
    assert found.steps is not None
    assert found.steps.tolist() == [10, 20]
    assert diagnose(array, neuron_axis="unit", ids=["x", "y", "z"]).ids[0] == "x"
    assert diagnose(array, neuron_axis="unit", steps=[1, 2]).died_at_step.tolist()[0] == 1
    with pytest.raises(ValueError, match=r"one of the dimensions; neurons has \('step', 'unit'\)"):
        diagnose(array, neuron_axis="neuron")
    lazy = diagnose(array.chunk({"unit": 1}), neuron_axis="unit")
    assert lazy.to_json() == found.to_json()
    plain = diagnose(xr.DataArray(STEPS_BY_UNITS), neuron_axis="dim_1")
    assert plain.ids.tolist() == ["0", "1", "2"]
    assert plain.steps is None


def test_a_dataset_is_a_mapping_from_layers() -> None:
    step = ("step", [1, 5])
    dataset = xr.Dataset(
        {"fc1": (("step", "a"), STEPS_BY_UNITS), "fc2": (("b", "step"), [[0.0, 0.0]])},
        coords={"step": step, "a": ["x", "y", "z"]},
    )
    found = diagnose(dataset, neuron_axis={"fc1": "a", "fc2": "b"})
    assert found.ids.tolist() == ["fc1·x", "fc1·y", "fc1·z", "fc2·0"]
    assert found.steps is not None
    assert found.steps.tolist() == [1, 5]
    with pytest.raises(ValueError, match="does not say which axis"):
        diagnose(dataset)


def test_layers_of_dask_stay_lazy() -> None:
    reads = []

    def block(block_info: Any = None) -> Any:
        reads.append(block_info)
        return np.zeros((4, 2))

    map_blocks: Any = da.map_blocks
    chunks = {"chunks": ((4,), (2,)), "dtype": float, "meta": np.zeros((0, 0))}
    both = {name: map_blocks(block, name=name, **chunks) for name in "ab"}
    reads.clear()
    found = diagnose(both, neuron_axis=1)
    assert len(reads) == 2  # one pass
    assert found.n_dead == 4


# Tables


FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", ["step", "Unnamed: 0", "Epoch", "index", ""])
def test_a_column_that_counts_steps_is_refused(frame: Any, name: str) -> None:
    with pytest.raises(ValueError, match=r"column .* counts steps and is not a neuron"):
        diagnose(frame({name: [0, 1, 2], "N1": [0.5, 0.0, 0.1]}))
    found = diagnose(frame({name: [0.5, 0.1, 0.2], "N1": [0.5, 0.0, 0.1]}))
    assert len(found) == 2  # a neuron that happens to be called so


def test_a_table_of_pyarrow_has_names_and_nulls() -> None:
    table = pa.table({"a": pa.chunked_array([[1, None], [3]]), "b": [0.0, 0.0, 0.0]})
    found = diagnose(table, nan_policy="omit")
    assert found.ids.tolist() == ["a", "b"]
    assert found.sample_counts.tolist() == [2, 3]
    assert diagnose(table).states == ("unknown", "dead")


def test_a_frame_of_dask_has_names() -> None:
    frames = pytest.importorskip("dask.dataframe", reason="needs dask.dataframe")
    frame = frames.from_pandas(pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 0.0]}), npartitions=2)
    assert diagnose(frame).dead_ids == ["b"]


# Any form


def forms(histories: dict[str, Any]) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return the same neurons, "layer·0" and so on, in every form."""
    names, rows = list(histories), np.array(list(histories.values()))
    units = [name.partition("·")[2] for name in names]
    as_array = {"neuron_axis": 0, "ids": names}
    named = xr.DataArray(rows, dims=("unit", "step"), coords={"unit": units})
    return {
        "pairs": (list(histories.items()), {}),
        "mapping": (histories, {}),
        "lists": ({name: row.tolist() for name, row in histories.items()}, {}),
        "records": ([{"id": k, "activations": v} for k, v in histories.items()], {}),
        "generator": (((k, v) for k, v in histories.items()), {}),
        "array": (rows, as_array),
        "by column": (np.asfortranarray(rows.T), {"neuron_axis": 1, "ids": names}),
        "rows": (iter(rows), as_array),
        "dask": (from_array(rows, chunks=(2, 3)), as_array),
        "xarray": (xr.DataArray(rows), as_array),
        "layer": ({"layer": rows.T}, {"neuron_axis": 1}),
        "nested": ({"layer": rows}, {"neuron_axis": {"layer": 0}}),
        "dataset": (xr.Dataset({"layer": named}), {"neuron_axis": "unit"}),
        "pandas": (pd.DataFrame(histories), {}),
        "polars": (pl.DataFrame(histories), {}),
        "pyarrow": (pa.table(histories), {}),
    }


@pytest.mark.slow
@given(
    rows=st.integers(1, 9).flatmap(
        lambda n: st.lists(
            st.lists(
                st.sampled_from([0.0, 1e-9, 0.5, -2.0, np.nan, np.inf]), min_size=n, max_size=n
            ),
            min_size=1,
            max_size=5,
        )
    ),
    window=st.sampled_from([None, 2]),
)
@settings(max_examples=6)
def test_the_same_histories_in_any_form_give_the_same_verdict_and_bytes(
    rows: list[list[float]], window: int | None
) -> None:
    histories = {f"layer·{n}": np.array(row) for n, row in enumerate(rows)}
    tables, pictures = {}, {}
    for form, (neurons, options) in forms(histories).items():
        found = diagnose(neurons, window=window, **options)
        tables[form] = found.to_json()
        picture = io.BytesIO()
        plot_autopsy(found).savefig(picture, format="svg")
        pictures[form] = picture.getvalue()
        plt.close("all")
    assert set(tables.values()) == {tables["pairs"]}
    assert set(pictures.values()) == {pictures["pairs"]}
