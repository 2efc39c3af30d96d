"""Time thousands of cards with everything on them, in every format, and weigh the files.

The numbers of cards take turns, so that what else the machine does hits all of them. PNG
is set against a blank canvas of the same size, which it cannot be cheaper than; in SVG and
PDF a blank canvas is nothing. Run it as a file: ``python benchmarks/whole_layers.py``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import matplotlib as mpl
from common import (
    FORMATS,
    Measured,
    Work,
    annotated,
    blank_canvas,
    histories,
    in_turn,
    machine,
    positive,
    saved,
    table_head,
    table_line,
    versions,
)

CARDS = [4096, 16384]
REPEATS = 3

HEAD = [
    "format",
    "cards",
    "seconds",
    "file, MB",
    "blank canvas, s",
    "ours / blank",
    "times the cards",
    "times the seconds",
]


class Row(NamedTuple):
    """What as many cards took, and a blank canvas of their size."""

    file_format: str
    n_cards: int
    ours: Measured
    blank: Measured | None


def measured(file_format: str, cards: Sequence[int], repeats: int) -> list[Row]:
    """Let the numbers of cards take turns, and their canvases."""
    works: dict[str, Work] = {}
    for n_cards in cards:
        neurons = histories(n_cards)
        works[f"ours {n_cards}"] = partial(saved, annotated, neurons, file_format)
        if file_format == "png":
            works[f"blank {n_cards}"] = partial(saved, blank_canvas, neurons, file_format)
    taken = in_turn(works, repeats)
    return [
        Row(file_format, n_cards, taken[f"ours {n_cards}"], taken.get(f"blank {n_cards}"))
        for n_cards in cards
    ]


def table_rows(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a format, each but the first as a multiple of the one before."""
    return [
        table_line([*_own_cells(row), *_growth_cells(row, before)])
        for row, before in zip(rows, [None, *rows], strict=False)
    ]


def _own_cells(row: Row) -> list[str]:
    seconds = row.ours.seconds
    return [
        row.file_format,
        f"{row.n_cards:,}",
        f"{seconds:.3f}",
        f"{row.ours.result / 1e6:.2f}",
        "-" if row.blank is None else f"{row.blank.seconds:.3f}",
        "-" if row.blank is None else f"{seconds / row.blank.seconds:.2f}",
    ]


def _growth_cells(row: Row, before: Row | None) -> list[str]:
    if before is None:
        return ["-", "-"]
    return [
        f"{row.n_cards / before.n_cards:.2f}",
        f"{row.ours.seconds / before.ours.seconds:.2f}",
    ]


def warm_up(formats: Sequence[str]) -> None:
    """Load fonts and backends, which is nobody's cost."""
    for file_format in formats:
        for build in (annotated, blank_canvas):
            saved(build, histories(4), file_format)


def main() -> None:
    """Measure, and print a table."""
    mpl.use("Agg")
    parser = argparse.ArgumentParser(description="Time whole layers of cards.")
    parser.add_argument("--cards", nargs="+", type=positive, default=CARDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--repeats", type=positive, default=REPEATS)
    options = parser.parse_args()
    warm_up(options.formats)
    print(f"{versions()}; median of {options.repeats}\n\n{machine()}\n")
    print(table_head(HEAD), flush=True)
    for file_format in options.formats:
        for row in table_rows(measured(file_format, options.cards, options.repeats)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
