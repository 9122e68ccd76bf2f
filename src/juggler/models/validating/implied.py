"""Validation rules that follow from a definition itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from juggler.definition.frozen import thawed
from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.errors import DefinitionError, InvalidValueError
from juggler.models.validating.bounded import bounded
from juggler.models.validating.schemas import compiled_schema
from juggler.types.base import BAD, ValueType
from juggler.types.structured import AnyType, ListType
from juggler.validation.formats import FORMATS
from juggler.validation.rules import Rule, add_rules, by_function, declare, from_setting

_MEASURED: Final = frozenset({"string", "text", "objectid", "buffer", "array"})
"""Types whose ``min`` and ``max`` are lengths; those of others are values."""

_TEXTS: Final = frozenset({"string", "text"})

_SIZED: Final = _MEASURED | {"any", "class", "json", "object"}
"""Types of values that ``length`` bounds; in others it is about their column alone."""


def implied_rules(definition: Definition) -> tuple[Rule, ...]:
    """Return the rules of properties, ``force_id`` and ``validations``.

    Raises:
        DefinitionError: An option is none that values of the property could keep.
    """
    rules: tuple[Rule, ...] = ()
    for item in definition.shape:
        rules = add_rules(rules, *_rules_of(item))
    if definition.force_id:
        for name in definition.shape.ids:
            rules = add_rules(rules, _absent_when_new(name))
    entries = definition.settings.get("validations") or ()
    return add_rules(rules, *(bounded(from_setting(entry)) for entry in entries if entry))


def _rules_of(item: Property) -> list[Rule]:
    """Return the rules that one property implies; errors name it."""
    try:
        return [bounded(rule) for rule in _of_property(item)]
    except DefinitionError as error:
        error.property = item.name
        raise


def _of_property(item: Property) -> Iterator[Rule]:
    """Yield the rules that one property implies."""
    if item.required:
        options = item.required if isinstance(item.required, Mapping) else {}
        yield from declare("presence", item.name, **options)
    if item.length is not None and item.type.name in _SIZED:
        yield from declare("length", item.name, max=item.length, optional=True)
    if item.options:
        yield from _constraints(item.name, item.type, item.options, 0)


def _constraints(
    name: str, kind: ValueType, options: Mapping[str, Any], each: int
) -> Iterator[Rule]:
    """Yield the rules of what *options* say about values of *kind*.

    Args:
        name: Name of the property.
        kind: Type of the values.
        options: The property's, or those of its items.
        each: How many lists down from the property the values are.
    """
    yield from _bounds(name, kind, options, each)
    yield from _patterns(name, kind, options, each)
    if options.get("enum") is not None:
        depth = each + 1 if _is_about_items(kind, options["enum"]) else each
        yield from declare("inclusion", name, in_=options["enum"], optional=True, each=depth)
    if isinstance(options.get("json_schema"), Mapping):
        yield from _schema(name, options["json_schema"], each)
    if isinstance(kind, ListType):
        yield from _constraints(name, kind.item, options.get("items") or {}, each + 1)


def _patterns(name: str, kind: ValueType, options: Mapping[str, Any], each: int) -> Iterator[Rule]:
    """Yield the rules of ``pattern`` and, for text, ``format``; see `_constraints`."""
    if options.get("pattern") is not None:
        yield from declare("format", name, with_=options["pattern"], optional=True, each=each)
    if (
        isinstance(options.get("format"), str)
        and kind.name in _TEXTS
        and options["format"] in FORMATS
    ):
        named = {"named": options["format"], "code": "format"}
        yield from declare("text-format", name, **named, optional=True, each=each)


def _schema(name: str, schema: Mapping[str, Any], each: int) -> Iterator[Rule]:
    """Yield the rule of a JSON schema, if it asks anything of values."""
    compiled = compiled_schema(name, thawed(schema))
    if compiled is not None:
        yield from declare("json-schema", name, schema=compiled, optional=True, each=each)


def _bounds(name: str, kind: ValueType, options: Mapping[str, Any], each: int) -> Iterator[Rule]:
    """Yield the rules of ``length`` of items, ``min`` and ``max``; see `_constraints`."""
    length = options.get("length", options.get("limit"))
    if each and length is not None and kind.name in _SIZED:
        yield from declare("length", name, max=length, optional=True, each=each)
    given = {key: options.get(key) for key in ("min", "max")}
    if any(end is not None for end in given.values()):
        rule, limits = "length", given
        if kind.name not in _MEASURED:
            rule, limits = "range", _coerced(name, kind, given)
        yield from declare(rule, name, **limits, optional=True, each=each)


def _is_about_items(kind: ValueType, choices: Any) -> bool:
    """Tell whether the choices for a list are those for its items."""
    return isinstance(kind, ListType) and not any(
        isinstance(each, list | tuple) for each in choices
    )


def _value(kind: ValueType, given: Any) -> Any:
    """Return *given* as a value of *kind*, BAD where it is none."""
    try:
        found = given if isinstance(kind, AnyType) else kind.coerce(given)
    except InvalidValueError:
        return BAD
    return BAD if found is None else found


def _coerced(name: str, kind: ValueType, bounds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ends of a range as values of *kind*."""
    found = {}
    for key, given in bounds.items():
        value = None if given is None else _value(kind, given)
        if value is BAD:
            raise DefinitionError(
                f"{name}: {key} is a {kind.name}, as the values of the property are.",
                property=name,
                value=given,
            )
        found[key] = value
    return found


def _absent_when_new(name: str) -> Rule:
    """Return the rule that nobody may choose the id of a new record."""
    return by_function("absence", name, _AbsentWhenNew(name))


def is_about_new_records(rule: Rule) -> bool:
    """Tell whether *rule* is about the id of a new record, which an embedded value never is."""
    return isinstance(rule.function, _AbsentWhenNew)


class _AbsentWhenNew:
    """Fails for a new record that carries an id; equal for equal names."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, instance: Any, err: Any) -> None:
        if instance.is_new_record() and instance.get(self.name) is not None:
            err()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AbsentWhenNew) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)
