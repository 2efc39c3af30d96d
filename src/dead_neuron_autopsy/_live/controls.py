"""Sliders and buttons that the keyboard reaches, and that say what they are set to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.backend_bases import Event, KeyEvent
from matplotlib.patches import Rectangle
from matplotlib.widgets import Button, Slider

from .._drawing.style import Style

#: In points: the letters, a handle, and the room between a slider's ends and its words.
_LETTERS, _HANDLE, _BESIDE = 8.5, 14.0, 10.0


class Control(Protocol):
    """Something that can have the focus."""

    axes: Axes

    @property
    def words(self) -> str:
        """What it is, and what it is set to."""

    def press(self, key: str) -> bool:
        """Do what a key means here; return whether it means anything."""


class KeySlider:
    """A slider of Matplotlib's, with the keys of a slider: arrows 1, Page 10, Home, End.

    *text* turns a value into words.
    """

    def __init__(  # noqa: PLR0917  all are needed
        self,
        axes: Axes,
        label: str,
        bounds: tuple[float, float, float],
        value: float,
        style: Style,
        text: Callable[[float], str],
    ) -> None:
        low, high, self._step = bounds
        self.axes, self.label, self._text = axes, label, text
        self.slider = Slider(
            axes,
            label,
            low,
            max(high, low + self._step),  # Matplotlib's need a length
            valinit=value,
            valstep=self._step,
            color=style.alive_line,
            track_color=style.alive_border,
            initcolor="none",
            handle_style={"size": _HANDLE, "facecolor": style.card, "edgecolor": style.title},
        )
        for part in (self.slider.label, self.slider.valtext):
            part.set(color=style.title, fontsize=_LETTERS, fontfamily=list(style.font_family))
            part.set_parse_math(False)
        pad = _BESIDE / (72 * axes.get_position().width * _inches_across(axes))
        self.slider.label.set_x(-pad)  # beside the handle at either end
        self.slider.valtext.set_x(1 + pad)
        self.slider.valtext.set_text(text(value))
        self.slider.on_changed(self._show)

    def _show(self, value: float) -> None:
        self.slider.valtext.set_text(self._text(value))

    @property
    def value(self) -> float:
        """What it is set to."""
        return float(self.slider.val)

    @property
    def words(self) -> str:
        """What it is, and what it is set to."""
        return f"{self.label}: {self._text(self.value)}"

    def press(self, key: str) -> bool:
        """Move by a key; return whether it means anything here."""
        slider, step = self.slider, self._step
        wanted = {
            "left": self.value - step,
            "down": self.value - step,
            "right": self.value + step,
            "up": self.value + step,
            "pagedown": self.value - 10 * step,
            "pageup": self.value + 10 * step,
            "home": slider.valmin,
            "end": slider.valmax,
        }.get(key)
        if wanted is None:
            return False
        slider.set_val(min(max(wanted, slider.valmin), slider.valmax))
        return True

    def set_bounds(self, low: float, high: float, value: float) -> None:
        """Give it other ends, and a value between them."""
        slider, high = self.slider, max(high, low + self._step)
        slider.valmin, slider.valmax = low, high
        slider.ax.set_xlim(low, high)
        slider.set_val(min(max(value, low), high))


def _inches_across(axes: Axes) -> float:
    figure: Any = axes.figure
    return float(figure.get_size_inches()[0])


class Choice:
    """A button that goes through some choices."""

    def __init__(
        self,
        axes: Axes,
        template: Callable[[str], str],
        names: Sequence[str],
        style: Style,
        changed: Callable[[], object],
    ) -> None:
        self.axes, self._template, self._names = axes, template, list(names)
        self._changed, self.chosen = changed, 0
        self.button = Button(axes, self.words, color=style.card, hovercolor=style.window)
        self.button.label.set(
            color=style.title, fontsize=_LETTERS, fontfamily=list(style.font_family)
        )
        self.button.label.set_parse_math(False)
        axes.spines[:].set_color(style.faint)
        self.button.on_clicked(self._go_on)

    @property
    def words(self) -> str:
        """What it is, and what it is set to."""
        return self._template(self._names[self.chosen])

    def press(self, key: str) -> bool:
        """Go on by Enter or Space; return whether a key means anything here."""
        if key not in {"enter", " "}:
            return False
        self._go_on(None)
        return True

    def _go_on(self, event: Event | None) -> None:
        del event
        self.chosen = (self.chosen + 1) % len(self._names)
        self.button.label.set_text(self.words)
        self._changed()


class Focus:
    """Which of some controls has the keyboard's focus, if any does.

    After the last control, Tab goes *on*, to the cards; *tell* says what has the focus.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        style: Style,
        on: Callable[[bool], None],
        tell: Callable[[str], None],
    ) -> None:
        self.controls, self._on, self._tell = list(controls), on, tell
        self._at: int | None = None
        self._rings = []
        for control in controls:
            figure: Any = control.axes.figure
            ring = Rectangle(
                (-0.02, -0.1),
                1.04,
                1.2,
                transform=control.axes.transAxes,
                fill=False,
                edgecolor=style.title,
                linewidth=2 * 72 / figure.dpi,
                clip_on=False,
                visible=False,
            )
            self._rings.append(control.axes.add_patch(ring))

    def move(self, to: int | None) -> None:
        """Give the focus to a control, or take it."""
        for number, ring in enumerate(self._rings):
            ring.set_visible(number == to)
        self._at = to
        if to is not None:
            self._tell(self.controls[to].words)

    def press(self, event: KeyEvent) -> bool:
        """Do what a key means; return whether the focus is on a control, or was."""
        key, at = event.key or "", self._at
        if key in {"tab", "shift+tab"}:
            back = key == "shift+tab"
            to = (len(self.controls) - 1 if back else 0) if at is None else at + (-1 if back else 1)
            is_inside = 0 <= to < len(self.controls)
            self.move(to if is_inside else None)
            if not is_inside:
                self._on(back)
            return True
        if at is None:
            return False
        if key == "escape":
            self.move(None)
        elif self.controls[at].press(key):
            self._tell(self.controls[at].words)
        return True
