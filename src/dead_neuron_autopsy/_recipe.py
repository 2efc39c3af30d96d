"""How a grid got from neurons to cards, to go the same way again with other neurons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, SupportsIndex

from numpy.typing import ArrayLike

from ._diagnose import NeuronAxis, diagnosed
from ._drawing.grid import AutopsyGrid
from ._intake.recording import Recording
from ._layout.grid import GroupSizes
from ._layout.sizes import checked_sizes
from ._layout.spring import Motion, Spring
from ._live.transition import begin
from ._verdict.autopsy import Autopsy, NanPolicy
from ._verdict.groups import GroupBy
from ._verdict.judging import Rule
from ._verdict.neuron import State
from ._verdict.selection import Order, Selection, selected


@dataclass(frozen=True)
class Recipe:
    """The choices of `plot_autopsy` and `draw_autopsy` that decide which cards there are."""

    rule: Rule
    nan_policy: NanPolicy | None
    ids: Iterable[object] | None
    neuron_axis: NeuronAxis | None
    reduce: Literal["max-abs"] | None
    order: Order
    limit: SupportsIndex | None
    only: State | None
    group_by: GroupBy | None
    ncols: SupportsIndex | None
    #: Which functions among these were lost when a figure was pickled.
    lost: tuple[str, ...] = ()

    def select(self, neurons: object) -> Selection:
        """Return which neurons get a card, and what is found of them."""
        autopsy = diagnosed(
            neurons,
            self.rule,
            self.nan_policy,
            ids=self.ids,
            neuron_axis=self.neuron_axis,
            reduce=self.reduce,
        )
        return selected(autopsy, self.order, self.limit, self.only, self.group_by)

    def settled(self, neurons: object, autopsy: Autopsy) -> Recipe:
        """Return the recipe for later neurons, once the first have been diagnosed."""
        if isinstance(neurons, Autopsy):  # raw activations are judged as these were
            rule = Rule(autopsy.criterion, self.rule.window or autopsy.window, None)
            return replace(self, rule=rule, nan_policy=autopsy.nan_policy)
        # An iterator of ids has been used up.
        return self if self.ids is None else replace(self, ids=tuple(autopsy.ids.tolist()))

    def select_again(self, neurons: object, steps: ArrayLike | None) -> Selection:
        """Return what `select` does for later neurons, whose samples are at other steps."""
        if self.lost:
            raise RuntimeError(
                f"{' and '.join(self.lost)}: functions do not outlive pickling. Draw the figure "
                "anew instead of updating it."
            )
        if isinstance(neurons, Autopsy):
            if steps is not None:
                raise TypeError("steps: settled when this Autopsy was made; leave them out.")
            return selected(neurons, self.order, self.limit, self.only, self.group_by)
        rule = Rule.checked(None, None, None, steps)
        if steps is None and self.rule.steps is not None and not isinstance(neurons, Recording):
            raise ValueError(
                "steps: these cards were drawn with steps=; give the steps of these samples too."
            )
        again = replace(self, rule=self.rule._replace(steps=rule.steps))
        if isinstance(neurons, Recording):  # which has its ids and axes
            again = replace(again, ids=None, neuron_axis=None, reduce=None)
        try:
            return again.select(neurons)
        except (TypeError, ValueError) as error:
            error.add_note(
                "update: neurons are read as those drawn first were; others go through "
                "diagnose(...) first."
            )
            raise

    def begin_moving(
        self, grid: AutopsyGrid, transition: Spring | None, motion: Motion
    ) -> Callable[[], None]:
        """Return what moves a grid, as drawn now, to what it shows when that is called."""
        return begin(grid, transition, motion)

    def columns(self, selection: Selection) -> int:
        """Return the number of columns for other cards."""
        return checked_sizes(self.ncols).columns(GroupSizes.of(selection))

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be pickled: no functions, which most often are lambdas."""
        state = dict(vars(self))
        lost = [name for name in ("order", "group_by") if callable(state[name])]
        state |= {**dict.fromkeys(lost), "lost": (*self.lost, *lost)}
        return state
