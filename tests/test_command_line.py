"""The command line: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import csv
import json
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import zarr

from dead_neuron_autopsy import Recording, diagnose
from dead_neuron_autopsy.__main__ import main

#: Steps by units: unit 1 of fc1 is dead, and of fc2, units 0 and 2.
LAYERS = {
    "fc1": np.array([[0.5, 0.0], [0.25, 0.0], [1.0, 0.0]], dtype=np.float32),
    "fc2": np.array([[0.0, 2.0, 0.0], [0.0, 1.5, 0.0], [0.0, 0.5, 0.0]], dtype=np.float32),
}
COLUMNS = {f"{name}·{n}": row for name, units in LAYERS.items() for n, row in enumerate(units.T)}
SUMMARY = "Dead neuron autopsy. 3 of 5 neurons dead (max absolute activation below 0.000001).\n"


def write_npz(path: Path) -> None:
    np.savez(path, **LAYERS)  # type: ignore[arg-type]


def write_safetensors(path: Path, arrays: Any = None, kind: str = "F32") -> None:
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, values in (arrays or LAYERS).items():
        content = values.tobytes()
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": offsets}  # type: ignore[dict-item]
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in LAYERS.items():
            file[name] = values


def write_zarr(path: Path) -> None:
    group = zarr.open_group(str(path), mode="w")
    for name, values in LAYERS.items():
        group.create_array(name, data=values)


def write_csv(path: Path) -> None:
    pd.DataFrame(COLUMNS).to_csv(path, index=False)


def write_parquet(path: Path) -> None:
    pd.DataFrame(COLUMNS).to_parquet(path)


def write_recording(path: Path) -> None:
    recording = Recording()
    for step in range(3):
        for name, values in LAYERS.items():
            recording.observe(name, values[step : step + 1], unit_axis=1, function="relu")
        recording.step()
    recording.save(path)


FORMATS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "run.npz": (write_npz, ["--neuron-axis", "1"]),
    "run.safetensors": (write_safetensors, ["--neuron-axis", "1"]),
    "run.h5": (write_hdf5, ["--neuron-axis", "1"]),
    "run.zarr": (write_zarr, ["--neuron-axis", "1"]),
    "run.csv": (write_csv, []),
    "run.parquet": (write_parquet, []),
    "recording.npz": (write_recording, []),
}


@pytest.fixture(params=FORMATS)
def given(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[str]]:
    write, options = FORMATS[request.param]
    write(tmp_path / request.param)
    return str(tmp_path / request.param), options


@pytest.fixture
def npz(tmp_path: Path) -> list[str]:
    write_npz(tmp_path / "run.npz")
    return [str(tmp_path / "run.npz"), "--neuron-axis", "1"]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line that says why a call failed."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    line = printed.err
    assert line.startswith("dead-neuron-autopsy: error: ")
    assert line.count("\n") == 1
    return line


def test_the_same_activations_in_every_format_give_the_same_table(
    given: tuple[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = given
    assert main(["table", path, *options]) == 0
    rows = [*csv.DictReader(capsys.readouterr().out.splitlines())]
    expected = diagnose(COLUMNS)
    assert [row["id"] for row in rows] == list(COLUMNS)
    assert [row["state"] for row in rows] == list(expected.states)
    assert [float(row["peak"]) for row in rows] == expected.peaks.tolist()


def test_check_fails_if_too_many_are_dead(
    npz: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for share, code in (("60%", 0), ("0.6", 0), ("59%", 1), ("0%", 1)):
        assert main(["check", *npz, "--fail-over", share]) == code
        assert capsys.readouterr().out.startswith(SUMMARY)
    assert main(["check", *npz]) == 1
    assert "Dead: fc1·1, fc2·0 and fc2·2." in capsys.readouterr().out
    assert main(["check", *npz, "--layers", "fc1", "--fail-over", "50%"]) == 0


def test_plot_writes_a_figure_with_its_words(
    given: tuple[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = given
    output = tmp_path / "autopsy.svg"
    looks = ["--group-by", "layer", "--order", "dead first", "--limit", "4", "--style", "dark"]
    assert main(["plot", path, *options, "-o", str(output), *looks, "--title", "Run 3"]) == 0
    assert capsys.readouterr().out.startswith("Run 3. 3 of 5 neurons dead")
    assert 'aria-label="fc2, 2 of 3 neurons dead' in output.read_text("utf-8")


def test_the_rule_is_chosen_by_options(npz: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for options, words in (
        (["--threshold", "0.6"], "3 of 5 neurons dead (max absolute activation below 0.6)"),
        (["--criterion", "constant"], "3 of 5 neurons constant"),
        (["--criterion", "firing-rate", "--threshold", "0.01"], "share of samples above zero"),
        (["--criterion", "dormant"], "3 of 5 neurons dormant"),
        (["--window", "1", "--threshold", "0.6"], "over only the last of 3 samples"),
    ):
        main(["check", *npz, *options])
        assert words in capsys.readouterr().out


def test_a_table_is_written_as_csv_or_json(
    npz: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("found.csv", "found.json"):
        assert main(["table", *npz, "-o", str(tmp_path / name)]) == 0
    assert json.loads((tmp_path / "found.json").read_text("utf-8"))["threshold"] == 1e-6
    assert "fc1·1,fc1,1,dead" in (tmp_path / "found.csv").read_text("utf-8")
    assert "must end in .csv or .json" in refused(
        ["table", *npz, "-o", str(tmp_path / "found.txt")], capsys
    )


def test_an_npy_file_holds_one_array(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.npy"
    np.save(path, LAYERS["fc2"])
    assert main(["check", str(path), "--neuron-axis", "1", "--fail-over", "70%"]) == 0
    assert "2 of 3 neurons dead" in capsys.readouterr().out
    assert "does not say which axis" in refused(["check", str(path)], capsys)
    assert "an npy file holds one array" in refused(["check", str(path), "--layers", "a"], capsys)


def test_hdf5_is_read_in_one_piece_or_in_chunks_and_in_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.hdf5"
    with h5py.File(path, "w") as file:
        file["activations/fc1"] = LAYERS["fc1"].astype(">f8")
        file.create_dataset("activations/fc2", data=LAYERS["fc2"], chunks=(2, 2), compression=4)
        file["labels"] = np.array([1, 2, 3])
    options = ["--neuron-axis", "1", "--layers", "activations/*"]
    assert main(["table", str(path), *options]) == 0
    rows = [*csv.DictReader(capsys.readouterr().out.splitlines())]
    assert [row["id"].rpartition("/")[2] for row in rows] == list(COLUMNS)
    assert [row["state"] for row in rows] == list(diagnose(COLUMNS).states)


@pytest.mark.parametrize("name", ["big.npz", "big.npy", "big.safetensors", "big.h5"])
@pytest.mark.parametrize("axis", [0, 1])
def test_large_files_are_read_in_blocks(
    name: str, axis: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = np.ones((2000, 3000), dtype=np.float32)
    whole[7 if axis == 0 else slice(None), 7 if axis == 1 else slice(None)] = 0
    path = tmp_path / name
    if name.endswith(".npz"):
        np.savez(path, a=np.asfortranarray(whole))
    elif name.endswith(".npy"):
        np.save(path, whole)
    elif name.endswith(".h5"):
        with h5py.File(path, "w") as file:
            file["a"] = whole
    else:
        write_safetensors(path, {"a": whole})
    tracemalloc.start()
    assert main(["check", str(path), "--neuron-axis", str(axis)]) == 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "1 of" in capsys.readouterr().out
    assert most < whole.nbytes / 2


def test_an_array_without_elements_is_no_fault_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = {"a": np.zeros((0, 2), dtype=np.float32)}
    with h5py.File(tmp_path / "run.h5", "w") as file:
        file["a"] = empty["a"]
    np.savez(tmp_path / "run.npz", **empty)  # type: ignore[arg-type]
    write_safetensors(tmp_path / "run.safetensors", empty)
    for name in ("run.h5", "run.npz", "run.safetensors"):
        assert main(["table", str(tmp_path / name), "--neuron-axis", "1"]) == 0
        rows = [*csv.DictReader(capsys.readouterr().out.splitlines())]
        assert [(row["state"], row["n_samples"]) for row in rows] == [("dead", "0")] * 2


def test_bfloat16_is_read_from_safetensors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = {
        name: (values.view(np.uint32) >> 16).astype(np.uint16) for name, values in LAYERS.items()
    }
    write_safetensors(tmp_path / "half.safetensors", half, "BF16")
    write_safetensors(tmp_path / "whole.safetensors")
    tables = []
    for name in ("half", "whole"):
        assert main(["table", str(tmp_path / f"{name}.safetensors"), "--neuron-axis", "1"]) == 0
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]


def test_a_column_of_steps_gives_the_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,N1\n10,0.5\n20,0\n30,0\n40,0\n")
    assert main(["table", str(path), "--window", "2"]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (row["id"], row["state"], row["died_at_step"]) == ("N1", "dead", "20.0")
    path.write_text("epoch,step,N1\n1,10,0.5\n2,20,0\n3,30,0\n")
    assert main(["table", str(path), "--layers", "N*"]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert row["last_active_step"] == "1.0"  # the first of two columns that count
    path.write_text(",N1\n0,0.5\n1,0\n")
    assert "counts rows and is not a neuron" in refused(["table", str(path)], capsys)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("run.csv", "", "is empty"),
        ("run.csv", "a,b\n1\n", "line 2 has 1 cells, the first 2"),
        ("run.csv", "a,b\n1,x\n", "line 2, column 'b': 'x' is not a number"),
        ("run.csv", "a,a\n1,2\n", "two columns have the same name"),
        ("run.npz", "not a zip file", "File is not a zip file"),
        ("run.safetensors", "\xff" * 20, "its header is longer than the file"),
        ("run.h5", "no HDF5", "error"),
        ("run.parquet", "no parquet", "error"),
        ("model.pt", "pickle", r".pt files are pickles"),
        ("run.txt", "1 2", "cannot read .txt; use npz"),
        ("run", "1 2", "a file without suffix"),
    ],
)
def test_bad_files_are_refused_in_one_line(
    name: str, content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(content, "latin-1")
    assert message in refused(["check", str(path), "--neuron-axis", "1"], capsys)


def test_files_that_are_not_there_are_named(
    tmp_path: Path, npz: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("none.npz", "none.csv", "none.npy", "none.safetensors", "none.h5", "none.zarr"):
        assert "none" in refused(["check", str(tmp_path / name)], capsys)
    line = refused(["plot", *npz, "-o", str(tmp_path / "no" / "a.svg")], capsys)
    assert "No such file or directory" in line
    assert "nothing matches 'conv*'; the file has fc1, fc2" in refused(
        ["check", *npz, "--layers", "conv*"], capsys
    )
    assert "pass --neuron-axis, which says" in refused(["check", npz[0]], capsys)
    assert "supported formats" in refused(["plot", *npz, "-o", str(tmp_path / "a.xyz")], capsys)


def test_pickles_are_never_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, save in (("a.npz", np.savez), ("a.npy", np.save)):
        save(tmp_path / name, np.array([{"a": 1}], dtype=object))
        line = refused(["check", str(tmp_path / name), "--neuron-axis", "1"], capsys)
        assert "holds Python objects, in a pickle, which is never loaded" in line


def test_headers_that_claim_too_much_are_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 1000), }"
    header += b" " * (117 - len(header)) + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 80
    (tmp_path / "bomb.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("a.npy", content)
    write_safetensors(tmp_path / "bomb.safetensors")
    whole = (tmp_path / "bomb.safetensors").read_bytes()
    (tmp_path / "bomb.safetensors").write_bytes(whole.replace(b"[3, 2]", b"[3, 9]"))
    for name in ("bomb.npy", "bomb.npz", "bomb.safetensors"):
        line = refused(["check", str(tmp_path / name), "--neuron-axis", "1"], capsys)
        assert "is said to be" in line


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FORMATS if not name.endswith(".zarr")])
def test_a_file_that_is_cut_off_is_refused_or_read_as_far_as_it_goes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write, options = FORMATS[name]
    write(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for n_bytes in {*range(0, len(whole), max(len(whole) // 40, 1)), len(whole) - 1}:
        (tmp_path / name).write_bytes(whole[:n_bytes])
        code = main(["check", str(tmp_path / name), *options])
        printed = capsys.readouterr()
        # A CSV does not say how long it is.
        assert code == 2 or name.endswith(".csv"), n_bytes
        if code == 2:
            assert printed.err.count("\n") == 1


def test_an_old_file_survives_a_failure(
    npz: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, name in (("plot", "old.svg"), ("table", "old.csv")):
        (tmp_path / name).write_text("old")
        refused([command, npz[0], "-o", str(tmp_path / name)], capsys)
        assert (tmp_path / name).read_text() == "old"
    refused(["plot", *npz, "-o", str(tmp_path / "old.svg"), "--limit", "0"], capsys)
    assert (tmp_path / "old.svg").read_text() == "old"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["plot"],
        ["draw", "run.npz"],
        ["check", "run.npz", "--fail-over", "120%"],
        ["check", "run.npz", "--criterion", "none"],
        ["check", "run.npz", "--threshold", "high"],
    ],
)
def test_wrong_arguments_end_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_wrong_numbers_are_told_in_the_words_of_the_options(
    npz: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--window: must be at least 1" in refused(["check", *npz, "--window", "0"], capsys)
    assert "must be finite and above 0" in refused(["check", *npz, "--threshold", "-1"], capsys)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dead_neuron_autopsy", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_it_runs_as_a_module_and_help_imports_neither_numpy_nor_matplotlib(npz: list[str]) -> None:
    done = run("check", *npz)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(SUMMARY)
    code = (
        "import sys; from dead_neuron_autopsy.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(*sorted({'matplotlib', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_a_closed_pipe_is_no_error(npz: list[str]) -> None:
    command = f"{sys.executable} -m dead_neuron_autopsy table {' '.join(npz)} | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.stderr == ""
    assert done.stdout.startswith("id,layer")
