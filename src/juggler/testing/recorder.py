"""A connector that remembers what it was asked, and can be held at a gate while it is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from juggler.connectors.contract import (
    Connector,
    ConnectorTransaction,
    ModelInfo,
    Options,
    Row,
    Upsert,
)
from juggler.connectors.memory.connector import MemoryConnector
from juggler.query.aggregate import Aggregation
from juggler.query.nodes import Filter, Where
from juggler.testing.gate import Gate


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a connector.

    Attributes:
        method: Name of the method.
        model: Name of the model, None where the call is about none.
        arguments: The other arguments, by name.
        options: The call's options, as they came.
    """

    method: str
    model: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    options: Any = None


class Recorder(Connector):
    """Does what another connector does (memory unless given) and keeps each call; for one test.

    Args:
        inner: The connector that does the work.
        hold: A gate that calls come to before they go on.
        at: The methods to be held; all of them unless given.
        fail: What to raise in the place of an answer: method -> error.
        capabilities: What to declare in the place of what *inner* does.

    >>> import asyncio
    >>> recorder = Recorder()
    >>> asyncio.run(recorder.connect())
    >>> recorder.methods
    ['connect']
    """

    name: ClassVar[str] = "recorder"
    types: ClassVar[tuple[str, ...]] = ("db", "nosql", "memory", "recorder")

    def __init__(
        self,
        inner: Connector | None = None,
        *,
        hold: Gate | None = None,
        at: Collection[str] | None = None,
        fail: Mapping[str, Exception] = MappingProxyType({}),
        capabilities: frozenset[str] | None = None,
    ) -> None:
        super().__init__({}, _Nobody())
        self.inner = inner or MemoryConnector({}, self.host)
        self.calls: list[Call] = []
        self.capabilities = self.inner.capabilities if capabilities is None else capabilities
        self._gate = hold
        self._at = at
        self._fail = fail

    @property
    def methods(self) -> list[str]:
        """Return the names of the methods that were called, in order."""
        return [call.method for call in self.calls]

    def about(self, model: str) -> list[Call]:
        """Return the calls about one model, in order."""
        return [call for call in self.calls if call.model == model]

    async def _note(
        self,
        method: str,
        info: ModelInfo | None = None,
        options: Options | None = None,
        **arguments: Any,
    ) -> None:
        """Keep a call, hold it at the gate, fail it where that is wanted."""
        model = None if info is None else info.name
        self.calls.append(Call(method, model, MappingProxyType(arguments), options))
        if self._gate is not None and (self._at is None or method in self._at):
            await self._gate.hold()
        if method in self._fail:
            raise self._fail[method]

    # life cycle -------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect."""
        await self._note("connect")
        await self.inner.connect()

    async def disconnect(self) -> None:
        """Disconnect."""
        await self._note("disconnect")
        await self.inner.disconnect()

    async def ping(self) -> None:
        """Ask whether the store answers."""
        await self._note("ping")
        await self.inner.ping()

    async def execute(
        self, command: str, parameters: Any = None, options: Options | None = None
    ) -> Any:
        """Run a raw command."""
        await self._note("execute", None, options, command=command, parameters=parameters)
        return await self.inner.execute(command, parameters, options)

    def define(self, info: ModelInfo) -> None:
        """Take note of a model."""
        self.calls.append(Call("define", info.name))
        self.inner.define(info)

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model."""
        self.calls.append(Call("undefine", info.name))
        self.inner.undefine(info)

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return self.inner.default_id_type()

    # transactions -----------------------------------------------------------------------------

    async def begin(self, isolation: str) -> RecordedTransaction:
        """Begin a transaction, whose calls are kept here, too."""
        await self._note("begin", isolation=isolation)
        inner: Any = self.inner
        return RecordedTransaction(self, await inner.begin(isolation))

    # data -------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row."""
        await self._note("create", info, options, data=data)
        return await self.inner.create(info, data, options)

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store rows."""
        await self._note("create_all", info, options, rows=rows)
        return await self.inner.create_all(info, rows, options)

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return rows."""
        await self._note("all", info, options, query=query)
        return await self.inner.all(info, query, options)

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Count rows."""
        await self._note("count", info, options, where=where)
        return await self.inner.count(info, where, options)

    async def aggregate(self, info: ModelInfo, asked: Aggregation, options: Options) -> list[Row]:
        """Return figures over rows."""
        await self._note("aggregate", info, options, asked=asked)
        return await self.inner.aggregate(info, asked, options)

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Change rows."""
        await self._note("update", info, options, where=where, data=data)
        return await self.inner.update(info, where, data, options)

    async def modify(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Change rows by what they are."""
        await self._note("modify", info, options, where=where, data=data)
        return await self.inner.modify(info, where, data, options)

    async def upsert_all(
        self, info: ModelInfo, items: Sequence[Upsert], match_on: Sequence[str], options: Options
    ) -> list[tuple[Row, bool]]:
        """Change or store rows."""
        await self._note("upsert_all", info, options, items=items, match_on=match_on)
        return await self.inner.upsert_all(info, items, match_on, options)

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Replace a row."""
        await self._note("replace", info, options, where=where, data=data)
        return await self.inner.replace(info, where, data, options)

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete rows."""
        await self._note("destroy_all", info, options, where=where)
        return await self.inner.destroy_all(info, where, options)

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Change or store a row."""
        given = {"data": data, "defaults": defaults, "scope": scope}
        await self._note("update_or_create", info, options, **given)
        return await self.inner.update_or_create(info, data, defaults, scope, options)

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return or store a row."""
        await self._note("find_or_create", info, options, query=query, data=data)
        return await self.inner.find_or_create(info, query, data, options)

    # schema -----------------------------------------------------------------------------------

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Make the store anew."""
        await self._migrating("automigrate", infos)
        await self.inner.automigrate(infos)

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Bring the store to the models."""
        await self._migrating("autoupdate", infos)
        await self.inner.autoupdate(infos)

    async def is_actual(self, infos: Sequence[ModelInfo]) -> bool:
        """Tell whether the store fits the models."""
        await self._migrating("is_actual", infos)
        return await self.inner.is_actual(infos)

    async def _migrating(self, method: str, infos: Sequence[ModelInfo]) -> None:
        await self._note(method, models=[info.name for info in infos])


class RecordedTransaction:
    """A transaction of a recorder: ``commit``, ``rollback`` and ``savepoint`` are calls as well.

    Args:
        recorder: Who keeps the calls.
        inner: What does the work.
    """

    def __init__(self, recorder: Recorder, inner: ConnectorTransaction) -> None:
        store = copy(recorder)
        store.inner = inner.store
        self.store: Connector = store
        self.connection = inner.connection
        self._recorder = recorder
        self._inner = inner

    async def commit(self) -> None:
        """Commit."""
        await self._recorder._note("commit")
        await self._inner.commit()

    async def rollback(self) -> None:
        """Roll back."""
        await self._recorder._note("rollback")
        await self._inner.rollback()

    def abandon(self) -> None:
        """Let go."""
        self._recorder.calls.append(Call("abandon"))
        self._inner.abandon()

    async def savepoint(self) -> RecordedTransaction:
        """Make a savepoint."""
        await self._recorder._note("savepoint")
        return RecordedTransaction(self._recorder, await self._inner.savepoint())


class _Nobody:
    """Stands for the data source until there is one."""

    name = "recorder"
    settings: Mapping[str, Any] = MappingProxyType({})
