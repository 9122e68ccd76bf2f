"""Bodies: read up to a size, understood as JSON up to a depth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from itertools import islice
from typing import Any

import msgspec

from juggler.app.limits import Limits, exceeded
from juggler.errors import JugglerError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_json(scope: Mapping[str, Any], receive: Receive, limits: Limits) -> Any:
    """Return the JSON value that is the request's body.

    Raises:
        JugglerError: It is too large or has too much in it (413), is of another kind (415), no
            JSON or too deep (400).
        ConnectionAbortedError: The client went away before it had sent all.
    """
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind and kind != b"application/json" and not kind.endswith(b"+json"):
        raise JugglerError(
            "Send JSON, with the content type application/json.",
            code="UNSUPPORTED_MEDIA_TYPE",
            status_code=415,
        )
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > limits.max_body:
        exceeded(limits, "max_body", 413)
    value = decode(await _read(receive, limits), limits)
    check_size(value, limits)
    return value


async def _read(receive: Receive, limits: Limits) -> bytes:
    """Return the body; what is over the limit is never kept."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError("The client went away before it had sent its request.")
        part = message.get("body", b"")
        size += len(part)
        if size > limits.max_body:
            exceeded(limits, "max_body", 413)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def decode(raw: bytes | str, limits: Limits, what: str = "The body") -> Any:
    """Return the value of the JSON text *raw*.

    Raises:
        JugglerError: It is no JSON, or too deep (400).
    """
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        raise JugglerError(
            f"{what} is not JSON: {str(error) or type(error).__name__}.",
            code="INVALID_JSON",
            status_code=400,
        ) from error
    check_depth(value, limits)
    return value


def check_depth(value: Any, limits: Limits) -> None:
    """Raise if lists and objects in *value* are nested too deep."""
    if sum(1 for _ in islice(_levels(value), limits.max_depth + 1)) > limits.max_depth:
        exceeded(limits, "max_depth")


def check_size(value: Any, limits: Limits) -> None:
    """Raise if there are too many lists and objects in *value*, or too many values."""
    objects, values = 0, 1
    for level in _levels(value):
        objects += len(level)
        values += sum(map(len, level))
        if objects > limits.max_objects:
            exceeded(limits, "max_objects", 413)
        if values > limits.max_values:
            exceeded(limits, "max_values", 413)


def _levels(value: Any) -> Iterator[list[Any]]:
    """Yield the lists and objects in *value*: itself, then those in it, and so on."""
    level = [value] if isinstance(value, dict | list) else []
    while level:
        yield level
        level = [
            child
            for each in level
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, dict | list)
        ]
