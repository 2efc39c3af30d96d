"""SVG: parts drawn card by card, each card with the words that a screen reader says.

A collection draws all its elements at once, but in SVG the elements of one card belong
together. So each collection draws onto a recorder, and we then replay the operations card
by card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.collections import Collection

from .._words.description import AltText
from .._words.notation import clean
from .cells import SpokenList
from .elements import only, original_of
from .labels import Labels
from .svg_motion import SvgMotion
from .svg_text import RepeatedText

if TYPE_CHECKING:  # figures that are never saved as SVG do without its backend
    from matplotlib.backends.backend_svg import XMLWriter

Operation = Callable[[], None]


class SvgTooltip(NamedTuple):
    """What a browser shows beside the pointer while it is on a cell."""

    words: str
    box: tuple[float, float, float, float]  # left, bottom, width, height


def svg_writer(renderer: RendererBase) -> XMLWriter | None:
    """Return the writer of an SVG renderer; None for any other renderer."""
    writer: XMLWriter | None = getattr(renderer, "writer", None)
    names = ("start", "end", "element")
    is_known = all(callable(getattr(writer, name, None)) for name in names)
    return writer if is_known else None


def draw_with_roles(
    renderer: RendererBase,
    writer: XMLWriter,
    *,
    alt: AltText,
    prefix: str,
    above: Sequence[Artist],
    headings: Sequence[Artist],
    parts: Sequence[tuple[Artist, bool]],
    n_cards: int,
    lists: Sequence[SpokenList],
    tooltips: Sequence[SvgTooltip],
    motion: SvgMotion | None = None,
) -> None:
    """Draw what is above the cards, then card by card, list by list."""
    # Screen readers do not read the description of a figure that can be walked through, so
    # the verdict stands on a heading, and the findings on an image. What is *above* and the
    # *headings* are drawn inside these, hidden, because their words say the same. Each of
    # the *parts* comes with whether it belongs to the card's picture, whose label is read
    # out; the other parts are hidden, since the label says their words. All ids begin with
    # *prefix*.
    text = RepeatedText(renderer, writer, prefix)
    recorded = [
        (is_picture, _card_by_card(part, n_cards, renderer, text.draw_text))
        for part, is_picture in parts
    ]
    if motion is not None:
        kinds = [motion.kinds.get(original_of(part), "other") for part, _ in parts]
        recorded = [
            (is_picture, _in_class(writer, f"{prefix}-{kind}", of))
            for kind, (is_picture, of) in zip(kinds, recorded, strict=True)
        ]

    # What takes the pointer for a tooltip would take it from links, and from text to select.
    has_links = any(any(getattr(part, "get_urls", list)() or []) for part, _ in parts)
    has_tooltips = mpl.rcParams["svg.fonttype"] == "path" and not has_links

    def share(place: int) -> list[tuple[bool, Sequence[Operation]]]:
        shares: list[tuple[bool, Sequence[Operation]]]
        shares = [(is_picture, of[place]) for is_picture, of in recorded]
        if has_tooltips and shares:
            # In the group of what is drawn last, most often an image: readers do not enter it.
            tell = partial(_draw_tooltip, writer, tooltips[place], renderer)
            shares.append((shares[-1][0], [tell]))
        return shares

    with figure_element(writer, alt, prefix):
        if motion is not None:
            writer.element("style", motion.css(prefix))
        verdict = {"role": "heading", "aria_level": "2", "aria_label": alt.summary}
        with element(writer, **verdict), element(writer, aria_hidden="true"):
            for part in above:
                part.draw(renderer)
        with element(writer, role="img", aria_label=alt.description):
            for part in headings:
                part.draw(renderer)
        _draw_lists(writer, lists, share, motion)


def _draw_lists(
    writer: XMLWriter,
    lists: Sequence[SpokenList],
    share: Callable[[int], list[tuple[bool, Sequence[Operation]]]],
    motion: SvgMotion | None,
) -> None:
    """Draw the cards, one list after another."""
    for words, is_section, items in lists:
        group: AbstractContextManager[None] = nullcontext()
        if words is not None and is_section:
            with element(writer, role="heading", aria_level="3", aria_label=words):
                pass
        elif words is not None:
            group = element(writer, role="group", aria_label=words)
        with group, element(writer, role="list"):
            for label, places, attributes in items:
                delay = {} if motion is None else motion.delay_of(places[0])
                with element(writer, role="listitem", **attributes, **delay):
                    if len(places) == 1:
                        _draw_card(writer, share(places[0]), label)
                    else:
                        with element(writer, role="img", aria_label=label):
                            _draw_cards(writer, map(share, places))


def _in_class(
    writer: XMLWriter, name: str, of: Sequence[Sequence[Operation]]
) -> list[list[Operation]]:
    """Return operations that draw each card's share inside a group of a class."""

    def draw(operations: Sequence[Operation]) -> None:
        with element(writer, **{"class": name}):
            for operation in operations:
                operation()

    return [[partial(draw, operations)] if operations else [] for operations in of]


def _draw_tooltip(writer: XMLWriter, tooltip: SvgTooltip, renderer: RendererBase) -> None:
    """Write an invisible rectangle over a card, whose title browsers show to the pointer."""
    x, y, width, height = tooltip.box
    below = renderer.get_canvas_width_height()[1] - y - height
    numbers = zip(("x", "y", "width", "height"), (x, below, width, height), strict=True)
    box = {name: f"{number:.2f}" for name, number in numbers}
    hidden = {"fill": "none", "pointer_events": "all", "aria_hidden": "true"}
    with element(writer, "rect", **box, **hidden):
        writer.element("title", "\n".join(map(clean, tooltip.words.split("\n"))))


def _draw_card(
    writer: XMLWriter, shares: Sequence[tuple[bool, Sequence[Operation]]], label: str
) -> None:
    """Draw a card: its picture with a label, everything else hidden."""
    picture = {"role": "img", "aria_label": label}
    is_said = False
    for is_picture, parts in groupby(shares, key=itemgetter(0)):
        # A part that the caller has moved up may split the picture: say it once.
        says = is_picture and not is_said
        with element(writer, **(picture if says else {"aria_hidden": "true"})):
            for _, operations in parts:
                for operation in operations:
                    operation()
        is_said = is_said or says
    if not is_said:
        with element(writer, **picture):
            pass


def _draw_cards(
    writer: XMLWriter, cards: Iterable[Sequence[tuple[bool, Sequence[Operation]]]]
) -> None:
    """Draw cards that one label stands for."""
    for shares in cards:
        with element(writer):
            for _, operations in shares:
                for operation in operations:
                    operation()


def _card_by_card(
    part: Artist, n_cards: int, renderer: RendererBase, draw_text: Callable[..., None]
) -> list[list[Operation]]:
    """Return the operations that draw each card's share of a part."""

    def recorded(artist: Artist) -> list[Operation]:
        recorder = Recorder(renderer, draw_text)
        artist.draw(recorder)
        return recorder.operations

    operations = recorded(part)
    if isinstance(part, Labels):  # of which a card may have none, or several
        shares: list[list[Operation]] = [[] for _ in range(n_cards)]
        for owner, operation in zip(part.owners, operations, strict=bool(operations)):
            shares[owner].append(operation)
        return shares
    # A part draws its elements in one or more passes, each with one operation per card.
    # Path effects draw each element several times, and elements without a place are
    # skipped: then we record each card alone.
    in_passes = not part.get_path_effects() and len(operations) % max(n_cards, 1) == 0
    if in_passes or not isinstance(part, Collection):
        return [operations[place::n_cards] for place in range(n_cards)]
    return [recorded(only(part, place)) for place in range(n_cards)]


@contextmanager
def element(writer: XMLWriter, tag: str = "g", **attributes: str) -> Iterator[None]:
    """Write an element around everything drawn inside the context."""
    # Underscores in attribute names become hyphens: ``aria_label="..."``.
    hyphened = {name.replace("_", "-"): clean(text) for name, text in attributes.items()}
    writer.start(tag, attrib=hyphened)
    yield
    # No try/finally: after an error, inner elements are still open, and the writer's own
    # error would hide the one that matters.
    writer.end(tag)


@contextmanager
def figure_element(writer: XMLWriter, alt: AltText, prefix: str) -> Iterator[None]:
    """Write a group with the role of a figure, its name and its description."""
    # The role is never "img": screen readers treat an image as a leaf and do not enter it.
    title_id, description_id = f"{prefix}-title", f"{prefix}-desc"
    with element(
        writer,
        role="figure",
        lang=alt.language,
        aria_labelledby=title_id,
        aria_describedby=description_id,
    ):
        writer.element("title", clean(alt.title), attrib={"id": title_id})
        writer.element("desc", clean(alt.summary), attrib={"id": description_id})
        yield


class Recorder(RendererBase):
    """Records what an artist draws, one operation per element, for drawing later.

    *draw_text* draws strings in place of the renderer's own method.
    """

    def __init__(self, renderer: RendererBase, draw_text: Callable[..., None]) -> None:
        super().__init__()
        self._renderer = renderer
        self._draw_text = draw_text
        self.operations: list[Operation] = []
        # Whatever an artist asks before it draws, the target answers.
        for name in ("new_gc", "get_canvas_width_height", "flipy", "points_to_pixels"):
            setattr(self, name, getattr(renderer, name))

    def draw_path(self, gc: GraphicsContextBase, *args: Any, **kwargs: Any) -> None:
        """Record a path."""
        self._record(self._renderer.draw_path, gc, *args, **kwargs)

    def draw_text(self, gc: GraphicsContextBase, *args: Any, **kwargs: Any) -> None:
        """Record a string."""
        self._record(self._draw_text, gc, *args, **kwargs)

    def _record(
        self, draw: Callable[..., None], gc: GraphicsContextBase, *args: Any, **kwargs: Any
    ) -> None:
        kept = self._renderer.new_gc()  # artists change and restore their own
        kept.copy_properties(gc)
        self.operations.append(partial(draw, kept, *args, **kwargs))
