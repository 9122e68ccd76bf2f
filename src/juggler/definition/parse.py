"""Properties as users write them -> frozen `Property` records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.expressions import Expressions, Resolves
from juggler.definition.frozen import frozen
from juggler.definition.names import PROPERTY_OPTIONS, normalise_keys
from juggler.definition.options import check_options, choices, item_options
from juggler.definition.property import NO_OPTIONS, Property
from juggler.definition.shape import EmbeddedType
from juggler.errors import DefinitionError, InvalidValueError
from juggler.messages.text import say
from juggler.types.base import BAD, ValueType
from juggler.types.dates import now
from juggler.types.ids import refuse_async
from juggler.types.structured import ListType
from juggler.types.table import TypeTable

_TAKEN: Final = frozenset(
    """
    type id generated required default default_fn index unique length limit hidden protected
    """.split()
)


class PropertyParser(Expressions):
    """Parses the properties of one definition.

    Args:
        table: Type names and Python types.
        resolves: Access to other models and to the shape table.
        reserved: Names that instances need for themselves.
        model_name: For messages.
        strict_embedded: Strictness of nested structures.
    """

    def __init__(
        self,
        table: TypeTable,
        resolves: Resolves,
        *,
        reserved: frozenset[str] = frozenset(),
        model_name: str = "",
        strict_embedded: bool | str = False,
    ) -> None:
        super().__init__(table, resolves, model_name=model_name, strict_embedded=strict_embedded)
        self._reserved = reserved

    def parse(self, given: Mapping[str, Any], path: str = "") -> list[Property]:
        """Return the properties of the mapping *given*; entries of None or False are left out.

        Raises:
            DefinitionError: A name, type or option is not understood; the message names it, and
                the error carries model, property and path.
        """
        entries = [self._entry(name, item, path) for name, item in given.items()]
        return [entry for entry in entries if entry is not None]

    def _entry(self, name: Any, definition: Any, path: str) -> Property | None:
        """Return one property, None for a definition that is none; errors say where they are."""
        where = f"{path}.{name}" if path else name
        try:
            plain = self._checked(name)
            if definition is None or definition is False:
                return None
            return self.property(plain, definition, where)
        except DefinitionError as error:
            error.model = error.model or self._model or None
            error.path = error.path or str(where)
            error.property = error.property if path else str(name)
            raise

    def property(self, name: str, definition: Any, path: str) -> Property:
        """Return one property from its short form (a type) or long form (``{"type": ...}``)."""
        if isinstance(definition, Mapping) and "type" in definition:
            return self._long_form(name, definition, path)
        if not isinstance(definition, Property):
            plain, options = self.opened(definition)
            if options or isinstance(plain, list | tuple):
                return self._long_form(name, {"type": plain, **options}, path)
            return Property(name, self.type_of(plain, path))
        if definition.name != name:
            what = self._what(path)
            raise DefinitionError(f"{what}: the property given here is called {definition.name!r}.")
        return definition

    def _long_form(self, name: str, definition: Mapping[str, Any], path: str) -> Property:
        """Return the property of a type with options."""
        what = self._what(path)
        options = normalise_keys(definition, PROPERTY_OPTIONS, what)
        expression, carried = self.opened(options["type"])
        if carried:
            options = {**normalise_keys(carried, PROPERTY_OPTIONS, what), **options}
        check_options(options, what)
        kind = self.type_of(expression, path)
        index, unique = _index(options, what)
        written = _filled(options.get("default", UNSET))
        rest = {key: item for key, item in choices(options).items() if key not in _TAKEN}
        if isinstance(kind, ListType):
            rest |= self._of_items(expression, what)
        return Property(
            name,
            kind,
            id=_position(options.get("id"), what),
            generated=bool(options.get("generated")),
            required=_required(options.get("required"), path),
            frozen_default=_default(written, kind, what),
            default_fn=self._default_function(options, kind, what),
            index=index,
            unique=unique,
            length=_length(options, what),
            hidden=bool(options.get("hidden")),
            protected=bool(options.get("protected")),
            options=frozen(rest, path) if rest else NO_OPTIONS,
            written_default=UNSET if _is_now(written, kind) else frozen(written, path),
        )

    def _of_items(self, expression: Any, what: str) -> dict[str, Any]:
        """Return the option ``items`` of a list, if its items have options of their own."""
        found = item_options(
            expression, lambda given: normalise_keys(given, PROPERTY_OPTIONS, f"{what}[]"), what
        )
        return {} if found is None else {"items": found}

    def _default_function(
        self, options: Mapping[str, Any], kind: ValueType, what: str
    ) -> Callable[..., Any] | None:
        """Return the function that makes a missing value: ``default_fn``, or a date's ``$now``."""
        given = options.get("default_fn")
        if given is None:
            return now if _is_now(options.get("default"), kind) else None
        if callable(given):
            refuse_async(given, f"{what}: default_fn")
            found: Callable[..., Any] = given
            return found
        named = self.function(given) if isinstance(given, str) else None
        if named is None:
            known = ", ".join(self.functions())
            message = say("property.default-function", what=what, name=repr(given), known=known)
            raise DefinitionError(message, value=given)
        return named

    def _checked(self, name: object) -> str:
        """Return *name* as plain text; refuse names that no instance could serve."""
        where = self._model or "The model"
        if not isinstance(name, str) or not name:
            raise DefinitionError(f"{where}: a property name is text, not {name!r}.", value=name)
        problem = _problem(name, self._reserved)
        if problem:
            raise DefinitionError(_refusal(where, name, problem))
        return name if type(name) is str else str.__str__(name)


def _refusal(where: str, name: str, problem: str) -> str:
    """Return what to say of a name that no property can have."""
    if problem in {_DOTTED, _RESERVED}:
        return say(problem, model=where, name=repr(name))
    return f"{where}: the property {name!r} cannot be defined: {problem}."


_DOTTED: Final = "property.dotted"
_RESERVED: Final = "property.reserved"


def _problem(name: str, reserved: frozenset[str]) -> str | None:
    """Return what is wrong with the name of a property (or the key of it), None if nothing is."""
    if "." in name:
        return _DOTTED
    if name.startswith("__"):
        return "names that begin with two underscores are kept for instances themselves"
    if name in reserved:
        return _RESERVED
    if not name.isascii() and not is_text(name):
        return "it is no valid Unicode text"
    return None


def is_text(name: str) -> bool:
    """Tell whether *name* can be written down: it has no lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _required(given: Any, path: str) -> bool | Mapping[str, Any]:
    """Return whether a value is required; a mapping holds the options of that rule."""
    if isinstance(given, Mapping):
        options: Mapping[str, Any] = frozen(given, path)
        return options or True
    return bool(given)


def _length(options: Mapping[str, Any], what: str) -> int | None:
    """Return the greatest length of a value, None for any."""
    length: int | None = options.get("length", options.get("limit"))
    if length is None or (type(length) is int and length > 0):
        return length
    raise DefinitionError(f"{what}: length is a positive whole number.", value=length)


def _position(given: Any, what: str) -> int:
    """Return the position of an id property, counted from 1; 0 for none."""
    if given is None or given is False:
        return 0
    if given is True:
        return 1
    if type(given) is int and given >= 0:
        return given
    raise DefinitionError(f"{what}: id is True or a position from 1, not {given!r}.", value=given)


_INDEX_KINDS: Final = frozenset({"2d", "2dsphere", "text", "hashed"})
"""Kinds of indexes that model files ask a store of documents for."""


def _index(options: Mapping[str, Any], what: str) -> tuple[bool | Mapping[str, Any], bool]:
    """Return the asked-for index and whether values are unique."""
    index = options.get("index")
    unique = options.get("unique")
    if isinstance(index, str) and index in _INDEX_KINDS:
        index = {"kind": index}
    if isinstance(index, Mapping):
        return frozen(index, what), bool(index.get("unique") if unique is None else unique)
    if not isinstance(index, bool) and index is not None:
        raise DefinitionError(f"{what}: index is True or a mapping of options.", value=index)
    return bool(index), bool(unique)


def _default(written: Any, kind: ValueType, what: str) -> Any:
    """Return the default, already a value of the property's type, frozen; UNSET for none."""
    if written is UNSET or written is None:
        return written
    if _is_now(written, kind):
        return UNSET
    if isinstance(written, type):
        raise DefinitionError(f"{what}: the default is a class; give a value or a function.")
    if callable(written):
        refuse_async(written, f"{what}: the default")
        return written
    return frozen(_coerced(written, kind, what), what)


def _filled(default: Any) -> Any:
    """Return a default; the classes of containers make an empty one."""
    return default() if default is list or default is dict else default


def _coerced(written: Any, kind: ValueType, what: str) -> Any:
    """Return a default as a value of the property's type."""
    try:
        value = kind.coerce(written)
    except InvalidValueError as error:
        raise DefinitionError(f"{what}: the default {written!r}: {error}", value=written) from error
    if value is BAD or (isinstance(kind, EmbeddedType) and not _has_parts(value)):
        raise DefinitionError(f"{what}: the default {written!r} is no {kind.name}.", value=written)
    return value


def _has_parts(value: Any) -> bool:
    """Tell whether an embedded instance can be made of *value*: it is a mapping, or an instance."""
    return isinstance(value, Mapping) or hasattr(value, "_plans")


def _is_now(default: Any, kind: ValueType) -> bool:
    """Tell whether a default stands for the current time."""
    return kind.name == "date" and (isinstance(default, type) or default == "$now")
