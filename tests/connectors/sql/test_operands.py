"""Operands on their way to a statement keep their meaning."""

import math
import sqlite3
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.sql.drivers.sqlite_functions import compare_decimals, register
from juggler.connectors.sql.operands import (
    FEW,
    Many,
    exact_number,
    glob,
    number_from_above,
    number_from_below,
    settle_lists,
)
from juggler.query.match import compile_where
from juggler.query.nodes import And, Condition, Not, Or, Where
from juggler.query.patterns import like_test

PATTERN = st.text(st.sampled_from("ab%_\\*?[]^-é\0"), max_size=6)
TEXT = st.text(st.sampled_from("ab%_\\*?[]^-é"), max_size=6)
NUMBER = st.one_of(
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30),
)


@given(PATTERN, TEXT)
def test_glob_is_like(pattern: str, text: str) -> None:
    """SQLite's GLOB with the pattern that is made of a ``like`` matches what ``like`` does."""
    found = SQLITE.execute("SELECT ? GLOB ?", (text, glob(pattern))).fetchone()[0]
    assert bool(found) == bool(like_test(pattern)(text))


def around(operand: Any) -> st.SearchStrategy[tuple[Any, float]]:
    """Return *operand* with numbers that a column can hold, most of them next to it."""
    try:
        nearest = float(operand)
    except OverflowError:
        nearest = math.inf
    close = [nearest, math.nextafter(nearest, math.inf), math.nextafter(nearest, -math.inf)]
    if abs(nearest) < 2**62:
        close += [int(nearest), int(nearest) + 1, int(nearest) - 1]
    return st.tuples(st.just(operand), st.sampled_from(close) | st.integers(-(2**63), 2**63 - 1))


@given(NUMBER.flatmap(around))
def test_bounds_keep_their_meaning(pair: tuple[Any, float]) -> None:
    """A bound that no column can hold separates stored numbers as it would itself."""
    operand, stored = pair
    value, exact = _fraction(stored), _fraction(operand)
    assert (stored > number_from_below(operand)) == (value > exact)
    assert (stored <= number_from_below(operand)) == (value <= exact)
    assert (stored >= number_from_above(operand)) == (value >= exact)
    assert (stored < number_from_above(operand)) == (value < exact)
    assert (stored == exact_number(operand)) == (value == exact)


def _fraction(number: Any) -> Any:
    return number if isinstance(number, float) and math.isinf(number) else Fraction(number)


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), max_size=6))
def test_decimals_sort_by_value(numbers: list[Decimal]) -> None:
    """Texts of decimals are compared as the numbers they are."""
    for first in numbers:
        for second in numbers:
            wanted = (first > second) - (first < second)
            assert compare_decimals(str(first), str(second)) == wanted


def test_what_is_no_decimal_sorts_last() -> None:
    """Texts that are no numbers have their own place and never raise."""
    assert compare_decimals("x", "1") == 1
    assert compare_decimals("1", "NaN") == -1
    assert compare_decimals("x", "y") == -1
    assert compare_decimals("x", "x") == 0


def expanded(where: Where) -> Where:
    """Return *where* with lists as they were, for the matcher."""
    if isinstance(where, Condition):
        value = where.value.items if isinstance(where.value, Many) else where.value
        return Condition(where.path, where.operator, value)
    if isinstance(where, Not):
        return Not(expanded(where.child))
    return type(where)(tuple(map(expanded, where.children)))


ITEM = st.one_of(st.none(), st.integers(0, 30), st.sampled_from("abc"), st.floats(0, 3))
LISTED = st.builds(
    Condition,
    st.just(("a",)),
    st.sampled_from(("inq", "nin")),
    st.lists(ITEM, max_size=2 * FEW).map(tuple),
)
WHERE = st.one_of(LISTED, LISTED.map(Not), st.builds(Or, st.tuples(LISTED, LISTED)))


@given(WHERE, ITEM)
def test_settled_lists_mean_the_same(where: Where, value: Any) -> None:
    """Lists of another length, and null beside them, match the same rows."""
    row = {"a": value}
    assert compile_where(expanded(settle_lists(where)))(row) == compile_where(where)(row)


def test_what_has_no_list_stays_itself() -> None:
    """A where without lists is not copied."""
    where = And((Condition(("a",), "eq", 1), Not(Or((Condition(("b",), "gt", 2),)))))
    assert settle_lists(where) is where


def test_patterns_in_sqlite() -> None:
    """Other values than text never match, and never fail."""
    for call in ("juggler_ilike('%', ?)", "juggler_regexp('.', 32, ?)"):
        for value in (None, 1, 1.5, b"a"):
            assert SQLITE.execute(f"SELECT {call}", (value,)).fetchone() == (0,)
    assert SQLITE.execute("SELECT juggler_regexp('^b', 2, 'B')").fetchone() == (1,)
    for number in range(200):  # more patterns than are kept
        assert SQLITE.execute("SELECT juggler_ilike(?, ?)", (f"A{number}", f"a{number}")).fetchone()
    for bad in (None, 5, "no json", "[]", "{}", '{"lat":1}', "null"):
        assert SQLITE.execute("SELECT juggler_angle(1, 2, ?)", (bad,)).fetchone() == (None,)


def test_a_pattern_that_python_warns_of_is_looked_for_in_silence() -> None:
    """How sets may be read one day is no client's business; a warning as error would fail."""
    # DAO-178
    found = SQLITE.execute("SELECT juggler_regexp('[[a]b', 32, 'ab')").fetchone()
    assert found == (1,)


def _sqlite() -> sqlite3.Connection:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    register(raw)
    return raw


SQLITE = _sqlite()
