"""What a figure says of itself: the verdict, and the findings in their order of importance.

A description is one piece for most readers, who cannot walk through it. So each part is
left out where it says nothing, and lists give way to counts where it would get long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._verdict.groups import Groups
from .filling import (
    as_sentence,
    capitalized,
    exact_number,
    filled,
    listed,
    localized,
    rule_words,
    spelled,
    state_word,
    time_of,
    written_step,
)
from .notation import clean, compact_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .._verdict.autopsy import Autopsy
    from .._verdict.groups import GroupCounts
    from .wording import Wording

MOST_IDS_SPELLED = 20

#: In characters. Sites cut alt texts at 1,000, and search results a summary at 250.
LONGEST_SUMMARY, LONGEST_TEXT = 250, 1000

_LONGEST_TITLE = 80

#: How many ids to spell in a list, and how much of each, until the text is short enough.
_BUDGETS = ((MOST_IDS_SPELLED, 80), (20, 30), (10, 30), (5, 30), (3, 20), (1, 20), (1, 10))


class AltText(NamedTuple):
    """The name of a figure and its description for people who do not see it.

    Attributes
    ----------
    language : str
        The language of the words, as a BCP 47 tag.
    title : str
        The name of the figure.
    summary : str
        The title, and how many neurons are dead by which rule; at most 250 characters.
    description : str
        The verdict and the findings, without the title.
    full : str
        The title, the verdict and the findings, for formats that hold only one text; at
        most 1,000 characters.

    Examples
    --------
    >>> from dead_neuron_autopsy import ENGLISH, diagnose
    >>> alt = ENGLISH.alt_text(diagnose({"a": [0.0], "b": [0.3]}))
    >>> alt.language, alt.title
    ('en', 'Dead neuron autopsy')
    >>> alt.description
    '1 of 2 neurons is dead. Dead: a. The only living peak is 0.3 (b). ...'
    """

    language: str
    title: str
    summary: str
    description: str
    full: str


def alt_text_of(
    wording: Wording,
    autopsy: Autopsy,
    title: str,
    n_shown: int,
    *,
    groups: Sequence[GroupCounts] = (),
    picture: str = "",
    on_page: Autopsy | None = None,
) -> AltText:
    """Return the alt text of an autopsy, or of a page of it with some neurons' cards."""
    title = clean(title).strip() or wording.title
    summary = " "
    for length in (_LONGEST_TITLE, 40, 20, 10):
        named = as_sentence(wording, spelled(wording, title, length))
        summary = wording.space.join([named, *_verdict(wording, autopsy, n_shown)])
        if len(summary) <= LONGEST_SUMMARY:
            break
    dead = state_word(wording, "dead", autopsy.criterion)
    rule = rule_over(wording, autopsy, _spoken_rule(wording, autopsy))
    rule = wording.counted_as.format(dead=dead, rule=rule)
    description = ""
    for budget in _BUDGETS:
        findings = [
            *_findings(wording, autopsy, groups, on_page, budget),
            *([shown] if (shown := _shown(wording, n_shown, len(autopsy))) else ()),
            *([picture] if picture else ()),
            rule,
        ]
        description = wording.space.join(findings)
        if len(named) + len(description) < LONGEST_TEXT:
            break
    full = wording.space.join([named, description])
    return AltText(wording.language, title, summary, description, full)


def shown_if_not_all(wording: Wording, n_shown: int, n_neurons: int) -> str:
    """Return how many neurons have a card; "" if all have one."""
    if n_shown == n_neurons:
        return ""
    return filled(wording, wording.shown, n_shown=n_shown, n_neurons=n_neurons)


def rule_over(wording: Wording, autopsy: Autopsy, rule: str) -> str:
    """Return a rule and over how many samples it was applied."""
    if not len(autopsy):
        return rule
    samples = samples_of(wording, autopsy)
    if autopsy.window is not None:
        fewest, most = int(autopsy.sample_counts.min()), int(autopsy.sample_counts.max())
        same = fewest == most and autopsy.judged_counts.min() == autopsy.window
        template = wording.last_of_samples if same else wording.last_samples
        samples = filled(wording, template, count=autopsy.window, n_samples=most)
    if autopsy.reduce is not None:
        samples = wording.reduced.format(samples=samples)
    return wording.rule_over.format(rule=rule, samples=samples)


def drawn_rule(wording: Wording, autopsy: Autopsy) -> str:
    """Return the rule as a formula, and over how many samples it was applied."""
    threshold = localized(wording, compact_number(autopsy.dead_threshold))
    dead = state_word(wording, "dead", autopsy.criterion)
    formula = rule_words(wording, autopsy.criterion).drawn.format(threshold=threshold)
    return rule_over(wording, autopsy, wording.rule.format(dead=dead, formula=formula))


def samples_of(wording: Wording, autopsy: Autopsy) -> str:
    """Return how many samples the histories have."""
    fewest, most = int(autopsy.sample_counts.min()), int(autopsy.sample_counts.max())
    if fewest == most:
        return filled(wording, wording.samples, count=most)
    return filled(wording, wording.samples_range, fewest=fewest, most=most)


def pictured(wording: Wording, autopsy: Autopsy, n_shown: int, *, as_tiles: bool = False) -> str:
    """Return what a figure of cards shows; "" if there are none."""
    if not n_shown:
        return ""
    if as_tiles:
        dead = state_word(wording, "dead", autopsy.criterion)
        return filled(wording, wording.tiles, count=n_shown, dead=dead)
    samples = samples_of(wording, autopsy)
    if steps := steps_range(wording, autopsy):
        samples = f"{samples}{wording.comma}{steps}"
    return filled(wording, wording.cards, count=n_shown, samples=samples)


def steps_range(wording: Wording, autopsy: Autopsy) -> str:
    """Return the first and the last step; "" if there are none."""
    if autopsy.steps is None or not len(autopsy.steps):
        return ""
    first, last = (written_step(wording, autopsy.steps[place]) for place in (0, -1))
    return wording.steps.format(first=first, last=last)


def _shown(wording: Wording, n_shown: int, n_neurons: int) -> str:
    words = shown_if_not_all(wording, n_shown, n_neurons)
    return as_sentence(wording, words) if words else ""


def _verdict(wording: Wording, autopsy: Autopsy, n_shown: int) -> Iterator[str]:
    """Yield how many neurons are dead by which rule, and what that leaves out."""
    rule = _spoken_rule(wording, autopsy)
    if autopsy.window is not None:
        rule = rule_over(wording, autopsy, rule)
    counts = {"n_dead": autopsy.n_dead, "n_neurons": len(autopsy)}
    dead = state_word(wording, "dead", autopsy.criterion)
    yield filled(wording, wording.verdict, dead=dead, rule=rule, **counts)
    if autopsy.n_unknown:
        yield filled(wording, wording.unknown_count, count=autopsy.n_unknown)
    if shown := _shown(wording, n_shown, len(autopsy)):
        yield shown


def _spoken_rule(wording: Wording, autopsy: Autopsy) -> str:
    spoken = rule_words(wording, autopsy.criterion).spoken
    return spoken.format(threshold=exact_number(wording, autopsy.dead_threshold))


def _findings(
    wording: Wording,
    autopsy: Autopsy,
    groups: Sequence[GroupCounts],
    on_page: Autopsy | None,
    budget: tuple[int, int],
) -> Iterator[str]:
    """Yield sentences, from the most to the least important."""
    most_ids, id_length = budget

    def ids(of: Autopsy, found: NDArray[np.bool_]) -> str:
        some = found.nonzero()[0].tolist()
        first = [spelled(wording, of.ids[index], id_length) for index in some[:most_ids]]
        return listed(wording, first, len(some) - len(first))

    def name(index: int) -> str:
        return spelled(wording, autopsy.ids[index], id_length)

    dead = state_word(wording, "dead", autopsy.criterion)
    yield as_sentence(wording, _count(wording, autopsy, dead))
    if autopsy.n_dead:
        yield from _by_layer(wording, groups or _layers(autopsy), id_length)
        yield from _since_when(wording, autopsy, name)
    silent = autopsy.fell_silent
    if silent.any():
        some = int(np.count_nonzero(silent))
        yield filled(wording, wording.fell_silent_ids, count=some, ids=ids(autopsy, silent))
    if on_page is not None and len(on_page) and not on_page.n_dead:
        yield wording.none_on_page.format(dead=dead)
    elif (named := autopsy if on_page is None else on_page).n_dead:
        listing = wording.dead_ids if on_page is None else wording.dead_on_page
        yield capitalized(listing.format(dead=dead, ids=ids(named, named.dead)))
    empty, infinite = autopsy.sample_counts == 0, np.isinf(autopsy.peaks)
    for template, found in (
        (wording.unknown_ids, autopsy.unknown),
        (wording.without_samples, empty),
        (wording.missing, autopsy.incomplete & ~empty),
        (wording.infinite, infinite),
    ):
        if found.any():
            some = int(np.count_nonzero(found))
            yield filled(wording, template, count=some, ids=ids(autopsy, found))
    living = (~(autopsy.dead | autopsy.unknown) & np.isfinite(autopsy.peaks)).nonzero()[0]
    if len(living):
        yield _living_peaks(wording, autopsy.peaks[living], [*map(name, _ends(autopsy, living))])


def _count(wording: Wording, autopsy: Autopsy, dead: str) -> str:
    """Return how many neurons are dead, and the share of that unless it is easily seen."""
    n_dead, n_neurons = autopsy.n_dead, len(autopsy)
    neurons = filled(wording, wording.neurons, count=n_neurons)
    count = filled(wording, wording.found, count=n_dead, neurons=neurons, dead=dead)
    if n_neurons < 10 or n_dead in {0, n_neurons}:
        return count
    rounded = round(100 * n_dead / n_neurons)
    percent = "<1" if 100 * n_dead < n_neurons else ">99" if rounded == 100 else str(rounded)
    return wording.with_share.format(found=count, share=wording.share.format(percent=percent))


def _layers(autopsy: Autopsy) -> Sequence[GroupCounts]:
    """Return the layers that the ids name; none if not all ids do."""
    try:
        return Groups(autopsy.ids, "layer").counts(autopsy.dead, autopsy.unknown)
    except ValueError:
        return ()


def _by_layer(wording: Wording, groups: Sequence[GroupCounts], id_length: int) -> Iterator[str]:
    """Yield where most and fewest are dead, or that each layer has more than the last."""
    shares = [group.n_dead / group.n_neurons for group in groups]
    if len(set(shares)) < 2:
        return

    def of_group(index: int) -> str:
        group = groups[index]
        name = spelled(wording, group.name, id_length)
        return filled(wording, wording.of_group, group=name, **group._asdict())

    places = range(len(shares))
    rises = len(shares) > 2 and shares == sorted(shares) and len(set(shares)) == len(shares)
    template = wording.rising if rises else wording.worst_layer
    most, fewest = max(places, key=shares.__getitem__), min(places, key=shares.__getitem__)
    yield template.format(most=of_group(most), fewest=of_group(fewest))


def _since_when(wording: Wording, autopsy: Autopsy, name: Callable[[int], str]) -> Iterator[str]:
    """Yield when the dead were last active, if any ever was."""
    if not autopsy.has_times:
        return
    died = autopsy.dead & (autopsy.last_active >= 0) & (autopsy.died_at >= 0)
    places = died.nonzero()[0]
    if len(places):
        # Histories of different length end together.
        after = autopsy.died_at[places] - autopsy.source.lengths[places]
        order = places[np.argsort(after, kind="stable")]
        first, last = int(order[0]), int(order[-1])
        middle = int(order[(len(order) - 1) // 2])
        times = {
            "first": time_of(wording, autopsy, first),
            "last": time_of(wording, autopsy, last),
            "median": time_of(wording, autopsy, middle),
        }
        template = wording.died if times["first"] != times["last"] else wording.died_together
        yield filled(wording, template, count=len(places), first_id=name(first), **times)
    never = autopsy.dead & (autopsy.last_active < 0) & (autopsy.sample_counts > 0)
    if autopsy.window is not None and never.any():
        yield filled(wording, wording.never_active_count, count=int(np.count_nonzero(never)))


def _ends(autopsy: Autopsy, living: NDArray[np.int64]) -> tuple[int, int]:
    peaks = autopsy.peaks[living]
    return int(living[peaks.argmin()]), int(living[peaks.argmax()])


def _living_peaks(wording: Wording, peaks: NDArray[np.float64], ends: Sequence[str]) -> str:
    lowest, highest = float(peaks.min()), float(peaks.max())
    if len(peaks) == 1:
        return filled(wording, wording.only_peak, peak=highest, id=ends[0])
    if lowest == highest:
        return filled(wording, wording.equal_peaks, peak=highest)
    numbers = {"lowest": lowest, "highest": highest, "median": float(np.median(peaks))}
    both = {"lowest_id": ends[0], "highest_id": ends[1]}
    template = wording.peaks if len(peaks) > 2 else wording.two_peaks
    return filled(wording, template, **numbers, **both)
