from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb
from matplotlib.typing import ColorType

from dead_neuron_autopsy import DARK, LIGHT, PRINT, Style
from dead_neuron_autopsy._drawing.style import named_style

if TYPE_CHECKING:
    from collections.abc import Callable

STYLES = pytest.mark.parametrize("style", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
STATES = ("alive", "dead")

#: CIELAB differences below about 10 are hard to see between lines a point wide.
EASY_TO_TELL = 15


def luminance(color: ColorType) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: ColorType, other: ColorType) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def behind(style: Style, *layers: str) -> ColorType:
    """Return the colour that a part stands on: the topmost that is painted."""
    for layer in layers:
        color: ColorType = getattr(style, layer)
        if color != "none":
            return color
    return style.background


@STYLES
def test_text_has_the_contrast_that_wcag_asks_of_small_letters(style: Style) -> None:
    pairs = [
        (style.title, style.background),
        (style.faint, style.background),
        (style.neuron_id, behind(style, "card")),
        (style.faint, behind(style, "card")),
    ]
    for state in STATES:
        text = getattr(style, f"{state}_text")
        pairs.append((text, behind(style, f"{state}_badge", "card")))
        pairs.append((text, behind(style, f"{state}_badge")))
        pairs.append((text, behind(style, "card")))
    assert min(contrast(*pair) for pair in pairs) >= 4.5


@STYLES
def test_sparklines_and_dead_borders_have_the_contrast_of_graphics(style: Style) -> None:
    card = behind(style, "card")
    assert contrast(style.alive_line, card) >= 3
    assert contrast(style.dead_line, card) >= 3
    assert contrast(style.dead_border, card) >= 3
    assert contrast(style.dead_border, style.background) >= 3


@STYLES
def test_midlines_are_fainter_than_their_sparklines(style: Style) -> None:
    card = behind(style, "card")
    for state in STATES:
        midline = contrast(getattr(style, f"{state}_midline"), card)
        assert 1.2 < midline < contrast(getattr(style, f"{state}_line"), card)


def in_grey(color: str) -> Any:
    lightness = cspace_convert(to_rgb(color), "sRGB1", "CIELab")[0]
    return cspace_convert([lightness, 0, 0], "CIELab", "sRGB1")


def seen_with(deficiency: str) -> Callable[[str], Any]:
    space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
    return lambda color: cspace_convert(to_rgb(color), space, "sRGB1")


@STYLES
@pytest.mark.parametrize(
    "see",
    [to_rgb, in_grey, *map(seen_with, ("protanomaly", "deuteranomaly", "tritanomaly"))],
    ids=["everybody", "grey", "protanopia", "deuteranopia", "tritanopia"],
)
@pytest.mark.parametrize("part", ["line", "border"])
def test_the_states_stay_apart(style: Style, see: Callable[[str], Any], part: str) -> None:
    alive, dead = (see(getattr(style, f"{state}_{part}")) for state in STATES)
    assert deltaE(alive, dead, input_space="sRGB1", uniform_space="CIELab") > EASY_TO_TELL


def test_print_has_no_fills_and_no_colours() -> None:
    assert {PRINT.card, PRINT.alive_badge, PRINT.dead_badge} == {"none"}
    painted = [value for value in vars(PRINT).values() if str(value).startswith("#")]
    assert painted
    assert all(len(set(to_rgb(color))) == 1 for color in painted)


def test_print_tells_the_states_apart_by_width_too() -> None:
    assert PRINT.dead_border_width >= 1.5 * PRINT.alive_border_width


def test_named_styles_differ() -> None:
    for one, other in combinations(map(named_style, ("light", "dark", "print")), 2):
        assert one != other


def test_a_style_of_the_callers_is_taken_as_it_is() -> None:
    mine = replace(DARK, dead_line="gold")
    assert named_style(mine) is mine


@pytest.mark.parametrize("style", ["Light", "", None, 3, {"card": "red"}])
def test_an_unknown_style_is_refused_by_name(style: Any) -> None:
    with pytest.raises(ValueError, match=r"style: must be 'light', 'dark', 'print'"):
        named_style(style)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("card", "no colour"),
        ("alive_line", None),
        ("line_width", -1),
        ("line_width", float("nan")),
        ("line_width", float("inf")),
        ("font_family", (1, 2)),
        ("midline_width", "1"),
        ("font_family", "DejaVu Sans"),
        ("id_font_family", ()),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"Style\.{field}: must be"):
        replace(LIGHT, **{field: value})


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(TypeError, match="dead_lime"):
        Style(dead_lime="red")  # type: ignore[call-arg]
