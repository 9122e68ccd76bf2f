"""Guards of queries and data: hidden names, foreign operators, bounds; settings and their order."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import UNSET

from juggler import DataSource, ModelRegistry
from juggler.errors import DefinitionError, InvalidQueryError, InvalidValueError, JugglerError
from juggler.testing.recorder import Recorder
from tests.persistence.shelf import ALL, make_source, shelf_of

HIDDEN = "prohibit_hidden_properties_in_query"
PROTECTED = "prohibit_protected_properties_in_query"
AWARE = {HIDDEN: True}
PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "secret": {"type": str, "hidden": True},
    "code": {"type": str, "protected": True},
    "home": {"city": str, "pin": {"type": str, "hidden": True}, "tag": str},
}
ROWS = [
    {"id": 1, "name": "a", "secret": "s3cret", "code": "c1", "home": {"city": "x", "pin": "9"}},
    {"id": 2, "name": "b", "secret": "t4cret", "code": "c2", "home": {"city": "y", "pin": "8"}},
]


async def stocked(settings: dict[str, Any] | None = None, **source: Any) -> Any:
    """Return a model in memory with two records."""
    made = DataSource("memory", registry=ModelRegistry(), **source)
    model = made.define("Thing", PROPERTIES, settings or {})
    await model.create(ROWS)
    return model


Call = Callable[[Any, dict[str, Any], dict[str, Any]], Awaitable[Any]]
READS: dict[str, Call] = {
    "find": lambda model, where, options: model.find({"where": where}, options),
    "find_one": lambda model, where, options: model.find_one({"where": where}, options),
    "find_by_id": lambda model, where, options: model.find_by_id(1, {"where": where}, options),
    "find_by_ids": lambda model, where, options: model.find_by_ids([1], {"where": where}, options),
}
DECIDING: dict[str, Call] = {
    "count": lambda model, where, options: model.count(where, options),
    "update_all": lambda model, where, options: model.update_all(where, {"name": "z"}, options),
    "destroy_all": lambda model, where, options: model.destroy_all(where, options),
    "upsert_with_where": lambda model, where, options: model.upsert_with_where(
        where, {"name": "z"}, options
    ),
    "find_or_create": lambda model, where, options: model.find_or_create(
        {"where": where}, {"id": 9}, options
    ),
}


@pytest.mark.parametrize("name", [*READS, *DECIDING])
@pytest.mark.parametrize(
    "where",
    [
        {"secret": "s3cret"},
        {"secret": None},
        {"or": [{"name": "a"}, {"not": {"secret": {"like": "s%"}}}]},
        {"home.pin": "9"},
        {"home": {"eq": {"pin": "9"}}},
        {"home": {"inq": [{"city": "x", "pin": "9"}]}},
        {"x.secret.y": 1},
    ],
    ids=repr,
)
async def test_hidden_properties_are_not_asked_for(name: str, where: dict[str, Any]) -> None:
    """Every method that takes a condition refuses a hidden name in it, at any depth."""
    # MOD-89, DAO-171, DAO-182, DAO-130
    model = await stocked()
    with pytest.raises(InvalidQueryError) as caught:
        await {**READS, **DECIDING}[name](model, where, AWARE)
    assert (caught.value.code, caught.value.status_code) == ("PROPERTY_NOT_QUERYABLE", 400)
    assert str(caught.value.path).startswith("where.")
    assert [each.to_dict() for each in await model.find()] == ROWS


@pytest.mark.parametrize("name", DECIDING)
async def test_nothing_is_dropped_where_it_decides_a_write(name: str) -> None:
    """What is changed, deleted, made or counted never loses a condition."""
    # DAO-130, DAO-182
    model = await stocked({"prohibited": "drop", HIDDEN: True})
    for where in ({"secret": "x"}, {"secret": "x", "name": "a"}, {"or": [{"secret": "x"}]}):
        with pytest.raises(InvalidQueryError, match="secret"):
            await DECIDING[name](model, where, {})
    assert [each.to_dict() for each in await model.find()] == ROWS


async def test_reads_may_drop_what_they_must_not_ask_for() -> None:
    """With ``prohibited: "drop"`` the rest of the query counts; alternatives never get wider."""
    # DAO-171, DAO-182, MOD-89
    model = await stocked()
    options = {**AWARE, "prohibited": "drop"}

    async def ids(**clauses: Any) -> list[int]:
        return [each.id for each in await model.find(clauses, options)]

    assert await ids(where={"secret": "s3cret"}) == [1, 2]
    assert await ids(where={"secret": "s3cret", "name": "b"}) == [2]
    assert await ids(where={"or": [{"secret": "s3cret"}, {"name": "b"}]}) == [2]
    assert await ids(where={"or": [{"secret": "s3cret"}]}) == []
    assert await ids(order="secret DESC, id DESC") == [2, 1]
    with pytest.raises(InvalidQueryError):
        await ids(fields=["secret"])
    with pytest.raises(DefinitionError, match="prohibited"):
        await model.find(where={"secret": 1}, options={**AWARE, "prohibited": "perhaps"})


async def test_dropping_is_logged_and_so_is_refusing(caplog: pytest.LogCaptureFixture) -> None:
    """The log says who asked for what, and no value."""
    # MOD-89, DAO-171
    model = await stocked()
    with caplog.at_level(logging.WARNING, "juggler.persistence"):
        await model.find({"where": {"secret": "gue55"}}, {**AWARE, "prohibited": "drop"})
        with pytest.raises(InvalidQueryError):
            await model.count({"home.pin": "gue55"}, AWARE)
        await model.find({"where": {"name": "gue55"}}, AWARE)
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 2
    assert "find on Thing" in texts[0]
    assert "'secret'" in texts[0]
    assert "count on Thing" in texts[1]
    assert "'home.pin'" in texts[1]
    assert "gue55" not in "".join(texts)


@pytest.mark.parametrize(
    ("source", "settings", "options", "is_refused"),
    [
        ({}, {}, {}, False),
        ({HIDDEN: True}, {}, {}, True),
        ({HIDDEN: True}, {HIDDEN: False}, {}, False),
        ({}, {HIDDEN: True}, {}, True),
        ({}, {HIDDEN: True}, {HIDDEN: False}, False),
        ({HIDDEN: False}, {}, {HIDDEN: True}, True),
        ({"prohibitHiddenPropertiesInQuery": True}, {}, {}, True),
    ],
)
async def test_who_says_whether_hidden_ones_may_be_asked_for(
    source: Any, settings: Any, options: Any, is_refused: bool
) -> None:
    """The call, the model, the source, in this order; it is off where nobody says anything."""
    # DAO-008, MOD-89
    model = await stocked(settings, **source)
    if is_refused:
        with pytest.raises(InvalidQueryError):
            await model.find({"where": {"secret": "s3cret"}}, options)
    else:
        found = await model.find({"where": {"secret": "s3cret"}}, options)
        assert [each.id for each in found] == [1]


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": "name"},
        {"hidden": ["name"]},
        {"hidden": {"name": True, "id": False}},
        {"hiddenProperties": ["name"], "hidden": ["id"]},
    ],
    ids=repr,
)
async def test_however_it_is_hidden(settings: dict[str, Any]) -> None:
    """A text, a list, a mapping, the longer name: what is not shown cannot be asked for."""
    # MOD-87, MOD-88, DAO-171
    model = await stocked(settings)
    assert model.is_hidden_property("name")
    assert not model.is_hidden_property("id")
    assert "name" not in (await model.find_by_id(1)).to_json()
    for filter in ({"where": {"name": "a"}}, {"order": "name"}, {"fields": ["name"]}):
        with pytest.raises(InvalidQueryError):
            await model.find(filter, AWARE)
    assert await model.update_all({"id": 1}, {"name": "new"}, AWARE) == {"count": 1}
    assert (await model.find_by_id(1)).name == "new"


async def test_protected_properties_are_for_the_call_to_keep() -> None:
    """The call's option keeps protected names out too, with or without the hidden ones."""
    # MOD-89, DAO-171
    model = await stocked()
    for options in ({PROTECTED: True}, {PROTECTED: True, HIDDEN: True}):
        with pytest.raises(InvalidQueryError):
            await model.find({"where": {"code": "c1"}}, options)
        assert len(await model.find({"where": {"name": "a"}}, options)) == 1
    assert len(await model.find({"where": {"secret": "s3cret"}}, {PROTECTED: True})) == 1
    assert len(await model.find({"where": {"code": "c1"}}, AWARE)) == 1


async def test_sorting_by_an_object_with_secrets_is_asking_for_them() -> None:
    """An embedded object cannot be sorted by if something in it is hidden."""
    # DAO-182
    model = await stocked()
    with pytest.raises(InvalidQueryError):
        await model.find({"order": "home"}, AWARE)
    assert len(await model.find({"order": "home.city"}, AWARE)) == 2


async def test_a_model_that_embeds_itself_is_looked_through_once() -> None:
    """Structures that contain themselves end, and their secrets are found at every depth."""
    # MOD-89
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define(
        "Node", {"name": str, "child": "Node", "pin": {"type": str, "hidden": True}}
    )
    assert await model.find({"where": {"child.child.name": "a"}}, AWARE) == []
    with pytest.raises(InvalidQueryError):
        await model.find({"where": {"child.child.pin": "a"}}, AWARE)


# operators of the store's own ----------------------------------------------------------------

DOLLARS = [
    {"$where": "1"},
    {"name": {"$gt": ""}},
    {"undeclared": {"$gt": ""}},
    {"name": {"inq": [{"$gt": ""}]}},
    {"home.city": {"$ne": 1}},
    {"home": {"eq": {"city": {"$ne": 1}}}},
    {"and": [{"or": [{"name": {"$regex": "."}}]}]},
    {"name": {"gt": 1, "$lt": 3}},
]


@pytest.mark.parametrize("where", DOLLARS, ids=repr)
async def test_foreign_operators_are_refused(where: dict[str, Any]) -> None:
    """Keys with a dollar are refused wherever they stand, whatever the property."""
    # DAO-172, DAO-174
    model = await stocked()
    for call in (*READS.values(), *DECIDING.values()):
        with pytest.raises(InvalidQueryError) as caught:
            await call(model, where, {})
        assert caught.value.code == "OPERATOR_NOT_ALLOWED_IN_QUERY"
        assert caught.value.status_code == 400
        assert caught.value.details is not None
        assert caught.value.details["operators"]
        assert caught.value.details["where"]


@pytest.mark.parametrize("where", DOLLARS, ids=repr)
async def test_a_store_without_operators_of_its_own_says_so(where: dict[str, Any]) -> None:
    """Where they are allowed and the store has none, that is what the error says."""
    # DAO-172, DAO-173
    model = await stocked({"allowExtendedOperators": True})
    with pytest.raises(InvalidQueryError) as caught:
        await model.find({"where": where})
    assert caught.value.code == "OPERATOR_NOT_SUPPORTED"


async def test_a_store_that_has_them_gets_them_untouched() -> None:
    """With the setting, and a connector that declares them, they arrive as they were written."""
    # DAO-172
    recorder = Recorder(capabilities={"extended_operators"})
    source = DataSource("db", connector=recorder, registry=ModelRegistry())
    model = source.define("Thing", PROPERTIES, {"allow_extended_operators": True})
    raw = {"$regex": "^a", "$options": "i"}
    query = model.normalize_filter({"where": {"name": raw, "id": "1"}})
    assert query == {"where": {"name": raw, "id": 1}}
    with pytest.raises(InvalidQueryError) as caught:
        model.normalize_filter({"where": {"name": {"$gt": 1, "lt": 3}}})
    assert caught.value.code == "UNKNOWN_OPERATOR"
    with pytest.raises(InvalidQueryError) as caught:
        model.normalize_filter({"where": {"$where": "1"}})
    assert caught.value.code == "OPERATOR_NOT_ALLOWED_IN_QUERY"
    with pytest.raises(InvalidQueryError):
        model.normalize_filter({"where": {"name": raw}}, {"allow_extended_operators": False})


# bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "bounds", "code"),
    [
        ({"and": [{"and": [{"name": "a"}]}]}, {"max_depth_of_query": 4}, "QUERY_OBJECT_TOO_DEEP"),
        ({"name": "a", "id": 1}, {"max_conditions": 1}, "INVALID_QUERY"),
        ({"id": {"inq": [1, 2, 3]}}, {"max_inq_items": 2}, "INVALID_QUERY"),
        ({"id": {"nin": [1, 2, 3]}}, {"max_inq_items": 2}, "INVALID_QUERY"),
        ({"name": {"regexp": "abcd"}}, {"max_regexp_length": 3}, "INVALID_QUERY"),
        ({"name": {"regexp": "a"}}, {"allow_regexp": False}, "OPERATOR_NOT_SUPPORTED"),
    ],
    ids=repr,
)
async def test_bounds_come_from_call_model_and_source(
    where: dict[str, Any], bounds: dict[str, Any], code: str
) -> None:
    """Each bound may be set on the call, the model and the source, for every method."""
    # DAO-008, DAO-167, DAO-178, DAO-183, MOD-121
    free = await stocked()
    assert await free.count(where) >= 0
    for model, options in (
        (free, bounds),
        (await stocked(bounds), {}),
        (await stocked(**bounds), {}),
    ):
        for name, call in {**READS, **DECIDING}.items():
            with pytest.raises(InvalidQueryError) as caught:
                await call(model, where, options)
            assert caught.value.code == code, name
            assert str(caught.value.path).startswith("where")


@pytest.mark.parametrize("name", [*READS, *DECIDING])
async def test_circles_are_refused(name: str) -> None:
    """A condition that leads back to itself is an error and no endless loop."""
    # DAO-168, MOD-121
    model = await stocked()
    circle: dict[str, Any] = {"name": "a"}
    circle["and"] = [circle]
    with pytest.raises(InvalidQueryError) as caught:
        await {**READS, **DECIDING}[name](model, circle, {})
    assert caught.value.code == "QUERY_OBJECT_IS_CIRCULAR"


async def test_data_is_bounded_too() -> None:
    """Data has bounds and codes of its own; objects of other libraries are not looked into."""
    # DAO-167, DAO-183, MOD-121
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define("Note", {"id": {"type": int, "id": True}, "meta": "object"})
    deep: Any = 1
    for _ in range(10):
        deep = {"a": deep}
    circle: dict[str, Any] = {}
    circle["self"] = circle
    for data, options, code in (
        ({"id": 1, "meta": deep}, {"max_depth_of_data": 5}, "DATA_OBJECT_TOO_DEEP"),
        ({"id": 1, "meta": circle}, {}, "DATA_OBJECT_IS_CIRCULAR"),
    ):
        for call in (
            model.create(data, options),
            model.update_or_create(data, options),
            model.replace_or_create(data, options),
            model.update_all({}, {"meta": data["meta"]}, options),
        ):
            with pytest.raises(JugglerError) as caught:
                await call
            error = caught.value
            found = getattr(error, "errors", {0: error})[0]
            assert isinstance(found, InvalidValueError)
            assert found.code == code
    assert await model.count() == 0
    await model.create({"id": 1, "meta": deep})


@pytest.mark.parametrize("mode", ["throw", "ignore", "nullify"])
@pytest.mark.parametrize("place", ["call", "model", "source"])
async def test_the_mode_for_missing_values(mode: str, place: str) -> None:
    """UNSET raises, vanishes or is None in reads, as call, model or source say; in data it goes."""
    # MOD-122, DAO-170, DAO-185
    settings = {"normalize_undefined_in_query": mode}
    model = await stocked(
        settings if place == "model" else {}, **(settings if place == "source" else {})
    )
    options = settings if place == "call" else {}
    where = {"name": UNSET, "id": {"inq": [1, UNSET]}}
    if mode == "throw":
        with pytest.raises(InvalidQueryError):
            await model.find({"where": where}, options)
    else:
        found = [each.id for each in await model.find({"where": where}, options)]
        assert found == ([1] if mode == "ignore" else [])
    for call in DECIDING.values():
        with pytest.raises(InvalidQueryError):
            await call(model, where, options)
    await model.update_all({"id": 1}, {"name": UNSET, "code": "c9"}, options)
    assert (await model.find_by_id(1)).name == "a"


# patterns ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_like_may_look_anywhere(kind: str) -> None:
    """``like: "contains"`` finds a pattern within a text, with escapes and negations."""
    # DAO-177
    source = DataSource(kind, connector=kind, registry=ModelRegistry())
    async with source:
        whole = source.define("Whole", {"name": str})
        inside = source.define("Inside", {"name": str}, {"like": "contains"})
        await source.automigrate()
        names = [{"name": name} for name in ("ab", "xaby", "AB", "a%b", None)]
        for model in (whole, inside):
            await model.create(names)

        async def found(model: Any, where: Any, options: Any = None) -> list[Any]:
            return [each.name for each in await model.find({"where": where}, options)]

        assert await found(whole, {"name": {"like": "ab"}}) == ["ab"]
        assert await found(whole, {"name": {"like": "ab"}}, {"like": "contains"}) == ["ab", "xaby"]
        assert await found(inside, {"name": {"like": "ab"}}) == ["ab", "xaby"]
        assert await found(inside, {"name": {"ilike": "ab"}}) == ["ab", "xaby", "AB"]
        assert await found(inside, {"name": {"nlike": "a_b"}}) == ["ab", "xaby", "AB", None]
        assert await found(inside, {"name": {"nilike": "b"}}) == [None]
        assert await found(inside, {"name": {"like": "\\%"}}) == ["a%b"]
        assert await found(inside, {"name": {"like": "ab"}}, {"like": "whole"}) == ["ab"]
        inside.observe("access", lambda context: context.query.setdefault("limit", 1))
        assert await found(inside, {"name": {"like": "b"}}) == ["ab"]


async def test_scopes_follow_the_dialect_of_their_model() -> None:
    """A pattern in the default scope is looked for as the model says."""
    # DAO-177
    model = await stocked({"like": "contains", "scope": {"where": {"secret": {"like": "4"}}}})
    assert [each.id for each in await model.find()] == [2]
    assert await model.count() == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_no_pattern_of_a_client_hangs_a_store(kind: str) -> None:
    """Patterns that take Python's engine ages are answered in time, on long texts."""
    # DAO-178
    source = DataSource(kind, connector=kind, registry=ModelRegistry())
    async with source:
        model = source.define("Note", {"text": str})
        await source.automigrate()
        await model.create([{"text": "a" * 5_000 + "!"}, {"text": "aab"}])
        for pattern in ("(a+)+$", "(a|aa)+$", ".*a.*a.*a.*b$", "a?" * 40 + "a" * 40 + "b"):
            found = await model.find(where={"text": {"regexp": pattern}})
            assert all(each.text == "aab" for each in found)


@pytest.mark.parametrize("capabilities", [ALL, frozenset({"regexp"})], ids=["native", "fallback"])
async def test_limits_of_rows(capabilities: frozenset[str]) -> None:
    """``max_limit`` and ``default_limit`` bound every read; 0 is nothing, a skip no limit."""
    # DAO-186, DAO-142
    source = make_source(capabilities=capabilities, max_limit=3, default_limit=2)
    model = source.define("Thing", {"id": {"type": int, "id": True}})
    shelf_of(source).rows["Thing"] = {n: {"id": n} for n in range(200)}

    async def ids(options: Any = None, **clauses: Any) -> list[int]:
        return [each.id for each in await model.find(clauses, options)]

    assert await ids() == [0, 1]
    assert await ids(limit=9) == [0, 1, 2]
    assert await ids(limit=1) == [0]
    assert await ids(limit=0) == []
    assert await ids(limit="0") == []
    assert len(await model.find_by_ids(list(range(10)))) == 3
    assert len(await model.find_by_ids(list(range(10)), options={"max_limit": 9})) == 9
    free = {"max_limit": 1_000, "default_limit": 1_000}
    assert len(await ids(free, skip=10)) == 190
