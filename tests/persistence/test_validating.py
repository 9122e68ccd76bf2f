"""Validation within operations: what reaches the rules, and what an exception does."""

from typing import Any

import pytest

from juggler.errors import ValidationError
from tests.persistence.shelf import make_source, shelf_of

WRITES: dict[str, Any] = {
    "create": lambda one, o: one.model.create({"a": "y"}, o),
    "create_all": lambda one, o: one.model.create_all([{"a": "y"}], o),
    "save": lambda one, o: one.save(o),
    "update_attributes": lambda one, o: one.update_attributes({"a": "y"}, o),
    "replace_attributes": lambda one, o: one.replace_attributes({"a": "y"}, o),
    "update_all": lambda one, o: one.model.update_all({}, {"a": "y"}, o),
    "update_or_create": lambda one, o: one.model.update_or_create({"a": "y"}, o),
    "upsert_with_where": lambda one, o: one.model.upsert_with_where({"a": "x"}, {"a": "y"}, o),
    "find_or_create": lambda one, o: one.model.find_or_create({"where": {"a": "z"}}, {"a": "y"}, o),
}
each = pytest.mark.parametrize("name", WRITES)


# MOD-107, Do better (validation): call options reach rules in `update_all` too
@each
async def test_the_options_of_the_call_reach_the_rules(name: str) -> None:
    """A rule gets the very options of the operation that validates, whichever it is."""
    things = make_source().define("Thing", {"a": "string"})
    one = await things.create(a="x")
    seen: list[Any] = []
    things.validate("a", lambda *given: seen.append(given[2]))
    options = {"validate": True, "mine": 1}
    await WRITES[name](one, options)
    assert seen
    assert all(each is options for each in seen)


# MOD-117 (Do better, security), MOD-114
@each
@pytest.mark.parametrize("where", ["rule", "condition", "hook"])
async def test_an_exception_aborts_the_operation(name: str, where: str) -> None:
    """An exception in a rule, a condition or a hook is raised, and nothing is written."""
    things = make_source().define("Thing", {"a": "string"})
    one = await things.create(a="x")

    def fail(*_: Any) -> None:
        raise LookupError("broken")

    if where == "hook":
        things.observe("before save", fail)
    elif where == "rule":
        things.validate("a", fail)
    else:
        things.validates_presence_of("a", if_=fail)
    with pytest.raises(LookupError, match="broken"):
        await WRITES[name](one, {"validate": True})
    assert shelf_of(things.data_source).table("Thing") == [{"id": 1, "a": "x"}]


# MOD-114, MOD-112
async def test_a_failing_save_leaves_the_record_as_it_is() -> None:
    """A new record stays new with its report; a stored one keeps its changes unsaved."""
    things = make_source().define("Thing", {"a": {"type": "string", "required": True}})
    thing = things()
    for write in (thing.save, lambda: things.create(thing)):
        with pytest.raises(ValidationError) as caught:
            await write()
        assert caught.value.instance is thing
        assert thing.is_new_record()
        assert thing.errors.codes == {"a": ["presence"]}
    thing.a = "x"
    await thing.save()
    thing.a = None
    with pytest.raises(ValidationError):
        await thing.save()
    assert (thing.is_new_record(), thing.changed()) == (False, ["a"])
