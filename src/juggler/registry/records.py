"""Frozen records that the registry hands out: results, statistics, events."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct, field

EVENTS: Final = (
    "model_registered",
    "model_replaced",
    "model_moved",
    "model_disposed",
    "tenant_created",
    "tenant_activated",
    "tenant_evicted",
    "tenant_cleaning",
    "tenant_cleaned",
    "cleanup_pass",
    "quota_exceeded",
    "cross_tenant_lookup",
    "model_shared",
    "share_revoked",
    "handler_failed",
)
"""Names of all events of a registry; ``*`` stands for every one of them."""

HISTORY: Final = 1_000
"""Clean-ups that a registry remembers."""


@dataclasses.dataclass(frozen=True, slots=True)
class CleanupResult:
    """What a clean-up did.

    Attributes:
        tenant: The code as it was given.
        models_removed: Models that are gone, anonymous ones included.
        mappings_removed: Entries removed: names and structures.
        cleaned_models: Names of the models that are gone.
        duration: Milliseconds.
        error: Why nothing was done; None when it was.
        bytes_released: Estimate of the memory let go.
        reason: Why it was asked for.
        at: When it ended, in seconds since 1970; None where there was nothing to do.  Results that
            differ in nothing else are equal.
    """

    tenant: Any
    models_removed: int = 0
    mappings_removed: int = 0
    cleaned_models: tuple[str, ...] = ()
    duration: float = 0.0
    error: str | None = None
    bytes_released: int = 0
    reason: str | None = None
    at: float | None = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class ModelRecord:
    """One registered model and whose it is."""

    model: Any
    name: str
    owner: Any
    owner_kind: str
    tenant: str | None
    registered_at: float


class RegistryEvent(Struct, frozen=True):
    """Something that happened in the registry; ``event`` names it.

    Attributes:
        event: One of `EVENTS`.
        tenant: Code of the tenant concerned.
        model: Name of the model concerned.
        owner_kind: Kind of the model's owner.
        result: The clean-up's result.
        error: What a handler, or a callback at the end of a model, raised.
        details: Further plain data, by name; which there is depends on the event.
    """

    event: str
    tenant: str | None = None
    model: str | None = None
    owner_kind: str | None = None
    result: CleanupResult | None = None
    error: BaseException | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class TenantStats(Struct, frozen=True):
    """Figures of one tenant at one moment; times on the registry's clock, in seconds."""

    tenant_code: str
    model_count: int
    anonymous_count: int
    creation_time: float
    last_accessed: float
    idle_time: float
    accesses: int
    bytes_estimate: int
    in_use: bool
    cold: bool = False


class RegistryStats(Struct, frozen=True):
    """Figures of a whole registry at one moment."""

    total_models: int
    registered_total: int
    disposed_total: int
    reuse_count: int
    unique_models: int
    shapes: int
    tenant_registries: int
    total_tenant_models: int
    global_models: int
    owners: int
    bytes_estimate: int
    tenant_stats: tuple[TenantStats, ...] = ()
    cold_tenants: int = 0


class TenantRegistryInfo(Struct, frozen=True):
    """Who is in the registry: tenants with their figures and model names, sources, apps."""

    active_tenants: int
    active_data_sources: int
    active_apps: int
    global_models: int
    tenants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))


def checked_name(event: str) -> str:
    """Return *event* if there is an event called so.

    Raises:
        ValueError: There is none; the message lists them.
    """
    if event != "*" and event not in EVENTS:
        raise ValueError(
            f"No event of a registry is called {event!r}; there are {', '.join(EVENTS)}, and '*' "
            "for all."
        )
    return event
