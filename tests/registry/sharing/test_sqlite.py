"""Sharing between tenants that have a SQLite file each."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import JugglerError, PermissionDeniedError
from juggler.facade.default import ModelRegistry
from juggler.tenancy.isolation.database import DatabasePerTenant
from juggler.tenancy.route import TenantRouter


def stored(path: Path) -> list[tuple[Any, ...]]:
    """Return the rows in a tenant's file; none where there is no file or table."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND lower(name) = 'ticket'"
        tables = database.execute(named).fetchall()
        if not tables:
            return []
        return database.execute(f"SELECT title, secret FROM {tables[0][0]} ORDER BY id").fetchall()


# REG-73, TEN-16
async def test_rows_stay_in_the_owners_file(registry: ModelRegistry, tmp_path: Path) -> None:
    """A grantee reads and writes the owner's file; its own gets no row and no table."""
    isolation = DatabasePerTenant(tmp_path / "{tenant}.db", registry=registry)
    router = TenantRouter(isolation)
    stop = router.serve(registry)
    model = registry.define("Ticket", {"title": str, "secret": str}, tenant="acme")
    registry.share("Ticket", "acme", ["globex"], access="write", fields=["id", "title"])
    registry.share("Ticket", "acme", ["initech"], access="write")
    try:
        with tenant("globex"):
            narrow = registry.find_model_by_name("Ticket")
            assert await narrow.find() == [], "the table is made as the owner's model wants it"
        with tenant("acme"):
            await model.create([{"title": "one", "secret": "s1"}, {"title": "two", "secret": "s2"}])
        with tenant("globex"):
            assert [each.to_json() for each in await narrow.find(where={"title": "one"})] == [
                {"id": 1, "title": "one"}
            ]
            with pytest.raises(JugglerError):
                await narrow.find(where={"secret": "s1"})
            await (await narrow.find_by_id(2)).update_attributes({"title": "changed"})
            with pytest.raises(PermissionDeniedError):
                await narrow.destroy_all(all=True)
        with tenant("initech"):
            whole = registry.find_model_by_name("Ticket")
            await whole.create(title="three", secret="s3")
            assert await whole.destroy_by_id(1) == {"count": 1}
            found, is_new = await whole.find_or_create(
                {"where": {"title": "four"}}, {"title": "four", "secret": "s4"}
            )
            assert is_new
            assert found.model is whole
    finally:
        stop()
        await router.close_all()
    assert stored(isolation.file("acme")) == [("changed", "s2"), ("three", "s3"), ("four", "s4")]
    assert stored(isolation.file("globex")) == []
    assert stored(isolation.file("initech")) == []


# REG-73
async def test_the_owner_leaves(registry: ModelRegistry, tmp_path: Path) -> None:
    """With the owner its grants go, and a tenant of that name that returns has given nothing."""
    isolation = DatabasePerTenant(tmp_path / "{tenant}.db", registry=registry)
    router = TenantRouter(isolation)
    stop = router.serve(registry)
    try:
        for _ in range(2):
            model = registry.define("Ticket", {"title": str, "secret": str}, tenant="acme")
            with tenant("globex"):
                assert registry.find_model_by_name("Ticket") is None
            registry.share("Ticket", "acme", ["globex"])
            with tenant("acme"):
                await model.create(title="one")
            with tenant("globex"):
                view = registry.find_model_by_name("Ticket")
                assert await view.count() > 0
            registry.cleanup_tenant("acme")
            with tenant("globex"), pytest.raises(PermissionDeniedError):
                await view.count()
    finally:
        stop()
        await router.close_all()
