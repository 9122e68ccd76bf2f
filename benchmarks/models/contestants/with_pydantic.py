"""Models of pydantic."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from benchmarks.models.contestants.base import Contestant


class Record(BaseModel):
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


class Checked(Record):
    """The same, checked when an attribute is written."""

    model_config = ConfigDict(validate_assignment=True)


class Home(BaseModel):
    """What is embedded alone."""

    street: str
    number: int
    city: str


class Line(BaseModel):
    """What is embedded in a list."""

    product: str
    amount: int
    price: Decimal


class Nested(BaseModel):
    """The record with others in it."""

    model_config = ConfigDict(validate_assignment=True)

    id: int
    name: str
    home: Home
    lines: list[Line]


def contestant(*, nested: bool) -> Contestant:
    """Return what is measured; it validates rows too, which is its quickest way to read them."""
    model = Nested if nested else Record
    return Contestant(
        "pydantic",
        load=model.model_validate,
        coerce=model.model_validate,
        checked=(Nested if nested else Checked).model_validate,
        to_dict=lambda instance: instance.model_dump(),
        to_json=lambda instance: instance.model_dump_json(),
    )
