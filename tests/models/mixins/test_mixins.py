"""Mixins: named by models, applied once, each registry's own."""

import gc
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import DataSource, Model, prop, tenant
from juggler.errors import DefinitionError, ModelDisposedError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.registry.builder import ModelBuilder


@pytest.fixture
def registry() -> ModelRegistry:
    """An empty registry."""
    return ModelRegistry()


@pytest.fixture
def calls(registry: ModelRegistry) -> list[Any]:
    """What the function mixins `A` and `B` were called with."""
    found: list[Any] = []
    for name in ("A", "B"):
        registry.builder.mixins.define(
            name, lambda model, options, name=name: found.append((name, model.model_name, options))
        )
    return found


class Stamped(Model):
    """A declared model that others have mixed in."""

    code: str = prop(id=True)
    made: str | None = prop(length=5, default="now")
    note: str = "x"

    WHERE = "here"

    def stamp(self) -> str:
        """A method."""
        return f"{self.made}!"

    @classmethod
    def latest(cls) -> str:
        """A method of the class."""
        return f"latest {cls.model_name}"


Stamped.validates_length_of("note", max=3)
Stamped.setter["note"] = lambda each, value: each.set_raw("note", value.strip())
SEEN: list[Any] = []
Stamped.observe("before save", lambda ctx: SEEN.append(ctx.model.model_name))


# functions ------------------------------------------------------------------------------------


# MOD-95
@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"A": True}, [("A", {})]),
        ({"A": {"x": [1]}}, [("A", {"x": [1]})]),
        ({"A": False}, []),
        ({"A": None}, []),
        ({"A": [True, {"x": 1}, False, 5]}, [("A", {}), ("A", {"x": 1})]),
        ({"A": []}, []),
        ({"B": True, "A": True}, [("B", {}), ("A", {})]),
        (["A", {"B": {"y": 1}}], [("A", {}), ("B", {"y": 1})]),
        ({}, []),
        (None, []),
    ],
)
def test_what_the_setting_says(
    registry: ModelRegistry, calls: list[Any], setting: Any, expected: list[Any]
) -> None:
    """True, options, lists of these and False; in the order of the setting."""
    registry.define("Thing", {"x": "number"}, mixins=setting)
    assert calls == [(name, "Thing", options) for name, options in expected]


@given(
    setting=st.dictionaries(
        st.sampled_from(["A", "B"]),
        st.booleans()
        | st.dictionaries(st.sampled_from("xy"), st.integers())
        | st.lists(st.booleans() | st.dictionaries(st.just("x"), st.integers())),
    )
)
def test_as_many_calls_as_uses(setting: dict[str, Any]) -> None:
    """Each True and each mapping is one call with a mapping of the mixin's own."""
    registry, seen = ModelRegistry(), list[Any]()
    for name in ("A", "B"):
        registry.builder.mixins.define(name, lambda _, options: seen.append(options))
    registry.define("Thing", {}, mixins=setting)
    uses = [
        each
        for given in setting.values()
        for each in (given if isinstance(given, list) else [given])
        if each is not False
    ]
    assert seen == [{} if each is True else each for each in uses]
    assert not any(type(each) is not dict for each in seen)


# MOD-96, and what users ask for 16
def test_a_function_runs_at_definition_and_never_again(
    registry: ModelRegistry, calls: list[Any]
) -> None:
    """Whether the model has a data source, gets one later, or never has one."""
    model = registry.define("Thing", {}, mixins={"A": True})
    assert len(calls) == 1
    DataSource("memory", registry=registry).attach(model)
    assert len(calls) == 1

    class Declared(Model, registry=registry, mixins={"A": True, "B": {"x": 1}}):
        """A class with mixins."""

    assert calls[1:] == [("A", "Declared", {}), ("B", "Declared", {"x": 1})]


# MOD-95
def test_functions_find_all_properties_and_add_some(registry: ModelRegistry) -> None:
    """They run when the model is complete, and may change it as any code may."""
    source = DataSource("memory", registry=registry)
    seen: list[Any] = []

    def mixin(model: Any, options: dict[str, Any]) -> None:
        seen.append((list(model.properties), model.data_source is source))
        model.define_property(options["name"], "number")
        model.add_method(lambda self: self.get(options["name"]) + 1, "next")

    registry.builder.mixins.define("Counted", mixin)
    one = source.define("One", {"x": "string"}, mixins={"Counted": {"name": "n"}})
    two = source.define("Two", {"x": "string"}, mixins={"Counted": {"name": "n"}})
    assert seen == [(["id", "x"], True), (["id", "x"], True)]
    assert one(n="4").next() == 5
    assert one.shape is two.shape
    assert source._told == {one.info: 1, two.info: 1}


# MOD-98
def test_functions_run_for_each_child(registry: ModelRegistry, calls: list[Any]) -> None:
    """The setting is inherited, so what a function adds is added to children as well."""
    base = registry.define("Base", {}, mixins={"A": True})
    base.extend("Child")
    registry.define("Other", {}, base="Base", mixins={"B": True, "A": False})
    assert [call[:2] for call in calls] == [("A", "Base"), ("A", "Child"), ("B", "Other")]


# Do better (mixins)
def test_required_mixins_come_first(registry: ModelRegistry) -> None:
    """What a mixin requires is applied before it, once, with its own options if it has some."""
    seen: list[Any] = []
    define = registry.builder.mixins.define
    for name, requires in {"A": (), "B": ["A"], "C": ["B", "A"]}.items():
        define(name, lambda _, o, name=name: seen.append((name, o)), requires=requires)
    registry.define("One", {}, mixins={"C": True})
    assert [name for name, _ in seen] == ["A", "B", "C"]
    seen.clear()
    model = registry.define("Two", {}, mixins={"B": True, "A": {"x": 1}})
    assert seen == [("A", {"x": 1}), ("B", {})]
    seen.clear()
    model.mixin("C")
    model.mixin("C", {"y": 1})
    assert seen == [("C", {}), ("C", {"y": 1})]
    define("A", print, requires="C")
    with pytest.raises(DefinitionError, match="require one another"):
        registry.define("Three", {}, mixins={"C": True})


# models ---------------------------------------------------------------------------------------


# MOD-97, Do better (mixins)
async def test_a_model_that_is_mixed_in(registry: ModelRegistry) -> None:
    """It gives properties that are lacking, rules, hooks, accessors, methods, static members."""
    registry.builder.mixins.define("Stamped", Stamped)
    source = DataSource("memory", registry=registry)
    model = source.define("Thing", {"made": "string"}, mixins={"Stamped": True})
    assert list(model.properties) == ["id", "made", "note"]
    assert model.properties["made"].length is None
    thing = model(made="long enough", note=" y ")
    assert (thing.stamp(), thing.note, model.latest(), model.WHERE) == (
        "long enough!", "y", "latest Thing", "here",
    )  # fmt: skip
    assert not isinstance(thing, Stamped)
    SEEN.clear()
    async with source:
        await thing.save()
        assert SEEN == ["Thing"]
        with pytest.raises(ValidationError, match="too long"):
            await model.create(note="much too long")

    class Declared(Model, data_source=source, mixins={"Stamped": True}):
        """A class that has it mixed in."""

        size: int = 0

        def stamp(self) -> str:
            """Win over the mixin's."""
            return "own"

    mine: Any = Declared(note=" z ")
    assert (mine.stamp(), mine.note, mine.made) == ("own", "z", "now")
    assert Declared.latest() == "latest Declared"  # type: ignore[attr-defined]  # mixed in


# MOD-97
@pytest.mark.parametrize(
    ("options", "stamp", "latest"),
    [
        ({}, "old", "old"),
        ({"override": True}, "now!", "latest Thing"),
        ({"override": True, "static_properties": False}, "now!", "old"),
        ({"override": True, "staticProperties": False}, "now!", "old"),
        ({"override": True, "instanceProperties": False}, "old", "latest Thing"),
    ],
)
def test_existing_members_win_unless_told(
    registry: ModelRegistry, options: dict[str, Any], stamp: str, latest: str
) -> None:
    """`override` and the kinds of members that are wanted."""
    model = registry.define("Thing", {"x": "number"})
    model.add_method(lambda _: "old", "stamp")
    model.add_static(lambda _: "old", "latest")
    model.mixin(Stamped, options)
    assert (model().stamp(), model.latest()) == (stamp, latest)
    assert list(model.properties) == ["id", "x", "made", "note"]


# MOD-97
def test_the_same_model_is_mixed_in_once(registry: ModelRegistry) -> None:
    """Hooks and rules are not there twice, also where a base has them."""
    model = registry.define("Thing", {})
    child = model.extend("Child")
    model.mixin(Stamped)
    model.mixin(Stamped, True)
    registry.builder.mixins.define("Stamped", Stamped)
    child.mixin("Stamped")
    late = registry.define("Late", {}, base="Thing", mixins={"Stamped": True})
    for each in (model, child, late):
        assert len(each.observers_of("before save")) == 1
        assert len(each.validations["note"]) == 1
    assert "note" in child.properties


# MOD-96
def test_a_model_of_that_name_will_do(registry: ModelRegistry) -> None:
    """A name that is no mixin means the model that is called so, for whoever defines."""
    registry.define("Named", {"a": "string"})
    source = DataSource("memory", registry=registry)
    source.define("Named", {"b": "string"})
    assert "b" in source.define("One", {}, mixins={"Named": True}).properties
    assert "a" in registry.define("Two", {}, mixins={"Named": True}).properties
    with tenant("acme"):
        registry.define("Named", {"c": "string"})
        mine = registry.define("Three", {}, mixins={"Named": True})
        assert "c" in mine.properties
    with pytest.raises(DefinitionError, match="belongs to a tenant"):
        registry.define("Four", {}).mixin(registry.tenant("acme").models["Named"])
    with pytest.raises(DefinitionError, match="belongs to a tenant"):
        registry.builder.mixins.define("X", registry.tenant("acme").models["Named"])


# Mixins that add properties go through the normal way
def test_shapes_stay_shared(registry: ModelRegistry) -> None:
    """Models with the same mixins stand on one shape, for all tenants, however they are defined."""
    registry.builder.mixins.define("Stamped", Stamped)
    shapes = set()
    for code in ("a", "b"):
        with tenant(code):
            made = registry.define("T", {"x": "number"}, mixins={"Stamped": True})
            shapes.add(id(made.shape))
    parsed = registry.parse("T", {"x": "number"}, mixins={"Stamped": True})
    one, two = (registry.define("T", parsed, tenant=code) for code in ("c", "d"))
    shapes |= {id(one.shape), id(two.shape)}
    assert len(shapes) == 1
    assert one._blueprint is two._blueprint
    assert one().stamp() == "now!"


# what is refused ------------------------------------------------------------------------------


async def _slow(model: Any, options: Any) -> None:
    """Never run."""


@pytest.mark.parametrize("mixin", [None, 5, "text", [], int, _slow])
def test_what_is_no_mixin(registry: ModelRegistry, mixin: Any) -> None:
    """A function that is not async or a model; anything else is an error."""  # MOD-94
    with pytest.raises(DefinitionError):
        registry.builder.mixins.define("X", mixin)
    assert "X" not in registry.builder.mixins
    with pytest.raises(DefinitionError):
        registry.builder.mixins.define("", print)


@pytest.mark.parametrize("setting", [{"A": 5}, {"A": "yes"}, [5]])
def test_settings_that_are_not_understood(
    registry: ModelRegistry, calls: list[Any], setting: Any
) -> None:
    """Nothing is defined and nothing is called."""
    with pytest.raises(DefinitionError):
        registry.define("Thing", {}, mixins=setting)
    assert (calls, dict(registry.global_models)) == ([], {})


# MOD-96
def test_unknown_names(registry: ModelRegistry) -> None:
    """The error names model and mixin; what was defined before stays."""
    model = registry.define("Thing", {})
    for attempt in (
        lambda: registry.define("Thing", {}, mixins={"Nope": True}),
        lambda: model.mixin("Nope"),
        lambda: type(Model)("Thing", (Model,), {"__module__": __name__}, mixins={"Nope": True}),
    ):
        with pytest.raises(DefinitionError, match="Thing: there is no mixin 'Nope'"):
            attempt()
    assert registry.global_models["Thing"] is model
    assert not model.is_disposed
    with pytest.raises(DefinitionError, match="mapping"):
        model.mixin(Stamped, 5)


def test_a_mixin_that_fails(registry: ModelRegistry) -> None:
    """A model whose mixin raises, or waits, is not there."""

    def hidden_wait(model: Any, options: Any) -> Any:
        return _slow(model, options)

    registry.builder.mixins.define("Bad", lambda _, options: options["missing"])
    registry.builder.mixins.define("Slow", hidden_wait)
    with pytest.raises(KeyError):
        registry.define("Thing", {}, mixins={"Bad": True})
    with pytest.raises(DefinitionError, match="async"):
        registry.define("Thing", {}, mixins={"Slow": True})
    assert dict(registry.global_models) == {}
    gone = registry.define("Gone", {"x": "number"})
    registry.remove(gone)
    with pytest.raises(ModelDisposedError):
        gone.mixin(Stamped)
    with pytest.raises(ModelDisposedError):
        registry.define("Thing", {}).mixin(gone)


# whose they are -------------------------------------------------------------------------------


# MOD-94
def test_tables_are_those_of_their_registry(registry: ModelRegistry, calls: list[Any]) -> None:
    """Another registry has none of them; a builder's own ones cover those of its registry."""
    other = ModelRegistry()
    assert "A" not in other.builder.mixins
    with pytest.raises(DefinitionError):
        other.define("Thing", {}, mixins={"A": True})
    own = ModelBuilder(registry)
    mine: list[Any] = []
    own.mixins.define("A", lambda model, _: mine.append(model.model_name))
    own.define("Thing", {}, {"mixins": {"A": True, "B": True}})
    assert (mine, [call[0] for call in calls]) == (["Thing"], ["B"])
    registry.builder.mixins.define("A", lambda *_: calls.append("new"))
    registry.define("Thing", {}, mixins={"A": True})
    assert calls[-1] == "new"
    own.mixins.remove("A")
    own.mixins.remove("A")
    own.define("Thing", {}, {"mixins": {"A": True}})
    assert calls[-2:] == ["new", "new"]
    assert list(own.mixins) == ["A", "B"]


# MOD-94
def test_applying_by_the_table(registry: ModelRegistry, calls: list[Any]) -> None:
    """`apply_mixin` does what `Model.mixin` does."""
    model = registry.define("Thing", {})
    registry.builder.mixins.apply_mixin(model, "A", {"x": 1})
    assert calls == [("A", "Thing", {"x": 1})]


def test_nothing_is_left_of_what_was_mixed_in(registry: ModelRegistry) -> None:
    """A tenant's models go at once, with the hooks that mixins put on them."""
    registry.builder.mixins.define("Stamped", Stamped)
    registry.builder.mixins.define(
        "Hooked", lambda model, _: model.observe("before save", lambda _: model)
    )
    with tenant("acme"):
        model = registry.define("Thing", {}, mixins={"Stamped": True, "Hooked": True})
    gone = weakref.ref(model)
    gc.disable()
    try:
        del model
        registry.cleanup_tenant("acme")
        assert gone() is None
    finally:
        gc.enable()
