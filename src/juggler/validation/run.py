"""Running rules: those that need no waiting at once, the others together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from juggler.validation.report import Report, room_of
from juggler.validation.rules import NO_OPTIONS, Rule
from juggler.validation.subject import Subject
from juggler.validation.trial import Trial


async def run(
    rules: Sequence[Rule],
    subject: Subject,
    options: Mapping[str, Any] = NO_OPTIONS,
    report: Report | None = None,
) -> Report:
    """Return the report of all *rules* on *subject*.

    Rules without async functions run first, in order, and nothing is awaited for them; then the
    async ones run together.  The messages of a field stand in the order of the rules all the same.
    An exception in a rule ends the run and is raised; other async rules are cancelled.

    Args:
        rules: What to check, in order of declaration.
        subject: What is checked.
        options: Options of the operation that validates; functions of rules get them.
        report: Where failures go; a new report unless given.
    """
    report = report_for(options) if report is None else report
    waiting = _start(rules, subject, options, report)
    if waiting:
        await _together(waiting)
        report._settle()
    return report


def run_sync(
    rules: Sequence[Rule],
    subject: Subject,
    options: Mapping[str, Any] = NO_OPTIONS,
    report: Report | None = None,
) -> Report:
    """Return the report of *rules* that are all sync; see `run`.

    Raises:
        RuntimeError: One of the rules is async.
    """
    slow = [rule for rule in rules if rule.is_async]
    if slow:
        raise _not_sync(slow[0].field)
    report = report_for(options) if report is None else report
    waiting = _start(rules, subject, options, report)
    if waiting:
        _drop(waiting)
        raise _not_sync("")
    return report


def locale_of(options: Mapping[str, Any]) -> str | None:
    """Return the language that the options of an operation ask for, None for none."""
    found = options.get("locale") if options else None
    return found if isinstance(found, str) and found.strip() else None


def report_for(options: Mapping[str, Any]) -> Report:
    """Return an empty report: in the language of *options*, with the room that they give."""
    return Report(locale_of(options), room_of(options))


def _start(
    rules: Sequence[Rule], subject: Subject, options: Mapping[str, Any], report: Report
) -> list[Trial]:
    """Run the rules as far as they go without waiting and return those that are left to await."""
    waiting: list[Trial] = []
    try:
        for place, rule in enumerate(rules):
            report._place = place
            trial = Trial(rule, place, subject, options, report)
            if trial.start():
                waiting.append(trial)
    except BaseException:  # whatever ends the run, nothing may be left unawaited
        _drop(waiting)
        raise
    report._place = len(rules)
    return waiting


async def _together(waiting: Sequence[Trial]) -> None:
    """Finish all; the first exception cancels the others and is raised when they have ended."""
    if len(waiting) == 1:
        await waiting[0].finish()
        return
    tasks = [asyncio.ensure_future(trial.finish()) for trial in waiting]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        _drop(waiting)


def _drop(waiting: Sequence[Trial]) -> None:
    for trial in waiting:
        trial.drop()


def _not_sync(field: str) -> RuntimeError:
    what = f"a rule on {field!r} is async" if field else "a rule returned an awaitable"
    return RuntimeError(f"This validation must not wait, but {what}; use `await is_valid()`.")
