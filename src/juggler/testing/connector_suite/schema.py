"""Cases about the schema: made, extended, never narrowed."""

from __future__ import annotations

import pytest

from juggler.errors import DuplicateEntryError
from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model

KEY = {"type": "number", "id": True, "generated": True}
OLD = model("Article", {"id": KEY, "title": "string", "size": "number"})
NEW = model(
    "Article",
    {
        "id": KEY,
        "title": {"type": "string", "index": True},
        "state": {"type": "string", "required": True, "default": "it's new"},
        "flag": {"type": "boolean", "required": True, "default": True},
        "owner": {"type": "string", "required": True},
        "tags": ["string"],
    },
)
UNIQUE = model("Article", {"id": KEY, "title": {"type": "string", "unique": True}})


class SchemaCases(Suite):
    """Migrations."""

    async def test_automigrate_empties(self, store: Store) -> None:
        """Rows are gone afterwards, and ids are counted from one again."""
        store.needs("migrate")
        await store.prepare(OLD, rows=[{"title": "a"}, {"title": "b"}])
        await store.connector.automigrate([OLD])
        assert await store.count(OLD) == 0
        assert await store.create(OLD) == 1

    async def test_autoupdate_keeps_rows(self, store: Store) -> None:
        """New properties are there afterwards, rows and old values too; twice is as once."""
        store.needs("migrate")
        await store.connector.autoupdate([OLD])
        await store.create(OLD, title="a", size=1)
        for _ in range(2):
            await store.connector.autoupdate([NEW])
            assert await store.connector.is_actual([NEW])
        assert await store.values(NEW, "title") == ["a"]
        await store.create(NEW, title="b", state="s", flag=False, owner="o", tags=["x"])
        assert await store.values(NEW, "tags", where={"title": "b"}) == [["x"]]
        assert await store.values(OLD, "size") == [1, None]

    async def test_nothing_to_do(self, store: Store) -> None:
        """No models at all is no error."""
        store.needs("migrate")
        await store.connector.automigrate([])
        await store.connector.autoupdate([])
        assert await store.connector.is_actual([])

    async def test_a_unique_index_over_doubles(self, store: Store) -> None:
        """Rows that break a new unique index make it an error, and stay."""
        store.needs("migrate")
        await store.connector.autoupdate([OLD])
        await store.create_all(OLD, [{"title": "a"}, {"title": "a"}])
        with pytest.raises(DuplicateEntryError):
            await store.connector.autoupdate([UNIQUE])
        assert await store.values(OLD, "title") == ["a", "a"]
