"""`save_autopsy_pages`: save a whole population as a PDF, one page at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, Literal, NamedTuple, SupportsIndex, TypeAlias

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ._diagnose import NeuronAxis, diagnosed
from ._drawing.again import PageOfCards
from ._drawing.bars import LayerBars, LayerWords
from ._drawing.elements import plain
from ._drawing.grid import AutopsyGrid
from ._drawing.header import Appearance, HeaderWords, header_layout
from ._drawing.hosts import host_axes
from ._drawing.style import Style
from ._intake.foreign import Number, checked_count
from ._layout.bars import BarGrid, bar_grid
from ._layout.measures import CARD_WIDTH, MARGIN
from ._layout.sizes import checked_length, page_grid
from ._output.figure import AutopsyFigure, figure_options
from ._output.pdf_pages import checked_target, save_document
from ._verdict.autopsy import NanPolicy
from ._verdict.criteria import Criterion
from ._verdict.groups import GroupBy, Groups
from ._verdict.judging import Rule
from ._verdict.neuron import State
from ._verdict.selection import Order, Selection, selected
from ._words import phrases
from ._words.languages import ENGLISH
from ._words.wording import Wording

_PAGE_WIDTH, _PAGE_HEIGHT = 8.27, 11.69  # A4, in inches

#: The text of a page's bookmark, and what makes its panel.
_Page: TypeAlias = tuple[str, Callable[[], AutopsyGrid | LayerBars]]


def save_autopsy_pages(
    fname: str | os.PathLike[str] | IO[bytes],
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    per_page: SupportsIndex | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
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
    neurons, dead_threshold, criterion, window, steps
        As in `plot_autopsy`.
    per_page : int, optional
        Number of cards per page; they are as large as fits. Default: as many as fit at a
        width of 1.25 in.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    width, height : float, default: 8.27, 11.69
        Size of a page in inches. The default is A4.
    title : str, optional
        Beginning of each page's title. Default: the wording's title.
    style, wording, order, limit, only
        As in `plot_autopsy`.
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
    shown_as_made = _progress_bar() if progress else iter
    appearance = Appearance.checked(title, style, wording)
    least = 2 * MARGIN + CARD_WIDTH
    sheet = _Sheet(
        checked_length("width", width, least),
        checked_length("height", height, least),
        None if per_page is None else checked_count("per_page", per_page),
    )
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    autopsy = diagnosed(neurons, rule, nan_policy, ids=ids, neuron_axis=neuron_axis, reduce=reduce)
    layers = None if group_by is None else Groups(autopsy.ids, group_by)
    selection = selected(autopsy, order, limit, only)
    pages = _pages_of_cards(sheet, selection, appearance)
    if layers is not None:
        pages = _pages_of_bars(sheet, selection, layers, appearance) + pages
    drawn = _drawn(shown_as_made(pages), sheet, appearance.style)
    alt = wording.alt_text(autopsy, appearance.title, len(selection.shown))
    save_document(fname, drawn, alt)


def _progress_bar() -> Callable[[Iterable[_Page]], Iterable[_Page]]:
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError(
            "progress=True needs tqdm: pip install 'dead-neuron-autopsy[progress]'."
        ) from error
    return partial(tqdm, unit="page")


class _Sheet(NamedTuple):
    width: float  # of every page, in points
    height: float
    per_page: int | None  # as many cards as asked for


def _pages_of_cards(sheet: _Sheet, selection: Selection, appearance: Appearance) -> list[_Page]:
    """Return pages that share one layout, with room for the highest of their headers."""
    nrows, ncols = page_grid(*sheet)
    autopsy, wording, n_shown = selection.autopsy, appearance.wording, len(selection.shown)
    per_page, inside = sheet.per_page or nrows * ncols, sheet.width - 2 * MARGIN
    pages = list[_Page]()
    highest = 0.0

    def grid(start: int, titled: Appearance) -> AutopsyGrid:
        here = Selection.of(autopsy, selection.positions[start : start + per_page])
        page = PageOfCards(nrows, highest)  # the highest of all: pages are drawn later
        return AutopsyGrid(here, titled, ncols=ncols, page=page)

    for start in range(0, max(n_shown, 1), per_page):
        ids = selection.shown.ids[start : start + per_page].tolist()
        cards = phrases.page_range(wording, start + 1, start + len(ids), n_shown)
        title = phrases.page_title(wording, appearance.title, cards)
        titled = appearance._replace(title=title)
        words = HeaderWords.of(autopsy, len(ids), wording)
        highest = max(highest, header_layout(words, titled, inside).height)
        bookmark = phrases.bookmark(wording, appearance.title, cards, ids)
        pages.append((bookmark, partial(grid, start, titled)))
    return pages


def _pages_of_bars(
    sheet: _Sheet, selection: Selection, layers: Groups, appearance: Appearance
) -> list[_Page]:
    """Return as many pages of bars as it takes to show all words."""
    autopsy, wording = selection.autopsy, appearance.wording
    counts = layers.counts(autopsy.dead, autopsy.unknown)
    words = LayerWords.of(counts, autopsy.criterion, appearance)
    n_layers, n_shown = len(counts), len(selection.shown)

    def grid_under(titled: Appearance) -> BarGrid:
        said = HeaderWords.of(autopsy, n_shown, wording)
        header = header_layout(said, titled, sheet.width - 2 * MARGIN)
        size = sheet.width, sheet.height, header.height
        return bar_grid(n_layers, words.widths, *size, paged=True)

    def named(first: int, last: int) -> tuple[str, Appearance]:
        layers_here = phrases.page_range(wording, first, last, n_layers)
        name = phrases.page_title(wording, wording.overview, layers_here)
        title = phrases.page_title(wording, appearance.title, name)
        return name, appearance._replace(title=title)

    grid = grid_under(appearance)
    names = {0: (wording.overview, appearance)}
    if n_layers > grid.n_bars:  # titles name a range, and may take another line
        _, longest = named(n_layers, n_layers)
        grid = min(grid, grid_under(longest), key=lambda one: one.n_bars)
        starts = range(0, n_layers, grid.n_bars)
        names = {at: named(at + 1, min(at + grid.n_bars, n_layers)) for at in starts}
    bars = partial(LayerBars, autopsy, counts, words, n_shown=n_shown, grid=grid)
    return [
        (name, partial(bars, appearance=titled, first=first))
        for first, (name, titled) in names.items()
    ]


def _drawn(pages: Iterable[_Page], sheet: _Sheet, style: Style) -> Iterator[tuple[Figure, str]]:
    """Yield each page as it is made, and its bookmark."""
    # All pages reuse one figure and one Axes: separate figures would pile up in memory
    # until the garbage collector runs.
    figure = AutopsyFigure(**figure_options(sheet.width, sheet.height, style))
    plain(figure.patch)
    host = host_axes(figure)
    for bookmark, make in pages:
        panel = make()
        panel.attach(host, background="none", margin=MARGIN)
        yield figure, bookmark
        panel.remove()
