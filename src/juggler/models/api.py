"""The part of the model API that needs no store; it stands once for both kinds of models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeVar, overload

from juggler.connectors.contract import ModelInfo
from juggler.definition.model import Definition, http_path, plural_of
from juggler.definition.property import Property
from juggler.definition.settings import checked_strict
from juggler.definition.shape import Shape
from juggler.errors import ConnectorDetachedError, JugglerError, ModelDisposedError
from juggler.models.assemble import Loader
from juggler.models.behaviour import Behaviour, Observe
from juggler.models.binding import Home, Source
from juggler.models.blueprint import Blueprint
from juggler.models.making import make
from juggler.models.nesting import nest
from juggler.models.routing import check_source, default_source, routed
from juggler.models.rules import RuleMethods
from juggler.models.structure import StructureMethods

ALIVE: Final = ""
DISPOSED: Final = "disposed"
DETACHED: Final = "detached"

CONSTRUCTOR_OPTIONS: Final = frozenset(
    {"persisted", "apply_default_values", "fields", "data_source", "strict"}
)

M_co = TypeVar("M_co", covariant=True)
Observer = TypeVar("Observer", bound=Observe)


class Makes(Protocol[M_co]):
    """A model as checkers see it: whatever makes instances of one type when called."""

    def __call__(self, *args: Any, **kwargs: Any) -> M_co:
        """Return a new instance."""


class ModelApi(RuleMethods, StructureMethods):
    """What every model, run-time object or declared class, answers without a store.

    Reads are safe from any thread.  A model lives as long as somebody refers to it; once its owner
    is cleaned up or it is replaced, whatever does I/O raises `ModelDisposedError`.
    """

    __slots__ = ()

    _name: str
    _blueprint: Blueprint
    _owner: Home | None
    _source: Source | None
    _behaviour: Behaviour | None
    _base: Any
    _info: ModelInfo | None
    _nested: Mapping[str, Any]
    _since: float
    _status: str
    _target: Any = None

    # what it is -----------------------------------------------------------------------------

    @property
    def model_name(self) -> str:
        """Return the name the model was defined under."""
        return self._name

    @property
    def plural_model_name(self) -> str:
        """Return the plural: the ``plural`` setting or the English plural of the name."""
        return plural_of(self._name, self._blueprint.definition.settings)

    @property
    def http(self) -> Mapping[str, str]:
        """Return ``{"path": ...}``: where REST serves the model."""
        return {"path": http_path(self._name, self._blueprint.definition.settings)}

    @property
    def definition(self) -> Definition:
        """Return shape and settings."""
        return self._blueprint.definition

    @property
    def shape(self) -> Shape:
        """Return the compiled structure, shared with all models of the same one."""
        return self._blueprint.definition.shape

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the settings, read-only, with snake-case keys."""
        return self._blueprint.definition.settings

    @property
    def properties(self) -> Mapping[str, Property]:
        """Return name -> property, read-only, in order of definition."""
        return self._blueprint.definition.shape.properties

    @property
    def base(self) -> Any:
        """Return the model this one extends, or None."""
        return self._base

    @property
    def nested(self) -> Mapping[str, Any]:
        """Return property name -> model embedded there."""
        return self._nested

    @property
    def info(self) -> ModelInfo:
        """Return what connectors are told of this model; one object for all of equal definition."""
        found = self._info
        if found is None:
            model: Any = self  # a mixin has no slots of its own
            found = model._info = self._blueprint.info(self._name)
        return found

    def is_hidden_property(self, name: str) -> bool:
        """Tell whether *name* is left out of every JSON output."""
        return name in self._blueprint.definition.hidden

    def is_protected_property(self, name: str) -> bool:
        """Tell whether *name* is left out of the JSON output of instances nested in others."""
        return name in self._blueprint.definition.protected

    def get_update_only_properties(self) -> list[str]:
        """Return the names that only an update may set: ids that clients cannot choose."""
        definition = self._blueprint.definition
        ids = definition.shape.ids if definition.force_id else ()
        marked = [item.name for item in definition.shape if item.options.get("update_only") is True]
        return list(dict.fromkeys([*ids, *marked]))

    # whose it is ----------------------------------------------------------------------------

    @property
    def owner(self) -> Any:
        """Return the owner: a data source, an app, a tenant's code; None for global or none."""
        return None if self._owner is None else self._owner.owner

    @property
    def owner_kind(self) -> str | None:
        """Return ``data_source``, ``app``, ``tenant`` or ``global``; None before registration."""
        return None if self._owner is None else self._owner.kind

    @property
    def app(self) -> Any:
        """Return the app that owns the model, or None."""
        home = self._owner
        return home.owner if home is not None and home.kind == "app" else None

    @property
    def is_disposed(self) -> bool:
        """Tell whether the model was cleaned up, replaced or deleted."""
        return self._status != ALIVE or (self._owner is not None and self._owner.closed)

    def check_alive(self, operation: str = "used") -> None:
        """Raise unless the model may still do I/O.

        Raises:
            ModelDisposedError: It was cleaned up, replaced or deleted.
            ConnectorDetachedError: Its data source was closed or dropped.
        """
        home = self._owner
        if self._status == ALIVE and (home is None or not home.closed):
            return
        kind: type[JugglerError] = (
            ConnectorDetachedError if self._status == DETACHED else ModelDisposedError
        )
        raise kind(
            f"{operation}: the model {self._name} is gone; look it up again where it lives now.",
            model=self._name,
            tenant=None if home is None else home.tenant,
        )

    # where its data is ------------------------------------------------------------------------

    @property
    def data_source(self) -> Any:
        """Return the data source for the running task; asked anew at every access."""
        return routed(self, ModelApi.get_data_source)

    @data_source.setter
    def data_source(self, source: Any) -> None:
        if source is not None:
            check_source(source, f"{source!r} is no data source.", self)
        model: Any = self  # a mixin has no slots of its own
        model._source = source

    def get_data_source(self) -> Any:
        """Return the data source of the model: its own, else the one routing says.

        Override it in a declared class, or give the setting ``get_data_source`` (a function of
        the model), to route a model yourself.

        Raises:
            ConnectorDetachedError: There is none.
            RoutingError: Routing answered no data source.
        """
        return default_source(self)

    # instances --------------------------------------------------------------------------------

    def __call__(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance from a mapping and keywords.

        Args:
            data: Values by name, or an instance, which is copied.
            given: Values as keywords; they win.  Keywords that no property is called are options:
                ``persisted`` (the record is in the store already), ``apply_default_values``,
                ``fields`` (names that count), ``strict`` and ``data_source`` (of this instance
                alone).

        Raises:
            InvalidValueError: A value must be refused at once (a number for a list, a bad point).
            ValidationError: A name is unknown and the mode is ``"throw"``.
            TypeError: *data* is no mapping.
        """
        if not given:
            return make(self, {} if data is None else _mapping(data, self._name))
        chosen = {}
        if not CONSTRUCTOR_OPTIONS.isdisjoint(given):
            names = CONSTRUCTOR_OPTIONS & given.keys() - self.properties.keys()
            chosen = {name: given.pop(name) for name in names}
        values = given if data is None else {**_mapping(data, self._name), **given}
        return self._built(values, **chosen) if chosen else make(self, values)

    def build(
        self,
        data: Mapping[str, Any],
        *,
        persisted: bool = False,
        defaults: bool = True,
        fields: Collection[str] | None = None,
    ) -> Any:
        """Return an instance from client *data*: coerced, with defaults unless told otherwise."""
        return make(self, data, persisted=persisted, defaults=defaults, fields=fields)

    def _built(
        self,
        data: Mapping[str, Any],
        *,
        persisted: Any = False,
        apply_default_values: bool = True,
        fields: Collection[str] | None = None,
        data_source: Any = None,
        strict: bool | str | None = None,
    ) -> Any:
        """Return an instance as the options of the constructor say."""
        instance = make(
            self,
            data,
            persisted=persisted is True,
            defaults=apply_default_values,
            fields=fields,
            strict=strict if strict is None else checked_strict(strict, self._name),
        )
        instance._state.source = data_source
        return instance

    def load(self, row: Mapping[str, Any]) -> Any:
        """Return an instance from a row that a store gave: trusted, without defaults."""
        load: Loader = self._blueprint.maker._load
        return load(self, row)

    def _nest(self, name: str, value: Any) -> Any:
        """Return the stored *value* of a property with embedded instances in it."""
        return nest(self, name, value, stored=True)

    def _stand_on(self, blueprint: Blueprint) -> None:
        """Move the model to another shape; instances made before keep theirs."""
        model: Any = self  # a mixin has no slots of its own
        model._blueprint = blueprint
        model._info = None

    def _release(self) -> None:
        """Break what leads from the model back to itself, now that it is disposed."""

    def _behind(self) -> tuple[Any, AbstractContextManager[None]] | None:
        """Return the model that answers for this one's rows, if that is another one."""
        return None

    # hooks ------------------------------------------------------------------------------------

    def _own_behaviour(self) -> Behaviour:
        """Return the model's behaviour, made on first use."""
        if self._behaviour is not None:
            return self._behaviour
        model: Any = self  # a mixin has no slots of its own
        made = model._behaviour = Behaviour()
        return made

    @overload
    def observe(self, operation: str, observer: Observer) -> Observer: ...

    @overload
    def observe(self, operation: str) -> Callable[[Observer], Observer]: ...

    def observe(self, operation: str, observer: Any = None) -> Any:
        """Run *observer* at each *operation*, after those registered before; also a decorator.

        Args:
            operation: ``access``, ``before save``, ``persist``, ``loaded``, ``after save``,
                ``before delete``, ``after delete``.
            observer: Sync or async function of the operation's context.
        """
        if observer is None:
            return lambda function: self.observe(operation, function)
        self._own_behaviour().observe(operation, observer)
        return observer

    def remove_observer(self, operation: str, observer: Observe) -> None:
        """Remove one registration of *observer*; no error if there is none."""
        if self._behaviour is not None:
            self._behaviour.remove_observer(operation, observer)

    def clear_observers(self, operation: str) -> None:
        """Remove all observers that this model has for *operation*."""
        if self._behaviour is not None:
            self._behaviour.clear_observers(operation)

    def on_dispose(self, callback: Callable[[], Any]) -> Callable[[], Any]:
        """Call *callback*, sync or async, once when the model is let go; also a decorator.

        Callbacks run in reverse order; a failing one is logged and told to listeners of the
        registry's ``handler_failed``, and the others still run.
        """
        behaviour = self._own_behaviour()
        behaviour.disposers = (*behaviour.disposers, callback)
        return callback

    def observers_of(self, operation: str) -> tuple[Observe, ...]:
        """Return the observers of *operation*, those of base models first."""
        inherited = () if self._base is None else self._base.observers_of(operation)
        own = () if self._behaviour is None else self._behaviour.observers.get(operation, ())
        return (*inherited, *own) if inherited else own

    def __repr__(self) -> str:
        return f"[Model {self._name}]"


def _mapping(data: Any, name: str) -> Mapping[str, Any]:
    """Return *data* as a mapping; an instance gives its values."""
    if isinstance(data, Mapping):
        return data
    if hasattr(data, "_plans") and not isinstance(data, type):
        plain: Mapping[str, Any] = data.to_dict()
        return plain
    raise TypeError(f"{name} is made from a mapping or keywords, not {type(data).__name__}.")
