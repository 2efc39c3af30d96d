"""Reading back what was drawn."""

from __future__ import annotations

import io
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from matplotlib.typing import ColorType
from PIL import Image

Histories = dict[str, Any]

SVG = "{http://www.w3.org/2000/svg}"


def saved(figure: Any, file_format: str, **options: Any) -> bytes:
    """Return the bytes of a saved figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, **options)
    return buffer.getvalue()


def redrawn(figure: Any) -> Any:
    """Return the figure, drawn."""
    figure.canvas.draw()
    return figure


def pixels(figure: Any, mode: str = "RGB", **options: Any) -> Any:
    """Return the pixels of a figure saved as PNG, shape (height, width, channels)."""
    with Image.open(io.BytesIO(saved(figure, "png", **options))) as image:
        return np.asarray(image.convert(mode)).astype(int)


def close_to(picture: Any, color: ColorType, tolerance: int = 2) -> Any:
    """Return which pixels of an RGB picture have a colour."""
    wanted = np.round(255 * np.array(to_rgb(color)))
    return (np.abs(picture - wanted) <= tolerance).all(axis=-1)


def card_boxes(grid: Any) -> list[Bbox]:
    """Return where the cards' outlines were drawn, in display coordinates."""
    return boxes(grid.borders)


def boxes(collection: Any) -> list[Bbox]:
    """Return where the elements of a collection were drawn, in display coordinates."""
    extents: dict[Path, Bbox] = {}  # many elements share a path
    found = []
    for path, corner in zip(collection.get_paths(), collection.get_offsets(), strict=True):
        if path not in extents:
            extents[path] = path.get_extents()
        found.append(Bbox(extents[path].get_points() + corner))
    return found


class Written(NamedTuple):
    """A string in a saved SVG, and where it begins, in points from the left."""

    text: str
    left: float


def written(figure: Any) -> list[Written]:
    """Return the strings in a saved SVG, in drawing order: those of the header first."""
    with mpl.rc_context({"svg.fonttype": "none"}):
        tree = ET.fromstring(saved(figure, "svg"))
    return [
        Written(text.text or "", float(text.get("transform", "").split("(")[1].split()[0]))
        for text in tree.iter(f"{SVG}text")
    ]


def label_artists(panel: Any) -> dict[str, Any]:
    """Return the strings of a panel's header and headings as artists, by their name."""
    own = [part for part in panel.get_children() if hasattr(part, "get_texts")]
    names = ("title", "count", "rule", "headings")
    return dict(zip(names, own[: len(names)], strict=True))
