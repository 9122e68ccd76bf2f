"""Whether and what an operation validates."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any, Final

from juggler.errors import ConnectorDetachedError
from juggler.models.binding import Source
from juggler.models.instances import values
from juggler.models.validating.asked import ALL, Asked
from juggler.models.validating.objectids import knows_object_ids, object_id_rules
from juggler.models.validating.quick import is_surely_valid, quick_test
from juggler.models.validating.taken import uniqueness_rules
from juggler.models.validating.validate import error_of, validate, validate_sync
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.rows import copy_of
from juggler.persistence.uniqueness import Claims, is_taken
from juggler.validation.report import Report
from juggler.validation.rules import Rule
from juggler.validation.run import locale_of

_SETTINGS: Final = {
    "upsert": ("validate_upsert", True),
    "update_all": ("validate_update", False),
}
"""Operation -> its own model setting, and what happens where nothing is said."""
_ALWAYS: Final = (None, True)


def is_validating(op: Operation) -> bool:
    """Tell whether the call validates: its options say, else the model's settings."""
    own, usual = _SETTINGS.get(op.name, _ALWAYS)
    settings, options = op.info.settings, op.options
    if not settings and not options:
        return usual
    given = options.get("validate")
    if given is None:
        given = None if own is None else settings.get(own)
        given = settings.get("automatic_validation") if given is None else given
    return usual if given is None else bool(given)


async def check(
    op: Operation,
    instance: Any,
    *,
    only: Collection[str] | None = None,
    blame: Any = None,
    claims: Claims | None = None,
) -> None:
    """Validate *instance*, if the call validates.

    Args:
        op: The call.
        instance: What is validated.
        only: Names whose rules count; all unless given.
        blame: The instance that bears the report where *instance* is a copy made to try things.
        claims: Unique values of other items of the same list; those of *instance* are added.

    Raises:
        ValidationError: It breaks a rule.
    """
    bearer = instance if blame is None else blame
    if passes(op, instance, bearer):
        return
    report = await _found(op, instance, _asked(op, instance, only, claims), claims)
    values.owned(bearer).errors = report
    if report:
        error = error_of(instance)
        error.tenant = op.tenant
        error.instance = bearer
        raise error


def passes(op: Operation, instance: Any, bearer: Any) -> bool:
    """Tell whether *instance* needs no further look: the call does not validate, or it is valid.

    Args:
        op: The call.
        instance: What is validated.
        bearer: The instance that bears the report.
    """
    if not is_validating(op):
        return True
    op.checked = bearer
    if not is_surely_valid(instance):
        return False
    if bearer._state.errors is not None:
        values.owned(bearer).errors = Report(locale_of(op.options))
    return True


async def check_all(calls: Sequence[Operation], instances: Sequence[Any], claims: Claims) -> None:
    """Validate new *instances* one after the other, each in its call; see `check`."""
    model = calls[0].model
    is_valid = quick_test(model)
    for call, instance in zip(calls, instances, strict=True):
        # What nobody has written to has no report yet that would have to be renewed.
        is_usual = instance._model is model and instance._state.shared
        if is_valid is None or not is_usual or not is_valid(instance):
            await check(call, instance, claims=claims)


async def _found(op: Operation, instance: Any, asked: Asked, claims: Claims | None) -> Report:
    """Return what a validation finds; a valid *instance* takes its unique values at once."""
    if claims is None:
        return await validate(instance, op.options, asked)
    async with claims.turn:
        report = await validate(instance, op.options, asked)
        if not report:
            claims.take(instance)
    return report


def _asked(
    op: Operation, instance: Any, only: Collection[str] | None, claims: Claims | None = None
) -> Asked:
    """Return what a validation within a call looks at."""

    def taken(rule: Rule, value: Any) -> Awaitable[bool]:
        return is_taken(op, instance, rule, value, claims)

    return Asked(only, _rules_of_store(op.source, op.model, op.options), taken)


def _rules_of_store(source: Source, model: Any, options: Mapping[str, Any]) -> tuple[Rule, ...]:
    """Return the rules that the store brings: on object ids, where it knows these."""
    rules = object_id_rules(model.info)
    if not rules or not knows_object_ids(source):
        return ()
    for settings in (options, model.settings, source.settings):
        wanted = settings.get("validate_object_ids")
        if wanted is not None:
            return rules if wanted else ()
    return rules


def _without_call(instance: Any, options: Mapping[str, Any]) -> Asked:
    """Return what a validation looks at that asks no store."""
    model = instance._model
    if not object_id_rules(model.info):
        return ALL
    try:
        source = instance._state.source or model.data_source
    except ConnectorDetachedError:  # no store, so none of its rules
        return ALL
    return Asked(more=_rules_of_store(source, model, options))


async def is_valid(instance: Any, data: Any = None, options: Any = None) -> bool:
    """Validate *instance*, or what it would be with *data* on it, and tell whether it is valid."""
    tried = _tried(instance, data)
    model = instance._model
    if uniqueness_rules(model):
        async with begin(model, "is_valid", options, target=lambda: tried, instance=instance) as op:
            report = await validate(tried, op.options, _asked(op, tried, None))
    else:
        report = await validate(tried, options or {}, _without_call(instance, options or {}))
    values.owned(instance).errors = report
    return not report


def is_valid_sync(instance: Any, data: Any = None, options: Any = None) -> bool:
    """Validate without waiting; see `is_valid`.

    Raises:
        RuntimeError: A rule is async, or asks the store.
    """
    tried = _tried(instance, data)
    report = validate_sync(tried, options or {}, _without_call(instance, options or {}))
    values.owned(instance).errors = report
    return not report


def _tried(instance: Any, data: Any) -> Any:
    """Return *instance*, or a copy of it with *data* on it."""
    if not data:
        return instance
    tried = copy_of(instance)
    tried.from_object(data)
    return tried
