"""The programs that read saved files back."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

#: Debian's package of each program.
PACKAGES = {
    "chromium": "chromium",
    "exiftool": "libimage-exiftool-perl",
    "grep": "grep",
    "pandoc": "pandoc",
    "pdfinfo": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "qpdf": "qpdf",
    "xvfb-run": "xvfb",
}


def program(name: str) -> str:
    """Return where a program is; skip the test, or fail if it must run, without it."""
    found = shutil.which(name)
    if found is not None:
        return found
    missing = f"{name} is not installed (Debian's package {PACKAGES[name]})"
    if os.environ.get("REQUIRE_READERS"):
        pytest.fail(f"{missing}, and REQUIRE_READERS is set")
    pytest.skip(missing)


def output_of(name: str, *arguments: str | Path) -> str:
    """Run a program, and return what it prints."""
    command = [program(name), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout
