"""Changing or storing the records of a list: each with its hooks, all of them in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from juggler.connectors.contract import Upsert
from juggler.connectors.indexes import indexes_of
from juggler.errors import DuplicateEntryError, InvalidValueError, NotFoundError
from juggler.models.instances import values
from juggler.persistence.conditions import access_where, bound
from juggler.persistence.data import given_data, make
from juggler.persistence.ids import by_own_id, check_same_id, id_key, require_key, without_ids
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, first, not_found
from juggler.persistence.rows import from_store
from juggler.persistence.scoping import NO_SCOPE, looks_up, model_of
from juggler.persistence.steps import (
    after_save,
    after_validate_patch,
    before_patch,
    loaded,
    persist,
    persist_new,
)
from juggler.persistence.storing import stored
from juggler.persistence.uniqueness import Claims
from juggler.persistence.validating import check
from juggler.persistence.writes.atomic import spelled
from juggler.persistence.writes.change import changes_of, patch, tried
from juggler.persistence.writes.create import create_in, prepare
from juggler.persistence.writes.create_list import Batch, bulk_error
from juggler.persistence.writes.versions import version_name
from juggler.query.changes import has_changes
from juggler.query.nodes import And, Condition, Filter, Where
from juggler.query.normalise import normalise_where

Options = Mapping[str, Any] | None
Data = dict[str, Any]


async def bulk_upsert(
    model: Any, items: Any, match_on: Sequence[str] | str | None = None, options: Options = None
) -> list[Any]:
    """Merge each item into the record that equals it in *match_on*, or create it.

    Raises:
        TypeError: *items* is no list.
        InvalidValueError: *match_on* is neither the primary key nor unique.
        BulkOperationError: Items are wrong or stand twice; nothing was written where the connector
            does it in one call, else the others are.
    """
    async with begin(model, "bulk_upsert", options, target=lambda: items) as op:
        return await Bulk(op, _keys(op, match_on), must_exist=False).run(items)


async def bulk_update(model: Any, items: Any, options: Options = None) -> list[Any]:
    """Merge each item into the record with its id; see `bulk_upsert`.

    Raises:
        BulkOperationError: Items are wrong, stand twice or have no record.
    """
    async with begin(model, "bulk_update", options, target=lambda: items) as op:
        return await Bulk(op, _keys(op, None), must_exist=True).run(items)


def _keys(op: Operation, match_on: Sequence[str] | str | None) -> tuple[str, ...]:
    """Return the properties that tell which record an item is about."""
    if match_on is None:
        require_key(op.shape, op.model_name)
        return op.shape.ids
    names = (match_on,) if isinstance(match_on, str) else tuple(match_on)
    unique = [set(each.properties) for each in indexes_of(op.info) if each.unique]
    if not names or set(names) not in [set(op.shape.ids), *unique]:
        raise InvalidValueError(
            f"{op.name}: match_on is the primary key of {op.model_name} or has a unique index, "
            f"which {', '.join(names) or 'nothing'} has not.",
            model=op.model_name,
            path="match_on",
            value=list(names),
        )
    return names


class Bulk:
    """One bulk write; lives for one call.

    Attributes:
        op: The call.
        keys: The properties that tell which record an item is about.
        must_exist: Whether nothing is created.
    """

    def __init__(self, op: Operation, keys: tuple[str, ...], *, must_exist: bool) -> None:
        self.op = op
        self.keys = keys
        self.must_exist = must_exist
        self._batch = Batch()
        self._claims = Claims()

    async def run(self, items: Any) -> list[Any]:
        """Write *items* and return their instances, in order."""
        if not isinstance(items, list | tuple):
            raise TypeError(f"{self.op.name}: data is a list, not {type(items).__name__}.")
        given = self._given(items)
        there = await self._there(given)
        is_native = "bulk_upsert" in self.op.capabilities and self.op.scope is NO_SCOPE
        is_plain = not version_name(self.op.info) and not looks_up(self.op.model)
        if not is_native or not is_plain or any(map(has_changes, given.values())):
            return await self._one_by_one(given, there)
        return await self._together(given, there)

    def _given(self, items: Sequence[Any]) -> dict[int, Data]:
        """Return index -> private data of the items that are right; note those that are not."""
        found: dict[int, Data] = {}
        seen: dict[tuple[Any, ...], int] = {}
        for index, item in enumerate(items):
            with self._batch.keeping(index, self.op):
                data = spelled(self.op, given_data(self.op, item))
                key = self._key(data)
                if key is None and (self.must_exist or self.keys != self.op.shape.ids):
                    raise InvalidValueError(
                        f"{self.op.name}: {', '.join(self.keys)} of {self.op.model_name} is "
                        "missing.",
                        code="KEY_MISSING",
                        model=self.op.model_name,
                        property=self.keys[0],
                    )
                if key is not None and seen.setdefault(key, index) != index:
                    raise DuplicateEntryError(
                        f"{self.op.name}: item {seen[key]} is a duplicate of it, with the same "
                        f"{', '.join(self.keys)}.",
                        fields=self.keys,
                        model=self.op.model_name,
                    )
                found[index] = data
        return found

    def _key(self, data: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return what is equal for items and records that belong together, None without one."""
        found = [data.get(name) for name in self.keys]
        if any(value is None for value in found):
            return None
        kinds = [self.op.shape.properties[name].type for name in self.keys]
        return tuple(id_key(kind.coerce(value)) for kind, value in zip(kinds, found, strict=True))

    async def _there(self, given: Mapping[int, Data]) -> dict[tuple[Any, ...], Any]:
        """Return key -> instance of the records that are there."""
        known = [data for data in given.values() if self._key(data) is not None]
        if not known:
            return {}
        parts = [Condition((n,), "inq", tuple(data[n] for data in known)) for n in self.keys]
        asked: Where = parts[0] if len(parts) == 1 else And(tuple(parts))
        asked = normalise_where(asked, self.op.shape, known_only=self.op.known_only)
        where = await access_where(self.op, bound(self.op, asked))
        if not self.op.store.keeps and (self.must_exist or self.op.model.definition.force_id):
            rows = [{name: data[name] for name in self.keys} for data in known]  # none is missed
        else:
            rows = await self.op.store.all(self.op.info, Filter(where=where), self.op.options)
        self.op.check_alive()
        found = {self._key(row): model_of(self.op.model, row).load(row) for row in rows}
        return {key: record for key, record in found.items() if key is not None}

    # one by one -------------------------------------------------------------------------------

    async def _one_by_one(
        self, given: Mapping[int, Data], there: Mapping[tuple[Any, ...], Any]
    ) -> list[Any]:
        batch = self._batch
        for index, data in given.items():
            call = self.op.twin()
            with batch.keeping(index, call):
                call.scope = call.scope.of(data)
                current = there.get(self._key(data) or ())
                if current is not None:
                    record = await patch(call, current, data, by_own_id(current))
                else:
                    self._check_may_create(call, data)
                    record = await create_in(call, data)
                batch.results[index] = record
        return self._outcome()

    def _check_may_create(self, call: Operation, data: Data) -> None:
        """Raise if the record of *data* must be there.

        Raises:
            NotFoundError: It must.
        """
        if self.must_exist:
            words = ", ".join(f"{name} {data[name]!r}" for name in self.keys)
            raise NotFoundError(
                f"{call.name}: there is no {call.model_name} with {words}.",
                model=call.model_name,
                tenant=call.tenant,
            )

    def _outcome(self) -> list[Any]:
        done = "updated" if self.must_exist else "stored"
        batch = self._batch
        if batch.errors:
            raise bulk_error(batch.errors, batch.results, done)
        return [batch.results[index] for index in sorted(batch.results)]

    # together ---------------------------------------------------------------------------------

    async def _together(
        self, given: Mapping[int, Data], there: Mapping[tuple[Any, ...], Any]
    ) -> list[Any]:
        """Prepare all items, then write them in one call: all or none."""
        batch, calls, made = self._batch, {}, dict[int, Upsert]()
        for index, data in given.items():
            call = calls[index] = self.op.twin()
            with batch.keeping(index, call):
                current = there.get(self._key(data) or ())
                prepared = self._inserted if current is None else self._changed
                made[index] = await prepared(index, call, current, data)
        if batch.errors:
            return self._outcome()
        for index, (row, is_new) in zip(made, await self._write(list(made.values())), strict=True):
            shown = await loaded(calls[index], row, is_new=is_new)
            record = batch.results[index] = from_store(calls[index], row, shown)
            await after_save(calls[index], record, is_new=is_new)
        return self._outcome()

    async def _inserted(self, index: int, call: Operation, _: Any, data: Data) -> Upsert:
        """Return a new item as it goes to the store."""
        self._check_may_create(call, data)
        instance = self._batch.results[index] = make(call, data)
        await prepare(call, instance, self._claims)
        return Upsert(await persist_new(call, stored(instance), instance), {})

    async def _changed(self, index: int, call: Operation, current: Any, data: Data) -> Upsert:
        """Return what becomes of a record that is there."""
        self._batch.results[index] = current
        check_same_id(call.shape, _ids_of(current), data)
        own = by_own_id(current)
        where, left = await before_patch(call, own, data, current)
        left = given_data(call, left)
        check_same_id(call.shape, _ids_of(current), left)
        trial, changed = tried(call, current, without_ids(call.shape, left))
        await check(call, trial, blame=current, claims=self._claims)
        changes = changes_of(trial, changed)
        valid = await after_validate_patch(call, where, changes, trial, is_new=False)
        narrowed, written = await persist(call, valid, where, trial, is_new=False)
        if narrowed is not own and not await first(call, bound(call, narrowed)):
            raise not_found(call, where)
        whole = stored(trial)
        key = {name: whole[name] for name in self.keys}
        return Upsert({**written, **key}, whole, self.must_exist)

    async def _write(self, items: list[Upsert]) -> list[tuple[Data, bool]]:
        """Store *items* in as few calls as the connector takes."""
        op, found = self.op, list[tuple[Data, bool]]()
        size = op.store.batch_size or len(items)
        for start in range(0, len(items), max(1, size)):
            part = items[start : start + size]
            keyed = [item for item in part if self._key(item.data) is not None]
            fresh = [item.data for item in part if self._key(item.data) is None]
            rows = iter(await op.store.upsert_all(op.info, keyed, self.keys, op.options))
            ids = iter(await op.store.create_all(op.info, fresh, op.options) if fresh else ())
            op.check_alive()
            name = op.shape.ids[0] if op.shape.ids else ""
            found += [
                next(rows)
                if self._key(item.data) is not None
                else ({**item.data, name: next(ids)}, True)
                for item in part
            ]
        return found


def _ids_of(instance: Any) -> Data:
    return {name: values.raw(instance, name) for name in instance._shape.ids}
