r"""Lines that include a saved figure in LaTeX, HTML, Markdown and reStructuredText.

All of these drop the words in the file, or cannot count on readers to find them, so the
document has to repeat them.
"""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import PurePath
from urllib.parse import quote

from .._words.notation import clean

#: Escapes for the characters that TeX would read as commands.
_NAMED = {"\\": "backslash", "^": "asciicircum", "~": "asciitilde"}
_ESCAPES = str.maketrans(
    {one: f"\\{one}" for one in "{}$&#%_"}
    | {one: f"\\text{name}{{}}" for one, name in _NAMED.items()}
)

#: Characters that LaTeX cannot read in a file name. After "|", TeX would run a command.
_UNREADABLE = set('\\{}#%~^$&"|')

#: Punctuation that Markdown may read as markup, or replace by typographic signs: all but
#: ``(),;`` and single full stops.
_MARKED = re.compile(r"[!-'*+\-/:<-@\[-`{-~]|\.(?=\.)|(?<=\.)\.")


def includegraphics(path: str | os.PathLike[str], words: str) -> str:
    """Return the LaTeX line that includes a file, with its alt text."""
    # The ``alt`` key of graphicx exists since LaTeX 2021; tagged documents take the
    # figure's alternate text from it.
    name = _name_of(path)
    unreadable = sorted(_UNREADABLE & set(name))
    if unreadable or not name.isprintable() or name != " ".join(name.split()) or not name:
        raise ValueError(
            f"path: LaTeX cannot read a file named {name!r}"
            f"{f' (because of {unreadable[0]!r})' if unreadable else ''}; rename it."
        )
    return f"\\includegraphics[alt={{{clean(words).translate(_ESCAPES)}}}]{{{name}}}"


def html_image(path: str | os.PathLike[str], words: str, language: str) -> str:
    """Return the HTML element that includes a file, with its alt text and its language."""
    said = f'lang="{escape(clean(language))}" alt="{escape(clean(words))}"'
    return f'<img src="{_url_of(path)}" {said}>'


def markdown_image(path: str | os.PathLike[str], words: str) -> str:
    """Return the Markdown that includes a file, with its alt text."""
    escaped = _MARKED.sub(r"\\\g<0>", clean(words))
    return f"![{escaped}]({_url_of(path)})"


def rst_image(path: str | os.PathLike[str], words: str) -> str:
    """Return the reStructuredText directive that includes a file, with its alt text."""
    return f".. image:: {_url_of(path)}\n   :alt: {clean(words)}"


def _name_of(path: str | os.PathLike[str]) -> str:
    """Return a path as documents write it, with slashes; raise TypeError if it is none."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str):
        raise TypeError(f"path: must be a str or a path; got {type(path).__name__}.")
    return PurePath(name).as_posix() if os.sep == "\\" else name


def _url_of(path: str | os.PathLike[str]) -> str:
    """Return a path as a URL; raise ValueError if it is empty."""
    name = _name_of(path)
    if not name.strip():
        raise ValueError(f"path: must name a file; got {name!r}.")
    return quote(name, safe="/:~", errors="surrogatepass")
