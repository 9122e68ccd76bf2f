"""What every document has, whatever the models: parameters, refusals, the schemas they use."""

from __future__ import annotations

from typing import Any, Final

from juggler.app.rest.routes import Route

Schema = dict[str, Any]


def schema_ref(name: str) -> Schema:
    """Return the reference to the schema called *name*."""
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, *, is_needed: bool = False) -> Schema:
    """Return the description of a query parameter."""
    content: Schema = {"schema": schema_ref(name.capitalize())}
    if not is_needed:  # else what explorers fill in would mean all records
        content["example"] = _EXAMPLES[name]
    return {
        "name": name,
        "in": "query",
        "description": f"JSON; or {name} in brackets, e.g. {_BRACKETS[name]}.",
        **({"required": True} if is_needed else {}),
        "content": {"application/json": content},
    }


_EXAMPLES: Final[dict[str, Schema]] = {"filter": {"limit": 10}, "where": {}}
"""What explorers fill in to begin with: harmless, and right for every model."""
_BRACKETS: Final = {"filter": "filter[where][name]=Oslo", "where": "where[name]=Oslo"}
_TEXT: Final[Schema] = {"type": "string"}

PARAMETERS: Final[dict[str, Schema]] = {
    "filter": _parameter("filter"),
    "where": _parameter("where"),
    "whereNeeded": _parameter("where", is_needed=True),
    "language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Languages for messages, the best first.",
        "schema": _TEXT,
    },
}


def parameters_of(route: Route) -> list[Schema]:
    """Return the parameters of *route* beside those of its path."""
    if route.query is None:
        return []
    return [_parameter_ref(f"{route.query}Needed" if route.needs_query else route.query)]


def _parameter_ref(name: str) -> Schema:
    return {"$ref": f"#/components/parameters/{name}"}


LANGUAGE: Final = _parameter_ref("language")


def _refusal(description: str, **header: str) -> Schema:
    """Return the description of an answer that is an error, and of the *header* it always has."""
    named = {
        name.replace("_", "-"): {"required": True, "description": what, "schema": _TEXT}
        for name, what in header.items()
    }
    return {
        "description": description,
        **({"headers": named} if named else {}),
        "content": {"application/json": {"schema": schema_ref("Error")}},
    }


RESPONSES: Final[dict[str, Schema]] = {
    "Error": _refusal("What was wrong"),
    "400": _refusal("Something is not understood, over a limit, or may not be asked for"),
    "401": _refusal("Who asks does not say who it is, or is not let in", WWW_Authenticate="How"),
    "404": _refusal("There is no such record"),
    "409": _refusal("A unique value is taken, or somebody else has changed the record"),
    "413": _refusal("The body is too large, or has too much in it"),
    "414": _refusal("The query string is too long"),
    "415": _refusal("The body is something else than JSON"),
    "422": _refusal("The record breaks rules of its model, or of its store"),
    "503": _refusal("The store is out of reach or busy", Retry_After="Seconds to wait"),
    "507": _refusal("The store is full"),
}


def refusals_of(route: Route, *, is_open: bool) -> Schema:
    """Return status -> answer for what *route* refuses; ``default`` is for all that is rarer.

    Args:
        route: The route.
        is_open: Whether nobody has to say who it is.
    """
    found = {each: {"$ref": f"#/components/responses/{each}"} for each in _statuses(route, is_open)}
    return {**found, "default": {"$ref": "#/components/responses/Error"}}


def _statuses(route: Route, is_open: bool) -> list[str]:
    """Return what *route* may answer beside 200, sorted."""
    when = (
        (True, ("400", "503")),
        (not is_open, ("401",)),
        (route.may_miss, ("404",)),
        (not route.is_read, ("409", "507")),
        (route.query is not None, ("414",)),
        (route.body is not None, ("413", "415", "422")),
    )
    return sorted(each for does_hold, statuses in when if does_hold for each in statuses)


_DETAILS: Final = (
    "What there is to act on: `codes` and `messages` by field where a record breaks rules; "
    "`errors` and `stored` by index where some records of a list failed, and the `total` of errors "
    "if not all are shown; the `limit` that was exceeded and its `maximum`; or the `id` of what "
    "went wrong inside, for the operator."
)

COMMON: Final[dict[str, Schema]] = {
    "Where": {
        "type": "object",
        "description": 'Conditions by property, e.g. {"age": {"gt": 30}}, with and, or, nor, not.',
        "additionalProperties": True,
    },
    "Filter": {
        "type": "object",
        "properties": {
            "where": schema_ref("Where"),
            "order": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
            "limit": {"type": "integer", "minimum": 0},
            "skip": {"type": "integer", "minimum": 0},
            "offset": {"type": "integer", "minimum": 0, "description": "The same as skip."},
            "fields": {
                "anyOf": [
                    _TEXT,
                    {"type": "array", "items": _TEXT},
                    {"type": "object", "additionalProperties": {"type": "boolean"}},
                ]
            },
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
                "required": ["statusCode", "name", "message", "code"],
                "properties": {
                    "statusCode": {"type": "integer"},
                    "name": {**_TEXT, "description": "What kind of error it is."},
                    "message": {**_TEXT, "description": "For people; its words may change."},
                    "code": {**_TEXT, "description": "For programs; it stays."},
                    "details": {"description": _DETAILS},
                },
            }
        },
    },
}
"""Schemas that every document has; those of models never have their names."""
