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
_DIGITS = "0123456789"

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
    A name that shares no word with others is shortened in its middle.
    """

    def fits(look: str) -> bool:
        return measure(look) <= width

    names = [shortened(name, LONGEST_MEASURED) for name in names]
    if all(map(fits, names)):
        return names
    looks: dict[str, str] = {}
    hidden: dict[str, list[_Span]] = {}
    forks = _forks(dict.fromkeys(names))
    for name, places in forks.items():
        number = len(name) - len(name.lstrip(_DIGITS))
        needed = max([number, *(place + 1 for place in places)])
        if needed <= len(_first_word(name)):  # its beginning tells it from all others
            looks[name] = shortened(name, width, measure)
        if needed > len(looks.get(name, "").partition("…")[0]):
            hidden[name] = []
    stages = {name: _stages(name, forks[name]) for name in hidden}
    for stage in range(3):
        _hide(hidden, {name: steps[stage] for name, steps in stages.items()}, fits)

    for name, spans in hidden.items():
        looks[name] = _look(name, spans)
        if not fits(looks[name]):  # the forks alone may, with one ellipsis for the others
            head, ellipsis, rest = looks[name].partition("…")
            forks_alone = f"{head}{ellipsis}{rest.replace('…', '')}"
            looks[name] = shortened(forks_alone, width, measure)
    tidy = {
        name: look if look == name else _AROUND_ELLIPSIS.sub("…", look)
        for name, look in looks.items()
    }
    if len(set(tidy.values())) < len(set(looks.values())):
        tidy = looks
    return [tidy[name] for name in names]


def without_repeats(names: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Return labels without those that two different names would share: none is better."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name, label in zip(names, labels, strict=True):
        owners[label].add(name)
    return [label if len(owners[label]) == 1 else "" for label in labels]


def _hide(
    hidden: dict[str, list[_Span]],
    steps: dict[str, list[_Span]],
    fits: Callable[[str], bool],
) -> None:
    """Hide the fewest steps that make all names fit that would lose the same text."""
    kin = defaultdict(list)
    for name, spans in steps.items():
        kin[tuple([name[start:end] for start, end in spans])].append(name)
    for lost, alike in kin.items():
        if not lost or all(fits(_look(name, hidden[name])) for name in alike):
            continue
        n_steps = bisect_left(
            range(len(lost)),
            x=True,
            lo=1,
            key=lambda n: all(fits(_look(name, hidden[name] + steps[name][:n])) for name in alike),
        )
        for name in alike:
            hidden[name] += steps[name][:n_steps]


def _look(name: str, hidden: Sequence[_Span]) -> str:
    if not hidden:
        return name
    characters = list(name)
    for start, end in hidden:
        characters[start:end] = _HIDDEN * (end - start)
    # In place of a single character, an ellipsis would save nothing.
    return _HIDDEN_RUN.sub(
        lambda run: "…" if len(run[0]) > 1 else name[run.start()], "".join(characters)
    )


def _stages(name: str, forks: set[int]) -> tuple[list[_Span], list[_Span], list[_Span]]:
    """Return what may be hidden: the words before all forks, other words, letters."""
    words = [word.span() for word in _WORD.finditer(name)]
    forked = [word for word in words if not forks.isdisjoint(range(*word))]
    if not forked:
        return [], [], []
    first = [word for word in words if word < forked[0]]
    between = [word for word in words if forked[0] < word < forked[-1] and word not in forked]
    after = [word for word in words if word > forked[-1]]
    others = []
    for start, end in [*between, *reversed(after)]:
        bare = len(name[:start].rstrip(_SEPARATORS))
        others.append((bare if forks.isdisjoint(range(bare, start)) else start, end))
    # The ends of words go first, because people read their beginnings; numbers go last.
    letters = sorted(
        (name[place].isdigit(), start - place, place)
        for start, end in forked
        for place in range(start, end)
        if place not in forks
    )
    return first, others, [(place, place + 1) for *_, place in letters]


def _forks(names: Collection[str]) -> dict[str, set[int]]:
    """Return the positions of each name's forks."""
    # If most names begin with the same word, it tells them apart only from the few others,
    # whose own first words do that already: then it is no fork of the many.
    ranked = Counter(map(_first_word, names)).most_common(1)
    usual = {word for word, count in ranked if 2 * count > len(names)}
    most = [name for name in names if _first_word(name) in usual]
    others = [name for name in names if _first_word(name) not in usual]
    return _forks_among(most) | _forks_among(["", *others] if most else others)


def _first_word(name: str) -> str:
    word = _WORD.match(name)
    return word[0] if word else ""


def _forks_among(names: Iterable[str]) -> dict[str, set[int]]:
    ordered = sorted(set(names))
    shared = [len(commonprefix(two)) for two in pairwise(ordered)]  # noqa: RUF071  meant
    forks: dict[str, set[int]] = {name: set() for name in ordered}
    forwards = zip(ordered[1:], shared, strict=True)
    backwards = zip(ordered[-2::-1], shared[::-1], strict=True)
    for walk in (forwards, backwards):
        # What a name shares with one further away is the least that neighbours in between
        # share, so only lengths below the next one survive.
        positions: list[int] = []
        for name, position in walk:
            positions = [*(one for one in positions if one < position), position]
            forks[name].update(positions)
    return forks
