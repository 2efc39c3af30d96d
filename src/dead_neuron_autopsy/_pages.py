"""`save_autopsy_pages`: a whole population as a PDF, a page at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import IO, NamedTuple, TypeAlias

from . import _layout
from ._diagnosis import (
    DEFAULT_THRESHOLD,
    NanPolicy,
    State,
    diagnosed,
    refuse_changes,
)
from ._figure import AutopsyFigure, checked_look, host_axes
from ._grid import AutopsyGrid
from ._groups import Group, GroupBy, Groups
from ._layer_bars import LayerBars, LayerWords
from ._parts import Look, header_layout
from ._saving import Page, save_document
from ._selection import Order, Selection, checked_count, selected
from ._sizes import (
    BarPlaces,
    Cards,
    bars_on_pages,
    checked_length,
    largest_cards,
    page_of_cards,
)
from ._style import Style
from ._wording import ENGLISH, Wording

AnyPanel: TypeAlias = AutopsyGrid | LayerBars

#: A4, in inches.
_PAGE_WIDTH, _PAGE_HEIGHT = 8.27, 11.69


class _Sheet(NamedTuple):
    """What all pages have in common; lengths in points."""

    look: Look
    width: float
    height: float
    per_page: int
    nrows: int
    ncols: int

    def new_figure(self) -> AutopsyFigure:
        """Return an empty page, which no window shows."""
        return AutopsyFigure(
            figsize=(self.width / 72, self.height / 72),
            layout="none",  # type: ignore[arg-type]  # which upstream's type lacks
            facecolor=self.look.style.background,
        )


def save_autopsy_pages(
    fname: str | os.PathLike[str] | IO[bytes],
    neurons: object,
    dead_threshold: float = DEFAULT_THRESHOLD,
    *,
    per_page: int | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: int | None = None,
    nan_policy: NanPolicy = "propagate",
    width: float = _PAGE_WIDTH,
    height: float = _PAGE_HEIGHT,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    order: Order = "given",
    limit: int | None = None,
    only: State | None = None,
    group_by: GroupBy | None = "layer",
    progress: bool = False,
) -> None:
    """Decide which neurons are dead, and save each as a card, in a PDF of many pages.

    The first page has a bar a layer, as `plot_layers` draws it, or the first few where
    there are many layers. The others have cards in the same places on each, and their
    range in the title; bookmarks lead to them. Only one page is in memory at a time.

    Parameters
    ----------
    fname : str, path-like or binary file-like
        Where to. It is written once all pages are made: what stood there before is not
        lost if something is wrong.
    neurons : iterable, mapping, DataFrame, array or Autopsy
        As in `plot_autopsy`.
    dead_threshold : float, default: 1e-6
        A neuron is dead when max(\\|activation\\|) is below it.
    per_page : int, optional
        How many cards a page has; they are as large as fits. Default: as many as a page
        has room for at 1.25 in.
    ids, neuron_axis, nan_policy
        As in `diagnose`.
    width, height : float, default: 8.27, 11.69
        Size of a page in inches; A4.
    title : str, optional
        What each page's title begins with. Default: the wording's.
    style : {"light", "dark", "print"} or Style, default: "light"
        How it looks.
    wording : Wording, default: ENGLISH
        The words, drawn and said.
    order, limit, only
        As in `plot_autopsy`; the titles then say how many are shown of how many.
    group_by : "layer", callable, mapping or None, default: "layer"
        As in `plot_layers`. None leaves out the bars.
    progress : bool, default: False
        Whether to show a progress bar; needs tqdm.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong; nothing is written then.
    ImportError
        If *progress* is asked for, and tqdm is not installed.

    Examples
    --------
    >>> import io
    >>> from dead_neuron_autopsy import save_autopsy_pages
    >>> pdf = io.BytesIO()
    >>> save_autopsy_pages(pdf, {"L1·N1": [0.0], "L1·N2": [0.3]}, per_page=1)
    >>> pdf.getvalue().count(b"/Type /Page ") > 3  # each once more, with its tags
    True
    """
    bar = _progress_bar() if progress else None
    look = checked_look(title, style, wording)
    sheet = _sheet(
        look,
        checked_length("width", width, _LEAST_PAGE),
        checked_length("height", height, _LEAST_PAGE),
        per_page,
    )
    autopsy = diagnosed(
        neurons, dead_threshold, ids=ids, neuron_axis=neuron_axis, nan_policy=nan_policy
    )
    groups = None if group_by is None else Groups(autopsy, group_by).all
    selection = selected(autopsy, order, limit, only)
    n_shown = len(selection.shown)
    starts: Iterable[int] = range(0, max(n_shown, 1), sheet.per_page)
    pages = _pages(sheet, selection, groups, starts if bar is None else bar(starts))
    save_document(fname, pages, look.wording.alt_text(autopsy, look.title, n_shown))


#: Of a page, in points: one card and its margins.
_LEAST_PAGE = 2 * _layout.MARGIN + _layout.CARD_WIDTH


def _sheet(look: Look, width: float, height: float, per_page: int | None) -> _Sheet:
    if per_page is None:
        nrows, ncols = page_of_cards(width, height)
        per_page = nrows * ncols
    else:
        per_page = checked_count("per_page", per_page)
        ncols = largest_cards(Cards((per_page,)), width, height)
        nrows = _layout.rows_for(per_page, ncols)
    return _Sheet(look, width, height, per_page, nrows, ncols)


def _pages(
    sheet: _Sheet,
    selection: Selection,
    groups: Sequence[Group] | None,
    starts: Iterable[int],
) -> Iterator[Page]:
    """Yield each page as it is made.

    All are drawn in one Axes: figures would wait for the garbage collector.
    """
    fig = sheet.new_figure()
    host = host_axes(fig)
    for panel, bookmark in _panels(sheet, selection, groups, starts):
        panel.attach(host)
        yield Page(fig, bookmark)
        panel.remove()


def _panels(
    sheet: _Sheet,
    selection: Selection,
    groups: Sequence[Group] | None,
    starts: Iterable[int],
) -> Iterator[tuple[AnyPanel, str]]:
    """Yield what is on each page, with what leads there."""
    if groups is not None:
        yield from _overviews(sheet, selection, groups)
    for start in starts:
        yield _cards_from(sheet, selection, start)


def _overviews(
    sheet: _Sheet, selection: Selection, groups: Sequence[Group]
) -> Iterator[tuple[LayerBars, str]]:
    """Yield a bar a layer, on as many pages as it takes to give each its words."""
    words = LayerWords(groups, sheet.look)
    places = _places_of_bars(sheet, selection, words)
    for first in range(0, max(len(groups), 1), places.n_bars):
        page, look = sheet.look.wording.overview, sheet.look
        if len(groups) > places.n_bars:
            page, look = _range_of_layers(look, first, places.n_bars, len(groups))
        bars = LayerBars(
            selection.autopsy,
            words,
            look,
            n_shown=len(selection.shown),
            places=places,
            margin=_layout.MARGIN,
            first=first,
        )
        yield bars, page


def _places_of_bars(sheet: _Sheet, selection: Selection, words: LayerWords) -> BarPlaces:
    """Return the same places for all pages, under the longest of their titles."""
    n_layers = len(words.groups)
    _, look = _range_of_layers(sheet.look, n_layers - 1, 1, n_layers)
    inside = sheet.width - 2 * _layout.MARGIN
    header = header_layout(selection.autopsy, len(selection.shown), look, inside)
    return bars_on_pages(n_layers, words.widths, sheet.width, sheet.height, header.height)


def _range_of_layers(look: Look, first: int, count: int, n_layers: int) -> tuple[str, Look]:
    """Return what a page of some of the layers is called, and its look with its title."""
    wording = look.wording
    layers = wording.range_words(first + 1, min(first + count, n_layers), n_layers)
    page = wording.page_name(wording.overview, layers, n_layers, n_layers)
    title = wording.page_name(look.title, page, n_layers, n_layers)
    return page, look._replace(title=title)


def _cards_from(sheet: _Sheet, selection: Selection, start: int) -> tuple[AutopsyGrid, str]:
    n_shown, wording = len(selection.shown), sheet.look.wording
    end = min(start + sheet.per_page, n_shown)
    here = selection.shown.take(range(start, end))
    refuse_changes(here)
    cards = wording.range_words(min(start + 1, end), end, n_shown)
    title = wording.page_name(sheet.look.title, cards, n_shown, len(selection.autopsy))
    grid = AutopsyGrid(
        Selection(here, here, ()),
        sheet.look._replace(title=title),
        nrows=sheet.nrows,
        ncols=sheet.ncols,
        margin=_layout.MARGIN,
    )
    return grid, wording.bookmark_words(cards, here.ids)


def _progress_bar() -> Callable[[Iterable[int]], Iterable[int]]:
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError(
            "progress=True needs tqdm: pip install 'dead-neuron-autopsy[progress]'."
        ) from error
    return partial(tqdm, unit="page")
