"""A plain class with slots: what an instance, a read and a write cost at least."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from benchmarks.models.contestants.base import Contestant
from benchmarks.models.records import NESTED_ROW, ROW, Data


class Record:
    """The flat record."""

    __slots__ = tuple(ROW)


class Home:
    """What is embedded alone."""

    __slots__ = ("city", "number", "street")


class Line:
    """What is embedded in a list."""

    __slots__ = ("amount", "price", "product")


class Nested:
    """The record with others in it."""

    __slots__ = tuple(NESTED_ROW)


def contestant(*, nested: bool) -> Contestant:
    """Return what is measured."""
    if nested:
        return Contestant("plain slots", load=_nested, coerce=_nested_by_hand)
    return Contestant("plain slots", load=_flat, coerce=_by_hand)


def _flat(row: Data) -> Any:
    return _filled(Record, row)


def _by_hand(data: Data) -> Any:
    made = _filled(Record, data)
    made.id, made.age, made.score = int(data["id"]), int(data["age"]), float(data["score"])
    made.active, made.price = data["active"] in {"1", "true"}, Decimal(data["price"])
    made.born, made.tags = datetime.fromisoformat(data["born"]), [*data["tags"]]
    return made


def _nested_by_hand(data: Data) -> Any:
    made = _nested(data)
    made.id, made.home.number = int(data["id"]), int(data["home"]["number"])
    for line in made.lines:
        line.amount, line.price = int(line.amount), Decimal(line.price)
    return made


def _filled(kind: Any, row: Data) -> Any:
    made: Any = object.__new__(kind)
    for name, value in row.items():
        setattr(made, name, value)
    return made


def _nested(row: Data) -> Any:
    home = _filled(Home, row["home"])
    lines = [_filled(Line, each) for each in row["lines"]]
    return _filled(Nested, {**row, "home": home, "lines": lines})
