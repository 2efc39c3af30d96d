"""A figure as HTML, for notebooks: a picture there has no alt text of its own."""

from __future__ import annotations

import base64
import io
import itertools
import re
import sys
from functools import partial
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from ._wording import AltText

#: A figure of more cards is shown as an image: so long an SVG would slow the page down.
MOST_CARDS_INLINE = 500

#: Tells the figures in one page apart, even one that is shown twice.
_numbers = itertools.count(1)

_TAG = re.compile(r"<[a-zA-Z][^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:-]+)=("[^"]*"|'[^']*')""")


def html(figure: Figure, alt: AltText, n_cards: int) -> str:
    """Return a figure as HTML: as SVG with all that it says, or as an image with alt text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to show.
    alt : AltText
        What it shows, in words.
    n_cards : int
        How many cards it has.
    """
    if n_cards <= MOST_CARDS_INLINE:
        return _inline_svg(figure)
    words, language = escape(alt.full), escape(alt.language)
    source = f"data:image/png;base64,{_png(figure)}"
    return f'<img lang="{language}" alt="{words}" style="{_FITTING}" src="{source}">'


def show(figure: Figure, alt: AltText, n_cards: int) -> None:
    """Show a figure in IPython, once.

    As HTML; as an image for what cannot show HTML, such as nbconvert's LaTeX; as words.
    """
    from IPython import display  # whoever calls this has it

    forms = {
        "text/html": html(figure, alt, n_cards),
        "image/png": _png(figure),
        "text/plain": alt.full,
    }
    display.display(forms, raw=True, metadata={"image/png": {"alt": alt.full}})
    _keep_from_showing_again(figure)


_FITTING = "max-width: 100%; height: auto"


def _inline_svg(figure: Figure) -> str:
    """Return the SVG as HTML takes it, with ids that no other in the page has."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    number = next(_numbers)
    svg = buffer.getvalue().decode()
    svg = svg[svg.index("<svg") :]
    number_ids = partial(_ATTRIBUTE.sub, partial(_with_number, number=number))
    svg = _TAG.sub(lambda tag: number_ids(tag[0]), svg)
    name = f"autopsy-svg-{number}"
    # Matplotlib styles every element there is; in a page there are others.
    svg = svg.replace("*{stroke-linejoin", f"#{name} *{{stroke-linejoin", 1)
    svg = svg.replace("<svg", f'<svg id="{name}" style="{_FITTING}"', 1)
    # MathJax would take what stands between two dollar signs for a formula.
    return f'<div class="tex2jax_ignore mathjax_ignore">{svg}</div>'


def _with_number(attribute: re.Match[str], number: int) -> str:
    """Return an attribute with a number after each id that it is or refers to."""
    name, value = attribute[1], attribute[2]
    is_id = name in {"id", "aria-labelledby", "aria-describedby"}
    if is_id or (name in {"href", "xlink:href"} and value[1:2] == "#"):
        value = f"{value[:-1]}-{number}{value[-1]}"
    elif name != "aria-label":
        value = re.sub(r"(?<=url\(#)[^)]+", rf"\g<0>-{number}", value)
    return f"{name}={value}"


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _keep_from_showing_again(figure: Figure) -> None:
    """Take a figure from those that the inline backend shows at the end of a cell."""
    inline: Any = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is None or "inline" not in mpl.get_backend():
        return
    if inline.InlineBackend.instance().close_figures:
        from matplotlib import pyplot as plt

        plt.close(figure)  # as that backend does after it has shown a figure
        return
    queue = getattr(inline.show, "_to_draw", [])
    if figure in queue:
        queue.remove(figure)
