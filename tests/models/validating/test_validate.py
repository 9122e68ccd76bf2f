"""What validation sees of instances: bad values, unknown keys, rules, embedded instances."""

from typing import Any

import pytest

from juggler.errors import ValidationError
from juggler.facade.default import ModelRegistry
from juggler.models.validating.asked import Asked
from juggler.models.validating.rules import rules_of
from juggler.models.validating.validate import error_of, validate
from juggler.validation.report import Report

PLAIN = {"id_injection": False}


async def codes(instance: Any, **options: Any) -> dict[str, list[str]]:
    """Return field -> codes of what is wrong with *instance*."""
    return (await validate(instance, **options)).codes


async def test_a_valid_instance(registry: ModelRegistry) -> None:
    """Nothing wrong gives an empty, false report, kept at `errors`."""  # MOD-110
    thing = registry.define("Thing", {"a": {"type": int, "required": True}})(a=1)
    assert thing.errors is None
    report = await validate(thing)
    assert not report
    assert thing.errors is report


@pytest.mark.parametrize(
    ("kind", "value", "code", "message"),
    [
        ("number", "x", "type.number", "is not a number"),
        ("integer", 1.5, "type.integer", "is not an integer"),
        ("string", [], "type.string", "is not a string"),
        ("boolean", "maybe", "type.boolean", "is not a boolean"),
        ("date", "soon", "date", "is not a valid date"),
        ({"a": "string"}, 5, "type.model", "is not an object of the embedded model"),
    ],
)
async def test_bad_values_are_reported(
    registry: ModelRegistry, kind: Any, value: Any, code: str, message: str
) -> None:
    """A value that its type refuses is a failure with the type's code."""  # MOD-12
    thing = registry.define("Thing", {"a": kind}, PLAIN)(a=value)
    report = await validate(thing)
    assert (report.codes, report.messages) == ({"a": [code]}, {"a": [message]})
    things = registry.define("Things", {"a": [kind]}, PLAIN)
    report = await validate(things(a=[None, value]))
    assert (report.codes, report.messages) == ({"a.1": [code]}, {"a.1": [message]})
    thing.a = None
    assert not await validate(thing)


async def test_bad_values_stand_in_the_order_of_the_properties(registry: ModelRegistry) -> None:
    """The same data always gives the same report."""
    names = [f"p{at}" for at in range(20)]
    thing = registry.define("Thing", dict.fromkeys(names, "number"), PLAIN)(
        dict.fromkeys(reversed(names), "x")
    )
    assert list(await validate(thing)) == names


async def test_unknown_keys_are_reported(registry: ModelRegistry) -> None:
    """A strict model reports each key that it does not know, a filtering or open one none."""
    for strict, expected in ((True, ["b", "c"]), ("validate", ["b", "c"]), ("filter", [])):
        things = registry.define("Thing", {"a": int}, {"strict": strict, **PLAIN})  # MOD-54
        report = await validate(things(a=1, b=2, c=3))
        assert report.codes == {name: ["unknown-property"] for name in expected}
        assert report.messages == {name: ["is not defined in the model"] for name in expected}
    assert not await validate(registry.define("Open", {"a": int}, PLAIN)(b=1))


async def test_required_and_length_are_rules(registry: ModelRegistry) -> None:
    """`required` demands a value, `length` bounds it; options of the rule go along."""  # MOD-27
    properties = {
        "a": {"type": str, "required": True, "length": 3},
        "b": {"type": ["string"], "length": 2},
        "c": {"type": str, "required": {"message": "please"}},
    }
    things = registry.define("Thing", properties, PLAIN)
    report = await validate(things(b=["x"] * 3))
    assert report.codes == {"a": ["presence"], "b": ["length.max"], "c": ["presence"]}
    assert report.messages["c"] == ["please"]
    assert await codes(things(a="long", c="x")) == {"a": ["length.max"]}
    assert await codes(things(a="abc", b=None, c="x")) == {}


async def test_force_id(registry: ModelRegistry) -> None:
    """A generated id cannot be given to a new record; to a stored one it belongs."""
    things = registry.define("Thing", {"a": int})  # MOD-35, DAO-023, DAO-024
    report = await validate(things(id=5))
    assert (report.codes, report.messages) == ({"id": ["absence"]}, {"id": ["can't be set"]})
    assert not await validate(things({"id": 5}, persisted=True))
    assert not await validate(things.load({"id": 5, "a": 1}))
    assert not await validate(registry.define("Free", {"a": int}, {"forceId": False})(id=5))


async def test_embedded_instances_are_validated(registry: ModelRegistry) -> None:
    """What is wrong inside stands under a dotted path, in lists with the place."""  # MOD-65a
    home = {"city": {"type": "string", "required": True}, "rooms": "integer"}
    properties = {"home": home, "homes": [home], "grid": [[home]], "none": home}
    thing = registry.define("Thing", properties, {"strict_embedded_models": True, **PLAIN})(
        home={"rooms": "many"},
        homes=[{"city": "R"}, None, {"what": 1}],
        grid=[[], [{}]],
    )
    assert await codes(thing) == {
        "home.city": ["presence"],
        "home.rooms": ["type.integer"],
        "homes.2.city": ["presence"],
        "homes.2.what": ["unknown-property"],
        "grid.1.0.city": ["presence"],
    }


async def test_an_embedded_value_is_no_new_record(registry: ModelRegistry) -> None:
    """The rule that new records bring no id is not for embedded values."""
    houses = registry.define("Home", {"city": {"type": str, "required": True}})
    thing = registry.define("Thing", {"home": houses}, PLAIN)(home={"id": 5})
    assert await codes(thing) == {"home.city": ["presence"]}


async def test_async_rules_of_embedded_models_run(registry: ModelRegistry) -> None:
    """Rules added to an embedded model count for its owner, async ones too."""
    houses = registry.define("Home", {"city": str}, PLAIN)

    async def check(home: Any, err: Any) -> None:
        if home.city != "Rome":
            err()

    async def silent(home: Any, err: Any) -> None:
        err(False)

    houses.validate("city", check)
    thing = registry.define("Thing", {"home": houses}, PLAIN)(home={"city": "Oslo"})
    assert await codes(thing) == {"home.city": ["custom"]}
    thing.home.city = "Rome"
    assert not await validate(thing)
    houses.validate("any", silent)
    report = await validate(thing)
    assert report
    assert not report.codes


async def test_some_names_alone(registry: ModelRegistry) -> None:
    """`only` limits rules, bad values and embedded instances to some names."""
    need = {"type": "string", "required": True}
    properties = {"a": need, "b": need, "c": "number", "home": {"city": need}, "other": {"x": need}}
    thing = registry.define("Thing", properties, PLAIN)(c="x", home={}, other={})
    assert await codes(thing, asked=Asked(only={"a"})) == {"a": ["presence"]}
    assert await codes(thing, asked=Asked(only={"c", "home"})) == {
        "c": ["type.number"],
        "home.city": ["presence"],
    }


async def test_rules_are_inherited(registry: ModelRegistry) -> None:
    """Rules of definition, of bases and of the model itself come in that order."""  # MOD-63
    base = registry.define("Base", {"a": {"type": str, "required": True}}, PLAIN)
    child_model = registry.define("Child", {"b": int}, base=base)
    child_model.validates_numericality_of("b", int=True)
    base.validates_length_of("a", min=2)
    assert [(rule.field, rule.kind) for rule in rules_of(child_model)] == [
        ("a", "presence"),
        ("a", "length"),
        ("b", "numericality"),
    ]
    assert len(rules_of(base)) == 2


async def test_every_kind_of_rule_can_be_added(registry: ModelRegistry) -> None:
    """Each method adds rules that find what they are for."""  # MOD-102
    things = registry.define("Thing", dict.fromkeys("abcdefgh", "any"), PLAIN)
    things.validates_presence_of("a")
    things.validates_absence_of("b")
    things.validates_length_of("c", max=1)
    things.validates_numericality_of("d")
    things.validates_inclusion_of("e", in_=[1])
    things.validates_exclusion_of("f", {"in": [1]})
    things.validates_format_of("g", with_="^x")
    things.validates_date_of("h")

    async def fail(thing: Any, err: Any) -> None:
        err()

    things.validate_async("i", fail)
    wrong = dict(b=1, c="xx", d="x", e=2, f=1, g="y", h="soon")
    assert await codes(things(wrong)) == {
        "a": ["presence"],
        "b": ["absence"],
        "c": ["length.max"],
        "d": ["numericality.number"],
        "e": ["inclusion"],
        "f": ["exclusion"],
        "g": ["format"],
        "h": ["date"],
        "i": ["custom"],
    }
    again = len(rules_of(things))
    things.validates_presence_of("a")
    assert len(rules_of(things)) == again


async def test_rules_see_the_instance(registry: ModelRegistry) -> None:
    """Functions get instance and options; conditions may name methods and properties."""
    things = registry.define("Thing", {"a": int, "b": int}, PLAIN)
    seen = []

    def look(thing: Any, err: Any, options: Any) -> None:
        seen.append((thing, options))

    things.validate("x", look)
    things.validates_presence_of("a", if_="b")
    things.validates_presence_of("b", unless="is_destroyed")
    thing = things(b=0)
    options = {"locale": "de"}
    assert await codes(thing, options=options) == {}
    assert seen == [(thing, options)]
    assert await codes(things(b=1)) == {"a": ["presence"]}


async def test_an_error_in_a_rule_is_raised(registry: ModelRegistry) -> None:
    """An exception in a rule is never a pass."""
    things = registry.define("Thing", {"a": int}, PLAIN)

    def fail(thing: Any, err: Any) -> None:
        raise LookupError("broken")

    things.validate("a", fail)
    with pytest.raises(LookupError, match="broken"):
        await validate(things())


async def test_the_error_hides_what_is_hidden(registry: ModelRegistry) -> None:
    """The error has codes, messages and the instance, but no secret value."""  # MOD-112, MOD-113
    home = {"door": {"type": "string", "protected": True, "length": 1}}
    properties = {
        "pin": {"type": "string", "length": 2, "hidden": True},
        "name": {"type": "string", "length": 2},
        "home": home,
    }
    thing = registry.define("Thing", properties, PLAIN)(pin="4711", name="Ada", home={"door": "12"})
    report = await validate(thing)
    error = error_of(thing)
    assert isinstance(error, ValidationError)
    assert error.instance is thing
    assert error.details == {
        "context": "Thing",
        "codes": report.codes,
        "messages": report.messages,
    }
    assert set(report.codes) == {"pin", "name", "home.door"}
    assert '"Ada"' in str(error)
    assert "4711" not in str(error)
    assert "12" not in str(error)


async def test_a_report_is_made_anew(registry: ModelRegistry) -> None:
    """Each validation starts from nothing."""
    thing = registry.define("Thing", {"a": {"type": int, "required": True}}, PLAIN)()
    first = await validate(thing)
    thing.a = 1
    second = await validate(thing)
    assert (bool(first), bool(second)) == (True, False)
    assert isinstance(thing.errors, Report)
    assert thing.errors is second


async def test_validating_a_loaded_instance_touches_no_other(registry: ModelRegistry) -> None:
    """The report of one loaded instance is not that of another."""
    things = registry.define("Thing", {"a": {"type": int, "required": True}}, PLAIN)
    one, two = things.load({"a": None}), things.load({"a": None})
    assert await validate(one)
    assert two.errors is None
