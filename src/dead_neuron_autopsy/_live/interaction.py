"""What a grid answers to the pointer and to the keys.

Events come from Matplotlib, so this works in any window or widget. Nothing here changes what is
saved: the ring, the tooltip and a neuron that is shown large belong to the window alone.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backend_bases import KeyEvent, LocationEvent, MouseEvent, key_press_handler

from .._drawing.grid import AutopsyGrid
from .._drawing.one_card import Card
from .._drawing.renderers import draws_when_idle
from .cursors import teach_mplcursors
from .enlarged import enlarge
from .overlay import Overlay, Tooltip

#: What is focused is said at most once in so many seconds.
_PAUSE = 0.5

#: How many rows the Page keys move.
_PAGE = 5

#: How far the pointer may leave a card on its way to the tooltip, in pixels.
_GRACE = 6.0

_OWN_KEYS = {"tab", "shift+tab", "left", "right", "up", "down", "home", "end"} | {
    *("pageup", "pagedown", "d", "enter", "escape")
}


class Interaction:
    """Shows a tooltip, a ring, or a neuron large."""

    def __init__(self, grid: AutopsyGrid, tell: Callable[[], object]) -> None:
        figure: Any = grid.get_figure(root=True)
        self._tell = tell
        self._grid_of, self._canvas = weakref.ref(grid), figure.canvas
        self._overlay: Overlay | None = None
        self._hovered: Card | None = None
        self._dismissed: Card | None = None
        self._pressed: Card | None = None
        self._open: list[Axes] = []
        #: The neuron whose card has the focus.
        self._focused: str | None = None
        self._last_focused: str | None = None
        self._said_at, self._pending = -_PAUSE, False
        handlers: dict[str, Callable[[Any], None]] = {
            "motion_notify_event": self._move,
            "figure_leave_event": self._leave,
            "button_press_event": self._press,
            "button_release_event": self._release,
            "scroll_event": self._leave,
            "resize_event": self._leave,
            "key_press_event": self._key,
        }
        for event, handler in handlers.items():  # weakly, so that a grid can be forgotten
            figure.canvas.mpl_connect(event, handler)
        #: Whether Tab enters the cards from anywhere; else, whoever has the focus calls `enter`.
        self.is_alone = True
        keep_tab(figure.canvas, self._takes_tab)

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a copy of a figure has its own

    @property
    def _grid(self) -> AutopsyGrid | None:
        """The grid, while it is drawn somewhere."""
        grid = self._grid_of()
        is_there = grid is not None and grid.axes is not None and grid.get_visible()
        return grid if is_there else None

    # The pointer

    def _move(self, event: MouseEvent) -> None:
        teach_mplcursors()
        grid = self._grid
        if grid is None or self._open or _is_busy(event):
            self._hover(None)
            return
        overlay, at = self._overlay, (event.x, event.y)
        if overlay is not None and self._hovered is not None and overlay.tooltip_box is not None:
            way, names = overlay.tooltip_box.padded(_GRACE), grid.cards
            is_gone = self._hovered.id not in names
            if way.contains(*at) and not (is_gone or self._hovered.bbox.contains(*at)):
                return  # it may be entered, to be read at leisure
        card = grid.card_at(event)
        if card is None or self._dismissed is None or card.id != self._dismissed.id:
            self._dismissed = None
            self._hover(card, event.x)

    def _leave(self, event: LocationEvent) -> None:
        del event
        self._hover(None)

    def _hover(self, card: Card | None, x: float | None = None) -> None:
        """Show the tooltip of a card, for the sample at x; or none."""
        grid = self._grid
        tooltip = None
        if card is not None and grid is not None:
            tooltip = Tooltip(_words_of(grid, card, x), card)
        self._hovered = card
        self._show(tooltip=tooltip)

    def _press(self, event: MouseEvent) -> None:
        teach_mplcursors()
        grid = self._grid
        is_click = grid is not None and event.button == 1 and not _is_busy(event, pressed=True)
        self._pressed = grid.card_at(event) if grid is not None and is_click else None
        if self._open and not any(axes.bbox.contains(event.x, event.y) for axes in self._open[:1]):
            self._close()

    def _release(self, event: MouseEvent) -> None:
        grid, pressed = self._grid, self._pressed
        self._pressed = None
        if grid is None or pressed is None or self._open or event.button != 1:
            return
        card = grid.card_at(event)
        if card is not None and card.id == pressed.id:
            self.enlarge(card)

    # One neuron, large

    def enlarge(self, card: Card) -> None:
        """Tell who listens of a click on a card, and open it unless they say not to."""
        grid = self._grid
        if grid is None:
            return
        answers = [callback(card) for callback in [*grid.click_callbacks]]
        if any(answer is True for answer in answers) or self._open:
            return
        self._hovered = None
        self._show(tooltip=None, ring=False)
        self._open = enlarge(grid, card)
        self._draw()

    def _close(self) -> None:
        for axes in self._open:
            if axes.figure is not None:
                axes.remove()
        self._open = []
        self._show(tooltip=None, ring=self._focused is not None)
        self._draw()

    # The keys

    def _key(self, event: KeyEvent) -> None:
        grid = self._grid
        if grid is None:
            return
        if event.key == "escape":
            self._escape()
            return
        if event.key in {"tab", "shift+tab"}:
            in_turn = _interactions_of(grid.root_figure)
            if in_turn[:1] == [self]:  # the first speaks for all
                _pass_on(in_turn, back=event.key == "shift+tab")
            return
        if self._focused is None or self._open:
            return
        names = list(grid.cards)
        if self._focused not in names:
            self._focus(names[0] if names else None)
            return
        if event.key == "enter":
            self.enlarge(grid.cards[self._focused])
            return
        index = next_card(grid, grid.cards[self._focused].index, event.key or "")
        if index is not None:
            self._focus(names[index])

    def _escape(self) -> None:
        if self._open:
            self._close()
        elif self._hovered is not None:
            self._dismissed = self._hovered
            self._hover(None)
        elif self._focused is not None:
            self._focus(None)

    def _place_to_begin(self, grid: AutopsyGrid) -> str | None:
        names = grid.cards
        return self._last_focused if self._last_focused in names else next(iter(names), None)

    @property
    def has_focus(self) -> bool:
        """Whether the keyboard's focus is on a card."""
        return self._focused is not None

    def _takes_tab(self) -> bool:
        """Return whether Tab goes to the cards; the next one leaves them."""
        if self.has_focus:
            self.lose_focus()
            return False
        return self._grid is not None

    def enter(self) -> None:
        """Give the focus to a card: the one that had it last."""
        if self._grid is not None:
            self._focus(self._place_to_begin(self._grid))

    @property
    def is_open(self) -> bool:
        """Whether a neuron is shown large."""
        return bool(self._open)

    def lose_focus(self) -> None:
        """Take the focus from the cards."""
        self._focus(None)

    def _focus(self, name: str | None) -> None:
        grid = self._grid
        if grid is None:
            return
        if (name is None) != (self._focused is None):
            _hold_back(self._canvas, hold=name is not None)
        self._focused, self._last_focused = name, name or self._last_focused
        if name is None:
            grid.said = ""
            self._show(ring=False, tooltip=None)
        else:
            card = grid.cards[name]
            _bring_into_view(grid, card)
            grid.said = grid.wording.comma.join([card.words, card.peak_words])
            self._show(ring=True, tooltip=Tooltip(_words_of(grid, card, None), card))
        self._say()

    def _say(self) -> None:
        """Say what is focused, soon: whoever holds a key down wants to hear the end."""
        now = time.monotonic()
        if now - self._said_at >= _PAUSE:
            self._said_at = now
            self._tell()
        elif not self._pending and draws_when_idle(self._canvas):
            self._pending = True
            timer = self._canvas.new_timer(interval=int(1000 * _PAUSE))
            timer.single_shot = True
            timer.add_callback(self._tell_late)
            timer.start()
            self._timer = timer

    def _tell_late(self) -> None:
        self._pending, self._said_at = False, time.monotonic()
        self._tell()

    # What is drawn

    def _show(self, *, tooltip: Tooltip | None, ring: bool | None = None) -> None:
        grid, overlay = self._grid, self._overlay
        if grid is None:
            return
        if overlay is None or overlay.get_figure(root=False) is None:
            if tooltip is None and not ring:
                return
            overlay = self._overlay = Overlay(grid)
        before = overlay.tooltip, overlay.ring
        overlay.tooltip = tooltip
        overlay.tooltip_box = None if tooltip is None else overlay.tooltip_box
        focused = self._focused
        if ring is not None:
            overlay.ring = grid.cards.get(focused or "") if ring else None
        if overlay.tooltip is None and overlay.ring is None:
            overlay.remove()
            self._overlay = None
        if before != (overlay.tooltip, overlay.ring):
            self._draw()

    def _draw(self) -> None:
        if draws_when_idle(self._canvas):
            self._canvas.draw_idle()


def _interactions_of(figure: Any) -> list[Interaction]:
    """Return what answers for each grid of a figure that Tab reaches, in order."""
    grids = [one for one in figure.findobj(AutopsyGrid) if one.axes is not None]
    found = [one.interaction for one in grids if isinstance(one.interaction, Interaction)]
    return [one for one in found if one.is_alone]


def _pass_on(in_turn: Sequence[Interaction], *, back: bool) -> None:
    """Give the focus to the next grid; after the last one, to none."""
    if any(one.is_open for one in in_turn):
        return
    at = next((place for place, one in enumerate(in_turn) if one.has_focus), None)
    if at is not None:
        in_turn[at].lose_focus()
    to = (-1 if back else 0) if at is None else at + (-1 if back else 1)
    if at is None or 0 <= to < len(in_turn):
        in_turn[to].enter()


def next_card(grid: AutopsyGrid, index: int, key: str) -> int | None:
    """Return the card that a key leads to from another; None if it leads nowhere."""
    count = grid.n_cards
    if key == "d":
        dead = [place for place in range(count) if grid.shown.dead[place]]
        return next((place for place in dead if place > index), dead[0] if dead else None)
    across = {"left": -1, "right": 1, "home": -count, "end": count}.get(key)
    if across is not None:
        return min(max(index + across, 0), count - 1)
    down = {"up": -1, "down": 1, "pageup": -_PAGE, "pagedown": _PAGE}.get(key)
    if down is None:
        return None
    places = [(card.row, card.column) for card in grid.cards.values()]
    row, column = places[index]
    rows = sorted({one for one, _ in places})
    wanted = rows[min(max(rows.index(row) + down, 0), len(rows) - 1)]
    there = [place for place, one in enumerate(places) if one[0] == wanted]
    return min(there, key=lambda place: abs(places[place][1] - column))


def _words_of(grid: AutopsyGrid, card: Card, x: float | None) -> str:
    """Return a tooltip's lines: the neuron and its state, the sample, the peak."""
    lines = [card.words]
    sample = None if x is None or grid.shown.source.is_lazy else card.sample_at(x)
    if sample is not None:
        lines.append(card.words_at(sample))
    return "\n".join([*lines, card.peak_words])


def _is_busy(event: MouseEvent, *, pressed: bool = False) -> bool:
    """Return whether the toolbar or a drag has the pointer."""
    toolbar: Any = getattr(event.canvas, "toolbar", None)
    is_dragged = bool(getattr(event, "buttons", None)) and not pressed
    return is_dragged or bool(toolbar is not None and str(getattr(toolbar, "mode", "")))


def _bring_into_view(grid: AutopsyGrid, card: Card) -> None:
    """Move a zoomed view to a card that is out of it."""
    host: Any = grid.axes
    box = card.bbox
    if host.bbox.contains(*box.min) and host.bbox.contains(*box.max):
        return
    for axis, low, high in (("x", box.x0, box.x1), ("y", box.y0, box.y1)):
        start, end = getattr(host.bbox, f"interval{axis}")
        away = min(low - start, 0) + max(high - end, 0)
        if away:
            origin, moved = host.transData.inverted().transform(
                [(start, start), (away + start,) * 2]
            )
            shift = (moved - origin)[0 if axis == "x" else 1]
            limits = getattr(host, f"get_{axis}lim")()
            getattr(host, f"set_{axis}lim")(limits[0] + shift, limits[1] + shift)


def _hold_back(canvas: Any, *, hold: bool) -> None:
    """Keep Matplotlib's own keys, such as "left" for back, while a card has the focus."""
    manager = canvas.manager
    handler = getattr(manager, "key_press_handler_id", None)
    if handler is None:
        return
    canvas.mpl_disconnect(handler)
    handle = _press_other if hold else key_press_handler
    manager.key_press_handler_id = canvas.mpl_connect("key_press_event", handle)


def _press_other(event: KeyEvent) -> None:
    if event.key not in _OWN_KEYS:
        key_press_handler(event)


def keep_tab(canvas: Any, takes_tab: Callable[[], bool]) -> None:
    """Let Tab reach what is in a Tk or Qt window, which else moves on at once.

    *takes_tab*, a bound method, is held weakly; it says whether the next Tab stays inside.
    """
    of = weakref.WeakMethod(takes_tab)

    def enters() -> bool:
        takes = of()
        return takes is not None and takes()

    if hasattr(canvas, "focusNextPrevChild"):  # Qt
        next_child = type(canvas).focusNextPrevChild
        canvas.focusNextPrevChild = lambda on: not enters() and next_child(canvas, on)
    elif hasattr(canvas, "get_tk_widget"):

        def tab(event: Any) -> str | None:
            if not enters():
                return None
            canvas.key_press(event)
            return "break"

        for key in ("<Tab>", "<Shift-Tab>"):
            canvas.get_tk_widget().bind(key, tab)


def make_interactive(grid: AutopsyGrid, tell: Callable[[], object]) -> None:
    """Let a grid answer to the pointer and the keys; *tell* says what the focus is on."""
    grid.interaction = Interaction(grid, tell)
