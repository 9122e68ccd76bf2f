"""Users whose email is unique, and what their store was asked."""

from typing import Any

from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.testing.recorder import Recorder

FIELDS = {"email": "string", "org": "number", "at": {"zip": "string"}}


def define(
    options: dict[str, Any] | None = None,
    *,
    properties: dict[str, Any] | None = None,
    recorder: Recorder | None = None,
    registry: ModelRegistry | None = None,
    **settings: Any,
) -> Any:
    """Return a model whose email is unique."""
    source = DataSource("db", recorder or Recorder(), registry=registry or ModelRegistry())
    model = source.define("User", properties or FIELDS, settings)
    model.validates_uniqueness_of("email", options or {})
    return model


def asked(model: Any) -> list[str]:
    """Return the data methods that the store was asked for."""
    methods: list[str] = model.data_source.connector.methods
    return [method for method in methods if method not in {"connect", "define"}]


def codes(error: Any) -> Any:
    """Return field -> codes of a validation error."""
    assert isinstance(error, ValidationError)
    return error.details["codes"]
