"""What a validation is to look at, and the rules that count for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final, NamedTuple

from juggler.models.validating.implied import is_about_new_records
from juggler.validation.rules import Rule

IsTaken = Callable[[Rule, Any], Awaitable[bool]]


class Asked(NamedTuple):
    """What a validation is to look at, beside the rules of the model.

    Attributes:
        only: Names whose rules count; all for None.
        more: Rules that the store brings.
        is_taken: Asks the store whether another record has a value; None where there is no store.
        embedded: It is a value of another record: rules about records of their own do not count.
        at_once: Rules that have to wait, or to ask the store, do not count.
    """

    only: Collection[str] | None = None
    more: tuple[Rule, ...] = ()
    is_taken: IsTaken | None = None
    embedded: bool = False
    at_once: bool = False


ALL: Final = Asked()
EMBEDDED: Final = Asked(embedded=True)


def chosen(rules: tuple[Rule, ...], asked: Asked) -> tuple[Rule, ...]:
    """Return those of *rules* that count, and those that the store brings."""
    only = asked.only
    if asked.more:
        rules = (*rules, *asked.more)
    if only is not None:
        rules = tuple(rule for rule in rules if rule.field.partition(".")[0] in only)
    if asked.embedded and rules:
        rules = tuple(rule for rule in rules if not _is_about_records(rule))
    if asked.at_once:
        rules = tuple(rule for rule in rules if not (rule.is_async or rule.asks_store))
    return rules


def _is_about_records(rule: Rule) -> bool:
    """Tell whether *rule* is about records of their own, which embedded values are not."""
    return rule.asks_store or is_about_new_records(rule)
