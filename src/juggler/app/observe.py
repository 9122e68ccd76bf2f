"""Counting requests, where the package for it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Protocol

from juggler.registry.registry import ModelRegistry


class Counts(Protocol):
    """Counts requests and tells all figures."""

    def observe(self, verb: str, action: str, status: int, seconds: float) -> None:
        """Count one request."""

    def text(self, *, tenants: bool = False) -> bytes:
        """Return all figures in Prometheus' text format; name the largest tenants if asked to."""


def counts_of(registry: ModelRegistry, router: Any) -> Counts | None:
    """Return what counts the requests of an app; None where prometheus-client is missing."""
    if find_spec("prometheus_client") is None:
        return None
    from juggler.app.metrics import Metrics  # noqa: PLC0415  needs a package that may be missing

    return Metrics(registry, router)
