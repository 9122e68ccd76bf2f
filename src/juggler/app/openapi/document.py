"""The OpenAPI document of what a tenant sees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

from juggler.app.openapi.common import COMMON, PARAMETERS, RESPONSES
from juggler.app.openapi.operations import Operations
from juggler.app.openapi.schema import Schemas

Version = Literal["3.1", "3.0"]

NUMBERS: Final[Mapping[Version, str]] = {"3.1": "3.1.0", "3.0": "3.0.3"}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")


def document(
    view: Mapping[str, Any],
    *,
    version: Version,
    server: str,
    digest: str,
    schemes: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the document of the models in *view*; it says nothing of who asks.

    Args:
        view: Path -> model.
        version: Of OpenAPI; 3.0 is for tools that do not know 3.1.
        server: Path of the REST root.
        digest: What the view is known by; shown as the version of the service.
        schemes: Name -> security scheme.
    """
    schemas = Schemas(is_31=version == "3.1")
    operations = Operations(is_open=not schemes)
    components: dict[str, Any] = dict(COMMON)
    paths: dict[str, Any] = {}
    tags = []
    for path, model in sorted(view.items()):
        key = component_key(model.model_name)
        components[key] = schemas.output(model)
        components[f"{key}.new"] = schemas.new(model)
        components[f"{key}.changes"] = schemas.changes(model)
        id_schema = _of_id(model, schemas)
        place = f"/{quote(path, safe='')}"
        paths.update(operations.paths(place, model.model_name, key, id_schema))
        tags.append({"name": model.model_name})
    return {
        "openapi": NUMBERS[version],
        "info": {"title": "Models", "version": digest[:12]},
        "servers": [{"url": server or "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": PARAMETERS,
            "responses": RESPONSES,
            **({"securitySchemes": dict(schemes)} if schemes else {}),
        },
        **({"security": [{name: []} for name in schemes]} if schemes else {}),
    }


def _of_id(model: Any, schemas: Schemas) -> dict[str, Any]:
    """Return the schema of what stands for a record of *model* in a path."""
    ids = model.shape.ids
    if len(ids) != 1:
        return {"type": "string"}
    return schemas.property(model.shape.properties[ids[0]], model)


def component_key(name: str) -> str:
    """Return what the schemas of the model *name* are called: different for different names.

    >>> component_key("City"), component_key("Größe"), component_key("Error")
    ('City', 'Gr.f6..df.e', 'Error.')
    """
    key = _UNSAFE.sub(lambda found: f".{ord(found[0]):x}.", name)
    return f"{key}." if key in COMMON else key
