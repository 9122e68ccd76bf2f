"""Ids: which values may be one, the condition that finds a record by it, and comparing them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.parse import is_text
from juggler.definition.shape import Shape
from juggler.errors import InvalidQueryError, InvalidValueError, JugglerError, PKMissingError
from juggler.messages.text import say
from juggler.models.instances import values
from juggler.models.instances.instance import Instance
from juggler.query.helpers.ids import id_equals
from juggler.query.nodes import And, Bare, Condition, Filter, Near, Not, Or, Where
from juggler.query.structure import is_listing
from juggler.types.base import ValueType

NUMBERS: Final = frozenset({"number", "integer", "decimal"})
_NO_IDS: Final = (Mapping, Instance, re.Pattern, And, Or, Not, Condition, Filter, Near, Bare, type)


def by_id(shape: Shape, value: Any, model: str) -> Where:
    """Return the condition that finds the record with the id *value*, and no other.

    Args:
        shape: Structure of the model.
        value: A scalar; for a composite key a mapping of exactly its parts.
        model: Name of the model, for messages.

    Raises:
        PKMissingError: The model has no primary key.
        InvalidQueryError: ``INVALID_ID``: *value* cannot be an id.
    """
    ids = shape.ids
    if not ids:
        require_key(shape, model)
    if len(ids) == 1:
        return _part(shape, ids[0], value, model)
    if not isinstance(value, Mapping) or set(value) != set(ids):
        raise invalid_id(f"The id of {model} is an object with exactly {', '.join(ids)}.", model)
    return And(tuple(_part(shape, name, value[name], model) for name in ids))


def require_key(shape: Shape, model: str) -> None:
    """Raise unless the model has a primary key.

    Raises:
        PKMissingError: It has none.
    """
    if not shape.ids:
        raise PKMissingError(
            f"The model {model} has no primary key, which this operation needs.", model=model
        )


def by_own_id(instance: Instance) -> Where:
    """Return the condition that finds the record of *instance*.

    Raises:
        PKMissingError: The model has no primary key.
        InvalidQueryError: The instance has no id.
        JugglerError: ``PARTIAL_INSTANCE``: it was loaded without its id.
    """
    shape, model = instance._shape, instance._model.model_name
    partial = instance._state.partial
    if partial is not None and not partial.issuperset(shape.ids):
        raise JugglerError(
            f"This {model} was loaded without its id; add {', '.join(shape.ids)} to `fields`.",
            code="PARTIAL_INSTANCE",
            status_code=400,
            model=model,
        )
    ids = shape.ids
    if len(ids) == 1:
        return _part(shape, ids[0], values.raw(instance, ids[0]), model)
    return by_id(shape, {name: values.raw(instance, name) for name in ids}, model)


def by_own_values(instance: Instance) -> Where:
    """Return the condition for records that have the same plain values as *instance*."""
    names = [each.name for each in instance._shape if each.is_stored and each.type.is_scalar]
    found = {name: values.raw(instance, name) for name in names}
    return And(
        tuple(
            Condition((name,), "eq", None if value is UNSET else value)
            for name, value in found.items()
        )
    )


def has_id(shape: Shape, data: Mapping[str, Any]) -> bool:
    """Tell whether *data* holds every part of the primary key."""
    return bool(shape.ids) and all(data.get(name) is not None for name in shape.ids)


def ids_in(shape: Shape, data: Mapping[str, Any], model: str) -> Where:
    """Return the condition for the id that *data* holds."""
    ids = shape.ids
    return by_id(shape, data[ids[0]] if len(ids) == 1 else {n: data[n] for n in ids}, model)


def key_of(where: Where) -> dict[str, Any]:
    """Return the id that *where*, the condition for it, holds: name -> value of each part."""
    parts = where.children if isinstance(where, And) else (where,)
    return {part.name: part.value for part in parts if isinstance(part, Condition)}


def check_same_id(shape: Shape, current: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Raise if *data* would give the record *current* another id.

    Raises:
        InvalidValueError: It would; the message names both values.
    """
    for name in shape.ids:
        new = data.get(name, UNSET)
        if new is not UNSET and not id_equals(current.get(name), new):
            raise InvalidValueError(
                say("id.fixed", name=repr(name), old=repr(current.get(name)), new=repr(new)),
                code="INVALID_ID",
                property=name,
                value=new,
            )


def without_ids(shape: Shape, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return *data* without the primary key."""
    return {name: value for name, value in data.items() if name not in shape.ids}


def id_key(value: Any) -> Any:
    """Return what is equal for ids that name one record: ``1``, ``1.0`` and ``"1"`` do."""
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    return str(value)


def invalid_id(message: str, model: str, value: Any = None) -> InvalidQueryError:
    """Return the error for a value that cannot be an id."""
    return InvalidQueryError(message, code="INVALID_ID", model=model, path="id", value=value)


def _part(shape: Shape, name: str, value: Any, model: str) -> Condition:
    """Return the condition for one property of the key."""
    kind = shape.properties[name].type
    if type(value) is not int:
        _check(name, value, kind, model)
    try:
        found = kind.condition(value)
    except (InvalidQueryError, InvalidValueError, OverflowError) as error:
        raise invalid_id(f"{model}: no id {name!r} can be {value!r}: {error}", model) from error
    if _is_missing(found):
        raise _required(name, model)
    return Condition((name,), "eq", found)


def _check(name: str, value: Any, kind: ValueType, model: str) -> None:
    """Refuse what is no scalar: an operator object as id would address other records."""
    if _is_missing(value):
        raise _required(name, model)
    if isinstance(value, str):
        objection = "" if value.isascii() or is_text(value) else "is not valid Unicode"
    elif isinstance(value, _NO_IDS) or callable(value) or is_listing(value):
        objection = f"is one value, not a {type(value).__name__}"
    else:
        objection = _numeric_objection(value, kind)
    if objection:
        raise invalid_id(f"The id {name!r} of {model} {objection}.", model)


def _is_missing(value: Any) -> bool:
    """Tell whether *value* is none at all."""
    return value is None or value is UNSET or (isinstance(value, str) and not value)


def _numeric_objection(value: Any, kind: ValueType) -> str:
    """Return why *value* cannot be an id though it is a scalar; empty if it can."""
    if isinstance(value, bool) and kind.name in NUMBERS:
        return f"is a number, not {value}"
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        return f"cannot be {value}"
    return ""


def _required(name: str, model: str) -> InvalidQueryError:
    return invalid_id(f"{model}: the id argument {name!r} is required.", model)
