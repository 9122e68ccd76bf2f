"""Structs of msgspec."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from benchmarks.models.contestants.base import Contestant


class Record(msgspec.Struct):
    """The flat record."""

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


class Home(msgspec.Struct):
    """What is embedded alone."""

    street: str
    number: int
    city: str


class Line(msgspec.Struct):
    """What is embedded in a list."""

    product: str
    amount: int
    price: Decimal


class Nested(msgspec.Struct):
    """The record with others in it."""

    id: int
    name: str
    home: Home
    lines: list[Line]


def contestant(*, nested: bool) -> Contestant:
    """Return what is measured; a struct takes a flat row as it is, an embedded one is converted."""
    kind: Any = Nested if nested else Record
    return Contestant(
        "msgspec",
        load=(lambda row: msgspec.convert(row, kind)) if nested else (lambda row: kind(**row)),
        coerce=lambda data: msgspec.convert(data, kind, strict=False),
        to_dict=_nested_dict if nested else msgspec.structs.asdict,
        to_json=msgspec.json.encode,
    )


def _nested_dict(instance: Any) -> Any:
    """Return the values, embedded structs as dicts."""
    return msgspec.to_builtins(instance, builtin_types=(Decimal,))
