"""Which type a name or a Python class stands for, and which function a name of a default."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID
from weakref import WeakSet

from juggler.errors import DefinitionError
from juggler.types.base import ValueType
from juggler.types.choice import UUID_TYPE
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.ids import DEFAULT_FUNCTIONS, refuse_async
from juggler.types.number import DECIMAL, INTEGER, NUMBER
from juggler.types.scalar import BOOLEAN, BUFFER, OBJECT_ID, STRING, TEXT
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
        "uuid": UUID_TYPE,
        "objectid": OBJECT_ID,
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
        UUID: UUID_TYPE,
        object: ANY,
    }
)


class TypeTable:
    """The types and default functions that one builder knows: built-in, its parent's, its own.

    It lives as long as its builder; what is registered here is seen by nobody else, but for tables
    that have this one as their parent.

    Args:
        parent: Table that is asked for what is not found here.

    Attributes:
        version: Number that grows whenever a name comes to mean something else.
    """

    def __init__(self, parent: TypeTable | None = None) -> None:
        self._parent = parent
        self._names: dict[str, ValueType] = {}
        self._classes: dict[type, ValueType] = {}
        self._functions: dict[str, Callable[..., Any]] = {}
        self._children: WeakSet[TypeTable] = WeakSet()
        self.version = 0
        if parent is not None:
            parent._children.add(self)

    def _changed(self) -> None:
        """Note that a name means something else, here and in the tables below."""
        self.version += 1
        for child in self._children:
            child._changed()

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
            DefinitionError: A name is no text or belongs to a built-in type, or *cls* is no class.
        """
        _check_named(cls, aliases)
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
        self._changed()
        return kind

    def define_function(self, name: str, function: Callable[..., Any]) -> None:
        """Let ``default_fn`` name *function*, which makes a missing value.

        It is called without arguments or, if it takes one, with the values given so far.

        Raises:
            DefinitionError: The name is no text or built in, or *function* cannot be called, or is
                async.
        """
        given: Any = name  # whatever the annotation asks for
        if not isinstance(given, str) or not given or not callable(function):
            raise DefinitionError(
                f"A default function is a name and something to call, not {name!r}, {function!r}.",
                value=name,
            )
        if name in DEFAULT_FUNCTIONS:
            raise DefinitionError(f"The default function {name!r} is built in.", value=name)
        refuse_async(function, f"The default function {name!r}")
        self._functions[name] = function
        self._changed()

    def function(self, name: str) -> Callable[..., Any] | None:
        """Return the default function called *name*, or None where there is none."""
        found = self._functions.get(name)
        if found is not None:
            return found
        if self._parent is not None:
            return self._parent.function(name)
        return DEFAULT_FUNCTIONS.get(name)

    def functions(self) -> list[str]:
        """Return the names of all default functions."""
        known = DEFAULT_FUNCTIONS if self._parent is None else self._parent.functions()
        return [*known, *self._functions]

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


def _check_named(cls: Any, names: tuple[Any, ...]) -> None:
    """Refuse what is no class, and names that are no text."""
    if isinstance(cls, type) and all(isinstance(name, str) and name for name in names):
        return
    raise DefinitionError(
        f"A value type is a class and names for it, not {cls!r}, {names!r}.", value=cls
    )


def builtin_types() -> TypeTable:
    """Return a fresh table with the built-in types alone."""
    return TypeTable()
