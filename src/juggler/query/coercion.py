"""Coerce the operands of conditions to the types of a shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.query.conditions import unknown_operator
from juggler.query.limits import Limits
from juggler.query.nodes import Bare, Condition, Near
from juggler.query.operators import NATIVE, OPERATORS, Operand
from juggler.query.patterns import anywhere, compile_regexp
from juggler.query.structure import as_list
from juggler.types.base import ValueType
from juggler.types.dates import as_utc
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.structured import AnyType, ListType

Path = tuple[str, ...]

_SIMPLE: Final = frozenset({str, int, float, bool, datetime})

COMPOSED: Final = frozenset({"geopoint", "buffer", "datestring", "class"})
"""Types without parts whose values may all the same be written as a list or mapping."""


class Place:
    """What a path leads to: ``kind`` is the declared type, None where nothing is declared."""

    __slots__ = ("kind", "path", "shape")

    def __init__(self, shape: Shape | None, path: Path, kind: ValueType | None = None) -> None:
        self.shape = shape
        self.path = path
        self.kind = kind if shape is None else shape.resolve(path)

    @property
    def is_known(self) -> bool:
        """Tell whether there is room: the path is declared, or inside something that is open."""
        return self.kind is not None or self.shape is None or _is_open(self.shape, self.path)


def _is_open(shape: Shape, path: Path) -> bool:
    """Tell whether *path*, which is not declared, lies inside something declared and open."""
    above = (shape.resolve(path[:depth]) for depth in range(len(path) - 1, 0, -1))
    kind = _inmost(next(filter(None, above), None))
    if isinstance(kind, EmbeddedType):
        return not kind.shape.strict
    return isinstance(kind, AnyType) or kind is GEO_POINT


def _inmost(kind: ValueType | None) -> ValueType | None:
    """Return the type of the items of a list, of lists, too."""
    while isinstance(kind, ListType):
        kind = kind.item
    return kind


def coerce_condition(condition: Condition, place: Place, limits: Limits, at: str) -> Condition:
    """Return *condition* with its operand coerced to what stands at *place*.

    Raises:
        InvalidQueryError: The operator is unknown, or the operand does not fit.
    """
    known = OPERATORS.get(condition.operator)
    if limits.native and condition.operator == NATIVE:
        return condition
    if known is None:
        raise unknown_operator(condition.operator, at)
    if known.operand == "pattern" and limits.like == "contains":
        return Condition(condition.path, condition.operator, anywhere(condition.value))
    if known.operand in {"pattern", "flag"}:
        return condition
    value = _value(known.operand, condition.value, place, limits, at)
    return Condition(condition.path, condition.operator, value)


def _value(operand: Operand, raw: Any, place: Place, limits: Limits, at: str) -> Any:
    """Return the coerced operand of an operator that takes *operand*."""
    if operand == "regexp":
        return compile_regexp(raw, limits, at)
    if operand == "point":
        return _near(raw, place, at)
    if operand == "list":
        return tuple(_operand(item, place, at, whole=True) for item in raw)
    if operand == "pair":
        return tuple(_operand(item, place, at, whole=False) for item in raw)
    return _operand(raw, place, at, whole=operand == "any")


def coerce(kind: ValueType | None, value: Any) -> Any:
    """Return *value* as the type says, its parts too; without a type it is only made comparable.

    Raises:
        InvalidQueryError: It does not fit.
        InvalidValueError: It does not fit, in the words of its type.
    """
    if value is None:
        return None
    if kind is None:
        return _comparable(value)
    if kind.is_scalar and type(value) in _SIMPLE:
        return kind.condition(value)
    way = next((way for parent, way in _WAYS if isinstance(kind, parent)), _single)
    return way(kind, value)


def _listed(kind: ListType, value: Any) -> Any:
    """Return a whole list, or one item."""
    if isinstance(value, list | tuple):
        return [coerce(kind.item, item) for item in value]
    return coerce(kind.item, value)


def _embedded(kind: EmbeddedType, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise InvalidQueryError("An embedded value is compared with an object.", value=value)
    types = {name: item.type for name, item in kind.shape.properties.items()}
    return {name: coerce(types.get(name), item) for name, item in value.items()}


def _single(kind: ValueType, value: Any) -> Any:
    if isinstance(value, list | Mapping) and kind.name not in COMPOSED:
        raise InvalidQueryError(
            f"A {kind.name} is not compared with a list or an object; inq takes lists.",
            value=value,
        )
    return kind.condition(value)


_WAYS: Final[tuple[tuple[type, Callable[[Any, Any], Any]], ...]] = (
    (AnyType, lambda _, value: _comparable(value)),
    (ListType, _listed),
    (EmbeddedType, _embedded),
)


def _comparable(value: Any) -> Any:
    """Return *value* with all datetimes in it aware, so that they can be compared."""
    if isinstance(value, datetime):
        return as_utc(value)
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in value.items()}
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def _operand(raw: Any, place: Place, at: str, *, whole: bool) -> Any:
    """Return one operand; *whole* tells whether it may be a list or mapping."""
    value = _fitted(raw, place, at)
    if isinstance(value, float | Decimal) and math.isnan(value):
        raise InvalidQueryError(f"{at}: NaN equals nothing and has no order.", path=at)
    if not whole and isinstance(value, GeoPoint | list | dict):
        raise InvalidQueryError(f"{at}: such values have no order.", path=at, value=raw)
    return value


def _fitted(raw: Any, place: Place, at: str) -> Any:
    """Return *raw* as what stands at *place*; its errors name the clause *at*."""
    try:
        value = _settled(raw.value, place, at) if isinstance(raw, Bare) else raw
        return coerce(place.kind, value)
    except InvalidQueryError as error:
        if error.path:
            raise
        raise InvalidQueryError(
            f"{at}: {error}", code=error.code, path=at, value=error.value
        ) from error
    except (InvalidValueError, OverflowError) as error:
        raise InvalidQueryError(f"{at}: {error}", code="INVALID_VALUE", path=at) from error


def _settled(raw: Mapping[str, Any], place: Place, at: str) -> Any:
    """Return what a mapping without operators means at *place*: a list, or itself as a value."""
    kind = place.kind
    if isinstance(kind, ListType):
        items = as_list(raw)
        if items is not None:
            return items
        kind = kind.item
    if not (place.is_known if kind is None else _takes_mapping(kind, raw)):
        raise unknown_operator(next(iter(raw), raw), at)
    return raw


def _takes_mapping(kind: ValueType, raw: Mapping[str, Any]) -> bool:
    """Tell whether *raw* can be a value of *kind*."""
    if kind.name in COMPOSED:
        return not isinstance(kind.condition(raw), Mapping)
    return isinstance(kind, AnyType | EmbeddedType | ListType)


def _near(raw: Any, place: Place, at: str) -> Near:
    """Return the operand of ``near`` with a proper point."""
    kind = _inmost(place.kind)
    if kind is not None and kind is not GEO_POINT and not isinstance(kind, AnyType):
        raise InvalidQueryError(f"{at}: a {kind.name} is no place to be near to.", path=at)
    try:
        point = GEO_POINT.coerce(raw.point)
    except InvalidValueError as error:
        raise InvalidQueryError(
            f"{at}: {error.message}", code="INVALID_VALUE", path=f"{at}.near", value=raw.point
        ) from error
    return Near(point, raw.max_distance, raw.min_distance, raw.unit)
