"""Count the processor's instructions for a PNG of cards, and for its blank canvas.

Valgrind's callgrind counts them, so a machine that has other things to do changes little
or nothing. Each job runs in a process of its own, and so does one that only loads and
warms up; its count is taken off. Under valgrind all is some 30 times slower: it takes
about two minutes. It needs valgrind (Debian's package of that name) and is no part of the
tests. Run it as a file: ``python benchmarks/instructions.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
from common import (
    Build,
    annotated,
    blank_canvas,
    histories,
    machine,
    positive,
    saved,
    table_head,
    table_line,
    versions,
)

N_CARDS = 400
HEAD = ["what", "million instructions", "/ blank canvas"]

#: What is counted; nothing but loading and warming up is called "start".
JOBS: dict[str, Build | None] = {
    "start": None,
    "blank": blank_canvas,
    "ours": annotated,
}


def run(job: str, n_cards: int) -> None:
    """Do a job, after loading what every job needs."""
    mpl.use("Agg")
    neurons = histories(n_cards)
    for build in (annotated, blank_canvas):
        saved(build, histories(4), "png")
    build_it = JOBS[job]
    if build_it is not None:
        saved(build_it, neurons, "png")


def counted(valgrind: str, job: str, n_cards: int) -> int:
    """Return how many instructions a process executes that does a job."""
    command = [valgrind, "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    command += [sys.executable, str(Path(__file__)), "--job", job, "--cards", str(n_cards)]
    fixed = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    said = subprocess.run(  # noqa: S603  a job of its own
        command, env={**os.environ, **fixed}, capture_output=True, text=True, check=True
    ).stderr
    collected = re.search(r"Collected : (\d+)", said)
    if collected is None:
        raise RuntimeError(f"valgrind: printed no count; it said\n{said}")
    return int(collected.group(1))


def report(valgrind: str, n_cards: int) -> None:
    """Print the table."""
    print(f"{versions()}\n\n{machine()}\n")
    print(table_head(HEAD), flush=True)
    start = counted(valgrind, "start", n_cards)
    blank = counted(valgrind, "blank", n_cards) - start
    ours = counted(valgrind, "ours", n_cards) - start
    for name, count in (("blank canvas", blank), ("plot_autopsy", ours)):
        what = f"{n_cards:,} cards, PNG: {name}"
        print(table_line([what, f"{count / 1e6:,.1f}", f"{count / blank:.2f}"]))


def main() -> None:
    """Count, or be what is counted."""
    parser = argparse.ArgumentParser(description="Count instructions with callgrind.")
    parser.add_argument("--cards", type=positive, default=N_CARDS)
    parser.add_argument("--job", choices=JOBS, help="do a job, and count nothing")
    options = parser.parse_args()
    if options.job is not None:
        run(options.job, options.cards)
        return
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        parser.error("needs valgrind, which is not installed (Debian: package valgrind)")
    report(valgrind, options.cards)


if __name__ == "__main__":
    main()
