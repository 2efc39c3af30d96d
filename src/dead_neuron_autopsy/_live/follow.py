"""Show a recording in a figure while it grows, from within the training loop."""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Callable
from time import monotonic
from typing import Any

from matplotlib.figure import Figure

from .._drawing.grid import AutopsyGrid
from .._intake.recording import Recording


class Follower:
    """Updates a grid after a step of a recording, at most once in so many seconds.

    *present* brings the figure to whoever looks at it, and is None if there is nobody: then the
    grid is updated once, when the recording ends.
    """

    def __init__(
        self,
        grid: AutopsyGrid,
        recording: Recording,
        every: float,
        present: Callable[[], object] | None,
    ) -> None:
        # Pyplot decides how long a figure lives; a recording must not keep it any longer.
        self._grid, self._recording = weakref.ref(grid), weakref.ref(recording)
        self._every, self._present, self._due = every, present, monotonic()
        self._thread = threading.get_ident()
        self.stop = recording.on_step(self._take_step)

    def _take_step(self, ended: bool) -> None:  # noqa: FBT001  a callback
        grid, recording = self._grid(), self._recording()
        if recording is None or grid is None or not _is_open(grid):
            self.stop()
            return
        # Windows belong to the thread that opened them.
        is_mine = threading.get_ident() == self._thread
        is_due = is_mine and self._present is not None and monotonic() >= self._due
        if not (is_due or ended) or not len(recording.steps):
            return
        try:
            grid.update(recording)
            if is_mine and self._present is not None:
                self._present()
        except Exception as error:  # noqa: BLE001  a picture is not worth a training
            self.stop()
            warnings.warn(f"follow: stopped, since {error}", stacklevel=2)
        # Counted from the end, so that drawing never takes all of a loop's time.
        self._due = monotonic() + self._every
        if ended:
            self.stop()


def _is_open(grid: AutopsyGrid) -> bool:
    """Return whether a grid is in a figure that has not been closed."""
    figure: Any = grid.get_figure(root=True)
    if grid.axes is None or figure is None:
        return False
    from matplotlib import pyplot as plt  # late: importing it chooses a backend

    return not hasattr(figure, "number") or plt.fignum_exists(figure.number)


def drawer_of(figure: Figure) -> Callable[[], object] | None:
    """Return what draws a figure in its window at once; None if it has no window."""
    canvas: Any = figure.canvas
    manager: Any = canvas.manager
    if hasattr(manager, "refresh_all"):  # a page in a browser, which cannot ask meanwhile
        draw: Callable[[], object] = canvas.draw
        return draw
    if type(canvas).required_interactive_framework is None or manager is None:
        return None
    manager.show()
    # Not `matplotlib.pyplot.pause`, which takes the focus at each call (matplotlib#11131).
    handle: Callable[[], object] = canvas.flush_events
    return handle
