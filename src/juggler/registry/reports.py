"""Figures of a registry, exact at the moment of the call."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from msgspec.structs import asdict

from juggler.registry.cold.record import ColdTenant
from juggler.registry.lookups import Lookups
from juggler.registry.owners import APP, DATA_SOURCE, Owner
from juggler.registry.records import RegistryStats, TenantRegistryInfo, TenantStats
from juggler.registry.sizes import cold_bytes, shape_bytes


class Reports(Lookups):
    """The part of a registry that counts."""

    def get_stats(self, *, brief: bool = False) -> RegistryStats:
        """Return the registry's figures; *brief* ones leave tenants and bytes out and cost O(1)."""
        return self._locked(self._stats, brief)

    def _stats(self, brief: bool) -> RegistryStats:
        counts = self._counts
        counts.settle()
        tenants = () if brief else tuple(self._tenant_stats())
        return RegistryStats(
            total_models=counts.total,
            registered_total=counts.registered,
            disposed_total=counts.disposed,
            reuse_count=counts.reused,
            unique_models=counts.built,
            shapes=len(self.shapes),
            tenant_registries=len(self._tenants) + len(self._cold),
            total_tenant_models=counts.in_tenants,
            global_models=len(self.global_models),
            owners=len(self._owners) + len(self._tenants) + len(self._cold),
            bytes_estimate=0 if brief else self._bytes(tenants),
            tenant_stats=tenants,
            cold_tenants=len(self._cold),
        )

    def _tenant_stats(self) -> Iterator[TenantStats]:
        """Iterate over the figures of all tenants, the cold ones last; none of them is touched."""
        for tenant in self._tenants.values():
            yield tenant.get_stats()
        now, owners = self.clock(), self._room.owners
        for code, record in self._cold.items():
            yield cold_stats(code, record, owners.get(code), now)

    def _bytes(self, tenants: tuple[TenantStats, ...]) -> int:
        """Return an estimate of the memory that all models take, with what they share."""
        return sum(each.bytes_estimate for each in tenants) + self._bytes_beside_tenants()

    def _bytes_beside_tenants(self) -> int:
        """Return what is no tenant's of its own: of other owners, and what tenants share."""
        others = (self.global_models, *self._owners.namespaces())
        if not (self._counts.total or self._tenants or self._cold):
            return 0  # what else stands on shapes is nobody's yet
        own = sum(each._owner.bytes for each in others)
        return own + self._shared_bytes()

    def _shared_bytes(self) -> int:
        """Return an estimate of the memory that definitions take, which owners share."""
        bundles = sum(each.bytes for each in self._room.bundles.bundles())
        return bundles + shape_bytes(len(self.shapes), self.shapes.properties)

    def get_tenant_registry_info(self) -> TenantRegistryInfo:
        """Return who is in the registry: tenants with figures and model names, sources, apps.

        Cold tenants are among them, but none of them is active.
        """
        return self._locked(self._info)

    def _info(self) -> TenantRegistryInfo:
        tenants: dict[str, Any] = {}
        for each in self._tenant_stats():
            code = each.tenant_code
            space = self._tenants[code].models if not each.cold else self._room.bundles_of.get(code)
            tenants[code] = MappingProxyType({**asdict(each), "models": list(space or ())})
        return TenantRegistryInfo(
            active_tenants=len(self._tenants),
            active_data_sources=self._owners.count(DATA_SOURCE),
            active_apps=self._owners.count(APP),
            global_models=len(self.global_models),
            tenants=MappingProxyType(tenants),
        )


def cold_stats(code: str, record: ColdTenant, owner: Owner | None, now: float) -> TenantStats:
    """Return the figures of a cold tenant.

    Args:
        code: Its code.
        record: What is kept of it.
        owner: Its record as an owner, while somebody has a handle or a model of it.
        now: The time, on the registry's clock.
    """
    in_use = owner is not None and owner.in_use
    return TenantStats(
        tenant_code=code,
        model_count=record.count,
        anonymous_count=0,
        creation_time=record.created_at,
        last_accessed=record.last_accessed,
        idle_time=0.0 if in_use else now - record.last_accessed,
        accesses=record.accesses,
        bytes_estimate=cold_bytes(record),
        in_use=in_use,
        cold=True,
    )
