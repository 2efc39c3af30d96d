"""Whether whoever looks at the screen welcomes motion (WCAG 2.3.3)."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from typing import Any, get_args

from .._intake.foreign import short_repr
from .._layout.spring import Motion

#: Where a person says "full" or "none" for all programs, over a remote connection too.
VARIABLE = "DEAD_NEURON_AUTOPSY_MOTION"

#: For how many seconds an answer of the system holds.
_LASTING = 10.0

_answer: tuple[float, bool] = (-_LASTING, True)


def check_motion(motion: object) -> None:
    """Raise ValueError unless this is a `Motion`."""
    if not isinstance(motion, str) or motion not in get_args(Motion):
        got = short_repr(motion)
        raise ValueError(f"motion: must be 'auto', 'full' or 'none'; got {got}.")


def is_welcome(motion: Motion) -> bool:
    """Return whether to move things; "auto" asks the system, and moves if it does not know."""
    global _answer  # noqa: PLW0603  the system's answer is one for the whole process
    told = os.environ.get(VARIABLE, "").strip().lower()
    if told in {"full", "none"}:  # that person's word is above that of a program
        return told == "full"
    if motion != "auto":
        return motion == "full"
    if time.monotonic() - _answer[0] > _LASTING:
        _answer = time.monotonic(), not is_reduced()
    return _answer[1]


def is_reduced() -> bool:
    """Return whether the system is set to reduce motion; False if it does not say."""
    if sys.platform == "win32":
        return _is_reduced_on_windows()
    if sys.platform == "darwin":
        return _said("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    return _is_reduced_on_linux()


def _is_reduced_on_windows() -> bool:
    animates = ctypes.c_int(1)
    library: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]  # only there
    get_client_area_animation = 0x1042
    reference = ctypes.byref(animates)
    known = library.user32.SystemParametersInfoW(get_client_area_animation, 0, reference, 0)
    return bool(known) and not animates.value


def _is_reduced_on_linux() -> bool:
    portal = _said(
        *("gdbus", "call", "--session", "--timeout", "1"),
        *("--dest", "org.freedesktop.portal.Desktop"),
        *("--object-path", "/org/freedesktop/portal/desktop"),
        *("--method", "org.freedesktop.portal.Settings.ReadOne"),
        *("org.freedesktop.appearance", "reduced-motion"),
    )
    gnome = _said("gsettings", "get", "org.gnome.desktop.interface", "enable-animations")
    if "uint32 1" in portal or gnome == "false":
        return True
    for program in ("kreadconfig6", "kreadconfig5"):
        factor = _said(program, "--group", "KDE", "--key", "AnimationDurationFactor")
        if factor:
            return factor in {"0", "0.0"}
    return False


def _said(*command: str) -> str:
    """Return what a program prints; "" if it is not there, fails or takes too long."""
    if not shutil.which(command[0]):
        return ""
    try:
        ran = subprocess.run(  # noqa: S603  the commands above
            command, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=1.0
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode(errors="replace").strip()
