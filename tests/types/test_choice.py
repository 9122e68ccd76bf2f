"""Members of enumerations, UUIDs and ids of documents as values of properties."""

import enum
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.types.base import BAD
from juggler.types.choice import UUID_TYPE, EnumType
from juggler.types.scalar import OBJECT_ID
from juggler.types.table import TypeTable


class Colour(enum.Enum):
    """Texts and numbers."""

    RED = "red"
    THREE = 3
    YES = True
    PAIR = (1, 2)
    NONE = None


class Level(enum.IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 2


KIND = EnumType(Colour)


@pytest.mark.parametrize(
    ("value", "member"),
    [
        ("red", Colour.RED), (3, Colour.THREE), ("3", Colour.THREE), (True, Colour.YES),
        ([1, 2], Colour.PAIR), ((1, 2), Colour.PAIR), (Colour.RED, Colour.RED),
    ],
)  # fmt: skip
def test_members(value: Any, member: Colour) -> None:
    """A member is given as itself, by its value, or by the text of it."""
    # MOD-08
    assert KIND.coerce(value) is member


@pytest.mark.parametrize(
    "value", ["RED", "blue", 1, 4, 3.5, [2], {}, {"a": 1}, object(), Level.LOW]
)
def test_no_members(value: Any) -> None:
    """What is no value of a member is bad; True is not 1."""
    # MOD-08, MOD-12
    assert KIND.coerce(value) is BAD


@given(st.sampled_from(list(Colour) + list(Level)))
def test_members_round_trip(member: Any) -> None:
    """A member is read back from what it was written as."""
    kind = EnumType(type(member))
    assert kind.load(kind.dump(member)) is member


def test_enumerations_are_different() -> None:
    """Types of two enumerations are two, of one enumeration one."""
    assert EnumType(Colour).canonical() == KIND.canonical() != EnumType(Level).canonical()


@given(st.uuids())
def test_uuids(value: uuid.UUID) -> None:
    """A UUID is read from its text in any usual form, and from its bytes."""
    # MOD-02
    for form in (value, str(value), value.hex, value.urn, f"{{{value}}}", value.bytes):
        assert UUID_TYPE.coerce(form) == value
    assert UUID_TYPE.dump(value) == str(value)
    assert UUID_TYPE.load(str(value)) == value


@pytest.mark.parametrize(
    "value", ["x", "0" * 31, "g" * 32, 5, 1.5, b"short", [], {}, True, object()]
)
def test_no_uuids(value: Any) -> None:
    """Everything else is bad; the empty text is None."""
    # MOD-12
    assert UUID_TYPE.coerce(value) is BAD
    assert UUID_TYPE.coerce("") is None
    assert UUID_TYPE.load(value) is value


def test_ids_of_documents() -> None:
    """The id of a document is held as text."""
    assert TypeTable().lookup("ObjectID") is OBJECT_ID
    assert OBJECT_ID.coerce("a" * 24) == "a" * 24
    assert OBJECT_ID.coerce([]) is BAD


def test_default_functions_of_a_table() -> None:
    """A function is named in one table and in those below it; each change is noticed."""
    # MOD-30
    parent = TypeTable()
    child = TypeTable(parent)
    before = child.version
    parent.define_function("slug", str)
    assert child.function("slug") is str
    assert child.version > before
    assert TypeTable().function("slug") is None
    assert {"uuid", "slug"} <= set(child.functions())
    for name, function in (("uuid", str), ("", str), ("x", 5), (5, str)):
        with pytest.raises(ValueError, match=r"default function|built in"):
            parent.define_function(name, function)  # type: ignore[arg-type]
