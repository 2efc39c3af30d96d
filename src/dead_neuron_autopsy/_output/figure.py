"""`AutopsyFigure`: a figure that writes its words into every file."""

from __future__ import annotations

import io
import os
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .._drawing.bars import ComparisonBars, LayerBars
from .._drawing.elements import are_properties, plain
from .._drawing.grid import AutopsyGrid
from .._drawing.panel import Panel
from .._drawing.style import Style
from .._intake.foreign import Number, typed_repr
from .._intake.recording import Recording
from .._layout.measures import MARGIN
from .._layout.spring import Motion, Spring
from .._live.follow import Follower, drawer_of
from .._verdict.autopsy import Autopsy
from .._verdict.criteria import checked_threshold
from .._words.description import AltText
from . import notebook
from .alt import alt_text_of, panels_in
from .files import write_whole
from .markup import html_image, includegraphics, markdown_image, rst_image
from .page import page_of
from .saving import save_figure
from .window import name_window

#: What a copy of a figure does without.
_OF_THIS_PROCESS = {"_follower", "_panel", "_status"}

AnyPanel = TypeVar("AnyPanel", bound=Panel[Any])


class AutopsyFigure(Figure):
    """A figure that holds an autopsy and writes alt text into every saved file.

    Returned by `plot_autopsy` and `plot_layers`. It is an ordinary
    `matplotlib.figure.Figure`, except that `savefig` adds alt text, tags PDFs and writes
    the same bytes on every run. Notebooks show it as HTML that says all the SVG says.

    Examples
    --------
    >>> from dead_neuron_autopsy import plot_autopsy
    >>> fig = plot_autopsy({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
    >>> fig.alt_text
    'Dead neuron autopsy. 1 of 2 neurons dead (max absolute activation below 0.000001).'
    """

    @property
    def autopsy_grid(self) -> AutopsyGrid:
        """The drawing of `plot_autopsy`; RuntimeError if the figure holds none."""
        return self._first(AutopsyGrid)

    @property
    def layer_bars(self) -> LayerBars:
        """The drawing of `plot_layers`; RuntimeError if the figure holds none."""
        return self._first(LayerBars)

    @property
    def comparison_bars(self) -> ComparisonBars:
        """The drawing of `plot_comparison`; RuntimeError if the figure holds none."""
        return self._first(ComparisonBars)

    def _first(self, *kinds: type[AnyPanel]) -> AnyPanel:
        for panel in panels_in(self):
            if isinstance(panel, kinds):
                return panel
        wanted = kinds[0].__name__
        raise RuntimeError(f"This figure holds no autopsy as {wanted}; has it been cleared?")

    @property
    def autopsy(self) -> Autopsy:
        """The findings for all neurons."""
        return self._first(AutopsyGrid, LayerBars, ComparisonBars).autopsy

    @property
    def alt_text(self) -> str:
        """The title, and how many neurons are dead by which rule."""
        return self._alt.summary

    def update(  # type: ignore[override]  # see there
        self,
        neurons: object,
        *,
        steps: ArrayLike | None = None,
        transition: Spring | None = None,
        motion: Motion = "auto",
    ) -> None:
        """Show later activations: new verdicts, and perhaps other neurons, in the same figure.

        They are judged, ordered and grouped as the first ones were. What you have restyled
        stays, and so does the size of the figure. A window or a widget draws them as soon as it
        can; `follow` does all of this from within a training loop.

        Parameters
        ----------
        neurons, steps, transition, motion
            As in `AutopsyGrid.update`.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid; the figure then stays as it was.
        RuntimeError
            If the figure holds no cards.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> fig = plot_autopsy({"N1": [0.0, 0.2], "N2": [0.3, 0.1]})
        >>> fig.update({"N1": [0.0, 0.0], "N2": [0.3, 0.1]})
        >>> fig.autopsy.dead_ids
        ['N1']
        """
        if are_properties(self, neurons):
            super().update(neurons)  # type: ignore[arg-type]  # checked
        else:
            grid = self.autopsy_grid
            grid.update(neurons, steps=steps, transition=transition, motion=motion)

    def follow(self, recording: Recording | None, *, every: Number = 1.0) -> None:
        """Show a recording while it grows, from within the training loop.

        After a step, the figure is updated and drawn in its window or in the running cell of a
        notebook: one figure in one place, without taking the focus. Where nobody sees it, it is
        updated only when the block of `record` ends. Closing the figure ends it, too.

        Parameters
        ----------
        recording : Recording or None
            What to follow instead of what was followed before; None follows nothing.
        every : float, default: 1.0
            The least time between two drawings, in seconds.

        Raises
        ------
        TypeError, ValueError
            If an argument is invalid.
        RuntimeError
            If the figure holds no cards.

        Warns
        -----
        UserWarning
            If the recording cannot be drawn. The training goes on, and nothing more is drawn.

        Examples
        --------
        >>> import numpy as np
        >>> from dead_neuron_autopsy import Recording, plot_autopsy
        >>> recording = Recording()
        >>> fig = plot_autopsy([], width=6, height=4)
        >>> fig.follow(recording, every=2.0)
        >>> for step in range(100):  # doctest: +SKIP
        ...     recording.observe("fc1", train(), unit_axis=-1)
        ...     recording.step()
        """
        if recording is not None and not isinstance(recording, Recording):
            accepted = "a Recording, as record(...) yields, or None"
            raise TypeError(f"recording: must be {accepted}; got {typed_repr(recording)}.")
        seconds = checked_threshold("every", every, "a number of seconds, such as 1.0", 0.0)
        grid, before = self.autopsy_grid, vars(self).pop("_follower", None)
        if before is not None:
            before.stop()
        if recording is not None:
            present = drawer_of(self)
            if present is None and notebook.shows_images():
                present = notebook.LiveDisplay(self).show
            vars(self)["_follower"] = Follower(grid, recording, seconds, present)

    @property
    def _alt(self) -> AltText:
        return alt_text_of(self) or self._first(AutopsyGrid, LayerBars, ComparisonBars).alt

    def __getstate__(self) -> Any:
        """Return what can be copied: a copy follows nothing."""
        state: Any = super().__getstate__()
        return {name: value for name, value in state.items() if name not in _OF_THIS_PROCESS}

    def set_layout_engine(self, layout: Any = None, **kwargs: Any) -> None:
        """Set the layout engine, as `matplotlib.figure.Figure.set_layout_engine` does.

        Parameters
        ----------
        layout : str, LayoutEngine or None
            As in Matplotlib, except that None means no engine, whatever the rcParams
            say: Matplotlib sets the engine back to None after each save, and an engine
            from the rcParams would then move the cards.
        **kwargs
            As in Matplotlib.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> fig = plot_autopsy({"N1": [0.0, 0.0]})
        >>> fig.set_layout_engine(None)
        >>> fig.get_layout_engine() is None
        True
        """
        super().set_layout_engine("none" if layout is None else layout, **kwargs)

    def savefig(self, fname: Any, *, transparent: Any = None, **kwargs: Any) -> None:
        """Save the figure with its alt text; see `matplotlib.figure.Figure.savefig`.

        Parameters
        ----------
        fname : str, path-like, file-like or matplotlib.backends.backend_pdf.PdfPages
            Where to save the figure.
        transparent : bool, optional
            As in Matplotlib.
        **kwargs
            As in Matplotlib, which refuses unknown options. Entries of ``metadata`` and
            ``pil_kwargs`` take precedence over what this method writes.

        Raises
        ------
        TypeError, ValueError, OSError
            If Matplotlib does not support an option or the format, or the file cannot be
            written.

        Examples
        --------
        >>> import io
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> plot_autopsy({"N1": [0.0, 0.0]}).savefig(io.BytesIO(), format="svg")
        """
        if transparent is None:
            transparent = mpl.rcParams["savefig.transparent"]
        if not transparent:
            # Style sheets set savefig.facecolor to go with their colours of Axes and text,
            # but cards keep their own colours.
            for color in ("facecolor", "edgecolor"):
                if kwargs.get(color) is None:
                    kwargs[color] = "auto"
        save_figure(self, fname, {"transparent": transparent, **kwargs})

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Save the cards as one page that needs no kernel and no network.

        The cards reflow with the width of the window, and answer to the pointer and the keys as
        they do in a window. A slider sets another threshold, by which the browser judges anew;
        times of death are those of the threshold that the figure was made with, and are left
        out at another. Without scripts, the page shows what the figure shows.

        Parameters
        ----------
        path : str or path-like
            The file. An old one is kept if writing fails.

        Raises
        ------
        TypeError
            If *path* is neither a str nor a path.
        RuntimeError
            If the figure holds no cards.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> with TemporaryDirectory() as folder:
        ...     plot_autopsy({"N1": [0.0, 0.0]}).save_html(f"{folder}/autopsy.html")
        """
        page = page_of(self.autopsy_grid).encode("utf-8", "replace")
        write_whole(io.BytesIO(page), os.fspath(path))

    def latex(self, path: str | os.PathLike[str]) -> str:
        """Return the line of LaTeX that includes the saved figure with its alt text.

        LaTeX drops the alt text of an included file, so the document has to repeat it.

        Parameters
        ----------
        path : str or path-like
            The saved file, as the document should refer to it.

        Returns
        -------
        str
            The line, whose alt text holds the verdict and the findings.

        Raises
        ------
        TypeError, ValueError
            If *path* is neither a str nor a path, or LaTeX cannot read a file of that name.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> print(plot_autopsy({"N_1": [0.0, 0.0]}).latex("autopsy.pdf"))
        \\includegraphics[alt={Dead neuron autopsy. 1 of 1 ...}]{autopsy.pdf}
        """
        return includegraphics(path, self._alt.full)

    def html(self, path: str | os.PathLike[str]) -> str:
        """Return the HTML that includes the saved figure with its alt text.

        Parameters
        ----------
        path : str or path-like
            The saved file, as the page should refer to it.

        Returns
        -------
        str
            An ``img`` element, whose alt text holds the verdict and the findings.

        Raises
        ------
        TypeError, ValueError
            If *path* is neither a str nor a path, or empty.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> plot_autopsy({"N1": [0.0, 0.0]}).html("my autopsy.svg")
        '<img src="my%20autopsy.svg" lang="en" alt="Dead neuron autopsy. 1 of 1 ...">'
        """
        return html_image(path, self._alt.full, self._alt.language)

    def markdown(self, path: str | os.PathLike[str]) -> str:
        """Return the Markdown that includes the saved figure with its alt text.

        Parameters
        ----------
        path : str or path-like
            The saved file, as the document should refer to it.

        Returns
        -------
        str
            An image for CommonMark, GitHub and Pandoc, whose alt text holds the verdict and
            the findings.

        Raises
        ------
        TypeError, ValueError
            If *path* is neither a str nor a path, or empty.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> print(plot_autopsy({"N_1": [0.0, 0.0]}).markdown("autopsy.svg"))
        ![Dead neuron autopsy. 1 of 1 ...](autopsy.svg)
        """
        return markdown_image(path, self._alt.full)

    def rst(self, path: str | os.PathLike[str]) -> str:
        """Return the reStructuredText that includes the saved figure with its alt text.

        Parameters
        ----------
        path : str or path-like
            The saved file, as the document should refer to it.

        Returns
        -------
        str
            An ``image`` directive, whose alt text holds the verdict and the findings.

        Raises
        ------
        TypeError, ValueError
            If *path* is neither a str nor a path, or empty.

        Examples
        --------
        >>> from dead_neuron_autopsy import plot_autopsy
        >>> print(plot_autopsy({"N1": [0.0, 0.0]}).rst("autopsy.svg"))
        .. image:: autopsy.svg
           :alt: Dead neuron autopsy. 1 of 1 ...
        """
        return rst_image(path, self._alt.full)

    _repr_html_ = notebook.html
    _ipython_display_ = notebook.show


def new_figure(panel: Panel[Any], width: float, height: float, style: Style) -> AutopsyFigure:
    """Return a new figure of pyplot's, of a size in points, that holds a panel."""
    from matplotlib import pyplot as plt  # late: importing it chooses a backend

    options, claim = figure_options(width, height, style), object()
    while True:
        fig = plt.figure(FigureClass=AutopsyFigure, **options)
        # pyplot picks the next free number; two threads that do so at once get the same
        # number and thus the same figure. dict.setdefault is atomic: one of them claims it.
        if isinstance(fig, AutopsyFigure) and vars(fig).setdefault("_claim", claim) is claim:
            break
    try:
        fill_figure(fig, panel)
        name_window(fig)
    except BaseException:
        plt.close(fig)
        raise
    return fig


def fill_figure(figure: AutopsyFigure, panel: Panel[Any]) -> None:
    """Let a panel fill an empty figure."""
    plain(figure.patch)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
    panel.attach(figure.add_subplot(), background="none", margin=MARGIN)


def figure_options(width: float, height: float, style: Style) -> dict[str, Any]:
    """Return options for a figure of a size in points that override the rcParams."""
    looks = {"facecolor": style.background, "edgecolor": "white", "frameon": True}
    return {"figsize": (width / 72, height / 72), "layout": "none", **looks}
