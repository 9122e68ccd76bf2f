"""A database per tenant: in its folder, for its owner alone, one tenant each."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError, InvalidTenantError, RoutingError, StoreError
from juggler.facade.default import ModelRegistry
from juggler.tenancy.isolation.database import DatabasePerTenant
from juggler.tenancy.route import TenantRouter


@pytest.mark.parametrize(
    "template",
    [
        "data/acme.db",
        "{tenant}/data.db",
        "{tenant}/{tenant}.db",
        "",
        "data/{tenant}/",
        "{tenant}x{tenant}",
        "postgresql://{tenant}:x@db/crm",
        "postgresql://db/crm",
        "sqlite:///data.db",
        "data/{Tenant}.db",
    ],
)
def test_a_template_has_one_place_for_the_tenant(template: str) -> None:
    """The tenant's name belongs in the last part, once; not in a folder, host or login."""
    with pytest.raises(DefinitionError, match="tenant"):
        DatabasePerTenant(template)


@pytest.mark.parametrize("template", ["{}/{{tenant}}.db", "sqlite:///{}/db-{{tenant}}.sqlite"])
def test_files_stay_in_their_folder(tmp_path: Path, template: str) -> None:
    """Whatever the code, the file is in the folder itself, also below a relative path."""
    isolation = DatabasePerTenant(template.format(tmp_path))
    for code in ("acme", "../x", "/etc/passwd", "..", "a/b", "A", "é" * 128, "con", "\\x", "a:b"):
        assert isolation.file(code).parent == tmp_path.resolve()
    assert len({isolation.file(code).name.lower() for code in ("A", "a", "=41", "À", "à")}) == 5


def test_servers_get_names_that_they_take() -> None:
    """A database on a server is named in the URL, shortened to what servers allow."""
    isolation = DatabasePerTenant("memory://login:secret@host/crm_{tenant}")
    settings = isolation.create_data_source("../x").settings
    assert settings["url"] == "memory://login:secret@host/crm_=2e=2e=2fx"
    assert len(isolation.create_data_source("é" * 128).settings["url"].rpartition("crm_")[2]) <= 63


# TEN-16, TEN-20
async def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A file that leads out of the folder is not opened, and nothing is written through it."""
    folder, outside = tmp_path / "data", tmp_path / "outside.db"
    folder.mkdir()
    (folder / "acme.db").symlink_to(outside)
    registry = ModelRegistry()
    TenantRouter(folder / "{tenant}.db").serve(registry)
    model = registry.define("City", {"name": str})
    with tenant("acme"), pytest.raises(RoutingError, match="outside"):
        await model.find()
    assert not outside.exists()


def test_a_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    """Where the whole folder lies is the operator's choice."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    assert DatabasePerTenant(tmp_path / "data" / "{tenant}.db").file("a") == (
        tmp_path.resolve() / "disk" / "a.db"
    )


@pytest.mark.parametrize("code", ["", "global", "trap", "x" * 129, "a\0b"])
def test_what_is_no_code_has_no_database(tmp_path: Path, code: str) -> None:
    """A code that no tenant can have is refused."""
    with pytest.raises(InvalidTenantError):
        DatabasePerTenant(tmp_path / "{tenant}.db").create_data_source(code)


def test_traits_are_those_of_the_store(tmp_path: Path) -> None:
    """Models of tenants are made for the store that they will be on, and asking opens nothing."""
    isolation = DatabasePerTenant(tmp_path / "{tenant}.db")
    assert isolation.traits.relational
    assert not DatabasePerTenant("memory:///{tenant}").traits.relational
    assert list(tmp_path.iterdir()) == []


def world(folder: Path, **options: Any) -> tuple[ModelRegistry, TenantRouter, Any]:
    """Return a registry whose model City has a file for each tenant in *folder*."""
    registry = ModelRegistry()
    router = TenantRouter(DatabasePerTenant(folder / "{tenant}.db", registry=registry), **options)
    router.serve(registry)
    return registry, router, registry.define("City", {"name": {"type": str, "required": True}})


# TEN-16, TEN-20
async def test_each_tenant_has_its_file(tmp_path: Path) -> None:
    """Tenants that differ in case only, or look like paths, have files of their own, mode 0600."""
    _, router, city = world(tmp_path)
    codes = ["acme", "ACME", "../x", "Ü", "x" * 128]
    for code in codes:
        with tenant(code):
            await city.create(name=code)
    for code in codes:
        with tenant(code):
            assert [each.name for each in await city.find()] == [code]
    await router.close_all()
    files = list(tmp_path.iterdir())
    assert len(files) == len(codes)
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


async def test_the_same_first_touch_100_times_at_once(tmp_path: Path) -> None:
    """One file is made with one table, and nothing that was stored is lost."""
    _, router, city = world(tmp_path)
    with tenant("acme"):
        await asyncio.gather(*(city.create(name=str(number)) for number in range(100)))
        assert await city.count() == 100
    await router.close_all()
    assert [each.name for each in tmp_path.iterdir()] == ["acme.db"]
    with closing(sqlite3.connect(tmp_path / "acme.db")) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert len([name for (name,) in tables if not name.startswith("sqlite_")]) == 1


async def test_rows_outlive_closing(tmp_path: Path) -> None:
    """A source that was closed to make room, or for good, finds its rows again."""
    registry, router, city = world(tmp_path, max_open=1)
    with tenant("acme"):
        await city.create(name="Rome")
    with tenant("globex"):
        await city.create(name="Oslo")
    registry.cleanup_tenant("acme", force=True)
    await router.close("acme")
    with tenant("acme"):
        assert [each.name for each in await city.find()] == ["Rome"]
    await router.close_all()


async def test_a_file_that_is_no_database_is_one_tenants_trouble(tmp_path: Path) -> None:
    """The error is typed and the file left as it is; other tenants work, and this one later."""
    broken = tmp_path / "acme.db"
    broken.write_text("this is no database " * 200)
    _, router, city = world(tmp_path)
    for _ in range(2):
        with tenant("acme"), pytest.raises(StoreError) as caught:
            await city.find()
        assert caught.value.code == "NOT_A_DATABASE"
    assert broken.read_text().startswith("this is no database")
    with tenant("globex"):
        await city.create(name="Oslo")
    broken.unlink()
    with tenant("acme"):
        assert await city.find() == []
    await router.close_all()


async def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    """Where no file can be made, not even by root, the error is typed and names the remedy."""
    _, router, city = world(Path("/sys"))
    with tenant("acme"), pytest.raises(StoreError) as caught:
        await city.create(name="Rome")
    assert caught.value.code == "STORE_READ_ONLY"
    await router.close_all()


async def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    """A folder that is not there is not made in silence."""
    _, router, city = world(tmp_path / "nowhere")
    with tenant("acme"), pytest.raises(StoreError) as caught:
        await city.create(name="Rome")
    assert caught.value.code == "FOLDER_NOT_FOUND"
    assert list(tmp_path.iterdir()) == []
    await router.close_all()
