"""Values that only one record may have: the rules, and the indexes that stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import DuplicateEntryError, ValidationError
from juggler.models.instances import values
from juggler.models.validating.rules import rules_of
from juggler.models.validating.validate import InstanceSubject
from juggler.validation.report import Report, validation_error
from juggler.validation.rules import UNIQUENESS, Rule
from juggler.validation.run import locale_of
from juggler.validation.words import Words


def uniqueness_rules(model: Any) -> list[Rule]:
    """Return the rules of *model* that ask a store."""
    return [rule for rule in rules_of(model) if rule.kind == UNIQUENESS and rule.asks_store]


def scoped_to(rule: Rule) -> tuple[str, ...]:
    """Return the names of what has to be equal too for a value to be taken."""
    names: tuple[str, ...] = rule.options.get("scoped_to", ())
    return names


def as_validation(
    error: DuplicateEntryError, instance: Any, options: Mapping[str, Any]
) -> ValidationError | None:
    """Return the error of the uniqueness rule that a violated index stands for; None for none.

    Args:
        error: What the store raised; its ``fields`` are those of the index.
        instance: What was validated, and bears the report.
        options: Options of the operation.
    """
    fields = set(error.fields)
    for rule in uniqueness_rules(instance._model):
        if {rule.field, *scoped_to(rule)} == fields:
            report = values.owned(instance).errors = Report(locale_of(options))
            subject = InstanceSubject(instance)
            text = Words(subject, report.locale).of_rule(rule, "", rule.field)
            report.add(rule.field, text, rule.code_of())
            return validation_error(report, subject)
    return None
