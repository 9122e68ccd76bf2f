"""One rule at work on one subject."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Coroutine, Iterator, Mapping
from inspect import isawaitable
from typing import Any

from msgspec import UNSET

from juggler.validation.checks import (
    CHECKS,
    GOOD,
    LOOKS_FIRST,
    Failures,
    Inner,
    each_item,
    is_blank,
    missing,
)
from juggler.validation.report import Report
from juggler.validation.rules import UNIQUENESS, Rule
from juggler.validation.subject import Subject, value_at
from juggler.validation.words import Words


class Trial:
    """One rule at work on one subject; lives as long as the rule runs.

    ``start`` does what needs no waiting; if it says that something is left, ``finish`` awaits it
    or ``drop`` lets go of it.
    """

    __slots__ = ("conditions", "options", "pending", "place", "report", "rule", "subject", "wanted")

    def __init__(
        self,
        rule: Rule,
        place: int,
        subject: Subject,
        options: Mapping[str, Any],
        report: Report,
    ) -> None:
        self.rule = rule
        self.place = place
        self.subject = subject
        self.options = options
        self.report = report
        self.conditions = _answers(rule, subject)
        self.pending: Any = None
        self.wanted: bool | None = None  # what a pending condition must say; None for the function

    def start(self) -> bool:
        """Run the rule if its conditions allow it; tell whether something is left to await."""
        for answer, wanted in self.conditions:
            if isawaitable(answer):
                self.pending, self.wanted = answer, wanted
                return True
            if bool(answer) is not wanted:
                return False
        return self._check()

    async def finish(self) -> None:
        """Await what ``start`` left, and go on from there."""
        if self.wanted is not None and not (await self._is_allowed() and self._check()):
            return
        is_taken = await self.pending
        self.pending = None
        if is_taken is True and self.rule.asks_store:
            self._found("")

    async def _is_allowed(self) -> bool:
        """Tell whether the pending condition, and those after it, let the rule run."""
        if bool(await self.pending) is not self.wanted:
            return False
        for answer, wanted in self.conditions:
            known = await answer if isawaitable(answer) else answer
            if bool(known) is not wanted:
                return False
        return True

    def drop(self) -> None:
        """Let go of what was left; harmless when it has ended."""
        if isinstance(self.pending, Coroutine):
            self.pending.close()
        elif isinstance(self.pending, Future):
            self.pending.cancel()

    def _check(self) -> bool:
        """Check the value or call the function; tell whether it must be awaited."""
        rule = self.rule
        if rule.function is None:
            value = value_at(self.subject, rule.field)
            if rule.kind == UNIQUENESS:
                if not is_blank(value):
                    self.pending = self.subject.is_taken(rule, value)
                return self.pending is not None
            for failure in failures(rule, value):
                self._found(failure)
            return False
        more = (self.options,) if rule.takes_options else ()
        self.pending = rule.function(self.subject.instance, self.err, *more)
        return isawaitable(self.pending)

    def err(self, failure: object = None) -> None:
        """Report a failure of a custom rule: without kind, of a kind, or (False) without a text."""
        if failure is False:
            self.report.fail()
        else:
            self._found(failure if isinstance(failure, str) else "")

    def _found(self, failure: str | Inner) -> None:
        rule, field = self.rule, self.rule.field
        if isinstance(failure, Inner):
            field, kind = f"{field}.{failure.path}", failure.kind
        else:
            kind = failure
        report, code = self.report, rule.code_of(kind)
        if not report._is_counted(field, code):
            words = Words(self.subject, report.locale)
            report._put(self.place, field, words.of_rule(rule, kind, field), code)


def _answers(rule: Rule, subject: Subject) -> Iterator[tuple[Any, bool]]:
    """Yield what each condition says, asked one after the other, and what lets the rule run."""
    if rule.if_ is not None:
        yield _answer(rule.if_, subject), True
    if rule.unless is not None:
        yield _answer(rule.unless, subject), False


def _answer(condition: Callable[[Any], Any] | str, subject: Subject) -> Any:
    """Return what *condition* says; a property that was never given says yes."""
    if not isinstance(condition, str):
        return condition(subject.instance)
    method = subject.method(condition)
    if method is not None:
        return method()
    value = value_at(subject, condition)
    return True if value is UNSET else value


def failures(rule: Rule, value: Any) -> Failures:
    """Return what a rule that is no function finds wrong with *value*."""
    found = _looked(rule, value)
    if found is not None:
        return found
    check = CHECKS[rule.kind]
    if rule.each:
        return each_item(lambda item: check(item, rule.options), value, rule.each)
    return check(value, rule.options)


def _looked(rule: Rule, value: Any) -> Failures | None:
    """Return what a rule that looks first whether there is a value finds; None if there is one."""
    if rule.optional:
        return GOOD if value is None or value is UNSET else None
    if rule.each or rule.kind not in LOOKS_FIRST:
        return None
    return missing(value, allow_blank=rule.allow_blank, allow_null=rule.allow_null)
