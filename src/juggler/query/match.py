"""Match rows against a normalised where: nodes become nested functions, built once per query.

Values of different kinds never match one another; a condition on a list holds if it does for one
of its elements, a negated one if it does for none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from juggler.query.checks import Test, value_test
from juggler.query.nodes import And, Condition, Not, Where
from juggler.query.operators import OPERATORS
from juggler.query.values import reach

Predicate = Callable[[Mapping[str, Any]], bool]


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
    if name == "eq" and operand is None:
        return _on_value(path, _is_null)
    nulls = name == "inq" and any(item is None for item in operand)
    return _on_elements(path, value_test(name, operand), nulls=nulls)


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

    if len(path) > 1:
        return lambda row: any(map(check, reach(row, path)))
    name = path[0]
    return lambda row: check(row.get(name))
