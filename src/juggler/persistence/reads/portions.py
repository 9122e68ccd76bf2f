"""A query in portions: where each begins, and what has to be read for the next to be found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from juggler.persistence.conditions import access, read_filter, within_scope
from juggler.persistence.limits import limits_of
from juggler.persistence.operation import Operation
from juggler.persistence.reads.located import loaded, needed, rows_of
from juggler.query.keyset import after, key_of_row, keyset_of
from juggler.query.limits import Limits
from juggler.query.merge import both
from juggler.query.nodes import Filter, OrderBy, Where
from juggler.query.normalise import normalise_where
from juggler.query.parse import parse_filter

Key = tuple[Any, ...]


class Place(NamedTuple):
    """Where a portion begins: after the row with a key, or at an offset."""

    key: Key | None = None
    offset: int = 0


class Portions:
    """One query that is read in portions, each with what comes after the one before.

    Where the order allows, the next portion is found by the key of the last row, so rows that are
    added or deleted meanwhile shift nothing; else by counting.  It belongs to one operation.

    Args:
        op: The operation.
        query: The whole query.
        is_told: Keys leave the process, so they must not show what is hidden.

    Attributes:
        query: The whole query, within the scope, as the "access" observers left it.
        order: Its order where portions go by keys; None where they count.
    """

    __slots__ = ("_op", "order", "query")

    def __init__(self, op: Operation, query: Filter, *, is_told: bool = False) -> None:
        self._op = op
        self.query = query
        self.order: tuple[OrderBy, ...] | None = keyset_of(query, op.shape)
        if is_told and self.order is not None:
            definition = op.model.definition
            secrets = definition.hidden | definition.protected
            if not secrets.isdisjoint(term.path[0] for term in self.order):
                self.order = None

    async def read(self, place: Place, size: int) -> list[dict[str, Any]]:
        """Return up to *size* rows from *place* on, with all that finds the next portion."""
        rows = await rows_of(self._op, self._portion(place, size))
        self._op.check_alive()
        return rows

    async def load(self, rows: list[dict[str, Any]]) -> list[Any]:
        """Return *rows* as instances with the fields that were asked for."""
        return await loaded(self._op, rows, self.query)

    def next(self, place: Place, rows: list[dict[str, Any]]) -> Place:
        """Return where the portion after *rows*, which were read from *place*, begins."""
        if self.order is None:
            return Place(None, place.offset + len(rows))
        return Place(key_of_row(self.order, rows[-1])) if rows else place

    def _portion(self, place: Place, size: int) -> Filter:
        query = needed(self._op, replace(self.query, limit=size, offset=place.offset))
        if self.order is None:
            return query
        fields = query.fields
        if fields is not None:
            names = (term.path[0] for term in self.order)
            fields = tuple(dict.fromkeys((*fields, *names)))
        where = query.where
        if place.key is not None:
            where = both(where, self._after(place.key))
        return replace(query, where=where, order=self.order, fields=fields)

    def _after(self, key: Key) -> Where:
        """Return the condition for what comes after *key*, coerced: stores may keep other types."""
        return normalise_where(after(self.order or (), key), self._op.shape)


async def asked_for(op: Operation, filter: Any, clauses: Mapping[str, Any]) -> Filter:
    """Return the query of a call that reads in portions, after its observers have seen it.

    Its limit is the caller's: bounds of one read count for each portion, not for all together.
    """
    limits, asked = limits_of(op), read_filter(op, filter, clauses)
    wanted = parse_filter(filter, limits, **clauses).limit
    query = within_scope(op, replace(asked, limit=wanted))
    left = await access(op, query)
    if left.limit == bounded(query.limit, limits):
        left = replace(left, limit=query.limit)
    return left


def bounded(limit: int | None, limits: Limits) -> int | None:
    """Return *limit* within the bounds of one read."""
    asked = limits.default_limit if limit is None else limit
    given = [each for each in (asked, limits.max_limit) if each is not None]
    return min(given, default=None)
