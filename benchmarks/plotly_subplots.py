"""The nearest to `plot_autopsy` in few lines of plotly: one subplot a neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from subplots_loop import Histories, color_of, near_square, short, size_in_points

PIXELS_A_POINT = 96 / 72


def figure(neurons: Histories) -> Any:
    """Draw each neuron into a subplot of its own, with its own range."""
    nrows, ncols = near_square(len(neurons))
    width, height = size_in_points(nrows, ncols)
    peaks = [float(np.abs(history).max()) for history in neurons.values()]
    drawn = make_subplots(
        rows=nrows,
        cols=ncols,
        subplot_titles=[
            f"{name}<br>peak {short(peak)}" for name, peak in zip(neurons, peaks, strict=True)
        ],
        horizontal_spacing=8 / width,
        vertical_spacing=24 / height,
    )
    traces = [
        go.Scatter(y=history, mode="lines", name=name, line={"width": 1, "color": color})
        for (name, history), color in zip(neurons.items(), map(color_of, peaks), strict=True)
    ]
    places = [divmod(index, ncols) for index in range(len(neurons))]
    drawn.add_traces(
        traces,
        rows=[1 + row for row, _ in places],
        cols=[1 + column for _, column in places],
    )
    drawn.update_layout(
        width=PIXELS_A_POINT * width,
        height=PIXELS_A_POINT * height,
        margin={"l": 16, "r": 16, "t": 50, "b": 16},
        plot_bgcolor="white",
        showlegend=False,
    )
    drawn.update_xaxes(visible=False)
    drawn.update_yaxes(visible=False)
    drawn.update_annotations(font_size=8)
    return drawn


def html(neurons: Histories) -> bytes:
    """Return the figure as a page that fetches plotly.js from the network."""
    page: str = figure(neurons).to_html(include_plotlyjs="cdn")
    return page.encode()


def png(neurons: Histories) -> bytes:
    """Return the figure as kaleido makes it, which starts a browser for each."""
    picture: bytes = figure(neurons).to_image(format="png")
    return picture
