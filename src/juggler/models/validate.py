"""Validating instances: rules of definition and model, bad values, unknown keys, embedded ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from juggler.errors import ValidationError
from juggler.models import dump, values
from juggler.models.implied import is_about_new_records
from juggler.validation.report import Report, validation_error
from juggler.validation.rules import NO_OPTIONS, Rule
from juggler.validation.run import run


class InstanceSubject:
    """An instance as validation rules see it."""

    __slots__ = ("instance",)

    def __init__(self, instance: Any) -> None:
        self.instance = instance

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        name: str = self.instance._model.model_name
        return name

    def get(self, name: str) -> Any:
        """Return the value called *name*, UNSET where there is none."""
        return values.raw(self.instance, name)

    def method(self, name: str) -> Callable[[], Any] | None:
        """Return a method of the instance, ready to call, or None."""
        if name in self.instance._plans:
            return None
        found = getattr(self.instance, name, None)
        return found if callable(found) else None

    def to_json(self) -> Mapping[str, Any]:
        """Return the JSON output without what messages must not show."""
        return dump.to_json(self.instance, nested=True)


def rules_of(model: Any) -> tuple[Rule, ...]:
    """Return all rules of *model*: implied ones, those added to its bases, its own."""
    rules: tuple[Rule, ...] = model._blueprint.rules
    added: list[tuple[Rule, ...]] = []
    while model is not None:
        if model._behaviour is not None and model._behaviour.rules:
            added.insert(0, model._behaviour.rules)
        model = model._base
    for more in added:
        rules += more
    return rules


async def validate(
    instance: Any,
    options: Mapping[str, Any] = NO_OPTIONS,
    *,
    only: Collection[str] | None = None,
    embedded: bool = False,
) -> Report:
    """Validate *instance* and return the report, which also stands at ``instance.errors``.

    An exception in a rule is raised.

    Args:
        instance: What is validated.
        options: Options of the operation that validates; functions of rules get them.
        only: Names whose rules count; all unless given.
        embedded: It is a value of another record, so rules about new records do not count.
    """
    report = Report()
    state = values.owned(instance)
    state.errors = report
    for name in state.unknown or ():
        report.add(name, "is not defined in the model", "unknown-property")
    _add_bad(instance, only, report)
    rules = _chosen(rules_of(instance._model), only)
    if embedded:
        rules = tuple(rule for rule in rules if not is_about_new_records(rule))
    if rules:
        await run(rules, InstanceSubject(instance), options, report)
    for path, inner in embedded_in(instance, only):
        _take_over(path, await validate(inner, options, embedded=True), report)
    return report


def _chosen(rules: tuple[Rule, ...], only: Collection[str] | None) -> tuple[Rule, ...]:
    """Return the rules on the names *only*, all rules for None."""
    if only is None:
        return rules
    return tuple(rule for rule in rules if rule.field.partition(".")[0] in only)


def _add_bad(instance: Any, only: Collection[str] | None, report: Report) -> None:
    """Report the values that their types refuse, in the order of the properties."""
    bad = instance._state.bad
    for name, plan in instance._plans.items() if bad else ():
        if name in bad and (only is None or name in only):
            kind = plan.property.type
            report.add(name, kind.bad_message, kind.bad_code)


def _take_over(path: str, found: Report, report: Report) -> None:
    """Report what was *found* on an embedded instance, under dotted paths."""
    codes = found.codes
    if found and not codes:
        report.fail()
    for field, texts in found.messages.items():
        for text, code in zip(texts, codes[field], strict=True):
            report.add(f"{path}.{field}", text, code)


def embedded_in(instance: Any, only: Collection[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield path and instance of all that is embedded (under the names *only*), in lists too."""
    for name in instance._shape.nested:
        if only is None or name in only:
            yield from _inside(name, values.raw(instance, name))


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(value, "_plans"):
        yield path, value
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _inside(f"{path}.{at}", item)


def error_of(instance: Any) -> ValidationError:
    """Return the error that tells what the last validation of *instance* found."""
    return validation_error(instance.errors, InstanceSubject(instance))
