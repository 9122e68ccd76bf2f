"""The connector for keys and values in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from math import inf
from typing import Any, ClassVar, Final

from msgspec import UNSET, UnsetType

from juggler.connectors.contract import Host, ModelInfo, Options
from juggler.connectors.globs import Matches, glob_matcher
from juggler.connectors.keyvalue import WHOLE, Keyspace, KeyValueConnector
from juggler.connectors.keyvalue_memory.store import KeyStore
from juggler.connectors.keyvalue_memory.sweeper import Later, Sweeper, in_loop
from juggler.connectors.memory.copying import copied
from juggler.errors import InvalidValueError

PAGE: Final = 1_000
"""How many keys a scan looks at before others have their turn."""


class KeyValueMemoryConnector(KeyValueConnector):
    """Keys and values in memory; they live as long as the connector, or their time to live.

    Apart from `scan` no method awaits, so each is one step for all tasks.  Callers and store never
    share an object.  While it is connected, and there are keys with a time to live, keys whose time
    is over are freed every second; they are not seen before that either.

    Args:
        settings: Settings of the data source.
        host: The data source.
        clock: Seconds that never go back.
        later: Sets the timer of the sweep.
    """

    name: ClassVar[str] = "kv-memory"
    types: ClassVar[tuple[str, ...]] = ("kv", "nosql", "memory")
    capabilities: frozenset[str] = WHOLE

    def __init__(
        self,
        settings: Mapping[str, Any],
        host: Host,
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Later = in_loop,
    ) -> None:
        super().__init__(settings, host)
        self.store = KeyStore(clock, self._woken)
        self._sweeper = Sweeper(self.store.sweep, later)

    async def connect(self) -> None:
        """Begin to free keys whose time is over."""
        self._sweeper.start()

    async def disconnect(self) -> None:
        """Set no timer any more; the keys stay."""
        self._sweeper.stop()

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Delete all keys of the models."""
        for info in infos:
            self.store.clear_model(info.name)

    # values -----------------------------------------------------------------------------------

    async def get(self, space: Keyspace, key: str, options: Options) -> Any:
        """Return a copy of the value, None where the key is not there."""
        entry = self.store.find(space, key)
        return None if entry is None else copied(entry.value)

    async def get_many(
        self, space: Keyspace, keys: Sequence[str], options: Options
    ) -> dict[str, Any]:
        """Return the values of those keys that are there, in their order."""
        found = ((key, self.store.find(space, key)) for key in keys)
        return {key: copied(entry.value) for key, entry in found if entry is not None}

    async def set(
        self,
        space: Keyspace,
        key: str,
        value: Any,
        ttl: float | None,
        only_if: str | None,
        options: Options,
    ) -> bool:
        """Put *value* in the place of what is there, its time to live too."""
        if only_if is not None:
            is_there = self.store.find(space, key) is not None
            if is_there is not (only_if == "present"):
                return False
        self.store.put(space, key, value, ttl)
        return True

    async def set_many(
        self, space: Keyspace, values: Mapping[str, Any], ttl: float | None, options: Options
    ) -> None:
        """Set several keys, all in one step."""
        for key, value in values.items():
            self.store.put(space, key, value, ttl)

    async def increment(
        self, space: Keyspace, key: str, by: float, ttl: float | None, options: Options
    ) -> float:
        """Add to a number in one step and return the sum."""
        entry = self.store.find(space, key)
        if entry is None:
            self.store.put(space, key, by, ttl)
            return by
        if type(entry.value) not in (int, float):
            raise InvalidValueError(
                f"The value of {key!r} is no number and cannot be incremented.", value=key
            )
        try:
            total: float = entry.value + by
        except OverflowError:  # an int that no float can hold
            total = inf
        if total in (inf, -inf):
            raise InvalidValueError(f"The value of {key!r} is too large.", value=key)
        entry.value = total
        return total

    async def delete(self, space: Keyspace, key: str, options: Options) -> None:
        """Delete a key, if it is there."""
        self.store.remove(space, key)

    async def delete_all(self, space: Keyspace, options: Options) -> None:
        """Delete all keys of one model and part."""
        self.store.clear(space)

    # times to live ----------------------------------------------------------------------------

    async def expire(self, space: Keyspace, key: str, ttl: float, options: Options) -> bool:
        """Give a key a new time to live; return False where it is not there."""
        return self.store.expire(space, key, ttl)

    async def ttl(self, space: Keyspace, key: str, options: Options) -> float | UnsetType | None:
        """Return what is left of a key's time, None for ever, UNSET where it is not there."""
        entry = self.store.find(space, key)
        if entry is None:
            return UNSET
        return None if entry.due is None else entry.due - self.store.now()

    # keys -------------------------------------------------------------------------------------

    async def scan(
        self, space: Keyspace, match: str | None, cursor: Any, options: Options
    ) -> tuple[Sequence[str], Any]:
        """Return those of the next thousand keys that match, and where to go on."""
        going: _Scan
        if cursor is None:
            going = _Scan(self.store.keys(space), _all if match is None else glob_matcher(match))
        else:
            going = cursor
            await asyncio.sleep(0)
        page = list(islice(going.keys, PAGE))
        found = [key for key in page if going.matches(key) and self.store.find(space, key)]
        return found, going if len(page) == PAGE else None

    def _woken(self) -> None:
        self._sweeper.wake()


def _all(_: str) -> bool:
    return True


class _Scan:
    """How far a scan has come."""

    __slots__ = ("keys", "matches")

    def __init__(self, keys: Iterator[str], matches: Matches) -> None:
        self.keys = keys
        self.matches = matches
