"""What SQLite is taught to change lists, numbers and exact decimals where they lie."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from juggler.errors import InvalidValueError
from juggler.query.changes import Change, applied, inc, mul


def push(stored: Any, items: Any) -> Any:
    """Return the JSON text of a list with the *items* of another one appended."""
    return _encoded([*_listed(stored), *_listed(items)])


def pull(stored: Any, items: Any) -> Any:
    """Return the JSON text of a list without what equals one of *items*."""
    if stored is None:
        return None
    unwanted = set(map(_encoded, _listed(items)))
    return _encoded([item for item in _listed(stored) if _encoded(item) not in unwanted])


def number_inc(stored: Any, by: Any) -> Any:
    """Return the sum of two numbers."""
    return _number(inc(by), stored)


def number_mul(stored: Any, by: Any) -> Any:
    """Return the product of two numbers."""
    return _number(mul(by), stored)


def decimal_inc(stored: Any, by: Any) -> Any:
    """Return the text of the sum of two decimals."""
    return _decimal(inc(Decimal(by)), stored)


def decimal_mul(stored: Any, by: Any) -> Any:
    """Return the text of the product of two decimals."""
    return _decimal(mul(Decimal(by)), stored)


def _number(change: Change, stored: Any) -> Any:
    if stored is not None and type(stored) not in (int, float):
        return stored  # what another program wrote is no number: it stays
    return _calculated(change, stored)


def _decimal(change: Change, stored: Any) -> Any:
    try:
        return str(_calculated(change, Decimal(0 if stored is None else stored)))
    except InvalidOperation:  # what another program wrote is no number: it stays
        return stored


def _calculated(change: Change, value: Any) -> Any:
    """Return what *change* makes of a number.

    Raises:
        OverflowError: It is too big, as Python says of whole numbers of more than 64 bits, too.
    """
    try:
        return applied(change, value)
    except InvalidValueError as error:
        raise OverflowError(str(error)) from error


def _listed(text: Any) -> list[Any]:
    found = None if text is None else msgspec.json.decode(text)
    return found if isinstance(found, list) else []


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


CHANGES: Final = (
    ("juggler_push", 2, push),
    ("juggler_pull", 2, pull),
    ("juggler_number_inc", 2, number_inc),
    ("juggler_number_mul", 2, number_mul),
    ("juggler_decimal_inc", 2, decimal_inc),
    ("juggler_decimal_mul", 2, decimal_mul),
)
"""Name, number of arguments, function."""
