r"""Write the LaTeX line for a saved figure: \includegraphics[alt={...}]{...}."""

from __future__ import annotations

import os
from pathlib import PurePath

from .._words.notation import clean

#: Escapes for the characters that TeX would read as commands.
_NAMED = {"\\": "backslash", "^": "asciicircum", "~": "asciitilde"}
_ESCAPES = str.maketrans(
    {one: f"\\{one}" for one in "{}$&#%_"}
    | {one: f"\\text{name}{{}}" for one, name in _NAMED.items()}
)

#: Characters that LaTeX cannot read in a file name. After "|", TeX would run a command.
_UNREADABLE = set('\\{}#%~^$&"|')


def includegraphics(path: str | os.PathLike[str], words: str) -> str:
    """Return the LaTeX line that includes a file, with its alt text."""
    # The ``alt`` key of graphicx exists since LaTeX 2021; tagged documents take the
    # figure's alternate text from it.
    name = os.fspath(path)
    if not isinstance(name, str):
        raise TypeError(f"path: must be a str or a path; got {type(name).__name__}.")
    if os.sep == "\\":
        name = PurePath(name).as_posix()
    unreadable = sorted(_UNREADABLE & set(name))
    if unreadable or not name.isprintable() or name != " ".join(name.split()) or not name:
        raise ValueError(
            f"path: LaTeX cannot read a file named {name!r}"
            f"{f' (because of {unreadable[0]!r})' if unreadable else ''}; rename it."
        )
    return f"\\includegraphics[alt={{{clean(words).translate(_ESCAPES)}}}]{{{name}}}"
