"""The rules that a model has: inherited, removed, shown as a mapping, declared in settings."""

from typing import Any

import pytest

from juggler import Model
from juggler.errors import DefinitionError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.models.validating.rules import rules_of
from juggler.models.validating.validate import validate

PLAIN = {"id_injection": False}
NEED = {"type": "string", "required": True}


async def codes(instance: Any, **options: Any) -> dict[str, list[str]]:
    """Return field -> codes of what is wrong with *instance*."""
    return (await validate(instance, **options)).codes


# MOD-111
async def test_validations_show_the_rules(registry: ModelRegistry) -> None:
    """Field -> descriptions of its rules, those of the definition included, in order."""
    things = registry.define("Thing", {"a": NEED, "b": {"type": "number", "max": 3}}, PLAIN)
    things.validates_length_of("a", max=80, allow_null=True, if_="b")

    def odd(thing: Any, err: Any) -> None:
        err()

    things.validate("c", odd, message="odd")
    assert dict(things.validations) == {
        "a": [
            {"validation": "presence"},
            {"validation": "length", "max": 80, "allow_null": True, "if_": "b"},
        ],
        "b": [{"validation": "range", "max": 3, "optional": True}],
        "c": [{"validation": "custom", "message": "odd", "function": odd}],
    }
    assert (len(things.validations), "a" in things.validations) == (3, True)
    assert repr(things.validations) == repr(dict(things.validations))
    with pytest.raises(KeyError):
        things.validations["d"]
    with pytest.raises(KeyError):
        del things.validations["d"]


# MOD-111
async def test_validations_may_be_replaced(registry: ModelRegistry) -> None:
    """What is put there takes the place of all rules: of a field, or of the model."""
    things = registry.define("Thing", {"a": NEED, "b": NEED}, PLAIN)
    things.validations["a"] = {"validation": "length", "min": 2, "allow_blank": True}
    assert await codes(things(a="x")) == {"a": ["length.min"], "b": ["presence"]}
    del things.validations["b"]
    assert await codes(things()) == {}
    things.validations = {"b": [{"validation": "presence"}]}
    assert await codes(things(a="x")) == {"b": ["presence"]}
    things.validations.clear()
    assert await codes(things()) == {}
    assert dict(things.validations) == {}
    things.validates_presence_of("a")
    assert await codes(things()) == {"a": ["presence"]}


# MOD-111
async def test_a_wrong_description_changes_nothing(registry: ModelRegistry) -> None:
    """A description that is not understood is refused, and the rules stay."""
    things = registry.define("Thing", {"a": NEED}, PLAIN)
    for wrong in ({"validation": "lenght"}, {"max": 3}, "presence", [5]):
        with pytest.raises(DefinitionError):
            things.validations["a"] = wrong
        with pytest.raises(DefinitionError):
            things.validations = {"b": [], "a": wrong}
    assert await codes(things()) == {"a": ["presence"]}


# MOD-111 (What users ask for, 4: reuse of a model's rules elsewhere)
async def test_rules_may_be_taken_over_from_another_model(registry: ModelRegistry) -> None:
    """What one model shows another takes, every kind of rule."""
    properties = {
        "a": {**NEED, "pattern": "^a"},
        "b": {"type": "object", "json_schema": {"required": ["x"]}},
        "c": [{"type": "number", "min": 2}],
    }
    things = registry.define("Thing", properties)
    things.validates_inclusion_of("d", in_=[1, 2], message={"inclusion": "odd"})
    things.validate("e", lambda _, err: err("kind"), code="mine")
    others = registry.define("Other", dict.fromkeys("abcd", "any"))
    others.validations = things.validations
    data = {"id": 1, "a": "x", "b": {}, "c": [1], "d": 3}
    expected = await codes(things(data))
    assert len(expected) == 6
    assert await codes(others(data)) == expected
    assert (await validate(others(data)))["d"] == ["odd"]


# MOD-111: each call adds to the model itself
async def test_rules_of_a_child_stay_its_own(registry: ModelRegistry) -> None:
    """A rule that is added to a child is not on its base, nor on another child."""
    base = registry.define("Base", {"a": "string"}, PLAIN)
    one, two = registry.define("One", {}, base=base), registry.define("Two", {}, base=base)
    one.validates_presence_of("a")
    assert await codes(one()) == {"a": ["presence"]}
    assert await codes(two()) == await codes(base()) == {}


# MOD-63 (Do better), What users ask for, 4
async def test_a_child_may_remove_what_it_inherits(registry: ModelRegistry) -> None:
    """Rules are removed by field, kind or code; the base keeps them, a grandchild has them not."""
    base = registry.define("Base", {"a": NEED, "b": {"type": "string", "length": 2}}, PLAIN)
    base.validates_length_of("a", min=2, allow_blank=True)
    base.validates_format_of("a", with_="^x", code="begins", allow_blank=True)
    child = registry.define("Child", {}, base=base)
    grandchild = registry.define("Grandchild", {}, base=child)
    child.remove_validation("a", "presence")
    child.remove_validation("b")
    for model in (child, grandchild):
        assert await codes(model(b="long")) == {}
        assert await codes(model(a="y")) == {"a": ["length.min", "begins"]}
    child.remove_validation("a", "begins")
    assert await codes(grandchild(a="y")) == {"a": ["length.min"]}
    assert await codes(base(a="y", b="long")) == {
        "a": ["length.min", "begins"],
        "b": ["length.max"],
    }
    child.remove_validation("nothing", "presence")
    child.validates_presence_of("a", message="please")
    assert (await validate(grandchild()))["a"] == ["please"]


# MOD-63, MOD-58
async def test_later_rules_of_a_base_are_inherited(registry: ModelRegistry) -> None:
    """A rule that a base gets later counts for its children at once."""
    base = registry.define("Base", {"a": "string"}, PLAIN)
    child = registry.define("Child", {"b": NEED}, base=base)
    assert await codes(child(b="x")) == {}
    base.validates_presence_of("a")
    assert await codes(child()) == {"a": ["presence"], "b": ["presence"]}
    base.remove_validation("a")
    assert await codes(child(b="x")) == {}


# MOD-111 (Do better: a second identical rule)
async def test_an_identical_rule_counts_once(registry: ModelRegistry) -> None:
    """A rule that the definition or a base has already is not run twice."""
    ran = []
    base = registry.define("Base", {"a": NEED}, PLAIN)
    child = registry.define("Child", {}, base=base)

    def look(thing: Any, err: Any) -> None:
        ran.append(thing)

    for model in (base, base, child):
        model.validate("a", look)
        model.validates_presence_of("a")
    await validate(child())
    assert len(ran) == 1
    assert [rule.kind for rule in rules_of(child)] == ["presence", "custom"]


# MOD-111
async def test_rules_of_declared_models() -> None:
    """A class has the same methods and mapping, and its subclasses inherit."""

    class Base(Model, registry=ModelRegistry(), id_injection=False):
        a: str

    class Child(Base):
        b: str | None = None

    Base.validates_length_of("a", min=2)
    Child.validates_presence_of("b")
    assert await codes(Child(a="x")) == {"a": ["length.min"], "b": ["presence"]}
    Child.validations = {"a": [{"validation": "length", "max": 1}]}
    assert await codes(Child(a="xx")) == {"a": ["length.max"]}
    assert await codes(Base(a="x")) == {"a": ["length.min"]}


# MOD-53, Do better (validation): declarative rules
async def test_rules_in_settings(registry: ModelRegistry) -> None:
    """`settings.validations` are rules like others, in either spelling."""
    entries = [
        {"property": "a", "rule": "length", "max": 2, "allowBlank": True},
        {"property": "b", "validation": "inclusion", "in": [1, 2], "allow_null": True},
        {"property": "home.zip", "rule": "format", "with": "^1", "if": "a"},
        {"property": "global", "function": lambda _, err: err(), "message": "never"},
    ]
    home = {"zip": "string"}
    things = registry.define(
        "Thing", {"a": "string", "b": "number", "home": home}, {"validations": entries, **PLAIN}
    )
    thing = things(a="xxx", b=3, home={"zip": "2"})
    assert await codes(thing) == {
        "a": ["length.max"],
        "b": ["inclusion"],
        "home.zip": ["format"],
        "global": ["custom"],
    }
    assert [rule.asks_store for rule in rules_of(things)] == [False] * 4


# Do better (validation): declarative rules, merged down the inheritance chain; MOD-61
async def test_rules_in_settings_are_merged(registry: ModelRegistry) -> None:
    """A child has the rules in the settings of its base and its own; nobody's list changes."""
    mine = [{"property": "a", "rule": "presence"}]
    more = [{"property": "b", "rule": "presence"}, *mine]
    base = registry.define("Base", {"a": "string"}, {"validations": mine, **PLAIN})
    child = registry.define("Child", {"b": "string"}, {"validations": more}, base=base)
    grandchild = registry.define("Grandchild", {}, base=child)
    for model in (child, grandchild):
        assert await codes(model()) == {"a": ["presence"], "b": ["presence"]}
    assert await codes(base()) == {"a": ["presence"]}
    assert (len(mine), len(more)) == (1, 2)
    grandchild.remove_validation("a", "presence")
    assert await codes(grandchild()) == {"b": ["presence"]}


# MOD-53, Do better (validation): what cannot work fails at declaration
@pytest.mark.parametrize(
    "entry",
    [
        {"rule": "length", "max": 3},
        {"property": "a", "rule": "lenght"},
        {"property": "a", "rule": "inclusion"},
        {"property": "a"},
        "presence",
    ],
)
def test_wrong_rules_in_settings_are_refused(registry: ModelRegistry, entry: Any) -> None:
    """An entry that is not understood fails at definition, and nothing is defined."""
    with pytest.raises(DefinitionError):
        registry.define("Thing", {"a": "string"}, {"validations": [entry], **PLAIN})
    assert registry.find_model_by_name("Thing") is None


# MOD-112
async def test_an_application_may_make_the_error(registry: ModelRegistry) -> None:
    """`Model.ValidationError(instance)` tells what the last validation found, and is catchable."""
    things = registry.define("Thing", {"a": NEED}, PLAIN)
    thing = things()
    assert str(things.ValidationError(thing)) == (
        "The `Thing` instance is not valid. Details: (unknown)."
    )
    await validate(thing)
    with pytest.raises(things.ValidationError) as caught:
        raise things.ValidationError(thing)
    error = caught.value
    assert isinstance(error, ValidationError)
    assert (error.instance, error.model, error.status_code) == (thing, "Thing", 422)
    assert error.details == {
        "context": "Thing",
        "codes": {"a": ["presence"]},
        "messages": {"a": ["can't be blank"]},
    }
    assert str(error).endswith("Details: `a` can't be blank (value: undefined).")
    assert str(ValidationError("by hand")) == "by hand"


# MOD-110
async def test_validating_without_waiting(registry: ModelRegistry) -> None:
    """`is_valid_sync` tells the same, also of embedded values and of data that is tried."""
    home = {"zip": NEED}
    things = registry.define("Thing", {"a": NEED, "home": home, "n": "number"}, PLAIN)
    thing = things(n="x", home={})
    assert not thing.is_valid_sync()
    assert thing.errors.codes == {
        "n": ["type.number"],
        "a": ["presence"],
        "home.zip": ["presence"],
    }
    data = {"a": "x", "n": 1, "home": {"zip": "1"}}
    assert thing.is_valid_sync(data)
    assert not thing.errors
    assert await thing.is_valid(data)
    assert thing.a is None


# MOD-110
async def test_an_async_rule_is_not_validated_without_waiting(registry: ModelRegistry) -> None:
    """An async rule, of the model or of an embedded one, is an error there."""
    homes = registry.define("Home", {"zip": "string"}, PLAIN)
    things = registry.define("Thing", {"home": homes}, PLAIN)

    async def look(home: Any, err: Any) -> None:
        err()

    homes.validate("zip", look)
    with pytest.raises(RuntimeError, match="await is_valid"):
        things(home={}).is_valid_sync()
    assert things().is_valid_sync()


# MOD-107, Do better (validation): call options reach rules
async def test_options_reach_rules_of_embedded_models(registry: ModelRegistry) -> None:
    """Rules of embedded models get the options of the call as well."""
    homes = registry.define("Home", {"zip": "string"}, PLAIN)
    things = registry.define("Thing", {"homes": [homes]}, PLAIN)
    seen = []
    homes.validate("zip", lambda *given: seen.append(given[2]))
    options = {"mine": 1}
    await things(homes=[{}, {}]).is_valid(options=options)
    assert seen == [options, options]
