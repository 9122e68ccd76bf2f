"""The connector that stores nothing: for models that are only checked, such as forms."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import uuid4

from juggler.connectors.contract import Connector, ModelInfo, Options, Row
from juggler.definition.property import Property
from juggler.query.nodes import Filter, Where

_NUMBERS: Final = frozenset({"number", "integer", "decimal"})
_BELOW: Final = 10_000


class TransientConnector(Connector):
    """Accepts every write, gives new records an id, and finds nothing again.

    Settings are ``default_id_type`` (``string`` unless given) and ``generate_id``: a function of
    the model's name, the data and the name of the id, which returns the id of a new record.
    """

    name: ClassVar[str] = "transient"
    types: ClassVar[tuple[str, ...]] = ("db", "nosql", "transient")
    exact: ClassVar[bool] = True
    keeps: ClassVar[bool] = False
    capabilities: frozenset[str] = frozenset({"multi_insert", "transactions", "savepoints"})

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return str(self.settings.get("default_id_type") or "string")

    async def begin(self, isolation: str) -> NoTransaction:
        """Begin a transaction: there is nothing to be undone."""
        return NoTransaction(self)

    # data -------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Return the id of *data*, one that is made up where it has none."""
        ids = info.shape.ids
        found = {name: self._id(info, data, name) for name in ids}
        return found[ids[0]] if len(ids) == 1 else found or None

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Return the ids of *rows*."""
        return [await self.create(info, row, options) for row in rows]

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return no rows."""
        return []

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return 0."""
        return 0

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Return 0."""
        return 0

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Return 0."""
        return 0

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return 0."""
        return 0

    def _id(self, info: ModelInfo, data: Row, name: str) -> Any:
        """Return one part of a new record's key."""
        given = data.get(name)
        if given is not None:
            return given
        generate = self.settings.get("generate_id")
        if generate is not None:
            return generate(info.name, dict(data), name)
        return _made_up(info.shape.properties[name])


class NoTransaction:
    """A transaction on a store that keeps nothing.

    Attributes:
        store: The connector.
        connection: None.
    """

    def __init__(self, store: Connector) -> None:
        self.store = store
        self.connection: Any = None

    async def commit(self) -> None:
        """Do nothing."""

    async def rollback(self) -> None:
        """Do nothing."""

    def abandon(self) -> None:
        """Do nothing."""

    async def savepoint(self) -> NoTransaction:
        """Begin a transaction within this one."""
        return NoTransaction(self.store)


def _made_up(key: Property) -> Any:
    """Return an id that is as good as any, of the type of *key*."""
    if key.type.name in _NUMBERS:
        return secrets.randbelow(_BELOW)
    return uuid4() if key.type.name == "uuid" else secrets.token_hex(12)
