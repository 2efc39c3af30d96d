"""Decide which neurons of a network are dead, draw them as cards, and say it in words.

`plot_autopsy` draws one card per neuron, and `draw_autopsy` does so in an existing Axes;
`plot_layers` draws one bar per layer; `save_autopsy_pages` writes a PDF of many pages.
`diagnose` decides without drawing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._diagnosis import Autopsy, Neuron, diagnose
from ._wording import ENGLISH, GERMAN, AltText, Plural, Wording

if TYPE_CHECKING:
    from ._figure import AutopsyFigure, draw_autopsy, plot_autopsy, plot_layers
    from ._grid import AutopsyGrid, Card
    from ._layer_bars import LayerBars
    from ._pages import save_autopsy_pages
    from ._saving import describe, savefig_with_alt
    from ._style import DARK, LIGHT, PRINT, Style

__all__ = [
    "DARK",
    "ENGLISH",
    "GERMAN",
    "LIGHT",
    "PRINT",
    "AltText",
    "Autopsy",
    "AutopsyFigure",
    "AutopsyGrid",
    "Card",
    "LayerBars",
    "Neuron",
    "Plural",
    "Style",
    "Wording",
    "__version__",
    "describe",
    "diagnose",
    "draw_autopsy",
    "plot_autopsy",
    "plot_layers",
    "save_autopsy_pages",
    "savefig_with_alt",
]

__version__ = "0.1.0"

# Imported on first use: a training job that only calls diagnose() needs no Matplotlib.
_DRAWING = {
    "AutopsyFigure": "_figure",
    "draw_autopsy": "_figure",
    "plot_autopsy": "_figure",
    "plot_layers": "_figure",
    "AutopsyGrid": "_grid",
    "Card": "_grid",
    "LayerBars": "_layer_bars",
    "save_autopsy_pages": "_pages",
    "describe": "_saving",
    "savefig_with_alt": "_saving",
    "DARK": "_style",
    "LIGHT": "_style",
    "PRINT": "_style",
    "Style": "_style",
}


def __getattr__(name: str) -> object:
    if name not in _DRAWING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_DRAWING[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_DRAWING})
