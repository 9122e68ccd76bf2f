"""The heart of a registry: its tables, its lock, and whose work is being done."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from juggler import context
from juggler.concurrency import Tasks
from juggler.errors import TenantContextError, TenantRequiredError
from juggler.events import Emitter, Handler
from juggler.models.binding import Source
from juggler.models.blueprint import ShapeTable
from juggler.models.instances.instance import Instance
from juggler.models.runtime import RuntimeModel
from juggler.registry.builder import ModelBuilder
from juggler.registry.cleaning.lives import check_life
from juggler.registry.cold.codec import Codec
from juggler.registry.cold.placing import TenantPlacement
from juggler.registry.cold.record import ColdTenant
from juggler.registry.cold.room import ColdRoom
from juggler.registry.cold.space import TenantModels
from juggler.registry.cold.stores.contract import DefinitionStore
from juggler.registry.cold.vault import Vault
from juggler.registry.counts import Counts
from juggler.registry.limits import Limits
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.news import Item, News, tell
from juggler.registry.owners import DATA_SOURCE, GLOBAL, TENANT, Owner
from juggler.registry.records import HISTORY, CleanupResult, RegistryEvent, checked_name
from juggler.registry.routing import Router
from juggler.registry.sharing.acting import acting_for
from juggler.registry.sharing.table import Shares
from juggler.registry.table import OwnerTable
from juggler.registry.tenant import TenantRegistry

P = ParamSpec("P")
R = TypeVar("R")


class Core:
    """What all parts of a registry work on."""

    model_type: ClassVar[type[RuntimeModel]] = RuntimeModel
    instance_type: ClassVar[type] = Instance

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        definitions: DefinitionStore | None = None,
        max_tenants: int | None = None,
        max_models_per_tenant: int | None = None,
        max_bytes: int | None = None,
        max_properties: int | None = None,
        max_depth: int | None = None,
    ) -> None:
        whole: Any = self  # the parts that derive from this one complete it
        self.clock = clock
        self.limits = Limits(
            max_tenants, max_models_per_tenant, max_bytes, max_properties, max_depth
        )
        self.shapes = ShapeTable(self.instance_type)
        if not (max_properties is None and max_depth is None):
            self.shapes.admit = whole._admit_structure
        self.router: Router | None = None
        self.tenant_provider: Callable[[], object] | None = None
        own = {name for name in dir(self.instance_type) if not name.startswith("_")}
        self.reserved_names = frozenset(own - {"model", "parent"})
        self.builder = ModelBuilder(whole)
        self._emitter = Emitter()
        self._history: deque[CleanupResult] = deque(maxlen=HISTORY)
        self._work = Tasks()
        self._lock = threading.RLock()
        self._counts = Counts()
        self._news = News(self._emitter)
        self._shares = Shares(whole._share_ended)
        self._emitter.failed = self._news.failed
        self._placement = TenantPlacement(self._counts, self._news, self.builder.new_anonymous)
        self._owners = OwnerTable(whole, self._counts.drop)
        self._tenants: dict[str, TenantRegistry] = {}
        self._room = ColdRoom(self.builder, self._placement, self._counts, self._new_owner)
        self._cold = self._room.records
        self._wakes = 0
        self._parked: WeakValueDictionary[str, ModelRegistryProxy] = WeakValueDictionary()
        owner = Owner(GLOBAL, whole)
        self.global_models = ModelRegistryProxy._make(owner, whole)
        self._vault: Vault | None = None
        if definitions is not None:
            self._vault = Vault(definitions, Codec(whole), self._room.bundles)
            self._room.know(self._vault.codes(), clock())

    def _locked(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what *work* returns, done under the lock; listeners are told afterwards."""
        items: Iterable[Item] = ()
        try:
            with self._lock:
                try:
                    return work(*args, **kwargs)
                finally:
                    items = self._news.take() if self._news.items else ()
        finally:
            tell(items)

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* with the `RegistryEvent` of each *event* (``*`` for all).

        Handlers run after the change, in the thread and task that made it, and hold no lock.

        Returns:
            A function that ends the subscription.

        Raises:
            ValueError: No event is called so; the message lists them.
        """
        return self._emitter.on(checked_name(event), handler)

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
        acting = acting_for()
        if acting is not None:
            return acting
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
            ModelDisposedError: The running task entered the tenant before it was cleaned up, and
                it would be made.
        """
        found = self._tenant(code)
        if found is None:
            return self._locked(self._new_tenant, code) if create else None
        if context.is_former(code, self):  # asked last, for what was found is of this life then
            if create:
                check_life(code, self)
            return None
        return found

    def _tenant(self, code: Any) -> TenantRegistry | None:
        """Return the tenant *code* if it is known; a cold one wakes.

        Raises:
            InvalidTenantError: *code* cannot be a tenant's code.
        """
        found = self._tenants.get(code) if type(code) is str else None
        if found is None:
            context.check_tenant_code(code)
            if self._seen(code) is not None:
                found = self._locked(self._wake, code)
        return found

    def _seen(self, code: str) -> TenantRegistry | ColdTenant | None:
        """Return a resident tenant, or the record of a cold one; None for one that is neither.

        Takes no lock, and is not misled by a tenant that wakes between the two looks.
        """
        while True:
            wakes = self._wakes
            found = self._tenants.get(code) or self._cold.get(code)
            if found is not None or wakes == self._wakes:
                return found

    def _wake(self, code: str, *, silently: bool = False) -> TenantRegistry | None:
        """Return the tenant *code*, resident; None for an unknown one.  Done under the lock."""
        found = self._tenants.get(code)
        begun = time.perf_counter() if self._news.listeners else 0.0
        if found is None and self._load(code):
            models = self._room.wake(code, self)
            found = self._tenants[code] = TenantRegistry(models, self)
            self._wakes += 1
            self._room.forget(code)  # last: nobody must find the tenant nowhere meanwhile
            if self._news.listeners and not silently:
                took = {"duration": (time.perf_counter() - begun) * 1_000}
                self._news.add(RegistryEvent("tenant_activated", tenant=code, details=took))
        return found

    def _load(self, code: str) -> bool:
        """Tell whether the tenant *code* is cold; then its definitions are here.  Locked."""
        record = self._cold.get(code)
        if record is None or record.loaded:
            return record is not None
        bundle = None if self._vault is None else self._vault.load(code)
        if bundle is None:  # somebody else has deleted it
            self._room.forget(code)
            return False
        self._room.load(code, bundle)
        return True

    def _rouse_all(self) -> None:
        """Wake all cold tenants, to be cleaned up; forget those that nobody touched."""
        for code in list(self._cold):
            if self._cold[code].loaded:
                self._wake(code, silently=True)
            else:
                self._room.forget(code)

    def _awaken(self, owner: Any) -> None:
        """Wake the tenant that *owner* is the record of, if it is cold."""
        if getattr(owner, "cold", None) is not None:
            self._locked(self._rouse, owner)

    def _rouse(self, owner: Any) -> None:
        """Wake the tenant that *owner* is the record of, if it is cold.  Done under the lock."""
        if getattr(owner, "cold", None) is not None:
            self._wake(owner.tenant)

    def build_declared(self, namespace: Any, name: str) -> Any:
        """Return the model *name* of a tenant, built now if it is only declared.

        Raises:
            KeyError: There is none.
        """
        return self._locked(self._build_declared, namespace, name)

    def _build_declared(self, namespace: TenantModels, name: str) -> Any:
        self._rouse(namespace._owner)
        return self._room.build(namespace, name)

    def _new_owner(self, code: str) -> Owner:
        """Return a new record of the tenant *code*."""
        return Owner(TENANT, self, tenant=code)

    def _new_tenant(self, code: str) -> TenantRegistry:
        """Return a tenant that was unknown until now."""
        check_life(code, self)
        found = self._wake(code)
        if found is not None:
            return found
        if self.limits.max_tenants is not None:
            whole: Any = self
            whole._admit_tenant(code)
        models = self._parked.pop(code, None)
        if models is None:
            models = TenantModels._make(self._new_owner(code), self.global_models._registry)
        else:
            models._owner.begin()
            self.builder.forwards.forget(models._owner)
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
        return None if found is None or context.is_former(code, self) else found.models

    def tenant_at_work(self, code: str) -> Owner | None:
        """Return the record of a tenant that is at work now, None for one without models.

        Raises:
            ModelDisposedError: The running task entered the tenant before it was cleaned up.
        """
        found = self._tenants.get(code)
        check_life(code, self)
        return None if found is None else found.owner

    def tenants(self) -> list[TenantRegistry]:
        """Return the tenants that are resident, in order of arrival."""
        return list(self._tenants.values())

    def tenant_codes(self) -> list[str]:
        """Return the codes of all tenants, of cold ones too."""
        return list(dict.fromkeys((*list(self._tenants), *list(self._cold))))

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
