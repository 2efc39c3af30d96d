"""Time what would be gained where most of the time goes: PNG's encoding, PDF's letters.

The pixels of a canvas are encoded by Pillow and by Python's zlib, without the filters that
Pillow tries for every row. A PDF is saved with Matplotlib's layout of letters as it is, and
with less of it; the file stays the same to the byte. Nothing of this is in the package.
Run it as a file: ``python benchmarks/what_if.py``.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any
from unittest.mock import patch

import matplotlib as mpl
import numpy as np
from common import (
    DPI,
    Work,
    annotated,
    histories,
    in_turn,
    machine,
    positive,
    table_head,
    table_line,
    versions,
)
from matplotlib import _text_helpers
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ft2font import FT2Font, LoadFlags
from numpy.typing import NDArray
from PIL import Image
from subplots_loop import Histories

N_CARDS = 4096
REPEATS = 3
HEAD = ["what", "seconds", "MB"]

#: So many rows of pixels are packed at once: few enough for a processor's cache.
ROWS = 16

Pixels = NDArray[np.uint8]


def pixels_of(neurons: Histories) -> Pixels:
    """Return the canvas that cards are drawn on, as RGBA."""
    figure = annotated(neurons)
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def by_pillow(picture: Image.Image, mode: str, **options: int) -> bytes:
    """Return a PNG as Pillow makes it."""
    file = BytesIO()
    picture.convert(mode).save(file, "png", **options)
    return file.getvalue()


def unfiltered(pixels: Pixels, level: int) -> bytes:
    """Return the image data of a PNG in which no row of pixels is filtered."""
    height, width, n_channels = pixels.shape
    rows = np.zeros((ROWS, 1 + width * n_channels), np.uint8)  # 0: no filter
    pack = zlib.compressobj(level)
    packed = []
    for top in range(0, height, ROWS):
        some = pixels[top : top + ROWS]
        rows[: len(some), 1:] = some.reshape(len(some), -1)
        packed.append(pack.compress(rows[: len(some)].tobytes()))
    return b"".join([*packed, pack.flush()])


def encoders(pixels: Pixels) -> dict[str, Work]:
    """Return ways to encode a canvas."""
    picture = Image.fromarray(pixels)
    rgba = partial(by_pillow, picture, "RGBA")
    return {
        "PNG by Pillow, `compress_level=1`, as now": partial(rgba, compress_level=1),
        "PNG by Pillow, `compress_level=6`, its default": partial(rgba, compress_level=6),
        "PNG by Pillow, run lengths alone": partial(
            rgba, compress_level=1, compress_type=zlib.Z_RLE
        ),
        "PNG by Pillow, `compress_level=1`, as RGB": partial(
            by_pillow, picture, "RGB", compress_level=1
        ),
        "PNG by zlib, level 1, unfiltered": partial(unfiltered, pixels, 1),
        "PNG by zlib, level 3, unfiltered": partial(unfiltered, pixels, 3),
        "PNG by zlib, level 6, unfiltered": partial(unfiltered, pixels, 6),
    }


Layout = Callable[..., Iterator[Any]]


def without_loading(string: str, font: Any, **options: Any) -> Iterator[Any]:
    """Lay a string out, and load none of its letters."""
    return iter(font._layout(string, LoadFlags.NO_HINTING, **options))


def once_each() -> Layout:
    """Return what lays out every string once, without loading its letters.

    It takes for granted that strings of two sizes differ, as those on cards do.
    """
    known: dict[Any, list[Any]] = {}

    def layout(string: str, font: Any, **options: Any) -> Iterator[Any]:
        kind = (string, font, *options.values())
        if kind not in known:
            known[kind] = list(without_loading(string, font, **options))
        return iter(known[kind])

    return layout


def pdf(neurons: Histories, layout: Layout | None = None) -> bytes:
    """Return cards as a PDF, with the letters laid out in another way than Matplotlib's."""
    file = BytesIO()
    with patch.object(_text_helpers, "layout", layout or _text_helpers.layout):
        annotated(neurons).savefig(file, format="pdf")
    return file.getvalue()


def layouts(neurons: Histories) -> dict[str, Work]:
    """Return ways to save cards as a PDF."""
    return {
        "PDF, as now": partial(pdf, neurons),
        "PDF, letters not loaded": partial(pdf, neurons, without_loading),
        "PDF, each distinct string laid out once": lambda: pdf(neurons, once_each()),
    }


def report(works: dict[str, Work], repeats: int) -> None:
    """Print a line for each."""
    for name, one in in_turn(works, repeats).items():
        size = f"{len(one.result) / 1e6:.2f}"
        print(table_line([name, f"{one.seconds:.3f}", size]), flush=True)


def main() -> None:
    """Measure, and print a table."""
    mpl.use("Agg")
    parser = argparse.ArgumentParser(description="Time what would be gained.")
    parser.add_argument("--cards", type=positive, default=N_CARDS)
    parser.add_argument("--repeats", type=positive, default=REPEATS)
    options = parser.parse_args()
    pdf(histories(4))  # fonts and backends are nobody's cost
    print(f"{versions()}; {options.cards:,} cards, median of {options.repeats}")
    print(f"\n{machine()}\n\n{table_head(HEAD)}", flush=True)
    neurons = histories(options.cards)
    report(encoders(pixels_of(neurons)), options.repeats)
    if hasattr(FT2Font, "_layout"):
        report(layouts(neurons), options.repeats)
    else:
        print("\nPDF: skipped, this release of Matplotlib lays letters out otherwise")


if __name__ == "__main__":
    main()
