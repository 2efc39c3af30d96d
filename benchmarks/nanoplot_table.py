"""The nearest to `plot_autopsy` in few lines of great_tables: one row a neuron."""

from __future__ import annotations

import numpy as np
import polars as pl
from great_tables import GT, nanoplot_options
from subplots_loop import Histories, color_of, short, state_of


def table(neurons: Histories) -> GT:
    """Draw each neuron as a row: its id, its state, its peak, and a line."""
    peaks = [float(np.abs(history).max()) for history in neurons.values()]
    frame = pl.DataFrame(
        {
            "neuron": list(neurons),
            "state": [state_of(peak) for peak in peaks],
            "peak": [short(peak) for peak in peaks],
            "activations": [{"val": history.tolist()} for history in neurons.values()],
        }
    )
    drawn = GT(frame, rowname_col="neuron")
    for color in sorted(set(map(color_of, peaks))):
        rows = [index for index, peak in enumerate(peaks) if color_of(peak) == color]
        drawn = drawn.fmt_nanoplot(
            "activations",
            rows=rows,
            options=nanoplot_options(
                data_line_type="straight",
                data_line_stroke_color=color,
                show_data_points=False,
                show_data_area=False,
                # The guides under the mouse would be four fifths of the file.
                show_vertical_guides=False,
                show_y_axis_guide=False,
            ),
        )
    return drawn


def html(neurons: Histories) -> bytes:
    """Return the table as a piece of a page."""
    piece: str = table(neurons).as_raw_html()
    return piece.encode()
