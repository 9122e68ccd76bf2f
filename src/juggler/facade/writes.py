"""The methods of a model that write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from msgspec import UNSET, UnsetType

from juggler.errors import InvalidQueryError
from juggler.facade.alias import Alias
from juggler.facade.reads import Conditions, Options, Query
from juggler.models.api import Makes
from juggler.models.instances.instance import Instance
from juggler.persistence.scoping import Scoped
from juggler.persistence.writes import bulk, change, create_list, delete, replace, upsert

M = TypeVar("M")

Data = Mapping[str, Any] | Instance


class Writes(Scoped):
    """Writing: each method takes the call's ``options``, which go to hooks and connector as is.

    ``options={"validate": False}`` skips validation, ``{"notify": False}`` all hooks.  A condition
    that is not understood is an error; it never makes a write reach further.

    Raises:
        ValidationError: A rule is broken; nothing was written.
        InvalidQueryError: A condition or id is not understood, or is missing.
        NotFoundError: The record to change is not there, or is outside the default scope.
    """

    __slots__ = ()

    # create -----------------------------------------------------------------------------------

    @overload
    async def create(
        self: Makes[M],
        data: Data | None = None,
        /,
        options: Options | None = None,
        **values: Any,
    ) -> M: ...

    @overload
    async def create(
        self: Makes[M], data: Sequence[Data | None], /, options: Options | None = None
    ) -> list[M]: ...

    async def create(
        self, data: Any = None, /, options: Options | None = None, **values: Any
    ) -> Any:
        """Store a new record and return its instance; or each record of a list.

        Values may be given as keywords too; they win over those in the mapping.  Items of a list
        are stored in its order, with ``options={"ordered": False}`` at once.

        Raises:
            BulkOperationError: Some items of a list failed; the others are stored.

        >>> from juggler import DataSource
        >>> Customer = DataSource("memory").define("Customer", {"name": str})
        >>> ada = await Customer.create(name="Ada")
        >>> ada.id, ada.is_new_record()
        (1, False)
        """
        return await create_list.create(self, _with(data, values), options)

    async def create_all(
        self: Makes[M], data: Sequence[Data | None], options: Options | None = None
    ) -> list[M]:
        """Store all records of a list or none, where the connector can; return the instances."""
        return await create_list.create_all(self, data, options)

    async def bulk_upsert(
        self: Makes[M],
        data: Sequence[Data],
        match_on: Sequence[str] | str | None = None,
        options: Options | None = None,
    ) -> list[M]:
        """Merge each record of a list into the one that equals it in *match_on*, or create it.

        *match_on* is the primary key unless given, or has a unique index.  Each record has its
        hooks and is validated; the connector writes all or none in one call, if it can.

        Raises:
            BulkOperationError: Some are wrong; the error tells which.

        >>> from juggler import DataSource
        >>> Customer = DataSource("memory").define("Customer", {"name": str})
        >>> _ = await Customer.create(name="Ada")
        >>> [each.name for each in await Customer.bulk_upsert([{"id": 1, "name": "Bea"}])]
        ['Bea']
        """
        return await bulk.bulk_upsert(self, data, match_on, options)

    async def bulk_update(
        self: Makes[M], data: Sequence[Data], options: Options | None = None
    ) -> list[M]:
        """Merge each record of a list into the one with its id; see `bulk_upsert`."""
        return await bulk.bulk_update(self, data, options)

    # update or create ---------------------------------------------------------------------------

    async def update_or_create(self: Makes[M], data: Data, options: Options | None = None) -> M:
        """Merge *data* into the record with its id, or create it; return the instance.

        ``options={"set_on_insert": {...}}`` are values for a new record only.
        """
        found: M = await upsert.update_or_create(self, data, options)
        return found

    async def upsert_with_where(
        self: Makes[M], where: Conditions, data: Data, options: Options | None = None
    ) -> M:
        """Merge *data* into the one record that matches, or create it; return the instance."""
        found: M = await upsert.upsert_with_where(self, where, data, options)
        return found

    async def find_or_create(
        self: Makes[M],
        filter: Query,
        data: Data | None = None,
        options: Options | None = None,
    ) -> tuple[M, bool]:
        """Return the first record that matches and False, or a new one and True.

        With one argument, that is condition and data in one.
        """
        return await upsert.find_or_create(self, filter, data, options)

    # replace ------------------------------------------------------------------------------------

    async def replace_by_id(
        self: Makes[M], id: Any, data: Data, options: Options | None = None
    ) -> M:
        """Put *data* in the place of the record with this id; return its instance."""
        found: M = await replace.replace_by_id(self, id, data, options)
        return found

    async def replace_or_create(self: Makes[M], data: Data, options: Options | None = None) -> M:
        """Put *data* in the place of the record with its id, or create it."""
        found: M = await replace.replace_or_create(self, data, options)
        return found

    # many ---------------------------------------------------------------------------------------

    async def update_all(
        self,
        where_or_data: Conditions | Data | UnsetType = UNSET,
        values: Data | UnsetType = UNSET,
        /,
        options: Options | None = None,
        *,
        where: Conditions | UnsetType = UNSET,
        data: Data | UnsetType = UNSET,
    ) -> dict[str, int]:
        """Change all records that match; return ``{"count": n}``, how many matched.

        A single mapping is the data, for all records.

        >>> from juggler import DataSource
        >>> Customer = DataSource("memory").define("Customer", {"name": str, "age": int})
        >>> _ = await Customer.create([{"name": "Ada"}, {"name": "Bea"}])
        >>> await Customer.update_all({"name": {"like": "A%"}}, {"age": "36"})
        {'count': 1}
        """
        condition, changes = _update_arguments(where_or_data, values, where, data)
        return await change.update_all(self, condition, changes, options)

    async def destroy_all(
        self,
        where: Conditions | None = None,
        options: Options | None = None,
        *,
        all: bool = False,  # noqa: A002  the word that says it
    ) -> dict[str, int]:
        """Delete all records that match; return ``{"count": n}``.

        Without a condition it is an error, unless *all* says that every record is meant.
        """
        return await delete.destroy_all(self, where, options, everything=all)

    async def destroy_by_id(self, id: Any, options: Options | None = None) -> dict[str, int]:
        """Delete the record with this id; return ``{"count": n}``, 0 or 1."""
        return await delete.destroy_by_id(self, id, options)

    if TYPE_CHECKING:
        upsert = update_or_create
        patch_or_create = update_or_create
        patch_or_create_with_where = upsert_with_where
        update = update_all
        delete_all = destroy_all
        remove = destroy_all
        delete_by_id = destroy_by_id
        remove_by_id = destroy_by_id
    else:
        upsert = Alias("update_or_create")
        patch_or_create = Alias("update_or_create")
        patch_or_create_with_where = Alias("upsert_with_where")
        update = Alias("update_all")
        delete_all = Alias("destroy_all")
        remove = Alias("destroy_all")
        delete_by_id = Alias("destroy_by_id")
        remove_by_id = Alias("destroy_by_id")


def _with(data: Any, values: dict[str, Any]) -> Any:
    """Return *data* with the values that were given as keywords."""
    if not values:
        return data
    if data is None:
        return values
    if isinstance(data, Mapping):
        return {**data, **values}
    raise TypeError("create takes values as keywords beside a mapping only.")


def _update_arguments(first: Any, second: Any, where: Any, data: Any) -> tuple[Any, Any]:
    """Return condition and data of an `update_all`, however they were given.

    Raises:
        TypeError: There is no data, or something is given twice.
        InvalidQueryError: The condition is None: a variable that was never filled, most likely.
    """
    condition, changes = _either(first, where), _either(second, data)
    if changes is UNSET and where is UNSET:
        condition, changes = UNSET, condition
    if changes is UNSET or changes is None:
        raise TypeError("update_all: the data is missing.")
    if condition is None:
        raise InvalidQueryError(
            "update_all: the condition is None; `{}` says that all records are meant.",
            code="WHERE_REQUIRED",
            path="where",
        )
    return {} if condition is UNSET else condition, changes


def _either(by_position: Any, by_name: Any) -> Any:
    """Return an argument that may be given in two ways; UNSET where it is not."""
    if by_position is not UNSET and by_name is not UNSET:
        raise TypeError("update_all: condition or data are given twice.")
    return by_name if by_position is UNSET else by_position
