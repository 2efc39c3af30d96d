"""The words on and around a picture: badges, headings, titles, spoken labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .notation import clean, compact_number, percentage
from .wording import (
    AltText,
    Wording,
    alt_text_with,
    as_sentence,
    audible_id,
    dead_ids,
    filled,
    listed,
    localized,
    shown_if_not_all,
    spelled,
)

if TYPE_CHECKING:
    from .._verdict.autopsy import Autopsy, State
    from .._verdict.groups import GroupCounts


def count_badge(wording: Wording, n_dead: int, n_neurons: int) -> str:
    """Return how many of how many neurons are dead."""
    return filled(wording, wording.count_badge, n_dead=n_dead, n_neurons=n_neurons)


def share(wording: Wording, group: GroupCounts) -> str:
    """Return the percentage of a group's neurons that are dead."""
    percent = percentage(group.n_dead, group.n_neurons)
    return wording.share.format(percent=localized(wording, percent))


def heading(wording: Wording, group: GroupCounts) -> str:
    """Return a group's name and count, and how many of it have a card, if not all."""
    count = count_badge(wording, group.n_dead, group.n_neurons)
    line = wording.heading.format(group=clean(group.name), count=count)
    return _with_shown(wording, line, group.n_shown, group.n_neurons)


def header_line(wording: Wording, autopsy: Autopsy, n_shown: int) -> str:
    """Return the rule, over how many samples, and how many neurons have a card."""
    threshold = localized(wording, compact_number(autopsy.dead_threshold))
    line = wording.rule.format(dead_threshold=threshold)
    counts = autopsy.sample_counts
    if len(counts):
        fewest, most = int(counts.min()), int(counts.max())
        over = wording.rule_over if fewest == most else wording.rule_over_range
        line = filled(wording, over, rule=line, count=most, fewest=fewest, most=most)
    return _with_shown(wording, line, n_shown, len(autopsy))


def _with_shown(wording: Wording, line: str, n_shown: int, n_neurons: int) -> str:
    words = shown_if_not_all(wording, n_shown, n_neurons)
    return wording.with_shown.format(line=line, shown=words) if words else line


def peak_line(wording: Wording, peak: float, n_samples: int) -> str:
    """Return a card's last line: its peak, or that there are no samples."""
    if not n_samples:
        return wording.no_samples
    return filled(wording, wording.peak, peak=float(peak))


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


def neuron_label(
    wording: Wording, neuron_id: str, state: State, peak: float, n_samples: int
) -> str:
    """Return the alt text of a neuron's sparkline."""
    words = {"id": audible_id(wording, neuron_id), "state": getattr(wording, state)}
    label = filled(wording, wording.label, peak=float(peak), **words)
    return label if n_samples else wording.label_without_samples.format(label=label)


def group_label(wording: Wording, group: GroupCounts) -> str:
    """Return the alt text of a group, which precedes that of its cards."""
    label = filled(wording, wording.group_label, group=clean(group.name), **group._asdict())
    words = shown_if_not_all(wording, group.n_shown, group.n_neurons)
    return f"{label}{wording.comma}{words}" if words else label


def bar_label(wording: Wording, group: GroupCounts) -> str:
    """Return the alt text of a group's bar."""
    label = group_label(wording, group)
    return wording.bar_label.format(label=label, share=share(wording, group))


def page_alt_text(wording: Wording, autopsy: Autopsy, on_page: Autopsy, title: str) -> AltText:
    """Return the alt text of a page: the whole verdict, and which are dead on it."""
    findings = [wording.none_on_page] if len(on_page) else []
    if on_page.n_dead:
        findings = [wording.dead_on_page.format(ids=dead_ids(wording, on_page))]
    return alt_text_with(wording, findings, autopsy, title, len(on_page))


def joint_alt_text(
    wording: Wording, alts: Sequence[AltText], title: str, other_titles: Sequence[str]
) -> AltText:
    """Return the alt text of a figure that holds several autopsies or other plots."""
    title = clean(title).strip()
    opening = [as_sentence(wording, title)] if title else []
    closing = []
    if other_titles:
        titles = listed(wording, [clean(other).strip() for other in other_titles])
        closing = [wording.also_shown.format(titles=titles)]
    findings = [alts[0].description] if len(alts) == 1 else [alt.full for alt in alts]
    join = wording.space.join
    return AltText(
        wording.language,
        title or listed(wording, [alt.title for alt in alts]),
        join([*opening, *(alt.summary for alt in alts), *closing]),
        join([*findings, *closing]),
        join([*opening, *(alt.full for alt in alts), *closing]),
    )
