"""Names shortened to fit a width, yet still distinct."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from os.path import commonprefix
from typing import TypeAlias

from .fitting import LONGEST_MEASURED, Measure, shortened

_SEPARATORS = " ._·/:…-"

#: A number or a word, with the separators that follow it.
_WORD = re.compile(rf"(?:\d+|[^\d{_SEPARATORS}]+)[{_SEPARATORS}]*|[{_SEPARATORS}]+")

_AROUND_ELLIPSIS = re.compile(f"[{_SEPARATORS}]*…[{_SEPARATORS}]*")

#: Stands for a hidden character; no text that can be drawn holds one.
_HIDDEN = "\0"
_HIDDEN_RUN = re.compile(f"{_HIDDEN}+")

_Span: TypeAlias = tuple[int, int]


def distinct_labels(names: Sequence[str], width: float, measure: Measure) -> list[str]:
    """Return names shortened to a width that stay distinct where possible.

    A name is told apart by its *forks*: the characters at which it departs from other
    names with the same beginning. They stay; the rest gives way step by step::

        model.encoder.layers.7.self_attn.out_proj    has its only fork at the 7
        1---->2------>3----->  7---->6--->5-->4-->

    First go the words before all forks, then the other words without a fork, then the
    letters between the forks. Names that would lose the same text lose equally much.
    """

    def fits(look: str) -> bool:
        return measure(look) <= width

    names = [shortened(name, LONGEST_MEASURED) for name in names]
    if all(map(fits, names)):
        return names
    labels = [_Label(name, forks) for name, forks in _forks(dict.fromkeys(names)).items()]
    _hide(labels, _Label.first_words, fits)
    _hide(labels, _Label.other_words, fits)
    too_long = [label for label in labels if not fits(label.look)]
    _hide(too_long, _Label.letters, fits)

    looks = {label.name: label.look for label in labels}
    for label in too_long:
        if not fits(label.look):  # the forks alone may, with one ellipsis for all others
            beginning, ellipsis, rest = label.look.partition("…")
            forks_alone = f"{beginning}{ellipsis}{rest.replace('…', '')}"
            looks[label.name] = shortened(forks_alone, width, measure)
    tidy = {
        name: look if look == name else _AROUND_ELLIPSIS.sub("…", look)
        for name, look in looks.items()
    }
    if len(set(tidy.values())) < len(set(looks.values())):
        tidy = looks
    return [tidy[name] for name in names]


def _hide(
    labels: Iterable[_Label],
    steps_of: Callable[[_Label], list[_Span]],
    fits: Callable[[str], bool],
) -> None:
    """Hide as few steps as make all labels fit that would lose the same text."""
    kin = defaultdict(list)
    for label in labels:
        steps = steps_of(label)
        kin[tuple([label.name[start:end] for start, end in steps])].append((label, steps))
    for lost, alike in kin.items():
        if not lost or all(fits(label.look) for label, _ in alike):
            continue
        n_steps = bisect_left(
            range(len(lost)),
            x=True,
            lo=1,
            key=lambda n: all(fits(label.without(steps[:n])) for label, steps in alike),
        )
        for label, steps in alike:
            label.hidden += steps[:n_steps]
            label.look = label.without([])


class _Label:
    """A name, and how it looks with some of its characters hidden."""

    def __init__(self, name: str, forks: set[int]) -> None:
        self.name = self.look = name
        self.hidden: list[_Span] = []
        self._forks = forks
        words = [word.span() for word in _WORD.finditer(name)]
        self._forked = [word for word in words if not forks.isdisjoint(range(*word))]
        self._implied = [word for word in words if word not in self._forked]

    def first_words(self) -> list[_Span]:
        """Return the words before all forks."""
        return [word for word in self._implied if self._forked and word < self._forked[0]]

    def other_words(self) -> list[_Span]:
        """Return the words between forks, then those after the last fork, backwards."""
        if not self._forked:
            return []
        between = [
            word for word in self._implied if self._forked[0] < word < self._forked[-1]
        ]
        after = [word for word in self._implied if word > self._forked[-1]]
        return [self._with_separators(word) for word in [*between, *reversed(after)]]

    def _with_separators(self, word: _Span) -> _Span:
        """Return a word's span, with the separators before it unless they hold a fork."""
        start = len(self.name[: word[0]].rstrip(_SEPARATORS))
        return (start, word[1]) if self._forks.isdisjoint(range(start, word[0])) else word

    def letters(self) -> list[_Span]:
        """Return what may be hidden of the other words: their ends first, numbers last."""
        places = [
            (self.name[at].isdigit(), start - at, at)
            for start, end in self._forked
            for at in range(start, end)
            if at not in self._forks
        ]
        return [(at, at + 1) for *_, at in sorted(places)]

    def without(self, spans: Sequence[_Span]) -> str:
        """Return how the name looks if these spans are hidden as well."""
        characters = list(self.name)
        for start, end in [*self.hidden, *spans]:
            characters[start:end] = _HIDDEN * (end - start)
        return _HIDDEN_RUN.sub(self._ellipsis, "".join(characters))

    def _ellipsis(self, run: re.Match[str]) -> str:
        # In place of a single character, an ellipsis would save nothing.
        return "…" if len(run[0]) > 1 else self.name[run.start()]


def _forks(names: Collection[str]) -> dict[str, set[int]]:
    """Return the positions of each name's forks.

    Most names may begin with the same word, which a few others lack. It tells them apart
    only from those, and their own first words do that as well.
    """
    beginnings = {name: word[0] if (word := _WORD.match(name)) else "" for name in names}
    ranked = Counter(beginnings.values()).most_common(1)
    usual = {word for word, count in ranked if 2 * count > len(names)}
    most = [name for name in names if beginnings[name] in usual]
    others = [name for name in names if beginnings[name] not in usual]
    return _forks_among(most) | _forks_among(["", *others] if most else others)


def _forks_among(names: Iterable[str]) -> dict[str, set[int]]:
    ordered = sorted(set(names))
    shared = [len(commonprefix(two)) for two in pairwise(ordered)]  # noqa: RUF071  meant
    forks: dict[str, set[int]] = {name: set() for name in ordered}
    forwards = zip(ordered[1:], shared, strict=True)
    backwards = zip(ordered[-2::-1], shared[::-1], strict=True)
    for walk in (forwards, backwards):
        positions: list[int] = []
        for name, position in walk:
            positions = [*(one for one in positions if one < position), position]
            forks[name].update(positions)
    return forks
