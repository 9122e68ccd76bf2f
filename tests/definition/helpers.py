"""What parsing needs from the world around it."""

from collections.abc import Mapping
from typing import Any

from juggler.definition.fingerprint import canonical_structure, fingerprint_of
from juggler.definition.parse import PropertyParser
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.types.table import TypeTable


class Models:
    """Models by name, and shapes that nobody shares."""

    def __init__(self, **models: Shape) -> None:
        self.models: dict[Any, Shape] = dict(models)

    def model(self, expression: object) -> tuple[Shape, Any] | None:
        """Return shape and model for a name."""
        found = self.models.get(expression) if isinstance(expression, str) else None
        return None if found is None else (found, f"model {expression}")

    def forward(self, name: str) -> tuple[Shape, Any] | None:
        """Return nothing: here every model is defined before it is named."""
        return None

    def intern(self, properties: list[Property], strict: bool | str) -> Shape:
        """Return a shape for a structure."""
        return Shape(fingerprint_of(canonical_structure(properties, strict)), properties)


def parser(**options: Any) -> PropertyParser:
    """Return a parser of the built-in types."""
    table = options.pop("table", None) or TypeTable()
    return PropertyParser(table, options.pop("models", None) or Models(), **options)


def parse(given: Mapping[str, Any], **options: Any) -> dict[str, Property]:
    """Return the properties of *given* by name."""
    return {item.name: item for item in parser(**options).parse(given)}


def fingerprint(given: Mapping[str, Any], **options: Any) -> str:
    """Return the fingerprint of a structure."""
    return fingerprint_of(canonical_structure(parser(**options).parse(given), False))


def nested(levels: int, inner: Any, key: str | None = None) -> Any:
    """Return *inner* in so many lists, or in mappings with one *key*."""
    for _ in range(levels):
        inner = [inner] if key is None else {key: inner}
    return inner
