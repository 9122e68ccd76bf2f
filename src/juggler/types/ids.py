"""The named functions that ``default_fn`` can make values with."""

from __future__ import annotations

import inspect
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.errors import DefinitionError
from juggler.types.dates import now

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_SHORT_LENGTH: Final = 9


def uuidv4() -> str:
    """Return a random UUID as text."""
    return str(uuid.uuid4())


def uuidv1() -> str:
    """Return a UUID of clock and host address as text."""
    return str(uuid.uuid1())


def uuidv7() -> str:
    """Return a UUID that begins with the time and so sorts by it, as text."""
    moment = time.time_ns() // 1_000_000
    value = moment << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # the variant of RFC 9562
    return str(uuid.UUID(int=value))


def nanoid() -> str:
    """Return nine random characters that stand unescaped in addresses."""
    from nanoid import generate  # noqa: PLC0415  asked for by few programs

    return str(generate(_ALPHABET, _SHORT_LENGTH))


DEFAULT_FUNCTIONS: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType(
    {
        "guid": uuidv4,
        "uuid": uuidv4,
        "uuidv4": uuidv4,
        "uuidv1": uuidv1,
        "uuidv7": uuidv7,
        "now": now,
        "shortid": nanoid,
        "nanoid": nanoid,
    }
)
"""Every name that ``default_fn`` knows by itself."""


def default_function(name: str) -> Callable[[], Any] | None:
    """Return the function called *name*, or None where there is none."""
    return DEFAULT_FUNCTIONS.get(name)


def refuse_async(function: Any, what: str) -> None:
    """Refuse a default that has to be awaited: making an instance waits for nothing.

    Raises:
        DefinitionError: *function* is async.
    """
    called = (function, type(function).__call__)
    tests = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    if any(is_async(each) for is_async in tests for each in called):
        raise DefinitionError(
            f"{what} is async; it is called when an instance is made, which waits for nothing. "
            'Fill the value in by a hook, such as "before save".',
            value=function,
        )
