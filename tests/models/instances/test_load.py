"""Instances of stored rows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler import List
from juggler.facade.default import ModelRegistry
from juggler.models.instances import dump
from juggler.models.instances.state import LOADED
from juggler.testing.filters import COLUMNS, rows

PLAIN = {"id_injection": False}
ROW = {"a": 1, "b": "x"}


def test_a_complete_row_is_taken_as_it_is(registry: ModelRegistry) -> None:
    """Values of a row are trusted: not coerced, no default; its lists become typed ones."""
    # MOD-10, MOD-28
    tags = [5]
    properties = {"a": int, "b": {"type": str, "default": "d"}, "tags": ["string"]}
    things = registry.define("Thing", properties, PLAIN)
    thing = things.load({"b": None, "a": "5", "tags": tags})
    assert (thing.a, thing.b) == ("5", None)
    assert isinstance(thing.tags, List)
    assert thing.tags[0] is tags[0]
    assert not thing.is_new_record()
    assert thing.is_set("b")


def test_complete_rows_share_one_state(registry: ModelRegistry) -> None:
    """As long as nobody writes, loaded instances have no bookkeeping of their own."""
    things = registry.define("Thing", {"a": int, "b": str}, PLAIN)
    one, two = things.load(ROW), things.load(ROW)
    assert one._state is two._state is LOADED
    one.a = 5
    assert one._state is not LOADED
    assert two._state is LOADED
    assert (LOADED.changed, LOADED.unset, LOADED.extra) == (None, frozenset(), None)


@pytest.mark.parametrize("missing", [(), ("a",), ("b",), ("a", "b")])
@pytest.mark.parametrize("more", [{}, {"c": 1}, {"c": 1, "d": None, "__v": 5}])
def test_rows_may_lack_values_or_have_more(
    registry: ModelRegistry, missing: tuple[str, ...], more: dict[str, Any]
) -> None:
    """What is missing is unset, without a default; what is more is dynamic data."""
    properties = {"a": {"type": int, "default": 9}, "b": str}
    things = registry.define("Thing", properties, PLAIN)
    row = {name: value for name, value in {**ROW, **more}.items() if name not in missing}
    thing = things.load(row)
    expected = {name: value for name, value in row.items() if name != "__v"}
    assert thing.to_dict() == expected
    assert [thing.raw(name) for name in missing] == [UNSET] * len(missing)
    assert thing.changed() == []
    assert not thing.is_new_record()


@pytest.mark.parametrize("strict", [True, "filter", "throw", "validate"])
def test_strict_models_drop_unknown_columns(registry: ModelRegistry, strict: Any) -> None:
    """A column that the model does not know is no error, and not shown."""
    things = registry.define("Thing", {"a": int, "b": str}, {"strict": strict, **PLAIN})
    thing = things.load({**ROW, "c": 1})
    assert thing.to_dict() == ROW
    assert not thing._state.unknown


def test_unset_in_a_row_is_missing(registry: ModelRegistry) -> None:
    """A row that lacks a value and says UNSET of another has neither."""
    things = registry.define("Thing", {"a": int, "b": str}, PLAIN)
    assert things.load({"a": UNSET}).to_dict() == {}


def test_a_row_is_not_changed(registry: ModelRegistry) -> None:
    """Loading changes nothing of the row."""
    things = registry.define("Thing", {"a": int, "home": {"city": str}}, PLAIN)
    row = {"a": 1, "home": {"city": "R"}, "more": [1]}
    things.load(row)
    assert row == {"a": 1, "home": {"city": "R"}, "more": [1]}


TYPES: dict[str, Any] = {**COLUMNS, "home": {"city": "string", "points": ["geopoint"]}}


@given(table=rows(min_size=1, max_size=3), city=st.none() | st.text(max_size=3))
def test_stored_and_loaded_is_the_same(table: list[dict[str, Any]], city: str | None) -> None:
    """What goes to a store comes back equal, whatever it is."""
    registry = ModelRegistry()
    things = registry.define("Thing", TYPES, PLAIN)
    for row in table:
        thing = things({**row, "home": {"city": city, "points": [[1, 2]]}})
        assert thing._state.bad is None
        again = things.load(dump.for_store(thing))
        assert again == thing
        assert dump.for_store(again) == dump.for_store(thing)
        assert things(again) == thing
        assert again.to_json() == thing.to_json()
