"""Every kind of card, in every style, under both policies towards nan.

Each neuron's id says what its history is like, down to those that are hard to draw: no
samples, nan, infinity, a gap, fewer samples. Some ids are long, look like
mathematics, or have letters that the style's fonts have not. Boxes stand in place of
these; in the labels of the SVG every id is whole.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from dead_neuron_autopsy import AutopsyFigure, diagnose, plot_autopsy

STYLES = ("light", "dark", "print")
NAN_POLICIES: tuple[Literal["propagate", "omit"], ...] = ("propagate", "omit")

N_SAMPLES = 32


def histories() -> dict[str, NDArray[Any]]:
    """Return a history for every kind of card, by an id that says which it is."""
    return {**plain_histories(), **hard_histories(), **hard_ids()}


def plain_histories() -> dict[str, NDArray[Any]]:
    """Return what is recorded of neurons where nothing went wrong but death."""
    rng = np.random.default_rng(0)
    silent = np.zeros(N_SAMPLES)
    one_spike = silent.copy()
    one_spike[N_SAMPLES // 3] = 0.8
    return {
        "alive": activity(),
        "negative": -0.1 * activity(),
        "one spike": one_spike,
        "flat": np.full(N_SAMPLES, 0.7),
        "dead": silent,
        "noise": 1e-8 * rng.standard_normal(N_SAMPLES),
    }


def hard_histories() -> dict[str, NDArray[Any]]:
    """Return what is hard to judge or hard to draw."""
    one_nan, half_nan, to_infinity, both_infinities, huge = (activity() for _ in range(5))
    one_nan[N_SAMPLES // 2] = np.nan
    half_nan[::2] = np.nan
    to_infinity[-6:] = np.inf
    both_infinities[[8, 20]] = np.inf, -np.inf
    huge[::2] = -1e308
    huge[1::2] = 1e308
    gap = np.ma.array(activity())
    gap[10:18] = np.ma.masked
    return {
        "one sample": np.array([0.4]),
        "no samples": np.array([]),
        "one nan": one_nan,
        "half nan": half_nan,
        "all nan": np.full(N_SAMPLES, np.nan),
        "to inf": to_infinity,
        "inf, -inf": both_infinities,
        "a gap": gap,
        "huge": huge,
        "half as long": np.random.default_rng(1).random(N_SAMPLES // 2),
    }


def hard_ids() -> dict[str, NDArray[Any]]:
    """Return activity under ids that must neither be parsed nor break a file."""
    ids = (
        "model.encoder.layers.11.mlp.dense_4h_to_h[1023]",
        r"a_b%$x^2$\n",
        "two\nlines\t<&>",
        "עצב 7",
        "عصبون 7",
        "神経細胞7",
        "🧠 7",
        "e\N{COMBINING ACUTE ACCENT} 7",
        " ",
    )
    return dict.fromkeys(ids, activity())


def activity() -> NDArray[Any]:
    """Return the activations of a neuron that responds to what it is shown."""
    steps = np.arange(N_SAMPLES)
    drift = np.random.default_rng(2).normal(0.0, 0.15, N_SAMPLES).cumsum()
    return np.asarray(1.2 + 0.5 * np.sin(steps / 3) + drift)


def draw(
    neurons: Mapping[str, NDArray[Any]],
    style: str,
    nan_policy: Literal["propagate", "omit"],
) -> AutopsyFigure:
    """Draw every kind of card in a style, under a policy towards nan."""
    return plot_autopsy(
        diagnose(neurons, nan_policy=nan_policy),
        title=f"Every kind of card, nan_policy={nan_policy!r}",
        style=style,
    )


def main(output: Path) -> None:
    """Draw and save every combination; print the alt texts."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    neurons = histories()
    for nan_policy in NAN_POLICIES:
        for style in STYLES:
            fig = draw(neurons, style, nan_policy)
            for suffix in ("png", "svg"):
                fig.savefig(output / f"states_{nan_policy}_{style}.{suffix}")
        print(f"Alt text: {fig.alt_text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw every kind of card.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
