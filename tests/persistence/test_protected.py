"""Protected properties in queries: embedded ones by the rule that counts for a record's own."""

from __future__ import annotations

from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.errors import InvalidQueryError
from tests.persistence.test_guards import DECIDING, HIDDEN, PROTECTED, READS

LINE = {"sku": str, "cost": {"type": int, "protected": True}}
PROPERTIES: dict[str, Any] = {
    "id": {"type": int, "id": True},
    "name": str,
    "code": {"type": str, "protected": True},
    "home": {
        "city": str,
        "tag": {"type": str, "protected": True},
        "pin": {"type": str, "hidden": True},
        "door": {"floor": int, "key": {"type": str, "protected": True}},
    },
    "lines": [LINE],
}
ROWS = [
    {
        "id": 1,
        "name": "a",
        "code": "c2",
        "home": {"city": "x", "tag": "t2", "pin": "9", "door": {"floor": 1, "key": "k2"}},
        "lines": [{"sku": "s", "cost": 2}],
    },
    {
        "id": 2,
        "name": "b",
        "code": "c1",
        "home": {"city": "y", "tag": "t1", "pin": "8", "door": {"floor": 2, "key": "k1"}},
        "lines": [{"sku": "s", "cost": 1}],
    },
]
WHERES: list[dict[str, Any]] = [
    {"code": "c2"},
    {"home.tag": "t2"},
    {"home.door.key": "k2"},
    {"or": [{"name": "none"}, {"not": {"home.tag": {"neq": "t2"}}}]},
    {"lines.cost": 2},
    {"lines.0.cost": 2},
    {"lines": {"elem_match": {"cost": {"gt": 1}}}},
]
WHOLE: list[dict[str, Any]] = [
    {"home": {"eq": ROWS[0]["home"]}},
    {"home.door": {"inq": [{"floor": 1, "key": "k2"}]}},
]
ORDERS = ["code", "home.tag", "home.door.key", "home.door", "home"]


@pytest.fixture(params=["memory", "sqlite"])
async def model(request: pytest.FixtureRequest) -> Any:
    """A model with protected properties of its own, in what it embeds, and in a list."""
    options = {} if request.param == "memory" else {"url": "sqlite:///:memory:"}
    source = DataSource("s", connector=request.param, registry=ModelRegistry(), **options)
    async with source:
        made = source.define("Thing", PROPERTIES)
        if request.param == "sqlite":
            await source.autoupdate()
        await made.create(ROWS)
        yield made


# MOD-89, DAO-171, DAO-182
@pytest.mark.parametrize("options", [{}, {HIDDEN: True}], ids=repr)
async def test_protected_properties_may_be_asked_for(model: Any, options: dict[str, Any]) -> None:
    """Trusted or hidden-aware, a call may ask for protected values, wherever they are."""
    for where in WHERES:
        found = await model.find({"where": where}, options)
        assert [each.id for each in found] == [1]
        assert await model.count(where, options) == 1
        assert await model.update_all(where, {"name": "a"}, options) == {"count": 1}


# MOD-89, DAO-182
async def test_sorting_by_them_follows_the_same_rule(model: Any) -> None:
    """What may be compared may be sorted by and loaded; hidden parts still may not."""
    for options in ({}, {HIDDEN: True}):
        for order in ("code", "home.tag", "home.door.key"):
            found = await model.find({"order": order, "fields": ["id", "code"]}, options)
            assert [each.id for each in found] == [2, 1]
    for order in ("home", "home.pin"):
        with pytest.raises(InvalidQueryError):
            await model.find({"order": order}, {HIDDEN: True})


# MOD-89, DAO-130, DAO-171, DAO-182
@pytest.mark.parametrize("name", [*READS, *DECIDING])
async def test_a_call_may_keep_them_out_at_any_depth(model: Any, name: str) -> None:
    """With the call's option every method refuses them: a record's own and embedded ones."""
    for options in ({PROTECTED: True}, {PROTECTED: True, HIDDEN: True}):
        for where in WHERES + WHOLE:
            with pytest.raises(InvalidQueryError) as caught:
                await {**READS, **DECIDING}[name](model, where, options)
            assert caught.value.code == "PROPERTY_NOT_QUERYABLE"
    kept = await model.find({"order": "id"})
    assert [each.to_dict() for each in kept] == ROWS


# DAO-182
async def test_they_are_kept_out_of_order_and_fields(model: Any) -> None:
    """With the option they are not sorted by, nor is what holds them; nor are they loaded."""
    for clause in (*({"order": each} for each in ORDERS), {"fields": ["code"]}):
        with pytest.raises(InvalidQueryError):
            await model.find(clause, {PROTECTED: True})
    assert len(await model.find({"order": "home.city"}, {PROTECTED: True})) == 2


# DAO-182
async def test_figures_follow_the_same_rule(model: Any) -> None:
    """Distinct values of an embedded protected property are for calls that may ask for it."""
    asking = {PROTECTED: True}
    for path, values in (("code", ["c1", "c2"]), ("home.tag", ["t1", "t2"])):
        assert sorted(await model.distinct(path, options={HIDDEN: True})) == values
        with pytest.raises(InvalidQueryError):
            await model.distinct(path, options=asking)


# DAO-171
async def test_dropping_counts_for_embedded_ones_too(model: Any) -> None:
    """Reads that drop what they must not ask for drop embedded ones, and get no wider by `or`."""
    options = {PROTECTED: True, "prohibited": "drop"}

    async def ids(where: dict[str, Any]) -> list[int]:
        return [each.id for each in await model.find({"where": where, "order": "id"}, options)]

    assert await ids({"home.tag": "t2", "name": "b"}) == [2]
    assert await ids({"or": [{"lines.cost": 2}, {"name": "b"}]}) == [2]
    assert await ids({"or": [{"home.door.key": "k2"}]}) == []


# MOD-89, DAO-171
async def test_a_model_may_have_embedded_ones_alone() -> None:
    """The option counts for what is embedded also where the model itself protects nothing."""
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define("Thing", {"home": {"door": {"key": {"type": str, "protected": True}}}})
    with pytest.raises(InvalidQueryError):
        await model.count({"home.door.key": "k"}, {PROTECTED: True})
    assert await model.count({"home.door.key": "k"}, {HIDDEN: True}) == 0
