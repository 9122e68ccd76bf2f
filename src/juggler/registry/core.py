"""The heart of a registry: its tables, its lock, and whose work is being done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from juggler import context
from juggler.errors import TenantContextError, TenantRequiredError
from juggler.events import Emitter, Handler
from juggler.models.binding import Source
from juggler.models.blueprint import ShapeTable
from juggler.models.instance import Instance
from juggler.models.runtime import RuntimeModel
from juggler.registry.builder import ModelBuilder
from juggler.registry.counts import Counts
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.news import News, tell
from juggler.registry.owners import DATA_SOURCE, GLOBAL, TENANT, Owner
from juggler.registry.placing import Placement
from juggler.registry.records import RegistryEvent
from juggler.registry.routing import Router
from juggler.registry.table import OwnerTable
from juggler.registry.tenant import TenantRegistry

P = ParamSpec("P")
R = TypeVar("R")


class Core:
    """What all parts of a registry work on."""

    model_type: ClassVar[type[RuntimeModel]] = RuntimeModel
    instance_type: ClassVar[type] = Instance

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        whole: Any = self  # the parts that derive from this one complete it
        self.clock = clock
        self.shapes = ShapeTable(self.instance_type)
        self.router: Router | None = None
        self.tenant_provider: Callable[[], object] | None = None
        own = {name for name in dir(self.instance_type) if not name.startswith("_")}
        self.reserved_names = frozenset(own - {"model"})
        self.builder = ModelBuilder(whole)
        self._emitter = Emitter()
        self._lock = threading.RLock()
        self._counts = Counts()
        self._news = News(self._emitter)
        self._placement = Placement(self._counts, self._news, self.builder.new_anonymous)
        self._owners = OwnerTable(whole, clock, self._route, self._counts.drop)
        self._tenants: dict[str, TenantRegistry] = {}
        self._parked: WeakValueDictionary[str, ModelRegistryProxy] = WeakValueDictionary()
        owner = Owner(GLOBAL, clock, self._route)
        self.global_models = ModelRegistryProxy._make(owner, whole)

    def _locked(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what *work* returns, done under the lock; listeners are told afterwards."""
        with self._lock:
            result = work(*args, **kwargs)
            items = self._news.take() if self._news.items else ()
        tell(items)
        return result

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* with the `RegistryEvent` of each *event* (``*`` for all).

        Handlers run after the change, in the thread and task that made it, and hold no lock.

        Returns:
            A function that ends the subscription.
        """
        return self._emitter.on(event, handler)

    # tenants --------------------------------------------------------------------------------

    def current_tenant(self) -> str | None:
        """Return the current tenant: the provider's answer where one is plugged in.

        Raises:
            TenantContextError: The provider failed.
            InvalidTenantError: It answered something that is no tenant code.
        """
        provider = self.tenant_provider
        if provider is None:
            return context.current_tenant()
        try:
            code = provider()
        except Exception as error:  # whatever a plugged-in provider raises must not mean "none"
            raise TenantContextError("The tenant provider failed.") from error
        if code is None or (isinstance(code, str) and code in _NOBODY):
            return None
        return context.check_tenant_code(code)

    def tenant(self, code: str, *, create: bool = True) -> Any:
        """Return the `TenantRegistry` of *code*; with ``create=False`` None if it is unknown.

        Raises:
            InvalidTenantError: *code* cannot be a tenant's code.
        """
        found = self._tenant(code)
        return self._locked(self._new_tenant, code) if found is None and create else found

    def _tenant(self, code: Any) -> TenantRegistry | None:
        """Return the tenant *code* if it is known.

        Raises:
            InvalidTenantError: *code* cannot be a tenant's code.
        """
        found = self._tenants.get(code) if type(code) is str else None
        if found is None:
            context.check_tenant_code(code)
        return found

    def _new_tenant(self, code: str) -> TenantRegistry:
        """Return a tenant that was unknown until now."""
        found = self._tenants.get(code)
        if found is not None:
            return found
        models = self._parked.pop(code, None)
        if models is None:
            owner = Owner(TENANT, self.clock, self._route, tenant=code)
            models = ModelRegistryProxy._make(owner, self.global_models._registry)
        else:
            models._owner.begin()
        made = self._tenants[code] = TenantRegistry(models, self)
        if self._news.listeners:
            self._news.add(RegistryEvent("tenant_created", tenant=code))
        return made

    def current_space(self) -> ModelRegistryProxy:
        """Return the namespace of the current tenant, made if need be, else the global one."""
        code = self.current_tenant()
        if code is None:
            return self.global_models
        found: TenantRegistry = self.tenant(code)
        return found.models

    def known_space(self) -> ModelRegistryProxy | None:
        """Return the namespace of the current tenant, None if it has none; else the global one."""
        code = self.current_tenant()
        if code is None:
            return self.global_models
        found = self._tenant(code)
        return None if found is None else found.models

    def tenants(self) -> list[TenantRegistry]:
        """Return the tenants that have or had models, in order of arrival."""
        return list(self._tenants.values())

    # routing --------------------------------------------------------------------------------

    def _route(self, owner: Owner, model: Any) -> Source | None:
        """Return the data source for a model that has none of its own."""
        if owner.kind == DATA_SOURCE:
            source: Source | None = owner.owner
            return source
        router = self.router
        if router is None:
            return None
        code = self.current_tenant()
        if code is None:
            raise TenantRequiredError(
                f"The rows of {model.model_name} are kept per tenant and no tenant is current; "
                "enter one with `with tenant(code):`.",
                model=model.model_name,
            )
        if owner.tenant is not None and owner.tenant != code:
            raise TenantContextError(
                f"The model {model.model_name} belongs to another tenant than the current one.",
                model=model.model_name,
                tenant=code,
            )
        return router.route(code, model)


_NOBODY = frozenset({"", *context.RESERVED_TENANTS})
"""What a provider answers for no tenant, beside None."""
