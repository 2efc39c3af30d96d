"""A figure as HTML, for notebooks: a picture there has no alt text of its own."""

from __future__ import annotations

import base64
import io
import itertools
import re
from functools import partial
from html import escape
from weakref import WeakSet

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
    return _image(_png(figure), alt)


def show(figure: Figure, alt: AltText, n_cards: int) -> None:
    """Show a figure in IPython, once.

    As HTML; as an image for what cannot show HTML, such as nbconvert's LaTeX; as words.
    """
    from IPython import display, get_ipython  # whoever calls this has them

    hook = getattr(get_ipython(), "displayhook", None)
    in_a_cell = getattr(hook, "exec_result", None) is not None
    if not in_a_cell and figure in _shown:
        _shown.discard(figure)  # the inline backend shows all figures as a cell ends
        return
    png = _png(figure)
    inline = n_cards <= MOST_CARDS_INLINE
    forms = {
        "text/html": _inline_svg(figure) if inline else _image(png, alt),
        "image/png": png,
        "text/plain": alt.full,
    }
    display.display(forms, raw=True, metadata={"image/png": {"alt": alt.full}})
    if in_a_cell:
        _shown.add(figure)


#: Figures that a cell has shown itself, until it ends.
_shown: WeakSet[Figure] = WeakSet()

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
    svg = re.sub(r"(?<=<style type=\"text/css\">)(?=\*\{)", f"#{name} ", svg, count=1)
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


def _image(png: str, alt: AltText) -> str:
    words, language = escape(alt.full), escape(alt.language)
    source = f"data:image/png;base64,{png}"
    return f'<img lang="{language}" alt="{words}" style="{_FITTING}" src="{source}">'


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()
