"""Move cards from what they showed to what they show now, while a window is open.

The artists hold the new state from the start, so that whatever is saved meanwhile is whole.
Only what a window paints is displaced, and a spring pulls it home.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.path import Path
from numpy.typing import NDArray

from .._drawing.elements import NO_PATH, original_of, quiet_copy, set_paths
from .._drawing.grid import AutopsyGrid
from .._drawing.renderers import draws_when_idle
from .._intake.foreign import typed_repr
from .._layout.spring import Motion, Response, Spring
from .motion import check_motion, is_welcome

Floats = NDArray[np.float64]

#: Which colours fade: parts, and the look of each.
_FADING = (
    ("borders", "edgecolor"),
    ("badges", "facecolor"),
    ("badges", "edgecolor"),
    ("marks", "facecolor"),
    ("midlines", "color"),
    ("sparklines", "color"),
    ("state_labels", "color"),
)

#: Milliseconds between two frames: 60 per second.
_FRAME = 16


class Moved(NamedTuple):
    """Something on the display: where it is, and how fast it moves."""

    place: Floats
    velocity: Floats


class _Start(NamedTuple):
    """How a line begins its way."""

    places: Floats
    ends: Floats  # the heights to which it moves
    away: Moved  # how far above these it begins


class Displayed(NamedTuple):
    """What a grid's window shows of some cards."""

    rows: dict[str, int]  # of a neuron's card, in what follows
    lines: list[tuple[Floats, Moved] | None]  # where samples are, and how high
    colors: dict[tuple[str, str], Moved]  # RGBA, one row per card


class Transition:
    """Displaces what a grid paints, less and less."""

    def __init__(self, grid: AutopsyGrid, before: Displayed, spring: Spring) -> None:
        self._before, self._spring = before, spring
        self._ids: list[str] = grid.shown.ids.tolist()
        self._names: dict[Artist, str] = {getattr(grid, name): name for name, _ in _FADING}
        self._started: float | None = None
        self._now: Displayed | None = None
        self._starts: tuple[Sequence[Path], list[_Start | None]] = ([], [])

    @property
    def is_over(self) -> bool:
        """Whether everything is where it belongs."""
        if self._started is None:
            return False
        return time.perf_counter() - self._started >= self._spring.duration

    def displayed(self) -> Displayed:
        """Return what was painted last, to go on from there."""
        return self._before if self._now is None else self._now

    def painted(
        self, pairs: Sequence[tuple[Artist, Artist]], cells: NDArray[np.int64]
    ) -> list[tuple[Artist, Artist]]:
        """Return what to paint now of each part, for the cells in view."""
        if self._started is None:
            self._started = time.perf_counter()
        if self.is_over:
            return list(pairs)
        response = self._spring.response(time.perf_counter() - self._started)
        names = [self._ids[cell] for cell in cells.tolist()]
        rows = np.array([self._before.rows.get(name, -1) for name in names], dtype=np.int64)
        moved: list[tuple[Artist, Artist]] = []
        colors: dict[tuple[str, str], Moved] = {}
        lines: list[tuple[Floats, Moved] | None] = [None] * len(names)
        for part, given in pairs:
            painted: Any = given
            name = self._names.get(original_of(part), "")
            looks = [look for one, look in _FADING if one == name]
            if looks:
                painted = quiet_copy(given)
            for look in looks:
                colors[name, look] = self._fade(painted, (name, look), rows, response)
            if isinstance(painted, LineCollection) and name == "sparklines":
                lines = self._bend(painted, rows, response)
            moved.append((part, painted))
        self._now = Displayed(dict(zip(names, range(len(names)), strict=True)), lines, colors)
        return moved

    def _fade(
        self, painted: Any, key: tuple[str, str], rows: NDArray[np.int64], response: Response
    ) -> Moved:
        """Paint a part in colours on their way, and return these."""
        end = _rows_of(getattr(painted, f"get_{key[1]}")(), len(rows))
        before = self._before.colors.get(key)
        if before is None or not len(rows):
            return Moved(end, np.zeros_like(end))
        known = (rows >= 0)[:, np.newaxis]
        # A new card comes out of nothing.
        start = np.where(known, before.place[rows], end * [1, 1, 1, 0])
        speed = np.where(known, before.velocity[rows], 0.0)
        moved = _after(Moved(start - end, speed), response)
        now = np.clip(end + moved.place, 0.0, 1.0)
        if not np.array_equal(now, end):
            painted.set_alpha(None)
            getattr(painted, f"set_{key[1]}")(now)
        return Moved(now, moved.velocity)

    def _bend(
        self, painted: LineCollection, rows: NDArray[np.int64], response: Response
    ) -> list[tuple[Floats, Moved] | None]:
        """Paint lines on their way, and return them."""
        paths = painted.get_paths()
        if self._starts[0] is not paths:
            before = [self._before.lines[row] if row >= 0 else None for row in rows.tolist()]
            self._starts = paths, list(map(_start_of, before, paths))
        lines: list[tuple[Floats, Moved] | None] = []
        bent: list[Path] = []
        for path, start in zip(paths, self._starts[1], strict=True):
            if start is None:
                bent.append(path)
                lines.append(_line_of(path))
                continue
            moved = _after(start.away, response)
            heights = start.ends + moved.place
            bent.append(Path(np.column_stack([start.places, heights])))
            lines.append((start.places, Moved(heights, moved.velocity)))
        set_paths(painted, bent)
        return lines


def displayed_by(grid: AutopsyGrid) -> Displayed:
    """Return what a grid that is at rest shows."""
    names = grid.shown.ids.tolist()
    colors = {}
    for name, look in _FADING:
        rgba = _rows_of(getattr(getattr(grid, name), f"get_{look}")(), len(names))
        colors[name, look] = _at_rest(rgba)
    lines = list(map(_line_of, grid.sparklines.get_paths()))
    lines += [None] * (len(names) - len(lines))
    return Displayed(dict(zip(names, range(len(names)), strict=True)), lines, colors)


def begin(grid: AutopsyGrid, transition: Spring | None, motion: Motion) -> Callable[[], None]:
    """Return what moves a grid, as drawn now, to what it shows when that is called."""
    if transition is not None and not isinstance(transition, Spring):
        raise TypeError(f"transition: must be a Spring or None; got {typed_repr(transition)}.")
    check_motion(motion)
    canvas = grid.root_figure.canvas
    if transition is None or not draws_when_idle(canvas) or not is_welcome(motion):
        return partial(_stop, grid)
    moving = grid.moving
    before = moving.displayed() if isinstance(moving, Transition) else displayed_by(grid)
    return partial(_run, grid, before, transition)


def _stop(grid: AutopsyGrid) -> None:
    grid.moving = None


def _run(grid: AutopsyGrid, before: Displayed, spring: Spring) -> None:
    """Redraw a grid until its transition is over."""
    figure: Any = grid.get_figure(root=True)
    transition = grid.moving = Transition(grid, before, spring)
    grid_of, canvas = weakref.ref(grid), figure.canvas
    timer = canvas.new_timer(interval=_FRAME)

    def step() -> None:
        grid = grid_of()
        if grid is None or grid.moving is not transition or grid.axes is None:
            timer.stop()
            return
        if transition.is_over:
            timer.stop()
            grid.moving = None
        grid.stale = True
        canvas.draw_idle()

    def close(_: object) -> None:
        timer.stop()

    timer.add_callback(step)
    canvas.mpl_connect("close_event", close)
    timer.start()


def _start_of(before: tuple[Floats, Moved] | None, path: Path) -> _Start | None:
    """Return where a line begins that had other samples; None if it has no way to go."""
    after = _line_of(path)
    if before is None or after is None:
        return None
    places = np.union1d(before[0], after[0])
    ends = np.interp(places, after[0], after[1].place)
    there, speed = (np.interp(places, before[0], one) for one in before[1])
    return _Start(places, ends, Moved(there - ends, speed))


def _line_of(path: Path) -> tuple[Floats, Moved] | None:
    """Return a path as a line that can be bent; None if it has gaps or draws nothing."""
    points = np.asarray(path.vertices)
    if path is NO_PATH or len(points) < 2 or not np.isfinite(points).all():
        return None
    return points[:, 0], _at_rest(points[:, 1])


def _after(start: Moved, response: Response) -> Moved:
    place = response.of_displacement * start.place + response.of_velocity * start.velocity
    rate = response.displacement_rate * start.place + response.velocity_rate * start.velocity
    return Moved(place, rate)


def _at_rest(place: Floats) -> Moved:
    return Moved(place, np.zeros_like(place))


def _rows_of(colors: Any, count: int) -> Floats:
    """Return one RGBA row per card."""
    rows = np.asarray(colors, dtype=np.float64).reshape(-1, 4)
    if not len(rows):
        rows = np.zeros((1, 4))
    return rows[np.arange(count) % len(rows)]
