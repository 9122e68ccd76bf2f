"""Owners of embedded instances: each knows its own, weakly, and none has two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from juggler.models.instances.state import LOADED, NEW, WITHIN_LOADED, WITHIN_NEW, State, within
from juggler.types.plain import PLAIN

_put_state: Final = object.__setattr__


def owner_of(instance: Any) -> Any:
    """Return the instance that *instance* is embedded in; None if it is in none, or that is gone.

    In a list it is the instance whose property the list is.
    """
    return instance._state()


def parent_of(instance: Any) -> Any:
    """Return the owner of *instance* if ``parent_ref`` of its model, else of the owner's, says so.

    None where references are off, and where there is no owner.
    """
    owner = owner_of(instance)
    return None if owner is None or not refers(instance._model, owner) else owner


def refers(inner: Any, owner: Any) -> bool:
    """Tell whether instances of *inner* show their *owner*.

    Where neither model says it, an owner without a name is as the one that it is in itself.
    """
    told = inner.definition.settings.get("parent_ref")
    while told is None and owner is not None:
        definition = owner._model.definition
        told = definition.settings.get("parent_ref")
        owner = owner_of(owner) if definition.anonymous else None
    return told is True


class Claim:
    """An instance that is about to own what was put into it; lives for one such act.

    Attributes:
        owner: The instance.
        reference: Weak reference to it.
        moved: What has another owner is taken from it, instead of copied.
    """

    __slots__ = ("moved", "owner", "reference")

    def __init__(self, owner: Any, reference: Any, *, moved: bool = False) -> None:
        self.owner = owner
        self.reference = reference
        self.moved = moved

    def adopt(self, item: Any) -> Any:
        """Return the embedded *item* as the owner's: itself, or a copy if it is another's.

        An instance that the owner is in itself is copied too, so that nothing contains itself.
        """
        if self._has_to_copy(item):
            item = copied(item)
        state = item._state
        if state is LOADED:
            return loaded_by(self.owner, item)
        if state.shared:
            state = state.own()
            _put_state(item, "_state", state)
        state.parent = self.reference
        return item

    def _has_to_copy(self, item: Any) -> bool:
        """Tell whether *item* cannot be the owner's: it is another's, or the owner is in it."""
        current = owner_of(item)
        if current is not None and (current is self.owner or not self.moved):
            return current is not self.owner
        return item is self.owner or _is_above(item, owner_of(self.owner))

    def adopt_all(self, items: Iterable[Any]) -> list[Any]:
        """Return *items* as the owner's; what is no instance stays as it is."""
        mine = {}
        if self.owner._state.parent is None:  # else the owner may be in one of the items
            mine = {
                LOADED: within(WITHIN_LOADED, self.owner),
                NEW: within(WITHIN_NEW, self.owner),
            }
        found = []
        for item in items:
            state = getattr(item, "_state", None)
            if state in mine and item is not self.owner:
                _put_state(item, "_state", mine[state])
            elif state is not None:
                item = self.adopt(item)  # noqa: PLW2901
            found.append(item)
        return found


def adopted(item: Any, reference: Any) -> Any:
    """Return the embedded *item* as that of the instance that *reference* leads to."""
    return Claim(reference(), reference).adopt(item)


def loaded_by(owner: Any, item: Any) -> Any:
    """Return *item*, which was just loaded, as that of its *owner*."""
    _put_state(item, "_state", within(WITHIN_LOADED, owner))
    return item


def _is_above(item: Any, instance: Any) -> bool:
    """Tell whether *instance* is in *item*, at any depth."""
    while instance is not None:
        if instance is item:
            return True
        instance = owner_of(instance)
    return False


def copied(instance: Any) -> Any:
    """Return a new record with all values of *instance*, hidden ones too, that belongs to nobody.

    Instances that are embedded in it are copied as well.
    """
    model, former = instance._model, instance._state
    found = dict(zip(instance._plans, instance._read(instance), strict=True))
    plans = model._blueprint.cls._plans
    row = {
        name: _private(value)
        for name, value in found.items()
        if name not in former.unset and name in plans and plans[name].is_stored
    }
    made = model.load(row)
    state = State(unset=made._state.unset, strict=former.strict)
    state.bad = None if former.bad is None else set(former.bad)
    for name in ("extra", "loose", "unknown"):
        setattr(state, name, _private(getattr(former, name)))
    object.__setattr__(made, "_state", state)
    return made


def _private(value: Any) -> Any:
    """Return *value* with its dicts and lists copied; instances in them are copied when adopted."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, dict):
        return {key: _private(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_private(item) for item in value]
    return value
