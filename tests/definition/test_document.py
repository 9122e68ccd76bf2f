"""LoopBack's model JSON, as its files are."""

import copy
import json
from typing import Any

import pytest

from juggler.context import tenant
from juggler.definition.document import model_document
from juggler.errors import DefinitionError
from juggler.registry.registry import ModelRegistry

CUSTOMER = json.loads(
    """
    {
      "name": "Customer",
      "plural": "clients",
      "base": "PersistedModel",
      "idInjection": true,
      "strict": false,
      "options": {"validateUpsert": true, "postgresql": {"schema": "public", "table": "CUST"}},
      "http": {"path": "kunden"},
      "hidden": ["secret"],
      "properties": {
        "name": {
          "type": "string", "required": true, "length": 80, "postgresql": {"columnName": "NM"}
        },
        "secret": {"type": "String"},
        "joined": {"type": "date", "defaultFn": "now"},
        "tags": ["string"],
        "vip": {"type": "Boolean", "default": false},
        "address": {"street": "string", "geo": {"type": "GeoPoint"}},
        "notes": [{"text": "string", "at": "date"}]
      },
      "validations": [],
      "relations": {"orders": {"type": "hasMany", "model": "Order", "foreignKey": "customerId"}},
      "acls": [{"accessType": "*", "principalId": "$everyone", "permission": "DENY"}],
      "methods": {},
      "mixins": {"TimeStamp": {"createdAt": "created"}},
      "myOwnKey": {"camelCase": [1, 2]}
    }
    """
)


def test_a_whole_document() -> None:
    """A file of LoopBack's is taken as it is: keys in snake case, unknown ones untouched."""
    # MOD-01
    before = copy.deepcopy(CUSTOMER)
    name, properties, settings = model_document(CUSTOMER)
    assert before == CUSTOMER
    assert name == "Customer"
    assert list(properties) == ["name", "secret", "joined", "tags", "vip", "address", "notes"]
    assert settings["id_injection"] is True
    assert settings["validate_upsert"] is True
    assert settings["postgresql"] == {"schema": "public", "table": "CUST"}
    assert settings["myOwnKey"] == {"camelCase": [1, 2]}
    assert settings["relations"]["orders"]["foreignKey"] == "customerId"
    assert "properties" not in settings


def test_defining_it() -> None:
    """Such a document becomes a model; its settings are there, read-only."""
    # MOD-01, MOD-04, MOD-43
    registry = ModelRegistry()
    name, properties, settings = model_document(CUSTOMER)
    stamped: list[str] = []
    registry.builder.mixins.define("TimeStamp", lambda model, _: stamped.append(model.model_name))
    with tenant("acme"):
        model = registry.define(name, properties, settings)
    assert stamped == ["Customer"]
    assert list(model.properties) == ["id", *properties]
    assert model.plural_model_name == "clients"
    assert model.http == {"path": "/kunden"}
    assert model.definition.hidden == {"secret"}
    assert model.base is None
    assert model.settings["myOwnKey"] == {"camelCase": (1, 2)}
    assert model.properties["name"].options == {"postgresql": {"columnName": "NM"}}
    assert model.properties["joined"].default_fn is not None
    made = model(name="Ann", tags=["a"], address={"street": "High St"}, notes=[{"text": "x"}])
    assert made.vip is False
    assert made.address.street == "High St"
    assert made.notes[0].text == "x"
    assert registry.cleanup_tenant("acme").models_removed == 3


def test_options_and_settings() -> None:
    """Options stand beside the other keys; what is said at the top wins."""
    document = {"name": "A", "strict": True, "options": {"strict": False, "forceId": True}}
    assert model_document(document)[2] == {"strict": True, "force_id": True}
    nested = {"name": "A", "settings": {"strict": "filter"}, "$schema": "x"}
    assert model_document(nested)[2] == {"strict": "filter"}


@pytest.mark.parametrize(
    "document",
    [
        None, 5, "Customer", [], {}, {"name": ""}, {"name": 5}, {"properties": {}}, {"name": None},
        {"name": "A", "properties": 5}, {"name": "A", "properties": ["string"]},
        {"name": "A", "properties": "x"},
        {"name": "A", "options": 5}, {"name": "A", "settings": [1]},
        {"name": "A", "forceId": 1, "force_id": True},
    ],
    ids=repr,
)  # fmt: skip
def test_no_documents(document: Any) -> None:
    """What is no model document is a typed error that says what is missing."""
    with pytest.raises(DefinitionError) as error:
        model_document(document)
    if isinstance(document, dict) and document.get("name") == "A":
        assert "A: " in str(error.value)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"address": {"street": "strng"}}, "address.street"), ({"vip": {"type": "boolen"}}, "vip"),
        ({"joined": {"type": "date", "defaultFn": "soon"}}, "joined"),
        ({"tags": ["strng"]}, "tags[]"),
        ({"notes": [{"text": {"type": "string", "length": -1}}]}, "notes[].text"),
        ({"x": {"type": "date", "defaultFn": "now", "default_fn": "uuid"}}, "x"),
    ],
)  # fmt: skip
def test_errors_name_model_and_property(change: dict[str, Any], path: str) -> None:
    """An error in a document names model, property and the path to what is wrong."""
    # MOD-24
    registry = ModelRegistry()
    name, properties, settings = model_document(
        {**CUSTOMER, "properties": {**CUSTOMER["properties"], **change}}
    )
    with tenant("acme"), pytest.raises(DefinitionError) as error:
        registry.define(name, properties, settings)
    assert error.value.model == "Customer"
    assert error.value.property == next(iter(change))
    assert path in {error.value.path, str(error.value.path).partition(" ")[0]} or path in str(
        error.value
    )
    assert registry.tenants() == [], "nothing was changed"
