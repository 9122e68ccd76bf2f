"""Run-time models of juggler."""

from __future__ import annotations

from benchmarks.models.contestants.base import Contestant
from juggler import ModelRegistry

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "email": str,
    "note": str,
    "age": int,
    "score": float,
    "active": bool,
    "born": "date",
    "price": "decimal",
    "tags": [str],
}
NESTED = {
    "id": {"type": int, "id": True},
    "name": str,
    "home": {"street": str, "number": int, "city": str},
    "lines": [{"product": str, "amount": int, "price": "decimal"}],
}


def contestant(*, nested: bool) -> Contestant:
    """Return what is measured."""
    model = ModelRegistry().define("Record", NESTED if nested else PROPERTIES)
    return Contestant(
        "juggler",
        load=model.load,
        coerce=model,
        to_dict=lambda instance: instance.to_dict(),
        to_json=lambda instance: instance.to_json_bytes(),
    )
