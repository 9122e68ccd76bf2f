"""How observers are registered, run around work, run in batches, and taken back."""

import logging
from typing import Any

import pytest

from juggler.errors import DefinitionError
from juggler.persistence.hooks import Context
from tests.persistence.shelf import make_source, shelf_of


@pytest.fixture
def person() -> Any:
    """A model without records."""
    return make_source().define("Person", {"name": str, "age": int})


async def test_a_handle_takes_its_registration_back(person: Any) -> None:
    """`observe` gives a handle: `remove`, the end of a `with`, or `remove_observer` end it."""
    # DAO-228
    seen: list[str] = []

    def note(context: Context) -> None:
        seen.append(context.operation)

    with person.observe("access", note) as handle:
        await person.find()
    await person.find()
    assert (seen, handle.function, handle.operation) == (["find"], note, "access")
    handle = person.observe("access", note)
    handle.remove()
    handle.remove()
    person.remove_observer("access", person.observe("access", note))
    await person.find()
    assert seen == ["find"]
    handle(Context(operation="called"))
    assert seen == ["find", "called"]


async def test_a_decorator_leaves_the_function_as_it_is(person: Any) -> None:
    """As a decorator `observe` gives the function back; it, or its name, removes it."""
    # DAO-200, DAO-228
    seen: list[str] = []

    @person.observe("access", name="mine")  # type: ignore[untyped-decorator]  # models at run time
    def note(context: Context) -> None:
        seen.append(context.operation)

    note(Context(operation="called"))
    await person.find()
    person.remove_observer("access", "mine")
    await person.find()
    person.observe("access", note, priority=1)
    person.remove_observer("access", note)
    await person.find()
    assert seen == ["called", "find"]


async def test_observers_run_by_priority_then_by_registration(person: Any) -> None:
    """Those of a higher priority run first; equal ones in order; a name is there once."""
    # DAO-228
    order: list[str] = []

    def named(name: str) -> Any:
        return lambda _: order.append(name)

    person.observe("access", named("b"))
    person.observe("access", named("last"), priority=-1)
    person.observe("access", named("former"), name="one")
    person.observe("access", named("first"), priority=5)
    person.observe("access", named("c"))
    person.observe("access", named("d"), name="one")
    await person.find()
    assert order == ["first", "b", "c", "d", "last"]


async def test_what_cannot_be_called_is_no_observer(person: Any) -> None:
    """It is refused where it is registered, for models, connectors and as a decorator."""
    # DAO-200, DAO-205
    for observe in (
        person.observe,
        person.get_connector().observe,
        lambda operation, what: person.observe(operation)(what),
    ):
        with pytest.raises(TypeError, match="'access' is a function of the context, not 'note'"):
            observe("access", "note")
    assert person.observers_of("access") == ()


async def test_an_observer_that_may_fail_is_logged(
    person: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """With `on_error="log"` an error after the store was asked does not fail the call."""
    # DAO-227
    later: list[Any] = []

    async def fail(context: Context) -> None:
        raise KeyError("mail")

    person.observe("after save", fail, on_error="log", name="mailer")
    person.observe("after save", later.append)
    with caplog.at_level(logging.ERROR, "juggler.hooks"):
        record = await person.create(name="Ada")
    assert (record.id, len(later)) == (1, 1)
    (logged,) = caplog.records
    assert "mailer" in logged.getMessage()
    assert "create was at work on Person" in logged.getMessage()
    for hook in ("access", "before save", "after validate", "persist", "before delete"):
        with pytest.raises(DefinitionError, match="after the store"):
            person.observe(hook, fail, on_error="log")
    with pytest.raises(DefinitionError, match="'raise' or 'log'"):
        person.observe("after save", fail, on_error="ignore")


async def test_batch_observers_see_a_list(person: Any) -> None:
    """`batch=True` is called once with all contexts; others item by item, in their turn."""
    # DAO-042, DAO-224, DAO-332
    calls: list[Any] = []
    for hook in ("before save", "after validate", "persist", "loaded", "after save"):
        person.observe(hook, lambda many, hook=hook: calls.append((hook, len(many))), batch=True)
        person.observe(hook, lambda one, hook=hook: calls.append((hook, one.is_new_instance)))
    await person.create_all([{"name": "a"}, {"name": "b"}])
    assert calls == [
        (hook, what)
        for hook in ("before save", "after validate", "persist", "loaded", "after save")
        for what in (2, True, True)
    ]
    calls.clear()
    await person.create(name="c")
    assert calls[0] == ("before save", 1)
    calls.clear()
    await person.find()
    assert calls == [("loaded", 3), *[("loaded", False)] * 3]
    await person.find(where={"name": "nobody"})


async def test_batch_observers_edit_what_is_stored_and_shown(person: Any) -> None:
    """What a batch observer puts into its contexts counts, for the store and for the caller."""
    # DAO-048, DAO-223, DAO-224

    def stamp(contexts: list[Context]) -> None:
        for number, context in enumerate(contexts):
            context.data = {**context.data, "age": number}

    def shout(contexts: list[Context]) -> None:
        for context in contexts:
            context.data["name"] += "!"

    person.observe("persist", stamp, batch=True)
    person.observe("loaded", shout, batch=True)
    made = await person.create_all([{"name": "a"}, {"name": "b"}])
    assert [(each.name, each.age) for each in made] == [("a!", 0), ("b!", 1)]
    assert [row["age"] for row in shelf_of(person.data_source).table("Person")] == [0, 1]
    assert [each.name for each in await person.find()] == ["a!", "b!"]


async def test_after_validate_stands_between_validation_and_the_write(person: Any) -> None:
    """What "after validate" observers put in is stored without being validated again."""
    # DAO-332
    person.validates_length_of("name", max=3)
    order: list[str] = []
    person.observe("before save", lambda _: order.append("before save"))
    person.validate("age", lambda _, __: order.append("rule"))

    @person.observe("after validate")  # type: ignore[untyped-decorator]  # models at run time
    def lengthen(context: Context) -> None:
        order.append("after validate")
        if context.instance is not None:
            context.instance.name += " hashed"
        else:
            context.data["name"] += " hashed"

    record = await person.create(name="Ada")
    assert (record.name, order) == ("Ada hashed", ["before save", "rule", "after validate"])
    await record.update_attributes({"name": "Bea"})
    assert record.name == "Bea hashed"
    await person.update_all({}, {"name": "Cy"})
    assert (await person.find_one()).name == "Cy hashed"
    await person.replace_by_id(1, {"name": "Di"})
    assert (await person.find_one()).name == "Di hashed"
    await person.update_or_create({"id": 1, "name": "Em"})
    assert (await person.find_one()).name == "Em hashed"


# around ---------------------------------------------------------------------------------------


async def test_work_runs_between_observers(person: Any) -> None:
    """Before, the work, after; what observers put in the place of the results is the outcome."""
    # DAO-204
    order: list[str] = []
    person.observe("before ship", lambda _: order.append("before"))
    person.observe("after ship", lambda context: order.append(f"after {context.results}"))

    async def work(context: Context) -> int:
        order.append(f"work {context.operation}")
        return 5

    context = Context(model=person, operation="ship")
    assert await person.notify_observers_around("ship", context, work) == 5
    assert order == ["before", "work ship", "after [5]"]
    person.observe("after ship", lambda context: setattr(context, "results", [6, 7]))
    assert await person.notify_observers_around("ship", context, lambda: 1) == [6, 7]
    person.observe("after ship", lambda context: setattr(context, "results", []))
    assert await person.notify_observers_around("ship", context, lambda: 1) is None


async def test_an_observer_can_end_the_work_before_it_begins(person: Any) -> None:
    """`ctx.end(result)` skips the work and all observers that are left."""
    # DAO-204
    later: list[Any] = []
    person.observe("before ship", lambda context: context.end("ready"))
    person.observe("before ship", later.append)
    person.observe("after ship", later.append)
    context = Context(model=person, operation="ship")
    assert await person.notify_observers_around("ship", context, lambda: later.append(1)) == "ready"
    assert later == []


async def test_failing_work_is_told_and_raised(person: Any) -> None:
    """The observers of "after ... error" see the error; theirs goes in its place."""
    # DAO-204
    errors: list[Any] = []
    person.observe("after ship error", lambda context: errors.append(context.error))

    def work() -> None:
        raise KeyError("lost")

    context = Context(model=person, operation="ship")
    with pytest.raises(KeyError) as caught:
        await person.notify_observers_around("ship", context, work)
    assert errors == [caught.value]

    def replace(context: Context) -> None:
        raise PermissionError("told")

    person.observe("after ship error", replace)
    with pytest.raises(PermissionError):
        await person.notify_observers_around("ship", context, work)


async def test_there_are_no_hooks_of_an_older_kind(person: Any) -> None:
    """A method called `beforeCreate` or `afterSave` is nobody's hook."""
    # DAO-222
    called: list[str] = []
    for name in ("beforeCreate", "afterSave", "beforeValidate", "after initialize"):
        person.observe(name, lambda _, name=name: called.append(name))
    await person.create(name="Ada")
    assert called == []
    assert not hasattr(person, "trigger")
