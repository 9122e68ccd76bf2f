"""Owners: known by identity, held weakly, never written on."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

from juggler.models.binding import Source
from juggler.registry.cold.record import ColdTenant
from juggler.registry.sizes import OBJECT, TENANT_BYTES, space_bytes
from juggler.registry.usage import Usage

DATA_SOURCE: Final = "data_source"
APP: Final = "app"
TENANT: Final = "tenant"
GLOBAL: Final = "global"


class OwnerRegistry(Protocol):
    """What the record of an owner asks of its registry.

    Attributes:
        clock: Tells the time in seconds.
    """

    clock: Callable[[], float]

    def current_tenant(self) -> str | None:
        """Return the tenant that the running task works for."""

    def tenant_at_work(self, code: str) -> Owner | None:
        """Return the record of a tenant that is at work now, None for one without models."""

    def _route(self, owner: Owner, model: Any) -> Source | None:
        """Return the data source for a model that has none of its own."""


class Owner(Usage):
    """The registry's record of one owner; models point here, not at the owner itself.

    Attributes:
        kind: ``data_source``, ``app``, ``tenant`` or ``global``.
        registry: The registry that it belongs to.
        tenant: The tenant's code, else None.
        accesses: How often the owner was at work.
        count: Names in the owner's namespace, of built models and of declared ones.
        built: Model objects that the registry holds for the owner.
        policy: The tenant's own policy, None for the general one.
        pinned: The tenant is never cleaned up or evicted for being idle.
        dormant: Anonymous models that went cold and come back with those that embed them.
        extra: Estimate of the bytes they take beyond those of as many plain run-time models.
        since: When what was declared for the owner was registered, in seconds since 1970.
        cold: What is kept of a cold tenant; None while it is resident.
        survivors: Models that somebody held when the tenant was evicted, by name.
        closed: The tenant was cleaned up; nothing can be registered here any more.
        space: Weak reference to the namespace.
    """

    __slots__ = (
        "__weakref__",
        "_reference",
        "accesses",
        "built",
        "closed",
        "cold",
        "count",
        "created_at",
        "dormant",
        "extra",
        "kind",
        "last_accessed",
        "pinned",
        "policy",
        "registry",
        "since",
        "space",
        "survivors",
        "tenant",
    )

    def __init__(
        self,
        kind: str,
        registry: OwnerRegistry,
        reference: Callable[[], Any] | None = None,
        tenant: str | None = None,
    ) -> None:
        self.kind = kind
        self.registry: Any = registry
        self.tenant = tenant
        self._reference = reference
        self.space: Callable[[], Any] = _nowhere
        super().__init__()
        self.begin()

    def begin(self) -> None:
        """Start the figures, as for an owner that has just come."""
        self.accesses = self.count = self.built = self.dormant = self.extra = 0
        now: float = self.registry.clock()
        self.created_at = self.last_accessed = now
        self.closed = False
        self.policy: Any = None
        self.pinned = False
        self.since = 0.0
        self.cold: ColdTenant | None = None
        self.survivors: WeakValueDictionary[str, Any] | None = None

    @property
    def owner(self) -> Any:
        """Return the owner: an object (None once it is gone), or a tenant's code."""
        return self.tenant if self._reference is None else self._reference()

    @property
    def idle_time(self) -> float:
        """Return the seconds since the owner was last at work; 0 while it is."""
        return 0.0 if self.in_flight else self.registry.clock() - self.last_accessed

    @property
    def bytes(self) -> int:
        """Return an estimate of the memory that the owner's models take."""
        if not self.count and self.kind != TENANT:
            return 0
        space = self.space()
        own = 0 if space is None else space_bytes(space)
        own += TENANT_BYTES if self.kind == TENANT else 0
        return self.built * OBJECT + self.extra + own

    def tenant_at_work(self, code: str) -> Owner | None:
        """Return the record of the tenant *code*, which works with this owner's models.

        None where it is this very owner, or has none.

        Raises:
            ModelDisposedError: The running task began before the tenant was cleaned up.
        """
        if code == self.tenant:
            return None
        found: Owner | None = self.registry.tenant_at_work(code)
        return found

    def work(self) -> None:
        """Count work that begins, and note that the owner is at work now."""
        self._work.append(None)
        self.touch()

    def touch(self) -> None:
        """Note that the owner is at work now."""
        self.accesses += 1
        self.last_accessed = self.registry.clock()
        cold = self.cold
        if cold is not None:  # the record outlives this one
            cold.accesses, cold.last_accessed = self.accesses, self.last_accessed

    def route(self, model: Any) -> Source | None:
        """Return the data source that routing gives *model*, or None without a router."""
        found: Source | None = self.registry._route(self, model)
        return found

    def __repr__(self) -> str:
        return f"<{self.kind} {self.tenant or ''}>"


def _nowhere() -> None:
    """Stand for the namespace of an owner that has none yet."""


def weak_reference(owner: object, gone: Callable[[Any], None]) -> weakref.ref[Any]:
    """Return a weak reference to *owner*.

    Raises:
        TypeError: The owner cannot be weakly referenced; the message says what to do.
    """
    try:
        return weakref.ref(owner, gone)
    except TypeError as error:
        raise TypeError(
            f"{type(owner).__name__} objects cannot own models: they cannot be weakly "
            'referenced. Add "__weakref__" to the __slots__ of the class, or register the models '
            "for a small object of your own that lives as long."
        ) from error
