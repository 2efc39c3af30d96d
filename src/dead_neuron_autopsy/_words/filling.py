"""Templates filled with numbers, names and lists, as a language writes them.

The templates themselves, which are the wording of every sentence, are in `wording`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from .._intake.foreign import short_repr
from .fitting import shortened
from .notation import clean, is_visible, plain_number, two_digits
from .templates import Plural, PluralCategory, RuleWords

if TYPE_CHECKING:
    from .._verdict.autopsy import Autopsy
    from .._verdict.criteria import Criterion
    from .._verdict.neuron import State
    from .wording import Wording

# Marks that end a sentence, in Latin and other scripts, and those that may follow them.
_STOPS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "\u061f", "\u0964")
_CLOSING = "\"')]}»”\u2019」』"


def as_sentence(wording: Wording, title: str) -> str:
    """Return a title with a full stop, unless it ends a sentence already."""
    if title.rstrip(_CLOSING).endswith(_STOPS):
        return title
    return wording.sentence.format(title=title.rstrip(":;,"))


def capitalized(sentence: str) -> str:
    """Return a sentence that begins with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def listed(wording: Wording, items: Sequence[str], n_more: int = 0) -> str:
    """Return items as a list, which may end with how many more there are."""
    if n_more:
        ids = wording.comma.join(items)
        return filled(wording, wording.and_more, ids=ids, count=n_more)
    *before, last = items
    return f"{wording.comma.join(before)}{wording.last_comma}{last}" if before else last


def audible_id(wording: Wording, neuron_id: str) -> str:
    """Return an id, or the words for an id that cannot be heard."""
    spoken = clean(neuron_id)
    return spoken if is_visible(spoken) else wording.no_id


def spelled(wording: Wording, name: str, length: int = 80) -> str:
    """Return an id or another name that is short enough for a sentence."""
    return shortened(audible_id(wording, name), length)


def rule_words(wording: Wording, criterion: Criterion) -> RuleWords:
    """Return the words of a criterion: the language's, or the criterion's own."""
    field = f"{criterion.name.replace(' ', '_')}_rule"
    words = getattr(wording, field, None) or getattr(criterion, "words", None)
    if not isinstance(words, RuleWords):
        raise TypeError(
            f"criterion: {short_repr(criterion.name)} has no words; give it an attribute "
            f"'words', a RuleWords; got {short_repr(words)}."
        )
    return words


def state_word(wording: Wording, state: State, criterion: Criterion) -> str:
    """Return the word for a state, which for the dead is the criterion's own."""
    if state == "dead":
        return rule_words(wording, criterion).state or wording.dead
    return wording.alive if state == "alive" else wording.unknown


def time_of(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return the sample or the step from which a neuron is inactive, in words."""
    number = time_number(wording, autopsy, index)
    template = wording.at_sample if autopsy.steps is None else wording.at_step
    return template.format(number=number)


def time_number(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return the sample or the step from which a neuron is inactive, as a number."""
    return step_number(wording, autopsy, index, int(autopsy.last_active[index]) + 1)


def step_number(wording: Wording, autopsy: Autopsy, index: int, position: int) -> str:
    """Return a sample of a neuron, counted from 0, or its step, as a number."""
    if autopsy.steps is None:
        sign = "-" if position < 0 else ""  # before the first sample of a short history
        return sign + counted(wording, abs(position))
    at = position - int(autopsy.source.lengths[index]) + len(autopsy.steps)
    return written_step(wording, autopsy.steps[at])


def written_step(wording: Wording, step: Any) -> str:
    """Return a step as a number; NumPy's integers may lie beyond float64's."""
    if step == int(step):
        return counted(wording, int(step))
    sign = "-" if step < 0 else ""
    return sign + localized(wording, plain_number(abs(float(step))))


def localized(wording: Wording, number: str) -> str:
    """Return a written number with this language's decimal sign."""
    return number.replace(".", wording.decimal_sign)


def counted(wording: Wording, count: int) -> str:
    """Return a count with separators between thousands."""
    return f"{count:,}".replace(",", wording.thousands_separator)


def spoken_number(wording: Wording, value: float) -> str:
    """Return a number in two digits, such that a voice reads it right.

    Voices drop the sign of an exponent, as in 4.2e-5.
    """
    if not math.isfinite(value):
        return wording.not_a_number if math.isnan(value) else wording.infinity
    return _without_exponent(wording, two_digits(value), least=Decimal("0.001"))


def exact_number(wording: Wording, value: float) -> str:
    """Return a number in all its digits, such that a voice reads it right."""
    return _without_exponent(wording, Decimal(repr(value)), least=Decimal("0.000001"))


def _without_exponent(wording: Wording, number: Decimal, least: Decimal) -> str:
    number = number.normalize()
    if number == 0 or least <= number < 1_000_000:
        whole, point, rest = f"{number:f}".partition(".")
        return counted(wording, int(whole)) + localized(wording, point + rest)
    exponent = number.adjusted()
    power = str(abs(exponent))
    if exponent < 0:
        power = wording.minus.format(number=power)
    digits = localized(wording, f"{number.scaleb(-exponent):f}")
    return wording.power_of_ten.format(digits=digits, exponent=power)


def filled(wording: Wording, template: str | Plural, **values: float | str) -> str:
    """Return a template filled, a `Plural` in the form for its count."""
    # An int is written with separators between thousands, a float as it is spoken.
    if isinstance(template, Plural):
        count = values["count"] if "count" in values else values["n_neurons"]
        form: str | None = getattr(template, plural_category(wording, int(count)))
        template = template.other if form is None else form
    words = dict[str, str]()
    for name, value in values.items():
        if isinstance(value, str):
            words[name] = value
        elif isinstance(value, float):
            words[name] = spoken_number(wording, value)
        else:
            words[name] = counted(wording, value)
    return template.format(**words)


def plural_category(wording: Wording, count: int) -> str:
    """Return the plural category of a count, or raise if that is none."""
    category = wording.plural(count)
    if category not in get_args(PluralCategory):
        raise ValueError(
            f"Wording.plural: must return one of {', '.join(get_args(PluralCategory))}; "
            f"got {short_repr(category)} for {count}."
        )
    return category
