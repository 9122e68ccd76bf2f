"""Writes that update what is there and create what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from juggler.errors import (
    DuplicateEntryError,
    InvalidQueryError,
    InvalidValueError,
    ValidationError,
)
from juggler.models.instances.instance import Instance
from juggler.persistence.conditions import (
    access,
    access_where,
    bound,
    read_filter,
    read_where,
    within_scope,
)
from juggler.persistence.data import fixed_names, given_data, make
from juggler.persistence.hooks import BEFORE_SAVE
from juggler.persistence.ids import (
    by_own_id,
    by_own_values,
    check_same_id,
    has_id,
    ids_in,
    key_of,
    without_ids,
)
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, first, not_found
from juggler.persistence.rows import from_store, instances, projected
from juggler.persistence.scoping import looks_up, model_of
from juggler.persistence.steps import (
    after_save,
    after_validate_patch,
    before_patch,
    loaded,
    persist,
    persist_new,
)
from juggler.persistence.storing import habits_of, stored
from juggler.persistence.validating import check
from juggler.persistence.writes.atomic import begun, spelled
from juggler.persistence.writes.change import apply, patch
from juggler.persistence.writes.create import (
    create,
    create_in,
    insert,
    prepare,
    settle,
    store,
    tell,
)
from juggler.persistence.writes.versions import version_name
from juggler.query.changes import has_changes
from juggler.query.merge import both
from juggler.query.nodes import Filter, Where

Options = Mapping[str, Any] | None
Data = dict[str, Any]


async def update_or_create(model: Any, data: Any, options: Options = None) -> Any:
    """Merge *data* into the record with its id, or create it; return the instance.

    Atomic where the connector has upserts.  Defaults are for a new record only.

    Raises:
        NotFoundError: The model chooses its ids (``force_id``) and there is no such record.
        DuplicateEntryError: The id is that of a record outside the scope.
        ValidationError: A rule is broken.
    """
    if isinstance(data, list | tuple):
        raise TypeError("update_or_create takes one record; bulk (array) input is not supported.")
    async with begin(model, "upsert", options, target=lambda: data or {}) as op:
        given = spelled(op, given_data(op, data))
        _check_extra(op)
        if not has_id(op.shape, given):
            return await create_in(op, _as_new(op, given))
        own = ids_in(op.shape, given, op.model_name)
        where = await access_where(op, bound(op, own))
        if where != bound(op, own):
            return await _by_reading(op, where, without_ids(op.shape, given))
        if _can_go_at_once(op, given):
            return await _in_one(op, own, given)
        return await _by_reading(op, where, given)


def _can_go_at_once(op: Operation, given: Data) -> bool:
    """Tell whether the connector can find out by itself whether the record is there.

    Setters run once, for what is written, so it has to be known what that is; whether an immutable
    value is another one shows only beside the record; and a default may be left out of a new one.
    """
    if op.model.definition.force_id or looks_up(op.model):
        return False
    setters = op.model._blueprint.names.setters
    if setters and (op.observers(BEFORE_SAVE) or not setters.isdisjoint(given)):
        return False
    if version_name(op.info) or has_changes(given) or fixed_names(op, given):
        return False
    if any(item.name in given for item in habits_of(op.model).unwritten):
        return False
    return "upsert" in op.capabilities


async def upsert_with_where(model: Any, where: Any, data: Any, options: Options = None) -> Any:
    """Merge *data* into the one record that matches, or create it; return the instance.

    Raises:
        InvalidQueryError: Several records match; nothing was changed.
        InvalidValueError: *data* is empty.
    """
    if where is None:
        raise TypeError("upsert_with_where: where is missing.")
    async with begin(model, "upsert_with_where", options, target=lambda: data or {}) as op:
        given = spelled(op, given_data(op, data))
        _check_extra(op)
        if not given:
            raise InvalidValueError(
                f"upsert_with_where: data for {op.model_name} must not be empty.",
                model=op.model_name,
            )
        asked = bound(op, read_where(op, where, writes=True))
        return await _by_reading(op, await access_where(op, asked), given)


async def _by_reading(op: Operation, where: Where, given: Data) -> Any:
    """Look for the record first; what is created is so in one step with a second look."""
    found = await first(op, where, limit=2)
    if len(found) > 1 and op.name == "upsert_with_where":
        raise InvalidQueryError(
            f"{op.name}: several {op.model_name} match; nothing was changed.",
            code="SEVERAL_MATCH",
            model=op.model_name,
            path="where",
        )
    if found:
        return await patch(op, found[0], given, _address(op, found[0], where, given))
    if op.name == "upsert" and op.model.definition.force_id:
        if op.store.keeps:
            raise not_found(op, where)
        known = op.model.load({name: given[name] for name in op.shape.ids})
        return await patch(op, known, given, by_own_id(known))
    return await _created_or_changed(op, where, given)


def _address(op: Operation, record: Any, where: Where, given: Data) -> Where:
    """Return the condition for the *record* that *where* found: its id, else all of its values."""
    if op.shape.ids or has_changes(given):
        return by_own_id(record)
    return both(where, by_own_values(record))


async def _created_or_changed(op: Operation, where: Where, given: Data) -> Any:
    """Create the record that was not there; where somebody was faster, change it."""
    data = _as_new(op, given)
    instance = make(op, data, model=model_of(op.model, data))
    try:
        return await _created(op, where, given, instance)
    except DuplicateEntryError:
        found = [] if instance._state.persisted else await first(op, where)
        if not found:  # it is something else that is taken, maybe by what an observer does
            raise
        return await patch(op, found[0], given, _address(op, found[0], where, given))


async def _created(op: Operation, where: Where, given: Data, instance: Any) -> Any:
    """Create the record that was not there; one that is there meanwhile is changed instead."""
    if instance._model is not op.model:
        return await create(instance._model, instance, op.options)
    if op.name == "upsert" or "find_or_create" not in op.capabilities:
        return await insert(op, instance)
    await prepare(op, instance)
    data = stored(instance)
    left = await persist_new(op, data, instance)
    query = Filter(where=where, limit=1)
    row, is_new = await op.store.find_or_create(op.info, query, left, op.options)
    op.check_alive()
    if not is_new:
        theirs = op.model.load(row)
        return await patch(op, theirs, given, _address(op, theirs, where, given))
    await tell(op, instance, data, left, settle(op, instance, _key_in(op, row)))
    return instance


async def _in_one(op: Operation, own: Where, given: Data) -> Any:
    """Let the connector find out whether the record is there; atomic."""
    key = key_of(own)
    where, left = await before_patch(op, own, given, is_new=None)
    given = given_data(op, left)
    check_same_id(op.shape, key, given)
    given |= key
    whole = make(op, _as_new(op, given))
    current = await _needed(op, whole, where, must_know=has_changes(given))
    if current is not None:
        return await apply(op, current, given, where)
    trial = make(op, begun(given), defaults=False)
    valid = await after_validate_patch(op, where, stored(trial), trial)
    narrowed, left = await persist(op, valid, where, trial)
    left |= key
    missing = {name: value for name, value in stored(whole).items() if name not in left}
    scope = op.scope.filter.where if narrowed is own else bound(op, narrowed)
    row, is_new = await op.store.update_or_create(op.info, left, missing, scope, op.options)
    op.check_alive()
    shown = await loaded(op, row, is_new=is_new)
    instance = from_store(op, row, shown)
    await after_save(op, instance, is_new=is_new)
    return instance


async def _needed(op: Operation, whole: Any, where: Where, *, must_know: bool) -> Any:
    """Return the record that is there if what was given is not valid by itself, else None.

    *whole* is what would be created; where that breaks a rule, it has to be known whether there is
    something to update, and whether that is valid afterwards.  *must_know* says that it has to be
    known in any case.

    Raises:
        ValidationError: The new record breaks a rule and there is no other.
    """
    try:
        await check(op, whole)
    except ValidationError:
        found = await first(op, bound(op, where))
        if not found:
            raise
        return found[0]
    found = await first(op, bound(op, where)) if must_know else []
    return found[0] if found else None


def _check_extra(op: Operation) -> None:
    """Refuse values for a new record that are no mapping, whether there is to be one or not."""
    extra = op.options.get("set_on_insert") if op.options else None
    if extra is not None and not isinstance(extra, Mapping | Instance):
        raise TypeError(
            f"{op.name}: set_on_insert is a mapping of values, not {type(extra).__name__}."
        )


def _as_new(op: Operation, given: Data) -> Data:
    """Return *given* with the values that are for a new record only."""
    extra = op.options.get("set_on_insert") if op.options else None
    given = begun(given)
    if extra is None:
        return given
    return {**given_data(op, extra, "set_on_insert"), **given}


# find or create -------------------------------------------------------------------------------


async def find_or_create(
    model: Any, filter: Any, data: Any = None, options: Options = None
) -> tuple[Any, bool]:
    """Return the first record that matches and False, or a new one and True.

    With one argument it is both the condition and the data.  Atomic where the connector can; what
    is found is neither validated nor shown to "before save" observers.
    """
    if data is None:
        filter, data = {"where": filter}, filter
    async with begin(model, "find_or_create", options, target=lambda: filter) as op:
        given = given_data(op, data)
        asked = replace(read_filter(op, filter, writes=True), limit=1)
        if asked.offset:
            raise InvalidQueryError(
                "find_or_create takes no `skip`, which would create what is there.", path="skip"
            )
        query = replace(await access(op, within_scope(op, asked)), limit=1, offset=0)
        rows = await op.store.all(op.info, query, op.options)
        if rows:
            return (await instances(op, rows, query))[0], False
        instance = make(op, given, model=model_of(op.model, given))
        if instance._model is not op.model:
            return await create(instance._model, instance, op.options), True
        await prepare(op, instance)
        if "find_or_create" not in op.capabilities:
            return await _insert_or_find(op, query, instance)
        return await _find_or_insert(op, query, instance)


async def _insert_or_find(op: Operation, query: Filter, instance: Any) -> tuple[Any, bool]:
    """Store *instance*; where somebody was faster, as its unique values tell, return theirs."""
    try:
        return await store(op, instance), True
    except DuplicateEntryError:
        rows = [] if instance._state.persisted else await op.store.all(op.info, query, op.options)
        if not rows:
            raise
        return (await instances(op, rows, query))[0], False


async def _find_or_insert(op: Operation, query: Filter, instance: Any) -> tuple[Any, bool]:
    """Let the connector decide at one blow whether *instance* is stored."""
    former = stored(instance)
    where, left = await persist(op, former, query.where, instance, is_new=True)
    wanted = replace(query, where=where, fields=None)
    row, is_new = await op.store.find_or_create(op.info, wanted, left, op.options)
    if not is_new:
        return (await instances(op, projected([row], query), query))[0], False
    await tell(op, instance, former, left, settle(op, instance, _key_in(op, row)))
    return instance, True


def _key_in(op: Operation, row: Data) -> Any:
    """Return the id of a stored row as `Connector.create` answers it."""
    key = {name: row.get(name) for name in op.shape.ids}
    return next(iter(key.values()), None) if len(key) == 1 else key or None
