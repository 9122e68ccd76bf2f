"""One call of a persistence method: what it captured when it began."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from juggler.connectors.contract import Connector, ModelInfo
from juggler.context import current_tenant
from juggler.definition.shape import Shape
from juggler.errors import (
    ConnectorDetachedError,
    DuplicateEntryError,
    JugglerError,
    ModelDisposedError,
)
from juggler.models.behaviour import Observe
from juggler.models.binding import Home, Source
from juggler.models.speaking import messages_of
from juggler.models.taken import as_validation
from juggler.persistence.hooks import Context, run
from juggler.persistence.scoping import NO_SCOPE, Scope
from juggler.validation.run import locale_of


class Operation:
    """Model, store and tenant of one call, captured once; nothing of it changes while it runs.

    It is made by `juggler.persistence.road.begin` and lives for one ``async with``, which connects
    where need be and counts the call as being in flight, for the source and for the model's owner.

    Attributes:
        name: Name of the method, as hooks and messages tell it.
        model: The model that it was called on.
        options: The caller's options, the same object everywhere.
        info: What the connector is told of the model.
        shape: The model's structure.
        source: The data source; routing was asked once.
        tenant: The tenant that the call works for.
        hook_state: Private dict of the call's hooks.
        scope: The default scope, once it was worked out.
        checked: The instance that was validated last, None where nothing was.
    """

    __slots__ = (
        "_connector",
        "_home",
        "_is_silent",
        "_worker",
        "checked",
        "hook_state",
        "info",
        "model",
        "name",
        "options",
        "scope",
        "shape",
        "source",
        "tenant",
    )

    def __init__(self, name: str, model: Any, source: Source, options: Mapping[str, Any]) -> None:
        self.name = name
        self.model = model
        self.options = options
        self.source = source
        self.info: ModelInfo = model.info
        self.shape: Shape = self.info.shape
        self.hook_state: dict[str, Any] = {}
        self.scope: Scope = NO_SCOPE
        self.checked: Any = None
        home: Home | None = model._owner
        self._home = home
        self.tenant = current_tenant() if home is None else home.current_tenant()
        self._worker = None
        if self.tenant is not None and home is not None:
            self._worker = home.tenant_at_work(self.tenant)
        self._is_silent = bool(options) and options.get("notify") is False
        self._connector: Connector | None = None

    async def __aenter__(self) -> Self:
        home = self._home
        self.source.in_flight += 1
        if home is not None:
            home.enter()
            home.touch()
        if self._worker is not None:
            self._worker.enter()
            self._worker.touch()
        try:
            connector = self.source.opened(self.info)
            self._connector = await self._opened() if connector is None else connector
        except BaseException:  # a call that is cancelled while it connects is not in flight either
            self._leave()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()
        if error is None:  # what was done in vain must not look done
            self.check_alive()
        if isinstance(error, JugglerError):
            found = self.explained(error)
            if found is not error:
                raise found from error

    def explained(self, error: JugglerError) -> JugglerError:
        """Return *error* in the language of the call.

        What a unique index refused is told as the validation rule tells it that the index stands
        for, if the call validates.
        """
        if isinstance(error, DuplicateEntryError) and self.checked is not None:
            found = as_validation(error, self.checked, self.options)
            if found is not None:
                found.tenant = self.tenant
                return found
        if error.told is not None:
            messages_of(self.model).translate(error, locale_of(self.options))
        return error

    @property
    def store(self) -> Connector:
        """Return the connector, for a call that is made at once.

        Raises:
            ModelDisposedError: The model was cleaned up while the operation was waiting.
            ConnectorDetachedError: Its data source was closed.
        """
        self.check_alive()
        connector = self._connector
        if connector is None or self.source.connector is None:
            raise detached(self.name, self.model, "its data source was closed")
        return connector

    def check_alive(self) -> None:
        """Raise if the model, or its tenant, was cleaned up while the operation was waiting."""
        self.model.check_alive(self.name)
        if self._worker is not None and self._worker.closed:
            raise ModelDisposedError(
                f"{self.name}: the tenant {self.tenant} was cleaned up while this was at work on "
                f"{self.model_name}; enter the tenant anew and do it again.",
                model=self.model_name,
                tenant=self.tenant,
            )

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what the connector can do beyond the minimum."""
        return self.store.capabilities

    @property
    def known_only(self) -> bool:
        """Tell whether conditions may name declared properties only."""
        connector = self._connector
        return bool(self.shape.strict) and connector is not None and connector.relational

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        return self.info.name

    def setting(self, key: str, default: Any = None) -> Any:
        """Return a behavioural setting: of the call, the model, the source; else *default*."""
        for settings in (self.options, self.info.settings, self.source.settings):
            found = settings.get(key)
            if found is not None:
                return found
        return default

    def twin(self) -> Operation:
        """Return the operation for one of several items: alike, with a hook state of its own."""
        made = Operation(self.name, self.model, self.source, self.options)
        made.scope = self.scope
        made._connector = self._connector
        return made

    # hooks ----------------------------------------------------------------------------------

    def observers(self, hook: str, model: Any = None) -> tuple[Observe, ...]:
        """Return who observes *hook*; nobody where the call asks for silence."""
        if self._is_silent:
            return ()
        found: tuple[Observe, ...] = (self.model if model is None else model).observers_of(hook)
        return found

    async def notify(
        self, hook: str, observers: tuple[Observe, ...], *, model: Any = None, **fields: Any
    ) -> Context:
        """Run *observers* with a context of the given fields and return it.

        Raises:
            ModelDisposedError: The model or its tenant was cleaned up while one was at work; those
                after it do not run.
        """
        context = Context(
            model=self.model if model is None else model,
            options=self.options,
            hook_state=self.hook_state,
            operation=self.name,
            **fields,
        )
        await run(observers, context, hook, self.check_alive)
        return context

    # inside ---------------------------------------------------------------------------------

    async def _opened(self) -> Connector:
        try:
            return await self.source.ready(self.info)
        except ConnectorDetachedError as error:
            raise detached(self.name, self.model, error.message) from error

    def _leave(self) -> None:
        """Count the call as done."""
        self.source.in_flight -= 1
        if self._home is not None:
            self._home.leave()
        if self._worker is not None:
            self._worker.leave()


def detached(name: str, model: Any, why: str) -> ConnectorDetachedError:
    """Return the error for a model without a store."""
    return ConnectorDetachedError(
        f"{name}: {model.model_name} cannot reach its store: {why}", model=model.model_name
    )
