"""Settings of behaviour: the call's count first, then the model's, then the source's."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from msgspec import UNSET

from juggler import DataSource, ModelRegistry
from juggler.errors import JugglerError


def nested(depth: int) -> dict[str, Any]:
    """Return objects in objects."""
    return {"a": nested(depth - 1)} if depth else {}


class Setting(NamedTuple):
    """A setting, a call that it decides about, the value that lets that pass and that does not."""

    name: str
    call: Callable[[Any, dict[str, Any]], Any]
    good: Any
    bad: Any
    code: str


SETTINGS = [
    Setting(
        "max_depth_of_query",
        lambda model, options: model.find({"where": {"or": [{"or": [{"name": "x"}]}]}}, options),
        32,
        3,
        "QUERY_OBJECT_TOO_DEEP",
    ),
    Setting(
        "max_depth_of_data",
        lambda model, options: model.create({"data": nested(10)}, options),
        64,
        5,
        "DATA_OBJECT_TOO_DEEP",
    ),
    Setting(
        "normalize_undefined_in_query",
        lambda model, options: model.find({"where": {"name": UNSET}}, options),
        "ignore",
        "throw",
        "INVALID_QUERY",
    ),
    Setting(
        "prohibit_hidden_properties_in_query",
        lambda model, options: model.find({"where": {"secret": "x"}}, options),
        False,
        True,
        "PROPERTY_NOT_QUERYABLE",
    ),
    Setting(
        "allow_extended_operators",
        lambda model, options: model.find({"where": {"name": {"$size": 1}}}, options),
        True,
        False,
        "OPERATOR_NOT_ALLOWED_IN_QUERY",
    ),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=[each.name for each in SETTINGS])
@pytest.mark.parametrize("level", ["call", "model", "source"])
@pytest.mark.parametrize("is_good", [True, False], ids=["let pass", "refused"])
async def test_the_nearest_setting_counts(setting: Setting, level: str, is_good: bool) -> None:
    """What is nearest to the call wins over what is further away, whichever way they differ."""
    # DAO-008
    wanted, other = (setting.good, setting.bad) if is_good else (setting.bad, setting.good)
    levels = ["call", "model", "source"]
    said = {each: wanted if each == level else other for each in levels[levels.index(level) :]}
    more = {setting.name: said["source"]} if "source" in said else {}
    source = DataSource("memory", registry=ModelRegistry(), **more)
    model = source.define(
        "Thing",
        {"name": "string", "data": "object", "secret": {"type": "string", "hidden": True}},
        {setting.name: said["model"]} if "model" in said else {},
    )
    options = {setting.name: said["call"]} if "call" in said else {}
    try:
        await setting.call(model, options)
    except JugglerError as error:
        found = error.code
    else:
        found = ""
    allowed = {"", "OPERATOR_NOT_SUPPORTED"}  # let through to a store that has no such operator
    assert found in (allowed if is_good else {setting.code})


async def test_an_order_shows_as_a_list() -> None:
    """Observers see the terms of an order as a list, with directions in upper case."""
    # DAO-143
    model = DataSource("memory", registry=ModelRegistry()).define("Thing", {"name": "string"})
    seen: list[Any] = []
    model.observe("access", lambda context: seen.append(context.query.get("order")))
    for order in ("name", "name desc", "name, id DESC", ["name"], ["name asc", "id"]):
        await model.find(order=order)
    one, two = ["name ASC"], ["name ASC", "id ASC"]
    assert seen == [one, ["name DESC"], ["name ASC", "id DESC"], one, two]


async def test_counting_keeps_to_the_condition_of_a_scope_alone() -> None:
    """`count` has the condition of the default scope, not its paging, and "access" observers."""
    # DAO-089, DAO-192
    source = DataSource("memory", registry=ModelRegistry())
    scope = {"where": {"kind": "a"}, "limit": 2, "skip": 1, "order": "id DESC", "fields": ["id"]}
    model = source.define("Thing", {"kind": "string", "n": "number"}, {"scope": scope})
    await model.create_all([{"n": each} for each in range(5)])
    await model.unscoped().create(kind="b", n=1)
    seen: list[str] = []
    for hook in ("access", "loaded"):
        model.observe(hook, lambda _, hook=hook: seen.append(hook))
    assert await model.count() == 5
    assert await model.count({"n": {"gt": 2}}) == 2
    assert await model.count({"kind": "b"}) == 0
    assert seen == ["access"] * 3
    assert len(await model.find()) == 2
