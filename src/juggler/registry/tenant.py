"""One tenant's part of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from juggler.definition.model import Definition
from juggler.errors import InvalidValueError, ModelDisposedError
from juggler.registry.cold.bundle import Bundle
from juggler.registry.managing.policy import Policy
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import Owner
from juggler.registry.records import CleanupResult, TenantStats


class Keeper(Protocol):
    """What a tenant's part asks of the whole registry."""

    def cleanup_tenant(self, code: Any, *, force: bool = False) -> CleanupResult:
        """Remove everything of a tenant."""

    def declare(self, code: str, definitions: Any) -> Bundle:
        """Give a tenant models that are built when they are read."""

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
    """

    __slots__ = ("__weakref__", "_keeper", "models")

    def __init__(self, models: ModelRegistryProxy, keeper: Any) -> None:
        self.models = models
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

    @property
    def pinned(self) -> bool:
        """Return whether the tenant is never cleaned up or evicted for being idle; may be set."""
        policy = self.owner.policy
        return self.owner.pinned or (policy is not None and policy.pinned)

    @pinned.setter
    def pinned(self, pinned: bool) -> None:
        self.owner.pinned = pinned
        if self.owner.cold is not None:
            self.owner.cold.pinned = pinned

    @property
    def policy(self) -> Any:
        """Return the tenant's own policy, None for the general one; may be set.

        Raises:
            InvalidValueError: What is set is neither a `Policy` nor None.
        """
        return self.owner.policy

    @policy.setter
    def policy(self, policy: Any) -> None:
        if not isinstance(policy, Policy | None):
            raise InvalidValueError(f"policy is a Policy or None, not {policy!r}.", value=policy)
        self.owner.policy = policy
        if self.owner.cold is not None:
            self.owner.cold.policy = policy

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
        return self.models._all()

    def declare(self, definitions: Any) -> Bundle:
        """Give the tenant models that are built when they are read; see `ModelRegistry.declare`.

        Raises:
            DefinitionError: Something is not understood; nothing was changed.
            ModelDisposedError: The tenant was cleaned up.
        """
        if self.owner.closed:
            raise ModelDisposedError(
                f"The tenant {self.code} was cleaned up; look it up again.", tenant=self.code
            )
        return self._keeper.declare(self.code, definitions)

    def definition(self, name: str) -> Definition:
        """Return shape and settings of the model called *name*; nothing is built for it.

        Raises:
            KeyError: There is none.
        """
        return self.models.describe(name)

    def cleanup(self, *, force: bool = False) -> CleanupResult:
        """Remove everything of the tenant from the registry."""
        if self.owner.closed:
            return CleanupResult(self.code)
        return self._keeper.cleanup_tenant(self.code, force=force)

    @contextmanager
    def lease(self) -> Iterator[TenantRegistry]:
        """Keep the tenant in use for the block: neither idle nor cleaned up without force."""
        self.owner.enter()
        try:
            yield self
        finally:
            self.owner.leave()

    def is_known_to(self, tenants: Mapping[str, TenantRegistry]) -> bool:
        """Tell whether *tenants* has this very tenant, not one that came later, or it is cold."""
        if self.owner.cold is not None:
            return True
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
