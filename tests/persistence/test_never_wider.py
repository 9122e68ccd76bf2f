"""Whatever is given as id or condition: the right records, or an error; never more."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.errors import (
    DefinitionError,
    InvalidQueryError,
    InvalidValueError,
    NotFoundError,
    ValidationError,
)
from tests.persistence.shelf import ALL, BOTH, make_source, shelf_of

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["1", "name", "neq", "$ne", "id", "like", "%", "and", "or", "__class__"])
)
OPERATORS = st.sampled_from(
    ["eq", "neq", "gt", "gte", "lt", "inq", "nin", "like", "between", "exists", "regexp", "x"]
)
NAMES = st.sampled_from(["id", "name", "age", "and", "or", "nor", "not", "tags.0", "", "x", "a.b"])
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | OPERATORS | st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
WHERES = st.dictionaries(NAMES, st.dictionaries(OPERATORS, JSON, max_size=2) | JSON, max_size=3)
REFUSED = (InvalidQueryError, InvalidValueError, TypeError)
ROWS: list[dict[str, Any]] = [
    {"id": n, "name": f"n{n}", "age": n % 3, "tags": ["t", str(n)]} for n in range(5)
]


async def stocked(capabilities: frozenset[str] = ALL) -> tuple[Any, Any]:
    """Return a model with five records, and its shelf."""
    source = make_source(capabilities=capabilities)
    model = source.define(
        "Thing", {"id": {"type": int, "id": True}, "name": str, "age": int, "tags": [str]}
    )
    shelf = shelf_of(source)
    shelf.rows["Thing"] = {row["id"]: dict(row) for row in ROWS}
    return model, shelf


@given(JSON)
async def test_any_json_as_id_means_one_record_or_none(value: Any) -> None:
    """An id of any form reads, changes and deletes at most the record that it names."""
    # DAO-020, DAO-130
    model, shelf = await stocked()
    untouched = [row for row in ROWS if not named(value, row["id"])]
    calls = [
        lambda: model.find_by_id(value),
        lambda: model.exists(value),
        lambda: model.find_by_ids([value]),
        lambda: model.replace_by_id(value, {"name": "x"}),
        lambda: model.update_or_create({"id": value, "name": "x"}),
        lambda: model.replace_or_create({"id": value, "name": "x"}),
        lambda: model.destroy_by_id(value),
    ]
    for call in calls:
        with suppress(*REFUSED, NotFoundError, ValidationError):
            await call()
    assert [row for row in ROWS if row in shelf.table("Thing")] == untouched


def named(value: Any, id: int) -> bool:
    """Tell whether *value* may name the record *id*: as a number or as its text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return float(value) == id
    except (ValueError, OverflowError):
        return False


@BOTH
@given(where=JSON | WHERES)
async def test_any_json_as_condition_writes_what_it_reads(
    where: Any, capabilities: frozenset[str]
) -> None:
    """A condition of any form changes and deletes exactly what it finds, or is an error."""
    # DAO-125, DAO-130
    model, shelf = await stocked(capabilities)
    try:
        wanted = {each.id for each in await model.find({"where": where})}
    except REFUSED:
        for call in (
            lambda: model.count(where),
            lambda: model.destroy_all(where),
            lambda: model.update_all(where, {"age": 99}),
            lambda: model.upsert_with_where(where, {"age": 99}),
        ):
            with pytest.raises(REFUSED):
                await call()
        assert shelf.table("Thing") == ROWS
        return
    if where is None:
        wanted = set()
        with pytest.raises(InvalidQueryError):
            await model.update_all(where, {"age": 99})
        with pytest.raises(InvalidQueryError):
            await model.destroy_all(where)
    else:
        assert await model.count(where) == len(wanted)
        assert await model.update_all(where, {"name": "hit"}) == {"count": len(wanted)}
        assert {row["id"] for row in shelf.table("Thing") if row["name"] == "hit"} == wanted
        shelf.rows["Thing"] = {row["id"]: dict(row) for row in ROWS}
        assert await model.destroy_all(where) == {"count": len(wanted)}
    assert {row["id"] for row in shelf.table("Thing")} == {0, 1, 2, 3, 4} - wanted


@pytest.mark.parametrize(
    "where",
    [
        {"name": UNSET},
        {"and": [{"name": UNSET}]},
        {"name": {"inq": ["a", UNSET]}},
        {"name": {"neq": UNSET}},
        {"or": [{"id": 1}, {"name": {"gt": UNSET}}]},
    ],
    ids=repr,
)
@pytest.mark.parametrize("mode", [None, "ignore", "nullify", "throw"])
async def test_a_missing_value_never_widens_a_write(where: Any, mode: str | None) -> None:
    """UNSET in the condition of a count or a write raises, whatever the settings say of reads."""
    # DAO-130, DAO-170, DAO-185
    model, shelf = await stocked()
    options = {} if mode is None else {"normalize_undefined_in_query": mode}
    for call in (
        model.count(where, options),
        model.destroy_all(where, options),
        model.update_all(where, {"age": 9}, options),
        model.upsert_with_where(where, {"age": 9}, options),
    ):
        with pytest.raises(InvalidQueryError):
            await call
    assert shelf.table("Thing") == ROWS


async def test_reads_may_ask_for_missing_values_to_be_ignored() -> None:
    """The mode for UNSET in reads comes from the call, the model or the source, in that order."""
    # DAO-008, DAO-170
    model, _ = await stocked()
    where = {"name": UNSET, "id": 1}
    with pytest.raises(InvalidQueryError):
        await model.find(where=where)
    options = {"normalize_undefined_in_query": "ignore"}
    assert [each.id for each in await model.find({"where": where}, options)] == [1]
    options = {"normalize_undefined_in_query": "nullify"}
    assert await model.find({"where": where}, options) == []


async def test_settings_of_queries_come_from_call_model_and_source() -> None:
    """The first that says something counts: call, model, source, built-in."""
    # DAO-008, DAO-167, DAO-186
    source = make_source(max_limit=4, max_depth_of_query=8)
    model = source.define("Thing", {"id": {"type": int, "id": True}}, {"max_limit": 3})
    await model.create([{"id": n} for n in range(6)])
    assert len(await model.find()) == 3
    assert len(await model.find({}, {"max_limit": 2})) == 2
    deep: Any = {"id": 1}
    for _ in range(6):
        deep = {"and": [deep]}
    with pytest.raises(InvalidQueryError) as caught:
        await model.find(where=deep)
    assert caught.value.code == "QUERY_OBJECT_TOO_DEEP"
    assert len(await model.find({"where": deep}, {"max_depth_of_query": 40})) == 1


@pytest.mark.parametrize(
    "setting",
    [
        {"max_limit": "many"},
        {"max_depth_of_query": 100_000},
        {"normalize_undefined_in_query": "perhaps"},
    ],
    ids=repr,
)
async def test_a_setting_that_makes_no_sense_is_named(setting: dict[str, Any]) -> None:
    """A limit that is no limit is an error of the definition, at the first query."""
    model, _ = await stocked()
    with pytest.raises((DefinitionError, TypeError)):
        await model.find(options=setting)


async def test_protected_properties_can_be_kept_out_of_queries() -> None:
    """The call may forbid conditions on protected properties too."""
    # DAO-171, DAO-182
    source = make_source()
    model = source.define("Thing", {"code": {"type": str, "protected": True}, "pin": str})
    options = {"prohibit_protected_properties_in_query": True}
    assert await model.find({"where": {"code": "x"}}) == []
    assert await model.find({"where": {"pin": "x"}}, options) == []
    with pytest.raises(InvalidQueryError) as caught:
        await model.find({"where": {"code": "x"}}, options)
    assert caught.value.code == "PROPERTY_NOT_QUERYABLE"


async def test_deleting_everything_has_to_be_said() -> None:
    """Without a condition nothing is deleted, unless the call or the model says that all are."""
    # DAO-130
    model, shelf = await stocked()
    for call in (model.destroy_all, model.delete_all, model.remove):
        with pytest.raises(InvalidQueryError):
            await call()
        with pytest.raises(InvalidQueryError):
            await call(None)
    with pytest.raises(InvalidQueryError):
        await model.update_all(None, {"age": 9})
    with pytest.raises(InvalidQueryError):
        await model.update_all(where=None, data={"age": 9})
    assert shelf.table("Thing") == ROWS
    assert await model.destroy_all({}) == {"count": 5}
    shelf.rows["Thing"] = {row["id"]: dict(row) for row in ROWS}
    assert await model.destroy_all(all=True) == {"count": 5}
    source = make_source()
    careless = source.define("Log", {"text": str}, {"allowDeleteAll": True})
    await careless.create(text="a")
    assert await careless.destroy_all() == {"count": 1}


async def test_no_call_changes_what_it_was_given() -> None:
    """Filters, conditions, data and options are the caller's: they can be used again."""
    # DAO-016
    model, _ = await stocked()
    model.observe("access", lambda context: context.query.setdefault("where", {}).update(age=1))
    model.observe("before save", lambda context: setattr(context, "data", {}))
    filter = {"where": {"id": "1"}, "order": "id DESC", "limit": "2"}
    where, data, options = {"id": "1"}, {"age": "5", "tags": ["a"]}, {"validate": True}
    kept = [repr(each) for each in (filter, where, data, options)]
    for _ in range(2):
        await model.find(filter, options)
        await model.count(where, options)
        await model.update_all(where, data, options)
        await model.destroy_all({"id": "77"}, options)
        await model.replace_or_create({**data, "id": 1}, options)
    await model.find_or_create(filter, data, options)
    await model.create(data, options)
    assert [repr(each) for each in (filter, where, data, options)] == kept
