"""Ids and lists of them."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.helpers import (
    collect_target_ids,
    find_index_of,
    id_equals,
    id_name,
    ids_have_duplicates,
    sort_objects_by_ids,
    uniq,
)


class ObjectId:
    """An id of another library: an object with a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> str:
        """Return it as JSON has it."""
        return self.text


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1, True),  # DAO-027, MOD-79
        (1, "1", True),
        ("01", 1, True),
        (1.0, 1, True),
        ("1.0", 1, True),
        (Decimal("1.10"), "1.1", True),
        ("a", "a", True),
        (ObjectId("ab"), "ab", True),
        (ObjectId("ab"), ObjectId("ab"), True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (None, None, True),
        (1, 2, False),
        ("1", "01", False),
        ("", 0, False),
        ("nan", float("nan"), False),
        (None, 0, False),
        (None, "None", False),
        (UNSET, None, False),
        (True, 1, False),
        (True, "True", False),
        ("a", 1, False),
        ({"a": 1}, {"a": 2}, False),
        (ObjectId("ab"), "AB", False),
    ],
)
def test_id_equals(one: Any, other: Any, expected: bool) -> None:
    """Ids name one record if they are equal, number and text of it, or equal as JSON."""
    assert id_equals(one, other) is expected
    assert id_equals(other, one) is expected


@given(st.lists(st.integers(-3, 3) | st.sampled_from(["a", "b", "1"])))
def test_uniq(items: list[Any]) -> None:
    """The first of equal items stays, in the order they had."""
    # MOD-125, DAO-303
    assert uniq(items) == list(dict.fromkeys(items))
    assert ids_have_duplicates(items) is (len(set(items)) < len(items))


def test_uniq_of_other_things() -> None:
    """Object ids count by their text, mappings by their parts; None is an empty list."""
    # MOD-125, DAO-303
    first, second = ObjectId("a"), ObjectId("b")
    assert uniq([first, second, ObjectId("a")]) == [first, second]
    assert uniq(None) == []
    assert uniq([None, None, [1], [1]]) == [None, [1]]
    assert ids_have_duplicates([{"a": 1, "b": "x"}, {"b": "x", "a": 1}])
    assert not ids_have_duplicates([{"a": 1, "b": "x"}, {"a": 1, "b": "y"}])
    assert not ids_have_duplicates(None)
    for wrong in ("abc", 3, {"a": 1}):
        with pytest.raises(TypeError, match="list"):
            uniq(wrong)  # type: ignore[arg-type]  # what a program may do


@pytest.mark.parametrize(
    ("ids", "strict", "expected"),
    [
        ([3, 1], False, [3, 1, 2, 4]),  # DAO-302, MOD-125
        ([3, 1], True, [3, 1]),
        (["3", 1.0], False, [3, 1, 2, 4]),
        ([9], False, [1, 2, 3, 4]),
        ([9], True, []),
        ([2, 2, 1], True, [2, 1]),
        ([], False, [1, 2, 3, 4]),
    ],
)
def test_sort_objects_by_ids(ids: list[Any], strict: bool, expected: list[int]) -> None:
    """Those that are named come in that order, the others after them as they were, or not."""
    rows = [{"id": number} for number in (1, 2, 3, 4)]
    assert [row["id"] for row in sort_objects_by_ids("id", ids, rows, strict)] == expected
    things = [SimpleNamespace(key=ObjectId(str(number))) for number in (1, 2, 3, 4)]
    found = sort_objects_by_ids("key", list(map(str, ids)), things, strict)
    assert {1.0} & set(ids) or [int(str(thing.key)) for thing in found] == expected


def test_find_index_of() -> None:
    """The first place counts, by == or by a test of the caller; -1 is none."""
    # DAO-303
    assert find_index_of(["a", "b", "b"], "b") == 1
    assert find_index_of([1], "1") == -1
    assert find_index_of([2, 1], "1", id_equals) == 1
    assert find_index_of([], 1) == -1


def test_collect_target_ids() -> None:
    """The values of a property, each once, as a condition that finds what they refer to."""
    # DAO-303
    rows: list[Any] = [
        {"owner": 1},
        SimpleNamespace(owner=2),
        {"owner": None},
        {},
        {"owner": [1, 3]},
        {"owner": UNSET},
    ]
    assert collect_target_ids(rows, "owner") == {"inq": [1, 2, 3]}
    assert collect_target_ids([], "owner") == {"inq": []}


def test_id_name() -> None:
    """The name of a model's id, whatever it is called."""
    # DAO-303
    definition = SimpleNamespace(id_name=lambda: "code")
    assert id_name(SimpleNamespace(definition=definition)) == "code"
