"""Values out of a fixed or wide set of one form: members of enumerations, and UUIDs."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final
from uuid import UUID

from juggler.types.base import BAD
from juggler.types.coerced import CoercedType
from juggler.types.plain import plain
from juggler.types.structured import ClassType

_TEXT_LENGTHS: Final = frozenset({32, 36, 38, 41, 45})  # bare, dashed, {braces}, and as URNs
_BYTES: Final = 16


class EnumType(ClassType):
    """Members of an enumeration, given as themselves, by their values or by the text of these.

    Their JSON is the plain form of their value.
    """

    name = "enum"
    bad_code = "type.enum"
    bad_message = "is not one of the choices"
    cls: type[Enum]

    def __init__(self, cls: type[Enum]) -> None:
        super().__init__(cls)
        written = {_key(plain(member.value)): member for member in reversed(list(cls))}
        texts = {str(plain(member.value)): member for member in reversed(list(cls))}
        more = cls._missing_.__func__ is not Enum._missing_.__func__  # type: ignore[attr-defined]
        # Types are frozen.
        vars(self).update(_written=written, _texts=texts, _knows_more=more)

    def coerce(self, value: Any) -> Any:
        """Return the member that *value* is or stands for, or BAD."""
        if type(value) is self.cls:
            return value
        found = self._member(value)
        if found is None and vars(self)["_knows_more"]:
            found = ClassType.coerce(self, value)
        return BAD if found is None else found

    def _member(self, value: Any) -> Enum | None:
        written: dict[Any, Enum] = vars(self)["_written"]
        try:
            found = written.get(_key(plain(value)))
        except TypeError:  # a value that has no hash
            return None
        if found is None and isinstance(value, str):
            found = vars(self)["_texts"].get(value)
        return found

    def canonical(self) -> Any:
        """Return the identity of the enumeration, which lives as long as this type does."""
        return ["enum", id(self.cls)]


class UuidType(CoercedType):
    """A `uuid.UUID`, also from its text or its 16 bytes; JSON is its text with dashes."""

    name = "uuid"
    bad_code = "type.uuid"
    bad_message = "is not a UUID"
    exact = frozenset({UUID})
    kept = UUID
    rebuilds = True

    def coerce(self, value: Any) -> Any:
        """Return *value* as a UUID, None for the empty text, or BAD."""
        if isinstance(value, UUID):
            return value
        if isinstance(value, str):
            return _uuid_of(value) if value else None
        return UUID(bytes=value) if isinstance(value, bytes) and len(value) == _BYTES else BAD


UUID_TYPE: Final = UuidType()


def _uuid_of(text: str) -> Any:
    try:
        return UUID(text) if len(text) in _TEXT_LENGTHS else BAD
    except ValueError:
        return BAD


def _key(value: Any) -> Any:
    """Return what tells equal values of different types apart, True from 1."""
    if isinstance(value, list):
        return (list, tuple(map(_key, value)))
    if isinstance(value, dict):
        return (dict, tuple((key, _key(item)) for key, item in value.items()))
    hash(value)
    return (type(value), value) if type(value) is not float else (int, value)
