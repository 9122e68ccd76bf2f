"""Which hooks fire, in which order, with which fields: the whole table, on both paths."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from juggler.errors import BulkOperationError
from tests.persistence.shelf import ALL, BOTH, drained, make_source

HOOKS = (
    "access",
    "before save",
    "after validate",
    "persist",
    "loaded",
    "after save",
    "before delete",
    "after delete",
)
COMMON = {"model", "options", "hook_state", "operation", "is_new_instance"}

Call = Callable[[Any], Awaitable[Any]]
Sequence = list[tuple[str, str, bool | None]]

CREATE: Sequence = [
    ("before save", "instance", True),
    ("after validate", "instance", True),
    ("persist", "data current_instance", True),
    ("loaded", "data", True),
    ("after save", "instance", True),
]
PATCH: Sequence = [
    ("before save", "where data current_instance", False),
    ("after validate", "where data current_instance", False),
    ("persist", "where data current_instance", False),
    ("loaded", "data", False),
    ("after save", "instance", False),
]
READ: Sequence = [("access", "query", None), ("loaded", "data", False)]
ACCESS: Sequence = [("access", "query", None)]


def upsert(*, is_new: bool) -> Sequence:
    """Return the sequence of a native upsert."""
    return [
        ("access", "query", None),
        ("before save", "where data", None),
        ("after validate", "where data current_instance", None),
        ("persist", "where data current_instance", None),
        ("loaded", "data", is_new),
        ("after save", "instance", is_new),
    ]


def replacing(before: bool | None, after: bool) -> Sequence:
    """Return the sequence of a replacement."""
    return [
        ("before save", "instance", before),
        ("after validate", "instance", before),
        ("persist", "where data current_instance", before),
        ("loaded", "data", after),
        ("after save", "instance", after),
    ]


class Case(NamedTuple):
    """One row of the table: what is called, and what fires with and without capabilities."""

    name: str
    call: Call
    native: Sequence
    fallback: Sequence


async def loaded_instance(model: Any) -> Any:
    """Return the first record without anybody noticing."""
    return await model.find_by_id(1, options={"notify": False})


async def on_instance(model: Any, method: str, *args: Any) -> Any:
    """Call a method of the first record."""
    return await getattr(await loaded_instance(model), method)(*args)


async def save_changed(model: Any) -> Any:
    """Save a stored record."""
    record = await loaded_instance(model)
    record.name = "Bea"
    return await record.save()


async def save_gone(model: Any) -> Any:
    """Save a record that somebody else deleted."""
    record = await loaded_instance(model)
    await model.destroy_by_id(1, options={"notify": False})
    return await record.save()


def same(name: str, call: Call, sequence: Sequence) -> Case:
    """Return a row whose two paths are one."""
    return Case(name, call, sequence, sequence)


CASES = [
    same("find", lambda m: m.find({"where": {"name": "Ada"}}), READ),
    same("find_one", lambda m: m.find_one(), READ),
    same("find_by_id", lambda m: m.find_by_id(1), READ),
    same("find_by_ids", lambda m: m.find_by_ids([1, 9]), READ),
    same("find_page", lambda m: m.find_page({"limit": 1}), READ),
    same("iterate", lambda m: drained(m.iterate()), READ),
    same("reload", lambda m: on_instance(m, "reload"), READ),
    same("exists", lambda m: m.exists(1), ACCESS),
    same("count", lambda m: m.count({"name": "Ada"}), ACCESS),
    same("distinct", lambda m: m.distinct("name"), ACCESS),
    same("aggregate", lambda m: m.aggregate(count=True), ACCESS),
    same("create", lambda m: m.create(id=5), CREATE),
    Case(
        "create_all",
        lambda m: m.create_all([{"id": 5}, {"id": 6}]),
        [each for each in CREATE for _ in range(2)],
        [*CREATE, *CREATE],
    ),
    same("create list", lambda m: m.create([{"id": 5}, {"id": 6}]), [*CREATE, *CREATE]),
    Case(
        "update_or_create found",
        lambda m: m.update_or_create({"id": 1, "name": "Bea"}),
        upsert(is_new=False),
        [*ACCESS, *PATCH],
    ),
    Case(
        "update_or_create not found",
        lambda m: m.update_or_create({"id": 5, "name": "Bea"}),
        upsert(is_new=True),
        [*ACCESS, *CREATE],
    ),
    same("update_or_create without id", lambda m: m.update_or_create({"name": "B"}), CREATE),
    same(
        "upsert_with_where found",
        lambda m: m.upsert_with_where({"name": "Ada"}, {"age": 3}),
        [*ACCESS, *PATCH],
    ),
    same(
        "upsert_with_where not found",
        lambda m: m.upsert_with_where({"name": "Bea"}, {"name": "Bea"}),
        [*ACCESS, *CREATE],
    ),
    same(
        "replace_or_create found",
        lambda m: m.replace_or_create({"id": 1, "name": "Bea"}),
        [*ACCESS, *replacing(None, after=False)],
    ),
    same(
        "replace_or_create not found",
        lambda m: m.replace_or_create({"id": 5, "name": "Bea"}),
        [*ACCESS, *replacing(None, after=True)],
    ),
    same(
        "replace_by_id",
        lambda m: m.replace_by_id(1, {"name": "Bea"}),
        replacing(before=False, after=False),
    ),
    same(
        "replace_attributes",
        lambda m: on_instance(m, "replace_attributes", {"name": "Bea"}),
        replacing(before=False, after=False),
    ),
    same(
        "bulk_upsert found",
        lambda m: m.bulk_upsert([{"id": 1, "age": 3}]),
        [*ACCESS, *PATCH],
    ),
    same(
        "bulk_upsert not found",
        lambda m: m.bulk_upsert([{"id": 5, "age": 3}]),
        [*ACCESS, *CREATE],
    ),
    same("bulk_update", lambda m: m.bulk_update([{"id": 1, "age": 3}]), [*ACCESS, *PATCH]),
    same("find_or_create found", lambda m: m.find_or_create({"name": "Ada"}), READ),
    Case(
        "find_or_create not found",
        lambda m: m.find_or_create({"name": "Bea"}),
        [*ACCESS, *CREATE[:2], ("persist", "where data current_instance", True), *CREATE[3:]],
        [*ACCESS, *CREATE],
    ),
    same("save", save_changed, replacing(before=False, after=False)),
    same("save gone", save_gone, replacing(before=False, after=True)),
    same("save new", lambda m: m(name="Bea").save(), CREATE),
    same("update_attributes", lambda m: on_instance(m, "update_attributes", {"name": "B"}), PATCH),
    same("update_attribute", lambda m: on_instance(m, "update_attribute", "name", "B"), PATCH),
    same(
        "update_all",
        lambda m: m.update_all({"name": "Ada"}, {"age": 3}),
        [
            ("access", "query", None),
            ("before save", "where data", None),
            ("after validate", "where data", None),
            ("persist", "where data", None),
            ("after save", "where data info", None),
        ],
    ),
    same(
        "destroy_all",
        lambda m: m.destroy_all({"name": "Ada"}),
        [
            ("access", "query", None),
            ("before delete", "where", None),
            ("after delete", "where info", None),
        ],
    ),
    same(
        "destroy_by_id",
        lambda m: m.destroy_by_id(1),
        [
            ("access", "query", None),
            ("before delete", "where", None),
            ("after delete", "where info", None),
        ],
    ),
    same(
        "destroy",
        lambda m: on_instance(m, "destroy"),
        [
            ("access", "query", None),
            ("before delete", "where instance", None),
            ("after delete", "where instance info", None),
        ],
    ),
]


async def stocked(capabilities: frozenset[str]) -> Any:
    """Return a model with one record, on a store that can do no more than that."""
    source = make_source(capabilities=capabilities, allow_in_process_aggregate=True)
    model = source.define(
        "Person", {"id": {"type": int, "id": True}, "name": str, "age": int}, strict=True
    )
    await model.create(id=1, name="Ada", age=36)
    return model


def shown(context: Any) -> set[str]:
    """Return the fields of a context beside those that all have."""
    return {name for name in vars(context) if not name.startswith("_")} - COMMON


def watch(model: Any) -> list[Any]:
    """Observe everything on *model*; return the list that contexts go to."""
    seen: list[Any] = []
    for hook in HOOKS:
        model.observe(hook, lambda context, hook=hook: seen.append((hook, context)))
    return seen


@BOTH
@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
async def test_hooks_fire_as_the_table_says(case: Case, capabilities: frozenset[str]) -> None:
    """Each operation fires its hooks in order, with their fields and no others."""
    # DAO-207, DAO-209, DAO-226, DAO-233, DAO-312
    model = await stocked(capabilities)
    seen = watch(model)
    await case.call(model)
    fired = [(hook, shown(context), context.is_new_instance) for hook, context in seen]
    expected = case.native if capabilities is ALL else case.fallback
    assert fired == [(hook, set(fields.split()), is_new) for hook, fields, is_new in expected]


@BOTH
@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
async def test_silent_calls_fire_nothing(case: Case, capabilities: frozenset[str]) -> None:
    """With `notify` false no hook fires, whatever the method, and the call does its work."""
    # DAO-015, DAO-017, DAO-045
    model = await stocked(capabilities)
    seen = watch(model)
    await case.call(_Silenced(model))
    assert seen == []


class _Silenced:
    """A model whose every method is called with ``notify`` false."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, **values: Any) -> Any:
        return _SilencedRecord(self._model(**values))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._model, name)
        if name == "iterate":
            return functools.partial(method, options={"notify": False})

        async def call(*args: Any, **keywords: Any) -> Any:
            keywords["options"] = {"notify": False}
            found = await method(*args, **keywords)
            return _SilencedRecord(found) if hasattr(found, "save") else found

        return call


class _SilencedRecord:
    """An instance whose every method is called with ``notify`` false."""

    def __init__(self, record: Any) -> None:
        object.__setattr__(self, "_record", record)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._record, name, value)

    def __getattr__(self, name: str) -> Any:
        method = getattr(object.__getattribute__(self, "_record"), name)
        return lambda *args: method(*args, options={"notify": False})


async def test_nothing_fires_after_a_rule_is_broken() -> None:
    """Validation stands between "before save" and "persist"; what it refuses goes no further."""
    # DAO-036
    model = await stocked(ALL)
    model.validates_presence_of("name")
    seen = watch(model)
    with pytest.raises(BulkOperationError):
        await model.create([{"id": 7}])
    assert [hook for hook, _ in seen] == ["before save"]
