"""What tests of the manager look at: who is resident, who is at rest, which passes were made."""

from __future__ import annotations

import threading

from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import check


def define(registry: ModelRegistry, *codes: str) -> None:
    """Give each tenant a model."""
    for code in codes:
        registry.define("A", {"x": int}, tenant=code)


def residents(registry: ModelRegistry) -> list[str]:
    """Return the codes of the tenants whose models are built."""
    return list(registry._tenants)


def cold(registry: ModelRegistry) -> set[str]:
    """Return the codes of the tenants at rest."""
    return set(registry._cold)


def check_awake(registry: ModelRegistry) -> None:
    """Check the invariants of a registry once all tenants are resident."""
    for code in cold(registry):
        assert list(registry.tenant(code).models.values())
    check(registry)


class Passes:
    """Hears of the passes of a registry, and waits for some of them."""

    def __init__(self, registry: ModelRegistry, wanted: int = 1) -> None:
        self.told: list[RegistryEvent] = []
        self.failed: list[RegistryEvent] = []
        self._wanted = wanted
        self.enough = threading.Event()
        registry.on("cleanup_pass", self._tell)
        registry.on("handler_failed", self._fail)

    def _tell(self, event: RegistryEvent) -> None:
        self.told.append(event)
        self._count()

    def _fail(self, event: RegistryEvent) -> None:
        self.failed.append(event)
        self._count()

    def _count(self) -> None:
        if len(self.told) + len(self.failed) >= self._wanted:
            self.enough.set()
