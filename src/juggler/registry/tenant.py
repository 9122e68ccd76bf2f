"""One tenant's part of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import Owner
from juggler.registry.records import CleanupResult, TenantStats


class Keeper(Protocol):
    """What a tenant's part asks of the whole registry."""

    def cleanup_tenant(self, code: Any, *, force: bool = False) -> CleanupResult:
        """Remove everything of a tenant."""

    def place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model* under *name*."""

    def find_by_structure(
        self, namespace: ModelRegistryProxy | None, properties: Any, builder: Any = None
    ) -> Any:
        """Return the anonymous model of a structure in *namespace*, or None."""


class TenantRegistry:
    """Models and figures of one tenant; lives until the tenant is cleaned up.

    Attributes:
        models: The tenant's namespace.
        pinned: The tenant is never cleaned up for being idle.
    """

    __slots__ = ("__weakref__", "_keeper", "models", "pinned")

    def __init__(self, models: ModelRegistryProxy, keeper: Any) -> None:
        self.models = models
        self.pinned = False
        self._keeper: Keeper = keeper

    @property
    def code(self) -> str:
        """Return the tenant's code."""
        return self.models._owner.tenant or ""

    @property
    def owner(self) -> Owner:
        """Return the registry's record of the tenant."""
        return self.models._owner

    @property
    def created_at(self) -> float:
        """Return when the tenant came, on the registry's clock."""
        return self.owner.created_at

    @property
    def last_accessed(self) -> float:
        """Return when the tenant was last at work, on the registry's clock."""
        return self.owner.last_accessed

    def register_model(self, model: Any, properties: Any = None) -> Any:
        """Register *model* for this tenant under its own name and return it.

        Raises:
            TypeError: It is no model.
            ModelDisposedError: The tenant, or the model, is gone.
        """
        self._keeper.place(self.models, getattr(model, "model_name", ""), model)
        return model

    def find_model_by_name(self, name: str) -> Any:
        """Return the tenant's own model called *name*, or None."""
        return self.models.get(name)

    def find_model_by_structure(self, properties: Any, builder: Any = None) -> Any:
        """Return the tenant's anonymous model of that structure, or None."""
        return self._keeper.find_by_structure(self.models, properties, builder)

    def get_all_models(self) -> list[Any]:
        """Return all models of the tenant, anonymous ones included."""
        return list(self.models.values())

    def cleanup(self, *, force: bool = False) -> CleanupResult:
        """Remove everything of the tenant from the registry."""
        if self.owner.closed:
            return CleanupResult(self.code)
        return self._keeper.cleanup_tenant(self.code, force=force)

    @contextmanager
    def lease(self) -> Iterator[TenantRegistry]:
        """Keep the tenant in use for the block: neither idle nor cleaned up without force."""
        self.owner.in_flight += 1
        try:
            yield self
        finally:
            self.owner.in_flight -= 1

    def is_known_to(self, tenants: Mapping[str, TenantRegistry]) -> bool:
        """Tell whether *tenants* has this very tenant, not one that came later."""
        found = tenants.get(self.code)
        return found is not None and found.models is self.models

    def get_stats(self) -> TenantStats:
        """Return the tenant's figures."""
        owner, anonymous = self.owner, self.models._anonymous
        count = 0 if anonymous is None else len(anonymous.uses.keys() | anonymous.kept)
        return TenantStats(
            tenant_code=self.code,
            model_count=owner.count,
            anonymous_count=count,
            creation_time=owner.created_at,
            last_accessed=owner.last_accessed,
            idle_time=owner.idle_time,
            accesses=owner.accesses,
            bytes_estimate=owner.bytes,
            in_use=owner.in_use,
        )

    def __repr__(self) -> str:
        return f"<TenantRegistry {self.code}: {len(self.models)} models>"
