"""The alt text of a figure: what its autopsies and its other Axes show."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from .._drawing.behind import axes_of
from .._drawing.panel import Panel
from .._words.description import AltText
from .._words.phrases import joint_alt_text


def describe(figure: Figure | SubFigure) -> str:
    """Return the alt text of a figure: what its autopsies and other Axes show.

    If the autopsies differ in language, the first one's is used for all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        A figure in which `plot_autopsy`, `plot_layers` or `draw_autopsy` has drawn.

    Returns
    -------
    str
        The figure's suptitle, if it has one; one sentence per autopsy with its verdict;
        the titles of the other Axes.

    Raises
    ------
    TypeError, ValueError
        If *figure* is not a figure, or holds no visible autopsy.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dead_neuron_autopsy import describe, draw_autopsy
    >>> fig, axs = plt.subplot_mosaic("AB")
    >>> title = axs["A"].set_title("Training loss")
    >>> grid = draw_autopsy(axs["B"], {"N1": [0.0], "N2": [0.3]}, title="Layer 1")
    >>> describe(fig).partition(" (")[0], describe(fig).partition("). ")[2]
    ('Layer 1. 1 of 2 neurons dead', 'Also shown: Training loss.')
    """
    alt = alt_text_of(figure)
    if alt is None:
        raise ValueError("figure: holds no autopsy that is visible; draw one first.")
    return alt.summary


def alt_text_of(figure: Figure | SubFigure) -> AltText | None:
    """Return the alt text of a figure; None if it holds no visible autopsy."""
    if not isinstance(figure, Figure | SubFigure):
        got = f"{type(figure).__name__}. For an Axes, take ax.figure."
        raise TypeError(f"figure: must be a matplotlib Figure or SubFigure; got {got}")
    panels = panels_in(figure, seen=True)
    if not panels:
        return None
    hosts, others = [panel.axes for panel in panels], []
    for axes in _axes_in(figure, seen=True):
        if axes not in hosts:
            titles = (axes.get_title(loc) for loc in ("center", "left", "right"))
            others += [title for title in titles if title.strip()][:1]
    # The figure also knows a suptitle that has been hidden.
    shown = [text.get_text() for text in figure.texts if text.get_visible()]
    suptitle = figure.get_suptitle() if figure.get_suptitle() in shown else ""
    alts = [panel.alt for panel in panels]
    if len(alts) == 1 and not suptitle.strip() and not others:
        return alts[0]
    return joint_alt_text(panels[0].wording, alts, suptitle, others)


def panels_in(figure: Figure | SubFigure, *, seen: bool = False) -> list[Panel[Any]]:
    """Return the autopsies in a figure, by Axes; if *seen*, only visible ones."""
    artists = (artist for axes in _axes_in(figure, seen=seen) for artist in axes.artists)
    panels = (artist for artist in artists if isinstance(artist, Panel))
    return [panel for panel in panels if panel.get_visible() or not seen]


def _axes_in(figure: Figure | SubFigure, *, seen: bool) -> list[Axes]:
    """Return a figure's Axes, including inset Axes and those of its SubFigures."""
    found = [axes for axes in axes_of(figure) if axes.get_figure(root=False) is figure]
    for axes in found:  # grows while we iterate: insets may have insets
        if axes.get_visible() or not seen:
            found += [inset for inset in axes.child_axes if isinstance(inset, Axes)]
    parts = [part for part in figure.subfigs if part.get_visible() or not seen]
    inside = [axes for part in parts for axes in _axes_in(part, seen=seen)]
    return [axes for axes in found if axes.get_visible() or not seen] + inside
