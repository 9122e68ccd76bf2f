"""One call of a persistence method: what it captured when it began."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from juggler.connectors.contract import Connector, ModelInfo
from juggler.connectors.observing import Observe, run
from juggler.context import current_tenant
from juggler.definition.shape import Shape
from juggler.errors import (
    ConnectorDetachedError,
    DuplicateEntryError,
    JugglerError,
    ModelDisposedError,
)
from juggler.models.api import ALIVE
from juggler.models.binding import Home, Source
from juggler.models.validating.speaking import messages_of
from juggler.models.validating.taken import as_validation
from juggler.persistence.hooks import Context
from juggler.persistence.scoping import NO_SCOPE, Scope
from juggler.persistence.transactions.afterwards import Afterwards
from juggler.persistence.transactions.ambient import Entry, ambient
from juggler.persistence.transactions.transaction import Transaction
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
        is_raw: The data came as an instance of the model: setters had it when that was made.
        transaction: The transaction that it is part of, or None.
    """

    __slots__ = (
        "_afterwards",
        "_connector",
        "_entry",
        "_home",
        "_is_silent",
        "_outer",
        "_whole",
        "_worker",
        "checked",
        "hook_state",
        "info",
        "is_raw",
        "model",
        "name",
        "options",
        "scope",
        "shape",
        "source",
        "tenant",
        "transaction",
    )

    def __init__(self, name: str, model: Any, source: Source, options: Mapping[str, Any]) -> None:
        self.name = name
        self.model = model
        self.options = options
        self.source = source
        self.info: ModelInfo = model._info or model.info
        self.shape: Shape = self.info.shape
        self.hook_state: dict[str, Any] = {}
        self.scope: Scope = NO_SCOPE
        self.checked: Any = None
        self.is_raw = False
        self.transaction: Transaction | None = None
        self._entry: Entry | None = None
        self._outer: Entry | None = None
        self._afterwards: Afterwards | None = None
        self._whole: Operation | None = None
        self._home: Home | None = model._owner
        self._worker: Home | None = None
        if self._home is None:
            self.tenant = current_tenant()
        else:
            self.tenant = self._home.registry.current_tenant()
            if self.tenant is not None:
                self._worker = self._home.tenant_at_work(self.tenant)
        self._is_silent = bool(options) and options.get("notify") is False
        self._connector: Connector | None = None

    async def __aenter__(self) -> Self:
        home = self._home
        self.source.in_flight += 1
        if home is not None:
            home.work()
        if self._worker is not None:
            self._worker.work()
        try:
            if self.transaction is not None:
                self._connector = self.transaction.store_for(self.source)
            else:
                connector = self.source.opened(self.info)
                self._connector = await self._opened() if connector is None else connector
        except BaseException:  # a call that is cancelled while it connects is not in flight either
            self._leave()
            raise
        if self._entry is not None:
            ambient.set(self._entry)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entry is not None:
            ambient.set(self._outer)
        self._leave()
        if self._afterwards is not None:
            await self._afterwards.run(error)
        if error is None:  # what was done in vain must not look done
            self.check_alive()
        elif isinstance(error, JugglerError):
            found = self.explained(error)
            if found is not error:
                raise found from error

    def join(self, entry: Entry | None) -> None:
        """Become part of what *entry* says; hooks and calls in them become so, too.

        Those that work on behalf of the tenant whose rows these are, as well.
        """
        if entry is not None:
            behalf = getattr(self._home, "behalf", None)
            self.transaction, self._outer = entry.transaction, entry.outer
            if behalf is not None:
                entry = Entry(entry.source, behalf, entry.transaction, entry)
            self._entry = entry

    def explained(self, error: JugglerError) -> JugglerError:
        """Return *error* in the language of the call, with its model where it names none.

        What a unique index refused is told as the validation rule tells it that the index stands
        for, if the call validates.
        """
        if isinstance(error, DuplicateEntryError) and self.checked is not None:
            found = as_validation(error, self.checked, self.options)
            if found is not None:
                found.tenant = self.tenant
                return found
        if error.model is None:
            error.model = self.model_name
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
        home, worker = self._home, self._worker
        if self.model._status != ALIVE or (home is not None and home.closed):
            self.model.check_alive(self.name)
        if worker is not None and worker.closed:
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
        made.transaction = self.transaction
        made._whole = self
        return made

    @property
    def afterwards(self) -> Afterwards:
        """Return what is to be called when the outcome of the call is certain."""
        if self._afterwards is None:
            whole = self._whole
            made = Afterwards(self.transaction) if whole is None else whole.afterwards.of_item()
            self._afterwards = made
        return self._afterwards

    def fail_item(self) -> None:
        """Note that the item of a list that this is for was not stored."""
        if self._whole is not None and self._afterwards is not None:
            self._afterwards.is_failed = True

    # hooks ----------------------------------------------------------------------------------

    @property
    def is_observed(self) -> bool:
        """Tell whether the model may have observers; where not, nobody has to be told."""
        model = self.model
        behaviour = model._behaviour
        has_none = model._base is None and (behaviour is None or not behaviour.observers)
        return not (has_none or self._is_silent)

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
        context = self.context(model, fields)
        await run(observers, context, hook, self.check_alive)
        return context

    def context(self, model: Any, fields: Mapping[str, Any]) -> Context:
        """Return what observers of one notification are called with."""
        return Context(
            model=self.model if model is None else model,
            options=self.options,
            hook_state=self.hook_state,
            operation=self.name,
            _call=self,
            **fields,
        )

    # inside ---------------------------------------------------------------------------------

    async def _opened(self) -> Connector:
        try:
            return await self.source.ready(self.info)
        except ConnectorDetachedError as error:
            raise detached(self.name, self.model, error.message) from error

    def _leave(self) -> None:
        """Count the call as done."""
        self.source.leave()
        if self._home is not None:
            self._home.leave()
        if self._worker is not None:
            self._worker.leave()


def detached(name: str, model: Any, why: str) -> ConnectorDetachedError:
    """Return the error for a model without a store."""
    return ConnectorDetachedError(
        f"{name}: {model.model_name} cannot reach its store: {why}", model=model.model_name
    )
