"""JSON schemas of properties, compiled by the optional library that checks values against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from juggler.errors import DefinitionError

_TALK: Final = frozenset(
    """
    nullable title description example examples default deprecated readOnly writeOnly errorMessage
    $comment $id $schema externalDocs xml
    """.split()
)
"""Keywords that ask nothing of a value."""


def compiled_schema(name: str, schema: Mapping[str, Any]) -> Any:
    """Return what checks values of the property *name*; None where *schema* asks nothing of them.

    References are resolved inside the schema alone; nothing is fetched.

    Raises:
        DefinitionError: It is no JSON schema, or the library is not installed.
    """
    if all(keyword in _TALK or keyword.startswith("x-") for keyword in schema):
        return None
    try:
        import jsonschema_rs  # noqa: PLC0415  optional, and only for models that have a schema
    except ImportError as error:
        raise DefinitionError(
            f"{name}: json_schema needs the extra `schema`: pip install 'juggler[schema]'.",
            property=name,
        ) from error
    asked = {keyword: item for keyword, item in schema.items() if keyword not in _TALK}
    try:
        return jsonschema_rs.validator_for(asked, validate_formats=True, offline=True)
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        raise DefinitionError(f"{name}: json_schema is no JSON schema.", property=name) from error
