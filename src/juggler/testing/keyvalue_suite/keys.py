"""Cases about lists of keys."""

from __future__ import annotations

from typing import Any, Final

import pytest

from juggler.context import tenant
from juggler.errors import InvalidQueryError
from juggler.testing.keyvalue_suite.base import Suite

KEYS: Final = ["a", "b", "ab", "abc", ".a", "a/b", "a.b", "!a", "A", "a*", "{a,b}", "é"]
PATTERNS: Final[list[tuple[str, list[str]]]] = [
    ("*", KEYS),
    ("**", KEYS),
    ("a", ["a"]),
    ("?", ["a", "b", "A", "é"]),
    ("??", ["ab", ".a", "!a", "a*"]),
    ("a*", ["a", "ab", "abc", "a/b", "a.b", "a*"]),
    ("*b", ["b", "ab", "a/b", "a.b"]),
    ("a*b", ["ab", "a/b", "a.b"]),
    ("a?b", ["a/b", "a.b"]),
    ("*b*", ["b", "ab", "abc", "a/b", "a.b", "{a,b}"]),
    (".*", [".a"]),
    ("!a", ["!a"]),
    ("!*", ["!a"]),
    ("{a,b}", ["{a,b}"]),
    ("#*", []),
    ("+(a)", []),
    ("x", []),
]
"""Patterns and the keys that they match."""


class KeysCases(Suite):
    """Listing."""

    @pytest.mark.parametrize(("pattern", "wanted"), PATTERNS)
    async def test_patterns(self, shelf: Any, pattern: str, wanted: list[str]) -> None:
        """A run of characters, one of them, and everything else as it is."""
        self.needs("can_iterate_keys")
        await shelf.set_many(dict.fromkeys(KEYS, 1))
        assert sorted(await shelf.keys({"match": pattern})) == sorted(wanted)
        found = [key async for key in shelf.iterate_keys(match=pattern)]
        assert sorted(found) == sorted(wanted)

    async def test_all_keys(self, source: Any, shelf: Any) -> None:
        """Without a pattern all keys are listed, of this model alone."""
        self.needs("can_iterate_keys")
        assert await shelf.keys() == []
        await source.define("ShelfTwo").set("x", 1)
        await shelf.set_many({"a": 1, "b": 2})
        await shelf.delete("b")
        assert await shelf.keys() == await shelf.keys({}) == ["a"]

    async def test_keys_of_tenants(self, shelf: Any) -> None:
        """Each tenant lists, and deletes, its own keys alone."""
        self.needs("can_iterate_keys")
        for code in ("a", "b"):
            with tenant(code):
                await shelf.set(f"of {code}", 1)
        with tenant("a"):
            assert await shelf.keys() == ["of a"]
            await shelf.delete_all()
            assert await shelf.keys() == []
        with tenant("b"):
            assert [key async for key in shelf.iterate_keys()] == ["of b"]
        assert await shelf.keys() == []

    async def test_an_iteration_keeps_its_tenant(self, shelf: Any) -> None:
        """An iteration lists for the tenant that it was begun for."""
        self.needs("can_iterate_keys")
        with tenant("a"):
            await shelf.set("of a", 1)
            keys = shelf.iterate_keys()
        assert [key async for key in keys] == ["of a"]

    async def test_large_sets(self, shelf: Any) -> None:
        """Thousands of keys are listed, each once."""
        self.needs("can_iterate_keys", "can_iterate_large_key_sets")
        wanted = {f"key {number}": number for number in range(2_500)}
        await shelf.set_many(wanted)
        assert sorted(await shelf.keys()) == sorted(wanted)
        found = [key async for key in shelf.iterate_keys({"match": "key *"})]
        assert sorted(found) == sorted(wanted)

    async def test_keys_that_come_and_go(self, shelf: Any) -> None:
        """Keys that stay are given once while others come and go."""
        self.needs("can_iterate_keys", "can_iterate_large_key_sets")
        await shelf.set_many({f"stays {n}": n for n in range(1_500)})
        await shelf.set_many({f"goes {n}": n for n in range(1_500)})
        found: list[str] = []
        async for key in shelf.iterate_keys():
            if not found:
                for number in range(1_500):
                    await shelf.delete(f"goes {number}")
                    await shelf.set(f"new {number}", 1)
            found.append(key)
        assert len(found) == len(set(found))
        assert sum(key.startswith("stays") for key in found) == 1_500

    async def test_malformed_patterns(self, shelf: Any) -> None:
        """A filter that cannot be read is refused."""
        self.needs("can_iterate_keys")
        for bad in ("[a", "a\\", "[z-a]", "[]"):
            with pytest.raises(InvalidQueryError) as caught:
                await shelf.keys({"match": bad})
            assert caught.value.status_code == 400
