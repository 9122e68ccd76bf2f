"""Directories: both kinds answer alike, and a file is never half written."""

import asyncio
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from juggler.errors import (
    DefinitionError,
    DuplicateEntryError,
    InvalidTenantError,
    JugglerError,
    StoreError,
)
from juggler.tenancy.directory import MemoryDirectory, TenantDirectory
from juggler.tenancy.document import read_tenants, write_tenants
from juggler.tenancy.files import FileDirectory
from juggler.tenancy.tenant import ApiKey, Tenant

ONE = ApiKey("one", "1" * 64)
TWO = ApiKey("two", "2" * 64)
Make = Callable[[], TenantDirectory]


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Make a directory of each kind; those in files share one."""
    if request.param == "file":
        return lambda: FileDirectory(tmp_path / "tenants.json")
    return MemoryDirectory


# TEN-07
async def test_records_are_stored_and_found(make: Make) -> None:
    """A record is found by its code and by its key, and by nothing once it is deleted."""
    directory = make()
    stored = await directory.put(Tenant("acme", title="Acme Inc.", keys=(ONE,)))
    assert stored == Tenant("acme", title="Acme Inc.", keys=(ONE,), version=1)
    assert await directory.get("acme") == await directory.find_by("key", "one") == stored
    assert await directory.get("globex") is None
    assert await directory.delete("acme")
    assert not await directory.delete("acme")
    assert await directory.get("acme") is await directory.find_by("key", "one") is None


async def test_identifiers_follow_the_record(make: Make) -> None:
    """A key that was taken from the record finds nothing any more."""
    directory = make()
    stored = await directory.put(Tenant("acme", keys=(ONE,)))
    await directory.put(replace(stored, keys=(TWO,)))
    assert await directory.find_by("key", "one") is None
    assert await directory.find_by("key", "two") is not None


async def test_an_identifier_has_one_tenant(make: Make) -> None:
    """A record with another tenant's key is refused, and nothing of it is stored."""
    directory = make()
    acme = await directory.put(Tenant("acme", keys=(ONE,)))
    with pytest.raises(DuplicateEntryError):
        await directory.put(Tenant("globex", keys=(TWO, ONE)))
    assert await directory.list() == [acme]
    assert await directory.find_by("key", "two") is None
    with pytest.raises(DuplicateEntryError):
        MemoryDirectory([Tenant("a", keys=(ONE,)), Tenant("b", keys=(ONE,))])


async def test_an_outdated_record_is_refused(make: Make) -> None:
    """Who changes a record may say which version was read; another one in between is a conflict."""
    directory = make()
    read = await directory.put(Tenant("acme"), expected_version=0)
    await directory.put(replace(read, title="first"), expected_version=1)
    with pytest.raises(JugglerError, match="version 2") as caught:
        await directory.put(replace(read, title="second"), expected_version=1)
    assert (caught.value.code, caught.value.status_code) == ("VERSION_CONFLICT", 409)
    found = await directory.get("acme")
    assert found is not None
    assert found.title == "first"


async def test_tenants_are_listed_in_pages(make: Make) -> None:
    """A list goes by code, from after a code on, up to a number."""
    directory = make()
    for code in ("c", "a", "d", "b"):
        await directory.put(Tenant(code))
    assert [each.code for each in await directory.list()] == ["a", "b", "c", "d"]
    assert [each.code for each in await directory.list(after="a", limit=2)] == ["b", "c"]


@pytest.mark.parametrize("code", ["", " a", "global", "x" * 129, "a\nb"])
def test_what_is_no_code_is_no_tenant(code: str) -> None:
    """A record cannot have a code that no tenant can have."""
    with pytest.raises(InvalidTenantError):
        Tenant(code)


# --- files ----------------------------------------------------------------------------------


async def test_a_file_remembers(tmp_path: Path) -> None:
    """What one directory object wrote the next one reads; only the owner may read the file."""
    path = tmp_path / "tenants.json"
    stored = await FileDirectory(path).put(Tenant("acme", "suspended", "Acme", (ONE, TWO)))
    assert await FileDirectory(path).list() == [stored]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["tenants.json"]


async def test_changes_at_once_are_all_stored(tmp_path: Path) -> None:
    """However many tasks change the directory at a time, no change is lost."""
    directory = FileDirectory(tmp_path / "tenants.json")
    await asyncio.gather(*(directory.put(Tenant(f"t{number}")) for number in range(20)))
    again = FileDirectory(directory.path)
    assert len(await again.list()) == len(await directory.list()) == 20


async def test_a_change_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    """If the file cannot be written, the directory says what it said before and leaves no draft."""
    directory = FileDirectory(tmp_path / "tenants.json")
    await directory.put(Tenant("acme"))
    directory.path.unlink()
    directory.path.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        await directory.put(Tenant("globex"))
    assert [each.code for each in await directory.list()] == ["acme"]
    assert [each.name for each in tmp_path.iterdir()] == ["tenants.json"]


async def test_a_file_is_read_again_when_asked(tmp_path: Path) -> None:
    """`reload` shows what another process wrote; if the file is broken, what was known stays."""
    directory = FileDirectory(tmp_path / "tenants.json")
    assert await directory.list() == []
    directory.path.write_text('["acme"]')
    assert await directory.get("acme") is None
    await directory.reload()
    assert await directory.get("acme") == Tenant("acme")
    directory.path.write_text("[")
    with pytest.raises(DefinitionError, match="not JSON"):
        await directory.reload()
    assert await directory.get("acme") == Tenant("acme")


def test_the_document_leads_back() -> None:
    """What is written for tenants is read as the same tenants."""
    tenants = [Tenant("Ä"), Tenant("b", "suspended", "B", (ONE, TWO), 7)]
    assert (
        sorted(read_tenants(write_tenants(tenants), "x"), key=lambda each: each.version) == tenants
    )


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "1",
        "[1]",
        "[" * 5000,
        '{"acme": 1}',
        '{"acme": {"colour": "red"}}',
        '{"acme": {"status": "asleep"}}',
        '{"acme": {"keys": {}}}',
        '{"acme": {"keys": ["secret"]}}',
        '{"acme": {"keys": [{"prefix": "", "digest": "x"}]}}',
        '{"acme": {"version": "1"}}',
        '{"": {}}',
        '["../x", "global"]',
    ],
)
def test_a_document_that_is_none_is_refused(raw: str) -> None:
    """Whatever is wrong with the file ends in a typed error."""
    with pytest.raises((DefinitionError, InvalidTenantError)):
        read_tenants(raw.encode(), "tenants.json")
