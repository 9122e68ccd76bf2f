"""Cases about times to live."""

from __future__ import annotations

from typing import Any

import pytest

from juggler.errors import NotFoundError
from juggler.testing.keyvalue_suite.base import Suite


class LifeCases(Suite):
    """Keys that end."""

    async def test_a_key_ends(self, source: Any, shelf: Any) -> None:
        """It is there before its time is over, and not afterwards."""
        self.needs("can_expire")
        await shelf.set("key", 1, ttl=self.life(4))
        assert await shelf.get("key") == 1
        await self.later(source, 6)
        assert await shelf.get("key") is None
        assert await shelf.get_many(["key"]) == {}

    @pytest.mark.parametrize("form", ["number", "options", "keyword"])
    async def test_forms(self, source: Any, shelf: Any, form: str) -> None:
        """The time to live is a number, an option or a keyword."""
        self.needs("can_expire")
        life = self.life(4)
        if form == "number":
            await shelf.set("key", 1, life)
        elif form == "options":
            await shelf.set("key", 1, {"ttl": life})
        else:
            await shelf.set_many({"key": 1}, ttl=life)
        await self.later(source, 6)
        assert await shelf.get("key") is None

    async def test_a_new_value_has_a_new_time(self, source: Any, shelf: Any) -> None:
        """Whoever writes over a key writes over its time, also to none at all."""
        self.needs("can_expire")
        await shelf.set("long", 1, ttl=self.life(4))
        await shelf.set("long", 2, ttl=self.life(1_000))
        await shelf.set("ever", 1, ttl=self.life(4))
        await shelf.set("ever", 2)
        await self.later(source, 6)
        assert [await shelf.get("long"), await shelf.get("ever")] == [2, 2]

    async def test_expire(self, source: Any, shelf: Any) -> None:
        """A key gets a time, and a longer one."""
        self.needs("can_expire")
        await shelf.set_many({"short": 1, "long": 2})
        await shelf.expire("long", self.life(4))
        await shelf.expire("long", self.life(1_000))
        await shelf.expire("short", self.life(4))
        await self.later(source, 6)
        assert [await shelf.get("short"), await shelf.get("long")] == [None, 2]

    async def test_expire_of_nothing(self, source: Any, shelf: Any) -> None:
        """A key that is not there, or not any more, is told by name."""
        self.needs("can_expire")
        await shelf.set("over", 1, ttl=self.life(4))
        await self.later(source, 6)
        for key in ("never", "over"):
            with pytest.raises(NotFoundError, match=key) as caught:
                await shelf.expire(key, 1_000)
            assert caught.value.status_code == 404

    async def test_the_ttl(self, source: Any, shelf: Any) -> None:
        """It is what is left, and None where nothing was set."""
        self.needs("can_expire", "can_query_ttl")
        await shelf.set("key", 1, ttl=self.life(1_000))
        await shelf.set("ever", 1)
        assert self.life(800) < await shelf.ttl("key") <= self.life(1_000)
        await self.later(source, 6)
        assert await shelf.ttl("key") <= self.life(995)
        assert await shelf.ttl("ever") is None

    async def test_the_ttl_of_nothing(self, source: Any, shelf: Any) -> None:
        """A key that is not there, or not any more, is told by name."""
        self.needs("can_query_ttl")
        gone = ["never"]
        if self.flags["can_expire"]:
            await shelf.set("over", 1, ttl=self.life(4))
            await self.later(source, 6)
            gone.append("over")
        for key in gone:
            with pytest.raises(NotFoundError, match=key) as caught:
                await shelf.ttl(key)
            assert caught.value.status_code == 404

    async def test_keys_that_ended_are_not_listed(self, source: Any, shelf: Any) -> None:
        """They are no keys any more."""
        self.needs("can_expire", "can_iterate_keys")
        await shelf.set("over", 1, ttl=self.life(4))
        await shelf.set("there", 1)
        await self.later(source, 6)
        assert await shelf.keys() == ["there"]
        assert [key async for key in shelf.iterate_keys()] == ["there"]

    async def test_what_ended_is_absent(self, source: Any, shelf: Any) -> None:
        """Conditions and sums see a key that ended as one that never was."""
        self.needs("can_expire", "can_set_conditionally", "can_increment")
        await shelf.set_many({"a": 5, "b": 5, "c": 5}, ttl=self.life(4))
        await self.later(source, 6)
        assert await shelf.set("a", 1, only_if="present") is False
        assert await shelf.set("b", 1, only_if="absent") is True
        assert await shelf.increment("c") == 1

    async def test_sums_keep_their_time(self, source: Any, shelf: Any) -> None:
        """The time to live of a sum counts from its first step."""
        self.needs("can_expire", "can_increment")
        assert await shelf.increment("key", ttl=self.life(6)) == 1
        await self.later(source, 3)
        assert await shelf.increment("key", ttl=self.life(6)) == 2
        await self.later(source, 5)
        assert await shelf.get("key") is None
