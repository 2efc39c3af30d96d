"""What the README tells a stranger to run, run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from drawing import Histories
from programs import program

from dead_neuron_autopsy import plot_autopsy

README = Path(__file__).parent.parent / "README.md"


def read_back_commands() -> list[str]:
    """Return the commands in the table of formats."""
    rows = re.findall(r"^\| (?:SVG|PDF|PNG|JPEG).*\|$", README.read_text("utf-8"), re.M)
    cells = [row.rsplit(" | ", 1)[1] for row in rows]
    return [command for cell in cells for command in re.findall(r"`([^`]+)`", cell)]


def test_every_format_has_a_command() -> None:
    commands = read_back_commands()
    assert [command.split()[0] for command in commands] == [
        "grep",
        "python",
        "pdfinfo",
        "exiftool",
        "exiftool",
    ]


@pytest.mark.parametrize("command", read_back_commands())
def test_what_is_written_is_read_back(command: str, six_neurons: Histories, tmp_path: Path) -> None:
    if not command.startswith("python"):
        program(command.split(maxsplit=1)[0])
    figure = plot_autopsy(six_neurons)
    for suffix in ("svg", "pdf", "png", "jpg"):
        figure.savefig(tmp_path / f"autopsy.{suffix}")
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    printed = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PATH": here},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = 'aria-label="L3·N1, dead, peak absolute activation 0"'
    if command.startswith("exiftool"):
        wanted = figure.alt_text
    elif not command.startswith("grep"):
        wanted = "Dead neuron autopsy. 2 of 6 neurons are dead."
    assert wanted in printed
