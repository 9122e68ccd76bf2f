"""Compiled functions that make plain data of instances: one display of a dict for all values.

Which values are JSON as they are, and which have to be made so, is decided when the code is made.
JSON text is made of an object with the same fields, which costs a third less than a dict.  Like
what makes instances (`assemble`) all this is made on first use and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET

from juggler.definition.shape import EmbeddedType
from juggler.models.instances.state import State
from juggler.types.base import ValueType
from juggler.types.choice import UUID_TYPE
from juggler.types.number import DECIMAL, NUMBER
from juggler.types.plain import PLAIN
from juggler.types.structured import ListType
from juggler.types.temporal import DATE

Write = Callable[[Any], Any]

ARE_PLAIN: Final = PLAIN.issuperset
"""Tells whether all of some classes are those of JSON values."""

_ITEMS: Final = """
def function(instance):
    return {{{items}}}
"""

_JSON: Final = """
def function(instance):
    if instance.__class__ is not Class and instance._becomes is not Class:
        return other(instance)
{lines}
    found = {{{items}}}
    state = instance._state
    if state.unset or not state.shared and (state.extra or state.loose):
        return complete(found, state, dropped)
    return found
"""

_FIELDS: Final = """
def function(instance):
    state = instance._state
    if instance.__class__ is not Class and instance._becomes is not Class:
        return other(instance)
    if not state.shared and (state.extra or state.loose):
        return other(instance)
{lines}
    found = Fields({items})
    if state.unset:
        forget(found, state.unset)
{end}
"""

_END: Final = "    return found"
_END_IN_TEXT: Final = """\
    try:
        return encode(found)
    except UnicodeEncodeError:
        return other(instance)"""

_READ: Final = "    value{at} = instance.{slot}\n"
_CONVERT: Final = "        value{at} = convert(kind{at}, value{at})"
_OTHER: Final = "    if value{at} is not None:\n" + _CONVERT
_ELSE: Final = "    elif value{at} is not None:\n" + _CONVERT
_AS_IS: Final = "    if value{at}.__class__ is not {cls} and value{at} is not None:\n" + _CONVERT
_NUMBER: Final = (
    "    if value{at}.__class__ is not int and value{at}.__class__ is not float"
    " and value{at} is not None:\n" + _CONVERT
)
_TEXT: Final = "    if value{at}.__class__ is {cls}:\n        value{at} = str(value{at})\n" + _ELSE
# What `iso_text` does, without the call.
_MOMENT: Final = (
    """\
    if value{at}.__class__ is datetime and value{at}.tzinfo is UTC:
        value{at} = builtin(value{at})
        value{at} = value{at}[:23] + "Z" if len(value{at}) > 20 else value{at}[:19] + ".000Z"
"""
    + _ELSE
)
_LIST: Final = (
    """\
    if isinstance(value{at}, list) and are_plain(map(type, value{at})):
        value{at} = [*value{at}]
"""
    + _ELSE
)
_LIST_AS_IS: Final = """\
    if not isinstance(value{at}, list) or not are_plain(map(type, value{at})):
        if value{at} is not None:
            value{at} = convert(kind{at}, value{at})"""
_EMBEDDED: Final = (
    """\
    if hasattr(value{at}, "_plans"):
        value{at} = embedded(value{at})
"""
    + _ELSE
)
_EMBEDDED_LIST: Final = (
    """\
    if isinstance(value{at}, list):
        value{at} = [
            embedded(each) if hasattr(each, "_plans") else convert(kind{at}.item, each)
            for each in value{at}
        ]
"""
    + _ELSE
)
_PLAIN_NAMES: Final[Mapping[type | None, str]] = MappingProxyType(
    {each: each.__name__ for each in PLAIN}
)
_FORMS: Final[Mapping[Any, str]] = MappingProxyType(
    {
        NUMBER: _NUMBER,
        DATE: _MOMENT,
        DECIMAL: _TEXT.replace("{cls}", "Decimal"),
        UUID_TYPE: _TEXT.replace("{cls}", "UUID"),
        ListType: _LIST,
    }
)
"""Type, or class of types -> code that makes plain JSON data of its values."""
_FORMS_OF_TEXT: Final[Mapping[Any, str]] = MappingProxyType(
    {
        **_FORMS,
        DECIMAL: _AS_IS.replace("{cls}", "Decimal"),
        UUID_TYPE: _AS_IS.replace("{cls}", "UUID"),
        ListType: _LIST_AS_IS,
    }
)
"""The same for data that text is made of at once, by what knows decimals and UUIDs."""


class Writers(NamedTuple):
    """What makes JSON of the instances of one blueprint.

    Attributes:
        json: Makes plain data.
        json_nested: The same of an instance that is embedded.
        text: Makes text.
        text_nested: Makes what text is made of, of an instance that is embedded.
    """

    json: Write
    json_nested: Write
    text: Callable[[Any], bytes]
    text_nested: Write


class Ways(NamedTuple):
    """How a writer does what it does not do itself.

    Attributes:
        convert: Makes JSON data of one value that is none yet, by its type.
        embedded: Does what the writer does for an instance that is embedded.
        complete: Takes away what was never given, and adds dynamic data but for dropped names.
        other: What is called with an instance that the writer cannot write.
    """

    convert: Callable[[ValueType | None, Any], Any]
    embedded: Write
    complete: Callable[[dict[str, Any], State, Collection[str]], dict[str, Any]]
    other: Write


def items_first(instance: Any) -> dict[str, Any]:
    """Return name -> value of all properties; from the next call on compiled code does."""
    cls = instance._becomes or type(instance)
    items = ", ".join(f"{name!r}: instance.{plan.bare}" for name, plan in cls._plans.items())
    write = _compiled(_ITEMS.format(items=items), {})
    type.__setattr__(cls, "_items", staticmethod(write))
    found: dict[str, Any] = write(instance)
    return found


def json_writer(cls: Any, dropped: Collection[str], ways: Ways) -> Write:
    """Return a function that makes plain JSON data of an instance.

    Args:
        cls: Class of the instances.
        dropped: Names to leave out, dynamic ones among them.
        ways: What the function calls.
    """
    written = {name: at for at, name in enumerate(cls._plans) if name not in dropped}
    lines, names = _lines(cls, written, is_text=False)
    items = ", ".join(f"{name!r}: value{at}" for name, at in written.items())
    names |= {"dropped": dropped, **ways._asdict()}
    return _compiled(_JSON.format(lines=lines, items=items), names)


def fields_writer(
    cls: Any,
    dropped: Collection[str],
    ways: Ways,
    *,
    encode: Callable[[Any], bytes] | None = None,
) -> Write:
    """Return a function that makes an object of an instance, of which JSON text can be made.

    Args:
        cls: Class of the instances.
        dropped: Names to leave out.
        ways: What the function calls.
        encode: Makes the text; without it the function returns the object.
    """
    written = {name: at for at, name in enumerate(cls._plans) if name not in dropped}
    if not all(map(_can_be_field, written)):
        return ways.other
    lines, names = _lines(cls, written, is_text=True)
    fields = {f"value{at}": name for name, at in written.items()}
    made = msgspec.defstruct("Fields", [(each, Any) for each in fields], rename=fields, gc=False)
    names |= {"Fields": made, "forget": _forgetting(written), "encode": encode}
    end = _END if encode is None else _END_IN_TEXT
    text = _FIELDS.format(lines=lines, items=", ".join(fields), end=end)
    return _compiled(text, names | ways._asdict())


def _can_be_field(name: str) -> bool:
    """Tell whether JSON text has the name of a property letter by letter."""
    return name.isprintable() and '"' not in name and "\\" not in name


def _forgetting(written: dict[str, int]) -> Callable[[Any, Iterable[str]], None]:
    """Return what takes fields away by the names of their properties."""

    def forget(found: Any, names: Iterable[str]) -> None:
        for name in names:
            if name in written:
                setattr(found, f"value{written[name]}", UNSET)

    return forget


def _lines(cls: Any, written: dict[str, int], *, is_text: bool) -> tuple[str, dict[str, Any]]:
    """Return code that reads properties as JSON data, and the names in it.

    Args:
        cls: Class of the instances.
        written: Names of properties, each with its place.
        is_text: Text is made of it at once.
    """
    names: dict[str, Any] = {"Class": cls, "are_plain": ARE_PLAIN, "UTC": UTC, "UUID": UUID}
    names |= {"Decimal": Decimal, "datetime": datetime, "builtin": msgspec.to_builtins}
    lines = []
    for name, at in written.items():
        plan = cls._plans[name]
        form = _form(plan.property.type, _FORMS_OF_TEXT if is_text else _FORMS)
        lines.append((_READ + form).format(at=at, slot=plan.bare))
        names[f"kind{at}"] = plan.property.type
    return "\n".join(lines), names


def _form(kind: ValueType, forms: Mapping[Any, str]) -> str:
    """Return the code that makes JSON of a value of *kind*."""
    if kind in forms:
        return forms[kind]
    if kind.kept in _PLAIN_NAMES:
        return _AS_IS.replace("{cls}", _PLAIN_NAMES[kind.kept])
    if isinstance(kind, ListType):
        return _EMBEDDED_LIST if isinstance(kind.item, EmbeddedType) else forms[ListType]
    return _EMBEDDED if isinstance(kind, EmbeddedType) else _OTHER


def _compiled(text: str, names: dict[str, Any]) -> Write:
    """Return the function in *text*."""
    exec(compile(text, "<shape>", "exec"), names)  # noqa: S102  names are quoted, slots identifiers
    function: Write = names.pop("function")
    return function
