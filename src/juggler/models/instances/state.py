"""What an instance remembers beside its values."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Final, cast

import msgspec

NOTHING: Final[frozenset[str]] = frozenset()


class State(msgspec.Struct, eq=False):
    """Bookkeeping of one instance, or, while nothing was touched, of many.

    Loaded rows share one state; the first write gives an instance its own (`own`).

    Attributes:
        shared: Several instances use this object; it must not be written, and nothing is noted in
            it but what is ``persisted``, ``unset``, and the ``parent``.
        persisted: The record is in the store.
        destroyed: The record was deleted through this instance.
        unset: Declared names that were never given.
        changed: Name -> former value, for names written since the last load or save.
        previous: Name -> (former, new value) of the last save.
        bad: Names whose value their type does not accept.
        extra: Undeclared data of an open model, stored like all other.
        unknown: Undeclared data that a strict model refuses, remembered for validation.
        loose: What was put on an instance of a strict model by name, readable but never stored.
        partial: Names that were loaded where the query chose ``fields``; None for all.
        strict: How undeclared data of this instance alone is treated; None for as the model says.
        source: Data source of this instance alone.
        parent: Weak reference to the instance that this one is embedded in.
        errors: Report of the last validation.
        related: Relation name -> what was given for it; no data of the record itself.
        distances: Dotted name -> how far the record was from the point that was asked for.
        unscoped: Whether the default scope is left out of what the instance does.
    """

    persisted: bool = False
    destroyed: bool = False
    shared: bool = False
    unset: AbstractSet[str] = NOTHING
    changed: dict[str, Any] | None = None
    previous: dict[str, tuple[Any, Any]] | None = None
    bad: set[str] | None = None
    extra: dict[str, Any] | None = None
    unknown: dict[str, Any] | None = None
    loose: dict[str, Any] | None = None
    partial: frozenset[str] | None = None
    strict: Any = None
    source: Any = None
    parent: Any = None
    errors: Any = None
    related: dict[str, Any] | None = None
    distances: dict[str, float] | None = None
    unscoped: bool = False

    def __call__(self) -> Any:
        """Return the instance that this one is embedded in; None without one, or if it is gone."""
        return None if self.parent is None else self.parent()

    def own(self) -> State:
        """Return a private, writable copy, without what the last validation would complain of."""
        mine = State(
            persisted=self.persisted, unset=self.unset, partial=self.partial, parent=self.parent
        )
        if self.shared:
            return mine
        mine.destroyed = self.destroyed
        mine.previous = self.previous
        mine.source = self.source
        mine.strict = self.strict
        mine.related = self.related
        mine.distances = self.distances
        mine.unscoped = self.unscoped
        mine.bad = None if self.bad is None else set(self.bad)
        for name in ("changed", "extra", "loose"):
            kept = getattr(self, name)
            setattr(mine, name, None if kept is None else dict(kept))
        return mine

    def follow(self, former: State) -> None:
        """Take over what *former* says of the instance alone, whatever its record holds."""
        self.source, self.unscoped = former.source, former.unscoped

    def given(self, name: str, former: Any) -> None:
        """Note that *name* was written; *former* is kept if it is the first write."""
        if self.changed is None:
            self.changed = {}
        self.changed.setdefault(name, former)
        if name in self.unset:
            self.unset = self.unset - {name}

    def add(self, kept: str, data: Mapping[str, Any]) -> None:
        """Add *data* to the undeclared data that is *kept* as ``extra``, ``loose`` or ``unknown``.

        The state must not be shared.
        """
        known = getattr(self, kept)
        if known is None:
            setattr(self, kept, dict(data))
        else:
            known.update(data)

    def mark_bad(self, name: str, is_bad: bool) -> None:
        """Note whether the value of *name* is one that its type does not accept."""
        if is_bad:
            self.bad = (self.bad or set()) | {name}
        elif self.bad:
            self.bad.discard(name)


class _Within(weakref.ref[Any]):
    """State of the untouched instances that are embedded in one: the reference to that itself.

    It reads like a `State` in which nothing else was noted, and takes less than half the place of
    one and a reference.  What is read of every instance has slots, which are read faster.
    """

    __slots__ = ("shared", "unset")

    persisted: ClassVar[bool]
    shared: bool
    unset: frozenset[str]

    # By identity: what a reference leads to has no hash, and is equal by value.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def parent(self) -> Any:
        """Return the reference to the owner."""
        return self

    def own(self) -> State:
        """Return a private, writable copy; see `State.own`."""
        return State(persisted=self.persisted, parent=self)


def _within_class(*, persisted: bool) -> type[_Within]:
    """Return the class of such states; objects of it take the owner, and get their slots then."""
    fields = zip(State.__struct_fields__, State.__struct_defaults__, strict=True)
    known = dict(fields) | {"persisted": persisted, "__slots__": ()}
    for name in ("parent", *_Within.__slots__):
        del known[name]
    return type("Within", (_Within,), known)


WITHIN_LOADED: Final = _within_class(persisted=True)
"""Class of the state of what was loaded within an instance."""

WITHIN_NEW: Final = _within_class(persisted=False)
"""Class of the state of what is new within an instance."""


def within(cls: type[_Within], owner: Any) -> State:
    """Return the state of the *cls*, one of the above, of what is embedded in *owner*."""
    made = cls(owner)
    made.shared, made.unset = True, NOTHING
    return cast("State", made)


LOADED: Final = State(persisted=True, shared=True)
"""State of every complete, untouched row."""

NEW: Final = State(shared=True)
"""State of every new instance that was given all it can have, and nothing else."""
