"""Mapped classes of SQLAlchemy's ORM, loaded from SQLite in memory."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, DateTime, Numeric, StaticPool, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.models.contestants.base import Contestant
from benchmarks.models.records import ROW, Data
from benchmarks.timing import Work

ROWS = 200


class Base(DeclarativeBase):
    """The base of mapped classes."""


class Record(Base):
    """The flat record."""

    __tablename__ = "record"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    note: Mapped[str]
    age: Mapped[int]
    score: Mapped[float]
    active: Mapped[bool]
    born: Mapped[datetime] = mapped_column(DateTime)
    price: Mapped[Decimal] = mapped_column(Numeric(asdecimal=False))
    tags: Mapped[list[str]] = mapped_column(JSON)


NAMES = tuple(ROW)


def contestant(*, nested: bool) -> Contestant | None:
    """Return what is measured; embedded objects would be tables of their own, so None for them."""
    if nested:
        return None
    return Contestant(
        "SQLAlchemy ORM",
        load=_made,
        to_dict=_values,
        to_json=lambda instance: json.dumps(_values(instance), default=str).encode(),
        loading=_loading(),
        rows=ROWS,
    )


def _made(row: Data) -> Any:
    return Record(**row)


def _values(instance: Any) -> Data:
    """Return the values; the ORM has no call for it."""
    return {name: getattr(instance, name) for name in NAMES}


def _loading() -> tuple[Work, Work]:
    """Return what loads rows as instances, and what only fetches the same rows."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Record), [{**ROW, "id": at} for at in range(ROWS)])
    entities, columns = select(Record), select(*Record.__table__.columns)

    def orm(times: int) -> None:
        for _ in range(times):
            with Session(engine) as session:
                session.scalars(entities).all()

    def core(times: int) -> None:
        for _ in range(times):
            with engine.connect() as connection:
                connection.execute(columns).all()

    return orm, core
