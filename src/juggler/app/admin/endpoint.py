"""The admin API: its token, its paths."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from juggler.app.admin.events import Feed
from juggler.app.admin.figures import SORTS
from juggler.app.admin.tenants import Tenants
from juggler.app.limits import Limits
from juggler.app.rest.body import read_json
from juggler.app.rest.errors import no_such_path, wrong_verb
from juggler.app.rest.reply import json_response
from juggler.errors import DefinitionError, InvalidQueryError
from juggler.tenancy.resolve import bearer, refused

_PAGE: Final = 100
_LONGEST_PAGE: Final = 1_000
_TRUE: Final = frozenset({"1", "true"})

T = TypeVar("T")

Act = Callable[[], Awaitable[Any]]


class Admin:
    """Answers the operator of one app; without a token there is nothing to see.

    Args:
        token: What the operator shows as a bearer token; None turns the admin API off.
        tenants: What can be seen and done.
        feed: The events that can be watched.
        limits: For bodies.

    Raises:
        DefinitionError: The token is empty.
    """

    def __init__(self, token: str | None, tenants: Tenants, feed: Feed, limits: Limits) -> None:
        if token is not None and not token.strip():
            raise DefinitionError("The admin token is empty; None turns the admin API off.")
        self._token = None if token is None else token.encode()
        self._tenants = tenants
        self._feed = feed
        self._limits = limits

    async def __call__(self, segments: Sequence[str], request: Request) -> Response:
        """Return the answer to a request below the admin path.

        Raises:
            JugglerError: There is nothing, or the API is off (404), the token is wrong (401), the
                verb is (405), or what was asked for cannot be done.
        """
        path = request.scope["path"]
        if self._token is None:
            raise no_such_path(path)
        if not self.is_operator(request.scope):
            raise refused()
        if list(segments) == ["events"]:
            _verb(request, {"GET": None})
            headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
            return StreamingResponse(
                self._feed.stream(), headers=headers, media_type="text/event-stream"
            )
        verbs = self._acts(segments, request)
        if verbs is None:
            raise no_such_path(path)
        return json_response(await _verb(request, verbs)())

    def is_operator(self, scope: Mapping[str, Any]) -> bool:
        """Tell whether a request shows the operator's token; nobody does where there is none."""
        given = (bearer(scope) or "").encode()
        return self._token is not None and hmac.compare_digest(given, self._token)

    def _acts(self, segments: Sequence[str], request: Request) -> dict[str, Act] | None:
        """Return verb -> what is done for one path; None where there is nothing."""
        tenants = self._tenants
        match tuple(segments):
            case ("health",):
                return {"GET": lambda: _soon(tenants.figures.health)}
            case ("history",):
                return {"GET": lambda: _soon(tenants.figures.history, _limit(request))}
            case ("tenants",):
                sort = request.query_params.get("sort", "code")
                if sort != "code":
                    return {"GET": lambda: tenants.largest(*_sorted(request, sort))}
                return {"GET": lambda: tenants.list(*_page(request))}
            case ("tenants", code):
                return {"GET": lambda: tenants.get(code)}
            case ("tenants", code, "models"):
                return {"POST": lambda: self._define(code, request)}
            case ("tenants", code, "models", name):
                return {"DELETE": lambda: tenants.remove(code, name)}
            case ("tenants", code, "evict"):
                return {"POST": lambda: tenants.evict(code)}
            case ("tenants", code, "cleanup"):
                force = request.query_params.get("force", "") in _TRUE
                return {"POST": lambda: tenants.cleanup(code, force=force)}
        return None

    async def _define(self, code: str, request: Request) -> Any:
        document = await read_json(request.scope, request.receive, self._limits)
        return await self._tenants.define(code, document)


def _verb(request: Request, verbs: dict[str, Any]) -> Any:
    """Return what belongs to the verb of *request*."""
    if request.method not in verbs:
        raise wrong_verb(request.method, sorted(verbs))
    return verbs[request.method]


def _page(request: Request) -> tuple[str, int]:
    """Return where the page of a list begins and how long it is."""
    limit = _limit(request)
    return request.query_params.get("after", ""), limit


def _sorted(request: Request, sort: str) -> tuple[str, int]:
    """Return by what a list is sorted and how long it is.

    Raises:
        InvalidQueryError: There is no such order, or a page of it is asked for.
    """
    if sort not in SORTS:
        raise InvalidQueryError(f"sort is code, {', '.join(SORTS)}.", path="sort", value=sort)
    if "after" in request.query_params:
        raise InvalidQueryError(
            "A list has pages by code alone; leave sort or after.", path="after"
        )
    return sort, _limit(request)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(_PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LONGEST_PAGE):
        raise InvalidQueryError(f"limit is a number from 1 to {_LONGEST_PAGE}.", path="limit")
    return int(text)


async def _soon(work: Callable[..., T], *given: Any) -> T:
    """Return what some work gives that waits for nothing."""
    return work(*given)
