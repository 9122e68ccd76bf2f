"""Holding a registry to its limits: who asks for more is refused, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import QuotaExceededError
from juggler.models.api import is_model
from juggler.registry.core import Core
from juggler.registry.limits import arrivals, depth
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT
from juggler.registry.records import RegistryEvent
from juggler.registry.sizes import RUNTIME, extra_bytes

_SELDOM: Final = 256
"""Models that are admitted between two sums; tables and structures that grew are counted then."""


class Limiting(Core):
    """The part of a registry that refuses what is too much, before anything is changed.

    Attributes:
        make_room: Called with a number of bytes when that many are wanted beyond ``max_bytes``; it
            may evict tenants.  What is still too much afterwards is refused.
    """

    make_room: Callable[[int], None] | None = None
    _most_bytes = 0
    """About what the models take: summed up now and then, and whenever it would be too much."""
    _unsummed = 0
    _summed: tuple[Any, int] = (None, 0)

    # structures -------------------------------------------------------------------------------

    def _admit_structure(self, properties: list[Property]) -> None:
        """Refuse a new structure that is too wide or too deep; no lock is held."""
        limits, count = self.limits, len(properties)
        if limits.max_properties is not None and count > limits.max_properties:
            raise self._told("max_properties", limits.max_properties, count, self.current_tenant())
        levels = 0 if limits.max_depth is None else depth(properties)
        if limits.max_depth is not None and levels > limits.max_depth:
            raise self._told("max_depth", limits.max_depth, levels, self.current_tenant())

    # tenants ----------------------------------------------------------------------------------

    def _admit_tenant(self, code: str) -> None:
        """Refuse one more tenant than there may be; under the lock."""
        most = self.limits.max_tenants
        count = len(self._tenants) + len(self._cold) + 1
        if most is not None and count > most:
            raise self._exceeded("max_tenants", most, count, code)

    def _admit_newcomer(self, code: str, name: str, shape: Shape) -> None:
        """Refuse a tenant whose first model would be too much, before it is made."""
        count = arrivals(None, name, shape)
        most = self.limits.max_models_per_tenant
        if most is not None and count > most:
            raise self._told("max_models_per_tenant", most, count, code, name)
        self._find_room(count * RUNTIME, code, name)

    # models -----------------------------------------------------------------------------------

    def _find_room_for(self, space: ModelRegistryProxy, name: str, model: Any) -> None:
        """See to it that there is room for *model*; no lock is held, others may be evicted."""
        if is_model(model) and model._owner is None:
            grow = arrivals(space, name, model.shape) * RUNTIME + extra_bytes(model)
            self._find_room(grow, space._owner.tenant, name)

    def _admit(self, space: ModelRegistryProxy, name: str, model: Any) -> None:
        """Refuse *model* if its owner would have too many; under the lock."""
        if model._owner is not space._owner:
            self.admit_names(space, arrivals(space, name, model.shape), name)

    def admit_names(self, space: ModelRegistryProxy, count: int, name: str | None = None) -> None:
        """Refuse *count* new names in a tenant's namespace that would be too many; under the lock.

        Raises:
            QuotaExceededError: They are; nothing was changed.
        """
        owner = space._owner
        if owner.kind == TENANT and count:
            self._admit_count(owner.tenant, owner.policy, owner.count + count, name)

    def admit_at_rest(self, code: str, count: int) -> None:
        """Refuse *count* names in all for a tenant that is unknown or at rest; under the lock.

        Raises:
            QuotaExceededError: They, or the tenant itself, are too much; nothing was changed.
        """
        record = self._cold.get(code)
        if record is None:
            self._admit_tenant(code)
        if record is None or count > record.count:
            self._admit_count(code, None if record is None else record.policy, count, None)

    def _admit_count(self, code: str | None, policy: Any, count: int, name: str | None) -> None:
        of_all = self.limits.max_models_per_tenant
        own = None if policy is None else policy.max_models
        most = min((each for each in (of_all, own) if each is not None), default=None)
        if most is not None and count > most:
            raise self._exceeded("max_models_per_tenant", most, count, code, name)

    # bytes ------------------------------------------------------------------------------------

    def _find_room(self, grow: int, tenant: str | None, name: str | None) -> None:
        """Refuse to grow beyond the bytes there may be, unless somebody makes room."""
        most = self.limits.max_bytes
        if most is None:
            return
        self._unsummed += 1
        if self._most_bytes + grow > most or self._unsummed >= _SELDOM:
            self._most_bytes = self._bytes_now()
            wanted = self._most_bytes + grow - most
            if wanted > 0 and self.make_room is not None:
                self.make_room(wanted)
                self._most_bytes = self._bytes_now()
            if self._most_bytes + grow > most:
                raise self._told("max_bytes", most, self._most_bytes + grow, tenant, name)
        self._most_bytes += grow

    def _bytes_now(self) -> int:
        """Return what all models take; summed up anew only if anything has changed."""
        counts = self._counts
        stamp = (counts.registered, counts.disposed, counts.built, counts.dormant)
        if self._summed[0] != stamp:
            whole: Any = self  # the part that reports
            self._summed = (stamp, whole.get_stats().bytes_estimate)
        self._unsummed = 0
        return self._summed[1]

    # refusing ---------------------------------------------------------------------------------

    def _told(
        self, limit: str, most: int, asked: int, tenant: str | None, model: str | None = None
    ) -> QuotaExceededError:
        """Return the error for too much, once listeners were told of it; no lock is held."""
        return self._locked(self._exceeded, limit, most, asked, tenant, model)

    def _exceeded(
        self, limit: str, most: int, asked: int, tenant: str | None, model: str | None = None
    ) -> QuotaExceededError:
        """Return the error for too much, and note it for listeners; under the lock."""
        details = {"limit": limit, "most": most, "asked": asked}
        if self._news.listeners:
            record = RegistryEvent("quota_exceeded", tenant=tenant, model=model, details=details)
            self._news.add(record)
        return QuotaExceededError(
            f"{limit} is {most} and this would make it {asked}; {_REMEDY[limit]}",
            tenant=tenant,
            model=model,
            value=asked,
            details=details,
        )


_REMEDY = {
    "max_tenants": "clean up a tenant, or raise the limit of the registry.",
    "max_models_per_tenant": "delete models of the tenant, or raise its policy or the limit.",
    "max_bytes": "clean up or evict tenants, or raise the limit of the registry.",
    "max_properties": "divide the structure, or raise the limit of the registry.",
    "max_depth": "flatten the structure, or raise the limit of the registry.",
}
