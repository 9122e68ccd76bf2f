"""What is too big, too deep or circular is refused, whichever way it comes, and changes nothing."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from juggler import inc, mul
from juggler.errors import InvalidValueError, JugglerError
from juggler.query.changes import Change
from tests.persistence.writes.stores import on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "whole": "integer",
    "any_number": "number",
    "price": "decimal",
    "data": "object",
    "part": {"inner": "object"},
}
TOP = 2**63 - 1
WAYS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "update_all": lambda model, data: model.update_all({"id": 1}, data),
    "update_or_create": lambda model, data: model.update_or_create({"id": 1, **data}),
    "upsert_with_where": lambda model, data: model.upsert_with_where({"id": 1}, data),
    "bulk_update": lambda model, data: model.bulk_update([{"id": 1, **data}]),
    "update_attributes": lambda model, data: model(id=1, persisted=True).update_attributes(data),
}


async def define(source: Any) -> Any:
    """Return a model, ready for use, with one record."""
    model = source.define("Thing", PROPERTIES)
    await source.autoupdate()
    await model.create(id=1)
    return model


@on_every_store
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["whole", "any_number"])
@pytest.mark.parametrize(
    ("stored", "change", "exact"),
    [
        (TOP, inc(1), TOP + 1),
        (-TOP, inc(-2), -TOP - 2),
        (2**40, mul(2**40), 2**80),
        (TOP, mul(-2), -2 * TOP),
        (2**53, inc(2**53 + 1), 2**54 + 1),
        (TOP - 1, inc(), TOP),
    ],
)
async def test_a_counter_is_exact_or_refused(
    store: str, way: str, name: str, stored: int, change: Change, exact: int
) -> None:
    """A whole number never loses digits by counting: what a store cannot hold stays as it was."""
    # DAO-123
    async with open_source(store) as source:
        model = await define(source)
        await model.update_all({"id": 1}, {name: stored})
        refused = None
        try:
            await WAYS[way](model, {name: change})
        except JugglerError as error:
            refused, exact = error.status_code, stored if abs(exact) > TOP else exact
        assert refused in (None, 400)
        found = (await model.find_by_id(1))[name]
        assert (type(found), found) == (int, exact)


@on_every_store
@pytest.mark.parametrize(
    ("name", "stored", "change"),
    [
        ("any_number", 1e308, mul(10)),
        ("any_number", -1e308, inc(-1e308)),
        ("any_number", 1.5, mul(10**400)),
        ("price", Decimal("9E+6000"), mul(Decimal("9E+6000"))),
    ],
)
async def test_numbers_stay_finite(store: str, name: str, stored: Any, change: Change) -> None:
    """A number that would become infinite is refused, and stays as it was."""
    # DAO-123
    async with open_source(store) as source:
        model = await define(source)
        await model.update_all({"id": 1}, {name: stored})
        with pytest.raises(JugglerError) as caught:
            await model.update_all({"id": 1}, {name: change})
        assert 400 <= caught.value.status_code < 500
        assert (await model.find_by_id(1))[name] == stored


@on_every_store
async def test_decimals_count_without_rounding(store: str) -> None:
    """However many digits a decimal has, counting keeps them."""
    # DAO-123
    async with open_source(store) as source:
        model = await define(source)
        await model.update_all({"id": 1}, {"price": Decimal("1" * 40)})
        await model.update_all({"id": 1}, {"price": inc(Decimal("0.01"))})
        assert (await model.find_by_id(1)).price == Decimal("1" * 40 + ".01")
        await model.update_all({"id": 1}, {"price": mul(3)})
        assert (await model.find_by_id(1)).price == Decimal("3" * 40 + ".03")


def nested(depth: int) -> dict[str, Any]:
    """Return objects in objects."""
    return {"a": nested(depth - 1)} if depth else {}


def circular() -> dict[str, Any]:
    """Return an object that holds itself."""
    made: dict[str, Any] = {}
    made["itself"] = made
    return made


async def by_assignment(model: Any, value: Any) -> None:
    """Store a value through an attribute of a record."""
    record = await model.find_by_id(1)
    record.data = value
    await record.save()


async def by_assignment_inside(model: Any, value: Any) -> None:
    """Store a value through an attribute of an embedded record."""
    record = await model.create(part={})
    record.part.inner = value
    await record.save()


async def by_new_instance(model: Any, value: Any) -> None:
    """Store a value in a new instance."""
    record = model()
    record.data = value
    await record.save()


async def by_given_instance(model: Any, value: Any) -> None:
    """Store a value in an instance that is given to another method."""
    record = model(id=1)
    record.data = value
    await model.update_or_create(record)


async def by_created_instance(model: Any, value: Any) -> None:
    """Store a value in an instance that is created with others."""
    record = model()
    record.data = value
    await model.create_all([record])


@on_every_store
@pytest.mark.parametrize("code", ["DATA_OBJECT_TOO_DEEP", "DATA_OBJECT_IS_CIRCULAR"])
@pytest.mark.parametrize(
    "store_it",
    [
        by_assignment,
        by_assignment_inside,
        by_new_instance,
        by_given_instance,
        by_created_instance,
        lambda model, value: model.create({"data": value}),
        lambda model, value: model.create_all([{"data": value}]),
        lambda model, value: model.update_all({"id": 1}, {"data": value}),
        lambda model, value: model.replace_by_id(1, {"data": value}),
        lambda model, value: model.find_or_create({"where": {"id": 9}}, {"data": value}),
    ],
)
async def test_data_is_bounded_on_every_way(
    store: str, code: str, store_it: Callable[[Any, Any], Any]
) -> None:
    """Values of more than 64 levels, and such that hold themselves, are refused with their code."""
    # DAO-167, DAO-168, DAO-183
    async with open_source(store) as source:
        model = await define(source)
        value = nested(70) if code == "DATA_OBJECT_TOO_DEEP" else circular()
        with pytest.raises(InvalidValueError) as caught:
            await store_it(model, value)
        assert (caught.value.code, caught.value.status_code) == (code, 400)
        assert await model.count({"data": {"exists": True}}) == 0
