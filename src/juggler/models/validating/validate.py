"""Validating instances: rules of definition and model, bad values, unknown keys, embedded ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from juggler.errors import ConnectorDetachedError, ValidationError
from juggler.messages.messages import Messages
from juggler.models.instances import values
from juggler.models.instances.nesting import bad_paths
from juggler.models.validating.implied import is_about_new_records
from juggler.models.validating.objectids import object_id_rules
from juggler.models.validating.rules import rules_of
from juggler.models.validating.shown import shown_at
from juggler.models.validating.speaking import messages_of
from juggler.validation.report import Report, validation_error
from juggler.validation.rules import NO_OPTIONS, Rule
from juggler.validation.run import locale_of, run, run_sync
from juggler.validation.subject import value_at
from juggler.validation.words import Words

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


ALL = Asked()
EMBEDDED = Asked(embedded=True)


class InstanceSubject:
    """An instance as validation rules see it."""

    __slots__ = ("_is_taken", "instance")

    def __init__(self, instance: Any, is_taken: IsTaken | None = None) -> None:
        self.instance = instance
        self._is_taken = is_taken

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        name: str = self.instance._model.model_name
        return name

    @property
    def messages(self) -> Messages:
        """Return the messages of the registry that the model is in."""
        return messages_of(self.instance._model)

    def get(self, name: str) -> Any:
        """Return the value called *name* as the model's getters show it, UNSET for none."""
        return values.read(self.instance, name)

    def method(self, name: str) -> Callable[[], Any] | None:
        """Return a method of the instance, ready to call, or None."""
        if name in self.instance._plans:
            return None
        found = getattr(self.instance, name, None)
        return found if callable(found) else None

    def shown(self, field: str) -> Any:
        """Return the value at *field* as messages may show it."""
        return shown_at(self.instance, field)

    def is_taken(self, rule: Rule, value: Any) -> Awaitable[bool]:
        """Tell whether another record has *value*.

        Raises:
            ConnectorDetachedError: There is no store to ask.
        """
        if self._is_taken is None:
            raise ConnectorDetachedError(
                f"The uniqueness of {self.model_name}.{rule.field} is asked of a store, and this "
                "validation has none.",
                model=self.model_name,
                property=rule.field,
            )
        if self.instance._getters:  # the store knows what is stored
            value = value_at(StoredSubject(self.instance), rule.field)
        return self._is_taken(rule, value)


class StoredSubject(InstanceSubject):
    """An instance as the store will have it, whatever getters the model has."""

    __slots__ = ()

    def get(self, name: str) -> Any:
        """Return the stored value called *name*, UNSET where there is none."""
        return values.raw(self.instance, name)


async def validate(
    instance: Any, options: Mapping[str, Any] = NO_OPTIONS, asked: Asked = ALL
) -> Report:
    """Validate *instance* and return the report, which also stands at ``instance.errors``.

    An exception in a rule is raised.

    Args:
        instance: What is validated.
        options: Options of the operation that validates; functions of rules get them.
        asked: What is looked at.
    """
    report, rules = _begun(instance, options, asked)
    if rules:
        await run(rules, InstanceSubject(instance, asked.is_taken), options, report)
    if instance._shape.nested:
        for path, inner in embedded_in(instance, asked.only):
            _take_over(path, await validate(inner, options, _within(inner, asked)), report)
    return report


def validate_sync(
    instance: Any, options: Mapping[str, Any] = NO_OPTIONS, asked: Asked = ALL
) -> Report:
    """Validate *instance* without waiting; see `validate`.

    Raises:
        RuntimeError: A rule is async, of the model or of one that is embedded.
    """
    report, rules = _begun(instance, options, asked)
    if rules:
        run_sync(rules, InstanceSubject(instance), options, report)
    for path, inner in embedded_in(instance, asked.only):
        _take_over(path, validate_sync(inner, options, _within(inner, asked)), report)
    return report


def _begun(
    instance: Any, options: Mapping[str, Any], asked: Asked
) -> tuple[Report, tuple[Rule, ...]]:
    """Return a report of what needs no rule, and the rules that are to run."""
    report = Report(locale_of(options))
    state = values.owned(instance)
    state.errors = report
    rules = rules_of(instance._model)
    if asked is not ALL:
        rules = _chosen(rules, asked)
    if state.unknown:
        words = Words(InstanceSubject(instance), report.locale)
        for name in state.unknown:
            text = words.of_key("unknown-property", name, "is not defined in the model")
            report.add(name, text, "unknown-property")
    if state.bad:
        checked = {rule.field for rule in asked.more}
        _add_bad(instance, asked.only, report, checked)
        rules = tuple(rule for rule in rules if not _is_pointless(rule, state.bad))
    return report, rules


def _within(inner: Any, asked: Asked) -> Asked:
    """Return what is looked at in an embedded instance: all, and the same rules of the store."""
    if not (asked.more or asked.at_once):
        return EMBEDDED
    more = object_id_rules(inner._model.info) if asked.more else ()
    return Asked(more=more, embedded=True, at_once=asked.at_once)


def _chosen(rules: tuple[Rule, ...], asked: Asked) -> tuple[Rule, ...]:
    """Return the rules that count."""
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


def _is_pointless(rule: Rule, bad: Collection[str]) -> bool:
    """Tell whether *rule* asks about a value that its type refused already."""
    return (rule.optional or rule.asks_store) and rule.field.partition(".")[0] in bad


def _add_bad(
    instance: Any, only: Collection[str] | None, report: Report, checked: Collection[str]
) -> None:
    """Report the values that their types refuse, in the order of the properties.

    Those that a rule of the store has *checked* are left to it.
    """
    words = Words(InstanceSubject(instance), report.locale)
    for name, plan in instance._plans.items():
        if name in instance._state.bad and (only is None or name in only) and name not in checked:
            kind = plan.property.type
            for path in bad_paths(instance, plan):
                text = words.of_key(kind.bad_code, path, kind.bad_message)
                report.add(path, text, kind.bad_code)


def _take_over(path: str, found: Report, report: Report) -> None:
    """Report what was *found* on an embedded instance, under dotted paths."""
    if not found:
        return
    codes = found.codes
    if not codes:
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
    report = instance.errors
    return validation_error(Report() if report is None else report, InstanceSubject(instance))
