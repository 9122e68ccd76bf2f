"""Validation rules that follow from a definition itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.validation.rules import Rule, add_rules, by_function, declare, from_setting


def implied_rules(definition: Definition) -> tuple[Rule, ...]:
    """Return the rules of ``required``, ``length``, ``force_id`` and ``validations``."""
    rules: tuple[Rule, ...] = ()
    for item in definition.shape:
        rules = add_rules(rules, *_of_property(item))
    if definition.force_id:
        for name in definition.shape.ids:
            rules = add_rules(rules, _absent_when_new(name))
    entries = definition.settings.get("validations") or ()
    return add_rules(rules, *(from_setting(entry) for entry in entries if entry))


def _of_property(item: Property) -> list[Rule]:
    """Return the rules that one property implies."""
    rules: list[Rule] = []
    if item.required:
        options = item.required if isinstance(item.required, Mapping) else {}
        rules += declare("presence", item.name, **options)
    if item.length is not None:
        rules += declare("length", item.name, max=item.length, allow_blank=True, allow_null=True)
    return rules


def _absent_when_new(name: str) -> Rule:
    """Return the rule that nobody may choose the id of a new record."""
    return by_function("absence", name, _AbsentWhenNew(name), message="can't be set")


def is_about_new_records(rule: Rule) -> bool:
    """Tell whether *rule* is about the id of a new record, which an embedded value never is."""
    return isinstance(rule.function, _AbsentWhenNew)


class _AbsentWhenNew:
    """Fails for a new record that carries an id; equal for equal names."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, instance: Any, err: Any) -> None:
        if instance.is_new_record() and instance.get(self.name) is not None:
            err()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AbsentWhenNew) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)
