"""Cursors: where a page ended, as a short text for the caller to hand back.

A cursor is bound to its query: model, conditions (by their form), order.  It can only narrow what
a query finds, so one that somebody made up is of no use to them; it is checked all the same.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from juggler.definition.shape import Shape
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.persistence.reads.portions import Place
from juggler.query.form import form
from juggler.query.limits import LARGEST
from juggler.query.nodes import Filter, OrderBy
from juggler.types.dates import as_utc
from juggler.types.temporal import DateString

_VERSION: Final = 1
_LONGEST: Final = 8_192
_SMALLEST: Final = -(2**63)
_LONGEST_NUMBER: Final = 400
_NUMBERS: Final = frozenset({int, float, str})
_WRITTEN_AS: Final[dict[str, frozenset[type]]] = {
    **dict.fromkeys("string text objectid date datestring decimal uuid".split(), frozenset({str})),
    "boolean": frozenset({bool}),
}
"""Name of a type -> classes of its values in a cursor; numbers unless it is here."""
_WORDS: Final = "the cursor is not one of this query's; begin without a cursor"


def mark_of(model: str, query: Filter, order: Sequence[OrderBy] | None) -> str:
    """Return what all cursors of a query have in common."""
    paged = None if order is None else tuple(order)
    told = repr((model, form(query.where), query.order, paged))
    return hashlib.blake2b(told.encode("utf-8", "backslashreplace"), digest_size=9).hexdigest()


def write_cursor(mark: str, place: Place) -> str:
    """Return the cursor for *place*.

    Raises:
        InvalidQueryError: ``ORDER_NOT_PAGEABLE``: a value that the order is by is too long.
    """
    where = place.offset if place.key is None else [_told(value) for value in place.key]
    data = msgspec.json.encode([_VERSION, mark, where])
    text = base64.urlsafe_b64encode(data).decode().rstrip("=")
    if len(text) > _LONGEST:
        raise InvalidQueryError(
            "find_page: a value that the order is by is too long for a cursor; use another order.",
            code="ORDER_NOT_PAGEABLE",
            path="order",
        )
    return text


def read_cursor(text: Any, mark: str, order: Sequence[OrderBy] | None, shape: Shape) -> Place:
    """Return the place that a cursor stands for.

    Raises:
        InvalidQueryError: ``INVALID_CURSOR``: it is none, or one of another query.
    """
    where = _opened(text, mark)
    if order is None:
        if type(where) is not int or not 0 <= where <= LARGEST:
            raise _invalid()
        return Place(None, where)
    if not isinstance(where, list) or len(where) != len(order):
        raise _invalid()
    key = [_read(value, term, shape) for value, term in zip(where, order, strict=True)]
    return Place(tuple(key))


def _opened(text: Any, mark: str) -> Any:
    """Return what is in a cursor that has the right mark."""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST or not text.isascii():
        raise _invalid()
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, found, where = msgspec.json.decode(data, type=tuple[int, str, Any])
    except (binascii.Error, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise _invalid() from error
    if version != _VERSION or found != mark:
        raise _invalid()
    return where


def _read(value: Any, term: OrderBy, shape: Shape) -> Any:
    """Return one value of a key, of the type of its property."""
    if value is None:
        return None
    kind = shape.properties[term.path[0]].type
    wanted = _WRITTEN_AS.get(kind.name, _NUMBERS)
    if type(value) not in wanted or (wanted is _NUMBERS and len(str(value)) > _LONGEST_NUMBER):
        raise _invalid()
    try:
        return kind.condition(value)
    except (InvalidQueryError, InvalidValueError, ArithmeticError, ValueError) as error:
        raise _invalid() from error


def _told(value: Any) -> Any:
    """Return one value of a key as JSON has it."""
    if isinstance(value, datetime):
        return as_utc(value).isoformat()
    if isinstance(value, Decimal | UUID | DateString):
        return str(value)
    if isinstance(value, int) and not _SMALLEST <= value <= LARGEST:
        return str(value)
    return value


def _invalid() -> InvalidQueryError:
    return InvalidQueryError(f"cursor: {_WORDS}.", code="INVALID_CURSOR", path="cursor")
