"""The explorer: nothing from outside, and it works in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from juggler.app.explorer import endpoint
from juggler.app.explorer.endpoint import PAGE, POLICY
from juggler.context import tenant
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.keys import KeyRing
from juggler.tenancy.resolve import ApiKeys, HeaderTenant, first_of
from juggler.tenancy.tenant import Tenant
from tests.app.browser import browsing
from tests.app.service import client_of, served, service
from tests.services import Services

TAGS = "[...document.querySelectorAll('.opblock-tag')].map((each) => each.dataset.tag).join()"


async def test_files_are_served_with_a_strict_policy(tmp_path: Path) -> None:
    """The page and its files come from the service, under a policy that allows nothing else."""
    async with service(tmp_path) as here, client_of(here.app) as client:
        for name in ("", "explorer.js", "explorer.css", "swagger-ui.css", "swagger-ui-bundle.js"):
            answer = await client.get(f"/explorer/{name}")
            assert answer.status_code == 200
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            head = await client.head(f"/explorer/{name}")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == answer.headers["content-length"]
        assert "unsafe" not in POLICY
        page = (await client.get("/explorer/")).text
        for attribute in re.findall(r'(?:src|href)="([^"]*)"', page):
            assert (await client.get(f"/explorer/{attribute}")).status_code == 200
        moved = await client.get("/explorer?tenant=acme")
        assert moved.headers["location"] == "explorer/?tenant=acme"


@pytest.mark.parametrize(
    "name", ["index.j2", "../asgi.py", "..%2fendpoint.py", "x", "explorer.js/x"]
)
async def test_nothing_else_is_served(tmp_path: Path, name: str) -> None:
    """Only the page's own files are there."""
    async with service(tmp_path) as here, client_of(here.app) as client:
        assert (await client.get(f"/explorer/{name}")).status_code == 404


def test_the_page_names_no_other_place() -> None:
    """Our part of the page has no address in it, and no script or style inside."""
    for path in PAGE.iterdir():
        text = path.read_text()
        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        assert not re.search(r"<script>|<style|style=|\son\w+=", text)


async def test_the_document_it_begins_with_shows_no_model(tmp_path: Path) -> None:
    """Before signing in there is nothing to see but how to sign in."""
    async with service(tmp_path) as here, client_of(here.app) as client:
        start = (await client.get("/explorer/start.json")).json()
    assert start["paths"] == {}
    assert "tenant" in start["components"]["securitySchemes"]


async def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where swagger-ui is not installed the answer names the remedy."""
    monkeypatch.setattr(endpoint, "find_spec", lambda _: None)
    async with service(tmp_path) as here, client_of(here.app) as client:
        answer = await client.get("/explorer/swagger-ui.css")
        assert answer.status_code == 501
        assert "juggler[app]" in answer.json()["error"]["message"]


# APP-14
async def test_it_works_in_a_browser(tmp_path: Path, services: Services) -> None:
    """Signed in by a link or by a key, a tenant sees its models and tries them out, and no more."""
    ring = KeyRing("pepper of the tests")
    token, key = ring.issue()
    directory = MemoryDirectory([Tenant("acme", keys=(key,)), Tenant("globex")])
    identity = first_of(ApiKeys(directory, ring), HeaderTenant(directory=directory))
    chromium = services.program("chromium")
    async with (
        service("memory", identity=identity) as here,
        served(here.app, lifespan="off") as address,
        browsing(chromium, tmp_path) as page,
    ):
        with tenant("acme"):
            here.registry.define("Ticket", {"title": str})

        await page.open(f"{address}/explorer?tenant=globex")
        assert await page.wait_for(TAGS) == "City"
        assert await page.evaluate("document.getElementById('state').textContent") == "1 model"

        await page.open(f"{address}/explorer/")
        await page.wait_for("document.getElementById('state').textContent.includes('Authorize')")
        assert await page.evaluate(TAGS) == ""
        await page.click("button.authorize")
        await page.type(".auth-container:has(input[aria-label=auth-bearer-value]) input", token)
        await page.click(".auth-container:has(input[aria-label=auth-bearer-value]) .authorize")
        await page.wait_for("document.getElementById('state').textContent === '2 models'")
        await page.wait_for(f"{TAGS} === 'City,Ticket'")
        await page.click(".btn-done")

        find = '.opblock-get:has([data-path="/Tickets"])'
        for button in (".opblock-summary-control", ".try-out__btn", ".execute"):
            await page.click(f"{find} {button}")
        status = "document.querySelector('.live-responses-table tbody td.response-col_status')"
        assert (await page.wait_for(f"{status}?.innerText")).strip() == "200", page.requests[-1]

        assert [
            each for each in page.requests if not each.startswith((address, "data:", "about:"))
        ] == []
        assert [each for each in page.complaints if "401" not in each] == []
