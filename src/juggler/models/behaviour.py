"""What belongs to one model alone: observers of its operations and its own validation rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from juggler.validation.rules import Rule, add_rules

Observe = Callable[[Any], Awaitable[None] | None]


class Removal(NamedTuple):
    """Rules that a model does not take over from its definition and its bases.

    Attributes:
        field: The field that they are on; None for all.
        kind: Their kind, or the code that they were given; None for all.
    """

    field: str | None = None
    kind: str | None = None

    def fits(self, rule: Rule) -> bool:
        """Tell whether *rule* is one of them."""
        is_field = self.field is None or self.field == rule.field
        return is_field and (self.kind is None or self.kind in {rule.kind, rule.code})


class Behaviour:
    """Observers, rules and last calls of one model; made when the first of them is added.

    The tuples are replaced, never changed, so whoever iterates over one sees a snapshot.
    """

    __slots__ = ("_counted", "disposers", "observers", "removals", "rules")

    def __init__(self) -> None:
        self.observers: dict[str, tuple[Observe, ...]] = {}
        self.rules: tuple[Rule, ...] = ()
        self.removals: tuple[Removal, ...] = ()
        self._counted: tuple[Any, ...] = (None, None, None, ())
        self.disposers: tuple[Callable[[], Any], ...] = ()

    def observe(self, operation: str, observer: Observe) -> None:
        """Append an observer of *operation*."""
        self.observers[operation] = (*self.observers.get(operation, ()), observer)

    def remove_observer(self, operation: str, observer: Observe) -> None:
        """Remove one registration of *observer*; no error if there is none."""
        rest = list(self.observers.get(operation, ()))
        if observer in rest:
            rest.remove(observer)
        self._keep(operation, tuple(rest))

    def clear_observers(self, operation: str) -> None:
        """Remove all observers of *operation*."""
        self._keep(operation, ())

    def _keep(self, operation: str, observers: tuple[Observe, ...]) -> None:
        """Store what is left; an empty entry is dropped, so that `observers` tells the truth."""
        if observers:
            self.observers[operation] = observers
        else:
            self.observers.pop(operation, None)

    def remove_rules(self, removal: Removal) -> None:
        """Remove own rules, and keep those of definition and bases from counting."""
        self.rules = tuple(rule for rule in self.rules if not removal.fits(rule))
        if removal not in self.removals:
            self.removals = (*self.removals, removal)

    def with_own(self, others: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """Return what counts of the rules of definition and bases, and the own ones."""
        removals, own = self.removals, self.rules
        known = self._counted
        if known[0] is others and known[1] is removals and known[2] is own:
            found: tuple[Rule, ...] = known[3]
            return found
        left = [rule for rule in others if not any(each.fits(rule) for each in removals)]
        found = add_rules(tuple(left), *own)
        self._counted = (others, removals, own, found)
        return found

    def add_rule(self, rule: Rule) -> None:
        """Add a validation rule; an identical one stays the only one."""
        self.rules = add_rules(self.rules, rule)
