"""What most types share: loading and conditions that follow from how they coerce."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable
from typing import Any, ClassVar

from juggler.errors import InvalidQueryError
from juggler.types.base import BAD, ValueType
from juggler.types.plain import PLAIN, plain

Converters = tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...]
"""Classes, and what makes a value of their instances; the first that fits is taken."""


class CoercedType(ValueType):
    """A type that loads and compares what it would also take from a client.

    Attributes:
        exact: Classes whose instances come back from a store as they are.
        operand_code: Code of the error for an operand that cannot be compared.
    """

    exact: ClassVar[frozenset[type]] = frozenset()
    operand_code: ClassVar[str] = "INVALID_VALUE"

    def load(self, stored: Any) -> Any:
        """Return *stored* as a value of this type, or unchanged where it does not fit."""
        if type(stored) in self.exact:
            return stored
        value = self.coerce(stored)
        return stored if value is BAD else value

    def dump(self, value: Any) -> Any:
        """Return *value* as plain JSON data, also where it does not fit the type."""
        return value if type(value) in PLAIN else plain(value)

    def condition(self, operand: Any) -> Any:
        """Return *operand* as a value of this type; patterns pass.

        Raises:
            InvalidQueryError: The operand does not fit the type.
        """
        if isinstance(operand, re.Pattern):
            return operand
        value = self.coerce(operand)
        if value is BAD or value is None:
            raise operand_refused(self, operand)
        return value


def convert(value: Any, converters: Converters) -> Any:
    """Return what the converter for the class of *value* makes of it, or BAD without one."""
    for classes, make in converters:
        if isinstance(value, classes):
            return make(value)
    return BAD


def bad(_: Any) -> Any:
    """Return BAD: the converter of what is refused although its class is known."""
    return BAD


def same(value: Any) -> Any:
    """Return *value*: the converter of what fits as it is."""
    return value


def operand_refused(kind: CoercedType, operand: Any) -> InvalidQueryError:
    """Return the error for an *operand* that cannot be compared with values of *kind*."""
    return InvalidQueryError(
        f"{shown(operand)} cannot be compared with values of the type {kind.name}.",
        code=kind.operand_code,
        value=operand,
    )


def shown(value: Any) -> str:
    """Return a short text for *value* in a message, whatever its size."""
    try:
        return reprlib.repr(value)
    except ValueError:  # an int of more digits than Python is willing to write
        return f"<{type(value).__name__}>"
