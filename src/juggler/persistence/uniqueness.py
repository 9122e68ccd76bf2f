"""Whether another record has a value: asked of the store, and of other items of the same list."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.models.instances import values
from juggler.models.validating.taken import scoped_to, uniqueness_rules
from juggler.models.validating.validate import StoredSubject
from juggler.persistence.conditions import access_where, bound
from juggler.persistence.ids import id_key as record_key
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.query.helpers.ids import id_key
from juggler.query.nodes import And, Condition, Filter
from juggler.query.normalise import normalise_where
from juggler.query.patterns import folded
from juggler.validation.checks import is_blank
from juggler.validation.rules import Rule
from juggler.validation.subject import value_at

Scope = tuple[Any, ...]
"""Keys of what has to be equal too, in the order of the rule, UNSET where there is none."""

_WILD: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class Claims:
    """The values that the valid items of one list have taken; lives for one call.

    Attributes:
        turn: Held while an item is validated, where items of the list are stored at once.
    """

    __slots__ = ("_taken", "turn")

    def __init__(self) -> None:
        self._taken: dict[Hashable, _Taken] = {}
        self.turn = asyncio.Lock()

    def has(self, instance: Any, rule: Rule, value: Any) -> bool:
        """Tell whether an item before *instance* has *value*, as *rule* asks."""
        taken = self._taken.get(_question(rule))
        return taken is not None and taken.has(_key(rule, value), _scope(instance, rule))

    def take(self, instance: Any) -> None:
        """Note the values of *instance*, which is going to be stored."""
        for rule in uniqueness_rules(instance._model):
            value = value_at(StoredSubject(instance), rule.field)
            if not is_blank(value):
                taken = self._taken.setdefault(_question(rule), _Taken())
                taken.add(_key(rule, value), _scope(instance, rule))


class _Taken:
    """What items of one list have taken of what one rule asks for.

    As in a query, what an item was never given of the scope does not count.
    """

    __slots__ = ("_by_given", "_items")

    def __init__(self) -> None:
        self._items: list[tuple[Hashable, Scope]] = []
        self._by_given: dict[tuple[int, ...], set[Hashable]] = {}

    def has(self, value: Hashable, scope: Scope) -> bool:
        """Tell whether an item has *value* and all that is given of *scope*."""
        given = tuple(at for at, item in enumerate(scope) if item is not UNSET)
        if given not in self._by_given:
            self._by_given[given] = {_picked(*item, given) for item in self._items}
        return _picked(value, scope, given) in self._by_given[given]

    def add(self, value: Hashable, scope: Scope) -> None:
        """Note what an item has."""
        self._items.append((value, scope))
        for given, picked in self._by_given.items():
            picked.add(_picked(value, scope, given))


def _picked(value: Hashable, scope: Scope, given: tuple[int, ...]) -> Hashable:
    """Return *value* and the parts of *scope* that are *given*; null stands for what is missing."""
    return value, *(None if scope[at] is UNSET else scope[at] for at in given)


async def is_taken(
    op: Operation, instance: Any, rule: Rule, value: Any, claims: Claims | None = None
) -> bool:
    """Tell whether a record other than *instance* has *value*, as *rule* asks.

    The default scope of the call and its "access" observers apply, as to any other query.  Of rows
    that another model shows, the model that they belong to is asked.

    Args:
        op: The call that validates.
        instance: What is validated.
        rule: A rule of uniqueness.
        value: The value, which is not blank.
        claims: Values of other items that are stored in the same call.
    """
    if claims is not None and claims.has(instance, rule, value):
        return True
    behind = op.model._behind()
    if behind is None:
        return await _is_stored(op, instance, rule, value)
    model, acting = behind
    options = {key: item for key, item in op.options.items() if key != "unscoped"}
    if op.transaction is not None:
        options["transaction"] = op.transaction
    with acting:
        async with begin(model, op.name, options) as theirs:
            found = await _is_stored(theirs, instance, rule, value)
    op.check_alive()
    return found


async def _is_stored(op: Operation, instance: Any, rule: Rule, value: Any) -> bool:
    """Tell whether a record other than *instance* has *value*, among the rows of *op*."""
    wanted = _where(rule, value, await _scope_values(op, instance, rule))
    asked = normalise_where(wanted, op.shape, known_only=op.known_only)
    where = await access_where(op, bound(op, asked))
    rows = await op.store.all(op.info, Filter(where=where, limit=2), op.options)
    op.check_alive()
    if len(rows) != 1:
        return bool(rows)
    if instance.is_new_record() and rule.field in op.shape.ids:
        return True
    return not _is_same(op, rows[0], instance)


async def _scope_values(op: Operation, instance: Any, rule: Rule) -> dict[str, Any]:
    """Return name -> value of what has to be equal too, UNSET where there is none.

    What *instance* does not show of its record is read from the rows of *op*.
    """
    subject = StoredSubject(instance)
    found = {name: value_at(subject, name) for name in scoped_to(rule)}
    unseen = [name for name in found if _root(name) not in instance._shape]
    unseen = [name for name in unseen if _root(name) in op.shape]
    if unseen and op.shape.ids and not instance.is_new_record():
        ids = [Condition((name,), "eq", values.raw(instance, name)) for name in op.shape.ids]
        where = normalise_where(And(tuple(ids)), op.shape, known_only=op.known_only)
        for row in await op.store.all(op.info, Filter(where=where, limit=1), op.options):
            stored = StoredSubject(op.model.load(row))
            found.update({name: value_at(stored, name) for name in unseen})
    return found


def _root(name: str) -> str:
    """Return the property that the dotted path *name* begins with."""
    return name.partition(".")[0]


def _where(rule: Rule, value: Any, scope: Mapping[str, Any]) -> And:
    """Return the condition for records that have *value*, and the values of *scope*."""
    ignore_case = rule.options.get("ignore_case") and isinstance(value, str)
    path = tuple(rule.field.split("."))
    first = Condition(path, "eq", value)
    if ignore_case:
        first = Condition(path, "ilike", value.translate(_WILD))
    rest = [
        Condition(tuple(name.split(".")), "eq", item)
        for name, item in scope.items()
        if item is not UNSET
    ]
    return And((first, *rest))


def _is_same(op: Operation, row: dict[str, Any], instance: Any) -> bool:
    """Tell whether *row* is the record of *instance*: every part of the key is equal."""
    ids = op.shape.ids
    if not ids:
        return not instance.is_new_record()
    return all(record_key(row.get(name)) == record_key(values.raw(instance, name)) for name in ids)


def _question(rule: Rule) -> Hashable:
    """Return what is equal for rules that ask the same of a store."""
    return rule.field, scoped_to(rule), bool(rule.options.get("ignore_case"))


def _key(rule: Rule, value: Any) -> Hashable:
    """Return what is equal for values that only one of several records may have."""
    ignore_case = rule.options.get("ignore_case") and isinstance(value, str)
    return id_key(folded(value) if ignore_case else value)


def _scope(instance: Any, rule: Rule) -> Scope:
    """Return what has to be equal too for a value to be taken, UNSET where there is none."""
    subject = StoredSubject(instance)
    found = (value_at(subject, name) for name in scoped_to(rule))
    return tuple(UNSET if item is UNSET else id_key(item) for item in found)
