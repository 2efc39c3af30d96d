"""The looks that tell the state of each card, until the caller restyles a part."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgba_array
from numpy.typing import NDArray

from .elements import quiet_copy
from .style import Style

Key = tuple[str, str]  # a part, and a property of it

#: The looks that tell the state: part, property and the style's field for each of `STATES`.
_LOOKS_BY_STATE = (
    ("borders", "edgecolor", ("alive_border", "dead_border", "unknown_border")),
    ("borders", "linewidth", ("alive_border_width", "dead_border_width", "unknown_border_width")),
    ("badges", "facecolor", ("alive_badge", "dead_badge", "unknown_badge")),
    ("badges", "edgecolor", ("alive_badge_border", "dead_badge_border", "unknown_badge_border")),
    ("marks", "facecolor", _TEXT := ("alive_text", "dead_text", "unknown_text")),
    ("midlines", "color", ("alive_midline", "dead_midline", "unknown_midline")),
    ("sparklines", "color", ("alive_line", "dead_line", "unknown_line")),
    ("deaths", "color", _TEXT),
    ("time_labels", "color", _TEXT),
    ("state_labels", "color", _TEXT),
)


class LooksByState:
    """Gives the parts of *owner*, found by their names, the looks that a style has for states."""

    def __init__(self, owner: object, style: Style) -> None:
        self._owner = owner
        #: By part and property: the look of each state, or the one that all states share.
        self._looks = {
            (part_name, look): _by_state([getattr(style, name) for name in names], look)
            for part_name, look, names in _LOOKS_BY_STATE
        }
        self._given: dict[Key, Any] = {}
        self._taken: dict[Key, Any] = {}  # what a part has made of it

    def restyled(self) -> set[Key]:
        """Return the parts, each with the property, that the caller has restyled."""
        return {key for key in self._given if self._is_restyled(*key)}

    def _is_restyled(self, part_name: str, look: str) -> bool:
        part, get = getattr(self._owner, part_name), f"get_{look}"
        if getattr(part, get)() is self._taken[part_name, look]:
            return False
        untouched = quiet_copy(part)
        getattr(untouched, f"set_{look}")(self._given[part_name, look])
        return not np.array_equal(getattr(untouched, get)(), getattr(part, get)())

    def put(self, states: NDArray[np.int64], restyled: set[Key]) -> None:
        """Give each card the looks of its state, except what was *restyled*."""
        for (part_name, look), by_state in self._looks.items():
            key = (part_name, look)
            if key in restyled:
                continue
            looks: Any = by_state
            if isinstance(by_state, np.ndarray):
                looks = by_state[states]
            elif isinstance(by_state, list):
                looks = [by_state[state] for state in states]
            part = getattr(self._owner, part_name)
            getattr(part, f"set_{look}")(looks)
            self._given[key], self._taken[key] = looks, getattr(part, f"get_{look}")()


def _by_state(looks: list[Any], name: str) -> Any:
    """Return looks as an array or a list; or the one of all states."""
    is_none = [isinstance(one, str) and one == "none" for one in looks]
    if all(is_none) or (name == "linewidth" and len(set(looks)) == 1):
        return looks[0]
    # As RGBA, an alpha would show "none".
    return looks if name == "linewidth" or any(is_none) else to_rgba_array(looks)
