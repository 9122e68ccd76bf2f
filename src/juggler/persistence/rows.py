"""Data on its way out: rows as instances, and what the store answered put into instances."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.connectors.contract import ModelInfo
from juggler.connectors.observing import Observe, run_all
from juggler.definition.shape import Shape
from juggler.models.build import Plan
from juggler.models.instances import tracking, values
from juggler.models.instances.loading import load_foreign
from juggler.models.instances.nesting import for_trial, own
from juggler.models.instances.state import LOADED as UNTOUCHED
from juggler.models.instances.state import State
from juggler.persistence.hooks import LOADED
from juggler.persistence.operation import Operation
from juggler.persistence.scoping import looks_up
from juggler.query.helpers.ids import id_equals
from juggler.query.nodes import Filter

_log = logging.getLogger("juggler.persistence")
_put_state: Final = object.__setattr__
_WARNED: Final = "juggler.persistence.rows"
"""Key of whether it was told, in the cache of a `ModelInfo`."""


async def instances(op: Operation, rows: list[dict[str, Any]], query: Filter) -> list[Any]:
    """Return *rows* as instances, in their order, as the "loaded" observers leave them."""
    is_exact = op.store.exact  # and nothing was cleaned up meanwhile
    model = op.model
    observers = op.observers(LOADED)
    if looks_up(model):
        found = [await _observed(op, row) for row in rows]
    elif observers and rows:
        found = await _all_observed(op, rows, observers)
    elif is_exact:
        load = model.load
        found = [load(row) for row in rows]
    else:
        found = [load_foreign(model, row) for row in rows]
    if query.fields is not None:
        _mark_partial(op, found, query.fields)
    return found


async def _all_observed(
    op: Operation, rows: list[dict[str, Any]], observers: tuple[Observe, ...]
) -> list[Any]:
    """Return rows of one model as instances; observers of batches see all at once."""
    formers = [dict(row) for row in rows]
    contexts = [op.context(None, {"data": row, "is_new_instance": False}) for row in rows]
    await run_all(observers, contexts, LOADED, op.check_alive)
    found = [_loaded(op, op.model, former) for former in formers]
    for instance, former, context in zip(found, formers, contexts, strict=True):
        take_over(instance, former, context.data)
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

    Nothing of that counts as a change that is still to be saved.  Ids stay as they are; who changes
    one is told so in the log, once a model.

    Raises:
        TypeError: *left* is no mapping.
    """
    if left is former:
        return
    if not isinstance(left, Mapping):
        raise TypeError(
            f"{instance._model.model_name}: an observer left `data` that is no mapping but a "
            f"{type(left).__name__}."
        )
    ids = instance._shape.ids
    for name in {**former, **left}:
        if name in ids:
            if not id_equals(left.get(name), former.get(name)):
                _warn_of_key(instance._model.info)
            continue
        value = left.get(name, UNSET)
        if value is UNSET:
            _drop(instance, name)
        elif former.get(name, UNSET) is not value:
            settle(instance, name, value)


def _warn_of_key(info: ModelInfo) -> None:
    if info.cache.setdefault(_WARNED, True) is True:
        info.cache[_WARNED] = False
        _log.warning("%s: a `loaded` observer changed the id of a record; it stays.", info.name)


def settle(instance: Any, name: str, value: Any, *, noted: bool = False) -> None:
    """Put one value into *instance* as what is stored, coerced; not a change unless *noted*."""
    state = values.owned(instance)
    former = values.raw(instance, name) if noted else UNSET
    plan: Plan | None = instance._plans.get(name)
    if plan is not None:
        _put(instance, state, plan, value)
    elif name in instance._model._blueprint.relations:
        values.undeclared(instance, {name: value})
        return
    elif not instance._shape.strict:
        state.add("extra", {name: value})
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
    elif value.__class__ is not plan.kept:
        value, is_bad = values.accepted(instance._model, plan, value)
    plan.put(instance, own(instance, plan, value, moved=True) if plan.parts else value)
    state.mark_bad(name, is_bad)
    if name in state.unset:
        state.unset = state.unset - {name}


def settle_new(instance: Any, answer: Any) -> None:
    """Note that a new *instance* is stored as it is, under the id that the store answered."""
    state: State = instance._state
    shape: Shape = instance._shape
    ids = shape.ids
    if state.shared and state.parent is None and len(ids) == 1 and not shape.nested:
        # Nothing is noted of it but that it may lack its id, so it is like one that was loaded.
        plan: Plan = instance._plans[ids[0]]
        found, is_bad = answer, False
        if answer.__class__ is not plan.kept:
            found, is_bad = values.accepted(instance._model, plan, answer)
        if found is not None and not is_bad:
            plan.put(instance, found)
            _put_state(instance, "_state", UNTOUCHED)
            return
    if answer is not None:
        for name in ids:
            settle(instance, name, answer if len(ids) == 1 else answer[name])
    mark_saved(instance)


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
            if plan.nested:
                for_trial(twin, plan)
    return twin


def refresh(instance: Any, fresh: Any) -> None:
    """Make *instance* equal to *fresh*, which was just loaded; unsaved changes are lost."""
    state = values.owned(fresh)
    state.follow(instance._state)
    state.strict = instance._state.strict
    for name, plan in instance._plans.items():
        if plan.is_stored:
            value = fresh._plans[name].get(fresh)
            plan.put(instance, own(instance, plan, value, moved=True) if plan.parts else value)
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
        state = values.owned(instance)
        state.partial = names
        state.unset = state.unset | op.shape.unstored
