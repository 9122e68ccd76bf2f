"""The contract between the model layer and a store.

A connector gets plain data keyed by property name and gives plain data back; it knows no instance,
hook or tenant.  What it can do beyond the minimum it declares in ``capabilities``; nobody probes.
Every method may raise `juggler.errors` only: a connector translates its driver's errors once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol, overload

from juggler.connectors.observing import Observable
from juggler.definition.shape import Shape
from juggler.errors import NotFoundError, OperationNotSupportedError
from juggler.query.aggregate import Aggregation
from juggler.query.nodes import Filter, Where

Row = dict[str, Any]
Options = Mapping[str, Any]


class Counted(list[Any]):
    """Rows of which a store tells how many there would be without ``limit`` and ``skip``.

    Attributes:
        count_before_limit: That number.
    """

    def __init__(self, rows: Iterable[Any], count_before_limit: int) -> None:
        super().__init__(rows)
        self.count_before_limit = count_before_limit


class Records(Sequence[Row]):
    """New rows with the same properties in the same order; immutable.

    Each is a dict, made when it is asked for, so whoever asks for none pays for none.

    Attributes:
        names: Their properties.
        values: For each row its values, in the order of *names*.
    """

    __slots__ = ("names", "values")

    def __init__(self, names: tuple[str, ...], values: Sequence[tuple[Any, ...]]) -> None:
        self.names = names
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Records: ...

    def __getitem__(self, at: int | slice) -> Row | Records:
        if isinstance(at, slice):
            return Records(self.names, self.values[at])
        return dict(zip(self.names, self.values[at], strict=True))


class Stored(NamedTuple):
    """What `Connector.create` may answer in the place of the id: the id and a revision."""

    id: Any
    rev: Any


class Upsert(NamedTuple):
    """One item of a bulk upsert: what is merged, and what a new row has beside it.

    Where the row must exist it is a `NotFoundError` if it does not.
    """

    data: Row
    defaults: Row
    must_exist: bool = False

    def missing(self, model: str, match_on: Sequence[str]) -> NotFoundError:
        """Return the error for a row that must exist and does not."""
        words = ", ".join(f"{name} {self.data[name]!r}" for name in match_on)
        return NotFoundError(f"There is no {model} with {words}.", model=model)


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


class Connector(Observable):
    """Base of all connectors; one instance belongs to one data source.

    Life cycle: built without I/O, then ``connect`` (once at a time, the data source sees to it),
    any number of calls from many tasks, ``disconnect``; connecting again must work.

    Attributes:
        name: Key of the settings block it reads, e.g. ``sqlite``.
        types: Kinds it belongs to, e.g. ``("db", "rdbms", "sql", "sqlite")``.
        relational: Whether models are strict on it unless they say otherwise.
        exact: Whether rows hold values of their properties' types, so that none is looked at again.
        takes_records: Whether rows of `create_all` may come as `Records`, else they are a list.
        batch_size: The most rows of one `create_all` or `upsert_all`; None for any number.
        generate_context_data: Makes ``{"data": ...}`` for "loaded" observers of
            ``update_attributes`` and ``replace_by_id`` of a context and what was written; None
            where that is it.
        keeps: Whether what is written is there afterwards; where it is not, no record is missed.
        max_list: Most values in one list of a condition; None for any number.
        capabilities: Of ``upsert`` (update_or_create), ``find_or_create``, ``multi_insert``,
            ``near``, ``transactions``, ``migrate``, ``regexp``, ``nested`` (dotted paths),
            ``aggregate``, ``elem_match``, ``atomic`` (modify), ``bulk_upsert`` (upsert_all); and
            ``object_ids`` (ids are object ids), ``key_value`` (see
            `juggler.connectors.keyvalue`).
    """

    name: ClassVar[str] = ""
    types: ClassVar[tuple[str, ...]] = ("db",)
    relational: ClassVar[bool] = False
    exact: ClassVar[bool] = False
    keeps: ClassVar[bool] = True
    takes_records: ClassVar[bool] = False
    batch_size: int | None = None
    generate_context_data: Callable[[Any, Any], Any] | None = None
    max_list: ClassVar[int | None] = None
    capabilities: frozenset[str] = frozenset()

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        self.settings = settings
        self.host = host

    # life cycle ---------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open what is needed to work."""

    async def disconnect(self) -> None:
        """Close everything; harmless when nothing is open.

        It is called after a `connect` that was cancelled, too.
        """

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

    async def aggregate(self, info: ModelInfo, asked: Aggregation, options: Options) -> list[Row]:
        """Return the result rows of *asked*, in its order (capability ``aggregate``)."""
        raise self._unsupported("aggregate")

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched."""
        raise self._unsupported("update")

    async def modify(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched (``atomic``).

        A value that is a `juggler.query.changes.Change` is worked out from the stored one, in one
        step with the write; all operands are of the property's type.  ``unset`` comes as None, and
        keys stay as they are.
        """
        raise self._unsupported("modify")

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

    async def upsert_all(
        self, info: ModelInfo, items: Sequence[Upsert], match_on: Sequence[str], options: Options
    ) -> list[tuple[Row, bool]]:
        """Merge each item's data into the row that equals it in *match_on*, or insert it.

        All or none (capability ``bulk_upsert``).  Every one has a value for all of *match_on*,
        which are the primary key or have a unique index, and no two have the same.

        Returns:
            For each, in order, the whole stored row and whether it is new.
        """
        raise self._unsupported("upsert_all")

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


# transactions ---------------------------------------------------------------------------------


class ConnectorTransaction(Protocol):
    """A transaction, or a savepoint in one, as a connector gives it.

    It has one user, who makes one call at a time and ends it once.

    Attributes:
        store: A connector whose calls are part of the transaction.
        connection: What the driver works with, for raw commands; None where there is none.
    """

    store: Connector
    connection: Any

    async def commit(self) -> None:
        """Make what was done last and let go of the connection.

        Raises:
            TransactionError: ``TRANSACTION_CONFLICT``: somebody else was faster.
        """

    async def rollback(self) -> None:
        """Take back what was done and let go of the connection.

        Harmless where it was committed, rolled back, or ended by the store.
        """

    def abandon(self) -> None:
        """Roll back without waiting: nobody refers to the transaction any more."""

    async def savepoint(self) -> ConnectorTransaction:
        """Begin a transaction within this one (capability ``savepoints``)."""


class Transacts(Protocol):
    """A connector that has transactions (capability ``transactions``)."""

    async def begin(self, isolation: str) -> ConnectorTransaction:
        """Begin a transaction.

        Args:
            isolation: ``READ UNCOMMITTED``, ``READ COMMITTED``, ``REPEATABLE READ`` or
                ``SERIALIZABLE``; what is stricter will do.

        Raises:
            OperationNotSupportedError: The store cannot keep that level.
        """
