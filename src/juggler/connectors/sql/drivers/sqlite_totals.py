"""The aggregate functions that SQLite is taught: sums and means that are exact until the end.

They run inside SQLite, in the thread of a connection, and must not raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from juggler.connectors.sql.codecs import INT64
from juggler.query.totals import DecimalTotal, Total, as_float


class NumberSum:
    """The sum of one group of numbers."""

    def __init__(self) -> None:
        self.total = Total()
        self.step = self.total.add

    def finalize(self) -> float | None:
        """Return the sum; a whole one that SQLite has no room for as a float."""
        found = self.total.sum()
        if isinstance(found, int) and not -INT64 <= found < INT64:
            return as_float(found)
        return found


class NumberMean:
    """The mean of one group of numbers."""

    def __init__(self) -> None:
        self.total = Total()
        self.step = self.total.add

    def finalize(self) -> float | None:
        """Return the mean."""
        return self.total.mean()


class DecimalSum:
    """The sum of one group of decimals, given and returned as text."""

    def __init__(self) -> None:
        self.total = DecimalTotal()

    def step(self, text: Any) -> None:
        """Count one in."""
        try:
            self.total.add(None if text is None else Decimal(text))
        except (InvalidOperation, TypeError, ValueError):
            return  # another program's text that is no number

    def finalize(self) -> str | None:
        """Return the sum."""
        found = self.total.sum()
        return None if found is None else str(found)


class DecimalMean(DecimalSum):
    """The mean of one group of decimals, given and returned as text."""

    def finalize(self) -> str | None:
        """Return the mean."""
        found = self.total.mean()
        return None if found is None else str(found)


TOTALS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "juggler_number_sum": NumberSum,
        "juggler_number_mean": NumberMean,
        "juggler_decimal_sum": DecimalSum,
        "juggler_decimal_mean": DecimalMean,
    }
)
"""Name in SQL -> the class that gathers one group."""
