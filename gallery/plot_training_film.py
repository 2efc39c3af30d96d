"""A network that dies, as a film: the first steps of a training at a learning rate far too high.

The training is that of plot_dying_relu.py. The film plays once, in five seconds, and ends with the
verdict; beside it stand a still of the end and an SVG that shows the same by CSS alone, and only
where whoever looks at it welcomes motion.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
from plot_dying_relu import TOO_HIGH_RATE, neuron_ids, train

from dead_neuron_autopsy import animate_autopsy, save_animated_svg

N_SHOWN, N_JUDGED = 72, 12


def main(output: Path) -> None:
    """Train; save the film and the animated SVG, and print what they show."""
    mpl.use("agg")
    output.mkdir(parents=True, exist_ok=True)
    training = train(TOO_HIGH_RATE)
    options: dict[str, Any] = {
        "neuron_axis": 1,
        "ids": neuron_ids(),
        "steps": training.steps[:N_SHOWN],
        "window": N_JUDGED,
        "title": f"ReLU network, learning rate {training.learning_rate:g}",
    }
    activations = training.activations[:N_SHOWN]
    for suffix in (".webp", ".gif"):
        film = animate_autopsy(
            output / f"training_film{suffix}", activations, dpi=80, width=8.0, **options
        )
    save_animated_svg(output / "training_film.svg", activations, width=8.0, **options)
    print(f"{film.n_frames} frames in {film.seconds:g} s: {film.alt_text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make a film of a dying network.")
    parser.add_argument("output", nargs="?", type=Path, default=Path(__file__).with_name("output"))
    main(parser.parse_args().output)
