"""Frozen copies of plain data, and copies that can be changed."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.definition.frozen import FrozenList, FrozenSet, frozen, thawed
from juggler.errors import DefinitionError
from juggler.types.geo import GeoPoint
from tests.definition.helpers import nested


class Colour(StrEnum):
    """A text with a name."""

    RED = "red"


class Pair(NamedTuple):
    """A tuple with names."""

    one: Any
    two: Any


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary() | st.decimals(allow_nan=False) | st.datetimes() | st.dates() | st.uuids()
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.lists(inner).map(tuple)
        | st.sets(SCALARS)
    ),
    max_leaves=12,
)


def same_kind(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of equal classes all the way down."""
    if type(one) is not type(other) or one != other:
        return False
    if isinstance(one, dict):
        return all(same_kind(item, other[key]) for key, item in one.items())
    if isinstance(one, list | tuple):
        return all(map(same_kind, one, other))
    return True


def changeable(value: Any) -> list[Any]:
    """Return the parts of a value that could be changed."""
    if isinstance(value, list | dict | set | bytearray):
        return [value]
    parts = value.values() if isinstance(value, MappingProxyType) else value
    if isinstance(value, MappingProxyType | tuple | frozenset):
        return [each for item in parts for each in changeable(item)]
    return []


@given(VALUES)
def test_there_and_back(value: Any) -> None:
    """Thawing what was frozen gives an equal value of equal kind, and nothing frozen can change."""
    # REG-32
    kept = frozen(value)
    assert same_kind(thawed(kept), value)
    assert changeable(kept) == []
    assert same_kind(thawed(frozen(kept)), value)


def test_copies_are_private() -> None:
    """Neither the caller's objects nor one another's copies are shared."""
    # REG-29
    given: dict[str, Any] = {"a": [1, {"b": {2}}]}
    kept = frozen(given)
    given["a"][1]["b"].add(3)
    given["c"] = 1
    one, two = thawed(kept), thawed(kept)
    one["a"].append(1)
    one["a"][1]["b"].clear()
    assert two == {"a": [1, {"b": {2}}]} == thawed(kept)


@pytest.mark.parametrize(
    "atom",
    [
        1, "a", None, UNSET, Colour.RED, Decimal(1), datetime(2026, 1, 2, tzinfo=UTC), UUID(int=1),
        len, print, re.compile("a"), GeoPoint(1, 2), str, b"",
    ],
    ids=repr,
)  # fmt: skip
def test_atoms_are_kept(atom: Any) -> None:
    """What holds no others stays the same object."""
    assert frozen(atom) is atom
    assert thawed(atom) is atom or thawed(atom) == atom


def test_other_objects_are_copied_when_thawed() -> None:
    """An object of a user is kept as it is and copied for each who wants one of their own."""

    class Box:
        """Holds a list."""

        def __init__(self) -> None:
            self.items: list[int] = []

    box = Box()
    assert frozen(box) is box
    thawed(box).items.append(1)
    assert box.items == []


def test_kinds_of_containers() -> None:
    """Subclasses of lists and sets are lists and sets; a named tuple is left alone."""

    class Names(list[str]):
        """A list with a name."""

    assert type(frozen(Names("a"))) is FrozenList
    assert type(frozen({1})) is FrozenSet
    assert type(frozen(frozenset({1}))) is frozenset
    pair = Pair(1, 2)
    assert frozen(pair) is pair


@pytest.mark.parametrize("key", [None, "a"])
def test_depth_is_bounded(key: str | None) -> None:
    """A value that is nested a thousand deep, or in itself, is a typed error that names where."""
    with pytest.raises(DefinitionError, match="nested deeper than 64"):
        frozen(nested(1_000, 1, key))
    loop: list[Any] = []
    holder = {"x": loop}
    loop.append(holder)
    with pytest.raises(DefinitionError, match=r"contains itself at x\[0\]"):
        frozen(holder)
    assert thawed(frozen(nested(60, 1, key))) == nested(60, 1, key)
