from __future__ import annotations

import json
import math
import re
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_neuron_autopsy._words.fitting import shortened
from dead_neuron_autopsy._words.notation import (
    clean,
    compact_number,
    peak_number,
    percentage,
    plain_number,
)

positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
not_negative = st.floats(min_value=0, allow_infinity=False)

# Characters that tend to break one file format or another, among all others.
texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\0\t\n\r\x1b\x7f\x85\u2028\ud800\udfff\ufffe\uffff\U0001f9e0·…<&]"),
    )
)


def is_allowed_in_xml(character: str) -> bool:
    """Say whether XML 1.0's production Char holds."""
    code = ord(character)
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


# Numbers


@pytest.mark.parametrize(
    ("peak", "words"),
    [
        # As Node's toExponential(1) writes them.
        (0.44, "4.4e-1"),
        (1.25, "1.3e+0"),
        (1.35, "1.4e+0"),
        (1.15, "1.1e+0"),
        (1.45, "1.4e+0"),
        (1.75, "1.8e+0"),
        (0.25, "2.5e-1"),
        (0.5, "5.0e-1"),
        (1.0, "1.0e+0"),
        (9.95, "9.9e+0"),
        (9.96, "1.0e+1"),
        (99.5, "1.0e+2"),
        (0.095, "9.5e-2"),
        (8.5e-5, "8.5e-5"),
        (1e-6, "1.0e-6"),
        (128.0, "1.3e+2"),
        (65504.0, "6.6e+4"),
        (123456.0, "1.2e+5"),
        (1e21, "1.0e+21"),
        (5e-324, "4.9e-324"),
        (sys.float_info.max, "1.8e+308"),
        # Where it has nothing to offer.
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_a_peak_is_written_as_javascript_writes_it(peak: float, words: str) -> None:
    assert peak_number(peak) == words


@given(peak=positive)
def test_a_peak_is_rounded_to_the_nearest_with_halves_up(peak: float) -> None:
    words = peak_number(peak)
    assert re.fullmatch(r"[1-9]\.[0-9]e[+-](0|[1-9][0-9]*)", words)
    exact, written = Fraction(peak), Fraction(words)
    power = math.floor(math.log10(peak)) - 1
    steps = [Fraction(10) ** (power + offset) for offset in (-1, 0, 1)]
    step = next(step for step in steps if 10 * step <= exact < 100 * step)
    assert -step / 2 < written - exact <= step / 2


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("exponent", [0, 3, 15])
def test_a_half_that_binary_holds_goes_up(digit: int, exponent: int) -> None:
    peak = int(f"1{digit}5") * 10**exponent
    assert int(float(peak)) == peak
    assert Fraction(peak_number(float(peak))) == (11 + digit) * 10 ** (exponent + 1)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        # As Node's String(number) writes them.
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (2.5e-10, "2.5e-10"),
        (0.000001234, "0.000001234"),
        (0.0000015, "0.0000015"),
        (0.0001, "0.0001"),
        (0.05, "0.05"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1.5, "1.5"),
        (5.0, "5"),
        (100.0, "100"),
        (1e5, "100000"),
        (123.456, "123.456"),
        (1e16, "10000000000000000"),
        (1234567890123456789.0, "1234567890123456800"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.23e21, "1.23e+21"),
        (sys.float_info.max, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
        (0.0, "0"),
        (-0.0, "0"),
    ],
)
def test_a_threshold_is_written_as_javascript_writes_it(number: float, words: str) -> None:
    assert plain_number(number) == words


@given(number=not_negative)
def test_a_threshold_reads_back_as_itself(number: float) -> None:
    for words in (plain_number(number), compact_number(number)):
        assert float(words) == number
        assert float(json.loads(words)) == number
        mantissa = words.partition("e")[0]
        assert "." not in mantissa or mantissa[-1] in "123456789"


@given(number=positive)
def test_a_threshold_has_an_exponent_only_where_javascript_has_one(number: float) -> None:
    assert ("e" in plain_number(number)) == (number < 1e-6 or number >= 1e21)


@given(number=not_negative)
def test_a_compact_number_is_never_longer_than_a_plain_one(number: float) -> None:
    assert len(compact_number(number)) <= len(plain_number(number))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1e-6, "1e-6"),
        (0.05, "0.05"),
        (0.00025, "2.5e-4"),
        (0.5, "0.5"),
        (1.0, "1"),
        (12.5, "12.5"),
        (0.0, "0"),
    ],
)
def test_the_shorter_form_is_chosen(number: float, words: str) -> None:
    assert compact_number(number) == words


# Text


@given(text=texts)
def test_clean_text_goes_into_every_format(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    cleaned.encode("utf-16")
    assert len(cleaned) == len(text)
    assert all(map(is_allowed_in_xml, cleaned))
    assert not set(cleaned) & set("\0\t\n\r\x0b\x0c\x1b\x7f\x85\u2028\u2029")
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "text", ["L3·N1", "", "<a & b>", "Нейрон 神経 🧠", "e\u0301", "שלום", "a b", "$x_1$"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\nb\tc\rd", "a b c d"),
        ("a\u00a0b\u2003c\u2028d", "a b c d"),
        ("a\0b\x1b\x7f", "a\ufffdb\ufffd\ufffd"),
        ("\ud83e lone", "\ufffd lone"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
    ],
)
def test_what_no_format_carries_is_replaced(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(text=st.text(), length=st.integers(1, 20))
def test_a_shortened_text_keeps_its_ends(text: str, length: int) -> None:
    short = shortened(text, length)
    if len(text) <= length:
        assert short == text
        return
    assert len(short) == length
    head, tail = short[: length // 2], short[length // 2 + 1 :]
    assert short == f"{head}…{tail}"
    assert text.startswith(head)
    assert text.endswith(tail)
    assert 0 <= len(head) - len(tail) <= 1


@pytest.mark.parametrize(
    ("length", "short"), [(1, "…"), (2, "a…"), (3, "a…f"), (5, "ab…ef"), (6, "abcdef")]
)
def test_the_middle_is_what_is_left_out(length: int, short: str) -> None:
    assert shortened("abcdef", length) == short


# Shares


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_is_right_to_a_tenth_and_none_or_all_of_it_only_if_it_is(
    counts: tuple[int, int],
) -> None:
    count, total = counts
    written = percentage(count, total)
    assert (written == "0") == (count == 0)
    assert (written == "100") == (count == total)
    share = Fraction(100 * count, total)
    match written[0]:
        case "<":
            assert 0 < share < Fraction(written[1:])
        case ">":
            assert Fraction(written[1:]) < share < 100
        case _:
            assert abs(Fraction(written) - share) <= Fraction(1, 20) + Fraction(1, 10**9)
            assert 0 <= Fraction(written) <= 100
