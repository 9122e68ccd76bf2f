"""Checks of rows: each tenant has its own, all of them and no other; nearest cities; changes."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Any, Final

from juggler.cli.client import Call
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.probe import Probe, expect
from juggler.cli.demo.tries import CITIES, COUNTRIES, as_tenant
from juggler.cli.demo.world import Row

PAGE: Final = 1_000
NEAREST: Final = 5
PLACES: Final = ((52.52, 13.405), (-1.2921, 36.8219), (35.6762, 139.6503), (-17.7, 179.9))
"""Where nearest cities are asked for; the last lies beside the line where longitudes turn over."""
RADIUS_KM: Final = 6370.99056
NEW_ID: Final = 900_000_001


def count_rows(probe: Probe, stage: Stage) -> None:
    """Check that each tenant has as many cities and countries as its region."""
    for tenant, content in stage.contents.items():
        for path, rows in ((CITIES, content.cities), (COUNTRIES, content.countries)):
            found = probe.ask(Call(f"{path}/count", headers=as_tenant(tenant)))
            expect(found, {"count": len(rows)}, f"{path} of {tenant}")


def own_rows_only(probe: Probe, stage: Stage) -> None:
    """Check that the ids of all cities that a tenant sees are those of its region."""
    for tenant, content in stage.contents.items():
        found: list[int] = []
        while len(found) % PAGE == 0 and len(found) <= len(content.cities):
            query = {"fields": ["id"], "order": "id", "limit": PAGE, "skip": len(found)}
            page = probe.ask(Call(CITIES, query={"filter": query}, headers=as_tenant(tenant)))
            found += [row["id"] for row in page]
            if not page:
                break
        wanted = [row["id"] for row in content.cities]
        expect(sorted(set(found) ^ set(wanted)), [], f"ids that {tenant} should not or must have")
        expect(found == wanted, True, f"the ids of {tenant} come once and in order")


def foreign_rows_hidden(probe: Probe, stage: Stage) -> None:
    """Check that a tenant finds no row of another, by id or by condition."""
    for tenant in stage.tenants:
        foreign = [row for other in stage.tenants if other != tenant for row in _some(stage, other)]
        ids = [row["id"] for row in foreign]
        headers = as_tenant(tenant)
        where = {"id": {"inq": ids}}
        found = probe.ask(Call(f"{CITIES}/count", query={"where": where}, headers=headers))
        expect(found, {"count": 0}, f"rows of others that {tenant} finds")
        for row in foreign[::10]:
            probe.ask(Call(f"{CITIES}/{row['id']}", headers=headers), status=404)
            answer = probe.ask(Call(f"{CITIES}/{row['id']}/exists", headers=headers))
            expect(answer, {"exists": False}, f"a row of another for {tenant}")


def nearest_cities(probe: Probe, stage: Stage) -> None:
    """Check that `near` finds what measuring the distance to every city finds."""
    for tenant, content in stage.contents.items():
        for lat, lng in PLACES:
            near = {"location": {"near": {"lat": lat, "lng": lng}}}
            query = {"where": near, "limit": NEAREST, "fields": ["id", "location"]}
            found = probe.ask(Call(CITIES, query={"filter": query}, headers=as_tenant(tenant)))
            measured = ((_kilometres(row, lat, lng), row["id"]) for row in content.cities)
            wanted = heapq.nsmallest(NEAREST, measured)
            got = [_kilometres(row, lat, lng) for row in found]
            for distance, (nearest, _) in zip(got, wanted, strict=True):
                expect(round(distance, 6), round(nearest, 6), f"km from {lat}, {lng} for {tenant}")


def within_distance(probe: Probe, stage: Stage) -> None:
    """Check that `near` with a largest distance finds all cities up to it and no other."""
    for tenant, content in stage.contents.items():
        for (lat, lng), most in zip(PLACES, (150, 400, 60, 900), strict=True):
            near = {"near": {"lat": lat, "lng": lng}, "maxDistance": most, "unit": "kilometers"}
            query = {"where": {"location": near}, "limit": PAGE, "fields": ["id", "location"]}
            found = probe.ask(Call(CITIES, query={"filter": query}, headers=as_tenant(tenant)))
            wanted = {row["id"] for row in content.cities if _kilometres(row, lat, lng) <= most}
            if len(wanted) < PAGE:
                expect({row["id"] for row in found}, wanted, f"cities within {most} km, {tenant}")


def round_trip(probe: Probe, stage: Stage) -> None:
    """Check that a city is made, read, changed and deleted, and that no other tenant sees it."""
    tenant, *others = stage.tenants
    headers, place = as_tenant(tenant), f"{CITIES}/{NEW_ID}"
    given = {
        "id": NEW_ID,
        "name": "Nové Žďárky",
        "country": "CZ",
        "population": 0,
        "location": {"lat": -12.5, "lng": 0.25},
    }
    made = probe.ask(Call(CITIES, "POST", headers=headers, body=given))
    try:
        expect({key: made.get(key) for key in given}, given, "the city made")
        expect(_known(probe.ask(Call(place, headers=headers))), given, "the city read")
        changed = probe.ask(Call(place, "PATCH", headers=headers, body={"population": 7}))
        expect(changed["population"], 7, "the population changed")
        for other in map(as_tenant, others):
            probe.ask(Call(place, headers=other), status=404)
            probe.ask(Call(place, "PATCH", headers=other, body={"name": "x"}), status=404)
        again = probe.ask(Call(place, headers=headers))
        expect(_known(again), {**given, "population": 7}, "the city read again")
    finally:
        deleted = probe.send(Call(place, "DELETE", headers=headers))
    expect(deleted.body, {"count": 1}, "deleted")
    probe.ask(Call(place, headers=headers), status=404)


def bad_input(probe: Probe, stage: Stage) -> None:
    """Check that what is not understood is refused, with a code, and changes nothing."""
    headers = as_tenant(stage.tenants[0])
    before = probe.ask(Call(f"{CITIES}/count", headers=headers))
    for query in ({"where": "x"}, {"where": {"name": {"unknown": 1}}}, {"limit": "many"}, "{"):
        answer = probe.ask(Call(CITIES, query={"filter": query}, headers=headers), status=400)
        expect(bool(answer["error"]["code"]), True, "the error has a code")
    nameless = {"id": NEW_ID, "country": "CZ", "location": {"lat": 1, "lng": 1}}
    refused = probe.ask(Call(CITIES, "POST", headers=headers, body=nameless), status=422)
    expect(list(refused["error"]["details"]["codes"]), ["name"], "the property that is missing")
    expect(probe.ask(Call(f"{CITIES}/count", headers=headers)), before, "cities afterwards")


def _some(stage: Stage, tenant: str) -> list[Row]:
    """Return about fifty cities of *tenant*, from all over its list."""
    cities = stage.contents[tenant].cities
    return cities[:: max(1, len(cities) // 50)]


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row has, without the properties that have no value."""
    return {key: value for key, value in row.items() if value is not None}


def _kilometres(row: Mapping[str, Any], lat: float, lng: float) -> float:
    """Return the distance of a city from a point; reckoned by another formula than juggler's."""
    a, b = _on_sphere(row["location"]["lat"], row["location"]["lng"]), _on_sphere(lat, lng)
    return 2 * RADIUS_KM * math.asin(min(1.0, math.dist(a, b) / 2))


def _on_sphere(lat: float, lng: float) -> tuple[float, float, float]:
    north, east = math.radians(lat), math.radians(lng)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)
