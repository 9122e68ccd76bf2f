"""Helpers over filters: fields, merging, patterns, sanitising."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.helpers import (
    deep_merge,
    deep_merge_property,
    escape_regexp,
    fields_to_array,
    has_regexp_flags,
    merge_includes,
    merge_query,
    rank_array_elements,
    sanitize_data,
    sanitize_query,
    select_fields,
    set_scope_values_from_where,
    to_regexp,
)

NAMES = ["foo", "bar", "bat", "baz"]
DATE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "exclude", "expected"),
    [
        (False, False, None),  # DAO-297, MOD-125, DAO-145
        (None, False, None),
        ({}, False, None),
        ([], False, None),
        ("", False, None),
        ("foo", False, ["foo"]),
        (["foo", "bar"], False, ["foo", "bar"]),
        ({"bat": False}, False, ["foo", "bar", "baz"]),
        ({"bat": 0}, False, ["foo", "bar", "baz"]),
        ({"bat": True}, False, ["bat"]),
        ({"bat": 1, "foo": False}, False, ["bat"]),
        ({"unknown": False}, False, NAMES),
        (["foo", "unknown"], False, ["foo", "unknown"]),
        (["foo", "unknown"], True, ["foo"]),
        ({"foo": True, "unknown": True}, True, ["foo"]),
    ],
)
def test_fields_to_array(fields: Any, exclude: bool, expected: Any) -> None:
    """A name, a list, a mapping with yes, else all but those with no; nothing is all."""
    assert fields_to_array(fields, NAMES, exclude) == expected
    assert fields_to_array(fields, dict.fromkeys(NAMES), exclude) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (None, {"foo": 1, "bar": None}),  # DAO-297
        ("foo", {"foo": 1}),
        (["bar", "baz"], {"bar": None}),
        ({"foo": False}, {"bar": None}),
    ],
)
def test_select_fields(fields: Any, expected: dict[str, Any]) -> None:
    """Rows lose what is not asked for; what they do not have is not made up."""
    row = {"foo": 1, "bar": None}
    found = select_fields(fields)(row)
    assert found == expected
    assert found is not row


@pytest.mark.parametrize(
    ("base", "update", "expected"),
    [
        ("a", None, [{"a": True}]),  # DAO-300, MOD-125
        (None, "a", [{"a": True}]),
        ("a", "b", [{"b": True}, {"a": True}]),
        (["a", "b"], ["b"], [{"b": True}, {"a": True}]),
        ({"a": "x"}, "a", [{"a": True}]),
        (
            [{"relation": "a", "scope": {"limit": 1}}, "c"],
            [{"relation": "a", "scope": {"limit": 2}}],
            [{"relation": "a", "scope": {"limit": 2}}, {"c": True}],
        ),
        (["a", {"b": "c"}], {"d": "e"}, [{"d": "e"}, {"a": True}, {"b": "c"}]),
        (None, None, []),
    ],
)
def test_merge_includes(base: Any, update: Any, expected: Any) -> None:
    """What is laid over comes first; of the rest comes what it does not name."""
    before = copy.deepcopy((base, update))
    assert merge_includes(base, update) == expected
    assert (base, update) == before


@pytest.mark.parametrize(
    ("base", "update", "spec", "expected"),
    [
        ({}, {}, None, {}),  # DAO-299, MOD-125
        (None, None, None, {}),
        ({"where": {"a": 1}}, {"where": {}}, None, {"where": {"a": 1}}),
        ({}, {"where": {"a": 1}}, None, {"where": {"a": 1}}),
        (
            {"where": {"a": 1}},
            {"where": {"b": 2}},
            None,
            {"where": {"and": [{"a": 1}, {"b": 2}]}},
        ),
        ({"order": "a"}, {"order": "b"}, None, {"order": "a"}),
        ({"order": "a"}, {"order": "b"}, {"order": False}, {"order": "b"}),
        ({}, {"order": ["b"]}, None, {"order": ["b"]}),
        ({"limit": 1}, {"limit": 2}, None, {"limit": 2}),
        ({"limit": 1}, {"limit": 2}, {"limit": False}, {"limit": 1}),
        ({"limit": 1}, {"limit": 0}, None, {"limit": 0}),
        ({"skip": 1}, {"offset": 2}, None, {"offset": 2}),
        ({"skip": 1}, {"offset": 2}, {"skip": False}, {"skip": 1}),
        ({"offset": 1}, {"skip": 2}, {"offset": False}, {"offset": 1}),
        ({"collect": "a"}, {"collect": "b"}, None, {"collect": "b"}),
        ({"collect": "a"}, {"collect": "b"}, {"collect": False}, {"collect": "a"}),
        ({"fields": ["a"]}, {"fields": ["b"]}, None, {"fields": ["b"]}),
        ({"fields": ["a"]}, {"fields": ["a", "b"]}, {"fields": False}, {"fields": ["a", "b"]}),
        ({"include": "a"}, {"include": "b"}, None, {"include": [{"b": True}, {"a": True}]}),
        ({"include": "a"}, {"include": "b"}, {"include": False}, {"include": "a"}),
        ({"include": "a"}, {"include": "b"}, {"nested_include": True}, {"include": {"b": "a"}}),
        ({"x": 1}, {"limit": None}, None, {"x": 1}),
    ],
)
def test_merge_query(base: Any, update: Any, spec: Any, expected: Any) -> None:
    """A filter is laid over another as a scope is, clause by clause, as far as *spec* lets it."""
    before = copy.deepcopy((base, update))
    assert merge_query(base, update, spec) == expected
    assert (base, update) == before


@pytest.mark.parametrize(
    ("value", "text", "matches"),
    [
        ("^a", "abc", True),  # DAO-304, MOD-125, DAO-149
        ("/^A/i", "abc", True),
        ("/^A/", "abc", False),
        ("a/b", "xa/b", True),
        ("/^b/m", "a\nb", True),
        ("/a/g", "a", True),
        (re.compile("^B", re.IGNORECASE), "b", True),
    ],
)
def test_to_regexp(value: Any, text: str, matches: bool) -> None:
    """A text, one with flags behind it, or what is compiled already."""
    assert bool(to_regexp(value).search(text)) is matches


@pytest.mark.parametrize("value", ["/a/x", "(", "/[/i", 3, None, [], {}, re.compile(b"a")])
def test_what_is_no_regexp(value: Any) -> None:
    """Other flags, other values and what does not compile are refused."""
    # DAO-149
    with pytest.raises(InvalidQueryError):
        to_regexp(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/a/i", True),  # DAO-304
        ("/a/", False),
        ("a/i", False),
        ("a", False),
        (re.compile("a", re.IGNORECASE), True),
        (re.compile("a"), False),
        (3, False),
    ],
)
def test_has_regexp_flags(value: Any, expected: bool) -> None:
    """Flags stand behind a second slash; a slash at the end alone is none."""
    assert has_regexp_flags(value) is expected


@given(st.text(st.sampled_from("ab[](){}*+?.|\\^$"), max_size=6))
def test_escape_regexp(text: str) -> None:
    """What compiles stays, anything else becomes a pattern of itself."""
    # DAO-304
    found = escape_regexp(text)
    assert found == text or re.fullmatch(found, text)
    re.compile(found)


@pytest.mark.parametrize(
    ("base", "extras", "expected"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),  # DAO-305, MOD-125
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": [1, 2]}, {"a": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": [{"x": 1}]}, {"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 1}, {"x": 2}]}),
        ({"a": DATE}, {"b": DATE}, {"a": DATE, "b": DATE}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ([1], [1, 2], [1, 2]),
        (1, 2, 2),
    ],
)
def test_deep_merge(base: Any, extras: Any, expected: Any) -> None:
    """Mappings key by key, lists united, of other values the second; nothing given changes."""
    before = copy.deepcopy((base, extras))
    assert deep_merge(base, extras) == expected
    assert deep_merge_property(base, extras) == expected
    assert (base, extras) == before


def test_deep_merge_of_one_is_a_copy() -> None:
    """With one argument it is a deep copy, dates and all."""
    # DAO-305
    base = {"a": [{"b": DATE}], "c": MappingProxyType({"d": 1})}
    found = deep_merge(base)
    assert found == {"a": [{"b": DATE}], "c": {"d": 1}}
    found["a"][0]["b"] = 1
    assert base["a"] == [{"b": DATE}]


def test_rank_array_elements() -> None:
    """Mappings are marked once, and the mark is none of their entries."""
    # DAO-306, MOD-125
    items = [{"a": 1}, "b", {"c": 2}]
    found = rank_array_elements(items, 2)
    assert found == items
    assert [getattr(each, "rank", None) for each in found] == [2, None, 2]
    again = rank_array_elements(found, 3)
    assert [getattr(each, "rank", None) for each in again] == [2, None, 2]
    with pytest.raises(AttributeError):
        found[0].rank = 9
    for rank in (float("nan"), float("inf"), "1", None, True):
        assert rank_array_elements(items, rank) is items
    assert rank_array_elements("abc", 1) == "abc"


@pytest.mark.parametrize("value", [1, "a", None, DATE, re.compile("a"), UNSET])
def test_what_has_no_parts_comes_back(value: Any) -> None:
    """Numbers, texts, dates, patterns are no query to be changed."""
    # DAO-298, DAO-169
    assert sanitize_query(value) is value
    assert sanitize_data(value) is value


@pytest.mark.parametrize(
    ("query", "options", "expected"),
    [
        ({"a": UNSET, "b": 1}, "ignore", {"b": 1}),  # DAO-298, MOD-122
        ({"a": [1, UNSET]}, "ignore", {"a": [1]}),
        ({"a": UNSET, "b": [UNSET]}, "nullify", {"a": None, "b": [None]}),
        ({"a": {"gt": UNSET}}, {"normalize_undefined_in_query": "ignore"}, {}),
        (
            {"a": 1, "b": {"x.pin.y": 1, "c": 2}},
            {"prohibitedKeys": ["pin"]},
            {"a": 1, "b": {"c": 2}},
        ),
        ({"or": [{"pin": 1, "a": 1}, {"a": 2}]}, {"prohibited_keys": ["pin"]}, {"or": [{"a": 2}]}),
        ({"or": [{"pin": 1}]}, {"prohibited_keys": ["pin"]}, {"or": []}),
        (
            {"or": [{"a": {"inq": (1,)}}]},
            {"prohibited_keys": ["pin"]},
            {"or": [{"a": {"inq": [1]}}]},
        ),
        ({"or": [{"a": {"pin": 1, "b": 2}}]}, {"prohibited_keys": ["pin"]}, {"or": []}),
        ({"and": [{"pin": 1}, {"a": 1}]}, {"prohibited_keys": ["pin"]}, {"and": [{"a": 1}]}),
        ({"nor": [{"pin": 1}]}, {"prohibited_keys": ["pin"]}, {"nor": []}),
        ({"not": {"pin": 1}}, {"prohibited_keys": ["pin"]}, {}),
        ({"a": [{"pin": 1, "b": 2}]}, {"prohibited_keys": ["pin"]}, {"a": [{"b": 2}]}),
        ({"a": DATE, "b": (1,)}, None, {"a": DATE, "b": [1]}),
    ],
)
def test_sanitize_query(query: Any, options: Any, expected: Any) -> None:
    """UNSET and prohibited keys go, in a copy, and no alternative gets wider by that."""
    before = copy.deepcopy(query)
    assert sanitize_query(query, options) == expected
    assert query == before


def test_sanitize_query_refuses() -> None:
    """Circles always, depth where it is bounded, UNSET unless something else is said."""
    # DAO-298, DAO-168, DAO-185, MOD-121
    circle: dict[str, Any] = {}
    circle["and"] = [circle]
    with pytest.raises(InvalidQueryError) as caught:
        sanitize_query(circle)
    assert caught.value.code == "QUERY_OBJECT_IS_CIRCULAR"
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"and": deep}
    assert sanitize_query(deep) == deep
    with pytest.raises(InvalidQueryError) as caught:
        sanitize_query(deep, {"maxDepth": 12})
    assert caught.value.code == "QUERY_OBJECT_TOO_DEEP"
    with pytest.raises(InvalidQueryError):
        sanitize_query({"a": UNSET})


def test_sanitize_data() -> None:
    """Data loses what has no value and nothing else; depth and circles have codes of their own."""
    # DAO-184, DAO-183, MOD-121
    data = {"a": UNSET, "like": "[", "list": [1, UNSET, {"b": UNSET, "$x": 1}], "d": DATE}
    assert sanitize_data(data) == {"like": "[", "list": [1, {"$x": 1}], "d": DATE}
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(InvalidValueError) as caught:
        sanitize_data({"a": circle})
    assert caught.value.code == "DATA_OBJECT_IS_CIRCULAR"
    assert str(caught.value) == "data.a.0 leads back to itself; data must be a tree."
    with pytest.raises(InvalidValueError) as caught:
        sanitize_data({"a": {"b": {"c": 1}}}, {"max_depth": 2})
    assert caught.value.code == "DATA_OBJECT_TOO_DEEP"
    assert str(caught.value) == "The data is deeper than max_depth_of_data, which is 2."


def test_set_scope_values_from_where() -> None:
    """Plain values of known properties go into the data, those inside `and` too."""
    # DAO-301, DAO-191, MOD-125
    data = {"kept": 1, "a": 0}
    where = {
        "a": 1,
        "b": DATE,
        "c": {"gt": 1},
        "d": None,
        "e": [1],
        "unknown": 1,
        "f": re.compile("x"),
        "and": [{"g": 2}, {"and": [{"h": 3}]}, {"or": [{"i": 4}]}],
        "or": [{"i": 5}],
    }
    known = dict.fromkeys("abcdefghi")
    assert set_scope_values_from_where(data, where, known) is data
    assert data == {"kept": 1, "a": 1, "b": DATE, "g": 2, "h": 3}
    assert set_scope_values_from_where({}, None, known) == {}
