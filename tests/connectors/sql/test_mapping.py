"""Names of tables and columns: by rule, or as the model says."""

from types import SimpleNamespace
from typing import Any

import pytest

from juggler.connectors.contract import ModelInfo
from juggler.connectors.sql.mapping import TableMap
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import DefinitionError
from juggler.testing.connector_suite.models import model

HOST = SimpleNamespace(name="test", settings={})


def mapped(info: ModelInfo, **settings: Any) -> TableMap:
    """Return how a model lies in SQLite."""
    return SqliteConnector(settings, HOST).statements(info).table


def names(table: TableMap) -> list[str]:
    """Return table and column names."""
    return [table.table, *(column.name for column in table.columns.values())]


@pytest.mark.parametrize(
    ("naming", "wanted"),
    [
        ("lower", ["orderitem", "id", "productid"]),
        ("as_is", ["OrderItem", "id", "productId"]),
        ("snake", ["order_item", "id", "product_id"]),
    ],
)
def test_naming_rules(naming: str, wanted: list[str]) -> None:
    """The data source or the model chooses the rule; the model wins."""
    properties = {"id": {"type": "number", "id": True}, "productId": "string"}
    assert names(mapped(model("OrderItem", properties), naming=naming)) == wanted  # DS-130
    assert names(mapped(model("OrderItem", properties, naming=naming), naming="as_is")) == wanted


def test_given_names() -> None:
    """Names in the connector's block are taken as they are; another connector's are not."""
    info = model(
        "Order",
        {
            "id": {"type": "number", "id": True},
            "a": {"type": "string", "sqlite": {"column": "Given"}, "sql": {"column": "general"}},
            "b": {"type": "string", "sqlite3": {"column_name": "Older"}},
            "c": {"type": "string", "sql": {"column": "General"}},
            "d": {"type": "string", "mysql": {"column": "other"}},
            "e": {"type": "string", "name": "PlainName"},
        },
        sqlite={"table": "Orders"},
    )
    assert names(mapped(info)) == ["Orders", "id", "Given", "Older", "General", "d", "PlainName"]


def test_columns_that_clash() -> None:
    """Two properties with one column are refused, by their names."""
    info = model("A", {"userId": "string", "userid": "string"})
    with pytest.raises(DefinitionError, match="'userId' and 'userid' share the column"):
        mapped(info)


@pytest.mark.parametrize(
    "block", [{"table": "a\0b"}, {"table": 7}, {"table": "sqlite_master"}, {"table": "SQLITE_x"}]
)
def test_names_that_cannot_be(block: dict[str, Any]) -> None:
    """What no table can be called is refused."""
    with pytest.raises(DefinitionError):
        mapped(model("A", {"a": "string"}, sqlite=block))


def test_what_may_be_empty() -> None:
    """Keys, required properties and those that say so must have values."""
    info = model(
        "A",
        {
            "id": {"type": "number", "id": True},
            "a": {"type": "string", "required": True},
            "b": {"type": "string", "sqlite": {"nullable": "N"}},
            "c": {"type": "string", "allow_null": False},
            "d": "string",
            "e": {"type": "string", "sqlite": {"nullable": True}},
        },
    )
    nullable = {name: column.nullable for name, column in mapped(info).columns.items()}
    assert nullable == {"id": False, "a": False, "b": False, "c": False, "d": True, "e": True}
