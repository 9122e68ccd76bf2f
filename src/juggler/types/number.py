"""Numbers: number, integer, decimal, and how text becomes one of them."""

from __future__ import annotations

import math
import re
from datetime import datetime
from decimal import Decimal
from enum import Enum
from operator import index
from typing import Any, Final

from juggler.types.base import BAD
from juggler.types.coerced import CoercedType, Converters, convert, operand_refused, same
from juggler.types.dates import milliseconds

_NUMBER: Final = re.compile(
    r"[+-]?(?=[0-9]|\.[0-9])[0-9]*(?P<fraction>\.[0-9]*)?(?P<exponent>[eE][+-]?[0-9]+)?"
)
_DIGITS_AND_POINT: Final = "0123456789."
_LARGEST_EXPONENT: Final = 6144  # of a decimal, the range of IEEE 754 decimal128
_LARGEST_FLOAT_EXPONENT: Final = 308
_FEW_DIGITS: Final = 600  # so many Python always reads, whatever limit is set
_EXACT_FLOAT: Final = 2**53  # up to here floats hold every whole number


def parse_number(text: str) -> Any:
    """Return the int or float that *text* is, None for blank text, or BAD.

    Text without a fraction gives an int: ``"1e3"`` is 1000.
    """
    if text.isdigit() and text.isascii():
        return int(text) if len(text) < _FEW_DIGITS else _digits(text)
    if text and not text.strip(_DIGITS_AND_POINT):
        return _fraction(text)
    text = text.strip()
    found = _NUMBER.fullmatch(text)
    if found is None:
        return BAD if text else None
    if found["fraction"]:
        return _finite(float(text))
    return _whole(text) if found["exponent"] else _digits(text)


def parse_integer(text: str) -> Any:
    """Return the int that *text* is, None for blank text, or BAD."""
    if text.isdigit() and text.isascii() and len(text) < _FEW_DIGITS:
        return int(text)
    return _integer(parse_number(text))


def parse_decimal(text: str) -> Any:
    """Return the finite Decimal that *text* is, None for blank text, or BAD."""
    is_plain = text and not text.strip(_DIGITS_AND_POINT)
    if not is_plain and not _NUMBER.fullmatch(text := text.strip()):
        return BAD if text else None
    try:
        found = Decimal(text)
    except ArithmeticError:  # two points, or an exponent that no Decimal has
        return BAD
    return found if is_plain and len(text) < _LARGEST_EXPONENT else _in_range(found)


def _digits(text: str) -> Any:
    try:
        return int(text)
    except ValueError:  # more digits than Python is willing to read
        return BAD


def _fraction(text: str) -> Any:
    try:
        return _finite(float(text))
    except ValueError:  # two points, or nothing else
        return BAD


def _finite(value: float) -> Any:
    return value if math.isfinite(value) else BAD


def _whole(text: str) -> Any:
    """Return the int that *text*, which has an exponent, is exactly; else its float."""
    value = float(text)
    if not value.is_integer():
        return _finite(value)
    if abs(value) <= _EXACT_FLOAT:
        return int(value)
    exact = Decimal(text)
    return int(exact) if int(exact) == exact else value


class NumberType(CoercedType):
    """An int or a finite float, kept as it is; text is read, dates count milliseconds."""

    name = "number"
    bad_code = "type.number"
    bad_message = "is not a number"
    exact = frozenset({int, float})
    kept = int
    from_text = staticmethod(parse_number)

    def coerce(self, value: Any) -> Any:
        """Return *value* as a number, None for blank text, or BAD."""
        kind = type(value)
        if kind is int:
            return value
        if kind is float:
            return value if math.isfinite(value) else BAD
        if kind is str:
            return parse_number(value)
        return _number(value)

    def condition(self, operand: Any) -> Any:
        """Return *operand* as a number; text that is none stays and so matches nothing.

        Raises:
            InvalidQueryError: The operand is blank, NaN, a list or a mapping.
        """
        if isinstance(operand, re.Pattern):
            return operand
        value = NUMBER.coerce(operand)
        if value is None or (value is BAD and not _comparable(operand)):
            raise operand_refused(self, operand)
        return operand if value is BAD else value


class IntegerType(NumberType):
    """A number that must be whole."""

    name = "integer"
    bad_code = "type.integer"
    bad_message = "is not an integer"
    exact = frozenset({int})
    from_text = staticmethod(parse_integer)

    def coerce(self, value: Any) -> Any:
        """Return *value* as an int, None for blank text, or BAD."""
        kind = type(value)
        if kind is int:
            return value
        if kind is str:
            return parse_integer(value)
        return _integer(NumberType.coerce(self, value))


class DecimalType(CoercedType):
    """An exact decimal number; floats are taken by their shortest text, JSON is text."""

    name = "decimal"
    bad_code = "type.decimal"
    bad_message = "is not a decimal number"
    from_text = staticmethod(parse_decimal)

    def coerce(self, value: Any) -> Any:
        """Return *value* as a finite Decimal, None for blank text, or BAD."""
        if type(value) is str:
            return parse_decimal(value)
        if not isinstance(value, Decimal):
            value = convert(value, _TO_DECIMAL)
        return _in_range(value) if isinstance(value, Decimal) else value

    def condition(self, operand: Any) -> Any:
        """Return *operand* as a Decimal; text that is none stays and so matches nothing.

        Raises:
            InvalidQueryError: The operand is blank, NaN, a list or a mapping.
        """
        if isinstance(operand, re.Pattern):
            return operand
        value = self.coerce(operand)
        if value is None or (value is BAD and not _comparable(operand)):
            raise operand_refused(self, operand)
        return operand if value is BAD else value


NUMBER: Final = NumberType()
INTEGER: Final = IntegerType()
DECIMAL: Final = DecimalType()


def _integer(value: Any) -> Any:
    """Return a number as an int, BAD where it is none; anything else as it is."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else BAD
    return value


def _number(value: Any) -> Any:
    """Return the number in *value*, which is no plain number or text."""
    found = convert(value, _TO_NUMBER)
    return index(value) if found is BAD and hasattr(type(value), "__index__") else found


def _from_member(member: Enum) -> Any:
    return BAD if member.value is None else NUMBER.coerce(member.value)


def _from_decimal(value: Decimal) -> Any:
    if not value.is_finite() or value.adjusted() > _LARGEST_FLOAT_EXPONENT:
        return BAD
    number = float(value)
    if math.isinf(number):
        return BAD
    return int(value) if number.is_integer() and int(value) == value else number


def _float_decimal(value: float) -> Any:
    return Decimal(repr(float(value)))


def _in_range(value: Decimal) -> Any:
    is_good = value.is_finite() and abs(value.adjusted()) <= _LARGEST_EXPONENT
    return value if is_good else BAD


def _member_decimal(member: Enum) -> Any:
    return BAD if member.value is None else DECIMAL.coerce(member.value)


def _comparable(operand: Any) -> bool:
    """Tell whether *operand* is something that no number equals, but that may be asked for."""
    if isinstance(operand, float):
        return not math.isnan(operand)
    return isinstance(operand, str)


_TO_NUMBER: Final[Converters] = (
    ((Enum,), _from_member),
    ((bool,), int),
    ((int,), same),
    ((float,), _finite),
    ((str,), parse_number),
    ((Decimal,), _from_decimal),
    ((datetime,), milliseconds),
)

_TO_DECIMAL: Final[Converters] = (
    ((Enum,), _member_decimal),
    ((int,), Decimal),
    ((float,), _float_decimal),
    ((str,), parse_decimal),
)
