"""Settings of models: spelling, strictness, ids, hidden names, plurals and paths."""

from typing import Any

import pytest

from juggler.definition.model import Definition, force_id, http_path, plural_of, with_id
from juggler.definition.names import SETTINGS, normalise_keys, snake
from juggler.definition.property import Property
from juggler.definition.settings import frozen_settings, name_set, parse_settings
from juggler.definition.shape import STRICT_MODES, Shape
from juggler.errors import DefinitionError
from juggler.types.number import NUMBER
from juggler.types.scalar import STRING
from tests.definition.helpers import nested, parser


def shape(given: dict[str, Any], strict: Any = False) -> Shape:
    """Return the shape of some properties."""
    return Shape("0" * 32, parser().parse(given), strict=strict)


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("idInjection", "id_injection"), ("validateUpsert", "validate_upsert"),
        ("forceId", "force_id"),
        ("persistUndefinedAsNull", "persist_undefined_as_null"), ("strict", "strict"),
        ("excludeBaseProperties", "exclude_base_properties"),
        ("strictEmbeddedModels", "strict_embedded_models"), ("base", "base"),
    ],
)  # fmt: skip
def test_both_spellings(spelled: str, name: str) -> None:
    """Settings are known in camelCase and in snake_case."""
    # MOD-01
    assert parse_settings({spelled: False}, "A") == {name: False}
    assert parse_settings({name: False}, "A") == {name: False}
    assert parse_settings({name: False, spelled: False}, "A") == {name: False}
    if name != spelled:
        with pytest.raises(DefinitionError, match="two spellings"):
            parse_settings({name: False, spelled: True}, "A")


def test_unknown_settings_are_kept() -> None:
    """What the layer does not know keeps its spelling and its value."""
    # MOD-01
    given = {"myApp": {"someThing": 1}, "postgresql": {"tableName": "T"}, "HTTP2": True, "": 1}
    assert parse_settings(given, "A") == given
    assert snake("idInjection2Be") == "id_injection2_be"
    assert normalise_keys({"idInjection": 1, "other": 2}, SETTINGS, "A") == {
        "id_injection": 1,
        "other": 2,
    }


@pytest.mark.parametrize("settings", [5, "strict", [("strict", True)], True])
def test_settings_are_a_mapping(settings: Any) -> None:
    """Settings that are no mapping are a typed error."""
    with pytest.raises(DefinitionError, match="Ticket: settings are a mapping"):
        parse_settings(settings, "Ticket")
    assert parse_settings(None, "Ticket") == {}


@pytest.mark.parametrize("strict", [1, 0, "yes", "", [], {}, 1.0, "True", object()])
def test_strict_modes(strict: Any) -> None:
    """Strictness is one of the known modes, not something that is equal to one."""
    with pytest.raises(DefinitionError, match="Ticket: strict is"):
        parse_settings({"strict": strict}, "Ticket")
    for mode in (*STRICT_MODES, None):
        assert parse_settings({"strict": mode}, "Ticket")["strict"] is mode


def test_super_is_base() -> None:
    """`super` is another word for `base`."""
    assert parse_settings({"super": "A"}, "B") == {"base": "A"}


def test_a_default_id() -> None:
    """Without an id of its own a model gets a generated number, unless it wants none."""
    # MOD-34
    plain = parser().parse({"name": str})
    assert [item.name for item in with_id(plain, {}, NUMBER)] == ["id", "name"]
    assert with_id(plain, {"id_injection": False}, NUMBER) == plain
    own = parser().parse({"key": {"type": str, "id": True}})
    assert with_id(own, {}, NUMBER) == own
    injected = with_id(parser().parse({"id": str, "name": str}), {}, NUMBER)
    assert [(item.name, item.type, item.id, item.generated) for item in injected[:1]] == [
        ("id", NUMBER, 1, True)
    ]
    assert len(injected) == 2


def test_keys_of_several_properties() -> None:
    """Ids are sorted by position; True is the first; `id` is preferred as the name of the key."""
    # MOD-34
    found = shape({"b": {"type": str, "id": 2}, "x": str, "a": {"type": str, "id": True}})
    assert found.ids == ("a", "b")
    assert found.id_name == "a"
    assert shape({"a": {"type": str, "id": 1}, "id": {"type": str, "id": 2}}).id_name == "id"
    assert shape({"a": str}).ids == ()
    assert shape({"a": str}).id_name is None


@pytest.mark.parametrize(
    ("generated", "setting", "effective"),
    [
        (True, None, "auto"), (True, False, False), (True, True, True), (True, "auto", "auto"),
        (False, None, False), (False, "auto", False), (False, True, True), (False, False, False),
    ],
)  # fmt: skip
def test_force_id(generated: bool, setting: Any, effective: Any) -> None:
    """A generated id cannot be chosen unless that is allowed; an inherited "auto" is no demand."""
    # MOD-35
    found = shape({"id": {"type": "number", "id": True, "generated": generated}})
    assert force_id(found, {} if setting is None else {"force_id": setting}) == effective


@pytest.mark.parametrize(
    ("name", "settings", "plural", "path"),
    [
        ("Category", {}, "Categories", "/Categories"), ("Person", {}, "People", "/People"),
        ("Customer", {"plural": "clients"}, "clients", "/clients"),
        ("A", {"plural": ""}, "As", "/As"),
        ("Customer", {"http": {"path": "c"}}, "Customers", "/c"),
        ("C", {"http": {"path": "//a/b/"}}, "Cs", "/a/b"),
        ("Customer", {"http": {}}, "Customers", "/Customers"),
        ("Customer", {"http": "x"}, "Customers", "/Customers"),
    ],
)  # fmt: skip
def test_plurals_and_paths(name: str, settings: Any, plural: str, path: str) -> None:
    """The plural is given or English; the path is given or the plural, with one leading slash."""
    # MOD-43
    assert plural_of(name, settings) == plural
    assert http_path(name, settings) == path


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, set()), (False, set()), ("a", {"a"}), (["a", "b"], {"a", "b"}), (("a",), {"a"}),
        ({"a": True, "b": False}, {"a"}), ([], set()),
    ],
)  # fmt: skip
def test_lists_of_names(given: Any, names: set[str]) -> None:
    """Names are one text, a list, or a mapping of names to yes and no."""
    assert name_set(given, "A", "hidden") == names


@pytest.mark.parametrize("given", [5, True, [5], [None], [["a"]]])
def test_lists_of_other_things(given: Any) -> None:
    """Other things are a typed error that names the setting."""
    with pytest.raises(DefinitionError, match="A: hidden is a list"):
        name_set(given, "A", "hidden")


def test_hidden_names() -> None:
    """A name is hidden by its property or by a setting; `hidden_properties` wins over `hidden`."""
    found = shape(
        {"a": {"type": str, "hidden": True}, "b": str, "c": {"type": str, "protected": True}}
    )
    definition = Definition(found, {"hidden": ["b"]}, "A")
    assert definition.hidden == {"a", "b"}
    assert definition.protected == {"c"}
    both = parse_settings({"hidden": ["b"], "hiddenProperties": ["c"]}, "A")
    assert both == {"hidden": ["c"]}
    assert Definition(found, both, "A").hidden == {"a", "c"}


def test_definitions_are_frozen() -> None:
    """Nothing of a definition can be changed, at any depth, and nobody's objects are kept."""
    # REG-29, REG-32
    given: dict[str, Any] = {"acls": [{"deny": ["*"]}], "http": {"path": "x"}}
    definition = Definition(shape({"a": str}), given, "A")
    given["acls"][0]["deny"].append("me")
    assert definition.settings["acls"] == ({"deny": ("*",)},)
    for change in (
        lambda: setattr(definition, "settings", {}),
        lambda: delattr(definition, "settings"),
        lambda: definition.settings.update(a=1),  # type: ignore[attr-defined]  # that is the test
        lambda: definition.settings["http"].update(path="y"),
        lambda: definition.settings["acls"].append(1),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()


def test_keys_of_definitions() -> None:
    """The key tells definitions apart by shape, settings and types of values."""
    found = shape({"a": str})
    settings: list[dict[str, Any]] = [
        {},
        {"a": 1},
        {"a": True},
        {"a": 1.0},
        {"a": "1"},
        {"b": 1},
        {"a": [1]},
    ]
    assert len({Definition(found, each, "A").key for each in settings}) == len(settings)
    assert Definition(found, {"a": [1]}, "A").key == Definition(found, {"a": [1]}, "B").key


@pytest.mark.parametrize("key", [None, "a"])
def test_deep_settings(key: str | None) -> None:
    """Settings nested a thousand deep or in themselves are a typed error."""
    with pytest.raises(DefinitionError, match="deeper than 64"):
        frozen_settings({"x": nested(1_000, 1, key)})
    loop: dict[str, Any] = {}
    loop["x"] = loop
    with pytest.raises(DefinitionError, match="itself"):
        frozen_settings(loop)


def test_paths_through_a_shape() -> None:
    """A dotted path leads through embedded structures and lists, with or without positions."""
    found = shape({"a": {"b": [{"c": str}]}, "d": [[{"e": str}]], "f": "object"})
    assert found.resolve(("a", "b", "c")) is STRING
    assert found.resolve(("a", "b", "0", "c")) is STRING
    assert found.resolve(("d", "0", "1", "e")) is STRING
    for path in (("x",), ("a", "x"), ("f", "x"), ("a", "b", "c", "d"), ("a", "b", "x")):
        assert found.resolve(path) is None
    assert found.resolve(("a", "b", "0")) is not None
    assert len(found) == 3
    assert "a" in found
    assert [item.name for item in found] == ["a", "d", "f"]
    assert Property("a", STRING) not in found
