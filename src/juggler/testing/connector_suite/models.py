"""Models for tests of connectors: described as users describe them, without a data source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.connectors.contract import ModelInfo
from juggler.definition.fingerprint import canonical_structure, fingerprint_of
from juggler.definition.parse import PropertyParser
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.query.nodes import Filter, Where
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import parse_filter, parse_where
from juggler.types.table import TypeTable


def model(name: str, properties: Mapping[str, Any], **settings: Any) -> ModelInfo:
    """Return what a connector is told of a strict model with exactly these *properties*."""
    structures = _Structures()
    parsed = PropertyParser(TypeTable(), structures, model_name=name).parse(properties)
    return ModelInfo(name, structures.intern(parsed, strict=True), settings)


def query(info: ModelInfo, **clauses: Any) -> Filter:
    """Return a filter as the model layer hands it to a connector."""
    return normalise(parse_filter(**clauses), info.shape, known_only=True)


def where(info: ModelInfo, **conditions: Any) -> Where:
    """Return a condition as the model layer hands it to a connector."""
    return normalise_where(parse_where(conditions), info.shape, known_only=True)


class _Structures:
    """The structures of one model; it refers to no others."""

    def model(self, expression: object) -> None:
        """Return None: there are no other models."""

    def forward(self, name: str) -> tuple[Shape, Any] | None:
        """Return nothing: every model is defined before it is named."""
        return None

    def intern(self, properties: list[Property], strict: bool | str) -> Shape:
        """Return a shape of its own for a structure."""
        form = canonical_structure(properties, strict)
        return Shape(fingerprint_of(form), properties, strict=strict)
