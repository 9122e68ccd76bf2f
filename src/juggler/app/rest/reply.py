"""Answers: JSON, never kept by caches that others share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from starlette.responses import Response

JSON: Final = "application/json"
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {"cache-control": "no-store", "x-content-type-options": "nosniff"}
)


def encode(content: Any) -> bytes:
    """Return *content* as JSON; instances of models as clients may see them."""
    return msgspec.json.encode(content, enc_hook=_other)


def json_response(content: Any, status: int = 200) -> Response:
    """Return an answer with *content* as JSON; None has no body."""
    body = b"" if content is None else encode(content)
    return Response(body, status, HEADERS, JSON)


def _other(value: Any) -> Any:
    """Return what stands for a value that JSON has no form for."""
    if isinstance(value, MappingProxyType):
        return dict(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    to_json = getattr(value, "to_json", None)
    return to_json() if callable(to_json) else str(value)
