"""Say what saving thousands of cards spends its time on, as shares that add up.

A few functions of this package, of Matplotlib and of Pillow each belong to a share. While
one runs, the clock counts for its share; a function inside it that belongs to another
share takes the clock over until it returns. So the shares are seconds as they are without
a profiler, and their sum is the whole. With ``--functions 20`` the functions with the
most time of their own are listed too, by cProfile, which makes Python look slower than C.
Run it as a file: ``python benchmarks/profile_saving.py``.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from importlib import import_module
from inspect import isgeneratorfunction
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import matplotlib as mpl
from common import (
    FORMATS,
    annotated,
    histories,
    in_turn,
    machine,
    positive,
    saved,
    table_head,
    table_line,
    versions,
)
from matplotlib import pyplot as plt
from matplotlib.backends import backend_svg

N_CARDS = 4096
REPEATS = 3
HEAD = ["format", "what", "seconds", "share"]
REST = "the rest"

OURS = "dead_neuron_autopsy"
BACKENDS = "matplotlib.backends"

#: Matplotlib 3.11 made it private.
_WRITER = "_XMLWriter" if hasattr(backend_svg, "_XMLWriter") else "XMLWriter"

#: In all formats. Each line is a share; a module, and the function or method in it.
EVERYWHERE = {
    "reading, verdicts": [(f"{OURS}._recipe", "diagnosed")],
    "making the artists": [(f"{OURS}._plot", "new_figure")],
    "placing": [(f"{OURS}._drawing.panel", "Panel._place")],
    "making the sparklines' points": [(f"{OURS}._drawing.sparklines", "sparkline_points")],
}

#: Where renderers get a collection whole.
IN_BULK = {
    "outlines of cards and badges": [
        (f"{OURS}._drawing.painting", "_draw_as_markers"),
        ("matplotlib.collections", "PathCollection.draw"),
    ],
    "sparklines, midlines": [("matplotlib.collections", "LineCollection.draw")],
}

SHARES = {
    "png": EVERYWHERE
    | IN_BULK
    | {
        "making the canvas": [(f"{BACKENDS}.backend_agg", "RendererAgg.__init__")],
        "PNG encoding (Pillow)": [("PIL.Image", "Image.save")],
        "letters": [(f"{OURS}._drawing.labels", "Labels.draw")],
    },
    "svg": EVERYWHERE
    | {
        "taking down what each part draws": [(f"{OURS}._drawing.svg", "_card_by_card")],
        "paths: their style and numbers": [(f"{BACKENDS}.backend_svg", "RendererSVG.draw_path")],
        "text: laying out letters": [("matplotlib.textpath", "TextToPath.get_glyphs_with_font")],
        "text: style and place of strings": [
            (f"{OURS}._drawing.svg", "RepeatedText.draw_text"),
            (f"{BACKENDS}.backend_svg", "RendererSVG.draw_text"),
        ],
        "writing elements and attributes": [
            (f"{BACKENDS}.backend_svg", f"{_WRITER}.start"),
            (f"{BACKENDS}.backend_svg", f"{_WRITER}.end"),
        ],
        "roles, labels, order of the cards": [(f"{OURS}._drawing.panel", "draw_with_roles")],
    },
    "pdf": EVERYWHERE
    | IN_BULK
    | {
        "text: laying out letters": [("matplotlib._text_helpers", "layout")],
        "text: finding the font": [
            (f"{BACKENDS}._backend_pdf_ps", "RendererPDFPSBase._get_font_ttf")
        ],
        "text: all else": [(f"{OURS}._drawing.labels", "Labels.draw")],
        "writing operators, zlib": [(f"{BACKENDS}.backend_pdf", "PdfFile.output")],
        "embedding fonts, finishing the file": [(f"{BACKENDS}.backend_pdf", "PdfFile.finalize")],
        "tags": [(f"{OURS}._output.saving", "append_tags")],
    },
}


#: What follows the last item of a generator.
_END = object()


class Clock:
    """Counts seconds for one share at a time: that of the innermost function with one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = [REST]
        self._since = 0.0

    def start(self) -> None:
        """Begin to count."""
        self._since = time.perf_counter()

    def stop(self) -> None:
        """Give the time since the last change to the share that is running."""
        now = time.perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def _enter(self, share: str) -> None:
        self.stop()
        self._running.append(share)

    def _leave(self) -> None:
        self.stop()
        self._running.pop()

    def timed(self, function: Callable[..., Any], share: str) -> Callable[..., Any]:
        """Return a function that counts for a share as long as it runs."""

        @wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            self._enter(share)
            try:
                return function(*arguments, **options)
            finally:
                self._leave()

        @wraps(function)
        def step_by_step(*arguments: Any, **options: Any) -> Iterator[Any]:
            # What a generator does is done when the next item is asked for.
            following = partial(run_next, iter(function(*arguments, **options)))
            return iter(following, _END)

        def run_next(items: Iterator[Any]) -> Any:
            self._enter(share)
            try:
                return next(items, _END)
            finally:
                self._leave()

        return step_by_step if isgeneratorfunction(function) else run


def found(module: str, name: str) -> tuple[Any, str]:
    """Return a module or a class, and the name in it of what is to be timed."""
    holder: Any = import_module(module)
    *inside, last = name.split(".")
    for part in inside:
        holder = getattr(holder, part)
    return holder, last


@contextmanager
def clocked(clock: Clock, file_format: str) -> Iterator[None]:
    """Let what has a share in a format count for it."""
    with ExitStack() as patches:
        for share, functions in SHARES[file_format].items():
            for holder, name in (found(*function) for function in functions):
                timed = clock.timed(getattr(holder, name), share)
                patches.enter_context(patch.object(holder, name, timed))
        yield


def shares_of_a_run(file_format: str, n_cards: int) -> dict[str, float]:
    """Return the seconds of each share of building and saving as many cards."""
    neurons, clock = histories(n_cards), Clock()
    gc.collect()
    with clocked(clock, file_format):
        clock.start()
        saved(annotated, neurons, file_format)
        clock.stop()
    plt.close("all")
    return dict(clock.seconds)


def shares_of(file_format: str, n_cards: int, repeats: int) -> dict[str, float]:
    """Return the shares of the run that took the median time, the largest first."""
    runs = [shares_of_a_run(file_format, n_cards) for _ in range(repeats)]
    runs.sort(key=lambda run: sum(run.values()))
    shares = runs[(repeats - 1) // 2]
    return dict(sorted(shares.items(), key=lambda share: share[1], reverse=True))


def table_rows(file_format: str, shares: Mapping[str, float]) -> list[str]:
    """Return the lines of a format, and one of all its shares."""
    whole = sum(shares.values())
    return [
        table_line([file_format, name, f"{seconds:.3f}", f"{seconds / whole:.1%}"])
        for name, seconds in {**shares, "all": whole}.items()
    ]


def seconds_without_clock(file_format: str, n_cards: int, repeats: int) -> float:
    """Return the median seconds of the same job when nothing is timed inside."""
    work = partial(saved, annotated, histories(n_cards), file_format)
    return in_turn({"work": work}, repeats)["work"].seconds


def busiest(file_format: str, n_cards: int, n_functions: int) -> list[str]:
    """Return the lines of the functions with the most time of their own, by cProfile."""
    neurons, profile = histories(n_cards), cProfile.Profile()
    profile.runcall(saved, annotated, neurons, file_format)
    plt.close("all")
    calls = sorted(profile.getstats(), key=lambda call: call.inlinetime, reverse=True)
    whole = sum(call.inlinetime for call in calls)
    return [
        table_line(
            [
                file_format,
                _name_of(call.code),
                f"{call.inlinetime:.3f}",
                f"{call.inlinetime / whole:.1%}",
            ]
        )
        for call in calls[:n_functions]
    ]


def _name_of(code: CodeType | str) -> str:
    """Return a function's name, with its module if it is written in Python."""
    if isinstance(code, str):
        return f"`{code.strip('<>')}`"
    return f"`{code.co_qualname}` in {Path(code.co_filename).name}"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Say what saving cards takes its time for.")
    parser.add_argument("--cards", type=positive, default=N_CARDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--repeats", type=positive, default=REPEATS)
    parser.add_argument(
        "--functions", type=positive, help="list so many functions by cProfile, too"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, and print a table for each format."""
    mpl.use("Agg")
    options = arguments()
    print(f"{versions()}; {options.cards:,} cards, the median run of {options.repeats}")
    print(f"\n{machine()}")
    for file_format in options.formats:
        saved(annotated, histories(4), file_format)  # fonts and backends are nobody's cost
        plain = seconds_without_clock(file_format, options.cards, options.repeats)
        shares = shares_of(file_format, options.cards, options.repeats)
        print(f"\n{table_head(HEAD, left=2)}")
        print("\n".join(table_rows(file_format, shares)))
        print(f"\n{file_format}: {plain:.3f} seconds without the clock", flush=True)
        if options.functions:
            print(f"\n{table_head(HEAD, left=2)}")
            print("\n".join(busiest(file_format, options.cards, options.functions)))


if __name__ == "__main__":
    main()
