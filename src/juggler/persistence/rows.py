"""Data on its way out: rows as instances, and what the store answered put into instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from juggler.models import tracking, values
from juggler.models.assemble import load_foreign
from juggler.models.build import Plan
from juggler.models.state import State
from juggler.persistence.hooks import LOADED
from juggler.persistence.operation import Operation
from juggler.persistence.scoping import looks_up
from juggler.query.nodes import Filter


async def instances(op: Operation, rows: list[dict[str, Any]], query: Filter) -> list[Any]:
    """Return *rows* as instances, in their order, as the "loaded" observers leave them."""
    op.check_alive()
    model = op.model
    if looks_up(model) or op.observers(LOADED):
        found = [await _observed(op, row) for row in rows]
    elif op.store.exact:
        load = model.load
        found = [load(row) for row in rows]
    else:
        found = [load_foreign(model, row) for row in rows]
    if query.fields is not None:
        _mark_partial(op, found, query.fields)
    return found


async def _observed(op: Operation, row: dict[str, Any]) -> Any:
    """Return one row as an instance of the model that it is of."""
    model = op.model.lookup_model(row)
    observers = op.observers(LOADED, model)
    if not observers:
        return _loaded(op, model, row)
    former = dict(row)
    context = await op.notify(LOADED, observers, model=model, data=row, is_new_instance=False)
    instance = _loaded(op, model, former)
    take_over(instance, former, context.data)
    return instance


def _loaded(op: Operation, model: Any, row: Mapping[str, Any]) -> Any:
    """Return a row as an instance, coerced unless the store vouches for its values."""
    return model.load(row) if op.store.exact else load_foreign(model, row)


def projected(rows: list[dict[str, Any]], query: Filter) -> list[dict[str, Any]]:
    """Return *rows* with the properties that the query asked for."""
    fields = query.fields
    if fields is None:
        return rows
    return [{name: row[name] for name in fields if name in row} for row in rows]


def from_store(op: Operation, row: Mapping[str, Any], left: Mapping[str, Any]) -> Any:
    """Return a *row* that the store gave as an instance, with what observers changed in *left*."""
    instance = _loaded(op, op.model, row)
    take_over(instance, row, left)
    return instance


def take_over(instance: Any, former: Mapping[str, Any], left: Mapping[str, Any]) -> None:
    """Put into *instance* what observers changed when they made *left* out of *former*.

    Nothing of that counts as a change that is still to be saved.  Ids stay as they are.
    """
    if left is former:
        return
    ids = instance._shape.ids
    for name in {**former, **left}:
        if name in ids:
            continue
        value = left.get(name, UNSET)
        if value is UNSET:
            _drop(instance, name)
        elif former.get(name, UNSET) is not value:
            settle(instance, name, value)


def settle(instance: Any, name: str, value: Any, *, noted: bool = False) -> None:
    """Put one value into *instance* as what is stored, coerced; not a change unless *noted*."""
    state = values.owned(instance)
    former = values.raw(instance, name) if noted else UNSET
    plan: Plan | None = instance._plans.get(name)
    if plan is not None:
        _put(instance, state, plan, value)
    elif not instance._shape.strict:
        state.extra = {**(state.extra or {}), name: value}
    else:
        return
    if noted:
        state.given(name, former)
    else:
        _forget_change(state, name)


def _put(instance: Any, state: State, plan: Plan, value: Any) -> None:
    """Put the value of one property into *instance*, coerced."""
    name, is_bad = plan.property.name, False
    if plan.nested and value is not None:
        value = instance._model._nest(name, value)
    else:
        value, is_bad = values.accepted(instance._model, plan, value)
    plan.put(instance, value)
    state.mark_bad(name, is_bad)
    if name in state.unset:
        state.unset = state.unset - {name}


def settle_ids(instance: Any, answer: Any) -> None:
    """Put the id that the store answered into *instance*."""
    ids = instance._shape.ids
    if answer is None or not ids:
        return
    for name in ids:
        settle(instance, name, answer if len(ids) == 1 else answer[name])


def mark_saved(instance: Any, written: Iterable[str] | None = None) -> None:
    """Note that *instance* is stored as it is; with *written* that these values of it are."""
    state = values.owned(instance)
    state.persisted = True
    state.destroyed = False
    state.unknown = None
    tracking.saved(instance, written)
    if state.partial is not None and written is not None:
        state.partial = state.partial | set(written)


def copy_of(instance: Any) -> Any:
    """Return an independent copy of *instance*, its changes included, to try things on."""
    cls = type(instance)
    twin = object.__new__(cls)
    object.__setattr__(twin, "_model", instance._model)
    object.__setattr__(twin, "_state", instance._state.own())
    for plan in instance._plans.values():
        if plan.is_stored:
            plan.put(twin, plan.get(instance))
    return twin


def refresh(instance: Any, fresh: Any) -> None:
    """Make *instance* equal to *fresh*, which was just loaded; unsaved changes are lost."""
    state = values.owned(fresh)
    state.source = instance._state.source
    for name, plan in instance._plans.items():
        if plan.is_stored:
            plan.put(instance, fresh._plans[name].get(fresh))
    object.__setattr__(instance, "_state", state)


def _drop(instance: Any, name: str) -> None:
    """Make a value missing, without noting a change."""
    values.remove(instance, name)
    _forget_change(values.owned(instance), name)


def _forget_change(state: State, name: str) -> None:
    if state.changed:
        state.changed.pop(name, None)


def _mark_partial(op: Operation, found: list[Any], fields: tuple[str, ...]) -> None:
    """Note which properties the instances have, where the query chose some."""
    names = frozenset(fields)
    if names.issuperset(op.shape.names):
        return
    for instance in found:
        values.owned(instance).partial = names
