"""`explore`: cards above sliders for the rule and for how much of the training has been seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import KeyEvent
from numpy.typing import ArrayLike, NDArray

from ._diagnose import NeuronAxis, diagnosed
from ._drawing.elements import plain
from ._drawing.grid import AutopsyGrid
from ._drawing.header import Appearance
from ._drawing.style import Style
from ._intake.foreign import Number
from ._layout.grid import GroupSizes
from ._layout.measures import MARGIN
from ._layout.sizes import checked_sizes
from ._layout.spring import Motion, Spring
from ._live.controls import Choice, Control, Focus, KeySlider
from ._live.interaction import Interaction, keep_tab
from ._live.motion import check_motion
from ._live.transition import begin
from ._output.figure import AutopsyFigure, figure_options
from ._output.window import name_window, tell_focus
from ._verdict.autopsy import Autopsy, NanPolicy
from ._verdict.criteria import Peak
from ._verdict.judging import Rule
from ._verdict.neuron import State
from ._verdict.selection import Order, Selection, selected
from ._words.languages import ENGLISH
from ._words.notation import plain_number, two_digits
from ._words.wording import Wording

#: The figure, and a row of controls, in inches.
_WIDTH, _CARDS, _ROW = 11.0, 6.0, 0.42

_ORDERS: tuple[Order, ...] = ("given", "dead first", "died", "layer", "peak")
_STATES: tuple[State | None, ...] = (None, "dead", "alive", "unknown")

#: Steps of the threshold, in powers of ten.
_STEP = 0.1

_SPRING = Spring()


def explore(
    neurons: object = None,
    dead_threshold: Number | None = None,
    *,
    window: int | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    motion: Motion = "auto",
) -> AutopsyFigure:
    """Open a panel: cards, and sliders for the threshold, the window and the training so far.

    Drag a slider, or reach it by Tab and use the arrows, Page Up, Page Down, Home and End. Two
    buttons choose the order and which cards are shown. The cards answer as they do in any figure.

    Parameters
    ----------
    neurons : iterable, mapping, DataFrame, array, Recording or Autopsy, optional
        As in `plot_autopsy`. Default: a population that is made up, with sliders for it; the
        title says so.
    dead_threshold, window, steps
        As in `plot_autopsy`; where the sliders begin. Another criterion than `Peak` has no panel.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    title, style, wording
        As in `plot_autopsy`.
    motion : {"auto", "full", "none"}, default: "auto"
        Whether cards move to their new state; "auto" asks the system.

    Returns
    -------
    AutopsyFigure
        A figure of pyplot's; ``plt.show()`` opens its window.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; no figure is created then.

    Examples
    --------
    >>> from dead_neuron_autopsy import explore
    >>> fig = explore()
    >>> fig.autopsy.dead.tolist()
    [True, False, False, False, False, True]
    """
    check_motion(motion)
    is_made_up = neurons is None
    if is_made_up and title is None and isinstance(wording, Wording):
        title = wording.made_up
    appearance = Appearance.checked(title, style, wording)
    rule = Rule.checked(dead_threshold, None, window, steps)
    given = made_up() if is_made_up else neurons
    autopsy = diagnosed(given, rule, nan_policy, ids=ids, neuron_axis=neuron_axis, reduce=reduce)
    if not isinstance(autopsy.criterion, Peak):
        raise ValueError(  # noqa: TRY004  the criterion is at fault
            f"neurons: the panel sets a threshold for peaks; this Autopsy was made with "
            f"{autopsy.criterion!r}. Use plot_autopsy(...) for it."
        )
    panel = _Panel(autopsy, appearance, rule.window, motion, is_made_up=is_made_up)
    return panel.figure


def made_up(
    n_neurons: int = 6, n_samples: int = 24, share_of_dead: float = 0.35, seed: int = 11
) -> dict[str, NDArray[np.float64]]:
    """Return neurons for a demonstration: some are silent, the others noisy waves."""
    generator = np.random.default_rng(seed)
    n_dead = round(share_of_dead * n_neurons)
    dead = set(generator.choice(n_neurons, size=n_dead, replace=False).tolist())
    times = np.arange(n_samples)
    found = {}
    for number in range(n_neurons):
        height, pace, begin_at = generator.uniform([0.3, 0.2, 0.0], [2.0, 0.9, 6.3])
        noise = generator.normal(0.0, 0.15, n_samples)
        wave = np.maximum(height * np.sin(pace * times + begin_at) + noise, 0.0)
        found[f"L1·N{number}"] = np.zeros(n_samples) if number in dead else wave
    return found


class _Panel:
    """The figure, its controls, and what they are set to."""

    def __init__(
        self,
        autopsy: Autopsy,
        appearance: Appearance,
        window: int | None,
        motion: Motion,
        *,
        is_made_up: bool,
    ) -> None:
        from matplotlib import pyplot as plt  # late: importing it chooses a backend

        self._appearance, self._motion = appearance, motion
        self._take(autopsy)
        style = appearance.style
        n_rows = 3 if is_made_up else 2
        height = _CARDS + _ROW * (n_rows + 0.5)
        options = figure_options(_WIDTH * 72, height * 72, style)
        figure: Any = plt.figure(FigureClass=AutopsyFigure, **options)
        try:
            plain(figure.patch)
            self.figure: AutopsyFigure = figure
            selection = self._selected(autopsy, 0, 0)
            ncols = checked_sizes(None).columns(GroupSizes.of(selection))
            again = _Columns()
            self.grid = AutopsyGrid(selection, appearance, ncols=ncols, again=again)
            below = 1 - _CARDS / height
            host = figure.add_axes((0, below, 1, 1 - below))
            self.grid.attach(host, background="none", margin=MARGIN)
            self._interaction = Interaction(self.grid, partial(tell_focus, figure))
            self.grid.interaction = self._interaction
            self._interaction.is_alone = False
            self._add_controls(height, window, is_made_up=is_made_up)
            name_window(figure)
        except BaseException:
            plt.close(figure)
            raise
        vars(figure)["_panel"] = self  # what answers lives as long as the figure
        figure.canvas.mpl_connect("key_press_event", self._key)
        keep_tab(figure.canvas, self._takes_tab)

    def _take(self, autopsy: Autopsy) -> None:
        self._autopsy = autopsy
        self._longest = int(autopsy.source.lengths.max(initial=0))
        self._histories = [one.copy() for one in autopsy.source]  # masked ones stay so

    def _add_controls(self, height: float, window: int | None, *, is_made_up: bool) -> None:
        """Place the sliders and the buttons below the cards, in rows."""
        self._height = height
        top = 2 if is_made_up else 1  # rows are counted from below
        self.threshold, self.window, self.step = self._rule_sliders(top, window)
        self.order, self.only = self._choices(top - 1)
        self.population = self._population_sliders() if is_made_up else []
        # They listen once all are there.
        for slider in (self.threshold, self.window, self.step):
            slider.slider.on_changed(self._changed)
        for slider in self.population:
            slider.slider.on_changed(self._make_up)
        controls: list[Control] = [self.threshold, self.window, self.step, self.order, self.only]
        controls += self.population
        self._focus = Focus(controls, self._appearance.style, self._go_on, self._say)

    def _axes(self, row: int, left: float, width: float) -> Axes:
        bottom = (row * _ROW + 0.25) / self._height
        axes = self.figure.add_axes((left, bottom, width, 0.3 / self._height))
        axes.set_facecolor("none")
        return axes

    def _slider(
        self,
        place: tuple[int, float, float],
        label: str,
        bounds: tuple[float, float, float],
        value: float,
        text: Callable[[float], str] = "{:.0f}".format,
    ) -> KeySlider:
        """Return a slider at a row, from the left, of a width; *bounds* are ends and steps."""
        style = self._appearance.style
        return KeySlider(self._axes(*place), label, bounds, value, style, text)

    def _rule_sliders(self, row: int, window: int | None) -> tuple[KeySlider, ...]:
        words = self._appearance.wording
        low, high = self._thresholds()
        exponent = float(np.log10(float(self._autopsy.criterion.threshold)))
        # Whole steps away, so that the slider stands exactly at the threshold that was given.
        low = exponent - _STEP * np.ceil(max(exponent - low, 0.0) / _STEP)
        high = exponent + _STEP * np.ceil(max(high - exponent, 0.0) / _STEP)
        longest = max(self._longest, 1)
        chosen = longest if window is None else min(window, longest)
        place, bounds = (row, 0.14, 0.24), (low, high, _STEP)
        samples = (1, longest, 1)
        return (
            self._slider(place, words.page_threshold, bounds, exponent, self._written),
            self._slider((row, 0.53, 0.09), words.set_window, samples, chosen),
            self._slider((row, 0.81, 0.13), words.set_step, samples, longest),
        )

    def _choices(self, row: int) -> tuple[Choice, Choice]:
        words, style = self._appearance.wording, self._appearance.style
        orders = [one.strip() for one in words.orders.split(",")][: len(_ORDERS)]
        states = [words.set_all, *(getattr(words, str(state)) for state in _STATES[1:])]

        def order(name: str) -> str:
            return words.set_order.format(order=name)

        def only(name: str) -> str:
            return words.set_only.format(state=name)

        return (
            Choice(self._axes(row, 0.14, 0.24), order, orders, style, self._changed),
            Choice(self._axes(row, 0.53, 0.14), only, states, style, self._changed),
        )

    def _population_sliders(self) -> list[KeySlider]:
        words = self._appearance.wording
        return [
            self._slider((0, 0.14, 0.1), words.set_neurons, (1, 60, 1), 6),
            self._slider((0, 0.36, 0.1), words.set_samples, (2, 200, 1), 24),
            self._slider((0, 0.62, 0.09), words.set_share, (0, 1, 0.05), 0.35, "{:.0%}".format),
            self._slider((0, 0.83, 0.11), words.set_seed, (0, 99, 1), 11),
        ]

    def _thresholds(self) -> tuple[float, float]:
        """Return the powers of ten below the lowest and above the highest peak."""
        peaks = self._autopsy.peaks
        positive = peaks[np.isfinite(peaks) & (peaks > 0)]
        ends = np.log10([positive.min(initial=1.0), positive.max(initial=1e-6)])
        return float(np.floor(min(ends[0], -6.0)) - 1), float(np.ceil(max(ends[1], 0.0)))

    def _written(self, exponent: float) -> str:
        sign = self._appearance.wording.decimal_sign
        return plain_number(self._number(exponent)).replace(".", sign)

    def _number(self, exponent: float) -> float:
        """Return a threshold in two digits; exactly the one that was asked for at first."""
        given = float(self._autopsy.criterion.threshold)
        if abs(exponent - np.log10(given)) < _STEP / 100:
            return given
        return float(two_digits(float(10.0**exponent)))

    # What the controls are set to

    def _selected(self, autopsy: Autopsy, order: int, only: int) -> Selection:
        try:
            return selected(autopsy, _ORDERS[order], None, _STATES[only])
        except ValueError:  # by layer, of ids that name none
            return selected(autopsy, "given", None, _STATES[only])

    def _changed(self, value: float = 0.0) -> None:
        del value
        end = max(min(round(self.step.value), self._longest), 0)
        kept = [one[: max(end - (self._longest - len(one)), 0)] for one in self._histories]
        steps = None if self._autopsy.steps is None else self._autopsy.steps[:end]
        window = round(self.window.value)
        rule = Rule.checked(
            self._number(self.threshold.value), None, min(window, max(end, 1)), steps
        )
        neurons = dict(zip(self._autopsy.ids.tolist(), kept, strict=True))
        policy = self._autopsy.nan_policy
        autopsy = diagnosed(neurons, rule, policy, ids=None, neuron_axis=None, reduce=None)
        move = begin(self.grid, _SPRING, self._motion)
        self.grid.show_selection(self._selected(autopsy, self.order.chosen, self.only.chosen))
        move()
        self.figure.canvas.draw_idle()

    def _make_up(self, value: float) -> None:
        del value
        n_neurons, n_samples, share, seed = (one.value for one in self.population)
        neurons = made_up(round(n_neurons), round(n_samples), share, round(seed))
        rule = Rule(self._autopsy.criterion, None, None)
        before = self._longest
        self._take(diagnosed(neurons, rule, "propagate", ids=None, neuron_axis=None, reduce=None))
        if self._longest != before:
            for slider in (self.window, self.step):
                slider.set_bounds(1, self._longest, self._longest)
        self._changed()

    # The keyboard

    def _key(self, event: KeyEvent) -> None:
        if self._interaction.has_focus:
            if event.key in {"tab", "shift+tab"}:
                self._interaction.lose_focus()
                if event.key == "shift+tab":
                    self._focus.move(len(self._focus.controls) - 1)
                self.figure.canvas.draw_idle()
            return
        if self._focus.press(event):
            self.figure.canvas.draw_idle()

    def _takes_tab(self) -> bool:
        """Return whether the next Tab stays in the figure: not from the cards, which are last."""
        if self._interaction.has_focus:
            self._interaction.lose_focus()
            return False
        return True

    def _go_on(self, back: bool) -> None:  # noqa: FBT001  a callback
        if not back:
            self._interaction.enter()

    def _say(self, words: str) -> None:
        self.grid.said = words
        tell_focus(self.figure)


class _Columns:
    """Chooses the columns of the panel's cards."""

    def select_again(self, neurons: object, steps: ArrayLike | None) -> Selection:
        """Refuse: the panel itself says what is shown."""
        del neurons, steps
        raise RuntimeError("update: this figure is a panel; call explore(...) with other neurons.")

    def columns(self, selection: Selection) -> int:
        """Return the number of columns for other cards."""
        return checked_sizes(None).columns(GroupSizes.of(selection))

    def begin_moving(self, grid: AutopsyGrid, transition: Spring | None, motion: Motion) -> Any:
        """Return what moves the cards."""
        return begin(grid, transition, motion)
