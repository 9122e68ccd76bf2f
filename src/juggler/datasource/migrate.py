"""Schemas of a data source's models: created, kept up to date, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any
from weakref import WeakSet

from juggler.concurrency import KeyedLock
from juggler.connectors.contract import Connector, ModelInfo
from juggler.errors import DefinitionError, OperationNotSupportedError
from juggler.registry.namespace import ModelRegistryProxy


class Migrating:
    """The part of a data source that makes the store fit its models."""

    _models: ModelRegistryProxy

    def __init__(self) -> None:
        super().__init__()
        self._ready: WeakSet[ModelInfo] = WeakSet()
        self._tables = KeyedLock()

    def _at_work(self) -> AbstractAsyncContextManager[Connector]:
        """Yield the open connector for a block that counts as an operation."""
        raise NotImplementedError

    def _store_within(self, operation: str, options: Mapping[str, Any]) -> Connector | None:
        """Return the store of the transaction that a call is part of, or None."""
        raise NotImplementedError

    async def automigrate(self, models: str | Iterable[str] | None = None) -> None:
        """Drop and create the tables of the named models, else of all: their rows are lost.

        Raises:
            DefinitionError: Names that are none of this source's models; nothing was done.
            OperationNotSupportedError: It is called within a transaction, which it would wait for.
        """
        infos = self._infos("automigrate", models)
        async with self._at_work() as connector:
            await connector.automigrate(infos)
            self._ready.update(infos)

    async def autoupdate(self, models: str | Iterable[str] | None = None) -> None:
        """Create missing tables, columns and indexes; never drops anything.

        Raises:
            DefinitionError: Names that are none of this source's models; nothing was done.
            OperationNotSupportedError: It is called within a transaction, which it would wait for.
        """
        infos = self._infos("autoupdate", models)
        async with self._at_work() as connector:
            await connector.autoupdate(infos)
            self._ready.update(infos)

    async def is_actual(self, models: str | Iterable[str] | None = None) -> bool:
        """Tell whether `autoupdate` would change nothing; never writes.

        Raises:
            DefinitionError: Names that are none of this source's models.
            OperationNotSupportedError: As above.
        """
        infos = self._infos("is_actual", models)
        async with self._at_work() as connector:
            return await connector.is_actual(infos)

    async def _prepared(self, connector: Connector, info: ModelInfo) -> None:
        """Make the store ready for a model that is used for the first time, once."""
        if info in self._ready:
            return
        async with self._tables.hold(info):
            if info not in self._ready:  # another task was first
                await connector.autoupdate([info])
                self._ready.add(info)

    def _infos(self, operation: str, models: str | Iterable[str] | None) -> list[ModelInfo]:
        """Return what the connector is told of the named models, each once."""
        if self._store_within(operation, {}) is not None:
            raise OperationNotSupportedError(
                f"{operation}: tables are no part of a transaction; call it outside of the block.",
                value=operation,
            )
        named = {each.model_name: each for each in self._models._named()}
        wanted: Iterable[str] = named if models is None else models
        names = list(dict.fromkeys([models] if isinstance(models, str) else wanted))
        unknown = [name for name in names if name not in named]
        if unknown:
            raise DefinitionError(
                "Cannot migrate models not attached to this datasource: "
                f"{' '.join(map(str, unknown))}",
                value=unknown,
            )
        return [named[name].info for name in names]
