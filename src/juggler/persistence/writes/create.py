"""Creating one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from juggler.connectors.contract import Stored
from juggler.errors import JugglerError
from juggler.models.instances import values
from juggler.models.instances.instance import Instance
from juggler.persistence.data import check_held, force, make, make_new, new_maker
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.rows import settle_new
from juggler.persistence.scoping import looks_up
from juggler.persistence.steps import (
    after_save,
    after_validate,
    before_save,
    loaded,
    persist_new,
    show_changes,
)
from juggler.persistence.storing import stored
from juggler.persistence.uniqueness import Claims
from juggler.persistence.validating import check, passes
from juggler.persistence.writes.versions import begin_version

Options = Mapping[str, Any] | None


async def create(model: Any, data: Any = None, options: Options = None) -> Any:
    """Store a new record and return its instance.

    Raises:
        ValidationError: A rule is broken; nothing was stored.
        DuplicateEntryError: The id or a unique value is taken.
    """
    mine = own_model(model, data)
    async with begin(mine, "create", options, target=lambda: data or {}) as op:
        return await insert(op, instance_of(op, data))


async def create_in(op: Operation, data: Mapping[str, Any]) -> Any:
    """Create the record of *data* as part of *op*, whichever model it is of."""
    model = own_model(op.model, data)
    instance = make(op, data, model=model)
    if model is op.model:
        return await insert(op, instance)
    return await create(model, instance, op.options)


async def insert(op: Operation, instance: Any, claims: Claims | None = None) -> Any:
    """Take a new *instance* the whole way into the store and return it."""
    await prepare(op, instance, claims)
    return await store(op, instance)


async def store(op: Operation, instance: Any) -> Any:
    """Take a new *instance* that is prepared the rest of the way; see `insert`."""
    data = stored(instance)
    left = await persist_new(op, data, instance) if op.is_observed else data
    try:
        answer = await op.store.create(op.info, left, op.options)
    except JugglerError as error:
        error.instance = instance
        raise
    answer = settle(op, instance, answer)
    if left is not data or op.is_observed:
        await tell(op, instance, data, left, answer)
    return instance


async def prepare(op: Operation, instance: Any, claims: Claims | None = None) -> None:
    """Let observers edit a new *instance* and validate it, with others of its list in mind."""
    is_observed = op.is_observed
    if is_observed:
        await before_save(op, instance, is_new=True)
    begin_version(op, instance)
    if not passes(op, instance, instance):
        await check(op, instance, claims=claims)
    if is_observed:
        await after_validate(op, instance, is_new=True)


def settle(op: Operation, instance: Any, answer: Any) -> Any:
    """Note that *instance* is stored, unless all was in vain; see `settle_answer`."""
    op.check_alive()
    return settle_answer(instance, answer)


async def tell(
    op: Operation, instance: Any, data: dict[str, Any], left: dict[str, Any], answer: Any
) -> None:
    """Show observers what was stored, and *instance* what they make of it.

    Args:
        op: The call.
        instance: What was stored.
        data: Its values, before "persist" observers saw them.
        left: What they left and the store has.
        answer: The id that it has now.
    """
    written = with_id(op, left, answer)
    shown = await loaded(op, written, is_new=True)
    if left is not data or shown is not written:
        show_changes(op, instance, with_id(op, data, answer), shown)
    await after_save(op, instance, is_new=True)


def settle_answer(instance: Any, answer: Any) -> Any:
    """Note that *instance* is stored, under the id that the store answered, which is returned.

    A revision that came with it is kept: ``instance["_rev"]``.
    """
    if type(answer) is Stored:
        values.owned(instance).loose = {**(instance._state.loose or {}), "_rev": answer.rev}
        answer = answer.id
    settle_new(instance, answer)
    return answer


def with_id(op: Operation, data: dict[str, Any], answer: Any) -> dict[str, Any]:
    """Return *data* with the id that the store answered."""
    ids = op.shape.ids
    if answer is None or not ids:
        return data
    return {**data, **(answer if len(ids) > 1 else {ids[0]: answer})}


# instances --------------------------------------------------------------------------------


def item_of(item: Any) -> Any:
    """Return one item of a list; a missing one is an empty record."""
    return {} if item is None or item is UNSET else item


def own_model(model: Any, data: Any) -> Any:
    """Return the model that *data* makes an instance of."""
    if isinstance(data, Instance):
        return data._model if isinstance(data, model) else model
    if not looks_up(model):
        return model
    return model.lookup_model(data) if isinstance(data, Mapping) else model


def instance_of(op: Operation, data: Any) -> Any:
    """Return the instance to store: *data* itself if it is one of the model, else made of it."""
    if data.__class__ is not dict and isinstance(data, Instance) and isinstance(data, op.model):
        check_held(op, data)
        force(op, data)
        return data
    return make_new(op, data)


def instances_of(op: Operation, items: Iterable[Any]) -> list[Any]:
    """Return the instances to store of several items of data; see `instance_of`."""
    new = new_maker(op)
    return [new(each) if each.__class__ is dict else instance_of(op, each) for each in items]
