"""What a film shows, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .._intake.population import Population
from .._intake.sources import ListSource
from .._verdict.autopsy import Autopsy
from .._verdict.judging import Rule, judged

#: In seconds: a card changes its state no sooner, so that nothing flashes (WCAG 2.3.1).
STEADY = 0.5

#: The end of a film, in seconds: time to read the verdict.
HELD = 1.0

#: Most frames per second: lines grow smoothly, and files stay small.
_FASTEST = 6.0


#: A line of one sample has a width, too.
_LEAST = 1e-3


class Frame(NamedTuple):
    """A picture of a film."""

    autopsy: Autopsy
    share: float  # of the cards' width that the samples take
    seconds: float  # for which it is shown


class Schedule(NamedTuple):
    """How many frames there are, for how long each is shown, and how many share a verdict."""

    length: int
    seconds: float
    steady: int

    @classmethod
    def of(cls, most: int, seconds: float) -> Schedule:
        """Return the schedule of at most so many frames, besides the end."""
        growing = max(seconds - HELD, 0.0)
        count = min(most - 1, int(growing * _FASTEST + 1e-9))
        if count < 1:
            return cls(1, seconds, 1)
        each = max(growing / count, 1 / _FASTEST)
        steady = int(np.ceil(STEADY / each - 1e-9))
        # The end comes when a state may change.
        count = max(count // steady, 1) * steady
        return cls(count + 1, growing / count, steady)


def growing_frames(final: Autopsy, window: int | None, seconds: float) -> Iterator[Frame]:
    """Yield frames in which the histories grow, up to all there is."""
    histories = list(final.source)  # some may be masked, and stay so
    longest = int(final.source.lengths.max(initial=0))
    schedule = Schedule.of(max(longest - (window or 2) + 1, 1), seconds)
    ends = (
        np.round(np.linspace(min(window or 2, longest), longest, schedule.length))
        .astype(int)
        .tolist()
    )
    names = tuple(final.ids.tolist())
    settled = final
    for number, end in enumerate(ends[:-1]):
        kept = [one[: max(end - (longest - len(one)), 0)] for one in histories]
        steps = None if final.steps is None else final.steps[:end]
        source = ListSource(kept, is_steady=True)
        population = Population(names, source, reduce=final.reduce)
        rule = Rule(final.criterion, window, steps)
        now = judged(population, rule, final.nan_policy, final.words)
        if number % schedule.steady == 0:
            settled = now
        held = replace(now, scores=settled.scores, dead=settled.dead)
        share = max((end - 1) / max(longest - 1, 1), _LEAST)
        yield Frame(held, share, schedule.seconds)
    yield Frame(final, 1.0, HELD if len(ends) > 1 else seconds)


def given_frames(autopsies: Sequence[Autopsy], seconds: float) -> Iterator[Frame]:
    """Yield one frame for each autopsy; of more than there is time for, some."""
    room = max(int((seconds - HELD) / STEADY + 1e-9), 1) + 1
    chosen = np.unique(np.round(np.linspace(0, len(autopsies) - 1, min(room, len(autopsies)))))
    each = (seconds - HELD) / max(len(chosen) - 1, 1)
    for at in chosen[:-1].astype(int).tolist():
        yield Frame(autopsies[at], 1.0, min(each, 2 * STEADY))
    yield Frame(autopsies[-1], 1.0, HELD if len(chosen) > 1 else seconds)
