"""The part of the model API that needs no store; it stands once for both kinds of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar, Unpack, overload

from juggler.connectors.contract import ModelInfo
from juggler.connectors.observing import Handle, Observe, ObserveOptions, Observer, Removed
from juggler.definition.model import Definition, http_path, plural_of
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import ConnectorDetachedError, JugglerError, ModelDisposedError
from juggler.models.behaviour import Behaviour
from juggler.models.binding import Home, Source
from juggler.models.blueprint import Blueprint
from juggler.models.constructing import ConstructMethods
from juggler.models.extending import ExtraMethods
from juggler.models.instances.nesting import nest
from juggler.models.instances.through import INITIALIZE, check_told
from juggler.models.interop.core_schema import PydanticMethods
from juggler.models.listening import EventMethods, Listeners
from juggler.models.routing import check_source, default_source, routed
from juggler.models.structure import StructureMethods
from juggler.models.validating.rules import RuleMethods

ALIVE: Final = ""
DISPOSED: Final = "disposed"
DETACHED: Final = "detached"
NO_RELATIONS: Final[Mapping[str, Any]] = MappingProxyType({})

M_co = TypeVar("M_co", covariant=True)


class Makes(Protocol[M_co]):
    """A model as checkers see it: whatever makes instances of one type when called."""

    def __call__(self, *args: Any, **kwargs: Any) -> M_co:
        """Return a new instance."""


class ModelApi(
    ConstructMethods, ExtraMethods, EventMethods, RuleMethods, StructureMethods, PydanticMethods
):
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
    _bound: Any = None

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
    def relations(self) -> Mapping[str, Any]:
        """Return name -> definition of the relations in the settings, read-only."""
        found: Mapping[str, Any] | None = self._blueprint.definition.settings.get("relations")
        return NO_RELATIONS if found is None else found

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
        """Return the names that only an update may set: ids that clients cannot choose.

        The option ``update_only`` of a property says otherwise for it.
        """
        definition = self._blueprint.definition
        ids = definition.shape.ids if definition.force_id else ()
        return [
            item.name
            for item in definition.shape
            if item.options.get("update_only", item.name in ids)
        ]

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
        self._use(source)

    def attach_to(self, source: Any) -> None:
        """Make this one of the models of a data source; one that has it already changes nothing.

        Raises:
            RoutingError: It is no data source.
            ConnectorDetachedError: The source was closed.
            ModelDisposedError: The model is gone.
        """
        check_source(source, f"{source!r} is no data source.", self)
        source.attach(self)

    def _use(self, source: Source | None) -> None:
        """Take *source* as the model's own; None for what routing says."""
        model: Any = self  # a mixin has no slots of its own
        model._source = source

    def _usual_type(self) -> type:
        """Return the type that a model of this kind has on most stores."""
        return type(self)

    def get_data_source(self) -> Any:
        """Return the data source of the model: its own, else the one routing says.

        Override it in a declared class, or give the setting ``get_data_source`` (a function of
        the model), to route a model yourself.

        Raises:
            ConnectorDetachedError: There is none.
            RoutingError: Routing answered no data source.
        """
        return default_source(self)

    # inside -----------------------------------------------------------------------------------

    def _nest(self, name: str, value: Any) -> Any:
        """Return the stored *value* of a property with embedded instances in it."""
        return nest(self, name, value, stored=True)

    def _stand_on(self, blueprint: Blueprint) -> None:
        """Move the model to another shape; instances made before keep theirs."""
        model: Any = self  # a mixin has no slots of its own
        model._blueprint = blueprint.with_names(self._names())
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
        if self._blueprint.definition.anonymous and self._owner is not None:
            model._owner.registry._check_unshared(self)
        made = model._behaviour = Behaviour()
        return made

    def _listeners(self, make: bool = False) -> Listeners | None:
        behaviour = self._own_behaviour() if make else self._behaviour
        if behaviour is None:
            return None
        if make and behaviour.listeners is None:
            behaviour.listeners = Listeners()
        return behaviour.listeners

    @overload
    def observe(
        self, operation: str, observer: Observer, **options: Unpack[ObserveOptions]
    ) -> Handle[Observer]: ...

    @overload
    def observe(
        self, operation: str, **options: Unpack[ObserveOptions]
    ) -> Callable[[Observer], Observer]: ...

    def observe(self, operation: str, observer: Any = None, **options: Any) -> Any:
        """Run *observer* at each *operation*, after those registered before.

        Returns a handle, which takes the registration back with ``remove`` or at the end of a
        ``with``.  As a decorator it leaves the function as it is.

        Args:
            operation: ``access``, ``before save``, ``after validate``, ``persist``, ``loaded``,
                ``after save``, ``before delete``, ``after delete``; or ``initialize``.
            observer: Sync or async function of the operation's context; of ``initialize`` a sync
                one of the instance that was just made or loaded.
            options: ``priority`` (those with a higher one run first, 0 unless given), ``name``
                (to remove it by; a second of one name takes its place), ``batch`` (called once
                with the list of all contexts of a notification), ``on_error="log"`` (an error
                after the store was asked is logged).

        Raises:
            DefinitionError: An observer of ``initialize`` is async, or an option means nothing.
        """
        if observer is None:

            def decorate(function: Observer) -> Observer:
                self.observe(operation, function, **options)
                return function

            return decorate
        if operation == INITIALIZE:
            check_told(self._name, observer)
        handle = self._own_behaviour().observe(operation, observer, **options)
        if operation == INITIALIZE:
            self._refit()
        return handle

    def remove_observer(self, operation: str, observer: Removed) -> None:
        """Remove one registration: of a function, of a handle, or by name; no error if none is."""
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


def is_model(candidate: object) -> bool:
    """Tell whether *candidate* is a model, of either kind; the root of all models is none."""
    return isinstance(candidate, ModelApi) and hasattr(candidate, "_name")
