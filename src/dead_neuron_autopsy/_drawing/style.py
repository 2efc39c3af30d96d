"""Colours, line widths and fonts: the styles light, dark and print."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import is_color_like, to_rgba
from matplotlib.typing import ColorType

from .._intake.foreign import Number, short_repr


@dataclass(frozen=True, kw_only=True)
class Style:
    """How an autopsy looks. The defaults are the light style.

    Every field that holds a colour takes any Matplotlib colour; "none" draws nothing.
    Line widths are in points. Make a variant of a named style with
    `dataclasses.replace`.

    Attributes
    ----------
    background, card : color
        The colour behind the header and the cards, and the cards' fill.
    window : color
        The judged part behind the sparklines, if only a part was judged.
    title, neuron_id, faint : color
        The title, the ids, and the small print (rule, peak).
    alive_line, dead_line, unknown_line : color
        Sparklines.
    alive_midline, dead_midline, unknown_midline : color
        The dashed midlines.
    alive_border, dead_border, unknown_border : color
        The cards' borders.
    alive_badge, dead_badge, unknown_badge : color
        The badges' fill, on cards and of the count in the header.
    alive_badge_border, dead_badge_border, unknown_badge_border : color
        The badges' outlines.
    alive_text, dead_text, unknown_text : color
        The badges' letters.
    line_width, midline_width, badge_border_width : float
        Widths of sparklines, midlines and the badges' outlines, in points.
    alive_border_width, dead_border_width, unknown_border_width : float
        Widths of the cards' borders, in points.
    font_family, id_font_family : tuple of str
        Font families in order of preference; a letter that the first lacks comes from
        the next. Include one that covers the script of your ids.

    Raises
    ------
    ValueError
        If a colour, a width or a tuple of font families is not valid.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from dead_neuron_autopsy import DARK, Style
    >>> mine = replace(DARK, dead_line="gold")
    >>> Style(id_font_family=("Noto Sans Mono CJK JP", "DejaVu Sans Mono")).card
    '#ffffff'
    """

    background: ColorType = "#ffffff"
    card: ColorType = "#ffffff"
    window: ColorType = "#eceef2"
    title: ColorType = "#14171c"
    neuron_id: ColorType = "#14171c"
    faint: ColorType = "#59606b"
    alive_line: ColorType = "#1750b8"
    dead_line: ColorType = "#e0573a"
    alive_midline: ColorType = "#a9c0ea"
    dead_midline: ColorType = "#f3bfb2"
    alive_border: ColorType = "#d3d7df"
    dead_border: ColorType = "#e0765e"
    alive_badge: ColorType = "#dfe8fa"
    dead_badge: ColorType = "#f9e0da"
    alive_badge_border: ColorType = "none"
    dead_badge_border: ColorType = "none"
    alive_text: ColorType = "#15489f"
    dead_text: ColorType = "#b0361b"
    unknown_line: ColorType = "#6b7280"
    unknown_midline: ColorType = "#c4c9d1"
    unknown_border: ColorType = "#9aa1ac"
    unknown_badge: ColorType = "#e8eaee"
    unknown_badge_border: ColorType = "none"
    unknown_text: ColorType = "#454c58"
    line_width: Number = 1.2
    midline_width: Number = 0.5
    badge_border_width: Number = 0.0
    alive_border_width: Number = 0.72
    dead_border_width: Number = 0.72
    unknown_border_width: Number = 0.72
    font_family: tuple[str, ...] = ("DejaVu Sans",)
    id_font_family: tuple[str, ...] = ("DejaVu Sans Mono", "DejaVu Sans")

    def __post_init__(self) -> None:
        for field in fields(self):
            value = _checked(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)


def _checked(name: str, value: Any) -> Any:
    """Return the value of a field, without NumPy's types, or raise ValueError."""
    if name.endswith("family"):
        expected = "a tuple of font families"
        strings = isinstance(value, tuple) and all(isinstance(one, str) for one in value)
        is_valid = strings and len(value) > 0
    elif name.endswith("width"):
        expected = "a width in points"
        is_valid = isinstance(value, Real) and 0 <= float(value) < math.inf
    else:
        expected = "a Matplotlib colour, such as '#1750b8'"
        try:
            is_valid = is_color_like(value)
        except Exception:  # noqa: BLE001  Matplotlib's own message may fail
            is_valid = False
    if not is_valid:
        raise ValueError(f"Style.{name}: must be {expected}; got {short_repr(value)}.")
    if name.endswith("width"):
        return float(value)
    if isinstance(value, list | np.ndarray):  # mutable: freeze a copy
        return tuple(map(float, value))
    return value


LIGHT = Style()

DARK = Style(
    background="#0e1116",
    card="#151a22",
    window="#272e3a",
    title="#eceff4",
    neuron_id="#eceff4",
    faint="#9aa4b2",
    alive_line="#86b6ff",
    dead_line="#e4603c",
    alive_midline="#3c5683",
    dead_midline="#7a3c2d",
    alive_border="#2d3542",
    dead_border="#b9553c",
    alive_badge="#1d2f4d",
    dead_badge="#4a2018",
    alive_text="#a3c7ff",
    dead_text="#ff9d80",
    unknown_line="#a3abb8",
    unknown_midline="#4b5360",
    unknown_border="#5d6674",
    unknown_badge="#2a313c",
    unknown_text="#c3cad5",
)

#: For paper, in grey, without fills: black, heavier borders make the dead stand out.
PRINT = Style(
    background="#ffffff",
    card="none",
    window="#ebebeb",
    title="#000000",
    neuron_id="#000000",
    faint="#404040",
    alive_line="#6a6a6a",
    dead_line="#000000",
    alive_midline="#b5b5b5",
    dead_midline="#8c8c8c",
    alive_border="#b0b0b0",
    dead_border="#000000",
    alive_badge="none",
    dead_badge="none",
    alive_badge_border="#b0b0b0",
    dead_badge_border="#000000",
    alive_text="#404040",
    dead_text="#000000",
    unknown_line="#4d4d4d",
    unknown_midline="#a0a0a0",
    unknown_border="#808080",
    unknown_badge="none",
    unknown_badge_border="#808080",
    unknown_text="#303030",
    line_width=1.0,
    badge_border_width=0.6,
    alive_border_width=0.6,
    dead_border_width=1.2,
    unknown_border_width=0.6,
)

_NAMED = {"light": LIGHT, "dark": DARK, "print": PRINT}


def named_style(style: str | Style, behind: ColorType | None = None) -> Style:
    """Return the style of a given name, or the given `Style` itself.

    "auto" is dark on a dark figure, of which *behind* is the colour; None: of a new one.
    """
    if isinstance(style, Style):
        return style
    if isinstance(style, str) and style == "auto":
        *rgb, alpha = to_rgba(mpl.rcParams["figure.facecolor"] if behind is None else behind)
        # Rec. 709's weights; 0.5 is where black and white letters are about equally legible.
        is_dark = alpha > 0 and float(np.dot(rgb, (0.2126, 0.7152, 0.0722))) < 0.5
        return DARK if is_dark else LIGHT
    if isinstance(style, str) and style in _NAMED:
        return _NAMED[style]
    accepted = "'light', 'dark', 'print', 'auto' or a Style"
    raise ValueError(f"style: must be {accepted}; got {short_repr(style)}.")
