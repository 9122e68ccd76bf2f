"""Checks of models: what only one tenant has, and how each tenant's service is described."""

from __future__ import annotations

from typing import Any

from juggler.cli.client import Call
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.probe import CheckFailedError, Probe, expect
from juggler.cli.demo.tries import CITIES, OPENAPI, VOYAGE_ROWS, VOYAGES, as_tenant
from juggler.cli.demo.world import NORDWIND, PACIFICA

EXTRA = "otherNames"


def extra_property(probe: Probe, stage: Stage) -> None:
    """Check that one tenant's City has a property more, and nobody else's."""
    owner = NORDWIND.tenant
    named = next(row for row in stage.contents[owner].cities if row[EXTRA])
    query = {"where": {EXTRA: named[EXTRA][-1]}}
    found = probe.ask(Call(CITIES, query={"filter": query}, headers=as_tenant(owner)))
    expect(named["id"] in [row["id"] for row in found], True, f"a city found by {EXTRA}")
    row = probe.ask(Call(f"{CITIES}/{named['id']}", headers=as_tenant(owner)))
    expect(row[EXTRA], named[EXTRA], EXTRA)
    for tenant in stage.tenants:
        if tenant != owner:
            one = probe.ask(Call(f"{CITIES}/findOne", headers=as_tenant(tenant)))
            expect(EXTRA in one, False, f"{EXTRA} in a row of {tenant}")
            probe.ask(Call(CITIES, query={"filter": query}, headers=as_tenant(tenant)), status=400)


def own_model(probe: Probe, stage: Stage) -> None:
    """Check that one tenant has a model that was defined while the service ran, and nobody else."""
    for tenant in stage.tenants:
        status = 200 if tenant == PACIFICA.tenant else 404
        found = probe.ask(Call(VOYAGES, headers=as_tenant(tenant)), status=status)
        if status == 200:
            ships = sorted(row["ship"] for row in found)
            expect(ships, sorted(row["ship"] for row in VOYAGE_ROWS), "ships")


def descriptions(probe: Probe, stage: Stage) -> None:
    """Check that each tenant's OpenAPI tells of its own models only, and that no two are equal."""
    told = {tenant: probe.ask(Call(OPENAPI, headers=as_tenant(tenant))) for tenant in stage.tenants}
    for tenant, document in told.items():
        expect(document["openapi"][:3], "3.1", "version of OpenAPI")
        expect(CITIES in paths_of(document), True, f"{CITIES} described for {tenant}")
        own = tenant == PACIFICA.tenant
        expect(VOYAGES in paths_of(document), own, f"{VOYAGES} described for {tenant}")
        extra = tenant == NORDWIND.tenant
        expect(EXTRA in _city(document), extra, f"{EXTRA} described for {tenant}")
    documents = list(told.values())
    if any(one == other for n, one in enumerate(documents) for other in documents[:n]):
        raise CheckFailedError("Two tenants with different models have the same description.")


def paths_of(document: dict[str, Any]) -> set[str]:
    """Return the paths of a description, the addresses of its servers in front."""
    root = (document.get("servers") or [{}])[0].get("url", "").rstrip("/")
    return {path if path.startswith("/api") else root + path for path in document["paths"]}


def _city(document: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of City as described."""
    found: dict[str, Any] = document["components"]["schemas"]["City"]["properties"]
    return found
