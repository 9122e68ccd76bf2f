"""Tests of one value against an operand, made once per condition."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from juggler.query.geo import near_test
from juggler.query.nodes import Bare
from juggler.query.patterns import like_test, regexp_test
from juggler.query.values import BOOLEAN, MOMENT, NULL, NUMBER, OTHER, TEXT, equal, kind_of, moment
from juggler.types.temporal import DateString

Test = Callable[[Any], object]
"""Tells, by truth, whether a value that is not null fulfils a condition."""

_PLAIN_NUMBERS: Final = frozenset({int, float})
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def value_test(name: str, operand: Any) -> Test:
    """Return the test for the positive operator *name* (not ``exists``)."""
    make = _TESTS.get(name)
    return _ordered(name, operand) if make is None else make(operand)


def _equals(operand: Any) -> Test:
    if isinstance(operand, Bare):
        operand = operand.value
    kind = kind_of(operand)
    if kind == TEXT:
        text = str(operand)
        return lambda value: value == text
    if kind == NUMBER:
        return lambda value: value == operand and value is not True and value is not False
    if kind == BOOLEAN:
        return lambda value: value is operand
    return lambda value: equal(value, operand)


def _is_in(operands: tuple[Any, ...]) -> Test:
    """Return the test for membership: simple values through sets, the others one by one."""
    simple: dict[int, set[Any]] = {}
    others: list[Any] = []
    for item in operands:
        kind = kind_of(item)
        if kind == OTHER:
            others.append(item)
        elif kind != NULL:
            simple.setdefault(kind, set()).add(_hashable(kind, item))
    none: frozenset[Any] = frozenset()

    def test(value: Any) -> bool:
        kind = kind_of(value)
        if kind == OTHER:
            return any(equal(value, item) for item in others)
        return _hashable(kind, value) in simple.get(kind, none)

    return test


def _hashable(kind: int, value: Any) -> Any:
    if kind == TEXT:
        return str(value)
    return moment(value) if kind == MOMENT else value


def _is_between(operand: tuple[Any, Any]) -> Test:
    least, most = _ordered("gte", operand[0]), _ordered("lte", operand[1])
    return lambda value: least(value) and most(value)


def _ordered(name: str, operand: Any) -> Test:
    if isinstance(operand, Enum):  # members lie as their values do, which is what stores keep
        test, members = _ordered(name, operand.value), type(operand)
        return lambda value: isinstance(value, members) and test(value.value)
    return _BOUNDS[kind_of(operand)](_COMPARE[name], operand)


Compare = Callable[[Any, Any], bool]


def _number_bound(compare: Compare, operand: Any) -> Test:
    return lambda value: (
        (value.__class__ in _PLAIN_NUMBERS or _is_number(value)) and compare(value, operand)
    )


def _text_bound(compare: Compare, operand: Any) -> Test:
    bound = str(operand)
    return _on_text(lambda text: compare(text, bound))


def _boolean_bound(compare: Compare, operand: Any) -> Test:
    return lambda value: isinstance(value, bool) and compare(value, operand)


def _moment_bound(compare: Compare, operand: Any) -> Test:
    return lambda value: isinstance(value, datetime) and compare(moment(value), operand)


def _null_bound(_compare: Compare, _operand: Any) -> Test:
    return lambda _: False


def _other_bound(compare: Compare, operand: Any) -> Test:
    return lambda value: type(value) is type(operand) and _compared(compare, value, operand)


_BOUNDS: Final[Mapping[int, Callable[[Compare, Any], Test]]] = {
    NULL: _null_bound,
    BOOLEAN: _boolean_bound,
    NUMBER: _number_bound,
    TEXT: _text_bound,
    MOMENT: _moment_bound,
    OTHER: _other_bound,
}
"""Kind of an operand -> the test of values against it as a bound."""


def _is_number(value: Any) -> bool:
    """Tell whether *value*, of any class, is a number that has an order."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_number and value == value  # noqa: PLR0124  NaN


def _compared(compare: Callable[[Any, Any], bool], value: Any, operand: Any) -> bool:
    try:
        return compare(value, operand)
    except TypeError:  # such values have no order
        return False


def _on_text(test: Callable[[str], object]) -> Test:
    """Return *test* over text and date strings; other values fail it."""

    def check(value: Any) -> object:
        if type(value) is str:
            return test(value)
        if isinstance(value, Enum):
            value = value.value
        return isinstance(value, str | DateString) and test(str(value))

    return check


_TESTS: Final[Mapping[str, Callable[[Any], Test]]] = {
    "eq": _equals,
    "inq": _is_in,
    "between": _is_between,
    "like": lambda pattern: _on_text(like_test(pattern)),
    "ilike": lambda pattern: _on_text(like_test(pattern, ignore_case=True)),
    "regexp": lambda pattern: _on_text(regexp_test(pattern)),
    "near": near_test,
}
