"""Names shortened to fit a width, yet still distinct."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise
from typing import Any, TypeAlias

from .fitting import LONGEST_MEASURED, Measure, shortened

#: A number or a word, with the separators that follow it.
_TOKEN = re.compile(r"(?:\d+|[^\d\s._·/:…-]+)[\s._·/:…-]*|[\s._·/:…-]+")

_ELLIPSES = re.compile("…+")
_AROUND_ELLIPSIS = re.compile(r"[\s._·/:-]*…[\s._·/:-]*")

#: Fewest letters worth replacing by an ellipsis.
_LEAST_LEFT_OUT = 2

Fits: TypeAlias = Callable[[str], bool]


def distinct_labels(names: Sequence[str], width: float, measure: Measure) -> list[str]:
    """Return names shortened to a width that stay distinct where possible.

    First we cut the beginning and the end that the names too long for *width* share;
    then we shorten each name in its middle. Names that would then look alike keep only
    the words and numbers that distinguish them from the others.

    Examples
    --------
    >>> distinct_labels([f"encoder.layers.{i}.out" for i in (1, 2)], 14, len)
    ['…layers.1.out', '…layers.2.out']
    >>> distinct_labels([f"encoder.layers.{i}.out" for i in (1, 2)], 7, len)
    ['…1.out', '…2.out']
    """

    def fits(name: str) -> bool:
        return len(name) <= LONGEST_MEASURED and measure(name) <= width

    def fitting(name: str) -> str:
        return shortened(name, width, measure)

    trimmed = _without_common_ends(names, fits)
    found = [*map(fitting, trimmed)]
    for differing in (_branches, _beginnings, _middles):
        alike = _alike(trimmed, found)
        if not alike:
            break
        others = differing(trimmed, alike, fits)
        instead = {index: fitting(others[index]) for index in chain.from_iterable(alike)}
        tried = [instead.get(index, look) for index, look in enumerate(found)]
        found = _more_distinct(tried, found)
    tidy = [
        look if look == name else _AROUND_ELLIPSIS.sub("…", look)
        for name, look in zip(names, found, strict=True)
    ]
    return _more_distinct(tidy, found, 0)


def _more_distinct(looks: list[str], than: list[str], least: int = 1) -> list[str]:
    """Return *looks* if it has at least *least* more distinct looks, else *than*."""
    return looks if len(set(looks)) >= len(set(than)) + least else than


def _alike(names: Sequence[str], looks: Sequence[str]) -> list[list[int]]:
    """Return the positions of different names that look the same, look by look."""
    positions = defaultdict(list)
    counts = Counter(looks)
    for index, look in enumerate(looks):
        if counts[look] > 1:
            positions[look].append(index)
    return [
        together
        for together in positions.values()
        if len({names[index] for index in together}) > 1
    ]


def _without_common_ends(names: Sequence[str], fits: Fits) -> list[str]:
    """Return names with shared ends cut, by as little as makes the long ones fit."""
    too_long = _kindred([name for name in dict.fromkeys(names) if not fits(name)])
    ends = _common_ends(too_long) if len(too_long) > 1 else []
    if not ends:
        return list(names)

    def without(some: Iterable[str], lengths: tuple[int, int]) -> list[str]:
        first, (head, tail) = too_long[0], lengths
        beginning, end = first[:head], first[len(first) - tail :]
        return [_within(name, beginning, end) for name in some]

    enough = bisect_left(
        ends, 1, key=lambda lengths: int(all(map(fits, without(too_long, lengths))))
    )
    return without(names, ends[min(enough, len(ends) - 1)])


def _kindred(names: Sequence[str]) -> Sequence[str]:
    """Return the names that share the majority's first word; all without a majority."""
    firsts = [next(_TOKEN.finditer(name), None) for name in names]
    words = [first and first[0] for first in firsts]
    word, count = next(iter(Counter(words).most_common(1)), (None, 0))
    if 2 * count <= len(names):
        return names
    return [name for name, its in zip(names, words, strict=True) if its == word]


def _common_ends(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the (head, tail) lengths that may be cut, shortest first.

    The beginning goes before the end, because names tend to differ late.
    """
    cuts = _cuts(names)
    longest = max(cuts, default=0)
    backwards = [name[: longest - 1 if longest else None : -1] for name in names]
    return [*((cut, 0) for cut in cuts), *((longest, end) for end in _cuts(backwards))]


def _cuts(names: Sequence[str]) -> list[int]:
    """Return where all names may be cut after a shared beginning, between words."""
    common = len(_beginning(names))
    last = min(common, min(map(len, names)) - 1)
    cuts = set.intersection(
        *({token.end() for token in _TOKEN.finditer(name[: common + 1])} for name in names)
    )
    return sorted(cut for cut in cuts if _LEAST_LEFT_OUT <= cut <= last)


def _beginning(names: Sequence[str]) -> str:
    """Return the longest beginning that all names share."""
    first, last = min(names), max(names)  # every other name sorts between these
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((place for place, (a, b) in pairs if a != b), len(first))]


def _within(name: str, beginning: str, end: str) -> str:
    """Return a name with its *beginning* and *end*, if present, each as an ellipsis."""
    inside = name
    if beginning and name.startswith(beginning) and len(name) > len(beginning):
        inside = f"…{name[len(beginning) :]}"
    if end and inside.endswith(end) and len(inside) > len(end) + 1:
        inside = f"{inside[: -len(end)]}…"
    return inside


def _branches(
    names: Sequence[str], alike: Sequence[Sequence[int]], fits: Fits
) -> list[str]:
    """Return names reduced to the words at which those with one beginning diverge."""
    del alike, fits
    return _along_tree(names, lambda words: {word: word for word in words})


def _beginnings(
    names: Sequence[str], alike: Sequence[Sequence[int]], fits: Fits
) -> list[str]:
    """Return names as `_branches` does, with words cut to their distinct beginnings.

    Numbers stay whole.
    """
    del alike, fits
    return _along_tree(names, _begun)


def _begun(words: Iterable[str]) -> dict[str, str]:
    """Return for each word its shortest beginning that no other word has."""
    ordered = sorted(words)
    shared = [0, *(len(_beginning(two)) for two in pairwise(ordered)), 0]
    kept = [1 + max(two) for two in pairwise(shared)]
    return {
        word: word if word[0].isdigit() else f"{word[:count]}…"
        for word, count in zip(ordered, kept, strict=True)
    }


def _along_tree(
    names: Sequence[str], looks_of: Callable[[Iterable[str]], dict[str, str]]
) -> list[str]:
    """Return names with an ellipsis for every word that the words before it imply."""
    tree: dict[Any, Any] = {}
    paths = [_TOKEN.findall(name[:LONGEST_MEASURED]) for name in names]
    for path in paths:
        node = tree
        for word in [*path, None]:  # None ends a name
            node = node.setdefault(word, {})
    looks: dict[int, dict[str, str]] = {}
    found = []
    for path in paths:
        node, kept = tree, []
        for word in path:
            if id(node) not in looks:
                words = [other for other in node if other is not None]
                looks[id(node)] = looks_of(words) if len(node) > 1 else {}
            kept.append(looks[id(node)].get(word, "…"))
            node = node[word]
        found.append(_ELLIPSES.sub("…", "".join(kept)))
    return found


def _middles(names: Sequence[str], alike: Sequence[Sequence[int]], fits: Fits) -> list[str]:
    """Return look-alikes reduced to the letters in which they differ.

    Each keeps as much of their shared beginning as fits.
    """
    found = list(names)
    for together in alike:
        those = [names[index] for index in together]
        beginning = _beginning(those)
        rests = [name[len(beginning) :] for name in those]
        end = len(_beginning([rest[::-1] for rest in rests]))
        middles = [f"…{rest[: len(rest) - end]}{'…' if end else ''}" for rest in rests]
        kept = bisect_left(
            range(1, len(beginning)),
            1,
            key=lambda kept: int(not all(fits(beginning[:kept] + m) for m in middles)),
        )
        for index, middle in zip(together, middles, strict=True):
            found[index] = beginning[:kept] + middle
    return found
