"""Instances: values in slots, checked writes, change tracking, plain data out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from msgspec import UNSET

from juggler.definition.shape import Shape
from juggler.errors import ConnectorDetachedError, InvalidValueError, ValidationError
from juggler.models.build import Plan, SharedName
from juggler.models.instances import dump, tracking, values
from juggler.models.instances.assemble import Construct, Loader
from juggler.models.instances.parents import parent_of
from juggler.models.instances.state import State
from juggler.models.instances.writers import Write
from juggler.models.interop import showing
from juggler.models.validating.validate import error_of


class NamesType(Protocol):
    """`get_property_type` of a model, or of an instance, as checkers see it."""

    def __call__(self, name: str) -> str | None:
        """Return the name of a property's type."""


class Instance:
    """One record of a model.  Not safe for writes from several tasks at once.

    A declared property is an attribute; one that was never given reads as None (`is_set` and `raw`
    tell the difference).  ``instance[name]`` reads and writes declared and dynamic keys alike.
    """

    __slots__ = ("__weakref__", "_model", "_state")

    _model: Any
    _state: State
    _shape: ClassVar[Shape]
    _plans: ClassVar[Mapping[str, Plan]]
    _mutable: ClassVar[tuple[str, ...]]
    _parts: ClassVar[tuple[Plan, ...]]
    _late: ClassVar[tuple[Plan, ...]]
    _becomes: ClassVar[type | None] = None
    _read: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _items: ClassVar[Write]
    _construct: ClassVar[Construct]
    _load: ClassVar[Loader]
    _getters: ClassVar[frozenset[str]] = frozenset()
    _setters: ClassVar[frozenset[str]] = frozenset()

    __setattr__ = values.assign

    def __delattr__(self, name: str) -> None:
        self.unset_attribute(name)

    @property
    def model(self) -> Any:
        """Return the model that this is an instance of."""
        return self._model

    if not TYPE_CHECKING:  # a property of a model may be called so, and be of another type

        @property
        def parent(self) -> Any:
            """Return the instance that this one is embedded in, alone or in a list.

            None unless ``parent_ref`` is on for either model, and when that instance is gone: it
            is known weakly.  A property called ``parent`` takes the place of this.
            """
            return parent_of(self)

    # reading ------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a declared or dynamic property, else *default*."""
        found = values.read(self, name)
        return default if found is UNSET else found

    def raw(self, name: str) -> Any:
        """Return the value of a property as it is stored, UNSET if it was never given."""
        return values.raw(self, name)

    def is_set(self, name: str) -> bool:
        """Tell whether a value (None included) was given for *name*."""
        return values.raw(self, name) is not UNSET

    def __getitem__(self, name: str) -> Any:
        found = values.read(self, name)
        if found is UNSET:
            if name in self._plans:
                return None
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.is_set(name)

    # writing ------------------------------------------------------------------------------

    def __setitem__(self, name: str, value: Any) -> None:
        values.attach(self, name, value)

    def set_attribute(self, name: str, value: Any) -> None:
        """Set one property; the value is coerced to its type."""
        values.attach(self, name, value)

    def set_raw(self, name: str, value: Any) -> None:
        """Set one property without the model's setter for it; the value is coerced to its type."""
        values.set_raw(self, name, value)

    def set_attributes(self, data: Mapping[str, Any]) -> None:
        """Set each property of *data* and tell the model's listeners of ``set``.

        What is no mapping is ignored.
        """
        if isinstance(data, Mapping):
            self.from_object(data)
            self._model.emit("set", self)

    def from_object(self, data: Mapping[str, Any]) -> None:
        """Set each property of *data*, whatever the default scope forces."""
        if isinstance(data, Mapping):
            for name, value in data.items():
                values.attach(self, name, value)

    def unset_attribute(self, name: str, nullify: bool = False) -> None:
        """Remove the value of *name*, or make it None with *nullify*.

        A save writes null in the place of a removed value.
        """
        if nullify:
            values.attach(self, name, None)
        else:
            values.remove(self, name)

    def set_strict(self, mode: bool | str | None) -> None:
        """Treat undeclared data of this instance alone as *mode* says; None: as the model says.

        What is undeclared stays readable; on an open instance it is stored, on a strict one not.

        Raises:
            DefinitionError: There is no such mode.
        """
        values.set_strict(self, mode)

    def apply_defaults(self, *, nulls: bool = False) -> list[str]:
        """Fill in the defaults of what is missing and return the names; saving stores them.

        Args:
            nulls: Fill in the place of None too, which is how a table keeps what is missing.
        """
        return values.apply_defaults(self, nulls=nulls)

    # identity -----------------------------------------------------------------------------

    def get_id(self) -> Any:
        """Return the value of the primary key; a dict of its parts if there are several."""
        ids = self._shape.ids
        if len(ids) == 1:
            return self.get(ids[0])
        return {name: self.get(name) for name in ids}

    def set_id(self, value: Any) -> None:
        """Set the primary key of a new record.

        Raises:
            InvalidValueError: The key has several parts, and *value* does not give each of them.
        """
        ids = self._shape.ids
        if len(ids) == 1:
            values.put(self, ids[0], value)
            return
        if not isinstance(value, Mapping) or not value.keys() >= set(ids):
            raise InvalidValueError(
                f"{self._model.model_name}: an id is a mapping of {', '.join(ids)}, not {value!r}.",
                code="INVALID_ID",
                model=self._model.model_name,
                value=value,
            )
        for name in ids:
            values.put(self, name, value[name])

    @classmethod
    def get_id_name(cls) -> str | None:
        """Return the name of the primary key's (first) property, or None."""
        return cls._shape.id_name

    def is_new_record(self) -> bool:
        """Tell whether the record was never stored nor loaded."""
        return not self._state.persisted

    def is_destroyed(self) -> bool:
        """Tell whether the record was deleted through this instance."""
        return self._state.destroyed

    def _source(self) -> Any:
        """Return the data source of this instance: its own, else that of its model.

        Raises:
            ConnectorDetachedError: There is none.
        """
        own = self._state.source
        return self._model.data_source if own is None else own

    def _connector(self) -> Any:
        """Return the connector that the record is on.

        Raises:
            ConnectorDetachedError: There is none, or its data source was closed.
        """
        found = self._source().connector
        if found is None:
            name = self._model.model_name
            raise ConnectorDetachedError(
                f"get_connector: the data source of {name} was closed.", model=name
            )
        return found

    def _property_type(self, name: str) -> str | None:
        """Return the name of a property's type, None for a name that is no property's."""
        found: str | None = self._model.get_property_type(name)
        return found

    get_property_type: ClassVar[NamesType] = cast(
        "Any", SharedName("get_property_type", _property_type)
    )
    get_data_source: ClassVar[Any] = SharedName("get_data_source", _source)
    get_connector: ClassVar[Any] = SharedName("get_connector", _connector)

    @property
    def errors(self) -> Any:
        """Return the report of the last validation, which is false where nothing is wrong.

        None before the first, and where a write saw at once that nothing is.
        """
        return self._state.errors

    def _complaint(self) -> ValidationError:
        """Return the error that tells what the last validation found."""
        return error_of(self)

    # changes ------------------------------------------------------------------------------

    def changed(self) -> list[str]:
        """Return the names whose value differs from when the record was made, loaded or saved.

        What was assigned counts, lists that were changed in place, and embedded instances that
        changed, in the order of the first change; dicts that were changed in place do not tell.
        """
        return list(tracking.changes(self))

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return name -> (former value, value now) of what changed."""
        return tracking.changes(self)

    @property
    def previous_changes(self) -> Mapping[str, tuple[Any, Any]]:
        """Return name -> (former value, saved value) of the last save."""
        return self._state.previous or {}

    def property_was(self, name: str) -> Any:
        """Return the value *name* had when the record was made, loaded or saved.

        Embedded instances that changed since are plain data, as in `changes`.
        """
        return tracking.was(self, name)

    def _list_changes(self, name: str, found: Any) -> bool:
        """Note that the list *found* is about to change; tell whether it is in that property."""
        return tracking.list_changes(self, name, found)

    def _names_error(self, error: InvalidValueError, name: str) -> None:
        """Tell an *error* of a list of which model and property it is."""
        values.named(error, self._model, name)

    def _list_changed(self, name: str) -> None:
        """Find out anew whether something is bad in a list that has changed."""
        tracking.list_changed(self, name)

    def reset(self) -> None:
        """Take back what was assigned since the record was made, loaded or saved."""
        tracking.reset(self)

    # plain data ---------------------------------------------------------------------------

    def to_object(
        self,
        only_schema: bool | Mapping[str, bool] = True,
        remove_hidden: bool = False,
        remove_protected: bool = False,
    ) -> dict[str, Any]:
        """Return the values as a dict, embedded instances as dicts too.

        Args:
            only_schema: Leave out what a strict model does not store; or a dict of all the
                options, LoopBack's spelling included.
            remove_hidden: Leave out hidden properties, at any depth.
            remove_protected: Leave out protected properties, at any depth; those of embedded
                instances are left out with *remove_hidden* too.
        """
        if not isinstance(only_schema, bool) and isinstance(only_schema, Mapping):
            return dump.to_object(self, *dump.options_of(only_schema))
        return dump.to_object(self, only_schema, remove_hidden, remove_protected)

    def to_dict(self) -> dict[str, Any]:
        """Return all values, hidden ones included, as Python values."""
        return dump.to_object(self, False, False, False)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data without hidden properties (dates as ISO text and so on)."""
        found: dict[str, Any] = self._model._blueprint.writers.json(self)
        return found

    def to_json_bytes(self) -> bytes:
        """Return `to_json` as JSON text in UTF-8.

        Raises:
            TypeError: JSON has no form for an object in it.
        """
        found: bytes = self._model._blueprint.writers.text(self)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dump.items(self, False))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance) or other._model is not self._model:
            return NotImplemented
        return dump.complete(self) == dump.complete(other)

    __hash__ = None  # type: ignore[assignment]  # equal by value and mutable

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what copies are made of, and pickles of instances of declared models."""
        return tracking.revived, (self._model, dump.items(self, False), tracking.kept(self))

    def __rich_repr__(self) -> Iterator[Any]:
        yield from showing.rich_of(self)

    def _repr_html_(self) -> str:
        """Return the record as notebooks show it."""
        return showing.html_of(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in dump.shown(self).items())
        return f"{self._model.model_name}({shown})"
