"""Figures of a registry, exact at the moment of the call."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from juggler.registry.lookups import Lookups
from juggler.registry.owners import APP, DATA_SOURCE
from juggler.registry.records import RegistryStats, TenantRegistryInfo


class Reports(Lookups):
    """The part of a registry that counts."""

    def get_stats(self, *, brief: bool = False) -> RegistryStats:
        """Return the registry's figures; *brief* ones leave tenants and bytes out and cost O(1)."""
        return self._locked(self._stats, brief)

    def _stats(self, brief: bool) -> RegistryStats:
        counts = self._counts
        counts.settle()
        tenants = () if brief else tuple(each.get_stats() for each in self._tenants.values())
        return RegistryStats(
            total_models=counts.total,
            registered_total=counts.registered,
            disposed_total=counts.disposed,
            reuse_count=counts.reused,
            unique_models=counts.total,
            shapes=len(self.shapes),
            tenant_registries=len(self._tenants),
            total_tenant_models=counts.in_tenants,
            global_models=len(self.global_models),
            owners=len(self._owners) + len(self._tenants),
            bytes_estimate=0 if brief else sum(space._owner.bytes for space in self.spaces()),
            tenant_stats=tenants,
        )

    def get_tenant_registry_info(self) -> TenantRegistryInfo:
        """Return who is in the registry: tenants with figures and model names, sources, apps."""
        tenants: dict[str, Any] = {
            code: MappingProxyType({**asdict(each.get_stats()), "models": list(each.models)})
            for code, each in list(self._tenants.items())
        }
        return TenantRegistryInfo(
            active_tenants=len(tenants),
            active_data_sources=self._owners.count(DATA_SOURCE),
            active_apps=self._owners.count(APP),
            global_models=len(self.global_models),
            tenants=MappingProxyType(tenants),
        )
