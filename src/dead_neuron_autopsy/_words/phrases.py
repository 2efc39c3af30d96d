"""The words on and around a picture: badges, headings, titles, spoken labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .description import (
    LONGEST_SUMMARY,
    LONGEST_TEXT,
    MOST_IDS_SPELLED,
    AltText,
    drawn_rule,
    shown_if_not_all,
    steps_range,
)
from .filling import (
    as_sentence,
    audible_id,
    counted,
    filled,
    listed,
    localized,
    spelled,
    state_word,
    step_number,
    time_number,
    time_of,
    written_step,
)
from .fitting import shortened
from .notation import clean, peak_number, percentage, three_digits
from .wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .._verdict.autopsy import Autopsy
    from .._verdict.criteria import Criterion
    from .._verdict.groups import GroupCounts
    from .._verdict.neuron import State


def count_badge(
    wording: Wording, criterion: Criterion, n_dead: int, n_neurons: int, n_unknown: int
) -> str:
    """Return how many of how many neurons are dead, and how many are unknown."""
    counts = {"n_dead": n_dead, "n_neurons": n_neurons}
    dead = state_word(wording, "dead", criterion)
    count = filled(wording, wording.count_badge, dead=dead, **counts)
    if not n_unknown:
        return count
    return filled(wording, wording.with_unknown, count=count, n_unknown=n_unknown)


def share(wording: Wording, group: GroupCounts) -> str:
    """Return the percentage of a group's neurons that are dead."""
    percent = percentage(group.n_dead, group.n_neurons)
    return wording.share.format(percent=localized(wording, percent))


def heading(wording: Wording, criterion: Criterion, group: GroupCounts) -> str:
    """Return a group's name and count, and how many of it have a card, if not all."""
    counts = group.n_dead, group.n_neurons, group.n_unknown
    count = count_badge(wording, criterion, *counts)
    line = wording.heading.format(group=clean(group.name), count=count)
    shown = shown_if_not_all(wording, group.n_shown, group.n_neurons)
    return with_more(wording, line, shown)


def header_line(wording: Wording, autopsy: Autopsy, n_shown: int) -> str:
    """Return the rule, over how many samples, and what the count does not say."""
    line = drawn_rule(wording, autopsy)
    line = with_more(wording, line, steps_range(wording, autopsy))
    if n_silent := int(autopsy.fell_silent.sum()):
        line = with_more(wording, line, filled(wording, wording.fell_silent, count=n_silent))
    return with_more(wording, line, shown_if_not_all(wording, n_shown, len(autopsy)))


def mark_key(wording: Wording, autopsy: Autopsy, detail: str) -> str:
    """Return what the marks of cards mean, where no word beside them says so."""
    marks = {"dead": "\N{MULTIPLICATION X}", "unknown": "\N{WHITE CIRCLE}"}
    if detail == "full":
        marks = {}
    elif detail == "compact":
        marks["alive"] = "\N{BULLET}"
    elif detail == "tile":
        marks = {"dead": "\N{BLACK SQUARE}", "unknown": "\N{BLACK LOWER LEFT TRIANGLE}"}
    present = set(autopsy.states)
    words = [
        f"{mark} {state_word(wording, state, autopsy.criterion)}"
        for state, mark in marks.items()
        if state in present
    ]
    if autopsy.window is not None and detail != "tile":
        words.insert(0, wording.shaded_key)
    if detail in {"full", "compact"} and autopsy.has_times:
        unit = wording.at_sample if autopsy.steps is None else wording.at_step
        unit = unit.format(number="").strip()
        if (autopsy.dead & (autopsy.last_active >= 0) & (autopsy.died_at >= 0)).any():
            words.append(wording.died_key.format(unit=unit))
        if autopsy.fell_silent.any():
            words.append(wording.silent_key.format(unit=unit))
    line = ""
    for more in words:
        line = with_more(wording, line, more) if line else more
    return line


def with_more(wording: Wording, line: str, more: str) -> str:
    """Return a line with more words after it, if there are any."""
    return wording.with_more.format(line=line, more=more) if more else line


def peak_line(wording: Wording, peak: float, n_samples: int, *, overall: bool = False) -> str:
    """Return a card's last line: its peak, or that there are no samples.

    With *overall*, the peak is of more samples than those that were judged.
    """
    if not n_samples:
        return wording.no_samples
    template = wording.overall_peak if overall else wording.peak
    return template.format(peak=localized(wording, peak_number(float(peak))))


def page_range(wording: Wording, first: int, last: int, n_shown: int) -> str:
    """Return the range of cards on a page, counted from 1; "" if there are none at all."""
    if not n_shown:
        return ""
    return filled(wording, wording.page_range, first=first, last=last, n_shown=n_shown)


def page_title(wording: Wording, title: str, cards: str) -> str:
    """Return the title of a page from that of the report and the page's range."""
    if title.strip() and cards:
        return wording.page_title.format(title=title, range=cards)
    return title if title.strip() else cards


def bookmark(wording: Wording, title: str, cards: str, ids: Sequence[str]) -> str:
    """Return a page's range, first and last neuron; the title if it is empty."""
    if not ids:
        return clean(title).strip() or wording.title
    first, last = (spelled(wording, ids[place]) for place in (0, -1))
    return wording.bookmark.format(range=cards, first_id=first, last_id=last)


def neuron_label(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return the alt text of a neuron's sparkline."""
    neuron_id = audible_id(wording, autopsy.ids[index])
    words = {"id": neuron_id, "state": state_in_time(wording, autopsy, index)}
    template = wording.label if autopsy.window is None else wording.overall_label
    label = filled(wording, template, peak=float(autopsy.peaks[index]), **words)
    if autopsy.sample_counts[index]:
        return label
    return wording.label_without_samples.format(label=label)


def many_label(
    wording: Wording, autopsy: Autopsy, state: State, indices: NDArray[np.int64], *, more: bool
) -> str:
    """Return the alt text of many neurons of one state; *more* if some precede them."""
    word, count = state_word(wording, state, autopsy.criterion), len(indices)
    if more:
        return filled(wording, wording.many_more, count=count, state=word)
    peaks = autopsy.peaks[indices]
    finite = peaks[np.isfinite(peaks)]
    if not len(finite):
        return filled(wording, wording.many, count=count, state=word)
    lowest, highest = float(finite.min()), float(finite.max())
    peaks_too = wording.many_peaks
    return filled(wording, peaks_too, count=count, state=word, lowest=lowest, highest=highest)


def card_line(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return a neuron's id and its state, and since when."""
    words = audible_id(wording, autopsy.ids[index]), state_in_time(wording, autopsy, index)
    return wording.comma.join(words)


def sample_line(wording: Wording, autopsy: Autopsy, index: int, sample: int, value: float) -> str:
    """Return a sample of a neuron, or its step, and the activation there."""
    template = wording.at_sample if autopsy.steps is None else wording.at_step
    time = template.format(number=step_number(wording, autopsy, index, sample))
    activation = localized(wording, three_digits(value))
    return wording.activation_at.format(time=time, activation=activation)


def state_in_time(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return a neuron's state and since when, where the time says something."""
    state = autopsy.states[index]
    word = state_word(wording, state, autopsy.criterion)
    if has_time(autopsy, index):
        template = wording.dead_since if state == "dead" else wording.silent_since
        return template.format_map({state: word, "time": time_of(wording, autopsy, index)})
    never = never_active(wording, autopsy, index)
    return f"{word}{wording.comma}{never}" if never else word


def time_mark(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return what stands on a card beside the time of death; "" if there is none."""
    if has_time(autopsy, index):
        number = time_number(wording, autopsy, index)
        return f"\N{DAGGER}{number}" if autopsy.dead[index] else number
    return never_active(wording, autopsy, index)


def has_time(autopsy: Autopsy, index: int) -> bool:
    """Return whether a neuron was active and then died or fell silent."""
    was_active = autopsy.has_times and autopsy.last_active[index] >= 0
    return was_active and bool(autopsy.died_at[index] >= 0 or autopsy.fell_silent[index])


def never_active(wording: Wording, autopsy: Autopsy, index: int) -> str:
    """Return that a dead neuron was silent even before what was judged; "" if it was not."""
    # Without a window, the verdict says so already.
    known = autopsy.has_times and autopsy.window is not None
    if not known or autopsy.died_at[index] != 0:
        return ""
    if not autopsy.begins_late[index]:
        return wording.never
    return filled(wording, wording.always_silent, count=int(autopsy.source.lengths[index]))


def group_label(wording: Wording, criterion: Criterion, group: GroupCounts) -> str:
    """Return the alt text of a group, which precedes that of its cards."""
    counts = {"n_dead": group.n_dead, "n_neurons": group.n_neurons}
    words = {"group": clean(group.name), "dead": state_word(wording, "dead", criterion)}
    label = filled(wording, wording.group_label, **words, **counts)
    if group.n_unknown:
        label = filled(wording, wording.with_unknown, count=label, n_unknown=group.n_unknown)
    shown = shown_if_not_all(wording, group.n_shown, group.n_neurons)
    return f"{label}{wording.comma}{shown}" if shown else label


def bar_label(wording: Wording, criterion: Criterion, group: GroupCounts) -> str:
    """Return the alt text of a group's bar."""
    label = group_label(wording, criterion, group)
    return wording.bar_label.format(label=label, share=share(wording, group))


def film_words(wording: Wording, frames: Sequence[Autopsy], layer: str, *, are_given: bool) -> str:
    """Return how many are dead at the beginning and at the end of a film, and where it began.

    The frames are parts of one history each, unless they *are_given* as autopsies.
    """
    first, last = frames[0], frames[-1]
    times = []
    for number, autopsy in ((1, first), (len(frames), last)):
        longest = int(autopsy.source.lengths.max(initial=0))
        if autopsy.steps is not None and longest:
            time = wording.at_step.format(number=written_step(wording, autopsy.steps[-1]))
        elif are_given:
            time = wording.at_frame.format(number=counted(wording, number))
        else:
            time = wording.at_sample.format(number=counted(wording, max(longest - 1, 0)))
        times.append(time)
    counts = {"n_first": first.n_dead, "n_last": last.n_dead, "n_neurons": len(last)}
    dead = state_word(wording, "dead", last.criterion)
    words = {"dead": dead, "first": times[0], "last": times[1]}
    line = filled(wording, wording.film, **counts, **words)
    if layer:
        line = wording.film_layer.format(film=line, layer=spelled(wording, layer))
    return as_sentence(wording, line)


def joint_alt_text(
    wording: Wording, alts: Sequence[AltText], title: str, other_titles: Sequence[str]
) -> AltText:
    """Return the alt text of a figure that holds several autopsies or other plots."""
    title = clean(title).strip()
    title = spelled(wording, title) if title else ""
    opening = [as_sentence(wording, title)] if title else []
    closing = []
    if other_titles:
        some = [spelled(wording, other.strip()) for other in other_titles[:MOST_IDS_SPELLED]]
        titles = listed(wording, some, len(other_titles) - len(some))
        closing = [wording.also_shown.format(titles=titles)]
    findings = [alts[0].description] if len(alts) == 1 else [alt.full for alt in alts]
    join = wording.space.join
    summary = join([*opening, *(alt.summary for alt in alts), *closing])
    full = join([*opening, *(alt.full for alt in alts), *closing])
    return AltText(
        wording.language,
        title or listed(wording, [alt.title for alt in alts]),
        shortened(summary, LONGEST_SUMMARY * len(alts)),
        join([*findings, *closing]),
        shortened(full, LONGEST_TEXT * len(alts)),
    )
