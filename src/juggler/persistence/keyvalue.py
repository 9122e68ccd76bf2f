"""Keys and values: what every call checks, where it looks, and its way to the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any, Final, Self

from msgspec import UNSET, UnsetType

from juggler.connectors.globs import glob_matcher
from juggler.connectors.keyvalue import KEY_VALUE, Keyspace, KeyValueConnector
from juggler.errors import InvalidQueryError, NotFoundError, OperationNotSupportedError
from juggler.persistence.keyvalue_checks import (
    checked_key,
    checked_number,
    checked_text,
    checked_ttl,
    checked_value,
    only_if_of,
)
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin

Options = Mapping[str, Any] | None
Ttl = float | UnsetType | None

MAX_PATTERN_LENGTH: Final = 1_024


async def get(model: Any, key: Any, options: Options) -> Any:
    """Return the value of *key*, None where it is not there."""
    async with begin(model, "get", options) as op:
        key = checked_key(op, key)
        return await _store(op).get(_space(op), key, op.options)


async def get_many(model: Any, keys: Any, options: Options) -> dict[str, Any]:
    """Return the values of those *keys* that are there, in their order."""
    async with begin(model, "get_many", options) as op:
        if isinstance(keys, str | bytes) or not isinstance(keys, Iterable):
            raise TypeError(f"get_many: keys is a list of texts, not {type(keys).__name__}.")
        asked = list(dict.fromkeys(checked_key(op, key) for key in keys))
        store, space = _store(op), _space(op)
        if "many" in store.capabilities:
            return await store.get_many(space, asked, op.options)
        found = {key: await _store(op).get(space, key, op.options) for key in asked}
        return {key: value for key, value in found.items() if value is not None}


async def put(
    model: Any, key: Any, value: Any, options: Any, ttl: Ttl, only_if: str | None
) -> bool:
    """Put *value* under *key* and return whether it was; see `juggler.facade.keyvalue`."""
    options, ttl = _split("set", options, ttl)
    op = begin(model, "set", options)
    key, kept = checked_key(op, key), checked_value(op, value)
    life, when = _lifetime(op, ttl), only_if_of(op, only_if)
    async with op:
        store = _store(op, *_timed(life), *(() if when is None else ("only_if",)))
        return await store.set(_space(op), key, kept, life, when, op.options)


async def set_many(model: Any, values: Any, options: Any, ttl: Ttl) -> None:
    """Put each value of a mapping under its key."""
    options, ttl = _split("set_many", options, ttl)
    op = begin(model, "set_many", options)
    if not isinstance(values, Mapping):
        raise TypeError(f"set_many: values is a mapping, not {type(values).__name__}.")
    kept = {checked_key(op, key): checked_value(op, value, key) for key, value in values.items()}
    life = _lifetime(op, ttl)
    async with op:
        store, space = _store(op, *_timed(life)), _space(op)
        if "many" in store.capabilities:
            await store.set_many(space, kept, life, op.options)
            return
        for key, value in kept.items():
            _ = await _store(op).set(space, key, value, life, None, op.options)


async def increment(model: Any, key: Any, by: Any, options: Any, ttl: Ttl) -> float:
    """Add *by* to the number under *key*, in one step, and return the sum."""
    options, ttl = _split("increment", options, ttl)
    async with begin(model, "increment", options) as op:
        key, by, life = checked_key(op, key), checked_number("increment", by), _lifetime(op, ttl)
        store = _store(op, "increment", *_timed(life))
        return await store.increment(_space(op), key, by, life, op.options)


async def delete(model: Any, key: Any, options: Options) -> None:
    """Delete *key*, if it is there."""
    async with begin(model, "delete", options) as op:
        key = checked_key(op, key)
        await _store(op, "delete").delete(_space(op), key, op.options)


async def delete_all(model: Any, options: Options) -> None:
    """Delete all keys of the model; one by one where the connector cannot do better."""
    async with begin(model, "delete_all", options) as op:
        store, space = _store(op), _space(op)
        if "delete_all" in store.capabilities:
            await store.delete_all(space, op.options)
            return
        _ = _store(op, "delete", "scan")
        for key in await _all_keys(op, space, None):
            await _store(op).delete(space, key, op.options)


async def expire(model: Any, key: Any, ttl: Any, options: Options) -> None:
    """Give *key* a new time to live."""
    async with begin(model, "expire", options) as op:
        key, ttl = checked_key(op, key), checked_ttl(op, ttl)
        if not await _store(op, "expire").expire(_space(op), key, ttl, op.options):
            raise _no_key(op, key)


async def ttl(model: Any, key: Any, options: Options) -> int | None:
    """Return the milliseconds that are left of *key*, None for ever."""
    async with begin(model, "ttl", options) as op:
        key = checked_key(op, key)
        left = await _store(op, "ttl").ttl(_space(op), key, op.options)
        if left is UNSET:
            raise _no_key(op, key)
        return None if left is None else ceil(round(left, 3))


# keys -------------------------------------------------------------------------------------------


async def keys(model: Any, filter: Any, options: Options, match: str | None) -> list[str]:
    """Return the keys that match."""
    op = begin(model, "keys", options)
    pattern = _pattern(op, filter, match)
    async with op:
        _ = _store(op, "scan")
        return await _all_keys(op, _space(op), pattern)


async def _all_keys(op: Operation, space: Keyspace, match: str | None) -> list[str]:
    """Return all keys that match, within an operation that is at work."""
    found: list[str] = []
    cursor: Any = None
    while True:
        page, cursor = await _store(op).scan(space, match, cursor, op.options)
        found.extend(page)
        if cursor is None:
            return found


class Keys:
    """Keys that match, one after the other; for one ``async for``, of the task that began it.

    The call's tenant and source are those of its beginning.  Between two pages of keys it is not at
    work, so that who leaves the loop early leaves nothing behind.

    Args:
        model: The model.
        filter: The filter.
        options: Options of the call.
        match: The pattern, in the place of the filter's.
    """

    def __init__(self, model: Any, filter: Any, options: Options, match: str | None) -> None:
        self._op = begin(model, "iterate_keys", options)
        self._match = _pattern(self._op, filter, match)
        self._page: list[str] = []
        self._cursor: Any = None
        self._is_last = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while not self._page:
            if self._is_last:
                raise StopAsyncIteration
            async with self._op as op:
                store = _store(op, "scan")
                page, self._cursor = await store.scan(
                    _space(op), self._match, self._cursor, op.options
                )
            self._page, self._is_last = list(reversed(page)), self._cursor is None
        return self._page.pop()


def _pattern(op: Operation, filter: Any, match: Any) -> str | None:
    """Return the pattern that keys have to match, None for all keys."""
    if filter is not None:
        given = _match_in(op, filter)
        match = given if match is None else match
    if match is None:
        return None
    pattern = checked_text(op, "match", match, "max_pattern_length", MAX_PATTERN_LENGTH)
    try:
        _ = glob_matcher(pattern)
    except InvalidQueryError as error:
        error.model = op.model_name
        raise
    return pattern


def _match_in(op: Operation, filter: Any) -> Any:
    """Return the pattern in a filter, which has nothing else."""
    if not isinstance(filter, Mapping):
        raise TypeError(f"{op.name}: filter is a mapping, not {type(filter).__name__}.")
    unknown = [name for name in filter if name != "match"]
    if unknown:
        raise InvalidQueryError(
            f"{op.name}: a filter of keys has `match` alone, not {unknown[0]!r}.",
            model=op.model_name,
            path=str(unknown[0]),
            value=filter[unknown[0]],
        )
    return filter.get("match")


# inside -----------------------------------------------------------------------------------------


def _store(op: Operation, *needed: str) -> KeyValueConnector:
    """Return the connector for a call that is made at once.

    Raises:
        OperationNotSupportedError: It keeps no keys and values, or lacks what is *needed*.
    """
    store: Any = op.store
    if KEY_VALUE not in store.capabilities:
        raise OperationNotSupportedError(
            f"{op.name}: the connector {store.name} of {op.model_name} keeps records, not keys and "
            "values.",
            model=op.model_name,
        )
    missing = [each for each in needed if each not in store.capabilities]
    if missing:
        raise OperationNotSupportedError(
            f"{op.name}: the connector {store.name} of {op.model_name} has no "
            f"{' and no '.join(missing)}.",
            model=op.model_name,
            value=missing[0],
        )
    found: KeyValueConnector = store
    return found


def _space(op: Operation) -> Keyspace:
    """Return where the keys of the call are: those of a tenant apart from all others.

    The tenant is the one that owns the model, else the one that the call works for; a model that is
    ``shared`` has one keyspace for all.
    """
    home = op.model._owner
    owned = None if home is None else home.tenant
    tenant = None if op.info.settings.get("shared") is True else owned or op.tenant
    return Keyspace(op.info, "" if tenant is None else tenant)


def _split(name: str, options: Any, ttl: Ttl) -> tuple[Options, Any]:
    """Return options and time to live; a number in the place of options is the latter."""
    if isinstance(options, int | float) and not isinstance(options, bool):
        if ttl is not UNSET:
            raise TypeError(f"{name}: the time to live was given twice.")
        return None, options
    return options, ttl


def _lifetime(op: Operation, ttl: Any) -> float | None:
    """Return the time to live: what was given, else the ``default_ttl`` of model or source.

    None is given for ever.
    """
    if ttl is UNSET:
        ttl = op.options.get("ttl", UNSET)
    if ttl is UNSET:
        ttl = op.setting("default_ttl")
        return None if ttl is None else checked_ttl(op, ttl, "default_ttl")
    return None if ttl is None else checked_ttl(op, ttl)


def _timed(life: float | None) -> tuple[str, ...]:
    """Return what a connector needs for values with this time to live."""
    return () if life is None else ("expire",)


def _no_key(op: Operation, key: str) -> NotFoundError:
    return NotFoundError(
        f"{op.name}: {op.model_name} has no key {key!r}, or its time is over.",
        model=op.model_name,
        tenant=op.tenant,
        value=key,
    )
