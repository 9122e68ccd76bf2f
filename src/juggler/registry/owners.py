"""Owners: known by identity, held weakly, never written on."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final

from juggler.models.binding import Source
from juggler.registry.sizes import RUNTIME

DATA_SOURCE: Final = "data_source"
APP: Final = "app"
TENANT: Final = "tenant"
GLOBAL: Final = "global"

Route = Callable[["Owner", Any], Source | None]


class Owner:
    """The registry's record of one owner; models point here, not at the owner itself.

    Attributes:
        kind: ``data_source``, ``app``, ``tenant`` or ``global``.
        tenant: The tenant's code, else None.
        in_flight: Operations, leases and streams at work for this owner's models.
        accesses: How often the owner was at work.
        count: Models in the owner's namespace.
        extra: Estimate of the bytes they take beyond those of as many plain run-time models.
        closed: The tenant was cleaned up; nothing can be registered here any more.
        space: Weak reference to the namespace.
    """

    __slots__ = (
        "__weakref__",
        "_clock",
        "_reference",
        "_route",
        "accesses",
        "closed",
        "count",
        "created_at",
        "extra",
        "in_flight",
        "kind",
        "last_accessed",
        "space",
        "tenant",
    )

    space: Callable[[], Any]

    def __init__(
        self,
        kind: str,
        clock: Callable[[], float],
        route: Route,
        reference: Callable[[], Any] | None = None,
        tenant: str | None = None,
    ) -> None:
        self.kind = kind
        self.tenant = tenant
        self._clock = clock
        self._route = route
        self._reference = reference
        self.in_flight = 0
        self.begin()

    def begin(self) -> None:
        """Start the figures, as for an owner that has just come."""
        self.accesses = self.count = self.extra = 0
        self.created_at = self.last_accessed = self._clock()
        self.closed = False

    @property
    def owner(self) -> Any:
        """Return the owner: an object (None once it is gone), or a tenant's code."""
        return self.tenant if self._reference is None else self._reference()

    @property
    def in_use(self) -> bool:
        """Tell whether operations, streams or leases are at work."""
        return self.in_flight > 0

    @property
    def idle_time(self) -> float:
        """Return the seconds since the owner was last at work; 0 while it is."""
        return 0.0 if self.in_flight else self._clock() - self.last_accessed

    @property
    def bytes(self) -> int:
        """Return an estimate of the memory that the owner's models take."""
        return self.count * RUNTIME + self.extra

    def touch(self) -> None:
        """Note that the owner is at work now."""
        self.accesses += 1
        self.last_accessed = self._clock()

    def route(self, model: Any) -> Source | None:
        """Return the data source that routing gives *model*, or None without a router."""
        return self._route(self, model)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.tenant or ''}>"


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
