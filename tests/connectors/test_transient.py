"""The connector that stores nothing: ids, echoes, and the ordinary road around it."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from juggler.datasource.datasource import DataSource
from juggler.errors import ValidationError
from juggler.facade.default import ModelRegistry


def define(properties: dict[str, Any] | None = None, **settings: Any) -> Any:
    """Return a form on a source with these settings."""
    source = DataSource("transient", registry=ModelRegistry(), **settings)
    return source.define("Form", properties or {"name": str, "size": int})


KEYED = {"id": {"type": str, "id": True}, "name": str, "size": int}


# DAO-286
def test_what_it_is() -> None:
    """It tells its kinds and the type of ids, which a setting changes."""
    form = define()
    assert form.data_source.get_types() == ["db", "nosql", "transient"]
    assert form.shape.properties["id"].type.name == "string"
    assert define(default_id_type="number").shape.properties["id"].type.name == "number"
    assert define(defaultIdType="number").shape.properties["id"].type.name == "number"


# MOD-27, MOD-51
@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"generated": True}, "string"),
        ({"generated": True, "useDefaultIdType": False}, "number"),
        ({}, "number"),
    ],
)
def test_a_generated_id_takes_the_type_of_the_store(options: dict[str, Any], kind: str) -> None:
    """Defined there or attached later, a generated id has the store's type unless it says no."""
    properties = {"id": {"type": "number", "id": True, **options}}
    form = define(properties)
    assert form.get_property_type("id") == kind
    loose = form.model_builder.define("Loose", properties)
    assert loose.get_property_type("id") == "number"
    loose.attach_to(form.data_source)
    assert loose.get_property_type("id") == kind


# DAO-287
async def test_ids() -> None:
    """A record gets the id that it brings, else one of the right type, else none at all."""
    assert (await define(KEYED).create(id="mine")).id == "mine"
    made = [(await define().create(name="a")).id for _ in range(20)]
    assert all(len(bytes.fromhex(each)) == 12 for each in made)
    assert len(set(made)) == 20
    numbers = define({"id": {"type": int, "id": True}, "name": str})
    assert all(0 <= each.id < 10_000 for each in await numbers.create([{}] * 20))
    uuids = define({"id": {"type": UUID, "id": True}})
    assert isinstance((await uuids.create()).id, UUID)
    source = DataSource("transient", registry=ModelRegistry())
    bare = source.define("Bare", {"name": str}, id_injection=False)
    assert (await bare.create(name="a")).to_dict() == {"name": "a"}
    parts = define({"a": {"type": int, "id": 1}, "b": {"type": str, "id": 2}})
    one = await parts.create(a=5)
    assert (one.a, len(one.b)) == (5, 24)


# DAO-287
async def test_ids_of_ones_own() -> None:
    """A setting makes ids, for records that bring none; it is told model, data and name."""
    told = []

    def generate(model: str, data: Any, name: str) -> str:
        told.append((model, data["name"], name))
        return f"F-{len(told)}"

    form = define(KEYED, generate_id=generate)
    assert [(await form.create(name=name)).id for name in "ab"] == ["F-1", "F-2"]
    assert (await form.create(id="mine", name="c")).id == "mine"
    assert told == [("Form", "a", "id"), ("Form", "b", "id")]
    both = await form.create([{"name": "d"}, {"name": "e"}])
    assert [each.id for each in both] == ["F-3", "F-4"]


# DAO-288
async def test_nothing_is_found() -> None:
    """Reads answer as an empty store would."""
    form = define(KEYED)
    await form.create(id="a", name="b")
    assert await form.find() == []
    assert await form.find_one() is None
    assert await form.find_by_id("a") is None
    assert await form.find_by_ids(["a"]) == []
    assert await form.count() == 0
    assert await form.exists("a") is False


# DAO-289
async def test_changes_are_echoed() -> None:
    """Instances take over what they are given, and nothing is counted."""
    form = define(KEYED)
    one = await form.create(id="a", name="b", size=1)
    one.size = 2
    assert await one.save() is one
    assert await one.update_attributes({"name": "c"}) is one
    assert (one.id, one.name, one.size) == ("a", "c", 2)
    replaced = await one.replace_attributes({"name": "d"})
    assert (replaced.id, replaced.name, replaced.size) == ("a", "d", None)
    assert await form.update_all({"id": "a"}, {"size": 3}) == {"count": 0}
    assert await form.update_all({}, {"size": 3}) == {"count": 0}
    assert await form.destroy_all({}) == {"count": 0}
    assert await form.destroy_by_id("a") == {"count": 0}
    assert await one.destroy() == {"count": 0}
    with pytest.raises(Exception, match="id"):
        await form(name="x", persisted=True).update_attributes({"name": "y"})


# DAO-290
async def test_upserts_always_insert() -> None:
    """Whatever asks for a record first makes one."""
    form = define(KEYED)
    assert (await form.update_or_create({"id": "a", "name": "b"})).to_dict()["id"] == "a"
    assert (await form.upsert_with_where({"name": "x"}, {"size": 1})).size == 1
    one, is_new = await form.find_or_create({"where": {"name": "b"}}, {"name": "b"})
    assert (one.name, is_new) == ("b", True)
    assert (await form.replace_or_create({"id": "a", "name": "c"})).name == "c"
    replaced = await form.replace_by_id("a", {"name": "d"})
    assert (replaced.id, replaced.name) == ("a", "d")
    generated = define()
    echoed = await generated.update_or_create({"id": "a", "name": "b"})
    assert (echoed.id, echoed.name, echoed.is_new_record()) == ("a", "b", False)


# DAO-291
async def test_the_ordinary_road() -> None:
    """Values are coerced and validated, and observers run."""
    form = define({"name": {"type": str, "required": True}, "size": int, "mail": str})
    form.validates_format_of("mail", with_="@", allow_blank=True)
    seen: list[str] = []
    for hook in ("before save", "persist", "loaded", "after save", "before delete", "access"):
        form.observe(hook, lambda _, hook=hook: seen.append(hook))
    one = await form.create(name="a", size="3")
    assert (one.size, seen) == (3, ["before save", "persist", "loaded", "after save"])
    for wrong in ({}, {"name": "a", "mail": "nowhere"}):
        with pytest.raises(ValidationError):
            await form.create(wrong)
    seen.clear()
    await one.destroy()
    assert seen == ["access", "before delete"]


# DAO-291
async def test_transactions() -> None:
    """They begin, nest and end, and there is nothing to be undone."""
    form = define(KEYED)
    async with form.data_source.transaction():
        await form.create(id="a", name="b")
        async with form.data_source.transaction():
            await form.create(id="c")
    with suppress(ZeroDivisionError):
        async with form.data_source.transaction():
            raise ZeroDivisionError
    assert await form.count() == 0


async def test_bulk_writes_are_echoed() -> None:
    """Many records at once are answered as single ones are: none is missed, no id refused."""
    # DAO-289, DAO-290
    async with DataSource("transient", registry=ModelRegistry()) as source:
        form = source.define("Form", {"name": str})
        wanted = {"id": "b" * 24, "name": "x"}
        single = await form.update_or_create(dict(wanted))
        assert single.to_json() == wanted
        for call in (form.bulk_upsert([dict(wanted)]), form.bulk_update([dict(wanted)])):
            assert [each.to_json() for each in await call] == [wanted]
        (made,) = await form.bulk_upsert([{"name": "y"}])
        assert len(made.id) == 24
