"""Decide which neurons of a network are dead, draw them as cards, and say it in words.

`plot_autopsy` draws one card per neuron, and `draw_autopsy` does so in an existing Axes;
`plot_layers` draws one bar per layer; `save_autopsy_pages` writes a PDF of many pages.
`diagnose` decides without drawing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._diagnose import diagnose
from ._intake.extremes import UnitExtremes, unit_extremes
from ._intake.recording import Recording
from ._intake.rings import RecordedLayer
from ._intake.sources import Reduction
from ._layout.spring import Spring
from ._verdict.autopsy import Autopsy
from ._verdict.comparison import Comparison, LayerChange, compare
from ._verdict.criteria import Constant, Criterion, Dormant, FiringRate, Peak
from ._verdict.measuring import Measured
from ._verdict.neuron import Neuron
from ._words.description import AltText
from ._words.languages import ENGLISH, GERMAN
from ._words.templates import Plural, RuleWords
from ._words.wording import Wording

if TYPE_CHECKING:
    from ._drawing.bars import ComparisonBars, LayerBars
    from ._drawing.grid import AutopsyGrid
    from ._drawing.one_card import Card
    from ._drawing.style import DARK, LIGHT, PRINT, Style
    from ._explore import explore
    from ._film import animate_autopsy, save_animated_svg
    from ._output.alt import describe
    from ._output.figure import AutopsyFigure
    from ._output.film import Film
    from ._output.saving import savefig_with_alt
    from ._plot import (
        draw_autopsy,
        draw_layers,
        plot_autopsy,
        plot_comparison,
        plot_layers,
    )
    from ._report import save_autopsy_pages

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
    "Comparison",
    "ComparisonBars",
    "Constant",
    "Criterion",
    "Dormant",
    "Film",
    "FiringRate",
    "LayerBars",
    "LayerChange",
    "Measured",
    "Neuron",
    "Peak",
    "Plural",
    "RecordedLayer",
    "Recording",
    "Reduction",
    "RuleWords",
    "Spring",
    "Style",
    "UnitExtremes",
    "Wording",
    "__version__",
    "animate_autopsy",
    "compare",
    "describe",
    "diagnose",
    "draw_autopsy",
    "draw_layers",
    "explore",
    "plot_autopsy",
    "plot_comparison",
    "plot_layers",
    "save_animated_svg",
    "save_autopsy_pages",
    "savefig_with_alt",
    "unit_extremes",
]

__version__ = "0.1.0"

# Imported on first use: a training job that only calls diagnose() needs no Matplotlib.
_DRAWING = {
    "_drawing.bars": ["ComparisonBars", "LayerBars"],
    "_drawing.grid": ["AutopsyGrid"],
    "_drawing.one_card": ["Card"],
    "_drawing.style": ["DARK", "LIGHT", "PRINT", "Style"],
    "_explore": ["explore"],
    "_film": ["animate_autopsy", "save_animated_svg"],
    "_output.alt": ["describe"],
    "_output.figure": ["AutopsyFigure"],
    "_output.film": ["Film"],
    "_output.saving": ["savefig_with_alt"],
    "_plot": ["draw_autopsy", "draw_layers", "plot_autopsy", "plot_comparison", "plot_layers"],
    "_report": ["save_autopsy_pages"],
}
_MODULES = {name: module for module, names in _DRAWING.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
