"""How numbers and ids are written, whatever the language."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite

import numpy as np

_TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)

_SPACE = re.compile(r"\s")

# Control characters, also those that change the direction of all text after them; lone
# surrogates; noncharacters, which XML 1.0 forbids.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return *text* with spaces for white space, U+FFFD for what no format can carry."""
    if text.isprintable():
        return text
    return _UNWANTED.sub("\N{REPLACEMENT CHARACTER}", _SPACE.sub(" ", text))


def is_visible(text: str) -> bool:
    """Return whether *text* has any visible character."""
    return any(
        not character.isspace() and unicodedata.category(character) != "Cf" for character in text
    )


def peak_number(peak: float) -> str:
    """Return a peak as JavaScript's ``toExponential(1)`` writes it, and zero as ``0``."""
    if peak == 0 or not isfinite(peak):
        return f"{abs(peak):g}"
    return f"{two_digits(peak):.1e}"


def two_digits(value: float) -> Decimal:
    """Return a number rounded to two digits, halves up, as JavaScript does."""
    return _TWO_DIGITS.create_decimal_from_float(value)


def plain_number(value: float) -> str:
    """Return a number as JavaScript writes it: without an exponent from 1e-6 to 1e21."""
    if value == 0 or 1e-6 <= value < 1e21:
        return np.format_float_positional(abs(value), trim="-")
    return np.format_float_scientific(value, trim="-", exp_digits=1)


def compact_number(value: float) -> str:
    """Return a number in its plain or its exponential form, whichever is shorter."""
    exponential = np.format_float_scientific(value, trim="-", exp_digits=1)
    return min(plain_number(value), exponential, key=len)


def three_digits(value: float) -> str:
    """Return a number in three digits, or in two if it needs an exponent."""
    text = f"{value:.3g}"
    return f"{value:.1e}" if "e" in text else text


def percentage(count: int, total: int) -> str:
    """Return a share in percent, half a tenth rounded up; 0 and 100 only if exact."""
    if count in (0, total):
        return "100" if count else "0"
    tenths = (2000 * count + total) // (2 * total)
    return {0: "<0.1", 1000: ">99.9"}.get(tenths, f"{tenths // 10}.{tenths % 10}")
