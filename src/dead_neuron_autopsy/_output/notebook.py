"""Show figures as HTML in notebooks, where plain images carry no alt text."""

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

from .._words.wording import AltText
from .alt import panels_in

#: Most cards shown as inline SVG; with more, the SVG would slow the page down, so we show
#: an image.
MOST_CARDS_INLINE = 500

#: Numbers the figures in a page, so that ids differ even for a figure shown twice.
_numbers = itertools.count(1)

#: Figures that a running cell has already shown.
_shown: WeakSet[Figure] = WeakSet()

_FITTING = "max-width: 100%; height: auto"


def html(figure: Figure, alt: AltText, png: str | None = None) -> str:
    """Return a figure as HTML: inline SVG with roles, or an image with alt text."""
    if sum(panel.n_cells for panel in panels_in(figure)) <= MOST_CARDS_INLINE:
        return _inline_svg(figure)
    words, language = escape(alt.full), escape(alt.language)
    source = f"data:image/png;base64,{png or _png(figure)}"
    return f'<img lang="{language}" alt="{words}" style="{_FITTING}" src="{source}">'


def show(figure: Figure, alt: AltText) -> None:
    """Show a figure in IPython, once."""
    from IPython import display, get_ipython  # available wherever this is called

    hook = getattr(get_ipython(), "displayhook", None)
    in_a_cell = getattr(hook, "exec_result", None) is not None
    if not in_a_cell and figure in _shown:
        _shown.discard(figure)  # the inline backend shows every figure as a cell ends
        return
    png = _png(figure)  # for frontends without HTML, such as nbconvert's LaTeX
    shown = html(figure, alt, png)
    forms = {"text/html": shown, "image/png": png, "text/plain": alt.full}
    display.display(forms, raw=True, metadata={"image/png": {"alt": alt.full}})
    if in_a_cell:
        _shown.add(figure)


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _inline_svg(figure: Figure) -> str:
    """Return the figure as SVG for HTML, with ids that are unique in the page."""
    buffer, svg = io.BytesIO(), io.StringIO()
    figure.savefig(buffer, format="svg")
    buffer.seek(0)
    parser = make_parser()  # noqa: S317  parses only what we just wrote
    parser.setContentHandler(_Inlined(svg, f"-{next(_numbers)}"))
    parser.parse(buffer)
    # MathJax would typeset text between two dollar signs as a formula.
    return f'<div class="tex2jax_ignore mathjax_ignore">{svg.getvalue()}</div>'


class _Inlined(XMLGenerator):
    """Rewrites an SVG for use inside an HTML page; *suffix* makes its ids unique there."""

    def __init__(self, out: io.StringIO, suffix: str) -> None:
        super().__init__(out, encoding="utf-8", short_empty_elements=True)
        self._suffix = suffix
        self._root = ""
        self._in_style = self._in_text = self._after_tag = False

    def startDocument(self) -> None:  # noqa: N802  SAX dictates the name
        """Write nothing: an XML declaration has no place inside a page."""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Write a tag, its ids made unique in the page."""
        known = {key: self._numbered(key, value) for key, value in attrs.items()}
        if not self._root:
            self._root = known.setdefault("id", f"autopsy-svg{self._suffix}")
            known["style"] = _FITTING
        self._in_style, self._in_text = name == "style", name in {"text", "tspan"}
        self._after_tag = True
        super().startElement(name, AttributesImpl(known))

    def characters(self, content: str) -> None:
        """Write text, with Matplotlib's style for "*" limited to this SVG."""
        between = self._after_tag and not content.strip() and not self._in_text
        self._after_tag = False
        if self._in_style and content.startswith("*"):
            content = f"#{_css_escaped(self._root)} {content}"
        if not between:  # a blank line would end a Markdown block
            super().characters(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Write a closing tag."""
        self._after_tag, self._in_text = True, False
        super().endElement(name)

    def _numbered(self, name: str, value: str) -> str:
        """Return an attribute's value with the suffix appended to every id in it."""
        if name == "id":
            return f"{value}{self._suffix}"
        if name in {"aria-labelledby", "aria-describedby"}:
            return " ".join(f"{one}{self._suffix}" for one in value.split(" "))
        if name in {"href", "xlink:href"}:
            return f"{value}{self._suffix}" if value.startswith("#") else value
        if name == "aria-label":
            return value
        return re.sub(r"(?<=url\(#)[^)]+", lambda url: f"{url[0]}{self._suffix}", value)


def _css_escaped(name: str) -> str:
    """Return an id escaped for use in a CSS selector."""
    escaped = re.sub(r"([^\w-])", r"\\\1", name)
    return re.sub(r"^\d", lambda digit: f"\\3{digit[0]} ", escaped)
