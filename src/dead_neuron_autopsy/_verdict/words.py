"""The interface through which a verdict, which holds no words, is put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .autopsy import Autopsy


class Words(Protocol):
    """What says the findings in a language; the verdict itself knows no words."""

    def summary(self, autopsy: Autopsy) -> str:
        """Return the title, and how many neurons are dead by which rule."""

    def description(self, autopsy: Autopsy) -> str:
        """Return the findings in a few sentences."""

    def rule_in_force(self, autopsy: Autopsy) -> str:
        """Return the rule as a formula, and over how many samples it was applied."""
