"""Names and Python classes that stand for types, and functions that make defaults."""

import gc
import ipaddress
import re
import uuid
import weakref
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from juggler.errors import DefinitionError
from juggler.types.geo import GeoPoint
from juggler.types.ids import DEFAULT_FUNCTIONS, default_function
from juggler.types.structured import ListType
from juggler.types.table import BUILTIN_NAMES, TypeTable, builtin_types
from juggler.types.temporal import DateString

CLASSES = {
    str: "string", int: "integer", float: "number", bool: "boolean", datetime: "date", date: "date",
    DateString: "datestring", bytes: "buffer", list: "array", dict: "object", GeoPoint: "geopoint",
    Decimal: "decimal", uuid.UUID: "uuid", object: "any", Any: "any",
}  # fmt: skip


class Timestamp:
    """A value type of an application."""

    def __init__(self, value: object) -> None:
        self.value = value


@pytest.mark.parametrize("name", BUILTIN_NAMES)
def test_names_in_any_case(name: str) -> None:
    """Every name is known in every case, and a type goes by one of its names."""
    # MOD-02
    table = builtin_types()
    found = table.lookup(name)
    assert found is not None
    assert table.lookup(name.upper()) is table.lookup(name.title()) is found
    assert table.lookup(found.name) is found
    assert name.swapcase() in table


def test_aliases() -> None:
    """Some types have a second name."""
    # MOD-02
    table = TypeTable()
    for one, other in (("binary", "buffer"), ("date_string", "datestring"), ("int", "integer")):
        assert table.lookup(one) is table.lookup(other)
    assert isinstance(table.lookup("array"), ListType)


@pytest.mark.parametrize("cls", CLASSES, ids=str)
def test_python_classes(cls: Any) -> None:
    """Python's own classes stand for the type that holds their instances."""
    # MOD-02
    found = TypeTable().lookup(cls)
    assert found is not None
    assert found.name == CLASSES[cls]


@pytest.mark.parametrize(
    "expr", ["Customer", "", "String ", [], ["string"], {"a": str}, None, 5, Timestamp]
)
def test_everything_else_is_for_others(expr: Any) -> None:
    """Models, lists, nested dicts and unknown classes stand for no type here."""
    # MOD-04
    assert TypeTable().lookup(expr) is None


def test_registered_types() -> None:
    """A class is registered by its name and aliases, and is called to make values."""
    # MOD-03
    table = TypeTable()
    kind = table.register(Timestamp, "Stamp", "ts")
    for expr in ("timestamp", "TIMESTAMP", "stamp", "TS", Timestamp):
        assert table.lookup(expr) is kind
    assert kind.coerce(5).value == 5
    assert {"timestamp", "stamp", "ts", "string"} <= set(table)


def test_registration_is_private() -> None:
    """What one table knows no other does, unless it was made its parent."""
    parent = TypeTable()
    child, stranger = TypeTable(parent), TypeTable()
    kind = parent.register(Timestamp)
    own = child.register(ipaddress.IPv4Address)
    assert child.lookup("timestamp") is child.lookup(Timestamp) is kind
    assert child.lookup("string") is parent.lookup("string")
    assert stranger.lookup("timestamp") is stranger.lookup(Timestamp) is None
    assert child.lookup("ipv4address") is own
    assert parent.lookup("ipv4address") is None
    assert set(child) - set(parent) == {"ipv4address"}


def test_built_in_names_cannot_be_taken() -> None:
    """A class cannot change what a built-in name means."""
    table = TypeTable()
    with pytest.raises(DefinitionError, match="'date' is built in"):
        table.register(Timestamp, "Date")
    assert table.lookup("timestamp") is None


@pytest.mark.parametrize(
    ("cls", "names"), [("Timestamp", ()), (None, ()), (Timestamp, ("",)), (Timestamp, (5,))]
)
def test_what_cannot_be_registered(cls: Any, names: Any) -> None:
    """A value type is a class, and its names are text."""
    # MOD-03
    table = TypeTable()
    with pytest.raises(DefinitionError, match="a class and names for it"):
        table.register(cls, *names)
    assert "timestamp" not in table


def test_a_table_keeps_nothing_alive_after_itself() -> None:
    """A class that only a table knew goes with the table."""
    cls = type("Passing", (), {})
    table = TypeTable()
    table.register(cls)
    watch = weakref.ref(cls)
    del cls, table
    gc.collect()
    assert watch() is None


# default functions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version"), [("guid", 4), ("uuid", 4), ("uuidv4", 4), ("uuidv1", 1), ("uuidv7", 7)]
)
def test_uuids(name: str, version: int) -> None:
    """UUIDs are text of the version that their name says, random unless it says otherwise."""
    # MOD-30
    made = [DEFAULT_FUNCTIONS[name]() for _ in range(100)]
    assert len(set(made)) == 100
    assert {uuid.UUID(text).version for text in made} == {version}
    assert {uuid.UUID(text).variant for text in made} == {uuid.RFC_4122}


def test_uuids_of_version_7_begin_with_the_time() -> None:
    """The first 48 bits are the milliseconds since the epoch, so later ones sort later."""
    before = datetime.now(UTC).timestamp() * 1000
    moment = uuid.UUID(DEFAULT_FUNCTIONS["uuidv7"]()).int >> 80
    assert before - 1 <= moment <= datetime.now(UTC).timestamp() * 1000


@pytest.mark.parametrize("name", ["shortid", "nanoid"])
def test_short_ids(name: str) -> None:
    """Short ids have nine characters that need no escaping."""
    # MOD-30
    made = {DEFAULT_FUNCTIONS[name]() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{9}", text) for text in made)


def test_default_functions_by_name() -> None:
    """A name gives its function, `now` the time in UTC, and an unknown name none."""
    # MOD-30
    now = default_function("now")
    assert now is not None
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # it has no microseconds
    assert before <= now() <= datetime.now(UTC)
    assert default_function("Slug") is None
