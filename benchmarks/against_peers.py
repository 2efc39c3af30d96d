"""Time `plot_autopsy` against a loop over subplots and against a blank canvas.

Every time is the median of several runs of building a figure and saving it to memory.
The contenders take turns, so that what else the machine does hits all of them. Each
saves with its own defaults: `plot_autopsy` packs a PNG faster and less tightly than
Matplotlib, which the loop and the blank canvas leave to Matplotlib.
Run it as a file: ``python benchmarks/against_peers.py --cards 100 400 --formats png``.
With ``--peers`` it times other libraries instead: pandas, seaborn, plotly, great_tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import matplotlib as mpl
import peers
from common import (
    FORMATS,
    Build,
    annotated,
    blank_canvas,
    histories,
    in_turn,
    machine,
    positive,
    saved,
    table_line,
    versions,
)
from common import table_head as head_of
from subplots_loop import subplots_loop

CARDS = [100, 400, 1024, 4096]
REPEATS = 5
MOST_CARDS_OF_THE_LOOP = 400


class Row(NamedTuple):
    """Median seconds of each contender; None where it was not run."""

    file_format: str
    n_cards: int
    loop: float | None
    ours: float
    blank: float


def measured(file_format: str, n_cards: int, repeats: int) -> Row:
    """Let the contenders take turns."""
    neurons = histories(n_cards)
    contenders: dict[str, Build] = {"ours": annotated, "blank": blank_canvas}
    if n_cards <= MOST_CARDS_OF_THE_LOOP:
        contenders = {"loop": subplots_loop} | contenders
    works = {
        name: partial(saved, build, neurons, file_format) for name, build in contenders.items()
    }
    medians = {name: one.seconds for name, one in in_turn(works, repeats).items()}
    return Row(file_format, n_cards, medians.get("loop"), medians["ours"], medians["blank"])


def warm_up(formats: Sequence[str]) -> None:
    """Load fonts and backends, which is nobody's cost."""
    for file_format in formats:
        for build in (subplots_loop, annotated, blank_canvas):
            saved(build, histories(4), file_format)


def table_head() -> str:
    """Return the first two lines of the table."""
    names = ["format", "cards", "subplots loop", "plot_autopsy", "blank canvas"]
    return head_of([*names, "loop / ours", "ours / blank"])


def table_row(row: Row) -> str:
    """Return a line of the table; times in seconds."""
    cells = [
        row.file_format,
        str(row.n_cards),
        "-" if row.loop is None else f"{row.loop:.3f}",
        f"{row.ours:.3f}",
        f"{row.blank:.3f}",
        "-" if row.loop is None else f"{row.loop / row.ours:.1f}",
        f"{row.ours / row.blank:.2f}",
    ]
    return table_line(cells)


def growth(rows: Sequence[Row]) -> list[str]:
    """Return what four times the cards cost, for each format that was run with both."""
    times = {(row.file_format, row.n_cards): row.ours for row in rows}
    formats = dict.fromkeys(row.file_format for row in rows)
    return [
        f"{name}: 4096 cards take {times[name, 4096] / times[name, 1024]:.2f} times "
        "the time of 1024"
        for name in formats
        if (name, 4096) in times and (name, 1024) in times
    ]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Time plot_autopsy against its peers.")
    parser.add_argument("--cards", nargs="+", type=positive)
    parser.add_argument("--formats", nargs="+", choices=FORMATS)
    parser.add_argument("--repeats", type=positive, default=REPEATS)
    parser.add_argument(
        "--peers",
        nargs="*",
        choices=peers.PEERS,
        metavar="PEER",
        help=f"other libraries in place of the loop: {', '.join(peers.PEERS)} (all)",
    )
    options = parser.parse_args()
    if options.peers is not None and options.formats is not None:
        parser.error("--formats: goes with the loop; each peer has a format of its own")
    return options


def against_the_loop(formats: Sequence[str], cards: Sequence[int], repeats: int) -> None:
    """Print a line for each format and number of cards as soon as it is known."""
    warm_up(formats)
    print(table_head(), flush=True)
    rows = []
    for file_format in formats:
        for n_cards in cards:
            rows.append(measured(file_format, n_cards, repeats))
            print(table_row(rows[-1]), flush=True)
    for line in growth(rows):
        print(f"\n{line}")


def main() -> None:
    """Measure what was asked for."""
    mpl.use("Agg")
    options = arguments()
    print(f"{versions()}; median of {options.repeats}\n\n{machine()}\n", flush=True)
    if options.peers is None:
        formats, cards = options.formats or FORMATS, options.cards or CARDS
        against_the_loop(formats, cards, options.repeats)
    else:
        warm_up(["png", "svg"])
        names, cards = options.peers or list(peers.PEERS), options.cards or peers.CARDS
        peers.report(names, cards, options.repeats)


if __name__ == "__main__":
    main()
