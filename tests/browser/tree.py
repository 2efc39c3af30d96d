"""What a page exposes to assistive technology, as Chromium computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from playwright.sync_api import Page


class Node(NamedTuple):
    """An object in the accessibility tree."""

    role: str
    name: str = ""
    description: str = ""
    children: tuple[Node, ...] = ()


def exposed(page: Page) -> tuple[Node, ...]:
    """Return the whole accessibility tree, without what readers do not get."""
    session = page.context.new_cdp_session(page)
    answer = session.send("Accessibility.getFullAXTree")
    session.detach()
    nodes = {node["nodeId"]: node for node in answer["nodes"]}
    roots = [number for number, node in nodes.items() if "parentId" not in node]
    return tuple(_below(roots, nodes))


def _below(numbers: Iterable[str], nodes: Mapping[str, Any]) -> Iterator[Node]:
    for number in numbers:
        node = nodes[number]
        children = tuple(_below(node.get("childIds", ()), nodes))
        if node["ignored"]:
            yield from children
        # An InlineTextBox is a line of its parent's text, and has the same words.
        elif node["role"]["value"] != "InlineTextBox":
            role, name, description = (
                node.get(part, {}).get("value", "") for part in ("role", "name", "description")
            )
            yield Node(role, name, description, children)
