"""Setters of a model: each value that is given goes through them once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import UNSET, DataSource
from juggler.errors import InvalidValueError
from juggler.facade.default import ModelRegistry
from tests.models.accessors.users import USER, hashing


@pytest.mark.parametrize(
    ("data", "options", "stored", "called"),
    [
        ({"password": "x"}, {}, "<x>", ["x"]),
        ({"password": None}, {}, None, [None]),
        ({"password": UNSET}, {}, "none", []),
        ({}, {}, "none", []),
        ({}, {"apply_default_values": False}, UNSET, []),
        ({"password": "x"}, {"apply_setters": False}, "x", []),
        ({"password": 5}, {"apply_setters": False}, "5", []),
        ({"password": "x"}, {"fields": ["password"]}, "<x>", ["x"]),
        ({"password": "x"}, {"fields": ["name"]}, UNSET, []),
        ({"password": "x"}, {"persisted": True}, "<x>", ["x"]),
        ({"password": "x"}, {"strict": "filter"}, "<x>", ["x"]),
    ],
)
def test_construction(
    registry: ModelRegistry, data: Any, options: Any, stored: Any, called: list[Any]
) -> None:
    """A setter gets what a caller gives, never a default; nothing counts as a change."""
    # MOD-10, MOD-69, MOD-73
    model = registry.define("User", USER)
    calls = hashing(model)
    user = model(data, **options)
    assert (user.raw("password"), calls) == (stored, called)
    assert user.changed() == []
    assert user.is_new_record() is (options.get("persisted") is not True)


def test_setters_of_ids_always_run(registry: ModelRegistry) -> None:
    """Whoever constructs without setters still gives the id to its own."""
    # MOD-10
    model = registry.define("User", {"id": {"type": str, "id": True}, "name": str})
    model.setter["id"] = lambda user, value: user.set_raw("id", f"u-{value}")
    model.setter["name"] = lambda user, value: user.set_raw("name", value.upper())
    user = model({"id": 1, "name": "ada"}, apply_setters=False)
    assert (user.id, user.name) == ("u-1", "ada")
    assert model(user, apply_setters=False).id == "u-1", "what went through it does not again"


@given(values=st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=5))
def test_every_assignment_runs_the_setter_once(values: list[Any]) -> None:
    """However a value is assigned, the setter sees it once, in order."""
    model = ModelRegistry().define("User", USER)
    calls = hashing(model)
    user = model()
    ways: list[Any] = [
        lambda value: setattr(user, "password", value),
        lambda value: user.set_attribute("password", value),
        lambda value: user.set_attributes({"password": value}),
        lambda value: user.from_object({"password": value}),
        lambda value: user.__setitem__("password", value),
    ]
    for way, value in zip(ways, values, strict=False):
        way(value)
    assert calls == values
    assert user.raw("password") == (None if values[-1] is None else f"<{values[-1]}>")


# DAO-122
async def test_stored_values_are_never_set_again(source: DataSource) -> None:
    """Each value that a caller gives goes through the setter once, on every road to the store."""
    model = source.define("User", USER)
    calls = hashing(model)

    async def stored() -> Any:
        return await source.connector.all(model.info, model_filter(), {})  # type: ignore[union-attr]

    async with source:
        ada = await model.create(name="Ada", password="1")
        assert (await stored())[0]["password"] == "<1>"
        await ada.save()
        await ada.reload()
        found = await model.find_by_id(ada.id)
        found.age = 5
        await found.save()
        assert calls == ["1"]
        await found.update_attributes({"password": "2"})
        assert ((await stored())[0]["password"], found.password) == ("<2>", "<2>")
        await model.update_all({}, {"password": "3"})
        await model.update_or_create({"id": ada.id, "password": "4"})
        await model.replace_by_id(ada.id, {"name": "Ada", "password": "5"})
        assert (await stored())[0]["password"] == "<5>"
        await model.upsert_with_where({"name": "Ada"}, {"password": "6"})
        again = await model.find_one()
        await model.update_or_create(again)
        await again.replace_attributes(again)
        await again.update_attributes(again)
        assert (await stored())[0]["password"] == "<6>"
        await model.create([{"password": "7"}, {"password": "8"}])
        await model.find_or_create({"where": {"name": "Eve"}}, {"name": "Eve", "password": "9"})
        assert calls == list("123456789")
        assert [row["password"] for row in await stored()] == ["<6>", "<7>", "<8>", "<9>"]


def model_filter() -> Any:
    """Return the filter that asks for everything."""
    from juggler.query.nodes import Filter

    return Filter()


# DAO-122
async def test_what_a_setter_stores_elsewhere_is_written(source: DataSource) -> None:
    """A setter may store under other names: patches and bulk updates write these."""
    model = source.define("Login", {"secret": {"type": "string", "virtual": True}, "key": "string"})

    @model.setter("secret")
    def derive(login: Any, value: Any) -> None:
        login.set_raw("key", f"<{value}>")

    async with source:
        made = await model.create(secret="a")
        assert (made.key, (await model.find_one()).key) == ("<a>", "<a>")
        await made.update_attributes({"secret": "b"})
        assert (made.key, made.raw("secret")) == ("<b>", UNSET)
        assert (await model.find_one()).key == "<b>"
        await model.update_all({}, {"secret": "c"})
        assert (await model.find_one()).key == "<c>"


# DAO-035
async def test_what_a_setter_raises_is_the_callers(source: DataSource) -> None:
    """It comes out of the constructor and of calls; no hook has run and nothing is stored."""
    model = source.define("User", USER)
    seen: list[Any] = []
    model.observe("before save", seen.append)

    @model.setter("password")
    def refuse(user: Any, value: Any) -> None:
        raise InvalidValueError("too short", property="password")

    with pytest.raises(InvalidValueError, match="too short"):
        model(password="x")
    async with source:
        with pytest.raises(InvalidValueError, match="too short"):
            await model.create(password="x")
        assert seen == []
        ada = await model.create(name="Ada")
        with pytest.raises(InvalidValueError, match="too short"):
            await ada.update_attributes({"password": "x"})
        assert (ada.password, (await model.find_one()).password) == ("none", "none")


def test_copies_are_not_set_again(registry: ModelRegistry) -> None:
    """An instance that is made of another one has its values as they are stored."""  # MOD-69
    model = registry.define("User", USER)
    calls = hashing(model)
    model.getter["name"] = lambda _: "?"
    first = model(name="Ada", password="x")
    second = model(first)
    assert (second.raw("password"), second.raw("name")) == ("<x>", "Ada")
    assert model(first, password="y").raw("password") == "<y>"
    assert calls == ["x", "y"]
    assert first == second
    assert first != model(first, age=3)


def test_defaults_that_are_applied_later_bypass_setters(registry: ModelRegistry) -> None:
    """`apply_defaults` stores what it fills in."""  # MOD-73
    model = registry.define("User", USER)
    calls = hashing(model)
    user = model(apply_default_values=False)
    assert user.apply_defaults() == ["password"]
    assert (user.password, calls) == ("none", [])
