"""Text made to fit a width: broken into lines, or shortened with an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Callable

Measure = Callable[[str], float]

#: Most characters worth measuring: no line of any figure holds more.
LONGEST_MEASURED = 2000


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """Return lines no wider than *width*; a single word wider than that is shortened.

    A sign stays with the word after it where both fit, as in "† died" and "< 1e-6". The dot that
    separates parts of a line may end one.
    """
    words = list[str]()
    for word in re.findall(r"(?:[^\w\s·] )?\S+", " ".join(text.split())):
        words += [word] if measure(word) <= width else word.split()
    lines = list[str]()
    for word in words:
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(shortened(word, width, measure))
    return lines


def shortened(text: str, width: float, measure: Measure = len) -> str:
    """Return *text*, with as little of its middle as possible replaced by an ellipsis."""
    if len(text) <= LONGEST_MEASURED and measure(text) <= width:
        return text
    best, fitting, too_long = "…", 0, min(len(text), LONGEST_MEASURED)
    while too_long - fitting > 1:
        kept = (fitting + too_long) // 2
        tail = kept // 2
        look = f"{text[: kept - tail]}…{text[len(text) - tail :]}"
        if measure(look) <= width:
            best, fitting = look, kept
        else:
            too_long = kept
    return best
