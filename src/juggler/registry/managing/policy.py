"""A policy: how long one tenant may be idle, and how much it may hold."""

from __future__ import annotations

import math

from msgspec import Struct

from juggler.errors import InvalidValueError


class Policy(Struct, frozen=True):
    """What holds for one tenant whatever the registry's manager and limits say; frozen.

    Args:
        max_idle: Seconds the tenant may be idle before a clean-up pass takes it; None leaves that
            to the manager and its strategy.
        pinned: The tenant is never evicted and never cleaned up for being idle.
        max_models: Most models the tenant may have; None leaves that to the registry's limit.

    Raises:
        InvalidValueError: A value is of a wrong kind, negative or not a number.

    >>> from juggler.registry.managing.policy import Policy
    >>> Policy(max_idle=60.0)
    Policy(max_idle=60.0, pinned=False, max_models=None)
    """

    max_idle: float | None = None
    pinned: bool = False
    max_models: int | None = None

    def __post_init__(self) -> None:
        if self.max_idle is not None:
            seconds("max_idle", self.max_idle)
        if type(self.pinned) is not bool:
            raise InvalidValueError(
                f"pinned is True or False, not {self.pinned!r}.", path="pinned", value=self.pinned
            )
        if self.max_models is not None:
            whole("max_models", self.max_models, least=0)


def seconds(name: str, value: object) -> float:
    """Return *value* if it is a number of seconds, 0 and infinity included.

    Raises:
        InvalidValueError: It is no number, negative, or not a number at all.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidValueError(
            f"{name} is a number of seconds, not {value!r}.", path=name, value=value
        )
    if math.isnan(value) or value < 0:
        raise InvalidValueError(f"{name} is 0 or more, not {value!r}.", path=name, value=value)
    return value


def whole(name: str, value: object, *, least: int = 1) -> int:
    """Return *value* if it is a whole number from *least* on.

    Raises:
        InvalidValueError: It is not.
    """
    if type(value) is not int or value < least:
        raise InvalidValueError(
            f"{name} is a whole number from {least} on, not {value!r}.", path=name, value=value
        )
    return value
