"""Instances -> JSON: plain data and text, without hidden properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import UNSET

from juggler.models.instances import dump
from juggler.models.instances.state import State
from juggler.models.instances.writers import Ways, Write, Writers, fields_writer, json_writer
from juggler.types.base import ValueType
from juggler.types.plain import PLAIN, plain
from juggler.types.structured import ListType


def to_json(instance: Any, nested: bool = False) -> Any:
    """Return plain JSON data; hidden properties are left out, protected ones when *nested*."""
    writers: Writers = instance._model._blueprint.writers
    return writers.json_nested(instance) if nested else writers.json(instance)


def _embedded(instance: Any) -> Any:
    return instance._model._blueprint.writers.json_nested(instance)


def _embedded_text(instance: Any) -> Any:
    return instance._model._blueprint.writers.text_nested(instance)


# what writers are made on first use ---------------------------------------------------------------


def _first(name: str, instance: Any) -> Any:
    """Do what the writer called *name* does, which the blueprint has from now on."""
    blueprint = instance._model._blueprint
    write = _writer(blueprint, name)
    blueprint.writers = blueprint.writers._replace(**{name: write})
    return write(instance)


FIRST: Final = Writers(*(partial(_first, name) for name in Writers._fields))
"""The writers of a blueprint of which no instance was written yet."""


def _writer(blueprint: Any, name: str) -> Write:
    """Return the writer called *name* for the instances of a blueprint."""
    slowly: dict[str, Write] = {
        "json": partial(_converted, False),
        "json_nested": partial(_converted, True),
        "text": _text_of_data,
        "text_nested": _embedded,
    }
    other, cls, definition = slowly[name], blueprint.cls, blueprint.definition
    if blueprint.names.getters or (name == "text" and _has_own_form(cls)):
        return other
    is_nested = name.endswith("nested")
    dropped = definition.hidden | definition.protected if is_nested else definition.hidden
    if name.startswith("json"):
        return json_writer(cls, dropped, _ways(_embedded, other))
    encode = _ENCODE if name == "text" else None
    return fields_writer(cls, dropped, _ways(_embedded_text, other), encode=encode)


def _ways(embedded: Write, other: Write) -> Ways:
    return Ways(_converted_value, embedded, _complete, other)


def _has_own_form(cls: type) -> bool:
    """Tell whether a class of the user says what the JSON of its instances is."""
    bodies = [vars(each) for each in cls.__mro__ if "to_json" in vars(each)]
    return callable(bodies[0]["to_json"]) and bodies[0]["to_json"] is not bodies[-1]["to_json"]


def _complete(found: dict[str, Any], state: State, dropped: Collection[str]) -> dict[str, Any]:
    """Return JSON data without what was never given, with what no property is called."""
    for name in state.unset:
        found.pop(name, None)
    for more in (state.extra, state.loose):
        if more:
            added = {name: item for name, item in more.items() if name not in dropped}
            found |= {name: _converted_value(None, item) for name, item in added.items()}
    return found


# what compiled writers leave to others ------------------------------------------------------------


def _text_of_data(instance: Any) -> bytes:
    """Return JSON text of what the instance itself says its data is."""
    own = instance.to_json
    found = own() if callable(own) else to_json(instance)
    try:
        return _ENCODE(found)
    except UnicodeEncodeError:  # half of a surrogate pair, which ASCII can escape
        data = json.loads(json.dumps(found, default=_refuse), parse_constant=_null)
        return json.dumps(data, separators=(",", ":")).encode()


def _null(constant: str) -> None:
    """Return what stands for a number that JSON has no text for, as in all other texts."""


def _refuse(value: Any) -> Any:
    raise TypeError(
        f"JSON has no form for {type(value).__name__} objects; give the class a `to_json` method."
    )


_ENCODE: Final[Callable[[Any], bytes]] = msgspec.json.Encoder(enc_hook=_refuse).encode


def _converted(nested: bool, instance: Any) -> dict[str, Any]:
    """Return the JSON data of an instance that no writer can write.

    It was made before its model moved to another shape, or what it shows goes through getters.
    """
    found = dump.items(instance, False)
    if instance._getters:
        dump.read_through(instance, found)
    for name in dump.dropped(instance, True, nested):
        found.pop(name, None)
    plans = instance._plans
    for name, value in found.items():
        if type(value) not in PLAIN:
            plan = plans.get(name)
            kind = None if plan is None else plan.property.type
            found[name] = _converted_value(kind, value)
    return found


def _converted_value(kind: ValueType | None, value: Any) -> Any:
    """Return one value as JSON data, by its type where one is declared."""
    if type(value) in PLAIN:
        return value
    if kind is not None and kind.is_scalar:
        return kind.dump(value)
    if hasattr(value, "_plans"):
        return _embedded(value)
    if isinstance(value, list | tuple):
        item = kind.item if isinstance(kind, ListType) else None
        return [_converted_value(item, each) for each in value]
    if isinstance(value, dict):
        known = {key: each for key, each in value.items() if each is not UNSET}
        return {str(key): _converted_value(None, each) for key, each in known.items()}
    return plain(value)
