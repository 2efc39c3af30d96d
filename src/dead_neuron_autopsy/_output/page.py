"""One page that needs no kernel: cards as HTML, and a threshold that is judged in the browser."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgba
from numpy.typing import NDArray

from .._drawing.grid import AutopsyGrid
from .._drawing.one_card import Card
from .._drawing.style import DARK, LIGHT, Style
from .._layout.sparkline import Trace, activation_range, trace
from .._layout.spring import Spring
from .._verdict.autopsy import Autopsy
from .._verdict.criteria import Peak
from .._words import phrases
from .._words.filling import filled, rule_words, state_word
from .._words.notation import clean
from .._words.wording import Wording

#: Longer histories are reduced to the extremes of so many parts.
_PARTS = 64

#: Below, floats without a fraction are whole numbers.
_EXACT = 2.0**53

#: The height of a sparkline, in the units of its path.
_HEIGHT = 56


def page_of(grid: AutopsyGrid) -> str:
    """Return the page that shows a grid's cards."""
    wording, autopsy, shown = grid.wording, grid.autopsy, grid.shown
    alt, longest = grid.alt, int(shown.source.lengths.max(initial=0))
    traces = [trace(history, _PARTS) for history in shown.source]
    counts = autopsy.n_dead, len(autopsy), autopsy.n_unknown
    state = "dead" if autopsy.n_dead else "alive" if counts[1] > counts[2] else "unknown"
    words = {
        "language": alt.language,
        "title": alt.title,
        "heading": grid.title,
        "count": phrases.count_badge(wording, autopsy.criterion, *counts),
        "count_state": state,
        "rule": phrases.header_line(wording, autopsy, len(shown)),
        "summary": alt.summary,
        "findings": alt.description,
        "threshold": wording.page_threshold,
        "only_dead": wording.page_only.format(dead=state_word(wording, "dead", autopsy.criterion)),
        "close": wording.page_close,
    }
    parts = {name: escape(clean(text)) for name, text in words.items()}
    parts["colors"] = _colors(grid.style)
    parts["spring"] = _timing()
    parts["cards"] = "\n".join(_sections(grid, traces, longest))
    data = _data(grid, traces, longest, words)
    # Not even a comment or another script can begin inside of it.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts["data"] = text.replace("<", "\\u003c")
    template = files("dead_neuron_autopsy._output").joinpath("page.html").read_text("utf-8")
    return re.sub(r"%%(\w+)%%", lambda found: parts[found[1]], template)


def _sections(grid: AutopsyGrid, traces: list[Trace], longest: int) -> Iterator[str]:
    """Yield the lists of cards, each with the heading of its group."""
    cards = list(grid.cards.values())
    items = [_item(grid, card, one, longest) for card, one in zip(cards, traces, strict=True)]
    first = 0
    for group in grid.groups:
        words = escape(clean(phrases.heading(grid.wording, grid.autopsy.criterion, group)))
        name = escape(clean(group.name))
        heading = f'<h2 data-group="{name}" data-given="{words}">{words}</h2>'
        inside = "".join(items[first : first + group.n_shown])
        first += group.n_shown
        yield f'<section>{heading}<ul role="list">{inside}</ul></section>'
    if not grid.groups and items:
        yield f'<ul role="list">{"".join(items)}</ul>'


def _item(grid: AutopsyGrid, card: Card, kept: Trace, longest: int) -> str:
    label = phrases.neuron_label(grid.wording, grid.shown, card.index)
    badge = state_word(grid.wording, card.state, grid.autopsy.criterion)
    label, name, badge, peak = (
        escape(clean(text)) for text in (label, card.id, badge, card.peak_words)
    )
    # Few bytes for each: what all buttons share, the style sheet and the script say.
    return (
        f'<li data-state="{card.state}"><button aria-label="{label}"><span><b>{name}</b>'
        f"<i>{badge}</i></span>"
        f'<svg viewBox="0 0 {max(longest - 1, 1)} {_HEIGHT}" preserveAspectRatio="none">'
        f"{_path(kept, longest)}</svg>{peak}</button></li>\n"
    )


def _path(kept: Trace, longest: int) -> str:
    """Return a line as a path in whole numbers, each relative to the one before: few bytes."""
    low, high = activation_range(kept)
    values = np.asarray(kept.values, dtype=np.float64)
    places = np.asarray(kept.positions) + longest - kept.n_samples
    with np.errstate(all="ignore"):  # a range between float64's extremes
        shares = (values / 2 - low / 2) / (high / 2 - low / 2)
    finite = np.isfinite(shares) & np.isfinite(values)
    heights = np.where(finite, np.rint((1 - shares) * _HEIGHT), 0).astype(int)
    pen, commands, is_down = (0, 0), list[str](), False
    for x, y, is_finite in zip(places.tolist(), heights.tolist(), finite.tolist(), strict=True):
        if is_finite:
            step = f"{x - pen[0]}{y - pen[1]:+d}"
            # A line of no length is a dot: a sample between two gaps.
            commands.append(step if is_down else f"m{step}l0 0")
            pen = x, y
        is_down = is_finite
    return f'<path d="{" ".join(commands)}"/>' if commands else ""


def _data(
    grid: AutopsyGrid, traces: list[Trace], longest: int, words: dict[str, str]
) -> dict[str, Any]:
    """Return what the page's script judges and tells."""
    autopsy, shown = grid.autopsy, grid.shown
    position = {name: place for place, name in enumerate(autopsy.ids.tolist())}
    first = [position[name] for name in shown.ids.tolist()]
    others = sorted(set(range(len(autopsy))) - set(first))
    every = np.array([*first, *others], dtype=np.int64)
    threshold = float(autopsy.criterion.threshold)
    inclusive = bool(autopsy.criterion.is_met(np.array([threshold]))[0])
    cards = zip(grid.cards.values(), traces, strict=True)
    scale = _scale_of(traces)
    return {
        "threshold": threshold,
        "inclusive": inclusive,
        "is_peak": isinstance(autopsy.criterion, Peak),
        "scores": [_number(one) for one in autopsy.scores[every].tolist()],
        "empty": (autopsy.judged_counts[every] == 0).astype(int).tolist(),
        "longest": longest,
        "scale": scale,
        "window": autopsy.window or 0,
        "steps": None if shown.steps is None else shown.steps.tolist(),
        "cards": [_card(grid, card, kept, scale) for card, kept in cards],
        "words": _words(grid.wording, autopsy, words),
    }


def _card(grid: AutopsyGrid, card: Card, kept: Trace, scale: float) -> dict[str, Any]:
    shown, index = grid.shown, card.index
    # What the card says, the script reads from the card.
    found: dict[str, Any] = {
        "since": phrases.state_in_time(grid.wording, shown, index),
        "values": [_short_number(one, scale) for one in _floats(kept.values).tolist()],
    }
    if phrases.has_time(shown, index):
        found["died"] = int(shown.last_active[index]) + 1
    if not isinstance(kept.positions, range):
        found["at"] = kept.positions.tolist()
        found["length"] = kept.n_samples
    if found["since"] == state_word(grid.wording, card.state, grid.autopsy.criterion):
        del found["since"]
    return found


def _words(wording: Wording, autopsy: Autopsy, given: dict[str, str]) -> dict[str, str]:
    """Return the templates that the script fills."""
    criterion, rule = autopsy.criterion, rule_words(wording, autopsy.criterion)
    # The form for the number of neurons, which no threshold changes.
    kept = {"n_dead": "{n_dead}", "dead": "{dead}", "rule": "{rule}"}
    time = wording.at_sample if autopsy.steps is None else wording.at_step
    return {
        "alive": state_word(wording, "alive", criterion),
        "dead": state_word(wording, "dead", criterion),
        "unknown": state_word(wording, "unknown", criterion),
        "count_badge": wording.count_badge,
        "with_unknown": wording.with_unknown,
        "heading": wording.heading,
        "rule": wording.rule,
        "drawn": rule.drawn,
        "spoken": rule.spoken,
        "verdict": filled(wording, wording.verdict, n_neurons=len(autopsy), **kept),
        "time": time,
        "activation_at": wording.activation_at,
        "comma": wording.comma,
        "decimal": wording.decimal_sign,
        "thousands": wording.thousands_separator,
        "rule_given": given["rule"],
        "summary_given": given["summary"],
        "findings_given": given["findings"],
    }


def _scale_of(traces: list[Trace]) -> float:
    """Return what activations are multiplied by, so that the largest have no fraction."""
    finite = [one[np.isfinite(one)] for one in (_floats(kept.values) for kept in traces)]
    largest = max((float(np.abs(one).max(initial=0.0)) for one in finite), default=0.0)
    power = 2 - math.floor(math.log10(largest)) if largest else 0
    return 10.0 ** min(max(power, -300), 300)


def _short_number(value: float, scale: float) -> float | None:
    """Return an activation in three digits, times a scale."""
    if np.isnan(value):
        return None
    with np.errstate(over="ignore"):
        return _number(float(f"{np.float64(value) * scale:.3g}"))


def _number(value: float) -> float | None:
    """Return a number for JSON, which has no nan and no infinity."""
    if np.isnan(value):
        return None
    if value.is_integer() and abs(value) < _EXACT:
        return int(value)  # without ".0"
    return float(np.clip(value, -np.finfo(np.float64).max, np.finfo(np.float64).max))


def _floats(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))


def _colors(style: Style) -> str:
    """Return the colours as custom properties; those of the dark style where that is wanted."""
    sheet = f":root {{ color-scheme: {_scheme(style)};\n{_properties(style)} }}"
    if style == LIGHT:
        dark = f":root {{ color-scheme: dark;\n{_properties(DARK)} }}"
        sheet += f"\n@media (prefers-color-scheme: dark) {{ {dark} }}"
    return sheet


def _scheme(style: Style) -> str:
    return "dark" if sum(to_rgba(style.background)[:3]) < 1.5 else "light"


def _properties(style: Style) -> str:
    names = ["background", "card", "window", "title", "neuron_id", "faint"]
    looks = ("line", "midline", "border", "badge", "badge_border", "text")
    names += [f"{state}_{look}" for state in ("alive", "dead", "unknown") for look in looks]
    colors = ((name.replace("_", "-"), getattr(style, name)) for name in names)
    return " ".join(f"--{name}: {_css(color)};" for name, color in colors)


def _css(color: Any) -> str:
    is_none = isinstance(color, str) and color.lower() == "none"
    return "transparent" if is_none else to_hex(color, keep_alpha=to_rgba(color)[3] < 1)


def _timing() -> str:
    """Return the default spring as a timing function of CSS."""
    spring = Spring()
    points = spring.at(np.linspace(0.0, spring.duration, 19)).round(3).tolist()
    return f"linear({', '.join(f'{point:g}' for point in points[:-1])}, 1)"
