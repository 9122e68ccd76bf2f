"""What belongs to one model alone: observers of its operations and its own validation rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from juggler.validation.rules import Rule, add_rules

Observe = Callable[[Any], Awaitable[None] | None]


class Behaviour:
    """Observers, rules and last calls of one model; made when the first of them is added.

    The tuples are replaced, never changed, so whoever iterates over one sees a snapshot.
    """

    __slots__ = ("disposers", "observers", "rules")

    def __init__(self) -> None:
        self.observers: dict[str, tuple[Observe, ...]] = {}
        self.rules: tuple[Rule, ...] = ()
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

    def add_rule(self, rule: Rule) -> None:
        """Add a validation rule; an identical one stays the only one."""
        self.rules = add_rules(self.rules, rule)
