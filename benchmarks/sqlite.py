"""SQLite through juggler, the bare driver and SQLAlchemy's ORM, on one file each, same settings."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks import samples
from benchmarks.timing import Row, compare_async
from juggler import DataSource, ModelRegistry

ROWS = 1_000
PAGE = 100


class Base(DeclarativeBase):
    """Root of the ORM's models."""


class Sample(Base):
    """The ten properties as the ORM declares them."""

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    field0: Mapped[str]
    field1: Mapped[str]
    field2: Mapped[str]
    field3: Mapped[int]
    field4: Mapped[int]
    field5: Mapped[float]
    field6: Mapped[float]
    field7: Mapped[bool]
    field8: Mapped[str]


def rows() -> Iterator[Row]:
    """Yield the rows of this part."""
    return iter(asyncio.run(_all()))


async def _all() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        async with _ours(path) as model, _raw(path) as raw, _orm(path) as orm:
            return [
                *await _by_id(model, raw, orm),
                *await _page(model, raw, orm),
                *await _create(model, raw, orm),
                *await _bulk(model, raw, orm),
            ]


@asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[Any]:
    """Open juggler's file and yield the model."""
    url = f"sqlite:///{folder / 'juggler.db'}"
    source = DataSource(
        "bench", connector="sqlite", url=url, synchronous="normal", registry=ModelRegistry()
    )
    model = source.define("Sample", samples.RAW)
    async with source:
        await source.autoupdate()
        await model.create([samples.values(at) for at in range(ROWS)])
        yield model
    await source.close()


@asynccontextmanager
async def _raw(folder: Path) -> AsyncIterator[aiosqlite.Connection]:
    """Open the driver's file with the settings that juggler uses."""
    async with aiosqlite.connect(folder / "raw.db", isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        columns = ", ".join(samples.NAMES)
        await connection.execute(f"CREATE TABLE sample (id INTEGER PRIMARY KEY, {columns})")
        marks = ", ".join("?" * 9)
        await connection.execute("BEGIN")
        await connection.executemany(
            f"INSERT INTO sample ({columns}) VALUES ({marks})",
            [tuple(samples.values(at).values()) for at in range(ROWS)],
        )
        await connection.execute("COMMIT")
        yield connection


@asynccontextmanager
async def _orm(folder: Path) -> AsyncIterator[AsyncEngine]:
    """Open the ORM's file with the same settings."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'orm.db'}")

    @event.listens_for(engine.sync_engine, "connect")
    def pragmas(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([Sample(**samples.values(at)) for at in range(ROWS)])
        await session.commit()
    yield engine
    await engine.dispose()


def _rows(what: str, unit: str, scale: float, taken: list[float], bar: float) -> list[Row]:
    """Return one row against the driver and one against the ORM."""
    mine, raw, orm = (each * scale for each in taken)
    return [
        Row(f"SQLite: {what}", mine, raw, "aiosqlite", unit, bar),
        Row(f"SQLite: {what}", mine, orm, "SQLAlchemy ORM", unit, 1.0),
    ]


async def _by_id(model: Any, raw: aiosqlite.Connection, orm: AsyncEngine) -> list[Row]:
    async def ours(times: int) -> None:
        for at in range(times):
            await model.find_by_id(at % ROWS + 1)

    async def driver(times: int) -> None:
        for at in range(times):
            await raw.execute_fetchall("SELECT * FROM sample WHERE id = ?", (at % ROWS + 1,))

    async def mapped(times: int) -> None:
        for at in range(times):
            async with AsyncSession(orm) as session:
                await session.get(Sample, at % ROWS + 1)

    return _rows("find_by_id", "us", 1e6, await compare_async(ours, driver, mapped), 3.0)


async def _page(model: Any, raw: aiosqlite.Connection, orm: AsyncEngine) -> list[Row]:
    async def ours(times: int) -> None:
        for _ in range(times):
            await model.find(order="id", limit=PAGE)

    async def driver(times: int) -> None:
        for _ in range(times):
            await raw.execute_fetchall("SELECT * FROM sample ORDER BY id LIMIT ?", (PAGE,))

    async def mapped(times: int) -> None:
        for _ in range(times):
            async with AsyncSession(orm) as session:
                found = await session.execute(select(Sample).order_by(Sample.id).limit(PAGE))
                found.scalars().all()

    return _rows("find 100 rows", "us", 1e6, await compare_async(ours, driver, mapped), 2.2)


async def _create(model: Any, raw: aiosqlite.Connection, orm: AsyncEngine) -> list[Row]:
    columns, marks = ", ".join(samples.NAMES), ", ".join("?" * 9)
    statement = f"INSERT INTO sample ({columns}) VALUES ({marks})"

    async def ours(times: int) -> None:
        for at in range(times):
            await model.create(samples.values(at))

    async def driver(times: int) -> None:
        for at in range(times):
            await raw.execute_insert(statement, tuple(samples.values(at).values()))

    async def mapped(times: int) -> None:
        for at in range(times):
            async with AsyncSession(orm) as session:
                session.add(Sample(**samples.values(at)))
                await session.commit()

    return _rows("create one", "us", 1e6, await compare_async(ours, driver, mapped), 2.5)


async def _bulk(model: Any, raw: aiosqlite.Connection, orm: AsyncEngine) -> list[Row]:
    columns, marks = ", ".join(samples.NAMES), ", ".join("?" * 9)
    statement = f"INSERT INTO sample ({columns}) VALUES ({marks})"

    async def ours(times: int) -> None:
        for _ in range(times):
            await model.create_all([samples.values(at) for at in range(ROWS)])

    async def driver(times: int) -> None:
        for _ in range(times):
            rows = [tuple(samples.values(at).values()) for at in range(ROWS)]
            await raw.execute("BEGIN")
            await raw.executemany(statement, rows)
            await raw.execute("COMMIT")

    async def mapped(times: int) -> None:
        for _ in range(times):
            async with AsyncSession(orm) as session:
                session.add_all([Sample(**samples.values(at)) for at in range(ROWS)])
                await session.commit()

    return _rows("create 1,000 rows", "ms", 1e3, await compare_async(ours, driver, mapped), 1.2)
