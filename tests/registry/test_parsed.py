"""Definitions that were read before: parsed ones, and raw ones that are known."""

import enum
import gc
import weakref
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.context import tenant
from juggler.definition.fingerprint import same
from juggler.definition.frozen import thawed
from juggler.errors import DefinitionError, ModelDisposedError
from juggler.registry.builder import PLAIN, ModelBuilder, ParsedDefinition, Traits
from juggler.registry.rawkey import MAX_KEPT, KnownDefinitions, raw_key
from juggler.registry.registry import ModelRegistry
from juggler.types.geo import GeoPoint
from tests.definition.helpers import nested
from tests.definition.test_fingerprint import DIFFERENT, STRUCTURES
from tests.registry.helpers import Store, check

TICKET: dict[str, Any] = {"title": {"type": str, "required": True}, "where": {"lat": float}}


class Text(enum.StrEnum):
    """A text with a name."""

    STRING = "string"


class Money:
    """A class of an application."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Relational:
    """A router whose stores are relational."""

    traits = Traits(relational=True, id_type="string")

    def route(self, code: str, model: Any) -> Any:
        """Refuse."""
        raise AssertionError


# parsed -----------------------------------------------------------------------------------


def test_parsed_once_defined_often(registry: ModelRegistry, store: Store) -> None:
    """A parsed definition can be defined for any owner and under any name."""
    # REG-31
    parsed = registry.parse("Ticket", TICKET, {"hidden": ["title"]}, plural="tickets")
    models = [registry.define("Ticket", parsed, tenant=f"t{at}") for at in range(3)]
    models += [
        registry.define("Other", parsed),
        registry.builder.make("A", parsed, None, store.models),
    ]
    direct = registry.define("Direct", TICKET, hidden=["title"], plural="tickets")
    assert {model._blueprint for model in models} == {direct._blueprint}
    assert models[0].settings["plural"] == "tickets"
    assert len({id(model.nested["where"]) for model in models}) == 5, "one for each owner"
    assert [item.name for item in parsed.properties] == ["title", "where"]
    check(registry)


def test_parsed_definitions_are_frozen(registry: ModelRegistry) -> None:
    """Nothing of a parsed definition can be changed, and it keeps nobody's objects."""
    # REG-29, REG-32
    settings: dict[str, Any] = {"acls": [1]}
    parsed = registry.parse("A", TICKET, settings)
    settings["acls"].append(2)
    assert parsed.settings["acls"] == (1,)
    for name in ("properties", "settings", "base", "other"):
        with pytest.raises(AttributeError):
            setattr(parsed, name, None)
    with pytest.raises(TypeError):
        parsed.settings["a"] = 1  # type: ignore[index]  # that is the test


def test_parsed_for_other_stores(registry: ModelRegistry) -> None:
    """One parsed definition serves stores with different ids and strictness."""
    # REG-31
    parsed = registry.parse("A", {"x": int})
    plain = registry.define("A", parsed)
    registry.router = Relational()
    other = registry.define("A", parsed, tenant="acme")
    assert (plain.shape.strict, other.shape.strict) == (False, True)
    assert (plain.properties["id"].type.name, other.properties["id"].type.name) == (
        "number",
        "string",
    )
    assert set(parsed.blueprints) == {PLAIN, Traits(True, "string")}
    elsewhere = ModelRegistry().define("A", parsed)
    assert elsewhere.properties.keys() == plain.properties.keys()


def test_parsed_definitions_take_no_more(registry: ModelRegistry) -> None:
    """Settings and base belong to the parsing; giving them again is refused."""
    parsed = registry.parse("A", TICKET)
    for more in ({"settings": {"strict": True}}, {"strict": True}, {"base": "Model"}):
        with pytest.raises(DefinitionError, match="parse another"):
            registry.define("A", parsed, **more)
    registry.define("A", parsed, {})


def test_parsed_for_one_tenant(registry: ModelRegistry) -> None:
    """What refers to a tenant's models can be defined for that tenant alone, while they live."""
    # REG-12, REG-32
    glob = registry.define("Global", {"x": int})
    with tenant("acme"):
        own = registry.define("Own", {"x": int})
        bound = [registry.parse("A", {"a": "Own"}), registry.parse("A", {}, base=own)]
        free = registry.parse("A", {"a": "Global", "b": [glob]})
        for each in (*bound, free):
            registry.define("A", each)
    for each in bound:
        for code in ("bolt", None):
            with pytest.raises(DefinitionError, match="belongs to a tenant"):
                registry.define("A", each, tenant=code)
    registry.define("A", free, tenant="bolt")
    registry.define("A", free)
    assert free.models == (glob, glob)
    registry.cleanup_tenant("acme")
    for each in bound:
        with pytest.raises(ModelDisposedError):
            registry.define("A", each, tenant="acme")
    assert registry.tenant("acme", create=False) is None
    check(registry)


def test_parsed_definitions_name_what_is_wrong(registry: ModelRegistry) -> None:
    """Parsing raises what defining would."""
    for properties, settings in (({"a": "x"}, None), (5, None), (None, 5), (None, {"strict": 1})):
        with pytest.raises(DefinitionError, match="Ticket"):
            registry.parse("Ticket", properties, settings)  # type: ignore[arg-type]  # that is the test
    for name in ("", None, 5, "string", "\ud800"):
        with pytest.raises(DefinitionError):
            registry.parse(name)  # type: ignore[arg-type]
        with pytest.raises(DefinitionError):
            registry.define(name, registry.parse("A"))  # type: ignore[arg-type]


# raw --------------------------------------------------------------------------------------


def plain(value: Any) -> bool:
    """Tell whether a raw definition with *value* may have a key, by a plain rule."""
    if type(value) is dict:
        return all(type(key) is str and plain(item) for key, item in value.items())
    if type(value) is list:
        return all(map(plain, value))
    return type(value) in {str, int, float, bool, bytes, type(None)} or value in (
        str, int, float, bool, bytes, list, dict, object, Decimal, datetime, date, GeoPoint,
    )  # fmt: skip


def circular() -> Any:
    """Return a value that contains itself."""
    loop: dict[str, Any] = {}
    loop["a"] = [loop]
    return loop


def test_keys_tell_all_values_apart() -> None:
    """No two values of different kind have one key; those that keys cannot tell have none."""
    keys: dict[bytes, Any] = {}
    for value in DIFFERENT:
        key = raw_key((), {"a": {"type": "any", "default": value}}, None)
        assert key not in keys
        if key is not None:
            assert plain(value)
            keys[key] = value
    assert len(keys) > 30
    for value in (
        Text.STRING,
        Decimal(1),
        datetime.now(UTC),
        (1,),
        {1},
        Money,
        Money(1),
        len,
        b"".join,
    ):
        for place in ({"a": value}, {"a": {"type": value}}, {"a": [value]}, {"a": {"b": [value]}}):
            assert raw_key((), place, None) is None
            assert raw_key((), {}, place) is None
    assert raw_key((), {Text.STRING: str}, None) is None
    assert raw_key((), OrderedDict(a=str), None) is None
    for deep in (nested(1_000, 1), nested(1_000, 1, "a"), circular()):
        assert raw_key((), {"a": deep}, None) is None
    assert raw_key((), {"a": "x" * 5_000}, None) is None


@given(STRUCTURES, STRUCTURES)
def test_keys_of_structures(one: Any, other: Any) -> None:
    """Two raw definitions have one key only if they are equal and have one fingerprint."""
    keys = [raw_key((), each, None) for each in (one, other)]
    if keys[0] is not None and keys[0] == keys[1]:
        assert one == other
        assert list(one) == list(other)


@given(STRUCTURES, st.permutations(range(4)))
def test_known_definitions_give_what_reading_gives(structure: Any, order: list[int]) -> None:
    """A definition that is known gives the shape that reading it anew would give."""
    # REG-31
    registry, fresh = ModelRegistry(), ModelRegistry()
    structure = {f"p {name}": kind for name, kind in structure.items()}
    kept = [registry.define(f"A{at}", structure) for at in order]
    anew = fresh.define("A", registry.normalize_properties(structure))
    assert {model.shape.fingerprint for model in kept} == {anew.shape.fingerprint}
    assert len({id(model._blueprint) for model in kept}) == 1


def test_kinds_of_values_are_never_confused(registry: ModelRegistry) -> None:
    """Definitions that differ in the kind of one value never share a model's structure."""
    # REG-25, fault 2
    for at, value in enumerate(DIFFERENT):
        if isinstance(value, type):
            continue
        definition = {"a": {"type": "any", "doc": value}}
        for turn in range(2):
            model = registry.define(f"M{at}_{turn}", definition)
            kept = thawed(model.properties["a"].options["doc"], copies=False)
            assert same(kept, value)
    shapes = {
        registry.find_model_by_name(f"M{at}_1").shape
        for at, value in enumerate(DIFFERENT)
        if not isinstance(value, type)
    }
    assert len(shapes) == sum(not isinstance(value, type) for value in DIFFERENT)


def test_known_definitions_keep_nothing_alive(registry: ModelRegistry) -> None:
    """When the last model of a known definition goes, so do its shape, its class and its key."""
    # REG-30, REG-48
    shape = weakref.ref(registry.define("A", {"x": str}, tenant="acme").shape)
    assert len(registry.builder._known) == 1
    registry.cleanup_tenant("acme")
    gc.collect()
    assert shape() is None
    assert len(registry.builder._known) == 0


def test_known_definitions_are_bounded(registry: ModelRegistry) -> None:
    """However many spellings there are, the number of keys is bounded."""
    kept = registry.define("A", {"x": str})._blueprint
    known = KnownDefinitions()
    for at in range(3 * MAX_KEPT):
        known.keep(at.to_bytes(2, "big"), kept)
        assert len(known) <= MAX_KEPT
    known.keep(None, kept)
    assert known.get(None) is None


def test_names_that_mean_something_else_later(registry: ModelRegistry) -> None:
    """Definitions that name models or registered types mean what these are now."""
    # MOD-03
    one = registry.define("Place", {"x": int})
    assert registry.define("A", {"p": "Place"}).nested["p"] is one
    two = registry.define("Place", {"y": int})
    assert registry.define("A", {"p": "Place"}).nested["p"] is two
    with tenant("acme"):
        three = registry.define("Place", {"z": int})
        assert registry.define("A", {"p": "Place"}).nested["p"] is three
    with tenant("bolt"):
        assert registry.define("A", {"p": "Place"}).nested["p"] is two
    registry.define("B", {"m": "string"})
    registry.builder.define_value_type(Money, ("coin",))
    assert isinstance(registry.define("B", {"m": "coin"})(m=1).m, Money)

    class Coin(Money):
        """Another class."""

    registry.builder.define_value_type(Coin, ("coin",))
    assert isinstance(registry.define("B", {"m": "coin"})(m=1).m, Coin)
    registry.define("S", {"m": str})
    registry.builder.define_value_type(str)
    assert registry.define("S", {"m": str}).properties["m"].type.name == "class"


def test_what_a_definition_depends_on(registry: ModelRegistry, store: Store) -> None:
    """One raw dict means different things to other stores, bases, builders and settings."""
    # REG-31, REG-13
    raw = {"where": {"lat": float}}
    strict = ModelBuilder(registry, {"strict_embedded_models": True})
    base = registry.define("Base", {"x": int})
    other = registry.define("Base2", {"y": int})
    builder = registry.builder
    for _ in range(2):
        models = [
            registry.define("A", raw), strict.define("B", raw),
            registry.define("C", raw, base=base),
            registry.define("D", raw, base=other), registry.define("E", raw, strict=True),
            registry.define("F", raw, {"strict": "filter"}),
            registry.define("G", raw, hidden=["where"]),
            builder.make("H", raw, None, store.models, traits=Traits(id_type="string")),
            builder.make("I", raw, None, store.models, traits=Traits(relational=True)),
            registry.define("J", raw, {"base": "Base"}),
            registry.define("K", raw, {"super": "Base2"}),
            registry.define("L", raw, {"Base": "Base"}),
            registry.define("M", raw, id_injection=False),
        ]  # fmt: skip
        a, b, c, d, e, f, g, h, i, j, k, last, m = models
        assert (b.nested["where"].shape.strict, a.nested["where"].shape.strict) == (True, False)
        assert ("x" in c.properties, "y" in c.properties, c.base) == (True, False, base)
        assert ("x" in d.properties, "y" in d.properties, d.base) == (False, True, other)
        assert (e.shape.strict, f.shape.strict, g.definition.hidden) == (True, "filter", {"where"})
        assert (h.properties["id"].type.name, i.shape.strict) == ("string", True)
        assert (j.base, k.base, last.base) == (base, other, base)
        assert "id" not in m.properties
        assert len({model._blueprint for model in models}) == 10


@pytest.mark.parametrize("root", ["Model", "PersistedModel", "KeyValueModel", "TransientModel"])
def test_the_roots_of_loopback(registry: ModelRegistry, root: str) -> None:
    """The root models of LoopBack's files are no base, unless somebody defines one."""
    # MOD-57
    assert registry.define("A", {"x": int}, {"base": root}).base is None
    assert registry.define("A", {"x": int}, {"base": root}, tenant="acme").base is None
    assert len(registry.builder._known) == 1
    mine = registry.define(root, {"y": int})
    assert registry.define("A", {"x": int}, {"base": root}).base is mine
    assert isinstance(registry.parse("A", {}, base=root), ParsedDefinition)
