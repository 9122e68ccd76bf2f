"""The steps before the store, open to authors of connectors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET

from juggler import DataSource, ModelRegistry
from juggler.errors import ConnectorDetachedError, InvalidQueryError, InvalidValueError

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "age": "number",
    "born": "date",
    "secret": {"type": str, "hidden": True},
    "home": {"zip": "number", "since": "date"},
    "twice": {"type": "number", "computed": lambda thing: 2 * (thing.age or 0)},
}
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def thing(settings: dict[str, Any] | None = None, **source: Any) -> Any:
    """Return a model in memory."""
    made = DataSource("memory", registry=ModelRegistry(), **source)
    return made.define("Thing", PROPERTIES, settings or {})


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (None, None),  # DAO-005, DAO-139
        ({}, {}),
        ({"order": "a, b DESC"}, {"order": ["a ASC", "b DESC"]}),
        ({"limit": "3"}, {"limit": 3, "offset": 0, "skip": 0}),
        ({"offset": 2}, {"offset": 2, "skip": 2}),
        ({"fields": {"name": True}}, {"fields": ["name"]}),
        (
            {"fields": {"name": False}},
            {"fields": ["id", "age", "born", "secret", "home"]},
        ),
        ({"where": {"home.zip": "7"}}, {"where": {"home.zip": 7}}),
        ({"where": {"age": {"between": ["1", "2"]}}}, {"where": {"age": {"between": [1, 2]}}}),
    ],
)
def test_normalize_filter(filter: Any, expected: Any) -> None:
    """The filter as a connector gets it, as a mapping that can be given again."""
    model = thing()
    found = model.normalize_filter(filter)
    assert found == expected
    assert model.normalize_filter(found) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, {}),  # DAO-005, DAO-152, MOD-124
        ({"age": "1"}, {"age": 1}),
        ({"name": 1}, {"name": "1"}),
        ({"age": {"inq": ["1", None, "2"]}}, {"age": {"inq": [1, None, 2]}}),
        ({"age": {"inq": {"0": "1", "1": "2"}}}, {"age": {"inq": [1, 2]}}),
        ({"born": "2020-01-01"}, {"born": MOMENT}),
        ({"home.since": {"gt": "2020-01-01"}}, {"home.since": {"gt": MOMENT}}),
        ({"home": {"zip": "1"}}, {"home": {"eq": {"zip": 1}}}),
        ({"or": [{"age": "1"}, {"x": "1"}]}, {"or": [{"age": 1}, {"x": "1"}]}),
    ],
    ids=repr,
)
def test_coerce_where(where: Any, expected: Any) -> None:
    """Operands get the types of their properties, nested ones too; unknown names stay."""
    assert thing().coerce_where(where) == expected


def test_coerce_where_to_another_structure() -> None:
    """A model, its definition or its shape may stand in for this model's."""
    # DAO-005
    model, source = thing(), DataSource("memory", registry=ModelRegistry())
    other = source.define("Other", {"age": "string"})
    for definition in (other, other.definition, other.shape):
        assert model.coerce_where({"age": 1}, None, definition) == {"age": "1"}
    with pytest.raises((TypeError, AttributeError)):
        model.coerce_where({"age": 1}, None, {"age": "string"})


def test_sanitize_query() -> None:
    """Depth, UNSET and secrets are treated as the settings say, and a copy comes back."""
    # DAO-005, DAO-008, DAO-171
    model = thing({"normalize_undefined_in_query": "ignore", "max_depth_of_query": 3})
    where = {"name": UNSET, "age": {"gt": 1}}
    assert model.sanitize_query(where) == {"age": {"gt": 1}}
    assert model.sanitize_query(5) == 5
    with pytest.raises(InvalidQueryError):
        model.sanitize_query({"and": [{"and": [{"age": 1}]}]})
    aware = {"prohibit_hidden_properties_in_query": True}
    with pytest.raises(InvalidQueryError):
        model.sanitize_query({"secret": 1}, aware)
    asked = {"secret": 1, "age": 2}
    assert model.sanitize_query(asked, {**aware, "prohibited": "drop"}) == {"age": 2}
    assert model.sanitize_query(asked) == asked


def test_sanitize_data() -> None:
    """Data loses what has no value, and is bounded by the model's depth."""
    # DAO-005, DAO-184
    model = thing({"max_depth_of_data": 2})
    assert model.sanitize_data({"a": UNSET, "regexp": "["}) == {"regexp": "["}
    with pytest.raises(InvalidValueError):
        model.sanitize_data({"a": {"b": {"c": 1}}})
    assert model.sanitize_data({"a": {"b": {"c": 1}}}, {"max_depth_of_data": 9})


def test_get_setting() -> None:
    """The call's, the model's, the source's, the default: the first that says something."""
    # DAO-005, DAO-008
    model = thing({"max_limit": 2}, max_limit=1, like="contains")
    assert model.get_setting("max_limit", {"max_limit": 3}) == 3
    assert model.get_setting("max_limit", {"max_limit": None}) == 2
    assert model.get_setting("like") == "contains"
    assert model.get_setting("max_depth_of_query") == 32
    assert model.get_setting("max_depth_of_data") == 64
    assert model.get_setting("normalize_undefined_in_query") == "throw"
    assert model.get_setting("allow_extended_operators") is False
    assert model.get_setting("whatever") is None
    alone = ModelRegistry().define("Alone", {"a": int}, {"max_limit": 4})
    assert alone.get_setting("max_limit") == 4


def test_for_db() -> None:
    """Values as stores get them: of the right types, without what no store keeps."""
    # DAO-005
    model = thing()
    given = {"age": "3", "name": UNSET, "home": {"zip": "1"}, "twice": 9}
    expected = {"age": 3, "home": {"zip": 1}}
    found = {key: item for key, item in model.for_db(given).items() if item is not None}
    assert found == expected
    assert model.for_db(model(age=1, home={"zip": 2})) == {"age": 1, "home": {"zip": 2}}
    with pytest.raises(TypeError, match="for_db"):
        model.for_db([1])
    with pytest.raises(InvalidValueError):
        model.for_db({"age": "much"})


async def test_they_need_no_connection_and_change_nothing() -> None:
    """Nothing is opened for them, what they are given stays, and a closed source says so."""
    # DAO-005, DAO-016
    model = thing()
    where = {"and": [{"age": "1"}]}
    filter = {"where": where, "limit": "1"}
    before = repr(filter)
    model.normalize_filter(filter)
    model.coerce_where(where)
    model.sanitize_query(where)
    assert repr(filter) == before
    await model.data_source.close()
    with pytest.raises(ConnectorDetachedError):
        model.normalize_filter(filter)
