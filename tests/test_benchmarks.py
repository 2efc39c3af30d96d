from __future__ import annotations

import importlib
import re
import runpy
import subprocess
import sys
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.typing import ColorType

from dead_neuron_autopsy import LIGHT, plot_autopsy
from dead_neuron_autopsy._drawing.labels import Labels

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

DrawLoop = Callable[[dict[str, np.ndarray]], Figure]


@pytest.fixture
def subplots_loop() -> Iterator[DrawLoop]:
    yield runpy.run_path(str(BENCHMARKS / "subplots_loop.py"))["subplots_loop"]
    plt.close("all")


@pytest.fixture
def neurons() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    histories = {f"L1·N{index}": rng.random(64) * 10.0**-index for index in range(5)}
    return histories | {"L2·N1": np.zeros(64), "L2·N2": np.full(64, 2.5)}


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    monkeypatch.syspath_prepend(BENCHMARKS)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == BENCHMARKS:
            del sys.modules[name]
    plt.close("all")


@pytest.fixture
def refusal(
    module: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Return a function that runs a script, which must refuse to, and returns why."""

    def run(script: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [f"{script}.py", *arguments])
        with pytest.raises(SystemExit) as left:
            module(script).main()
        assert left.value.code == 2
        return capsys.readouterr().err

    return run


@pytest.mark.slow
def test_it_prints_a_table_and_what_it_ran_on() -> None:
    printed = _output(
        "against_peers.py", *("--cards", "4", "--formats", "png", "pdf", "--repeats", "1")
    )
    assert f"NumPy {np.__version__}" in printed[0]
    assert "CPUs" in printed[0]
    head, ruler, row, other = _rows(printed)
    assert other[0] == "pdf"
    assert head == [
        "format",
        "cards",
        "subplots loop",
        "plot_autopsy",
        "blank canvas",
        "loop / ours",
        "ours / blank",
    ]
    assert len(ruler) == len(head)
    assert row[:2] == ["png", "4"]
    assert len(row) == len(head)
    assert all(float(cell) > 0 for cell in row[2:])


@pytest.mark.parametrize("n_neurons", [2, 5, 7])
def test_the_loop_draws_a_figure_of_the_same_size(
    subplots_loop: DrawLoop, neurons: dict[str, np.ndarray], n_neurons: int
) -> None:
    some = dict(list(neurons.items())[:n_neurons])
    assert subplots_loop(some).get_size_inches() == pytest.approx(
        plot_autopsy(some).get_size_inches()
    )


def test_the_loop_writes_the_same_words(
    subplots_loop: DrawLoop, neurons: dict[str, np.ndarray]
) -> None:
    theirs, ours = _words(subplots_loop(neurons)), _words(plot_autopsy(neurons))
    assert theirs == ours
    assert len(ours) == 3 + 3 * len(neurons)
    assert {"L2·N1", "dead", "alive", "peak 0", "peak 2.5e+0", "1/7 dead"} <= set(ours)


#: What other libraries say of themselves while they draw is their own.
their_warnings = pytest.mark.filterwarnings("default")


@their_warnings
def test_pandas_draws_a_panel_a_neuron(
    module: Callable[[str], ModuleType], neurons: dict[str, np.ndarray]
) -> None:
    pytest.importorskip("pandas")
    _check_panels(module("pandas_subplots").figure(neurons), neurons)


@their_warnings
def test_seaborn_draws_a_panel_a_neuron(
    module: Callable[[str], ModuleType], neurons: dict[str, np.ndarray]
) -> None:
    pytest.importorskip("seaborn")
    _check_panels(module("seaborn_facets").figure(neurons), neurons)


@their_warnings
def test_plotly_draws_a_panel_a_neuron(
    module: Callable[[str], ModuleType], neurons: dict[str, np.ndarray]
) -> None:
    pytest.importorskip("plotly")
    figure = module("plotly_subplots").figure(neurons)
    titles = [title.text for title in figure.layout.annotations]
    assert [title.partition("<br>")[0] for title in titles] == list(neurons)
    assert titles[-2:] == ["L2·N1<br>peak 0", "L2·N2<br>peak 2.5e+0"]
    assert len({trace.yaxis for trace in figure.data}) == len(neurons)
    colors = [trace.line.color for trace in figure.data]
    assert colors == _colors_of(neurons)
    for trace, history in zip(figure.data, neurons.values(), strict=True):
        assert list(trace.y) == history.tolist()


@their_warnings
def test_great_tables_draws_a_row_a_neuron(
    module: Callable[[str], ModuleType], neurons: dict[str, np.ndarray]
) -> None:
    pytest.importorskip("great_tables")
    pytest.importorskip("polars")
    html = module("nanoplot_table").html(neurons).decode()
    rows = re.findall(r"<tr>\s*<th[^>]*>([^<]*)</th>(.*?)</tr>", html, re.DOTALL)
    assert [name for name, _ in rows] == list(neurons)
    states = ["dead" if not history.any() else "alive" for history in neurons.values()]
    assert [re.findall(r">(alive|dead)<", row) for _, row in rows] == [[s] for s in states]
    lines = [re.findall(r"<polyline[^>]*>", row) for _, row in rows]
    for (line,), color in zip(lines, _colors_of(neurons), strict=True):
        assert color in line


def _check_panels(figure: Figure, neurons: dict[str, np.ndarray]) -> None:
    panels = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title() for ax in panels] == list(neurons)
    assert [ax.get_xlabel() for ax in panels][-2:] == ["peak 0", "peak 2.5e+0"]
    colors = [ax.get_lines()[0].get_color() for ax in panels]
    assert colors == _colors_of(neurons)
    for ax, history in zip(panels, neurons.values(), strict=True):
        np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), history)
        low, high = ax.get_ylim()  # a range of its own
        assert low <= history.min()
        assert history.max() <= high
        assert high - low < 2 * np.ptp(history) + 1


def _colors_of(neurons: dict[str, np.ndarray]) -> list[ColorType]:
    return [LIGHT.alive_line if line.any() else LIGHT.dead_line for line in neurons.values()]


@pytest.mark.slow
@their_warnings
def test_peers_are_timed_or_skipped_with_a_reason() -> None:
    arguments = ["--peers", "pandas", "seaborn", "--cards", "3", "--repeats", "1"]
    printed = _output("against_peers.py", *arguments)
    rows = [line.split(" | ") for line in printed if line.startswith(("| pandas", "| seab"))]
    skipped = [line for line in printed if "not installed" in line]
    assert len(rows) + len(skipped) == 2
    for _, file_format, n_cards, n_runs, *numbers in rows:
        assert (file_format, n_cards, n_runs) == ("png", "3", "1")
        assert all(float(number.strip("| ")) > 0 for number in numbers)


def test_a_peer_that_is_not_installed_is_skipped(
    module: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    peers = module("peers")
    absent = peers.PEERS["pandas"]._replace(needs=("no_such_package",))
    monkeypatch.setitem(peers.PEERS, "pandas", absent)
    peers.report(["pandas"], [3], 1)
    printed = capsys.readouterr().out.strip()
    assert printed == "pandas: skipped, not installed: no_such_package"


def test_what_the_peers_need_is_in_the_extra(module: Callable[[str], ModuleType]) -> None:
    project = tomllib.loads((BENCHMARKS.parent / "pyproject.toml").read_text("utf-8"))
    extra = project["project"]["optional-dependencies"]["benchmark"]
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in extra}
    peers = module("peers").PEERS.values()
    assert names == {package for peer in peers for package in peer.needs}


def test_formats_do_not_go_with_peers(refusal: Callable[..., str]) -> None:
    refused = refusal("against_peers", "--peers", "--formats", "png")
    assert "--formats: goes with the loop" in refused


@pytest.mark.slow
def test_what_takes_long_is_not_run_again(module: Callable[[str], ModuleType]) -> None:
    works = {"short": lambda: 1, "long": lambda: time.sleep(0.02)}
    measured = module("common").in_turn(works, repeats=3, patience=0.01)
    assert [one.n_runs for one in measured.values()] == [3, 1]
    assert [one.result for one in measured.values()] == [1, None]


@pytest.mark.slow
def test_whole_layers_are_a_table() -> None:
    head, _, first, second = _table(
        *("--cards", "4", "16", "--formats", "svg", "--repeats", "1"),
        script="whole_layers.py",
    )
    assert head[:4] == ["format", "cards", "seconds", "file, MB"]
    assert head[-2:] == ["times the cards", "times the seconds"]
    assert (first[1], second[1]) == ("4", "16")
    assert (first[-2:], second[-2]) == (["-", "-"], "4.00")
    assert float(second[3]) > float(first[3]) > 0


@pytest.mark.slow
def test_a_canvas_is_what_png_is_set_against(module: Callable[[str], ModuleType]) -> None:
    layers = module("whole_layers")
    (png,), (pdf,) = (layers.measured(file_format, [2], 1) for file_format in ("png", "pdf"))
    assert png.blank.result < png.ours.result
    assert pdf.blank is None


@pytest.mark.slow
def test_peak_memory_is_a_table() -> None:
    head, _, *rows = _table(
        *("--cards", "4", "--neurons", "50", "--formats", "png"), script="peak_memory.py"
    )
    assert head == ["what", "peak, MB", "each, kB", "file, MB", "canvas, MB"]
    assert [row[0].partition(" (")[0] for row in rows] == [
        "4 cards, PNG",
        "`diagnose` 50 neurons x 64 steps, neuron_axis=0",
        "`diagnose` 50 neurons x 64 steps, neuron_axis=1",
    ]
    assert all(float(row[2]) > 0 for row in rows)


def test_the_canvas_is_as_large_as_aggs(module: Callable[[str], ModuleType]) -> None:
    common, memory = module("common"), module("peak_memory")
    figure = common.annotated(common.histories(30))
    figure.set_dpi(common.DPI)
    figure.canvas.draw()
    held = np.asarray(figure.canvas.buffer_rgba()).nbytes
    assert memory.canvas_bytes(30) == pytest.approx(held, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_every_share_of_a_profile_is_found(
    module: Callable[[str], ModuleType], file_format: str
) -> None:
    profile = module("profile_saving")
    shares = profile.shares_of(file_format, n_cards=4, repeats=1)
    assert set(shares) == {*profile.SHARES[file_format], "the rest"}
    assert all(seconds > 0 for seconds in shares.values())


@pytest.mark.slow
def test_the_shares_are_the_whole() -> None:
    arguments = ["--cards", "4", "--formats", "svg", "pdf", "--repeats", "1"]
    rows = _table(*arguments, "--functions", "3", script="profile_saving.py")
    assert rows[0] == ["format", "what", "seconds", "share"]
    for file_format in ("svg", "pdf"):
        own = [row for row in rows if row[0] == file_format and row[1][0] != "`"]
        shares = [float(share.removesuffix("%")) for *_, share in own]
        assert own[-1][1] == "all"
        assert shares[-1] == 100
        assert sum(shares[:-1]) == pytest.approx(100, abs=0.05 * len(shares))
    assert sum(row[1][0] == "`" for row in rows) == 2 * 3


def test_a_profile_leaves_nothing_behind(module: Callable[[str], ModuleType]) -> None:
    profile = module("profile_saving")
    functions = [one for share in profile.SHARES["pdf"].values() for one in share]

    def current() -> list[object]:
        places = (profile.found(*function) for function in functions)
        return [getattr(holder, name) for holder, name in places]

    before = current()
    profile.shares_of("pdf", n_cards=1, repeats=1)
    assert current() == before


def test_time_goes_to_the_innermost_share(
    module: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = module("profile_saving")
    now = 0.0

    def wait(seconds: float) -> Callable[[], None]:
        def pass_by() -> None:
            nonlocal now
            now += seconds

        return pass_by

    def steps() -> Iterator[int]:
        wait(4)()
        yield 1
        wait(8)()

    def nested() -> None:
        wait(1)()
        inner()
        wait(1)()

    monkeypatch.setattr(profile.time, "perf_counter", lambda: now)
    clock = profile.Clock()
    inner = clock.timed(wait(2), "inner")
    clock.start()
    clock.timed(nested, "outer")()
    for _ in clock.timed(steps, "steps")():
        wait(16)()
    clock.stop()
    assert clock.seconds == {"outer": 2, "inner": 2, "steps": 12, "the rest": 16}


def test_what_zlib_packs_is_the_canvas(module: Callable[[str], ModuleType]) -> None:
    what_if = module("what_if")
    pixels = what_if.pixels_of(module("common").histories(2))
    rows = np.frombuffer(zlib.decompress(what_if.unfiltered(pixels, 1)), np.uint8)
    rows = rows.reshape(len(pixels), -1)
    assert not rows[:, 0].any()
    np.testing.assert_array_equal(rows[:, 1:].reshape(pixels.shape), pixels)


def test_a_pdf_without_needless_layouts_is_the_same(
    module: Callable[[str], ModuleType],
) -> None:
    if not hasattr(FT2Font, "_layout"):
        pytest.skip("this release of Matplotlib lays letters out otherwise")
    works = module("what_if").layouts(module("common").histories(20))
    as_now, *others = [work() for work in works.values()]
    assert len(others) == 2
    assert all(other == as_now for other in others)


@pytest.mark.slow
def test_what_would_be_gained_is_a_table() -> None:
    arguments = ["--cards", "4", "--repeats", "1"]
    head, _, *rows = _table(*arguments, script="what_if.py")
    assert head == ["what", "seconds", "MB"]
    assert len(rows) == (10 if hasattr(FT2Font, "_layout") else 7)


def test_without_valgrind_it_says_what_is_missing(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert "needs valgrind" in refusal("instructions")


@pytest.mark.slow
@pytest.mark.parametrize("job", ["start", "blank", "ours"])
def test_a_job_to_be_counted_runs(
    module: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    instructions = module("instructions")
    monkeypatch.setattr(sys, "argv", ["instructions.py", "--job", job, "--cards", "2"])
    instructions.main()


def test_every_script_is_in_the_readme() -> None:
    readme = (BENCHMARKS / "README.md").read_text("utf-8")
    scripts = {path.name for path in BENCHMARKS.glob("*.py") if "main()" in path.read_text()}
    assert scripts == set(re.findall(r"bin/python benchmarks/(\w+\.py)", readme))


def _table(*arguments: str, script: str) -> list[list[str]]:
    return _rows(_output(script, *arguments))


def _rows(printed: list[str]) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in printed if line.startswith("|")]


def _output(script: str, *arguments: str) -> list[str]:
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _words(figure: Figure) -> list[str]:
    figure.savefig(BytesIO(), format="png")
    return sorted(word for part in figure.findobj() for word in _words_of(part) if word)


def _words_of(part: Artist) -> list[str]:
    if isinstance(part, Labels):
        return part.get_texts()
    return [part.get_text()] if isinstance(part, Text) else []
