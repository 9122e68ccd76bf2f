"""Classes of attrs, with slots; JSON is the standard library's."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
from attrs.converters import to_bool

from benchmarks.models.contestants.base import Contestant
from benchmarks.models.records import Data


@attrs.define
class Record:
    """The flat record, which takes values as they are."""

    id: int
    name: str
    email: str
    note: str
    age: int
    score: float
    active: bool
    born: datetime
    price: Decimal
    tags: list[str]


@attrs.define
class Checked:
    """The flat record, which converts what it is given."""

    id: int = attrs.field(converter=int)
    name: str = attrs.field(converter=str)
    email: str = attrs.field(converter=str)
    note: str = attrs.field(converter=str)
    age: int = attrs.field(converter=int)
    score: float = attrs.field(converter=float)
    active: bool = attrs.field(converter=to_bool)
    born: datetime = attrs.field(converter=datetime.fromisoformat)
    price: Decimal = attrs.field(converter=Decimal)
    tags: list[str] = attrs.field(converter=lambda items: [str(item) for item in items])


@attrs.define
class Home:
    """What is embedded alone."""

    street: str = attrs.field(converter=str)
    number: int = attrs.field(converter=int)
    city: str = attrs.field(converter=str)


@attrs.define
class Line:
    """What is embedded in a list."""

    product: str = attrs.field(converter=str)
    amount: int = attrs.field(converter=int)
    price: Decimal = attrs.field(converter=Decimal)


@attrs.define
class Nested:
    """The record with others in it."""

    id: int = attrs.field(converter=int)
    name: str = attrs.field(converter=str)
    home: Home = attrs.field(converter=lambda found: Home(**found))
    lines: list[Line] = attrs.field(converter=lambda found: [Line(**item) for item in found])


def contestant(*, nested: bool) -> Contestant:
    """Return what is measured."""
    kind: Any = Nested if nested else Record
    coercing: Any = Nested if nested else Checked

    def load(row: Data) -> Any:
        return kind(**row)

    return Contestant(
        "attrs",
        load=load,
        coerce=lambda data: coercing(**data),
        checked=lambda row: (
            coercing(**{**row, "born": row["born"].isoformat()}) if "born" in row else load(row)
        ),
        to_dict=attrs.asdict,
        to_json=lambda instance: json.dumps(attrs.asdict(instance), default=str).encode(),
    )
