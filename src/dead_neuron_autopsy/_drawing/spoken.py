"""What a screen reader says of cards: one item per card or, of many, the dead of each layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._verdict.autopsy import Autopsy
from .._verdict.groups import GroupCounts, Groups
from .._verdict.neuron import State
from .._words import phrases
from .._words.wording import Wording
from .cells import SpokenItem, SpokenList

#: More cards than this are heard layer by layer: a list of 4,096 items takes six hours.
MOST_CARDS_SPOKEN = 200

#: So many neurons of a layer that are not alive have an item of their own.
MOST_NEURONS_SPOKEN = 50


def card_lists(
    wording: Wording, shown: Autopsy, groups: Sequence[GroupCounts], cells: NDArray[np.int64]
) -> list[SpokenList]:
    """Return the lists of some cards; *groups* are those under a drawn heading, in order."""
    many = len(cells) > MOST_CARDS_SPOKEN
    grouping = _layers(shown) if many else None
    if grouping is not None:
        groups, of_cells = grouping.counts(shown.dead, shown.unknown), grouping.of_neurons[cells]
    else:
        ends = np.cumsum([group.n_shown for group in groups])
        of_cells = np.searchsorted(ends, cells, side="right")
    lists = []
    for number, group in enumerate(groups or [None]):
        places = np.flatnonzero(of_cells == number).tolist()
        if places:
            words = group and phrases.group_label(wording, shown.criterion, group)
            items = (
                _of_many(wording, shown, cells, places)
                if many
                else [_of_one(wording, shown, int(cells[place]), place) for place in places]
            )
            lists.append(SpokenList(words, is_section=many, items=items))
    return lists


def _layers(shown: Autopsy) -> Groups | None:
    try:
        return Groups(shown.ids, "layer")
    except ValueError:  # the ids name no layers
        return None


def _of_one(wording: Wording, shown: Autopsy, cell: int, place: int) -> SpokenItem:
    label = phrases.neuron_label(wording, shown, cell)
    return SpokenItem(label, [place], {"data_state": shown.states[cell]})


def _of_many(
    wording: Wording, shown: Autopsy, cells: NDArray[np.int64], places: Sequence[int]
) -> list[SpokenItem]:
    """Return an item for each that is not alive, up to so many, and one for all others."""
    items = list[SpokenItem]()
    states: tuple[State, ...] = ("dead", "unknown", "alive")
    for state in states:
        most = 0 if state == "alive" else MOST_NEURONS_SPOKEN
        some = [place for place in places if shown.states[cells[place]] == state]
        items += [_of_one(wording, shown, int(cells[place]), place) for place in some[:most]]
        if rest := some[most:]:
            words = phrases.many_label(wording, shown, state, cells[rest], more=most > 0)
            items.append(SpokenItem(words, rest, {"data_state": state}))
    return items
