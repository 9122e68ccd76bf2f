"""Patterns of rules, which may come from tenants: searched in bounded time."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from threading import Lock
from types import MappingProxyType

from juggler.errors import DefinitionError
from juggler.query.backtracking import cost_of
from juggler.query.patterns import STEPS, TextTooLongError, regexp_test, trouble_of
from juggler.types.coerced import shown
from juggler.validation.rules import Rule


class BoundedPattern:
    """A pattern whose search takes bounded time.

    The time follows the length of the text where the pattern allows it; else texts that are too
    long for it have no match.  Equal to the pattern that it stands for.  Safe from several threads.

    Attributes:
        pattern: Text of the pattern.
    """

    __slots__ = ("_lock", "_of", "_quick", "_test", "pattern")

    def __init__(self, of: re.Pattern[str]) -> None:
        self.pattern = of.pattern
        self._of = of
        self._quick = cost_of(of).longest(STEPS)
        self._test: Callable[[str], object] | None = None
        self._lock = Lock()

    def search(self, text: str) -> object:
        """Return something true if the pattern is found in *text*."""
        if len(text) <= self._quick:
            return self._of.search(text)
        with self._lock:
            if self._test is None:
                self._test = regexp_test(self._of, bounded=True)
            try:
                return self._test(text)
            except TextTooLongError:
                return None

    def __eq__(self, other: object) -> bool:
        return self._of == (other._of if isinstance(other, BoundedPattern) else other)

    def __hash__(self) -> int:
        return hash(self._of)

    def __repr__(self) -> str:
        return repr(self._of)


def bounded(rule: Rule) -> Rule:
    """Return *rule*, with its pattern bounded if its time could grow faster than a text.

    Raises:
        DefinitionError: The pattern could take time without end.
    """
    wanted = rule.options.get("with")
    if not isinstance(wanted, re.Pattern):
        return rule
    cost = cost_of(wanted)
    if cost.power == 1 and not cost.trouble:
        return rule
    trouble = trouble_of(wanted)
    if trouble:
        raise DefinitionError(
            f"{rule.field}: the pattern {shown(wanted.pattern)} could take time without end: "
            f"{trouble}; write it more simply, or without references to its groups.",
            property=rule.field,
            value=wanted.pattern,
        )
    options = MappingProxyType({**rule.options, "with": BoundedPattern(wanted)})
    return dataclasses.replace(rule, options=options)
