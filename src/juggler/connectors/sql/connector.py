"""The connector for SQL stores: what the contract asks for, as statements and scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, TypeVar, Unpack, cast

from juggler.connectors.contract import Connector, Host, ModelInfo, Options, Row, Upsert
from juggler.connectors.observing import Handle, ObserveOptions, Observer
from juggler.connectors.sql import changing, scripts
from juggler.connectors.sql.dialects.base import Dialect
from juggler.connectors.sql.driver import Answer, Driver, Script, TransactingDriver
from juggler.connectors.sql.mapping import TableMap, naming_of
from juggler.connectors.sql.observed import ObservedDriver
from juggler.connectors.sql.statements import Statements
from juggler.connectors.sql.transaction import SqlTransaction
from juggler.errors import (
    DuplicateEntryError,
    JugglerError,
    PKMissingError,
    StoreError,
)
from juggler.query.aggregate import Aggregation
from juggler.query.nodes import Filter, Where

T = TypeVar("T")


class SqlConnector(Connector):
    """A SQL database: SQLAlchemy compiles statements once per form, the driver runs them.

    Every method is one trip to the driver, and writes are one transaction each.  `begin` gives a
    transaction over several calls where the driver has them.

    Attributes:
        dialect: How the database writes SQL.
        driver: The connections.
    """

    types: ClassVar[tuple[str, ...]] = ("db", "rdbms", "sql")
    relational: ClassVar[bool] = True
    exact: ClassVar[bool] = True
    takes_records: ClassVar[bool] = True
    capabilities: frozenset[str] = frozenset(
        {"upsert", "find_or_create", "multi_insert", "near", "migrate", "regexp", "nested"}
        | {"aggregate", "elem_match"}
    )

    def __init__(
        self, settings: Mapping[str, Any], host: Host, *, dialect: Dialect, driver: Driver
    ) -> None:
        super().__init__(settings, host)
        self.dialect = dialect
        self.driver = driver
        # Statements are shared by all sources that would compile the same ones.
        self._key = ("sql", dialect.name, settings.get("naming"))

    def observe(
        self, operation: str, observer: Observer, **options: Unpack[ObserveOptions]
    ) -> Handle[Observer]:
        """Run *observer* at each ``before execute``, ``after execute``, ``after execute error``.

        Until the first one comes, being observable costs nothing.
        """
        if not isinstance(self.driver, ObservedDriver):
            self.driver = self.watched(self.driver, always=True)
        return super().observe(operation, observer, **options)

    def watched(self, driver: Any, *, always: bool = False) -> Any:
        """Return *driver*, with observers told of what it runs if there are any."""
        return ObservedDriver(driver, self) if always or self._table is not None else driver

    # life cycle -------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the database; many tasks may call, one opens."""
        await self._guard(self.driver.open())

    async def disconnect(self) -> None:
        """Close all connections, after what was asked for before."""
        await self._guard(self.driver.close())

    async def ping(self) -> None:
        """Raise if the database does not answer."""
        await self._guard(self.driver.read("SELECT 1", (), list))

    async def execute(
        self, command: str, parameters: Any = None, options: Options | None = None
    ) -> Answer:
        """Run one raw statement on the connection that writes, as a transaction of its own.

        Its values are a list for the marks of the driver or a dict for ``:name``.
        """
        return await self._guard(self.driver.write(command, parameters or ()))

    async def begin(self, isolation: str) -> SqlTransaction:
        """Begin a transaction over several calls (capability ``transactions``)."""
        driver = cast(TransactingDriver, self.driver)
        return SqlTransaction(self, await self._guard(driver.begin(isolation)))

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return "number"

    # data -------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row and return its id."""
        statements = self.statements(info)
        item = scripts.insertion(statements, data)
        step = scripts.insert_step(statements, item)
        answer = await self._guard(self.driver.write(step.sql, step.values), statements.table)
        return answer.last_id if item.is_made else item.id

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows or none and return their ids in order."""
        statements = self.statements(info)
        if not rows:
            return []
        try:
            return await self._run(scripts.insert_all(statements, rows), statements.table)
        except scripts.KeysUnknownError:  # nothing of it stays
            asking = scripts.insert_all(statements, rows, is_counting=False)
            return await self._run(asking, statements.table)

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return the rows of *query*, in its order; without order by the primary key."""
        statements = self.statements(info)
        statement, values = statements.find(query)
        try:
            return await self.driver.read(statement.sql, values, statement.load)
        except self.driver.errors as error:
            raise self._translated(error, statements.table) from error

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many rows match."""
        statements = self.statements(info)
        statement, values = statements.count(where)
        reading = self.driver.read(statement.sql, values, list)
        rows: list[tuple[int]] = await self._guard(reading, statements.table)
        return rows[0][0]

    async def aggregate(self, info: ModelInfo, asked: Aggregation, options: Options) -> list[Row]:
        """Return the result rows of *asked*, in its order."""
        statements = self.statements(info)
        statement, values = statements.aggregate(asked)
        reading = self.driver.read(statement.sql, values, statement.load)
        return await self._guard(reading, statements.table)

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched; keys stay."""
        statements = self.statements(info)
        changes = _without(data, info.shape.ids)
        if not changes:
            return await self.count(info, where, options)
        return await self._touch(statements, statements.update(changes, where))

    async def modify(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data*, changes worked out, into the rows that match and return how many did."""
        statements, changes = self.statements(info), _without(data, info.shape.ids)
        return await self._touch(statements, changing.modify(statements, changes, where))

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Put *data* in the place of the row that matches; return 0 or 1.

        Raises:
            PKMissingError: The model has no primary key.
        """
        statements = self.statements(info)
        if not info.shape.ids:
            raise PKMissingError(f"{info.name} has no primary key.", model=info.name)
        whole = _without({**dict.fromkeys(statements.all_names), **data}, info.shape.ids)
        if not whole:
            return min(1, await self.count(info, where, options))
        return await self._touch(statements, statements.update(whole, where, first=True))

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete all rows that match and return how many were."""
        statements = self.statements(info)
        return await self._touch(statements, statements.delete(where))

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge *data* into the row with its key, or insert ``defaults | data``; atomic."""
        statements = self.statements(info)
        script = scripts.patch_or_insert(statements, data, defaults, scope)
        return await self._run(script, statements.table)

    async def upsert_all(
        self, info: ModelInfo, items: Sequence[Upsert], match_on: Sequence[str], options: Options
    ) -> list[tuple[Row, bool]]:
        """Merge each item into the row that equals it in *match_on*, or insert it; all or none."""
        statements = self.statements(info)
        script = changing.upsert_all(statements, items, match_on)
        return await self._run(script, statements.table)

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return the first row of *query* and False, or insert *data* and True; atomic."""
        statements = self.statements(info)
        script = scripts.find_or_insert(statements, query, data)
        return await self._run(script, statements.table)

    # schema -----------------------------------------------------------------------------------

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Drop and create the tables of the models: their rows are gone."""
        await self._migrate("recreate", infos)

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Create the tables, columns and indexes that are missing, in one transaction.

        A column that must not be empty is filled with its property's default in rows that are
        there, and may be empty where the property has none.
        """
        await self._migrate("create_missing", infos)

    async def is_actual(self, infos: Sequence[ModelInfo]) -> bool:
        """Tell whether ``autoupdate`` would change nothing; never writes."""
        return bool(await self._migrate("is_complete", infos))

    async def _migrate(self, what: str, infos: Sequence[ModelInfo]) -> Any:
        if not infos:
            return True
        migrate = import_module("juggler.connectors.sql.migrate")  # brings Alembic, which is slow
        tables = [(info, self.statements(info).table) for info in infos]
        items = migrate.wanted(tables, self.dialect)
        work = getattr(migrate, what)
        return await self._guard(self.driver.migrate(lambda connection: work(connection, items)))

    # shared -----------------------------------------------------------------------------------

    def statements(self, info: ModelInfo) -> Statements:
        """Return the statements of a model, made on first use and kept with its `ModelInfo`."""
        found: Statements | None = info.cache.get(self._key)
        if found is None:
            naming = naming_of(info, self.settings, self.dialect.naming)
            dialect = self.dialect
            table = TableMap(info, dialect.blocks, naming, dialect.codec, dialect.reserved)
            found = info.cache[self._key] = Statements(table, self.dialect)
        return found

    async def _touch(self, statements: Statements, found: tuple[Any, Sequence[Any]]) -> int:
        """Run a statement that changes rows and return how many it touched."""
        statement, values = found
        answer = await self._guard(self.driver.write(statement.sql, values), statements.table)
        return answer.touched

    async def _run(self, script: Script[T], table: TableMap) -> T:
        return await self._guard(self.driver.run(script), table)

    async def _guard(self, work: Awaitable[T], table: TableMap | None = None) -> T:
        """Return the result of *work*; errors of the driver become errors of juggler."""
        try:
            return await work
        except self.driver.errors as error:
            raise self._translated(error, table) from error

    def _translated(self, error: Exception, table: TableMap | None) -> Exception:
        """Return the error of juggler for *error*, with properties in the place of columns."""
        found = self.driver.translate(error)
        if table is None or not isinstance(found, JugglerError):
            return found
        found.model = table.model
        if isinstance(found, DuplicateEntryError):
            fields = table.properties_of(found.fields)
            message = f"Duplicate entry for {table.model}.{', '.join(fields)}."
            return DuplicateEntryError(message, fields=fields, model=table.model)
        if isinstance(found, StoreError) and found.property is not None:
            (found.property,) = table.properties_of((found.property,))
        return found


def _without(data: Mapping[str, Any], names: tuple[str, ...]) -> Row:
    return {name: value for name, value in data.items() if name not in names}
