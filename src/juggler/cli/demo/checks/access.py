"""Checks of who is let in, and of a tenant that is cleaned up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.cli.admin import admin_call, cleanup_path
from juggler.cli.client import Call
from juggler.cli.demo.checks.shapes import paths_of
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.probe import Probe, expect
from juggler.cli.demo.tries import CITIES, OPENAPI, VOYAGES, as_tenant, with_key
from juggler.cli.demo.world import PACIFICA


def strangers_refused(probe: Probe, stage: Stage) -> None:
    """Check that a wrong tenant or key, or none, gets 401 and learns nothing from it."""
    key = stage.keys[PACIFICA.tenant]
    strangers: tuple[Mapping[str, str], ...] = (
        {},
        as_tenant("nobody"),
        as_tenant("../x"),
        with_key("jug_nobody_x"),
        with_key(key[:-1] + ("a" if key[-1] != "a" else "b")),
        with_key(stage.admin_token),
    )
    answers = [probe.ask(Call(CITIES, headers=each), status=401) for each in strangers]
    for answer in answers:
        expect(answer, answers[0], "the answer to a stranger")
    for path in (OPENAPI, VOYAGES, f"{CITIES}/1"):
        probe.ask(Call(path, headers=as_tenant("nobody")), status=401)
    probe.ask(Call(f"{CITIES}/count", headers=with_key(key)))


def keys_open_their_tenant(probe: Probe, stage: Stage) -> None:
    """Check that each key opens its own tenant, and none together with another's name."""
    for tenant, key in stage.keys.items():
        found = probe.ask(Call(f"{CITIES}/count", headers=with_key(key)))
        cities = stage.contents[tenant].cities
        expect(found, {"count": len(cities)}, f"cities by the key of {tenant}")
        probe.ask(Call(f"{CITIES}/{cities[0]['id']}", headers=with_key(key)))
        other = next(each for each in stage.tenants if each != tenant)
        both = {**with_key(key), **as_tenant(other)}
        probe.ask(Call(CITIES, headers=both), status=400)


def admin_needs_its_token(probe: Probe, stage: Stage) -> None:
    """Check that the admin API opens to its token alone."""
    for headers in ({}, with_key("wrong"), with_key(stage.keys[PACIFICA.tenant])):
        probe.ask(Call("/admin/tenants", headers=headers), status=401)
    told = probe.ask(admin_call(stage.admin_token, "/tenants"))
    expect([each["code"] for each in told["tenants"]], sorted(stage.tenants), "tenants")


def pages_answer(probe: Probe, stage: Stage) -> None:
    """Check that explorer, health and figures answer, and name no tenant to strangers."""
    pages = [probe.ask(Call(path)) for path in ("/explorer/", "/metrics")]
    expect(["swagger-ui" in pages[0], "juggler" in pages[1]], [True, True], "what pages show")
    expect([each for each in stage.tenants if each in "".join(pages)], [], "tenants named")
    expect(probe.ask(Call("/health/ready")), {"status": "ok"}, "health")


def cleaned_tenant_gone(probe: Probe, stage: Stage) -> None:
    """Check that after a clean-up nothing finds a tenant's models, and others keep theirs."""
    tenant, token = PACIFICA.tenant, stage.admin_token
    before = probe.ask(admin_call(token, f"/tenants/{tenant}"))
    expect([each["name"] for each in before["models"]], ["Voyage"], "models before")
    others = {
        each["code"]: each["stats"] and each["stats"]["model_count"]
        for each in probe.ask(admin_call(token, "/tenants"))["tenants"]
        if each["code"] != tenant
    }
    result = probe.ask(admin_call(token, cleanup_path(tenant), "POST"))
    expect(result["cleaned_models"], ["Voyage"], "models cleaned up")
    expect(probe.ask(admin_call(token, f"/tenants/{tenant}"))["models"], [], "models after")
    probe.ask(Call(VOYAGES, headers=as_tenant(tenant)), status=404)
    document = probe.ask(Call(OPENAPI, headers=as_tenant(tenant)))
    expect(VOYAGES in paths_of(document), False, "described after")
    listed: list[dict[str, Any]] = probe.ask(admin_call(token, "/tenants"))["tenants"]
    for each in listed:
        count = (each["stats"] or {}).get("model_count", 0)
        expect(count, others.get(each["code"]) or 0, f"models of {each['code']}")
    for code, content in stage.contents.items():  # rows and shared models are there as before
        found = probe.ask(Call(f"{CITIES}/count", headers=as_tenant(code)))
        expect(found, {"count": len(content.cities)}, f"cities of {code}")
