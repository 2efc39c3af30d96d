"""How the cards of an animated SVG move, as a style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.artist import Artist


class SvgMotion(NamedTuple):
    """How the cards of an SVG move: by CSS alone, once, and only where motion is welcome."""

    kinds: Mapping[Artist, str]  # "line", "border", "badge" or "time"
    delays: Sequence[float | None]  # in seconds, until each card shows that it is dead
    seconds: float  # until lines are whole
    line: str  # the colours of the living
    border: str

    def css(self, prefix: str) -> str:
        """Return the style sheet. Everything ends in the state that is there without it."""
        dead = '[data-state="dead"]'
        return f"""
@media (prefers-reduced-motion: no-preference) {{
.{prefix}-line {{ animation: {prefix}-grow {self.seconds:g}s linear backwards }}
{dead} .{prefix}-line path {{ animation: {prefix}-line .3s var(--at) backwards }}
{dead} .{prefix}-border path {{ animation: {prefix}-border .3s var(--at) backwards }}
{dead} .{prefix}-badge, .{prefix}-time {{ animation: {prefix}-appear .3s var(--at) backwards }}
@keyframes {prefix}-grow {{
from {{ clip-path: inset(-9px 100% -9px -9px) }} to {{ clip-path: inset(-9px) }} }}
@keyframes {prefix}-line {{ from {{ stroke: {self.line} }} }}
@keyframes {prefix}-border {{ from {{ stroke: {self.border} }} }}
@keyframes {prefix}-appear {{ from {{ opacity: 0 }} }}
}}
"""

    def delay_of(self, place: int) -> dict[str, str]:
        """Return the attribute of a card that says when it shows that it is dead."""
        delay = self.delays[place]
        return {} if delay is None else {"style": f"--at: {delay:.2f}s"}
