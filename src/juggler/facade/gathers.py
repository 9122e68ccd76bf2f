"""The methods of a model that go through many records: streams, pages, figures, and no scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self, TypeVar

from juggler.facade.unscoped import Unscoped
from juggler.models.api import Makes
from juggler.persistence.reads import aggregate, iterate, page
from juggler.persistence.reads.iterate import Stream
from juggler.persistence.reads.page import Page
from juggler.persistence.scoping import Scoped
from juggler.query.nodes import Filter, Where

M = TypeVar("M")
T = TypeVar("T")

Query = Mapping[str, Any] | Filter
Conditions = Mapping[str, Any] | Where
Options = Mapping[str, Any]
Names = str | Sequence[str]
Figures = str | Sequence[str] | Mapping[str, str]
Counts = bool | str | Sequence[str | bool] | Mapping[str, str | bool]


class Gathers(Scoped):
    """Going through many records; see `juggler.facade.reads.Reads` for what all reads share."""

    __slots__ = ()

    def iterate(
        self: Makes[M],
        filter: Query | None = None,
        /,
        batch_size: int = 500,
        options: Options | None = None,
        **clauses: Any,
    ) -> Stream[M]:
        """Return the records that match as an async iterator, read *batch_size* at a time.

        Observers of ``access`` run once, those of ``loaded`` for each record.  The tenant and the
        data source are those of now.  Records that are added or deleted meanwhile shift nothing
        where the order is of plain properties; see the guide on large results.

        Raises:
            InvalidQueryError: *batch_size* is no whole number from 1 on.
        """
        return iterate.iterate(self, filter, batch_size, options, clauses)

    async def find_page(
        self: Makes[M],
        filter: Query | None = None,
        /,
        cursor: str | None = None,
        *,
        total: bool = False,
        options: Options | None = None,
        **clauses: Any,
    ) -> Page[M]:
        """Return one page of the records that match: ``limit`` of them, 50 unless given.

        Args:
            filter: The query; the same for all pages.
            cursor: Where the page before ended (its ``next_cursor``); None for the first page,
                the only one that ``skip`` counts for.
            total: Count all that match, too.
            options: Options of the call.
            clauses: Clauses of the filter.

        Raises:
            InvalidQueryError: ``INVALID_CURSOR``: the cursor is not of this query.
        """
        return await page.find_page(self, filter, cursor, options, clauses, total=total)

    async def aggregate(  # noqa: PLR0913  one for each clause
        self,
        *,
        group_by: Names | None = None,
        sum: Figures | None = None,  # noqa: A002  the words of the query language
        avg: Figures | None = None,
        min: Figures | None = None,  # noqa: A002
        max: Figures | None = None,  # noqa: A002
        count: Counts | None = None,
        where: Conditions | None = None,
        having: Conditions | None = None,
        order: str | Sequence[str] | None = None,
        limit: int | None = None,
        skip: int | None = None,
        options: Options | None = None,
    ) -> list[dict[str, Any]]:
        """Return figures over the records that match, one row for each group.

        A function takes a property, a list of them, or a mapping from names in the result to
        properties; without such a name that of ``sum="total"`` is ``sum_total``.  ``count=True``
        counts records.  ``having`` and ``order`` are about names in the result.  Null is left out;
        a figure of nothing is None.  Without ``group_by`` there is one row.

        Raises:
            InvalidQueryError: A clause is not understood, or asks for what must not be asked for.
            OperationNotSupportedError: The store has no aggregates.
        """
        asked = {
            "group_by": group_by,
            "sum": sum,
            "avg": avg,
            "min": min,
            "max": max,
            "count": count,
            "where": where,
            "having": having,
            "order": order,
            "limit": limit,
            "skip": skip,
        }
        return await aggregate.aggregate(self, asked, options)

    async def distinct(
        self, name: str, where: Conditions | None = None, options: Options | None = None
    ) -> list[Any]:
        """Return each value that the property *name* has in the records that match, in order.

        None stands first where a record has no value.
        """
        return await aggregate.distinct(self, name, where, options)

    def unscoped(self) -> Self:
        """Return the model without its default scope, as a view that stands in no namespace.

        What it finds and makes does without the scope, too.  It is for code that is trusted:
        check who may before you call it.  Tenants stay apart as ever.  Its methods take
        ``options`` by keyword.
        """
        view: Any = Unscoped(self)
        found: Self = view
        return found
