"""What an operand of a query becomes for each type of property."""

import re
from decimal import Decimal
from typing import Any

import pytest

from juggler.errors import InvalidQueryError
from juggler.types.table import TypeTable

NAN = float("nan")
ERROR = "INVALID_VALUE"
TABLE = TypeTable()

OPERANDS: dict[str, list[tuple[Any, Any]]] = {
    "string": [
        ("x", "x"), ("", ""), (5, "5"), (True, "true"), ([], ERROR), ({}, ERROR), (NAN, ERROR),
    ],
    "number": [
        ("10", 10), (2.5, 2.5), ("xyz", "xyz"), (True, 1), (float("inf"), float("inf")),
        ("", ERROR), (" ", ERROR), (NAN, ERROR), ([1], ERROR), ({"$gt": 1}, ERROR), (b"1", ERROR),
    ],
    "integer": [("10", 10), (2.5, 2.5), ("2.5", 2.5), ("xyz", "xyz"), ("", ERROR), ([], ERROR)],
    "decimal": [("1.50", Decimal("1.50")), (0.1, Decimal("0.1")), ("xyz", "xyz"), ("", ERROR),
                (NAN, ERROR), (Decimal("NaN"), ERROR), ([], ERROR)],
    "boolean": [
        (True, True), (0, False), (1, True), ("TRUE", True), ("false", False), ("0", False),
        (1.0, True), ("yes", ERROR), ("", ERROR), (2, ERROR), (0.5, ERROR), (NAN, ERROR),
        ([], ERROR), ({}, ERROR), ("on", ERROR),
    ],
    "buffer": [(b"x", b"x"), ("x", b"x"), (5, ERROR), ({}, ERROR)],
    "text": [("x", "x"), ([], ERROR)],
    "object": [({"a": 1}, {"a": 1}), ("x", "x")],
    "json": [([1], [1]), ('{"a":1}', '{"a":1}')],
    "any": [({"a": "1"}, {"a": "1"}), (5, 5)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "operand", "expected"),
    [
        pytest.param(name, *pair, id=f"{name}-{pair[0]!r}")
        for name, pairs in OPERANDS.items()
        for pair in pairs
    ],
)
def test_operands(name: str, operand: Any, expected: Any) -> None:
    """Operands are coerced; what can never be compared is an error with code, status and value."""
    # DAO-152, DAO-154, DAO-176
    kind = TABLE.lookup(name)
    assert kind is not None
    if expected == ERROR:
        with pytest.raises(InvalidQueryError) as caught:
            kind.condition(operand)
        assert (caught.value.code, caught.value.status_code) == (ERROR, 400)
        assert caught.value.value is operand
        return
    result = kind.condition(operand)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("name", [name for name in TABLE if name != "boolean"])
def test_patterns_pass(name: str) -> None:
    """A regular expression is an operand for every type that may hold text."""
    # DAO-153
    kind, pattern = TABLE.lookup(name), re.compile("a")
    assert kind is not None
    assert kind.condition(pattern) is pattern


def test_messages_stay_short() -> None:
    """The message shows the head of an operand, whatever its size."""
    kind = TABLE.lookup("number")
    assert kind is not None
    with pytest.raises(InvalidQueryError) as caught:
        kind.condition(["x" * 1000] * 1000)
    assert len(str(caught.value)) < 400
