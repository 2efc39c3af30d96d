"""Time `plot_autopsy` against what other libraries draw of the same neurons.

Each peer draws the nearest to the cards that few lines of it give: a panel or a row for
each neuron, with its id, its peak, a range of its own, and another colour for the dead.
`plot_autopsy` is timed beside it, in turn: it saves PNG where the peer saves PNG, and SVG
where the peer writes HTML.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from typing import NamedTuple

from common import (
    Measured,
    Work,
    annotated,
    histories,
    in_turn,
    saved,
    table_head,
    table_line,
)
from subplots_loop import Histories

CARDS = [100, 400]

#: A peer that has run for so many seconds is not run again.
PATIENCE = 20.0

HEAD = [
    "peer",
    "file",
    "cards",
    "runs",
    "peer, s",
    "plot_autopsy, s",
    "peer / ours",
    "peer, kB",
    "plot_autopsy, kB",
]

Draw = Callable[[Histories], bytes]


class Peer(NamedTuple):
    """What draws the neurons, what it needs, and what it does not do."""

    module: str
    file_format: str
    needs: tuple[str, ...]
    lacks: str

    @property
    def draw(self) -> Draw:
        """What builds and saves the picture; it is imported when it is asked for."""
        draw: Draw = getattr(importlib.import_module(self.module), self.file_format)
        return draw


PEERS = {
    "pandas": Peer(
        "pandas_subplots",
        "png",
        ("pandas",),
        "`DataFrame.plot(subplots=True)`. It has no badge, no count of the dead and no alt "
        "text. The dead are told by colour alone, and what is dead has to be computed by "
        "hand. Each neuron is a Matplotlib Axes.",
    ),
    "seaborn": Peer(
        "seaborn_facets",
        "png",
        ("seaborn",),
        '`relplot(kind="line", col=...)`. It lacks what pandas lacks. It needs the '
        "activations in long form, and measures every panel twice to lay the figure out.",
    ),
    "plotly": Peer(
        "plotly_subplots",
        "html",
        ("plotly",),
        "`make_subplots`. It has no badge, no count of the dead and no alt text. The file "
        "holds numbers; a browser draws them at every opening, with plotly.js from the "
        "network (4.8 MB more if it is written into the file). It shows values under the "
        "mouse, which the cards do not.",
    ),
    "plotly-png": Peer(
        "plotly_subplots",
        "png",
        ("plotly", "kaleido"),
        "The same figure, by kaleido. It needs Chrome or Chromium, and starts it for each picture.",
    ),
    "great_tables": Peer(
        "nanoplot_table",
        "html",
        ("great_tables", "polars"),
        "`fmt_nanoplot`. It is a table: a neuron takes a row, not a card. It has no count "
        "of the dead. Its words do not say which neuron a line belongs to, the table does. "
        "It saves HTML; a picture needs a browser.",
    ),
}


class Row(NamedTuple):
    """What a peer and ours took for as many cards."""

    name: str
    n_cards: int
    peer: Measured
    ours: Measured


def missing(peer: Peer) -> list[str]:
    """Return the packages that a peer needs and that are not installed."""
    return [package for package in peer.needs if find_spec(package) is None]


def usable(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the peers that draw four neurons here, and why the others do not.

    Drawing loads fonts and libraries, which is nobody's cost.
    """
    found, skipped = [], []
    for name in names:
        problem = _problem(PEERS[name])
        if problem is None:
            found.append(name)
        else:
            skipped.append(f"{name}: skipped, {problem}")
    return found, skipped


def _problem(peer: Peer) -> str | None:
    if packages := missing(peer):
        return f"not installed: {', '.join(packages)}"
    try:
        peer.draw(histories(4))
    except Exception as problem:
        if "kaleido" not in peer.needs:
            raise
        # It has exceptions of its own for a browser that is not there or does not start.
        return f"kaleido does not work here ({type(problem).__name__})"
    return None


def measured(name: str, n_cards: int, repeats: int) -> Row:
    """Let a peer and ours take turns."""
    peer, neurons = PEERS[name], histories(n_cards)
    our_format = "png" if peer.file_format == "png" else "svg"
    works: dict[str, Work] = {
        "peer": partial(peer.draw, neurons),
        "ours": partial(saved, annotated, neurons, our_format),
    }
    measured = in_turn(works, repeats, PATIENCE)
    return Row(name, n_cards, measured["peer"], measured["ours"])


def table_row(row: Row) -> str:
    """Return a line of the table; sizes in thousands of bytes."""
    cells = [
        row.name,
        PEERS[row.name].file_format,
        str(row.n_cards),
        str(row.peer.n_runs),
        f"{row.peer.seconds:.3f}",
        f"{row.ours.seconds:.3f}",
        f"{row.peer.seconds / row.ours.seconds:.1f}",
        f"{len(row.peer.result) / 1000:,.0f}",
        f"{row.ours.result / 1000:,.0f}",
    ]
    return table_line(cells)


def peer_versions(names: Sequence[str]) -> str:
    """Return which packages the peers are."""
    packages = dict.fromkeys(package for name in names for package in PEERS[name].needs)
    return ", ".join(f"{package} {metadata.version(package)}" for package in packages)


def report(names: Sequence[str], cards: Sequence[int], repeats: int) -> None:
    """Print a line for each peer and number of cards as soon as it is known."""
    found, skipped = usable(names)
    for line in skipped:
        print(f"{line}\n", flush=True)
    if not found:
        return
    print(
        f"{peer_versions(found)}; median of the runs, at most {repeats}, and no more once "
        f"a contender has taken {PATIENCE:.0f} seconds\n"
    )
    print(table_head(HEAD, left=2), flush=True)
    for name in found:
        for n_cards in cards:
            print(table_row(measured(name, n_cards, repeats)), flush=True)
    for name in found:
        print(f"\n- {name}: {PEERS[name].lacks}")
