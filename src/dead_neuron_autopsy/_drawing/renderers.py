"""What kind of picture a renderer makes."""

from __future__ import annotations

from matplotlib.backend_bases import RendererBase


def is_raster(renderer: RendererBase) -> bool:
    """Return whether *renderer* draws pixels now; a mixed-mode renderer may switch."""
    return hasattr(renderer, "buffer_rgba")


def keeps_text(renderer: RendererBase) -> bool:
    """Return whether to hand strings to *renderer* as text.

    Not to PGF: TeX would interpret the ``_`` and ``%`` of an id.
    """
    # Ask the bound method, since a mixed-mode renderer wraps the real one.
    drawn_by = type(getattr(renderer.draw_text, "__self__", renderer))
    return not (is_raster(renderer) or drawn_by.__module__.endswith("backend_pgf"))
