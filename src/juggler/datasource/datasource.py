"""The data source: a named, configured connector plus its life cycle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from juggler.concurrency import finish
from juggler.connectors.catalog import resolve_connector
from juggler.connectors.contract import Connector, ModelInfo
from juggler.datasource.admission import Admission
from juggler.datasource.attach import Attaching
from juggler.datasource.lifecycle import (
    DEFAULT_MAX_OFFLINE_REQUESTS,
    DEFAULT_TIMEOUT,
    Lifecycle,
)
from juggler.datasource.migrate import Migrating
from juggler.datasource.settings import flag, number, settings_of, shown
from juggler.datasource.structure import Structured
from juggler.datasource.transacting import Transacting
from juggler.errors import ConnectorDetachedError
from juggler.events import Emitter, Handler
from juggler.facade.default import registry as default_registry
from juggler.registry.builder import ModelBuilder
from juggler.registry.owners import DATA_SOURCE
from juggler.registry.parsed import Traits
from juggler.registry.registry import ModelRegistry


class DataSource(Attaching, Transacting, Migrating, Structured):
    """A named store: defines models, connects when needed, closes what it opened.

    Construction does no I/O and needs no event loop.  ``async with`` connects and disconnects, its
    models stay; `close` lets the models go too, and so does dropping the last reference to it and
    to its models.  Safe for many tasks of one event loop; loops may use it one after the other.

    Args:
        name: Name, connector name, or URL; a mapping of settings in its place will do as well.
        settings: Settings, a URL, or a connector.
        registry: Registry of the models; the default one unless given.
        model_builder: What turns definitions into models; the registry's unless given.
        more: Further settings (``name``, ``connector``, ``url``, ``lazy_connect``,
            ``connection_timeout`` in milliseconds, ``auto_update``, and those of the connector).

    Attributes:
        name: For messages.
        settings: Snake-case settings, read-only.
        registry: The registry of its models.
        connector: The connector; None once the source was closed.
        in_flight: How many operations are at work.

    Raises:
        ConnectorNotFoundError: No connector answers to the name.
        DefinitionError: There is no connector, or a setting cannot be what it is.

    >>> ds = DataSource("memory")
    >>> Customer = ds.define("Customer", {"name": str})
    >>> async with ds:
    ...     ada = await Customer.create(name="Ada")
    >>> ada.id
    1
    """

    def __init__(
        self,
        name: Any = None,
        settings: Any = None,
        /,
        *,
        registry: ModelRegistry | None = None,
        model_builder: ModelBuilder | None = None,
        **more: Any,
    ) -> None:
        super().__init__()
        given = settings_of(name, settings, more)
        self.settings: Mapping[str, Any] = given.settings
        self.name: str = given.name or _name_of(given.connector)
        found: Any = default_registry if model_builder is None else model_builder.registry
        self.registry: ModelRegistry = found if registry is None else registry
        self.model_builder = self.registry.builder if model_builder is None else model_builder
        self.admission: Admission | None = None
        self.in_flight = 0
        self._auto_update = flag(given.settings, "auto_update")
        self._emitter = Emitter()
        timeout = number(given.settings, "connection_timeout", DEFAULT_TIMEOUT)
        most = self.get_max_offline_requests()
        made = resolve_connector(given.connector)(self.settings, self)
        self.connector: Connector | None = made
        self._life = Lifecycle(
            self.name,
            self._open,
            self._shut,
            timeout=timeout,
            max_waiting=most,
            loop_bound=getattr(made, "loop_bound", True),
        )
        self._models = self.registry.adopt(self, DATA_SOURCE)

    # what it is -----------------------------------------------------------------------------

    @property
    def initialized(self) -> bool:
        """Tell whether there is a connector."""
        return self.connector is not None

    @property
    def connected(self) -> bool:
        """Tell whether the connector is open."""
        return self._life.connected

    @property
    def connecting(self) -> bool:
        """Tell whether it is being opened."""
        return self._life.connecting

    @property
    def traits(self) -> Traits:
        """Return what the store wants of models."""
        connector = self._working()
        return Traits(connector.relational, connector.default_id_type())

    def is_relational(self) -> bool:
        """Tell whether the store keeps declared properties only."""
        return self._working().relational

    def get_types(self) -> list[str]:
        """Return the kinds of store this is, e.g. ``["db", "nosql", "memory"]``."""
        return list(self._working().types)

    def get_max_offline_requests(self) -> int:
        """Return how many operations may wait for the connection."""
        return int(number(self.settings, "max_offline_requests", DEFAULT_MAX_OFFLINE_REQUESTS))

    # connection -----------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect, once however many ask; harmless when connected.

        Raises:
            ConnectionTimeoutError: It took longer than ``connection_timeout``.
            ConnectorDetachedError: The source was closed.
        """
        self._working()
        await self._connect(bounded=False)

    async def disconnect(self) -> None:
        """Disconnect; the models stay and a later use connects again."""
        self._ready.clear()
        await self._life.disconnect()

    async def close(self) -> None:
        """Disconnect and let the models go: using one raises ConnectorDetachedError from now on."""
        try:
            await self.disconnect()
        finally:
            self.registry.release_owner(self)
            self.connector = None

    aclose = close

    async def __aenter__(self) -> Self:
        if not flag(self.settings, "lazy_connect"):
            await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.disconnect()

    async def ping(self) -> None:
        """Raise unless the store answers."""
        async with self._at_work() as connector:
            await connector.ping()

    def opened(self, info: ModelInfo) -> Connector | None:
        """Return the connector if it is open and ready for the model, else None."""
        if self._life.is_open() and not (self._auto_update and info not in self._ready):
            return self.connector
        return None

    def leave(self) -> None:
        """Count an operation as ended; `admission` is told of the last one."""
        self.in_flight -= 1
        if self.admission is not None and not self.in_flight:
            self.admission.idle(self)

    async def ready(self, info: ModelInfo) -> Connector:
        """Return the open connector, connecting first; with ``auto_update`` the table is there.

        Raises:
            ConnectorDetachedError: The source was closed.
        """
        connector = self._working()
        await self._connect()
        if self._auto_update:
            await self._prepared(connector, info)
        return connector

    async def execute(self, command: str, parameters: Any = None, **options: Any) -> Any:
        """Run a raw command of the store; its language and answer are the connector's.

        It joins the surrounding transaction as operations do.
        """
        inside = self._store_within("execute", options)
        if inside is not None:
            return await inside.execute(command, parameters, options)
        async with self._at_work() as connector:
            return await connector.execute(command, parameters, options)

    # events ---------------------------------------------------------------------------------

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* at each *event*; it may be async, and its failing breaks nothing.

        Args:
            event: ``connected`` or ``disconnected``, told with this source, or ``error``, told
                with the exception that an attempt to connect ended with.
            handler: Function of what is told.

        Returns:
            A function that ends the subscription.
        """
        return self._emitter.on(event, handler)

    def once(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* at the next *event* alone; otherwise as `on`."""
        return self._emitter.once(event, handler)

    def off(self, event: str, handler: Handler) -> None:
        """End one subscription of *handler*; no error if there is none."""
        self._emitter.off(event, handler)

    # inside ---------------------------------------------------------------------------------

    def _working(self) -> Connector:
        """Return the connector of a source that is not closed."""
        if self.connector is None:
            raise ConnectorDetachedError(f"The data source {self.name} was closed.")
        return self.connector

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[Connector]:
        """Yield the open connector for a block that counts as an operation."""
        connector = self._working()
        self.in_flight += 1
        try:
            await self._connect()
            yield connector
        finally:
            self.leave()

    async def _connect(self, *, bounded: bool = True) -> None:
        """Connect, after admission where somebody bounds how many sources are open."""
        if self.admission is not None:
            await self.admission.admit(self)
        try:
            await self._life.connect(bounded=bounded)
        finally:
            if self.admission is not None and not self.in_flight:
                self.admission.idle(self)

    async def _open(self) -> None:
        connector = self._working()
        try:
            await connector.connect()
        except asyncio.CancelledError:  # it may be open all the same
            await finish(connector.disconnect())
            raise
        except Exception as error:  # whatever it is: it is told and raised
            self._emitter.emit("error", error)
            raise
        self._emitter.emit("connected", self)

    async def _shut(self) -> None:
        if self.connector is not None:
            await self.connector.disconnect()
        self._emitter.emit("disconnected", self)

    async def ready_to_transact(self) -> Connector:
        """Return the open connector, with all that cannot be made within a transaction."""
        connector = self._working()
        await self._connect()
        if self._auto_update:
            for model in self._models._named():
                await self._prepared(connector, model.info)
        return connector

    def __repr__(self) -> str:
        return f"<DataSource {self.name} {shown(self.settings)}>"


def _name_of(connector: Any) -> str:
    """Return a name for a source that was given none: its connector's."""
    named = getattr(connector, "name", None) or getattr(connector, "__name__", None)
    return connector if isinstance(connector, str) else str(named or type(connector).__name__)
