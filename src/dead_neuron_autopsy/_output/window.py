"""The name of a window that shows an autopsy, for whoever hears windows instead of seeing them."""

from __future__ import annotations

from functools import partial
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import DrawEvent, FigureManagerBase
from matplotlib.figure import Figure

from .alt import alt_text_of


def name_window(figure: Figure) -> None:
    """Title a figure's window with its verdict, now and whenever another is drawn."""
    manager: Any = figure.canvas.manager
    if type(figure.canvas).__module__.partition(".")[0] == "ipympl":
        # A widget is shown when it is made, so a cell's last line need not show it again.
        # Where IPython finds no such method, it shows a picture beside the widget.
        manager.reshow = partial(_show_widget, figure)
    nameless = FigureManagerBase.set_window_title
    if manager is not None and type(manager).set_window_title is not nameless:
        _name(figure)
        figure.canvas.mpl_connect("draw_event", _name_again)


def _show_widget(figure: Figure) -> None:
    if not mpl.is_interactive():
        from IPython import display  # where there is a widget, there is IPython

        display.display(figure.canvas)


def _name_again(event: DrawEvent) -> None:
    _name(event.canvas.figure)


def _name(figure: Figure) -> None:
    alt = alt_text_of(figure)
    canvas: Any = figure.canvas
    if alt is None or canvas.manager is None or canvas.manager.get_window_title() == alt.summary:
        return
    canvas.manager.set_window_title(alt.summary)
    if hasattr(canvas, "setAccessibleName"):  # Qt's: otherwise, readers say "Figure 1, frame"
        canvas.setAccessibleName(alt.summary)
        canvas.setAccessibleDescription(alt.description)
