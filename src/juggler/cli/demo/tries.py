"""What the demo prints to try; the check sends the very same requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from juggler.cli.admin import admin_call
from juggler.cli.client import Call
from juggler.cli.demo.world import MERIDIAN, NORDWIND, PACIFICA

CITIES: Final = "/api/Cities"
COUNTRIES: Final = "/api/Countries"
VOYAGES: Final = "/api/Voyages"
OPENAPI: Final = "/openapi.json"
EXPLORER: Final = "/explorer"

BERLIN: Final = {"lat": 52.52, "lng": 13.405}
VOYAGE: Final[Mapping[str, Any]] = {
    "name": "Voyage",
    "description": "A ship's way between two ports; only this tenant has such a model.",
    "properties": {
        "ship": {"type": "string", "required": True},
        "from": {"type": "string", "required": True},
        "to": {"type": "string", "required": True},
        "departs": {"type": "date"},
        "nights": {"type": "integer"},
    },
}
"""The model that `PACIFICA` defines for itself while the service runs."""
VOYAGE_ROWS: Final = (
    {"ship": "Kaimana", "from": "Auckland", "to": "Suva", "departs": "2026-03-01", "nights": 3},
    {"ship": "Hoshi", "from": "Yokohama", "to": "Busan", "departs": "2026-03-08", "nights": 2},
    {"ship": "Kaimana", "from": "Suva", "to": "Honiara", "departs": "2026-03-11", "nights": 5},
)


@dataclass(frozen=True, slots=True)
class Try:
    """One request worth trying, and what it shows."""

    shows: str
    call: Call


def as_tenant(tenant: str) -> dict[str, str]:
    """Return the header that names the tenant; meant for development."""
    return {"X-Tenant": tenant}


def with_key(key: str) -> dict[str, str]:
    """Return the header that carries an API key."""
    return {"Authorization": f"Bearer {key}"}


def tries(admin_token: str, keys: Mapping[str, str]) -> tuple[Try, ...]:
    """Return what to try, from one tenant's rows to the operator's view."""
    largest = {"order": "population DESC", "limit": 3, "fields": ["name", "population"]}
    near = {"where": {"location": {"near": BERLIN}}, "fields": ["name", "location"], "limit": 5}
    munich = {"where": {"otherNames": "Monaco di Baviera"}, "fields": ["name", "country"]}
    ports = {"where": {"nights": {"gt": 2}}, "order": "departs"}
    nordwind, pacifica = as_tenant(NORDWIND.tenant), as_tenant(PACIFICA.tenant)
    return (
        Try("How many cities a tenant has", Call(f"{CITIES}/count", headers=nordwind)),
        Try(
            "The same address for another tenant, by its API key: other rows",
            Call(CITIES, query={"filter": largest}, headers=with_key(keys[MERIDIAN.tenant])),
        ),
        Try("Cities nearest to a point", Call(CITIES, query={"filter": near}, headers=nordwind)),
        Try(
            "A property that only this tenant's City has",
            Call(CITIES, query={"filter": munich}, headers=nordwind),
        ),
        Try(
            "A model that only this tenant has, defined while the service ran",
            Call(VOYAGES, query={"filter": ports}, headers=pacifica),
        ),
        Try("What this tenant may call, as OpenAPI", Call(OPENAPI, headers=pacifica)),
        Try("All tenants, for the operator", admin_call(admin_token, "/tenants")),
    )
