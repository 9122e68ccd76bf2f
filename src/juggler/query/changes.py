"""Changes that a store works out from the value it has, so that two at once are both counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from juggler.errors import InvalidValueError
from juggler.types.base import BAD
from juggler.types.number import DECIMAL

VERBS: Final = ("inc", "mul", "push", "pull", "unset")
_DIGITS: Final = 10_000
"""Most digits of a decimal that is worked out."""


class Change(Struct, frozen=True):
    """What becomes of a stored value; made by `inc`, `mul`, `push`, `pull` and `unset`.

    Attributes:
        verb: One of `VERBS`.
        operand: A number for ``inc`` and ``mul``, a list for ``push`` and ``pull``, else None.
    """

    verb: str
    operand: Any = None


def inc(by: Any = 1) -> Change:
    """Return the change that adds *by*, which may be negative; nothing counts as 0.

    >>> from juggler import DataSource
    >>> Page = DataSource("memory").define("Page", {"path": str, "views": int})
    >>> page = await Page.create(path="/", views=1)
    >>> (await page.update_attributes({"views": inc()})).views
    2
    """
    return Change("inc", by)


def mul(by: Any) -> Change:
    """Return the change that multiplies by *by*; nothing counts as 0."""
    return Change("mul", by)


def push(*items: Any) -> Change:
    """Return the change that appends *items* to a list; nothing counts as an empty one."""
    return Change("push", list(items))


def pull(*items: Any) -> Change:
    """Return the change that takes everything out of a list that equals one of *items*."""
    return Change("pull", list(items))


def unset() -> Change:
    """Return the change that removes a value: the store has null there afterwards."""
    return Change("unset")


def has_changes(data: Mapping[str, Any]) -> bool:
    """Tell whether one of the values of *data* is a change."""
    return Change in map(type, data.values())


def applied(change: Change, value: Any) -> Any:
    """Return what *change* makes of *value*, None where there is none.

    >>> applied(inc(2), 40), applied(mul(2), None), applied(push("b"), ["a"])
    (42, 0, ['a', 'b'])

    Raises:
        InvalidValueError: ``VALUE_TOO_BIG``: the number would be infinite, or lose digits.
    """
    return _WORK[change.verb](value, change.operand)


def _sum(value: Any, by: Any) -> Any:
    if type(value) is Decimal or type(by) is Decimal:
        return _exactly(Context.add, 0 if value is None else value, by)
    return _finite(lambda: by if value is None else value + by)


def _product(value: Any, by: Any) -> Any:
    if type(value) is Decimal or type(by) is Decimal:
        return _exactly(Context.multiply, 0 if value is None else value, by)
    return _finite(lambda: by * 0 if value is None else value * by)


def _exactly(work: Callable[[Context, Any, Any], Decimal], value: Any, by: Any) -> Decimal:
    """Return what *work* makes of two decimals, without rounding."""
    context = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation, Overflow])
    try:
        found = work(context, Decimal(value), Decimal(by))
    except ArithmeticError as error:
        raise too_big() from error
    if DECIMAL.coerce(found) is BAD:
        raise too_big()
    return found


def _finite(work: Callable[[], Any]) -> Any:
    """Return the number that *work* comes to."""
    try:
        found = work()
    except OverflowError as error:
        raise too_big() from error
    if type(found) is float and not isfinite(found):
        raise too_big()
    return found


def too_big() -> InvalidValueError:
    """Return the error for a number that no store can hold."""
    return InvalidValueError(
        "The number that it would come to is too big to be stored exactly; the old one stays.",
        code="VALUE_TOO_BIG",
    )


def _longer(value: Any, items: Any) -> Any:
    return [*(value or ()), *items]


def _shorter(value: Any, items: Any) -> Any:
    return None if value is None else [item for item in value if item not in items]


def _nothing(value: Any, operand: Any) -> None:
    """Return None, whatever was there."""


_WORK: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType(
    {"inc": _sum, "mul": _product, "push": _longer, "pull": _shorter, "unset": _nothing}
)
