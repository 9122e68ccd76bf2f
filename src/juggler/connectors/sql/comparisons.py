"""Tests of one value in SQL against the operand of a condition.

None stands for a test that can never hold, because value and operand are of different kinds.
Null is as good as false here: `juggler.connectors.sql.conditions` sees to negations.
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from juggler.connectors.sql.codecs import Codec, encode_date, encode_point
from juggler.connectors.sql.dialects.base import Dialect, Expression, Value
from juggler.connectors.sql.jsoncodec import json_codec
from juggler.connectors.sql.operands import (
    NUMBER_BOUNDS,
    Many,
    ManyInts,
    ManyMoments,
    ManyTexts,
    decimal_text,
    exact_number,
)
from juggler.connectors.sql.statement import Binds, Encode
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.query.geo import Box, bounding_box
from juggler.query.nodes import Near
from juggler.query.values import BOOLEAN, MOMENT, NUMBER, TEXT, kind_of
from juggler.types.geo import GEO_POINT, GeoPoint, earth_radius
from juggler.types.structured import ANY

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_TEXTS: Final = frozenset({"text", "datestring"})
_KIND_OF_FAMILY: Final = {
    "text": TEXT,
    "datestring": TEXT,
    "number": NUMBER,
    "decimal": NUMBER,
    "boolean": BOOLEAN,
    "date": MOMENT,
}
_MANY_OF_FAMILY: Final[dict[str, type[Many]]] = {
    "text": ManyTexts,
    "datestring": ManyTexts,
    "number": ManyInts,
    "date": ManyMoments,
}
_JSON_KINDS: Final = {
    TEXT: ("text",),
    NUMBER: ("integer", "real"),
    BOOLEAN: ("true", "false"),
    MOMENT: ("text",),
}


class Comparisons:
    """Builds tests for one statement.

    Args:
        dialect: The database's ways.
        binds: Where operands are bound.
    """

    def __init__(self, dialect: Dialect, binds: Binds) -> None:
        self.dialect = dialect
        self.binds = binds

    def equals(self, value: Value, operand: Any, place: int) -> Expression | None:
        """Return the test that *value* equals the operand, in kind and in all parts."""
        family, kind = value.family, kind_of(operand)
        if family == "json":
            return self._equals_json(value, operand, kind, place)
        if kind != _KIND_OF_FAMILY.get(family):
            return self._equals_other(value, operand, place)
        if family == "boolean" and value.json_kind is not None:
            return value.json_kind == self.binds.value(place, _json_boolean)
        return self._left(value) == self.binds.value(place, _encoder(family))

    def _equals_other(self, value: Value, operand: Any, place: int) -> Expression | None:
        """Return the test for values that have no order among kinds: bytes and points."""
        if value.family == "bytes" and isinstance(operand, bytes):
            encode = None if value.json_kind is None else _base64
            return value.expression == self.binds.value(place, encode)
        if value.family == "point" and isinstance(operand, GeoPoint):
            return value.expression == self.binds.value(place, encode_point)
        return None

    def _equals_json(self, value: Value, operand: Any, kind: int, place: int) -> Expression | None:
        """Return the test for a value of which nothing, or a list or object, is declared."""
        if isinstance(operand, list | dict | GeoPoint):
            codec = json_codec(value.type or ANY)
            same = value.expression == self.binds.value(place, _canonical(codec))
            return sa.and_(self._of_kind(value, ("array", "object")), same)
        if kind == BOOLEAN:
            return _kind(value) == self.binds.value(place, _json_boolean)
        if isinstance(operand, bytes):
            same = value.expression == self.binds.value(place, _base64)
            return sa.and_(self._of_kind(value, ("text",)), same)
        if kind not in _JSON_KINDS:
            raise _unsupported("eq", f"values of {type(operand).__name__}")
        same = value.expression == self.binds.value(place, _JSON_ENCODERS[kind])
        return sa.and_(self._of_kind(value, _JSON_KINDS[kind]), same)

    def is_one_of(self, value: Value, operands: Any, places: list[int]) -> Expression | None:
        """Return the test that *value* equals one of the operands, a tuple or a `Many`."""
        if isinstance(operands, Many):
            return self._is_one_of_many(value, operands, places[0])
        wanted = _KIND_OF_FAMILY.get(value.family)
        if wanted is None or value.json_kind is not None:
            pairs = zip(operands, places, strict=True)
            tests = [self.equals(value, operand, place) for operand, place in pairs]
            found = [test for test in tests if test is not None]
            return sa.or_(*found) if found else None
        encode = _encoder(value.family)
        bound = [
            self.binds.value(place, encode)
            for operand, place in zip(operands, places, strict=True)
            if kind_of(operand) == wanted
        ]
        return self._left(value).in_(bound) if bound else None

    def _is_one_of_many(self, value: Value, operands: Many, place: int) -> Expression | None:
        if value.family == "json":
            kind = TEXT if not isinstance(operands, ManyInts) else NUMBER
            found = value.expression.in_(self.dialect.items(self.binds, place))
            return sa.and_(self._of_kind(value, _JSON_KINDS[kind]), found)
        if not isinstance(operands, _MANY_OF_FAMILY.get(value.family, ())):
            return None
        return value.expression.in_(self.dialect.items(self.binds, place))

    def ordered(self, value: Value, name: str, operand: Any, place: int) -> Expression | None:
        """Return the test that *value* is above or below the operand, which is of its kind."""
        family, kind = value.family, kind_of(operand)
        if family == "bytes":
            return self._ordered_bytes(value, name, operand, place)
        if family != "json" and kind != _KIND_OF_FAMILY.get(family):
            return None
        if kind not in _JSON_KINDS:
            return None
        encode = _encoder(family) if family != "json" else _JSON_ENCODERS[kind]
        if encode is exact_number:
            encode = NUMBER_BOUNDS[name]
        found: Expression = _COMPARE[name](self._left(value), self.binds.value(place, encode))
        if family != "json":
            return found
        return sa.and_(self._of_kind(value, _JSON_KINDS[kind]), found)

    def _ordered_bytes(
        self, value: Value, name: str, operand: Any, place: int
    ) -> Expression | None:
        if not isinstance(operand, bytes):
            return None
        if value.json_kind is not None:  # where they are text of another order
            raise _unsupported(name, "bytes within JSON")
        found: Expression = _COMPARE[name](value.expression, self.binds.value(place))
        return found

    def on_text(self, value: Value, test: Callable[[Expression], Expression]) -> Expression | None:
        """Return *test* of *value* where that is text."""
        if value.family in _TEXTS:
            return test(value.expression)
        if value.family == "json" and not _is_uuid(value):
            return sa.and_(self._of_kind(value, ("text",)), test(value.expression))
        return None

    def near(self, value: Value, near: Near, place: int) -> Expression | None:
        """Return the test that *value* is a point within the bounds of *near*."""
        if value.family not in {"point", "json"}:
            return None
        angle = self.dialect.angle(value.expression, self.binds, place)
        distance = angle * self.binds.constant(earth_radius(near.unit))
        tests = [] if value.family == "point" else [self._of_kind(value, ("object",))]
        if near.max_distance is not None:
            tests += self._in_box(value, place)
            tests.append(distance <= self.binds.value(place, _most))
        if near.min_distance is not None:
            tests.append(distance >= self.binds.value(place, _least))
        if near.max_distance is None and near.min_distance is None:
            tests.append(angle.is_not(None))
        return sa.and_(*tests)

    def _in_box(self, value: Value, place: int) -> list[Expression]:
        """Return what the database can tell by itself: points in no box are too far."""
        if value.family != "point":
            return []
        lat, lng = (
            self.dialect.pick(Value(value.expression, GEO_POINT), (name,), self.binds).expression
            for name in ("lat", "lng")
        )
        boxes = []
        for box in (0, -1):
            south, north, west, east = (
                self.binds.value(place, _Edge(box, name))
                for name in ("south", "north", "west", "east")
            )
            boxes.append(sa.and_(lat.between(south, north), lng.between(west, east)))
        return [sa.or_(*boxes)]

    def _left(self, value: Value) -> Expression:
        """Return *value* ready to be compared with an operand of its family."""
        if value.family == "decimal":
            return self.dialect.decimal(value.expression)
        return value.expression

    def _of_kind(self, value: Value, names: tuple[str, ...]) -> Expression:
        """Return the test that a value in JSON is of one of some JSON types."""
        found = _kind(value)
        if len(names) == 1:
            return found == self.binds.constant(names[0])
        return found.in_([self.binds.constant(name) for name in names])


class _Edge:
    """Encoder of one edge of one of the boxes around a `Near`."""

    __slots__ = ("box", "name")

    def __init__(self, box: int, name: str) -> None:
        self.box = box
        self.name = name

    def __call__(self, near: Near) -> float:
        boxes: tuple[Box, ...] = bounding_box(near)
        edge: float = getattr(boxes[self.box], self.name)
        return edge


def _kind(value: Value) -> Expression:
    if value.json_kind is None:
        raise AssertionError("What has no declared type lies in JSON, which knows its kind.")
    return value.json_kind


def _is_uuid(value: Value) -> bool:
    """Tell whether *value* is declared as a UUID: written as text, but no text."""
    return value.type is not None and value.type.name == "uuid"


def _encoder(family: str) -> Encode | None:
    return _ENCODERS[family]


def _json_boolean(value: Any) -> str:
    return "true" if value else "false"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _canonical(codec: Codec) -> Encode:
    """Return the encoder of an operand that is compared whole; null for what cannot be stored."""

    def encode(operand: Any) -> Any:
        try:
            return codec.encode(operand)
        except InvalidValueError:
            return None

    return encode


def _most(near: Near) -> float | None:
    return near.max_distance


def _least(near: Near) -> float | None:
    return near.min_distance


def _unsupported(name: str, what: str) -> InvalidQueryError:
    return InvalidQueryError(
        f"The operator {name} cannot be used on {what} here.", code="OPERATOR_NOT_SUPPORTED"
    )


_ENCODERS: Final[dict[str, Encode | None]] = {
    "text": str,
    "datestring": str,
    "number": exact_number,
    "decimal": decimal_text,
    "boolean": None,
    "date": encode_date,
}
_JSON_ENCODERS: Final[dict[int, Encode | None]] = {
    TEXT: str,
    NUMBER: exact_number,
    BOOLEAN: None,
    MOMENT: encode_date,
}
