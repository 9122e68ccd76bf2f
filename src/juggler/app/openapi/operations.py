"""The operations that REST offers for a model, as OpenAPI describes them."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

ID: Final = "{id}"
EXAMPLES: Final[dict[str, Schema]] = {"filter": {"limit": 10}, "where": {}}
"""What explorers fill in to begin with: harmless, and right for every model."""


def paths_of(path: str, name: str, key: str, id_schema: Schema) -> dict[str, Schema]:
    """Return path -> operations for one model.

    Args:
        path: Where REST serves it, with a slash in front.
        name: What people call it.
        key: What its schemas and operations are called.
        id_schema: Schema of its ids.
    """
    one, some, count = _ref(key), {"type": "array", "items": _ref(key)}, _ref("Count")
    new, changes, exists = _ref(f"{key}.new"), _ref(f"{key}.changes"), _ref("Exists")
    either = {"anyOf": [one, some]}
    many_new = {"anyOf": [new, {"type": "array", "items": new}]}
    make = _Maker(name, key)
    collection = {
        "get": make("find", "Find records", some, query="filter"),
        "post": make("create", "Create one record, or each of a list", either, body=many_new),
        "patch": make(
            "patchOrCreate", "Change a record by its id, or create it", one, body=changes
        ),
        "put": make("replaceOrCreate", "Replace a record by its id, or create it", one, body=new),
    }
    record = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": id_schema}],
        "get": make("findById", "Find a record by its id", one, query="filter"),
        "head": make("head", "Tell by the status whether there is a record", None),
        "patch": make("patchById", "Change a record", one, body=changes),
        "put": make("replaceById", "Replace a record", one, body=new),
        "delete": make("deleteById", "Delete a record", count),
    }
    update = make("updateAll", "Change all records that match", count, query="where", body=changes)
    where = update["parameters"][0]
    where["required"] = True
    del where["content"]["application/json"]["example"]  # {} would mean all records
    return {
        path: collection,
        f"{path}/count": {"get": make("count", "Count records", count, query="where")},
        f"{path}/findOne": {"get": make("findOne", "Find the first record", one, query="filter")},
        f"{path}/update": {"post": update},
        f"{path}/{ID}": record,
        f"{path}/{ID}/exists": {
            "parameters": record["parameters"],
            "get": make("exists", "Tell whether there is a record", exists),
        },
    }


class _Maker:
    """Makes the operations of one model."""

    def __init__(self, name: str, key: str) -> None:
        self._name = name
        self._key = key

    def __call__(
        self,
        what: str,
        summary: str,
        answer: Schema | None,
        *,
        query: str | None = None,
        body: Schema | None = None,
    ) -> dict[str, Any]:
        """Return one operation."""
        done: Schema = {"description": "Done"}
        if answer is not None:
            done["content"] = {"application/json": {"schema": answer}}
        operation: dict[str, Any] = {
            "tags": [self._name],
            "operationId": f"{self._key}.{what}",
            "summary": summary,
            "responses": {"200": done, "default": {"$ref": "#/components/responses/Error"}},
        }
        if query is not None:
            schema = {"schema": _ref(query.capitalize()), "example": EXAMPLES[query]}
            operation["parameters"] = [
                {"name": query, "in": "query", "content": {"application/json": schema}}
            ]
        if body is not None:
            operation["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": body}},
            }
        return operation


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Final[Schema] = {"type": "string"}

COMMON: Final[dict[str, Schema]] = {
    "Where": {
        "type": "object",
        "description": 'Conditions by property, e.g. {"age": {"gt": 30}}, with and, or and nor.',
        "additionalProperties": True,
    },
    "Filter": {
        "type": "object",
        "properties": {
            "where": {"type": "object", "additionalProperties": True},
            "order": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
            "limit": {"type": "integer", "minimum": 0},
            "skip": {"type": "integer", "minimum": 0},
            "fields": {"type": "array", "items": _TEXT},
        },
        "additionalProperties": False,
    },
    "Count": {
        "type": "object",
        "required": ["count"],
        "properties": {"count": {"type": "integer"}},
    },
    "Exists": {
        "type": "object",
        "required": ["exists"],
        "properties": {"exists": {"type": "boolean"}},
    },
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["statusCode", "name", "message"],
                "properties": {
                    "statusCode": {"type": "integer"},
                    "name": {"type": "string"},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                    "details": {},
                },
            }
        },
    },
}
"""Schemas that every document has; those of models never have their names."""
