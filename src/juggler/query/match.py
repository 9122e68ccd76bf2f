"""Match rows against a normalised where: nodes become nested functions, built once per query.

Values of different kinds never match one another; a condition on a list holds if it does for one
of its elements, a negated one if it does for none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from juggler.query.checks import Test, value_test
from juggler.query.nodes import And, Condition, Not, Where
from juggler.query.operators import OPERATORS
from juggler.query.values import reach
from juggler.types.geo import GeoPoint

Predicate = Callable[[Mapping[str, Any]], bool]

_SINGLE: Final = frozenset({str, int, float, datetime, Decimal})
"""Classes of values that are neither null nor lists."""
_COMPARED: Final = frozenset({str, int, float, Decimal})
"""Those of them whose equality is Python's own."""


def compile_where(where: Where) -> Predicate:
    """Return a function that tells whether a row matches *where*, which must be normalised."""
    if isinstance(where, Condition):
        return _condition(where)
    if isinstance(where, Not):
        return _negation(compile_where(where.child))
    checks = tuple(compile_where(child) for child in where.children)
    return _all_of(checks) if isinstance(where, And) else _any_of(checks)


def _negation(check: Predicate) -> Predicate:
    return lambda row: not check(row)


def _all_of(checks: tuple[Predicate, ...]) -> Predicate:
    if len(checks) == 2:
        first, second = checks
        return lambda row: first(row) and second(row)

    def check(row: Mapping[str, Any]) -> bool:
        for item in checks:  # noqa: SIM110  a generator costs more than the checks
            if not item(row):
                return False
        return True

    return check


def _any_of(checks: tuple[Predicate, ...]) -> Predicate:
    def check(row: Mapping[str, Any]) -> bool:
        for item in checks:  # noqa: SIM110  a generator costs more than the checks
            if item(row):
                return True
        return False

    return check


def _condition(condition: Condition) -> Predicate:
    path, name, operand = condition.path, condition.operator, condition.value
    negates = OPERATORS[name].negates
    if negates:
        return _negation(_condition(Condition(path, negates, operand)))
    if name == "exists":
        found = _on_value(path, _is_there)
        return found if operand else _negation(found)
    if name == "elem_match":
        return _on_value(path, _element_test(operand))
    if name == "eq":
        return _equality(path, operand)
    nulls = name == "inq" and any(item is None for item in operand)
    return _on_elements(path, value_test(name, operand), nulls=nulls)


def _element_test(where: Where) -> Callable[[Any], bool]:
    """Return the test whether a list has one element that fulfils all of *where*."""
    matches, is_about_whole = compile_where(where), _is_about_whole(where)

    def test(value: Any) -> bool:
        if not isinstance(value, list):
            return False
        return any(map(matches, value if is_about_whole else map(_as_row, value)))

    return test


def _is_about_whole(where: Where) -> bool:
    """Tell whether *where* is about elements themselves, not about what is in them."""
    if isinstance(where, Condition):
        return not where.path
    return any(map(_is_about_whole, (where.child,) if isinstance(where, Not) else where.children))


def _as_row(element: Any) -> Mapping[str, Any]:
    """Return what conditions on properties of *element* look at: nothing where it has none."""
    if isinstance(element, GeoPoint):
        return element.to_json()
    return element if isinstance(element, Mapping) else {}


def _is_null(value: Any) -> bool:
    return value is None


def _is_there(value: Any) -> bool:
    return value is not None


def _on_value(path: tuple[str, ...], test: Callable[[Any], bool]) -> Predicate:
    """Return a predicate that tests what *path* leads to, a list as one value."""
    if len(path) == 1:
        name = path[0]
        return lambda row: test(row.get(name))
    return lambda row: any(map(test, reach(row, path)))


def _on_elements(path: tuple[str, ...], test: Test, *, nulls: bool) -> Predicate:
    """Return a predicate that tests what *path* leads to; a list by its elements and as a whole.

    *nulls* is the result for null, which is not tested.
    """

    def check(value: Any) -> bool:
        if value is None:
            return nulls
        if isinstance(value, list) and any(map(test, value)):
            return True
        return bool(test(value))

    def check_element(value: Any) -> bool:
        return nulls if value is None else bool(test(value))

    if not path:
        return check_element
    if len(path) > 1:
        return lambda row: any(map(check, reach(row, path)))
    name = path[0]

    def check_row(row: Mapping[str, Any]) -> bool:
        value = row.get(name)
        return bool(test(value)) if value.__class__ in _SINGLE else check(value)

    return check_row


def _equality(path: tuple[str, ...], operand: Any) -> Predicate:
    """Return a predicate that tests for equality, with texts and numbers mostly in one step."""
    if operand is None:
        return _on_value(path, _is_null)
    is_equal = _on_elements(path, value_test("eq", operand), nulls=False)
    if len(path) != 1 or operand.__class__ not in _COMPARED:
        return is_equal
    name = path[0]

    def check_row(row: Mapping[str, Any]) -> bool:
        value = row.get(name)
        if value.__class__ in _SINGLE:
            same: bool = value == operand
            return same
        return value is not None and is_equal(row)

    return check_row
