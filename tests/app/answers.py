"""What is in answers of the REST API."""

from __future__ import annotations

from typing import Any

import httpx


def names(answer: httpx.Response) -> list[str]:
    """Return the names of the cities in *answer*."""
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()]


def without_nulls(answer: httpx.Response) -> dict[str, Any]:
    """Return the record in *answer*; a store may have null for what was never given."""
    return {name: value for name, value in answer.json().items() if value is not None}


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the error in *answer*, which has to be one of *status*, in LoopBack's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}
    found: dict[str, Any] = body["error"]
    assert found["statusCode"] == status
    assert found.keys() <= {"statusCode", "name", "message", "code", "details"}
    assert isinstance(found["name"], str)
    assert isinstance(found["message"], str)
    return found
