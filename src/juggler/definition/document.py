"""LoopBack's model JSON: one document per model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from juggler.definition.settings import parse_settings
from juggler.errors import DefinitionError


def model_document(
    document: Mapping[str, Any],
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return name, properties and settings of a model document; it stays as it is.

    Keys beside ``name`` and ``properties`` are settings, and so are those under ``options`` and
    ``settings``; what stands at the top wins.

    Raises:
        DefinitionError: It is no mapping, has no name, or a part of it is no mapping.
    """
    if not isinstance(document, Mapping):
        raise DefinitionError(
            f"A model document is a JSON object, not {type(document).__name__}.", value=document
        )
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise DefinitionError("A model document needs a name.", value=name)
    properties = document.get("properties", {})
    if not isinstance(properties, Mapping):
        raise DefinitionError(
            f"{name}: properties are a JSON object.", model=name, value=properties
        )
    rest = {key: item for key, item in document.items() if key not in _PARTS}
    settings: dict[str, Any] = {}
    for part in (document.get("options"), document.get("settings"), rest):
        settings |= parse_settings(part, name)
    return name, dict(properties), settings


_PARTS: Final = frozenset({"name", "properties", "options", "settings", "$schema"})
