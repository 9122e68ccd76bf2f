"""The part of the model API that makes instances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from juggler.definition.settings import checked_strict
from juggler.models.blueprint import Blueprint
from juggler.models.extras import NOTHING
from juggler.models.instances import dump
from juggler.models.instances.assemble import Loader
from juggler.models.instances.nesting import with_text_parsed
from juggler.models.instances.values import owned

CONSTRUCTOR_OPTIONS: Final = frozenset(
    {"apply_default_values", "apply_setters", "data_source", "fields", "persisted", "strict"}
)


class ConstructMethods:
    """Making instances: of what clients give, and of rows that a store gave."""

    __slots__ = ()

    _name: str
    _blueprint: Blueprint

    def _called(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance from a mapping and keywords.

        Args:
            data: Values by name, or an instance, which is copied.
            given: Values as keywords; they win.  Keywords that no property is called are options:
                ``persisted`` (the record is in the store already), ``apply_default_values``,
                ``apply_setters`` (False leaves out the setters, but for ids), ``fields`` (names
                that count), ``strict`` and ``data_source`` (of this instance alone).

        Raises:
            InvalidValueError: A value must be refused at once (a number for a list, a bad point).
            ValidationError: A name is unknown and the mode is ``"throw"``.
            TypeError: *data* is no mapping.
        """
        blueprint = self._blueprint
        if not given and blueprint.names is NOTHING:
            return blueprint.make(self, {} if data is None else _mapping(data, self._name))
        chosen = {}
        if not CONSTRUCTOR_OPTIONS.isdisjoint(given):
            names = (
                CONSTRUCTOR_OPTIONS & given.keys() - blueprint.definition.shape.properties.keys()
            )
            chosen = {name: given.pop(name) for name in names}
        if blueprint.names is not NOTHING and _is_own(self, data):
            data = dump.complete(data)  # went through setters when it was given, and is no output
            chosen["raw"] = data.keys() - given.keys()
        values = given if data is None else {**_mapping(data, self._name), **given}
        return self._built(values, **chosen) if chosen else blueprint.make(self, values)

    if not TYPE_CHECKING:  # a checker takes the constructor of a declared model from its properties
        __call__ = _called

    def build(
        self,
        data: Mapping[str, Any],
        *,
        persisted: bool = False,
        defaults: bool = True,
        fields: Collection[str] | None = None,
        raw: Collection[str] | None = (),
    ) -> Any:
        """Return an instance from client *data*: coerced, with defaults unless told otherwise.

        Setters of the model get what is theirs, but for the names in *raw*; None is all names.
        """
        make = self._blueprint.make
        if raw == ():
            return make(self, data, persisted=persisted, defaults=defaults, fields=fields)
        return self._built(
            data, persisted=persisted, apply_default_values=defaults, fields=fields, raw=raw
        )

    def _built(
        self,
        data: Mapping[str, Any],
        *,
        persisted: Any = False,
        apply_default_values: bool = True,
        apply_setters: bool = True,
        fields: Collection[str] | None = None,
        data_source: Any = None,
        strict: bool | str | None = None,
        raw: Collection[str] | None = (),
    ) -> Any:
        """Return an instance as the options of the constructor say."""
        blueprint = self._blueprint
        if not apply_setters:
            data = with_text_parsed(self, data)
            others = data.keys() - set(blueprint.definition.shape.ids)
            raw = None if raw is None else others.union(raw)
        more: dict[str, Any] = {"raw": raw} if blueprint.names.setters else {}
        instance = blueprint.make(
            self,
            data,
            persisted=persisted is True,
            defaults=apply_default_values,
            fields=fields,
            strict=strict if strict is None else checked_strict(strict, self._name),
            **more,
        )
        if data_source is not None:
            owned(instance).source = data_source
        return instance

    def load(self, row: Mapping[str, Any]) -> Any:
        """Return an instance from a row that a store gave: trusted, without defaults or setters."""
        load: Loader = self._blueprint.maker._load
        return load(self, row)


def _is_own(model: Any, data: Any) -> bool:
    """Tell whether *data* is an instance of *model*, whose values went through its setters."""
    return not isinstance(data, Mapping) and isinstance(data, model)


def _mapping(data: Any, name: str) -> Mapping[str, Any]:
    """Return *data* as a mapping; an instance gives its values."""
    if data.__class__ is dict or isinstance(data, Mapping):
        return data
    if hasattr(data, "_plans") and not isinstance(data, type):
        plain: Mapping[str, Any] = data.to_dict()
        return plain
    raise TypeError(f"{name} is made from a mapping or keywords, not {type(data).__name__}.")
