"""Validating instances: rules of definition and model, bad values, unknown keys, embedded ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any, Final

from juggler.errors import ConnectorDetachedError, ValidationError
from juggler.messages.messages import Messages
from juggler.models.instances import values
from juggler.models.instances.nesting import bad_paths
from juggler.models.validating.asked import ALL, Asked, IsTaken, chosen
from juggler.models.validating.inside import Inside, Kind, embedded_in
from juggler.models.validating.rules import rules_of
from juggler.models.validating.shown import shown_at
from juggler.models.validating.speaking import messages_of
from juggler.validation.report import Report, use_room, validation_error
from juggler.validation.rules import NO_OPTIONS, Rule
from juggler.validation.run import report_for, run, run_sync
from juggler.validation.subject import value_at
from juggler.validation.words import Words

_UNKNOWN: Final = "unknown-property"


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

    An exception in a rule is raised.  An embedded instance has a report where it breaks a rule, or
    had one before.

    Args:
        instance: What is validated.
        options: Options of the operation that validates; functions of rules get them.
        asked: What is looked at.
    """
    report = report_for(options)
    rules = _begun(instance, report, asked, _rules(instance, asked))
    if rules:
        await run(rules, InstanceSubject(instance, asked.is_taken), options, report)
    if instance._shape.nested:
        await _look_inside(instance, report, asked.only, Inside(options, asked))
    use_room(options, report)
    return report


async def _look_inside(
    instance: Any, report: Report, only: Collection[str] | None, inside: Inside
) -> None:
    """Add to *report* what is wrong with what is embedded in *instance*, under the names *only*."""
    for inner, kind, found, rules in _closer(instance, report, only, inside):
        if rules:
            await run(rules, InstanceSubject(inner), inside.options, found)
        if not kind.is_leaf:
            await _look_inside(inner, found, None, inside)


def validate_sync(
    instance: Any, options: Mapping[str, Any] = NO_OPTIONS, asked: Asked = ALL
) -> Report:
    """Validate *instance* without waiting; see `validate`.

    Raises:
        RuntimeError: A rule is async, of the model or of one that is embedded.
    """
    report = report_for(options)
    rules = _begun(instance, report, asked, _rules(instance, asked))
    if rules:
        run_sync(rules, InstanceSubject(instance), options, report)
    if instance._shape.nested:
        _look_inside_sync(instance, report, asked.only, Inside(options, asked))
    use_room(options, report)
    return report


def _look_inside_sync(
    instance: Any, report: Report, only: Collection[str] | None, inside: Inside
) -> None:
    """Do what `_look_inside` does without waiting."""
    for inner, kind, found, rules in _closer(instance, report, only, inside):
        if rules:
            run_sync(rules, InstanceSubject(inner), inside.options, found)
        if not kind.is_leaf:
            _look_inside_sync(inner, found, None, inside)


def _closer(
    instance: Any, report: Report, only: Collection[str] | None, inside: Inside
) -> Iterator[tuple[Any, Kind, Report, tuple[Rule, ...]]]:
    """Yield what is embedded in *instance*, unless it is surely good: it, its kind, report, rules.

    What its report says when the next one is asked for goes into that of *instance*.
    """
    for path, inner in embedded_in(instance, only):
        kind = inside.kind_of(inner)
        is_good = kind.is_good(inner)
        if is_good and kind.is_leaf:
            continue
        found = Report(inside.locale, report.room)
        yield inner, kind, found, () if is_good else _begun(inner, found, kind.asked, kind.rules)
        _hand_up(path, inner, found, report)


def _hand_up(path: str, inner: Any, found: Report, report: Report) -> None:
    """Add to the *report* of an owner what was *found* on *inner*, which bears it too."""
    if found:
        if inner._state.errors is not found:
            values.owned(inner).errors = found
        report._take_over(path, found)


def _rules(instance: Any, asked: Asked) -> tuple[Rule, ...]:
    """Return the rules that count for *instance* itself."""
    rules = rules_of(instance._model)
    return rules if asked is ALL else chosen(rules, asked)


def _begun(
    instance: Any, report: Report, asked: Asked, rules: tuple[Rule, ...]
) -> tuple[Rule, ...]:
    """Report what needs no rule to be found, and return those of *rules* that are to run."""
    state = values.owned(instance)
    state.errors = report
    if state.unknown:
        words = Words(InstanceSubject(instance), report.locale)
        for name in state.unknown:
            if not report._is_counted(name, _UNKNOWN):
                text = words.of_key(_UNKNOWN, name, "is not defined in the model")
                report.add(name, text, _UNKNOWN)
    if state.bad:
        checked = {rule.field for rule in asked.more}
        _add_bad(instance, asked.only, report, checked)
        rules = tuple(rule for rule in rules if not _is_pointless(rule, state.bad))
    return rules


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
                if report._is_counted(path, kind.bad_code):
                    continue
                text = words.of_key(kind.bad_code, path, kind.bad_message)
                report.add(path, text, kind.bad_code)


def error_of(instance: Any) -> ValidationError:
    """Return the error that tells what the last validation of *instance* found."""
    report = instance.errors
    return validation_error(Report() if report is None else report, InstanceSubject(instance))
