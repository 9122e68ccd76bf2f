"""What a request may ask for at most, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NoReturn

from juggler.errors import DefinitionError, JugglerError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request; share it freely.  Settings of a model or source may be stricter.

    Attributes:
        max_body: Bytes of a request's body.
        max_filter: Bytes of a request's query string.
        max_depth: Levels of lists and objects in a body or filter.
        max_objects: Lists and objects in a body.
        max_values: Values in a body, lists and objects among them.
        max_conditions: Conditions and logical operators of a filter.
        max_items: Records that one request creates.
        max_failures: What an answer lists of what is wrong with a body; each record lists one.
        max_limit: Records that one request reads.
        default_limit: Records that a request reads that asks for no number; *max_limit* if None.

    Raises:
        DefinitionError: A limit is no positive whole number.
    """

    max_body: int = 1_048_576
    max_filter: int = 16_384
    max_depth: int = 32
    max_objects: int = 10_000
    max_values: int = 100_000
    max_conditions: int = 200
    max_items: int = 1_000
    max_failures: int = 100
    max_limit: int = 1_000
    default_limit: int | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None and each.name == "default_limit":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise DefinitionError(
                    f"The limit {each.name} is a whole number from 1 on, not {value!r}.",
                    value=value,
                )


def exceeded(limits: Limits, name: str, status_code: int = 400) -> NoReturn:
    """Raise the error of a request that is over the limit called *name*.

    Raises:
        JugglerError: Always.
    """
    maximum = getattr(limits, name)
    raise JugglerError(
        f"The request is over the limit {name}, which is {maximum}.",
        code="LIMIT_EXCEEDED",
        status_code=status_code,
        details={"limit": name, "maximum": maximum},
    )
