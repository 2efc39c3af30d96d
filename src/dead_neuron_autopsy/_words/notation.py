"""How numbers and ids are written, whatever the language."""

from __future__ import annotations

import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isinf, isnan

_ONE_DECIMAL = Context(prec=2, rounding=ROUND_HALF_UP)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

#: Bidirectional embeddings, overrides and isolates; noncharacters.
_UNWANTED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff"


def clean(text: str) -> str:
    """Return *text* without characters that file formats cannot carry.

    White space of any kind becomes a space. Control characters, including those that
    change the direction of all text after them, lone surrogates and the code points that
    XML 1.0 forbids become U+FFFD.
    """
    if text.isprintable():
        return text
    return "".join(_clean_character(character) for character in text)


def _clean_character(character: str) -> str:
    if character.isspace():
        return " "
    unsayable = unicodedata.category(character) in {"Cc", "Cs"}
    return _REPLACEMENT if unsayable or character in _UNWANTED else character


def is_visible(text: str) -> bool:
    """Return whether *text* has any visible character.

    Examples
    --------
    >>> is_visible("N1"), is_visible(" \\u200b")
    (True, False)
    """
    return any(
        not character.isspace() and unicodedata.category(character) != "Cf"
        for character in text
    )


def shorten(text: str, length: int) -> str:
    """Return *text* with its middle replaced by an ellipsis if it exceeds *length*."""
    if len(text) <= length:
        return text
    head, tail = length // 2, (length - 1) // 2
    return text[:head] + "…" + (text[-tail:] if tail else "")


def peak_number(peak: float) -> str:
    """Return a peak as JavaScript's ``toExponential(1)`` writes it, and zero as ``0``.

    Examples
    --------
    >>> peak_number(0.44), peak_number(1.25), peak_number(0.0)
    ('4.4e-1', '1.3e+0', '0')
    """
    if isnan(peak):
        return "nan"
    if isinf(peak):
        return "inf"
    if peak == 0:
        return "0"
    rounded = _ONE_DECIMAL.create_decimal(Decimal(peak))
    first, second = (*rounded.as_tuple().digits, 0)[:2]
    return f"{first}.{second}e{rounded.adjusted():+d}"


def plain_number(value: float) -> str:
    """Return a number as ECMA-262's ``Number.prototype.toString`` writes it.

    Examples
    --------
    >>> plain_number(1e-6), plain_number(1e-7), plain_number(5.0)
    ('0.000001', '1e-7', '5')
    """
    shortest = Decimal(repr(float(value)))
    if shortest == 0:
        return "0"
    if -7 < shortest.adjusted() < 21:
        return _without_trailing_zeros(f"{shortest:f}")
    return _exponential(shortest)


def percentage(count: int, total: int) -> str:
    """Return a share in percent, half a tenth rounded up; 0 and 100 only if exact.

    Examples
    --------
    >>> percentage(4, 64), percentage(0, 64), percentage(1, 9999), percentage(9998, 9999)
    ('6.3', '0', '<0.1', '>99.9')
    """
    if count in (0, total):
        return "100" if count else "0"
    tenths = (2000 * count + total) // (2 * total)
    return {0: "<0.1", 1000: ">99.9"}.get(tenths, f"{tenths // 10}.{tenths % 10}")


def compact_number(value: float) -> str:
    """Return a number in its plain or its exponential form, whichever is shorter.

    Examples
    --------
    >>> compact_number(1e-6), compact_number(0.05), compact_number(0.00025)
    ('1e-6', '0.05', '2.5e-4')
    """
    plain = plain_number(value)
    if value == 0:
        return plain
    return min(plain, _exponential(Decimal(repr(float(value)))), key=len)


def _exponential(value: Decimal) -> str:
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}" if digits[1:] else digits
    return f"{mantissa}e{value.adjusted():+d}"


def _without_trailing_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
