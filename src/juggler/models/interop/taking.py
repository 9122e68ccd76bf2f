"""Client data -> a checked instance, for libraries that cannot wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import InvalidValueError, ValidationError
from juggler.models.validating.asked import Asked
from juggler.models.validating.validate import error_of, validate_sync
from juggler.validation.report import Report

_AT_ONCE = Asked(at_once=True)


def taken(model: Any, data: Any) -> Any:
    """Return *data* as an instance of *model* that keeps the rules which need no waiting.

    Async rules and those that ask the store are left to the operation that stores the record.

    Args:
        model: The model.
        data: An instance, which is returned as it is, or a mapping.

    Raises:
        TypeError: It is neither.
        ValidationError: A rule is broken.
        InvalidValueError: A value had to be refused at once.
    """
    if isinstance(data, model):
        return data
    if not isinstance(data, Mapping):
        raise TypeError(f"{model.model_name} is made of a mapping, not of {type(data).__name__}.")
    instance = model.build(data)
    if validate_sync(instance, asked=_AT_ONCE):
        raise error_of(instance)
    return instance


def complaints(
    error: ValidationError | InvalidValueError,
) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return path, code and text of everything that *error* tells."""
    if isinstance(error, InvalidValueError):
        whole = () if error.property is None else (error.property,)  # a name, dots and all
        path = whole if error.path is None else _steps(error.path)
        return [(path, error.code.lower(), error.message)]
    report: Report = error.instance.errors
    codes = report.codes
    return [
        (_steps(field), code, text)
        for field, texts in report.messages.items()
        for code, text in zip(codes[field], texts, strict=True)
    ]


def _steps(path: str) -> tuple[str | int, ...]:
    """Return a dotted path as the steps of it."""
    return tuple(int(step) if step.isdecimal() else step for step in path.split(".") if step)
