"""Show figures as HTML in notebooks, where plain images carry no alt text."""

from __future__ import annotations

import base64
import io
import itertools
import re
import sys
import weakref
from html import escape
from typing import Any
from weakref import WeakSet
from xml.sax import make_parser
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from matplotlib.figure import Figure

from .alt import alt_text_of, panels_in

#: Most cards shown as inline SVG; more would slow the page down, so we show an image.
MOST_CARDS_INLINE = 500

#: Numbers the figures in a page, so that ids differ even for a figure shown twice.
_numbers = itertools.count(1)

#: Figures that a running cell has already shown.
_shown: WeakSet[Figure] = WeakSet()

#: A figure keeps its size, so that its letters grow as a reader zooms in (WCAG 1.4.4); one
#: that is wider than the page scrolls in a region of its own, which the keyboard reaches.
_OWN_SIZE = "max-width: none; height: auto"
_REGION = (
    '<div class="tex2jax_ignore mathjax_ignore" role="region" tabindex="0" aria-label="{name}"'
    ' lang="{language}" style="overflow-x: auto">{figure}</div>'
)


def html(figure: Figure, png: str | None = None) -> str | None:
    """Return a figure as HTML: inline SVG with roles, or an image with alt text."""
    alt = alt_text_of(figure)
    if alt is None:
        return None
    if sum(panel.n_cells for panel in panels_in(figure)) > MOST_CARDS_INLINE:
        words, language = escape(alt.full), escape(alt.language)
        source = f"data:image/png;base64,{png or _png(figure)}"
        image = f'<img lang="{language}" alt="{words}" style="{_OWN_SIZE}" src="{source}">'
        return _REGION.format(name=escape(alt.title), language=language, figure=image)
    written, svg = io.BytesIO(), io.StringIO()
    figure.savefig(written, format="svg")
    written.seek(0)
    parser = make_parser()  # noqa: S317  parses only what we just wrote
    parser.setContentHandler(_Inlined(svg, f"-{next(_numbers)}"))
    parser.parse(written)
    # MathJax would typeset text between two dollar signs as a formula: hence the classes.
    name, language = escape(alt.title), escape(alt.language)
    return _REGION.format(name=name, language=language, figure=svg.getvalue())


def show(figure: Figure) -> None:
    """Show a figure in IPython, once."""
    alt = alt_text_of(figure)
    if alt is None:
        raise NotImplementedError  # IPython then falls back to its usual display
    from IPython import display, get_ipython  # available wherever this is called

    hook = getattr(get_ipython(), "displayhook", None)
    in_a_cell = getattr(hook, "exec_result", None) is not None
    if not in_a_cell and figure in _shown:
        _shown.discard(figure)  # the inline backend shows every figure as a cell ends
        return
    forms, metadata = _forms(figure)
    display.display(forms, raw=True, metadata=metadata)
    if in_a_cell:
        _shown.add(figure)


class LiveDisplay:
    """Shows a figure in the running cell, and later states of it in the same place."""

    def __init__(self, figure: Figure) -> None:
        self._figure = weakref.ref(figure)
        self._handle: Any = None

    def show(self) -> None:
        """Show the figure as it is now."""
        from IPython import display

        figure = self._figure()
        if figure is None:
            return
        forms, metadata = _forms(figure)
        if self._handle is None:
            self._handle = display.display(forms, raw=True, metadata=metadata, display_id=True)
            _shown.add(figure)  # the inline backend shows it no second time as the cell ends
        else:
            self._handle.update(forms, raw=True, metadata=metadata)


def shows_images() -> bool:
    """Return whether this process is a notebook's kernel, which shows images."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def _forms(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the forms of a figure from which a frontend chooses, and what they need."""
    alt: Any = alt_text_of(figure)
    png = _png(figure)  # for frontends without HTML, such as nbconvert's LaTeX
    forms = {"text/html": html(figure, png), "image/png": png, "text/plain": alt.full}
    return forms, {"image/png": {"alt": alt.full}}


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


class _Inlined(XMLGenerator):
    """Rewrites an SVG for use inside an HTML page; *suffix* makes its ids unique there."""

    def __init__(self, out: io.StringIO, suffix: str) -> None:
        super().__init__(out, encoding="utf-8", short_empty_elements=True)
        self._suffix = suffix
        self._root = ""  # the SVG's id, escaped for CSS
        self._open = ""  # the element that was opened last, until one ends
        self._after_tag = False

    def startDocument(self) -> None:  # noqa: N802  SAX dictates the name
        """Write nothing: an XML declaration has no place inside a page."""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Write a tag, its ids made unique in the page."""
        known = {key: self._numbered(key, value) for key, value in attrs.items()}
        if not self._root:
            root = known.setdefault("id", f"autopsy-svg{self._suffix}")
            root = re.sub(r"([^\w-])", r"\\\1", root)
            self._root = re.sub(r"^\d", lambda digit: f"\\3{digit[0]} ", root)
            known["style"] = _OWN_SIZE
        self._open, self._after_tag = name, True
        super().startElement(name, AttributesImpl(known))

    def characters(self, content: str) -> None:
        """Write text, with Matplotlib's style for "*" limited to this SVG."""
        is_text = not self._after_tag or content.strip() or self._open in {"text", "tspan"}
        self._after_tag = False
        if self._open == "style" and content.startswith("*"):
            content = f"#{self._root} {content}"
        if is_text:  # elsewhere, a blank line would end a Markdown block
            super().characters(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Write a closing tag."""
        self._open, self._after_tag = "", True
        super().endElement(name)

    def _numbered(self, name: str, value: str) -> str:
        """Return an attribute's value with the suffix appended to every id in it."""
        is_link = name in {"href", "xlink:href"}
        if name == "id" or (is_link and value.startswith("#")):
            return f"{value}{self._suffix}"
        if name in {"aria-labelledby", "aria-describedby"}:
            return " ".join(f"{one}{self._suffix}" for one in value.split(" "))
        if is_link or name == "aria-label":
            return value
        return re.sub(r"(?<=url\(#)[^)]+", lambda url: f"{url[0]}{self._suffix}", value)
