"""Tables as Markdown, and budgets with met or not met beside the figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MISSING = "-"


@dataclass(frozen=True, slots=True)
class Bar:
    """A budget and what was measured for it.

    Attributes:
        text: The budget in words: ``0.5x pydantic``, ``5 ms``.
        found: What was measured, in the unit of the limit.
        limit: The most that is within the budget.
    """

    text: str
    found: float
    limit: float

    @property
    def met(self) -> bool:
        """Tell whether the budget is met."""
        return self.found <= self.limit


def budget_cells(bars: Sequence[Bar]) -> list[str]:
    """Return three cells: the budgets, what was found for each, and whether all are met."""
    if not bars:
        return ["", "", ""]
    found = "; ".join(number(each.found) for each in bars)
    verdict = "met" if all(each.met for each in bars) else "NOT MET"
    return ["; ".join(f"≤ {each.text}" for each in bars), found, verdict]


def number(value: float) -> str:
    """Return a figure with three digits that count, or more before the point."""
    size = abs(value)
    if size >= 100 or not size % 1:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: Iterable[int] = (0,)) -> str:
    """Return a Markdown table; columns whose place is not in *texts* hold figures."""
    wide = set(texts)
    marks = ["---" if at in wide else "---:" for at in range(len(head))]
    lines = [head, marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def titled(title: str, *parts: str) -> str:
    """Return a section: a heading and its parts."""
    return "\n\n".join([f"### {title}", *parts])
