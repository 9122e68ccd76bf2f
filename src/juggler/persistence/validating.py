"""Whether and what an operation validates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from juggler.models import values
from juggler.models.validate import error_of, validate
from juggler.persistence.operation import Operation
from juggler.persistence.rows import copy_of

_SETTINGS: Final = {
    "upsert": ("validate_upsert", True),
    "update_all": ("validate_update", False),
}
"""Operation -> its own model setting, and what happens where nothing is said."""


def is_validating(op: Operation) -> bool:
    """Tell whether the call validates: its options say, else the model's settings."""
    given = op.options.get("validate") if op.options else None
    own, usual = _SETTINGS.get(op.name, (None, True))
    for setting in (own, "automatic_validation"):
        if given is None and setting is not None:
            given = op.info.settings.get(setting)
    return usual if given is None else bool(given)


async def check(
    op: Operation, instance: Any, *, only: Collection[str] | None = None, blame: Any = None
) -> None:
    """Validate *instance*, if the call validates.

    Args:
        op: The call.
        instance: What is validated.
        only: Names whose rules count; all unless given.
        blame: The instance that bears the report where *instance* is a copy made to try things.

    Raises:
        ValidationError: It breaks a rule.
    """
    if not is_validating(op):
        return
    report = await validate(instance, op.options, only=only)
    if blame is not None:
        values.owned(blame).errors = report
    if report:
        error = error_of(instance)
        error.tenant = op.tenant
        error.instance = instance if blame is None else blame
        raise error


async def is_valid(instance: Any, data: Any = None, options: Any = None) -> bool:
    """Validate *instance*, or what it would be with *data* on it, and tell whether it is valid."""
    tried = instance
    if data:
        tried = copy_of(instance)
        tried.from_object(data)
    report = await validate(tried, options or {})
    values.owned(instance).errors = report
    return not report
