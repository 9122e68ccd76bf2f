"""What belongs to one model alone: observers of its operations and its own validation rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from juggler.connectors.observing import ObserverTable
from juggler.models.listening import Listeners
from juggler.validation.rules import Rule, add_rules

GETTERS: Final = "getters"
SETTERS: Final = "setters"
MEMBERS: Final = "members"
STATICS: Final = "statics"
KINDS: Final = (GETTERS, SETTERS, MEMBERS, STATICS)
"""What instances, or the model itself in the last case, have by name."""

NO_EXTRAS: Final[Mapping[str, Any]] = MappingProxyType({})


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


class Behaviour(ObserverTable):
    """All that was added to one model: observers, rules, accessors, methods, listeners, last calls.

    It is made when the first of them is added.

    The tuples are replaced, never changed, so whoever iterates over one sees a snapshot.
    """

    __slots__ = ("_counted", "disposers", "extras", "listeners", "mixed", "removals", "rules")

    def __init__(self) -> None:
        super().__init__()
        self.rules: tuple[Rule, ...] = ()
        self.removals: tuple[Removal, ...] = ()
        self._counted: tuple[Any, ...] = (None, None, None, ())
        self.disposers: tuple[Callable[[], Any], ...] = ()
        self.extras: Mapping[str, Mapping[str, Any]] | None = None
        self.listeners: Listeners | None = None
        self.mixed: tuple[Any, ...] = ()

    def add_extra(self, kind: str, name: str, found: Any) -> None:
        """Add something of one *kind* to what instances, or the model, have by name."""
        extras = self.extras or dict.fromkeys(KINDS, NO_EXTRAS)
        self.extras = {**extras, kind: {**extras[kind], name: found}}

    def remove_extra(self, kind: str, name: str) -> None:
        """Take away what was added.

        Raises:
            KeyError: There is nothing of that kind and name.
        """
        kept = dict((self.extras or {}).get(kind, NO_EXTRAS))
        del kept[name]
        self.extras = {**(self.extras or {}), kind: kept}

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
