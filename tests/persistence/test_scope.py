"""The default scope binds every method, and its values are forced on every record."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from juggler.errors import (
    DuplicateEntryError,
    InvalidQueryError,
    NotFoundError,
    OperationNotSupportedError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.models.declared import prop
from tests.persistence.shelf import ALL, BOTH, make_source, shelf_of

PROPERTIES = {"id": {"type": int, "id": True}, "kind": str, "name": str, "age": int}
MINE = {"id": 1, "kind": "cat", "name": "Tom", "age": 3}
OTHER = {"id": 2, "kind": "dog", "name": "Rex", "age": 3}


async def scoped(
    capabilities: frozenset[str] = ALL, scope: Any = None, **settings: Any
) -> tuple[Any, Any]:
    """Return a model that sees cats only, and its shelf, which has a cat and a dog."""
    source = make_source(capabilities=capabilities)
    scope = {"where": {"kind": "cat"}} if scope is None else scope
    model = source.define("Animal", PROPERTIES, {"scope": scope, **settings})
    shelf = shelf_of(source)
    shelf.rows["Animal"] = {1: dict(MINE), 2: dict(OTHER)}
    return model, shelf


@BOTH
async def test_reads_see_the_scope_only(capabilities: frozenset[str]) -> None:
    """Every read is within the scope; what is outside is not there."""
    # DAO-083, DAO-192
    model, _ = await scoped(capabilities)
    assert [each.id for each in await model.find()] == [1]
    assert [each.id for each in await model.find({"where": {"age": 3}})] == [1]
    assert [each.id for each in await model.find({"where": {"or": [{"id": 2}, {"id": 1}]}})] == [1]
    assert await model.find_one({"where": {"id": 2}}) is None
    assert await model.find_by_id(2) is None
    assert (await model.find_by_id(1)).id == 1
    assert [each.id for each in await model.find_by_ids([2, 1])] == [1]
    assert await model.exists(2) is False
    assert await model.exists(1) is True
    assert await model.count() == 1
    assert await model.count({"kind": "dog"}) == 0


Write = Callable[[Any], Awaitable[Any]]
OUTSIDE: dict[str, tuple[Write, Any]] = {
    "update_all": (lambda m: m.update_all({"id": 2}, {"age": 9}), {"count": 0}),
    "destroy_all": (lambda m: m.destroy_all({"id": 2}), {"count": 0}),
    "destroy_by_id": (lambda m: m.destroy_by_id(2), {"count": 0}),
    "replace_by_id": (lambda m: m.replace_by_id(2, {"age": 9}), NotFoundError),
    "update_or_create": (lambda m: m.update_or_create({"id": 2, "age": 9}), DuplicateEntryError),
    "replace_or_create": (lambda m: m.replace_or_create({"id": 2, "age": 9}), DuplicateEntryError),
    "create": (lambda m: m.create({"id": 2, "age": 9}), DuplicateEntryError),
    "find_or_create": (
        lambda m: m.find_or_create({"where": {"id": 2}}, {"id": 2}),
        DuplicateEntryError,
    ),
    "upsert_with_where": (
        lambda m: m.upsert_with_where({"id": 2}, {"id": 2, "age": 9}),
        DuplicateEntryError,
    ),
    "save": (lambda m: m.load(dict(OTHER)).save(), NotFoundError),
    "update_attributes": (
        lambda m: m.load(dict(OTHER)).update_attributes({"age": 9}),
        NotFoundError,
    ),
    "replace_attributes": (
        lambda m: m.load(dict(OTHER)).replace_attributes({"age": 9}),
        NotFoundError,
    ),
    "destroy": (lambda m: m.load(dict(OTHER)).destroy(), {"count": 0}),
    "reload": (lambda m: m.load(dict(OTHER)).reload(), NotFoundError),
}


@BOTH
@pytest.mark.parametrize("name", list(OUTSIDE))
async def test_no_write_reaches_outside_the_scope(name: str, capabilities: frozenset[str]) -> None:
    """A record outside is not found for changes and taken for inserts, never touched."""
    # DAO-075, DAO-192, DAO-199
    model, shelf = await scoped(capabilities)
    call, outcome = OUTSIDE[name]
    if isinstance(outcome, dict):
        assert await call(model) == outcome
    else:
        with pytest.raises(outcome):
            await call(model)
    assert shelf.table("Animal") == [MINE, OTHER]


@BOTH
@pytest.mark.parametrize("name", ["access", "before save", "before delete", "persist"])
async def test_observers_cannot_leave_the_scope(name: str, capabilities: frozenset[str]) -> None:
    """Whatever condition an observer puts in place, the scope is joined to it."""
    # DAO-075
    model, shelf = await scoped(capabilities)

    def widen(context: Any) -> None:
        if context.query is not None:
            context.query = {"where": {}}
        if context.where is not None:
            context.where = {"age": 3}

    model.observe(name, widen)
    assert [each.id for each in await model.find()] == [1]
    assert await model.update_all({"id": 1}, {"age": 3}) == {"count": 1}
    assert await model.destroy_all({"id": 1}) == {"count": 1}
    assert shelf.table("Animal") == [OTHER]


@BOTH
async def test_values_of_the_scope_are_forced_on_what_is_written(
    capabilities: frozenset[str],
) -> None:
    """Every way of writing gets the scope's plain values, whatever the caller gives."""
    # DAO-191
    model, shelf = await scoped(capabilities)
    await model.create({"id": 3, "kind": "dog"})
    await model.create([{"id": 4, "kind": "dog"}])
    await model.create_all([{"id": 5, "kind": "dog"}])
    await model.update_or_create({"id": 6, "kind": "dog"})
    await model.update_or_create({"id": 1, "kind": "dog"})
    await model.replace_or_create({"id": 7, "kind": "dog"})
    await model.replace_by_id(7, {"kind": "dog"})
    await model.find_or_create({"where": {"id": 8}}, {"id": 8, "kind": "dog"})
    await model.upsert_with_where({"id": 9}, {"id": 9, "kind": "dog"})
    record = model(id=10, kind="dog")
    assert (record.kind, model({"kind": "dog"}).kind, model().kind) == ("cat", "cat", "cat")
    record.kind = "dog"
    await record.save()
    record.kind = "dog"
    await record.save()
    await record.update_attributes({"kind": "dog"})
    await model.update_all({}, {"kind": "dog"})
    assert {row["kind"] for row in shelf.table("Animal") if row["id"] != 2} == {"cat"}
    record.set_attributes({"kind": "dog"})
    assert record.kind == "cat"
    record.set_attribute("kind", "dog")
    assert record.kind == "dog"


@pytest.mark.parametrize(
    ("scope", "forced"),
    [
        ({"where": {"kind": "cat"}}, {"kind": "cat"}),
        ({"where": {"and": [{"kind": "cat"}, {"age": "7"}]}}, {"kind": "cat", "age": 7}),
        ({"where": {"kind": {"neq": "dog"}}}, {}),
        ({"where": {"kind": None}}, {}),
        ({"where": {"or": [{"kind": "cat"}, {"age": 1}]}}, {}),
        ({"where": {"nowhere": 1}}, {}),
        ({"limit": 3}, {}),
        ({}, {}),
    ],
)
async def test_plain_values_of_the_scope_are_forced(scope: Any, forced: dict[str, Any]) -> None:
    """Plain `property: value` pairs count, inside `and` too; operators and None do not."""
    # DAO-191
    model, _ = await scoped(scope=scope)
    assert model.apply_properties({}) == forced
    made = model(name="x")
    assert {name: made.get(name) for name in forced} == forced


@pytest.mark.parametrize(
    ("settings", "forced"),
    [
        ({"properties": {"name": "n"}}, {"name": "n"}),
        ({"attributes": {"name": "n"}}, {"name": "n"}),
        ({"properties": False}, {}),
        ({"attributes": False}, {}),
        ({"properties": lambda data, _: {"name": data.get("age")}}, {"name": 5}),
        ({"properties": lambda *_: None}, {}),
        ({"scope_enforce": False}, {}),
    ],
)
async def test_settings_say_which_values_are_forced(settings: Any, forced: Any) -> None:
    """`properties` or `attributes` take the place of the scope's values; False forces none."""
    # DAO-191, DAO-198
    model, _ = await scoped(**settings)
    assert model.apply_properties({"age": 5}) == {"age": 5, **forced}


async def test_a_scope_that_is_not_enforced_can_be_left() -> None:
    """With `scope_enforce` false a record may be moved out of the scope: soft delete works."""
    # DAO-198
    model, shelf = await scoped(scope_enforce=False)
    record = await model.find_by_id(1)
    await record.update_attributes({"kind": "gone"})
    assert await model.count() == 0
    assert shelf.table("Animal")[0]["kind"] == "gone"


async def test_an_unscoped_call_sees_everything() -> None:
    """`unscoped` in the options leaves the default scope out, for that call."""
    # DAO-197
    model, shelf = await scoped()
    options = {"unscoped": True}
    assert await model.count(options=options) == 2
    assert (await model.find_by_id(2, options=options)).name == "Rex"
    await model.update_all({"id": 2}, {"kind": "bird"}, options)
    assert (await model.create({"id": 3, "kind": "dog"}, options)).kind == "dog"
    assert [row["kind"] for row in shelf.table("Animal")] == ["cat", "bird", "dog"]
    assert await model.count() == 1
    for truthy in (1, "yes", "false"):
        assert await model.count(options={"unscoped": truthy}) == 1


@pytest.mark.parametrize(
    ("scope", "query", "expected"),
    [
        ({"limit": 2}, {}, [1, 2]),
        ({"limit": 2}, {"limit": 1}, [1]),
        ({"limit": 2}, {"limit": 9}, [1, 2]),
        ({"limit": 1, "order": "age DESC"}, {}, [3]),
        ({"order": "age DESC"}, {"order": "age ASC"}, [1, 2, 3]),
        ({"skip": 1}, {}, [2, 3]),
        ({"skip": 1}, {"skip": 2}, [3]),
        ({"skip": 1}, {"skip": 0}, [1, 2, 3]),
        ({"offset": 1}, {"offset": 0}, [1, 2, 3]),
    ],
)
async def test_clauses_of_the_scope_are_merged(
    scope: dict[str, Any], query: dict[str, Any], expected: list[int]
) -> None:
    """The smaller limit counts, the caller's order and offset win."""
    # DAO-190, DAO-196
    source = make_source()
    model = source.define("Animal", PROPERTIES, {"scope": scope})
    shelf_of(source).rows["Animal"] = {n: {"id": n, "age": n} for n in (1, 2, 3)}
    assert [each.id for each in await model.find(query)] == expected
    assert model.apply_scope(query).keys() >= scope.keys() - {"skip"}
    assert await model.count() == 3
    assert (await model.find_by_id(3)).id == 3
    assert [each.id for each in await model.find_by_ids([3, 1])] == ([3, 1])[: scope.get("limit")]


async def test_hidden_names_in_the_scope_are_no_leak() -> None:
    """The scope may use properties that callers must not ask for."""
    # DAO-182
    model, _ = await scoped(hidden=["kind"], prohibit_hidden_properties_in_query=True)
    assert [each.id for each in await model.find()] == [1]
    for call in (
        model.find({"where": {"kind": "dog"}}),
        model.find({"order": "kind"}),
        model.find({"fields": ["kind"]}),
        model.count({"kind": "dog"}),
        model.destroy_all({"kind": "dog"}),
        model.update_all({"kind": "dog"}, {"age": 1}),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await call
        assert caught.value.code == "PROPERTY_NOT_QUERYABLE"


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"wher": {"kind": "cat"}}, "INVALID_QUERY"),
        ({"where": {"age": {"above": 1}}}, "UNKNOWN_OPERATOR"),
    ],
)
async def test_a_scope_that_is_not_understood_is_named(scope: Any, code: str) -> None:
    """The error says that it is the model's own scope, not what the caller asked for."""
    # DAO-189
    for given in (scope, lambda *_: scope):
        model, shelf = await scoped(scope=given)
        for call in (model.find(), model.destroy_all({}), model.create({"id": 7})):
            with pytest.raises(InvalidQueryError, match="default scope of Animal") as caught:
                await call
            assert (caught.value.code, caught.value.model) == (code, "Animal")
        assert shelf.asked == []


async def test_include_is_refused_wherever_it_comes_from() -> None:
    """Related records are not there yet: asking for them says so, in a scope as well."""
    # DAO-194
    model, _ = await scoped()
    for call in (
        model.find(include="owner"),
        model.find_by_id(1, {"include": ["owner"]}),
        model.find_or_create({"include": "owner"}, {}),
    ):
        with pytest.raises(OperationNotSupportedError, match="include"):
            await call
    model, _ = await scoped(scope={"include": "owner"})
    with pytest.raises(OperationNotSupportedError, match="include"):
        await model.find()


async def test_lookup_model_chooses_the_model_of_a_row() -> None:
    """A base model's `lookup_model` gives each row its own class; "loaded" fires on that."""
    # DAO-084, DAO-193
    registry = ModelRegistry()
    source = make_source(registry)

    class Animal(Model, data_source=source):
        id: int = prop(id=True)
        kind: str | None = None

        @classmethod
        def lookup_model(cls, data: Any) -> Any:
            return Dog if data.get("kind") == "dog" else cls

    class Dog(Animal, data_source=source):
        pass

    shelf_of(source).rows["Animal"] = {1: {"id": 1, "kind": "cat"}, 2: {"id": 2, "kind": "dog"}}
    barked: list[Any] = []
    Dog.observe("loaded", lambda context: barked.append((context.model, context.data["id"])))
    assert [type(each) for each in await Animal.find()] == [Animal, Dog]
    assert barked == [(Dog, 2)]
    made = await Animal.create({"id": 3, "kind": "dog"})
    assert type(made) is Dog
    assert [row["id"] for row in shelf_of(source).table("Dog")] == [3]
