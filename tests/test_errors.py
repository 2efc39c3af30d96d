"""What is wrong is named, whatever it is; what is the caller's own comes out as it is."""

from __future__ import annotations

import inspect
import io
import os
import re
import subprocess
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from drawing import redrawn, saved
from matplotlib import pyplot as plt
from numpy.typing import NDArray

from dead_neuron_autopsy import (
    Style,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
)

NEURONS = {"L1·a": [0.0, 0.0], "L1·b": [0.5, -0.25]}


def pages(neurons: object, **arguments: Any) -> bytes:
    file = io.BytesIO()
    save_autopsy_pages(file, neurons, **arguments)
    return file.getvalue()


# Values that cannot even be described


def unavailable(*_: object) -> Any:
    raise RuntimeError("not now")


class Shapeless:
    shape = property(unavailable)


class Unprintable:
    __repr__ = unavailable


class Uncounted:
    __len__ = unavailable
    __getitem__ = unavailable


class Hidden(Shapeless, Unprintable, Uncounted):
    pass


class HiddenList(list[Any]):
    shape = property(unavailable)
    __repr__ = __len__ = unavailable


class HiddenText(str):
    __slots__ = ()
    __repr__ = __len__ = unavailable


class HiddenFloat(float):
    __repr__ = unavailable


class HiddenInt(int):
    __repr__ = unavailable


def plotting(name: str) -> Callable[[Any], object]:
    return lambda bad: plot_autopsy(NEURONS, **{name: bad})


def paging(name: str) -> Callable[[Any], object]:
    return lambda bad: pages(NEURONS, **{name: bad})


#: What a message names, up to a bracket; and what takes such an argument.
REFUSED: dict[str, Callable[[Any], object]] = {
    "neurons": diagnose,
    "neurons (a table)": lambda bad: diagnose(bad, neuron_axis=0),
    "neurons[1]": lambda bad: diagnose([("a", [0.0]), bad]),
    "neurons[0]: id": lambda bad: diagnose([(bad, [0.0])]),
    "neurons[1]: id": lambda bad: diagnose([("a", [0.0]), {"id": bad, "activations": [0.0]}]),
    "neuron 'a': activations": lambda bad: diagnose({"a": bad}),
    "neuron 'b': activations": lambda bad: diagnose([("b", [0.0, bad])]),
    "ids": lambda bad: diagnose(np.eye(1), ids=bad, neuron_axis=0),
    "ids[1]": lambda bad: diagnose(np.eye(2), ids=["a", bad], neuron_axis=0),
    "neuron_axis": lambda bad: diagnose(np.eye(2), neuron_axis=bad),
    "nan_policy": lambda bad: diagnose(NEURONS, nan_policy=bad),
    "dead_threshold": lambda bad: diagnose(NEURONS, bad),
    "indices": lambda bad: diagnose(NEURONS).take(bad),
    "where": lambda bad: draw_autopsy(bad, NEURONS),
    "fname": lambda bad: save_autopsy_pages(bad, NEURONS),
    "per_page": paging("per_page"),
    **{
        name: plotting(name)
        for name in (
            *("title", "style", "wording", "ncols", "width", "height", "card_width"),
            *("order", "limit", "only", "group_by", "fig"),
        )
    },
    "Style.card": lambda bad: Style(card=bad),
    "Style.line_width": lambda bad: Style(line_width=bad),
    "Style.font_family": lambda bad: Style(font_family=bad),
}


def check_refused(name: str, bad: object) -> None:
    named = rf"(?<!\w){re.escape(name.partition(' (')[0])}"
    with pytest.raises((TypeError, ValueError), match=named):
        REFUSED[name](bad)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize(
    "make",
    [Shapeless, Unprintable, Uncounted, Hidden, lambda: HiddenList([None])],
    ids=["shape", "repr", "len", "all", "list"],
)
def test_what_cannot_be_described_is_refused_by_name(name: str, make: Callable[[], object]) -> None:
    check_refused(name, make())


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("neurons", HiddenText("x")),
        ("neurons[0]: id", HiddenFloat(1)),
        ("neuron 'a': activations", HiddenText("x")),
        ("neuron 'a': activations", HiddenFloat(1)),
        ("ids", HiddenText("x")),
        ("neuron_axis", HiddenInt(2)),
        ("nan_policy", HiddenText("x")),
        ("dead_threshold", HiddenFloat("nan")),
        ("dead_threshold", HiddenInt(-1)),
        ("title", HiddenInt(3)),
        ("style", HiddenText("x")),
        ("ncols", HiddenInt(0)),
        ("ncols", HiddenFloat(2)),
        ("width", HiddenFloat(-1)),
        ("height", HiddenFloat("inf")),
        ("card_width", HiddenInt(0)),
        ("order", HiddenText("x")),
        ("limit", HiddenInt(0)),
        ("only", HiddenText("x")),
        ("group_by", HiddenText("x")),
        ("per_page", HiddenInt(0)),
        ("Style.card", HiddenText("no colour")),
        ("Style.line_width", HiddenFloat(-1)),
        ("Style.font_family", HiddenText("x")),
    ],
    ids=lambda value: value if type(value) is str else type(value).__name__,
)
def test_a_wrong_value_that_cannot_be_printed_is_refused_by_name(name: str, bad: object) -> None:
    check_refused(name, bad)


def test_what_a_function_returns_need_not_be_printable() -> None:
    for group in (Hidden(), HiddenFloat(1), HiddenList()):
        with pytest.raises((TypeError, ValueError), match=r"^group_by: .*'L1·a'"):
            plot_layers(NEURONS, group_by={"L1·a": group, "L1·b": group})
    with pytest.raises(TypeError, match=r"^order: "):
        plot_autopsy(NEURONS, order=lambda _: Hidden())


@pytest.mark.filterwarnings("ignore:.*nested tensors")
@pytest.mark.parametrize("layout", ["strided", "jagged"])
def test_a_nested_tensor_is_refused_by_name(layout: str) -> None:
    torch = pytest.importorskip("torch")
    rows = [torch.zeros(2), torch.zeros(3)]
    nested = torch.nested.nested_tensor(rows, layout=getattr(torch, layout))
    check_refused("neurons", nested)
    check_refused("neuron 'a': activations", nested)
    check_refused("title", nested)


# Errors that are the caller's own


class Raising:
    """Cannot be made an array, for whatever reason."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
        raise self._error


Where: TypeAlias = tuple[Callable[[Any], object], int | None]

#: Where such an object may stand, and what a message then begins with.
ARRAYS: dict[str, tuple[Where, str]] = {
    "mapping": ((lambda raising: {"a": raising}, None), "neuron 'a'"),
    "pairs": ((lambda raising: [("a", raising)], None), "neuron 'a'"),
    "sample": ((lambda raising: {"a": [0.0, raising]}, None), "neuron 'a'"),
    "generator": ((lambda raising: {"a": iter([0.0, raising])}, None), "neuron 'a'"),
    "neurons": ((lambda raising: raising, 0), "neurons"),
    "row": ((lambda raising: [[0.0], raising], 0), "neurons"),
    "column": ((lambda raising: iter([raising]), 1), "neurons"),
}
every_place = pytest.mark.parametrize(("where", "name"), ARRAYS.values(), ids=ARRAYS)


@every_place
@pytest.mark.parametrize(
    "error",
    [MemoryError("full"), OSError("gone"), TimeoutError("late"), KeyboardInterrupt()],
)
def test_what_no_value_is_to_blame_for_comes_out_as_it_is(
    where: Where, name: str, error: BaseException
) -> None:
    del name
    form, axis = where
    with pytest.raises(type(error)) as caught:
        diagnose(form(Raising(error)), neuron_axis=axis)
    assert caught.value is error


@every_place
@pytest.mark.parametrize("kind", [TypeError, ValueError, RuntimeError, NotImplementedError])
def test_what_refuses_to_be_an_array_is_named(
    where: Where, name: str, kind: type[Exception]
) -> None:
    form, axis = where
    with pytest.raises((TypeError, ValueError), match=f"^{name}"):
        diagnose(form(Raising(kind("symbolic"))), neuron_axis=axis)


def failing(error: BaseException, *values: object) -> Iterator[Any]:
    yield from values
    raise error


class FailingMapping(Mapping[str, object]):
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __getitem__(self, name: str) -> object:
        raise self._error

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


FAILING: dict[str, Callable[[BaseException], object]] = {
    "neurons": lambda error: diagnose(failing(error, ("a", [0.0]))),
    "mapping": lambda error: diagnose(FailingMapping(error)),
    "activations": lambda error: diagnose({"a": failing(error, 0.0)}),
    "activations of a stream": lambda error: diagnose(iter([("a", failing(error, 0.0))])),
    "rows": lambda error: diagnose(failing(error, [0.0]), neuron_axis=0),
    "a row": lambda error: diagnose([failing(error, 0.0)], neuron_axis=1),
    "ids": lambda error: diagnose(np.eye(2), ids=failing(error, "a"), neuron_axis=0),
}


@pytest.mark.parametrize("place", FAILING)
@pytest.mark.parametrize(
    "kind",
    [
        *(KeyError, ZeroDivisionError, ValueError, TypeError, RuntimeError),
        *(MemoryError, OSError, KeyboardInterrupt),
    ],
)
def test_an_error_of_the_callers_generator_comes_out_as_it_is(
    place: str, kind: type[BaseException]
) -> None:
    error = kind("the caller's")
    with pytest.raises(kind) as caught:
        FAILING[place](error)
    assert caught.value is error


# What a diagnosis has settled

DRAWING: dict[str, Callable[..., object]] = {
    "plot_autopsy": plot_autopsy,
    "draw_autopsy": lambda neurons, **rest: draw_autopsy(
        plt.figure().add_subplot(), neurons, **rest
    ),
    "plot_layers": plot_layers,
    "save_autopsy_pages": pages,
}


@pytest.mark.parametrize("draw", DRAWING.values(), ids=DRAWING)
@pytest.mark.parametrize("made", ["propagate", "omit", "raise"])
def test_another_nan_policy_than_the_autopsys_is_refused(
    draw: Callable[..., object], made: Any
) -> None:
    autopsy = diagnose(NEURONS, nan_policy=made)
    for given in ({}, {"nan_policy": None}, {"nan_policy": made}):
        draw(autopsy, **given)
    for other in {"propagate", "omit", "raise", "x"} - {made}:
        with pytest.raises((TypeError, ValueError), match=r"\bnan_policy\b"):
            draw(autopsy, nan_policy=other)
    assert plot_autopsy(autopsy).autopsy.nan_policy == made


@pytest.mark.parametrize("draw", [plot_autopsy, draw_autopsy, plot_layers, save_autopsy_pages])
def test_no_nan_policy_is_the_autopsys_or_propagates(draw: Callable[..., object]) -> None:
    assert inspect.signature(draw).parameters["nan_policy"].default is None
    assert plot_autopsy({"a": [np.nan]}, nan_policy=None).autopsy.nan_policy == "propagate"


@pytest.mark.parametrize("draw", DRAWING.values(), ids=DRAWING)
def test_another_threshold_than_the_autopsys_is_refused(
    draw: Callable[..., object],
) -> None:
    autopsy = diagnose(NEURONS, 0.25)
    for given in ({}, {"dead_threshold": None}, {"dead_threshold": 0.25}):
        draw(autopsy, **given)
    message = r"^dead_threshold: this Autopsy was made with 0\.25; got 1e-06"
    with pytest.raises(ValueError, match=message):
        draw(autopsy, dead_threshold=1e-6)


# Modules of which another thread has not imported all yet

LIBRARIES = ["pandas", "polars", "torch", "dask", "dask.array", "xarray", "ml_dtypes"]


@pytest.mark.parametrize(
    "names",
    [*([name] for name in LIBRARIES), LIBRARIES, ["matplotlib.backends.backend_pdf"]],
)
def test_half_imported_modules_are_no_obstacle(
    names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    block = np.array(list(NEURONS.values()))
    # Matplotlib itself cannot save as PDF with half of its backend.
    formats = ["png", "svg", *(["pdf"] if "matplotlib" not in names[0] else [])]
    before = [saved(plot_autopsy(NEURONS), form) for form in formats]
    frame = pd.DataFrame(NEURONS)
    for name in names:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    tables = [(block, 0), (block.T, 1), (block.tolist(), 0)]
    for neurons, axis in [*tables, (NEURONS, None), (list(NEURONS.items()), None)]:
        assert diagnose(neurons, neuron_axis=axis).dead.tolist() == [True, False]
    if "pandas" not in names:
        assert diagnose(frame).dead.tolist() == [True, False]
    assert [saved(plot_autopsy(NEURONS), form) for form in formats] == before


_SLOW = """
import gate
gate.started.release()
gate.in_time.append(gate.finish.wait(20))
"""

_MEANWHILE = """
import sys, threading
import numpy as np
import gate
from dead_neuron_autopsy import diagnose

names = sys.argv[1:]
threads = [threading.Thread(target=__import__, args=(name,)) for name in names]
for thread in threads:
    thread.start()
    assert gate.started.acquire(timeout=20)
for neurons, axis in [({"a": [0.0], "b": [1.0]}, None), (np.array([[0.0], [1.0]]), 0)]:
    print(diagnose(neurons, neuron_axis=axis).dead.tolist())
gate.finish.set()
for thread in threads:
    thread.join()
print(all(gate.in_time))
"""


def test_an_import_in_another_thread_is_not_waited_for(tmp_path: Path) -> None:
    names = ["pandas", "polars", "torch", "dask", "xarray"]
    (tmp_path / "gate.py").write_text(
        "import threading\n"
        "started, finish, in_time = threading.Semaphore(0), threading.Event(), []\n"
    )
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(_SLOW)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _MEANWHILE, *names],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["[True, False]"] * 2 + ["True"], done.stderr


# Floating-point errors that the caller has asked NumPy for


def extreme_neurons() -> dict[str, NDArray[Any]]:
    half, single, double = map(np.finfo, ("float16", "float32", "float64"))
    return {
        "L1·subnormal": np.array([5e-324, -1e-310, 0.0]),
        "L1·long": np.array(["1e400", "-1e-4000", "1"], dtype=np.longdouble),
        "L1·float16": np.array([half.max, half.min, half.smallest_subnormal]),
        "L1·float32": np.array([single.max, single.min, single.smallest_subnormal]),
        "L1·float64": np.array([double.max, double.min, double.tiny]),
        "L1·wide": np.array([-1.7e308, 1.7e308] * 40),
        "L2·inf": np.array([np.inf, 1.0, -np.inf]),
        "L2·nan": np.array([np.nan, np.inf, 5e-324]),
        "L2·only nan": np.array([np.nan, np.nan]),
        "L2·masked": np.ma.array([np.nan, 1.7e308, 1e-310], mask=[True, True, False]),
        "L2·all masked": np.ma.array([np.inf, np.nan], mask=True),
        "L2·int8": np.array([-128, 127], dtype=np.int8),
        "L2·uint64": np.array([2**64 - 1, 0], dtype=np.uint64),
        "L2·empty": np.array([]),
    }


def looked_at_closely(neurons: object) -> bytes:
    figure = plot_autopsy(neurons, ncols=4)
    figure.axes[0].set(xlim=(0.9, 2.2), ylim=(1.2, 0.1))
    redrawn(figure)
    for card in figure.autopsy_grid.cards.values():
        card.axes.set_xlim(0.5, 1.5)
    return saved(figure, "png")


def verdicts(neurons: object) -> str:
    found = [diagnose(neurons, nan_policy=policy) for policy in ("propagate", "omit")]
    return repr([(a.peaks, a.dead, a.sample_counts, a.incomplete, a.summary) for a in found])


@pytest.mark.parametrize(
    "act",
    [
        verdicts,
        *(
            lambda neurons, form=form: saved(plot_autopsy(neurons), form)
            for form in ("png", "svg", "pdf")
        ),
        looked_at_closely,
        lambda neurons: saved(plot_layers(neurons), "svg"),
        pages,
    ],
    ids=["diagnose", "png", "svg", "pdf", "zooming", "layers", "pages"],
)
def test_numpys_errors_change_nothing(act: Callable[[object], object]) -> None:
    usual = act(extreme_neurons())
    neurons = extreme_neurons()
    with np.errstate(all="raise"):
        assert act(neurons) == usual
        assert set(np.geterr().values()) == {"raise"}


@pytest.mark.parametrize("name", extreme_neurons())
def test_numpys_errors_change_no_neuron_alone(name: str) -> None:
    history = extreme_neurons()[name]
    for neurons, axis in [({name: history}, None), (history[np.newaxis], 0)]:
        usual = diagnose(neurons, neuron_axis=axis)
        with np.errstate(all="raise"):
            found = diagnose(neurons, neuron_axis=axis)
            drawn = saved(plot_autopsy(found), "png")
        assert found.peaks.tobytes() == usual.peaks.tobytes()
        assert drawn == saved(plot_autopsy(usual), "png")
