"""Which type a name or a Python class stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from juggler.errors import DefinitionError
from juggler.types.base import ValueType
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.number import DECIMAL, INTEGER, NUMBER
from juggler.types.scalar import BOOLEAN, BUFFER, STRING, TEXT
from juggler.types.structured import ANY, JSON, OBJECT, ClassType, ListType
from juggler.types.temporal import DATE, DATE_STRING, DateString

ARRAY: Final = ListType()

BUILTIN_NAMES: Final[Mapping[str, ValueType]] = MappingProxyType(
    {
        "string": STRING,
        "text": TEXT,
        "number": NUMBER,
        "integer": INTEGER,
        "int": INTEGER,
        "decimal": DECIMAL,
        "boolean": BOOLEAN,
        "date": DATE,
        "datestring": DATE_STRING,
        "date_string": DATE_STRING,
        "buffer": BUFFER,
        "binary": BUFFER,
        "array": ARRAY,
        "object": OBJECT,
        "json": JSON,
        "any": ANY,
        "geopoint": GEO_POINT,
    }
)

BUILTIN_CLASSES: Final[Mapping[type, ValueType]] = MappingProxyType(
    {
        str: STRING,
        int: INTEGER,
        float: NUMBER,
        Decimal: DECIMAL,
        bool: BOOLEAN,
        datetime: DATE,
        date: DATE,
        DateString: DATE_STRING,
        bytes: BUFFER,
        list: ARRAY,
        dict: OBJECT,
        GeoPoint: GEO_POINT,
        object: ANY,
    }
)


class TypeTable:
    """The types that one builder knows: the built-in ones, its parent's and its own.

    It lives as long as its builder; what is registered here is seen by nobody else.

    Args:
        parent: Table that is asked for what is not found here.
    """

    def __init__(self, parent: TypeTable | None = None) -> None:
        self._parent = parent
        self._names: dict[str, ValueType] = {}
        self._classes: dict[type, ValueType] = {}

    def lookup(self, expr: Any) -> ValueType | None:
        """Return the type that *expr*, a name in any case or a Python class, stands for.

        None means that it stands for none here: it may be a list, a nested dict or a model.
        """
        if isinstance(expr, str):
            return self._by_name(expr.lower())
        if expr is Any:
            return ANY
        return self._by_class(expr) if isinstance(expr, type) else None

    def register(self, cls: type, *aliases: str) -> ClassType:
        """Make *cls* a type, named by its own name and *aliases*, and return it.

        Raises:
            DefinitionError: A name belongs to a built-in type.
        """
        names = [name.lower() for name in (cls.__name__, *aliases)]
        taken = [name for name in names if name in BUILTIN_NAMES]
        if taken:
            raise DefinitionError(
                f"The type name {taken[0]!r} is built in; register {cls.__name__} under another.",
                value=taken[0],
            )
        kind = ClassType(cls)
        self._classes[cls] = kind
        self._names.update(dict.fromkeys(names, kind))
        return kind

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._by_name(name.lower()) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over every name that can be looked up."""
        yield from BUILTIN_NAMES if self._parent is None else self._parent
        yield from self._names

    def _by_name(self, name: str) -> ValueType | None:
        found = self._names.get(name)
        if found is not None:
            return found
        return self._parent._by_name(name) if self._parent is not None else BUILTIN_NAMES.get(name)

    def _by_class(self, cls: type) -> ValueType | None:
        found = self._classes.get(cls)
        if found is not None:
            return found
        return self._parent._by_class(cls) if self._parent is not None else BUILTIN_CLASSES.get(cls)


def builtin_types() -> TypeTable:
    """Return a fresh table with the built-in types alone."""
    return TypeTable()
