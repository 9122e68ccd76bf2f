"""What is validated, as far as rules need to know it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from msgspec import UNSET

from juggler.messages.messages import Messages


class Subject(Protocol):
    """Something with named values; whoever has instances makes one of each when it validates."""

    @property
    def instance(self) -> Any:
        """What the functions of custom rules and conditions are called with."""

    @property
    def model_name(self) -> str:
        """Name of the model, for messages; empty where there is none."""

    def get(self, name: str) -> Any:
        """Return the value called *name*, UNSET where there is none."""

    def method(self, name: str) -> Callable[[], Any] | None:
        """Return the method of the model called *name*, bound and ready to call, or None."""

    @property
    def messages(self) -> Messages:
        """What the messages are looked up in."""

    def shown(self, field: str) -> Any:
        """Return the value at a name or dotted path as messages may show it.

        It is plain JSON data, a moment, or a `Word`; UNSET where there is none, and where there is
        one that must not be shown: hidden, protected or sensitive.
        """

    def is_taken(self, rule: Any, value: Any) -> Awaitable[bool]:
        """Tell whether another record has *value*, as a rule of uniqueness asks."""


class Word(str):
    """A text that stands in messages as it is, without quotes."""

    __slots__ = ()


def value_at(subject: Subject, path: str) -> Any:
    """Return the value at a name or dotted *path*; UNSET where the way ends before it."""
    if "." not in path:
        return subject.get(path)
    name, _, rest = path.partition(".")
    return part_at(subject.get(name), rest)


def part_at(value: Any, path: str) -> Any:
    """Return what is found inside *value* on a dotted *path*; numbers are places in lists."""
    for segment in path.split(".") if path else ():
        value = _part(value, segment)
    return value


def _part(value: Any, segment: str) -> Any:
    if isinstance(value, (list, tuple)):
        is_place = segment.isdecimal() and int(segment) < len(value)
        return value[int(segment)] if is_place else UNSET
    get = getattr(value, "get", None)  # mappings and instances read alike
    return get(segment, UNSET) if callable(get) else UNSET
