"""The contract between the model layer and a store of keys and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from msgspec import UnsetType

from juggler.connectors.contract import Connector, ModelInfo, Options

KEY_VALUE: Final = "key_value"
"""The capability that makes models on a connector keep keys and values instead of records."""

WHOLE: Final = frozenset(
    {KEY_VALUE, "delete", "delete_all", "expire", "ttl", "scan", "only_if", "increment", "many"}
)
"""All that a connector of this kind can do."""


class Keyspace(NamedTuple):
    """Where the keys of one model are; keys of one keyspace are never seen from another.

    Attributes:
        info: The model; its name is a part of the keyspace, its settings are not.
        part: Opaque text that divides the keys of one name further, empty for none.
    """

    info: ModelInfo
    part: str = ""


class KeyValueConnector(Connector):
    """Base of connectors that keep keys and values; it has no rows.

    Keys are non-empty text.  Values are never None and are made of dicts with text keys, lists,
    text, bytes, booleans, numbers (`Decimal` too), moments, dates, times, durations, `UUID`,
    `GeoPoint` and `DateString`; the connector gives back what is equal, of the same types.  It may
    keep the value that it is given, and gives out what nobody else holds.  Times to live are in
    milliseconds.  A key whose time is over is not there, for any method.

    Attributes:
        capabilities: ``key_value``, and of what is optional: ``delete``, ``delete_all``, ``expire``
            (times to live at all), ``ttl``, ``scan``, ``only_if``, ``increment``, ``many``
            (get_many, set_many).
    """

    capabilities: frozenset[str] = frozenset({KEY_VALUE})

    async def get(self, space: Keyspace, key: str, options: Options) -> Any:
        """Return the value, None where the key is not there."""
        raise self._unsupported("get")

    async def set(
        self,
        space: Keyspace,
        key: str,
        value: Any,
        ttl: float | None,
        only_if: str | None,
        options: Options,
    ) -> bool:
        """Put *value* in the place of what is there, its time to live too; return whether it was.

        Args:
            space: Where.
            key: The key.
            value: The value.
            ttl: How long it lives; None for ever (capability ``expire``).
            only_if: ``"absent"`` or ``"present"``: write only then, in one step (``only_if``).
            options: The call's options.
        """
        raise self._unsupported("set")

    async def delete(self, space: Keyspace, key: str, options: Options) -> None:
        """Delete a key; harmless when it is not there (capability ``delete``)."""
        raise self._unsupported("delete")

    async def delete_all(self, space: Keyspace, options: Options) -> None:
        """Delete all keys of *space* (capability ``delete_all``)."""
        raise self._unsupported("delete_all")

    async def expire(self, space: Keyspace, key: str, ttl: float, options: Options) -> bool:
        """Give a key a new time to live; return False where it is not there (``expire``)."""
        raise self._unsupported("expire")

    async def ttl(self, space: Keyspace, key: str, options: Options) -> float | UnsetType | None:
        """Return what is left of a key's time, None for ever, UNSET where it is not there."""
        raise self._unsupported("ttl")

    async def scan(
        self, space: Keyspace, match: str | None, cursor: Any, options: Options
    ) -> tuple[Sequence[str], Any]:
        """Return some of the keys that match, and where to go on (capability ``scan``).

        Keys that are there from the first call to the last are given once; those that come or go
        meanwhile at most once.  A page may be empty and not be the last.

        Args:
            space: Where.
            match: A pattern as `juggler.connectors.globs` describes it; None for all keys.
            cursor: None to begin, then what the last call said; None from it is the end.
            options: The call's options.
        """
        raise self._unsupported("scan")

    async def increment(
        self, space: Keyspace, key: str, by: float, ttl: float | None, options: Options
    ) -> float:
        """Add to a number in one step and return the sum (capability ``increment``).

        A key that is not there begins with 0 and *ttl*; one that is keeps its time to live.

        Raises:
            InvalidValueError: What is there is no number.
        """
        raise self._unsupported("increment")

    async def get_many(
        self, space: Keyspace, keys: Sequence[str], options: Options
    ) -> dict[str, Any]:
        """Return the values of those keys that are there, in their order (``many``)."""
        raise self._unsupported("get_many")

    async def set_many(
        self, space: Keyspace, values: Mapping[str, Any], ttl: float | None, options: Options
    ) -> None:
        """Set several keys as `set` does (capability ``many``)."""
        raise self._unsupported("set_many")
