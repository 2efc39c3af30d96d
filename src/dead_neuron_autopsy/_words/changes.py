"""What a comparison says: in its header, beside its bars, and to who does not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .description import LONGEST_SUMMARY, LONGEST_TEXT, MOST_IDS_SPELLED, AltText
from .filling import as_sentence, filled, listed, spelled
from .notation import clean
from .phrases import header_line, with_more

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._verdict.comparison import Comparison, LayerChange
    from .wording import Wording


def change_count(wording: Wording, change: LayerChange) -> str:
    """Return how many of a layer's neurons died, revived or stayed dead."""
    counts = {"n_died": change.n_died, "n_revived": change.n_revived}
    return filled(wording, wording.changes, n_still_dead=change.n_still_dead, **counts)


def change_share(wording: Wording, change: LayerChange) -> str:
    """Return the percentages of a layer that were dead and are dead."""
    before = change.n_still_dead + change.n_revived
    after = change.n_still_dead + change.n_died
    shares = [f"{100 * count / change.n_neurons:.0f}" for count in (before, after)]
    return " → ".join(wording.share.format(percent=share) for share in shares)


def change_label(wording: Wording, change: LayerChange) -> str:
    """Return the alt text of a layer's bar."""
    neurons = filled(wording, wording.neurons, count=change.n_neurons)
    words = {"group": clean(change.name), "changes": change_count(wording, change)}
    return wording.change_label.format(neurons=neurons, **words)


def changes_in_all(wording: Wording, found: Comparison) -> str:
    """Return how many of all neurons died, revived or stayed dead."""
    counts = {"n_died": len(found.died), "n_revived": len(found.revived)}
    return filled(wording, wording.changes, n_still_dead=len(found.still_dead), **counts)


def rules(wording: Wording, found: Comparison) -> str:
    """Return the rule, or both if they differ, and what the parts of a bar mean."""
    before, after = (header_line(wording, one, len(one)) for one in (found.before, found.after))
    line = after if before == after else with_more(wording, before, after)
    return with_more(wording, line, wording.changes_key)


def comparison_alt_text(wording: Wording, found: Comparison, title: str, n_bars: int) -> AltText:
    """Return the alt text of a comparison, the most important first."""
    title = spelled(wording, clean(title).strip() or wording.comparison_title)
    neurons = filled(wording, wording.neurons, count=len(found.ids))
    overlap = filled(wording, "{overlap}", overlap=found.jaccard)
    verdict = wording.compared.format(
        changes=changes_in_all(wording, found), neurons=neurons, overlap=overlap
    )
    opening = as_sentence(wording, title)
    summary = wording.space.join([opening, verdict])[:LONGEST_SUMMARY]
    description = verdict
    for most, length in ((MOST_IDS_SPELLED, 80), (20, 20), (5, 20), (1, 10)):

        def ids(names: Sequence[str], most: int = most, length: int = length) -> str:
            first = [spelled(wording, one, length) for one in names[:most]]
            return listed(wording, first, len(names) - len(first))

        sentences = [
            filled(wording, template, ids=ids(names), count=len(names))
            for template, names in (
                (wording.died_ids, found.died),
                (wording.revived_ids, found.revived),
                (wording.new_ids, found.new),
                (wording.gone_ids, found.gone),
            )
            if names
        ]
        if n_bars:
            sentences.append(filled(wording, wording.bars, count=n_bars))
        description = wording.space.join([verdict, *sentences])
        if len(opening) + len(description) < LONGEST_TEXT:
            break
    full = wording.space.join([opening, description])
    return AltText(wording.language, title, summary, description, full)
