"""How observers are run, and what contexts are."""

from collections.abc import Callable
from typing import Any

import pytest

from juggler.persistence.hooks import Context, View
from tests.persistence.shelf import make_source, shelf_of


@pytest.fixture
def source() -> Any:
    """A source on a shelf."""
    return make_source()


@pytest.fixture
def person(source: Any) -> Any:
    """A model without records."""
    return source.define("Person", {"name": str, "age": int, "tags": [str]})


async def test_observers_run_in_order_sync_or_async(person: Any) -> None:
    """Observers run one after the other in order of registration; what they return is ignored."""
    # DAO-200
    order: list[str] = []

    @person.observe("before save")  # type: ignore[untyped-decorator]  # models at run time
    async def first(context: Context) -> None:
        order.append("first")

    def second(context: Context) -> str:
        order.append("second")
        return "ignored"

    person.observe("before save", second)
    await person.create(name="Ada")
    assert order == ["first", "second"]


async def test_observers_can_be_removed(person: Any) -> None:
    """One registration goes with `remove_observer`, all of them with `clear_observers`."""
    # DAO-201
    calls: list[int] = []

    def note(context: Context) -> None:
        calls.append(1)

    person.observe("access", note)
    person.observe("access", note)
    person.remove_observer("access", note)
    person.remove_observer("access", print)
    await person.find()
    assert calls == [1]
    person.clear_observers("access")
    await person.find()
    assert calls == [1]


async def test_observers_of_base_models_run_first(source: Any, person: Any) -> None:
    """A base model's observers see the sub-model's operations, first; never the other way."""
    # DAO-202
    child = source.define("Child", {"toy": str}, {"base": person})
    order: list[str] = []
    child.observe("access", lambda _: order.append("child"))
    person.observe("access", lambda context: order.append(f"base of {context.model.model_name}"))
    await child.find()
    assert order == ["base of Child", "child"]
    await person.find()
    assert order[2:] == ["base of Person"]


async def test_notify_observers_of_runs_several_operations(person: Any) -> None:
    """`notify_observers_of` runs the observers of each operation and returns the context."""
    # DAO-203
    order: list[str] = []
    person.observe("one", lambda _: order.append("one"))
    person.observe("two", lambda _: order.append("two"))
    context = Context(model=person, operation="mine")
    assert await person.notify_observers_of(["two", "one", "unknown"], context) is context
    assert order == ["two", "one"]


async def test_contexts_share_options_and_state_of_a_call(person: Any) -> None:
    """All hooks of a call see the caller's own options object and one private state."""
    # DAO-014, DAO-207, DAO-225
    seen: list[Context] = []
    for hook in ("before save", "persist", "loaded", "after save"):
        person.observe(hook, seen.append)
    options = {"user": "ada"}
    await person.create({"name": "Ada"}, options)
    await person.create({"name": "Bea"}, options)
    first, second = seen[:4], seen[4:]
    assert all(context.options is options for context in seen)
    assert len({id(context.hook_state) for context in first}) == 1
    assert first[0].hook_state is not second[0].hook_state
    assert {context.model for context in seen} == {person}
    assert {context.operation for context in seen} == {"create"}


async def test_the_connector_gets_the_same_options(source: Any, person: Any) -> None:
    """The caller's options reach the connector as the very same object, unknown keys and all."""
    # DAO-014
    options = {"anything": object()}
    record = await person.create({"name": "Ada"}, options)
    await person.find(options=options)
    await person.update_all({}, {"age": 1}, options)
    await record.save(options)
    await record.update_attributes({"age": 2}, options)
    await record.destroy(options)
    assert all(found is options for found in shelf_of(source).options)


async def test_a_field_that_is_not_there_reads_as_none(person: Any) -> None:
    """A context has the fields of its operation; others read as None and are not among its own."""
    # DAO-207, DAO-226
    seen: list[Context] = []
    person.observe("access", seen.append)
    await person.find()
    (context,) = seen
    assert (context.instance, context.where, context.is_new_instance) == (None, None, None)
    assert not {"instance", "where"} & vars(context).keys()
    with pytest.raises(AttributeError):
        _ = context.wheer  # type: ignore[attr-defined]
    assert "find" in repr(context)


async def test_one_observer_for_instances_and_for_data(source: Any, person: Any) -> None:
    """An observer can ask whether there is an instance, and otherwise work with the data."""
    # DAO-207, DAO-216

    @person.observe("before save")  # type: ignore[untyped-decorator]  # models at run time
    async def stamp(context: Context) -> None:
        if context.instance is not None:
            context.instance.age = context.options.get("age")
        else:
            context.data["age"] = context.options.get("age")

    record = await person.create({"name": "Ada"}, {"age": 1})
    assert record.age == 1
    assert (await record.update_attributes({"name": "Bea"}, {"age": 2})).age == 2
    assert (await person.upsert_with_where({"id": 1}, {"name": "Cy"}, {"age": 3})).age == 3
    await person.update_all({"id": 1}, {"name": "Di"}, {"age": 4})
    assert shelf_of(source).table("Person") == [{"id": 1, "name": "Di", "age": 4}]


@pytest.mark.parametrize(
    ("hook", "is_written"),
    [("before save", False), ("persist", False), ("loaded", True), ("after save", True)],
)
async def test_an_error_in_an_observer_ends_the_operation(
    source: Any, person: Any, hook: str, is_written: bool
) -> None:
    """An observer's error is raised as it is, with a note; later observers do not run."""
    # DAO-206, DAO-227
    later: list[Any] = []

    def refuse(context: Context) -> None:
        raise KeyError("no")

    person.observe(hook, refuse)
    person.observe(hook, later.append)
    record = person(name="Ada")
    with pytest.raises(KeyError) as caught:
        await record.save()
    assert later == []
    assert ("create" in shelf_of(source).asked) is is_written
    assert record.is_new_record() is not is_written
    (note,) = caught.value.__notes__
    assert hook in note
    assert "refuse" in note
    assert "create" in note
    assert "Person" in note


async def test_an_error_before_a_delete_keeps_everything(source: Any, person: Any) -> None:
    """An error in "access" or "before delete" leaves the records alone."""
    # DAO-125, DAO-206
    await person.create(name="Ada")

    async def refuse(context: Context) -> None:
        raise PermissionError("no")

    for hook in ("access", "before delete"):
        person.observe(hook, refuse)
        with pytest.raises(PermissionError):
            await person.destroy_all({})
        person.clear_observers(hook)
    assert len(shelf_of(source).table("Person")) == 1


async def test_observers_that_come_and_go_during_a_run_count_next_time(person: Any) -> None:
    """Who is registered or removed while observers run is in or out from the next run on."""
    # DAO-229
    order: list[str] = []

    def second(context: Context) -> None:
        order.append("second")

    def first(context: Context) -> None:
        order.append("first")
        person.remove_observer("access", second)
        person.observe("access", lambda _: order.append("third"))

    person.observe("access", first)
    person.observe("access", second)
    await person.find()
    assert order == ["first", "second"]
    order.clear()
    await person.find()
    assert order == ["first", "third"]


async def test_current_instance_can_only_be_read(person: Any) -> None:
    """`current_instance` reads as the instance does and refuses every write."""
    # DAO-211
    views: list[Any] = []
    person.observe("before save", lambda context: views.append(context.instance))
    person.observe("persist", lambda context: views.append(context.current_instance))
    record = await person.create(name="Ada", age=3)
    view = views[1]
    assert type(view) is View
    assert isinstance(view, person)
    assert (view.name, view["age"], "age" in view, "name" in list(view)) == ("Ada", 3, True, True)
    assert view == record
    assert view == View(record)
    assert repr(view) == repr(record)
    with pytest.raises(AttributeError, match="read-only"):
        view.name = "Bea"
    with pytest.raises(AttributeError, match="read-only"):
        del view.name
    with pytest.raises(TypeError):
        view["name"] = "Bea"


READ_ONLY: dict[str, Callable[[Any], Any]] = {
    "set_attribute": lambda view: view.set_attribute("name", "changed"),
    "set_attributes": lambda view: view.set_attributes({"name": "changed"}),
    "set_raw": lambda view: view.set_raw("name", "changed"),
    "from_object": lambda view: view.from_object({"name": "changed"}),
    "unset_attribute": lambda view: view.unset_attribute("name"),
    "set_id": lambda view: view.set_id(9),
    "save": lambda view: view.save(),
    "destroy": lambda view: view.destroy(),
    "embedded": lambda view: setattr(view.home, "city", "changed"),
}


@pytest.mark.parametrize("name", READ_ONLY)
async def test_methods_cannot_change_current_instance(source: Any, name: str) -> None:
    """Methods that would change the instance are not there, nor what would change a part of it."""
    # DAO-211
    person = source.define("Person", {"name": str, "home": {"city": str}})
    record = await person.create({"name": "Ada", "home": {"city": "Rome"}})
    tried: list[str] = []

    def change(context: Context) -> None:
        with pytest.raises(AttributeError, match="read-only"):
            READ_ONLY[name](context.current_instance)
        tried.append(context.current_instance.home.city)

    person.observe("before save", change)
    person.observe("persist", change)
    await record.update_attributes({"name": "Bea"})
    assert tried == ["Rome", "Rome"]
    assert record.to_dict() == {"id": 1, "name": "Bea", "home": {"city": "Rome"}}


async def test_lists_and_dicts_of_current_instance_are_copies(source: Any) -> None:
    """Whatever is done to them, the record and its row have their own."""
    # DAO-211
    person = source.define("Person", {"tags": [str], "meta": "object", "homes": [{"city": str}]})
    data = {"tags": ["a"], "meta": {"deep": [1]}, "homes": [{"city": "Rome"}]}
    record = await person.create(data)

    def change(context: Context) -> None:
        view = context.current_instance
        for tags in (view.tags, view["tags"], view.get("tags"), view.raw("tags")):
            assert tags == ["a"]
            tags.append("b")
        view.meta["deep"].append(2)
        with pytest.raises(AttributeError, match="read-only"):
            view.homes[0].city = "Oslo"
        assert view.get("nothing", 5) == 5

    person.observe("before save", change)
    person.observe("persist", change)
    await record.update_attributes({})
    assert record.to_dict() == {"id": 1, **data}
    assert shelf_of(source).table("Person") == [{"id": 1, **data}]


async def test_current_instance_of_a_patch_is_before_then_after(person: Any) -> None:
    """Before the save of a patch it is the old state, at "persist" the one with the patch."""
    # DAO-211, DAO-210
    record = await person.create(name="Ada", age=3)
    names: list[Any] = []
    person.observe("before save", lambda context: names.append(context.current_instance.name))
    person.observe("persist", lambda context: names.append(context.current_instance.name))
    person.observe("persist", lambda context: names.append(dict(context.data)))
    await record.update_attributes({"name": "Bea"})
    assert names == ["Ada", "Bea", {"name": "Bea"}]


async def test_who_changes_a_key_is_told_once(
    person: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An id that a "loaded" observer changes is kept, and the log says so once a person."""
    # DAO-067
    await person.create(name="Ada")
    with person.observe("loaded", lambda context: context.data.update(id=str(context.data["id"]))):
        assert (await person.find_by_id(1)).id == 1
    assert caplog.messages == []
    person.observe("loaded", lambda context: context.data.update(id=8))
    for call in (person.find_by_id(1), person.replace_by_id(1, {"name": "B"}), person.create()):
        assert (await call).id in (1, 2)
    (message,) = caplog.messages
    assert message == "Person: a `loaded` observer changed the id of a record; it stays."
