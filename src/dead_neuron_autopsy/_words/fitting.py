"""Text made to fit a width: broken into lines, or shortened with an ellipsis."""

from __future__ import annotations

from collections.abc import Callable

Measure = Callable[[str], float]

#: Most characters worth measuring: no line of any figure holds more.
LONGEST_MEASURED = 2000


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """Return *text* broken between words into lines no wider than *width*.

    A single word wider than that is shortened.
    """
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(shortened(word, width, measure))
    return lines


def shortened(text: str, width: float, measure: Measure = len) -> str:
    """Return *text*, with as little of its middle as possible replaced by an ellipsis.

    >>> shortened("layer2.17", 6)
    'lay…17'
    """
    if len(text) <= LONGEST_MEASURED and measure(text) <= width:
        return text
    fitting, too_long = 0, min(len(text), LONGEST_MEASURED)
    while too_long - fitting > 1:
        kept = (fitting + too_long) // 2
        if measure(_elided(text, kept)) <= width:
            fitting = kept
        else:
            too_long = kept
    return _elided(text, fitting)


def _elided(text: str, kept: int) -> str:
    head, tail = kept - kept // 2, kept // 2
    return f"{text[:head]}…{text[len(text) - tail :]}"
