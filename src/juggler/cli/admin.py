"""The admin API of a running service, as the command line asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from juggler.cli.client import Call, ServiceError

_PAGE: Final = 1_000


def admin_call(token: str, path: str, method: str = "GET", **more: Any) -> Call:
    """Return the request for *path* below ``/admin`` with the operator's token."""
    headers = {"Authorization": f"Bearer {token}"}
    return Call(f"/admin{path}", method, headers=headers, **more)


def models_path(tenant: str) -> str:
    """Return the path below ``/admin`` at which models of *tenant* are defined."""
    return f"/tenants/{quote(tenant, safe='')}/models"


def cleanup_path(tenant: str) -> str:
    """Return the path below ``/admin`` at which *tenant* is cleaned up."""
    return f"/tenants/{quote(tenant, safe='')}/cleanup"


@dataclass(frozen=True, slots=True)
class AdminClient:
    """Asks the admin API of the service at *url*; keeps nothing between calls.

    Every method raises `ServiceError` where the service cannot be asked or will not do it.
    """

    url: str
    token: str

    def tenants(self) -> list[dict[str, Any]]:
        """Return all tenants with their figures, in order of code."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"limit": str(_PAGE), "after": found[-1]["code"] if found else ""}
            page = self._ask("/tenants", query=query)["tenants"]
            found += page
            if len(page) < _PAGE:
                return found

    def stats(self) -> dict[str, Any]:
        """Return the figures of the service's registry and of its data sources."""
        told = self._ask("/tenants", query={"limit": "1"})
        return {"registry": told["registry"], "sources": told["sources"]}

    def watched(self, sort: str, limit: int) -> dict[str, Any]:
        """Return health, figures, and the first *limit* tenants by *sort*."""
        told = self._ask("/tenants", query={"limit": str(limit), "sort": sort})
        return {**told, "health": self._ask("/health")}

    def history(self, limit: int) -> list[dict[str, Any]]:
        """Return the last *limit* clean-ups, the latest first."""
        found: list[dict[str, Any]] = self._ask("/history", query={"limit": str(limit)})["cleanups"]
        return found

    def cleanup(self, tenant: str, *, force: bool) -> dict[str, Any]:
        """Clean *tenant* up and return what was removed."""
        path = cleanup_path(tenant) + ("?force=true" if force else "")
        found: dict[str, Any] = self._ask(path, "POST")
        return found

    def _ask(self, path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
        if not self.token:
            raise ServiceError("The admin API needs --token, or JUGGLER_ADMIN_TOKEN.", code="TOKEN")
        body = admin_call(self.token, path, method, **more).done(self.url)
        if not isinstance(body, dict):
            raise ServiceError(f"What answers at {self.url} is no juggler service.")
        return body
