"""Stores of definitions, and registries that begin with one."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import (
    DefinitionError,
    DuplicateEntryError,
    InvalidTenantError,
    OperationNotSupportedError,
    StoreError,
)
from juggler.registry.cold.stores.contract import DefinitionStore
from juggler.registry.cold.stores.memory import MemoryDefinitions
from juggler.registry.cold.stores.sqlite import SqliteDefinitions
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

PLACE = {"lat": float, "lng": float}
CRM: dict[str, Any] = {
    "Person": {"name": str, "where": PLACE},
    "Customer": ({"since": "date"}, {"base": "Person"}),
}


@pytest.fixture(params=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DefinitionStore]:
    """Each store that is shipped."""
    if request.param == "memory":
        yield MemoryDefinitions()
        return
    with SqliteDefinitions(tmp_path / "definitions.db") as store:
        yield store


def test_a_store(kept: DefinitionStore) -> None:
    """A store keeps one text for each tenant, and counts versions."""
    # REG-78
    assert (list(kept.list()), kept.load("acme")) == ([], None)
    assert kept.save("acme", "one", 0) == 1
    assert kept.save("bolt", "ä\n'\"", 0) == 1
    assert kept.save("acme", "two", 1) == 2
    assert kept.load("acme") == ("two", 2)
    assert kept.load("bolt") == ("ä\n'\"", 1)
    assert set(kept.list()) == {"acme", "bolt"}
    for late in (0, 1, 3):
        with pytest.raises(DuplicateEntryError, match="acme") as caught:
            kept.save("acme", "late", late)
        assert caught.value.tenant == "acme"
    with pytest.raises(DuplicateEntryError):
        kept.save("core", "early", 1)
    assert kept.load("acme") == ("two", 2)
    kept.delete("acme")
    kept.delete("acme")
    assert (kept.load("acme"), list(kept.list())) == (None, ["bolt"])
    assert kept.save("acme", "again", 0) == 1


def test_many_writers(kept: DefinitionStore) -> None:
    """Of writers that expect the same version one wins, and no write is lost."""

    # REG-74, REG-78
    def write(at: int) -> int:
        done = 0
        while done < 10:
            found = kept.load("acme")
            try:
                kept.save("acme", str(at), 0 if found is None else found.version)
            except DuplicateEntryError:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(write, range(4))) == 40
    found = kept.load("acme")
    assert found is not None
    assert found.version == 40


def test_a_restart(kept: DefinitionStore) -> None:
    """A registry knows the tenants of its store, and loads each when it is first touched."""
    # REG-78
    first = ModelRegistry(definitions=kept)
    first.define("Global", {"g": int})
    first.declare("acme", CRM)
    with tenant("bolt"):
        first.define("Own", {"where": PLACE}, plural="owned")
        first.define("Mine", {"x": int}, base="Global")
        keys = {
            each.model_name: each.definition.key for each in first.tenant("bolt").models.values()
        }
    assert first.evict("bolt")
    again = ModelRegistry(definitions=kept)
    again.define("Global", {"g": int})
    assert sorted(again.tenant_codes()) == ["acme", "bolt"]
    assert again.get_stats().cold_tenants == 2
    assert len(again._room.bundles) == 0, "only the codes are known"
    check(again)
    with tenant("bolt"):
        assert again.find_model_by_name("Mine").base is again.global_models["Global"]
    assert len(again._room.bundles) == 1
    models = again.tenant("bolt").models
    assert list(models) == ["Own", "Mine"]
    for name in ("Own", "Mine"):
        assert models[name].definition.key == keys[name]
    assert "acme" in again._cold
    assert again.tenant("acme").models["Customer"].base.model_name == "Person"
    check(again)


def test_what_is_written(kept: DefinitionStore) -> None:
    """Declaring and evicting write through, if anything changed; a clean-up deletes."""
    # REG-78
    registry = ModelRegistry(definitions=kept)
    registry.declare("acme", CRM)
    assert kept.load("acme").version == 1  # type: ignore[union-attr]  # it is there
    for _ in range(3):
        registry.tenant("acme").models["Customer"]
        registry.evict("acme")
        registry.declare("acme", CRM)
    assert kept.load("acme").version == 1  # type: ignore[union-attr]  # it is there
    registry.define("More", {"x": int}, tenant="acme")
    registry.evict("acme")
    registry.declare("acme", registry.bundle({"Yet": {"more": int}}))
    assert kept.load("acme").version == 3  # type: ignore[union-attr]  # it is there
    again = ModelRegistry(definitions=kept)
    assert list(again.tenant("acme").models) == ["Person", "Customer", "More", "Yet"]
    assert again.cleanup_tenant("acme").models_removed == 4
    assert list(kept.list()) == []
    assert again.tenant("acme", create=False) is None
    check(again)
    again.declare("acme", CRM)
    again.clear()
    assert list(kept.list()) == ["acme"], "to clear a registry empties no store"
    assert again.tenant_codes() == []
    again.declare("acme", {"New": {}})
    assert list(ModelRegistry(definitions=kept).tenant("acme").models) == ["New"]
    unread = ModelRegistry(definitions=kept)
    assert unread.cleanup_tenant("acme").cleaned_models == ("New",)
    assert list(kept.list()) == []


def test_what_cannot_be_stored(kept: DefinitionStore) -> None:
    """It is refused where it is declared, and stays in memory where it is evicted."""
    # REG-77, REG-78
    registry = ModelRegistry(definitions=kept)
    store = Store(registry)
    with pytest.raises(OperationNotSupportedError, match=r"A\.x: its type"):
        registry.declare("acme", {"A": {"x": Store}})
    assert registry.tenant_codes() == []
    with tenant("acme"):
        registry.define("A", {"x": Store})
        there = registry.define("B", {"x": int}, data_source=store)
        registry.define("C", {"x": int})
    with pytest.raises(OperationNotSupportedError):
        registry.declare("acme", {"C": {}, "D": {"x": {"type": int, "default_fn": print}}})
    assert list(registry.tenant("acme").models) == ["A", "B", "C"]
    assert registry.evict("acme")
    assert registry._cold["acme"].held == 2
    check(registry)
    assert registry.tenant("acme").models["B"] is there
    assert list(ModelRegistry(definitions=kept).tenant("acme").models) == ["C"]
    check(registry)


def test_somebody_else_writes(kept: DefinitionStore) -> None:
    """Definitions that somebody else has written are not overwritten; nothing is half done."""
    # REG-78
    one, two = ModelRegistry(definitions=kept), ModelRegistry(definitions=kept)
    one.declare("acme", CRM)
    with pytest.raises(DuplicateEntryError, match="acme"):
        two.declare("acme", {"A": {}})
    assert two.tenant_codes() == []
    check(two)
    three = ModelRegistry(definitions=kept)
    three.tenant("acme")
    one.declare("acme", {"B": {}})
    three.define("C", {"x": int}, tenant="acme")
    with pytest.raises(DuplicateEntryError):
        three.evict("acme")
    assert three.tenants() != [], "it stays resident, with all it has"
    check(three)
    one.cleanup_tenant("acme")
    four = ModelRegistry(definitions=kept)
    assert four.tenant_codes() == []


def test_what_was_deleted_meanwhile(kept: DefinitionStore) -> None:
    """A tenant that somebody else deleted is unknown at the first touch."""
    # REG-78
    ModelRegistry(definitions=kept).declare("acme", CRM)
    registry = ModelRegistry(definitions=kept)
    kept.delete("acme")
    with tenant("acme"):
        assert registry.find_model_by_name("Person") is None
    assert registry.tenant_codes() == []
    check(registry)


def test_a_base_that_is_not_there(kept: DefinitionStore) -> None:
    """A tenant whose base is missing says so when it is touched, and works when it is there."""
    # REG-78
    first = ModelRegistry(definitions=kept)
    first.define("Global", {"g": int})
    first.declare("acme", {"A": ({}, {"base": "Global"})})
    registry = ModelRegistry(definitions=kept)
    with pytest.raises(DefinitionError, match="Global, which is not there"):
        registry.tenant("acme")
    base = registry.define("Global", {"g": int})
    assert registry.tenant("acme").models["A"].base is base


def test_codes_of_a_store_are_checked() -> None:
    """A store with a code that no tenant can have is refused."""
    # REG-35
    store = MemoryDefinitions()
    store.save(" bad ", "{}", 0)
    with pytest.raises(InvalidTenantError):
        ModelRegistry(definitions=store)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """What is no SQLite file is a typed error; the store can be closed and used again."""
    # REG-78
    path = tmp_path / "definitions.db"
    path.write_bytes(b"no database at all, but long enough to be looked at as one" * 100)
    store = SqliteDefinitions(path)
    for work in (store.list, lambda: store.load("a"), lambda: store.save("a", "", 0)):
        with pytest.raises(StoreError, match=r"definitions\.db"):
            work()
    store.close()
    path.unlink()
    assert store.save("acme", "text", 0) == 1
    store.close()
    store.close()
    assert store.load("acme") == ("text", 1)
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


WRITER = """
import sys
from juggler.registry.cold.stores.sqlite import SqliteDefinitions
from juggler.registry.registry import ModelRegistry

registry = ModelRegistry(definitions=SqliteDefinitions(sys.argv[1]))
for at in range(1_000_000):
    registry.declare("acme", registry.bundle({f"A{at % 50}": {f"p{at}": int}}))
    registry.declare(f"t{at}", {"Own": {"x": int}})
    print(at, flush=True)
"""


def test_a_crash_between_two_writes(tmp_path: Path) -> None:
    """A process that is killed at any moment loses no write that was done, and leaves none half."""
    # REG-78
    path = tmp_path / "definitions.db"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        done = [int(next(lines)) for _ in range(40)][-1]
        os.kill(process.pid, signal.SIGKILL)
        done = max([done, *(int(line) for line in lines if line.endswith("\n"))])
    assert process.wait() == -signal.SIGKILL
    with SqliteDefinitions(path) as store:
        registry = ModelRegistry(definitions=store)
        codes = set(registry.tenant_codes())
        assert {f"t{at}" for at in range(done + 1)} <= codes
        assert len(codes) <= done + 3
        for code in codes:
            assert registry.tenant(code).models._all()
        newest = registry.tenant("acme").models[f"A{done % 50}"]
        assert f"p{done}" in newest.properties
        check(registry)


@pytest.mark.parametrize("text", ["{", "[]", '{"A": 5}'])
def test_cleaning_up_what_cannot_be_read(kept: DefinitionStore, text: str) -> None:
    """A clean-up says that the definitions cannot be read, and what is stored stays."""
    # REG-44, REG-78
    kept.save("acme", text, 0)
    registry = ModelRegistry(definitions=kept)
    with pytest.raises(StoreError, match="acme"):
        registry.tenant("acme")
    result = registry.cleanup_tenant("acme")
    assert (result.models_removed, result.error) == (
        0,
        "The definitions of the tenant acme cannot be read.",
    )
    assert kept.load("acme") == (text, 1)
    kept.delete("acme")
    assert registry.cleanup_tenant("acme").error is None
    assert registry.tenant_codes() == []


def test_cleaning_up_what_cannot_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clean-up that cannot delete the definitions does nothing and says why."""
    # REG-44, REG-78
    kept = MemoryDefinitions()
    registry = ModelRegistry(definitions=kept)
    registry.declare("acme", CRM)

    def refuse(self: MemoryDefinitions, code: str) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryDefinitions, "delete", refuse)
        result = registry.cleanup_tenant("acme", force=True)
    assert (result.models_removed, result.error) == (0, "The disk is full.")
    assert registry.tenant("acme").models["Person"].check_alive() is None
    check(registry)
    assert registry.cleanup_tenant("acme").models_removed == 3
