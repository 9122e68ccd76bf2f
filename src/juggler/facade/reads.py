"""The methods of a model that read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from juggler.facade.alias import Alias
from juggler.facade.gathers import Gathers
from juggler.models.api import Makes
from juggler.persistence.reads import read
from juggler.query.nodes import Filter, Where

M = TypeVar("M")

Query = Mapping[str, Any] | Filter
Conditions = Mapping[str, Any] | Where
Options = Mapping[str, Any]


class Reads(Gathers):
    """Reading: each method takes the call's ``options``, which go to hooks and connector as is.

    Clauses of a filter (``where``, ``order``, ``limit``, ``skip``, ``fields``) may be given as
    keywords too; they win over those in the mapping.

    Raises:
        InvalidQueryError: A filter, condition or id is not understood.
        ModelDisposedError: The model is gone.
        ConnectorDetachedError: It has no data source.
    """

    __slots__ = ()

    async def find(
        self: Makes[M],
        filter: Query | None = None,
        /,
        options: Options | None = None,
        **clauses: Any,
    ) -> list[M]:
        """Return the instances that match, in the order asked for, else by id."""
        return await read.find(self, filter, options, clauses)

    async def find_one(
        self: Makes[M],
        filter: Query | None = None,
        /,
        options: Options | None = None,
        **clauses: Any,
    ) -> M | None:
        """Return the first instance that matches, or None."""
        found: M | None = await read.find_one(self, filter, options, clauses)
        return found

    async def find_by_id(
        self: Makes[M],
        id: Any,
        filter: Query | None = None,
        options: Options | None = None,
        **clauses: Any,
    ) -> M | None:
        """Return the instance with this id, or None; of a filter ``fields`` and ``where`` count."""
        found: M | None = await read.find_by_id(self, id, filter, options, clauses)
        return found

    async def find_by_ids(
        self: Makes[M],
        ids: Sequence[Any],
        filter: Query | None = None,
        options: Options | None = None,
        **clauses: Any,
    ) -> list[M]:
        """Return the instances with these ids, in their order unless the filter has one."""
        return await read.find_by_ids(self, ids, filter, options, clauses)

    async def exists(self, id: Any, options: Options | None = None) -> bool:
        """Tell whether there is a record with this id."""
        return await read.exists(self, id, options)

    async def count(self, where: Conditions | None = None, options: Options | None = None) -> int:
        """Return how many records match."""
        return await read.count(self, where, options)

    if TYPE_CHECKING:
        all = find
    else:
        all = Alias("find")
