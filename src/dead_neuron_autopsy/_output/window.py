"""The name of a window that shows an autopsy, for whoever hears windows instead of seeing them."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import DrawEvent, FigureManagerBase
from matplotlib.figure import Figure

from .alt import alt_text_of, panels_in


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
    if alt is None or canvas.manager is None:
        return
    focused = next((panel.said for panel in panels_in(figure) if panel.said), "")
    title = focused or alt.summary
    if canvas.manager.get_window_title() == title:
        return
    canvas.manager.set_window_title(title)
    if hasattr(canvas, "setAccessibleName"):  # Qt's: otherwise, readers say "Figure 1, frame"
        canvas.setAccessibleName(title)
        canvas.setAccessibleDescription(focused or alt.description)


def tell_focus(figure: Figure) -> None:
    """Say which card the keyboard's focus is on: by the window's name, or in a notebook."""
    if type(figure.canvas).__module__.partition(".")[0] == "ipympl":
        _tell_in_notebook(figure)
    else:
        _name(figure)


def _tell_in_notebook(figure: Figure) -> None:
    """Put what is focused into a region of the page that is read out when it changes."""
    import ipywidgets  # where there is a widget, there is this
    from IPython import display

    words = next((panel.said for panel in panels_in(figure) if panel.said), "")
    region = vars(figure).get("_status")
    if region is None:
        region = vars(figure)["_status"] = ipywidgets.HTML()
        display.display(region)
    region.value = f'<div role="status">{escape(words)}</div>'
