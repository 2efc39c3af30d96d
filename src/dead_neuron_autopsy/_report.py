"""`save_autopsy_pages`: save a whole population as a PDF, one page at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import IO, NamedTuple, SupportsIndex, TypeAlias

from ._drawing.bars import LayerBars, LayerWords
from ._drawing.elements import plain
from ._drawing.grid import AutopsyGrid, PageOfCards
from ._drawing.parts import Appearance, header_layout
from ._drawing.style import Style
from ._layout import places as _layout
from ._layout.sizes import (
    BarPlaces,
    Cards,
    bars_on_pages,
    checked_length,
    largest_cards,
    page_of_cards,
)
from ._output.figure import AutopsyFigure
from ._output.saving import Page, checked_target, save_document
from ._plot import checked_appearance, figure_options, host_axes
from ._verdict.autopsy import (
    DEFAULT_THRESHOLD,
    NanPolicy,
    Number,
    State,
    diagnosed,
    refuse_changes,
)
from ._verdict.groups import GroupBy, GroupCounts, Groups
from ._verdict.selection import Order, Selection, checked_count, selected
from ._words import phrases
from ._words.languages import ENGLISH
from ._words.wording import Wording, figure_name

AnyPanel: TypeAlias = AutopsyGrid | LayerBars

#: Makes the content of one page and the text of its bookmark.
_Maker: TypeAlias = Callable[[], tuple[AnyPanel, str]]

#: A4, in inches.
_PAGE_WIDTH, _PAGE_HEIGHT = 8.27, 11.69


class _Sheet(NamedTuple):
    """Settings that all pages share; lengths in points."""

    look: Appearance
    width: float
    height: float
    per_page: int
    nrows: int
    ncols: int

    def new_figure(self) -> AutopsyFigure:
        """Return an empty page that no window shows."""
        figure = AutopsyFigure(**figure_options(self.width, self.height, self.look))
        plain(figure.patch)
        return figure


def save_autopsy_pages(
    fname: str | os.PathLike[str] | IO[bytes],
    neurons: object,
    dead_threshold: Number = DEFAULT_THRESHOLD,
    *,
    per_page: SupportsIndex | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: SupportsIndex | None = None,
    nan_policy: NanPolicy | None = None,
    width: Number = _PAGE_WIDTH,
    height: Number = _PAGE_HEIGHT,
    title: str | None = None,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    only: State | None = None,
    group_by: GroupBy | None = "layer",
    progress: bool = False,
) -> None:
    """Decide which neurons are dead and save each as a card in a PDF of many pages.

    The first page has one bar per layer, as drawn by `plot_layers`; if there are many
    layers, the first few pages do. The pages of cards that follow share one layout, name
    their range of cards in the title and have a bookmark each. Only one page is in memory
    at a time.

    Parameters
    ----------
    fname : str, path-like or binary file-like
        Where to save the PDF. It is written once all pages are finished, so an existing
        file is not lost if something goes wrong.
    neurons : iterable, mapping, DataFrame, array or Autopsy
        As in `plot_autopsy`.
    dead_threshold : float, default: 1e-6
        A neuron is dead when max(\\|activation\\|) is below it.
    per_page : int, optional
        Number of cards per page; they are as large as fits. Default: as many as fit at a
        width of 1.25 in.
    ids, neuron_axis, nan_policy
        As in `diagnose`. Leave them out with an `Autopsy`, which was made with its own.
    width, height : float, default: 8.27, 11.69
        Size of a page in inches. The default is A4.
    title : str, optional
        Beginning of each page's title. Default: the wording's title.
    style : {"light", "dark", "print"} or Style, default: "light"
        The look: a named style, or one of your own.
    wording : Wording, default: ENGLISH
        The words drawn and those of the alt text.
    order, limit, only
        As in `plot_autopsy`; the headers then say how many neurons are shown out of how
        many.
    group_by : "layer", callable, mapping or None, default: "layer"
        As in `plot_layers`. None leaves out the pages of bars.
    progress : bool, default: False
        Whether to show a progress bar; requires tqdm.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid. Nothing is written then.
    ImportError
        If *progress* is True and tqdm is not installed.

    Examples
    --------
    >>> import io
    >>> from dead_neuron_autopsy import save_autopsy_pages
    >>> pdf = io.BytesIO()
    >>> save_autopsy_pages(pdf, {"L1·N1": [0.0], "L1·N2": [0.3]}, per_page=1)
    >>> pdf.getvalue().count(b"/Type /Page ") > 3  # each once more, with its tags
    True
    """
    checked_target(fname)
    bar = _progress_bar() if progress else None
    look = checked_appearance(title, style, wording)
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
    if autopsy is neurons:
        refuse_changes(selection.shown)
    n_shown = len(selection.shown)
    makers: Iterable[_Maker] = _makers(sheet, selection, groups)
    pages = _pages(sheet, makers if bar is None else bar(makers))
    save_document(fname, pages, look.wording.alt_text(autopsy, look.title, n_shown))


#: Smallest side of a page, in points: one card and its margins.
_LEAST_PAGE = 2 * _layout.MARGIN + _layout.CARD_WIDTH


def _sheet(
    look: Appearance, width: float, height: float, per_page: SupportsIndex | None
) -> _Sheet:
    if per_page is None:
        nrows, ncols = page_of_cards(width, height)
        per_page = nrows * ncols
    else:
        per_page = checked_count("per_page", per_page)
        ncols = largest_cards(Cards((per_page,)), width, height)
        nrows = _layout.rows_for(per_page, ncols)
    return _Sheet(look, width, height, per_page, nrows, ncols)


def _pages(sheet: _Sheet, makers: Iterable[_Maker]) -> Iterator[Page]:
    """Yield each page as it is made.

    All pages reuse one figure and one Axes: separate figures would pile up in memory until
    the garbage collector runs.
    """
    fig = sheet.new_figure()
    host = host_axes(fig)
    for make in makers:
        panel, bookmark = make()
        panel.attach(host, background="none")
        yield Page(fig, bookmark)
        panel.remove()


def _makers(
    sheet: _Sheet, selection: Selection, groups: Sequence[GroupCounts] | None
) -> list[_Maker]:
    """Return the makers of all pages: first the bars, then the cards."""
    overviews = [] if groups is None else _overviews(sheet, selection, groups)
    starts = range(0, max(len(selection.shown), 1), sheet.per_page)
    page = _page_of_cards(sheet, selection, starts)
    return [
        *overviews,
        *(partial(_cards_from, sheet, selection, page, start) for start in starts),
    ]


def _overviews(
    sheet: _Sheet, selection: Selection, groups: Sequence[GroupCounts]
) -> list[_Maker]:
    """Return makers for as many pages of bars as it takes to show all words."""
    words = LayerWords(groups, sheet.look)
    places = _places_of_bars(sheet, selection, words)
    firsts = range(0, max(len(groups), 1), places.n_bars)
    return [partial(_bars_from, sheet, selection, words, places, one) for one in firsts]


def _bars_from(
    sheet: _Sheet, selection: Selection, words: LayerWords, places: BarPlaces, first: int
) -> tuple[LayerBars, str]:
    page, look = sheet.look.wording.overview, sheet.look
    if len(words.groups) > places.n_bars:
        page, look = _range_of_layers(look, first, places.n_bars, len(words.groups))
    bars = LayerBars(
        selection.autopsy,
        words,
        look,
        n_shown=len(selection.shown),
        places=places,
        margin=_layout.MARGIN,
        first=first,
    )
    return bars, page


def _places_of_bars(sheet: _Sheet, selection: Selection, words: LayerWords) -> BarPlaces:
    """Return one grid of bars that fits all pages, even under the longest title.

    If all bars fit on one page, its title is shorter, as it names no range.
    """
    n_layers, inside = len(words.groups), sheet.width - 2 * _layout.MARGIN

    def places_under(look: Appearance) -> BarPlaces:
        header = header_layout(selection.autopsy, len(selection.shown), look, inside)
        size = sheet.width, sheet.height, header.height
        return bars_on_pages(n_layers, words.widths, *size)

    on_one = places_under(sheet.look)
    if n_layers <= on_one.n_bars:
        return on_one
    _, with_range = _range_of_layers(sheet.look, n_layers - 1, 1, n_layers)
    return min(on_one, places_under(with_range), key=lambda places: places.n_bars)


def _range_of_layers(
    look: Appearance, first: int, count: int, n_layers: int
) -> tuple[str, Appearance]:
    """Return the name of a page with some of the layers, and a look titled with it."""
    wording = look.wording
    layers = phrases.page_range(wording, first + 1, min(first + count, n_layers), n_layers)
    page = phrases.page_title(wording, wording.overview, layers)
    title = phrases.page_title(wording, look.title, page)
    return page, look._replace(title=title)


def _cards_from(
    sheet: _Sheet, selection: Selection, page: PageOfCards, start: int
) -> tuple[AutopsyGrid, str]:
    cards = _range_words(sheet, selection, start)
    here = selection.shown.take(_positions(sheet, selection, start))
    grid = AutopsyGrid(
        Selection(selection.autopsy, here),
        _look_of(sheet, cards),
        ncols=sheet.ncols,
        margin=_layout.MARGIN,
        page=page,
    )
    wording = sheet.look.wording
    bookmark = phrases.bookmark(wording, cards, here)
    return grid, bookmark or figure_name(wording, sheet.look.title)


def _page_of_cards(
    sheet: _Sheet, selection: Selection, starts: Iterable[int]
) -> PageOfCards:
    """Return the layout that all pages of cards share, with room for any header."""
    width = sheet.width - 2 * _layout.MARGIN
    headers = (
        header_layout(
            selection.autopsy,
            len(_positions(sheet, selection, start)),
            _look_of(sheet, _range_words(sheet, selection, start)),
            width,
        )
        for start in starts
    )
    return PageOfCards(sheet.nrows, max(header.height for header in headers))


def _positions(sheet: _Sheet, selection: Selection, start: int) -> range:
    """Return the positions of the neurons on the page that begins at *start*."""
    return range(start, min(start + sheet.per_page, len(selection.shown)))


def _range_words(sheet: _Sheet, selection: Selection, start: int) -> str:
    """Return the range of cards on a page, in words; "" if there are none."""
    positions = _positions(sheet, selection, start)
    if not positions:
        return ""
    n_shown = len(selection.shown)
    return phrases.page_range(sheet.look.wording, start + 1, positions.stop, n_shown)


def _look_of(sheet: _Sheet, cards: str) -> Appearance:
    title = phrases.page_title(sheet.look.wording, sheet.look.title, cards)
    return sheet.look._replace(title=title)


def _progress_bar() -> Callable[[Iterable[_Maker]], Iterable[_Maker]]:
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError(
            "progress=True needs tqdm: pip install 'dead-neuron-autopsy[progress]'."
        ) from error
    return partial(tqdm, unit="page")
