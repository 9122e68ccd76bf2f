"""Every message of juggler that can be translated: a stable key, and its text in English.

Placeholders are ``{min}``, ``{max}``, ``{value}``, ``{field}`` and what a message has beside them.
``make messages`` collects the texts into the catalogues of `juggler.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


def message(key: str, text: str) -> tuple[str, str]:
    """Return key and English text of a message; where it is called, texts are collected."""
    return key, text


TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    dict(
        (
            # rules of validation: the kind, or the kind and what of it failed
            message("presence", "can't be blank"),
            message("absence", "can't be set"),
            message("length.min", "too short"),
            message("length.max", "too long"),
            message("length.is", "length is wrong"),
            message("numericality.number", "is not a number"),
            message("numericality.int", "is not an integer"),
            message("range.min", "must be at least {min}"),
            message("range.max", "must be at most {max}"),
            message("inclusion", "is not included in the list"),
            message("exclusion", "is reserved"),
            message("uniqueness", "is not unique"),
            message("date", "is not a valid date"),
            message("objectid", "is not a valid ObjectId"),
            message("json-schema", "does not match its schema"),
            message("json-schema.required", "lacks something that is required"),
            message("json-schema.type", "is not of the right type"),
            message("json-schema.additionalProperties", "has something that is not allowed"),
            message("json-schema.minItems", "has too few items"),
            message("json-schema.maxItems", "has too many items"),
            message("json-schema.uniqueItems", "has items that are the same"),
            message("blank", "is blank"),
            message("null", "is null"),
            message("invalid", "is invalid"),
            message("read-only", "is read-only"),
            message("unknown-property", "is not defined in the model"),
            # values that the type of their property refuses
            message("type", "is invalid"),
            message("type.string", "is not a string"),
            message("type.number", "is not a number"),
            message("type.integer", "is not an integer"),
            message("type.decimal", "is not a decimal number"),
            message("type.boolean", "is not a boolean"),
            message("type.datestring", "is not a valid date"),
            message("type.buffer", "is not binary data"),
            message("type.geopoint", "is not a geo point"),
            message("type.uuid", "is not a UUID"),
            message("type.enum", "is not one of the choices"),
            message("type.class", "is not accepted by its class"),
            message("type.model", "is not an object of the embedded model"),
            # the error that a failed validation raises
            message("instance.invalid", "The `{model}` instance is not valid. Details: {details}."),
            message(
                "instance.invalid-unnamed", "The model instance is not valid. Details: {details}."
            ),
            message("instance.detail", "`{field}` {text} (value: {value})"),
            message("instance.more", "and {count} more"),
            message("instance.unknown", "(unknown)"),
            # definitions
            message("model.name-required", "Class name required: a model needs a name."),
            message(
                "model.not-defined",
                "The model {model} is not defined: a property refers to it; define it first, for "
                "the same owner.",
            ),
            message("model.base-not-found", "Base model is not found: {base}"),
            message(
                "model.relational-strict",
                "{model} is strict: a relational store keeps declared properties only.",
            ),
            message(
                "property.no-type",
                "{what}: {type} is no type: give a type name, a Python class, a list of one, a "
                "nested structure, or a model that is already defined.{more}",
            ),
            message(
                "property.dotted",
                "{model}: the property {name} cannot be defined: property names containing dots "
                "are not supported.",
            ),
            message(
                "property.dotted-dynamic",
                "{model}: the dynamic property {name} cannot be kept: property names containing "
                "dots are not supported.",
            ),
            message(
                "property.reserved",
                "{model}: the property {name} cannot be defined: every instance has a method or "
                "attribute of that name; choose another.",
            ),
            message(
                "property.default-function",
                "{what}: the default function {name} is not known; give a function, define one by "
                "that name, or use one of {known}.",
            ),
            # values that are refused at once
            message("value.items", "items must be an array"),
            message("value.list-json", "could not create List from JSON string"),
            message("value.date", "Invalid date"),
            message("id.fixed", "The id {name} cannot change from {old} to {new}."),
            message(
                "id.fixed-stored",
                "The id {name} of a stored {model} cannot change from {old} to {new}.",
            ),
            message("id.not-for-many", "{operation}: the id {name} of {model} cannot be changed."),
            # queries
            message(
                "query.undefined", "{path} has no value (UNSET); leave the clause out or give one."
            ),
            message("query.circular", "{path} leads back to itself; a query must be a tree."),
            message(
                "query.too-deep", "The query is deeper than max_depth_of_query, which is {max}."
            ),
            message("query.regexp", "{path}: {value} is no regular expression: {reason}."),
            message(
                "query.regexp-flags",
                "{path}: {value} has unknown flags: {flags}; known are i, g and m.",
            ),
            message("query.hidden", "{path}: {name} cannot be used in a query."),
        )
    )
)
"""Key -> text in English."""
