"""A connector that does nothing but tell what it was asked, and sources on it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from juggler.connectors.contract import Connector, ModelInfo, Options
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.testing.gate import Gate


class Store(Connector):
    """Notes each call; waits and fails where a test wants it to.

    Attributes:
        asked: Names of the methods that were called, with models where there are some.
        gates: Method -> gate that its calls wait at.
        errors: Method -> errors that its next calls end with.
        defined: What it was told of and is not gone, in order.
    """

    name: ClassVar[str] = "store"
    types: ClassVar[tuple[str, ...]] = ("db", "store")
    id_type = "number"

    def __init__(self, settings: Mapping[str, Any], host: Any) -> None:
        super().__init__(settings, host)
        self.asked: list[str] = []
        self.gates: dict[str, Gate] = {}
        self.errors: dict[str, list[Exception]] = {}
        self.defined: list[ModelInfo] = []

    async def _ask(self, method: str, what: str = "") -> None:
        self.asked.append(f"{method} {what}".strip())
        if method in self.gates:
            await self.gates[method].hold()
        if self.errors.get(method):
            raise self.errors[method].pop(0)

    async def connect(self) -> None:
        """Open nothing."""
        await self._ask("connect")

    async def disconnect(self) -> None:
        """Close nothing."""
        await self._ask("disconnect")

    async def ping(self) -> None:
        """Answer."""
        await self._ask("ping")

    async def execute(self, command: str, parameters: Any = None, options: Any = None) -> Any:
        """Answer what was asked."""
        await self._ask("execute")
        return command, parameters, options

    def define(self, info: ModelInfo) -> None:
        """Take note of a model."""
        if self.errors.get("define"):
            raise self.errors["define"].pop(0)
        self.defined.append(info)

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model."""
        self.defined.remove(info)

    def default_id_type(self) -> str:
        """Return the type of generated ids."""
        return self.id_type

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Migrate nothing."""
        await self._ask("automigrate", " ".join(info.name for info in infos))

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Update nothing."""
        await self._ask("autoupdate", " ".join(info.name for info in infos))

    async def is_actual(self, infos: Sequence[ModelInfo]) -> bool:
        """Answer that nothing is missing."""
        await self._ask("is_actual", " ".join(info.name for info in infos))
        return True

    async def count(self, info: ModelInfo, where: Any, options: Options) -> int:
        """Count nothing."""
        await self._ask("count", info.name)
        return 0


class Tables(Store):
    """A relational store whose ids are text."""

    name: ClassVar[str] = "tables"
    types: ClassVar[tuple[str, ...]] = ("db", "rdbms", "tables")
    relational: ClassVar[bool] = True
    id_type = "string"


def make_source(connector: Any = Store, **settings: Any) -> DataSource:
    """Return a data source on a fake, with a registry of its own unless one is given."""
    return DataSource("test", connector, **{"registry": ModelRegistry(), **settings})


def store_of(source: DataSource) -> Store:
    """Return the fake behind a source."""
    store = source.connector
    assert isinstance(store, Store)
    return store


def flags(source: DataSource) -> tuple[bool, bool, bool]:
    """Return whether a source is initialized, connecting, connected."""
    return source.initialized, source.connecting, source.connected
