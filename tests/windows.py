"""Programs that open a window on a screen of their own."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from programs import program

_calls = itertools.count()

# How a program begins that has its `canvas` in a window. On a busy machine, things take time: it
# waits for what it expects, for at most 20 seconds.
_UNTIL = """
def until(condition):
    for _ in range(200):
        if condition():
            return True
        canvas.start_event_loop(0.1)
    return False
"""
KEYS = {
    "tkagg": f"""{_UNTIL}
widget = canvas.get_tk_widget()
def has_focus():
    widget.focus_force()
    canvas.start_event_loop(0.1)
    return widget.winfo_viewable() and widget.focus_displayof() is widget
until(has_focus)
def key(name):
    widget.event_generate(f"<{{name}}>")
    canvas.start_event_loop(0.02)
""",
    "qtagg": f"""{_UNTIL}
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
QTest.qWaitForWindowExposed(canvas)
canvas.setFocus()
canvas.activateWindow()
def key(name):
    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{{name}}"))
    canvas.start_event_loop(0.02)
""",
}


def run_in_window(backend: str, *arguments: str, cwd: Path | None = None, **variables: str) -> str:
    """Run Python with a window toolkit; return what it prints. Skip without the toolkit."""
    environment = {**os.environ, "MPLBACKEND": backend, "QT_QPA_PLATFORM": "offscreen"}
    environment |= variables
    for _ in range(5):
        # Two that look for a free screen at once may find the same, and one that has just been
        # closed may still be there: a number for each worker and call, and another try.
        number = 100 + os.getpid() % 500 * 16 + next(_calls) % 16
        screen = ["--auto-servernum", f"--server-num={number}"]
        command = [program("xvfb-run"), *screen, sys.executable, *arguments]
        ran = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, check=False, encoding="utf-8"
        )
        if not re.search(r"Invalid DISPLAY|display|Xvfb failed", ran.stderr):
            break
    if re.search(r"No module named '(PySide6|tkinter|_tkinter)'|ImportError", ran.stderr):
        pytest.skip(f"{backend} cannot be imported here")
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr, ran.stderr  # of an event's handler
    return ran.stdout
