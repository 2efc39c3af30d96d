"""A figure as HTML, for notebooks: a picture there has no alt text of its own."""

from __future__ import annotations

import base64
import io
import itertools
import re
from html import escape
from typing import Any
from weakref import WeakSet
from xml.sax import make_parser
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from matplotlib.figure import Figure

from ._wording import AltText

#: A figure of more cards is shown as an image: so long an SVG would slow the page down.
MOST_CARDS_INLINE = 500

#: Tells the figures in one page apart, even one that is shown twice.
_numbers = itertools.count(1)

#: Attributes that name an element, or several, by id.
_IDS = frozenset({"id", "aria-labelledby", "aria-describedby"})

_URL = re.compile(r"(?<=url\(#)[^)]+")


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
    svg = io.StringIO()
    buffer.seek(0)
    parser = make_parser()  # noqa: S317  of a file that has just been written
    parser.setContentHandler(_Inlined(svg, f"-{next(_numbers)}"))
    parser.parse(buffer)
    # MathJax would take what stands between two dollar signs for a formula.
    return f'<div class="tex2jax_ignore mathjax_ignore">{svg.getvalue()}</div>'


class _Inlined(XMLGenerator):
    """Writes an SVG as a part of a page.

    Parameters
    ----------
    out : io.StringIO
        Where to.
    suffix : str
        What no other SVG in the page has behind its ids.
    """

    def __init__(self, out: io.StringIO, suffix: str) -> None:
        super().__init__(out, encoding="utf-8", short_empty_elements=True)
        self._suffix = suffix
        self._root = ""
        self._in_style = self._in_text = self._after_tag = False

    def startDocument(self) -> None:  # noqa: N802  SAX's name
        """Write nothing: the page has begun."""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Write a tag, with ids that are unique in the page."""
        known = {key: self._numbered(key, value) for key, value in attrs.items()}
        if not self._root:
            self._root = known.setdefault("id", f"autopsy-svg{self._suffix}")
            known["style"] = _FITTING
        self._in_style, self._in_text = name == "style", name in {"text", "tspan"}
        self._after_tag = True
        super().startElement(name, AttributesImpl(known))

    def characters(self, content: str) -> None:
        """Write text. Matplotlib styles all elements; in a page there are others."""
        between = self._after_tag and not content.strip() and not self._in_text
        self._after_tag = False
        if self._in_style and content.startswith("*"):
            content = f"#{_css_escaped(self._root)} {content}"
        if not between:  # a blank line would end a block of Markdown
            super().characters(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Write a closing tag."""
        self._after_tag, self._in_text = True, False
        super().endElement(name)

    def _numbered(self, name: str, value: str) -> str:
        """Return an attribute's value with the suffix behind each id that it refers to."""
        if name in _IDS:
            return " ".join(f"{one}{self._suffix}" for one in value.split(" "))
        if name in {"href", "xlink:href"}:
            return f"{value}{self._suffix}" if value.startswith("#") else value
        if name == "aria-label":
            return value
        return _URL.sub(lambda url: f"{url[0]}{self._suffix}", value)


def _css_escaped(name: str) -> str:
    """Return an id as a CSS selector names it."""
    escaped = re.sub(r"([^\w-])", r"\\\1", name)
    return re.sub(r"^\d", lambda digit: f"\\3{digit[0]} ", escaped)


def _image(png: str, alt: AltText) -> str:
    words, language = escape(alt.full), escape(alt.language)
    source = f"data:image/png;base64,{png}"
    return f'<img lang="{language}" alt="{words}" style="{_FITTING}" src="{source}">'


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()
