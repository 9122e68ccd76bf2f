"""Types whose values have parts: lists, open objects, JSON, anything, instances of a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from juggler.errors import InvalidQueryError, InvalidValueError, JugglerError
from juggler.messages.text import say
from juggler.types.base import BAD, ValueType
from juggler.types.coerced import CoercedType
from juggler.types.plain import plain


class AnyType(ValueType):
    """Takes every value as it is; text is never parsed."""

    name = "any"
    is_scalar = False

    def coerce(self, value: Any) -> Any:
        """Return *value* unchanged."""
        return value

    def load(self, stored: Any) -> Any:
        """Return *stored* unchanged."""
        return stored

    def dump(self, value: Any) -> Any:
        """Return *value* as plain JSON data."""
        return plain(value)

    def condition(self, operand: Any) -> Any:
        """Return *operand* unchanged."""
        return operand


class ObjectType(AnyType):
    """An open object; other values are kept, as the original does."""

    name = "object"

    def load(self, stored: Any) -> Any:
        """Return *stored*, parsed where it is the JSON text of an object or list."""
        return parse_json(stored)


class JsonType(ObjectType):
    """JSON data: text given to a constructor is parsed, text assigned stays text."""

    name = "json"

    def construct(self, value: Any) -> Any:
        """Return *value* as a constructor takes it, parsed where it is JSON text."""
        return parse_json(value)


ANY: Final = AnyType()
OBJECT: Final = ObjectType()
JSON: Final = JsonType()


class ListType(ValueType):
    """A list of items of one type; ``item`` is ``any`` when none was given.

    A list with a bad item is bad as a whole, with the code of its item type.
    """

    name = "array"
    is_scalar = False
    item: ValueType
    _are_kept: Callable[[Iterable[type]], bool] | None

    def __init__(self, item: ValueType | None = None) -> None:
        kind = item or ANY
        # Types are frozen; a checker sees class variables in most of these, but here they differ.
        vars(self).update(
            item=kind,
            bad_code=kind.bad_code,
            bad_message=kind.bad_message,
            rebuilds=kind.rebuilds,
            _are_kept=None if kind.kept is None else frozenset({kind.kept}).issuperset,
        )

    def coerce(self, value: Any) -> Any:
        """Return a new list with the items of *value* coerced, or BAD when one of them is.

        None items stay.  *value* may be the JSON text of a list.

        Raises:
            InvalidValueError: *value* is no list, or an item must be refused at once.
        """
        items = list_items(value)
        if type(self.item) is AnyType:
            return list(items)
        if self._are_kept is not None and self._are_kept(map(type, items)):
            return list(items)
        coerce, result = self.item.coerce, []
        try:
            for item in items:
                good = item if item is None or item is msgspec.UNSET else coerce(item)
                if good is BAD:
                    return BAD
                result.append(good)
        except InvalidValueError as error:
            place = str(len(result))
            error.path = place if error.path is None else f"{place}.{error.path}"
            raise
        return result

    def load(self, stored: Any) -> Any:
        """Return *stored* with its items loaded; what is no list stays as it is."""
        try:
            items = list_items(stored)
        except InvalidValueError:
            return stored
        load = self.item.load
        return [None if item is None else load(item) for item in items]

    def dump(self, value: Any) -> Any:
        """Return *value* as a list of plain JSON data."""
        if not isinstance(value, (list, tuple)):
            return plain(value)
        dump = self.item.dump
        return [None if item is None else dump(item) for item in value]

    def condition(self, operand: Any) -> Any:
        """Return *operand*, one item or a whole list of them, coerced to the item type.

        A mapping with the keys ``0`` to ``n-1`` is a list, as query strings write it.

        Raises:
            InvalidQueryError: An item cannot be compared, or such a mapping has holes.
        """
        if type(self.item) is AnyType:
            return operand
        if isinstance(operand, Mapping):
            operand = _listed(operand, needed=self.item.is_scalar)
        if not isinstance(operand, (list, tuple)):
            return self.item.condition(operand)
        condition = self.item.condition
        return [
            item if item is None or item is msgspec.UNSET else condition(item) for item in operand
        ]

    def canonical(self) -> Any:
        """Return the list and the form of its item type."""
        return ["list", self.item.canonical()]

    def __repr__(self) -> str:
        return f"<type [{self.item.name}]>"


class ClassType(CoercedType):
    """Instances of a Python class, which is called with values of other kinds."""

    name = "class"
    bad_code = "type.class"
    bad_message = "is not accepted by its class"
    rebuilds = True
    cls: type

    def __init__(self, cls: type) -> None:
        vars(self)["cls"] = cls  # types are frozen

    def coerce(self, value: Any) -> Any:
        """Return *value* if it is an instance, else what the class makes of it, or BAD."""
        if isinstance(value, self.cls):
            return value
        try:
            return self.cls(value)
        except JugglerError:
            raise
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
            return BAD

    def canonical(self) -> Any:
        """Return the identity of the class, which lives as long as this type does."""
        return ["class", id(self.cls)]

    def __repr__(self) -> str:
        return f"<type {self.cls.__name__}>"


def parse_json(value: Any) -> Any:
    """Return the object or list that *value* is the JSON text of; anything else unchanged."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"[", "{"}:
        return value
    return decoded(value)


def decoded(value: Any) -> Any:
    """Return what *value*, text or bytes, is the JSON of; anything else unchanged."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return msgspec.json.decode(value if isinstance(value, bytes) else value.encode())
    except (ValueError, RecursionError):  # no JSON, half of a surrogate pair, or nested too deep
        return value


def list_items(value: Any) -> Any:
    """Return the items that *value*, a list or the JSON text of one, stands for.

    A number never becomes a length.

    Raises:
        InvalidValueError: It stands for no list.
    """
    if isinstance(value, (list, tuple)):
        return value
    if not isinstance(value, str):
        raise InvalidValueError(say("value.items"), value=value)
    if value.strip() == "null":
        return []
    items = parse_json(value)
    if not isinstance(items, list):
        raise InvalidValueError(say("value.list-json"), value=value)
    return items


def _listed(operand: Mapping[Any, Any], *, needed: bool) -> Any:
    """Return the list that an index-keyed mapping means, the mapping itself if it is none."""
    keys = {str(key): key for key in operand}
    places = [str(index) for index in range(len(keys))]
    if keys and keys.keys() == set(places):
        return [operand[keys[place]] for place in places]
    if needed:
        raise InvalidQueryError(
            "A list is needed here; a mapping stands for one only with the keys 0 to n-1.",
            code="INVALID_VALUE",
            value=operand,
        )
    return operand
