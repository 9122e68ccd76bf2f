"""The contract between the model layer and a store.

A connector gets plain data keyed by property name and gives plain data back; it knows no instance,
hook or tenant.  What it can do beyond the minimum it declares in ``capabilities``; nobody probes.
Every method may raise `juggler.errors` only: a connector translates its driver's errors once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from juggler.definition.shape import Shape
from juggler.errors import OperationNotSupportedError
from juggler.query.nodes import EVERYTHING, Filter, Where

Row = dict[str, Any]
Options = Mapping[str, Any]


class ModelInfo:
    """What a connector is told of a model: its name, shape and settings; immutable.

    Models of different tenants with equal name, shape and settings share one `ModelInfo`, so what
    a connector derives from it (tables, statement texts) may be kept in ``cache`` and is shared
    and let go with it.  ``cache`` is keyed by the connector's own unique keys.
    """

    __slots__ = ("__weakref__", "cache", "name", "settings", "shape")

    name: str
    shape: Shape
    settings: Mapping[str, Any]
    cache: dict[Any, Any]

    def __init__(self, name: str, shape: Shape, settings: Mapping[str, Any]) -> None:
        put = object.__setattr__
        put(self, "name", name)
        put(self, "shape", shape)
        put(self, "settings", settings)
        put(self, "cache", {})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"What connectors are told of a model is shared: {name} is fixed.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"What connectors are told of a model is shared: {name} is fixed.")

    def block(self, *connectors: str) -> Mapping[str, Any]:
        """Return the settings block of the first of *connectors* that has one, or an empty one."""
        for name in connectors:
            found = self.settings.get(name)
            if isinstance(found, Mapping):
                return found
        return {}

    def __repr__(self) -> str:
        return f"<ModelInfo {self.name}>"


class Host(Protocol):
    """What a connector may ask of its data source."""

    @property
    def name(self) -> str:
        """Name of the data source, for messages."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings with snake-case keys."""


class Connector:
    """Base of all connectors; one instance belongs to one data source.

    Life cycle: built without I/O, then ``connect`` (once at a time, the data source sees to it),
    any number of calls from many tasks, ``disconnect``; connecting again must work.

    Attributes:
        name: Key of the settings block it reads, e.g. ``sqlite``.
        types: Kinds it belongs to, e.g. ``("db", "rdbms", "sql", "sqlite")``.
        relational: Whether models are strict on it unless they say otherwise.
        exact: Whether rows hold values of their properties' types, so that none is looked at again.
        capabilities: Of ``upsert`` (update_or_create, replace_or_create), ``upsert_with_where``,
            ``find_or_create``, ``multi_insert``, ``near``, ``transactions``, ``migrate``,
            ``regexp``, ``nested`` (dotted paths).
    """

    name: ClassVar[str] = ""
    types: ClassVar[tuple[str, ...]] = ("db",)
    relational: ClassVar[bool] = False
    exact: ClassVar[bool] = False
    capabilities: frozenset[str] = frozenset()

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        self.settings = settings
        self.host = host

    # life cycle ---------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open what is needed to work."""

    async def disconnect(self) -> None:
        """Close everything; harmless when nothing is open."""

    async def ping(self) -> None:
        """Raise if the store does not answer."""

    async def execute(
        self, command: str, parameters: Any = None, options: Options | None = None
    ) -> Any:
        """Run a raw command of the store's own language."""
        raise self._unsupported("execute")

    # definitions: no I/O ----------------------------------------------------------------------

    def define(self, info: ModelInfo) -> None:
        """Take note of a model that is attached to the data source."""

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model."""

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return "string"

    # data ------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row and return its id (None where the model has no primary key).

        Composite keys answer a dict of their parts.  An id that is missing or None is generated.

        Raises:
            DuplicateEntryError: The key or a unique value is taken.
        """
        raise self._unsupported("create")

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows or none and return their ids in order (capability ``multi_insert``)."""
        raise self._unsupported("create_all")

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return the rows of *query*, in its order; without order by the primary key."""
        raise self._unsupported("all")

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many rows match."""
        raise self._unsupported("count")

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched."""
        raise self._unsupported("update")

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Put *data* in the place of the row that matches (at most one); return 0 or 1.

        Properties absent from *data* become missing; key properties stay.
        """
        raise self._unsupported("replace")

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete all rows that match and return how many were."""
        raise self._unsupported("destroy_all")

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge *data* into the row with its key, or insert ``defaults | data``; atomic.

        A row that has the key but lies outside *scope* is a `DuplicateEntryError`.

        Returns:
            The whole stored row and whether it is new.
        """
        raise self._unsupported("update_or_create")

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return the first row of *query* and False, or insert *data* and True; atomic."""
        raise self._unsupported("find_or_create")

    # schema ----------------------------------------------------------------------------------

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Drop and create what the models need: their data is gone."""

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Create what is missing; never drops or narrows anything."""

    async def is_actual(self, infos: Sequence[ModelInfo]) -> bool:
        """Tell whether ``autoupdate`` would change nothing; never writes."""
        return True

    def _unsupported(self, method: str) -> OperationNotSupportedError:
        return OperationNotSupportedError(
            f"The {self.name or type(self).__name__} connector does not support {method}.",
            value=method,
        )


ALL = Filter(where=EVERYTHING)
