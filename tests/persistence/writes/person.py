"""A model with one record, for tests of changes."""

from typing import Any

from tests.persistence.shelf import ALL, make_source, shelf_of

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": {"type": str, "required": True},
    "age": int,
    "born": "date",
    "home": {"city": str, "street": str},
    "tags": [str],
}


def define(*, capabilities: frozenset[str] = ALL, **settings: Any) -> Any:
    """Return a model with one record."""
    model = make_source(capabilities=capabilities).define("Person", PROPERTIES, settings)
    row = {"id": 1, "name": "Ada", "age": 36, "home": {"city": "Rome", "street": "Via"}}
    shelf_of(model.data_source).rows["Person"] = {1: row}
    return model


def row_of(model: Any) -> dict[str, Any]:
    """Return what is stored of the one record."""
    row: dict[str, Any] = shelf_of(model.data_source).rows["Person"][1]
    return row
