"""Exact sums and means, the same wherever they are made: in process or inside a database."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any, Final

_MANY: Final = 1_024
_EXACT: Final = Context(prec=12_400, Emax=999_999, Emin=-999_999)
"""Holds the sum of any decimals that a property takes, digit by digit."""
_MEAN: Final = Context(prec=34)
"""As many digits as a decimal of IEEE 754 has."""


class Total:
    """The sum of numbers: whole ones as such, others rounded once, in the end.

    The order in which the numbers come does not count.

    Attributes:
        count: How many there were.
    """

    __slots__ = ("_parts", "_whole", "count")

    def __init__(self) -> None:
        self.count = 0
        self._whole = 0
        self._parts: list[float] = []

    def add(self, value: Any) -> None:
        """Count *value* in; what is null or no number is left out."""
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return
        self.count += 1
        if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
            self._whole += int(value)
        else:
            self._add_part(float(value))

    def _add_part(self, value: float) -> None:
        self._parts.append(value)
        if len(self._parts) >= _MANY:
            self._parts = _condensed(self._parts)

    def sum(self) -> float | None:
        """Return the sum: an int where all is whole; None for no numbers."""
        if not self.count:
            return None
        if not self._parts:
            return self._whole
        if math.isinf(as_float(self._whole)):
            return as_float(self._whole)
        return math.fsum([*_floats(self._whole), *self._parts])

    def mean(self) -> float | None:
        """Return the mean, rounded once; None for no numbers."""
        total = self.sum()
        if total is None or not math.isfinite(as_float(total)):
            return None if total is None else as_float(total)
        parts = _condensed(self._parts) if self._parts else []
        ratios = [(self._whole, 1), *(each.as_integer_ratio() for each in parts)]
        scale = max(below for _, below in ratios)  # all are powers of two
        return sum(above * (scale // below) for above, below in ratios) / (scale * self.count)


def _floats(whole: int) -> Iterator[float]:
    """Yield floats with exactly the sum *whole*, the largest first."""
    while whole:
        found = float(whole)
        whole -= int(found)
        yield found


def as_float(number: float) -> float:
    """Return *number* as a float; one that is larger than all of them as infinity."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _condensed(parts: list[float]) -> list[float]:
    """Return a few floats with exactly the sum of *parts*."""
    found: list[float] = []
    while True:
        rest = math.fsum([*parts, *(-each for each in found)])
        if not rest or not math.isfinite(rest):
            return found or [rest]
        found.append(rest)


class DecimalTotal:
    """The sum of decimals, digit by digit.

    Attributes:
        count: How many there were.
    """

    __slots__ = ("_sum", "count")

    def __init__(self) -> None:
        self.count = 0
        self._sum = Decimal(0)

    def add(self, value: Any) -> None:
        """Count *value* in, a Decimal or a whole number; others are left out."""
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            self.count += 1
            self._sum = _EXACT.add(self._sum, Decimal(value))

    def sum(self) -> Decimal | None:
        """Return the sum, None for no decimals."""
        return self._sum if self.count else None

    def mean(self) -> Decimal | None:
        """Return the mean to 34 digits, None for no decimals."""
        return _MEAN.divide(self._sum, Decimal(self.count)) if self.count else None
