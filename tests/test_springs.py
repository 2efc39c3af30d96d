"""`Spring`, and cards that move to what they show now."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawing import saved
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.backend_bases import TimerBase
from windows import run_in_window

from dead_neuron_autopsy import Autopsy, Spring, diagnose, plot_autopsy

#: Begins the clock of each test long after that of the one before.
LATER = itertools.count(10**6, 10**6)

LENGTHS = st.floats(0.05, 2000)


def spring_of(stiffness: float, damping: float, mass: float) -> Spring:
    try:
        return Spring(stiffness, damping, mass)
    except ValueError:
        assume(False)  # noqa: FBT003
        raise


def integrated(spring: Spring, start: float, speed: float, seconds: float) -> tuple[float, float]:
    """Return place and velocity after a time, by the method of Runge and Kutta."""

    def rates(state: Any) -> Any:
        place, velocity = state
        force = -spring.stiffness * place - spring.damping * velocity
        return np.array([velocity, force / spring.mass])

    fastest = max(spring.damping / spring.mass, (spring.stiffness / spring.mass) ** 0.5)
    count = int(min(max(seconds * fastest * 20, 50), 20000))
    state, step = np.array([start, speed]), seconds / count
    for _ in range(count):
        first = rates(state)
        second = rates(state + step / 2 * first)
        third = rates(state + step / 2 * second)
        fourth = rates(state + step * third)
        state = state + step / 6 * (first + 2 * second + 2 * third + fourth)
    return float(state[0]), float(state[1])


@pytest.mark.slow
@given(LENGTHS, st.floats(0.5, 200), st.floats(0.1, 5), st.floats(0, 0.5), st.floats(-3, 3))
def test_a_spring_moves_as_its_equation_says(
    stiffness: float, damping: float, mass: float, seconds: float, speed: float
) -> None:
    spring = spring_of(stiffness, damping, mass)
    response = spring.response(seconds)
    place, velocity = integrated(spring, 1.0, speed, seconds)
    scale = 1 + abs(speed) + (stiffness / mass) ** 0.5
    got = response.of_displacement + speed * response.of_velocity
    assert got == pytest.approx(place, abs=1e-3 * scale)
    got = response.displacement_rate + speed * response.velocity_rate
    assert got == pytest.approx(velocity, abs=1e-2 * scale**2)


@given(LENGTHS, st.floats(0.1, 5))
def test_it_does_not_jump_where_it_is_critically_damped(stiffness: float, mass: float) -> None:
    critical = 2 * (stiffness * mass) ** 0.5
    springs = [spring_of(stiffness, critical * (1 + more), mass) for more in (-1e-6, 0, 1e-6)]
    times = np.linspace(0, 1, 20)
    below, at, above = (spring.at(times) for spring in springs)
    np.testing.assert_allclose(below, at, atol=1e-4)
    np.testing.assert_allclose(above, at, atol=1e-4)


@pytest.mark.slow
@given(LENGTHS, st.floats(0.5, 200), st.floats(0.1, 5))
def test_it_arrives_and_stays(stiffness: float, damping: float, mass: float) -> None:
    spring = spring_of(stiffness, damping, mass)
    assert spring.at(0.0) == 0.0
    assert 0 < spring.duration < 5
    later = spring.at(np.linspace(spring.duration, 2 * spring.duration, 100))
    assert np.abs(later - 1).max() <= 0.006


def test_by_default_it_takes_400_ms_and_hardly_overshoots() -> None:
    way = Spring().at(np.linspace(0, 1, 1000))
    assert Spring().duration <= 0.4
    assert 1.0 < way.max() <= 1.05
    assert way.min() >= 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"stiffness": 0}, r"^stiffness: must be finite and above 0; got 0"),
        ({"damping": -1}, r"^damping: must be finite and above 0; got -1"),
        ({"mass": float("nan")}, r"^mass: must be finite and above 0; got nan"),
        ({"damping": 1e-9}, r"^damping: .* takes more than 5 s"),
        ({"damping": 1e9}, r"^damping: .* takes more than 5 s"),
    ],
)
def test_a_spring_that_never_arrives_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Spring(**wrong)
    with pytest.raises(TypeError, match=r"^mass: must be a number"):
        Spring(mass="1")  # type: ignore[arg-type]


# In a window


class Window:
    """Stands for a window whose clock the test moves."""

    def __init__(self, figure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.figure, self.now, self.timers = figure, 100.0, list[TimerBase]()

        class Timer(TimerBase):
            running = False

            def _timer_start(timer: Any) -> None:  # noqa: N805
                timer.running = True
                self.timers.append(timer)

            def _timer_stop(timer: Any) -> None:  # noqa: N805
                timer.running = False

        base = type(figure.canvas)
        own = {"draw_idle": lambda _: None, "_timer_cls": Timer}
        monkeypatch.setattr(figure.canvas, "__class__", type("Canvas", (base,), own))
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)
        monkeypatch.setenv("DEAD_NEURON_AUTOPSY_MOTION", "full")

    def after(self, seconds: float) -> Any:
        """Return the pixels that the window shows after a time."""
        self.now += seconds
        for timer in self.timers:
            if timer.running:  # type: ignore[attr-defined]
                timer._on_timer()  # type: ignore[attr-defined]
        return drawn(self.figure)

    @property
    def is_moving(self) -> bool:
        return any(timer.running for timer in self.timers)  # type: ignore[attr-defined]


BEFORE = {"a": np.sin(np.arange(40)), "b": np.cos(np.arange(40)), "c": np.zeros(40)}
AFTER = {"a": np.zeros(10), "b": np.sin(np.arange(90)), "c": np.arange(40.0), "d": [1.0, np.nan]}


def shown(neurons: Any) -> Any:
    """Return the pixels of a figure at rest, in the room of `BEFORE`'s."""
    figure = plot_autopsy(BEFORE, ncols=2)
    if neurons is not BEFORE:
        figure.update(neurons)
    return drawn(figure)


def drawn(figure: Any) -> Any:
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba()).astype(int)


def test_cards_move_from_the_old_picture_to_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    before, after = window.after(0.0), shown(AFTER)
    figure.update(AFTER, transition=Spring())
    away = [np.abs(window.after(seconds) - after).sum() for seconds in (0.0, 0.05, 0.05, 0.2)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < away[0] / 5
    assert window.is_moving
    np.testing.assert_array_equal(window.after(0.1), after)
    assert not window.is_moving
    assert (before != after).any()


def test_the_first_frame_has_the_lines_of_the_old_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    later = {name: history[::-1] for name, history in BEFORE.items()}
    figure = plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    before = window.after(0.0)
    figure.update(later, transition=Spring())
    differ = (np.abs(window.after(0.0) - before) > 2).any(axis=-1)
    assert differ.mean() < 0.002  # what words say changes at once


@pytest.mark.parametrize("zoomed", [False, True])
def test_borders_fade_in_any_view(zoomed: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    figure = plot_autopsy({"a": [0.0, 1.0], "b": [0.0, 1.0]}, ncols=2)
    if zoomed:
        figure.axes[0].set_xlim(0.5, 2)
    window = Window(figure, monkeypatch)
    before = window.after(0.0)
    figure.update({"a": [0.0, 0.0], "b": [0.0, 0.0]}, transition=Spring())
    first, last = window.after(0.0), window.after(1.0)
    (_, bottom), (right, top) = figure.axes[0].bbox.get_points()
    row = int(len(before) - (bottom + top) / 2)
    columns = slice(int(right) - 20, int(right))  # through the right border of the last card
    np.testing.assert_array_equal(first[row, columns], before[row, columns])
    assert (last[row, columns] != before[row, columns]).any()


def test_what_is_saved_meanwhile_is_the_new_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    figure, fresh = plot_autopsy(BEFORE, ncols=2), plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    window.after(0.0)
    figure.update(AFTER, transition=Spring())
    window.after(0.02)
    fresh.update(AFTER)
    for file_format in ("png", "svg", "pdf"):
        assert saved(figure, file_format) == saved(fresh, file_format)
    assert window.is_moving


def test_a_movement_that_is_interrupted_goes_on_without_a_jump(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure = plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    window.after(0.0)
    figure.update(AFTER, transition=Spring())
    window.after(0.0)
    window.after(0.06)
    steps = [window.after(0.002), window.after(0.002)]
    usual = np.abs(steps[1] - steps[0]).sum()
    figure.update(
        {name: BEFORE[name] for name in "abc"} | {"d": [1.0, np.nan]}, transition=Spring()
    )
    jump = np.abs(window.after(0.0) - steps[1]).sum()
    goes_on = np.abs(window.after(0.002) - steps[1]).sum()
    # Words and ranges change at once, so compare with another interruption, not with nothing.
    assert jump < 20 * usual
    assert goes_on > 0
    assert sum(timer.running for timer in window.timers) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("told", ["none", "NONE "])
def test_who_wants_no_motion_sees_the_end_at_once(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    monkeypatch.setenv("DEAD_NEURON_AUTOPSY_MOTION", told)
    window.after(0.0)
    figure.update(AFTER, transition=Spring(), motion="full")
    np.testing.assert_array_equal(window.after(0.0), shown(AFTER))
    assert not window.timers


@pytest.mark.parametrize(
    ("answers", "moves"),
    [
        ({}, True),
        ({"gdbus": "(<uint32 1>,)"}, False),
        ({"gdbus": "(<uint32 0>,)"}, True),
        ({"gsettings": "false"}, False),
        ({"gsettings": "true"}, True),
        ({"kreadconfig5": "0"}, False),
        ({"kreadconfig6": "1"}, True),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the desktops of Linux")
def test_the_system_is_asked(
    answers: dict[str, str],
    moves: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure = plot_autopsy(BEFORE, ncols=2)
    window = Window(figure, monkeypatch)
    monkeypatch.delenv("DEAD_NEURON_AUTOPSY_MOTION")
    clock = iter(range(next(LATER), 10**12, 1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    for name in ("gdbus", "gsettings", "kreadconfig5", "kreadconfig6"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{answers.get(name, '')}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    window.after(0.0)
    figure.update(AFTER, transition=Spring())
    assert window.is_moving == moves
    figure.update(BEFORE, transition=Spring(), motion="none")
    window.after(0.0)
    assert not window.is_moving


def test_without_a_spring_or_a_window_it_is_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plot_autopsy(BEFORE, ncols=2)
    figure.update(AFTER, transition=Spring(), motion="full")
    np.testing.assert_array_equal(drawn(figure), shown(AFTER))
    window = Window(figure, monkeypatch)
    figure.update(BEFORE)
    assert not window.timers


def test_wrong_arguments_change_nothing() -> None:
    figure = plot_autopsy(BEFORE)
    with pytest.raises(TypeError, match=r"^transition: must be a Spring or None; got int 1"):
        figure.update(AFTER, transition=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^motion: must be 'auto', 'full' or 'none'; got 'no'"):
        figure.update(AFTER, motion="no")  # type: ignore[arg-type]
    assert isinstance(figure.autopsy, Autopsy)
    assert saved(figure, "svg") == saved(plot_autopsy(diagnose(BEFORE)), "svg")


SCRIPT = """
import numpy as np
from matplotlib import pyplot as plt
from dead_neuron_autopsy import Spring, plot_autopsy
names = [f"N{i}" for i in range(20)]
before = {one: np.sin(np.arange(40) * i) for i, one in enumerate(names)}
after = {one: np.cos(np.arange(50) * i) * (i % 2) for i, one in enumerate(names)}
figure = plot_autopsy(before)
plt.show(block=False)
figure.canvas.start_event_loop(0.3)
frames = []
def keep(event):
    if hasattr(event.canvas, "buffer_rgba"):  # one that is closed has none
        frames.append(np.array(event.canvas.buffer_rgba()).astype(int))
figure.canvas.mpl_connect("draw_event", keep)
figure.update(after, transition=Spring())
figure.canvas.start_event_loop(1.0)
count = len(frames)
figure.canvas.start_event_loop(0.3)
# Tk may resize a window that it has just shown.
frames = [frame for frame in frames if frame.shape == frames[-1].shape]
away = [int(np.abs(frame - frames[-1]).sum()) for frame in frames]
static = plot_autopsy(before)
static.set(size_inches=figure.get_size_inches(), dpi=figure.dpi)
static.update(after)
static.canvas.draw()
print(count > 3, len(frames) == count, away[0] > away[len(away) // 2] > 0)
print((np.array(static.canvas.buffer_rgba()) == frames[-1]).all())
figure.update(before, transition=Spring())
plt.close(figure)
static.canvas.start_event_loop(0.3)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_cards_move_in_a_window(backend: str) -> None:
    printed = run_in_window(backend, "-c", SCRIPT, DEAD_NEURON_AUTOPSY_MOTION="full")
    assert printed.split() == ["True"] * 4
