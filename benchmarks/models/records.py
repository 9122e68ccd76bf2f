"""The two records that every library makes instances of, as a store and as a client gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

Data = dict[str, Any]

BORN: Final = datetime(2020, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

ROW: Final[Data] = {
    "id": 7,
    "name": "Ann Miller",
    "email": "ann.miller@example.org",
    "note": "met at the fair, asks for a visit",
    "age": 41,
    "score": 2.75,
    "active": True,
    "born": BORN,
    "price": Decimal("19.90"),
    "tags": ["new", "big", "north"],
}
"""The flat record of ten properties, every value of the type that is declared."""

CLIENT: Final[Data] = {
    **ROW,
    "id": "7",
    "age": "41",
    "score": "2.75",
    "active": "1",
    "born": "2020-01-02T03:04:05.678Z",
    "price": "19.90",
}
"""The same as a client sends it: all that is no text or list, as text."""

NESTED_ROW: Final[Data] = {
    "id": 7,
    "name": "Ann Miller",
    "home": {"street": "High Street", "number": 12, "city": "Rome"},
    "lines": [
        {"product": "chair", "amount": 4, "price": Decimal("49.90")},
        {"product": "table", "amount": 1, "price": Decimal("199.00")},
        {"product": "lamp", "amount": 2, "price": Decimal("19.90")},
    ],
}
"""A record with one embedded object and a list of three."""

NESTED_CLIENT: Final[Data] = {
    "id": "7",
    "name": "Ann Miller",
    "home": {"street": "High Street", "number": "12", "city": "Rome"},
    "lines": [
        {"product": "chair", "amount": "4", "price": "49.90"},
        {"product": "table", "amount": "1", "price": "199.00"},
        {"product": "lamp", "amount": "2", "price": "19.90"},
    ],
}
"""The same as a client sends it."""


def fresh(data: Data) -> Data:
    """Return *data* with lists and objects of its own, as each row of a store has."""
    return {name: _fresh(value) for name, value in data.items()}


def _fresh(value: Any) -> Any:
    if isinstance(value, dict):
        return fresh(value)
    return [_fresh(item) for item in value] if isinstance(value, list) else value
