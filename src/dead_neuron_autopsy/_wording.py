"""Every sentence and number that a person reads or hears."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite, isinf, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._diagnosis import Autopsy

DEFAULT_TITLE = "Dead neuron autopsy"

#: Longest list of ids that a description spells out.
MOST_IDS_SPELLED = 20

#: Longest id, in characters, that a description spells out whole.
LONGEST_ID_SPELLED = 80

_ONE_DECIMAL = Context(prec=2, rounding=ROUND_HALF_UP)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """Return *text* without what no file format can carry.

    White space of any kind becomes a space. Control characters, lone surrogates and
    the code points that XML 1.0 forbids become U+FFFD.
    """
    if text.isprintable():
        return text
    return "".join(_clean_character(character) for character in text)


def _clean_character(character: str) -> str:
    if character.isspace():
        return " "
    unsayable = unicodedata.category(character) in {"Cc", "Cs"}
    return _REPLACEMENT if unsayable or character in "\ufffe\uffff" else character


def shorten(text: str, length: int) -> str:
    """Return *text* with its middle replaced by an ellipsis if it exceeds *length*."""
    if len(text) <= length:
        return text
    head, tail = length // 2, (length - 1) // 2
    return text[:head] + "…" + (text[-tail:] if tail else "")


def peak_number(peak: float) -> str:
    """Write a peak as JavaScript's ``toExponential(1)`` does, and zero as ``0``.

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
    """Write a number as JavaScript's ``Number.prototype.toString`` does (ECMA-262).

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


def compact_number(value: float) -> str:
    """Write a number in the shorter of its plain and its exponential form.

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


def count_badge(n_dead: int, n_neurons: int) -> str:
    """Return the words of the header's badge: ``2/6 dead``."""
    return f"{n_dead:,}/{n_neurons:,} dead"


def rule(dead_threshold: float, sample_counts: Sequence[int]) -> str:
    """Return the header's line that states the rule and how much it was applied to."""
    words = f"dead: max |activation| < {compact_number(dead_threshold)}"
    if len(sample_counts) == 0:
        return words
    fewest, most = min(sample_counts), max(sample_counts)
    if fewest == most:
        return f"{words} over {_counted(most, 'sample')}"
    return f"{words} over {fewest:,} to {most:,} samples"


def peak_line(peak: float, n_samples: int) -> str:
    """Return a card's last line: ``peak 4.4e-1``, or that there is nothing to judge."""
    return f"peak {peak_number(peak)}" if n_samples else "no samples"


def neuron_label(neuron_id: str, state: str, peak: float, n_samples: int) -> str:
    """Return what is said in place of a neuron's sparkline."""
    label = f"{clean(neuron_id)}, {state}, peak absolute activation {peak_number(peak)}"
    return label if n_samples else f"{label}, no samples"


def summary(autopsy: Autopsy, title: str = DEFAULT_TITLE) -> str:
    """Return the alt text: the title, the verdict, and what stands in its way."""
    verdict = (
        f"{autopsy.n_dead:,} of {_counted(len(autopsy), 'neuron')} dead "
        f"(max absolute activation below {plain_number(autopsy.dead_threshold)})."
    )
    return " ".join([_sentence(title), verdict, *_undecided(autopsy)])


def description(autopsy: Autopsy) -> str:
    """Return the longer text: which neurons are dead, and how strong the others are."""
    sentences = [_dead_by_id(autopsy), *_living_peaks(autopsy), *_samples(autopsy)]
    return " ".join(sentences)


def _sentence(title: str) -> str:
    title = clean(title).strip()
    return title if not title or title[-1] in ".!?…" else f"{title}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _undecided(autopsy: Autopsy) -> list[str]:
    count = sum(isnan(peak) for peak in autopsy.peaks.tolist())
    if not count:
        return []
    verb = "has a peak" if count == 1 else "have peaks"
    noun = "a number" if count == 1 else "numbers"
    return [f"{_counted(count, 'neuron')} {verb} that {_be(count)} not {noun} (nan)."]


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _dead_by_id(autopsy: Autopsy) -> str:
    if not len(autopsy):
        return "There are no neurons."
    dead = [autopsy.ids[index] for index in autopsy.dead.nonzero()[0].tolist()]
    if not dead:
        return "No neuron is dead."
    return f"Dead: {_listed(dead)}."


def _listed(ids: Sequence[str]) -> str:
    spelled = [
        shorten(clean(neuron_id), LONGEST_ID_SPELLED)
        for neuron_id in ids[:MOST_IDS_SPELLED]
    ]
    more = len(ids) - len(spelled)
    if more:
        return f"{', '.join(spelled)} and {more:,} more"
    if len(spelled) == 1:
        return spelled[0]
    return f"{', '.join(spelled[:-1])} and {spelled[-1]}"


def _living_peaks(autopsy: Autopsy) -> list[str]:
    living = [
        (peak, neuron_id)
        for peak, neuron_id, dead in zip(
            autopsy.peaks.tolist(), autopsy.ids, autopsy.dead.tolist(), strict=True
        )
        if not dead and not isnan(peak)
    ]
    if not living:
        return []
    highest = max(living, key=lambda pair: pair[0])
    if len(living) == 1:
        return [f"The only living peak is {_peak_of(*highest)}."]
    lowest = min(living, key=lambda pair: pair[0])
    return [
        f"The highest peak is {_peak_of(*highest)}; "
        f"the lowest living peak is {_peak_of(*lowest)}."
    ]


def _peak_of(peak: float, neuron_id: str) -> str:
    name = shorten(clean(neuron_id), LONGEST_ID_SPELLED)
    return f"{peak_number(peak)} ({name})"


def _samples(autopsy: Autopsy) -> list[str]:
    sentences = []
    empty = sum(not count for count in autopsy.sample_counts)
    if empty:
        verb = "has" if empty == 1 else "have"
        sentences.append(f"{_counted(empty, 'neuron')} {verb} no samples.")
    infinite = sum(
        not isfinite(peak) and not isnan(peak) for peak in autopsy.peaks.tolist()
    )
    if infinite:
        verb = "reaches" if infinite == 1 else "reach"
        sentences.append(f"{_counted(infinite, 'neuron')} {verb} infinity.")
    return sentences
