"""Reading back what was drawn."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.transforms import Bbox
from matplotlib.typing import ColorType
from PIL import Image

Histories = dict[str, Any]


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
    corners = grid.borders.get_offsets()
    outlines = [path.get_extents() for path in grid.borders.get_paths()]
    return [
        Bbox([outline.p0 + corner, outline.p1 + corner])
        for outline, corner in zip(outlines, corners, strict=True)
    ]
