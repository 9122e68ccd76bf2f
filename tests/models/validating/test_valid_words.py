"""What validation says: in which language, in whose words, and what it never shows."""

from typing import Any

import pytest

from juggler import UNSET, DataSource, tenant
from juggler.errors import DefinitionError, InvalidQueryError, JugglerError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.messages.catalogue import SHIPPED
from juggler.models.validating.validate import error_of, validate

PLAIN = {"id_injection": False}
NEED = {"type": "string", "required": True}


# MOD-117
async def test_texts_are_in_the_language_of_the_call(registry: ModelRegistry) -> None:
    """`options["locale"]` chooses the language, of embedded values too; codes never change."""
    home = {"zip": {"type": "string", "length": 2}}
    things = registry.define(
        "Thing", {"a": NEED, "n": "number", "home": home}, {"strict": True, **PLAIN}
    )
    found = {}
    for locale in SHIPPED:
        thing = things(n="x", home={"zip": "123"}, more=1)
        report = await validate(thing, {"locale": locale})
        found[locale] = report.messages
        assert report.codes == {
            "more": ["unknown-property"],
            "n": ["type.number"],
            "a": ["presence"],
            "home.zip": ["length.max"],
        }
    assert found["de"] == {
        "more": ["ist im Modell nicht definiert"],
        "n": ["ist keine Zahl"],
        "a": ["darf nicht leer sein"],
        "home.zip": ["ist zu lang"],
    }
    assert len({str(texts) for texts in found.values()}) == len(SHIPPED)


# MOD-117, MOD-112
async def test_the_error_is_in_the_language_of_the_call() -> None:
    """An operation's error speaks the language of its options; details hold the same codes."""
    things = DataSource("memory", registry=ModelRegistry()).define("Thing", {"a": NEED})
    with pytest.raises(ValidationError) as caught:
        await things.create({}, options={"locale": "de-AT"})
    error = caught.value
    assert str(error) == (
        "Die Instanz von `Thing` ist ungültig. Einzelheiten: "
        "`a` darf nicht leer sein (Wert: undefined)."
    )
    assert error.details["codes"] == {"a": ["presence"]}
    assert error.details["messages"] == {"a": ["darf nicht leer sein"]}
    assert error.code == "VALIDATION_ERROR"
    with pytest.raises(ValidationError, match="can't be blank"):
        await things.create({})


# MOD-117
async def test_a_registry_has_a_language(registry: ModelRegistry) -> None:
    """`registry.messages.set_locale` counts for all models of the registry, tenants' too."""
    registry.messages.set_locale("fr")
    with tenant("acme"):
        things = registry.define("Thing", {"a": NEED}, PLAIN)
    for model in (things, registry.define("Thing", {"a": NEED}, PLAIN)):
        thing = model()
        assert (await validate(thing))["a"] == ["doit être rempli"]
        assert str(error_of(thing)).startswith("L'instance de `Thing` n'est pas valide.")
        assert (await validate(thing, {"locale": "es"}))["a"] == ["no puede estar en blanco"]
    other = ModelRegistry().define("Thing", {"a": NEED}, PLAIN)()
    assert (await validate(other))["a"] == ["can't be blank"]
    assert registry.messages is registry.messages


# MOD-117
@pytest.mark.parametrize("locale", [None, "", 5, ["de"], "../de", "x" * 5000, "_" * 5000])
async def test_a_language_that_is_none_is_english(registry: ModelRegistry, locale: Any) -> None:
    """Whatever a client gives as language, validation says what is wrong."""
    thing = registry.define("Thing", {"a": NEED}, PLAIN)()
    assert (await validate(thing, {"locale": locale}))["a"] == ["can't be blank"]


# MOD-117
async def test_strict_throw_speaks_the_registrys_language(registry: ModelRegistry) -> None:
    """What is refused at construction is told in the language of the registry."""
    # MOD-116: strict `throw` notice
    registry.messages.set_locale("de")
    things = registry.define("Thing", {"a": "string"}, {"strict": "throw", **PLAIN})
    with pytest.raises(ValidationError, match="`b` ist im Modell nicht definiert"):
        things(b=1)


# MOD-117
async def test_the_applications_words_count(registry: ModelRegistry) -> None:
    """Words of the application stand in the place of ours, for a model and a field where asked."""
    say = registry.messages.override
    say("presence", "{field} wird gebraucht", locale="de")
    say("length.max", "{field} darf {max} Zeichen haben, nicht {value}", model="Thing", field="b")
    say("instance.invalid", "{model}: {details}")
    say("taken", "is taken by another")
    things = registry.define("Thing", {"a": NEED, "b": {"type": "string", "length": 2}}, PLAIN)
    things.validate("c", lambda _, err: err(), code="taken")
    thing = things(b="xyz")
    report = await validate(thing, {"locale": "de"})
    assert report.messages == {
        "a": ["a wird gebraucht"],
        "b": ['b darf 2 Zeichen haben, nicht "xyz"'],
        "c": ["is taken by another"],
    }
    assert str(error_of(thing)).startswith("Thing: `a` a wird gebraucht (Wert: undefined); ")


# MOD-104, MOD-117
async def test_a_rules_own_words_come_first(registry: ModelRegistry) -> None:
    """A message of the rule itself wins over all others, and has placeholders too."""
    registry.messages.override("length.min", "never", model="Thing", field="a")
    things = registry.define("Thing", {"a": "any"}, PLAIN)
    things.validates_length_of("a", min=3, message={"min": "{field}: {min} at least, not {value}"})
    things.validates_inclusion_of("a", in_=["x", "y"], message="one of {in}; {this} stays")
    report = await validate(things(a="b"), {"locale": "de"})
    assert report["a"] == ['a: 3 at least, not "b"', "one of x, y; {this} stays"]


# Do better (validation): texts never contain hidden, protected or sensitive values
async def test_secret_values_are_in_no_text(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the error nor a text with `{value}` shows them, at any depth."""
    # MOD-113, MOD-117
    monkeypatch.setattr(ValidationError, "max_property_string_length", 1000)
    registry.messages.override("length.max", "{field} is too long: {value}")
    short = {"type": "string", "length": 1}
    inner = {
        "open": short,
        "hidden": {**short, "hidden": True},
        "protected": {**short, "protected": True},
        "sensitive": {**short, "sensitive": True},
    }
    things = registry.define("Thing", {**inner, "home": inner, "homes": [inner]}, PLAIN)
    things.validate("home", lambda _, err: err())
    things.validate("homes", lambda _, err: err())
    things.validate("homes.0", lambda _, err: err())
    secret = {name: f"s3cret {name}" for name in ("hidden", "protected", "sensitive")}
    data = {**secret, "open": "shown"}
    thing = things(data, home=data, homes=[data])
    report = await validate(thing)
    text = f"{error_of(thing)} {report.messages}"
    assert len(report) == 4 * 3 + 3
    assert "s3cret" not in text
    assert text.count('"shown"') >= 6
    assert report["sensitive"] == ["sensitive is too long: undefined"]


# MOD-113
async def test_open_objects_are_shown(registry: ModelRegistry) -> None:
    """Of an embedded object the texts show its own values, of a path the value there."""
    things = registry.define("Thing", {"home": {"zip": "string"}, "list": ["number"]}, PLAIN)
    things.validates_absence_of("home", "home.zip", "list", "list.1", "list.9", "none.a")
    thing = things(home={"zip": "1"}, list=[1, 2])
    await validate(thing)
    assert str(error_of(thing)) == (
        "The `Thing` instance is not valid. Details: "
        "`home` can't be set (value: { zip: '1' }); "
        '`home.zip` can\'t be set (value: "1"); '
        "`list` can't be set (value: [ 1, 2 ]); "
        "`list.1` can't be set (value: 2)."
    )


# MOD-116, MOD-117
async def test_other_errors_of_a_call_are_in_its_language() -> None:
    """What an operation refuses is told in the language of its options; the code stays."""
    things = DataSource("memory", registry=ModelRegistry()).define(
        "Thing", {"a": {"type": "string", "hidden": True}}
    )
    options = {"locale": "de", "prohibit_hidden_properties_in_query": True}
    with pytest.raises(InvalidQueryError, match="darf in einer Abfrage nicht") as caught:
        await things.find({"where": {"a": "x"}}, options)
    assert caught.value.code == "PROPERTY_NOT_QUERYABLE"
    with pytest.raises(InvalidQueryError, match="cannot be used in a query"):
        await things.find({"where": {"a": "x"}}, {**options, "locale": None})
    one = await things.create(a="x")
    with pytest.raises(ValueError, match="kann nicht von 1 in 2 geändert werden"):
        await one.update_attributes({"id": 2}, {"locale": "de"})


# MOD-116
@pytest.mark.parametrize(
    ("key", "properties", "settings"),
    [
        ("model.base-not-found", {}, {"base": "Ghost"}),
        ("property.no-type", {"a": "no type!"}, {}),
        ("property.dotted", {"a.b": "string"}, {}),
        ("property.reserved", {"save": "string"}, {}),
        ("property.default-function", {"a": {"type": "string", "default_fn": "nope"}}, {}),
    ],
)
def test_definitions_say_their_key(
    registry: ModelRegistry, key: str, properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    """What a definition is refused for has a key, so that it can be said in every language."""
    with pytest.raises(DefinitionError) as caught:
        registry.define("Thing", properties, settings)
    error = caught.value
    assert error.told is not None
    assert error.told.key == key
    texts = {registry.messages.text_of(error, locale) for locale in SHIPPED}
    assert len(texts) == len(SHIPPED)
    assert not any("{" in text for text in texts)


def circular() -> dict[str, Any]:
    """Return a condition that leads back to itself."""
    where: dict[str, Any] = {}
    where["and"] = [where]
    return where


def deep() -> dict[str, Any]:
    """Return a condition that is nested too deeply."""
    where: dict[str, Any] = {"a": 1}
    for _ in range(60):
        where = {"and": [where]}
    return where


# MOD-116: every kind of message of the model area
@pytest.mark.parametrize(
    ("key", "work"),
    [
        ("value.items", lambda m: m.create(tags=5)),
        ("value.list-json", lambda m: m.create(tags="x")),
        ("value.date", lambda m: m.create(day="x")),
        ("property.dotted-dynamic", lambda m: m.create({"x.y": 1})),
        ("query.undefined", lambda m: m.find(where={"a": UNSET})),
        ("query.circular", lambda m: m.find(where=circular())),
        ("query.too-deep", lambda m: m.find(where=deep())),
        ("query.regexp", lambda m: m.find(where={"a": {"regexp": "("}})),
        ("query.regexp-flags", lambda m: m.find(where={"a": {"regexp": "/a/x"}})),
        ("id.not-for-many", lambda m: m.update_all({}, {"id": 5})),
    ],
)
async def test_operations_say_their_key(key: str, work: Any) -> None:
    """What an operation is refused for has a key, so that it can be said in every language."""
    registry = ModelRegistry()
    things = DataSource("memory", registry=registry).define(
        "Thing", {"a": "string", "tags": ["string"], "day": "datestring"}
    )
    with pytest.raises(JugglerError) as caught:
        await work(things)
    told = caught.value.told
    assert told is not None
    assert told.key == key
    assert str(caught.value) == told == registry.messages.text_of(caught.value)
    texts = {registry.messages.text_of(caught.value, locale) for locale in SHIPPED}
    assert len(texts) == len(SHIPPED)


# MOD-116
def test_other_definitions_say_their_key(
    registry: ModelRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing name, a model that is not defined, and the notice of a relational store too."""
    with pytest.raises(DefinitionError) as caught:
        registry.define("", {})
    assert caught.value.told.key == "model.name-required"
    registry.messages.set_locale("de")
    source = DataSource("db", connector="sqlite", url="sqlite:///:memory:", registry=registry)
    source.define("Open", {"a": "string"}, strict=False)
    assert "Open ist strikt: Ein relationaler Speicher" in caplog.text
    owner = source.define("Owner", {"pet": "Pet"})
    with pytest.raises(DefinitionError) as caught:
        owner(pet={})
    assert caught.value.told.key == "model.not-defined"
