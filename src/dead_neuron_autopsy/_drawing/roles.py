"""Draw parts card by card in SVG, each card with the words that a screen reader says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import Collection

from .._words.wording import AltText
from .elements import only
from .svg import (
    Operation,
    Recorder,
    RepeatedText,
    SvgWriter,
    element,
    figure_element,
)

#: The operations that draw each card's share of a part.
OfCards: TypeAlias = Sequence[Sequence[Operation]]


class SpokenList(NamedTuple):
    """Cards that are read as one list.

    Attributes
    ----------
    words : str or None
        What is said of their group; None if they are in none.
    places : list of int
        Their places among the cards drawn.
    """

    words: str | None
    places: list[int]


class PartsOfCards(NamedTuple):
    """A part to draw card by card, and whether it belongs to the card's picture.

    A screen reader says the picture's label. The other parts are hidden from it, as the
    label has their words already.
    """

    part: Artist
    is_picture: bool


def draw_with_roles(
    renderer: RendererBase,
    writer: SvgWriter,
    *,
    alt: AltText,
    prefix: str,
    above: Sequence[Artist],
    parts: Sequence[PartsOfCards],
    cards: Sequence[int],
    lists: Sequence[SpokenList],
    said: Callable[[int], tuple[str, dict[str, str]]],
) -> None:
    """Draw what is above the cards, then card by card.

    Parameters
    ----------
    renderer, writer : RendererBase, SvgWriter
        An SVG renderer and its writer.
    alt : AltText
        The name and the description of the whole.
    prefix : str
        Begins all ids.
    above : sequence of Artist
        What is hidden from screen readers: the description says it.
    parts : sequence of PartsOfCards
        The parts of the cards, in drawing order.
    cards : sequence of int
        The cards drawn, as positions among all cards.
    lists : sequence of SpokenList
        How they are divided into lists.
    said : callable
        Takes a card, and returns its label and the attributes of its element.
    """
    text = RepeatedText(renderer, writer, prefix)
    recorded = [
        (is_picture, _card_by_card(part, len(cards), renderer, text.draw_text))
        for part, is_picture in parts
    ]
    with figure_element(writer, alt, prefix):
        with element(writer, aria_hidden="true"):
            for part in above:
                part.draw(renderer)
        for words, places in lists:
            with (
                nullcontext()
                if words is None
                else element(writer, role="group", aria_label=words),
                element(writer, role="list"),
            ):
                for place in places:
                    _draw_card(writer, recorded, place, cards[place], said)


def _draw_card(
    writer: SvgWriter,
    recorded: Sequence[tuple[bool, OfCards]],
    place: int,
    index: int,
    said: Callable[[int], tuple[str, dict[str, str]]],
) -> None:
    """Draw a card: its picture with a label, everything else hidden."""
    words, attributes = said(index)
    unsaid: str | None = words
    with element(writer, role="listitem", **attributes):
        for is_picture, parts in groupby(recorded, key=itemgetter(0)):
            # A part that the caller has moved up may split the picture: say it once.
            label = unsaid if is_picture else None
            with _said(writer, label):
                for _, operations in parts:
                    for operation in operations[place]:
                        operation()
            unsaid = unsaid if label is None else None
        if unsaid is not None:
            with _said(writer, unsaid):
                pass


def _said(writer: SvgWriter, label: str | None) -> AbstractContextManager[None]:
    if label is None:
        return element(writer, aria_hidden="true")
    return element(writer, role="img", aria_label=label)


def _card_by_card(
    part: Artist, n_cards: int, renderer: RendererBase, draw_text: Callable[..., None]
) -> OfCards:
    """Return the operations that draw each card's share of a part."""

    def recorded(artist: Artist) -> list[Operation]:
        recorder = Recorder(renderer, draw_text)
        artist.draw(recorder)
        return recorder.operations

    operations = recorded(part)
    # A part draws its elements in one or more passes, each with one operation per card.
    # Path effects draw each element several times, and elements without a place are
    # skipped: then we record each card alone.
    in_passes = not part.get_path_effects() and len(operations) % max(n_cards, 1) == 0
    if in_passes or not isinstance(part, Collection):
        return [operations[place::n_cards] for place in range(n_cards)]
    return [recorded(only(part, place)) for place in range(n_cards)]
