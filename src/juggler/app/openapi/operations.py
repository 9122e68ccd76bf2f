"""The operations that REST offers for a model, as OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.app.openapi.common import (
    LANGUAGE,
    Schema,
    parameters_of,
    refusals_of,
    schema_ref,
)
from juggler.app.rest.routes import ROUTES, Route


class Operations:
    """Describes what REST serves, one model after the other, in one document.

    Args:
        is_open: Whether nobody has to say who it is.
    """

    def __init__(self, *, is_open: bool) -> None:
        self._refusals = {route: refusals_of(route, is_open=is_open) for route in ROUTES}

    def paths(self, path: str, name: str, key: str, id_schema: Schema) -> dict[str, Schema]:
        """Return path -> operations for one model.

        Args:
            path: Where REST serves it, with a slash in front.
            name: What people call it.
            key: What its schemas and operations are called.
            id_schema: Schema of its ids.
        """
        bodies, answers = _bodies(key), _answers(key)
        id = {"name": "id", "in": "path", "required": True, "schema": id_schema}
        found: dict[str, Schema] = {}
        for route in ROUTES:
            below = [id, LANGUAGE] if route.place[0] else [LANGUAGE]
            operations = found.setdefault(f"{path}{route.path}", {"parameters": below})
            done: Schema = {"description": "Done"}
            if route.answer is not None:
                done["content"] = _json(answers[route.answer])
            operation: dict[str, Any] = {
                "tags": [name],
                "operationId": f"{key}.{route.operation}",
                "summary": route.summary,
                "responses": {"200": done, **self._refusals[route]},
            }
            operations[route.verb.lower()] = operation | _asked(route, bodies)
        return found


def _asked(route: Route, bodies: Mapping[str, Schema]) -> dict[str, Any]:
    """Return what an operation says of the query and the body that *route* takes."""
    found: dict[str, Any] = {}
    if parameters := parameters_of(route):
        found["parameters"] = parameters
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": _json(bodies[route.body])}
    return found


def _bodies(key: str) -> dict[str, Schema]:
    """Return the schemas of the bodies that routes take, for the model with the *key*."""
    new = schema_ref(f"{key}.new")
    some = {"anyOf": [new, {"type": "array", "items": new}]}
    return {"new": new, "some": some, "changes": schema_ref(f"{key}.changes")}


def _answers(key: str) -> dict[str, Schema]:
    """Return the schemas of what routes answer, for the model with the *key*."""
    one = schema_ref(key)
    some: Schema = {"type": "array", "items": one}
    return {
        "record": one,
        "list": some,
        "either": {"anyOf": [one, some]},
        "count": schema_ref("Count"),
        "exists": schema_ref("Exists"),
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}
