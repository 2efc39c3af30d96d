r"""The line of LaTeX that includes a saved figure: \includegraphics[alt={...}]{...}."""

from __future__ import annotations

import os
from pathlib import PurePath

from ._notation import clean

#: How the characters that TeX reads as commands are written.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
    }
)

#: What no file that LaTeX includes can be named with; behind a bar, TeX runs a command.
_UNREADABLE = set('\\{}#%~^$&"|')


def includegraphics(path: str | os.PathLike[str], words: str) -> str:
    """Return the line that includes a file, with what it shows.

    The ``alt`` key is that of graphicx in LaTeX of 2021 or later; tagged documents take
    the figure's alternate text from it.

    Parameters
    ----------
    path : str or path-like
        The file, as the document shall name it.
    words : str
        What it shows.

    Raises
    ------
    TypeError, ValueError
        If *path* is no path, or LaTeX cannot read the file's name.

    Examples
    --------
    >>> print(includegraphics("plots/layer_1.pdf", "100% dead"))
    \\includegraphics[alt={100\\% dead}]{plots/layer_1.pdf}
    """
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
