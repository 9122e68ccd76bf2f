"""The list that reads return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from juggler.models.interop.showing import table_of

R = TypeVar("R")


class Records(list[R]):
    """Records in the order of a query: a list that notebooks show as a table.

    Attributes:
        count_before_limit: How many records matched before paging, where the store told; else None.
    """

    __slots__ = ("count_before_limit",)

    def __init__(self, records: Iterable[R] = (), count_before_limit: int | None = None) -> None:
        super().__init__(records)
        self.count_before_limit = count_before_limit

    def _repr_html_(self) -> str:
        """Return the records as notebooks show them."""
        return table_of(self)
