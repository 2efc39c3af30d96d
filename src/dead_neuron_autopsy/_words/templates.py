"""Templates with names in braces, and their forms for the plurals of a language."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .._intake.foreign import short_repr, typed_repr
from .notation import clean

PluralCategory: TypeAlias = Literal["zero", "one", "two", "few", "many", "other"]


@dataclass(frozen=True, kw_only=True)
class Plural:
    """A template for each plural category of a language.

    The categories are those of the Unicode CLDR, https://cldr.unicode.org/. Categories
    without a template use that of *other*.

    Attributes
    ----------
    other : str
        The template for all categories without one of their own.
    zero, one, two, few, many : str, optional
        The templates for these categories.

    Examples
    --------
    >>> from dead_neuron_autopsy import Plural
    >>> Plural(one="{count} neuron", other="{count} neurons").other
    '{count} neurons'
    """

    other: str
    zero: str | None = None
    one: str | None = None
    two: str | None = None
    few: str | None = None
    many: str | None = None


@dataclass(frozen=True)
class RuleWords:
    """The words of a criterion.

    Attributes
    ----------
    state : str
        What a badge spells where the criterion is met; "" for the wording's *dead*.
    drawn, spoken : str
        The rule as a formula, for the header, and in words; both hold ``{threshold}``.

    Raises
    ------
    TypeError, ValueError
        If one is not a string, or a rule does not hold exactly ``{threshold}``.

    Examples
    --------
    >>> from dead_neuron_autopsy import ENGLISH, RuleWords
    >>> ENGLISH.constant_rule.state
    'constant'
    >>> RuleWords("quiet", "mean < {threshold}", "mean below {threshold}").state
    'quiet'
    """

    state: str
    drawn: str
    spoken: str

    def __post_init__(self) -> None:
        _check_names("state", self.state, set(), set(), "RuleWords")
        for field in ("drawn", "spoken"):
            _check_names(field, getattr(self, field), {"threshold"}, {"threshold"}, "RuleWords")


def one_or_other(count: int) -> PluralCategory:
    """Return the plural category of a count in English, German and many others."""
    return "one" if count == 1 else "other"


def check_template(field: str, value: object, english: Any) -> None:
    """Raise an error for a template that would lose words or fail when filled."""
    if not isinstance(value, type(english)):
        raise TypeError(
            f"Wording.{field}: must be a {type(english).__name__}, such as {english!r}; "
            f"got {typed_repr(value)}."
        )
    if isinstance(value, Plural):
        most = _names(field, english.other)
        for form, template in vars(value).items():
            # A form such as "No neuron" needs no number.
            least = most if form == "other" else most - {"count", "n_neurons"}
            if template is not None:
                _check_names(f"{field}.{form}", template, least, most)
    elif isinstance(value, str):
        names = _names(field, english)
        _check_names(field, value, names, names)
        if not str(value).strip() and field not in {"thousands_separator", "space"}:
            raise ValueError(f"Wording.{field}: must not be empty.")


def _check_names(
    field: str, template: object, least: set[str], most: set[str], owner: str = "Wording"
) -> None:
    if not isinstance(template, str):
        raise TypeError(f"{owner}.{field}: must be a str; got {typed_repr(template)}.")
    got = f"got {short_repr(template)}."
    if "\ufffd" in clean(template):
        raise ValueError(
            f"{owner}.{field}: holds a control character, or another that no file format "
            f"can carry; {got}"
        )
    if most and not least <= _names(field, template) <= most:
        wanted = ", ".join(f"{{{name}}}" for name in sorted(most))
        raise ValueError(f"{owner}.{field}: must hold {wanted}; {got}")


def _names(field: str, template: str) -> set[str]:
    """Return the names in braces in a template."""
    got = short_repr(template)
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"Wording.{field}: {got} is no template: {error}.") from error
    if any(form or conversion for _, _, form, conversion in parsed):
        raise ValueError(f"Wording.{field}: must hold names alone in braces; got {got}.")
    return {name for _, name, _, _ in parsed if name is not None}
