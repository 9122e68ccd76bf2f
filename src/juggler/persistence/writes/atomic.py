"""Changes that the store works out (`juggler.query.changes`): checked, foreseen, carried out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import InvalidValueError, OperationNotSupportedError
from juggler.models.build import Plan
from juggler.models.instances import dump, values
from juggler.persistence.ids import NUMBERS
from juggler.persistence.limits import NATIVE, NATIVE_OPERATORS
from juggler.persistence.operation import Operation
from juggler.persistence.road import merge
from juggler.query.changes import VERBS, Change, applied, has_changes
from juggler.query.nodes import Filter, Where
from juggler.types.base import BAD
from juggler.types.number import DECIMAL
from juggler.types.structured import ListType

Data = dict[str, Any]

_CALCULATES: Final = frozenset({"inc", "mul"})
_FOR_LISTS: Final = frozenset({"push", "pull"})
_SPELLED: Final = {f"${verb}": verb for verb in VERBS}
_SETTING: Final = "allow_atomic_operators"


def spelled(op: Operation, given: Data) -> Data:
    """Return *given* with the changes that are written as data: ``{"views": {"$inc": 1}}``.

    They are read where the call, the model or the source says ``allow_atomic_operators``, and only
    for properties whose own values are no objects, so nothing that is data is mistaken for one.
    """
    if dict not in map(type, given.values()) or not op.setting(_SETTING):
        return given
    return {name: _spelled(op, name, value) for name, value in given.items()}


def _spelled(op: Operation, name: str, value: Any) -> Any:
    if type(value) is not dict or len(value) != 1 or not _holds_no_objects(op, name):
        return value
    ((key, operand),) = value.items()
    verb = _SPELLED.get(key)
    if verb is None:
        return value
    if verb in _FOR_LISTS and not isinstance(operand, list):
        operand = [operand]
    return Change(verb, operand)


def _holds_no_objects(op: Operation, name: str) -> bool:
    """Tell whether the values of a property are surely no objects."""
    prop = op.shape.properties.get(name)
    return prop is not None and (isinstance(prop.type, ListType) or prop.type.is_scalar)


def own_words(op: Operation, given: Data) -> tuple[Data, Data]:
    """Return *given* without what is in the store's own words, as ``{"$set": {...}}``, and that.

    They are read as such where the call, the model or the source says ``allow_extended_operators``,
    and reach the connector as they are.

    Raises:
        OperationNotSupportedError: ``OPERATOR_NOT_SUPPORTED``: the store has none.
    """
    if op.setting(NATIVE) is not True:
        return given, {}
    known = op.shape.properties
    found = {name: given[name] for name in given if name[:1] == "$" and name not in known}
    if found and NATIVE_OPERATORS not in op.capabilities:
        raise OperationNotSupportedError(
            f"{op.name}: the store of {op.model_name} has no operators of its own; "
            f"{next(iter(found))!r} is none.",
            code="OPERATOR_NOT_SUPPORTED",
            status_code=400,
            model=op.model_name,
            property=next(iter(found)),
        )
    return {name: given[name] for name in given if name not in found}, found


def split(op: Operation, given: Mapping[str, Any]) -> tuple[Data, Data]:
    """Return the plain values of *given* and the changes, their operands of the right type.

    Raises:
        InvalidValueError: A change does not fit its property.
        OperationNotSupportedError: ``OPERATOR_NOT_SUPPORTED``: the store cannot do it.
    """
    given = spelled(op, dict(given))
    if not has_changes(given):
        return given, {}
    plain: Data = {}
    changes: Data = {}
    for name, value in given.items():
        if type(value) is not Change:
            plain[name] = value
        elif value.verb == "unset":
            plain[name] = None
        else:
            changes[name] = _checked(op, name, value)
    if changes and "atomic" not in op.capabilities:
        raise OperationNotSupportedError(
            f"{op.name}: the store of {op.model_name} cannot work values out; read the record, "
            "and save it.",
            code="OPERATOR_NOT_SUPPORTED",
            status_code=400,
            model=op.model_name,
            property=next(iter(changes)),
        )
    return plain, changes


def _checked(op: Operation, name: str, change: Change) -> Change:
    """Return *change* with an operand that the property's type made."""
    plan: Plan | None = op.model._blueprint.cls._plans.get(name)
    objection = _objection(plan, change)
    if plan is None or objection:
        raise _refused(op, name, change, objection)
    if change.verb in _CALCULATES:
        value, kind = change.operand, plan.property.type
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if kind is DECIMAL and isinstance(value, str):  # JSON has no decimals
            is_number = True
        operand = kind.coerce(value) if is_number else BAD
        is_bad = operand is BAD
    else:
        operand, is_bad = values.accepted(op.model, plan, change.operand)
    if is_bad or operand is None:
        raise _refused(op, name, change, "takes a value of the property's type")
    return Change(change.verb, dump.plain(operand))


def _objection(plan: Plan | None, change: Change) -> str:
    """Return why a change cannot be one of a property; empty if it can."""
    if plan is None or not plan.property.is_stored:
        return "is for declared properties that are stored"
    if plan.is_fixed:
        return "is not for ids and immutable properties"
    kind = plan.property.type
    if change.verb in _CALCULATES:
        return "" if kind.name in NUMBERS else "is for numbers"
    if change.verb not in VERBS:
        return "is no change"
    return "" if isinstance(kind, ListType) else "is for lists"


def _refused(op: Operation, name: str, change: Change, why: str) -> InvalidValueError:
    return InvalidValueError(
        f"{op.name}: {change.verb} of {name!r} {why}.",
        code="INVALID_OPERATOR",
        model=op.model_name,
        property=name,
        value=change.operand,
    )


def foresee(instance: Any, changes: Mapping[str, Change]) -> None:
    """Put on *instance* what *changes* are going to make of its values, as far as it knows them."""
    for name, change in changes.items():
        known = values.raw(instance, name)
        new = applied(change, None if known is UNSET else dump.plain(known))
        (values.set_raw if name in instance._setters else values.put)(instance, name, new)


def begun(changes: Mapping[str, Any]) -> Data:
    """Return what *changes* make of nothing: the values of a new record."""
    return {
        name: applied(value, None) if type(value) is Change else value
        for name, value in changes.items()
    }


async def write(op: Operation, where: Where, data: Mapping[str, Any]) -> int:
    """Merge *data*, changes worked out, into the records of *where*; return how many there are."""
    if not has_changes(data):
        return await merge(op, where, data)
    ids = op.shape.ids
    left = {name: value for name, value in data.items() if name not in ids}
    count = await op.store.modify(op.info, where, left, op.options)
    op.check_alive()
    return count


async def outcome(op: Operation, where: Where, data: Data) -> Data:
    """Return *data* with what changes in it came to, read from the record of *where*."""
    names = [name for name, value in data.items() if type(value) is Change]
    if not names:
        return data
    query = Filter(where=where, fields=tuple(names), limit=1)
    rows = await op.store.all(op.info, query, op.options)
    op.check_alive()
    found = rows[0] if rows else {}
    return {
        name: found.get(name) if type(value) is Change else value for name, value in data.items()
    }
