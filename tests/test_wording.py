from __future__ import annotations

import json
import math
import re
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_neuron_autopsy import diagnose
from dead_neuron_autopsy._wording import (
    LONGEST_ID_SPELLED,
    MOST_IDS_SPELLED,
    clean,
    compact_number,
    count_badge,
    description,
    neuron_label,
    peak_line,
    peak_number,
    plain_number,
    rule,
    shorten,
    summary,
)

positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
not_negative = st.floats(min_value=0, allow_infinity=False)

# Characters that tend to break one file format or another, among all others.
texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\0\t\n\r\x1b\x7f\x85\u2028\ud800\udfff\ufffe\uffff\U0001f9e0·…<&]"
        ),
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
    short = shorten(text, length)
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
    assert shorten("abcdef", length) == short


# Labels


@pytest.mark.parametrize(
    ("n_dead", "n_neurons", "words"),
    [(2, 6, "2/6 dead"), (0, 0, "0/0 dead"), (1234, 56789, "1,234/56,789 dead")],
)
def test_the_count_badge_says_how_many_of_how_many(
    n_dead: int, n_neurons: int, words: str
) -> None:
    assert count_badge(n_dead, n_neurons) == words


@pytest.mark.parametrize(
    ("sample_counts", "ending"),
    [
        ((), ""),
        ((0,), " over 0 samples"),
        ((1, 1), " over 1 sample"),
        ((24, 24), " over 24 samples"),
        ((24, 0, 7), " over 0 to 24 samples"),
        ((2000, 1), " over 1 to 2,000 samples"),
    ],
)
def test_the_rule_says_how_much_it_was_applied_to(
    sample_counts: tuple[int, ...], ending: str
) -> None:
    assert rule(1e-6, sample_counts) == f"dead: max |activation| < 1e-6{ending}"


@pytest.mark.parametrize(
    ("peak", "n_samples", "words"),
    [
        (0.44, 3, "peak 4.4e-1"),
        (0.0, 1, "peak 0"),
        (math.nan, 2, "peak nan"),
        (0.0, 0, "no samples"),
    ],
)
def test_the_last_line_of_a_card_is_its_peak(
    peak: float, n_samples: int, words: str
) -> None:
    assert peak_line(peak, n_samples) == words


@pytest.mark.parametrize(
    ("neuron_id", "state", "peak", "n_samples", "label"),
    [
        ("L3·N1", "dead", 0.0, 24, "L3·N1, dead, peak absolute activation 0"),
        ("a", "alive", 1.25, 1, "a, alive, peak absolute activation 1.3e+0"),
        ("a", "alive", math.nan, 1, "a, alive, peak absolute activation nan"),
        ("a", "dead", 0.0, 0, "a, dead, peak absolute activation 0, no samples"),
        ("a\nb\0", "dead", 0.0, 1, "a b\ufffd, dead, peak absolute activation 0"),
    ],
)
def test_the_label_of_a_sparkline_says_what_it_shows(
    neuron_id: str, state: str, peak: float, n_samples: int, label: str
) -> None:
    assert neuron_label(neuron_id, state, peak, n_samples) == label


def test_a_label_holds_a_long_id_whole() -> None:
    neuron_id = "layer." * 100
    assert neuron_label(neuron_id, "dead", 0.0, 1).startswith(f"{neuron_id}, dead")


# Sentences


def test_the_summary_states_the_verdict_and_the_rule() -> None:
    neurons = {f"L{i}·N1": [0.0 if i in (1, 4) else 0.5] for i in range(6)}
    assert summary(diagnose(neurons)) == (
        "Dead neuron autopsy. 2 of 6 neurons dead (max absolute activation below 0.000001)."
    )


@pytest.mark.parametrize(
    ("n_neurons", "words"),
    [
        (0, "0 of 0 neurons dead"),
        (1, "1 of 1 neuron dead"),
        (2, "2 of 2 neurons dead"),
        (1500, "1,500 of 1,500 neurons dead"),
    ],
)
def test_the_summary_counts_as_people_do(n_neurons: int, words: str) -> None:
    autopsy = diagnose((neuron, [0]) for neuron in range(n_neurons))
    assert f"autopsy. {words} (" in summary(autopsy)


@pytest.mark.parametrize(
    ("threshold", "written"),
    [(1e-6, "0.000001"), (1e-4, "0.0001"), (1e-7, "1e-7"), (0, "0"), (5, "5")],
)
def test_the_summary_writes_the_threshold_plainly(threshold: float, written: str) -> None:
    autopsy = diagnose({"a": [1.0]}, threshold)
    assert summary(autopsy).endswith(f"(max absolute activation below {written}).")


@pytest.mark.parametrize(
    ("title", "beginning"),
    [
        ("Epoch 3", "Epoch 3. 0 of"),
        ("Epoch 3.", "Epoch 3. 0 of"),
        ("All alive?", "All alive? 0 of"),
        ("To be continued…", "To be continued… 0 of"),
        ("  Epoch\n3 ", "Epoch 3. 0 of"),
        ("a\0b", "a\ufffdb. 0 of"),
    ],
)
def test_the_summary_begins_with_the_callers_title(title: str, beginning: str) -> None:
    assert summary(diagnose({"a": [1.0]}), title).startswith(beginning)


@pytest.mark.parametrize(
    ("n_nan", "words"),
    [
        (1, "1 neuron has a peak that is not a number (nan)."),
        (2, "2 neurons have peaks that are not numbers (nan)."),
    ],
)
def test_the_summary_says_which_verdict_a_nan_prevents(n_nan: int, words: str) -> None:
    neurons = {"alive": [1.0]} | {str(i): [math.nan] for i in range(n_nan)}
    assert summary(diagnose(neurons)).endswith(f"). {words}")


@pytest.mark.parametrize(
    ("neurons", "words"),
    [
        ({}, "There are no neurons."),
        ({"a": [1]}, "No neuron is dead. The only living peak is 1.0e+0 (a)."),
        ({"a": [0]}, "Dead: a."),
        ({"a": [0], "b": [0]}, "Dead: a and b."),
        ({"c": [0], "a": [0], "b": [0]}, "Dead: c, a and b."),
        ({"a": [math.nan]}, "No neuron is dead."),
        (
            {"a": [0.5], "b": [-2], "c": [0], "d": [math.nan]},
            "Dead: c. The highest peak is 2.0e+0 (b); "
            "the lowest living peak is 5.0e-1 (a).",
        ),
        ({"a": []}, "Dead: a. 1 neuron has no samples."),
        ({"a": [], "b": []}, "Dead: a and b. 2 neurons have no samples."),
        (
            {"a": [-math.inf]},
            "No neuron is dead. The only living peak is inf (a). "
            "1 neuron reaches infinity.",
        ),
        (
            {"a": [math.inf], "b": [math.inf], "c": [1]},
            "No neuron is dead. The highest peak is inf (a); "
            "the lowest living peak is 1.0e+0 (c). 2 neurons reach infinity.",
        ),
        ({"a\nb": [0]}, "Dead: a b."),
    ],
)
def test_the_description_tells_the_findings(
    neurons: dict[str, list[float]], words: str
) -> None:
    assert description(diagnose(neurons)) == words


@pytest.mark.parametrize(
    ("more", "ending"),
    [(0, "18 and 19."), (1, "19 and 1 more."), (1001, "19 and 1,001 more.")],
)
def test_a_description_spells_only_so_many_ids(more: int, ending: str) -> None:
    neurons = ((neuron, [0]) for neuron in range(MOST_IDS_SPELLED + more))
    words = description(diagnose(neurons))
    assert words.startswith("Dead: 0, 1, 2, ")
    assert words.endswith(ending)


def test_a_description_shortens_a_long_id() -> None:
    long_id = "layer." * 100 + "N1"
    for neurons in ({long_id: [0.0]}, {long_id: [1.0]}):
        words = description(diagnose(neurons))
        assert long_id not in words
        assert "layer.layer." in words
        assert "N1" in words
        assert len(words) < LONGEST_ID_SPELLED + 60


@given(
    ids=st.lists(texts, max_size=4, unique=True),
    peak=st.sampled_from([0.0, 1.0, math.nan, math.inf]),
    title=texts,
)
def test_whatever_the_ids_and_title_a_sentence_goes_into_every_format(
    ids: list[str], peak: float, title: str
) -> None:
    autopsy = diagnose({neuron_id: [peak] for neuron_id in ids})
    for words in (summary(autopsy, title), description(autopsy)):
        assert all(map(is_allowed_in_xml, words))
        assert "\n" not in words
        words.encode("utf-8")
