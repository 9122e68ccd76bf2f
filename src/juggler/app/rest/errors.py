"""Errors as LoopBack's clients expect them: ``{"error": {"statusCode", "name", ...}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from juggler.app.rest.reply import HEADERS, JSON, encode
from juggler.errors import BulkOperationError, JugglerError, StoreError, ValidationError

log = logging.getLogger("juggler.app")

_CODES: Final = {"NOT_FOUND": "MODEL_NOT_FOUND"}
_UNEXPECTED: Final = 500
_STORE_FAILED: Final = "The store of this data failed."


def error_response(error: Exception, request_id: str, max_failures: int) -> Response:
    """Return the answer for *error*; one that nobody expected is logged and shows its id only.

    Args:
        error: What was raised.
        request_id: What the answer, and the log, name the request by.
        max_failures: How many failures of the items of a list are shown.
    """
    status, shown = described(error, request_id, max_failures)
    return Response(
        encode({"error": {"statusCode": status, **shown}}),
        status,
        headers=_headers(error, status),
        media_type=JSON,
    )


def described(error: Exception, request_id: str, max_failures: int) -> tuple[int, dict[str, Any]]:
    """Return the status of *error* and what a client may see of it."""
    status = error.status_code if isinstance(error, JugglerError) else _UNEXPECTED
    if not isinstance(error, JugglerError) or status == _UNEXPECTED:
        log.error("Request %s failed.", request_id, exc_info=error)
        return _UNEXPECTED, {
            "name": "Error",
            "message": "Internal Server Error",
            "code": "INTERNAL",
            "details": {"id": request_id},
        }
    shown: dict[str, Any] = {
        "name": "Error" if type(error) is JugglerError else error.name,
        "message": error.message,
        "code": _CODES.get(error.code, error.code),
    }
    if isinstance(error, StoreError) and status > _UNEXPECTED:  # its message names files and hosts
        log.error("Request %s failed: %s", request_id, error)
        shown.update(message=_STORE_FAILED, details={"id": request_id})
    elif isinstance(error, BulkOperationError):
        shown["details"] = _bulk(error, request_id, max_failures)
    elif error.details is not None:
        shown["details"] = error.details
    return status, shown


def _bulk(error: BulkOperationError, request_id: str, room: int) -> dict[str, Any]:
    """Return which items failed why, and which were stored under which id.

    Items are told of as long as there is *room* for their failures; all errors that nobody expected
    are logged.
    """
    failed = []
    for index, each in sorted(error.errors.items()):
        status, shown = described(each, request_id, room)
        if room > 0:
            failed.append({"index": index, "statusCode": status, **shown})
            room -= _failures_in(each)
    stored = [
        {"index": index, "id": instance.get_id()}
        for index, instance in sorted(error.results.items())
        if index not in error.errors
    ]
    more = {"total": len(error.errors)} if len(error.errors) > len(failed) else {}
    return {"errors": failed, "stored": stored, **more}


def _failures_in(error: Exception) -> int:
    """Return how many failures *error* lists."""
    details = error.details if isinstance(error, ValidationError) else None
    listed = details.get("codes") if isinstance(details, Mapping) else None
    return max(1, sum(map(len, listed.values()))) if isinstance(listed, Mapping) else 1


def _headers(error: Exception, status: int) -> Mapping[str, str]:
    """Return the headers that belong to a status."""
    headers = dict(HEADERS)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    elif status == 405:
        allowed = getattr(error, "details", None)
        headers["allow"] = ", ".join(allowed["allow"] if isinstance(allowed, dict) else ())
    elif status == 503:
        headers["retry-after"] = "1"
    return headers


def no_such_path(path: str) -> JugglerError:
    """Return the error for a path that leads nowhere, also to what others only may see."""
    return JugglerError(f"There is nothing at {path}.", code="PATH_NOT_FOUND", status_code=404)


def wrong_verb(verb: str, allowed: list[str]) -> JugglerError:
    """Return the error for a path that does not take *verb*."""
    return JugglerError(
        f"{verb} is not allowed here; {', '.join(allowed)} is.",
        code="METHOD_NOT_ALLOWED",
        status_code=405,
        details={"allow": allowed},
    )


def missing_extra(what: str, extra: str) -> JugglerError:
    """Return the error for a part that needs a package which is not installed."""
    return JugglerError(
        f"{what} needs a package that is not installed: pip install 'juggler[{extra}]'.",
        code="NOT_IMPLEMENTED",
        status_code=501,
    )
