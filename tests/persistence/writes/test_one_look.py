"""A new record is looked at once: nothing is made that nobody asked for, and nothing is missed."""

from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidValueError, ValidationError
from juggler.persistence.operation import Operation
from juggler.query.changes import inc
from tests.persistence.shelf import make_source
from tests.persistence.writes.stores import on_every_store, open_source

FREE = {"name": str, "data": "any", "tags": [str], "home": {"city": str}}


def define(source: Any) -> Any:
    """Return an open model with a setter."""
    model = source.define("Free", FREE, {"strict": False})

    @model.setter("name")
    def name(instance: Any, value: Any) -> None:
        instance.set_raw("name", value)

    return model


def nested(depth: int) -> Any:
    """Return lists in lists."""
    return [nested(depth - 1)] if depth else 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"data": nested(100)}, "DATA_OBJECT_TOO_DEEP"),
        ({"more": nested(100)}, "DATA_OBJECT_TOO_DEEP"),
        ({"name": nested(100)}, "DATA_OBJECT_TOO_DEEP"),
        ({"home": {"city": nested(100)}}, "DATA_OBJECT_TOO_DEEP"),
        ({"tags": nested(100)}, "DATA_OBJECT_TOO_DEEP"),
        ({"data": inc()}, "INVALID_OPERATOR"),
        ({"name": inc()}, "INVALID_OPERATOR"),
        ({"more": inc()}, "INVALID_OPERATOR"),
        ({"name": "a", 5: 1}, "INVALID_VALUE"),
    ],
    ids="any undeclared setter embedded list any-change setter-change other-change name".split(),
)
@pytest.mark.parametrize("way", ["create", "create_all"])
async def test_values_are_looked_at_wherever_they_go(way: str, data: Any, code: str) -> None:
    """What a property, a setter, an embedded record or nobody takes is bounded and plain."""
    # DAO-167, DAO-183
    model = define(make_source())
    with pytest.raises(InvalidValueError) as caught:
        await getattr(model, way)(data if way == "create" else [{"name": "a"}, data])
    assert (caught.value.code, caught.value.model) == (code, "Free")
    assert await model.count() == 0


@pytest.mark.parametrize("way", ["create", "create_all"])
async def test_what_has_no_value_is_left_out(way: str) -> None:
    """UNSET is no value, under any name."""  # DAO-040
    model = define(make_source())
    data = {"name": "a", "data": UNSET, "more": UNSET, 5: UNSET}
    made = await getattr(model, way)(data if way == "create" else [data])
    record = made if way == "create" else made[0]
    assert record.to_dict() == {"id": 1, "name": "a"}


async def test_nobody_is_told_where_nobody_observes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without observers no context is made, for one record or for many."""

    def context(*_: Any) -> Any:
        raise AssertionError("a context was made")

    monkeypatch.setattr(Operation, "context", context)
    model = define(make_source())
    record = await model.create(name="a")
    await model.create([{"name": "b"}, {"name": "c"}])
    await model.create_all([{"name": "d"}])
    record.name = "e"
    await record.save()
    assert await model.count() == 4
    model.observe("after save", lambda _: None)
    with pytest.raises(AssertionError, match="a context was made"):
        await model.create(name="f")


@pytest.mark.parametrize("way", ["create", "create_all"])
async def test_an_observer_may_be_there_once(way: str) -> None:
    """What the only observer leaves is stored and shown, also where it goes when it has run."""
    # DAO-048, DAO-218
    model = make_source().define("Note", {"text": str})

    def once(context: Any) -> None:
        context.data["text"] = "observed"
        handle.remove()

    handle = model.observe("persist", once)
    made = await getattr(model, way)({"text": "a"} if way == "create" else [{"text": "a"}])
    record = made if way == "create" else made[0]
    assert (record.text, (await model.find_by_id(1)).text) == ("observed", "observed")
    assert (await model.create(text="b")).text == "b"


@on_every_store
async def test_a_created_record_is_like_a_loaded_one(store: str) -> None:
    """It has its id, nothing changed, and what is written to one does not show on another."""
    # DAO-040
    async with open_source(store) as source:
        model = source.define("Note", {"text": str, "count": int})
        await source.automigrate()
        first, second = await model.create_all([{"text": "a", "count": 1}, {"text": "b"}])
        third = await model.create(text="c", count=3)
        fresh = model(text="d", count=4), model(text="e", count=5)
        assert [each.is_set("id") for each in (first, second, third, *fresh)] == [True] * 3 + [
            False
        ] * 2
        third.text = "changed"
        fresh[0].count = 7
        assert (first.changed(), third.changed(), fresh[1].changed()) == ([], ["text"], [])
        assert third.property_was("text") == "c"
        with pytest.raises(AttributeError):
            first.id = 9
        assert [await model.count({"id": each.id}) for each in (first, second, third)] == [1, 1, 1]
        assert await model.find_by_id(first.id) == first


async def test_a_report_does_not_outlive_what_it_tells() -> None:
    """A record that was refused and put right has a report of nothing."""  # MOD-110
    model = make_source().define("Named", {"name": {"type": str, "required": True}})
    record = model()
    with pytest.raises(ValidationError):
        await record.save()
    assert record.errors.codes == {"name": ["presence"]}
    record.name = "Ada"
    await record.save()
    assert not record.errors
    assert record.errors.codes == {}
    assert not (await model.create(name="Bea")).errors
