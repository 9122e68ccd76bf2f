"""Instances: values in slots, checked writes, change tracking, plain data out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from msgspec import UNSET

from juggler.definition.shape import Shape
from juggler.errors import ValidationError
from juggler.models import dump, tracking, values
from juggler.models.assemble import Construct, Loader
from juggler.models.build import Plan
from juggler.models.state import State
from juggler.models.validate import error_of


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
    _read: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _construct: ClassVar[Construct]
    _load: ClassVar[Loader]

    __setattr__ = values.assign

    def __delattr__(self, name: str) -> None:
        self.unset_attribute(name)

    @property
    def model(self) -> Any:
        """Return the model that this is an instance of."""
        return self._model

    # reading ------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a declared or dynamic property, else *default*."""
        found = values.raw(self, name)
        return default if found is UNSET else found

    def raw(self, name: str) -> Any:
        """Return the value of a property, UNSET if it was never given."""
        return values.raw(self, name)

    def is_set(self, name: str) -> bool:
        """Tell whether a value (None included) was given for *name*."""
        return values.raw(self, name) is not UNSET

    def __getitem__(self, name: str) -> Any:
        found = values.raw(self, name)
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

    def set_attributes(self, data: Mapping[str, Any]) -> None:
        """Set each property of *data*; what is no mapping is ignored."""
        self.from_object(data)

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
        """Set the primary key of a new record."""
        ids = self._shape.ids
        if len(ids) == 1:
            values.put(self, ids[0], value)
            return
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

    @property
    def errors(self) -> Any:
        """Return the report of the last validation; None before the first."""
        return self._state.errors

    def _complaint(self) -> ValidationError:
        """Return the error that tells what the last validation found."""
        return error_of(self)

    # changes ------------------------------------------------------------------------------

    def changed(self) -> list[str]:
        """Return the names whose value differs from when the record was made, loaded or saved.

        What was assigned counts, in the order of the first assignment, and embedded instances
        that changed; lists and dicts that were changed in place do not tell.
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
        """Return the value *name* had when the record was made, loaded or saved."""
        former = self._state.changed
        if former and name in former:
            return None if former[name] is UNSET else former[name]
        return self.get(name)

    def reset(self) -> None:
        """Take back what was assigned since the record was made, loaded or saved."""
        tracking.reset(self)

    # plain data ---------------------------------------------------------------------------

    def to_object(
        self,
        only_schema: bool = True,
        remove_hidden: bool = False,
        remove_protected: bool = False,
    ) -> dict[str, Any]:
        """Return the values as a dict, embedded instances as dicts too.

        Args:
            only_schema: Leave out what a strict model does not store.
            remove_hidden: Leave out hidden properties, at any depth.
            remove_protected: Leave out protected properties of this instance; those of embedded
                ones are left out with *remove_hidden* too.
        """
        return dump.to_object(self, only_schema, remove_hidden, remove_protected)

    def to_dict(self) -> dict[str, Any]:
        """Return all values, hidden ones included, as Python values."""
        return dump.to_object(self, False, False, False)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data without hidden properties (dates as ISO text and so on)."""
        return dump.to_json(self)

    def __iter__(self) -> Iterator[str]:
        return iter(dump.items(self, False))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance) or other._model is not self._model:
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # equal by value and mutable

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what copies are made of, and pickles of instances of declared models."""
        return tracking.revived, (self._model, dump.items(self, False), tracking.kept(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in dump.shown(self).items())
        return f"{self._model.model_name}({shown})"
